"""A file, a query or a dataframe of observations into a history, all bad rows in one error."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

import attrs
import numpy as np

from okrcore.adapters.cells import NumberFormat, Refused, number_of, number_pattern, unknown_words
from okrcore.adapters.chunks import Chunk, frame_chunk, query_chunks, read_chunks
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError, OkrError, Problem
from okrcore.frozen import FrozenDict
from okrcore.history.history import History
from okrcore.history.observation import Observation

REQUIRED = ("measure", "at", "value")
OPTIONAL = ("unit", "recorded_at", "system", "mode", "by", "definition")
MOST_PROBLEMS = 10_000
MOST_LINES = 2**62


def read_history(
    source: Any,
    query: str | None = None,
    *,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
    columns: Mapping[str, str] = FrozenDict(),
    constants: Mapping[str, str] = FrozenDict(),
    numbers: NumberFormat | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> History:
    """Return the observations of a file, of a query over a connection, or of a dataframe.

    A file is CSV, TSV, JSON lines (.jsonl, .ndjson), JSON (a list of records) or .xlsx, read by its suffix;
    the text files in bounded memory, at about a microsecond a cell. A connection is a DB-API one (PEP 249);
    `query` and its `parameters` are handed to it as they are. A dataframe has `.columns` (pandas, Polars).

    The columns are measure, at, value, and, where they are there, unit, recorded_at, system, mode, by and
    definition; `columns` gives other names ({"measure": "kpi"}), `constants` what is the same in every row
    ({"unit": "%"}). `at` is ISO text, a date, or an aware instant. Numbers are plain ("1234.5") unless
    `numbers` says how else they are written. A row without a value is no observation (S0.2); further columns
    are not read.

    Raises HistoryError that lists every bad row with its line (of a query or frame: the row, from 1), and
    then nothing is read; MissingExtraError for .xlsx without openpyxl. Texts of drivers, which may hold
    credentials, stay in the cause of the error.

    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> _ = connection.execute("create table facts (kpi text, day text, amount real)")
    >>> _ = connection.execute("insert into facts values ('uptime', '2026-01-05', 98.5)")
    >>> query = "select kpi as measure, day as at, amount as value from facts where kpi = ?"
    >>> read_history(connection, query, parameters=["uptime"]).latest("uptime", "2026-02-01").value
    98.5
    >>> connection.close()
    """
    names = _names(columns, constants)
    style = numbers or NumberFormat()
    history, problems = History(), list[Problem]()
    for chunk in _chunks(source, query, parameters, delimiter, encoding):
        problems += chunk.problems
        _check(chunk, names, columns, constants)
        taken = _taken(chunk, names, constants, style, problems)
        history = _appended(history, taken, problems)
        if len(problems) > MOST_PROBLEMS:
            problems.append(Problem("and maybe more: reading stopped here", kind=HistoryError))
            break
    if problems:
        raise HistoryError(sorted(problems, key=lambda one: one.line or MOST_LINES))
    return history


def chunk_history(
    chunk: Chunk,
    columns: Mapping[str, str],
    constants: Mapping[str, str],
    numbers: NumberFormat,
    problems: list[Problem],
) -> History:
    """Return the observations of one chunk, as `read_history` reads them; its bad rows go to `problems`."""
    names = _names(columns, constants)
    _check(chunk, names, columns, constants)
    return _appended(History(), _taken(chunk, names, constants, numbers, problems), problems)


def _chunks(
    source: Any, query: str | None, parameters: Any, delimiter: str | None, encoding: str | None
) -> Iterable[Chunk]:
    if hasattr(source, "cursor"):
        if not isinstance(query, str):
            raise HistoryError("a connection is given without a query; give query=")
        return query_chunks(source, query, parameters)
    if query is not None:
        raise HistoryError("a query is given without a connection; give a DB-API connection")
    if isinstance(source, str | os.PathLike):
        return read_chunks(source, delimiter, encoding)
    if hasattr(source, "columns") and hasattr(source, "__getitem__"):
        return iter([frame_chunk(source)])
    raise HistoryError(f"the source is a {type(source).__name__}; give a path, a connection or a dataframe")


def _names(columns: Mapping[str, str], constants: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field."""
    fields = (*REQUIRED, *OPTIONAL)
    unknown = [name for name in (*columns, *constants) if name not in fields]
    if unknown:
        raise HistoryError(f"{unknown} are no columns of a history; give some of {', '.join(fields)}")
    wrong = [name for name, text in (*columns.items(), *constants.items()) if not isinstance(text, str)]
    if wrong:
        raise HistoryError(f"what columns or constants give for {wrong} is no text; give text")
    if (mode := constants.get("mode", "pulled")) not in ("pulled", "derived", "manual"):
        raise HistoryError(f"mode is {mode!r}; give one of pulled, derived, manual")
    return {name: columns.get(name, name) for name in fields if name not in constants}


def _check(
    chunk: Chunk, names: Mapping[str, str], columns: Mapping[str, str], constants: Mapping[str, str]
) -> None:
    if not chunk.lines and not chunk.values:
        return
    needed = {*REQUIRED, *columns} - set(constants)
    missing = [names[name] for name in names if name in needed and names[name] not in chunk.values]
    if missing:
        found = ", ".join(map(str, chunk.values))
        message = f"columns {missing} are missing; there are {found[:500]}: name them with columns="
        raise HistoryError([Problem(message, file=chunk.file, kind=HistoryError)])


@attrs.frozen(eq=False)
class _Taken:
    """The rows of a chunk that have a value, as `History.of_columns` takes them."""

    file: str | None
    lines: Sequence[int]
    columns: dict[str, Any]
    constants: Mapping[str, str]


def _taken(
    chunk: Chunk,
    names: Mapping[str, str],
    constants: Mapping[str, str],
    style: NumberFormat,
    problems: list[Problem],
) -> _Taken:
    given = {name: chunk.values[column] for name, column in names.items() if column in chunk.values}
    size = len(chunk.lines)
    raw = [constants["value"]] * size if "value" in constants else given.pop("value", ())
    values, known = _numbers(_plain(raw), style, chunk, problems, names.get("value", "value"))
    columns: dict[str, Any] = {"value": values}
    for name, column in given.items():
        kept = column if known is None and name in ("at", "recorded_at") else _plain(column)
        columns[name] = kept if known is None else list(compress(kept, known))
    lines = chunk.lines if known is None else list(compress(chunk.lines, known))
    rest = {name: text for name, text in constants.items() if name != "value"}
    return _Taken(chunk.file, lines, columns, rest)


def _numbers(
    raw: Sequence[Any], style: NumberFormat, chunk: Chunk, problems: list[Problem], column: str
) -> tuple[Any, list[bool] | None]:
    """Return the numbers of the rows that have one, and which those are (None: all)."""
    if isinstance(raw, np.ndarray) and raw.dtype.kind in "iu":
        return raw, None
    plain = number_pattern(".", "").fullmatch
    if style == NumberFormat() and all(isinstance(one, str) and len(one) < 40 and plain(one) for one in raw):
        return list(map(float, raw)), None
    unknown = unknown_words(style.unknown)
    numbers, known = [], []
    for line, cell in zip(chunk.lines, raw, strict=True):
        number = None
        try:
            found = number_of(cell, style) if _is_there(cell, unknown) else None
            if found and found[1]:
                raise Refused(f"{cell!r} has a percent sign; write 5 for 5%, and % in the unit column")
            number = found and found[0]
        except Refused as refused:
            problems.append(Problem(str(refused), column, chunk.file, line, kind=HistoryError))
        known.append(number is not None)
        if number is not None:
            numbers.append(number)
    return numbers, known


def _is_there(cell: Any, unknown: frozenset[str]) -> bool:
    return not (_is_missing(cell) or (isinstance(cell, str) and cell.strip().casefold() in unknown))


def _is_missing(cell: Any) -> bool:
    """Tell None, NaN, NaT and pandas' NA, which stand for nothing in frames."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float) and cell != cell


def _plain(column: Any) -> Any:
    """Return a column as a sequence of plain values, missing ones as None."""
    if isinstance(column, list | tuple):
        return column
    array = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    if array.dtype.kind in "iu":
        return array
    if array.dtype.kind == "M":
        return list(array)
    return [None if _is_missing(one) else one for one in array.tolist()]


def _appended(history: History, taken: _Taken, problems: list[Problem]) -> History:
    if not len(taken.lines):
        return history
    columns = {**taken.columns, **taken.constants}
    size = len(taken.lines)
    for name in ("measure", "at"):
        if name in taken.constants:
            columns[name] = [taken.constants[name]] * size
    try:
        return history.append(
            History.of_columns(columns.pop("measure"), columns.pop("at"), columns.pop("value"), **columns)
        )
    except HistoryError as error:
        bad = list(_bad_rows(taken))
        if bad:
            problems += bad
        else:
            problems += [attrs.evolve(problem, file=taken.file) for problem in error.problems]
        return history


def _bad_rows(taken: _Taken) -> Iterator[Problem]:
    """Yield what is wrong with each row that is no observation."""
    columns = {name: _plain(column) for name, column in taken.columns.items()}
    for row, line in enumerate(taken.lines):
        cells = {**taken.constants, **{name: column[row] for name, column in columns.items()}}
        system: str = cells.pop("system", None) or ""
        mode: Any = cells.pop("mode", None) or ""
        recorded_at = cells.pop("recorded_at", None) or None
        texts = {name: cells.get(name) or "" for name in ("unit", "by", "definition")}
        try:
            source = Source(system, mode=mode or "pulled") if system or mode else None
            Observation(
                cells["measure"] if cells["measure"] is not None else "",
                cells["at"],
                float(cells["value"]),
                recorded_at=recorded_at,
                source=source,
                **texts,
            )
        except OkrError as error:
            for problem in error.problems:
                yield Problem(problem.message[:600], file=taken.file, line=line, kind=HistoryError)
