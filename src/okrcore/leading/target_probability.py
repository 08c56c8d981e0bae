"""A series and a goal into the probability of reaching it, at the due date and on the way (S10)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.measures import Band
from okrcore.errors import DefinitionError
from okrcore.frozen import FrozenDict
from okrcore.leading.leaders import PLAIN, Leader, led_futures, try_leader
from okrcore.leading.path_models import PathModel, flow3, mix4
from okrcore.leading.periods_ahead import Direction, Goal, Question
from okrcore.leading.weeks_ahead import Forecast
from okrcore.statistics.distributions import Floats

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
ENOUGH_HISTORY = 13
IMPUTATIONS = 5
TOGETHER = 2**22
"""Simulated values held at once: 128 series at 2,000 paths and 13 periods and a few more."""


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
    leader: Leader | None = None,
) -> Forecast:
    """Return the probability that `series` reaches `goal` within the `periods` (>= 1) after its end.

    `series` holds one value per period of one grid, NaN where there is none: gaps are filled by seeded
    bridges, and periods unknown at the end are forecast too. `goal` is a value, a Target, or a Band; of a
    Band `share` is the part of the periods ahead that must lie inside. Whether the goal lies above or
    below: `direction`, else goal against `start`, else goal against the last value. `low` and `high` are
    values that cannot be passed (a percent: 0 and 100); a path that meets one goes on from there. Seasons
    are not modelled. A `leader` is used only where it made forecasts of the series' own past better; the
    note says whether it did, and by how much.

    Raises HistoryError for fewer than 8 known periods or a value outside `low` and `high`,
    DefinitionError for a Checklist (tick items off; nothing to extrapolate) and for a goal whose side is
    unknown. Deterministic in `seed`. About 2 ms at 2,000 paths; `forecast_many` takes less for each, a
    leader about 50 ms.

    >>> rise = np.cumsum(np.r_[0.0, np.tile([2.0, 0.0, 1.0, 1.0], 6)])
    >>> ahead = forecast(rise, goal=33, periods=13)
    >>> ahead.p_final > 0.5, ahead.quantiles[0.1] < ahead.quantiles[0.9], ahead.note
    (True, True, '')
    """
    question = Question.of(
        series, goal, periods=periods, start=start, direction=direction, low=low, high=high,
        share=_checked_share(goal, share), leader=leader,
    )  # fmt: skip
    return answers([question], seed=seed, paths=paths)[0]


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
    count = len(series)
    columns = zip(
        series, goals, starts or [None] * count, directions or [None] * count, lows or [None] * count,
        highs or [None] * count, shares or [1.0] * count, strict=True,
    )  # fmt: skip
    questions = [
        Question.of(
            values, goal, periods=periods, start=start, direction=direction, low=low, high=high,
            share=_checked_share(goal, share), name=f"series {i}" if count > 1 else "series",
        )
        for i, (values, goal, start, direction, low, high, share) in enumerate(columns)
    ]  # fmt: skip
    return answers(questions, seed=seed, paths=paths)


def answers(questions: Sequence[Question], *, seed: int = 0, paths: int = 2000) -> tuple[Forecast, ...]:
    """Answer many questions, those of one shape together; each as it would be alone, to the last bit."""
    if paths < 4:
        raise DefinitionError(f"paths {paths} must be at least 4")
    found: dict[int, Forecast] = {}
    groups: dict[tuple[int, int, int, bool, PathModel], list[int]] = {}
    for i, one in enumerate(questions):
        if one.leader is not None:
            found[i] = _led(one, one.leader, seed=seed, paths=paths)
            continue
        gaps = bool(np.isnan(one.history).any())
        shape = (len(one.history), one.silent, one.periods, gaps, _model(one))
        groups.setdefault(shape, []).append(i)
    for (_, silent, periods, gaps, model), members in groups.items():
        together = max(1, TOGETHER // (paths * (silent + periods)))
        for part in range(0, len(members), together):
            some = members[part : part + together]
            history = np.stack([questions[i].history for i in some])
            futures = _futures(history, silent + periods, gaps, model, seed=seed, paths=paths)
            for i, future in zip(some, futures, strict=True):
                found[i] = _answer(questions[i], future)
    return tuple(found[i] for i in range(len(questions)))


def _checked_share(goal: Goal, share: float) -> float:
    if isinstance(goal, Band) and not 0 < share <= 1:
        raise DefinitionError(f"share {share!r} must lie above 0 and not above 1")
    return share


def _model(asked: Question) -> PathModel:
    return mix4 if asked.total is None else flow3


def _led(asked: Question, leader: Leader, *, seed: int, paths: int) -> Forecast:
    """The forecast with a leader where it was better in the past; the note says so either way."""
    ahead, model = asked.silent + asked.periods, _model(asked)
    added = asked.total is not None and asked.total.aggregate in {"sum", "mean"}
    trial = try_leader(asked.history, leader, ahead, silent=asked.silent, seed=seed, model=model, total=added)
    if trial.form == PLAIN:
        why = "it did not make forecasts of the past better" if trial.origins else "too little to compare by"
        future = _futures(asked.history[None], ahead, False, model, seed=seed, paths=paths)[0]
        return _answer(asked, future, f"{leader.name} was not used: {why}")
    future = led_futures(asked.history, leader, trial.form, ahead, seed=seed, paths=paths, model=model)
    note = (
        f"{leader.name} was used, {leader.lag} ahead: error (CRPS) {trial.gain:.0%} less than without"
        f" in {trial.origins} forecasts of the past"
    )
    return _answer(asked, future, note)


def _futures(history: Floats, periods: int, gaps: bool, model: PathModel, *, seed: int, paths: int) -> Floats:
    """(B, paths, periods); where there are gaps, an equal pool over several ways of filling them."""
    rng = np.random.default_rng(seed)
    if not gaps:
        return model(history, periods, rng, paths=paths)
    each = max(4, paths // IMPUTATIONS)
    pools = [model(_bridged(history, rng), periods, rng, paths=each) for _ in range(IMPUTATIONS)]
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


def _answer(asked: Question, future: Floats, led: str = "") -> Forecast:
    future = _bounded(future, asked)
    if asked.total is not None:
        future = asked.total.over(future)
    future = future[:, asked.silent :]
    good = asked.good(future)
    met = good[:, -1] if asked.share is None else good.mean(axis=1) >= asked.share - 1e-12
    count = len(future)
    final, touch = ((hits.sum() + 0.5) / (count + 1.0) for hits in (met, good.any(axis=1)))
    notes = []
    n = len(asked.history)
    if n < ENOUGH_HISTORY:
        notes.append(f"only {n} periods of history: too little to beat a base rate")
    if missing := int(np.isnan(asked.history).sum()):
        notes.append(f"{missing} missing periods were filled in")
    if asked.silent:
        notes.append(f"the last {asked.silent} periods are unknown and were forecast too")
    levels = np.quantile(future[:, -1], LEVELS).tolist()
    return Forecast(
        p_final=float(final),
        p_touch=float(touch),
        quantiles=FrozenDict(zip(LEVELS, levels, strict=True)),
        n=n,
        periods=asked.periods,
        error=float(np.sqrt(final * (1.0 - final) / count)),
        note="; ".join([*notes, led] if led else notes),
    )


def _bounded(future: Floats, asked: Question) -> Floats:
    """Paths whose every step starts from a value inside the limits and ends inside them."""
    if future.min() >= asked.low and future.max() <= asked.high:
        return future
    last = float(asked.history[-1])
    steps = np.diff(future, axis=1, prepend=last)
    value = np.full(len(future), last)
    out = np.empty_like(future)
    for k in range(future.shape[1]):
        out[:, k] = value = np.clip(value + steps[:, k], asked.low, asked.high)
    return out
