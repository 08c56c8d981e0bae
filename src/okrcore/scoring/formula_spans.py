"""Combine a formula's inputs over the days of whoever reads it: a ratio of sums over the whole (S22.2)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import day_number
from okrcore.definitions.digraph import grouped
from okrcore.definitions.formula_values import formula_values, needed
from okrcore.definitions.formulas import FormulaInput, ResolvedFormula
from okrcore.history.backends import MeasureCodes
from okrcore.scoring.graph import Floats, RowNumbers
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.subject_periods import days_in_zones
from okrcore.units.conversion import conversion

if TYPE_CHECKING:
    from okrcore.scoring.observed import Reader

SPANNED = frozenset({"sum", "mean"})
"""The aggregates of a key result that combine a formula's inputs over its span; others read its values."""


def span_values(
    reader: Reader, subjects: Subjects, rows: RowNumbers, first: RowNumbers, last: RowNumbers
) -> Floats:
    """Return the formula of each of `rows` with its inputs reduced from its first to its last day.

    Each is in the unit of its row; `prev` looks at the days as many of the formula's periods before.
    """
    values = np.full(len(rows), np.nan)
    alike = grouped((subjects.spans[row].id, place) for place, row in enumerate(rows.tolist()))
    for places in alike.values():
        at = np.array(places, dtype=np.int64)
        formula = subjects.spans[int(rows[at[0]])]
        found = _combined(reader, subjects, formula, rows[at], first[at], last[at])
        wanted = {subjects.pairs[pair] for pair in subjects.pair[rows[at]].tolist()}
        for own, unit in wanted:
            mine = np.array(
                [subjects.pairs[pair] == (own, unit) for pair in subjects.pair[rows[at]].tolist()]
            )
            values[at[mine]] = conversion(formula.unit, unit, reader.declared).apply(found[mine])
    return values


def _combined(
    reader: Reader,
    subjects: Subjects,
    formula: ResolvedFormula,
    rows: RowNumbers,
    first: RowNumbers,
    last: RowNumbers,
) -> Floats:
    inputs = span_inputs(reader, subjects, formula, rows, first, last)
    return formula_values(formula.steps, inputs)[..., -1]


def span_inputs(
    reader: Reader,
    subjects: Subjects,
    formula: ResolvedFormula,
    rows: RowNumbers,
    first: RowNumbers,
    last: RowNumbers,
) -> Floats:
    """Return what a formula combines (inputs, rows, periods): the last period is the span, NaN unknown.

    The periods before it are those that `prev` looks back to.
    """
    inputs = np.full((len(formula.inputs), len(rows), formula.reach + 1), np.nan)
    for place, back in needed(formula.steps):
        one = formula.inputs[place]
        begin, end = (_before(subjects.calendar, formula.period, day, back) for day in (first, last))
        if one.carried:
            begin = np.full(len(rows), _LONG_AGO)
        read = _of_input(subjects, one, rows, begin)
        codes = reader.asked.facts.codes(read.measures)
        values = reader.reduced_between(read, np.arange(len(rows)), codes, begin, end)
        if one.silent and not one.carried:
            values[_silent(reader, read, codes, begin, end)] = 0.0
        inputs[place, :, formula.reach - back] = values
    return inputs


def _silent(
    reader: Reader, read: Subjects, codes: MeasureCodes, begin: RowNumbers, end: RowNumbers
) -> NDArray[np.bool_]:
    """Return between which days nothing was recorded, though something was before and after."""
    days = []
    for until in (end, reader.when.days_in(read.zone, read.zones)):
        found = reader.asked.newest(
            codes, reader.asked.until(read.zone, read.zones, until), read.zone, read.zones
        )
        day = days_in_zones(read, np.arange(len(codes)), found.columns)
        days.append(np.where(found.row >= 0, day, _LONG_AGO))
    before, last = days
    result: NDArray[np.bool_] = (before > _LONG_AGO) & (before < begin) & (last > end)
    return result


def _of_input(subjects: Subjects, one: FormulaInput, rows: RowNumbers, begin: RowNumbers) -> Subjects:
    """Return what is read of one input: its aggregate, where it is carried its newest value."""
    many = len(rows)
    return Subjects.of(
        measures=[one.series] * many,
        units=[(one.unit, one.wanted)] * many,
        zones=[subjects.zones[zone] for zone in subjects.zone[rows].tolist()],
        cadences=[None] * many,
        anchors=[None] * many,
        starts=begin.tolist(),
        aggregates=["latest" if one.carried else one.aggregate] * many,
        by_author=[one.by_author] * many,
        calendar=subjects.calendar,
    )


def _before(calendar: Calendar, cadence: Cadence, days: RowNumbers, back: int) -> RowNumbers:
    """Return the days that lie as far into the period so many periods earlier, or at its end."""
    if not back or not len(days):
        return days
    reach = int(cadence.mean_days * (back + 2)) + 2
    edges = calendar.edges(cadence, int(days.min()) - reach, int(days.max()))
    period = np.searchsorted(edges, days, side="right") - 1
    left = edges[period + 1] - 1 - days  # days left in the period: 0 of its last day
    earlier = np.maximum(period - back, 0)
    into = edges[earlier] + (days - edges[period])
    moved: RowNumbers = np.where(left == 0, edges[earlier + 1] - 1, np.minimum(into, edges[earlier + 1] - 1))
    return moved


_LONG_AGO = day_number(dt.date(1, 1, 3))
"""A day before all observations that is one in every zone."""
