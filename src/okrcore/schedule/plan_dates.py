"""Date a network's plan at a moment: what stood still by a decision, what is done, what is late (S17.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.history.history import History
from okrcore.schedule.delays import DatedPlan
from okrcore.schedule.network import MilestoneNetwork, Rows, joined
from okrcore.scoring.as_of import When
from okrcore.scoring.observed import Reader
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.tolerated import Standstill, standstills

Freezes = Mapping[str, Standstill]


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
