"""Select the pairs of a KPI and a goal where one may get worse as the other gets better (S13.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import attrs
import numpy as np

from okrcore.conflicts.paths import Floats, Ints
from okrcore.conflicts.sides import Side
from okrcore.definitions.days import to_date
from okrcore.leading.assess import assess_pairs
from okrcore.leading.calendar_grid import PeriodGrid, coarser
from okrcore.leading.link_verdict import PairVerdicts, e_value
from okrcore.leading.measured_series import MeasuredSeries
from okrcore.leading.screening import screen_links
from okrcore.statistics.multiplicity import least_e_value

_PRIOR_SD = 1.0
"""Standard deviation of the slope that an e-value bets on: a harm worth a conflict is no small effect."""
_MARGIN = 8.0
"""Twice for the sign, times what a screen's degrees of freedom may lie off those of the pair alone."""
_TILE = 4_000_000
"""Pairs that are screened together, for the memory they take."""


@attrs.frozen(kw_only=True)
class TradedPair:
    """One pair whose improvement and worsening go together; numbers of raw values."""

    source: str
    goal: Side
    since: dt.date
    effect: float
    interval: tuple[float, float]
    lag: int
    period: str
    e_value: float
    n: int
    df: float


class _Pair(NamedTuple):
    source: MeasuredSeries
    target: MeasuredSeries
    goal: Side
    sign: int
    """Of the source, where more is better."""
    bound: float
    """The e-value is at most this."""


def judged_pairs(
    better: Mapping[str, int],
    goals: Sequence[Side],
    signals: Mapping[str, MeasuredSeries],
    q: float,
    season: bool,
) -> tuple[list[TradedPair], int]:
    """Return the pairs that could pass at `q`, each judged on its own span, and how many were screened.

    One screen bounds the e-value of every pair that has both series; what would fail with its bound fails
    with its e-value too, for a smaller e-value never helps another pair.
    """
    screened = 0
    possible: list[_Pair] = []
    left = [signals[name] for name in sorted(better) if name in signals]
    right = [(signals[side.id], side) for side in goals if side.id in signals]
    step = max(1, _TILE // max(len(right), 1))
    for grid in sorted({one.grid for one in (*left, *(signal for signal, _ in right))}, key=_size):
        xs = [one for one in left if coarser(one.grid, grid) == grid]
        ys = [one for one in right if coarser(one[0].grid, grid) == grid]
        for start in range(0, len(xs) if ys else 0, step):
            tile = xs[start : start + step]
            asked, bounds = _bounded(grid, tile, [signal for signal, _ in ys], season)
            screened += int(asked.sum())
            rows, columns = np.nonzero(asked & (bounds >= 1.0 / q))
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
                x, (y, side) = tile[i], ys[j]
                possible.append(_Pair(x, y, side, better[x.id], float(bounds[i, j])))
    least = least_e_value([pair.bound for pair in possible], screened, q)
    return [_judged(pair, season) for pair in possible if pair.bound >= least], screened


def _bounded(
    grid: PeriodGrid, xs: Sequence[MeasuredSeries], ys: Sequence[MeasuredSeries], season: bool
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], Floats]:
    """Which pairs belong on this grid, and an upper bound of their e-values."""
    edges = grid.edges(min(int(one.days[0]) for one in (*xs, *ys)), xs[0].last)
    found = screen_links(
        np.array([one.on(edges) for one in xs]),
        np.array([one.on(edges) for one in ys]),
        lags=grid.lags(None),
        season=grid.season if season else None,
    )
    measures = (np.array([one.measure for one in side], dtype=object) for side in (xs, ys))
    native = (np.array([one.grid == grid for one in side]) for side in (xs, ys))
    apart = np.not_equal.outer(*measures).astype(bool) & np.logical_or.outer(*native)
    bound = np.where(found.enough, _MARGIN * e_value(found.effect, found.df, 0, _PRIOR_SD), 0.0)
    return apart, bound


def _size(grid: PeriodGrid) -> tuple[float, str]:
    return grid.length, grid.unit


def _judged(pair: _Pair, season: bool) -> TradedPair:
    """The e-value for "the better the source, the worse the goal", on the pair's own span."""
    x, y, side, sign, _ = pair
    grid = coarser(x.grid, y.grid)
    edges = grid.edges(min(int(x.days[0]), int(y.days[0])), x.last)
    a, b = x.on(edges), y.on(edges)
    harm = -sign * side.better
    lags = grid.lags(None)
    found = assess_pairs(a, b, lags=lags, sign=harm, season=grid.season if season else None)
    common = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    return TradedPair(
        source=x.id,
        goal=side,
        since=to_date(int(edges[common[0]])) if len(common) else to_date(x.last),
        effect=float(found.effect[0]),
        interval=(float(found.low[0]), float(found.high[0])),
        lag=int(found.lag[0]),
        period=grid.period,
        e_value=_e_value(found, np.array(lags), harm),
        n=int(found.n[0]),
        df=float(found.df[0]),
    )


def _e_value(found: PairVerdicts, lags: Ints, sign: int) -> float:
    """Mean over the lags; each lag leaves fewer degrees of freedom than the one before."""
    if not found.enough[0]:
        return 0.0
    df = np.maximum(1.0, found.df[0] + (found.lag[0] - lags) / found.inflation[0])
    return float(e_value(found.correlations[0], df, sign, _PRIOR_SD).mean())
