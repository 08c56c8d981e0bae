"""Convert values to plain ones and back: dicts, lists, texts, numbers, flags and None, as JSON holds them."""

from __future__ import annotations

import datetime as dt
import enum
import math
import os
from collections.abc import Mapping, Set
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, get_args

import attrs

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.layout import (
    ALWAYS_SHORT,
    CALENDAR,
    DERIVED,
    NESTED,
    RATES,
    SECTIONS,
    SHORT,
    TABLE,
    TAGS,
    UNITS,
    VERSION,
    VERSION_KEY,
)
from okrcore.documents.structure import field_kinds
from okrcore.errors import DefinitionError
from okrcore.public_form import form_of, headed


def to_dict(value: Any) -> Any:
    """Return any definition, result or plain value as JSON-able values; `from_dict` reads most of them back.

    An attrs value becomes a dict of all its fields (those hidden from its repr left out), a Portfolio the
    document that `dump` writes. Dates and instants become ISO text, durations ISO 8601 text, sets sorted
    lists, arrays lists, NaN becomes None (unknown, S0.2), infinities the texts "inf" and "-inf", exact
    decimals and fractions the text of all their digits. A value with a method `as_plain()` is what that
    returns; a table (`to_dicts()`) is its rows.

    What answers as a whole gives its public form, with `okrcore` and `kind`: a snapshot, trend, history,
    journal, declarations, chart of signals and plan, a check in full, a report on a table, a verification, a
    reconciliation. States, findings, evidence and the like are parts of one, and an outlook is a mapping by
    id. Raises DefinitionError for a value of another type, and for one that holds itself.
    Cost in proportion to the size.

    >>> from okrcore.definitions.measures import Band
    >>> to_dict(Band(low=98))
    {'low': 98.0, 'high': None, 'tolerance': None, 'over': 'period'}
    """
    try:
        return _json(value)
    except RecursionError:
        kind = type(value).__name__
        said = f"a {kind} holds itself, or is nested too deep, but must end somewhere; leave that part out"
        raise DefinitionError(said) from None


def to_document(portfolio: Portfolio) -> dict[str, Any]:
    """Return the document of a portfolio: short forms, key results in their objectives, defaults left out."""
    document: dict[str, Any] = {VERSION_KEY: VERSION}
    if portfolio.units:
        document[UNITS] = list(portfolio.units)
    if portfolio.calendar != Calendar():
        document[CALENDAR] = terse(portfolio.calendar)
    if portfolio.rates is not None:
        document[RATES] = [list(row) for row in portfolio.rates.rows]
    nested = {kind: (key, holder, field) for holder, (key, kind, field) in NESTED.items()}
    placed: dict[str, dict[str, Any]] = {}
    for section, kind in SECTIONS.items():
        for value in getattr(portfolio, section):
            entry = terse(value)
            placed[value.id] = entry
            if kind in nested:
                key, _, field = nested[kind]
                placed[entry.pop(field)].setdefault(key, []).append(entry)
            else:
                document.setdefault(section, []).append(entry)
    if portfolio.priorities is not None:
        document[TABLE] = terse(portfolio.priorities)
    return document


def terse(value: Any) -> Any:
    """Return a part of a definition as documents hold it; dates stay dates."""
    cls = type(value)
    if isinstance(value, Mapping):
        return {key: terse(child) for key, child in value.items()}
    if isinstance(value, tuple | list):
        return [terse(child) for child in value]
    if not attrs.has(cls):
        return value
    short = SHORT.get(cls, ())
    if cls in ALWAYS_SHORT:
        return terse(getattr(value, short[0]))
    entry = {}
    for name, default, derived, tags, number in _plan(cls):
        child = getattr(value, name)
        if (child is None and default in (None, attrs.NOTHING)) or (
            child == default and repr(child) == repr(default)
        ):
            continue
        if derived and child == derived(value):
            continue
        if (
            number
            and isinstance(child, float)
            and child.is_integer()
            and abs(child) < 1e15
            and repr(child) != "-0.0"
        ):
            child = int(child)
        entry[name] = {tags[type(child)]: terse(child)} if tags else terse(child)
    return entry[short[0]] if len(short) == 1 and set(entry) == {*short} else entry


@cache
def _plan(cls: type) -> tuple[tuple[str, Any, Any, dict[type, str], bool], ...]:
    """Return name, default, derivation, tags and "is a number" of each field that a document holds."""
    kinds = field_kinds(cls)
    return tuple(
        (
            field.name,
            field.default,
            DERIVED.get((cls, field.name)),
            _tags(kinds[field.alias]),
            float in (kinds[field.alias], *get_args(kinds[field.alias])),
        )
        for field in attrs.fields(cls)
        if field.init
    )


@cache
def _tags(kind: Any) -> dict[type, str]:
    tags = TAGS.get(frozenset(get_args(kind)) - {type(None)}, {})
    return {cls: tag for tag, cls in tags.items()}


@cache
def _tagged_fields(cls: type) -> Mapping[str, dict[type, str]]:
    return {name: tags for name, kind in field_kinds(cls).items() if (tags := _tags(kind))}


def _json(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None if math.isnan(value) else str(float(value))
    if isinstance(value, int) and not isinstance(value, enum.Enum):
        return int(value)
    if isinstance(value, Mapping):
        return {_key(key): _json(child) for key, child in value.items()}
    if isinstance(value, tuple | list):
        return [_json(child) for child in value]
    if isinstance(value, Set):
        return sorted((_json(child) for child in value), key=str)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction):
        return str(value)
    if isinstance(value, dt.timedelta):
        return _duration(value)
    if isinstance(value, Portfolio):
        return _json(to_document(value))
    for method in ("as_plain", "to_dicts", "tolist"):
        if hasattr(value, method) and not isinstance(value, type):
            return _json(getattr(value, method)())
    if attrs.has(type(value)):
        return _full(value)
    if isinstance(value, enum.Enum):
        return _json(value.value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if callable(value):
        said = "a function or a type has no plain form, but must be a value; pickle what holds it (a policy)"
        raise DefinitionError(said)
    raise DefinitionError(f"a {type(value).__name__} has no plain form; give it a method as_plain()")


def _duration(value: dt.timedelta) -> str:
    seconds, part = divmod(abs(value) // dt.timedelta(microseconds=1), 1_000_000)
    sign = "-" if value < dt.timedelta(0) else ""
    return f"PT{sign}{seconds}{f'.{part:06}'.rstrip('0') if part else ''}S"


def _full(value: Any) -> dict[str, Any]:
    cls: Any = type(value)
    if cls in ALWAYS_SHORT:
        return _json(getattr(value, SHORT[cls][0]))  # type: ignore[no-any-return]  # text or a list
    tagged = _tagged_fields(cls)
    plain = {}
    for field in attrs.fields(cls):
        if field.init and field.repr:
            child = getattr(value, field.name)
            inner = _json(child)
            tag = tagged.get(field.alias, {}).get(type(child))
            plain[field.alias] = {tag: inner} if tag else inner
    form = form_of(cls)
    return plain if form is None else headed(form, **plain)


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    return key.isoformat() if isinstance(key, dt.date) else str(key)
