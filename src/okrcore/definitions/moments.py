"""Read the date or instant that a question is asked for."""

from __future__ import annotations

import datetime as dt

from okrcore.definitions.fields import is_date, shown
from okrcore.errors import DefinitionError

AsOf = dt.date | dt.datetime | str
"""A date (the end of that day), an aware instant, or ISO text of either (S0.8)."""


def parse_as_of(value: AsOf, name: str = "as_of") -> dt.date | dt.datetime:
    """Return `as_of`, or what else is called `name`, as a date or an aware instant.

    >>> parse_as_of("2026-06-30")
    datetime.date(2026, 6, 30)

    Raises DefinitionError for a naive instant (S3.5) and for what is neither.
    """
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            try:
                value = dt.datetime.fromisoformat(str(value))
            except ValueError:
                raise DefinitionError(
                    f"{name} {shown(value)} is no date; give ISO text such as '2026-06-30'"
                ) from None
    if isinstance(value, dt.datetime):
        if value.utcoffset() is None:
            raise DefinitionError(f"{name} {value.isoformat()} has no timezone; add one, such as +00:00")
        if fault := is_date(value.date()):
            raise DefinitionError(f"{name} {fault}")
        return value
    if fault := is_date(value):
        raise DefinitionError(f"{name} {fault}, an aware instant or ISO text of either")
    return value


def weekly(start: AsOf, end: AsOf) -> tuple[dt.date, ...]:
    """Return `start` and every seventh day after it, up to and including `end`.

    >>> [day.day for day in weekly("2026-01-01", "2026-01-20")]
    [1, 8, 15]
    """
    first, last = _day(start), _day(end)
    return tuple(first + dt.timedelta(days=days) for days in range(0, (last - first).days + 1, 7))


def _day(value: AsOf) -> dt.date:
    day = parse_as_of(value)
    return day.date() if isinstance(day, dt.datetime) else day
