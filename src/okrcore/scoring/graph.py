"""Lay out who is averaged into whom, so that sums run over whole columns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.frozen import freeze_fields, frozen

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NodeCodes = npt.NDArray[np.int8]
RowNumbers = npt.NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)


def comparable(weights: Floats, owner: RowNumbers, size: int) -> Floats:
    """Return weights that can be multiplied and added: those under one owner all times one power of two.

    Ordinary ones stay as they are. Where one is beyond 2**64 or below 2**-64, the largest of its owner
    becomes about 1, and none that is above 0 less than 2**-500.
    """
    extreme = (weights > _LARGE) | ((weights > 0) & (weights < 1 / _LARGE))
    if not extreme.any():
        return weights
    largest, concerned = np.zeros(size), np.zeros(size, dtype=np.bool_)
    np.maximum.at(largest, owner, weights)
    concerned[owner[extreme]] = True
    shift = np.where(concerned, -np.frexp(largest)[1], 0)[owner]
    least = np.where((weights > 0) & concerned[owner], 2.0**-500, 0.0)
    return np.maximum(np.ldexp(weights, shift), least)


_LARGE = 2.0**64


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class RollupEdges:
    """The children of some nodes, laid out so that sums run over whole columns (a jagged diagonal).

    `parents` are rows in falling order of their number of children (None: the first rows); slot j, a (begin,
    count) stretch, holds the j-th child of the first `count` of them. What is beyond the last slot stands
    together by parent, from `tails` on. `children` holds the rows (None: the first rows), `weights` the
    weights, both in this order. Within a parent children keep the order of their ids, so that its sum always
    runs in one order, whether computed alone or in bulk (S0.5).
    """

    parents: RowNumbers | None
    slots: tuple[tuple[int, int], ...]
    tails: RowNumbers
    children: RowNumbers | None
    weights: Floats
    total: Floats = attrs.field(init=False)
    """The sum of the weights under each parent."""

    @total.default
    def _total(self) -> Floats:
        return self.sums(self.weights)

    @cached_property
    def count(self) -> int:
        """The number of parents."""
        return self.slots[0][1] if self.slots else 0

    @property
    def owners(self) -> RowNumbers:
        """The parent's row of each child."""
        parents = np.arange(self.count) if self.parents is None else self.parents
        owner = [parents[:count] for _, count in self.slots]
        if len(self.tails):
            sizes = np.diff([*self.tails.tolist(), len(self.weights)])
            owner.append(np.repeat(parents[: len(self.tails)], sizes))
        return frozen(np.concatenate(owner) if owner else np.zeros(0, dtype=np.int64))

    def kept(self, keep: Flags) -> RollupEdges:
        """Return these without some children, (children) false in `keep`; the others keep their order."""
        children = np.arange(len(self.weights)) if self.children is None else self.children
        parents, position, fans = np.unique(self.owners[keep], return_inverse=True, return_counts=True)
        falling = np.argsort(-fans, kind="stable")
        rank = np.empty_like(falling)
        rank[falling] = np.arange(len(falling))
        order, slots, tails = lay_out(fans[falling])
        standing = np.argsort(rank[position], kind="stable")[order]
        left, weights = children[keep][standing], self.weights[keep][standing]
        return RollupEdges(parents[falling], slots, tails, left, weights)

    @cached_property
    def rows(self) -> slice | RowNumbers:
        """The parents' rows, as an index."""
        return slice(self.count) if self.parents is None else self.parents

    def of(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the children's values out of `values` (..., rows)."""
        return values[..., : len(self.weights)] if self.children is None else values[..., self.children]

    def sums(self, values: Floats, weights: Floats | None = None) -> Floats:
        """Return the sum of values (..., children), times `weights` if given, under each parent."""
        if weights is not None:
            values = values * weights
        sums = values[..., : self.count] + 0.0  # the first child of each, and of what is -0.0 the plain 0
        for begin, count in self.slots[1:]:
            sums[..., :count] += values[..., begin : begin + count]
        if len(self.tails):
            sums[..., : len(self.tails)] += np.add.reduceat(values, self.tails, axis=-1)
        return sums

    def least(self, codes: NodeCodes) -> NodeCodes:
        """Return the least of codes (children) under each parent."""
        least = codes[: self.count].copy()
        for begin, count in self.slots[1:]:
            np.minimum(least[:count], codes[begin : begin + count], out=least[:count])
        if len(self.tails):
            heavy = least[: len(self.tails)]
            np.minimum(heavy, np.minimum.reduceat(codes, self.tails), out=heavy)
        return least


SLOTS = 32
"""How many children of a node have a slot of their own."""


def lay_out(fans: RowNumbers) -> tuple[RowNumbers, tuple[tuple[int, int], ...], RowNumbers]:
    """Return (order, slots, tails) for parents with `fans` children each, in falling order.

    `order` maps a position of the layout to the position of the child when children stand by parent.
    """
    firsts = np.concatenate([[0], np.cumsum(fans)])[:-1]
    order, slots, begin = [], [], 0
    for slot in range(min(SLOTS, int(fans[0]) if len(fans) else 0)):
        count = int(np.searchsorted(-fans, -slot, side="left"))
        order.append(firsts[:count] + slot)
        slots.append((begin, count))
        begin += count
    heavy = int(np.searchsorted(-fans, -SLOTS, side="left"))
    tails = begin + np.concatenate([[0], np.cumsum(fans[:heavy] - SLOTS)]).astype(np.int64)[:-1]
    order += [
        np.arange(first + SLOTS, first + fan) for first, fan in zip(firsts[:heavy], fans[:heavy], strict=True)
    ]
    flat = np.concatenate(order) if order else np.zeros(0, dtype=np.int64)
    return flat.astype(np.int64), tuple(slots), tails if heavy else np.zeros(0, dtype=np.int64)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Graph:
    """Who is averaged into whom: key results into objectives, then objectives into objectives, bottom up.

    `total` holds the sum of the weights under each objective, `fan` the number of its children.
    """

    leaves: RollupEdges
    levels: tuple[RollupEdges, ...]
    total: Floats
    fan: Floats
    rows: slice | RowNumbers = slice(None)
    """The key results below it, in the order of its leaves, as an index."""
    goals: slice | RowNumbers = slice(None)
    """The objectives that it computes, as an index: of a part those above what changed."""

    @classmethod
    def of(cls, leaves: RollupEdges, levels: Iterable[RollupEdges], size: int) -> Graph:
        """Return the graph of so many objectives."""
        listed = tuple(levels)
        total, fan = np.zeros(size), np.zeros(size)
        for part in (leaves, *listed):
            total[part.rows] += part.total
            fan[part.rows] += part.sums(np.ones(len(part.weights)))
        return cls(leaves=leaves, levels=listed, total=total, fan=fan)

    def without(self, leaves: Flags, objectives: Flags, alone: Flags | None = None) -> Graph:
        """Return the graph in which some key results and objectives are nobody's child, nor have any.

        Those that stand `alone` have no children, and are still somebody's.
        """
        bare = objectives if alone is None else objectives | alone
        kept = [
            edges.kept(~(edges.of(leaves if edges is self.leaves else objectives) | bare[edges.owners]))
            for edges in (self.leaves, *self.levels)
        ]
        return Graph.of(kept[0], (edges for edges in kept[1:] if len(edges.weights)), self.size)

    @property
    def size(self) -> int:
        """The number of objectives."""
        return len(self.total)
