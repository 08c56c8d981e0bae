"""Gather what a priority table asks about a conflict: one column a name, one row a question (S14.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.conflicts.conflict import KINDS, Conflict
from okrcore.definitions.days import day_number
from okrcore.definitions.derived import cycle_of, due_of, series_of, team_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.priorities.bulk_decisions import Codes
from okrcore.scoring.snapshot import Snapshot

InputRows = npt.NDArray[np.int64]
_OTHER = "other"
"""The category of a KPI without one."""
ZONE_OF = {
    "achieved": "healthy",
    "on-track": "healthy",
    "early": "healthy",
    "at-risk": "watch",
    "off-track": "breached",
    "missed": "breached",
    "no-data": "unknown",
    "not-started": "unknown",
}
"""The zone of a key result that is asked in the role of a KPI, by its status."""


@attrs.frozen(eq=False)
class Questions:
    """What is asked, one row a question: first one a conflict, in order, then the other way round of `alike`.

    `objective` and `kpi` count in `names`, the ids of all sides, sorted; the last of `names` is None, for a
    role that nobody takes. `alike` holds the rows of conflicts between two goals, which are asked both ways.
    """

    names: tuple[str | None, ...]
    objective: InputRows
    kpi: InputRows
    alike: InputRows
    row: InputRows
    """The conflict of each question."""


def questions(conflicts: Sequence[Conflict], portfolio: Portfolio) -> Questions:
    """Return who is asked in which role; raises UnknownIdError for a side that nothing declares.

    The goal is the objective and the other side the KPI. Two KPIs have no objective, and more than two sides
    no roles at all.
    """
    sides = list(map(attrgetter("sides"), conflicts))
    lengths = np.fromiter(map(len, sides), dtype=np.int64, count=len(sides))
    for row in np.flatnonzero(lengths != 2).tolist():
        sides[row] = (None, None)
    found = set(chain.from_iterable(sides))
    names = sorted(name for name in found if name is not None)
    place: dict[str | None, int] = {name: row for row, name in enumerate(names)} | {None: len(names)}
    every = map(place.__getitem__, chain.from_iterable(sides))
    ends = np.fromiter(every, dtype=np.int64, count=2 * len(sides)).reshape(-1, 2).T
    low, high = np.minimum(*ends), np.maximum(*ends)
    goal = np.array([isinstance(portfolio[name], KeyResult | Objective) for name in names] + [False])
    nobody = len(names)
    swapped = goal[high] & ~goal[low]
    objective = np.where(swapped, high, np.where(goal[low], low, nobody))
    kpi = np.where(swapped, low, high)
    alike = np.flatnonzero(goal[low] & goal[high])
    return Questions(
        names=(*names, None),
        objective=np.concatenate([objective, kpi[alike]]),
        kpi=np.concatenate([kpi, objective[alike]]),
        alike=alike,
        row=np.concatenate([np.arange(len(sides)), alike]),
    )


def columns(
    wanted: Sequence[str], conflicts: Sequence[Conflict], asked: Questions, snapshot: Snapshot
) -> Mapping[str, Codes | npt.NDArray[np.float64]]:
    """Return the columns of `wanted` that are known by name; each fact is looked up once a side."""
    found: dict[str, Codes | npt.NDArray[np.float64]] = {}
    for name in wanted:
        if name == "conflict.degree":
            degree = np.fromiter(map(attrgetter("degree"), conflicts), np.float64, len(conflicts))
            found[name] = degree[asked.row]
        elif name == "conflict.kind":
            place = {kind: row for row, kind in enumerate(KINDS)}
            kinds = map(place.__getitem__, map(attrgetter("kind"), conflicts))
            found[name] = Codes(np.fromiter(kinds, np.int64, len(conflicts))[asked.row], KINDS)
        else:
            role, _, fact = ("objective", "", name) if name == "days_left" else name.partition(".")
            read = {"objective": _OBJECTIVE, "kpi": _KPI}.get(role, {}).get(fact)
            codes = asked.objective if role == "objective" else asked.kpi
            if read is not None:
                used = np.zeros(len(asked.names), dtype=bool)
                used[codes] = True
                facts = [
                    read(snapshot, side) if side is not None and seen else None
                    for side, seen in zip(asked.names, used.tolist(), strict=True)
                ]
                found[name] = Codes(codes, facts)
    return found


Fact = Callable[[Snapshot, str], Any]


def _goal(snapshot: Snapshot, side: str) -> Objective | None:
    value = snapshot.portfolio[side]
    if isinstance(value, KeyResult):
        value = snapshot.portfolio[value.objective]
    return value if isinstance(value, Objective) else None


def _of_goal(read: Callable[[Snapshot, Objective], Any]) -> Fact:
    def fact(snapshot: Snapshot, side: str) -> Any:
        goal = _goal(snapshot, side)
        return None if goal is None else read(snapshot, goal)

    return fact


def _days_left(snapshot: Snapshot, side: str) -> int | None:
    value = snapshot.portfolio[side]
    if not isinstance(value, KeyResult | Objective):
        return None
    zone = snapshot.portfolio.calendar.zone_of(cycle_of(value, snapshot.portfolio))
    return max(0, day_number(due_of(value, snapshot.portfolio)) - snapshot.when.day_in(zone))


_OBJECTIVE: Mapping[str, Fact] = {
    "id": _of_goal(lambda _, goal: goal.id),
    "commitment": _of_goal(lambda _, goal: goal.commitment),
    "team": _of_goal(lambda snapshot, goal: team_of(goal, snapshot.portfolio)),
    "owner": _of_goal(lambda _, goal: goal.owner),
    "status": _of_goal(lambda snapshot, goal: snapshot.objective(goal.id).status),
    "score": _of_goal(lambda snapshot, goal: snapshot.objective(goal.id).score),
    "days_left": _days_left,
}


def _measure(snapshot: Snapshot, side: str) -> Kpi | None:
    """The KPI itself, or the one that measures a key result."""
    value = snapshot.portfolio[side]
    if isinstance(value, KeyResult):
        value = series_of(value, snapshot.portfolio)
    return value if isinstance(value, Kpi) else None


def _zone(snapshot: Snapshot, side: str) -> str | None:
    value = snapshot.portfolio[side]
    if isinstance(value, Kpi):
        return snapshot.kpi(side).zone
    return ZONE_OF[snapshot[side].status] if isinstance(value, KeyResult | Objective) else None


def _team(snapshot: Snapshot, side: str) -> str | None:
    return team_of(snapshot.portfolio[side], snapshot.portfolio)


def _of_kpi(read: Callable[[Snapshot, Kpi], Any], without: Any) -> Fact:
    """A fact of a side's KPI; of a goal without one, `without`."""

    def fact(snapshot: Snapshot, side: str) -> Any:
        kpi = _measure(snapshot, side)
        if kpi is not None:
            return read(snapshot, kpi)
        return without if isinstance(snapshot.portfolio[side], KeyResult | Objective) else None

    return fact


def _guardrail(snapshot: Snapshot, side: str) -> bool | None:
    value, kpi = snapshot.portfolio[side], _measure(snapshot, side)
    if isinstance(value, KeyResult | Objective):
        return bool(getattr(value, "guardrail", False) or (kpi and kpi.guardrail))
    return kpi.guardrail if kpi else None


_KPI: Mapping[str, Fact] = {
    "id": lambda _, side: side,
    "category": _of_kpi(lambda _, kpi: kpi.category or _OTHER, _OTHER),
    "zone": _zone,
    "satisfaction": _of_kpi(lambda snapshot, kpi: snapshot.kpi(kpi.id).satisfaction, None),
    "incentivised": _of_kpi(lambda _, kpi: kpi.incentivised, False),
    "guardrail": _guardrail,
    "team": _team,
    "owner": lambda snapshot, side: getattr(snapshot.portfolio[side], "owner", None),
}


def standing_facts(kpi: Kpi, portfolio: Portfolio) -> dict[str, Any]:
    """Return what a table may ask of a KPI that does not change with its numbers, by column."""
    return {
        "kpi.id": kpi.id,
        "kpi.category": kpi.category or _OTHER,
        "kpi.incentivised": kpi.incentivised,
        "kpi.guardrail": kpi.guardrail,
        "kpi.team": team_of(kpi, portfolio),
        "kpi.owner": kpi.owner,
    }
