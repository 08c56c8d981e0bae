"""Combine the timelines of a formula's inputs to what its value was known to be (S22.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.digraph import grouped
from okrcore.definitions.formula_units import ProgramStep
from okrcore.definitions.formula_values import formula_values, needed
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.formula_timelines import INPUTS_SAID, Periods, Timelines
from okrcore.history.observation import FORMULA_SYSTEM
from okrcore.history.provenance import Provenance
from okrcore.history.records import Batch, Records
from okrcore.history.requests import Flags, Ints


@attrs.frozen(eq=False)
class FormulaEntries:
    """What formulas' values were known to be, sorted by cell, then instant."""

    cell: Ints
    known: Ints
    value: NDArray[np.float64]
    trust: Ints

    def at(self, rows: Ints | Flags) -> FormulaEntries:
        """Return some of the entries."""
        return FormulaEntries(*(getattr(self, one.name)[rows] for one in attrs.fields(FormulaEntries)))

    @classmethod
    def joined(cls, parts: Sequence[FormulaEntries]) -> FormulaEntries:
        """Return all parts as one, sorted; no cell is in two of them."""
        columns = [np.concatenate([getattr(part, one.name) for part in parts]) for one in attrs.fields(cls)]
        order = np.argsort(columns[0], kind="stable")
        return cls(*(column[order] for column in columns))


def all_entries(grid: FormulaGrid, periods: Periods, lines: Timelines) -> FormulaEntries:
    """Return the entries of all formulas.

    Most cells of columns say one thing, once and for all: their formulas are computed on whole arrays. What
    was said again later, and what may be left out by coalesce, is combined instant by instant.
    """
    size = len(periods)
    many = np.bincount(lines.cell, minlength=len(grid.columns) * size).reshape(-1, size)
    first = (
        np.flatnonzero(np.append(True, lines.cell[1:] != lines.cell[:-1])) if len(lines.cell) else lines.cell
    )
    value, known = np.full(many.shape, np.nan), np.zeros(many.shape, np.int64)
    own, trust = np.zeros(many.shape, np.bool_), np.zeros(many.shape, np.int64)
    for array, column in ((value, lines.value), (known, lines.known), (own, lines.own), (trust, lines.trust)):
        array.reshape(-1)[lines.cell[first]] = column[first]
    found, several = [], [np.empty(0, np.int64)]
    for (steps, _), rows in _alike(grid).items():
        reads, row = np.array([grid.reads[row] for row in rows]).T, np.array(rows)
        told = own[reads].any(axis=0)
        again = (many[reads] > 1).any(axis=0)
        since = np.broadcast_to(periods.end, told.shape)
        worst = np.zeros(told.shape, np.int64)
        present = np.ones(told.shape, np.bool_)
        for place, back in needed(steps):
            here = reads[place]
            present &= _back(many[here], back) > 0
            again |= _back(many[here], back) > 1
            since = np.maximum(since, _back(known[here], back))
            worst = np.maximum(worst, _back(trust[here], back))
        if any(step.op == "coalesce" for step in steps):
            again |= told
        at, period = np.nonzero(told & present & ~again)
        result = formula_values(steps, value[reads])
        found.append(
            FormulaEntries(row[at] * size + period, since[at, period], result[at, period], worst[at, period])
        )
        at, period = np.nonzero(told & again)
        several.append(row[at] * size + period)
    cells = np.sort(np.concatenate(several))
    if len(cells):
        column, period = cells_read(grid, periods, cells)
        wanted = np.zeros(many.size, np.bool_)
        wanted[column * size + period] = True
        found.append(some_entries(grid, periods, lines.at(wanted[lines.cell]), cells))
    return FormulaEntries.joined(found)


def _back(values: NDArray[np.int64], back: int) -> NDArray[np.int64]:
    """Return the values of so many periods before, 0 where there are none."""
    if not back:
        return values
    earlier = np.zeros_like(values)
    earlier[:, back:] = values[:, : max(values.shape[1] - back, 0)]
    return earlier


def _alike(grid: FormulaGrid) -> Mapping[tuple[tuple[ProgramStep, ...], int], tuple[int, ...]]:
    """Return the formulas that compute alike, by their steps and number of inputs."""
    return grouped(((one.steps, len(one.inputs)), row) for row, one in enumerate(grid.formulas))


def cells_read(grid: FormulaGrid, periods: Periods, cells: Ints) -> tuple[Ints, Ints]:
    """Return column and period of the cells of columns that the cells of formulas look at."""
    formula, period = np.divmod(cells, len(periods))
    asked = set(np.unique(formula).tolist())
    found = [np.empty(0, np.int64)]
    for (steps, size), rows in _alike(grid).items():
        some = [row for row in rows if row in asked]
        if not some:
            continue
        place_of = np.full(len(grid.formulas), -1)
        place_of[some] = np.arange(len(some))
        mine = place_of[formula] >= 0
        reads, at = np.array([grid.reads[row] for row in some])[place_of[formula[mine]]], period[mine]
        for place, back in {*needed(steps), *((place, 0) for place in range(size))}:
            there = at >= back
            found.append(reads[there, place] * len(periods) + at[there] - back)
    column, at = np.divmod(np.unique(np.concatenate(found)), len(periods))
    return column, at


def some_entries(grid: FormulaGrid, periods: Periods, lines: Timelines, cells: Ints) -> FormulaEntries:
    """Return the entries of some cells of formulas: at each instant at which an input says something."""
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
    mine = np.isin(cell, cells)
    cell, known = cell[mine], known[mine]
    instants, rank = np.unique(known, return_inverse=True)
    many = len(instants) + 1
    key = np.unique(cell * many + rank.reshape(-1))
    cell, known = key // many, instants[key % many] if len(key) else key
    since = np.searchsorted(instants, lines.known, side="left")  # a line counts from that instant on
    found = _values(grid, periods, lines, lines.cell * many + since, cell, key % many, many)
    value, told, trust = found
    entries = FormulaEntries(cell, known, value, trust).at(told)
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
    starts = np.searchsorted(formula, np.arange(len(grid.formulas) + 1))
    for (steps, size), rows in _alike(grid).items():
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


def _changes(entries: FormulaEntries) -> FormulaEntries:
    """Return the entries that say something else than the one before of their cell."""
    cell, value = entries.cell, entries.value
    same = cell[1:] == cell[:-1]
    same &= (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    return entries.at(np.append(True, ~same)) if len(cell) else entries


def entry_batch(grid: FormulaGrid, periods: Periods, entries: FormulaEntries) -> Batch:
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
