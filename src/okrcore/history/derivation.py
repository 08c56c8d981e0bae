"""Derive the values of formula KPIs from a history: dated, sourced, restated when an input is (S22.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import DAY, local_days, to_date
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.digraph import grouped
from okrcore.definitions.formula_values import formula_values, needed
from okrcore.definitions.formulas import FormulaInput, ResolvedFormula, formulas_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import Problem, UnitError
from okrcore.frozen import FrozenDict
from okrcore.history.former_names import followed
from okrcore.history.formula_plan import FormulaGrid, Spread, formula_grids
from okrcore.history.formula_timelines import (
    INPUTS_SAID,
    ColumnReader,
    Periods,
    Timelines,
)
from okrcore.history.history import History
from okrcore.history.observation import FORMULA_SYSTEM
from okrcore.history.provenance import Provenance
from okrcore.history.records import Batch, Records
from okrcore.history.requests import Ints
from okrcore.units.rates import Rates

GRACE = 3
"""Days after its period's end until which a carried input is no more stale, as `ScoringPolicy` has it."""


def derive(
    portfolio: Portfolio, history: History, *, rates: Rates | None = None, grace_days: int = GRACE
) -> History:
    """Return the history with the values of the portfolio's formula KPIs among its records (S22.3).

    There is one record a period in which an input was observed, at its last day, known from the later of its
    end and its last input, and one more for each later record of an input that changes it: so a restated cost
    restates the margin, and every question with `known_at` is answered as it was then. Its source system is
    "formula", its mode "derived", its query names the weakest mode among its inputs, and its definition
    stands for the expression and what it reads. What divides by 0 is a record of NaN: undefined, not missing.

    A period whose inputs are not all known has no record, unless the formula coalesces. What is recorded
    under the id of a formula KPI is not read. Money is exchanged at the rate of each record's day, by
    default the portfolio's; what does not convert makes the value undefined. `grace_days` says for how long
    past its next period an input of a coarser cadence is carried.

    `evaluate` and the like do this themselves. A history remembers what was derived from it, so asking again
    costs nothing, and after an append only the periods that it touches are computed. A ledger takes no
    derived records.

    >>> from okrcore import Formula, Kpi, Observation
    >>> sales, cost = (Kpi(id=name, title=name, unit="EUR", cadence="monthly") for name in ("sales", "cost"))
    >>> formula = Formula("(sales - cost) / sales", {"sales": "sales", "cost": "cost"})
    >>> margin = Kpi(id="margin", title="Margin", unit="%", formula=formula)
    >>> records = [Observation("sales", "2026-01-31", 200), Observation("cost", "2026-01-31", 150)]
    >>> derived = derive(Portfolio.of(sales, cost, margin), History.of(records))
    >>> derived.latest("margin", "2026-01-31").value
    25.0
    """
    return derivation_of(portfolio, history, rates=rates, grace=grace_days).history


@attrs.frozen(eq=False)
class DerivedHistory:
    """A history with derived records, and what of the inputs did not convert, by formula."""

    history: History
    problems: Mapping[str, tuple[Problem, ...]]


@attrs.frozen(eq=False)
class _Made:
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


def derivation_of(
    portfolio: Portfolio, history: History, *, rates: Rates | None = None, grace: int = GRACE
) -> DerivedHistory:
    """Return what `derive` does, with its problems; ids that were renamed are followed."""
    history = followed(portfolio, history)
    formulas = formulas_of(portfolio)
    if not formulas:
        return DerivedHistory(history, FrozenDict())
    rates, calendar = portfolio.rates_or(rates), portfolio.calendar
    for made in history.made:
        if made.serves(formulas, calendar, rates, grace) and (
            made.delivered == history.delivered or made.whole.history is history
        ):
            return made.whole  # type: ignore[no-any-return]
    before = next((one for one in history.made if one.serves(formulas, calendar, rates, grace)), None)
    made = _Work(portfolio, history, formulas, _GRIDS.of(portfolio), rates, grace, before).done()
    history.remember(made)
    made.whole.history.remember(made)
    return made.whole


_GRIDS = Derivation(("kpis", "key_results", "units"), lambda portfolio: formula_grids(formulas_of(portfolio)))


class _Work:
    """One derivation: the whole, or what changed since the one `before`."""

    def __init__(
        self,
        portfolio: Portfolio,
        history: History,
        formulas: Mapping[str, ResolvedFormula],
        grids: Sequence[Sequence[FormulaGrid]],
        rates: Rates | None,
        grace: int,
        before: _Made | None,
    ) -> None:
        self.calendar, self.units = portfolio.calendar, portfolio.units
        self.formulas, self.grids, self.rates, self.grace = formulas, grids, rates, grace
        self.recorded, self.delivered = history, history.delivered
        self.fresh = before is None
        self.problems: dict[str, dict[Problem, None]] = {}
        if before is None:
            self.base = history.without_measures([*formulas])
            self.now, self.derived = self.base, History()
            self.changed = [Batch.of(self.base.records(), *self.base.vocabularies)]
        else:
            self.problems = {name: dict.fromkeys(said) for name, said in before.whole.problems.items()}
            self.base, self.derived = history, before.derived
            new = history.records(since=before.delivered)
            batch = Batch.of(new, *history.vocabularies)
            own = [code for code, name in enumerate(batch.measures) if name in formulas]
            if own:
                rows = np.flatnonzero(~np.isin(new.code, history.codes([*formulas])))
                batch = Batch.of(new.select(rows), *history.vocabularies)
            self.changed = [batch]
            self.now = before.whole.history.with_batch(batch)

    def done(self) -> _Made:
        """Derive level by level, each from what is observed and from those before."""
        for level in self.grids:
            found = [batch for grid in level if (batch := self._grid(grid)) is not None]
            self.changed += found
        problems = {name: tuple(said) for name, said in self.problems.items()}
        whole = DerivedHistory(self.now, FrozenDict(problems))
        return _Made(
            self.formulas, self.calendar, self.rates, self.grace, self.delivered, self.derived, whole
        )

    def _grid(self, grid: FormulaGrid) -> Batch | None:
        """Derive the formulas of one grid; return what is new or changed among their records."""
        touched = [self._touched(grid, batch) for batch in self.changed]
        columns, days = (np.concatenate(parts) for parts in zip(*touched, strict=True))
        if not len(columns):
            return None
        periods = self._periods(grid, days)
        reader = ColumnReader(
            self.now, grid, self.calendar, self.units, self.rates, self.grace, self._note(grid)
        )
        if self.fresh:
            lines = reader.read(periods, np.arange(len(grid.columns)), None)
            cells = None
        else:
            cells = self._cells(grid, periods, reader, columns, days)
            column, period = self._read_by(grid, periods, cells)
            lines = reader.read(periods, column, period)
        entries = _formula_records(grid, periods, lines, cells)
        return self._settled(grid, periods, entries, cells)

    def _note(self, grid: FormulaGrid) -> Any:
        readers: dict[FormulaInput, list[str]] = {}
        for formula, columns in zip(grid.formulas, grid.reads, strict=True):
            for column in columns.tolist():
                readers.setdefault(grid.columns[column], []).append(formula.id)

        def note(column: FormulaInput, error: UnitError, day: int) -> None:
            for name in readers[column]:
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
            if any(one.carried or one.silent for one in grid.columns):  # these are read whole
                first, last = min(first, self.now.days[0] - 1), max(last, self.now.days[1] + 1)
        edges = self.calendar.edges(grid.cadence, first, last)
        return Periods(edges, self.calendar.timezone)

    def _cells(
        self, grid: FormulaGrid, periods: Periods, reader: ColumnReader, columns: Ints, days: Ints
    ) -> Ints:
        """Return the formulas' cells that new records may change: formula times periods, plus the period."""
        period = periods.of(days)
        until = period + 1
        for column in np.unique(columns).tolist():
            one = grid.columns[column]
            mine = np.flatnonzero(columns == column)
            if one.carried:
                until[mine] = len(periods)
            elif one.silent:  # its record may end a silence
                period[mine], until[mine] = 0, np.minimum(period[mine] + 2, len(periods))
        place, formula = grid.readers.expand(columns)
        first = np.maximum(period[place], 0)
        stop = np.minimum(until[place] + grid.reach[formula], len(periods))
        counts = np.maximum(stop - first, 0)
        owner = np.repeat(np.arange(len(formula)), counts)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.unique(formula[owner] * len(periods) + first[owner] + step)

    def _read_by(self, grid: FormulaGrid, periods: Periods, cells: Ints) -> tuple[Ints, Ints]:
        """Return the columns' cells that the formulas' cells look at."""
        formula, period = np.divmod(cells, len(periods))
        found = [np.empty(0, np.int64)]
        for row in np.unique(formula).tolist():
            mine = period[formula == row]
            for place, back in needed(grid.formulas[row].steps):
                earlier = mine - back
                found.append(grid.reads[row][place] * len(periods) + earlier[earlier >= 0])
        column, at = np.divmod(np.unique(np.concatenate(found)), len(periods))
        return column, at

    def _settled(
        self, grid: FormulaGrid, periods: Periods, entries: _Entries, cells: Ints | None
    ) -> Batch | None:
        """Put derived records among the others: those that say anew what was said before take its place."""
        if cells is not None:
            entries, gone = self._beside(grid, periods, entries, cells)
            if len(gone):
                formula, period = np.divmod(gone, len(periods))
                names = [grid.formulas[row].id for row in formula.tolist()]
                self.derived = self.derived.without_days(names, periods.last[period])
                self.now = None  # type: ignore[assignment]  # made anew below
        batch = _batch(grid, periods, entries)
        self.derived = self.derived.with_batch(batch)
        if self.now is None:
            base = self.base.without_measures([*self.formulas])
            self.now = base.with_batch(self.derived.batch())
        else:
            self.now = self.now.with_batch(batch)
        if cells is None:
            return batch if len(batch.records) else None
        return self._marks(grid, periods, entries, cells)

    def _marks(self, grid: FormulaGrid, periods: Periods, entries: _Entries, cells: Ints) -> Batch | None:
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
        self, grid: FormulaGrid, periods: Periods, entries: _Entries, cells: Ints
    ) -> tuple[_Entries, Ints]:
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


@attrs.frozen(eq=False)
class _Entries:
    """What formulas' values were known to be, sorted by cell, then instant."""

    cell: Ints
    known: Ints
    value: NDArray[np.float64]
    trust: Ints

    def at(self, rows: Ints | NDArray[np.bool_]) -> _Entries:
        return _Entries(*(getattr(self, one.name)[rows] for one in attrs.fields(_Entries)))


def _unsaid(entries: _Entries, old: tuple[Ints, Ints, NDArray[np.float64]]) -> tuple[_Entries, Ints]:
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


def _formula_records(grid: FormulaGrid, periods: Periods, lines: Timelines, cells: Ints | None) -> _Entries:
    """Combine the timelines of columns to those of formulas."""
    column, period = np.divmod(lines.cell, len(periods))
    place, formula = grid.readers.expand(column)
    reach = grid.reach[formula]
    at, known = period[place], lines.known[place]
    if reach.any():
        owner = np.repeat(np.arange(len(place)), reach + 1)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(reach + 1) - (reach + 1), reach + 1)
        formula, at, known = formula[owner], at[owner] + step, known[owner]
        inside = at < len(periods)
        formula, at, known = formula[inside], at[inside], known[inside]
        known = np.maximum(known, periods.end[at])
    cell = formula * len(periods) + at
    if cells is not None:
        mine = np.isin(cell, cells)
        cell, known = cell[mine], known[mine]
    instants, rank = np.unique(known, return_inverse=True)
    many = len(instants) + 1
    key = np.unique(cell * many + rank.reshape(-1))
    cell, known = key // many, instants[key % many] if len(key) else key
    since = np.searchsorted(instants, lines.known, side="left")  # a line counts from that instant on
    found = _values(grid, periods, lines, lines.cell * many + since, cell, key % many, many)
    value, told, trust = found
    entries = _Entries(cell, known, value, trust).at(told)
    return _changes(entries)


def _values(
    grid: FormulaGrid, periods: Periods, lines: Timelines, keys: Ints, cell: Ints, rank: Ints, many: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], Ints]:
    """Return each entry's value, whether there is one to be told, and the least trusted input's mode."""
    value, told, trust = (
        np.full(len(cell), np.nan),
        np.zeros(len(cell), np.bool_),
        np.zeros(len(cell), np.int64),
    )
    formula, period = np.divmod(cell, len(periods))
    alike = grouped(((one.steps, len(one.inputs)), row) for row, one in enumerate(grid.formulas))
    starts = np.searchsorted(formula, np.arange(len(grid.formulas) + 1))
    for (steps, size), rows in alike.items():
        every = np.concatenate([np.arange(starts[row], starts[row + 1]) for row in rows])
        if not len(every):
            continue
        reads = np.array([grid.reads[row] for row in rows])
        reads = reads[np.repeat(np.arange(len(rows)), np.diff(starts)[list(rows)])]
        reach = grid.formulas[rows[0]].reach
        inputs = np.full((size, len(every), reach + 1), np.nan)
        present, own = np.ones(len(every), np.bool_), np.zeros(len(every), np.bool_)
        worst = np.zeros(len(every), np.int64)
        at, when = period[every], rank[every]
        looks = needed(steps)
        for place, back in sorted({*looks, *((place, 0) for place in range(size))}):
            wanted = reads[:, place] * len(periods) + at - back
            row = np.searchsorted(keys, wanted * many + when, side="right") - 1
            there = (row >= 0) & (at >= back)
            there[there] = lines.cell[row[there]] == wanted[there]
            if not back:
                own[there] |= lines.own[row[there]]
            if (place, back) in looks:
                inputs[place, there, reach - back] = lines.value[row[there]]
                present &= there
                worst[there] = np.maximum(worst[there], lines.trust[row[there]])
        result = formula_values(steps, inputs)[..., -1]
        value[every], trust[every] = result, worst
        told[every] = own & (present | ~np.isnan(result))
    return value, told, trust


def _changes(entries: _Entries) -> _Entries:
    """Return the entries that say something else than the one before of their cell."""
    cell, value = entries.cell, entries.value
    same = cell[1:] == cell[:-1]
    same &= (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    return entries.at(np.append(True, ~same)) if len(cell) else entries


def _batch(grid: FormulaGrid, periods: Periods, entries: _Entries) -> Batch:
    """Return the entries as records."""
    formula, period = np.divmod(entries.cell, len(periods))
    pairs, context = np.unique(formula * len(INPUTS_SAID) + entries.trust, return_inverse=True)
    contexts = [*_contexts(grid, pairs.tolist())]
    size = len(formula)
    records = Records(
        code=formula.astype(np.int32),
        day=np.ones(size, np.bool_),
        time=periods.last[period],
        value=entries.value + 0.0,
        recorded=entries.known,
        context=context.reshape(-1).astype(np.int32),
    )
    return Batch([one.id for one in grid.formulas], contexts, records)


def _contexts(grid: FormulaGrid, pairs: Sequence[int]) -> Iterator[Provenance]:
    for pair in pairs:
        row, trust = divmod(pair, len(INPUTS_SAID))
        formula = grid.formulas[row]
        yield Provenance(formula.unit, FORMULA_SYSTEM, INPUTS_SAID[trust], "derived", "", formula.definition)
