"""Reduce what a formula reads to what each period's value was known to be, and when (S22.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import local_days, start_of_day
from okrcore.definitions.formulas import FormulaInput
from okrcore.errors import UnitError
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.history import History
from okrcore.history.observation import FORMULA_SYSTEM
from okrcore.history.provenance import TRUST, Provenance
from okrcore.history.records import end_of_days
from okrcore.history.requests import Flags, Ints
from okrcore.history.runs import expand
from okrcore.units.rates import Rates, convert

Floats = NDArray[np.float64]
_EVER = 2**61
_FAR = 2**40


def trust_of(context: Provenance) -> int:
    """Return how little a number is trusted: of a derived one as its inputs, by the order of `TRUST`."""
    if context.system == FORMULA_SYSTEM and context.query in INPUTS_SAID:
        return INPUTS_SAID.index(context.query)
    return TRUST.index(context.mode)


INPUTS_SAID = tuple(f"{mode or 'unsourced'} inputs" for mode in TRUST)
"""What a derived record says of its inputs, by the weakest of their modes."""


@attrs.frozen(eq=False)
class Timelines:
    """What the value of each cell was known to be, from when on; sorted by cell, then instant.

    A cell is a column times the periods of the grid, plus the period. `own`: something was observed in the
    period itself, and not only carried into it. `trust` is that of the least trusted record behind.
    """

    cell: Ints
    known: Ints
    value: Floats
    own: Flags
    trust: Ints

    @classmethod
    def joined(cls, parts: Sequence[Timelines]) -> Timelines:
        """Return all parts as one, sorted."""
        parts = [part for part in parts if len(part.cell)] or [parts[0]]
        if len(parts) == 1:
            return parts[0]
        columns = [np.concatenate([getattr(part, one.name) for part in parts]) for one in attrs.fields(cls)]
        order = np.argsort(columns[0], kind="stable")  # a cell's lines are all in one part, in order
        return cls(*(column[order] for column in columns))

    def at(self, rows: Ints | Flags) -> Timelines:
        """Return some of the lines."""
        return Timelines(*(getattr(self, one.name)[rows] for one in attrs.fields(Timelines)))


@attrs.frozen(eq=False)
class Periods:
    """The periods of a grid: `edges` are their first days and, last, the day after them."""

    edges: Ints
    zone: str

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def last(self) -> Ints:
        """The last day of each."""
        return self.edges[1:] - 1

    @property
    def end(self) -> Ints:
        """The last microsecond of each, as a record of that day without a time of recording bears it."""
        return end_of_days(self.last)

    def of(self, days: Ints) -> Ints:
        """Return the period of each day; -1 and `len` outside."""
        return np.searchsorted(self.edges, days, side="right") - 1


@attrs.frozen(eq=False)
class ColumnReader:
    """Reads the columns of a grid out of a history."""

    history: History
    grid: FormulaGrid
    calendar: Calendar
    declared: tuple[str, ...]
    rates: Rates | None
    grace: int
    note: Callable[[FormulaInput, UnitError, int], None]
    """Told of what does not convert, with its day."""

    def read(self, periods: Periods, columns: Ints, period: Ints | None) -> Timelines:
        """Return the timelines of cells: of whole columns, or of one `period` each.

        Columns that are carried, or of which silence is 0, are read whole in any case.
        """
        whole = np.array([one.carried or one.silent for one in self.grid.columns], dtype=np.bool_)
        wide = np.unique(columns if period is None else columns[whole[columns]])
        parts = []
        if len(wide):
            parts.append(self._timelines(periods, self._rows(periods, wide, None)))
        if period is not None and len(some := np.flatnonzero(~whole[columns])):
            parts.append(self._timelines(periods, self._rows(periods, columns[some], period[some])))
        return Timelines.joined(parts) if len(parts) > 1 else parts[0]

    def _rows(self, periods: Periods, columns: Ints, period: Ints | None) -> _Rows:
        """Return every record of the columns, superseded ones too, with the period that it lies in."""
        grid, size = self.grid, len(columns)
        codes = self.history.codes([one.series for one in grid.columns])[columns]
        authors = np.array([one.by_author for one in grid.columns], dtype=np.bool_)
        first = np.full(size, -_EVER) if period is None else periods.edges[period]
        last = np.full(size, _EVER) if period is None else periods.last[period]
        start, stop = first, last
        if period is not None:
            starts = np.array([start_of_day(int(day), periods.zone) for day in periods.edges], dtype=np.int64)
            start, stop = starts[period], starts[period + 1] - 1
        offsets, rows = self.history.window_rows(
            codes, first, start, last, stop, None, None, authors[columns], superseded=True
        )
        owner = np.repeat(columns, np.diff(offsets))
        found = self.history.take(rows)
        day = local_days(found.at, found.day, found.date_only, periods.zone)
        author = np.zeros(len(rows), dtype=np.int64)
        if (apart := authors[owner]).any():
            author[apart] = self.history.authors(rows[apart])
        context, contexts = self.history.contexts(rows)
        trust = np.array([trust_of(one) for one in contexts], dtype=np.int64)
        texts = self.history.units
        value = self._converted(owner, found.value, found.unit, texts, day)
        moment = found.at * 2 + ~found.date_only  # a day and an instant are two moments
        return _Rows(
            owner,
            periods.of(day),
            day,
            moment,
            author,
            found.recorded,
            value,
            trust[context] if len(rows) else np.empty(0, np.int64),
            np.zeros(len(rows), np.int64),
        )

    def _converted(
        self, owner: Ints, values: Floats, unit: NDArray[np.int32], texts: Sequence[str], day: Ints
    ) -> Floats:
        """Return the values in the unit wanted of their column, NaN where one does not convert."""
        columns = self.grid.columns
        pairs: dict[tuple[str, str], int] = {}
        pair = np.array(
            [pairs.setdefault((one.unit, one.wanted), len(pairs)) for one in columns], dtype=np.int64
        )
        kinds, key = [*pairs], pair[owner] * max(len(texts), 1) + unit
        result = values
        for one in np.flatnonzero(np.bincount(key)).tolist():
            (own, wanted), text = kinds[one // max(len(texts), 1)], texts[one % max(len(texts), 1)]
            given = text or own
            if given == wanted or not wanted:
                continue
            rows = np.flatnonzero(key == one)
            result = result.copy() if result is values else result
            result[rows] = self._convert(owner[rows], values[rows], given, wanted, day[rows])
        return result

    def _convert(self, owner: Ints, values: Floats, given: str, wanted: str, day: Ints) -> Floats:
        try:
            return convert(values, given, wanted, declared=self.declared, rates=self.rates, dates=day)
        except UnitError:
            result = np.full(len(values), np.nan)
            for one in np.unique(day).tolist():
                rows = np.flatnonzero(day == one)
                try:
                    result[rows] = convert(
                        values[rows], given, wanted, declared=self.declared, rates=self.rates, dates=day[rows]
                    )
                except UnitError as error:
                    for column in np.unique(owner[rows]).tolist():
                        self.note(self.grid.columns[column], error, one)
            return result

    def _timelines(self, periods: Periods, rows: _Rows) -> Timelines:
        """Return what each cell's value was known to be: mostly one value, from one instant on."""
        rows, own, added = self._spread(periods, rows)
        if not len(rows.column):
            return added
        known = np.maximum(periods.end[rows.period], rows.recorded)
        cell = rows.column * len(periods) + rows.period
        if (np.diff(cell) < 0).any():
            order = np.argsort(cell, kind="stable")
            rows, own, known, cell = rows.at(order), own[order], known[order], cell[order]
        begins = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
        sizes = np.diff(np.append(begins, len(cell)))
        alone = begins[sizes == 1]
        parts = [
            added,
            Timelines(cell[alone], known[alone], rows.value[alone], own[alone], rows.trust[alone]),
        ]
        once = np.minimum.reduceat(known, begins) == np.maximum.reduceat(known, begins)
        together = np.flatnonzero(np.repeat(once & (sizes > 1), sizes))
        if len(together):
            parts.append(self._reduced(rows.at(together), own[together], cell[together], known[together]))
        if not once.all():
            several = np.flatnonzero(np.repeat(~once, sizes))
            row, at = _by_instant(cell[several], known[several])
            some = several[row]
            parts.append(self._reduced(rows.at(some), own[some], cell[some], at))
        return Timelines.joined(parts)

    def _reduced(self, rows: _Rows, own: Flags, cell: Ints, known: Ints) -> Timelines:
        """Reduce rows to one value a cell and instant; those of one are together, in order of time."""
        kept = np.append(
            ~_alike(cell, known, rows.moment, rows.author), True
        )  # the chosen of a moment is last
        if not kept.all():
            rows, own, cell, known = rows.at(kept), own[kept], cell[kept], known[kept]
        if rows.inner.any():  # of what is carried only the newest period of its own counts
            begins = np.flatnonzero(np.append(True, ~_alike(cell, known)))
            newest = np.maximum.reduceat(rows.inner, begins)
            kept = rows.inner == np.repeat(newest, np.diff(np.append(begins, len(cell))))
            rows, own, cell, known = rows.at(kept), own[kept], cell[kept], known[kept]
        begins = np.flatnonzero(np.append(True, ~_alike(cell, known)))
        if len(begins) == len(cell):  # one record each
            return Timelines(cell, known, rows.value, own, rows.trust)
        aggregates = np.array([one.aggregate for one in self.grid.columns])
        names = aggregates[rows.column[begins]].tolist() if len(set(aggregates)) > 1 else str(aggregates[0])
        return Timelines(
            cell[begins],
            known[begins],
            reduce(rows.value, np.append(begins, len(cell)), names),
            np.maximum.reduceat(own, begins),
            np.maximum.reduceat(rows.trust, begins),
        )

    def _spread(self, periods: Periods, rows: _Rows) -> tuple[_Rows, Flags, Timelines]:
        """Return the rows, carried ones in every period they count in, and the zeros of silence."""
        inside = (rows.period >= 0) & (rows.period < len(periods))
        rows = rows if inside.all() else rows.at(inside)
        until = rows.period + 1
        silence = []
        for column, one in enumerate(self.grid.columns):
            if one.carried:
                mine = np.flatnonzero(rows.column == column)
                until[mine] = self._until(periods, one, rows, mine)
            elif one.silent:
                silence.append(_silence(periods, column, rows.at(rows.column == column)))
        none = np.empty(0, np.int64)
        zeros = Timelines(none, none, np.empty(0), np.empty(0, np.bool_), none)
        if silence:
            zeros = Timelines.joined(silence)
        if not any(one.carried for one in self.grid.columns):
            return rows, np.ones(len(rows.column), np.bool_), zeros
        place, period = expand(rows.period, until)
        spread = attrs.evolve(rows.at(place), period=period)
        own = period == rows.period[place]
        order = np.lexsort((np.arange(len(period)), period, spread.column))
        return spread.at(order), own[order], zeros

    def _until(self, periods: Periods, one: FormulaInput, rows: _Rows, mine: Ints) -> Ints:
        """Return the period after the last in which each record of a carried column may count."""
        day, recorded, period = rows.day[mine], rows.recorded[mine], rows.period[mine]
        until = np.full(len(mine), len(periods))
        if one.cadence is not None and len(mine):
            edges = self.calendar.edges(one.cadence, int(day.min()), int(day.max()))
            inner = np.searchsorted(edges, day, side="right") - 1
            rows.inner[mine] = edges[np.maximum(inner, 0)]
            fresh = edges[np.clip(inner + 2, 0, len(edges) - 1)] - 1 + self.grace
            until = np.searchsorted(periods.last, fresh, side="right")
        if one.aggregate == "latest" and len(mine) > 1:
            # a later record that is known in time makes the earlier ones count no more
            after = np.searchsorted(periods.end, recorded[1:], side="left")
            following = np.where(recorded[1:] <= recorded[:-1], period[1:], np.maximum(period[1:], after))
            until[:-1] = np.minimum(until[:-1], np.maximum(following, period[:-1] + 1))
        result: Ints = np.maximum(until, period + 1)
        return result


@attrs.frozen(eq=False)
class _Rows:
    """Records by column and time, the chosen one last of its moment."""

    column: Ints
    period: Ints
    day: Ints
    moment: Ints
    author: Ints
    recorded: Ints
    value: Floats
    trust: Ints
    inner: Ints
    """The start of the period of the input's own that a record lies in, where it is carried."""

    def at(self, rows: Ints | Flags) -> _Rows:
        return _Rows(*(getattr(self, one.name)[rows] for one in attrs.fields(_Rows)))


def _alike(*columns: Ints) -> Flags:
    """Return which entries say the same as the next."""
    result: Flags = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
    return result


def _by_instant(cell: Ints, known: Ints) -> tuple[Ints, Ints]:
    """Return (row, instant) for each distinct instant of a cell, with all rows by then."""
    begins = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    sizes = np.diff(np.append(begins, len(cell)))
    order = np.lexsort((known, cell))
    instants = known[order]
    distinct = np.append(True, (cell[1:] != cell[:-1]) | (instants[1:] != instants[:-1]))
    group = np.repeat(np.arange(len(begins)), sizes)[distinct]
    at = instants[distinct]
    place, row = expand(begins[group], begins[group] + sizes[group])
    shown = known[row] <= at[place]
    return row[shown], at[place[shown]]


def _silence(periods: Periods, column: int, rows: _Rows) -> Timelines:
    """Return the zeros between a column's records, each known with the first record after it."""
    none = np.empty(0, np.int64)
    order = np.argsort(rows.day, kind="stable")
    period, recorded = rows.period[order], rows.recorded[order]
    if len(period) < 2:
        return Timelines(none, none, np.empty(0), np.empty(0, np.bool_), none)
    shown = np.minimum.accumulate(recorded[::-1])[::-1]
    place, gap = expand(period[:-1] + 1, np.maximum(period[1:], period[:-1] + 1))
    known = np.maximum(periods.end[gap], shown[1:][place])
    trust = rows.trust[order][1:][place]
    return Timelines(
        column * len(periods) + gap, known, np.zeros(len(gap)), np.zeros(len(gap), np.bool_), trust
    )
