"""Define a dip: what turned for the worse, when it was shown, and whom it belongs to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from okrcore.display import brief, card, figure, fragment
from okrcore.monitoring.process_chart import Signal
from okrcore.scoring.scoring_policy import Zone


@attrs.frozen(kw_only=True, repr=False)
class Dip:
    """A KPI or key result that turned for the worse: known by subject, start, shown and signal (S11.5).

    `start` is the first day of the period that showed it, `period_end` its last, `end` the last day of the
    last period in which it still stood. `shown` is when its value was first recorded. `signal` is None where
    its zone alone turned worse, from `before` to `zone`; both are None without bands. `late` is news whose
    value came after the next period and grace: it has no clock. `mistyped` where its value is about 10, 100
    or 1000 times, or a part of, what its neighbours were: it asks for a confirmation. `standing` says that it
    still stands in the newest period. `goals` are the key results that read it, `owners` whom it belongs to:
    its own owner and theirs. Limits are those that were in force.
    """

    subject: str
    start: dt.date
    period_end: dt.date
    end: dt.date
    shown: dt.datetime
    signal: Signal | None
    zone: Zone | None
    before: Zone | None
    value: float
    low: float | None
    mean: float | None
    high: float | None
    late: bool
    mistyped: bool
    standing: bool
    goals: tuple[str, ...]
    owners: tuple[str, ...]

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        names = (
            "subject",
            "signal",
            "zone",
            "value",
            "low",
            "high",
            "period_end",
            "shown",
            "standing",
            "late",
        )
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return brief(self, self.sentence)

    def _repr_html_(self) -> str:
        facts = {
            "value": figure(self.value),
            "limits": f"{figure(self.low)} to {figure(self.high)}" if self.low is not None else "",
            "zone": f"{self.before} to {self.zone}" if self.before != self.zone else str(self.zone or ""),
            "shown": f"{self.shown:%Y-%m-%d %H:%M}",
            "stands": "yes" if self.standing else f"no, until {self.end}",
            "owners": ", ".join(self.owners),
            "goals": ", ".join(self.goals),
        }
        word = "worse" if self.standing else "."
        return fragment(
            f"dip of {self.subject}",
            card("dip", self.subject, title=self.sentence, word=word, facts=facts.items()),
        )

    @property
    def what(self) -> str:
        """What was seen, in words without a subject."""
        signal = {
            None: f"turned from {self.before} to {self.zone}",
            "outside": "lies outside its limits",
            "trend": "has turned for the worse seven times in a row",
            "two-of-three": "lies near its limit twice in three periods",
            "shift": "has been on the worse side of its mean seven times in a row",
        }[self.signal]
        return f"{signal} {in_period(self.start, self.period_end, self.shown)}"

    @property
    def is_early(self) -> bool:
        """Whether its value was recorded before its period was over."""
        return self.period_end > self.shown.date()

    @property
    def sentence(self) -> str:
        """What was seen, in a sentence."""
        return f"{self.subject} {self.what}"


def in_period(start: dt.date, end: dt.date, shown: dt.datetime) -> str:
    """Return in words in which period something was shown: to its end, from its begin while it lasts."""
    return f"in the period from {start}" if end > shown.date() else f"in the period to {end}"
