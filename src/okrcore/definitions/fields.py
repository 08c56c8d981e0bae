"""Convert and check fields of definitions: converters never raise, and faults are collected.

A definition lists its checks in `metadata=check(...)`; `report` runs them all and raises once, so that
every fault of one value arrives together (S0.4).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import attrs

from okrcore.errors import DefinitionError, OkrError, Problem, raise_all
from okrcore.frozen import FrozenDict, frozen_mapping

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d", re.ASCII)
Check = Callable[[Any], str | None]
"""Takes a value; returns the fault and the remedy as text, or None where the value is good."""


def check(*checks: Check) -> dict[str, tuple[Check, ...]]:
    """Return field metadata holding `checks`; the first that finds a fault speaks."""
    return {"checks": checks}


def faults(value: object) -> list[Problem]:
    """Return the faults that the fields of an attrs value hold, one a field."""
    kind: Any = type(value)
    return [
        Problem(f"{describe(value)}: {name} {fault}", path=name, kind=DefinitionError)
        for name, checks in _checks(kind)
        if (fault := _fault(getattr(value, name), checks))
    ]


@cache
def _checks(kind: Any) -> tuple[tuple[str, tuple[Check, ...]], ...]:
    return tuple((f.name, f.metadata["checks"]) for f in attrs.fields(kind) if "checks" in f.metadata)


def report(value: object, further: Iterable[tuple[str, str]] = ()) -> None:
    """Raise the faults of the value's fields and all `further` (field, fault) pairs as one error."""
    found = faults(value)
    for path, fault in further:
        found.append(Problem(f"{describe(value)}: {fault}", path=path, kind=DefinitionError))
    raise_all(found)


def describe(value: object) -> str:
    """Return "KeyResult 'throughput'", or the class name where there is no id."""
    identity = getattr(value, "id", None)
    named = isinstance(identity, str) and identity
    return f"{type(value).__name__} {shown(identity)}" if named else type(value).__name__


def an(noun: str) -> str:
    """Return a noun with its article.

    >>> an("Objective"), an("Kpi")
    ('an Objective', 'a Kpi')
    """
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def shown(value: object) -> str:
    """Return a value as text for a message, at most 80 characters of it, whatever the value is.

    >>> shown("98%"), shown(10**5000), len(shown("x" * 1000))
    ("'98%'", 'a value of type int', 80)
    """
    try:
        text = repr(value)
    except Exception:  # nested too deep, a whole number too long, a type that fails
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _fault(value: object, checks: tuple[Check, ...]) -> str | None:
    for one in checks:
        if fault := one(value):
            return fault
    return None


# Converters: they tidy what is plainly meant and leave the rest for the checks to name.


def to_float(value: float) -> float:
    """Return a real number as float; anything else (text, booleans) unchanged."""
    given: Any = value
    if type(given) is float:
        return given
    if isinstance(given, numbers.Real) and not isinstance(given, bool):
        with contextlib.suppress(OverflowError):
            return float(given)
    return given  # type: ignore[no-any-return]  # named by the check


def to_float_or_none(value: float | None) -> float | None:
    """Return a real number as float; None and anything else unchanged."""
    return None if value is None else to_float(value)


def to_day(value: dt.date | str) -> dt.date:
    """Return ISO text such as 2026-12-31 as its date; anything else unchanged."""
    given: Any = value
    if isinstance(given, str) and _DAY.fullmatch(given):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(given)
    return given  # type: ignore[no-any-return]  # named by the check


def to_day_or_none(value: dt.date | str | None) -> dt.date | None:
    """Return ISO text as its date; None and anything else unchanged."""
    return None if value is None else to_day(value)


def to_id_or_empty(value: str | None) -> str:
    """Return an id that is made of other fields where None is given as empty text."""
    return "" if value is None else value


def to_tuple(value: Iterable[T]) -> tuple[T, ...]:
    """Return any iterable but text and mappings as a tuple."""
    given: Any = value
    return tuple(given) if _is_listing(given) else given


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return any iterable of texts but a text itself as a tuple."""
    return to_tuple(values)


def to_text_mapping(values: Mapping[str, str]) -> FrozenDict[str, str]:
    """Return a frozen mapping of texts; what is no mapping stays, for the checks to refuse."""
    found: FrozenDict[str, str] = frozen_mapping(values)
    return found


def from_texts(values: Iterable[T | str], build: Callable[[str], T]) -> tuple[T, ...]:
    """Return a tuple in which text stands for the value that `build` makes of it."""
    given: Any = values
    return tuple(_built(value, build) for value in given) if _is_listing(given) else given


def _is_listing(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _built(value: Any, build: Callable[[str], T]) -> T:
    built: T = value
    if isinstance(value, str):
        with contextlib.suppress(OkrError):
            built = build(value)
    return built


# Checks


def is_text(value: object) -> str | None:
    """Any Unicode text, also empty."""
    if not isinstance(value, str):
        return f"is {shown(value)}; give text"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return f"is {shown(value)}, but must be Unicode; remove the half of a surrogate pair"
    return None


def is_id(value: object) -> str | None:
    """Non-empty text of printable characters without space at the ends."""
    if not isinstance(value, str):
        return f"is {shown(value)}; give text"
    if not value or value != value.strip() or not value.isprintable():
        return f"is {shown(value)}; give printable text without space at the ends"
    return None


def is_id_or_empty(value: object) -> str | None:
    """An id, or empty text where the definition is to make one."""
    return None if isinstance(value, str) and not value else is_id(value)


def is_number(value: object) -> str | None:
    """A finite number."""
    if type(value) is not float and (isinstance(value, bool) or not isinstance(value, numbers.Real)):
        return f"is {shown(value)}; give a number"
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    return None if finite else f"is {shown(value)}; give a finite number"


def at_least(low: float) -> Check:
    """A finite number not below `low`."""

    def holds(value: object) -> str | None:
        return is_number(value) or (f"is {shown(value)}; give {low:g} or more" if value < low else None)  # type: ignore[operator]

    return holds


def within(low: float, high: float) -> Check:
    """A finite number between `low` and `high`, both included."""

    def holds(value: object) -> str | None:
        return is_number(value) or (
            None if low <= value <= high else f"is {shown(value)}; give {low:g} to {high:g}"  # type: ignore[operator]
        )

    return holds


def is_whole(value: object) -> str | None:
    """A whole number, not below 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return f"is {shown(value)}; give a whole number, 0 or more"
    return None


def is_flag(value: object) -> str | None:
    """True or False, nothing that merely counts as such."""
    return None if isinstance(value, bool) else f"is {shown(value)}; give true or false"


FIRST_DAY, LAST_DAY = dt.date(1600, 1, 1), dt.date(2400, 12, 31)
"""Dates that are declared lie between these, so that a step beyond one is a date too."""


def is_date(value: object) -> str | None:
    """A calendar date, no instant, in the years 1600 to 2400 (so that a step beyond one is a date too)."""
    if isinstance(value, dt.datetime) or (isinstance(value, str) and _INSTANT.match(value)):
        return f"is {shown(value)}, an instant; give its date alone, such as 2026-12-31"
    if isinstance(value, str) and _DAY.fullmatch(value):
        return f"is {shown(value)}, which no calendar has; give a date such as 2026-12-31"
    if not isinstance(value, dt.date):
        return f"is {shown(value)}; give a date such as 2026-12-31"
    if not FIRST_DAY <= value <= LAST_DAY:
        return f"is {value}; give a date from {FIRST_DAY} to {LAST_DAY}"
    return None


def one_of(*words: str) -> Check:
    """One of the given words."""

    def holds(value: object) -> str | None:
        return (
            None
            if isinstance(value, str) and value in words
            else f"is {shown(value)}; give one of {', '.join(map(repr, words))}"
        )

    return holds


def optional(inner: Check) -> Check:
    """None, or what `inner` accepts."""
    return lambda value: None if value is None else inner(value)


def is_a(*types: type) -> Check:
    """An instance of one of `types`."""
    names = " or ".join(kind.__name__ for kind in types)
    return lambda value: None if isinstance(value, types) else f"is {shown(value)}; give {an(names)}"


def each(inner: Check, unique: bool = False) -> Check:
    """A tuple whose entries `inner` accepts, all different where `unique`."""

    def holds(value: object) -> str | None:
        if not isinstance(value, tuple):
            return f"is {shown(value)}; give a list"
        for index, entry in enumerate(value):
            if fault := inner(entry):
                return f"[{index}] {fault}"
        if unique and len(set(value)) < len(value):
            return f"is {shown(value)}; name each one once"
        return None

    return holds
