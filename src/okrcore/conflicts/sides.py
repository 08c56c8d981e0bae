"""List the sides that can be in conflict at a date, each with its direction and its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from functools import cached_property

import attrs

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.days import to_date
from okrcore.definitions.derived import better_of, cycle_of, due_of, series_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.pursued import idle_goals
from okrcore.definitions.relations import Relations
from okrcore.scoring.as_of import When


@attrs.frozen(kw_only=True)
class Side:
    """A goal that can be helped or hurt: a key result, or a KPI with a band, bonus or guardrail.

    `measure` is the id that its observations are recorded under: what moves it moves every side of that
    measure. `better` is +1, -1, or 0 without a direction (S7.3). `first` and `last` are the days of its
    cycle; of a KPI all there are.
    """

    id: str
    measure: str
    better: int
    first: dt.date = dt.date.min
    last: dt.date = dt.date.max


@attrs.frozen(eq=False)
class Scene:
    """What every search for conflicts asks of one portfolio at one date."""

    portfolio: Portfolio
    when: When
    closed: Collection[str] = frozenset()
    """The goals that a closing ended: they are over, whatever their dates say (S21.6)."""

    @property
    def day(self) -> dt.date:
        """The date that is asked for."""
        return to_date(self.when.day)

    def day_in(self, cycle: Cycle) -> dt.date:
        """Return which day it is in a cycle: in its own zone, else the calendar's (A3)."""
        return to_date(self.when.day_in(self.portfolio.calendar.zone_of(cycle)))

    def is_running(self, cycle: Cycle) -> bool:
        """Return whether a cycle has begun and not ended, in its zone."""
        return cycle.start <= self.day_in(cycle) <= cycle.end

    def is_over(self, goal: KeyResult | Objective) -> bool:
        """Return whether a goal is closed, or its due date has passed, in the zone of its cycle."""
        due = due_of(goal, self.portfolio)
        return goal.id in self.closed or due < self.day_in(cycle_of(goal, self.portfolio))

    @cached_property
    def relations(self) -> Relations:
        """Who belongs to whom."""
        return Relations(self.portfolio)

    @cached_property
    def kpis(self) -> dict[str, Kpi]:
        """Every KPI, by id."""
        return {kpi.id: kpi for kpi in sorted(self.portfolio.kpis, key=lambda kpi: kpi.id)}

    @cached_property
    def results(self) -> dict[str, KeyResult]:
        """Every active key result that is not closed and whose cycle is under way, by id."""
        found = sorted(self.portfolio.key_results, key=lambda result: result.id)
        running = {cycle.id for cycle in self.portfolio.cycles if self.is_running(cycle)}
        out = {*idle_goals(self.portfolio), *self.closed}
        return {
            one.id: one for one in found if one.id not in out and cycle_of(one, self.portfolio).id in running
        }

    @cached_property
    def initiatives(self) -> dict[str, Initiative]:
        """Every initiative that is neither closed nor past its end, by id."""
        found = sorted(self.portfolio.initiatives, key=lambda initiative: initiative.id)
        return {one.id: one for one in found if one.stage != "closed" and self.days_of(one)[1] >= self.day}

    def days_of(self, initiative: Initiative) -> tuple[dt.date, dt.date]:
        """Return the first and the last day of an initiative: for ever where nothing says when.

        Where its milestones say until when, it goes on today while one of them is late.
        """
        first, last = self.relations.span_of(initiative)
        steps = self.relations.milestones_of.get(initiative.id, ())
        if initiative.end is None and any(one.done is None or one.done >= self.day for one in steps):
            last = None if last is None else max(last, self.day)
        return first or dt.date.min, last or dt.date.max

    @cached_property
    def sides(self) -> dict[str, Side]:
        """Every side, by id; a KPI that measures a key result appears as it (S13)."""
        found = {result.id: self._of_result(result) for result in self.results.values()}
        measured = {side.measure for side in found.values()}
        for kpi in self.kpis.values():
            asked = kpi.is_judged or kpi.incentivised or kpi.guardrail
            if asked and kpi.id not in measured:
                found[kpi.id] = Side(id=kpi.id, measure=kpi.id, better=better_of(kpi, self.portfolio))
        return {name: found[name] for name in sorted(found)}

    @cached_property
    def by_measure(self) -> dict[str, list[Side]]:
        """The sides with a direction of each measure, by id."""
        found: dict[str, list[Side]] = {}
        for side in self.sides.values():
            if side.better:
                found.setdefault(side.measure, []).append(side)
        return found

    def measure(self, id: str) -> str:
        """Return what a link's end stands for: an initiative, or the measure of a KPI or key result."""
        return self.stands_for.get(id, id)

    @cached_property
    def stands_for(self) -> dict[str, str]:
        """What each key result reads, where it reads another's numbers."""
        results = self.portfolio.key_results
        return {one.id: series_of(one, self.portfolio).id for one in results if one.measured_by}

    def cycle_start(self) -> dt.date:
        """Return where the youngest cycle that holds the date starts; without one, the date itself."""
        around = [cycle.start for cycle in self.portfolio.cycles if self.is_running(cycle)]
        return max(around, default=self.day)

    def steps_up(self, team: str | None, wanted: str | None) -> int | None:
        """Return how many teams `wanted` is above `team`: 0 for the same, None where it is not above."""
        above = enumerate(self.relations.teams_above(team))
        return next((steps for steps, name in above if name == wanted), None)

    def _of_result(self, result: KeyResult) -> Side:
        cycle = cycle_of(result, self.portfolio)
        return Side(
            id=result.id,
            measure=series_of(result, self.portfolio).id,
            better=better_of(result, self.portfolio),
            first=cycle.start,
            last=cycle.end,
        )


def joined(ids: Iterable[str]) -> str:
    """Return ids in words.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = ids
    return f"{', '.join(others)} and {last}" if others else last
