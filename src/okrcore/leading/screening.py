"""Screen all KPIs against all key results for links that survive being one of thousands (S9.5, S9.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.errors import HistoryError
from okrcore.frozen import freeze_fields
from okrcore.leading.arguments import Season, calendar_of, checked_lags, checked_season, finite_values
from okrcore.leading.lag_correlations import e_value
from okrcore.leading.link_verdict import (
    MIN_DF,
    MIN_MOVES,
    MIN_POINTS,
    NEARLY_WHITE,
    PERSISTENT,
    SUPPORTED,
    judge,
    tied_deviates,
)
from okrcore.statistics.distributions import Bools, Floats, Ints, correlation_deviate, normal_tail
from okrcore.statistics.indicators import Events
from okrcore.statistics.inflation import (
    DOUBTFUL,
    autocorrelations,
    independent_lags,
    inflation_from_sums,
    tempered,
)
from okrcore.statistics.multiplicity import benjamini_hochberg, least_e_value, sidak
from okrcore.statistics.whitening import Whitened, trend_columns, whiten

TILE = 256
_WIDER = 1.5
"""Pairs are judged again up to so many times q."""
_TOGETHER = 2048
"""Pairs that are judged again at once."""


@attrs.frozen(kw_only=True, eq=False, field_transformer=freeze_fields)
class Screen:
    """P sources by K targets, asked both ways; every array is (P, K).

    `p` corrected for the lags, not for the pairs. `lag` in periods, `effect` the correlation there (raw
    sign). `supported` the pairs kept by Benjamini-Hochberg at `q`; about that share of them is false. `df`
    degrees of freedom. `enough` False: fewer than 20 common periods, 8 degrees of freedom or 8 moves, never
    supported. `e_value` from the best lag alone, divided by the number of lags: a valid e-value, smaller
    than the one of `assess_link`, for e-Benjamini-Hochberg; at most 1 where the pair could not be kept
    anyway. `holds`: the pair could be kept, and is supported when judged by itself; `notes` says by (row,
    column) why one is not.
    """

    p: Floats
    lag: Ints
    effect: Floats
    supported: Bools
    df: Floats
    enough: Bools
    e_value: Floats
    holds: Bools
    notes: Mapping[tuple[int, int], str]
    lags: tuple[int, ...]
    q: float


def screen_links(
    x: ArrayLike,
    y: ArrayLike,
    *,
    lags: Iterable[int],
    q: float = 0.10,
    season: Season = None,
    calendar: ArrayLike | None = None,
) -> Screen:
    """Screen every row of `x` (P, n) as a leading indicator of every row of `y` (K, n), NaN for gaps.

    The test is that of `assess_link` with sign 0, as matrix products: about 1 us a pair at 12 lags and 104
    periods; rows with gaps cost six products a lag instead of one. What could be kept is judged again with
    all guards. Memory: ten arrays of P x K. A row of `x` that is also in `y` is not told apart: mask its own
    pair. Errors as in `assess_link`.

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
    wanted, cycle = checked_lags(lags), checked_season(season)
    events = Events(season=cycle[0] if cycle else None, calendar=calendar_of(calendar, a.shape[1]))
    columns = trend_columns(a.shape[1], cycle)
    wx, wy = whiten(a, columns, events=events), whiten(b, columns, events=events)
    return screened((a, b), wx, wy, wanted, q, events.season)


def screened(
    values: tuple[Floats, Floats],
    x: Whitened,
    y: Whitened,
    lags: tuple[int, ...],
    q: float,
    season: float | None,
    asked: Bools | None = None,
) -> Screen:
    """Screen whitened series; of the pairs `asked` (P, K), None for all, those that could be kept are judged.

    `values` are the series themselves.
    """
    found = every_pair(x, y, lags)
    enough = found.enough if asked is None else found.enough & asked
    evidence = e_value(found.effect, found.df, 0) / len(lags)
    able = found.p[enough]
    least_e = least_e_value(evidence[enough & (evidence >= 1.0 / q)], len(able), q)
    rows, cols = np.nonzero(enough & ((found.p <= _largest_p(able, _WIDER * q)) | (evidence >= least_e)))
    holds, e_values = np.zeros(enough.shape, bool), np.minimum(evidence, 1.0)
    notes: dict[tuple[int, int], str] = {}
    for start in range(0, len(rows), _TOGETHER):
        i, j = rows[start : start + _TOGETHER], cols[start : start + _TOGETHER]
        judged = judge(x.take(i), y.take(j), (values[0][i], values[1][j]), lags, sign=0, season=season)
        holds[i, j] = judged.verdict == SUPPORTED
        e_values[i, j] = np.minimum(evidence[i, j], judged.e_value)
        named = zip(i.tolist(), j.tolist(), judged.note.tolist(), strict=True)
        notes |= {(row, column): note for row, column, note in named if note}
    supported = holds & (found.p <= q)
    supported[supported] = benjamini_hochberg(found.p[supported], q, tests=max(len(able), 1))[0]
    return Screen(
        p=found.p, lag=found.lag, effect=found.effect, supported=supported, df=found.df, enough=enough,
        e_value=e_values, holds=holds, notes=notes, lags=lags, q=q,
    )  # fmt: skip


def _largest_p(p: Floats, q: float) -> float:
    """The largest p-value that Benjamini-Hochberg keeps at `q`; -1 where it keeps none."""
    small = np.sort(p[p <= q])
    passing = np.flatnonzero(small <= q * np.arange(1, len(small) + 1) / max(len(p), 1))
    return float(small[passing[-1]]) if passing.size else -1.0


@attrs.frozen(kw_only=True, eq=False)
class EveryPair:
    """The strongest lag of every pair, before any guard; arrays (P, K), terms as in `Screen`."""

    p: Floats
    lag: Ints
    effect: Floats
    df: Floats
    enough: Bools


def every_pair(x: Whitened, y: Whitened, lags: tuple[int, ...]) -> EveryPair:
    """Return the strongest lag of every row of `x` with every row of `y`, asked both ways."""
    effect, lag, df, deviate = _best(x, x.scores, x.order, y, lags)
    tests = np.full((len(x.order), 1), float(len(lags)))
    p = sidak(2.0 * normal_tail(deviate), tests)
    rows, cols = np.flatnonzero(x.memory > PERSISTENT), np.flatnonzero(y.memory < NEARLY_WHITE)
    if rows.size and cols.size:
        block, some = np.ix_(rows, cols), x.take(rows)
        own = np.zeros(rows.size, np.int64)
        effect[block], lag[block], df[block], deviate = _best(some, some.level, own, y.take(cols), lags)
        p[block] = sidak(2.0 * normal_tail(deviate), independent_lags(some.level, lags)[:, None])
    common = np.isfinite(x.level).astype(float) @ np.isfinite(y.level).astype(float).T
    enough = (df >= MIN_DF) & (common >= MIN_POINTS)
    enough &= (x.moves >= MIN_MOVES)[:, None] & (y.moves >= MIN_MOVES)
    return EveryPair(p=p, lag=lag, effect=effect, df=df, enough=enough)


def _best(
    x: Whitened, scores: Floats, order: Ints, y: Whitened, lags: tuple[int, ...]
) -> tuple[Floats, Ints, Floats, Floats]:
    """Correlation at the strongest lag, that lag, its degrees of freedom and its deviate, each (P, K).

    Worked in tiles of rows that start alike, small enough to stay in the processor's cache.
    """
    shape = (len(scores), len(y.scores))
    best, df, deviate = (np.zeros(shape) for _ in range(3))
    lag_of = np.zeros(shape, np.int64)
    tiles = _alike(y.scores, y.grain > 0)
    for rows in _alike(scores, x.grain > 0):
        for cols in tiles:
            at = np.ix_(rows, cols)
            used = 2 + max(x.fixed, y.fixed) + np.maximum.outer(order[rows], y.order[cols])
            used = used + np.maximum.outer(x.extra[rows], y.extra[cols])
            tied = bool(x.grain[rows[0]] > 0 and y.grain[cols[0]] > 0)
            work = _best_of_tied if tied else _best_in_tile
            lump = _Lumps(np.multiply.outer(x.skewness[rows], y.skewness[cols]),
                          np.multiply.outer(x.grain[rows], y.grain[cols]))  # fmt: skip
            target = y.uneven if x.grain[rows[0]] > 0 else y.scores
            best[at], lag_of[at], df[at], deviate[at] = work(scores[rows], target[cols], lags, used, lump)
    return best, lag_of, df, deviate


class _Lumps(NamedTuple):
    """Products of skewness and of grain of each pair of a tile."""

    skewness: Floats
    grain: Floats


def _alike(scores: Floats, tied: Bools) -> list[Ints]:
    """Rows of one first known period, with or without gaps and ties, at most `TILE` together."""
    start, gaps = _start(scores)
    _, group = np.unique(np.stack([start, gaps, tied]), axis=1, return_inverse=True)
    group = group.reshape(-1)
    members = [np.flatnonzero(group == one) for one in range(group.max(initial=-1) + 1)]
    return [rows[i : i + TILE] for rows in members for i in range(0, len(rows), TILE)]


def _start(scores: Floats) -> tuple[Ints, Bools]:
    """The first known period of each row, and whether anything is unknown after it."""
    known = np.isfinite(scores)
    start = (known.cumsum(axis=1) == 0).sum(axis=1)
    return start, known.sum(axis=1) != scores.shape[1] - start


def _best_in_tile(
    x: Floats, y: Floats, lags: tuple[int, ...], used: Ints, _: _Lumps
) -> tuple[Floats, Ints, Floats, Floats]:
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
    inflation = _inflation(x, y, lags, tested, overlaps)
    df = np.maximum(1.0, (best_overlap - used) / inflation)
    return np.clip(best, -1.0, 1.0), lag_of, df, np.abs(correlation_deviate(best, df))


def _best_of_tied(
    x: Floats, y: Floats, lags: tuple[int, ...], used: Ints, lump: _Lumps
) -> tuple[Floats, Ints, Floats, Floats]:
    """As `_best_in_tile` where both sides are tied: the strongest by the law of their lumps."""
    found = [_correlations(x, y, lag) for lag in lags]
    r = np.stack([one for one, _ in found])
    overlap = np.stack([np.broadcast_to(count, r.shape[1:]) for _, count in found])
    inflation = _inflation(x, y, lags, (r * r * overlap**2).sum(axis=0), overlap.sum(axis=0))
    df = np.maximum(1.0, (overlap - used) / inflation)
    root = np.sqrt(np.maximum(overlap, 1.0))
    deviates = tied_deviates(correlation_deviate(r, df), lump.skewness / root, 0.5 * lump.grain / root)
    both = np.maximum(*deviates)
    at = both.argmax(axis=0)[None]
    best, spare, deviate = (np.take_along_axis(one, at, axis=0)[0] for one in (r, df, both))
    return np.clip(best, -1.0, 1.0), np.asarray(lags)[at[0]], spare, deviate


def _inflation(x: Floats, y: Floats, lags: tuple[int, ...], tested: Floats, overlaps: Floats) -> Floats:
    shared = 1.0 + 2.0 * autocorrelations(x) @ autocorrelations(y).T
    points = np.minimum(np.isfinite(x).sum(axis=1)[:, None], np.isfinite(y).sum(axis=1)[None])
    inflation = inflation_from_sums(shared, tested, overlaps, points.astype(float))
    rows, cols = np.nonzero(inflation > DOUBTFUL)
    inflation[rows, cols] = tempered(inflation[rows, cols], x[rows], y[cols], lags)
    return inflation


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
