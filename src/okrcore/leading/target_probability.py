"""A series and a goal into the probability of reaching it, at the due date and on the way (S10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.frozen import FrozenDict
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.errors import DefinitionError, HistoryError
from okrcore.leading.distributions import Bools, Floats
from okrcore.leading.inputs import finite_values
from okrcore.leading.path_models import mix4

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
MIN_HISTORY, ENOUGH_HISTORY = 8, 13
IMPUTATIONS, TOGETHER = 5, 128
Direction = Literal["at_least", "at_most"] | None
Goal = float | Target | Band | Checklist


@attrs.frozen(kw_only=True)
class Forecast:
    """Where a series is heading, as computed; never mixed with a declared confidence (S5.6).

    `p_final`: probability that the goal is met at the last period ahead; for a band, that the value is
    inside for the share of the periods asked for. `p_touch`: that it is met in at least one of the
    periods ahead. Both lie strictly between 0 and 1; `error` is the Monte Carlo standard error of
    `p_final`. `quantiles`: level -> value at the last period. `n` periods of history, `note` says what
    limits the answer ("" for nothing).
    """

    p_final: float
    p_touch: float
    quantiles: FrozenDict[float, float]
    n: int
    periods: int
    error: float
    note: str = ""


def forecast(
    series: ArrayLike,
    *,
    goal: Goal,
    periods: int,
    start: float | None = None,
    seed: int = 0,
    paths: int = 2000,
    direction: Direction = None,
    low: float | None = None,
    high: float | None = None,
    share: float = 1.0,
) -> Forecast:
    """Return the probability that `series` reaches `goal` within the `periods` (>= 1) after its end.

    `series` holds one value per period of one grid, NaN where there is none: gaps are filled by seeded
    bridges, and periods unknown at the end are forecast too. `goal` is a value, a Target, or a Band; of a
    Band `share` is the part of the periods ahead that must lie inside. Whether the goal lies above or
    below: `direction`, else goal against `start`, else goal against the last value. `low` and `high` are
    values that cannot be passed (a percent: 0 and 100); a path that meets one goes on from there. Seasons
    are not modelled.

    Raises HistoryError for fewer than 8 known periods or a value outside `low` and `high`,
    DefinitionError for a Checklist (tick items off; nothing to extrapolate) and for a goal whose side is
    unknown. Deterministic in `seed`. About 2 ms at 2,000 paths; `forecast_many` takes less for each.

    >>> rise = np.cumsum(np.r_[0.0, np.tile([2.0, 0.0, 1.0, 1.0], 6)])
    >>> ahead = forecast(rise, goal=33, periods=13)
    >>> ahead.p_final > 0.5, ahead.quantiles[0.1] < ahead.quantiles[0.9], ahead.note
    (True, True, '')
    """
    return forecast_many(
        [series], goals=[goal], periods=periods, starts=[start], seed=seed, paths=paths,
        directions=[direction], lows=[low], highs=[high], shares=[share],
    )[0]  # fmt: skip


def forecast_many(
    series: Sequence[ArrayLike],
    *,
    goals: Sequence[Goal],
    periods: int,
    starts: Sequence[float | None] | None = None,
    seed: int = 0,
    paths: int = 2000,
    directions: Sequence[Direction] | None = None,
    lows: Sequence[float | None] | None = None,
    highs: Sequence[float | None] | None = None,
    shares: Sequence[float] | None = None,
) -> tuple[Forecast, ...]:
    """Forecast many series at once, each as `forecast` would alone; series may differ in length.

    >>> two = forecast_many([np.arange(20.0), np.arange(30.0)], goals=[25, 25], periods=4)
    >>> [one.n for one in two]
    [20, 30]
    """
    if periods < 1 or paths < 4:
        raise DefinitionError(f"periods {periods} must be at least 1 and paths {paths} at least 4")
    count = len(series)
    trimmed = [_trimmed(values, f"series {i}" if count > 1 else "series") for i, values in enumerate(series)]
    asked = [
        _Question.of(*parts)
        for parts in zip(
            goals, trimmed, starts or [None] * count, directions or [None] * count, lows or [None] * count,
            highs or [None] * count, shares or [1.0] * count, strict=True,
        )
    ]  # fmt: skip
    groups: dict[tuple[int, int, bool], list[int]] = {}
    for i, (values, silent) in enumerate(trimmed):
        groups.setdefault((len(values), silent, bool(np.isnan(values).any())), []).append(i)
    found: dict[int, Forecast] = {}
    for (_, silent, gaps), members in groups.items():
        for part in range(0, len(members), TOGETHER):
            some = members[part : part + TOGETHER]
            history = np.stack([trimmed[i][0] for i in some])
            futures = _futures(history, silent + periods, gaps, seed=seed, paths=paths)
            for i, future in zip(some, futures, strict=True):
                found[i] = _answer(asked[i], trimmed[i][0], future, silent, periods)
    return tuple(found[i] for i in range(count))


@attrs.frozen
class _Question:
    """Values from `bottom` to `top` are good; the value itself stays within `low` and `high`."""

    bottom: float
    top: float
    share: float | None
    low: float
    high: float

    @classmethod
    def of(
        cls,
        goal: Goal,
        trimmed: tuple[Floats, int],
        start: float | None,
        direction: Direction,
        low: float | None,
        high: float | None,
        share: float,
    ) -> _Question:
        floor, ceiling = (-np.inf if low is None else float(low)), (np.inf if high is None else float(high))
        known = trimmed[0][~np.isnan(trimmed[0])]
        if known.min() < floor or known.max() > ceiling:
            raise HistoryError(
                f"series leaves its limits {low}..{high}; widen low and high, or leave them out"
            )
        if isinstance(goal, Checklist):
            raise DefinitionError("a checklist has no series to extrapolate; forecast a target or a band")
        if isinstance(goal, Band):
            if not 0 < share <= 1:
                raise DefinitionError(f"share {share!r} must lie above 0 and not above 1")
            bottom = -np.inf if goal.low is None else goal.low
            return cls(bottom, np.inf if goal.high is None else goal.high, share, floor, ceiling)
        if isinstance(goal, Target):
            start, direction, goal = goal.start, goal.direction or direction, goal.goal
        goal = float(goal)
        if not np.isfinite(goal):
            raise DefinitionError(f"goal {goal} is not a number; give a finite one")
        ahead = goal - (known[-1] if start is None or start == goal else start)
        if direction is None and ahead == 0:
            raise DefinitionError(
                "goal equals the last value; give start or direction 'at_least' or 'at_most'"
            )
        rising = direction == "at_least" if direction else ahead > 0
        return cls(goal if rising else -np.inf, np.inf if rising else goal, None, floor, ceiling)

    def good(self, values: Floats) -> Bools:
        return (values >= self.bottom) & (values <= self.top)


def _trimmed(values: ArrayLike, name: str) -> tuple[Floats, int]:
    """The series from its first to its last known value, and how many unknown periods follow."""
    row = finite_values(values, name)
    known = np.flatnonzero(~np.isnan(row)) if row.ndim == 1 else np.zeros(0)
    if len(known) < MIN_HISTORY:
        raise HistoryError(f"{name} has {len(known)} known periods; a forecast needs {MIN_HISTORY}")
    return row[known[0] : known[-1] + 1], len(row) - 1 - int(known[-1])


def _futures(history: Floats, periods: int, gaps: bool, *, seed: int, paths: int) -> Floats:
    """(B, paths, periods); where there are gaps, an equal pool over several ways of filling them."""
    rng = np.random.default_rng(seed)
    if not gaps:
        return mix4(history, periods, rng, paths=paths)
    each = max(4, paths // IMPUTATIONS)
    pools = [mix4(_bridged(history, rng), periods, rng, paths=each) for _ in range(IMPUTATIONS)]
    return np.concatenate(pools, axis=1)


def _bridged(history: Floats, rng: np.random.Generator) -> Floats:
    """Gaps filled by random bridges: straight lines would hide how much the series moves."""
    noise = rng.standard_normal(history.shape[1])
    out = history.copy()
    t = np.arange(history.shape[1])
    for row in out:
        known = np.flatnonzero(~np.isnan(row))
        step = np.diff(row[known]) / np.sqrt(np.diff(known))
        walk = np.cumsum(noise) * step.std()
        bridge = np.interp(t, known, row[known]) + walk - np.interp(t, known, walk[known])
        row[:] = np.where(np.isnan(row), bridge, row)
    return out


def _answer(asked: _Question, history: Floats, future: Floats, silent: int, periods: int) -> Forecast:
    future = _bounded(future, float(history[-1]), asked)[:, silent:]
    good = asked.good(future)
    met = good[:, -1] if asked.share is None else good.mean(axis=1) >= asked.share - 1e-12
    count = len(future)
    final, touch = ((hits.sum() + 0.5) / (count + 1.0) for hits in (met, good.any(axis=1)))
    notes = []
    n = len(history)
    if n < ENOUGH_HISTORY:
        notes.append(f"only {n} periods of history: too little to beat a base rate")
    if missing := int(np.isnan(history).sum()):
        notes.append(f"{missing} missing periods were filled in")
    if silent:
        notes.append(f"the last {silent} periods are unknown and were forecast too")
    levels = np.quantile(future[:, -1], LEVELS).tolist()
    return Forecast(
        p_final=float(final),
        p_touch=float(touch),
        quantiles=FrozenDict(zip(LEVELS, levels, strict=True)),
        n=n,
        periods=periods,
        error=float(np.sqrt(final * (1.0 - final) / count)),
        note="; ".join(notes),
    )


def _bounded(future: Floats, last: float, asked: _Question) -> Floats:
    """Paths whose every step starts from a value inside the limits and ends inside them."""
    if future.min() >= asked.low and future.max() <= asked.high:
        return future
    steps = np.diff(future, axis=1, prepend=last)
    value = np.full(len(future), last)
    out = np.empty_like(future)
    for k in range(future.shape[1]):
        out[:, k] = value = np.clip(value + steps[:, k], asked.low, asked.high)
    return out
