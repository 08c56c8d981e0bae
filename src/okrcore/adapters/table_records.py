"""Read delimited text and workbooks into one heading and the records below it, each with its line."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs

from okrcore.adapters.cells import Refused, text_of
from okrcore.adapters.delimited import read_delimited
from okrcore.adapters.regular_files import failed
from okrcore.adapters.workbook import FIRST_ROWS, LARGEST, Merged, read_workbook
from okrcore.adapters.workbook_parts import Area

TEXTS = (".csv", ".tsv", ".tab", ".txt")
WORKBOOKS = (".xlsx", ".xlsm")
Records = Iterator[tuple[int, Any]]
"""The line of a record, and its cells; or the fault in place of cells."""


@attrs.frozen(kw_only=True)
class TableLayout:
    """Where in a file a table stands, and how its rows are parted.

    `delimiter` None: a comma, a tab in .tsv, or what a first line such as `sep=;` says. `encoding` None:
    UTF-8, or UTF-16 with its mark. `sheet` is that of a workbook (None: the first), `records` the key of the
    list in JSON (None: the only one). `heading` is the row that names the columns: its number, or the text
    of one of its cells (`*` stands for anything); None: the first that is not blank. `merged` "fill" gives
    the value of merged cells to each of them. `short_rows` "blank" takes cells that a row leaves out at its
    end as blank; otherwise such a row is refused where they are in a column that is read.
    """

    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    records: str | None = None
    heading: int | str | None = None
    merged: Merged = "first"
    short_rows: Literal["refuse", "blank"] = "refuse"

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield the options that are wrong, each with its fault and the remedy."""
        if self.delimiter is not None and (
            not isinstance(self.delimiter, str) or len(self.delimiter) != 1 or self.delimiter in '\r\n"\0'
        ):
            yield "delimiter", f"delimiter is {self.delimiter!r}; give one character such as ';'"
        for name in ("encoding", "sheet", "records"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, str):
                yield name, f"{name} is {given!r}, but must be text; name one"
        heading = self.heading
        whole = isinstance(heading, int) and not isinstance(heading, bool) and 1 <= heading <= FIRST_ROWS
        if heading is not None and not whole and not (isinstance(heading, str) and heading.strip()):
            yield (
                "heading",
                f"heading is {heading!r}; give the number of its row, 1 to {FIRST_ROWS}, or a text in it",
            )
        if self.merged not in ("first", "fill"):
            yield "merged", f"merged is {self.merged!r}; give first or fill"
        if self.short_rows not in ("refuse", "blank"):
            yield "short_rows", f"short_rows is {self.short_rows!r}; give refuse or blank"


@attrs.frozen(eq=False)
class HeadedRecords:
    """A table: the names of its columns ("" for none), the line of the heading, and the records below it.

    Each record has as many cells as there are columns. `merged` are areas of merged cells below the heading
    that were not filled.
    """

    columns: tuple[str, ...]
    heading: int
    records: Records
    merged: tuple[Area, ...] = ()


def read_records(
    path: Path, layout: TableLayout, wanted: Collection[str] | None = None, largest: int = LARGEST
) -> HeadedRecords:
    """Return the table in a CSV, TSV or .xlsx file; `wanted` are the columns that are read, None all.

    Raises DocumentError where the file cannot be opened, has no heading, or names a column twice.
    """
    if path.suffix.lower() in WORKBOOKS:
        sheet = read_workbook(path, layout.sheet, layout.merged, largest)
        found = headed(path, sheet.rows, layout, wanted)
        width = len(found.columns)
        below = [area for area in sheet.merged if area[2] > found.heading and area[1] <= width]
        return attrs.evolve(found, merged=() if layout.merged == "fill" else tuple(below))
    return headed(path, read_delimited(path, layout.delimiter, layout.encoding), layout, wanted)


def headed(
    path: Path, records: Records, layout: TableLayout, wanted: Collection[str] | None = None
) -> HeadedRecords:
    """Return the heading of records and what stands below it."""
    records = iter(records)
    line, head = _heading(path, records, layout.heading)
    columns = _names(path, line, head)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        what = "is empty" if path.suffix.lower() in TEXTS else "has a sheet without any row"
        raise failed(path, f"{what}; the first row names the columns", line)
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise failed(
            path, f"two columns have one name: {', '.join(map(repr, twice))[:300]}; rename one of each", line
        )
    return HeadedRecords(columns, line, _even(records, columns, layout, wanted, path))


def _heading(path: Path, records: Records, heading: int | str | None) -> tuple[int, Any]:
    if heading is None:
        return next(records, (1, []))
    pattern = None
    if isinstance(heading, str):
        pattern = re.compile(fnmatch.translate(" ".join(heading.split()).casefold()))
    for place, (line, cells) in enumerate(records, 1):
        if isinstance(heading, int) and line >= heading:
            if line == heading:
                return line, cells
            break
        if pattern and not isinstance(cells, str) and any(pattern.match(_heading_text(one)) for one in cells):
            return line, cells
        if place == FIRST_ROWS:
            break
    raise failed(path, f"has no row {heading!r} that could name the columns; look where they are named")


def _heading_text(cell: Any) -> str:
    try:
        return text_of(cell).casefold()[:300]
    except Refused:
        return ""


def _names(path: Path, line: int, head: Any) -> tuple[str, ...]:
    if isinstance(head, str):
        raise failed(path, f"the heading {head}", line)
    try:
        return tuple(map(text_of, head))
    except Refused as refused:
        raise failed(path, f"a heading {refused}", line) from None


def _even(
    records: Records,
    columns: Sequence[str],
    layout: TableLayout,
    wanted: Collection[str] | None,
    path: Path,
) -> Records:
    """Yield the records, each with one cell a column; what cannot be evened is a fault."""
    width = len(columns)
    workbook = path.suffix.lower() not in TEXTS
    for line, cells in records:
        if isinstance(cells, str) or len(cells) == width:
            yield line, cells
        elif len(cells) > width:
            if workbook or not any(cell.strip() for cell in cells[width:]):
                yield line, cells[:width]
            else:
                yield (
                    line,
                    f"the row has {len(cells)} cells where the heading has {width}; correct the separators",
                )
        else:
            missing = [one for one in columns[len(cells) :] if one and (wanted is None or one in wanted)]
            if layout.short_rows == "blank" or workbook or not missing:
                yield line, [*cells, *[""] * (width - len(cells))]
            else:
                fault = (
                    f"the row has {len(cells)} cells where the heading has {width}; correct the separators"
                )
                yield line, f"{fault}, or set short_rows to blank"
