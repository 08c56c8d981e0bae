"""All KPIs by all key results into the links that survive being one of thousands (S9.5, S9.8)."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.errors import HistoryError
from okrcore.leading.distributions import Bools, Floats, Ints, rank_normal, student_tail
from okrcore.leading.inflation import (
    DOUBTFUL,
    autocorrelations,
    independent_lags,
    inflation_from_sums,
    tempered,
)
from okrcore.leading.inputs import Season, checked_lags, checked_season, finite_values
from okrcore.leading.link_test import MIN_DF, MIN_POINTS, NEARLY_WHITE, PERSISTENT, e_value
from okrcore.leading.multiplicity import benjamini_hochberg, sidak
from okrcore.leading.whitening import trend_columns, whiten

TILE = 256


@attrs.frozen(kw_only=True, eq=False)
class Screen:
    """P sources by K targets, asked both ways; every array is (P, K).

    `p` corrected for the lags, not for the pairs. `lag` in periods, `effect` the correlation there (raw
    sign). `supported` the pairs kept by Benjamini-Hochberg at `q`; about that share of them is false. `df`
    degrees of freedom. `enough` False: fewer than 20 common periods or 8 degrees of freedom, never
    supported. `e_value` from the best lag alone, divided by the number of lags: a valid e-value, smaller
    than the one of `assess_link`, for e-Benjamini-Hochberg.
    """

    p: Floats
    lag: Ints
    effect: Floats
    supported: Bools
    df: Floats
    enough: Bools
    lags: tuple[int, ...]
    q: float

    @property
    def e_value(self) -> Floats:
        """Anytime-valid evidence of either sign, (P, K)."""
        return np.asarray(e_value(self.effect, self.df, 0) / len(self.lags))


def screen_links(
    x: ArrayLike, y: ArrayLike, *, lags: Iterable[int], q: float = 0.10, season: Season = None
) -> Screen:
    """Screen every row of `x` (P, n) as a leading indicator of every row of `y` (K, n), NaN for gaps.

    The test is that of `assess_link` with sign 0, as matrix products: about 1 us a pair at 12 lags and 104
    periods; rows with gaps cost six products a lag instead of one. Memory: ten arrays of P x K.
    A row of `x` that is also in `y` is not told apart: mask its own pair. Errors as in `assess_link`.

    >>> rng = np.random.default_rng(1)
    >>> kpis = rng.standard_normal((3, 104))
    >>> results = np.roll(kpis, 2, axis=1)[:2] + rng.standard_normal((2, 104))
    >>> found = screen_links(kpis, results, lags=range(1, 7))
    >>> found.supported.tolist(), found.lag[0, 0].item()
    ([[True, False], [False, True], [False, False]], 2)
    """
    a, b = np.atleast_2d(finite_values(x, "x")), np.atleast_2d(finite_values(y, "y"))
    if a.shape[1:] != b.shape[1:] or a.ndim != 2:
        raise HistoryError(f"x has shape {a.shape} and y {b.shape}; give (P, n) and (K, n) on one grid")
    wanted = checked_lags(lags)
    columns = trend_columns(a.shape[1], checked_season(season))
    wx, wy = whiten(a, columns), whiten(b, columns)
    used = 2 + wx.fixed + np.maximum(wx.order[:, None], wy.order[None])
    r, lag, df = _best(wx.scores, wy.scores, wanted, used)
    tests = np.full((len(a), 1), float(len(wanted)))
    p = sidak(_two_sided(r, df), tests)

    rows, cols = np.flatnonzero(wx.memory > PERSISTENT), np.flatnonzero(wy.memory < NEARLY_WHITE)
    if rows.size and cols.size:
        block = np.ix_(rows, cols)
        level = rank_normal(wx.level[rows])
        own = np.broadcast_to(2 + wx.fixed + wy.order[None, cols], (rows.size, cols.size))
        r[block], lag[block], df[block] = _best(level, wy.scores[cols], wanted, own)
        p[block] = sidak(_two_sided(r[block], df[block]), independent_lags(level, wanted)[:, None])

    common = np.isfinite(wx.level).astype(float) @ np.isfinite(wy.level).astype(float).T
    enough = (df >= MIN_DF) & (common >= MIN_POINTS)
    kept = enough & (p <= q)
    kept[kept] = benjamini_hochberg(p[kept], q, tests=max(int(enough.sum()), 1))[0]
    return Screen(p=p, lag=lag, effect=r, supported=kept, df=df, enough=enough, lags=wanted, q=q)


def _best(x: Floats, y: Floats, lags: tuple[int, ...], used: Ints) -> tuple[Floats, Ints, Floats]:
    """Correlation at the strongest lag, that lag and its degrees of freedom, each (P, K).

    Worked in tiles that stay in the processor's cache, rows of one start-up side by side.
    """
    best, df = np.zeros((len(x), len(y))), np.zeros((len(x), len(y)))
    lag_of = np.zeros((len(x), len(y)), np.int64)
    by_row, by_col = (np.argsort(np.isnan(side).sum(axis=1), kind="stable") for side in (x, y))
    for i in range(0, len(x), TILE):
        rows = by_row[i : i + TILE]
        for j in range(0, len(y), TILE):
            cols = by_col[j : j + TILE]
            at = np.ix_(rows, cols)
            best[at], lag_of[at], df[at] = _best_in_tile(x[rows], y[cols], lags, used[at])
    return best, lag_of, df


def _best_in_tile(x: Floats, y: Floats, lags: tuple[int, ...], used: Ints) -> tuple[Floats, Ints, Floats]:
    shape = (len(x), len(y))
    strongest = np.full(shape, -1.0)
    best, best_overlap, tested, overlaps = (np.zeros(shape) for _ in range(4))
    lag_of = np.full(shape, lags[0], np.int64)
    for lag in lags:
        r, overlap = _correlations(x, y, lag)
        square = r * r
        # t^2 but for the inflation, which one pair's lags share
        strength = square * np.maximum(overlap - used, 1.0) / (1.0 - np.minimum(square, 1.0 - 2e-7))
        better = strength > strongest
        np.copyto(strongest, strength, where=better)
        np.copyto(best, r, where=better)
        np.copyto(best_overlap, overlap, where=better)
        np.copyto(lag_of, lag, where=better)
        tested += square * overlap * overlap
        overlaps += overlap
    shared = 1.0 + 2.0 * autocorrelations(x) @ autocorrelations(y).T
    points = np.minimum(np.isfinite(x).sum(axis=1)[:, None], np.isfinite(y).sum(axis=1)[None])
    inflation = inflation_from_sums(shared, tested, overlaps, points.astype(float))
    rows, cols = np.nonzero(inflation > DOUBTFUL)
    inflation[rows, cols] = tempered(inflation[rows, cols], x[rows], y[cols], lags)
    return best, lag_of, np.maximum(1.0, (best_overlap - used) / inflation)


def _correlations(x: Floats, y: Floats, lag: int) -> tuple[Floats, Floats]:
    """corr(x_i[t - lag], y_j[t]) of all pairs and the number of common periods, both (P, K)."""
    n = x.shape[1]
    r, overlap = np.zeros((len(x), len(y))), np.zeros((len(x), len(y)))
    if lag >= n:
        return r, overlap
    a, b = x[:, : n - lag], y[:, lag:]
    left, right = _by_start(a), _by_start(b)
    if left is None or right is None:
        return _with_gaps(a, b)
    for start_a, rows in left:
        for start_b, cols in right:
            start = max(start_a, start_b)
            if start + 3 > n - lag:
                continue
            u, v = _unit(a[rows, start:]), _unit(b[cols, start:])
            if len(left) == len(right) == 1:
                return np.clip(u @ v.T, -1.0, 1.0), np.full_like(overlap, n - lag - start)
            block = np.ix_(rows, cols)
            r[block] = np.clip(u @ v.T, -1.0, 1.0)
            overlap[block] = n - lag - start
    return r, overlap


def _by_start(rows: Floats) -> list[tuple[int, Ints]] | None:
    """Rows grouped by their first known period, or None where a row has gaps after it."""
    known = np.isfinite(rows)
    start = np.where(known.any(axis=1), known.argmax(axis=1), rows.shape[1])
    if (known.sum(axis=1) != rows.shape[1] - start).any():
        return None
    return [(int(first), np.flatnonzero(start == first)) for first in np.unique(start)]


def _unit(rows: Floats) -> Floats:
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt((centred * centred).sum(axis=1, keepdims=True))
    return np.asarray(centred / np.where(length > 0, length, 1.0))


def _with_gaps(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    known_a, known_b = np.isfinite(a).astype(float), np.isfinite(b).astype(float).T
    a, b = np.nan_to_num(a), np.nan_to_num(b).T
    count = known_a @ known_b
    safe = np.maximum(count, 1.0)
    sum_a, sum_b = a @ known_b, known_a @ b
    spread_a = (a * a) @ known_b - sum_a**2 / safe
    spread_b = known_a @ (b * b) - sum_b**2 / safe
    scale = np.sqrt(np.maximum(spread_a * spread_b, 0.0))
    usable = (count >= 3) & (scale > 1e-12)
    r = np.where(usable, (a @ b - sum_a * sum_b / safe) / np.where(usable, scale, 1.0), 0.0)
    return np.clip(r, -1.0, 1.0), count


def _two_sided(r: Floats, df: Floats) -> Floats:
    bounded = np.minimum(np.abs(r), 0.9999999)
    return np.asarray(2.0 * student_tail(bounded * np.sqrt(df / (1.0 - bounded**2)), df))
