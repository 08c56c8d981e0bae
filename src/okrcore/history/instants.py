"""Convert dates, aware instants and ISO text to whole numbers and back: days, microseconds since 1970 UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import day_in, day_number, end_of_day, start_of_day, to_instant, to_microseconds
from okrcore.definitions.moments import from_iso
from okrcore.errors import HistoryError, Problem

Moment = dt.date | dt.datetime | str
"""A calendar day, an aware instant, or ISO text of either (S0.8)."""

_REMEDY = "give a date, an aware instant, or ISO text of either"
_NO_MIDNIGHT = "is not midnight; leave days out and give its timezone"


def to_moment(value: object, name: str = "at") -> dt.date | dt.datetime:
    """Return `value` as a date (a calendar day) or as an instant in UTC.

    NumPy's datetime64 is a day where its unit is the day (or longer); a finer one has no zone and is refused.
    Raises HistoryError for a time without a zone (A4) and for what is neither.

    >>> to_moment("2026-01-05"), to_moment("2026-01-05T10:00:00+02:00")
    (datetime.date(2026, 1, 5), datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.timezone.utc))
    """
    moment = _read(value, name)
    return _in_utc(moment, name) if isinstance(moment, dt.datetime) else moment


def span(value: object, name: str = "at", zone: str = "UTC") -> tuple[dt.date, dt.datetime, dt.datetime]:
    """Return (day, first instant, last instant) of a moment: what a bound means for days and for instants.

    A date means the whole day in `zone`. An instant is first and last itself; which day it is follows from
    the zone, never from the offset that it was written in (A3).

    >>> [str(part) for part in span("2026-01-05T23:00:00-05:00")]
    ['2026-01-06', '2026-01-06 04:00:00+00:00', '2026-01-06 04:00:00+00:00']
    """
    moment = _read(value, name)
    if isinstance(moment, dt.datetime):
        instant = _in_utc(moment, name)
        return day_in(instant, zone), instant, instant
    number = day_number(moment)
    return moment, to_instant(start_of_day(number, zone)), to_instant(end_of_day(number, zone))


def _read(value: object, name: str, days: bool = False) -> dt.date | dt.datetime:
    if isinstance(value, str):
        return _read(_from_text(value, name), name, days)
    if isinstance(value, np.datetime64):
        return _from_datetime64(value, name, days)
    if isinstance(value, dt.datetime) and value.utcoffset() is None:
        if not days:
            raise HistoryError(f"{name} {value.isoformat()} has no timezone; add one, such as +00:00")
        if value.time() != dt.time():
            raise HistoryError(f"{name} {value.isoformat()} {_NO_MIDNIGHT}")
        return value.date()
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
        return from_iso(text)
    except ValueError as error:
        raise HistoryError(f"{name} {error}") from None


def _from_datetime64(value: np.datetime64, name: str, days: bool) -> dt.date | dt.datetime:
    _refuse_periods(value.dtype, name)
    plain: Any = value.astype("datetime64[D]").item()
    if not isinstance(plain, dt.date):
        raise HistoryError(f"{name} is {value!r}; {_REMEDY}")
    if not _counts_days(value.dtype) and not days:
        raise HistoryError(
            f"{name} {value} has no timezone; give an aware datetime, or a day: {str(plain)!r}"
        )
    if value != np.datetime64(plain):
        raise HistoryError(f"{name} {value} {_NO_MIDNIGHT}")
    return plain


def end_of(moment: dt.date | dt.datetime) -> dt.datetime:
    """Return an instant itself, and for a day its last microsecond in UTC.

    >>> end_of(dt.date(2026, 1, 5)).isoformat()
    '2026-01-05T23:59:59.999999+00:00'
    """
    if isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(moment, dt.time.max, dt.UTC)


def _counts_days(dtype: np.dtype[Any]) -> bool:
    return np.datetime_data(dtype) == ("D", 1)


def _refuse_periods(dtype: np.dtype[Any], name: str) -> None:
    """Raise HistoryError for whole weeks, months or years: their first day is hardly ever meant (A4)."""
    word = {"W": "weeks", "M": "months", "Y": "years"}.get(np.datetime_data(dtype)[0])
    if word is not None:
        raise HistoryError(f"{name} counts {word}, which are no days; give the day of each, such as its last")


def encode(
    moments: object, name: str = "at", *, days: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]]:
    """Return a column of moments as (is a day, number, is missing), one entry each.

    The number counts days for a day and microseconds for an instant; None, NaT and an empty text are
    missing. NumPy's datetime64 converts at NumPy speed; of anything else each distinct moment is read once.
    With `days` times without a zone are the days of which they are the midnight. Raises HistoryError naming
    every row that cannot be read.
    """
    aware = _is_aware(moments)
    if hasattr(moments, "to_numpy"):
        moments = moments.to_numpy()
    if isinstance(moments, np.ndarray) and moments.dtype.kind == "M":
        _refuse_periods(moments.dtype, name)
        missing: NDArray[np.bool_] = np.isnat(moments)
        whole = _counts_days(moments.dtype) or not aware
        if not _counts_days(moments.dtype) and not aware and not missing.all():
            _check_midnights(moments, missing, name, days)
        number = moments.astype("datetime64[D]" if whole else "datetime64[us]").astype(np.int64)
        return np.full(len(number), whole), number, missing
    values = moments.tolist() if isinstance(moments, np.ndarray) else list(_iterable(moments, name))
    if np.datetime64 in set(
        map(type, values)
    ):  # equal to dates and to each other across units: not to be mixed
        values = [_read(value, name, days) if isinstance(value, np.datetime64) else value for value in values]
    try:
        places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    except TypeError:
        raise HistoryError(
            f"{name} holds a value that is not a date, but must hold dates alone; {_REMEDY}"
        ) from None
    read: list[tuple[bool, int, bool]] = []
    problems: list[Problem] = []
    for value in places:
        try:
            read.append(_number(value, name, days))
        except HistoryError as error:
            path = f"row {values.index(value)}"
            problems += [attrs.evolve(problem, path=path) for problem in error.problems]
    if problems:
        raise HistoryError(problems)
    inverse = np.fromiter(map(places.__getitem__, values), np.int64, len(values))
    table = np.array(read, dtype=np.int64).reshape(-1, 3)[inverse]
    return table[:, 0].astype(np.bool_), table[:, 1].copy(), table[:, 2].astype(np.bool_)


def _is_aware(moments: Any) -> bool:
    """Return whether a column says its times' zone: one of Polars, or of Arrow."""
    kind = getattr(moments, "dtype", None) or getattr(moments, "type", None)
    return bool(getattr(kind, "time_zone", None) or getattr(kind, "tz", None))


def _check_midnights(moments: NDArray[Any], missing: NDArray[np.bool_], name: str, days: bool) -> None:
    if not days:
        raise HistoryError(
            f"{name} has times without a timezone; make them aware, or datetime64[D], or say days=True"
        )
    off = np.flatnonzero((moments.astype("datetime64[D]") != moments) & ~missing)
    faults = [f"{name} {moments[row]} {_NO_MIDNIGHT}" for row in off[:100]]
    if faults:
        raise HistoryError([Problem(text, path=f"row {row}") for row, text in zip(off, faults, strict=False)])


def _iterable(values: object, name: str) -> Iterable[Any]:
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        return values
    raise HistoryError(f"{name} is {values!r}; give a sequence with one entry a row")


def _number(value: object, name: str, days: bool) -> tuple[bool, int, bool]:
    if value is None or value == "" or value != value:
        return False, 0, True
    moment = _read(value, name, days)
    if isinstance(moment, dt.datetime):
        moment = _in_utc(moment, name)
        return False, to_microseconds(moment), False
    return True, day_number(moment), False
