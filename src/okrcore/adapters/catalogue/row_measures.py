"""Read the number columns of a row: a measure, its unit, and the values observed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import attrs

from okrcore.adapters.catalogue.amount_words import Amount, read_unit, times
from okrcore.adapters.catalogue.checkin_cells import read_check_ins
from okrcore.adapters.catalogue.row_values import RowValues
from okrcore.adapters.catalogue.target_words import NO_DIRECTION, ProseTarget, read_target
from okrcore.adapters.cells import Refused, shifted, shown, text_of
from okrcore.adapters.number_cells import number_of
from okrcore.definitions.measures import Band, Measure, Target
from okrcore.errors import OkrError
from okrcore.units.conversion import conversion

PERCENT = ("%", "percent", "pct")


@attrs.frozen(eq=False)
class Measured:
    """What a row says in numbers: `bands` are the keyword arguments target, limit and worst of a KPI."""

    unit: str = ""
    measure: Measure | None = None
    bands: dict[str, Band] = attrs.Factory(dict)
    words: str = ""
    """The target of a KPI as it stands in its cell, where that makes no band."""
    values: tuple[tuple[dt.date, float, str], ...] = ()
    """Day, value in the unit, and the column it stood in."""


def read_key_result(row: RowValues) -> Measured:
    """Return the measure of a key result; None where the row has no number to reach.

    A number in the target column makes a `Target`, words make a `Band`; with a progress column alone it is a
    target of 0 to 100 percent.
    """
    numbers = _Numbers.of(row)
    start, goal, words = numbers.take("start"), None, None
    if numbers.prose is not None:
        words = numbers.words()
    else:
        goal = numbers.take("target")
    way = row.way()
    if goal is not None:
        direction = (
            {"higher": "at_least", "lower": "at_most"}.get(way or "") if start in (None, goal) else None
        )
        measure: Measure | None = Target(start, goal, direction)  # type: ignore[arg-type]
    else:
        measure = words
    if measure is not None:
        values = numbers.values()
        if row.cell("progress") is not None and row.cell("current") is None:
            if row.mapping.values_from_progress and isinstance(measure, Target):
                values += _along(row, measure)
            else:
                row.note("progress", "progress beside a target says no value; give the current value")
        said = _said(numbers, measure)
        days = {day for day, _, _ in said}
        return Measured(numbers.unit, measure, values=(*said, *(one for one in values if one[0] not in days)))
    values = numbers.values()
    if row.mapping.column("progress") and (row.cell("progress") is not None or not values):
        if values:
            row.note("target", _NO_TARGET)
        return _by_progress(row)
    return Measured(numbers.unit, values=values)


_NO_TARGET = "nothing says what to reach, progress is taken, and the values are left out; give a target"


def read_kpi(row: RowValues) -> Measured:
    """Return the bands of a KPI, its unit and its values."""
    numbers = _Numbers.of(row)
    bands: dict[str, Band] = {}
    low, high = numbers.take("low"), numbers.take("high")
    way = row.way()
    if low is not None or high is not None:
        if low is not None and high is not None and low > high:
            row.note("low", f"low {low:g} is above high {high:g}; swap them")
        else:
            bands["target"] = Band(low, high)
    elif numbers.prose is not None:
        if band := numbers.words():
            bands["target"] = band
    elif (goal := numbers.take("target")) is not None:
        if way:
            bands["target"] = _side(goal, way)
        else:
            row.note("target", f"{shown(text_of(row.cell('target')))}: {_no_direction(row)}")
    for role in ("limit", "worst"):
        bound = numbers.take(role)
        if bound is not None and way and "target" in bands:
            bands[role] = _side(bound, way)
        elif bound is not None:
            row.note(role, "a bound without a direction and a target; name both columns")
    words = "" if "target" in bands or not row.given("target") else row.text("target")
    return Measured(numbers.unit, bands=bands, words=words, values=numbers.values())


def read_observed(rows: Iterable[RowValues]) -> Iterator[tuple[RowValues, float, str]]:
    """Yield the rows of a long table that hold a value, each with it and its unit.

    Of one measure all percents have the sign, or none.
    """
    found = [(row, amount) for row in rows if (amount := row.amount("value")) is not None]
    signed = {row.text("measure") for row, amount in found if amount.unit in PERCENT}
    for row, amount in found:
        shares = row.text("measure") in signed
        scale, declared = _unit(row)
        unit = declared or ("%" if shares and not amount.unit else amount.unit)
        numbers = _Numbers(row, unit, bool(declared), shares, scale, {"value": amount}, None)
        value = numbers.take("value")
        if value is not None:
            yield row, value, unit


def _no_direction(row: RowValues) -> str:
    """Return why a number alone is no band."""
    if row.cell("direction") is not None and row.way() is None:
        return (
            "to keep a number says nothing about how far from it is good; give low and high, or a direction"
        )
    return NO_DIRECTION


def _side(bound: float, way: str) -> Band:
    return Band(low=bound) if way == "higher" else Band(high=bound)


def _said(numbers: _Numbers, measure: Measure) -> tuple[tuple[dt.date, float, str], ...]:
    """Return the values in the check-ins of a cell; a percentage of what has another unit is progress."""
    row = numbers.row
    text, column, found = row.text("check_ins"), row.mapping.column("check_ins") or "", []
    if not text:
        return ()
    try:
        for one in read_check_ins(text, row.mapping.dates):
            number = number_of(one.value, row.mapping.numbers)
            if number is None:
                continue
            value, sign = number
            if sign and numbers.unit not in PERCENT and isinstance(measure, Target):
                start = measure.start or 0.0
                value = float(start + (measure.goal - start) * value / 100)
            else:
                value = numbers.in_unit(value, sign, False)
            found.append((one.day, value, column))
    except Refused as refused:
        row.note("check_ins", f"{refused}; the values from there on are left out")
    return tuple(found)


def _along(row: RowValues, target: Target) -> tuple[tuple[dt.date, float, str], ...]:
    """Return the value that the progress of a row makes of start and goal."""
    found = _by_progress(row).values
    start = target.start or 0.0
    if any(start != 0 or target.goal != 100 for _ in found):
        row.notes.count(row.mapping.column("progress") or "", _COMPUTED)
    return tuple(
        (day, float(start + (target.goal - start) * share / 100), column) for day, share, column in found
    )


_COMPUTED = "{n} values are computed from progress, start and target; give the values themselves to be exact"


def _by_progress(row: RowValues) -> Measured:
    found, at = row.number("progress"), row.at()
    value = None
    if found is not None:
        value, unit = found
        if row.mapping.progress == "share" and unit != "%":
            if 0 <= value <= 1:
                value = shifted(value, 2)
            else:
                row.note(
                    "progress", f"{value:g} is no share of 0 to 1; correct it, or set progress to percent"
                )
                value = None
    column = row.mapping.column("progress") or ""
    if value is not None and at is None:
        row.notes.count(column, _UNDATED)
    values = ((at, value, column),) if value is not None and at is not None else ()
    return Measured("%", Target(0, 100), values=values)


_UNDATED = "{n} values have no date and are left out; say when they were observed: at=..."


@attrs.frozen(eq=False)
class _Numbers:
    """The amounts of a row by role, and the one unit they are in."""

    row: RowValues
    unit: str
    declared: bool
    signed: bool
    """Whether a number of the row states percents: one that states nothing may then be a fraction."""
    scale: int
    """How many of the unit a number without a scale of its own counts: 1000 where the unit cell says kEUR."""
    found: dict[str, Amount]
    prose: ProseTarget | None

    @classmethod
    def of(cls, row: RowValues) -> _Numbers:
        found = {
            role: amount
            for role in ("start", "low", "high", "limit", "worst", "current")
            if (amount := row.amount(role)) is not None
        }
        found |= {
            f"={column}": amount
            for column in row.observations
            if (amount := row.observed(column)) is not None
        }
        target, prose = _target(row)
        if target is not None:
            found["target"] = target
        scale, unit = _unit(row)
        declared = bool(unit)
        stated = [prose.unit if prose else "", *(one.unit for one in found.values())]
        unit = next(filter(None, (unit, *stated)), "")
        return cls(row, unit, declared, any(one in PERCENT for one in stated), scale, found, prose)

    def take(self, role: str) -> float | None:
        """Return the number of a role (or "=" and a column) in the row's unit; None where it has another."""
        amount = self.found.get(role)
        if amount is None:
            return None
        try:
            return self.in_unit(amount.value, amount.unit, amount.scaled)
        except Refused as refused:
            told = f"{refused}; it is left out"
            if role.startswith("="):
                self.row.notes.add(self.row.row, role[1:], told)
            else:
                self.row.note(role, told)
        return None

    def words(self) -> Band | None:
        """Return the band of a target in words in the row's unit; None where there is none."""
        prose = self.prose
        if prose is None or prose.band is None:
            return None
        try:
            if self.declared and prose.noun and not prose.unit:
                raise Refused(
                    f"{prose.noun!r} is no unit that is known, and the unit is {self.unit!r};"
                    " write that unit, or declare the word under units"
                )
            low, high = (
                None if bound is None else self.in_unit(bound, prose.unit, prose.scaled)
                for bound in (prose.band.low, prose.band.high)
            )
        except Refused as refused:
            self.row.note("target", f"{shown(text_of(self.row.cell('target')))}: {refused}")
            return None
        return Band(low, high)

    def in_unit(self, value: float, stated: str, scaled: bool) -> float:
        """Return a number in the row's unit; raises Refused for one that states another."""
        if not stated:
            if self.unit in PERCENT and self.signed and value:
                raise Refused(
                    f"{value:g} has no percent sign, others beside it have, and it may mean {value:g}% or"
                    f" {shifted(value, 2):g}%; write the sign"
                )
            return value if scaled else times(value, self.scale)
        same = stated in PERCENT and self.unit in PERCENT
        if same or stated == self.unit:
            return value
        if stated == "%":
            raise Refused(f"{value:g}% has a percent sign, the unit is {self.unit!r}; correct one of them")
        try:
            return float(conversion(stated, self.unit, self.row.mapping.units).apply(value))
        except OkrError as error:
            raise Refused(
                f"{value:g} {stated} is given where the unit is {self.unit!r}; correct one of them ({error})"
            ) from None

    def values(self) -> tuple[tuple[dt.date, float, str], ...]:
        """Return the values observed, by column."""
        row, taken = self.row, []
        for column, day in row.observations.items():
            if (value := self.take(f"={column}")) is not None:
                taken.append((day, value, column))
        current = self.take("current")
        column = row.mapping.column("current") or ""
        if current is not None and (at := row.at()):
            taken.append((at, current, column))
        elif current is not None:
            row.notes.count(column, _UNDATED)
        return tuple(taken)


def _target(row: RowValues) -> tuple[Amount | None, ProseTarget | None]:
    """Return the target cell as an amount, or as prose; what is neither is noted."""
    cell = row.cell("target")
    if cell is None:
        return None, None
    try:
        found = number_of(cell, row.mapping.numbers)
        return (None if found is None else Amount(*found)), None
    except Refused as refused:
        no_number = str(refused)
    try:
        text = text_of(cell)
    except Refused as refused:
        row.note("target", str(refused))
        return None, ProseTarget()
    prose = read_target(text, row.way(), row.mapping.numbers, row.mapping.units)
    if prose.fault:
        row.note("target", f"{shown(text)}: {prose.fault}" if _is_prose(text) else no_number)
    return None, prose


def _is_prose(text: str) -> bool:
    """Tell a target in words or signs from a number that is written in another notation."""
    return any(
        letter.isalpha() or letter in "<>=\u2264\u2265\u00b1~\u2248%$\u20ac\u00a3\u00a5" for letter in text
    )


def _unit(row: RowValues) -> tuple[int, str]:
    unit = row.text("unit")
    if not unit:
        return 1, ""
    try:
        return read_unit(unit, row.mapping.units)
    except Refused as refused:
        row.note(
            "unit", f"{refused}, or say under words.unit what it means; the numbers are kept without a unit"
        )
        return 1, ""
