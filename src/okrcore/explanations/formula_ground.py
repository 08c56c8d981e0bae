"""Read what the value of a formula KPI rests on in a snapshot: its period, and each input's value in it."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.derived import series_of
from okrcore.definitions.formulas import ResolvedFormula, formulas_of
from okrcore.definitions.goals import KeyResult
from okrcore.scoring.formula_spans import span_inputs
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import roster_of
from okrcore.scoring.snapshot import Snapshot


@attrs.frozen(eq=False)
class FormulaGround:
    """A formula in a snapshot: first and last day of its period, and its inputs there.

    `inputs` is (inputs, periods), each in the unit that the formula reads it in; the last period is the one
    that `value` is of.
    """

    formula: ResolvedFormula
    first: int
    last: int
    inputs: NDArray[np.float64]
    value: float | None

    @classmethod
    def of(cls, snapshot: Snapshot, id: str) -> FormulaGround | None:
        """Return what a KPI, or a key result that reads one, rests on; None without formula or value."""
        portfolio, roster = snapshot.portfolio, roster_of(snapshot.portfolio)
        goal = portfolio[id]
        series = series_of(goal, portfolio)
        formula = formulas_of(portfolio).get(series.id)
        if formula is None:
            return None
        if isinstance(goal, KeyResult):
            subjects, row = roster.results, snapshot.compiled.result_rows[id]
            reading, end = snapshot.result_values.reading, int(snapshot.result_values.end[row])
        else:
            subjects, row = roster.kpis, snapshot.kpi_columns.rows[id]
            reading, end = snapshot.kpi_values.reading, snapshot.when.day
        if not reading.seen[row]:
            return None
        day = int(reading.day[row])
        if row in subjects.spans:
            first, last = int(subjects.start[row]), end
        else:
            edges = portfolio.calendar.edges(formula.period, day, day)
            place = int(np.searchsorted(edges, day, side="right"))
            first, last = int(edges[place - 1]), int(edges[place]) - 1
        reader = Reader(
            snapshot.history,
            snapshot.when,
            snapshot.scoring,
            portfolio.units,
            snapshot.rates,
            snapshot.journal,
        )
        one, days = np.array([row]), (np.array([first]), np.array([last]))
        inputs = span_inputs(reader, subjects, formula, one, *days)[:, 0]
        value = float(reading.value[row])
        return cls(formula, first, last, inputs, None if np.isnan(value) else value)
