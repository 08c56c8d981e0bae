"""Divide fiscal years into months: calendar months, or retail months of whole weeks (A1)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from itertools import accumulate

from okrcore.definitions.days import add_months, day_number

PATTERNS = ("4-4-5", "4-5-4", "5-4-4")
PATTERN_YEARS = ("nearest", "last")


def opening(year: int, first_month: int) -> dt.date:
    """Return the first day of the month in which the fiscal year begins that ends in `year` (S3.5).

    >>> opening(2027, 7)
    datetime.date(2026, 7, 1)
    """
    return dt.date(year if first_month == 1 else year - 1, first_month, 1)


@lru_cache(maxsize=4096)
def retail_opening(year: int, first_month: int, week_start: int, nearest: bool) -> int:
    """Return the first day (by number) of the retail year that ends in `year`; weekdays count from Monday 0.

    It is the `week_start` nearest to the month's first day, or the day after the last week-end day of the
    month before.

    >>> from okrcore.definitions.days import to_date
    >>> to_date(retail_opening(2024, 2, 6, nearest=True)).isoformat()       # 53 weeks from here
    '2023-01-29'
    """
    first = opening(year, first_month)
    past = (first.weekday() - week_start) % 7  # days since the last week began
    if not nearest:
        return day_number(first) - past  # the week that holds the first begins after the last whole one
    return day_number(first) - past + (7 if past > 3 else 0)


def retail_months(year: int, first_month: int, week_start: int, nearest: bool, pattern: str) -> list[int]:
    """Return the first days (by number) of the twelve months of a retail year.

    A 53rd week belongs to the twelfth month.
    """
    weeks = [int(part) for part in pattern.split("-")] * 4
    start = retail_opening(year, first_month, week_start, nearest)
    return [start, *(start + 7 * passed for passed in accumulate(weeks[:-1]))]


def calendar_months(year: int, first_month: int) -> list[int]:
    """Return the first days (by number) of the twelve months of the fiscal year that ends in `year`."""
    return [day_number(add_months(opening(year, first_month), month)) for month in range(12)]
