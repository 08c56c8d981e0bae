"""Read rows as a system writes them: what is not declared is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
from attrs import field

from okrcore.adapters.cells import Refused, is_missing, shifted
from okrcore.adapters.chunks import Chunk
from okrcore.adapters.column_ranges import columns_between, columns_of
from okrcore.adapters.date_cells import DATE_ORDERS, DateOrder, moment_of
from okrcore.adapters.number_cells import NumberFormat, number_of
from okrcore.errors import DocumentError, HistoryError, Problem
from okrcore.frozen import frozen_mapping

PERCENT = ("%", "percent")
REQUIRED = ("measure", "at", "value")
FIELDS = (*REQUIRED, "unit", "recorded_at", "by", "definition")
"""What a table may say; system, query and mode are stamped, whatever columns there are."""


def _number_remedy(given: Any) -> str:
    """Return how the same is written as a NumberFormat."""
    known = {one.name for one in attrs.fields(NumberFormat)}
    own = given if isinstance(given, Mapping) and given.keys() <= known else {"decimal": ","}
    written = ", ".join(f"{name}={value!r}" for name, value in own.items())
    return f"give okrcore.adapters.NumberFormat({written})"


def _texts(values: Any) -> Any:
    return tuple(values) if isinstance(values, list | tuple) else values


@attrs.frozen(kw_only=True)
class TableFormat:
    """How a table writes observations.

    `columns` names the column of a field where it has another name ({"measure": "kpi"}); `constants` gives
    what is the same in every row ({"unit": "EUR"}). `wide` maps columns to measures, for a table with one
    column a measure; `periods` are ranges of columns called by periods ("Jan 2025..Dec 2025"), for a table
    with one row a measure: each value is of the last day of its period. `units` gives the units of measures
    ({"revenue": "EUR"}). `numbers` is how numbers are written. `dates` is the order of dates in text.
    `timezone` is that of times that bear none ("Europe/Berlin"); a time that the clock showed twice, or
    never, is refused. `days`: times without a time zone are all midnight, and mean their day. A column
    recorded_at has to be named in `columns`: the rows then say themselves when they became known,
    corrections included.

    `percent` is needed where the unit is % or percent: "number" where 95 means 95 %, "fraction" where 0.95
    does. Where no units are given at all, it makes them %. A percent sign in a cell says "number".

    >>> TableFormat(columns={"at": "Tag"}, timezone="Europe/Berlin", percent="fraction").percent
    'fraction'

    Raises HistoryError for what is none of these.
    """

    columns: Mapping[str, str] = field(factory=dict, converter=frozen_mapping)
    constants: Mapping[str, str] = field(factory=dict, converter=frozen_mapping)
    wide: Mapping[str, str] = field(factory=dict, converter=frozen_mapping)
    periods: tuple[str, ...] = field(default=(), converter=_texts)
    units: Mapping[str, str] = field(factory=dict, converter=frozen_mapping)
    numbers: NumberFormat = field(factory=NumberFormat)
    dates: DateOrder = "iso"
    timezone: str = ""
    days: bool = False
    percent: Literal["", "fraction", "number"] = ""

    def __attrs_post_init__(self) -> None:
        faults = []
        for name in ("columns", "constants", "wide", "units"):
            given: Any = getattr(self, name)
            if not isinstance(given, Mapping) or not all(
                isinstance(one, str) for pair in given.items() for one in pair
            ):
                faults.append(f"{name} is no mapping of texts to texts; give one")
            elif name in ("columns", "constants") and (
                unknown := [one for one in given if one not in FIELDS]
            ):
                faults.append(f"{name}: {unknown} are no fields; give some of {', '.join(FIELDS)}")
        faults += self._period_faults()
        if not isinstance(self.numbers, NumberFormat):
            faults.append(
                f"numbers is {self.numbers!r}, but must be a NumberFormat; {_number_remedy(self.numbers)}"
            )
        if self.dates not in DATE_ORDERS:
            faults.append(f"dates is {self.dates!r}; give one of {', '.join(DATE_ORDERS)}")
        if self.percent not in ("", "fraction", "number"):
            faults.append(f"percent is {self.percent!r}; give fraction or number")
        if self.days and self.timezone:
            faults.append("days and timezone are both given; times mean days, or instants")
        try:
            _ = self.timezone and ZoneInfo(self.timezone)
        except (KeyError, OSError, ValueError, TypeError):
            faults.append(f"timezone {self.timezone!r} is unknown; give a name such as Europe/Berlin")
        if faults:
            raise HistoryError([Problem(fault, kind=HistoryError) for fault in faults])

    def _period_faults(self) -> list[str]:
        given: Any = self.periods
        if not isinstance(given, tuple) or not all(isinstance(one, str) for one in given):
            return ["periods is no list of ranges; give one like ['Jan 2025..Dec 2025']"]
        if given and self.wide:
            return ["periods and wide are both given; columns are measures, or periods"]
        if given and (named := sorted({"at", "value"} & {*self.columns, *self.constants})):
            return [f"periods is given, and {', '.join(named)} too; headings are dates, and cells values"]
        try:
            columns_between(given, ())
        except DocumentError as error:
            return [problem.message for problem in error.problems]
        return []

    @cached_property
    def _unfolded(self) -> tuple[str, ...]:
        """The fields that no column holds, since headings do."""
        return ("measure", "value") if self.wide else ("at", "value") if self.periods else ()

    @cached_property
    def named(self) -> Mapping[str, str]:
        """The column of each field that is named, in the rows that `read` returns."""
        return {name: column for name, column in self.columns.items() if name not in self._unfolded}

    @cached_property
    def field_columns(self) -> Mapping[str, str]:
        """The column of each field in the rows that `read` returns."""
        return {name: self.named.get(name, name) for name in FIELDS}

    @cached_property
    def wanted(self) -> frozenset[str] | None:
        """The columns that are read; None where their headings have to be looked at."""
        if self.periods:
            return None
        return frozenset(self.columns.get(name, name) for name in FIELDS).union(self.wide)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The columns that have to be there: those that are named, and those of the required fields."""
        asked = [
            name
            for name in FIELDS
            if name not in self.constants and (name in REQUIRED or name in self.columns)
        ]
        own = [self.columns.get(name, name) for name in asked if name not in self._unfolded]
        return (*own, *self.wide)

    def check_periods(self, columns: Sequence[str], file: str | None) -> None:
        """Raise HistoryError where the columns of a file do not hold the whole of `periods`."""
        try:
            columns_of(self.periods, columns)
        except DocumentError as error:
            told = [attrs.evolve(one, file=file, kind=HistoryError) for one in error.problems]
            raise HistoryError(told) from None

    @property
    def restates(self) -> bool:
        """Whether the rows say themselves when they became known."""
        return "recorded_at" in self.columns or "recorded_at" in self.constants

    def read(self, chunk: Chunk, problems: list[Problem], *, asks_percent: bool = True) -> Chunk:
        """Return the rows with times as instants or days, and percents as numbers of them.

        What is refused goes to `problems`, at its line; such a row is left without a value. Without
        `asks_percent` a number of unit % is taken as it is where `percent` does not say how it is written.
        """
        if not chunk.values:
            return chunk
        long = self._long(chunk) if self._unfolded else chunk
        values = dict(long.values)
        bad: set[int] = set()

        def each(column: str, cells: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
            converted = []
            for row, cell in enumerate(cells):
                try:
                    converted.append(convert(cell))
                except Refused as refused:
                    problems.append(
                        Problem(str(refused), column, long.file, long.lines[row], kind=HistoryError)
                    )
                    bad.add(row)
                    converted.append(None)
            return converted

        if self.timezone or self.days or self.dates != "iso":
            for name in ("at", "recorded_at"):
                column = self.columns.get(name, name)
                if column in values:
                    as_day = self.days and name == "at"
                    values[column] = each(column, values[column], self._day if as_day else self._time)
        self._say_units(values, len(long.lines))
        value, unit = (self.named.get(name, name) for name in ("value", "unit"))
        if value in values and (self.percent or "unit" in self.constants or unit in values):
            units = self._units(values.get(unit), len(long.lines))
            if any(one in PERCENT for one in units):
                values[value] = each(
                    value, zip(values[value], units, strict=True), partial(self._number, asks_percent)
                )
        if bad:
            kept = [row for row in range(len(long.lines)) if row not in bad]
            values = {name: [column[row] for row in kept] for name, column in values.items()}
            return attrs.evolve(long, lines=[long.lines[row] for row in kept], values=values)
        return attrs.evolve(long, values=values)

    def _long(self, chunk: Chunk) -> Chunk:
        """Return the rows with one row for each value: the block of one column after that of another."""
        size = len(chunk.lines)
        own = columns_between(self.periods, chunk.values) if self.periods else self.wide
        kept = {
            "system",
            "mode",
            *(self.columns.get(one, one) for one in FIELDS if one not in self._unfolded),
        }
        shared = {name: [*column] * len(own) for name, column in chunk.values.items() if name in kept}
        heads = [one for one in own.values() for _ in range(size)]
        blank = [None] * size
        value = [cell for column in own for cell in chunk.values.get(column, blank)]
        values = {**shared, "at" if self.periods else "measure": heads, "value": value}
        return attrs.evolve(chunk, lines=[*chunk.lines] * len(own), values=values)

    def _say_units(self, values: dict[str, Sequence[Any]], size: int) -> None:
        """Put the units that are declared, not written, into the column of units."""
        unit, measure = (self.named.get(name, name) for name in ("unit", "measure"))
        if "unit" in self.constants:
            return
        if self.units:
            written = values.get(unit) or [None] * size
            names = values.get(measure) or [self.constants.get("measure")] * size
            values[unit] = [one or self.units.get(name, "") for one, name in zip(written, names, strict=True)]
        elif self.percent and unit not in values:
            values[unit] = ["%"] * size

    def _units(self, column: Sequence[Any] | None, size: int) -> list[str]:
        if "unit" in self.constants:
            return [self.constants["unit"]] * size
        return [one.strip() if isinstance(one, str) else "" for one in column or [""] * size]

    def _number(self, asks: bool, cell_and_unit: tuple[Any, str]) -> Any:
        cell, unit = cell_and_unit
        if is_missing(cell) or unit not in PERCENT:
            return cell
        found = number_of(cell, self.numbers)
        if found is None:
            return None
        number, sign = found
        if sign or not (self.percent or asks):
            return number
        if not self.percent:
            raise Refused(
                f"{cell!r} may mean {number} % or {shifted(number, 2)} %; declare percent as number"
                " or fraction"
            )
        return shifted(number, 2) if self.percent == "fraction" else number

    def _day(self, cell: Any) -> Any:
        time = _read_time(cell, self.dates)
        if not isinstance(time, dt.datetime) or time.utcoffset() is not None:
            return time
        if time.time() != dt.time.min:
            raise Refused(f"{time} is not midnight; leave days out and give its timezone")
        return time.date()

    def _time(self, cell: Any) -> Any:
        time = _read_time(cell, self.dates)
        if not isinstance(time, dt.datetime) or time.utcoffset() is not None:
            return time
        if not self.timezone:
            return time
        zone = ZoneInfo(self.timezone)
        first, second = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            raise Refused(
                f"{time} was shown twice or never by clocks in {self.timezone}; give it with its offset"
            )
        return first


def _read_time(cell: Any, order: DateOrder) -> Any:
    """Return a date or datetime where the cell is one or its text, else the cell, to be refused."""
    if is_missing(cell):
        return None
    if hasattr(cell, "to_pydatetime"):  # pandas' own, which is a datetime too
        return cell.to_pydatetime()
    if not isinstance(cell, str) or not cell.strip():
        return cell
    return moment_of(cell.strip(), order)
