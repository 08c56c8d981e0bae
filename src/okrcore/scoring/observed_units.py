"""Convert what was observed to the unit of whoever reads it, and note what does not convert (A13)."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np

from okrcore.definitions.days import to_date
from okrcore.errors import Problem, UnitError
from okrcore.history.period_entries import converted
from okrcore.history.requests import Found
from okrcore.scoring.graph import Floats, RowNumbers
from okrcore.scoring.roster_columns import Subjects
from okrcore.units.conversion import route
from okrcore.units.rates import Rates, converted_by_day


@attrs.frozen
class ObservedUnits:
    """The units and rates that observations are converted by."""

    declared: tuple[str, ...]
    rates: Rates | None
    rate_day: int | None
    """The day whose rates count; None: that of each observation."""
    problems: dict[str, dict[Problem, None]]
    """What could not be converted so far, by measure, in order."""

    def converted(self, subjects: Subjects, owner: RowNumbers, found: Found) -> Floats:
        """Return values in their subject's unit, NaN where one does not convert, which is noted."""
        columns, texts = found.columns, found.units
        result = columns.value.copy()
        if not any(texts) and all(own == wanted for own, wanted in subjects.pairs):
            return result
        present = columns.unit >= 0
        key = np.where(present, subjects.pair[owner] * len(texts) + columns.unit, -1)
        for one in np.flatnonzero(np.bincount(key[present])).tolist():
            pair, text = divmod(one, len(texts))
            own, wanted = subjects.pairs[pair]
            given = texts[text] or own
            if given == wanted:
                continue
            rows = np.flatnonzero(key == one)

            def into(some: RowNumbers, given: str = given, wanted: str = wanted) -> Floats:
                return self._convert(given, wanted, found, some)

            def note(error: UnitError, some: RowNumbers, day: int) -> None:
                self._note(error, [subjects.measures[owner[row]] for row in some], day)

            result[rows] = converted_by_day(into, rows, columns.day[rows], note)
        return result

    def _note(self, error: UnitError, measures: Iterable[str], day: int) -> None:
        """Keep one problem a record: its measure is unknown, and no other is (A13)."""
        on = "" if day < 0 else f"; observed on {to_date(day)}"
        for measure in measures:
            for problem in error.problems:
                noted = attrs.evolve(problem, message=f"{problem.message}{on}", path=measure)
                self.problems.setdefault(measure, {})[noted] = None

    def _convert(self, given: str, wanted: str, found: Found, rows: RowNumbers) -> Floats:
        if not wanted:
            raise UnitError(f"observed in {given!r}, but no unit is declared; declare unit {given!r}")
        dates = found.columns.day[rows]
        if self.rate_day is not None:
            dates = np.full(len(rows), self.rate_day)
        elif found.added is not None and route(given, wanted, self.declared).power:
            raise UnitError(
                f"observed in {given!r} but wanted in {wanted!r}: a frame is reduced on its engine, where"
                f" the rates of single days are not known; convert to {wanted!r} in the frame first"
            )

        return converted(found, rows, given, wanted, self.declared, self.rates, dates)
