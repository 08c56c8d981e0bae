"""Lay milestones and what they wait for out as columns, in the order in which delays travel (S17.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import day_numbers
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.digraph import levels, spans
from okrcore.definitions.initiatives import Milestone
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict, freeze_fields, frozen
from okrcore.schedule.working_lags import Days, working_days_later, working_days_sooner

Rows = NDArray[np.int64]


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class DependencyEdges:
    """Dependencies, grouped by one of their two ends: those of row i are `first[i]` to `first[i + 1]`.

    `before` and `after` are rows, `lag` days, counted in working days where `working`.
    """

    first: Rows
    before: Rows
    after: Rows
    lag: Days
    working: NDArray[np.bool_]

    @classmethod
    def by(
        cls, end: Rows, size: int, before: Rows, after: Rows, lag: Days, working: NDArray[np.bool_]
    ) -> DependencyEdges:
        """Return edges grouped by `end`, one of `before` and `after`; within a row as they were given."""
        order = np.argsort(end, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(end, minlength=size))]).astype(np.int64)
        return cls(first, before[order], after[order], lag[order], working[order])

    @cached_property
    def any_working(self) -> bool:
        """Whether any lag counts working days."""
        return bool(self.working.any())

    def of(self, rows: Rows) -> Rows:
        """Return the places of the edges of some rows, row by row."""
        return spans(self.first[rows], self.first[rows + 1])


@attrs.frozen(eq=False)
class MilestoneNetwork:
    """The milestones of a portfolio in rows, each below all that it waits for; made by `network_of`.

    `start`, `finish` and `due` are day numbers; a milestone without a start begins on its planned finish.
    `bounds` cuts the rows into levels: those of level k wait for none of level k or above.

    >>> from okrcore import Initiative
    >>> work = Initiative(id="work", title="Work")
    >>> one = Milestone(id="one", initiative="work", title="One", due="2026-03-02")
    >>> two = Milestone(id="two", initiative="work", title="Two", due="2026-03-09", after=["one"])
    >>> network = network_of(Portfolio.of(work, two, one))
    >>> network.ids, network.rows["two"]
    (('one', 'two'), 1)
    """

    milestones: tuple[Milestone, ...]
    rows: Mapping[str, int]
    start: Days
    finish: Days
    due: Days
    recoverable: Days
    done: Days
    """The declared day of being done; infinite while open."""
    bounds: Rows
    leads_to: DependencyEdges
    waits_for: DependencyEdges
    calendar: Calendar

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the milestones, by row."""
        return tuple(one.id for one in self.milestones)

    @cached_property
    def buffers_planned(self) -> Days:
        """The days that the plan leaves after each of the edges `waits_for`, lags as calendar days."""
        return frozen(self.buffers_of(self.start, self.finish))

    def buffers_of(self, start: Days, finish: Days) -> Days:
        """Return the days that dates leave after each of the edges `waits_for`, lags as calendar days."""
        edges = self.waits_for
        return start[edges.after] - (finish[edges.before] + edges.lag)

    @cached_property
    def offsets(self) -> Rows:
        """Where the edges of each row begin among those `waits_for` of its level."""
        begins = self.waits_for.first[self.bounds[:-1]]
        return frozen(self.waits_for.first[:-1] - np.repeat(begins, np.diff(self.bounds)))

    @cached_property
    def broken(self) -> Rows:
        """The rows at whose planned start something they wait for is planned not to be over."""
        places = np.arange(len(self.waits_for.before))
        late = self.arrivals(self.waits_for, places, self.finish) > self.start[self.waits_for.after]
        return frozen(joined(len(self.start), self.waits_for.after[late]))

    @cached_property
    def may_be_late(self) -> Rows:
        """The rows that are not declared done by their planned finish, by planned finish."""
        rows = np.flatnonzero(self.done > self.finish)
        return frozen(rows[np.argsort(self.finish[rows], kind="stable")])

    def buffers(self, id: str) -> tuple[float, ...]:
        """Return the days that the plan leaves after each that a milestone waits for, in their order."""
        row, edges = self.rows[id], self.waits_for
        places = np.arange(edges.first[row], edges.first[row + 1])
        return tuple((self.start[row] - self.arrivals(edges, places, self.finish)).tolist())

    def arrivals(self, edges: DependencyEdges, places: Rows, finish: Days) -> Days:
        """Return when what each edge comes from lets the other begin, given the finish of every row."""
        return self.lagged(edges, places, finish[edges.before[places]])

    def lagged(self, edges: DependencyEdges, places: Rows | slice, days: Days) -> Days:
        """Return the day after each edge's lag, from a day each."""
        found = days + edges.lag[places]
        if edges.any_working and (working := edges.working[places]).any():
            found[working] = working_days_later(days[working], edges.lag[places][working], self.calendar)
        return found

    def unlagged(self, edges: DependencyEdges, places: Rows | slice, days: Days) -> Days:
        """Return the last day from which each edge's lag still ends by a day each."""
        found = days - edges.lag[places]
        if edges.any_working and (working := edges.working[places]).any():
            found[working] = working_days_sooner(days[working], edges.lag[places][working], self.calendar)
        return found


def joined(size: int, *rows: Rows) -> Rows:
    """Return the rows that are in any of these, in order, out of `size`."""
    found = np.zeros(size, dtype=np.bool_)
    for some in rows:
        found[some] = True
    return np.flatnonzero(found)


def network_of(portfolio: Portfolio) -> MilestoneNetwork:
    """Return the network of a portfolio's milestones, made once for versions that share them.

    Cost in proportion to milestones and dependencies.
    """
    return _NETWORK.of(portfolio)


def _network(portfolio: Portfolio) -> MilestoneNetwork:
    declared, size = portfolio.milestones, len(portfolio.milestones)
    place = {one.id: at for at, one in enumerate(declared)}
    steps = [step for one in declared for step in one.after]
    waiting = np.fromiter((len(one.after) for one in declared), np.int64, size)
    after = np.repeat(np.arange(size), waiting)
    before = np.fromiter((place[step.milestone] for step in steps), np.int64, len(steps))
    height = levels(size, after, before)
    order = np.argsort(height, kind="stable")
    row = np.empty(size, dtype=np.int64)
    row[order] = np.arange(size)
    milestones = tuple(declared[at] for at in order.tolist())
    parts = (
        row[before],
        row[after],
        np.fromiter((step.lag_days for step in steps), np.float64, len(steps)),
        np.fromiter((step.working for step in steps), np.bool_, len(steps)),
    )
    closed = [at for at, one in enumerate(milestones) if one.done]
    done = np.full(size, np.inf)
    done[closed] = _days(milestones[at].done for at in closed)
    columns = {
        "start": _days(one.start or one.finish or one.due for one in milestones),
        "finish": _days(one.finish or one.due for one in milestones),
        "due": _days(one.due for one in milestones),
        "recoverable": np.fromiter((one.recoverable_days for one in milestones), np.float64, size),
        "done": done,
        "bounds": np.searchsorted(height[order], np.arange(height.max() + 2 if size else 1)),
    }
    return MilestoneNetwork(
        milestones=milestones,
        rows=FrozenDict(zip((one.id for one in milestones), range(size), strict=True)),
        leads_to=DependencyEdges.by(parts[0], size, *parts),
        waits_for=DependencyEdges.by(parts[1], size, *parts),
        calendar=portfolio.calendar,
        **{name: frozen(column) for name, column in columns.items()},
    )


def _days(days: Iterable[object]) -> Days:
    return day_numbers(days).astype(np.float64)  # type: ignore[arg-type]


_NETWORK = Derivation(("milestones", "calendar"), _network)
