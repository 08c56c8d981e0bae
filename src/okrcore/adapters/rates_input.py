"""Read exchange rates from a table or a document, all bad rows in one error."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs

from okrcore.adapters.chunk_histories import capped
from okrcore.adapters.chunks import Chunk, read_chunks
from okrcore.adapters.table_records import TableLayout
from okrcore.documents.loading import FORMATS, load
from okrcore.documents.scalar_nodes import NUMBER
from okrcore.errors import DocumentError, HistoryError, Problem, UnitError, raise_all
from okrcore.units.rates import Rates

COLUMNS = ("date", "base", "quote", "rate")


def read_rates(path: str | os.PathLike[str], *, encoding: str | None = None) -> Rates:
    """Return the exchange rates of a file: CSV, TSV, JSON lines or .xlsx, or a document with `rates:`.

    A table has the columns date, base, quote and rate, one row a rate: from that date on one `base` is worth
    `rate` `quote`. A document is .yaml, .toml or .json, as `load` reads it. Raises UnitError that lists the
    first bad rows with their lines, and how many more there are, HistoryError where the table cannot be read,
    and what `load` raises.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "rates.csv")
    ...     _ = file.write_text("date,base,quote,rate\\n2026-01-02,EUR,USD,1.25\\n")
    ...     read_rates(file).rate("USD", "EUR", "2026-01-05")
    0.8
    """
    if Path(path).suffix.lower() in FORMATS:
        declared = load(path).rates
        if declared is None:
            raise DocumentError(f"{path}: it holds no rates; add rates, each with date, base, quote and rate")
        return declared
    rows, lines, problems = list[tuple[Any, ...]](), list[int](), list[Problem]()
    file = os.fspath(path)
    for chunk in read_chunks(path, TableLayout(encoding=encoding), COLUMNS):
        _refuse_columns(chunk, file)
        problems += chunk.problems
        rows += zip(*(chunk.values[name] for name in COLUMNS), strict=True)
        lines += chunk.lines
    try:
        found = Rates.of((*row[:3], _number(row[3])) for row in rows)
    except UnitError as error:
        places = [int(one.path.removeprefix("rates[").removesuffix("]")) for one in error.problems]
        problems += [
            attrs.evolve(one, path="", file=file, line=lines[place])
            for one, place in zip(error.problems, places, strict=True)
        ]
    raise_all(capped(problems), UnitError)
    return found


def _refuse_columns(chunk: Chunk, file: str) -> None:
    missing = [name for name in COLUMNS if name not in chunk.values]
    if missing:
        there = ", ".join(chunk.values) or "none"
        message = f"columns are {there}, but must be {', '.join(COLUMNS)}; add {', '.join(missing)}"
        raise HistoryError(Problem(message, file=file, line=1, kind=HistoryError))


def _number(cell: Any) -> Any:
    """Return a number that a table holds as text; anything else stays, to be told as it is."""
    text = cell.strip() if isinstance(cell, str) else ""
    return float(text) if NUMBER.fullmatch(text) else cell
