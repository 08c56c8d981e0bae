"""Split delimited text into records with their line numbers, a bounded piece at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO, cast

from okrcore.adapters.regular_files import failed, size_of

LONGEST_LINE = 1_000_000
Record = tuple[int, list[str] | str]
"""The line that a record begins on, and its cells; or the fault in place of cells."""


def read_delimited(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Iterator[Record]:
    """Yield the records of a CSV or TSV file (RFC 4180), the header first, blank lines left out.

    Without an `encoding` it is UTF-8, or UTF-16 where a byte order mark says so; bytes that are neither
    stay in their cell as lone surrogates, for whoever reads the cell to refuse. Raises DocumentError where
    the file cannot be opened or a line has more than a million characters. Memory: one record.
    """
    sign = delimiter or ("\t" if path.suffix.lower() in (".tsv", ".tab") else ",")
    _check_sign(path, sign)
    with open_text(path, encoding) as file:
        lines = read_lines(file, path)
        first = next(lines, "")
        skipped = 0
        if said := _SEPARATOR.fullmatch(first.rstrip("\r\n")):
            if delimiter not in (None, said[1]):
                raise failed(path, f"says sep={said[1]}, delimiter is {delimiter!r}; leave delimiter out", 1)
            sign, first, skipped = said[1], "", 1
            _check_sign(path, sign)
        lines = chain([first] if first else [], lines)
        reader = csv.reader(lines, delimiter=sign, strict=True)
        while True:
            line = reader.line_num + 1 + skipped
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, f"is no record ({error}); close each quote, and write a quote inside quotes twice"
            else:
                if cells and (len(cells) > 1 or cells[0].strip()):
                    yield line, cells


_SEPARATOR = re.compile(r"sep=(.)", re.IGNORECASE)
"""The line before the heading in which Excel names the delimiter."""


def _check_sign(path: Path, sign: str) -> None:
    if len(sign) != 1 or sign in '\r\n"\0':
        raise failed(path, f"cannot be split at {sign!r}; give one character such as ';' as delimiter")


def open_text(path: Path, encoding: str | None = None) -> TextIO:
    """Return the open file; raises DocumentError naming the path where that cannot be."""
    size_of(path)
    try:
        if encoding is None:
            with path.open("rb") as file:
                mark = file.read(2)
            encoding = "utf-16" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        errors = "surrogateescape" if encoding.lower().startswith("utf-8") else "strict"
        return cast(TextIO, path.open(encoding=encoding, errors=errors, newline=""))
    except LookupError:
        raise failed(path, f"encoding {encoding!r} is unknown; name one such as utf-8 or cp1252") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the path is no path"
        raise failed(path, f"cannot be opened: {reason}; check the path") from error


def read_lines(file: TextIO, path: Path) -> Iterator[str]:
    """Yield the lines of an open file; raises DocumentError for one that is too long, or no text."""
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(LONGEST_LINE)
        except ValueError as error:
            reason = getattr(error, "reason", "no text")
            raise failed(path, f"is not {file.encoding} ({reason}); name its encoding", number) from None
        if not line:
            return
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise failed(path, f"the line has more than {LONGEST_LINE} characters; split it", number)
        yield line
