"""Gather the line of each goal that is drawn: its values over its cycle, plan, target and what lies ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from okrcore.definitions.days import written_day
from okrcore.definitions.derived import due_of, series_of, start_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.display.blocks import Spark
from okrcore.display.blocks.series_pictures import Spread
from okrcore.leading.weeks_ahead import Outlook
from okrcore.rhythm.review_result import Review
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.trend import trend_to

MOST_MOMENTS, FEW_MOMENTS, MANY_GOALS = 26, 10, 500
_RECENT = 12
MOST_SPREADS = 8
_LEVELS = (0.1, 0.9, 0.25, 0.75)


@attrs.frozen(eq=False)
class GoalLines:
    """Lines by goal; each is made when it is asked for."""

    review: Review
    outlook: Outlook
    moments: Sequence[dt.date]
    states: Mapping[str, Sequence[Any]]

    def line(self, id: str) -> Spark | None:
        """Return the line of a goal, without status and label; None where fewer than two values are known."""
        portfolio = self.review.portfolio
        goal = portfolio[id]
        first, due = start_of(goal, portfolio), due_of(goal, portfolio)
        span = max((due - first).days, 1)
        measure = getattr(goal, "measure", None)
        what = "value" if isinstance(measure, Target | Band) else "progress" if measure else "score"
        found: dict[dt.date, float] = {}
        for moment, state in zip(self.moments, self.states[id], strict=True):
            value = None if state is None else getattr(state, what)
            if value is not None and first <= moment <= due:
                found[written_day(getattr(state, "observed_at", None) or moment)] = value
        target, plan = _asked(measure, first, due)
        if len(found) < 2:
            return self._recent(goal, target)
        fan = self._fan(id, first, span, max(found), found[max(found)]) if what == "value" else ()
        return Spark(
            values=tuple(found[day] for day in sorted(found)),
            across=tuple((day - first).days / span for day in sorted(found)),
            target=target,
            plan=tuple(((day - first).days / span, value) for day, value in plan),
            fan=fan,
            label="",
        )

    def _recent(self, goal: Any, target: float | None) -> Spark | None:
        """Return the last values, where a cycle has but one."""
        of_one_value = isinstance(goal, KeyResult) and not isinstance(goal.measure, Checklist)
        if not of_one_value or series_of(goal, self.review.portfolio).aggregate != "latest":
            return None
        source = series_of(goal, self.review.portfolio).id
        series = self.review.snapshot.history.series(source, end=self.review.as_of)
        values = tuple(float(value) for value in series.values[-_RECENT:])
        if len(values) < 2:
            return None
        return Spark(values=values, target=target, label="")

    def _fan(self, id: str, first: dt.date, span: int, day: dt.date, value: float) -> tuple[Spread, ...]:
        found = self.outlook.get(id)
        forecast = None if found is None else found.forecast
        if forecast is None or not forecast.ends or not all(level in forecast.fan for level in _LEVELS):
            return ()
        low, high, near, far = (forecast.fan[level] for level in _LEVELS)
        step = -(-len(forecast.ends) // MOST_SPREADS)
        kept = [*range(0, len(forecast.ends) - 1, step), len(forecast.ends) - 1]
        start = ((day - first).days / span, value, value, value, value)
        places = {at: min((forecast.ends[at] - first).days / span, 1.0) for at in kept}
        return (start, *((places[at], low[at], high[at], near[at], far[at]) for at in kept))


def goal_lines(review: Review, outlook: Outlook, drawn: Iterable[str]) -> GoalLines:
    """Return the lines of the goals that are drawn, from the portfolio judged at moments of their cycles."""
    snapshot, ids = review.snapshot, [*drawn]
    portfolio = snapshot.portfolio
    now = written_day(review.as_of)
    first = min([now, *(start_of(portfolio[name], portfolio) for name in ids)])
    many = len(snapshot.compiled.key_results) > MANY_GOALS
    moments = _moments(
        max(first, now - dt.timedelta(days=3 * 366)), now, FEW_MOMENTS if many else MOST_MOMENTS
    )
    trend = trend_to(snapshot, moments[:-1])
    states = {name: [_state(one, name) for one in trend] for name in ids}
    return GoalLines(review, outlook, moments, states)


def _state(snapshot: Snapshot, id: str) -> Any:
    return snapshot[id] if id in snapshot else None  # noqa: SIM401


def _moments(first: dt.date, now: dt.date, most: int) -> list[dt.date]:
    """Return at most so many days, evenly back from now; of whole weeks where that is enough."""
    span = (now - first).days
    step = max(7, -(-span // most))
    return [now - dt.timedelta(days=back) for back in range(span - span % step, -1, -step)]


def _asked(
    measure: Any, first: dt.date, due: dt.date
) -> tuple[float | None, Sequence[tuple[dt.date, float]]]:
    """Return the target and the plan that a line is drawn with; of what is scored both are shares."""
    if isinstance(measure, Band):
        bound = measure.high if measure.low is None else measure.low
        return bound, ()
    if isinstance(measure, Target):
        if measure.start is None:
            return measure.goal, ()
        return measure.goal, [(one.date, one.value) for one in measure.planned(first, due)]
    return 1.0, [(first, 0.0), (due, 1.0)]
