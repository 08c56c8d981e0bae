"""Random networks of milestones, and the brute force that recomputes what a slip does to them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from hypothesis import strategies as st

import okrcore as okr

DAY = dt.date(2026, 3, 2)
NAMES = "abcdefgh"


@st.composite
def networks(draw, *, lags=True, working=True, early=False, recover=True, done=True) -> okr.Portfolio:
    """A portfolio of at most 8 milestones; with `early` each begins as soon as what it waits for lets it."""
    calendar = okr.Calendar(
        working_days=draw(st.sampled_from(["mon-fri", "sun-thu", "mon-sat"])),
        holidays=draw(st.lists(st.integers(0, 40).map(later), max_size=4, unique=True)),
    )
    work = okr.Initiative(id="work", title="Work")
    made: list[okr.Milestone] = []
    for name in NAMES[: draw(st.integers(2, len(NAMES)))]:
        after = []
        for before in made:
            if draw(st.booleans()):
                counted = working and draw(st.booleans())
                lag = draw(st.integers(0 if counted or not lags else -2, 4 if lags or counted else 0))
                after.append(okr.Dependency(before.id, lag, working=counted))
        length = draw(st.integers(0, 6))
        start = DAY + dt.timedelta(draw(st.integers(0, 30)))
        if early:
            known = {one.id: one for one in made}
            ends = [arrival(step, known[step.milestone].finish, calendar) for step in after]
            start = max([DAY, *ends])
        finish = start + dt.timedelta(length)
        over = finish + dt.timedelta(draw(st.integers(-3, 9))) if done and draw(st.booleans()) else None
        made.append(
            okr.Milestone(
                id=name,
                initiative="work",
                title=name,
                start=start,
                finish=finish,
                due=finish + dt.timedelta(draw(st.integers(0, 5))),
                done=over,
                after=after,
                recoverable_days=draw(st.integers(0, 3)) if recover else 0,
            )
        )
    return okr.Portfolio.of(calendar, work, *draw(st.permutations(made)))


def later(days: int) -> dt.date:
    return DAY + dt.timedelta(days)


def arrival(step: okr.Dependency, day: dt.date, calendar: okr.Calendar) -> dt.date:
    """When what is waited for lets the other begin, counted day by day."""
    if step.working:
        return calendar.working_day(day, int(step.lag_days))
    return day + dt.timedelta(step.lag_days)


def brute(portfolio: okr.Portfolio, slips: Mapping[str, float], as_of: dt.date) -> dict[str, tuple[int, int]]:
    """Start and finish delay of each milestone, by the formula, one at a time (S17.1)."""
    found: dict[str, tuple[int, int]] = {}

    def of(name: str) -> tuple[int, int]:
        if name not in found:
            one = portfolio[name]
            ends = [
                arrival(
                    step,
                    portfolio[step.milestone].finish + dt.timedelta(of(step.milestone)[1]),
                    portfolio.calendar,
                )
                for step in one.after
            ]
            late = max([0, *((end - one.start).days for end in ends)])
            over = one.done if one.done and one.done <= as_of else None
            observed = max(0, ((over or as_of) - one.finish).days)
            carried = max(0, math.ceil(late + slips.get(name, 0) - one.recoverable_days))
            found[name] = (late, observed if over else max(observed, carried))
        return found[name]

    return {one.id: of(one.id) for one in portfolio.milestones}
