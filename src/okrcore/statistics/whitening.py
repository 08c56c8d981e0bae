"""A series into its innovations: what each period brought that the series' own past did not announce.

Two series that merely drift look linked; their innovations do not (Haugh 1976; Box & Jenkins). S9.2.
"""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.statistics.distributions import Bools, Floats, Ints, rank_normal

MAX_ORDER = 6
_FLAT = 1e-8


@attrs.frozen(kw_only=True, eq=False)
class Whitened:
    """Innovation scores of B series on one grid of n periods.

    `scores` (B, n): rank-normal innovations, NaN at the start-up, in gaps and for a series that never
    moved. `level` (B, n): the detrended series itself, NaN in gaps. `order` (B,): own lags used.
    `memory` (B,): share of the detrended variance that the own past explains, 0..1. `fixed`: columns
    removed besides the mean (trend, seasons, controls).
    """

    scores: Floats
    level: Floats
    order: Ints
    memory: Floats
    fixed: int


def whiten(series: Floats, columns: Floats, *, max_order: int = MAX_ORDER) -> Whitened:
    """Return the innovations of each row of `series` (B, n; NaN is a gap), fitted alone.

    Each row is taken from its first to its last known value. `columns` (n, d) are regressed out together
    with own lags 1..p; its first rows may be NaN. The order p (at most `max_order`, n // 8 and
    (n - 6) // 4) is the one with the least BIC on one common sample; the residuals are then taken from the
    longest sample that this order allows. Unit roots are allowed, so nothing is ever differenced
    beforehand. Level, slope and unit of a series cannot matter. Gaps are interpolated for the regressors
    only. Cost: O(B n p^2).

    >>> rng = np.random.default_rng(0)
    >>> walk = np.cumsum(rng.standard_normal((1, 104)), axis=1)
    >>> whiten(walk, trend_columns(104)).order.tolist()
    [1]
    """
    known = ~np.isnan(series)
    batch, n = series.shape
    first = (known.cumsum(axis=1) == 0).sum(axis=1) % max(n, 1)
    last = n - (known[:, ::-1].cumsum(axis=1) == 0).sum(axis=1) % max(n, 1)
    scores, level = np.full((batch, n), np.nan), np.full((batch, n), np.nan)
    order, memory = np.zeros(batch, np.int64), np.zeros(batch)
    for start, stop in sorted({*zip(first.tolist(), last.tolist(), strict=True)}):
        rows = np.flatnonzero((first == start) & (last == stop))
        scores[rows, start:stop], level[rows, start:stop], order[rows], memory[rows] = _whiten_span(
            series[rows, start:stop], columns[start:stop], max_order
        )
    fixed = _basis(columns[~np.isnan(columns).any(axis=1)]).shape[1] - 1
    return Whitened(scores=scores, level=level, order=order, memory=memory, fixed=fixed)


def _whiten_span(series: Floats, columns: Floats, max_order: int) -> tuple[Floats, Floats, Ints, Floats]:
    """Scores, level, order and memory of rows that are known at both ends."""
    z, gaps, moves = _standardised(series)
    n = z.shape[1]
    lead = int(np.isnan(columns).any(axis=1).sum())
    highest = max(0, min(max_order, max(1, n // 8), (n - lead - 6) // 4))
    order = _least_bic(z, columns, highest, max(highest, lead))
    level, residual = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    level[:, lead:] = _regress(z, columns, 0, lead)
    for p in np.unique(order).tolist():
        rows = order == p
        residual[rows, max(p, lead) :] = _regress(z[rows], columns, p, max(p, lead))
    spread = _row_mean(level[:, lead:] ** 2)
    left = np.nansum(residual**2, axis=1) / np.maximum(n - np.maximum(order, lead), 1)
    moves &= left > _FLAT**2
    known = ~gaps & moves[:, None]
    memory = np.where(moves, 1.0 - np.minimum(left / np.maximum(spread, _FLAT**2), 1.0), 0.0)
    return (
        rank_normal(np.where(known, residual, np.nan)),
        np.where(known, level, np.nan),
        order,
        memory,
    )


def trend_columns(n: int, season: tuple[float, int] | None = None) -> Floats:
    """Return (n, d): a constant, a line, and sine and cosine per harmonic of `season` (period, harmonics).

    A season needs two full periods; below that it is left out.
    """
    t = np.arange(n)
    columns = [np.ones(n), np.linspace(-1.0, 1.0, n)]
    if season is not None and n >= 2 * season[0]:
        for k in range(1, season[1] + 1):
            angle = 2.0 * np.pi * k * t / season[0]
            columns += [np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=1)


def control_columns(controls: Floats, longest: int) -> Floats:
    """Return (n, c * (longest + 1)): each control series (c, n) at lags 0..longest, NaN before its start."""
    filled, _, _ = _standardised(controls)
    count, n = filled.shape
    out = np.full((n, count, longest + 1), np.nan)
    for lag in range(min(longest + 1, n)):
        out[lag:, :, lag] = filled[:, : n - lag].T
    return out.reshape(n, -1)


def _standardised(series: Floats) -> tuple[Floats, Bools, Bools]:
    """Rows to mean 0 and sd 1 with gaps interpolated; the gaps; which rows move beyond rounding."""
    z = np.array(series, float, ndmin=2)
    gaps = np.isnan(z)
    t = np.arange(z.shape[1])
    for row in np.flatnonzero(gaps.any(axis=1)).tolist():
        known = ~gaps[row]
        z[row] = np.interp(t, t[known], z[row, known]) if known.any() else 0.0
    size = np.abs(z).max(axis=1, keepdims=True, initial=0.0)
    z /= np.where(size > 0, size, 1.0)
    z -= _row_mean(z)[:, None]
    spread = np.sqrt(_row_mean(z * z))[:, None]
    z /= np.where(spread > 0, spread, 1.0)
    return z, gaps, spread[:, 0] > 1e-12


def _row_mean(rows: Floats) -> Floats:
    return np.asarray(rows.sum(axis=1) / max(rows.shape[1], 1))


def _basis(columns: Floats) -> Floats:
    """Orthonormal columns spanning `columns`; what is collinear is dropped."""
    if not len(columns):
        return np.zeros((0, 1))
    left, singular, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left[:, singular > 1e-9 * singular[0]])


def _projected(z: Floats, columns: Floats, p: int, start: int) -> tuple[Floats, Floats, int]:
    """The target (B, m) and own lags (B, p, m) from `start` on, both orthogonal to the fixed columns."""
    n = z.shape[1]
    basis = _basis(columns[start:])

    def project(rows: Floats) -> Floats:
        return np.asarray(rows - (rows @ basis) @ basis.T)

    lagged = [project(z[:, start - j : n - j]) for j in range(1, p + 1)]
    shape = (z.shape[0], 0, n - start)
    return project(z[:, start:]), np.stack(lagged, axis=1) if p else np.zeros(shape), basis.shape[1]


def _solve(gram: Floats, cross: Floats) -> Floats:
    """Normal equations (B, p, p), (B, p) with a ridge that only matters when a series is perfectly smooth."""
    p = cross.shape[1]
    ridge = 1e-10 * np.trace(gram, axis1=1, axis2=2)[:, None, None] / p + 1e-300
    return np.asarray(np.linalg.solve(gram + ridge * np.eye(p), cross[..., None])[..., 0])


def _regress(z: Floats, columns: Floats, p: int, start: int) -> Floats:
    target, lagged, _ = _projected(z, columns, p, start)
    if not p:
        return target
    gram = lagged @ lagged.transpose(0, 2, 1)
    weights = _solve(gram, (lagged @ target[..., None])[..., 0])
    return np.asarray(target - (weights[:, None, :] @ lagged)[:, 0])


def _least_bic(z: Floats, columns: Floats, highest: int, start: int) -> Ints:
    """Order 0..highest per row with the least m ln(RSS / m) + k ln m on the sample from `start` on."""
    batch, n = z.shape
    order = np.zeros(batch, np.int64)
    m = n - start
    if not highest or m < 2:
        return order
    target, lagged, fixed = _projected(z, columns, highest, start)
    gram = lagged @ lagged.transpose(0, 2, 1)
    cross = (lagged @ target[..., None])[..., 0]
    total = (target * target).sum(axis=1)
    best = np.full(batch, np.inf)
    for p in range(highest + 1):
        rss = total
        if p:
            weights = _solve(gram[:, :p, :p], cross[:, :p])
            rss = ((target - (weights[:, None, :] @ lagged[:, :p])[:, 0]) ** 2).sum(axis=1)
        score = m * np.log(rss / m + 1e-300) + (fixed + p + 1) * np.log(m)
        better = score < best
        best[better], order[better] = score[better], p
    return order
