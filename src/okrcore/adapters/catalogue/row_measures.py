"""The number columns of a row into a measure, its unit, and the values observed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from okrcore.adapters.catalogue.row_values import Number, RowValues
from okrcore.adapters.catalogue.target_words import NO_DIRECTION, ProseTarget, read_target
from okrcore.adapters.cells import Refused, number_of, shifted, text_of, unit_fault
from okrcore.definitions.measures import Band, Measure, Target

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
        words = numbers.prose.band
    else:
        goal = numbers.take("target")
    way = row.word("direction", "higher", "lower")
    if goal is not None:
        direction = (
            {"higher": "at_least", "lower": "at_most"}.get(way or "") if start in (None, goal) else None
        )
        measure: Measure | None = Target(start, goal, direction)  # type: ignore[arg-type]
    else:
        measure = words
    if measure is not None:
        if row.cell("progress") is not None and row.cell("current") is None:
            row.note("progress", "progress beside a target says no value; give the current value")
        return Measured(numbers.unit, measure, values=numbers.values())
    if row.mapping.column("progress"):
        return _by_progress(row)
    return Measured(numbers.unit, values=numbers.values())


def read_kpi(row: RowValues) -> Measured:
    """Return the bands of a KPI, its unit and its values."""
    numbers = _Numbers.of(row)
    bands: dict[str, Band] = {}
    low, high = numbers.take("low"), numbers.take("high")
    way = row.word("direction", "higher", "lower")
    if low is not None or high is not None:
        if low is not None and high is not None and low > high:
            row.note("low", f"low {low:g} is above high {high:g}; swap them")
        else:
            bands["target"] = Band(low, high)
    elif numbers.prose is not None:
        if numbers.prose.band:
            bands["target"] = numbers.prose.band
    elif (goal := numbers.take("target")) is not None:
        if way:
            bands["target"] = _side(goal, way)
        else:
            row.note("target", f"{_short(text_of(row.cell('target')))}: {NO_DIRECTION}")
    for role in ("limit", "worst"):
        bound = numbers.take(role)
        if bound is not None and way and "target" in bands:
            bands[role] = _side(bound, way)
        elif bound is not None:
            row.note(role, "a bound without a direction and a target; name both columns")
    words = "" if "target" in bands or not row.given("target") else row.text("target")
    return Measured(numbers.unit, bands=bands, words=words, values=numbers.values())


def _side(bound: float, way: str) -> Band:
    return Band(low=bound) if way == "higher" else Band(high=bound)


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
    """The numbers of a row by role, and the one unit they are in."""

    row: RowValues
    unit: str
    declared: bool
    found: dict[str, Number]
    prose: ProseTarget | None

    @classmethod
    def of(cls, row: RowValues) -> _Numbers:
        found = {
            role: number
            for role in ("start", "low", "high", "limit", "worst", "current")
            if (number := row.number(role)) is not None
        }
        found |= {
            f"={column}": number
            for column in row.mapping.observations
            if (number := row.observed(column)) is not None
        }
        number, prose = _target(row)
        if number is not None:
            found["target"] = number
        unit = _unit(row)
        declared = bool(unit)
        if not unit and prose is not None:
            unit = prose.unit
        if not unit and any(stated for _, stated in found.values()):
            unit = "%"
        return cls(row, unit, declared, found, prose)

    def take(self, role: str) -> float | None:
        """Return the number of a role (or "=" and a column), refused where its unit is another."""
        number = self.found.get(role)
        if number is None:
            return None
        value, stated = number
        fault = ""
        if stated and self.unit not in PERCENT:
            fault = f"{value:g}% has a percent sign, the unit is {self.unit!r}; correct one of them"
        elif not stated and self.unit in PERCENT and not self.declared and value:
            fault = f"{value:g} has no percent sign, others of the row have; add it, or name a unit column"
        if not fault:
            return value
        if role.startswith("="):
            self.row.notes.add(self.row.row, role[1:], fault)
        else:
            self.row.note(role, fault)
        return None

    def values(self) -> tuple[tuple[dt.date, float, str], ...]:
        """Return the values observed, by column."""
        row, taken = self.row, []
        for column, day in row.mapping.observations.items():
            if (value := self.take(f"={column}")) is not None:
                taken.append((day, value, column))
        current = self.take("current")
        column = row.mapping.column("current") or ""
        if current is not None and (at := row.at()):
            taken.append((at, current, column))
        elif current is not None:
            row.notes.count(column, _UNDATED)
        return tuple(taken)


def _target(row: RowValues) -> tuple[Number | None, ProseTarget | None]:
    """Return the target cell as a number, or as prose; what is neither is noted."""
    cell = row.cell("target")
    if cell is None:
        return None, None
    try:
        return number_of(cell, row.mapping.numbers), None
    except Refused as refused:
        no_number = str(refused)
    try:
        text = text_of(cell)
    except Refused as refused:
        row.note("target", str(refused))
        return None, ProseTarget()
    way: Any = row.word("direction", "higher", "lower")
    prose = read_target(text, way, row.mapping.numbers, row.mapping.units)
    if prose.fault:
        wordy = any(letter.isalpha() for letter in text)
        row.note("target", f"{_short(text)}: {prose.fault}" if wordy else no_number)
    return None, prose


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:50]}...")


def _unit(row: RowValues) -> str:
    unit = row.text("unit")
    if not unit:
        return ""
    if fault := unit_fault(unit, row.mapping.units):
        row.note("unit", f"{fault}; the numbers are kept without a unit")
        return ""
    return unit
