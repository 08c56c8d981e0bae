"""What initiatives ask for at one time into where it is more than there is (S13.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.sides import Scene, joined
from okrcore.definitions.initiatives import Initiative

_SLACK = 1e-12
BUDGET = "budget"


@attrs.frozen
class _Ask:
    initiative: str
    amount: float
    first: dt.date
    last: dt.date


def contention_conflicts(
    scene: Scene, capacity: Mapping[str, float], budget: float | None
) -> Iterator[Conflict]:
    """Yield each largest set of initiatives that run at one time and together ask for more than there is.

    `capacity` by id of a team or owner goes before what a team declares; `budget` is compared with costs.
    One initiative that asks for too much alone stands against what it asks for.
    """
    there = {team.id: team.capacity for team in scene.portfolio.teams if team.capacity is not None}
    there = {**there, **capacity, **({} if budget is None else {BUDGET: budget})}
    asked: dict[str, list[_Ask]] = {}
    for one in scene.initiatives.values():
        for of, amount in _demands(one).items():
            if amount > 0 and of in there:
                asked.setdefault(of, []).append(
                    _Ask(one.id, amount, one.start or dt.date.min, one.end or dt.date.max)
                )
    for of in sorted(asked):
        for together in _at_one_time(asked[of]):
            demand = sum(one.amount for one in together)
            if demand > there[of] * (1 + _SLACK):
                yield _conflict(scene, of, there[of], demand, together)


def _demands(one: Initiative) -> dict[str, float]:
    found: dict[str, float] = {}
    for demand in one.demand:
        found[demand.of] = found.get(demand.of, 0.0) + demand.amount
    if one.cost:
        found[BUDGET] = found.get(BUDGET, 0.0) + one.cost
    return found


def _at_one_time(asks: list[_Ask]) -> Iterator[list[_Ask]]:
    """Every set that shares a day and has none to add: one each time that an end follows a start."""
    starts = sorted(asks, key=lambda one: (one.first, one.initiative))
    running: list[_Ask] = []
    for at, one in enumerate(starts):
        running = [*(other for other in running if other.last >= one.first), one]
        after = starts[at + 1] if at + 1 < len(starts) else None
        if after is None or min(other.last for other in running) < after.first:
            yield sorted(running, key=lambda other: other.initiative)


def _conflict(scene: Scene, of: str, there: float, demand: float, together: list[_Ask]) -> Conflict:
    first, last = max(one.first for one in together), min(one.last for one in together)
    since = scene.cycle_start() if first == dt.date.min else first
    names = tuple(one.initiative for one in together)
    sides = tuple(sorted(names if len(names) > 1 else (*names, of)))
    witness = {
        "of": of,
        "capacity": there,
        "demand": demand,
        "asked": tuple((one.initiative, one.amount) for one in together),
        "overlap": (since, last),
    }
    return Conflict(
        kind="contention",
        sides=sides,
        degree=1.0 - there / demand,
        since=since,
        witness=witness,
        path=(sides[0], of, *sides[1:]) if of not in sides else sides,
        sentence=f"{joined(names)} ask for {demand:g} of {of}, which has {there:g}",
    )
