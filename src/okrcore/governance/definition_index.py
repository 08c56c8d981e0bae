"""Look up by id what the definitions of a portfolio say of each other."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Container, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any

import attrs

from okrcore.conflicts.reachable import Reach
from okrcore.conflicts.sides import Scene
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import cycle_of, team_of
from okrcore.definitions.digraph import grouped
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.lineage import lineage_of
from okrcore.definitions.links import Link
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.tolerances import Tolerance


@attrs.frozen(eq=False, repr=False)
class Index:
    """Look-ups by id over one portfolio at one date, each made once, when it is first asked for."""

    scene: Scene
    _counts: dict[tuple[str, ...], Mapping[Any, int]] = attrs.field(factory=dict)

    @property
    def portfolio(self) -> Portfolio:
        """The definitions."""
        return self.scene.portfolio

    def count(self, part: str, *fields: str) -> Mapping[Any, int]:
        """Return how many definitions of a part of the portfolio ("kpis") hold each value of a field.

        Of several fields each combination of values is counted, as a tuple.
        """
        if (part, *fields) not in self._counts:
            self._counts[part, *fields] = Counter(map(attrgetter(*fields), getattr(self.portfolio, part)))
        return self._counts[part, *fields]

    def count_open(self, part: str, *fields: str) -> Mapping[Any, int]:
        """Return the same without the goals that are closed: what limits count (S21.6)."""
        closed = self.scene.closed
        if not closed:
            return self.count(part, *fields)
        values = (one for one in getattr(self.portfolio, part) if one.id not in closed)
        return Counter(map(attrgetter(*fields), values))

    def owned(self, *parts: str) -> bool:
        """Return whether anything of these parts of the portfolio names an owner."""
        return any(name is not None for part in parts for name in self.count(part, "owner"))

    @cached_property
    def open_goals(self) -> frozenset[str]:
        """The objectives that are not closed and whose cycle has not ended."""
        ended = {cycle.id for cycle in self.portfolio.cycles if cycle.end < self.scene.day_in(cycle)}
        goals = (goal for goal in self.portfolio.objectives if goal.id not in self.scene.closed)
        return frozenset(goal.id for goal in goals if goal.cycle not in ended)

    @cached_property
    def leading(self) -> frozenset[str]:
        """The measures that a link of some weight leads to from another KPI, and formulas over such."""
        return self._linked(frozenset(kpi.id for kpi in self.portfolio.kpis))

    @cached_property
    def worked_on(self) -> frozenset[str]:
        """The measures that a link of some weight leads to from an initiative, and formulas over such."""
        return self._linked(frozenset(one.id for one in self.portfolio.initiatives))

    @cached_property
    def reach(self) -> Reach:
        """What leads to what, as the search for conflicts sees it."""
        return Reach.of(self.scene)

    @cached_property
    def reaching(self) -> frozenset[str]:
        """All with a path to an objective whose cycle has not ended."""
        return self.reach.to(self.open_goals)

    @cached_property
    def moved(self) -> frozenset[str]:
        """The measures that an initiative under way, or a KPI that names one, has a path to."""
        work = self.scene.initiatives
        return self.reach.onward([*work, *(kpi.id for kpi in self.portfolio.kpis if kpi.initiative in work)])

    def is_under_way(self, initiative: Initiative) -> bool:
        """Return whether an initiative is not closed and has started, or, without a start, is decided on."""
        start, _ = self.scene.relations.span_of(initiative)
        if start is not None and initiative.stage != "closed":
            return start <= self.scene.day
        return initiative.stage in {"decided", "implemented"}

    @cached_property
    def under_way(self) -> tuple[Initiative, ...]:
        """The initiatives that are under way."""
        return tuple(filter(self.is_under_way, self.portfolio.initiatives))

    @cached_property
    def top_cycles(self) -> tuple[Cycle, ...]:
        """The cycles for which a team without a parent has an objective."""
        tops = {team.id for team in self.portfolio.teams if team.parent is None}
        found = {goal.cycle for goal in self.portfolio.objectives if team_of(goal, self.portfolio) in tops}
        return tuple(self.portfolio[name] for name in sorted(found))

    def started(self, link: Link) -> dt.date | None:
        """Return where the cycle that a link counts in starts: its target's; None where none is under way."""
        target = self.portfolio[link.target]
        if isinstance(target, KeyResult):
            cycle = cycle_of(target, self.portfolio)
            return cycle.start if self.scene.is_running(cycle) else None
        running = any(map(self.scene.is_running, self.portfolio.cycles))
        return self.scene.cycle_start() if running else None

    @cached_property
    def tolerances_between(self) -> Mapping[tuple[str, ...], tuple[Tolerance, ...]]:
        """What was decided between the same sides, the last to end last."""
        ordered = sorted(self.portfolio.tolerances, key=lambda one: (one.end, one.start, one.id))
        return grouped((one.sides, one) for one in ordered)

    def _linked(self, sources: Container[str]) -> frozenset[str]:
        measure = self.scene.measure
        ends = ((one.source, measure(one.target)) for one in self.portfolio.links if one.weight > 0)
        led = grouped((target, one) for one, target in ends if one in sources and one != target)
        computed = {
            name
            for name, parts in lineage_of(self.portfolio).made_of.items()
            if any(one not in parts and one != name for part in parts for one in led.get(part, ()))
        }
        return frozenset(led) | computed
