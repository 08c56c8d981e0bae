"""The words for a time ("Q3 Y2025", "FY23-Q2", two dates) into a cycle."""

from __future__ import annotations

import datetime as dt
import re

from okrcore.adapters.cells import Refused
from okrcore.definitions.cycle import Cycle

UNDATED = Cycle(id="undated", start=dt.date(2400, 12, 31), end=dt.date(2400, 12, 31))
"""The cycle of objectives that nobody set a time for: nothing is expected of them before its one far day."""

_YEAR = r"(?P<fy>FY|Y)?\s*'?(?P<year>[0-9]{4}|(?<=FY)[0-9]{2})"
_PART = r"(?P<letter>[QH])\s*(?P<part>[1-4])"
_FORMS = [
    re.compile(rf"{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_PART}[\s/,-]*{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_YEAR}[\s/,-]*{_PART}", re.IGNORECASE),
]
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:\.\.|/|to|-|\u2013)\s*(\d{4}-\d{2}-\d{2})", re.ASCII)


def read_period(text: str, fiscal_start_month: int | None = None) -> Cycle:
    """Return the cycle that a text names: a quarter, a half, a year, or two dates.

    FY years need `fiscal_start_month` and are named by the year they end in (S3.5); others are calendar
    ones. Raises Refused for anything else.

    >>> read_period("Q3 Y2025").id, read_period("fy23-q2", fiscal_start_month=2).end.isoformat()
    ('2025-Q3', '2022-07-31')
    """
    given = text.strip()
    if len(given) > 60:
        raise Refused(f"has {len(given)} characters; name a time such as Q3 2025")
    if dates := _DATES.fullmatch(given):
        try:
            return between(dt.date.fromisoformat(dates[1]), dt.date.fromisoformat(dates[2]))
        except ValueError:
            raise Refused(f"{given!r} holds what is no date; write it like 2025-07-01..2025-09-30") from None
    for form in _FORMS:
        if found := form.fullmatch(given):
            return _named(given, found.groupdict(), fiscal_start_month)
    raise Refused(f"{given!r} names no time; write it like Q3 2025, H1 2025, 2025 or 2025-07-01..2025-09-30")


def between(start: dt.date, end: dt.date) -> Cycle:
    """Return the cycle from one day to another, named by both."""
    if end < start:
        raise Refused(f"ends on {end}, before it begins on {start}; swap them")
    return Cycle(id=f"{start}..{end}", start=start, end=end)


def _named(given: str, found: dict[str, str | None], fiscal_start_month: int | None) -> Cycle:
    fiscal = (found["fy"] or "").upper() == "FY"
    if fiscal and fiscal_start_month is None:
        raise Refused(f"{given!r} is a fiscal year; set fiscal_start_month")
    first = (fiscal_start_month or 1) if fiscal else 1
    year = int(found["year"] or 0)
    year += 2000 if year < 100 else 0
    if not 1700 <= year <= 2300:
        raise Refused(f"{given!r} is out of range; give a year from 1700 to 2300")
    letter, part = (found.get("letter") or "").upper(), int(found.get("part") or 1)
    name = f"{'FY' if fiscal else ''}{year}" + (f"-{letter}{part}" if letter else "")
    if letter == "Q":
        return Cycle.quarter(year, part, fiscal_start_month=first, id=name)
    if letter == "H":
        if part > 2:
            raise Refused(f"{given!r} names a third half; write H1 or H2")
        return Cycle.half(year, part, fiscal_start_month=first, id=name)
    return Cycle.year(year, fiscal_start_month=first, id=name)
