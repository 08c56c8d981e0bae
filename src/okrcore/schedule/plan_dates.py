"""Date a network's plan at a moment: what stood still by a decision, what is done, what is late (S17.1)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.fields import FIRST_DAY, LAST_DAY
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.history.history import History
from okrcore.schedule.delays import DatedPlan
from okrcore.schedule.network import MilestoneNetwork, Rows, joined
from okrcore.schedule.working_lags import Days
from okrcore.scoring.as_of import When
from okrcore.scoring.observed import Reader
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.tolerated import Standstill, standstills

Freezes = Mapping[str, Standstill]
_FIRST, _LAST = day_number(FIRST_DAY), day_number(LAST_DAY)


def date_of(number: float) -> dt.date:
    """Return the date that a number of days is a part of, cut to the dates that may be declared."""
    return to_date(math.ceil(min(max(number, _FIRST), _LAST)))


def dates_of(numbers: Days) -> NDArray[np.datetime64]:
    """Return what `date_of` does for each number, NaT for one that is not finite."""
    known = np.isfinite(numbers)
    whole = np.ceil(np.clip(np.where(known, numbers, 0), _FIRST, _LAST)).astype(np.int64)
    return np.where(known, whole.astype("datetime64[D]"), np.datetime64("NaT", "D"))


def freezes(portfolio: Portfolio, history: AnyHistory | None, when: When) -> Freezes:
    """Return how each initiative stood still by a decision up to the moment (S15)."""
    if not any(one.kind == "freeze" for one in portfolio.tolerances):
        return FrozenDict()
    facts = History.of() if history is None else history
    reader = Reader(facts, when, ScoringPolicy(), portfolio.units, portfolio.rates)
    return standstills(portfolio, reader)


def plan_at(network: MilestoneNetwork, when: When, observed: Mapping[str, int], still: Freezes) -> DatedPlan:
    """Return the plan at a moment: dates moved by days that stood still, what is done, what is late.

    `observed` gives the day on which what is not declared done was observed to be, by id. A day that stood
    still moves every date that is not before it: what was late before the freeze stays late from its own day.
    """
    today = float(when.day)
    start, finish, due = network.start, network.finish, network.due
    moved = _rows_of(network, still)
    if len(moved):
        start, finish, due = start.copy(), finish.copy(), due.copy()
        for row in moved.tolist():
            held = still[network.milestones[row].initiative].held
            for dates in (start, finish, due):
                dates[row] = _later(dates[row], held)
    over = np.where(network.done <= today, network.done, np.inf)
    for name, day in observed.items():
        row = network.rows.get(name)
        if row is not None:
            over[row] = over[row] if np.isfinite(over[row]) else day
    ahead = network.may_be_late
    late = joined(len(finish), ahead[: np.searchsorted(network.finish[ahead], today)], moved)
    floor = np.zeros(len(finish))
    floor[late] = np.maximum(np.minimum(over[late], today) - finish[late], 0.0)
    return DatedPlan(start, finish, due, over, floor, late[floor[late] > 0], moved)


def _rows_of(network: MilestoneNetwork, still: Freezes) -> Rows:
    names = {name for name, one in still.items() if one.held}
    rows = [row for row, one in enumerate(network.milestones) if one.initiative in names] if names else []
    return np.array(rows, dtype=np.int64)


def _later(day: float, held: Sequence[int]) -> float:
    for one in held:
        day += one <= day
    return day
