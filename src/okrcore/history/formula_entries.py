"""Combine the timelines of a formula's inputs to what its value was known to be (S22.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.formula_values import formula_known, formula_values, needed
from okrcore.history.formula_plan import FormulaGrid
from okrcore.history.formula_timelines import INPUTS_SAID, Periods, Timelines
from okrcore.history.observation import FORMULA_SYSTEM
from okrcore.history.provenance import Provenance
from okrcore.history.records import Batch, Records
from okrcore.history.requests import Flags, Ints

Whole = TypeVar("Whole", np.int8, np.int64)


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


def all_entries(grid: FormulaGrid, periods: Periods, parts: Sequence[Timelines]) -> FormulaEntries:
    """Return the entries of all formulas, of the timelines of their columns in parts that share no cell.

    Most cells of columns say one thing, once and for all: their formulas are computed on whole arrays. What
    was said again later, and what may be left out by coalesce, is combined instant by instant.
    """
    size = len(periods)
    shape = len(grid.columns), size
    value, known = np.full(shape, np.nan), np.zeros(shape, np.int64)
    own, trust, many = np.zeros(shape, np.bool_), np.zeros(shape, np.int8), np.zeros(shape, np.int8)
    for lines in parts:
        if len(cell := lines.cell):
            first = np.append(True, cell[1:] != cell[:-1])
            again = cell[~first]
            own.reshape(-1)[cell[lines.own]] = True
            lines = lines if first.all() else lines.at(first)
            many.reshape(-1)[lines.cell], many.reshape(-1)[again] = 1, 2
            value.reshape(-1)[lines.cell], known.reshape(-1)[lines.cell] = lines.value, lines.known
            trust.reshape(-1)[lines.cell] = lines.trust
    found, several = [], [np.empty(0, np.int64)]
    for (steps, inputs), rows in grid.alike.items():
        reads, row = np.array([grid.reads[row] for row in rows]).T, np.array(rows)
        told = own[reads].any(axis=0)
        again = (many[reads] > 1).any(axis=0)
        since = np.broadcast_to(periods.end, told.shape)
        if not {(place, 0) for place in range(inputs)} <= {*needed(steps)}:
            # what shows that something was observed in the period itself may be known later
            shown = np.where(own[reads], known[reads], np.iinfo(np.int64).max).min(axis=0)
            since = np.where(told, np.maximum(since, shown), since)
        worst = np.zeros(told.shape, np.int8)
        present = np.ones(told.shape, np.bool_)
        for place, back in needed(steps):
            here = reads[place]
            present &= _back(many[here], back) > 0
            again |= _back(many[here], back) > 1
            since = np.maximum(since, _back(known[here], back))
            worst = np.maximum(worst, _back(trust[here], back))
        if any(step.op == "coalesce" for step in steps):
            again |= told
        result = formula_values(steps, value[reads])
        cell = (row[:, np.newaxis] * size + np.arange(size)).reshape(-1)
        mine = np.flatnonzero(told & present & ~again)
        known_at, of, trusted = since.reshape(-1), result.reshape(-1), worst.reshape(-1)
        found.append(FormulaEntries(cell[mine], known_at[mine], of[mine], trusted[mine].astype(np.int64)))
        several.append(cell[np.flatnonzero(told & again)])
    cells = np.sort(np.concatenate(several))
    if len(cells):
        column, period = cells_read(grid, periods, cells)
        wanted = np.zeros(many.size, np.bool_)
        wanted[column * size + period] = True
        some = Timelines.joined([lines.at(np.flatnonzero(wanted[lines.cell])) for lines in parts])
        found.append(some_entries(grid, periods, some, cells))
    return FormulaEntries.joined(found)


def _back(values: NDArray[Whole], back: int) -> NDArray[Whole]:
    """Return the values of so many periods before, 0 where there are none."""
    if not back:
        return values
    earlier = np.zeros_like(values)
    earlier[:, back:] = values[:, : max(values.shape[1] - back, 0)]
    return earlier


def cells_read(grid: FormulaGrid, periods: Periods, cells: Ints) -> tuple[Ints, Ints]:
    """Return column and period of the cells of columns that the cells of formulas look at."""
    formula, period = np.divmod(cells, len(periods))
    asked = set(np.unique(formula).tolist())
    read = np.zeros(len(grid.columns) * len(periods), np.bool_)
    for (steps, size), rows in grid.alike.items():
        some = [row for row in rows if row in asked]
        if not some:
            continue
        place_of = np.full(len(grid.formulas), -1)
        place_of[some] = np.arange(len(some))
        mine = place_of[formula] >= 0
        reads, at = np.array([grid.reads[row] for row in some])[place_of[formula[mine]]], period[mine]
        for place, back in {*needed(steps), *((place, 0) for place in range(size))}:
            there = at >= back
            read[reads[there, place] * len(periods) + at[there] - back] = True
    column, at = np.divmod(np.flatnonzero(read), len(periods))
    return column, at


def some_entries(grid: FormulaGrid, periods: Periods, lines: Timelines, cells: Ints) -> FormulaEntries:
    """Return the entries of some cells of formulas: at each instant at which an input says something."""
    column, period = np.divmod(lines.cell, len(periods))
    place, formula = grid.readers.expand(column)
    reach = grid.reach[formula]
    instants = np.unique(np.concatenate([lines.known, periods.end]))
    many, since = len(instants), np.searchsorted(instants, lines.known)  # a line counts from there on
    at, rank = period[place], since[place]
    if reach.any():
        owner = np.repeat(np.arange(len(place)), reach + 1)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(reach + 1) - (reach + 1), reach + 1)
        formula, at, rank = formula[owner], at[owner] + step, rank[owner]
        inside = at < len(periods)
        formula, at, rank = formula[inside], at[inside], rank[inside]
        rank = np.maximum(rank, np.searchsorted(instants, periods.end)[at])
    cell = formula * len(periods) + at
    asked = np.zeros(len(grid.formulas) * len(periods), np.bool_)
    asked[cells] = True
    key = np.sort((cell * many + rank)[asked[cell]], kind="stable")  # of a few sorted stretches each
    key = key[np.append(True, key[1:] != key[:-1])[: len(key)]]
    cell, rank = np.divmod(key, many)
    value, told, trust = _values(grid, periods, lines, lines.cell * many + since, cell, rank, many)
    entries = FormulaEntries(cell, instants[rank], value, trust).at(told)
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
    for (steps, size), rows in grid.alike.items():
        every = np.concatenate([np.arange(starts[row], starts[row + 1]) for row in rows])
        if not len(every):
            continue
        reads = np.array([grid.reads[row] for row in rows])
        reads = reads[np.repeat(np.arange(len(rows)), np.diff(starts)[list(rows)])]
        reach = grid.formulas[rows[0]].reach
        inputs = np.full((size, len(every), reach + 1), np.nan)
        present, own = np.zeros(inputs.shape, np.bool_), np.zeros(len(every), np.bool_)
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
                present[place, :, reach - back] = there
                worst[there] = np.maximum(worst[there], lines.trust[row[there]])
        value[every], trust[every] = formula_values(steps, inputs)[..., -1], worst
        told[every] = own & formula_known(steps, present)[..., -1]
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
    pair = formula * len(INPUTS_SAID) + entries.trust
    said = np.zeros(len(grid.formulas) * len(INPUTS_SAID), np.bool_)
    said[pair] = True
    context = (np.cumsum(said) - 1)[pair]
    contexts = [*_contexts(grid, np.flatnonzero(said).tolist())]
    size = len(formula)
    records = Records(
        code=formula.astype(np.int32),
        day=np.ones(size, np.bool_),
        time=periods.last[period],
        value=entries.value + 0.0,
        recorded=entries.known,
        context=context.astype(np.int32),
    )
    return Batch([one.id for one in grid.formulas], contexts, records)


def _contexts(grid: FormulaGrid, pairs: Sequence[int]) -> Iterator[Provenance]:
    for pair in pairs:
        row, trust = divmod(pair, len(INPUTS_SAID))
        formula = grid.formulas[row]
        yield Provenance(formula.unit, FORMULA_SYSTEM, INPUTS_SAID[trust], "derived", "", formula.definition)
