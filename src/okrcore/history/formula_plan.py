"""Lay out a portfolio's formulas for computing: by depth and period, with the columns that they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.digraph import grouped
from okrcore.definitions.formula_units import ProgramStep
from okrcore.definitions.formulas import FormulaInput, ResolvedFormula
from okrcore.history.interning import Lookup
from okrcore.history.requests import Flags, Ints


@attrs.frozen(eq=False)
class Spread:
    """Several numbers for each of many: those of item i are items[starts[i]:starts[i + 1]]."""

    starts: Ints
    items: Ints

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Spread:
        """Return the spread of lists."""
        starts = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
        return cls(starts, np.array([item for one in lists for item in one], dtype=np.int64))

    def expand(self, keys: Ints) -> tuple[Ints, Ints]:
        """Return (place in `keys`, item) for every item of every key, in order."""
        counts = self.starts[keys + 1] - self.starts[keys]
        place = np.repeat(np.arange(len(keys)), counts)
        begin = np.repeat(self.starts[keys] - (np.cumsum(counts) - counts), counts)
        return place, self.items[np.arange(len(place)) + begin]


@attrs.frozen(eq=False)
class FormulaGrid:
    """Formulas of one depth with periods of one cadence, and the distinct columns that they read."""

    cadence: Cadence
    formulas: tuple[ResolvedFormula, ...]
    columns: tuple[FormulaInput, ...]
    reads: tuple[NDArray[np.int64], ...]
    """The columns of each formula, in the order of its inputs."""
    readers: Spread
    """The formulas that read each column."""
    columns_of: Mapping[str, tuple[int, ...]]
    """The columns that read each series."""
    reach: Ints
    """How many periods each formula looks back."""
    series: Lookup[str]
    """What each column reads."""
    carried: Flags
    silent: Flags
    by_author: Flags
    """Of which columns what several people recorded for one moment adds up."""
    kinds: tuple[tuple[str, str], ...]
    kind: Ints
    """The units in which columns are read and wanted, and which of these each column has."""
    alike: Mapping[tuple[tuple[ProgramStep, ...], int], tuple[int, ...]]
    """The formulas that compute alike, by their steps and number of inputs."""

    @classmethod
    def of(cls, cadence: Cadence, formulas: Sequence[ResolvedFormula]) -> FormulaGrid:
        """Return the grid of some formulas."""
        place: dict[FormulaInput, int] = {}
        reads = []
        for formula in formulas:
            same = [attrs.evolve(one, alias="", id="") for one in formula.inputs]
            reads.append(np.array([place.setdefault(one, len(place)) for one in same], dtype=np.int64))
        kinds: dict[tuple[str, str], int] = {}
        kind = [kinds.setdefault((one.unit, one.wanted), len(kinds)) for one in place]
        readers: list[list[int]] = [[] for _ in place]
        for row, columns in enumerate(reads):
            for column in dict.fromkeys(columns.tolist()):
                readers[column].append(row)
        return cls(
            cadence=cadence,
            formulas=tuple(formulas),
            columns=tuple(place),
            reads=tuple(reads),
            readers=Spread.of(readers),
            columns_of=grouped((one.series, column) for one, column in place.items()),
            reach=np.array([formula.reach for formula in formulas], dtype=np.int64),
            series=Lookup(one.series for one in place),
            carried=np.array([one.carried for one in place], dtype=np.bool_),
            silent=np.array([one.silent for one in place], dtype=np.bool_),
            by_author=np.array([one.by_author for one in place], dtype=np.bool_),
            kinds=tuple(kinds),
            kind=np.array(kind, dtype=np.int64),
            alike=grouped(((one.steps, len(one.inputs)), row) for row, one in enumerate(formulas)),
        )


def formula_grids(formulas: Mapping[str, ResolvedFormula]) -> tuple[tuple[FormulaGrid, ...], ...]:
    """Return the grids of formulas by depth: each reads what is observed, or what is less deep."""
    depth: dict[str, int] = {}
    for name, formula in formulas.items():  # each after those that it reads
        depth[name] = max((depth.get(one.series, -1) + 1 for one in formula.inputs), default=0)
    levels = []
    for level in range(max(depth.values(), default=-1) + 1):
        alike = grouped((one.period, one) for name, one in formulas.items() if depth[name] == level)
        levels.append(tuple(FormulaGrid.of(cadence, some) for cadence, some in alike.items()))
    return tuple(levels)
