"""Read cells of a table as text, numbers, dates and flags, or say why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import attrs

from okrcore.definitions.fields import to_tuple
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


class Refused(Exception):  # noqa: N818  # a message between modules, not an error of the library
    """A cell cannot be read: the reason and the remedy, to be reported at its place."""


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return a list of texts as a tuple, anything else unchanged for the checks to name."""
    return to_tuple(values)


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


FLAGS = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}


def flag_of(cell: Cell) -> bool:
    """Return a cell's yes or no; nothing is no."""
    word = text_of(cell).casefold()
    if word and word not in FLAGS:
        raise Refused(f"{shown(word)} is neither yes nor no; write yes or no")
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
        f"{shown(word)} is no word that is known here ({', '.join(sorted(known))[:300]});"
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


def shown(text: str) -> str:
    """Return a text as an error shows it: in quotes, and not too long."""
    return repr(text if len(text) <= 60 else f"{text[:50]}...")
