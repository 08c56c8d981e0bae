"""Ask of a series, with its goal, limits and what its cycle holds already, how it ends (S10)."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.aggregates import ACCUMULATORS
from okrcore.definitions.measures import Band, Checklist, Target, band_ends
from okrcore.errors import DefinitionError, HistoryError
from okrcore.leading.arguments import finite_values
from okrcore.leading.leaders import Leader
from okrcore.leading.paths_by_kind import LEAST_HISTORY, ObservedPast, SamplePaths
from okrcore.statistics.distributions import Bools, Floats

LEAST_PATHS = 4
Direction = Literal["at_least", "at_most"] | None
Goal = float | Target | Band | Checklist


@attrs.frozen(kw_only=True)
class Total:
    """What a cycle holds already, where its value is the sum, mean, max or min of its periods (S2.7).

    `value` so far (of none: 0, for max and min -inf and inf), worth `weight` periods of a mean. `owed` (n,)
    says how much of each period of the history that nobody reported belongs to a sum: 1 for all of it.
    """

    aggregate: str
    value: float
    weight: float = 0.0
    owed: Floats | None = attrs.field(default=None, eq=False)

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


@attrs.frozen(kw_only=True)
class PeriodsKept:
    """How far a band is kept: `met` of the `planned` periods, `left` are ahead, a share `enough` achieves."""

    met: int
    left: int
    planned: int
    enough: float

    @property
    def share(self) -> float:
        """The share of the periods left that achieves: above 1 out of reach, at 0 or below safe (S5.3)."""
        return (self.enough * self.planned - self.met) / self.left

    def at_the_end(self, share: Floats) -> Floats:
        """Return the share of all planned periods that is kept where `share` of those left are."""
        return np.asarray((self.met + share * self.left) / self.planned)


@attrs.frozen(kw_only=True, eq=False)
class Question:
    """Will values from `bottom` to `top` be there, `periods` after the end of a series?

    `observed` runs to its last known value; `silent` unknown periods follow it, then the ones asked for.
    `share` is the part of the periods ahead that must be good, None: the last one; `kept` says where it comes
    from. `given` (paths, periods) are the caller's own sample paths, None to simulate. `ends` are the last
    days of the periods ahead, none without a calendar.
    """

    observed: ObservedPast
    silent: int
    periods: int
    bottom: float
    top: float
    share: float | None = None
    kept: PeriodsKept | None = None
    total: Total | None = None
    given: Floats | None = None
    ends: tuple[dt.date, ...] = ()

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
        season: float | None = None,
        declared: bool = True,
        total: Total | None = None,
        leader: Leader | None = None,
        given: ArrayLike | None = None,
        name: str = "series",
    ) -> Question:
        """Return the question; terms as in `forecast`; `share` may be any number, None: the last period."""
        if periods < 1:
            raise DefinitionError(f"periods {periods} must be at least 1")
        if season is not None and not (np.isfinite(season) and season >= 1):
            raise DefinitionError(f"season {season!r} must be at least 1 period long; 1 for none")
        row = finite_values(series, name)
        known = np.flatnonzero(~np.isnan(row)) if row.ndim == 1 else np.zeros(0)
        least = LEAST_HISTORY if given is None else 1
        if len(known) < least:
            raise HistoryError(f"{name} has {len(known)} known periods; a forecast needs {least}")
        floor, ceiling = (-np.inf if low is None else float(low)), (np.inf if high is None else float(high))
        if row[known].min() < floor or row[known].max() > ceiling:
            raise HistoryError(
                f"{name} leaves its limits {low}..{high}; widen low and high, or leave them out"
            )
        silent = 0 if given is not None else len(row) - 1 - int(known[-1])
        history = row[known[0] : known[-1] + 1]
        observed = ObservedPast(
            history=history, periods=silent + periods, season=season, declared=declared, low=floor,
            high=ceiling, total=total is not None,
            owed=total.owed[known[0] : known[-1] + 1] if total and total.owed is not None else None,
            leader=None if leader is None else _aligned(leader, len(row), int(known[0]), history),
        )  # fmt: skip
        now = float(row[known[-1]]) if total is None else total.value
        question = cls(
            observed=observed, silent=silent, periods=periods, bottom=-np.inf, top=np.inf, total=total,
            given=None if given is None else _checked_paths(given, periods),
        )  # fmt: skip
        return question.asking(goal, now=now, start=start, direction=direction, share=share)

    def asking(
        self,
        goal: Goal,
        *,
        now: float | None = None,
        start: float | None = None,
        direction: Direction = None,
        share: float | None = None,
    ) -> Question:
        """Return the question of another goal on the same paths; `now` stands for the last value."""
        now = float(self.observed.history[-1]) if now is None else now
        limits = self.observed.low, self.observed.high
        bottom, top = _wanted(goal, start, direction, now, limits)
        return attrs.evolve(self, bottom=bottom, top=top, share=share if isinstance(goal, Band) else None)

    def held(self, drawn: SamplePaths) -> Floats:
        """Return what is compared with the goal in each of the `periods`: (paths, periods)."""
        with np.errstate(over="ignore", invalid="ignore"):  # a sum beyond all floats is beyond any goal
            held = drawn.paths if self.total is None else self.total.over(drawn.paths)
            return np.asarray((held + np.reshape(drawn.owed, (-1, 1)))[:, self.silent :])

    def good(self, values: Floats) -> Bools:
        """Return which values are what is asked for."""
        return (values >= self.bottom) & (values <= self.top)


def _checked_paths(given: ArrayLike, periods: int) -> Floats:
    paths = finite_values(given, "paths")
    if paths.ndim != 2 or paths.shape[1] != periods or len(paths) < LEAST_PATHS:
        raise DefinitionError(
            f"paths have shape {paths.shape}; give at least {LEAST_PATHS} rows of {periods} periods"
        )
    if np.isnan(paths).any():
        raise DefinitionError("paths hold NaN; give a value for each period of each path")
    return paths


def _wanted(
    goal: Goal, start: float | None, direction: Direction, now: float, limits: tuple[float, float]
) -> tuple[float, float]:
    if isinstance(goal, Checklist):
        raise DefinitionError("a checklist has no series to extrapolate; forecast a target or a band")
    if isinstance(goal, Band):
        return band_ends(goal)
    if isinstance(goal, Target):
        start, direction, goal = goal.start, goal.direction or direction, goal.goal
    goal = float(goal)
    if not np.isfinite(goal):
        raise DefinitionError(f"goal {goal} is not a number; give a finite one")
    ahead = goal - (now if start is None or start == goal else start)
    if direction is None and ahead == 0 and goal in limits:
        direction = "at_most" if goal == limits[0] else "at_least"
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
