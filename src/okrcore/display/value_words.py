"""Write any declared value as people say it, and two versions of one so that they differ in what is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import attrs

from okrcore.display.numbers import figure
from okrcore.display.text import clipped, one_line, plain

WIDEST = 80
"""What is longer is cut."""


def worded(value: Any) -> str:
    """Return a value in words: a list as its entries, a record as its first field and what else it says.

    A record that says how it is read, by its `str`, is written so.

    >>> worded((0.5, 1234567.0, True)), worded(dt.date(2026, 6, 30)), worded(())
    ('0.5, 1,234,567, yes', '2026-06-30', 'none')
    """
    value = plain(value)
    match value:
        case None | "" | () | []:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return figure(value, 12)
        case dt.date():
            return value.isoformat()
        case Mapping():
            return ", ".join(f"{name} {worded(one)}" for name, one in value.items()) or "none"
        case tuple() | list() | frozenset():
            return ", ".join(map(worded, sorted(value) if isinstance(value, frozenset) else value)) or "none"
    says_itself = any("__str__" in vars(kind) for kind in type(value).__mro__[:-1])
    return _record(value) if attrs.has(type(value)) and not says_itself else one_line(str(value))


def worded_change(before: Any, after: Any) -> tuple[str, str]:
    """Return two versions of a value in words, each cut to where they begin to differ if it is long.

    >>> worded_change(("a" * 50, "b" * 50, "c"), ("a" * 50, "b" * 50, "d"))[0][:12]
    '...bbbbbbbbb'
    """
    was, now = worded(before), worded(after)
    if max(len(was), len(now)) > WIDEST:
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was, now, strict=False)))
        begin = max(0, alike - WIDEST // 4)
        was, now = (f"...{text[begin:]}" if begin else text for text in (was, now))
    return clipped(was, WIDEST), clipped(now, WIDEST)


def _record(value: Any) -> str:
    """Return a record by its first field that says something, and in brackets the others."""
    said = [
        (field.name.replace("_", " "), worded(one))
        for field in attrs.fields(type(value))
        if field.init and not _is_left_out(field, one := getattr(value, field.name))
    ]
    (name, first), *others = said or [("", "none")]
    head = first if getattr(attrs.fields(type(value))[0], "name", "") == name else f"{name} {first}"
    return head + (f" ({', '.join(' '.join(pair) for pair in others)})" if others else "")


def _is_left_out(field: Any, value: Any) -> bool:
    """Whether a field says no more than where it is left out."""
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = None if default.takes_self else default.factory()
    return bool(default is not attrs.NOTHING and value == default)
