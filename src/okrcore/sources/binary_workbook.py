"""Look for the largest cell of a binary workbook, since its parser holds every cell up to it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from okrcore.adapters.regular_files import failed
from okrcore.errors import HistoryError, OkrError
from okrcore.sources.compound_file import CompoundFile

MOST_CELLS = 20_000_000
"""So many cells a sheet may span, used or not."""
_ROW, _CELLS = 0, range(1, 12)  # record types of BIFF12: a row's head, and cells of each kind
_BEGIN, _SPAN = 0x0809, 0x0200  # and of BIFF8: a sheet begins, its span, several cells of a row, one cell
_SEVERAL = frozenset((0x00BD, 0x00BE))
_ONE = frozenset((0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406))


def check_cells(path: Path) -> None:
    """Raise HistoryError for an .xlsb or .xls whose cells span more than 20 million; .ods is bounded."""
    spans = {".xlsb": _spans_of_parts, ".xls": _spans_of_sheets}.get(path.suffix.lower())
    if spans is None:
        return
    try:
        for rows, columns in spans(path):
            if rows * columns > MOST_CELLS:
                raise failed(
                    path,
                    f"spans {rows} rows and {columns} columns; delete what stands far from the table",
                    kind=HistoryError,
                )
    except OkrError:
        raise
    except Exception as error:  # zipfile, zlib and struct raise many classes for bytes that are no workbook
        raise failed(path, "is no workbook that can be read; save it again", kind=HistoryError) from error


def _spans_of_parts(path: Path) -> Iterator[tuple[int, int]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith((".xml", ".rels")):
                with archive.open(name) as opened:
                    part: Any = opened
                    yield _spanned(io.BufferedReader(part, 1 << 20))


def _spans_of_sheets(path: Path) -> Iterator[tuple[int, int]]:
    """Yield rows and columns of each sheet of an .xls: of the cells, and of what it says that it spans."""
    stream = CompoundFile.of(path.read_bytes()).stream("Workbook", "Book")
    rows = columns = at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + size]
        if kind == _BEGIN:
            yield rows, columns
            rows = columns = 0
        elif kind == _SPAN and size >= 10:
            last, right = struct.unpack_from("<4xI2xH" if size >= 14 else "<2xH2xH", content)
            rows, columns = max(rows, last), max(columns, right)
        elif kind in _SEVERAL and size >= 6:
            row, right = struct.unpack_from("<H", content)[0], struct.unpack_from("<H", content, size - 2)[0]
            rows, columns = max(rows, row + 1), max(columns, right + 1)
        elif kind in _ONE and size >= 4:
            row, column = struct.unpack_from("<HH", content)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += 4 + size
    yield rows, columns


def _spanned(part: io.BufferedReader) -> tuple[int, int]:
    rows = columns = 0
    for kind, content in _records(part):
        if kind == _ROW and len(content) >= 4:
            rows = max(rows, struct.unpack_from("<I", content)[0] + 1)
        elif kind in _CELLS and len(content) >= 4:
            columns = max(columns, struct.unpack_from("<I", content)[0] + 1)
    return rows, columns


def _records(part: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    while (kind := _number(part, 2)) is not None:
        size = _number(part, 4)
        if size is None:
            return
        yield kind, part.read(min(size, 4))
        part.read(max(size - 4, 0))


def _number(part: io.BufferedReader, longest: int) -> int | None:
    """Return a number of seven bits a byte; None at the end."""
    value = 0
    for place in range(longest):
        byte = part.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            break
    return value
