"""Read a file, a query or a dataframe of observations as a history, all bad rows in one error."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from okrcore.adapters.chunk_histories import STAMPED, RowFields, capped, histories
from okrcore.adapters.chunks import Chunk, query_chunks, read_chunks
from okrcore.adapters.date_cells import DateOrder
from okrcore.adapters.frame_chunks import frame_chunks, is_frame
from okrcore.adapters.number_cells import NumberFormat
from okrcore.adapters.table_format import FIELDS, TableFormat
from okrcore.adapters.table_records import TableLayout
from okrcore.errors import HistoryError, Problem
from okrcore.frozen import FrozenDict
from okrcore.history.history import History

MOST_PROBLEMS = 10_000
MOST_LINES = 2**62


def read_history(
    source: Any,
    query: str | None = None,
    *,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
    columns: Mapping[str, str] = FrozenDict(),
    constants: Mapping[str, str] = FrozenDict(),
    wide: Mapping[str, str] = FrozenDict(),
    periods: Sequence[str] = (),
    units: Mapping[str, str] = FrozenDict(),
    numbers: NumberFormat | None = None,
    dates: DateOrder = "iso",
    timezone: str = "",
    days: bool = False,
    percent: Literal["", "fraction", "number"] = "",
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    heading: int | str | None = None,
    merged: Literal["first", "fill"] = "first",
    short_rows: Literal["refuse", "blank"] = "refuse",
) -> History:
    """Return the observations of a file, of a query over a connection, or of a dataframe.

    A file is CSV, TSV, JSON lines (.jsonl, .ndjson), JSON (a list of records) or .xlsx, read by its suffix;
    the text files in bounded memory, at about a microsecond a cell. A connection is a DB-API one (PEP 249);
    `query` and its `parameters` are handed to it as they are. A dataframe is one that Narwhals knows (pandas,
    Polars, PyArrow, lazy ones too).

    The columns are measure, at, value, and, where they are there, unit, recorded_at, system, mode, by and
    definition; `columns` gives other names ({"measure": "kpi"}), `constants` what is the same in every row
    ({"unit": "%"}). `at` is ISO text, a date, or an aware instant. Numbers are plain ("1234.5") unless
    `numbers` says how else they are written. A row without a value is no observation (S0.2); further columns
    are not read.

    `wide`, `periods`, `units`, `dates`, `timezone`, `days` and `percent` are as in `TableFormat`; a number of
    unit % is taken as it is where `percent` does not say how it is written. `delimiter`, `encoding`, `sheet`,
    `heading` (titles may stand above it), `merged` and `short_rows` are as in `ColumnMapping`.

    Raises HistoryError that lists the first twenty bad rows with their lines (of a query or frame: the row,
    from 1) and how many more there are, and then nothing is read; MissingExtraError for .xlsx without
    openpyxl. Texts of drivers, which may hold credentials, stay in the cause of the error.

    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> _ = connection.execute("create table facts (kpi text, day text, amount real)")
    >>> _ = connection.execute("insert into facts values ('uptime', '2026-01-05', 98.5)")
    >>> query = "select kpi as measure, day as at, amount as value from facts where kpi = ?"
    >>> read_history(connection, query, parameters=["uptime"]).latest("uptime", "2026-02-01").value
    98.5
    >>> connection.close()
    """
    names = _named(columns, constants)
    table = TableFormat(
        columns=_without(names, STAMPED),
        constants=_without(constants, STAMPED),
        wide=wide,
        periods=tuple(periods) if not isinstance(periods, str) else periods,
        units=units,
        numbers=numbers or NumberFormat(),
        dates=dates,
        timezone=timezone,
        days=days,
        percent=percent,
    )
    own = {name: names.get(name, name) for name in STAMPED if name not in constants}
    fixed = {name: text for name, text in constants.items() if name in STAMPED}
    fields = RowFields(table=table, columns=own, constants=fixed, asks_percent=False)
    layout = _layout(
        delimiter=delimiter,
        encoding=encoding,
        sheet=sheet,
        heading=heading,
        merged=merged,
        short_rows=short_rows,
    )
    history, problems = History(), list[Problem]()
    for chunk, found, bad in histories(_chunks(source, query, parameters, layout, fields), fields):
        problems += bad
        try:
            history = history.append(found)
        except HistoryError as error:
            problems += [attrs.evolve(problem, file=chunk.file) for problem in error.problems]
        if len(problems) > MOST_PROBLEMS:
            break
    if problems:
        raise HistoryError(capped(sorted(problems, key=lambda one: one.line or MOST_LINES)))
    return history


def _without(given: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if name not in names}


def _layout(**options: Any) -> TableLayout:
    layout = TableLayout(**options)
    if faults := [Problem(fault, kind=HistoryError) for _, fault in layout.faults()]:
        raise HistoryError(faults)
    return layout


def _chunks(
    source: Any, query: str | None, parameters: Any, layout: TableLayout, fields: RowFields
) -> Iterator[Chunk]:
    if hasattr(source, "cursor"):
        if not isinstance(query, str):
            raise HistoryError("a connection is given without a query; give query=")
        return query_chunks(source, query, parameters)
    if query is not None:
        raise HistoryError("a query is given without a connection; give a DB-API connection")
    if isinstance(source, str | os.PathLike):
        return read_chunks(source, layout, fields.wanted)
    if is_frame(source):
        return frame_chunks(source)
    raise HistoryError(f"the source is a {type(source).__name__}; give a path, a connection or a dataframe")


def _named(columns: Mapping[str, str], constants: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that are named for fields."""
    fields = (*FIELDS, *STAMPED)
    unknown = [name for name in (*columns, *constants) if name not in fields]
    if unknown:
        raise HistoryError(f"{unknown} are no columns of a history; give some of {', '.join(fields)}")
    wrong = [name for name, text in (*columns.items(), *constants.items()) if not isinstance(text, str)]
    if wrong:
        raise HistoryError(f"what columns or constants give for {wrong} is no text; give text")
    if (mode := constants.get("mode", "pulled")) not in ("pulled", "derived", "manual"):
        raise HistoryError(f"mode is {mode!r}; give one of pulled, derived, manual")
    return {name: column for name, column in columns.items() if name not in constants}
