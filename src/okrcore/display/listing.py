"""Lay out a list as a table of at most so many rows, which says how many of how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from okrcore.display.blocks.grid_rows import Grid, GridColumn, GridRow
from okrcore.display.drawing import mark
from okrcore.display.tags import Html

MOST_ROWS = 20
"""How many rows of a list are shown."""
_WORST_FIRST = "!~? .+-"


def worst(words: Sequence[str], most: int = MOST_ROWS) -> list[int]:
    """Return the places of the worst of `words`, which judge rows; those of one sign keep their order.

    >>> worst(["healthy", "breached", "watch", "breached"], 3)
    [1, 3, 2]
    """
    rank = {word: _WORST_FIRST.index(mark(word)) for word in set(words)}
    return sorted(range(len(words)), key=lambda at: rank[words[at]])[:most]


def _to_columns(columns: Iterable[GridColumn]) -> tuple[GridColumn, ...]:
    return tuple(columns)


def _to_rows(rows: Iterable[GridRow]) -> tuple[GridRow, ...]:
    return tuple(rows)


@attrs.frozen
class Listing:
    """Rows under columns, of `count` that there are; `order` says which rows are shown, `caption` of what.

    >>> rows = [GridRow(["uptime"], word="breached"), GridRow(["speed"], word="healthy")]
    >>> print(*Listing([GridColumn("KPI")], rows, "KPIs", 5, "the worst first").lines(40), sep="\\n")
       KPI
    !  uptime
    +  speed
    2 of 5 KPIs, the worst first.
    """

    columns: tuple[GridColumn, ...] = attrs.field(converter=_to_columns)
    rows: tuple[GridRow, ...] = attrs.field(converter=_to_rows)
    caption: str
    count: int
    order: str

    @property
    def size(self) -> int:
        """How many rows are shown."""
        return len(self.rows)

    def cut(self, most: int) -> Listing:
        """Return it with at most so many rows."""
        return attrs.evolve(self, rows=self.rows[:most])

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return the rows in columns."""
        return self._grid().lines(columns, ascii)

    def html(self) -> Html:
        """Return a table; nothing where there is nothing to list."""
        return self._grid().html()

    def _grid(self) -> Grid:
        more = f"{self.size} of {self.count} {self.caption}, {self.order}." if self.size < self.count else ""
        return Grid(columns=self.columns, rows=self.rows, caption=self.caption, more=more)
