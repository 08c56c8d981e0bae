"""Find each goal of a cycle as it was when the cycle had settled (S21.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import OkrError

SETTLING = dt.timedelta(days=14)
"""How long a cycle's goals may change before they count as declared."""

Dated = tuple[dt.date | dt.datetime, Portfolio]


def settled_on(portfolio: Portfolio, cycle: str) -> dt.date:
    """Return the first day on which a cycle's goals count as declared."""
    start: dt.date = portfolio[cycle].start
    return start + SETTLING


def original_goals(versions: Sequence[Dated], cycle: str) -> Portfolio:
    """Return the newest version with each goal of `cycle` as it was when the cycle had settled.

    `versions` are in order of time. What a goal that was taken out refers to comes back with it.
    """
    newest = versions[-1][1]
    day = settled_on(next(portfolio for _, portfolio in reversed(versions) if cycle in portfolio), cycle)
    first: dict[str, Objective | KeyResult] = {}
    everything = {one.id: one for _, portfolio in versions for one in portfolio.definitions}
    for (_, portfolio), (until, _) in pairwise([*versions, (dt.date.max, newest)]):
        if _day(until) < day:
            continue  # another version takes its place before the cycle has settled
        for goal in _goals(portfolio, cycle):
            if getattr(goal, "stage", "active") == "active":
                first.setdefault(goal.id, goal)
    try:
        wholes = (newest.calendar,) if newest.priorities is None else (newest.calendar, newest.priorities)
        return Portfolio.of(
            *(everything | {one.id: one for one in newest.definitions} | first).values(),
            *wholes,
            units=newest.units,
        )
    except OkrError:  # what was taken out no longer fits what came since
        return newest.with_(*(goal for goal in first.values() if goal.id in newest))


def _day(moment: dt.date | dt.datetime) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _goals(portfolio: Portfolio, cycle: str) -> list[Objective | KeyResult]:
    own = {one.id for one in portfolio.objectives if one.cycle == cycle}
    return [
        *(one for one in portfolio.objectives if one.id in own),
        *(one for one in portfolio.key_results if one.objective in own),
    ]
