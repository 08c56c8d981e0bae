"""A series with its goal, limits and what a cycle holds already into one question to a forecast (S10)."""

from __future__ import annotations

from typing import Literal

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.aggregates import ACCUMULATORS
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.errors import DefinitionError, HistoryError
from okrcore.leading.arguments import finite_values
from okrcore.leading.leaders import Leader
from okrcore.statistics.distributions import Bools, Floats

MIN_HISTORY = 8
Direction = Literal["at_least", "at_most"] | None
Goal = float | Target | Band | Checklist


@attrs.frozen(kw_only=True)
class Total:
    """What a cycle holds already, where its value is the sum, mean, max or min of its periods (S2.7).

    `value` so far (of none: 0, for max and min -inf and inf), worth `weight` periods of a mean.
    """

    aggregate: str
    value: float
    weight: float = 0.0

    def over(self, paths: Floats) -> Floats:
        """Return what the cycle will hold after each period of `paths` (..., periods).

        >>> Total(aggregate="mean", value=4.0, weight=2.0).over(np.array([[1.0, 9.0]]))
        array([[3. , 4.5]])
        """
        join = ACCUMULATORS[self.aggregate]
        held = self.value * self.weight if self.aggregate == "mean" else self.value
        joined = join(held, join.accumulate(paths, axis=-1))
        if self.aggregate == "mean":
            joined = joined / (self.weight + np.arange(1, paths.shape[-1] + 1))
        return np.asarray(joined)


@attrs.frozen(kw_only=True, eq=False)
class Question:
    """Will values from `bottom` to `top` be there, `periods` after the end of a series?

    `history` runs from the first to the last known value, and `silent` unknown periods follow it. `share`
    is the part of the periods ahead that must be good, None: the last one. Every value stays within `low`
    and `high`.
    """

    history: Floats
    silent: int
    periods: int
    bottom: float
    top: float
    share: float | None
    low: float
    high: float
    total: Total | None
    leader: Leader | None

    @classmethod
    def of(
        cls,
        series: ArrayLike,
        goal: Goal,
        *,
        periods: int,
        start: float | None = None,
        direction: Direction = None,
        low: float | None = None,
        high: float | None = None,
        share: float | None = None,
        total: Total | None = None,
        leader: Leader | None = None,
        name: str = "series",
    ) -> Question:
        """Return the question; terms as in `forecast`; `share` may be any number, None: the last period."""
        if periods < 1:
            raise DefinitionError(f"periods {periods} must be at least 1")
        row = finite_values(series, name)
        known = np.flatnonzero(~np.isnan(row)) if row.ndim == 1 else np.zeros(0)
        if len(known) < MIN_HISTORY:
            raise HistoryError(f"{name} has {len(known)} known periods; a forecast needs {MIN_HISTORY}")
        floor, ceiling = (-np.inf if low is None else float(low)), (np.inf if high is None else float(high))
        if row[known].min() < floor or row[known].max() > ceiling:
            raise HistoryError(
                f"{name} leaves its limits {low}..{high}; widen low and high, or leave them out"
            )
        now = float(row[known[-1]]) if total is None else total.value
        bottom, top = _wanted(goal, start, direction, now)
        history = row[known[0] : known[-1] + 1]
        return cls(
            history=history, silent=len(row) - 1 - int(known[-1]), periods=periods, bottom=bottom, top=top,
            share=share if isinstance(goal, Band) else None, low=floor, high=ceiling, total=total,
            leader=None if leader is None else _aligned(leader, len(row), int(known[0]), history),
        )  # fmt: skip

    def good(self, values: Floats) -> Bools:
        """Return which values are what is asked for."""
        return (values >= self.bottom) & (values <= self.top)


def _wanted(goal: Goal, start: float | None, direction: Direction, now: float) -> tuple[float, float]:
    if isinstance(goal, Checklist):
        raise DefinitionError("a checklist has no series to extrapolate; forecast a target or a band")
    if isinstance(goal, Band):
        return -np.inf if goal.low is None else goal.low, np.inf if goal.high is None else goal.high
    if isinstance(goal, Target):
        start, direction, goal = goal.start, goal.direction or direction, goal.goal
    goal = float(goal)
    if not np.isfinite(goal):
        raise DefinitionError(f"goal {goal} is not a number; give a finite one")
    ahead = goal - (now if start is None or start == goal else start)
    if direction is None and ahead == 0:
        raise DefinitionError("goal equals the last value; give start or direction 'at_least' or 'at_most'")
    rising = direction == "at_least" if direction else ahead > 0
    return (goal, np.inf) if rising else (-np.inf, goal)


def _aligned(leader: Leader, length: int, first: int, history: Floats) -> Leader | None:
    """The leader from the first known value of the target on; None where it says nothing."""
    x = finite_values(leader.series, leader.name)
    if x.shape != (length,):
        raise HistoryError(f"{leader.name} has shape {x.shape}; give one value for each of {length} periods")
    if leader.lag < 1:
        raise DefinitionError(f"lag {leader.lag} of {leader.name} must be at least 1 period")
    x = x[first:]
    if np.isnan(history).any() or np.isnan(x).sum() > len(x) / 2 or np.nanmin(x) == np.nanmax(x):
        return None
    return attrs.evolve(leader, series=x)
