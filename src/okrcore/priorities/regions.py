"""Subtract boxes on a finite grid exactly: what of a box do other boxes leave open?

Each column is cut where a cell of some row begins or ends (coordinate compression); within a segment no row
can tell two positions apart. A cell is then a set of segments, held as the bits of an int; a box is one int a
column.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from math import prod
from operator import and_

import attrs

from okrcore.errors import TableError
from okrcore.priorities.intervals import Cut, Line, Position, join

Box = tuple[int, ...]


@attrs.frozen(kw_only=True)
class RegionGrid:
    """One column, cut into segments: `cuts` in order, and the bits of the segments inside the domain."""

    cuts: tuple[Cut, ...]
    inside: int = 0

    @classmethod
    def of(cls, domain: Line, cells: Iterable[Line]) -> RegionGrid:
        """Return the column cut at every end of its domain and cells."""
        cuts = tuple(sorted({cut for line in (domain, *cells) for interval in line for cut in interval}))
        grid = cls(cuts=cuts)
        return attrs.evolve(grid, inside=grid.bits(domain))

    @property
    def segments(self) -> int:
        """How many segments there are, outside the domain included."""
        return len(self.cuts) - 1

    def bits(self, line: Line) -> int:
        """Return the segments of a line whose ends are among the cuts."""
        found = 0
        for low, high in line:
            # ones from the segment that begins at `low` up to the one that ends at `high`
            found |= (1 << bisect_left(self.cuts, high)) - (1 << bisect_left(self.cuts, low))
        return found

    def line(self, bits: int) -> Line:
        """Return the positions in some segments."""
        return join(cell for place, cell in enumerate(pairwise(self.cuts)) if bits >> place & 1)

    def segment(self, position: Position | None) -> int:
        """Return the number of the segment that holds a position; -1 for None or outside the domain."""
        if position is None:
            return -1
        place = bisect_right(self.cuts, (position, 0)) - 1
        return place if 0 <= place < self.segments and self.inside >> place & 1 else -1


class Budget:
    """A count of cells looked at, shared by all steps of one proof."""

    __slots__ = ("left", "limit")

    def __init__(self, cells: int) -> None:
        self.left = self.limit = cells

    def spend(self, cells: int) -> None:
        """Count some cells; raises TableError once they are more than the limit."""
        self.left -= cells
        if self.left < 0:
            raise TableError(
                f"too large to verify: more than {self.limit:,} cells; raise max_cells, "
                "or write rules that overlap less or ask fewer columns"
            )


def uncovered(box: Box, rows: Iterable[Box], budget: Budget) -> Iterator[Box]:
    """Yield disjoint boxes that together are the part of `box` in none of `rows`.

    Exact. The worst case is exponential in the columns, which is what the budget is for; rows that do not
    overlap are proved to fill a box by counting segments, without looking inside. The order of the rows does
    not matter.
    """
    if not all(box):
        return
    open_boxes: list[tuple[Box, Iterable[Box]]] = [(box, rows)]
    while open_boxes:
        box, rows = open_boxes.pop()
        inside = _parts(box, rows, budget)
        if inside is None:
            continue
        if not inside:
            yield box
            continue
        sizes = [size(part) for part in inside]
        if sum(sizes) == size(box) and _disjoint(inside, budget):
            continue
        _, pivot = max(zip(sizes, inside, strict=True))
        open_boxes += [(piece, inside) for piece in peel(box, pivot)]


def peel(box: Box, part: Box) -> Iterator[Box]:
    """Yield disjoint boxes that are `box` without `part`, a box inside it."""
    for column, (whole, taken) in enumerate(zip(box, part, strict=True)):
        if whole != taken:
            yield (*part[:column], whole & ~taken, *box[column + 1 :])


def size(box: Box) -> int:
    """Return the number of grid cells in a box."""
    return prod(bits.bit_count() for bits in box)


def overlap(a: Box, b: Box) -> Box | None:
    """Return the box that lies in both, None where there is none."""
    for x, y in zip(a, b, strict=True):
        if not x & y:
            return None
    return tuple(map(and_, a, b))


def merged(boxes: Iterable[Box]) -> list[Box]:
    """Return fewer boxes for the same cells: those that differ in one column only are joined; sorted.

    >>> merged([(1, 1), (2, 1), (3, 2)])
    [(3, 3)]
    """
    found = sorted(set(boxes))
    while True:
        before = len(found)
        for column in range(len(found[0]) if found else 0):
            joined: dict[Box, int] = {}
            for box in found:
                rest = box[:column] + box[column + 1 :]
                joined[rest] = joined.get(rest, 0) | box[column]
            found = sorted((*rest[:column], bits, *rest[column:]) for rest, bits in joined.items())
        if len(found) == before:
            return found


def boxes_of(grids: Sequence[RegionGrid], rows: Sequence[Sequence[Line]]) -> tuple[Box, ...]:
    """Return the box of each row, given one line a column."""
    return tuple(tuple(map(RegionGrid.bits, grids, row)) for row in rows)


def _parts(box: Box, rows: Iterable[Box], budget: Budget) -> list[Box] | None:
    """What each row takes of the box, where it takes something; None where one takes it all."""
    found, count = [], 0
    for count, row in enumerate(rows, 1):
        part = tuple(map(and_, box, row))
        if part == box:
            budget.spend(count * (len(box) + 1))
            return None
        if all(part):
            found.append(part)
    budget.spend((count + 1) * (len(box) + 1))
    return found


def _disjoint(boxes: Sequence[Box], budget: Budget) -> bool:
    budget.spend(len(boxes) * len(boxes) // 2)
    return all(overlap(a, b) is None for a, b in combinations(boxes, 2))
