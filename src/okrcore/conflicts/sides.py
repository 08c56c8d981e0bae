"""List the sides that can be in conflict at a date, each with its direction and its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property

import attrs

from okrcore.definitions.days import to_date
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.scoring.as_of import When

BETTER = {"higher": 1, "lower": -1, None: 0}


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

    @property
    def day(self) -> dt.date:
        """The date that is asked for."""
        return to_date(self.when.day)

    @cached_property
    def kpis(self) -> dict[str, Kpi]:
        """Every KPI, by id."""
        return {kpi.id: kpi for kpi in sorted(self.portfolio.kpis, key=lambda kpi: kpi.id)}

    @cached_property
    def results(self) -> dict[str, KeyResult]:
        """Every key result whose cycle has not ended, by id."""
        found = sorted(self.portfolio.key_results, key=lambda result: result.id)
        return {result.id: result for result in found if self.span(result)[1] >= self.day}

    @cached_property
    def initiatives(self) -> dict[str, Initiative]:
        """Every initiative that is neither closed nor past its end, by id."""
        found = sorted(self.portfolio.initiatives, key=lambda initiative: initiative.id)
        return {one.id: one for one in found if one.stage != "closed" and (one.end or self.day) >= self.day}

    @cached_property
    def sides(self) -> dict[str, Side]:
        """Every side, by id; a KPI that measures a key result appears as it (S13)."""
        found = {result.id: self._of_result(result) for result in self.results.values()}
        measured = {side.measure for side in found.values()}
        for kpi in self.kpis.values():
            asked = kpi.target is not None or kpi.incentivised or kpi.guardrail
            if asked and kpi.id not in measured:
                found[kpi.id] = Side(id=kpi.id, measure=kpi.id, better=BETTER[kpi.direction])
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
        """The KPI that each key result reads, where it reads one."""
        return {one.id: one.measured_by for one in self.portfolio.key_results if one.measured_by}

    def span(self, result: KeyResult) -> tuple[dt.date, dt.date]:
        """Return first and last day of a key result's cycle."""
        cycle = self.portfolio[self.portfolio[result.objective].cycle]
        return cycle.start, cycle.end

    def cycle_start(self) -> dt.date:
        """Return where the youngest cycle that holds the date starts; without one, the date itself."""
        around = [cycle.start for cycle in self.portfolio.cycles if cycle.start <= self.day <= cycle.end]
        return max(around, default=self.day)

    def team(self, value: Kpi | Initiative | object) -> str | None:
        """Return the team that answers: of a KPI its initiative's, else its own, else its owner's (S13.4)."""
        initiative = getattr(value, "initiative", None)
        above = self.team(self.portfolio[initiative]) if initiative else None
        owner = getattr(value, "owner", None)
        return above or getattr(value, "team", None) or (self.portfolio[owner].team if owner else None)

    def steps_up(self, team: str | None, wanted: str | None) -> int | None:
        """Return how many teams `wanted` is above `team`: 0 for the same, None where it is not above."""
        steps, at = 0, team
        while at is not None and wanted is not None:
            if at == wanted:
                return steps
            steps, at = steps + 1, self.portfolio[at].parent
        return None

    def _of_result(self, result: KeyResult) -> Side:
        kpi = self.kpis.get(result.measured_by or "")
        better = direction(result.measure) or (BETTER[kpi.direction] if kpi else 0)
        first, last = self.span(result)
        return Side(id=result.id, measure=kpi.id if kpi else result.id, better=better, first=first, last=last)


def direction(measure: Target | Band | Checklist) -> int:
    """Return +1 where more is better, -1 where less is, 0 where neither is said (S7.3)."""
    match measure:
        case Target(direction=str() as word):
            return 1 if word == "at_least" else -1
        case Target(start=float() as start, goal=goal):
            return (goal > start) - (goal < start)
        case Band(low=low, high=high):
            return (high is None) - (low is None)
        case Checklist():
            return 1
    return 0


def joined(ids: Iterable[str]) -> str:
    """Return ids in words.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = ids
    return f"{', '.join(others)} and {last}" if others else last
