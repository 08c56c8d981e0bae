"""All KPIs by all key results into the links that survive being one of thousands (S9.5, S9.8)."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.errors import HistoryError
from okrcore.frozen import freeze_fields, frozen
from okrcore.leading.arguments import Season, checked_lags, checked_season, finite_values
from okrcore.leading.link_verdict import MIN_DF, MIN_POINTS, NEARLY_WHITE, PERSISTENT, e_value
from okrcore.statistics.distributions import Bools, Floats, Ints, rank_normal, student_tail
from okrcore.statistics.inflation import (
    DOUBTFUL,
    autocorrelations,
    independent_lags,
    inflation_from_sums,
    tempered,
)
from okrcore.statistics.multiplicity import benjamini_hochberg, sidak
from okrcore.statistics.whitening import trend_columns, whiten

TILE = 256


@attrs.frozen(kw_only=True, eq=False, field_transformer=freeze_fields)
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
        return frozen(np.asarray(e_value(self.effect, self.df, 0) / len(self.lags)))


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
    r, lag, df = _best(wx.scores, wy.scores, wanted, wx.order, wy.order, 2 + wx.fixed)
    tests = np.full((len(a), 1), float(len(wanted)))
    p = sidak(_two_sided(r, df), tests)

    rows, cols = np.flatnonzero(wx.memory > PERSISTENT), np.flatnonzero(wy.memory < NEARLY_WHITE)
    if rows.size and cols.size:
        block = np.ix_(rows, cols)
        level = rank_normal(wx.level[rows])
        own = np.zeros(rows.size, np.int64), wy.order[cols]
        r[block], lag[block], df[block] = _best(level, wy.scores[cols], wanted, *own, 2 + wx.fixed)
        p[block] = sidak(_two_sided(r[block], df[block]), independent_lags(level, wanted)[:, None])

    common = np.isfinite(wx.level).astype(float) @ np.isfinite(wy.level).astype(float).T
    enough = (df >= MIN_DF) & (common >= MIN_POINTS)
    kept = enough & (p <= q)
    kept[kept] = benjamini_hochberg(p[kept], q, tests=max(int(enough.sum()), 1))[0]
    return Screen(p=p, lag=lag, effect=r, supported=kept, df=df, enough=enough, lags=wanted, q=q)


def _best(
    x: Floats, y: Floats, lags: tuple[int, ...], x_order: Ints, y_order: Ints, fixed: int
) -> tuple[Floats, Ints, Floats]:
    """Correlation at the strongest lag, that lag and its degrees of freedom, each (P, K).

    Worked in tiles of rows that start alike, small enough to stay in the processor's cache.
    """
    best, df = np.zeros((len(x), len(y))), np.zeros((len(x), len(y)))
    lag_of = np.zeros((len(x), len(y)), np.int64)
    tiles = _alike(y, y_order)
    for rows in _alike(x, x_order):
        a, p = x[rows], int(x_order[rows[0]])
        for cols in tiles:
            at = np.ix_(rows, cols)
            used = fixed + max(p, int(y_order[cols[0]]))
            best[at], lag_of[at], df[at] = _best_in_tile(a, y[cols], lags, used)
    return best, lag_of, df


def _alike(scores: Floats, order: Ints) -> list[Ints]:
    """Rows of one order, first known period and lack or presence of gaps, at most `TILE` together."""
    start, gaps = _start(scores)
    _, group = np.unique(np.stack([order, start, gaps]), axis=1, return_inverse=True)
    group = group.reshape(-1)
    members = [np.flatnonzero(group == one) for one in range(group.max(initial=-1) + 1)]
    return [rows[i : i + TILE] for rows in members for i in range(0, len(rows), TILE)]


def _start(scores: Floats) -> tuple[Ints, Bools]:
    """The first known period of each row, and whether anything is unknown after it."""
    known = np.isfinite(scores)
    start = (known.cumsum(axis=1) == 0).sum(axis=1)
    return start, known.sum(axis=1) != scores.shape[1] - start


def _best_in_tile(x: Floats, y: Floats, lags: tuple[int, ...], used: int) -> tuple[Floats, Ints, Floats]:
    shape = (len(x), len(y))
    strongest = np.full(shape, -1.0)
    best, best_overlap, tested = (np.zeros(shape) for _ in range(3))
    lag_of = np.full(shape, lags[0], np.int64)
    overlaps: Floats = np.zeros(())
    for lag in lags:  # all arrays are (P, K), one cell a pair; each lag overwrites the cells where it is best
        r, overlap = _correlations(x, y, lag)
        square = np.minimum(r * r, 1.0 - 2e-7)
        tested += square * (overlap * overlap)
        overlaps = overlaps + overlap
        # t^2 but for the inflation, which one pair's lags share
        strength = square * np.maximum(overlap - used, 1.0)
        strength /= np.subtract(1.0, square, out=square)
        better = strength > strongest
        np.copyto(strongest, strength, where=better)
        np.copyto(best, r, where=better)
        np.copyto(best_overlap, overlap, where=better)
        np.copyto(lag_of, lag, where=better)
    shared = 1.0 + 2.0 * autocorrelations(x) @ autocorrelations(y).T
    points = np.minimum(np.isfinite(x).sum(axis=1)[:, None], np.isfinite(y).sum(axis=1)[None])
    inflation = inflation_from_sums(shared, tested, overlaps, points.astype(float))
    rows, cols = np.nonzero(inflation > DOUBTFUL)
    inflation[rows, cols] = tempered(inflation[rows, cols], x[rows], y[cols], lags)
    return np.clip(best, -1.0, 1.0), lag_of, np.maximum(1.0, (best_overlap - used) / inflation)


def _correlations(x: Floats, y: Floats, lag: int) -> tuple[Floats, Floats]:
    """corr(x_i[t - lag], y_j[t]) of all pairs, (P, K), and the number of common periods, each or for all.

    Rows of x start alike, so do those of y; those with gaps count their own periods.
    """
    n = x.shape[1]
    (first, gaps), (other, more) = _start(x[:1]), _start(y[:1])
    start = max(int(first[0]), int(other[0]) - lag)
    if start + 3 > n - lag:
        return np.zeros((len(x), len(y))), np.zeros(())
    a, b = x[:, start : n - lag], y[:, start + lag :]
    if gaps[0] or more[0]:
        return _with_gaps(a, b)
    return _unit(a) @ _unit(b).T, np.array(float(n - lag - start))


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
