"""Define a setback: a key result that turned off-track or missed, or begins so, and when that was shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from okrcore.monitoring.dip import in_period
from okrcore.scoring.scoring_policy import Status


@attrs.frozen(kw_only=True)
class Setback:
    """A key result whose status turned to off-track or missed: known by subject, start and shown (S11.5).

    `start` and `period_end` are the first and last day of the period whose number showed it, of a week where
    time alone did. `shown` is when that number was first recorded, and `day` which day that was for the key
    result: the one at whose end it was judged, by what was known then, from `before` to `status`; `before` is
    "no-data" where it was never judged before, or not for six periods. `mistyped`
    where the number is about 10, 100 or 1000 times, or a part of, what its neighbours were.
    """

    subject: str
    start: dt.date
    period_end: dt.date
    shown: dt.datetime
    day: dt.date
    before: Status
    status: Status
    mistyped: bool

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        return attrs.asdict(self)

    @property
    def what(self) -> str:
        """What was seen, in words without a subject."""
        period = in_period(self.start, self.period_end, self.shown)
        if self.before == "no-data":
            return f"is {self.status} as soon as it is judged, {period}"
        return f"turned from {self.before} to {self.status} {period}"
