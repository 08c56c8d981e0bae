"""What a question is asked with and cannot be is refused by every function, with what to give."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

import okrcore as okr
from okrcore.surfaces.stories import story

DAY = "2026-02-28"


@cache
def asked() -> Mapping[str, Mapping[str, Any]]:
    """Return good arguments of each function of the flow, by its name."""
    portfolio, history = story("software")
    known: dict[str, Any] = {"portfolio": portfolio, "history": history, "as_of": DAY}
    snapshot = okr.evaluate(**known)
    conflicts = okr.find_conflicts(portfolio, as_of=DAY, snapshot=snapshot)
    of_all = ("evaluate", "check", "review", "actions", "dips", "signals_of", "assess_links")
    return {
        **dict.fromkeys(of_all, known),
        "evaluate_many": known | {"as_of": [DAY]},
        "ripple": {"portfolio": portfolio, "as_of": DAY},
        "find_conflicts": {"portfolio": portfolio, "as_of": DAY, "snapshot": snapshot},
        "resolve": {"conflicts": conflicts, "portfolio": portfolio, "snapshot": snapshot},
        "resolve_many": {"conflicts": conflicts, "portfolio": portfolio, "snapshot": snapshot},
        "outlook": {"snapshot": snapshot, "evidence": okr.assess_links(**known)},
        "explain": {"snapshot": snapshot, "id": portfolio.key_results[0].id},
        "report": {"review": okr.review(**known)},
    }


QUESTIONS = (
    "evaluate", "evaluate_many", "check", "review", "actions", "dips", "signals_of", "ripple",
    "find_conflicts", "resolve", "resolve_many", "assess_links", "outlook", "explain", "report",
)  # fmt: skip


def arguments() -> list[tuple[str, str]]:
    """Return every function with every one of its arguments."""
    return [(name, part) for name in QUESTIONS for part in inspect.signature(function(name)).parameters]


def function(name: str) -> Callable[..., Any]:
    return okr.conflicts.resolve_many if name == "resolve_many" else getattr(okr, name)


@pytest.mark.parametrize(("name", "part"), arguments())
def test_each_argument_of_a_wrong_type_is_refused_with_what_to_give(name: str, part: str) -> None:
    for wrong in (object(), [5], {5: 5}):
        with pytest.raises(okr.OkrError, match=r"give|must|unknown|make|leave|declare"):
            function(name)(**{**asked()[name], part: wrong})


@pytest.mark.parametrize(
    ("name", "part", "wrong"),
    [
        *((name, "policy", "x") for name in ("check", "review")),
        *((name, "rates", wrong) for name in ("review", "evaluate", "dips") for wrong in ("x", 5)),
        *((name, "scoring", "x") for name in ("evaluate", "evaluate_many", "find_conflicts")),
        ("actions", "parts", {"dips": 5}),
        ("actions", "parts", {"ripple": 5}),
        ("actions", "parts", 0),
        ("actions", "weeks", -1),
        ("assess_links", "alpha", 0),
        ("check", "select", 5),
        ("check", "ignore", 5),
        ("evaluate", "previous", "x"),
    ],
)
def test_it_is_named(name: str, part: str, wrong: Any) -> None:
    with pytest.raises(okr.DefinitionError, match=f"^{part}"):
        function(name)(**{**asked()[name], part: wrong})


def test_a_history_is_no_journal_nor_a_journal_a_history() -> None:
    journal = okr.Journal.of([])
    for name in ("evaluate", "check", "review", "actions", "dips", "signals_of", "ripple", "assess_links"):
        for part, wrong in (("journal", okr.History.of()), ("history", journal)):
            with pytest.raises(okr.HistoryError, match=f"{part} is a {type(wrong).__name__}"):
                function(name)(**{**asked()[name], part: wrong})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(okr.DefinitionError) as caught:
        function("assess_links")(**{**asked()["assess_links"], "alpha": 2, "seed": "x", "only": 7})
    assert len(caught.value.problems) == 3


def test_portfolios_without_waivers_merge() -> None:
    one, other = okr.Portfolio.of(okr.Team(id="sales")), okr.Portfolio.of(okr.Team(id="crew"))
    assert {team.id for team in one.merged(other).teams} == {"sales", "crew"}


@pytest.mark.parametrize(
    ("name", "part"), [("actions", "weeks"), ("dips", "weeks"), ("assess_links", "seed")]
)
def test_whole_numbers_of_numpy_are_whole_numbers(name: str, part: str) -> None:
    given = asked()[name]
    whole = function(name)(**{**given, part: 4})
    assert function(name)(**{**given, part: np.int64(4)}) == whole
