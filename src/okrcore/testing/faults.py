"""Draw documents with exactly one fault, and the error that it has to raise."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.plain import to_dict
from okrcore.errors import (
    CyclicAlignmentError,
    DefinitionError,
    DocumentError,
    DuplicateIdError,
    OkrError,
    UnitError,
    UnknownIdError,
)
from okrcore.testing.parts import pick
from okrcore.testing.whole import portfolios

FaultyDocument = dict[str, Any]


@attrs.frozen(kw_only=True)
class NearlyValid:
    """A document with one fault: `from_dict(Portfolio, document)` raises `error`; without it, `portfolio`."""

    document: FaultyDocument
    fault: str
    error: type[OkrError]
    portfolio: Portfolio = attrs.field(repr=False)


def _unknown_owner(document: FaultyDocument) -> None:
    document["objectives"][0]["owner"] = "nobody at all"


def _unknown_key(document: FaultyDocument) -> None:
    document["objectives"][-1]["colour"] = "red"


def _missing_title(document: FaultyDocument) -> None:
    del document["objectives"][0]["title"]


def _wrong_type(document: FaultyDocument) -> None:
    document["objectives"][-1]["title"] = {"de": "Wachsen"}


def _duplicate(document: FaultyDocument) -> None:
    document["cycles"].append(dict(document["cycles"][0]))


def _circle(document: FaultyDocument) -> None:
    goal = document["objectives"][0]
    goal["contributes_to"] = [goal["id"]]


def _unknown_unit(document: FaultyDocument) -> None:
    document.setdefault("kpis", []).append({"id": "odd", "title": "Odd", "unit": "lightyears-ish"})


def _backward_cycle(document: FaultyDocument) -> None:
    document["cycles"].append({"id": "backward", "start": "2026-12-31", "end": "2026-01-01"})


def _negative_weight(document: FaultyDocument) -> None:
    document.setdefault("teams", []).append({"id": "odd", "capacity": -1})


def _unknown_version(document: FaultyDocument) -> None:
    document["okrcore"] = 999


FAULTS: dict[str, tuple[Callable[[FaultyDocument], None], type[OkrError]]] = {
    "an owner that nobody declares": (_unknown_owner, UnknownIdError),
    "a key that is none": (_unknown_key, DocumentError),
    "no title": (_missing_title, DocumentError),
    "a mapping where text belongs": (_wrong_type, DocumentError),
    "one id twice": (_duplicate, DuplicateIdError),
    "an objective that contributes to itself": (_circle, CyclicAlignmentError),
    "a unit that is none": (_unknown_unit, UnitError),
    "a cycle that ends before it starts": (_backward_cycle, DefinitionError),
    "a capacity below 0": (_negative_weight, DefinitionError),
    "a version that is none": (_unknown_version, DocumentError),
}
"""Each fault, what puts it into a document, and the class of the error that it raises."""


@st.composite
def nearly_valid(
    draw: DrawFn, base: SearchStrategy[Portfolio] | None = None, *, fault: str | None = None
) -> NearlyValid:
    """Return portfolios (of `base`) as documents, each with one of `FAULTS` in it (None: any)."""
    chosen = pick(draw, sorted(FAULTS)) if fault is None else fault
    portfolio = draw(portfolios() if base is None else base)
    spoil, error = FAULTS[chosen]
    document = copy.deepcopy(to_dict(portfolio))
    spoil(document)
    return NearlyValid(document=document, fault=chosen, error=error, portfolio=portfolio)


def nearly_valid_documents() -> SearchStrategy[FaultyDocument]:
    """Return the documents of `nearly_valid` alone."""
    return nearly_valid().map(lambda found: found.document)
