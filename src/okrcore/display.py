"""Tables and short texts for notebooks and terminals: rows as columns, escaped once, here."""

from __future__ import annotations

import html
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.errors import MissingExtraError

Column = npt.NDArray[Any]
_SHOWN = 20


@attrs.frozen(eq=False, repr=False)
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

    data: Mapping[str, Column]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.data)

    def __len__(self) -> int:
        return len(next(iter(self.data.values()))) if self.data else 0

    def __getitem__(self, name: str) -> Column:
        return self.data[name]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        columns = [[plain(value) for value in column] for column in self.data.values()]
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
        return pl.DataFrame({name: column.tolist() for name, column in self._for_arrow().items()})

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return an Arrow stream capsule, made by the installed pyarrow or Polars."""
        try:
            import pyarrow as pa
        except ImportError:
            try:
                return self.to_polars().__arrow_c_stream__(requested_schema)
            except MissingExtraError:
                raise MissingExtraError.of("pyarrow", "arrow") from None
        table = pa.table({name: pa.array(column, from_pandas=True) for name, column in self.data.items()})
        return table.__arrow_c_stream__(requested_schema)

    def _for_arrow(self) -> dict[str, Column]:
        return {
            name: np.array([plain(value) for value in column], dtype=object)
            for name, column in self.data.items()
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, rows: int | None = None) -> list[str]:
        """Return the table as lines of text, numbers to the right; at most `rows` rows."""
        shown = self if rows is None else self.take(slice(rows))
        texts = {name: [name, *map(cell, column)] for name, column in shown.data.items()}
        right = {name: column.dtype.kind in "fiu" for name, column in shown.data.items()}
        widths = {name: max(map(width, column)) for name, column in texts.items()}
        lines = [
            "  ".join(_padded(texts[name][row], widths[name], right[name]) for name in texts).rstrip()
            for row in range(len(shown) + 1)
        ]
        if len(shown) < len(self):
            lines.append(f"... {len(self) - len(shown)} more")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines(_SHOWN))

    def _repr_html_(self) -> str:
        shown = self.take(slice(_SHOWN))
        head = "".join(f"<th>{html.escape(name)}</th>" for name in shown.columns)
        columns = [[html.escape(cell(value)) for value in column] for column in shown.data.values()]
        body = "".join(
            "<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>"
            for row in zip(*columns, strict=True)
        )
        more = f"<p>... {len(self) - _SHOWN} more</p>" if len(self) > _SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def plain(value: Any) -> Any:
    """Return a NumPy scalar as plain Python; NaN and NaT as None.

    >>> plain(np.float64("nan")), plain(np.datetime64("2026-01-05"))
    (None, datetime.date(2026, 1, 5))
    """
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def cell(value: Any) -> str:
    """Return a value as shown in a table: "-" for unknown, numbers with what matters, text on one line.

    >>> cell(0.5), cell(12_345.6), cell(None), cell(True)
    ('0.50', '12,346', '-', 'yes')
    """
    value = plain(value)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return number(value)
    return one_line(str(value))


def number(value: float | None) -> str:
    """Return a number with about four digits that matter, "-" for None.

    >>> number(98.5), number(10_000.0), number(0.4567), number(None)
    ('98.5', '10,000', '0.46', '-')
    """
    if value is None:
        return "-"
    size = abs(value)
    if size >= 1e15:
        return f"{value:.4g}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.01 or not size else f"{value:.3g}"


def percent(share: float | None) -> str:
    """Return a share as whole percents, "-" for None.

    >>> percent(0.456), percent(None)
    ('46 %', '-')
    """
    return "-" if share is None else f"{share * 100:.0f} %"


def bar(share: float | None, length: int = 10) -> str:
    """Return a share of 0 to 1 as a bar of ASCII, blank for None.

    >>> bar(0.34)
    '###.......'
    """
    if share is None:
        return " " * length
    filled = round(min(max(share, 0.0), 1.0) * length)
    return "#" * filled + "." * (length - filled)


def one_line(text: str) -> str:
    """Return text without control characters, so that it cannot move a terminal's cursor."""
    return "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)


def width(text: str) -> int:
    """Return how many columns a terminal gives the text."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def indented(lines: Sequence[str], by: int = 2) -> list[str]:
    """Return lines moved to the right."""
    return [" " * by + line for line in lines]


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space
