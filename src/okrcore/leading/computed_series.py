"""Tell which series of a portfolio are one number: by their values, whatever is declared (S9.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, product

import numpy as np

from okrcore.definitions.lineage import Lineage
from okrcore.leading.calendar_grid import grids_of
from okrcore.leading.identities import identities
from okrcore.leading.measured_series import MeasuredSeries


class ComputedPairs(dict[frozenset[str], str]):
    """How two measures are computed from each other, by the two: "formula", "copy", "sum" or "product".

    `at_once` holds the two factors of a product, or a share and its total: they are one number only in the
    same period. So are two formulas that share an input (S22.4).
    """

    def __init__(self, lineage: Lineage) -> None:
        super().__init__()
        self.lineage = lineage
        self.at_once: dict[frozenset[str], str] = {}

    def kind(self, one: str, other: str, lag: int) -> str:
        """Return what two measures are to each other at a lag, "" for nothing."""
        both = frozenset((one, other))
        once = self.at_once.get(both) or ("formula" if self.lineage.share(one, other) else "")
        return self.get(both) or ("" if lag else once)


def computed_pairs(series: Iterable[MeasuredSeries], lineage: Lineage) -> ComputedPairs:
    """Return which measures are computed from each other: by formula, and on one grid by their values.

    These are copies, sums and products; see `identities`.
    """
    found = ComputedPairs(lineage)
    measured: Mapping[str, MeasuredSeries] = {one.measure: one for one in series}
    for whole_id, inputs in lineage.made_of.items():
        if whole_id in measured:
            found |= {frozenset((whole_id, one)): "formula" for one in inputs if one in measured}
    for grid in grids_of(measured.values()):
        names = sorted(name for name, one in measured.items() if one.grid == grid)
        some = [measured[name] for name in names]
        edges = grid.edges(min(int(one.days[0]) for one in some), some[0].last)
        alike = {name: {name} for name in names}
        rows = identities(np.array([one.on(edges) for one in some]))
        for _, result, parts in (row for row in rows if row.kind == "copy"):
            group = alike[names[result]] | alike[names[parts[0]]]
            alike |= dict.fromkeys(group, group)
        for group in alike.values():
            for pair in combinations(sorted(group), 2):
                found.setdefault(frozenset(pair), "copy")
        for kind, result, parts in (row for row in rows if row.kind != "copy"):
            whole, *others = (sorted(alike[names[row]]) for row in (result, *parts))
            for pair in (pair for part in others for pair in product(whole, part)):
                found.setdefault(frozenset(pair), kind)
            for factors in product(*others) if kind == "product" else ():
                found.at_once.setdefault(frozenset(factors), kind)
    return found
