"""Hold values of one kind as a tuple that shows itself as a table, and goes to dataframe libraries as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

from okrcore.display.table import Table
from okrcore.display.tabular import Tabular
from okrcore.display.tags import Html


@runtime_checkable
class TableRow(Protocol):
    """A value that can stand as a row of a table."""

    def as_row(self) -> Mapping[str, Any]:
        """Return its columns, of plain values: None for unknown."""


RowT = TypeVar("RowT", bound=TableRow)


class Rows(Tabular, tuple[RowT, ...]):
    """Values of one kind, in order: a tuple, equal to any tuple of the same, that is a `table` too.

    A notebook shows at most 20 of them, the worst first, its `repr` is that of its table. Parts of it, and
    sums, are plain tuples.
    """

    __slots__ = ()

    @property
    def table(self) -> Table:
        """One row a value: columns of numbers where all that is known is a number, else of what it is."""
        rows = [one.as_row() for one in self]
        names = dict.fromkeys(name for row in rows for name in row)
        return Table({name: _column([row.get(name) for row in rows]) for name in names})

    def __repr__(self) -> str:
        return repr(self.table) if self else "()"

    def _repr_html_(self) -> Html:
        from okrcore.display.blocks.block import Para
        from okrcore.display.notebook import fragment, table_listing
        from okrcore.display.text import counted

        if not self:
            return fragment("nothing", [Para("Nothing: an empty list.")])
        kind = type(self[0]).__name__
        listing = table_listing(self.table.data, f"{kind}s", worst_first=True)
        return fragment(counted(len(self), kind), [listing], wide=True)


def _column(values: list[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return np.array([*values, None], dtype=object)[:-1]  # so that no list of tuples becomes a matrix
