"""Carry delays from milestone to milestone, level by level, over what they touch and no more (S17.1)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.frozen import freeze_fields, frozen
from okrcore.schedule.network import DependencyEdges, MilestoneNetwork, Rows, joined
from okrcore.schedule.working_lags import Days


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class DatedPlan:
    """The dates that delays are counted from, by row; those of the network, moved by what stood still.

    `over` is the day on which each was done, infinite while open; `floor` how late each is at least. `late`
    are the rows with a floor above 0, `moved` those whose dates are not those of the network.
    """

    start: Days
    finish: Days
    due: Days
    over: Days
    floor: Days
    late: Rows
    moved: Rows

    @cached_property
    def fixed(self) -> NDArray[np.bool_]:
        """Which are done, and delayed by nothing any more."""
        return frozen(np.isfinite(self.over))


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Delays:
    """How many days each row starts and finishes late, from the rows that were `seeded`.

    `reached` are those that were looked at one by one, None where whole levels were.
    """

    start: Days
    finish: Days
    seeded: NDArray[np.bool_]
    waits_for: DependencyEdges
    reached: Rows | None = None

    @cached_property
    def touched(self) -> Rows:
        """The rows that are seeded or late, or wait for what is late, in whatever buffer that ends."""
        if self.reached is not None:
            return self.reached
        edges, late = self.waits_for, self.finish > 0
        touched = self.seeded | late | (self.start > 0)
        touched[edges.after[late[edges.before]]] = True
        return frozen(np.flatnonzero(touched))

    def drivers(self, network: MilestoneNetwork, plan: DatedPlan, slips: Days, row: int) -> tuple[int, ...]:
        """Return the rows that the delay of a row comes from, all ties: itself for what is its own."""
        mine = float(self.finish[row])
        carried = self.start[row] + (slips[row] - network.recoverable[row])
        found = []
        if self.start[row] > 0 and (mine == 0 or (carried == mine and not plan.fixed[row])):
            edges = network.waits_for
            places = np.arange(edges.first[row], edges.first[row + 1])
            arrival = network.arrivals(edges, places, plan.finish + self.finish)
            found += edges.before[places[arrival - plan.start[row] >= self.start[row] - TIE]].tolist()
        own = plan.floor[row] == mine or (carried == mine and slips[row] > 0)
        if mine > 0 and own:
            found.append(row)
        return tuple(found)


def delays(
    network: MilestoneNetwork, plan: DatedPlan, slips: Days, seeds: Rows, broken: bool = True
) -> Delays:
    """Return what the delays of `seeds` do to all that waits for them, directly or not.

    s_j = max(0, max_i(E_ij - S_j)), with E_ij the day on which what is waited for lets it begin, and
    d_j = max(floor_j, s_j + slip_j - recoverable_j, 0); a row that is not among the seeds, and that nothing
    reaches, has none. `slips` adds to the delay of a row that is reached or a seed. `broken` rows, whose plan
    does not leave the time that it needs, are seeds too. Cost in proportion to what is touched, and a few
    zeroed columns.
    """
    size = len(network.milestones)
    seeded = np.zeros(size, dtype=np.bool_)
    seeded[seeds] = True
    sweep = _Sweep(network, plan, slips, seeded, np.zeros(size), np.zeros(size), broken)
    if len(seeds) > size // MANY:
        return sweep.pulled(0)
    begin = seeds
    if broken:
        first = _broken(network, plan)
        begin = joined(size, seeds, first)
        sweep.push(network.waits_for, network.waits_for.of(first))
    waiting, touched, count = _Levels(network), [], 0
    waiting.add(begin)
    for level, rows in waiting:
        if count > size // MANY:
            return sweep.pulled(level)
        sweep.settle(rows)
        ahead = network.leads_to.of(rows[sweep.finish[rows] > 0])
        sweep.push(network.leads_to, ahead)
        waiting.add(network.leads_to.after[ahead])
        touched.append(rows)
        count += len(rows)
    reached = np.concatenate([*touched, np.zeros(0, dtype=np.int64)])
    return Delays(sweep.start, sweep.finish, seeded, network.waits_for, reached)


TIE = 1e-9
"""Days by which two delays may differ and still be a tie."""
NARROW = 20
"""Where a level has fewer rows and edges than so many, single rows are faster again."""
MANY = 50
"""Where more than one row in so many is touched, whole levels are faster than single rows."""


@attrs.frozen(eq=False)
class _Sweep:
    """Delays while they are computed."""

    network: MilestoneNetwork
    plan: DatedPlan
    slips: Days
    seeded: NDArray[np.bool_]
    start: Days
    finish: Days
    broken: bool
    """Whether a plan that leaves too little time delays by itself."""

    def push(self, edges: DependencyEdges, places: Rows) -> None:
        """Let what comes over some edges move the start of the rows that they lead to."""
        before, after = edges.before[places], edges.after[places]
        late = self.finish[before]
        delay = late - (self.plan.start[after] - (self.plan.finish[before] + edges.lag[places]))
        if edges.any_working:
            arrival = self.network.lagged(edges, places, self.plan.finish[before] + late)
            delay = np.where(edges.working[places], arrival - self.plan.start[after], delay)
        np.maximum.at(self.start, after, delay)

    def settle(self, rows: Rows) -> None:
        """Set the finish delay of rows whose start delay is known."""
        start, seeded, floor = self.start[rows], self.seeded[rows], self.plan.floor[rows]
        carried = start + (self.slips[rows] - self.network.recoverable[rows])
        own = np.where(seeded, floor, 0.0)
        late = np.where((seeded | (start > 0)) & ~self.plan.fixed[rows], carried, 0.0)
        self.finish[rows] = np.maximum(own, late)

    def pulled(self, level: int) -> Delays:
        """Return the delays when whole levels are settled, from a level on."""
        network, plan, edges = self.network, self.plan, self.network.waits_for
        own = np.where(self.seeded, plan.floor, 0.0)
        added = np.where(plan.fixed, -np.inf, self.slips - network.recoverable)
        unasked = ~self.seeded & (added > 0)  # slips of rows that are delayed by others alone
        late_anyway = bool(unasked.any())
        moved = len(plan.moved) > 0
        buffer = network.buffers_of(plan.start, plan.finish) if moved else network.buffers_planned
        if not edges.any_working and len(own) + len(edges.before) < NARROW * len(network.bounds):
            self._row_by_row(int(network.bounds[level]), own, added, unasked, buffer)
            return Delays(self.start, self.finish, self.seeded, edges)
        bounds, firsts = network.bounds.tolist(), edges.first[network.bounds].tolist()
        starts, finishes, before, offsets = self.start, self.finish, edges.before, network.offsets
        working, broken = edges.any_working, self.broken
        for at in range(level, len(bounds) - 1):
            rows, places = slice(bounds[at], bounds[at + 1]), slice(firsts[at], firsts[at + 1])
            start, finish = starts[rows], finishes[rows]
            if at:  # from the second level on each row waits for some
                late = finishes[before[places]]
                delay = late - buffer[places]
                if working:
                    delay = self._by_calendar(places, late, delay)
                if not broken:
                    delay[late <= 0] = 0.0
                np.maximum(start, np.maximum.reduceat(delay, offsets[rows]), out=start)
            np.add(start, added[rows], out=finish)
            if late_anyway:
                finish[unasked[rows] & (start <= 0)] = 0.0
            np.maximum(own[rows], finish, out=finish)
        return Delays(self.start, self.finish, self.seeded, edges)

    def _row_by_row(
        self, first: int, own: Days, added: Days, unasked: NDArray[np.bool_], buffer: Days
    ) -> None:
        """Settle every row from the `first` on one after the other, as `pulled` does level by level."""
        edges, broken = self.network.waits_for, self.broken
        ends, before, left = edges.first.tolist(), edges.before.tolist(), buffer.tolist()
        starts, finishes = self.start.tolist(), self.finish.tolist()
        floor, more, idle = own.tolist(), added.tolist(), unasked.tolist()
        for row in range(first, len(starts)):
            start = starts[row]
            for at in range(ends[row], ends[row + 1]):
                late = finishes[before[at]]
                if broken or late > 0:
                    start = max(start, late - left[at])
            starts[row] = start
            finishes[row] = max(floor[row], 0.0 if idle[row] and start <= 0 else start + more[row])
        self.start[first:], self.finish[first:] = starts[first:], finishes[first:]

    def _by_calendar(self, places: slice, late: Days, delay: Days) -> Days:
        """Return the delays over some edges where lags count working days."""
        edges, plan = self.network.waits_for, self.plan
        arrival = self.network.lagged(edges, places, plan.finish[edges.before[places]] + late)
        return np.where(edges.working[places], arrival - plan.start[edges.after[places]], delay)


def _broken(network: MilestoneNetwork, plan: DatedPlan) -> Rows:
    if not len(plan.moved):
        return network.broken
    size = len(network.milestones)
    ahead = network.leads_to.after[network.leads_to.of(plan.moved)]
    near = joined(size, plan.moved, ahead, network.broken)
    edges = network.waits_for
    places = edges.of(near)
    late = network.arrivals(edges, places, plan.finish) > plan.start[edges.after[places]]
    return joined(size, edges.after[places[late]])


class _Levels:
    """Yields a level and its rows that wait, from the lowest on; more may be added above meanwhile."""

    def __init__(self, network: MilestoneNetwork) -> None:
        self._bounds = network.bounds
        self._waiting = np.zeros(len(network.milestones), dtype=np.bool_)
        self._heap: list[int] = []

    def add(self, rows: Rows) -> None:
        """Let rows wait."""
        self._waiting[rows] = True
        levels = np.searchsorted(self._bounds, rows, side="right") - 1
        for level in joined(len(self._bounds), levels).tolist():
            heapq.heappush(self._heap, level)

    def __iter__(self) -> Iterator[tuple[int, Rows]]:
        last = -1
        while self._heap:
            level = heapq.heappop(self._heap)
            if level > last:
                low, high = self._bounds[level], self._bounds[level + 1]
                yield level, low + np.flatnonzero(self._waiting[low:high])
                last = level
