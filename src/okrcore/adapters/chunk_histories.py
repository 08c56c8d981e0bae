"""Turn chunks of rows into histories, every bad row told with its line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

import attrs
import numpy as np

from okrcore.adapters.cells import Refused, is_missing
from okrcore.adapters.chunks import Chunk
from okrcore.adapters.number_cells import PLAIN, NumberFormat, number_of, number_pattern, unknown_words
from okrcore.adapters.table_format import TableFormat
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError, OkrError, Problem
from okrcore.history.history import History
from okrcore.history.observation import Observation

STAMPED = ("system", "mode")
"""What a row may say of its source, where nothing else does."""
SHOWN = 20
"""So many places of faults are told one by one."""


@attrs.frozen(kw_only=True)
class RowFields:
    """Which columns hold which field of an observation, and what is the same in every row."""

    table: TableFormat
    columns: Mapping[str, str] = attrs.field(factory=dict)
    """Of the fields in STAMPED."""
    constants: Mapping[str, str] = attrs.field(factory=dict)
    asks_percent: bool = True
    """Whether a number of unit % is refused where nothing says how it is written."""

    @property
    def wanted(self) -> frozenset[str] | None:
        """The columns that are read; None where all of them have to be looked at."""
        own = self.table.wanted
        return None if own is None else own.union(self.columns.values())

    @property
    def names(self) -> Mapping[str, str]:
        """The column of each field, once `TableFormat.read` has been there."""
        return {**self.table.field_columns, **self.columns}


def histories(chunks: Iterable[Chunk], fields: RowFields) -> Iterator[tuple[Chunk, History, list[Problem]]]:
    """Yield each chunk with its observations and what is wrong with its rows.

    Raises HistoryError where a column that is needed or named is missing: at once where a heading says so,
    at the end of a file whose records name their columns one by one.
    """
    named, last = set[str](), None
    for chunk in chunks:
        named.update(chunk.named)
        if not chunk.open:
            _check_there(chunk, named, fields)
        problems = list(chunk.problems)
        rows = fields.table.read(chunk, problems, asks_percent=fields.asks_percent)
        yield chunk, _history(rows, fields, problems), problems
        last = chunk
    if last is not None and last.open:
        _check_there(last, named, fields)


def capped(problems: Sequence[Problem]) -> list[Problem]:
    """Return the first problems and how many more there are: an error is read by people.

    >>> len(capped([Problem("a")] * 50)), str(capped([Problem("a")] * 50)[-1])
    (21, 'and 30 more of this kind; mend these first')
    """
    rest = len(problems) - SHOWN
    if rest <= 0:
        return list(problems)
    kind = problems[0].kind
    return [*problems[:SHOWN], Problem(f"and {rest} more of this kind; mend these first", kind=kind)]


def _check_there(chunk: Chunk, named: set[str], fields: RowFields) -> None:
    if not chunk.lines and not chunk.named:
        return
    missing = [name for name in fields.table.needed if name not in named]
    missing += [name for name in fields.columns.values() if name not in named and name not in STAMPED]
    if missing:
        found = ", ".join(map(str, chunk.named))
        hint = f"; {chunk.hint}" if chunk.hint else ""
        remedy = f"rename them, or say under columns which hold them{hint}"
        message = f"columns {missing} are missing; there are {found[:500]}: {remedy}"
        raise HistoryError([Problem(message, file=chunk.file, kind=HistoryError)])
    fields.table.check_periods(sorted(named), chunk.file)


@attrs.frozen(eq=False)
class _Taken:
    """The rows of a chunk that have a value, as `History.of_columns` takes them."""

    chunk: Chunk
    lines: Sequence[int]
    columns: dict[str, Any]
    constants: Mapping[str, str]


def _history(chunk: Chunk, fields: RowFields, problems: list[Problem]) -> History:
    taken = _taken(chunk, fields, problems)
    if not len(taken.lines):
        return History()
    columns = {**taken.columns, **taken.constants}
    size = len(taken.lines)
    for name in ("measure", "at"):
        if name in taken.constants:
            columns[name] = [taken.constants[name]] * size
    try:
        return History.of_columns(columns.pop("measure"), columns.pop("at"), columns.pop("value"), **columns)
    except HistoryError as error:
        found = list(_bad_rows(taken)) or list(_clashes(taken))
        problems += found or [attrs.evolve(problem, file=chunk.file) for problem in error.problems]
        return History()


def _taken(chunk: Chunk, fields: RowFields, problems: list[Problem]) -> _Taken:
    table = fields.table
    constants = {**table.constants, **fields.constants}
    names = {name: column for name, column in fields.names.items() if name not in constants}
    given = {name: chunk.values[column] for name, column in names.items() if column in chunk.values}
    size = len(chunk.lines)
    raw = [constants["value"]] * size if "value" in constants else given.pop("value", [None] * size)
    values, known = _numbers(raw, table.numbers, chunk, problems, names.get("value", "value"))
    columns: dict[str, Any] = {"value": values}
    for name, column in given.items():
        plain = [_plain(one) for one in column]
        if name not in ("at", "recorded_at"):
            plain = [_text(one) for one in plain]
        columns[name] = plain if known is None else list(compress(plain, known))
    for name in ("measure", "at"):
        if name not in columns and name not in constants:
            columns[name] = [None] * len(values)
    lines = chunk.lines if known is None else list(compress(chunk.lines, known))
    rest = {name: text for name, text in constants.items() if name != "value"}
    return _Taken(chunk, lines, columns, rest)


def _numbers(
    raw: Sequence[Any], style: NumberFormat, chunk: Chunk, problems: list[Problem], column: str
) -> tuple[Any, list[bool] | None]:
    """Return the numbers of the rows that have one, and which those are (None: all)."""
    plain = number_pattern(PLAIN).fullmatch
    if style == PLAIN and all(isinstance(one, str) and len(one) < 40 and plain(one) for one in raw):
        return list(map(float, raw)), None
    if all(type(one) is float and math.isfinite(one) for one in raw):
        return list(raw), None
    unknown = unknown_words(style.unknown)
    numbers, known = [], []
    for line, cell in zip(chunk.lines, raw, strict=True):
        number = None
        try:
            found = number_of(cell, style) if _is_there(cell, unknown) else None
            if found and found[1]:
                raise Refused(
                    f"{str(cell)!r} has a percent sign; set percent='number' (or write 5 for 5%, and % in the"
                    " unit column)"
                )
            number = found and found[0]
        except Refused as refused:
            problems.append(Problem(str(refused), column, chunk.file, line, kind=HistoryError))
        known.append(number is not None)
        if number is not None:
            numbers.append(number)
    return numbers, known


def _is_there(cell: Any, unknown: frozenset[str]) -> bool:
    return not (is_missing(cell) or (isinstance(cell, str) and cell.strip().casefold() in unknown))


def _plain(cell: Any) -> Any:
    """Return a cell without blanks around its text, None where it stands for nothing."""
    if isinstance(cell, str):
        return cell.strip()
    return None if is_missing(cell) else cell


def _text(cell: Any) -> Any:
    """Return a whole number as text, since an id such as 1001 is one wherever it stands."""
    if isinstance(cell, bool | np.bool_):
        return cell
    if isinstance(cell, float | np.floating):
        number = float(cell)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else cell
    return str(int(cell)) if isinstance(cell, int | np.integer) else cell


def _bad_rows(taken: _Taken) -> Iterator[Problem]:
    """Yield what is wrong with each row that is no observation."""
    hint = f"; {taken.chunk.hint}" if taken.chunk.hint else ""
    for row, line in enumerate(taken.lines):
        cells = {**taken.constants, **{name: column[row] for name, column in taken.columns.items()}}
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
            blank = cells["measure"] in (None, "") or cells["at"] in (None, "")
            for problem in error.problems:
                message = f"{problem.message[:600]}{_hint(problem.message)}{hint if blank else ''}"
                yield Problem(message, file=taken.chunk.file, line=line, kind=HistoryError)


def _hint(message: str) -> str:
    """Return what else to do about a fault of a cell: about times, and about bytes that are no text."""
    if "half of a surrogate pair" in message:
        return ": the file holds bytes that are no text; save it as UTF-8"
    if "has no timezone" in message:
        return ", or set timezone (or days, where midnights mean their day)"
    return ", or set dates to how they are written" if "is no date" in message else ""


def _clashes(taken: _Taken) -> Iterator[Problem]:
    """Yield the rows that give another value for what an earlier row gives one for."""
    first: dict[tuple[Any, ...], tuple[float, int]] = {}
    for row, line in enumerate(taken.lines):
        cells = {**taken.constants, **{name: column[row] for name, column in taken.columns.items()}}
        key = tuple(str(cells.get(name)) for name in ("measure", "at", "recorded_at", "system"))
        value = float(cells["value"])
        known, earlier = first.setdefault(key, (value, line))
        if known != value:
            told = f"{cells['measure']!r} at {cells['at']} has two values: {known} and {value}"
            remedy = "keep one, name the source systems apart, or say with recorded_at which corrects"
            message = f"{told}, the first in line {earlier}; {remedy}"
            yield Problem(message, file=taken.chunk.file, line=line, kind=HistoryError)
