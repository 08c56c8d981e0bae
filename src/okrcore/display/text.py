"""Format values as short texts that stay on their line: numbers, words, and lines of a given width."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

_EQUAL = 1e-12  # nearer than this a status takes two numbers for equal


def plain(value: Any) -> Any:
    """Return a NumPy scalar as plain Python; NaN and NaT as None.

    >>> plain(np.float64("nan")), plain(np.datetime64("2026-01-05"))
    (None, datetime.date(2026, 1, 5))
    """
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def cell(value: Any) -> str:
    """Return a value as shown in a table: "-" for unknown, numbers with what matters, text on one line.

    >>> cell(0.5), cell(12_345.6), cell(None), cell(True)
    ('0.50', '12,346', '-', 'yes')
    """
    value = plain(value)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return number(value)
    return one_line(str(value))


def number(value: float | None) -> str:
    """Return a number with about four digits that matter, "-" for None.

    It is rounded before its form is chosen, so that numbers side by side read alike; what is short of 1 or
    100 never reads as that.

    >>> number(98.5), number(10_000.0), number(0.4567), number(999.96), number(99.98), number(None)
    ('98.5', '10,000', '0.46', '1,000', '99.98', '-')
    """
    if value is None:
        return "-"
    value += 0.0  # no minus zero
    if value and abs(value) < 0.01:
        return f"{value:.3g}"
    for places, below in ((2, 10), (1, 1000), (0, 1e15)):
        if abs(round(value, places)) < below:
            return f"{value:,.{_short_of_whole(value, places)}f}"
    return f"{value:.4g}"


def figure(value: float | None, digits: int = 4) -> str:
    """Return a number for a sentence: `digits` that matter, whole numbers in full, no zeros at the end.

    >>> figure(98.0), figure(11_053.0), figure(0.69321), figure(2_512_400.0), figure(None)
    ('98', '11,053', '0.6932', '2,512,400', '-')
    """
    if value is None:
        return "-"
    value += 0.0  # no minus zero
    if not 1e-4 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    places = 0 if value.is_integer() else max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{_short_of_whole(value, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short_of_whole(value: float, places: int) -> int:
    """Return so many places, or as many more as keep a number below 1 or 100 from reading as that."""
    for whole in (1, 100):  # a share of the whole, and the same in percent
        while abs(value) < whole * (1 - _EQUAL) and abs(round(value, places)) >= whole > abs(value):
            places += 1
    return places


def apart(value: float, *others: float, digits: int = 3) -> tuple[str, ...]:
    """Return the numbers with as few digits as show which of them differ from the first.

    >>> apart(0.8996, 0.9, 0.7)
    ('0.8996', '0.9', '0.7')
    >>> apart(0.6932, 0.9)
    ('0.693', '0.9')
    """
    for count in range(digits, 16):
        first, *rest = (figure(one, count) for one in (value, *others))
        close = (one for one, text in zip(others, rest, strict=True) if text == first)
        if all(abs(one - value) <= 1e-12 for one in close):
            return first, *rest
    return tuple(map(repr, (value, *others)))


def percent(share: float | None, *bounds: float) -> str:
    """Return a share as whole percents, "-" for None.

    What is short of 100 %, or of one of the `bounds` that decided a status, never reads as having reached
    it: it gets as many more digits as that takes.

    >>> percent(0.456), percent(0.9998), percent(0.8996, 0.9), percent(-0.001), percent(None)
    ('46 %', '99.98 %', '89.96 %', '0 %', '-')
    """
    if share is None:
        return "-"
    short_of = [bound for bound in (1.0, *bounds) if share < bound - _EQUAL]
    for places in range(10):
        shown = round(share * 100, places) + 0.0  # no minus zero
        if all(shown < round(bound * 100, 10) for bound in short_of):
            return f"{shown:.{places}f} %"
    return f"{share * 100!r} %"


def counted(count: int, what: str) -> str:
    """Return so many of something in words.

    >>> counted(1, "finding"), counted(2, "finding")
    ('1 finding', '2 findings')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def one_line(text: str) -> str:
    """Return text without control characters and line ends, so that it cannot move a terminal's cursor."""
    return "".join(letter if _is_drawn(letter) else " " for letter in text)


def no_command(line: str) -> str:
    """Return a line that no runner of workflows takes for a command, whatever text stands in it.

    GitHub obeys `::` at the beginning of a line, white space aside, and `##[` anywhere in it.

    >>> no_command("  ::add-mask::a"), no_command("see ##[error]x")
    ('  : :add-mask::a', 'see ## [error]x')
    """
    return _COMMAND.sub(lambda match: f"{match[0][:-1]} {match[0][-1]}", line)


_COMMAND = re.compile(r"^\s*::|##(?:\w*)\[")


def _is_drawn(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] != "C" and category not in {"Zl", "Zp"}


def width(text: str) -> int:
    """Return how many columns a terminal gives the text; accents that stand on another letter take none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def clipped(text: str, columns: int) -> str:
    """Return text on one line and in at most so many columns, with dots where something is left out.

    >>> clipped("Parcels sorted an hour", 12)
    'Parcels s...'
    """
    text = one_line(text)
    if width(text) <= columns:
        return text
    room, kept = columns - 3, ""
    for letter in text:
        room -= _columns(letter)
        if room < 0:
            break
        kept += letter
    return kept.rstrip() + "..."[: max(columns, 0)]


def wrapped(text: str, columns: int) -> list[str]:
    """Return text as lines of at most so many columns, broken between words; a longer word stands alone."""
    lines, line, used = [], "", 0
    for word in one_line(text).split():
        size = width(word)
        if line and used + 1 + size > columns:
            lines.append(line)
            line, used = word, size
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line] if line else lines


def indented(lines: Sequence[str], by: int = 2) -> list[str]:
    """Return lines moved to the right."""
    return [" " * by + line for line in lines]


_WIDEST = 100  # what is longer in a cell is cut: every row is as wide as the longest of them


def grid(columns: Mapping[str, Sequence[str]], right: Collection[str] = ()) -> list[str]:
    """Return columns of text as lines under their names, those in `right` to the right, none over 100 wide.

    >>> grid({"id": ["a", "bb"], "score": ["1", "10"]}, right={"score"})
    ['id  score', 'a       1', 'bb     10']
    """
    texts = {name: [clipped(text, _WIDEST) for text in (name, *column)] for name, column in columns.items()}
    widths = {name: max(map(width, column)) for name, column in texts.items()}
    rows = max((len(column) for column in texts.values()), default=0)
    return [
        "  ".join(_padded(texts[name][row], widths[name], name in right) for name in texts).rstrip()
        for row in range(rows)
    ]


def _padded(text: str, columns: int, right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space
