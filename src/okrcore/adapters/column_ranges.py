"""Name the columns of a range, such as the months of a year, by the day that each is of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import NamedTuple

from okrcore.adapters.cells import Refused
from okrcore.adapters.date_cells import date_of, months_of
from okrcore.errors import DocumentError


class _Heading(NamedTuple):
    months: int
    """How many months the period has; 0 is one day."""
    end: dt.date


def columns_of(ranges: Iterable[str], columns: Collection[str]) -> dict[str, dt.date]:
    """Return the columns of some ranges, each with the last day of the period that its heading names.

    The columns of a range A..B are those of the months, quarters, years or days from that of A to that of B,
    as A and B are, wherever they stand. Raises DocumentError where A or B is no column or no period, two
    columns name one period, or there is none of a month, quarter or year between.

    >>> columns_of(["Jan 2025..Feb 2025"], ["Feb 2025", "KPI", "Q1 2025", "Jan 2025"])["Feb 2025"]
    datetime.date(2025, 2, 28)
    """
    found: dict[str, dt.date] = {}
    for name in ranges:
        ends = _ends(name)
        own = _within(ends, columns)
        missing = [text for text in _texts(name) if text not in columns]
        if missing or ends[0].end > ends[1].end or ends[0].months != ends[1].months:
            shown = ", ".join(columns)[:500]
            raise DocumentError(f"periods: {name!r} is no range of columns, A..B; the file has {shown}")
        _check_whole(name, own, ends[0].months)
        found |= own
    return found


def columns_between(ranges: Iterable[str], columns: Collection[str]) -> dict[str, dt.date]:
    """Return the columns of some ranges that are there so far, without a look at those that are not.

    >>> columns_between(["Jan 2025..Dec 2025"], ["KPI", "May 2025"])
    {'May 2025': datetime.date(2025, 5, 31)}
    """
    return {column: day for name in ranges for column, day in _within(_ends(name), columns).items()}


def _texts(name: str) -> tuple[str, str]:
    first, _, last = (part.strip() for part in name.partition(".."))
    return first, last


def _ends(name: str) -> tuple[_Heading, _Heading]:
    first, last = _texts(name)
    if not first or not last:
        raise DocumentError(f"periods: {name!r} is no range of columns, A..B; write it like 2025-01..2025-12")
    try:
        return _heading(first), _heading(last)
    except Refused as refused:
        raise DocumentError(f"periods: in {name!r} the heading {refused}") from None


def _within(ends: tuple[_Heading, _Heading], columns: Iterable[str]) -> dict[str, dt.date]:
    found = {}
    for column in columns:
        try:
            heading = _heading(column)
        except Refused:
            continue
        if heading.months == ends[0].months and ends[0].end <= heading.end <= ends[1].end:
            found[column] = heading.end
    return found


def _heading(text: str) -> _Heading:
    day = date_of(text, "period-end")
    if day is None:
        raise Refused("is empty; write the period that it is of")
    return _Heading(months_of(text), day)


def _check_whole(name: str, own: dict[str, dt.date], months: int) -> None:
    """Raise DocumentError where a period of a range has no column, or two."""
    for (one, before), (other, after) in pairwise(sorted(own.items(), key=lambda pair: pair[1])):
        if before == after:
            raise DocumentError(f"periods: {one!r} and {other!r} name one period; keep one of them")
        apart = 12 * (after.year - before.year) + after.month - before.month
        if months and apart != months:
            raise DocumentError(
                f"periods: in {name!r} no column is of the time between {one!r} and {other!r};"
                " add it, or give two ranges"
            )
