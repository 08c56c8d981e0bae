"""Look into the archive that a workbook is, before a parser does: refuse what would cost too much."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from okrcore.adapters.regular_files import failed, size_of
from okrcore.errors import DocumentError, OkrError

MOST_MARKS = {"worksheet": 12_000_000, "sst": 3_000_000}
"""So many tags a part may have, by its root: a parser makes an object of each."""
MOST_SMALL_MARKS = 300_000
SMALL = ("styleSheet", "workbook", "Relationships", "Types", "theme", "Properties", "coreProperties")
PIECE = 1 << 20

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_]\w*)[\s/>]")
_CELL = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})"'
)

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 1."""


def check_parts(path: Path, most: int, kind: type[OkrError] = DocumentError) -> None:
    """Raise an error of a `kind` for what is no archive, or would cost too much to unpack or parse."""
    size_of(path, kind)
    remedy = "split it" if kind is DocumentError else "split it, or raise most_bytes"
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > most:
                raise failed(path, f"unpacks to {size} bytes, more than {most}; {remedy}", kind=kind)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_marks(path, archive, part, kind)
    except OkrError:
        raise
    except OSError as error:
        reason = error.strerror or error
        raise failed(path, f"cannot be opened: {reason}; check the path", kind=kind) from error
    except Exception as error:  # zipfile and zlib raise many classes for bytes that are no archive
        raise failed(path, "is no workbook that can be read; save it again, or as CSV", kind=kind) from error


def _check_marks(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, kind: type[OkrError]) -> None:
    marks, most = 0, MOST_MARKS["worksheet"]
    for number, piece in enumerate(_pieces(archive, part.filename)):
        if number == 0 and (root := _ROOT.search(piece)):
            name = root[1].decode()
            most = MOST_MARKS.get(name, MOST_SMALL_MARKS if name in SMALL else most)
        marks += piece.count(b"<")
        if marks > most:
            raise failed(
                path, f"holds more than {most} tags in {part.filename}; save what is needed as CSV", kind=kind
            )


def merged_areas(path: Path, part: str) -> tuple[Area, ...]:
    """Return the areas of merged cells of a sheet, by the name of its part; at most 100,000."""
    found: list[Area] = []
    with zipfile.ZipFile(path) as archive:
        rest = b""
        for piece in _pieces(archive, part):
            text = rest + piece
            end = 0
            for one in _CELL.finditer(text):
                end = one.end()
                found.append((int(one[2]), _column(one[1]), int(one[4]), _column(one[3])))
                if len(found) == 100_000:
                    return tuple(found)
            rest = text[max(end, len(text) - 200) :]  # a tag may lie across two pieces
    return tuple(found)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as opened:
        while piece := opened.read(PIECE):
            yield piece
