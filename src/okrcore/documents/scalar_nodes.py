"""Read one scalar node as one value: strict for every type, with no value changed on the way."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

from okrcore.documents.nodes import Scalar

BAD: Any = object()
"""What a parser returns for a node that it cannot read."""
Parser = Callable[[Scalar], Any]

NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+", re.ASCII)
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]*+)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2}(?::\d{2})?)",
    re.ASCII,
)
_DURATION = re.compile(r"PT(-?)([0-9]{1,20})(?:\.([0-9]{1,6}))?S", re.ASCII)
_MAX_DIGITS = 400
_INFINITE = ("inf", "-inf")
"""How `to_dict` writes what no document can hold: the pace of a cap that is used before any time is gone."""
_NULLS = ("", "~", "null")


def is_null(node: Scalar) -> bool:
    """Tell whether a node holds nothing: null, or in YAML an unquoted `~`, `null` or empty value."""
    return node.value is None or (node.plain and node.value in _NULLS)


def text(node: Scalar) -> Any:
    """Return text as written: quoted, or any unquoted YAML word, `no` and `12:30` among them."""
    return node.value if isinstance(node.value, str) and not is_null(node) else BAD


def number(node: Scalar) -> Any:
    """Return a finite float: a number as in JSON, a leading "+" allowed; of plain values infinities too."""
    value = node.value
    if isinstance(value, str):
        if node.at < 0 and value in _INFINITE:
            return float(value)
        if not node.plain or len(value) > _MAX_DIGITS or not NUMBER.fullmatch(value):
            return BAD
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return BAD
    try:
        result = float(value)
    except OverflowError:
        return BAD
    return result if math.isfinite(result) else BAD


def whole(node: Scalar) -> Any:
    """Return an int: digits with an optional sign; 1.0 and 1e3 are none."""
    value = node.value
    if isinstance(value, str):
        fits = node.plain and len(value) <= _MAX_DIGITS and _WHOLE.fullmatch(value)
        return int(value) if fits else BAD
    return value if isinstance(value, int) and not isinstance(value, bool) else BAD


def flag(node: Scalar) -> Any:
    """Return True or False; in YAML only the words `true` and `false`, unquoted."""
    if node.plain:
        return {"true": True, "false": False}.get(node.value, BAD)
    return node.value if isinstance(node.value, bool) else BAD


def date(node: Scalar) -> Any:
    """Return a date written YYYY-MM-DD, quoted or not, or a TOML date."""
    value = node.value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return BAD
    return value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else BAD


def instant(node: Scalar) -> Any:
    """Return an aware datetime, written in ISO form with its offset, or a TOML one that has an offset."""
    value = node.value
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            return BAD
    return value if isinstance(value, dt.datetime) and value.utcoffset() is not None else BAD


def duration(node: Scalar) -> Any:
    """Return a length of time written as `to_dict` writes it, in seconds: `PT86400S`."""
    found = _DURATION.fullmatch(node.value) if isinstance(node.value, str) else None
    if found is None:
        return BAD
    sign, seconds, part = found.groups(default="")
    try:
        length = dt.timedelta(seconds=int(seconds), microseconds=int(part.ljust(6, "0")))
    except OverflowError:
        return BAD
    return -length if sign else length


def anything(node: Scalar) -> Any:
    """Return an unquoted word as null, true, false, a number, else text; other values as given."""
    if not node.plain:
        return node.value
    if is_null(node):
        return None
    for parser in (flag, whole, number):
        if (value := parser(node)) is not BAD:
            return value
    return node.value


PARSERS: dict[Any, tuple[Parser, str]] = {
    str: (text, "text"),
    bool: (flag, "true or false"),
    int: (whole, "a whole number"),
    float: (number, "a number"),
    dt.date: (date, "a date such as 2026-12-31"),
    dt.datetime: (instant, "an instant such as 2026-12-31T18:00:00+00:00"),
    dt.timedelta: (duration, "a length of time such as PT86400S"),
}
"""The parser of each plain type, and how to ask for such a value. A union tries them in this order."""
