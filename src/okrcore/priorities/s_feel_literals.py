"""Place one value of a column exactly on a line, and read it back: numbers, dates, durations.

Numbers are fractions: a text is the decimal it spells, a float the shortest decimal that prints it, so that
0.1 is a tenth. Dates are whole days, durations whole microseconds (S14.1).
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from okrcore.priorities.intervals import WHOLE, Line, Position, join

_NUMBER = re.compile(r"[+-]?\d{1,100}(?:\.\d{1,100})?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_LONG = 40
_DATE = re.compile(r"(?:date\s*\(\s*)?\"?(\d{4}-\d{2}-\d{2})\"?(?:\s*\))?", re.ASCII)
_SHORT = re.compile(r"(-?\d{1,9}(?:\.\d{1,3})?)\s*([hdw])", re.ASCII)
_ISO = re.compile(
    r"(-?)P(?=.)(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
"""A text in quotes, whose content may hold escaped ones."""
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_COMPARE = re.compile(r"(<=|>=|<|>|=)\s*([^<>=].*)", re.DOTALL)
_BETWEEN = re.compile(r"([\[\](])((?:(?!\.\.).)*)\.\.(.*)([\])\[])", re.DOTALL)
_TERM = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")*', re.DOTALL)
_QUOTED = re.compile(r"(?:duration\s*\(\s*)?\"([^\"]*)\"(?:\s*\))?")

_PADDED = re.compile(r"[+-]?0[0-9].*", re.DOTALL)
"""What 1,000 leaves behind its comma, which parts a list."""

_SECOND = 1_000_000
_UNITS = {
    "w": 604_800 * _SECOND,
    "d": 86_400 * _SECOND,
    "h": 3_600 * _SECOND,
    "m": 60 * _SECOND,
    "s": _SECOND,
}
_LARGEST = 999_999_999 * _UNITS["d"]
_FORMS = {
    "number": "a number such as 0.3",
    "integer": "a whole number such as 5",
    "date": "a date such as 2026-12-31",
    "duration": "a duration such as 24h, 5d, 2w or P1DT12H",
}
SPANS: dict[str, tuple[Position, Position]] = {
    "date": (dt.date.min.toordinal(), dt.date.max.toordinal()),
    "duration": (-_LARGEST, _LARGEST),
}
"""Kind -> the first and last position that Python can hold."""


def negated(cell: str) -> tuple[bool, str]:
    """Return whether a cell is a not(...), and the tests in it.

    >>> negated("not(1, 2)"), negated("< 3")
    ((True, '1, 2'), (False, '< 3'))
    """
    found = _NOT.fullmatch(cell)
    return (True, found[1]) if found else (False, cell)


def parts_of(test: str) -> tuple[str, ...]:
    """Return sign and literal of a comparison, bracket, ends and bracket of a range, else the literal.

    >>> parts_of("<= 3"), parts_of("[1..5)"), parts_of("7")
    (('<=', '3'), ('[', '1', '5', ')'), ('7',))
    """
    found = _COMPARE.fullmatch(test) or _BETWEEN.fullmatch(test)
    return found.groups() if found else (test,)


def terms_of(tests: str, instead: str) -> Iterator[str]:
    """Yield what stands between the commas of a list of tests; a comma inside quotes is none of these.

    Raises ValueError that says what the text does, where a quote stays open or nothing stands at a place.
    """
    place = 0
    while True:
        found = _TERM.match(tests, place)
        term = found[0] if found else ""
        place += len(term)
        if place < len(tests) and tests[place] != ",":
            raise ValueError("opens a quote that never closes; close it")
        if not term.strip():
            raise ValueError(f"holds nothing, or nothing beside a comma; write {instead}")
        yield term.strip()
        if place == len(tests):
            return
        place += 1


def read(kind: str, text: str) -> Position:
    """Return the position that a literal names.

    Raises ValueError, which says what to write, for any other text; the time taken does not depend on it.

    >>> read("number", "0.3"), read("date", "2026-01-02"), read("duration", "36h")
    (Fraction(3, 10), 739618, 129600000000)
    """
    if kind in ("number", "integer") and _PADDED.fullmatch(text):
        raise ValueError(f"{shorten(text)} begins with zeros; write a thousand as 1000, and none as 0")
    position = {"date": _read_date, "duration": _read_duration}.get(kind, _read_number)(text)
    low, high = SPANS.get(kind, (None, None))
    if position is None or (low is not None and high is not None and not low <= position <= high):
        raise ValueError(f"{shorten(text)} is not {_FORMS[kind]}")
    return position


def position(kind: str, value: object) -> Position | None:
    """Return where a value lies; None where it is none of the kind (None, NaN, a text of another kind ...).

    An instant stands for its date at midnight, and for no date at any other time.

    >>> position("number", 0.1) == Fraction(1, 10), position("number", True), position("date", "soon")
    (True, None, None)
    """
    if isinstance(value, str):
        try:
            return read(kind, value.strip())
        except ValueError:
            return None
    if isinstance(value, np.datetime64 | np.timedelta64):
        value = _of_numpy(value)
    if kind == "date":
        if isinstance(value, dt.datetime):
            value = value.date() if value.time() == dt.time() else None
        return value.toordinal() if isinstance(value, dt.date) else None
    if kind == "duration":
        return value // dt.timedelta(microseconds=1) if isinstance(value, dt.timedelta) else None
    return _of_number(value)


def value(kind: str, position: Position) -> Any:
    """Return the value at a position: int, float where exact, else Decimal; date; timedelta.

    >>> value("number", Fraction(1, 2)), value("number", Fraction(3, 10)), value("date", 739618)
    (0.5, Decimal('0.3'), datetime.date(2026, 1, 2))
    """
    if kind == "date":
        return dt.date.fromordinal(int(position))
    if kind == "duration":
        return dt.timedelta(microseconds=int(position))
    if position == int(position):
        return int(position)
    try:
        near = float(position)
    except OverflowError:
        near = math.inf
    if math.isfinite(near) and Fraction(near) == position:
        return near
    text = write(kind, position)
    return Fraction(position) if "/" in text else Decimal(text)


def write(kind: str, position: Position) -> str:
    """Return the literal of a position; `read` gives the position back.

    >>> write("number", Fraction(-1, 8)), write("duration", read("duration", "PT90M"))
    ('-0.125', 'PT1H30M')
    """
    if kind == "date":
        return dt.date.fromordinal(int(position)).isoformat()
    if kind == "duration":
        return _write_duration(int(position))
    return _write_number(Fraction(position))


def simplest(kind: str, line: Line) -> Position:
    """Return the position of a non-empty line that a reader would name: in whole units, near zero.

    >>> simplest("number", (((Fraction(10), 1), (math.inf, 0)),)), simplest("number", (((0, 1), (1, 0)),))
    (Fraction(11, 1), Fraction(1, 2))
    """
    if kind == "duration":
        units = [Fraction(unit) for unit in (*_UNITS.values(), 1)][1:]
    elif kind == "number":
        units = [Fraction(1, 2**power) for power in range(11)]
    else:
        units = [Fraction(1)]
    for unit in units:
        found = [near for interval in line for near in _multiples(interval, unit)]
        if found:
            best = min(found, key=lambda near: (abs(near), -near))
            return best if kind == "number" else int(best)
    (low, low_after), (high, high_after) = line[0]
    if not low_after:
        return Fraction(low)
    return Fraction(high) if high_after else (Fraction(low) + Fraction(high)) / 2


def shorten(text: str) -> str:
    """Return a text as shown in an error: quoted, its middle left out where it is long."""
    return repr(text if len(text) <= 60 else f"{text[:40]} ... {text[-10:]}")


def _multiples(interval: tuple[Any, Any], unit: Fraction) -> list[Fraction]:
    """The multiple of `unit` inside the interval that lies nearest to zero, if there is one."""
    (low, low_after), (high, high_after) = interval
    first = -math.inf if low == -math.inf else (low // unit + 1 if low_after else -(-low // unit))
    last = math.inf if high == math.inf else (high // unit if high_after else -(-high // unit) - 1)
    if first > last:
        return []
    nearest = first if first > 0 else last if last < 0 else 0
    return [Fraction(nearest) * unit]


def _read_number(text: str) -> Fraction | None:
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def _read_date(text: str) -> int | None:
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        return dt.date.fromisoformat(found[1]).toordinal()
    except ValueError:
        return None


def _read_duration(text: str) -> Position | None:
    quoted = _QUOTED.fullmatch(text)
    text = quoted[1] if quoted else text
    if short := _SHORT.fullmatch(text):
        exact = Fraction(short[1]) * _UNITS[short[2]]
    elif iso := _ISO.fullmatch(text):
        parts = zip(iso.groups()[1:], "wdhms", strict=True)
        exact = sum((Fraction(part) * _UNITS[unit] for part, unit in parts if part), Fraction())
        exact = -exact if iso[1] else exact
    else:
        return None
    return int(exact)


def _write_number(exact: Fraction) -> str:
    """The decimal of a fraction, with an exponent where it is long; n/d where there is no decimal."""
    rest, twos, fives = exact.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return str(exact)
    places, sign = max(twos, fives), "-" if exact < 0 else ""
    digits = str(Decimal(abs(exact.numerator) * 10**places // exact.denominator))
    if max(len(digits), places) > _LONG:
        short = digits.rstrip("0")
        return f"{sign}{short}e{len(digits) - len(short) - places}"
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _of_number(value: object) -> Fraction | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return Fraction(value) if value.is_finite() and abs(value.adjusted()) < 10_000 else None
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, numbers.Real):
        near = float(value)
        return Fraction(repr(near)) if math.isfinite(near) else None
    return None


def _of_numpy(value: np.datetime64 | np.timedelta64) -> object:
    """The date or duration that an instant or a span of NumPy is exactly, else None."""
    if isinstance(value, np.datetime64):
        day = value.astype("datetime64[D]")
        return day.item() if day == value else None
    if np.datetime_data(value.dtype)[0] in ("Y", "M", "generic"):
        return None
    span = value.astype("timedelta64[us]")
    return span.item() if span == value else None


def _write_duration(position: int) -> str:
    left = abs(position)
    parts = {}
    for unit in "dhms":
        parts[unit], left = divmod(left, _UNITS[unit])
    if not any(parts[unit] for unit in "hms") and not left:
        return f"{position // _UNITS['d']}d"
    if not parts["m"] and not parts["s"] and not left:
        return f"{position // _UNITS['h']}h"
    seconds = write("number", Fraction(parts["s"] * _SECOND + left, _SECOND))
    day = f"{parts['d']}D" if parts["d"] else ""
    hour = f"{parts['h']}H" if parts["h"] else ""
    minute = f"{parts['m']}M" if parts["m"] else ""
    second = f"{seconds}S" if seconds != "0" else ""
    return f"{'-' if position < 0 else ''}P{day}T{hour}{minute}{second}"


def whole_line(kind: str) -> Line:
    """Return all positions that a kind has."""
    if kind not in SPANS:
        return WHOLE
    low, high = SPANS[kind]
    return join([((low, 0), (high, 1))], discrete=True)
