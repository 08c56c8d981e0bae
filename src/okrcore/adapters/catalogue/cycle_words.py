"""Read words for a time ("Q3 Y2025", "FY23-Q2", two dates) as a cycle."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from okrcore.adapters.cells import Refused
from okrcore.adapters.date_cells import MONTHS
from okrcore.definitions.cycle import Cycle

UNDATED = Cycle(id="undated", start=dt.date(2400, 12, 31), end=dt.date(2400, 12, 31))
"""The cycle of objectives that nobody set a time for: nothing is expected of them before its one far day."""

_YEAR = (
    r"(?P<fy>FY|CY|Y)?\s*['\u2019]?(?P<year>[0-9]{4}|(?<=FY)[0-9]{2})"
    r"(?:\s*[/\u2013-]\s*(?P<next>[0-9]{4}|[0-9]{2}))?"
)
_SHORT = r"['\u2019]?(?P<year>[0-9]{2})"
_PART = r"(?P<letter>[QHS])\s*(?P<part>[1-4])"
_WHOLE = r"(?:annual|annually|year|yearly|full[ -]?year|jahr|ann\u00e9e|a\u00f1o|anno|ano|jaar)"
_GAP = r"[\s/,-]*"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:{_WHOLE}{_GAP})?{_YEAR}(?:{_GAP}{_WHOLE})?",
        rf"{_PART}{_GAP}{_YEAR}",
        rf"{_YEAR}{_GAP}{_PART}",
        rf"{_PART}[\s/'\u2019-]*{_SHORT}",
        rf"(?P<part>[1-4])\s*(?P<letter>[QH]){_GAP}(?:{_YEAR}|(?P<short>[0-9]{{2}}))",
    )
]
_MONTH = re.compile(
    r"(?P<name>[^\W\d_]{3,12})\.?[\s/-]+(?P<year>[0-9]{4})|(?P<y2>[0-9]{4})-(?P<number>[0-9]{2})"
)
_THIRD = re.compile(r"T\s*[1-4]\b.*", re.IGNORECASE)
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:\.\.|/|to|-|\u2013)\s*(\d{4}-\d{2}-\d{2})", re.ASCII)


def read_period(text: str, fiscal_start_month: int | None = None) -> Cycle:
    """Return the cycle that a text names: a month, a quarter, a half, a year, or two dates.

    Years that are fiscal, or span two (FY25/26), need `fiscal_start_month` and are named by the year they
    end in (S3.5); others are calendar ones. Raises Refused for anything else.

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
    if month := _month(given):
        return month
    for form in _FORMS:
        if found := form.fullmatch(given):
            return _named(given, found.groupdict(), fiscal_start_month)
    if _THIRD.fullmatch(given):
        raise Refused(f"{given!r} may be three months or four; write a quarter (Q1 2025) or two dates")
    raise Refused(f"{given!r} names no time; write it like Q3 2025, H1 2025, 2025 or 2025-07-01..2025-09-30")


def between(start: dt.date, end: dt.date) -> Cycle:
    """Return the cycle from one day to another, named by both."""
    if end < start:
        raise Refused(f"ends on {end}, before it begins on {start}; swap them")
    return Cycle(id=f"{start}..{end}", start=start, end=end)


def _month(given: str) -> Cycle | None:
    found = _MONTH.fullmatch(given)
    month = 0 if found is None else int(found["number"] or MONTHS.get((found["name"] or "").casefold(), 0))
    if found is None or not 1 <= month <= 12:
        return None
    year = _usual(given, int(found["year"] or found["y2"]))
    end = dt.date(year, month, calendar.monthrange(year, month)[1])
    return Cycle(id=f"{year}-{month:02}", start=dt.date(year, month, 1), end=end)


def _usual(given: str, year: int) -> int:
    if 1700 <= year <= 2300:
        return year
    raise Refused(f"{given!r} is out of range; give a year from 1700 to 2300")


def _named(given: str, found: dict[str, str | None], fiscal_start_month: int | None) -> Cycle:
    year, fiscal = _year(given, found)
    if fiscal and fiscal_start_month is None:
        raise Refused(f"{given!r} is a fiscal year; set fiscal_start_month")
    first = (fiscal_start_month or 1) if fiscal else 1
    letter, part = (found.get("letter") or "").upper().replace("S", "H"), int(found.get("part") or 1)
    name = f"{'FY' if fiscal else ''}{year}" + (f"-{letter}{part}" if letter else "")
    if letter == "Q":
        return Cycle.quarter(year, part, fiscal_start_month=first, id=name)
    if letter == "H":
        if part > 2:
            raise Refused(f"{given!r} names a third half; write H1 or H2")
        return Cycle.half(year, part, fiscal_start_month=first, id=name)
    return Cycle.year(year, fiscal_start_month=first, id=name)


def _year(given: str, found: dict[str, str | None]) -> tuple[int, bool]:
    """Return the year that words name, of two the one it ends in, and whether it is a fiscal one."""
    text = found.get("year") or found.get("short") or "0"
    year = int(text) + (2000 if len(text) == 2 else 0)
    fiscal = (found.get("fy") or "").upper() == "FY"
    if after := found.get("next"):
        last = int(after) + (year // 100 * 100 if len(after) == 2 else 0)
        if last == year:
            raise Refused(f"{given!r} names one year twice; write it once")
        if (last - year) % 100 != 1:
            raise Refused(f"{given!r} spans {last - year} years; write it like FY25/26, or two dates")
        return _usual(given, year + 1), True
    return _usual(given, year), fiscal
