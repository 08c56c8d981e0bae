"""Look for the largest cell of a binary workbook (.xlsb), since its parser holds every cell up to it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from okrcore.adapters.regular_files import failed
from okrcore.errors import HistoryError, OkrError

MOST_CELLS = 20_000_000
"""So many cells a sheet may span, used or not."""
_ROW, _CELLS = 0, range(1, 12)  # record types of BIFF12: a row's head, and cells of each kind


def check_cells(path: Path) -> None:
    """Raise HistoryError for an .xlsb whose cells span more than 20 million; other formats are bounded."""
    if path.suffix.lower() != ".xlsb":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if not name.endswith((".xml", ".rels")):
                    with archive.open(name) as opened:
                        part: Any = opened
                        rows, columns = _spanned(io.BufferedReader(part, 1 << 20))
                    if rows * columns > MOST_CELLS:
                        raise failed(
                            path,
                            f"spans {rows} rows and {columns} columns; delete what stands far from the table",
                            kind=HistoryError,
                        )
    except OkrError:
        raise
    except Exception as error:  # zipfile and zlib raise many classes for bytes that are no archive
        raise failed(path, "is no workbook that can be read; save it again", kind=HistoryError) from error


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
