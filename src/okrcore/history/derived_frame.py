"""Answer for formula KPIs over a dataframe: inputs are reduced on its engine, as known when asked (S22.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from attrs import field
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import day_number, local_days
from okrcore.definitions.formulas import FormulaInput, ResolvedFormula
from okrcore.history.backends import facts_of
from okrcore.history.formula_entries import all_entries, entry_batch
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.formula_timelines import INPUTS_SAID, Floats, Periods, Timelines
from okrcore.history.frames.frame_history import FrameHistory
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.history.observation import Observation
from okrcore.history.period_entries import PeriodEntries, entries_in
from okrcore.history.requests import Edges, Flags, Found, Ints, Window
from okrcore.history.results import Series
from okrcore.units.rates import Rates


@attrs.frozen(eq=False)
class FrameFormulas:
    """The formulas of a portfolio, and how they are computed over a frame."""

    formulas: Mapping[str, ResolvedFormula]
    grids: Sequence[Sequence[FormulaGrid]]
    calendar: Calendar
    declared: tuple[str, ...]
    rates: Rates | None
    grace: int


@attrs.frozen(eq=False, repr=False)
class DerivedFrame(FrameHistory):
    """A history over a frame with the values of formula KPIs, which are made when they are first asked for.

    The frame's rows stay on the engine: of each input one row a period comes back, of sums of money in
    another currency one a day. Trust of the inputs is not told.
    """

    _computing: FrameFormulas = field(kw_only=True, alias="computing")
    _made: dict[int | None, History] = field(factory=dict, kw_only=True, alias="made")

    def _derived(self, known_at: int | None) -> History:
        """Return the derived records as known at a moment."""
        known = self._known(known_at)
        if known not in self._made:
            self._made[known] = _derived(FrameHistory(self.engine, self._rows), self._computing, known)
        return self._made[known]

    def newest(self, codes: NDArray[Any], window: Window) -> Found:
        """Return the observation with the greatest time in each request's window: one entry a request."""
        here, there = self._split(codes)
        if not len(there):
            return super().newest(codes, window)
        derived = facts_of(self._derived(window.known_at))
        own = derived.newest(derived.codes(codes[there].tolist()), self._within(window.at(there)))
        own = attrs.evolve(own, row=np.where(own.row >= 0, there, -1))
        if not len(here):
            return own
        return Found.joined([(here, super().newest(codes[here], window.at(here))), (there, own)])

    def last(self, measure: str, window: Window) -> Observation | None:
        """Return what `newest` finds for one measure."""
        if measure not in self._computing.formulas:
            return super().last(measure, window)
        derived = facts_of(self._derived(window.known_at))
        return derived.last(measure, self._within(window))

    def totals(self, codes: NDArray[Any], window: Window, aggregates: Sequence[str]) -> tuple[Ints, Found]:
        """Return (offsets, entries): for each request one sum, greatest or least value by unit."""
        here, there = self._split(codes)
        if not len(there):
            return super().totals(codes, window, aggregates)
        derived = facts_of(self._derived(window.known_at))
        names = [aggregates[at] for at in there.tolist()]
        asked = self._within(window.at(there))
        offsets, own = derived.totals(derived.codes(codes[there].tolist()), asked, names)
        one = np.ones(len(own.row), dtype=np.int64)
        parts = [(np.repeat(there, np.diff(offsets)), attrs.evolve(own, added=one, count=one))]
        if len(here):
            offsets, rest = super().totals(
                codes[here], window.at(here), [aggregates[at] for at in here.tolist()]
            )
            parts.append((np.repeat(here, np.diff(offsets)), rest))
        owners = np.sort(np.concatenate([owner for owner, _ in parts]))
        return np.searchsorted(owners, np.arange(len(codes) + 1)), Found.joined(parts)

    def series(self, measure: str, start: Moment | None = None, end: Moment | None = None) -> Series:
        """Return the chosen value of each time of `measure` inside [start, end], None being open."""
        if measure in self._computing.formulas:
            return self._derived(None).series(measure, start, end)
        return super().series(measure, start, end)

    def days_of(self, measures: Sequence[str], known_at: int | None = None) -> Mapping[str, tuple[int, int]]:
        """Return the first and last day (since 1970-01-01, UTC) of each of some measures with a record."""
        asked = [name for name in measures if name in self._computing.formulas]
        found = dict(super().days_of([name for name in measures if name not in asked], known_at))
        for name in asked:
            days = [day_number(day) for day in self._derived(known_at).series(name).times]
            if days:
                found[name] = days[0], days[-1]
        return found

    def _split(self, codes: NDArray[Any]) -> tuple[Ints, Ints]:
        derived = np.array([code in self._computing.formulas for code in codes.tolist()], dtype=np.bool_)
        return np.flatnonzero(~derived), np.flatnonzero(derived)


def _derived(frame: FrameHistory, computing: FrameFormulas, known: int | None) -> History:
    """Return the derived records of a frame as known at a moment, level by level."""
    done = History()
    spans = frame.days_of([one.series for one in _inputs(computing)], known).values()
    if not spans:
        return done
    first, last = min(first for first, _ in spans), max(last for _, last in spans)
    for level in computing.grids:
        batches = []
        for grid in level:
            edges = computing.calendar.edges(grid.cadence, first, last)
            periods = Periods(edges, computing.calendar.timezone)
            lines = _lines(frame, done, grid, periods, computing, known)
            batches.append(entry_batch(grid, periods, all_entries(grid, periods, lines)))
        for batch in batches:
            done = done.with_batch(batch)
    return done


def _inputs(computing: FrameFormulas) -> list[FormulaInput]:
    return [one for level in computing.grids for grid in level for one in grid.columns]


def _lines(
    frame: FrameHistory,
    done: History,
    grid: FormulaGrid,
    periods: Periods,
    computing: FrameFormulas,
    known: int | None,
) -> list[Timelines]:
    """Return what each period of the columns of a grid holds: of those reduced alike by one question."""
    lines: list[Timelines] = []
    alike: dict[tuple[bool, str], list[int]] = {}
    for column, one in enumerate(grid.columns):
        of_formula = one.series in computing.formulas
        if one.carried:
            history = done if of_formula else frame
            lines.append(_carried(history, one, column, periods, computing, None if of_formula else known))
        else:
            alike.setdefault((of_formula, one.aggregate), []).append(column)
    for (of_formula, aggregate), columns in alike.items():
        asked = [grid.columns[column] for column in columns]
        entries = PeriodEntries.of(
            facts_of(done if of_formula else frame),
            [one.series for one in asked],
            Edges.of(periods.edges, periods.zone),
            aggregate,
            (None if of_formula else known, None),
            grid.by_author[columns],
        )
        units = [(one.unit, one.wanted) for one in asked]
        values = entries.values(units, computing.declared, computing.rates, periods.zone)
        for row, column in enumerate(columns):
            there = entries.counts[row] > 0
            if grid.silent[column] and there.any():
                place = np.flatnonzero(there)
                silent = ~there & (np.arange(len(there)) > place[0]) & (np.arange(len(there)) < place[-1])
                values[row, silent] = 0.0
                there = there | silent
            lines.append(_timelines(column, periods, values[row], there, there))
    return lines


def _carried(
    history: FrameHistory | History,
    one: FormulaInput,
    column: int,
    periods: Periods,
    computing: FrameFormulas,
    known: int | None,
) -> Timelines:
    """Return what a column of a coarser cadence holds in each period: its newest value, until it is stale."""
    facts, edges = facts_of(history), Edges.of(periods.edges, periods.zone)
    window = Window(end_day=periods.last, end_instant=edges.instants[1:] - 1, known_at=known)
    found = facts.newest(np.repeat(facts.codes([one.series]), len(periods)), window)
    columns, there = found.columns, found.row >= 0
    day = local_days(columns.at, columns.day, columns.date_only, periods.zone)
    own = there & (day >= periods.edges[:-1])
    if one.cadence is not None and there.any():
        starts = computing.calendar.edges(one.cadence, int(day[there].min()), int(day[there].max()))
        inner = np.searchsorted(starts, day, side="right") - 1
        fresh = starts[np.clip(inner + 2, 0, len(starts) - 1)] - 1 + computing.grace
        there &= periods.last <= fresh
    first = np.zeros(len(periods), dtype=np.int64)
    values = entries_in(found, first, day, [(one.unit, one.wanted)], computing.declared, computing.rates)
    return _timelines(column, periods, values, there, own)


def _timelines(column: int, periods: Periods, values: Floats, there: Flags, own: Flags) -> Timelines:
    kept = np.flatnonzero(there)
    unsaid = np.full(len(kept), len(INPUTS_SAID) - 1, np.int8)
    return Timelines(column * len(periods) + kept, periods.end[kept], values[kept], own[kept], unsaid)
