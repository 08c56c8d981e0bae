"""Check the parts of a review that its caller has already: of this portfolio, history and moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from okrcore.conflicts.conflict import KINDS, Conflict
from okrcore.conflicts.decision import Decision
from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.version_lines import WHOLES
from okrcore.definitions.days import to_date, to_instant
from okrcore.definitions.joined_ids import parted_ids
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Table
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.findings import Finding
from okrcore.governance.subjects import WHOLE
from okrcore.history.backends import AnyHistory
from okrcore.history.former_names import present_ids
from okrcore.history.journal import Journal
from okrcore.leading.declared_evidence import check_evidence
from okrcore.leading.evidence import LinkEvidence
from okrcore.monitoring.dip import Dip
from okrcore.rhythm.action import Action
from okrcore.schedule.ripple_result import Ripple
from okrcore.scoring.as_of import When
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.snapshot import Snapshot


class _Listed(NamedTuple):
    """What a list among the parts holds: of which class, about which ids, and which are of another moment."""

    kind: type
    sides: Callable[[Any], Iterable[str | None]] = lambda one: ()
    misdated: Callable[[Any, When], bool] = lambda one, when: False


def _shown_later(one: Dip, when: When) -> bool:
    return one.shown > _instant(when)


def _decayed_later(one: LinkEvidence, when: When) -> bool:
    return isinstance(one.decayed_at, dt.date) and one.decayed_at > to_date(when.day)


def _decided_elsewhen(one: Decision, when: When) -> bool:
    return one.at != to_date(when.day)


def _stands_otherwise(one: Action, when: When) -> bool:
    """Whether an action was opened later, is overdue too early, or is not overdue any more."""
    now = _instant(when)
    return one.opened > now or (one.is_open and (one.state == "overdue") != (one.due < now))


def _instant(when: When) -> dt.datetime:
    return to_instant(when.instant(when.zone))


_LISTS: Mapping[str, _Listed] = {
    "dips": _Listed(Dip, lambda one: [one.subject], _shown_later),
    "evidence": _Listed(LinkEvidence, lambda one: [one.link], _decayed_later),
    "conflicts": _Listed(Conflict, lambda one: one.sides),
    "decisions": _Listed(Decision, lambda one: one.conflict.sides, _decided_elsewhen),
    "findings": _Listed(Finding),
    "actions": _Listed(Action, lambda one: [one.subject], _stands_otherwise),
}
PARTS = ("snapshot", "signals", "ripple", *_LISTS)


def checked_parts(
    parts: Mapping[str, Any] | None,
    portfolio: Portfolio,
    history: AnyHistory,
    when: When,
    journal: Journal | None = None,
    declared: Declarations | None = None,
) -> dict[str, Any]:
    """Return the parts that are given; raises one DefinitionError that names all that do not belong.

    A part belongs where it is about what this portfolio declares and says nothing that is otherwise at this
    moment; evidence, conflicts and findings say little or nothing of theirs. A finding may be about whatever
    bears an id here: what an earlier version declared, a measure, what an entry is about.
    """
    given = named_parts(parts, PARTS)
    problems = listed_parts(given, portfolio, when)
    if not problems and "findings" in given:
        problems += _foreign_findings(given["findings"], portfolio, history, journal, declared)
    if "signals" in given:
        problems += _foreign_signals(given["signals"], portfolio, when)
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


def listed_parts(given: dict[str, Any], portfolio: Portfolio, when: When) -> list[str]:
    """Make a tuple of each part that is a list; return what is wrong in them, or of elsewhere."""
    problems: list[str] = []
    for name, listed in _LISTS.items():
        if name in given:
            one = given[name]
            given[name] = tuple(one) if isinstance(one, Iterable) else (one,)
            problems += _foreign(name, given[name], listed, portfolio, when)
    if "evidence" in given and not problems:
        check_evidence(given["evidence"], portfolio)
    return problems


def _foreign_signals(table: Any, portfolio: Portfolio, when: When) -> Iterable[str]:
    if not isinstance(table, Table) or not {"id", "start"} <= {*table.columns}:
        yield "parts.signals is no such table, but must be what signals_of returns; leave it out"
    elif missing := sorted({str(one) for one in table["id"] if one not in portfolio}):
        yield f"parts.signals is about {missing[0]!r}, which is not declared; make it anew"
    elif (table["start"] > np.datetime64(when.day, "D")).any():
        yield f"parts.signals is of a later moment, but must be of {when.as_of}; make it anew"


def _foreign(
    name: str, values: Iterable[Any], listed: _Listed, portfolio: Portfolio, when: When
) -> Iterable[str]:
    for place, one in enumerate(values):
        path = f"parts.{name}[{place}]"
        if not isinstance(one, listed.kind):
            said = f"{path} is of type {type(one).__name__}, but must be of {listed.kind.__name__}"
            yield f"{said}; give what the function returned"
        elif missing := [side for side in listed.sides(one) if side is not None and side not in portfolio]:
            yield f"{path} is about {missing[0]!r}, which is not declared; make it anew"
        elif listed.misdated(one, when):
            yield f"{path} is of another moment, but must be of {when.as_of}; make it anew"


def _foreign_findings(
    findings: Sequence[Finding],
    portfolio: Portfolio,
    history: AnyHistory,
    journal: Journal | None,
    declared: Declarations | None,
) -> Iterator[str]:
    strange = [
        (place, one.subject) for place, one in enumerate(findings) if one.subject not in {"", WHOLE, *WHOLES}
    ]
    strange = [(place, subject) for place, subject in strange if subject not in portfolio]
    if not strange:
        return
    known = {*present_ids(portfolio), *history.measures, *(one.subject for one in journal or ())}
    known |= {one.id for version in declared or () for one in version.portfolio.definitions}
    for place, subject in strange:
        kind, mark, sides = subject.partition(":")
        named = parted_ids(sides) if mark and kind in KINDS else [subject]  # a conflict, or an id
        if not all(name in portfolio or name in known for name in named):
            said = f"parts.findings[{place}] is about {subject!r}, which nothing here bears"
            yield f"{said}, but must be of this portfolio; check it anew"
