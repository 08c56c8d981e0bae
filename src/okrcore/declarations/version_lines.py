"""Encode what a version changed as plain values, and rebuild the version from the one before it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.portfolio import Definition, Portfolio
from okrcore.definitions.priority_table import PriorityTable
from okrcore.documents.layout import CALENDAR, SECTIONS, TABLE, UNITS
from okrcore.documents.loading import from_dict
from okrcore.documents.plain import terse
from okrcore.errors import OkrError

GONE = "without"
"""The key that lists the ids that a version no longer declares."""


def changes(before: Portfolio, after: Portfolio) -> dict[str, Any]:
    """Return what turns `before` into an equal of `after`, as plain values; empty where they are equal."""
    found: dict[str, Any] = {}
    for section in SECTIONS:
        old = {one.id: one for one in getattr(before, section)}
        changed = [one for one in getattr(after, section) if old.get(one.id) != one]
        if changed:
            found[section] = [terse(one) for one in sorted(changed, key=lambda one: one.id)]
    if gone := sorted(one.id for one in before if one.id not in after):
        found[GONE] = gone
    if before.priorities != after.priorities:
        found[TABLE] = None if after.priorities is None else terse(after.priorities)
    if set(before.units) != set(after.units):
        found[UNITS] = sorted(after.units)
    if before.calendar != after.calendar:
        found[CALENDAR] = terse(after.calendar)
    return found


def rebuilt(before: Portfolio, found: Mapping[str, Any]) -> Portfolio:
    """Return what `changes` was taken from, sharing with `before` what did not change.

    Raises an OkrError where the values do not read as definitions, or do not fit together.
    """
    fresh: list[Any] = [
        from_dict(kind, plain) for section, kind in SECTIONS.items() for plain in found.get(section, ())
    ]
    gone = found.get(GONE, ())
    table = before.priorities
    if TABLE in found:
        table = None if found[TABLE] is None else from_dict(PriorityTable, found[TABLE])
    calendar = from_dict(Calendar, found[CALENDAR]) if CALENDAR in found else before.calendar
    return _joined(before, fresh, gone, table, calendar, tuple(found.get(UNITS, before.units)))


def shared(before: Portfolio, after: Portfolio) -> Portfolio:
    """Return a portfolio equal to `after` that shares with `before` the definitions that both declare."""
    known = {one.id: one for one in before}
    fresh = [one for one in after if known.get(one.id) != one]
    gone = [name for name in known if name not in after]
    return _joined(before, fresh, gone, after.priorities, after.calendar, after.units)


def _joined(
    before: Portfolio,
    fresh: list[Definition],
    gone: list[str] | tuple[str, ...],
    table: PriorityTable | None,
    calendar: Calendar,
    units: tuple[str, ...],
) -> Portfolio:
    if set(units) == set(before.units) and (table is not None or before.priorities is None):
        try:  # step by step, which shares most; a step in between may not stand by itself
            tables = () if table is None or table == before.priorities else (table,)
            calendars = () if calendar == before.calendar else (calendar,)
            grown = before.with_(*fresh, *tables, *calendars)
            return grown.without(*gone) if gone else grown
        except OkrError:
            pass
    index = {one.id: one for one in before} | {one.id: one for one in fresh}
    kept = [one for name, one in index.items() if name not in set(gone)]
    return Portfolio.of(*kept, *(() if table is None else (table,)), calendar, units=units)


def line(values: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of plain values: one line of JSON, keys sorted, ASCII only."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=_iso).encode() + b"\n"


def _iso(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no form in a line")
