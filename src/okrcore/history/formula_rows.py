"""Reduce the records that a formula reads to what each period's value was known to be (S22.3)."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.formulas import FormulaInput
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.formula_timelines import Floats, Periods, Timelines
from okrcore.history.requests import Flags, Ints
from okrcore.history.runs import expand


@attrs.frozen(eq=False)
class FormulaRows:
    """Records by column and time, the chosen one last of its moment."""

    column: Ints
    period: Ints
    day: Ints
    at: Ints
    date_only: Flags
    author: Ints
    recorded: Ints
    value: Floats
    trust: NDArray[np.int8]
    inner: Ints
    """The start of the period of the input's own that a record lies in, where it is carried."""

    def some(self, rows: Ints | Flags) -> FormulaRows:
        """Return some of the records."""
        return FormulaRows(*(getattr(self, one.name)[rows] for one in attrs.fields(FormulaRows)))


@attrs.frozen(eq=False)
class RowReducer:
    """Reduces the records of a grid's columns to timelines."""

    grid: FormulaGrid
    calendar: Calendar
    grace: int

    def timelines(self, periods: Periods, rows: FormulaRows) -> tuple[Timelines, Timelines]:
        """Return what each cell's value was known to be: of those with one line, and of all others."""
        rows, own, zeros = self._spread(periods, rows)
        if not len(rows.column):
            return Timelines.none(), zeros
        known = periods.end[rows.period]
        np.maximum(known, rows.recorded, out=known)
        cell = rows.column * len(periods) + rows.period
        if (cell[1:] < cell[:-1]).any():
            order = np.argsort(cell, kind="stable")
            rows, own, known, cell = rows.some(order), own[order], known[order], cell[order]
        first = np.append(True, cell[1:] != cell[:-1])
        single = first & np.append(first[1:], True)
        if len(zeros.cell):
            single &= ~np.isin(cell, zeros.cell)
        if single.all():
            return Timelines(cell, known, rows.value, own, rows.trust), zeros
        some, more = np.flatnonzero(single), np.flatnonzero(~single)
        alone = Timelines(cell[some], known[some], rows.value[some], own[some], rows.trust[some])
        rows, own, known, cell = rows.some(more), own[more], known[more], cell[more]
        begins = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
        once = np.minimum.reduceat(known, begins) == np.maximum.reduceat(known, begins)
        parts, at_once = [zeros], np.repeat(once, np.diff(np.append(begins, len(cell))))
        if len(together := np.flatnonzero(at_once)):
            parts.append(self._reduced(rows.some(together), own[together], cell[together], known[together]))
        if len(several := np.flatnonzero(~at_once)):
            row, at = _by_instant(cell[several], known[several])
            some = several[row]
            parts.append(self._reduced(rows.some(some), own[some], cell[some], at))
        return alone, Timelines.joined(parts)

    def _reduced(self, rows: FormulaRows, own: Flags, cell: Ints, known: Ints) -> Timelines:
        """Reduce rows to one value a cell and instant; those of one are together, in order of time."""
        kept = np.append(
            ~_alike(cell, known, rows.at, rows.date_only, rows.author), True
        )  # the chosen of a moment is last
        if not kept.all():
            rows, own, cell, known = rows.some(kept), own[kept], cell[kept], known[kept]
        if rows.inner.any():  # of what is carried only the newest period of its own counts
            begins = np.flatnonzero(np.append(True, ~_alike(cell, known)))
            newest = np.maximum.reduceat(rows.inner, begins)
            kept = rows.inner == np.repeat(newest, np.diff(np.append(begins, len(cell))))
            rows, own, cell, known = rows.some(kept), own[kept], cell[kept], known[kept]
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

    def _spread(self, periods: Periods, rows: FormulaRows) -> tuple[FormulaRows, Flags, Timelines]:
        """Return the rows, carried ones in every period they count in, and the zeros of silence."""
        inside = (rows.period >= 0) & (rows.period < len(periods))
        rows = rows if inside.all() else rows.some(inside)
        carried = self.grid.carried
        silence = [
            _silence(periods, column, rows.some(rows.column == column))
            for column in np.flatnonzero(self.grid.silent & ~carried).tolist()
        ]
        zeros = Timelines.joined(silence) if silence else Timelines.none()
        if not carried.any():
            return rows, np.ones(len(rows.column), np.bool_), zeros
        until = rows.period + 1
        for column in np.flatnonzero(carried).tolist():
            mine = np.flatnonzero(rows.column == column)
            until[mine] = self._until(periods, self.grid.columns[column], rows, mine)
        place, period = expand(rows.period, until)
        spread = attrs.evolve(rows.some(place), period=period)
        own = period == rows.period[place]
        order = np.lexsort((np.arange(len(period)), period, spread.column))
        return spread.some(order), own[order], zeros

    def _until(self, periods: Periods, one: FormulaInput, rows: FormulaRows, mine: Ints) -> Ints:
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


def _alike(*columns: Ints | Flags) -> Flags:
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


def _silence(periods: Periods, column: int, rows: FormulaRows) -> Timelines:
    """Return the zeros of a column: from when a record before and one after are known, unless its own is."""
    order = np.argsort(rows.day, kind="stable")
    period, recorded, trust = rows.period[order], rows.recorded[order], rows.trust[order]
    if len(period) < 2 or period[-1] - period[0] < 2:
        return Timelines.none()
    inner = np.arange(period[0] + 1, period[-1])
    before = np.searchsorted(period, inner, side="left") - 1
    after = np.searchsorted(period, inner, side="right")
    known = np.maximum(np.minimum.accumulate(recorded)[before], periods.end[inner])
    np.maximum(known, np.minimum.accumulate(recorded[::-1])[::-1][after], out=known)
    own = np.full(len(periods), np.iinfo(np.int64).max)
    np.minimum.at(own, period, recorded)
    some = np.flatnonzero(known < np.maximum(own, periods.end)[inner])
    size = len(some)
    cell = column * len(periods) + inner[some]
    return Timelines(cell, known[some], np.zeros(size), np.ones(size, np.bool_), trust[after[some]])
