"""Hold columns of one length as a table that shows itself and goes to dataframe libraries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.display.table_files import csv_text, write_workbook
from okrcore.display.tags import Html
from okrcore.display.text import cell, counted, grid, plain
from okrcore.errors import MissingExtraError
from okrcore.frozen import freeze_fields

TableColumn = npt.NDArray[Any]
_SHOWN = 20


@attrs.frozen(eq=False, repr=False, field_transformer=freeze_fields)
class Table:
    """Columns of one length, by name; iterating gives rows as dicts.

    Text columns hold str, numbers float64 with NaN for unknown, dates datetime64. A table shows itself in
    a terminal and a notebook, and goes to dataframe libraries by `to_pandas`, `to_polars`, or the Arrow
    capsule interface.

    >>> table = Table({"id": np.array(["a", "b"], dtype=object), "score": np.array([0.5, np.nan])})
    >>> table.to_dicts()
    [{'id': 'a', 'score': 0.5}, {'id': 'b', 'score': None}]
    >>> print(table)
    id  score
    a    0.50
    b       -
    """

    data: Mapping[str, TableColumn]

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same columns in the same order, and the same in them."""
        if not isinstance(other, Table):
            return NotImplemented
        return self is other or (self.columns == other.columns and self.to_dicts() == other.to_dicts())

    def __hash__(self) -> int:
        return hash((self.columns, len(self)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.data)

    def __len__(self) -> int:
        return len(next(iter(self.data.values()))) if self.data else 0

    def __getitem__(self, name: str) -> TableColumn:
        """Return a column; raises KeyError with the nearest name there is."""
        try:
            return self.data[name]
        except KeyError:
            near = get_close_matches(str(name), self.data, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(self.data)}"
            raise KeyError(f"column {name!r} is unknown; {hint}") from None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        columns = [_values(column) for column in self.data.values()]
        for values in zip(*columns, strict=True):
            yield dict(zip(self.data, values, strict=True))

    def take(self, rows: npt.NDArray[np.int64] | slice) -> Table:
        """Return the table of some rows, in that order."""
        return Table({name: column[rows] for name, column in self.data.items()})

    def select(self, *names: str) -> Table:
        """Return the table of some columns, in that order."""
        return Table({name: self.data[name] for name in names})

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict a row, of plain Python values; unknown is None."""
        return list(self)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame; raises MissingExtraError where pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtraError.of("pandas", "pandas") from None
        return pd.DataFrame(dict(self.data))

    def to_polars(self) -> Any:
        """Return a Polars DataFrame, unknown as null; raises MissingExtraError where Polars is missing."""
        try:
            import polars as pl
        except ImportError:
            raise MissingExtraError.of("polars", "polars") from None
        series = [
            pl.Series(name, _listed(column), dtype=pl.String if _is_text(column) else None, nan_to_null=True)
            for name, column in self.data.items()
        ]
        return pl.DataFrame(series)

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the table as CSV, and write it to `path` where one is given: UTF-8, with a head.

        A text that a spreadsheet may take for a formula, since it begins with = + - @, a tab or a line end,
        gets a "'" before it; numbers are written in full, unknown is empty.

        >>> Table({"id": np.array(["=1+1"], dtype=object), "score": np.array([-0.5])}).to_csv()
        "id,score\\r\\n'=1+1,-0.5\\r\\n"
        """
        text = csv_text(self.data)
        if path is not None:
            Path(path).write_text(text, "utf-8", newline="")
        return text

    def to_excel(self, path: str | Path, *, sheet: str = "okrcore") -> None:
        """Write the table as a workbook (.xlsx) of one sheet; no text of it is run as a formula.

        Numbers, days and yes or no keep their type; instants with a zone are ISO texts. Raises
        MissingExtraError where openpyxl is missing, OkrError for more rows than a sheet holds.
        """
        write_workbook(path, {sheet: self.data})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return an Arrow stream capsule, made by the installed pyarrow or Polars."""
        try:
            import pyarrow as pa
        except ImportError:
            try:
                return self.to_polars().__arrow_c_stream__(requested_schema)
            except MissingExtraError:
                raise MissingExtraError.of("pyarrow", "arrow") from None
        arrays = {
            name: pa.array(column, pa.string() if _is_text(column) else None, from_pandas=True)
            for name, column in self.data.items()
        }
        return pa.table(arrays).__arrow_c_stream__(requested_schema)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, rows: int | None = None) -> list[str]:
        """Return the table as lines of text, numbers to the right; at most `rows` rows."""
        shown = self if rows is None else self.take(slice(rows))
        texts = {name: [cell(value) for value in column] for name, column in shown.data.items()}
        lines = grid(texts, {name for name, column in shown.data.items() if column.dtype.kind in "fiu"})
        if len(shown) < len(self):
            lines.append(f"... {len(self) - len(shown)} more")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines(_SHOWN))

    def _repr_html_(self) -> Html:
        from okrcore.display.notebook import fragment, table_listing

        return fragment(counted(len(self), "row"), [table_listing(self.data, "rows")], wide=True)


def _values(column: TableColumn) -> list[Any]:
    """Return the values of a column as `plain` gives each, whole columns of numbers and dates at once."""
    match column.dtype.kind:
        case "f":
            return [None if value != value else value for value in column.tolist()]
        case "i" | "u" | "b" | "M":
            whole: list[Any] = column.tolist()
            return whole
    return [plain(value) for value in column]


def _is_text(column: TableColumn) -> bool:
    """Say whether a column holds text, as one without any value does: its type is not a matter of rows."""
    return column.dtype.kind == "O" and all(value is None or isinstance(value, str) for value in column)


def _listed(column: TableColumn) -> Any:
    return [plain(value) for value in column] if column.dtype.kind == "O" else column
