"""Say which days of the week are worked, and let clocks leave the others out (A1)."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from okrcore.definitions.fields import shown

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONDAY_BEFORE_EPOCH = -3


def weekday(day: int) -> int:
    """Return the weekday of a day number, Monday being 0.

    >>> weekday(0)          # 1970-01-01, a Thursday
    3
    """
    return (day - _MONDAY_BEFORE_EPOCH) % 7


@lru_cache(maxsize=64)
def worked(text: str) -> frozenset[int]:
    """Return the weekdays, Monday being 0, that text such as "mon-fri" or "sun-thu, sat" names.

    Raises ValueError for what is no such text.

    >>> sorted(worked("sun-tue, fri"))
    [0, 1, 4, 6]
    """
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = (name.strip() for name in part.partition("-"))
        start, end = _place(first), _place(last or first)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(found)


def _place(name: str) -> int:
    for place, full in enumerate(WEEKDAYS):
        if name in (full, full[:3]):
            return place
    raise ValueError(name)


def is_working_days(value: object) -> str | None:
    """Weekdays, or stretches of them, such as "mon-fri"."""
    try:
        if isinstance(value, str) and len(value) <= 128:
            worked(value)
            return None
    except ValueError:
        pass
    return f"is {shown(value)}; give weekdays such as 'mon-fri' or 'sun-thu'"


def later_working_day(day: int, count: int, working: frozenset[int], holidays: Collection[int]) -> int:
    """Return the `count`-th working day after `day`, all by number; of 0 the first one that is not before it.

    >>> later_working_day(1, 1, worked("mon-fri"), ())      # Friday 1970-01-02, then Monday
    4
    """
    left = count
    while True:
        if weekday(day) in working and day not in holidays and left <= 0:
            return day
        day += 1
        if weekday(day) in working and day not in holidays:
            left -= 1
