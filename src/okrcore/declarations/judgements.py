"""Judge whether a changed field makes a goal easier to reach: the one table that S21.3 asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from okrcore.declarations.amendment import AmendmentKind
from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import cycle_of, due_of, unit_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Checklist, Target, direction_of
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import OkrError
from okrcore.statistics.distributions import Floats
from okrcore.units.rates import convert


@attrs.frozen(kw_only=True)
class Sides:
    """A definition before and after, each with the portfolio that it stands in."""

    before: Any
    after: Any
    old: Portfolio
    new: Portfolio


@attrs.frozen
class Judgement:
    """What a changed field means: in words for the docs, and as a function of both values."""

    says: str
    judge: Callable[[Any, Any, Sides], AmendmentKind]


def _ordered(says: str, key: Callable[[Any, Sides], float | None], *, looser: int = 1) -> Judgement:
    """Judge by one number: loosened where it grew (`looser` 1) or fell (-1), changed where it is unknown."""

    def judge(before: Any, after: Any, sides: Sides) -> AmendmentKind:
        old, new = key(before, sides), key(after, sides)
        if old is None or new is None or old == new:
            return "changed"
        return "loosened" if (new - old) * looser > 0 else "tightened"

    return Judgement(says, judge)


def _sense(sides: Sides) -> int:
    """Return 1 where a target is reached from below, -1 from above, 0 where both sides do not agree on it."""
    found = {direction_of(side.measure) for side in (sides.before, sides.after)}
    return found.pop() if len(found) == 1 else 0


def _demand(value: float | None, sides: Sides) -> float | None:
    """Return how much a number of a target asks for; more is harder. None where that cannot be said."""
    if value is None:
        return None
    return _sense(sides) * value if _sense(sides) else None


def _number(before: float | None, after: float | None, sides: Sides) -> tuple[float | None, float | None]:
    """Return both numbers in the unit of the older side; None where the units do not convert."""
    units = [unit_of(sides.before, sides.old), unit_of(sides.after, sides.new)]
    if after is None or units[0] == units[1]:
        return before, after
    try:
        return before, float(convert(after, units[1], units[0]))
    except OkrError:
        return before, None


def _goal(before: float, after: float, sides: Sides) -> AmendmentKind:
    old, new = (_demand(value, sides) for value in _number(before, after, sides))
    return _by_demand(old, new)


def _by_demand(old: float | None, new: float | None) -> AmendmentKind:
    if old is None or new is None or old == new:
        return "changed"
    return "loosened" if new < old else "tightened"


def _bound(sign: int) -> Callable[[float | None, float | None, Sides], AmendmentKind]:
    """Judge a bound of a band, `sign` 1 the lower and -1 the upper one; an open one asks for nothing."""

    def judge(before: float | None, after: float | None, sides: Sides) -> AmendmentKind:
        old, new = _number(before, after, sides)
        if after is not None and new is None:
            return "changed"
        return _by_demand(*(-np.inf if value is None else sign * value for value in (old, new)))

    return judge


def _band(before: Band | None, after: Band | None, sides: Sides) -> AmendmentKind:
    if before is None or after is None:
        return "changed"
    kinds = {
        _bound(sign)(one, other, sides)
        for sign, one, other in ((1, before.low, after.low), (-1, before.high, after.high))
        if one != other
    }
    return kinds.pop() if len(kinds) == 1 else "changed"


def _dated(before: Any, after: Any, sides: Sides) -> AmendmentKind:
    """Judge bands planned by date by those that hold on each day from which either version plans others."""
    kinds = {
        _band(old, new, sides)
        for day in {one.start for one in (*before, *after)}
        for old, new in zip(sides.before.bands_at(day), sides.after.bands_at(day), strict=True)
        if old != new
    }
    return kinds.pop() if len(kinds) == 1 else "changed"


def _everywhere(easier: Floats) -> AmendmentKind:
    """Judge by a column of "how much easier": one sign throughout, or changed."""
    if np.all(easier >= 0) and np.any(easier > 0):
        return "loosened"
    return "tightened" if np.all(easier <= 0) and np.any(easier < 0) else "changed"


def _plan(before: Any, after: Any, sides: Sides) -> AmendmentKind:
    """Judge waypoints by what they expect on each day, between the ends of the newer version."""
    target, sense = sides.after.measure, _sense(sides)
    if target.start is None or not sense:
        return "changed"
    cycle, due = cycle_of(sides.after, sides.new), due_of(sides.after, sides.new)
    lines = []
    for plan in (before, after):
        points = {cycle.start: target.start, due: target.goal} | {one.date: one.value for one in plan}
        lines.append(
            sorted((day.toordinal(), value) for day, value in points.items() if cycle.start <= day <= due)
        )
    days = sorted({day for line in lines for day, _ in line})
    old, new = (_along(line, days) for line in lines)
    return _everywhere(sense * (old - new))


def _curve(before: Any, after: Any, sides: Sides) -> AmendmentKind:
    """Judge a bent line by the progress that each value has on it, between the ends of the newer version."""
    target, sense = sides.after.measure, _sense(sides)
    if target.start is None or not sense:
        return "changed"
    ends = ((target.start, 0.0), (target.goal, 1.0))
    lines = [sorted((sense * value, share) for value, share in (*curve, *ends)) for curve in (before, after)]
    values = sorted({value for line in lines for value, _ in line})
    old, new = (_along(line, values) for line in lines)
    return _everywhere(new - old)


def _along(line: Sequence[tuple[float, float]], at: Sequence[float]) -> Floats:
    """Return the heights of a line through (x, y) points at each of `at`."""
    points = np.array(line, dtype=np.float64)
    return np.interp(np.array(at, dtype=np.float64), points[:, 0], points[:, 1])


def _items(before: Any, after: Any, _: Sides) -> AmendmentKind:
    old, new = {item.id for item in before}, {item.id for item in after}
    if old != new:
        return "loosened" if new < old else "tightened" if old < new else "changed"
    bare = [
        sorted((item.id, item.weight, item.milestone or "") for item in items) for items in (before, after)
    ]
    return "recorded" if bare[0] == bare[1] else "changed"


def _due(_before: Any, _after: Any, sides: Sides) -> AmendmentKind:
    old, new = due_of(sides.before, sides.old), due_of(sides.after, sides.new)
    return _by_demand(-old.toordinal(), -new.toordinal())


def _cycle(before: str, after: str, sides: Sides) -> AmendmentKind:
    return _by_demand(-sides.old[before].end.toordinal(), -sides.new[after].end.toordinal())


def _fewer(before: Any, after: Any, _: Sides) -> AmendmentKind:
    old, new = set(before), set(after)
    return "loosened" if new < old else "tightened" if old < new else "changed"


def _recorded(before: Any, after: Any, sides: Sides) -> AmendmentKind:
    return "recorded"


def _changed(before: Any, after: Any, sides: Sides) -> AmendmentKind:
    return "changed"


_LATER = _ordered("later is loosened", lambda day, _: None if day is None else float(day.toordinal()))
_DROPPED = _ordered("no longer one is loosened", lambda flag, _: float(flag), looser=-1)
_BAND = Judgement("wider is loosened", _band)
RECORDED = Judgement("recorded, never judged", _recorded)
CHANGED = Judgement("changed", _changed)

JUDGEMENTS: Mapping[tuple[type, str], Judgement] = {
    (KeyResult, "measure.goal"): Judgement("nearer to the start is loosened", _goal),
    (KeyResult, "measure.start"): Judgement(
        "further from the goal is loosened: the same value is more progress", _goal
    ),
    (KeyResult, "measure.plan"): Judgement(
        "expecting less on some day, and more on none, is loosened", _plan
    ),
    (KeyResult, "measure.curve"): Judgement(
        "giving some value more progress, and none less, is loosened", _curve
    ),
    (KeyResult, "measure.low"): Judgement("lower, or open, is loosened", _bound(1)),
    (KeyResult, "measure.high"): Judgement("higher, or open, is loosened", _bound(-1)),
    (KeyResult, "measure.tolerance"): _ordered("larger is loosened", lambda value, _: value),
    (KeyResult, "measure.items"): Judgement("items left out are loosened, items added tightened", _items),
    (KeyResult, "due"): Judgement("later is loosened; none is the cycle's end", _due),
    (KeyResult, "guardrail"): _DROPPED,
    (Objective, "cycle"): Judgement("one that ends later is loosened", _cycle),
    (Objective, "commitment"): _ordered(
        "from committed to aspirational to learning is loosened",
        lambda word, _: float(COMMITMENTS.index(word)),
    ),
    (Kpi, "target"): _BAND,
    (Kpi, "limit"): _BAND,
    (Kpi, "worst"): _BAND,
    (Kpi, "dated"): Judgement("wider on some planned day, and narrower on none, is loosened", _dated),
    (Kpi, "min_sample"): _ordered("lower is loosened", lambda value, _: value, looser=-1),
    (Kpi, "guardrail"): _DROPPED,
    (Kpi, "guards"): Judgement("fewer objectives guarded is loosened", _fewer),
    (Milestone, "due"): _LATER,
    (Initiative, "end"): _LATER,
    (Cycle, "end"): _LATER,
    **{
        (kind, name): RECORDED
        for kind, names in {
            Objective: ("title", "why", "tags", "stage", "continues"),
            KeyResult: ("title", "tags", "stage", "continues"),
            Kpi: ("title",),
            Initiative: ("title", "stage"),
            Milestone: ("title", "done"),
            Link: ("rationale", "reviewed"),
            Team: ("title",),
            Owner: ("title",),
        }.items()
        for name in names
    },
}
"""(type, field) -> what its change means; a field that is not here is "changed"."""

PARTS = {Target, Band, Checklist}
"""Values whose own fields are compared one by one, where both versions have one of the same type."""


def judged(kind: type, name: str) -> Judgement:
    """Return what a change of a field means."""
    return JUDGEMENTS.get((kind, name), CHANGED)
