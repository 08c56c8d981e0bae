"""Select the pairs of a KPI and a goal where one may get worse as the other gets better (S13.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import attrs
import numpy as np

from okrcore.conflicts.paths import Floats
from okrcore.conflicts.sides import Side
from okrcore.definitions.days import to_date
from okrcore.leading.assess import assess_pairs
from okrcore.leading.calendar_grid import coarser, grids_of
from okrcore.leading.lag_correlations import e_value
from okrcore.leading.measured_series import MeasuredSeries
from okrcore.leading.paired_series import WhitenedBlock, pair_on, whitened_blocks
from okrcore.leading.screening import every_pair
from okrcore.statistics.distributions import Bools
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
    for grid in grids_of([*left, *(signal for signal, _ in right)]):
        xs = [one for one in left if coarser(one.grid, grid) == grid]
        ys = [one for one in right if coarser(one[0].grid, grid) == grid]
        for start in range(0, len(xs) if ys else 0, step):
            tile = xs[start : start + step]
            for block in whitened_blocks(grid, tile, [signal for signal, _ in ys], season):
                asked, bounds = _bounded(block, grid.lags(None))
                screened += int(asked.sum())
                rows, columns = np.nonzero(asked & (bounds >= 1.0 / q))
                for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
                    x, (y, side) = tile[i], ys[j]
                    possible.append(_Pair(x, y, side, better[x.id], float(bounds[i, j])))
    least = least_e_value([pair.bound for pair in possible], screened, q)
    return [_judged(pair, season) for pair in possible if pair.bound >= least], screened


def _bounded(block: WhitenedBlock, lags: tuple[int, ...]) -> tuple[Bools, Floats]:
    """Which pairs of a block are candidates, and an upper bound of their e-values."""
    found = every_pair(block.x, block.y, lags)
    bound = np.where(found.enough, _MARGIN * e_value(found.effect, found.df, 0, _PRIOR_SD), 0.0)
    return block.asked, bound


def _judged(pair: _Pair, season: bool) -> TradedPair:
    """The e-value for "the better the source, the worse the goal", on the pair's own span."""
    x, y, side, sign, _ = pair
    ends = pair_on(x, y)
    harm = -sign * side.better
    lags = ends.grid.lags(None)
    found = assess_pairs(
        ends.x, ends.y, lags=lags, sign=harm,
        season=ends.season if season else None, calendar=ends.calendar,
    )  # fmt: skip
    common = np.flatnonzero(np.isfinite(ends.x) & np.isfinite(ends.y))
    evidence = e_value(found.correlations[0], found.df[0], harm, _PRIOR_SD).mean()
    return TradedPair(
        source=x.id,
        goal=side,
        since=to_date(int(ends.edges[common[0]])) if len(common) else to_date(x.last),
        effect=float(found.effect[0]),
        interval=(float(found.low[0]), float(found.high[0])),
        lag=int(found.lag[0]),
        period=ends.grid.period,
        e_value=min(float(evidence), float(found.ceiling[0])) if found.enough[0] else 0.0,
        n=int(found.n[0]),
        df=float(found.df[0, lags.index(int(found.lag[0]))]),
    )
