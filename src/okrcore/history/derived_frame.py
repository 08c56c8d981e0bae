"""Answer for formula KPIs over a dataframe: inputs are reduced on its engine, as known when asked (S22.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from attrs import field
from numpy.typing import NDArray

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import DAY, local_days, start_of_day
from okrcore.definitions.formulas import FormulaInput, ResolvedFormula
from okrcore.errors import UnitError
from okrcore.history.backends import HistoryBackend, facts_of
from okrcore.history.formula_entries import all_entries, entry_batch
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.formula_timelines import INPUTS_SAID, Periods, Timelines
from okrcore.history.frames.frame_history import FrameHistory
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.history.observation import Observation
from okrcore.history.requests import Found, Ints, Window
from okrcore.history.results import Series
from okrcore.units.conversion import route
from okrcore.units.rates import Rates, convert


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

    The frame's rows stay on the engine: of each input one row a period comes back. Sums of money in another
    currency are not exchanged there; such a value is unknown. Trust of the inputs is not told.
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
        own = derived.newest(
            derived.codes(codes[there].tolist()), attrs.evolve(window.at(there), known_at=None)
        )
        own = attrs.evolve(own, row=np.where(own.row >= 0, there, -1))
        if not len(here):
            return own
        return Found.joined([(here, super().newest(codes[here], window.at(here))), (there, own)])

    def last(self, measure: str, window: Window) -> Observation | None:
        """Return what `newest` finds for one measure."""
        if measure not in self._computing.formulas:
            return super().last(measure, window)
        derived = facts_of(self._derived(window.known_at))
        return derived.last(measure, attrs.evolve(window, known_at=None))

    def totals(self, codes: NDArray[Any], window: Window, aggregates: Sequence[str]) -> tuple[Ints, Found]:
        """Return (offsets, entries): for each request one sum, greatest or least value by unit."""
        here, there = self._split(codes)
        if not len(there):
            return super().totals(codes, window, aggregates)
        derived = facts_of(self._derived(window.known_at))
        names = [aggregates[at] for at in there.tolist()]
        known = attrs.evolve(window.at(there), known_at=None)
        offsets, own = derived.totals(derived.codes(codes[there].tolist()), known, names)
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

    def _split(self, codes: NDArray[Any]) -> tuple[Ints, Ints]:
        derived = np.array([code in self._computing.formulas for code in codes.tolist()], dtype=np.bool_)
        return np.flatnonzero(~derived), np.flatnonzero(derived)


def _derived(frame: FrameHistory, computing: FrameFormulas, known: int | None) -> History:
    """Return the derived records of a frame as known at a moment, level by level."""
    done = History()
    days = frame.days_of([one.series for one in _inputs(computing)], known)
    if days is None:
        return done
    for level in computing.grids:
        batches = []
        for grid in level:
            edges = computing.calendar.edges(grid.cadence, *days)
            periods = Periods(edges, computing.calendar.timezone)
            lines = [
                _lines(
                    done if one.series in computing.formulas else frame, one, at, periods, computing, known
                )
                for at, one in enumerate(grid.columns)
            ]
            batches.append(entry_batch(grid, periods, all_entries(grid, periods, lines)))
        for batch in batches:
            done = done.with_batch(batch)
    return done


def _inputs(computing: FrameFormulas) -> list[FormulaInput]:
    return [one for level in computing.grids for grid in level for one in grid.columns]


def _lines(
    history: FrameHistory | History,
    one: FormulaInput,
    column: int,
    periods: Periods,
    computing: FrameFormulas,
    known: int | None,
) -> Timelines:
    """Return what each period of one column holds, reduced where the rows are."""
    facts: HistoryBackend = facts_of(history)
    known = None if isinstance(history, History) else known
    codes = np.repeat(facts.codes([one.series]), len(periods))
    starts = np.array([start_of_day(int(day), periods.zone) for day in periods.edges], dtype=np.int64)
    window = Window(end_day=periods.last, end_instant=starts[1:] - 1, known_at=known)
    if not one.carried:
        window = attrs.evolve(window, start_day=periods.edges[:-1], start_instant=starts[:-1])
    if one.carried or one.aggregate == "latest":
        found, offsets = facts.newest(codes, window), np.arange(len(periods) + 1)
    else:
        offsets, found = facts.totals(codes, window, [one.aggregate] * len(codes))
    days = found.columns.at // DAY
    if found.added is not None and _is_exchanged(found, one, computing):
        offsets, found, days = _by_day(facts, one, periods, known)
    values = reduce(_converted(found, one, computing, days), offsets, one.aggregate, found.added)
    owner = np.repeat(np.arange(len(periods)), np.diff(offsets))
    there = np.zeros(len(periods), dtype=np.bool_)
    there[owner[found.row >= 0]] = True
    own = there.copy()
    if one.carried:
        columns = found.columns
        day = local_days(columns.at, columns.day, columns.date_only, periods.zone)
        own &= day >= periods.edges[:-1]
        if one.cadence is not None and there.any():
            edges = computing.calendar.edges(one.cadence, int(day[there].min()), int(day[there].max()))
            inner = np.searchsorted(edges, day, side="right") - 1
            fresh = edges[np.clip(inner + 2, 0, len(edges) - 1)] - 1 + computing.grace
            there &= periods.last <= fresh
    kept = np.flatnonzero(there)
    unsaid = np.full(len(kept), len(INPUTS_SAID) - 1, np.int8)
    return Timelines(column * len(periods) + kept, periods.end[kept], values[kept], own[kept], unsaid)


def _is_exchanged(found: Found, one: FormulaInput, computing: FrameFormulas) -> bool:
    """Whether any of the units found is exchanged into the one wanted: at the rate of each day."""
    given = {text or one.unit for text in found.units} - {one.wanted}
    try:
        return bool(one.wanted) and any(route(text, one.wanted, computing.declared).power for text in given)
    except UnitError:  # told where values are converted
        return False


def _by_day(
    facts: HistoryBackend, one: FormulaInput, periods: Periods, known: int | None
) -> tuple[Ints, Found, Ints]:
    """Return what was added up day by day: offsets of the periods, the parts, and the day of each."""
    days = np.arange(periods.edges[0], periods.edges[-1] + 1)
    starts = np.array([start_of_day(int(day), periods.zone) for day in days], dtype=np.int64)
    window = Window(
        start_day=days[:-1], end_day=days[:-1], start_instant=starts[:-1], end_instant=starts[1:] - 1,
        known_at=known,
    )  # fmt: skip
    codes = np.repeat(facts.codes([one.series]), len(days) - 1)
    offsets, found = facts.totals(codes, window, [one.aggregate] * len(codes))
    return offsets[periods.edges - periods.edges[0]], found, np.repeat(days[:-1], np.diff(offsets))


def _converted(found: Found, one: FormulaInput, computing: FrameFormulas, day: Ints) -> NDArray[np.float64]:
    """Return values in the unit wanted, at the rate of the `day` of each; NaN where one does not convert."""
    result = np.where(found.row >= 0, found.columns.value, np.nan)
    for code, text in enumerate(found.units):
        given, rows = text or one.unit, np.flatnonzero(found.columns.unit == code)
        if given == one.wanted or not one.wanted or not len(rows):
            continue
        try:
            values = convert(
                result[rows],
                given,
                one.wanted,
                declared=computing.declared,
                rates=computing.rates,
                dates=day[rows],
            )
            if (
                found.added is not None and not route(given, one.wanted, computing.declared).power
            ):  # the sum of n values a * x + b is a * sum + n * b
                zero = convert(np.zeros(len(rows)), given, one.wanted, declared=computing.declared)
                values = values + (found.added[rows] - 1) * zero
            result[rows] = values
        except UnitError:
            result[rows] = np.nan
    return result
