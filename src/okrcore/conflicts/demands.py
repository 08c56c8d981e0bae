"""Collect what initiatives demand, and which of them demand it at one time (S13.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from okrcore.conflicts.sides import Scene
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.portfolio import Portfolio


@attrs.frozen
class Ask:
    """How much one initiative asks for, from its first day to its last."""

    initiative: str
    amount: float
    first: dt.date
    last: dt.date

    @classmethod
    def of(cls, scene: Scene, one: Initiative, amount: float) -> Ask:
        """Return the ask of an initiative, for as long as it runs."""
        return cls(one.id, amount, *scene.days_of(one))


def capacities(portfolio: Portfolio, given: Mapping[str, float]) -> dict[str, float]:
    """Return what there is by id of a team or owner: what is given goes before what a team declares."""
    there = {team.id: team.capacity for team in portfolio.teams if team.capacity is not None}
    return {**there, **given}


def asked_of(scene: Scene, initiatives: Iterable[Initiative], there: Iterable[str]) -> dict[str, list[Ask]]:
    """Return what is asked of each team or owner in `there`, in the order of `initiatives`."""
    asked: dict[str, list[Ask]] = {of: [] for of in there}
    for one in initiatives:
        amounts: dict[str, float] = {}
        for demand in one.demand:
            amounts[demand.of] = amounts.get(demand.of, 0.0) + demand.amount
        for of, amount in amounts.items():
            if amount > 0 and of in asked:
                asked[of].append(Ask.of(scene, one, amount))
    return asked


def at_one_time(asks: Iterable[Ask]) -> Iterator[list[Ask]]:
    """Yield every set that shares a day and has none to add: one each time that an end follows a start."""
    starts = sorted(asks, key=lambda one: (one.first, one.initiative))
    running: list[Ask] = []
    for at, one in enumerate(starts):
        running = [*(other for other in running if other.last >= one.first), one]
        after = starts[at + 1] if at + 1 < len(starts) else None
        if after is None or min(other.last for other in running) < after.first:
            yield sorted(running, key=lambda other: other.initiative)
