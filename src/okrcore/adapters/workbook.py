"""A sheet of an .xlsx workbook into rows of plain values."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from okrcore.adapters.delimited import failed
from okrcore.errors import MissingExtraError, OkrError

LARGEST = 200_000_000
"""So many bytes a workbook may unpack to."""
MOST_ROWS, MOST_COLUMNS = 200_000, 1_000


def read_workbook(path: Path, sheet: str | None = None) -> Iterator[tuple[int, list[Any]]]:
    """Yield row number and cells of a sheet (None: the first), rows without any value left out.

    The first row that has a value is the heading; what stands right of its last cell is not read. A formula
    counts with the value that was saved with it. A number shown as percent becomes the text shown, "95%", a
    datetime at midnight a date. Raises MissingExtraError without openpyxl, DocumentError for what is no
    workbook or too large: 200 MB unpacked, 200,000 rows, 1,000 columns.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError.of("openpyxl", "excel") from None
    _check_size(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield from _rows(path, book, sheet)
        finally:
            book.close()
    except OkrError:
        raise
    except Exception as error:  # a third-party parser on untrusted bytes raises whatever it likes
        raise failed(
            path, f"is no workbook that can be read ({type(error).__name__}); save it again"
        ) from error


def _rows(path: Path, book: Any, sheet: str | None) -> Iterator[tuple[int, list[Any]]]:
    names = [one.title for one in book.worksheets]
    if sheet is not None and sheet not in names:
        raise failed(path, f"has no sheet {sheet!r}; name one of {', '.join(names)}")
    table = book.worksheets[names.index(sheet) if sheet else 0]
    table.reset_dimensions()  # the size that a file claims is not to be trusted
    head = next(filter(None, map(_values, table.iter_rows(max_row=100, max_col=MOST_COLUMNS + 1))), [])
    if len(head) > MOST_COLUMNS:
        raise failed(path, f"has more than {MOST_COLUMNS} columns; split it")
    for number, cells in enumerate(table.iter_rows(max_col=len(head)) if head else (), 1):
        if number > MOST_ROWS:
            raise failed(path, f"has more than {MOST_ROWS} rows; split it")
        if values := _values(cells):
            yield number, values + [None] * (len(head) - len(values))


def _values(cells: Iterable[Any]) -> list[Any]:
    """Return the values of a row, without those at the end that are blank."""
    values = [_value(cell) for cell in cells]
    while values and values[-1] is None:
        values.pop()
    return values


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{Decimal(repr(value)).scaleb(2):f}%"
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        return value.date()  # a workbook has no dates of their own
    return value


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except OSError as error:
        raise failed(path, f"cannot be opened: {error.strerror or error}; check the path") from error
    except (zipfile.BadZipFile, ValueError):
        raise failed(path, "is no .xlsx workbook; save it as .xlsx or as CSV") from None
    if size > LARGEST:
        raise failed(path, f"unpacks to {size} bytes, more than {LARGEST}; split it")
