"""Count days and microseconds from one epoch, and say which day an instant is in a zone."""

from __future__ import annotations

import calendar
import datetime as dt
import zoneinfo
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from okrcore.frozen import FrozenDict

DayNumbers = NDArray[np.int64]
"""Days since 1970-01-01, or microseconds since then in UTC."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""Where days and microseconds count from."""

ANCHOR = dt.date(2001, 1, 1)
"""Where periods count from: a Monday, and the first day of a month, quarter and year (S3.4)."""

DAY = 86_400_000_000
"""Microseconds in a day."""

DAYS_IN = FrozenDict(
    {"day": 1.0, "week": 7.0, "fortnight": 14.0, "month": 30.4375, "quarter": 91.3125, "year": 365.25}
)
"""Mean days of each period, by its word."""

DAYS_PER_UNIT = FrozenDict({word[0]: days for word, days in DAYS_IN.items() if word != "fortnight"})
"""Mean days of each unit of a lag: d, w, m, q, y."""

_EPOCH_ORDINAL = EPOCH.toordinal()
_MICROSECOND = dt.timedelta(microseconds=1)
_LAST = dt.date.max.toordinal() - _EPOCH_ORDINAL


@lru_cache(maxsize=64)
def timezone(name: str) -> dt.tzinfo:
    """Return the zone of an IANA name."""
    return dt.UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def day_number(day: dt.date) -> int:
    """Return the days from 1970-01-01 to `day`; of an instant, to its date in its own offset.

    >>> day_number(dt.date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH_ORDINAL


def day_numbers(days: Iterable[dt.date]) -> DayNumbers:
    """Return the days from 1970-01-01 to each of `days`."""
    return np.array([day.toordinal() for day in days], dtype=np.int64) - _EPOCH_ORDINAL


def to_date(number: Any) -> dt.date:
    """Return the day `number` days after 1970-01-01; raises ValueError or OverflowError beyond all dates."""
    return dt.date.fromordinal(int(number) + _EPOCH_ORDINAL)


def to_microseconds(instant: dt.datetime) -> int:
    """Return the microseconds from 1970-01-01 UTC to an aware `instant`."""
    return (instant - EPOCH) // _MICROSECOND


def to_instant(microseconds: Any) -> dt.datetime:
    """Return the instant `microseconds` after 1970-01-01 UTC."""
    return EPOCH + dt.timedelta(microseconds=int(microseconds))


def days_later(day: dt.date, days: int) -> dt.date:
    """Return the day `days` later, cut to the first and last date."""
    ordinal = day.toordinal() + days
    return dt.date.fromordinal(min(max(ordinal, dt.date.min.toordinal()), dt.date.max.toordinal()))


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the day `months` later, cut to that month's length (S3.2), and to the first and last date.

    >>> add_months(dt.date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.min if months < 0 else dt.date.max
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_in(moment: dt.date | dt.datetime, zone: str) -> dt.date:
    """Return which day an aware instant is in a zone, whatever offset it is written in; a date is itself.

    >>> day_in(dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC), "America/New_York")
    datetime.date(2026, 3, 31)
    """
    if not isinstance(moment, dt.datetime):
        return moment
    try:
        return moment.astimezone(timezone(zone)).date()
    except OverflowError:  # the first or last day there is
        return moment.date()


def written_day(moment: dt.date | dt.datetime) -> dt.date:
    """Return the date that a moment is written with, in whatever offset; `day_in` has that of a zone.

    >>> written_day(dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC))
    datetime.date(2026, 4, 1)
    """
    return moment.date() if isinstance(moment, dt.datetime) else moment


def start_of_day(day: int, zone: str) -> int:
    """Return the first microsecond of a day, given by number, in `zone`; past all dates UTC's."""
    if zone == "UTC" or day > _LAST:
        return day * DAY
    return to_microseconds(dt.datetime.combine(to_date(day), dt.time(), timezone(zone)))


def end_of_day(day: int, zone: str) -> int:
    """Return the last microsecond of a day, given by number, in `zone`.

    >>> to_instant(end_of_day(0, "UTC")).isoformat()
    '1970-01-01T23:59:59.999999+00:00'
    """
    return start_of_day(day + 1, zone) - 1


def local_days(at: DayNumbers, day: DayNumbers, date_only: NDArray[np.bool_], zone: str) -> DayNumbers:
    """Return each moment's calendar day in `zone`: its own `day` where it is a date, else that of `at`."""
    if zone == "UTC" or date_only.all():
        return day
    local = day.copy()
    rows = np.flatnonzero(~date_only)
    days, place = np.unique(at[rows] // DAY, return_inverse=True)
    offset, last = (np.array([_offset(one, zone) for one in (days + ends).tolist()]) for ends in (0, 1))
    local[rows] = (at[rows] + offset[place]) // DAY
    for row in rows[(offset != last)[place]].tolist():  # the clocks change in that day of UTC
        local[row] = day_number(day_in(to_instant(at[row]), zone))
    return local


def _offset(day: int, zone: str) -> int:
    """Return the microseconds that a zone is ahead of UTC where a day of UTC begins, as `day_in` has it."""
    try:
        ahead = to_instant(day * DAY).astimezone(timezone(zone)).utcoffset()
    except OverflowError:
        return 0
    return 0 if ahead is None else ahead // _MICROSECOND
