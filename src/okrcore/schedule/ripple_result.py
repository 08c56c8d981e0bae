"""Hold what slips do: impacts, absorbed teams, what goals lose, clocks, slacks; each when it is asked for."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.version import begin_of
from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.derived import team_of
from okrcore.definitions.fields import FIRST_DAY, LAST_DAY
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.relations import Relations
from okrcore.display import Rows, Table, card, fragment
from okrcore.display.notebook import table_listing
from okrcore.errors import UnknownIdError
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.public_form import headed
from okrcore.schedule.clocks import clocks_of
from okrcore.schedule.delays import DatedPlan, Delays
from okrcore.schedule.goal_deltas import Delta, goal_deltas
from okrcore.schedule.impacts import Clock, Impact
from okrcore.schedule.misses import InForce, misses, plans_in_force
from okrcore.schedule.network import MilestoneNetwork
from okrcore.schedule.plan_dates import Freezes
from okrcore.schedule.slacks import Slacks, critical_chains, paths, slacks
from okrcore.schedule.working_lags import Days
from okrcore.scoring.as_of import When

MOST_CHAINS = 100
"""How many chains are told where there are more."""
LONGEST = 50
"""How many ids the chain of an impact holds at most: its cause, and the last ones."""
_FIRST, _LAST = day_number(FIRST_DAY), day_number(LAST_DAY)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Ripple:
    """What slips do to a portfolio's milestones, at a moment; made by `ripple`.

    `impacts`, `absorbed`, `goal_deltas`, `clocks` and `schedule` say it; all the rest is what it was made
    from. Two are equal where they say the same.
    """

    portfolio: Portfolio
    declarations: Declarations | None
    when: When
    history: AnyHistory | None
    journal: Journal | None
    network: MilestoneNetwork
    plan: DatedPlan
    slips: Days
    delays: Delays
    observed: Mapping[str, int]
    still: Freezes

    @property
    def as_of(self) -> dt.date | dt.datetime:
        """The moment that is looked at."""
        return self.when.as_of

    @cached_property
    def impacts(self) -> tuple[Impact, ...]:
        """What reaches each milestone: the longest delays first, then what bites first, then by id.

        What is late itself, what waits for something late, and what a buffer takes the whole delay of; what
        is done is listed where it was late.
        """
        found = (self._impact(row) for row in self._told)
        return tuple(sorted(found, key=lambda one: (-one.delay_days, one.bites_in, one.subject)))

    @cached_property
    def absorbed(self) -> tuple[str, ...]:
        """The teams that a delay reaches and whose buffers take all of it, by id; they owe nothing."""
        hit = {one.team for one in self.impacts if not one.absorbed}
        return tuple(sorted({one.team for one in self.impacts if one.team} - hit))

    @cached_property
    def goal_deltas(self) -> Mapping[str, Delta]:
        """The score of each goal that a delay reaches, as planned and as delayed; None: unknown."""
        return goal_deltas(self.portfolio, self.network, self.plan, self.delays, self.history, self.when)

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """What each team that a missed milestone reaches is owed and owes, by when it was missed."""
        if self.declarations is None:
            now = self.when.instant(self.when.zone) + 1
            forces: Iterator[InForce] = iter(
                [InForce(self.portfolio, self.network, self.plan, -(2**62), now)]
            )
        else:
            done = {one.id: int(self.plan.over[row]) for one, row in self._over()}
            forces = plans_in_force(self.declarations, self.history, self.when, {**self.observed, **done})
        entries = () if self.journal is None else self.journal.entries(until=self.as_of, zone=self.when.zone)
        slips = {self.network.ids[row]: float(self.slips[row]) for row in np.flatnonzero(self.slips)}
        return tuple(clocks_of(misses(forces, self.when), slips, entries, self.when))

    @property
    def schedule(self) -> Table:
        """One row a milestone, by id: planned start and finish, latest start, slacks in days, and delays."""
        slack, plan, late = self.slacks, self.plan, self.delays
        names = np.array(self.network.ids, dtype=object)
        table = Table(
            {
                "id": names,
                "start": _dates(plan.start),
                "finish": _dates(plan.finish),
                "latest_start": _dates(slack.latest_start),
                "total_slack": slack.total,
                "free_slack": slack.free,
                "critical": slack.critical,
                "delay": late.finish,
                "breach": np.maximum(plan.finish + late.finish - plan.due, 0.0),
                "done": _dates(plan.over),
            }
        )
        return table.take(np.argsort(names))

    @cached_property
    def slacks(self) -> Slacks:
        """Latest start and slacks of each row, counted to the last planned finish."""
        return slacks(self.network, self.plan.start, self.plan.finish)

    @property
    def critical(self) -> tuple[tuple[str, ...], ...]:
        """The critical chains, all ties, of ids in order; at most 100."""
        dates = self.plan.start, self.plan.finish
        return tuple(critical_chains(self.network, *dates, self.slacks, MOST_CHAINS))

    def impact(self, id: str) -> Impact:
        """Return what reaches one milestone; raises UnknownIdError where nothing does, or `id` is none's."""
        row = self.network.rows.get(id)
        if row is None or not self._is_told(row):
            raise UnknownIdError(f"{id!r} is no milestone that a slip reaches; ask for one of the impacts")
        return self._impact(row)

    def chains(self, id: str, most: int = MOST_CHAINS) -> tuple[tuple[str, ...], ...]:
        """Return at most `most` chains that explain a delay, all ties: ids, cause first.

        Raises UnknownIdError where nothing reaches `id`.
        """
        row = self.network.rows.get(id)
        if row is None or not self._is_told(row):
            raise UnknownIdError(f"{id!r} is no milestone that a slip reaches; ask for one of the impacts")
        found = []
        for path in paths([row], self._ahead, most):
            back = [one for one in reversed(path) if one >= 0]
            found.append((*self._cause(back[0]), *(self.network.ids[one] for one in back)))
        return tuple(sorted(found))

    def as_plain(self) -> dict[str, Any]:
        """Return the public form, as `okrcore ripple --format json` gives it."""
        return headed(
            "ripple",
            as_of=self.as_of,
            known_at=self.when.known,
            impacts=self.impacts,
            absorbed=self.absorbed,
            goal_deltas=self.goal_deltas,
            clocks=self.clocks,
            critical=self.critical,
            schedule=self.schedule,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ripple):
            return NotImplemented
        return self is other or (self.when == other.when and _said(self) == _said(other))

    def __hash__(self) -> int:
        return hash((self.when, len(self.network.ids)))

    def __repr__(self) -> str:
        late = sum(not one.absorbed for one in self.impacts)
        return f"<Ripple of {late} delayed milestones as of {self.as_of}>"

    def _repr_html_(self) -> str:
        from okrcore.schedule.ripple_text import summary

        moment = str(self.as_of)
        impacts = table_listing(Rows(self.impacts).table.data, "milestones", worst_first=True)
        owed = table_listing(Rows(self.clocks).table.data, "clocks", worst_first=True)
        shown = [*card("ripple", moment, sentence=summary(self)), impacts, owed]
        return fragment(f"ripple {moment}", shown, wide=True)

    def __str__(self) -> str:
        from okrcore.schedule.ripple_text import lines

        return "\n".join(lines(self))

    # What is made of a row

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
        drivers = self.delays.drivers(self.network, self.plan, self.slips, row)
        if not drivers and self.delays.finish[row] == 0:
            drivers = self._late_before(row)[:1]
        return tuple(sorted(drivers, key=lambda one: (one == row, self.network.ids[one])))

    def _cause(self, row: int) -> tuple[str, ...]:
        """The decision that a chain begins with, where its first milestone is not late but was frozen."""
        still = self.still.get(self.network.milestones[row].initiative)
        frozen = (
            still is not None and still.by is not None and self.plan.finish[row] > self.network.finish[row]
        )
        return (still.by.id,) if frozen and self.delays.finish[row] == 0 and still and still.by else ()

    def _ahead(self, row: int) -> list[int]:
        """The rows that drive a row; -1, which leads nowhere, where it is late by itself too."""
        drivers = self._drivers(row) if row >= 0 else ()
        others = [one for one in drivers if one != row]
        return [*others, *([-1] if others and row in drivers else [])]

    @cached_property
    def _chains(self) -> Mapping[int, tuple[str, ...]]:
        """The chain to each row that is told, by the first of its drivers; cut where it is long."""
        found: dict[int, tuple[str, ...]] = {}
        for row in sorted(self._told):
            ahead = [one for one in self._ahead(row) if one >= 0]
            before = found.get(ahead[0]) if ahead else self._cause(row)
            if before is None:  # what is done in time, or not late at all, but planned too late
                before = (*self._cause(ahead[0]), self.network.ids[ahead[0]])
            if len(before) >= LONGEST:
                before = (before[0], *before[2:])
            found[row] = (*before, self.network.ids[row])
        return FrozenDict(found)

    @cached_property
    def _told(self) -> tuple[int, ...]:
        """The rows that impacts are told of."""
        return tuple(row for row in self.delays.touched.tolist() if self._is_told(row))

    def _impact(self, row: int) -> Impact:
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
            start=_date(plan.start[row]),
            finish=_date(plan.finish[row]),
            due=_date(plan.due[row]),
            expected=_date(finish),
            delay_days=float(late.finish[row]),
            breach_days=max(0.0, float(finish - plan.due[row])),
            start_delay_days=0.0 if plan.fixed[row] else float(late.start[row]),
            buffer_days=buffer,
            buffer_left=left,
            bites_in=float(plan.start[row] - self.when.day),
            cause=chain[0],
            chain=chain,
            drivers=tuple(network.ids[driver] for driver in self._drivers(row)),
            frozen_days=int(plan.finish[row] - network.finish[row]),
            since_first=None if first is None else float(finish - first),
        )

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

    def _over(self) -> Iterator[tuple[Any, int]]:
        return ((self.network.milestones[row], row) for row in np.flatnonzero(self.plan.fixed).tolist())

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


def _said(one: Ripple) -> tuple[Any, ...]:
    return one.impacts, one.goal_deltas, one.clocks, one.schedule


def _date(number: float) -> dt.date:
    """Return the day that a number is a part of, cut to the dates that may be declared."""
    return to_date(math.ceil(min(max(number, _FIRST), _LAST)))


def _dates(days: Days) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    known = np.isfinite(days)
    whole = np.ceil(np.clip(np.where(known, days, 0), _FIRST, _LAST)).astype(np.int64)
    return np.where(known, whole.astype("datetime64[D]"), np.datetime64("NaT", "D"))
