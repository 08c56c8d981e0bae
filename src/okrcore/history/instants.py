"""Convert dates, aware instants and ISO text to whole numbers and back: days, microseconds since 1970 UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import day_number, to_instant, to_microseconds
from okrcore.errors import HistoryError, Problem

Moment = dt.date | dt.datetime | str
"""A calendar day, an aware instant, or ISO text of either (S0.8)."""

_REMEDY = "give a date, an aware instant, or ISO text of either"


def to_moment(value: object, name: str = "at") -> dt.date | dt.datetime:
    """Return `value` as a date (a calendar day) or as an instant in UTC.

    NumPy's datetime64 counts as a day where its unit is the day (or longer), else as an instant in UTC.
    Raises HistoryError for a naive instant (S3.5) and for what is neither.

    >>> to_moment("2026-01-05"), to_moment("2026-01-05T10:00:00+02:00")
    (datetime.date(2026, 1, 5), datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.timezone.utc))
    """
    moment = _read(value, name)
    return _in_utc(moment, name) if isinstance(moment, dt.datetime) else moment


def span(value: object, name: str = "at") -> tuple[dt.date, dt.datetime, dt.datetime]:
    """Return (day, first instant, last instant) of a moment: what a bound means for days and for instants.

    A date means the whole day in UTC. An instant is first and last itself; its day is the local one (S0.8).

    >>> [str(part) for part in span("2026-01-05T23:00:00-05:00")]
    ['2026-01-05', '2026-01-06 04:00:00+00:00', '2026-01-06 04:00:00+00:00']
    """
    moment = _read(value, name)
    if isinstance(moment, dt.datetime):
        instant = _in_utc(moment, name)
        return moment.date(), instant, instant
    return moment, dt.datetime.combine(moment, dt.time.min, dt.UTC), end_of(moment)


def _read(value: object, name: str) -> dt.date | dt.datetime:
    if isinstance(value, str):
        return _read(_from_text(value, name), name)
    if isinstance(value, np.datetime64):
        return _from_datetime64(value, name)
    if isinstance(value, dt.datetime) and value.utcoffset() is None:
        raise HistoryError(f"{name} {value.isoformat()} has no timezone; add one, such as +00:00")
    if isinstance(value, dt.date):
        return value
    raise HistoryError(f"{name} is {value!r}; {_REMEDY}")


def _in_utc(instant: dt.datetime, name: str) -> dt.datetime:
    try:
        return to_instant(to_microseconds(instant))
    except OverflowError:
        raise HistoryError(f"{name} {instant.isoformat()} is out of range; {_REMEDY}") from None


def _from_text(text: str, name: str) -> dt.date | dt.datetime:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            raise HistoryError(f"{name} {text!r} is no date; {_REMEDY}, such as '2026-01-05'") from None


def _from_datetime64(value: np.datetime64, name: str) -> dt.date | dt.datetime:
    days = np.datetime_data(value)[0] in {"Y", "M", "W", "D"}
    plain: Any = value.astype("datetime64[D]" if days else "datetime64[us]").item()
    if not isinstance(plain, dt.date):
        raise HistoryError(f"{name} is {value!r}; {_REMEDY}")
    return plain.replace(tzinfo=dt.UTC) if isinstance(plain, dt.datetime) else plain


def end_of(moment: dt.date | dt.datetime) -> dt.datetime:
    """Return an instant itself, and for a day its last microsecond in UTC.

    >>> end_of(dt.date(2026, 1, 5)).isoformat()
    '2026-01-05T23:59:59.999999+00:00'
    """
    if isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(moment, dt.time.max, dt.UTC)


def encode(
    moments: object, name: str = "at"
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]]:
    """Return a column of moments as (is a day, number, is missing), one entry each.

    The number counts days for a day and microseconds for an instant; None, NaT and an empty text are
    missing. NumPy's datetime64 converts at NumPy speed; of anything else each distinct moment is read once.
    Raises HistoryError naming every row that cannot be read.
    """
    if hasattr(moments, "to_numpy"):
        moments = moments.to_numpy()
    if isinstance(moments, np.ndarray) and moments.dtype.kind == "M":
        days = np.datetime_data(moments.dtype)[0] in {"Y", "M", "W", "D"}
        missing: NDArray[np.bool_] = np.isnat(moments)
        number = moments.astype("datetime64[D]" if days else "datetime64[us]").astype(np.int64)
        return np.full(len(number), days), number, missing
    values = moments.tolist() if isinstance(moments, np.ndarray) else list(_iterable(moments, name))
    if np.datetime64 in set(
        map(type, values)
    ):  # equal to dates and to each other across units: not to be mixed
        values = [to_moment(value, name) if isinstance(value, np.datetime64) else value for value in values]
    try:
        places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    except TypeError:
        raise HistoryError(f"{name} holds something that is no date; {_REMEDY}") from None
    read: list[tuple[bool, int, bool]] = []
    problems: list[Problem] = []
    for value in places:
        try:
            read.append(_number(value, name))
        except HistoryError as error:
            path = f"row {values.index(value)}"
            problems += [attrs.evolve(problem, path=path) for problem in error.problems]
    if problems:
        raise HistoryError(problems)
    inverse = np.fromiter(map(places.__getitem__, values), np.int64, len(values))
    table = np.array(read, dtype=np.int64).reshape(-1, 3)[inverse]
    return table[:, 0].astype(np.bool_), table[:, 1].copy(), table[:, 2].astype(np.bool_)


def _iterable(values: object, name: str) -> Iterable[Any]:
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        return values
    raise HistoryError(f"{name} is {values!r}; give a sequence with one entry a row")


def _number(value: object, name: str) -> tuple[bool, int, bool]:
    if value is None or value == "" or value != value:
        return False, 0, True
    moment = to_moment(value, name)
    if isinstance(moment, dt.datetime):
        return False, to_microseconds(moment), False
    return True, day_number(moment), False
