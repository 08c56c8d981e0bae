"""Write tables as CSV and as workbooks, in which no text of a cell is ever run as a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from okrcore.display.text import plain
from okrcore.errors import MissingExtraError, OkrError

_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_MOST_ROWS, _MOST_SIGNS = 1_048_575, 32_767


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may take a text for a formula, by its first sign.

    >>> is_formula("=1+1"), is_formula("1+1")
    (True, False)
    """
    return text.startswith(_COMMANDS)


def csv_text(columns: Mapping[str, Iterable[Any]]) -> str:
    """Return columns as CSV with a head; a text that a spreadsheet may take for a formula begins with "'".

    Numbers are written in full, unknown is empty, dates are ISO texts.

    >>> csv_text({"id": ["a", "=1+1"], "score": [0.5, -2.0]})
    "id,score\\r\\na,0.5\\r\\n'=1+1,-2.0\\r\\n"
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([_quoted(name) for name in columns])
    writer.writerows([_csv_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return file.getvalue()


def write_workbook(path: str | Path, sheets: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a workbook with one sheet a table, by name; a text stays a text whatever it begins with.

    Raises MissingExtraError where openpyxl is missing, OkrError for more rows than a sheet holds.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    except ImportError:
        raise MissingExtraError.of("openpyxl", "excel") from None
    book = Workbook(write_only=True)
    for name, columns in sheets.items():
        rows = max((len(column) for column in columns.values()), default=0)
        if rows > _MOST_ROWS:
            raise OkrError(f"{name} has {rows:,} rows, but a sheet holds {_MOST_ROWS:,}; write it as CSV")
        sheet = book.create_sheet(name)

        def cell(value: Any, sheet: Any = sheet) -> Any:
            value = _excel_value(value)
            if not isinstance(value, str):
                return value
            made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub(" ", value)[:_MOST_SIGNS])
            made.data_type = "s"
            made.quotePrefix = is_formula(value)
            return made

        sheet.append([cell(head) for head in columns])
        for row in zip(*columns.values(), strict=True):
            sheet.append([cell(value) for value in row])
    book.save(path)


def _quoted(text: str) -> str:
    return f"'{text}" if is_formula(text) else text


def _csv_cell(value: Any) -> Any:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return value.isoformat() if isinstance(value, dt.date) else _quoted(str(value))


def _excel_value(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.isoformat()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | dt.date) else str(value)
