"""Add working days to day numbers, and find the last day from which they still arrive in time (S17.1)."""

from __future__ import annotations

from functools import lru_cache

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.working_days import worked
from okrcore.frozen import freeze_fields

Rows = NDArray[np.int64]
Days = NDArray[np.float64]
"""Day numbers and numbers of days; a part of a day counts as such."""
_TABLE_FIRST, _TABLE_LAST = -3_653, 47_482  # 1960 to 2099, looked up; what is beyond is counted anew
_EARLIEST, _LATEST = -1_000_000, 3_000_000  # where weeks and holidays still matter: the years -700 to 10,000


def working_days_later(days: Days, lags: Days, calendar: Calendar) -> Days:
    """Return for each day the one that is `lags` working days later; of 0 the first one not before it.

    A part of a day is the day that it is a part of. Beyond the dates there are every day is worked.

    >>> calendar = Calendar(holidays=["1970-01-05"])
    >>> working_days_later(np.array([1.0, 2.0, 1.0]), np.array([1.0, 0.0, 0.0]), calendar).tolist()
    [5.0, 5.0, 1.0]
    """
    table, whole, found = _table(calendar), np.ceil(days), days + lags
    known = (whole > table.first) & (whole < table.last) & (np.abs(lags) < table.last)
    at = np.where(known, whole - table.first, 1).astype(np.int64)
    # n > 0 counts from the last working day up to then, else from the next one not before it
    place = np.where(lags > 0, table.count[at] - 1, table.count[at - 1])
    place += np.where(known, lags, 0).astype(np.int64)
    known &= (place >= 0) & (place < len(table.days))
    found[known] = table.days[place[known]]
    if not known.all():
        far = ~known
        found[far] = _far_later(whole[far], lags[far], calendar)
    return found


def _far_later(whole: Days, lags: Days, calendar: Calendar) -> Days:
    """Return the same of days beyond the table."""
    mask, off = _mask(calendar), _holidays(calendar)
    inside = (whole >= _EARLIEST) & (whole <= _LATEST)
    found = whole + lags
    begin, count = whole[inside].astype("datetime64[D]"), lags[inside].astype(np.int64)
    rolled = np.where(
        count > 0,
        np.busday_offset(begin, 0, "backward", weekmask=mask, holidays=off),
        np.busday_offset(begin, 0, "forward", weekmask=mask, holidays=off),
    )
    landed = np.busday_offset(rolled, count, weekmask=mask, holidays=off)
    found[inside] = landed.astype(np.int64)
    return found


def working_days_sooner(days: Days, lags: Days, calendar: Calendar) -> Days:
    """Return the last day from which `lags` working days later is not after each of `days`.

    >>> working_days_sooner(np.array([4.0, 3.0]), np.array([1.0, 0.0]), Calendar()).tolist()
    [3.0, 1.0]
    """
    whole, mask, off = np.floor(days), _mask(calendar), _holidays(calendar)
    inside = (whole >= _EARLIEST) & (whole <= _LATEST)
    found = whole - lags
    last = np.busday_offset(whole[inside].astype("datetime64[D]"), 0, "backward", weekmask=mask, holidays=off)
    count = lags[inside].astype(np.int64)
    # n working days later is one day for every day before the (n - 1)th working day that lies before it
    before = np.busday_offset(last, np.where(count > 0, 1 - count, 0), weekmask=mask, holidays=off)
    found[inside] = before.astype(np.int64) - (count > 0)
    return found


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class _WorkingDays:
    """The working `days` from `first` to `last`, and how many there are up to each day between."""

    first: int
    last: int
    days: Rows
    count: Rows


@lru_cache(maxsize=64)
def _table(calendar: Calendar) -> _WorkingDays:
    every = np.arange(_TABLE_FIRST, _TABLE_LAST + 1)
    is_one = np.is_busday(
        every.astype("datetime64[D]"), weekmask=_mask(calendar), holidays=_holidays(calendar)
    )
    return _WorkingDays(_TABLE_FIRST, _TABLE_LAST, every[is_one], np.cumsum(is_one))


def _mask(calendar: Calendar) -> list[bool]:
    return [day in worked(calendar.working_days) for day in range(7)]


def _holidays(calendar: Calendar) -> NDArray[np.datetime64]:
    return np.array(calendar.holidays, dtype="datetime64[D]")
