"""Read the records of the series that formulas read, in the units that they want (S22.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import local_days, start_of_day
from okrcore.definitions.formulas import FormulaInput
from okrcore.errors import UnitError
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.formula_rows import FormulaRows, RowReducer
from okrcore.history.formula_timelines import Floats, Periods, Timelines, trust_of
from okrcore.history.history import History
from okrcore.history.requests import Ints
from okrcore.units.rates import Rates, convert, converted_by_day

_EVER = 2**61


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

    def read(self, periods: Periods, columns: Ints, period: Ints | None) -> list[Timelines]:
        """Return the timelines of cells, in parts that share none: whole columns, or of one `period` each.

        Columns that are carried, or of which silence is 0, are read whole in any case.
        """
        whole = self.grid.carried | self.grid.silent
        wide = np.unique(columns if period is None else columns[whole[columns]])
        reducer = RowReducer(self.grid, self.calendar, self.grace)
        parts: list[Timelines] = []
        if len(wide):
            parts += reducer.timelines(periods, self._rows(periods, wide, None))
        if period is not None and len(some := np.flatnonzero(~whole[columns])):
            parts += reducer.timelines(periods, self._rows(periods, columns[some], period[some]))
        return parts

    def _rows(self, periods: Periods, columns: Ints, period: Ints | None) -> FormulaRows:
        """Return every record of the columns, superseded ones too, with the period that it lies in."""
        grid, size = self.grid, len(columns)
        codes = self.history.codes(grid.series)[columns]
        authors = grid.by_author
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
        trust = np.array([trust_of(one) for one in contexts], dtype=np.int8)
        texts = self.history.units
        value = self._converted(owner, found.value, found.unit, texts, day)
        return FormulaRows(
            owner,
            periods.of(day),
            day,
            found.at,
            found.date_only,
            author,
            found.recorded,
            value,
            trust[context] if len(rows) else np.empty(0, np.int8),
            np.zeros(len(rows), np.int64),
        )

    def _converted(
        self, owner: Ints, values: Floats, unit: NDArray[np.int32], texts: Sequence[str], day: Ints
    ) -> Floats:
        """Return the values in the unit wanted of their column, NaN where one does not convert."""
        converted = {
            kind * len(texts) + text: (given, wanted)
            for kind, (own, wanted) in enumerate(self.grid.kinds)
            for text, said in enumerate(texts)
            if wanted and (given := said or own) != wanted
        }
        if not converted:
            return values
        key, result = self.grid.kind[owner] * len(texts) + unit, values.copy()
        for one in np.flatnonzero(np.bincount(key)).tolist():
            if one in converted:
                rows = np.flatnonzero(key == one)
                result[rows] = self._convert(owner, values, *converted[one], day, rows)
        return result

    def _convert(self, owner: Ints, values: Floats, given: str, wanted: str, day: Ints, rows: Ints) -> Floats:
        def into(some: Ints) -> Floats:
            return convert(
                values[some], given, wanted, declared=self.declared, rates=self.rates, dates=day[some]
            )

        def note(error: UnitError, some: Ints, on: int) -> None:
            for column in np.unique(owner[some]).tolist():
                self.note(self.grid.columns[column], error, on)

        return converted_by_day(into, rows, day[rows], note)
