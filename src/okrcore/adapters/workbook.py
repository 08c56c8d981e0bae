"""Read a sheet of an .xlsx workbook into rows of plain values, each as the sheet shows it."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs

from okrcore.adapters.number_formats import as_shown
from okrcore.adapters.regular_files import failed
from okrcore.adapters.workbook_parts import Area, check_parts, merged_areas
from okrcore.errors import MissingExtraError, OkrError

LARGEST = 200_000_000
"""So many bytes a workbook may unpack to."""
MOST_ROWS, MOST_COLUMNS = 200_000, 1_000
FIRST_ROWS = 100
"""The first of so many rows that has a value is the heading."""
ERRORS = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!")
)
"""What a formula gives that has no value."""

Merged = Literal["first", "fill"]
Rows = Iterator[tuple[int, list[Any]]]


@attrs.frozen(eq=False)
class OpenedSheet:
    """A sheet that is being read: number and cells of each row, and the areas of merged cells."""

    rows: Rows
    merged: tuple[Area, ...] = ()


def read_workbook(
    path: Path, sheet: str | None = None, merged: Merged = "first", largest: int = LARGEST
) -> OpenedSheet:
    """Return the rows of a sheet (None: the first), those without any value left out.

    A formula counts with the value that was saved with it. A number shown as percent becomes a `Percent`,
    a datetime at midnight a date. `merged` "fill" gives the value of merged cells to each of them;
    with "first" it stands in the first alone, as the file has it. Raises MissingExtraError without openpyxl,
    DocumentError for what is no workbook or too large: 200 MB unpacked, 200,000 rows, 1,000 columns.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError.of("openpyxl", "excel") from None
    check_parts(path, largest)
    with _as_ours(path), contextlib.ExitStack() as closing:
        file = closing.enter_context(path.open("rb"))  # openpyxl leaves open what it cannot read
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        table = _table(path, book, sheet)
        areas = merged_areas(path, table._worksheet_path)
        rows = _guarded(path, closing.pop_all(), table)
    return OpenedSheet(_filled(rows, areas) if merged == "fill" and areas else rows, areas)


@contextlib.contextmanager
def _as_ours(path: Path) -> Iterator[None]:
    try:
        yield
    except OkrError:
        raise
    except Exception as error:  # a third-party parser on untrusted bytes raises whatever it likes
        raise failed(
            path, f"is no workbook that can be read ({type(error).__name__}); save it again"
        ) from error


def _guarded(path: Path, closing: contextlib.ExitStack, table: Any) -> Rows:
    with closing, _as_ours(path):
        yield from _rows(path, table)


def _table(path: Path, book: Any, sheet: str | None) -> Any:
    names = [one.title for one in book.worksheets]
    if sheet is not None and sheet not in names:
        raise failed(path, f"has no sheet {sheet!r}; name one of {', '.join(names)[:300]}")
    if not names:
        raise failed(path, "has no sheet of cells; save one as .xlsx or as CSV")
    table = book.worksheets[names.index(sheet) if sheet is not None else 0]
    table.reset_dimensions()  # the size that a file claims is not to be trusted
    return table


def _rows(path: Path, table: Any) -> Rows:
    first = table.iter_rows(max_row=FIRST_ROWS, max_col=MOST_COLUMNS + 1)
    width = max((len(_values(cells)) for cells in first), default=0)
    if width > MOST_COLUMNS:
        raise failed(path, f"has more than {MOST_COLUMNS} columns; split it")
    for number, cells in enumerate(table.iter_rows(max_col=width) if width else (), 1):
        if number > MOST_ROWS:
            raise failed(path, f"has more than {MOST_ROWS} rows; split it")
        if values := _values(cells):
            yield number, values + [None] * (width - len(values))


def _filled(rows: Rows, areas: Sequence[Area]) -> Rows:
    """Yield the rows with the value of each merged area in all of its cells."""
    waiting = sorted(areas, reverse=True)
    active: list[tuple[Area, Any]] = []
    for number, cells in rows:
        active = [(area, value) for area, value in active if area[2] >= number]
        while waiting and waiting[-1][0] <= number:
            area = waiting.pop()
            top, left, bottom, _ = area
            if top == number and bottom >= number and left <= len(cells):
                active.append((area, cells[left - 1]))
        for (_, left, _, right), value in active:
            for place in range(left - 1, min(right, len(cells))):
                cells[place] = value
        yield number, cells


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
    if isinstance(value, int | float) and not isinstance(value, bool):
        return as_shown(value, cell.number_format or "")
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        return value.date()  # a workbook has no dates of their own
    return value
