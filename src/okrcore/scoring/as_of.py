"""Convert the moment of a question to numbers: the last day and instant that count, by timezone (A3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs
import numpy as np

from okrcore.definitions.days import (
    DayNumbers,
    day_in,
    day_number,
    end_of_day,
    timezone,
    to_instant,
    to_microseconds,
)
from okrcore.definitions.moments import AsOf, parse_as_of


@attrs.frozen
class When:
    """What is asked for: `as_of`, and what was known at `known`, None filtering nothing.

    A date is the end of that day in the zone of whoever asks: of a cycle its own, of what has no cycle
    `zone`, the calendar's. Which day an instant is follows from that zone, never from the offset it is
    written in.

    >>> evening = When.of("2026-04-01T02:00:00+00:00")
    >>> evening.day_in("America/New_York") - evening.day
    -1
    """

    as_of: dt.date | dt.datetime
    known: dt.date | dt.datetime | None = None
    zone: str = "UTC"

    @classmethod
    def of(cls, as_of: AsOf, known_at: AsOf | None = None, zone: str = "UTC") -> When:
        """Return the moment of `as_of`; raises DefinitionError for what is neither date nor aware instant."""
        known = None if known_at is None else _shown_in(parse_as_of(known_at, "known_at"), zone)
        return cls(_shown_in(parse_as_of(as_of), zone), known, zone)

    @property
    def day(self) -> int:
        """The calendar day (since 1970-01-01) of what has no cycle."""
        return self.day_in(self.zone)

    @property
    def last_whole_day(self) -> int:
        """The last day that has ended, of what has no cycle."""
        return self.last_whole_day_in(self.zone)

    @property
    def known_at(self) -> int | None:
        """The last microsecond of what was known, to what has no cycle."""
        return self.known_in(self.zone)

    @property
    def now(self) -> int:
        """The last microsecond of the moment itself: of a date the later of its end there and in UTC."""
        return When(self.as_of, self.as_of, self.zone).known_at or 0

    @property
    def by_then(self) -> When:
        """The moment, and nothing known that was recorded after it."""
        earlier = self.known_at is not None and self.known_at < self.now
        return self if earlier or self.known == self.as_of else When(self.as_of, self.as_of, self.zone)

    def day_in(self, zone: str) -> int:
        """Return which day it is in a zone; a date is the same day everywhere."""
        return day_number(day_in(self.as_of, zone))

    def days_in(self, zone: DayNumbers, zones: Sequence[str]) -> DayNumbers:
        """Return which day it is in each of `zones`, for the codes `zone` that count in them."""
        return np.array([self.day_in(name) for name in zones], dtype=np.int64)[zone]

    def last_whole_day_in(self, zone: str) -> int:
        """Return the last day that has ended in a zone: the date itself, or the day before an instant's."""
        return self.day_in(zone) - isinstance(self.as_of, dt.datetime)

    def instant(self, zone: str) -> int:
        """Return the last instant that counts, in microseconds since 1970; of a date its end in `zone`."""
        if isinstance(self.as_of, dt.datetime):
            return to_microseconds(self.as_of)
        return end_of_day(day_number(self.as_of), zone)

    def known_in(self, zone: str) -> int | None:
        """Return the last microsecond that was known: of a date the later of its end in `zone` and in UTC."""
        if self.known is None:
            return None
        if isinstance(self.known, dt.datetime):
            return to_microseconds(self.known)
        return max(end_of_day(day_number(self.known), name) for name in (zone, "UTC"))

    def known_day_in(self, zone: str) -> int | None:
        """Return the last day whose records without a time of recording were known to whoever asks in a zone.

        Such a record is known from the end of its day there. None where that is what its own instant says:
        in UTC, and where nothing is filtered.
        """
        known = self.known_in(zone)
        return None if known is None or zone == "UTC" else day_number(day_in(to_instant(known + 1), zone)) - 1


def _shown_in(moment: dt.date | dt.datetime, zone: str) -> dt.date | dt.datetime:
    """Return an instant in a zone, with its offset alone, so that equal instants are equal and look alike."""
    if not isinstance(moment, dt.datetime):
        return moment
    try:
        local = moment.astimezone(timezone(zone))
    except OverflowError:  # the first or last day there is
        return moment
    offset = local.utcoffset()
    return (
        local if offset is None else local.replace(tzinfo=dt.timezone(offset) if offset else dt.UTC, fold=0)
    )
