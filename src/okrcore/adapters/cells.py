"""Cells of a table into text, numbers, dates and flags, or into the reason why not."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import attrs
from attrs import field

from okrcore.definitions.fields import check, each, is_text, one_of, report, to_tuple
from okrcore.display import one_line
from okrcore.errors import OkrError
from okrcore.units.conversion import check_unit


@attrs.frozen
class Percent:
    """A number that a cell shows with a percent sign: 95.0 for 95 %."""

    value: float

    def __str__(self) -> str:
        return f"{Decimal(repr(self.value)).normalize():f}%"


Cell = str | int | float | Decimal | Percent | dt.date | tuple[Any, ...] | None
"""What a file holds in one place; None and blank text are nothing."""

LONGEST = 10_000
"""So many characters a cell may hold."""

DateOrder = Literal["iso", "day-first", "month-first", "either"]


class Refused(Exception):  # noqa: N818  # a message between modules, not an error of the library
    """A cell cannot be read: the reason and the remedy, to be reported at its place."""


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return a list of texts as a tuple, anything else unchanged for the checks to name."""
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class NumberFormat:
    """How a file writes numbers: what is not asked for here is refused, never guessed.

    `decimal` is the decimal sign, `thousands` the separator of groups of three digits ("" for none).
    `unknown` lists words, in any case, that mean that there is no value. A blank cell is no value either
    (S0.2), unless `blank` is "zero".

    >>> NumberFormat(decimal=",", thousands=".").decimal
    ','
    """

    decimal: Literal[".", ","] = field(default=".", metadata=check(one_of(".", ",")))
    thousands: Literal["", ",", ".", " ", "'"] = field(
        default="", metadata=check(one_of("", ",", ".", " ", "'"))
    )
    unknown: tuple[str, ...] = field(
        default=("n/a",), converter=to_texts, metadata=check(each(is_text, unique=True))
    )
    blank: Literal["unknown", "zero"] = field(default="unknown", metadata=check(one_of("unknown", "zero")))

    def __attrs_post_init__(self) -> None:
        same = self.decimal == self.thousands
        report(self, [("thousands", "thousands and decimal are one sign; name two")] if same else ())


def is_missing(cell: Any) -> bool:
    """Tell None, NaN, NaT and pandas' NA, which stand for nothing in frames."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float | Decimal) and cell != cell


def text_of(cell: Cell) -> str:
    """Return a cell as one line of text without control characters; "" for nothing.

    >>> text_of("  a\\tb "), text_of(125.0), text_of(None)
    ('a b', '125', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, int) and abs(cell) >= 10**300:
        raise Refused("is a number of more than 300 digits; write it shorter")
    if isinstance(cell, tuple):
        return "; ".join(text_of(part) for part in cell)
    if isinstance(cell, dict):
        raise Refused("is a mapping; give text, a number, or a list of texts")
    if isinstance(cell, str) and len(cell) > LONGEST:
        raise Refused(f"has {len(cell)} characters; keep it below {LONGEST}")
    text = str(cell)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused("holds bytes that are no text; save the file as UTF-8, or name its encoding")
    return " ".join(one_line(text).split())


def texts_of(cell: Cell, separator: str) -> tuple[str, ...]:
    """Return the texts that a cell lists, each once, in order.

    >>> texts_of("Alpha; Beta;", ";")
    ('Alpha', 'Beta')
    """
    parts = cell if isinstance(cell, tuple) else text_of(cell).split(separator)
    return tuple(dict.fromkeys(part for part in map(text_of, parts) if part))


def number_of(cell: Cell, style: NumberFormat) -> tuple[float, str] | None:
    """Return a cell's number and the unit it states, "%" or ""; None where there is no value.

    Raises Refused for anything that is not one finite number in the given style.

    >>> number_of("1.234,5 %", NumberFormat(decimal=",", thousands="."))
    (1234.5, '%')
    """
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return _finite(cell), ""
    if isinstance(cell, Percent):
        return _finite(cell.value), "%"
    text = text_of(cell)
    if not text:
        return (0.0, "") if style.blank == "zero" else None
    if text.casefold() in unknown_words(style.unknown):
        return None
    found, unit = (text[:-1].rstrip(), "%") if text.endswith("%") else (text, "")
    if len(found) > 400:
        raise Refused(f"has {len(found)} characters; write a number")
    value = read_number(found, style)
    if value is None:
        raise Refused(f"{_shown(text)} is no number; {_remedy(found, style)}")
    return value, unit


def read_number(text: str, style: NumberFormat) -> float | None:
    """Return the finite number that a text is, None where it is none."""
    plain = text.replace("\u2212", "-")
    if not number_pattern(style.decimal, style.thousands).fullmatch(plain):
        return None
    if style.thousands:
        plain = plain.replace(style.thousands, "")
    value = float(plain.replace(style.decimal, "."))
    return value + 0.0 if math.isfinite(value) else None


@lru_cache(maxsize=16)
def number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return what a number looks like: an optional sign, digits, maybe groups, a fraction, an exponent."""
    point, group = re.escape(decimal), re.escape(thousands)
    groups = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|" if thousands else ""
    return re.compile(
        rf"[+-]?(?:(?:{groups}[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,4}})?"
    )


@lru_cache(maxsize=64)
def unknown_words(words: tuple[str, ...]) -> frozenset[str]:
    """Return words as they are compared."""
    return frozenset(word.strip().casefold() for word in words)


def date_of(cell: Cell, order: DateOrder) -> dt.date | None:
    """Return a cell's calendar date, that of an instant as written; None for nothing.

    `order` "day-first" and "month-first" also take 13/02/2025 and its like; "either" takes those that can
    be read in one way only. Raises Refused for anything else.

    >>> date_of("13/02/2025", "either")
    datetime.date(2025, 2, 13)
    """
    if isinstance(cell, dt.datetime):
        return _usual(cell.date())
    if isinstance(cell, dt.date):
        return _usual(cell)
    text = text_of(cell)
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{1,15}(?:Z|[+-][0-9:]{2,6})?)?", text):
        try:
            return _usual(dt.datetime.fromisoformat(text).date())
        except ValueError:
            raise Refused(f"{_shown(text)} is no date; write it like 2026-12-31") from None
    parts = re.fullmatch(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})", text)
    if not parts or order == "iso":
        raise Refused(
            f"{_shown(text)} is no date; write it like 2026-12-31" + (", or set dates" if parts else "")
        )
    first, second, year = int(parts[1]), int(parts[3]), int(parts[4])
    found = {
        date
        for name, (day, month) in {"day-first": (first, second), "month-first": (second, first)}.items()
        if order in (name, "either") and (date := _date(year, month, day))
    }
    if len(found) > 1:
        raise Refused(f"{_shown(text)} can be read in two ways; set dates to day-first or month-first")
    if not found:
        raise Refused(f"{_shown(text)} is no date; write it like 2026-12-31")
    return _usual(found.pop())


FLAGS = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}


def flag_of(cell: Cell) -> bool:
    """Return a cell's yes or no; nothing is no."""
    word = text_of(cell).casefold()
    if word and word not in FLAGS:
        raise Refused(f"{_shown(word)} is neither yes nor no; write yes or no")
    return FLAGS.get(word, False)


def choose(cell: Cell, meanings: Iterable[tuple[str, str]]) -> str | None:
    """Return the meaning of a cell's word, compared in any case; None for nothing."""
    word = text_of(cell)
    known = {name.strip().casefold(): meaning for name, meaning in meanings}
    if word.casefold() in known:
        return known[word.casefold()]
    if not word:
        return None
    raise Refused(
        f"{_shown(word)} is no word that is known here ({', '.join(sorted(known))[:300]});"
        " correct it, or add it to words"
    )


@lru_cache(maxsize=4096)
def unit_fault(unit: str, declared: tuple[str, ...]) -> str:
    """Return why a text is no unit, "" where it is one; `declared` are further counts."""
    try:
        check_unit(unit, declared)
    except OkrError as error:
        return str(error)
    return ""


def shifted(value: float, digits: int) -> float:
    """Return value * 10**digits, rounded once: 0.07 as a percentage is 7, not 7.000000000000001.

    >>> shifted(0.07, 2)
    7.0
    """
    return float(Decimal(repr(value)).scaleb(digits))


def _finite(cell: float | Decimal) -> float:
    try:
        value = float(cell)
    except (OverflowError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise Refused("is no finite number; write one, or leave the cell empty")
    return value + 0.0


def _remedy(text: str, style: NumberFormat) -> str:
    for sign in (",", ".", "'", " "):
        if sign not in (style.decimal, style.thousands) and number_pattern(style.decimal, sign).fullmatch(
            text
        ):
            return f"set numbers.thousands or numbers.decimal if {sign!r} is one of them"
    return "write digits only, or list the word under numbers.unknown if it means that there is no value"


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _usual(day: dt.date) -> dt.date:
    if 1600 <= day.year <= 2400:
        return day
    raise Refused(f"{day} is out of range; give a date of the years 1600 to 2400")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:50]}...")
