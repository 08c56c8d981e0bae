"""Format values as short texts that stay on their line: cells, words, and lines of a given width."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from okrcore.display.numbers import number


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


def brief(value: object, *said: str) -> str:
    """Return a value on one line, as its `repr`: its class, and what is said of it; "" is left out.

    >>> brief(1.5, "rate", "", "too high")
    '<float rate, too high>'
    """
    return f"<{type(value).__name__} {clipped(', '.join(filter(None, said)), _WIDEST)}>"


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
        "  ".join(padded(texts[name][row], widths[name], name in right) for name in texts).rstrip()
        for row in range(rows)
    ]


def padded(text: str, columns: int, right: bool = False) -> str:
    """Return text with blanks up to so many columns behind it, or before it."""
    space = " " * (columns - width(text))
    return space + text if right else text + space
