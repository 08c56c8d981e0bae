"""Files, query results and dataframes into chunks of columns with the line of each row, in bounded memory."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import attrs

from okrcore.adapters.delimited import failed, open_text, read_delimited, read_lines
from okrcore.adapters.sheet import read_sheet
from okrcore.errors import DocumentError, HistoryError, Problem

CHUNK = 65_536
"""So many rows are held at a time."""


@attrs.frozen(eq=False)
class Chunk:
    """Rows as columns: `values` by column name, each with one entry a row, and the line of each row.

    `problems` are of records that are no row.
    """

    file: str | None
    lines: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    problems: tuple[Problem, ...] = ()


def read_chunks(
    path: str | os.PathLike[str], delimiter: str | None = None, encoding: str | None = None
) -> Iterator[Chunk]:
    """Yield the records of a file: CSV and TSV, JSON lines (.jsonl, .ndjson), else as `read_sheet`.

    Raises HistoryError where the file cannot be opened or read at all.
    """
    file = Path(path)
    kind = file.suffix.lower()
    try:
        if kind in (".csv", ".tsv", ".tab", ".txt"):
            yield from _delimited(file, delimiter, encoding)
        elif kind in (".jsonl", ".ndjson"):
            yield from _lines(file, encoding)
        elif kind in (".json", ".xlsx"):
            yield _whole(file)
        else:
            raise failed(file, f"suffix {file.suffix!r} is unknown; use .csv, .tsv, .jsonl, .json or .xlsx")
    except DocumentError as error:
        raise HistoryError(
            [attrs.evolve(problem, kind=HistoryError) for problem in error.problems]
        ) from error


def query_chunks(connection: Any, query: str, parameters: Any) -> Iterator[Chunk]:
    """Yield the rows of a query over a DB-API connection (PEP 249), and close its cursor.

    What the driver says may hold credentials: the error names its type only, the rest is in its cause.
    """
    cursor = _asked(connection.cursor)
    try:
        _asked(lambda: cursor.execute(query, parameters) if parameters else cursor.execute(query))
        if cursor.description is None:
            raise HistoryError("the query returns no rows; write a select")
        names = [str(column[0]) for column in cursor.description]
        done = 0
        while rows := _asked(lambda: cursor.fetchmany(CHUNK)):
            yield Chunk(None, range(done + 1, done + len(rows) + 1), _columns(names, rows))
            done += len(rows)
        if not done:
            yield Chunk(None, (), dict.fromkeys(names, ()))
    finally:
        with contextlib.suppress(Exception):
            cursor.close()


def frame_chunk(frame: Any) -> Chunk:
    """Return the columns of a dataframe (pandas, Polars, or alike)."""
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise HistoryError("the frame has two columns of one name; rename one")
    values = {str(name): frame[name] for name in frame.columns}
    return Chunk(None, range(1, len(frame) + 1), values)


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except HistoryError:
        raise
    except Exception as error:  # drivers share no base class
        raise HistoryError(
            f"the query failed with {type(error).__name__}; its words are in the cause of this error"
        ) from error


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _delimited(path: Path, delimiter: str | None, encoding: str | None) -> Iterator[Chunk]:
    records = read_delimited(path, delimiter, encoding)
    line, head = next(records, (1, []))
    if isinstance(head, str) or not head:
        _refuse(path, f"the heading {head}" if head else "is empty; the first row names the columns", line)
    names = [name.strip() for name in head]
    if len({*filter(None, names)}) < len([*filter(None, names)]):
        _refuse(path, "two columns have one name; rename one", line)
    width, first = len(names), True
    while (part := list(islice(records, CHUNK))) or first:
        first = False
        good = [(line, cells) for line, cells in part if len(cells) == width and not isinstance(cells, str)]
        problems = [
            _problem(path, line, cells if isinstance(cells, str) else _ragged(len(cells), width))
            for line, cells in part
            if isinstance(cells, str) or len(cells) != width
        ]
        columns = _columns(names, [cells for _, cells in good]) if good else dict.fromkeys(names, ())
        yield Chunk(str(path), [line for line, _ in good], columns, tuple(problems))


def _lines(path: Path, encoding: str | None) -> Iterator[Chunk]:
    with open_text(path, encoding) as file:
        numbered = ((n, line) for n, line in enumerate(read_lines(file, path), 1) if line.strip())
        while part := list(islice(numbered, CHUNK)):
            rows, lines, problems = [], [], []
            for number, line in part:
                record = _record(line)
                if isinstance(record, str):
                    problems.append(_problem(path, number, record))
                else:
                    rows.append(record)
                    lines.append(number)
            names = dict.fromkeys(name for row in rows for name in row)
            columns = {name: [row.get(name) for row in rows] for name in names}
            yield Chunk(str(path), lines, columns, tuple(problems))


def _record(line: str) -> dict[str, Any] | str:
    try:
        record = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return f"is no JSON ({getattr(error, 'msg', error)}); give one object a line"
    return record if isinstance(record, dict) else "is no JSON object; give one a line"


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _whole(path: Path) -> Chunk:
    sheet = read_sheet(path)
    columns = {name: [row.cells.get(name) for row in sheet.rows] for name in sheet.columns}
    return Chunk(sheet.file, [row.line for row in sheet.rows], columns, sheet.problems)


def _ragged(cells: int, width: int) -> str:
    return f"the row has {cells} cells where the heading has {width}; correct the separators"


def _problem(path: Path, line: int, message: str) -> Problem:
    return Problem(message, file=str(path), line=line, kind=HistoryError)


def _refuse(path: Path, message: str, line: int) -> NoReturn:
    raise failed(path, message, line)
