"""Check the parts of a review that its caller has already: of this portfolio, history and moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Table
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.findings import Finding
from okrcore.history.backends import AnyHistory
from okrcore.leading.declared_evidence import check_evidence
from okrcore.leading.evidence import LinkEvidence
from okrcore.monitoring.dip import Dip
from okrcore.rhythm.action import Action
from okrcore.schedule.ripple_result import Ripple
from okrcore.scoring.as_of import When
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.snapshot import Snapshot

_LISTS: Mapping[str, tuple[type, Callable[[Any], Iterable[str]]]] = {
    "dips": (Dip, lambda one: [one.subject]),
    "evidence": (LinkEvidence, lambda one: [one.link]),
    "conflicts": (Conflict, lambda one: one.sides),
    "decisions": (Decision, lambda one: one.conflict.sides),
    "findings": (Finding, lambda one: []),
    "actions": (Action, lambda one: [one.subject]),
}
PARTS = ("snapshot", "signals", "ripple", *_LISTS)


def checked_parts(
    parts: Mapping[str, Any] | None, portfolio: Portfolio, history: AnyHistory, when: When
) -> dict[str, Any]:
    """Return the parts that are given; raises one DefinitionError that names all that do not belong."""
    given = named_parts(parts, PARTS)
    problems = listed_parts(given, portfolio)
    if "signals" in given:
        problems += _foreign_signals(given["signals"], portfolio)
    for name, kind in (("snapshot", Snapshot), ("ripple", Ripple)):
        one = given.get(name)
        if one is not None and not (isinstance(one, kind) and one.when == when and one.history == history):
            said = f"parts.{name} is of another moment or history, but must be of this one; make it anew"
            problems.append(said)
    raise_all([Problem(text, kind=DefinitionError) for text in problems])
    if "snapshot" in given:
        check_belongs(given["snapshot"], portfolio, path="parts.snapshot")
    if "ripple" in given and given["ripple"].portfolio != portfolio:
        raise DefinitionError("parts.ripple is of another portfolio, but must be of this one; make it anew")
    return given


def named_parts(parts: Mapping[str, Any] | None, names: Collection[str]) -> dict[str, Any]:
    """Return the parts that are given; raises DefinitionError for what is no mapping of these names."""
    if not isinstance({} if parts is None else parts, Mapping):
        said = f"parts is a {type(parts).__name__}, but must be a mapping of {', '.join(names)}"
        raise DefinitionError(f"{said}; name each part")
    given = {name: one for name, one in (parts or {}).items() if one is not None}
    if unknown := sorted(map(str, given.keys() - set(names))):
        raise DefinitionError(f"parts names {', '.join(unknown)}, but must name {', '.join(names)}; drop it")
    return given


def listed_parts(given: dict[str, Any], portfolio: Portfolio) -> list[str]:
    """Make a tuple of each part that is a list; return what is wrong in them, and of another portfolio."""
    problems: list[str] = []
    for name, (kind, sides) in _LISTS.items():
        if name in given:
            one = given[name]
            given[name] = tuple(one) if isinstance(one, Iterable) else (one,)
            problems += _foreign(name, given[name], kind, sides, portfolio)
    if "evidence" in given and not problems:
        check_evidence(given["evidence"], portfolio)
    return problems


def _foreign_signals(table: Any, portfolio: Portfolio) -> Iterable[str]:
    if not isinstance(table, Table) or "id" not in table.columns:
        yield "parts.signals is no such table, but must be what signals_of returns; leave it out"
    elif missing := sorted({str(one) for one in table["id"] if one not in portfolio}):
        yield f"parts.signals is about {missing[0]!r}, which is not declared; make it anew"


def _foreign(
    name: str, values: Iterable[Any], kind: type, sides: Callable[[Any], Iterable[str]], portfolio: Portfolio
) -> Iterable[str]:
    for place, one in enumerate(values):
        if not isinstance(one, kind):
            said = f"parts.{name}[{place}] is of type {type(one).__name__}, but must be of {kind.__name__}"
            yield f"{said}; give what the function returned"
        elif missing := [side for side in sides(one) if side is not None and side not in portfolio]:
            yield f"parts.{name}[{place}] is about {missing[0]!r}, which is not declared; make it anew"
