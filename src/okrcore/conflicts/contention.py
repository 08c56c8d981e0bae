"""Find contention: initiatives that ask at one time for more capacity than there is (S13.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.demands import Ask, asked_of, at_one_time, capacities
from okrcore.conflicts.sides import Scene, joined

_SLACK = 1e-12
BUDGET = "budget"


def contention_conflicts(
    scene: Scene, capacity: Mapping[str, float], budget: float | None
) -> Iterator[Conflict]:
    """Yield each largest set of initiatives that run at one time and together ask for more than there is.

    `capacity` by id of a team or owner goes before what a team declares; `budget` is compared with costs.
    One initiative that asks for too much alone stands against what it asks for.
    """
    there = capacities(scene.portfolio, capacity)
    asked = asked_of(scene, scene.initiatives.values(), there)
    if budget is not None:
        there[BUDGET] = budget
        costs = [Ask.of(scene, one, one.cost) for one in scene.initiatives.values() if one.cost]
        asked[BUDGET] = [*asked.get(BUDGET, ()), *costs]
    for of in sorted(asked):
        for together in at_one_time(asked[of]):
            demand = sum(one.amount for one in together)
            if demand > there[of] * (1 + _SLACK):
                yield _conflict(scene, of, there[of], demand, together)


def _conflict(scene: Scene, of: str, there: float, demand: float, together: list[Ask]) -> Conflict:
    first, last = max(one.first for one in together), min(one.last for one in together)
    since = scene.cycle_start() if first == dt.date.min else first
    names = tuple(one.initiative for one in together)
    asks = "ask" if len(names) > 1 else "asks"
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
        sentence=f"{joined(names)} {asks} for {demand:g} of {of}, which has {there:g}",
    )
