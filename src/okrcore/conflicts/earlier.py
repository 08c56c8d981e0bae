"""Evaluate a portfolio at moments of its past, each as it was known then."""

from __future__ import annotations

import datetime as dt

import attrs

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.scoring.as_of import When
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates

ONE_DAY = dt.timedelta(days=1)


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
    _made: dict[tuple[dt.date, dt.date | dt.datetime], Snapshot] = attrs.field(factory=dict)

    def at(self, day: dt.date, known_at: dt.date) -> Snapshot:
        """Return the portfolio judged at the end of `day` by what was known at the end of `known_at`."""
        key = (day, self._known(known_at))
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

    def ended(self, cadence: Cadence, start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return first and last day of each period that ended from `start` on, by now and by `end` (A2)."""
        last = min(self.when.last_whole_day, day_number(end))
        periods = self.portfolio.calendar.periods(cadence, day_number(start), last)
        return [(to_date(first), to_date(last)) for first, last in periods]

    def _known(self, day: dt.date) -> dt.date | dt.datetime:
        limit = self.known_at
        if limit is None:
            return day
        return limit if (limit.date() if isinstance(limit, dt.datetime) else limit) <= day else day
