"""Encode what a version changed as plain values, and rebuild the version from the one before it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.portfolio import Definition, Portfolio
from okrcore.definitions.priority_table import PriorityTable
from okrcore.documents.layout import CALENDAR, RATES, SECTIONS, TABLE, UNITS
from okrcore.documents.loading import from_dict
from okrcore.documents.plain import terse
from okrcore.errors import OkrError
from okrcore.units.rates import Rates

WHOLES: Mapping[str, type] = {TABLE: PriorityTable, CALENDAR: Calendar}
"""What a portfolio has one of, each with its type."""

GONE = "without"
"""The key that lists the ids that a version no longer declares."""


def changes(before: Portfolio, after: Portfolio) -> dict[str, Any]:
    """Return what turns `before` into an equal of `after`, as plain values; empty where they are equal.

    Exchange rates that `after` holds are kept with it; where it holds none, those of `before` go on.
    """
    found: dict[str, Any] = {}
    for section in SECTIONS:
        old = {one.id: one for one in getattr(before, section)}
        changed = [one for one in getattr(after, section) if old.get(one.id) != one]
        if changed:
            found[section] = [terse(one) for one in sorted(changed, key=lambda one: one.id)]
    if gone := sorted(one.id for one in before.definitions if one.id not in after):
        found[GONE] = gone
    for name in WHOLES:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            found[name] = None if now is None else terse(now)
    if set(before.units) != set(after.units):
        found[UNITS] = sorted(after.units)
    if moved := _moved(before.rates, after.rates):
        found[RATES] = moved
    return found


def _moved(before: Rates | None, after: Rates | None) -> list[list[Any]]:
    """Return the rates that are new or other, and with None those that are gone; of no rates none."""
    if after is None or after == before:
        return []
    old, new = _by_day(before), _by_day(after)
    moved = [[*key, rate] for key, rate in new.items() if old.get(key) != rate]
    return sorted(moved + [[*key, None] for key in old if key not in new])


def _by_day(rates: Rates | None) -> dict[tuple[str, ...], float]:
    return {} if rates is None else {(day.isoformat(), *pair): rate for day, *pair, rate in rates.rows}


def _with_moved(before: Rates | None, moved: Iterable[Sequence[Any]]) -> Rates | None:
    known: dict[tuple[str, ...], Any] = {**_by_day(before), **{tuple(key): rate for *key, rate in moved}}
    return Rates.of((*key, rate) for key, rate in known.items() if rate is not None) if moved else before


def rebuilt(before: Portfolio, found: Mapping[str, Any]) -> Portfolio:
    """Return what `changes` was taken from, sharing with `before` what did not change.

    Raises an OkrError where the values do not read as definitions, or do not fit together.
    """
    fresh: list[Definition] = [
        from_dict(kind, plain) for section, kind in SECTIONS.items() for plain in found.get(section, ())
    ]
    wholes = {name: getattr(before, name) for name in WHOLES}
    for name, kind in WHOLES.items():
        if name in found:
            wholes[name] = None if found[name] is None else from_dict(kind, found[name])
    grown = _joined(before, fresh, found.get(GONE, ()), wholes, found.get(UNITS, before.units))
    return grown.with_rates(_with_moved(before.rates, found.get(RATES, ())))


def shared(before: Portfolio, after: Portfolio) -> Portfolio:
    """Return a portfolio equal to `after` that shares with `before` the definitions that both declare."""
    known = {one.id: one for one in before.definitions}
    fresh = [one for one in after.definitions if known.get(one.id) != one]
    gone = [name for name in known if name not in after]
    wholes = {name: getattr(after, name) for name in WHOLES}
    rates = _with_moved(before.rates, _moved(before.rates, after.rates))
    joined = _joined(before, fresh, gone, wholes, after.units)
    return joined.with_rates(rates).with_waivers(after.waivers)


def _joined(
    before: Portfolio,
    fresh: Sequence[Definition],
    gone: Collection[str],
    wholes: Mapping[str, Any],
    units: Iterable[str],
) -> Portfolio:
    new = [one for name, one in wholes.items() if one is not None and one != getattr(before, name)]
    if set(units) == set(before.units) and (wholes[TABLE] is not None or before.priorities is None):
        try:  # step by step, which shares most; a step in between may not stand by itself
            grown = before.with_(*fresh, *new)
            return grown.without(*gone) if gone else grown
        except OkrError:
            pass
    index = {one.id: one for one in before.definitions} | {one.id: one for one in fresh}
    kept = [one for name, one in index.items() if name not in set(gone)]
    return Portfolio.of(*kept, *(one for one in wholes.values() if one is not None), units=units)


def line(values: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of plain values: one line of JSON, keys sorted, ASCII only."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=_iso).encode() + b"\n"


def _iso(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no form in a line")
