"""Read a cell as a number in the notation that is declared, or say why it is none."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import attrs
from attrs import field

from okrcore.adapters.cells import Cell, Percent, Refused, shown, text_of, to_texts
from okrcore.definitions.fields import check, each, is_text, one_of, report


@attrs.frozen(kw_only=True)
class NumberFormat:
    """How a file writes numbers: what is not asked for here is refused, never guessed.

    `decimal` is the decimal sign, `thousands` the separator of groups of digits ("" for none; "'" is every
    apostrophe), of three digits each, or with `grouping` "indian" of two before the last three (12,34,567).
    `negative` says how negative numbers are written beside a sign in front: "parentheses" as (1,234), or
    "trailing" as 1234-. `unknown` lists further words, in any case, that mean that there is no value, as n/a
    does. A blank cell is no value either (S0.2), unless `blank` is "zero".

    >>> NumberFormat(decimal=",", thousands=".").decimal
    ','
    """

    decimal: Literal[".", ","] = field(default=".", metadata=check(one_of(".", ",")))
    thousands: Literal["", ",", ".", " ", "'"] = field(
        default="", metadata=check(one_of("", ",", ".", " ", "'"))
    )
    grouping: Literal["thousands", "indian"] = field(
        default="thousands", metadata=check(one_of("thousands", "indian"))
    )
    negative: Literal["sign", "parentheses", "trailing"] = field(
        default="sign", metadata=check(one_of("sign", "parentheses", "trailing"))
    )
    unknown: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_text, unique=True))
    )
    blank: Literal["unknown", "zero"] = field(default="unknown", metadata=check(one_of("unknown", "zero")))

    def __attrs_post_init__(self) -> None:
        same = self.decimal == self.thousands
        alone = self.grouping == "indian" and not self.thousands
        report(
            self,
            [
                *([("thousands", "thousands and decimal are one sign; name two")] if same else ()),
                *([("grouping", "grouping is indian without a sign; set thousands to ','")] if alone else ()),
            ],
        )


PLAIN = NumberFormat()
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-"})
"""Signs that stand for a minus where a number begins or ends: U+2212, an en dash, and two wide hyphens."""
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2032": "'", "`": "'", "\u00b4": "'"})


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
    if len(text) > 400:
        raise Refused(f"has {len(text)} characters; write a number")
    found, unit = without_percent(text)
    value = read_number(found, style)
    if value is None:
        raise Refused(f"{shown(text)} is no number; {number_remedy(found, style)}")
    return value, unit


def without_percent(text: str) -> tuple[str, str]:
    """Return a text without the percent sign at its end, also inside parentheses; and "%" or "".

    >>> without_percent("(5 %)"), without_percent("5%"), without_percent("5")
    (('(5)', '%'), ('5', '%'), ('5', ''))
    """
    inner = text[:-1].rstrip() if text.endswith(")") else text
    if not inner.endswith("%"):
        return text, ""
    return inner[:-1].rstrip() + (")" if inner is not text else ""), "%"


def read_number(text: str, style: NumberFormat) -> float | None:
    """Return the finite number that a text is, None where it is none.

    >>> read_number("(1,234)", NumberFormat(thousands=",", negative="parentheses"))
    -1234.0
    """
    plain = _one_way(text, style)
    if not number_pattern(style).fullmatch(plain):
        return None
    if style.thousands:
        plain = plain.replace(style.thousands, "")
    value = float(plain.replace(style.decimal, "."))
    return value + 0.0 if math.isfinite(value) else None


def _one_way(text: str, style: NumberFormat) -> str:
    """Return a number with its minus in front and one sign for each thing."""
    plain = text.translate(_MINUS)
    if style.thousands == "'":
        plain = plain.translate(_APOSTROPHES)
    if style.negative == "parentheses" and plain.startswith("(") and plain.endswith(")"):
        inner = plain[1:-1].strip()
        return "-" + inner if inner[:1].isdigit() else plain
    if style.negative == "trailing" and plain.endswith("-"):
        inner = plain[:-1].rstrip()
        return "-" + inner if inner[:1].isdigit() else plain
    return plain


def number_pattern(style: NumberFormat) -> re.Pattern[str]:
    """Return what a number looks like: an optional sign, digits, maybe groups, a fraction, an exponent."""
    return _pattern(style.decimal, style.thousands, style.grouping)


@lru_cache(maxsize=32)
def _pattern(decimal: str, thousands: str, grouping: str) -> re.Pattern[str]:
    point, group = re.escape(decimal), re.escape(thousands)
    first, middle = ("[0-9]{1,2}", f"(?:{group}[0-9]{{2}})*{group}[0-9]{{3}}")
    if grouping == "thousands":
        first, middle = "[0-9]{1,3}", f"(?:{group}[0-9]{{3}})+"
    groups = f"{first}{middle}|" if thousands else ""
    return re.compile(
        rf"[+-]?(?:(?:{groups}[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,4}})?"
    )


@lru_cache(maxsize=64)
def unknown_words(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words that mean that there is no value, as they are compared."""
    return frozenset(word.strip().casefold() for word in ("n/a", *words))


def number_remedy(text: str, style: NumberFormat) -> str:
    """Return what to declare so that a text is read as a number, or that it is none."""
    for other in _notations(style.decimal, style.thousands):
        if read_number(text, other) is not None:
            return _advice(style, other, text)
    return "write digits only, or list the word under numbers.unknown if it means that there is no value"


@lru_cache(maxsize=16)
def _notations(decimal: str, thousands: str) -> tuple[NumberFormat, ...]:
    """Return all notations of numbers, the nearest to the declared signs first."""
    signs: dict[Any, None] = dict.fromkeys((decimal, ",", "."))
    marks: dict[Any, None] = dict.fromkeys((thousands, "", ",", ".", "'", " "))
    groupings: tuple[Literal["thousands", "indian"], ...] = ("thousands", "indian")
    negatives: tuple[Literal["sign", "parentheses", "trailing"], ...] = ("sign", "parentheses", "trailing")
    return tuple(
        NumberFormat(decimal=sign, thousands=mark, grouping=grouping, negative=negative)
        for sign in signs
        for mark in marks
        if mark != sign
        for grouping in groupings[: 2 if mark else 1]
        for negative in negatives
    )


def _advice(style: NumberFormat, other: NumberFormat, text: str) -> str:
    changed = [
        f"numbers.{name} to {getattr(other, name)!r}"
        for name in ("decimal", "thousands", "grouping", "negative")
        if getattr(other, name) != getattr(style, name)
    ]
    said = f"set {' and '.join(changed)} if that is how they are written"
    one_comma = re.fullmatch(r"[+-]?[0-9]{1,3}([,.])[0-9]{3}", text)
    if one_comma and one_comma[1] not in (style.decimal, style.thousands):
        said = f"set numbers.thousands or numbers.decimal if {one_comma[1]!r} is one of them"
    return said


def _finite(cell: float | Decimal) -> float:
    try:
        value = float(cell)
    except (OverflowError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise Refused("is no finite number; write one, or leave the cell empty")
    return value + 0.0
