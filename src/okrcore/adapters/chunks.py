"""Read files and query results into chunks of columns, with the line of each row and in bounded memory."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import attrs

from okrcore.adapters.delimited import open_text, read_lines
from okrcore.adapters.regular_files import failed
from okrcore.adapters.sheet import read_sheet
from okrcore.adapters.table_records import TEXTS, WORKBOOKS, TableLayout, read_records
from okrcore.adapters.workbook import ERRORS, LARGEST
from okrcore.errors import DocumentError, HistoryError, Problem

CHUNK = 65_536
"""So many rows are held at a time."""
MOST_KEYS = 1_000
"""So many different keys the records of a JSON file may have where all of them are read."""
MOST_NAMED = 40


@attrs.frozen(eq=False)
class Chunk:
    """Rows as columns: `values` by column name, each with one entry a row, and the line of each row.

    `problems` are of records that are no row. `named` are columns that are there so far, whether they are
    read or not. Records of JSON lines name their columns one by one: then `open` says that a later chunk may
    name more, and a column that no record of this chunk names is blank in it.
    """

    file: str | None
    lines: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    problems: tuple[Problem, ...] = ()
    named: Sequence[str] = ()
    open: bool = False
    hint: str = ""
    """What may be the reason where a column is missing."""


def read_chunks(
    path: str | os.PathLike[str],
    layout: TableLayout,
    wanted: Collection[str] | None = None,
) -> Iterator[Chunk]:
    """Yield the records of a file: CSV and TSV, JSON lines (.jsonl, .ndjson), .json or .xlsx.

    `wanted` are the columns that are read, None all. Raises HistoryError where the file cannot be opened or
    read at all.
    """
    file = Path(path)
    kind = file.suffix.lower()
    try:
        if kind in TEXTS or kind in WORKBOOKS:
            yield from _headed(file, layout, wanted)
        elif kind in (".jsonl", ".ndjson"):
            yield from _lines(file, layout.encoding, wanted)
        elif kind == ".json":
            yield _whole(file, layout, wanted)
        else:
            raise failed(
                file,
                f"suffix {file.suffix!r} is unknown; use .csv, .tsv, .jsonl, .json or .xlsx,"
                " or pull from it (Parquet with duckdb_source, .xls and .ods with ExcelSource)",
            )
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
        check_names(names, "the query gives", "name one of each with as")
        done = 0
        while rows := _asked(lambda: cursor.fetchmany(CHUNK)):
            lines = range(done + 1, done + len(rows) + 1)
            yield Chunk(None, lines, _columns(names, rows), named=names)
            done += len(rows)
        if not done:
            yield Chunk(None, (), dict.fromkeys(names, ()), named=names)
    finally:
        with contextlib.suppress(Exception):
            cursor.close()


def check_names(names: Sequence[str], what: str, remedy: str) -> None:
    """Raise HistoryError where two columns have one name: which of them is meant nobody could tell."""
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise HistoryError(f"{what} two columns of one name, {', '.join(map(repr, twice))[:200]}; {remedy}")


def headed_chunks(path: Path, records: Iterator[tuple[int, Any]], columns: Sequence[str]) -> Iterator[Chunk]:
    """Yield the records of a table whose columns are known; a fault in place of cells becomes a problem."""
    named = [name for name in columns if name]
    hint = _hint(named)
    first = True
    while (part := list(islice(records, CHUNK))) or first:
        good = [(line, cells) for line, cells in part if not isinstance(cells, str)]
        bad = [_problem(path, line, cells) for line, cells in part if isinstance(cells, str)]
        values = _columns(columns, [cells for _, cells in good]) if good else dict.fromkeys(columns, ())
        values.pop("", None)
        yield Chunk(str(path), [line for line, _ in good], values, tuple(bad), named, hint=hint)
        first = False


def _headed(path: Path, layout: TableLayout, wanted: Collection[str] | None) -> Iterator[Chunk]:
    table = read_records(path, layout, wanted, LARGEST)
    records = table.records
    if path.suffix.lower() in WORKBOOKS:
        records = ((line, _without_errors(cells)) for line, cells in records)
    for chunk in headed_chunks(path, records, table.columns):
        yield attrs.evolve(chunk, hint=MERGED) if table.merged else chunk


MERGED = (
    "cells are merged, and only the first of each area has the value: set merged to fill to give it to all"
)


def _hint(names: Sequence[str]) -> str:
    signs = [sign for sign in (";", "\t", "|", ",") if len(names) == 1 and sign in names[0]]
    return f"the heading may be parted by {signs[0]!r}: name it as delimiter" if signs else ""


def _without_errors(cells: Any) -> Any:
    """Return cells without the errors of formulas, which are no value, like blank ones."""
    if isinstance(cells, str):
        return cells
    return [None if isinstance(cell, str) and cell in ERRORS else cell for cell in cells]


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


def _lines(path: Path, encoding: str | None, wanted: Collection[str] | None) -> Iterator[Chunk]:
    named = dict[str, None]()
    with open_text(path, encoding) as file:
        numbered = ((n, line) for n, line in enumerate(read_lines(file, path), 1) if line.strip())
        while part := list(islice(numbered, CHUNK)):
            rows, lines, problems = [], [], []
            for number, line in part:
                record = _record(line)
                if isinstance(record, str):
                    problems.append(_problem(path, number, record))
                    continue
                rows.append(record if wanted is None else {n: v for n, v in record.items() if n in wanted})
                lines.append(number)
                _name(path, number, record, named, wanted)
            columns = named if wanted is None else wanted
            values = {name: [row.get(name) for row in rows] for name in columns}
            yield Chunk(str(path), lines, values, tuple(problems), tuple(named), open=True)


def _name(
    path: Path, line: int, record: Mapping[str, Any], named: dict[str, None], wanted: Collection[str] | None
) -> None:
    """Remember the keys of a record: those that are read, and some of the others."""
    for name in record:
        if wanted is None or name in wanted or len(named) < MOST_NAMED:
            named.setdefault(name)
    if len(named) > MOST_KEYS and wanted is None:
        raise failed(path, f"the records have more than {MOST_KEYS} different keys; name those to read", line)


def _record(line: str) -> dict[str, Any] | str:
    try:
        record = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        return f"is no JSON ({getattr(error, 'msg', error)}); give one object a line"
    return record if isinstance(record, dict) else "is no JSON object; give one a line"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of some pairs; a key that comes twice could mean either value."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice[:60]!r} comes twice")
    return made


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _whole(path: Path, layout: TableLayout, wanted: Collection[str] | None) -> Chunk:
    sheet = read_sheet(path, layout)
    columns = sheet.columns if wanted is None else [name for name in sheet.columns if name in wanted]
    if len(columns) > MOST_KEYS:
        raise failed(path, f"the records have more than {MOST_KEYS} different keys; name those to read")
    values = {name: [row.cells.get(name) for row in sheet.rows] for name in columns}
    return Chunk(
        sheet.file, [row.line for row in sheet.rows], values, sheet.problems, sheet.columns[:MOST_KEYS]
    )


def _problem(path: Path, line: int, message: str) -> Problem:
    return Problem(message, file=str(path), line=line, kind=HistoryError)
