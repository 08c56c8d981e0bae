"""Convert the date of a question to numbers: the last day and instant that count, by timezone (S0.8)."""

from __future__ import annotations

import datetime as dt

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.calendar import AsOf, parse_as_of, timezone
from okrcore.scoring.graph import RowNumbers

DAY = 86_400_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@attrs.frozen
class When:
    """What is asked for: `as_of`, its calendar `day` (since 1970-01-01), and what was known at `known_at`.

    Of an instant the day is its own local date. `known_at` is in microseconds, None filters nothing.
    """

    as_of: dt.date | dt.datetime
    day: int
    known_at: int | None

    @classmethod
    def of(cls, as_of: AsOf, known_at: AsOf | None = None) -> When:
        """Return the moment of `as_of`; raises DefinitionError for what is neither date nor aware instant."""
        moment = parse_as_of(as_of)
        known = None if known_at is None else cls.of(known_at).instant("UTC")
        return cls(moment, day_number(moment), known)

    @property
    def last_whole_day(self) -> int:
        """The last day that has ended: the date itself, or the day before an instant."""
        return self.day - isinstance(self.as_of, dt.datetime)

    def instant(self, zone: str) -> int:
        """Return the last instant that counts, in microseconds since 1970; of a date its end in `zone`."""
        if isinstance(self.as_of, dt.datetime):
            return (self.as_of - _EPOCH) // _MICROSECOND
        return end_of_day(self.day, zone)


def day_number(moment: dt.date) -> int:
    """Return days since 1970-01-01."""
    return moment.toordinal() - _EPOCH.toordinal()


def to_date(day: int) -> dt.date:
    """Return the date of a day number."""
    return dt.date.fromordinal(int(day) + _EPOCH.toordinal())


def start_of_day(day: int, zone: str) -> int:
    """Return the first microsecond of a day in `zone`."""
    if zone == "UTC":
        return day * DAY
    return (dt.datetime.combine(to_date(day), dt.time(), timezone(zone)) - _EPOCH) // _MICROSECOND


def end_of_day(day: int, zone: str) -> int:
    """Return the last microsecond of a day in `zone`."""
    return start_of_day(day + 1, zone) - 1


def local_days(at: RowNumbers, day: RowNumbers, date_only: npt.NDArray[np.bool_], zone: str) -> RowNumbers:
    """Return each observation's calendar day in `zone`: its own where it is a date."""
    if zone == "UTC" or date_only.all():
        return day
    place = timezone(zone)
    local = [
        own if whole else _local_day(instant, own, place)
        for instant, own, whole in zip(at.tolist(), day.tolist(), date_only.tolist(), strict=True)
    ]
    return np.array(local, dtype=np.int64)


def _local_day(instant: int, own: int, place: dt.tzinfo) -> int:
    try:
        return day_number((_EPOCH + dt.timedelta(microseconds=instant)).astimezone(place))
    except OverflowError:  # the first or last day there is
        return own
