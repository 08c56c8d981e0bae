"""Format days and deadlines as short texts: which day, how long until then, or since."""

from __future__ import annotations

import datetime as dt

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short_day(day: dt.date) -> str:
    """Return day and month, in English whatever the locale.

    >>> short_day(dt.date(2026, 10, 5))
    '5 Oct'
    """
    return f"{day.day} {_MONTHS[day.month - 1]}"


def weekday(day: dt.date) -> str:
    """Return weekday, day and month, in English whatever the locale.

    >>> weekday(dt.date(2026, 10, 5))
    'Mon 5 Oct'
    """
    return f"{_WEEKDAYS[day.weekday()]} {short_day(day)}"


def deadline(due: dt.datetime) -> str:
    """Return when something is due, by the clock of the instant that is given; midnight ends a day.

    >>> deadline(dt.datetime(2026, 10, 6)), deadline(dt.datetime(2026, 10, 5, 9, 40))
    ('Mon 5 Oct 24:00', 'Mon 5 Oct 09:40')
    """
    if due.time() == dt.time():
        return f"{weekday(due.date() - dt.timedelta(days=1))} 24:00"
    return f"{weekday(due.date())} {due:%H:%M}"


def time_left(left: dt.timedelta) -> str:
    """Return how long something is due, or overdue: hours below 48, then days.

    >>> [time_left(dt.timedelta(hours=hours)) for hours in (24, -36 * 24, 0.1)]
    ['24 h left', '36 d overdue', '< 1 h left']
    """
    hours = abs(left).total_seconds() / 3600
    size = f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
    if 0 < hours < 0.5:
        size = "< 1 h"
    return f"{size} {'left' if left >= dt.timedelta(0) else 'overdue'}"
