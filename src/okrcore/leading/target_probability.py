"""Compute the probability that a series reaches a goal, at the due date and on the way (S10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.measures import Band
from okrcore.errors import DefinitionError
from okrcore.frozen import FrozenDict
from okrcore.leading.leaders import Leader
from okrcore.leading.paths_by_kind import SamplePaths, simulate
from okrcore.leading.periods_ahead import LEAST_PATHS, Direction, Goal, Question
from okrcore.leading.weeks_ahead import Forecast
from okrcore.statistics.distributions import Bools, Floats

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
ENOUGH_HISTORY = 13


@overload
def forecast(
    series: ArrayLike,
    *,
    goal: Goal,
    periods: int,
    start: float | None = ...,
    seed: int = ...,
    paths: int | ArrayLike = ...,
    direction: Direction = ...,
    low: float | None = ...,
    high: float | None = ...,
    share: float = ...,
    season: float | None = ...,
    leader: Leader | None = ...,
) -> Forecast: ...
@overload
def forecast(
    series: ArrayLike,
    *,
    goal: Sequence[Goal],
    periods: int,
    start: float | None = ...,
    seed: int = ...,
    paths: int | ArrayLike = ...,
    direction: Direction = ...,
    low: float | None = ...,
    high: float | None = ...,
    share: float = ...,
    season: float | None = ...,
    leader: Leader | None = ...,
) -> tuple[Forecast, ...]: ...
def forecast(
    series: ArrayLike,
    *,
    goal: Goal | Sequence[Goal],
    periods: int,
    start: float | None = None,
    seed: int = 0,
    paths: int | ArrayLike = 2000,
    direction: Direction = None,
    low: float | None = None,
    high: float | None = None,
    share: float = 1.0,
    season: float | None = None,
    leader: Leader | None = None,
) -> Forecast | tuple[Forecast, ...]:
    """Return the probability that `series` reaches `goal` within the `periods` (>= 1) after its end.

    `series` holds one value per period of one grid, NaN where there is none: a gap is never 0, and periods
    unknown at the end are forecast too. `goal` is a value, a Target, or a Band; of a Band `share` is the part
    of the periods ahead that must lie inside. Several goals give a tuple of forecasts from the same paths.
    Whether the goal lies above or below: `direction`, else goal against `start`, else goal against the last
    value, or the limit that it is. `low` and `high` are values that cannot be passed (a percent: 0 and 100).

    The kind of the series is seen first, and `Forecast.kind` names it: sums to date are forecast by what each
    period adds, counts as whole numbers, what sits at a limit or never moved as that, all else by a pool of
    five models. `season` is the length of a season in periods (12 months), used where two full ones show it;
    None: 12, 52.18, 7 and 4 are looked for; 1: none. `paths` is how many futures are simulated, or an array
    (paths, periods) of futures of your own, which are then taken as they are. A `leader` is used only where
    it made forecasts of the series' own past better. `Forecast.note` says what was used and what is not
    known.

    Raises HistoryError for fewer than 8 known periods or a value outside `low` and `high`, DefinitionError
    for a Checklist (tick items off; nothing to extrapolate) and for a goal whose side is unknown.
    Deterministic in `seed`. About 8 ms at 2,000 paths; `forecast_many` takes less for each, a leader about 50
    ms more.

    >>> calls = 50 + np.tile([2.0, -1.5, 0.5, 1.0, -3.0], 6) + np.linspace(0, 6, 30)
    >>> ahead = forecast(calls, goal=58, periods=13)
    >>> 0 < ahead.p_final <= ahead.p_touch < 1, ahead.kind, len(ahead.fan[0.5])
    (True, 'level', 13)
    >>> forecast([100.0] * 40, goal=100, periods=6, high=100).p_final > 0.95
    True
    >>> [round(one.p_final, 2) for one in forecast([1.0], goal=[2, 3], periods=1, paths=[[1], [2], [3], [4]])]
    [0.7, 0.5]
    """
    goals = list(goal) if isinstance(goal, Sequence | np.ndarray) else [goal]
    shares = [_checked_share(one, share) for one in goals]
    count, given = (paths, None) if isinstance(paths, int) else (LEAST_PATHS, paths)
    if not goals:
        return ()
    first = Question.of(
        series, goals[0], periods=periods, start=start, direction=direction, low=low, high=high,
        share=share, season=season, leader=leader, given=given,
    )  # fmt: skip
    others = [
        first.asking(one, start=start, direction=direction, share=part)
        for one, part in zip(goals[1:], shares[1:], strict=True)
    ]
    found = tuple(one.forecast for one in answers([first, *others], seed=seed, paths=count))
    return found if isinstance(goal, Sequence | np.ndarray) else found[0]


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
    seasons: Sequence[float | None] | None = None,
) -> tuple[Forecast, ...]:
    """Forecast many series at once, each as `forecast` would alone; series may differ in length.

    >>> two = forecast_many([np.arange(20.0), np.arange(30.0)], goals=[25, 25], periods=4)
    >>> [one.n for one in two]
    [20, 30]
    """
    count = len(series)
    columns = zip(
        series, goals, starts or [None] * count, directions or [None] * count, lows or [None] * count,
        highs or [None] * count, shares or [1.0] * count, seasons or [None] * count, strict=True,
    )  # fmt: skip
    questions = [
        Question.of(
            values, goal, periods=periods, start=start, direction=direction, low=low, high=high,
            share=_checked_share(goal, share), season=season, name=f"series {i}" if count > 1 else "series",
        )
        for i, (values, goal, start, direction, low, high, share, season) in enumerate(columns)
    ]  # fmt: skip
    return tuple(one.forecast for one in answers(questions, seed=seed, paths=paths))


@attrs.frozen(kw_only=True, eq=False)
class Answer:
    """A forecast and what is behind it: `held` (paths, periods) is compared with the goal, `good` where it is
    met.

    `shares` (paths,) is the part of the planned periods that keep a band, None where the last value decides.
    """

    forecast: Forecast
    held: Floats
    good: Bools
    shares: Floats | None = None


def answers(questions: Sequence[Question], *, seed: int = 0, paths: int = 2000) -> tuple[Answer, ...]:
    """Answer many questions, those of one shape together; each as it would be alone, to the last bit."""
    if paths < LEAST_PATHS:
        raise DefinitionError(f"paths {paths} must be at least {LEAST_PATHS}")
    found: dict[int, Answer] = {}
    on: dict[int, list[int]] = {}
    for i, one in enumerate(questions):
        if one.given is not None:
            found[i] = _answer(one, SamplePaths(paths=one.given, kind="given"))
        else:
            on.setdefault(id(one.observed), []).append(i)
    members = list(on.values())
    asked = [questions[some[0]].observed for some in members]
    for place, drawn in simulate(asked, seed=seed, paths=paths):
        found |= {i: _answer(questions[i], drawn) for i in members[place]}
    return tuple(found[i] for i in range(len(questions)))


def _checked_share(goal: Goal, share: float) -> float:
    if isinstance(goal, Band) and not 0 < share <= 1:
        raise DefinitionError(f"share {share!r} must lie above 0 and not above 1")
    return share


def _answer(asked: Question, drawn: SamplePaths) -> Answer:
    held = asked.held(drawn)
    good = asked.good(held)
    share = good.mean(axis=1)
    met = good[:, -1] if asked.share is None else share >= asked.share - 1e-12
    count = len(held)
    final, touch = ((hits.sum() + 0.5) / (count + 1.0) for hits in (met, good.any(axis=1)))
    levels = np.quantile(held, LEVELS, axis=0, method="inverted_cdf")
    forecast = Forecast(
        p_final=float(final),
        p_touch=float(touch),
        quantiles=FrozenDict(zip(LEVELS, levels[:, -1].tolist(), strict=True)),
        fan=FrozenDict(zip(LEVELS, map(tuple, levels.tolist()), strict=True)),
        n=len(asked.observed.history),
        periods=asked.periods,
        error=float(np.sqrt(final * (1.0 - final) / count)),
        kind=drawn.kind,
        ends=asked.ends,
        note="; ".join([*_what_is_not_known(asked), *drawn.notes]),
    )
    kept = asked.kept.at_the_end(share) if asked.kept else None
    return Answer(forecast=forecast, held=held, good=good, shares=kept)


def _what_is_not_known(asked: Question) -> list[str]:
    history = asked.observed.history
    n, missing, notes = len(history), int(np.isnan(history).sum()), []
    if asked.given is not None:
        return ["the paths are the caller's own"]
    if n < ENOUGH_HISTORY:
        notes.append(f"only {n} periods of history: too little to beat a base rate")
    if missing:
        notes.append(f"{missing} missing periods were filled in")
    if asked.silent:
        notes.append(f"the last {asked.silent} periods are unknown and were forecast too")
    return notes
