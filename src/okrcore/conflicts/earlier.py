"""Evaluate a portfolio at moments of its past, each as it was known then."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

import attrs

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import DAY, day_in, day_number, to_date, written_day
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.scoring.as_of import When
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates

MARGIN = 2
"""Days by which a record may count earlier than it was recorded, whatever the zone."""


@attrs.frozen(eq=False, kw_only=True)
class Past:
    """Snapshots of one portfolio and history, each made once, when it is first asked for."""

    portfolio: Portfolio
    history: AnyHistory
    when: When
    known_at: dt.date | dt.datetime | None
    scoring: ScoringPolicy
    rates: Rates | None
    journal: Journal | None
    now: Snapshot
    before: Past | None = None
    """What was made of it when fewer records and answers were known: it only saves work."""
    _made: dict[tuple[dt.date, dt.date | dt.datetime], Snapshot] = attrs.field(factory=dict)

    def at(self, day: dt.date, known_at: dt.date) -> Snapshot:
        """Return the portfolio judged at the end of `day` by what was known at the end of `known_at`."""
        key = (day, self._known(known_at))
        if (
            key not in self._made
            and self.before is not None
            and key in self.before._made
            and self._holds(day)
        ):
            self._made[key] = self.before._made[key]
        if key not in self._made:
            self._made[key] = evaluate(
                self.portfolio,
                self.history,
                as_of=day,
                known_at=key[1],
                scoring=self.scoring,
                rates=self.rates,
                journal=self.journal,
            )
        return self._made[key]

    def _holds(self, day: dt.date) -> bool:
        """Whether what was made of a day before is what would be made of it now."""
        return day_number(day) + MARGIN < self._same_until

    @cached_property
    def _same_until(self) -> int:
        """The first day of which a record or an answer is other than it was."""
        before, first = self.before, -(2**62)
        if before is None or not (before.portfolio is self.portfolio and before.scoring == self.scoring):
            return first
        if before.rates != self.rates or before.when.zone != self.when.zone:
            return first
        if before.history is not self.history:
            if not isinstance(self.history, History) or not isinstance(before.history, History):
                return first
            recorded = self.history.recorded_since(before.history)
            if recorded is None:
                return first
            first = recorded // DAY
        else:
            first = 2**62
        mine, theirs = (set(one.journal or ()) for one in (self, before))
        changed = (day_number(day_in(entry.at, self.when.zone)) for entry in mine ^ theirs)
        return min([first, *changed])

    def is_of(self, other: Past) -> bool:
        """Whether both are made from just the same."""
        same = self.portfolio is other.portfolio and self.history is other.history
        same = same and self.journal is other.journal and self.known_at == other.known_at
        return same and (self.when, self.scoring, self.rates) == (other.when, other.scoring, other.rates)

    def alone(self) -> Past:
        """Return it without what was made before: what a later look back may begin with."""
        return attrs.evolve(self, before=None, made=self._made)

    def __reduce__(self) -> tuple[Any, ...]:
        names = ("portfolio", "history", "when", "known_at", "scoring", "rates", "journal", "now")
        return _again, ({name: getattr(self, name) for name in names},)

    def ended(self, cadence: Cadence, start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return first and last day of each period that ended from `start` on, by now and by `end` (A2)."""
        last = min(self.when.last_whole_day, day_number(end))
        periods = self.portfolio.calendar.periods(cadence, day_number(start), last)
        return [(to_date(first), to_date(last)) for first, last in periods]

    def _known(self, day: dt.date) -> dt.date | dt.datetime:
        limit = self.known_at
        if limit is None:
            return day
        return limit if written_day(limit) <= day else day


def _again(fields: dict[str, Any]) -> Past:
    return Past(**fields)
