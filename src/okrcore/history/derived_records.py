"""Make the records of formula KPIs: all of them, or those that new records of the inputs change (S22.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import DAY, local_days, to_date
from okrcore.definitions.formulas import FormulaInput, ResolvedFormula
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import Problem, UnitError
from okrcore.frozen import FrozenDict
from okrcore.history.column_reader import ColumnReader
from okrcore.history.formula_entries import (
    FormulaEntries,
    all_entries,
    cells_read,
    entry_batch,
    some_entries,
)
from okrcore.history.formula_plan import FormulaGrid, Spread
from okrcore.history.formula_timelines import Periods, Timelines
from okrcore.history.history import History
from okrcore.history.observation import FORMULA_SYSTEM
from okrcore.history.records import Batch, Records
from okrcore.history.requests import Ints
from okrcore.units.rates import Rates


@attrs.frozen(eq=False)
class DerivedHistory:
    """A history with derived records, and what of the inputs did not convert, by formula.

    `overruled` are the formulas under whose own ids something was recorded, which is not read.
    """

    history: History
    problems: Mapping[str, tuple[Problem, ...]]
    overruled: frozenset[str] = frozenset()


@attrs.frozen(eq=False)
class MadeDerivation:
    """What was derived from a history: under which formulas and rates, from how many of its records."""

    formulas: Mapping[str, ResolvedFormula]
    calendar: Calendar
    rates: Rates | None
    grace: int
    delivered: int
    derived: History
    """The derived records alone."""
    whole: DerivedHistory

    def serves(self, formulas: object, calendar: Calendar, rates: Rates | None, grace: int) -> bool:
        """Whether this is what is asked for, as far as it goes."""
        same = self.formulas is formulas or self.formulas == formulas
        return same and self.calendar == calendar and self.rates == rates and self.grace == grace


def _overruled(batch: Batch, formulas: Mapping[str, object]) -> frozenset[str]:
    """Return the formulas under whose ids something was recorded that no formula made."""
    made = np.array([one.system == FORMULA_SYSTEM and one.mode == "derived" for one in batch.contexts], bool)
    codes = np.unique(batch.records.code[~made[batch.records.context]])
    return frozenset(formulas.keys() & {batch.measures[code] for code in codes.tolist()})


class DerivedRecords:
    """One derivation: the whole, or what changed since the one `before`."""

    def __init__(
        self,
        portfolio: Portfolio,
        history: History,
        formulas: Mapping[str, ResolvedFormula],
        grids: Sequence[Sequence[FormulaGrid]],
        rates: Rates | None,
        grace: int,
        before: MadeDerivation | None,
    ) -> None:
        self.calendar, self.units = portfolio.calendar, portfolio.units
        self.formulas, self.grids, self.rates, self.grace = formulas, grids, rates, grace
        self.delivered = history.delivered
        self.fresh = before is None
        self.problems: dict[str, dict[Problem, None]] = {}
        self.overruled: frozenset[str] = frozenset()
        if before is None:
            if formulas.keys() & set(history.measures):
                self.overruled = _overruled(Batch.of(history.records(), *history.vocabularies), formulas)
            self.base = history.without_measures([*formulas])
            self.now, self.derived = self.base, History()
            self.changed: list[Batch] = []
        else:
            self.problems = {name: dict.fromkeys(said) for name, said in before.whole.problems.items()}
            self.base, self.derived = history, before.derived
            new = history.records(since=before.delivered)
            batch = Batch.of(new, *history.vocabularies)
            self.overruled = before.whole.overruled | _overruled(batch, formulas)
            own = [code for code, name in enumerate(batch.measures) if name in formulas]
            if own:
                rows = np.flatnonzero(~np.isin(new.code, history.codes([*formulas])))
                batch = Batch.of(new.select(rows), *history.vocabularies)
            self.changed = [batch]
            self.now = before.whole.history.with_batch(batch)
            if self.now is before.whole.history:
                self.now = attrs.evolve(self.now)  # one history, one answer to what somebody recorded

    def done(self) -> MadeDerivation:
        """Derive level by level, each from what is observed and from those before."""
        for level in self.grids:
            self.changed += [batch for grid in level if (batch := self._grid(grid)) is not None]
        problems = {name: tuple(said) for name, said in self.problems.items()}
        whole = DerivedHistory(self.now, FrozenDict(problems), self.overruled)
        return MadeDerivation(
            self.formulas, self.calendar, self.rates, self.grace, self.delivered, self.derived, whole
        )

    def _grid(self, grid: FormulaGrid) -> Batch | None:
        """Derive the formulas of one grid; return what is new or changed among their records."""
        if self.fresh:
            codes = self.now.codes(grid.series)
            columns, days = np.flatnonzero(codes >= 0), np.array(self.now.days)
        else:
            touched = [self._touched(grid, batch) for batch in self.changed]
            columns, days = (np.concatenate(parts) for parts in zip(*touched, strict=True))
        if not len(columns):
            return None
        periods = self._periods(grid, days)
        reader = ColumnReader(
            self.now, grid, self.calendar, self.units, self.rates, self.grace, self._note(grid)
        )
        if self.fresh:
            parts = reader.read(periods, np.arange(len(grid.columns)), None)
            return self._settled(grid, periods, all_entries(grid, periods, parts), None)
        cells = self._cells(grid, periods, columns, days)
        lines = Timelines.joined(reader.read(periods, *cells_read(grid, periods, cells)))
        return self._settled(grid, periods, some_entries(grid, periods, lines, cells), cells)

    def _note(self, grid: FormulaGrid) -> Callable[[FormulaInput, UnitError, int], None]:
        def note(column: FormulaInput, error: UnitError, day: int) -> None:
            for row in grid.readers.expand(np.array([grid.columns.index(column)]))[1].tolist():
                name = grid.formulas[row].id
                for problem in error.problems:
                    said = f"{problem.message}; {column.series!r} observed on {to_date(day)}"
                    self.problems.setdefault(name, {})[attrs.evolve(problem, message=said, path=name)] = None

        return note

    def _touched(self, grid: FormulaGrid, batch: Batch) -> tuple[Ints, Ints]:
        """Return the columns that read records of a batch, and the day of each."""
        records = batch.records
        read = Spread.of([grid.columns_of.get(name, ()) for name in batch.measures])
        code = records.code.astype(np.int64)
        place, column = read.expand(code) if len(code) else (code, code)
        utc = np.where(records.day, records.time, records.time // DAY)
        day = local_days(records.time[place], utc[place], records.day[place], self.calendar.timezone)
        return column, day

    def _periods(self, grid: FormulaGrid, days: Ints) -> Periods:
        first, last = int(days.min()), int(days.max())
        if not self.fresh:
            around = int(grid.cadence.mean_days * (int(grid.reach.max(initial=0)) + 2)) + 2
            first, last = first - around, last + around
            if (grid.carried | grid.silent).any():  # these are read whole
                first, last = min(first, self.now.days[0] - 1), max(last, self.now.days[1] + 1)
        edges = self.calendar.edges(grid.cadence, first, last)
        return Periods(edges, self.calendar.timezone)

    def _cells(self, grid: FormulaGrid, periods: Periods, columns: Ints, days: Ints) -> Ints:
        """Return the formulas' cells that new records may change: formula times periods, plus the period."""
        period = periods.of(days)
        until = period + 1
        for column in np.unique(columns).tolist():
            one = grid.columns[column]
            mine = np.flatnonzero(columns == column)
            if one.carried or one.silent:
                until[mine] = len(periods)
            if one.silent:  # its record may end a silence, or begin one
                period[mine] = 0
        place, formula = grid.readers.expand(columns)
        first = np.maximum(period[place], 0)
        stop = np.minimum(until[place] + grid.reach[formula], len(periods))
        counts = np.maximum(stop - first, 0)
        owner = np.repeat(np.arange(len(formula)), counts)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.unique(formula[owner] * len(periods) + first[owner] + step)

    def _settled(
        self, grid: FormulaGrid, periods: Periods, entries: FormulaEntries, cells: Ints | None
    ) -> Batch | None:
        """Put derived records among the others: those that say anew what was said before take its place."""
        gone = np.empty(0, np.int64)
        if cells is not None:
            entries, gone = self._beside(grid, periods, entries, cells)
        if len(gone):
            formula, period = np.divmod(gone, len(periods))
            names = [grid.formulas[row].id for row in formula.tolist()]
            self.derived = self.derived.without_days(names, periods.last[period])
        batch = entry_batch(grid, periods, entries)
        self.derived = self.derived.with_batch(batch)
        if len(gone):
            base = self.base.without_measures([*self.formulas])
            self.now = base.with_batch(self.derived.batch())
        else:
            self.now = self.now.with_batch(batch)
        if cells is None:
            return batch if len(batch.records) else None
        return self._marks(grid, periods, cells)

    def _marks(self, grid: FormulaGrid, periods: Periods, cells: Ints) -> Batch | None:
        """Return records that stand for all cells looked at, so that their readers are looked at."""
        if not len(cells):
            return None
        formula, period = np.divmod(cells, len(periods))
        size = len(cells)
        records = Records(
            formula.astype(np.int32), np.ones(size, np.bool_), periods.last[period], np.zeros(size),
            np.zeros(size, np.int64), np.zeros(size, np.int32),
        )  # fmt: skip
        return Batch([one.id for one in grid.formulas], [], records)

    def _beside(
        self, grid: FormulaGrid, periods: Periods, entries: FormulaEntries, cells: Ints
    ) -> tuple[FormulaEntries, Ints]:
        """Return the entries that are not there yet, and the cells in which what is there must go first."""
        formula, period = np.divmod(cells, len(periods))
        codes = self.derived.codes([one.id for one in grid.formulas])[formula]
        last = periods.last[period]
        offsets, rows = self.derived.window_rows(codes, last, 1, last, 0, superseded=True)
        found = self.derived.take(rows)
        old_cell = np.repeat(cells, np.diff(offsets))
        order = np.lexsort((found.recorded, old_cell))
        old = old_cell[order], found.recorded[order], found.value[order]
        return _unsaid(entries, old)


def _unsaid(
    entries: FormulaEntries, old: tuple[Ints, Ints, NDArray[np.float64]]
) -> tuple[FormulaEntries, Ints]:
    """Return the entries that follow what was said of their cell, and the cells where these say otherwise."""
    said: dict[int, list[tuple[int, float]]] = {}
    for cell, known, value in zip(*(column.tolist() for column in old), strict=True):
        said.setdefault(cell, []).append((known, value))
    kept, gone = np.ones(len(entries.cell), np.bool_), []
    begins: dict[int, int] = {}
    counts: dict[int, int] = {}
    for row, cell in enumerate(entries.cell.tolist()):
        begins.setdefault(cell, row)
        counts[cell] = counts.get(cell, 0) + 1
    for cell, lines in said.items():
        first, many = begins.get(cell, 0), counts.get(cell, 0)
        rows = slice(first, first + min(len(lines), many))
        fresh = [*zip(entries.known[rows].tolist(), entries.value[rows].tolist(), strict=True)]
        if len(fresh) == len(lines) and all(
            one[0] == other[0] and (one[1] == other[1] or (one[1] != one[1] and other[1] != other[1]))
            for one, other in zip(fresh, lines, strict=True)
        ):
            kept[rows] = False
        else:
            gone.append(cell)
    return entries.at(kept), np.array(sorted(gone), dtype=np.int64)
