"""Read the date or instant that a question is asked for."""

from __future__ import annotations

import datetime as dt
import re

from okrcore.definitions.days import to_instant, to_microseconds, written_day
from okrcore.definitions.fields import is_date, shown
from okrcore.errors import DefinitionError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}(:\d{2})?)?", re.ASCII
)
_OTHER_FORM = re.compile(r"(\d{4})-?W(\d{2})(?:-?(\d))?|(\d{4})(\d{2})(\d{2})(?:T.*)?", re.ASCII)

AsOf = dt.date | dt.datetime | str
"""A date (the end of that day), an aware instant, or ISO text of either (S0.8)."""


def from_iso(text: str) -> dt.date | dt.datetime:
    """Return the date or instant that ISO text in its extended form names; the one reading of such text.

    Raises ValueError, worded to follow a name: for the basic form and for weeks with what to write instead.

    >>> from_iso("2026-06-30"), from_iso("2026-06-30T12:00Z").hour
    (datetime.date(2026, 6, 30), 12)
    """
    fault = "is no date; give ISO text such as '2026-06-30'"
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return dt.datetime.fromisoformat(text)
        if other := _OTHER_FORM.fullmatch(text):
            fault = _other_form(*other.groups())
    except ValueError:
        pass
    raise ValueError(f"{shown(text)} {fault}")


def _other_form(year: str, week: str, weekday: str, *basic: str) -> str:
    if week:
        day = dt.date.fromisocalendar(int(year), int(week), int(weekday or 1))
        return f"is an ISO week, which is no one day; write its day, such as '{day}'"
    return f"is in the basic form; write '{dt.date(*map(int, basic))}'"


def plain_instant(instant: dt.datetime) -> dt.datetime:
    """Return an aware instant as a plain datetime; a pandas Timestamp is one too, cut to microseconds."""
    if type(instant) is dt.datetime:
        return instant
    return to_instant(to_microseconds(instant)).astimezone(instant.tzinfo)


def parse_as_of(value: AsOf, name: str = "as_of") -> dt.date | dt.datetime:
    """Return `as_of`, or what else is called `name`, as a date or an aware instant.

    >>> parse_as_of("2026-06-30")
    datetime.date(2026, 6, 30)

    Raises DefinitionError for a naive instant (S3.5) and for what is neither.
    """
    if isinstance(value, str):
        try:
            value = from_iso(value)
        except ValueError as error:
            raise DefinitionError(f"{name} {error}") from None
    if isinstance(value, dt.datetime):
        if value.utcoffset() is None:
            raise DefinitionError(f"{name} {value.isoformat()} has no timezone; add one, such as +00:00")
        if fault := is_date(value.date()):
            raise DefinitionError(f"{name} {fault}")
        return plain_instant(value)
    if fault := is_date(value):
        raise DefinitionError(f"{name} {fault}, an aware instant or ISO text of either")
    return value


def weekly(start: AsOf, end: AsOf) -> tuple[dt.date, ...]:
    """Return `start` and every seventh day after it, up to and including `end`.

    >>> [day.day for day in weekly("2026-01-01", "2026-01-20")]
    [1, 8, 15]
    """
    first, last = (written_day(parse_as_of(one)) for one in (start, end))
    return tuple(first + dt.timedelta(days=days) for days in range(0, (last - first).days + 1, 7))
