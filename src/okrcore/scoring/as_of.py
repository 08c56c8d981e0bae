"""Convert the date of a question to numbers: the last day and instant that count, by timezone (S0.8)."""

from __future__ import annotations

import datetime as dt

import attrs

from okrcore.definitions.days import day_number, end_of_day, to_microseconds
from okrcore.definitions.moments import AsOf, parse_as_of


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
        known = None if known_at is None else cls.of(parse_as_of(known_at, "known_at")).instant("UTC")
        return cls(moment, day_number(moment), known)

    @property
    def last_whole_day(self) -> int:
        """The last day that has ended: the date itself, or the day before an instant."""
        return self.day - isinstance(self.as_of, dt.datetime)

    def instant(self, zone: str) -> int:
        """Return the last instant that counts, in microseconds since 1970; of a date its end in `zone`."""
        if isinstance(self.as_of, dt.datetime):
            return to_microseconds(self.as_of)
        return end_of_day(self.day, zone)
