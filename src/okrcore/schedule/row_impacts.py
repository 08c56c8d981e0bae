"""Tell what reaches each milestone: its impact, the chains to it and the buffer before it (S17.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs
import numpy as np

from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.version import begin_of
from okrcore.definitions.days import day_number
from okrcore.definitions.derived import team_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.relations import Relations
from okrcore.errors import UnknownIdError
from okrcore.frozen import FrozenDict
from okrcore.schedule.delays import DatedPlan, Delays
from okrcore.schedule.impacts import Impact
from okrcore.schedule.network import MilestoneNetwork
from okrcore.schedule.plan_dates import Freezes, date_of
from okrcore.schedule.slacks import paths
from okrcore.schedule.working_lags import Days

LONGEST = 50
"""How many ids the chain of an impact holds at most: its cause, and the last ones."""


@attrs.frozen(eq=False, kw_only=True)
class RowImpacts:
    """What slips do to each row of a network, made when it is asked for; `today` is a day number."""

    portfolio: Portfolio
    declarations: Declarations | None
    today: int
    network: MilestoneNetwork
    plan: DatedPlan
    slips: Days
    delays: Delays
    still: Freezes

    @cached_property
    def told(self) -> tuple[int, ...]:
        """The rows that impacts are told of."""
        return tuple(row for row in self.delays.touched.tolist() if self._is_told(row))

    def row(self, id: str) -> int:
        """Return the row of a milestone; raises UnknownIdError where nothing reaches it, or there is none."""
        row = self.network.rows.get(id)
        if row is None or not self._is_told(row):
            raise UnknownIdError(f"{id!r} is no milestone that a slip reaches; ask for one of the impacts")
        return row

    def chains(self, row: int, most: int) -> Iterator[tuple[str, ...]]:
        """Yield at most `most` chains of ids that explain the delay of a row, each from its cause on."""
        for path in paths([row], self._ahead, most):
            back = [one for one in reversed(path) if one >= 0]
            yield (*self._cause(back[0]), *(self.network.ids[one] for one in back))

    def impact(self, row: int) -> Impact:
        """Return what reaches the milestone of a row that is told."""
        network, plan, late = self.network, self.plan, self.delays
        one, chain = network.milestones[row], self._chains[row]
        finish = plan.finish[row] + late.finish[row]
        buffer, left = self._buffer(row)
        first = self._first.get(one.id)
        return Impact(
            subject=one.id,
            title=one.title,
            owner=self._relations.who_answers(one),
            team=team_of(one, self.portfolio),
            watchers=self._watchers.get(one.initiative, ()),
            start=date_of(plan.start[row]),
            finish=date_of(plan.finish[row]),
            due=date_of(plan.due[row]),
            expected=date_of(finish),
            delay_days=float(late.finish[row]),
            breach_days=max(0.0, float(finish - plan.due[row])),
            start_delay_days=0.0 if plan.fixed[row] else float(late.start[row]),
            buffer_days=buffer,
            buffer_left=left,
            bites_in=float(plan.start[row] - self.today),
            cause=chain[0],
            chain=chain,
            drivers=tuple(network.ids[driver] for driver in self._drivers(row)),
            frozen_days=int(plan.finish[row] - network.finish[row]),
            since_first=None if first is None else float(finish - first),
            done=bool(plan.fixed[row]),
        )

    def _is_told(self, row: int) -> bool:
        late, fixed = self.delays, self.plan.fixed
        if fixed[row]:
            return bool(late.finish[row] > 0)
        return bool(late.finish[row] > 0 or late.start[row] > 0 or self._late_before(row))

    def _late_before(self, row: int) -> tuple[int, ...]:
        """The rows that this one waits for and that are late; those that let it begin last come first."""
        edges = self.network.waits_for
        places = np.arange(edges.first[row], edges.first[row + 1])
        places = places[self.delays.finish[edges.before[places]] > 0]
        arrival = self.network.arrivals(edges, places, self.plan.finish + self.delays.finish)
        names = [self.network.ids[one] for one in edges.before[places].tolist()]
        order = sorted(range(len(places)), key=lambda at: (-arrival[at], names[at]))
        return tuple(int(edges.before[places[at]]) for at in order)

    def _drivers(self, row: int) -> tuple[int, ...]:
        if self.plan.fixed[row] and self.delays.finish[row] == 0:  # what was done in time waits for nothing
            return ()
        drivers = self.delays.drivers(self.network, self.plan, self.slips, row)
        if not drivers and self.delays.finish[row] == 0:
            drivers = self._late_before(row)[:1]
        return tuple(sorted(drivers, key=lambda one: (one == row, self.network.ids[one])))

    def _cause(self, row: int) -> tuple[str, ...]:
        """The decision that a chain begins with, where its first milestone is not late but was frozen."""
        still = self.still.get(self.network.milestones[row].initiative)
        moved = self.plan.finish[row] > self.network.finish[row] and self.delays.finish[row] == 0
        return (still.by.id,) if moved and still is not None and still.by is not None else ()

    def _ahead(self, row: int) -> list[int]:
        """The rows that drive a row; -1, which leads nowhere, where it is late by itself too."""
        drivers = self._drivers(row) if row >= 0 else ()
        others = [one for one in drivers if one != row]
        return [*others, *([-1] if others and row in drivers else [])]

    @cached_property
    def _chains(self) -> Mapping[int, tuple[str, ...]]:
        """The chain to each row that is told, by the first of its drivers; cut where it is long."""
        found: dict[int, tuple[str, ...]] = {}
        for row in sorted(self.told):
            ahead = [one for one in self._ahead(row) if one >= 0]
            before = found.get(ahead[0]) if ahead else self._cause(row)
            if before is None:  # what is done in time, or not late at all, but planned too late
                before = (*self._cause(ahead[0]), self.network.ids[ahead[0]])
            if len(before) >= LONGEST:
                before = (before[0], *before[2:])
            found[row] = (*before, self.network.ids[row])
        return FrozenDict(found)

    def _buffer(self, row: int) -> tuple[float | None, float | None]:
        before = self._late_before(row)
        if not before or self.plan.fixed[row]:
            return None, None
        edges, start = self.network.waits_for, self.plan.start[row]
        places = np.arange(edges.first[row], edges.first[row + 1])
        places = places[edges.before[places] == before[0]]
        planned = self.network.arrivals(edges, places, self.plan.finish)
        arrival = self.network.arrivals(edges, places, self.plan.finish + self.delays.finish)
        return float(start - planned[0]), max(0.0, float(start - arrival[0]))

    @cached_property
    def _first(self) -> Mapping[str, float]:
        """The planned finish that was first declared of each milestone."""
        if self.declarations is None:
            return FrozenDict()
        found: dict[str, float] = {}
        for version in sorted(self.declarations, key=lambda one: begin_of(one.at)):
            for one in version.portfolio.milestones:
                found.setdefault(one.id, float(day_number(one.finish or one.due)))
        return FrozenDict(found)

    @cached_property
    def _relations(self) -> Relations:
        return Relations(self.portfolio)

    @cached_property
    def _watchers(self) -> Mapping[str, tuple[str, ...]]:
        """Who watches the KPIs of each initiative."""
        found: dict[str, set[str]] = {}
        for kpi in self.portfolio.kpis:
            if kpi.initiative:
                found.setdefault(kpi.initiative, set()).update(kpi.watchers)
        return FrozenDict({name: tuple(sorted(ids)) for name, ids in found.items()})
