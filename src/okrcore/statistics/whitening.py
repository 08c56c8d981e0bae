"""Whiten a series: keep what each period brought that the series' own past did not announce.

Two series that merely drift look linked; their innovations do not (Haugh 1976; Box & Jenkins). S9.2.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from okrcore.frozen import FrozenDict
from okrcore.statistics.distributions import Bools, Floats, Ints, rank_normal
from okrcore.statistics.indicators import MOST, Events, bic, nested_rss, residual, seek
from okrcore.statistics.scale import evened

MAX_ORDER = 6
TIED = 0.15
"""A series is tied where so large a share of its periods has one and the same value."""
_FLAT = 1e-8


@attrs.frozen(kw_only=True, eq=False)
class Whitened:
    """Innovation scores of B series on one grid of n periods.

    `scores` (B, n): rank-normal innovations, NaN at the start-up, in gaps and for a series that never
    moved; `uneven` (B, n) the same before their scale was evened. `level` (B, n): likewise of the series
    without trend and events, NaN in gaps. `order` (B,): own lags used. `memory` (B,): share of the detrended
    variance that the own past explains, 0..1. `fixed`: columns removed besides the mean (trend, seasons,
    controls). `extra` (B,): events found, their columns (k, n) in `events` by row.

    `moves` (B,): as `ties` counts them. Of a tied series the scores keep its ties: `skewness` (B,)
    and `grain` (B,), the smallest step in standard deviations, are theirs, and 0 for others.
    """

    scores: Floats
    uneven: Floats
    level: Floats
    order: Ints
    memory: Floats
    fixed: int
    extra: Ints
    moves: Ints
    skewness: Floats
    grain: Floats
    events: Mapping[int, Floats] = FrozenDict()

    def take(self, rows: Ints) -> Whitened:
        """Return some series, in that order, without the columns of their events."""
        names = ("scores", "uneven", "level", "order", "memory", "extra", "moves", "skewness", "grain")
        return attrs.evolve(self, events=FrozenDict(), **{name: getattr(self, name)[rows] for name in names})


def whiten(
    series: Floats,
    columns: Floats,
    *,
    max_order: int = MAX_ORDER,
    events: Events | None = None,
) -> Whitened:
    """Return the innovations of each row of `series` (B, n; NaN is a gap), fitted alone.

    Each row is taken from its first to its last known value. `columns` (n, d) are regressed out together
    with own lags 1..p; its first rows may be NaN. The order p (at most `max_order`, n // 8 and
    (n - 6) // 4) is the one with the least BIC on one common sample; the residuals are then taken from the
    longest sample that this order allows. Unit roots are allowed, so nothing is ever differenced
    beforehand. Level, slope and unit of a series cannot matter. Gaps are interpolated for the regressors
    only.

    With `events` also what happened to a series is sought and taken out, and ties are kept: of a series with
    one value in 15 % of its periods the mid-ranks are whitened, and not ranked again, for ranks of what is
    left would turn equal values into a slope. The scale of those without ties is evened. Cost: O(B n p^2);
    with events about 0.2 ms a series of 104 periods.

    >>> rng = np.random.default_rng(0)
    >>> walk = np.cumsum(rng.standard_normal((1, 104)), axis=1)
    >>> whiten(walk, trend_columns(104)).order.tolist()
    [1]
    >>> whiten(walk + 20 * (np.arange(104) > 50), trend_columns(104), events=Events()).extra.tolist()
    [1]
    """
    known = ~np.isnan(series)
    batch, n = series.shape
    first = (known.cumsum(axis=1) == 0).sum(axis=1) % max(n, 1)
    last = n - (known[:, ::-1].cumsum(axis=1) == 0).sum(axis=1) % max(n, 1)
    moves, tied = ties(series)
    out = Whitened(
        scores=np.full((batch, n), np.nan),
        uneven=np.full((batch, n), np.nan),
        level=np.full((batch, n), np.nan),
        order=np.zeros(batch, np.int64),
        memory=np.zeros(batch),
        fixed=_basis(columns[~np.isnan(columns).any(axis=1)]).shape[1] - 1,
        extra=np.zeros(batch, np.int64),
        moves=moves,
        skewness=np.zeros(batch),
        grain=np.zeros(batch),
    )
    found: dict[int, Floats] = {}
    for start, stop in sorted({*zip(first.tolist(), last.tolist(), strict=True)}):
        rows = np.flatnonzero((first == start) & (last == stop))
        kept = tied[rows] & (events is not None)
        values = np.where(kept[:, None], rank_normal(_by_size(series[rows])), series[rows])[:, start:stop]
        part = _whiten_span(values, columns[start:stop], max_order, events, start, kept)
        for name in ("scores", "uneven", "level"):
            getattr(out, name)[rows, start:stop] = getattr(part, name)
        for name in ("order", "memory", "extra", "skewness", "grain"):
            getattr(out, name)[rows] = getattr(part, name)
        for row, taken in part.events.items():
            found[int(rows[row])] = np.zeros((len(taken), n))
            found[int(rows[row])][:, start:stop] = taken
    return attrs.evolve(out, events=FrozenDict(found))


def ties(series: Floats) -> tuple[Ints, Bools]:
    """Return how often each row (B, n) moves, and which rows are tied.

    A move is a value off the most frequent one, and a change from the period before: the fewer of the two
    count. Equal means to nine digits.

    >>> ties(np.array([[0.0, 0.0, 0.0, 4.0, 0.0, 1.0], [1.0, 2.0, 2.0, 2.0, 3.0, 3.0]]))
    (array([2, 2]), array([ True,  True]))
    """
    count = (~np.isnan(series)).sum(axis=1)
    place = np.arange(1, series.shape[1] + 1)
    sized = _by_size(series)
    changes = (np.abs(np.diff(sized, axis=1)) > 1e-9).sum(axis=1)
    ordered = np.sort(sized, axis=1)
    new = np.ones(series.shape, bool)
    new[:, 1:] = ~(np.diff(ordered, axis=1) <= 1e-9)
    run = place + 1 - np.maximum.accumulate(np.where(new, place, 0), axis=1)
    most = np.where(np.isnan(ordered), 0, run).max(axis=1, initial=0)
    return np.minimum(count - most, changes), most >= np.maximum(TIED * count, 3)


def _by_size(rows: Floats) -> Floats:
    size = np.abs(np.nan_to_num(rows)).max(axis=1, initial=0.0)[:, None]
    return np.asarray(rows / np.where(size > 0, size, 1.0))


def _whiten_span(
    series: Floats,
    columns: Floats,
    max_order: int,
    events: Events | None,
    offset: int,
    tied: Bools,
) -> Whitened:
    """Whiten rows that are known at both ends; `offset` is the first period's place on the grid."""
    z, gaps, alive = _standardised(series)
    batch, n = z.shape
    lead = int(np.isnan(columns).any(axis=1).sum())
    highest = max(0, min(max_order, max(1, n // 8), (n - lead - 6) // 4))
    start = max(highest, lead)
    candidates, limits = (
        events.candidates(offset, offset + n, start) if events else (np.zeros((0, n)), np.zeros(0))
    )
    chosen, order = _chosen(z, columns, candidates, limits, highest, start, alive)
    extra = (chosen >= 0).sum(axis=1)
    level, left = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    for k, p in sorted({*zip(extra.tolist(), order.tolist(), strict=True)}):
        rows = np.flatnonzero((extra == k) & (order == p))
        level[rows, lead:] = _regress(z[rows], columns, candidates[chosen[rows, :k]], 0, lead)
        begin = max(p, lead)
        left[rows, begin:] = _regress(z[rows], columns, candidates[chosen[rows, :k]], p, begin)
    spread = _row_mean(level[:, lead:] ** 2)
    size = np.nansum(left**2, axis=1) / np.maximum(n - np.maximum(order, lead), 1)
    moves = alive & (size > _FLAT**2)
    known = ~gaps & moves[:, None]
    uneven, level = np.where(known, left, np.nan), np.where(known, level, np.nan)
    uneven[~tied], level[~tied] = rank_normal(uneven[~tied]), rank_normal(level[~tied])
    scores = uneven.copy()
    for begin in np.unique(np.maximum(order, lead)).tolist() if events else ():
        rows = np.flatnonzero(moves & ~tied & (np.maximum(order, lead) == begin))
        drifts = columns[begin:, :8]
        even = evened(left[rows, begin:], _basis(drifts - _row_mean(drifts.T)))
        changed = (even != left[rows, begin:]).any(axis=1)
        some = rows[changed]
        scores[some, begin:] = rank_normal(np.where(known[some, begin:], even[changed], np.nan))
    skewness, grain = np.zeros(batch), np.zeros(batch)
    for row in np.flatnonzero(tied & moves).tolist():
        values = scores[row][np.isfinite(scores[row])]
        apart = values - values.mean()
        unit = apart.std() + 1e-300
        skewness[row] = (apart**3).mean() / unit**3
        grain[row] = np.diff(np.unique(np.round(z[row][~gaps[row]], 9))).min(initial=np.inf) / unit
    return Whitened(
        scores=scores,
        uneven=uneven,
        level=level,
        order=order,
        memory=np.where(moves, 1.0 - np.minimum(size / np.maximum(spread, _FLAT**2), 1.0), 0.0),
        fixed=0,
        extra=extra,
        moves=extra,
        skewness=skewness,
        grain=np.where(np.isfinite(grain), grain, 0.0),
        events={row: candidates[chosen[row, : extra[row]]] for row in np.flatnonzero(extra).tolist()},
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


def _projected(z: Floats, columns: Floats, p: int, start: int) -> tuple[Floats, Floats, Floats]:
    """The target (B, m) and own lags (B, p, m) from `start` on, orthogonal to a basis (m, d); that basis."""
    batch, n = z.shape
    basis = _basis(columns[start:])
    lagged = [_orthogonal(z[:, start - j : n - j], basis) for j in range(1, p + 1)]
    own = np.stack(lagged, axis=1) if p else np.zeros((batch, 0, n - start))
    return _orthogonal(z[:, start:], basis), own, basis


def _orthogonal(rows: Floats, basis: Floats) -> Floats:
    return np.asarray(rows - (rows @ basis) @ basis.T)


def _regress(z: Floats, columns: Floats, extra: Floats, p: int, start: int) -> Floats:
    """What the columns, each row's `extra` (B, k, n) and p own lags leave from period `start` on."""
    target, lagged, basis = _projected(z, columns, p, start)
    return residual(target, np.concatenate([_orthogonal(extra[:, :, start:], basis), lagged], axis=1))


def _chosen(
    z: Floats, columns: Floats, candidates: Floats, limits: Floats, highest: int, start: int, alive: Bools
) -> tuple[Ints, Ints]:
    """The events of each row, (B, most) with -1 for none, and its order, by BIC from `start` on."""
    batch, n = z.shape
    m = n - start
    none = np.full((batch, 0), -1)
    if m < 2 or not (highest or len(candidates)):
        return none, np.zeros(batch, np.int64)
    target, lagged, basis = _projected(z, columns, highest, start)
    if not len(candidates):
        rss = nested_rss(target, lagged)
        return none, bic(rss, m, basis.shape[1] + 1 + np.arange(highest + 1)).argmin(axis=1)
    rest = _orthogonal(candidates[:, start:], basis)
    seen = (rest * rest).sum(axis=1) > 1e-3 * (candidates[:, start:] ** 2).sum(axis=1)
    rest[~seen] = 0.0
    order = np.zeros(batch, np.int64)
    chosen = np.full((batch, MOST), -1)
    chosen[alive], order[alive] = seek(target[alive], lagged[alive], rest, limits, basis.shape[1])
    return chosen, order
