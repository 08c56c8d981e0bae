"""Seek the events of a series: shifts, turns, windows and calendar effects that its own past cannot announce.

After Chen & Liu (1993) on level shifts and outliers, Castle, Doornik & Hendry (2012) on indicator saturation,
and the calendar regressors of X-13 (Findley et al. 1998). Thresholds are t-ratios that white noise and random
walks pass in one or two series of a hundred.
"""

from __future__ import annotations

import math
from functools import lru_cache

import attrs
import numpy as np

from okrcore.statistics.distributions import Bools, Floats, Ints

MOST = 8
SHIFT, TURN, PULSE, WINDOW, PHASE, WAVE, CALENDAR = 4.6, 5.2, 6.0, 6.0, 4.2, 3.6, 2.6
WIDTHS = (2, 4, 8, 13)
ROWS = 256
"""Series that are searched together, so that their candidates stay in memory."""


@attrs.frozen(kw_only=True, eq=False)
class Events:
    """What may have happened to a series: `season` in periods, `calendar` (n, c) known of each period.

    Level shifts, turns and single windows may happen to every series; of a season its phases too.
    """

    season: float | None = None
    calendar: Floats | None = None

    def candidates(self, start: int, stop: int, lead: int) -> tuple[Floats, Floats]:
        """Return columns (c, stop - start) that may explain periods start..stop, and their thresholds (c,).

        The first `lead` periods are given to the own past: nothing is sought there.
        """
        columns, limits = _dictionary(stop - start, start, self.season, lead)
        if self.calendar is None or not self.calendar.size:
            return columns, limits
        known = self.calendar[start:stop].T
        known = known - known.mean(axis=1, keepdims=True)
        spread = known.std(axis=1)
        known = known[spread > 0] / spread[spread > 0, None]
        return np.vstack([columns, known]), np.r_[limits, np.full(len(known), CALENDAR)]


@lru_cache(maxsize=64)
def _dictionary(n: int, offset: int, season: float | None, lead: int) -> tuple[Floats, Floats]:
    """Every shift, turn, window and phase of n periods; about 150 of a kind, however many the periods."""
    t, step = np.arange(n), max(1, n // 150)
    blocks: list[tuple[Floats, float]] = []

    def add(columns: Floats | Bools, limit: float) -> None:
        blocks.append((np.asarray(columns, float), limit))

    add(t >= np.arange(lead + 4, n - 3, step)[:, None], SHIFT)
    if n >= 30:
        add(np.maximum(t - np.arange(lead + 8, n - 8, max(2, n // 75))[:, None], 0) / n, TURN)
    for width in (1, *WIDTHS):
        if n >= 6 * width:
            begin = np.arange(lead, n - width + 1, max(step, width // 4))[:, None]
            add((t >= begin) & (t < begin + width), PULSE if width == 1 else WINDOW)
    if season and season - 1 <= n < 2 * season:
        angle = 2.0 * np.pi * np.array([[1.0], [2.0]]) * t / season
        add(np.vstack([np.sin(angle), np.cos(angle)]), WAVE)
    if season and season > 7 and n >= 2 * season - 1:
        length = math.ceil(season - 1e-9)
        phase = np.floor(np.mod(t + offset + 1e-6, season)).astype(int)
        for width in (1, 2) if length <= 13 else (1, 2, 3, 5):
            add((phase - np.arange(length)[:, None]) % length < width, PHASE)
    columns = np.vstack([block for block, _ in blocks])
    limits = np.concatenate([np.full(len(block), limit) for block, limit in blocks])
    columns.flags.writeable = limits.flags.writeable = False
    return columns, limits


def nested_rss(target: Floats, regressors: Floats) -> Floats:
    """Return (B, k + 1): residual sums of squares of `target` (B, m) on 0..k `regressors` (B, k, m)."""
    total = (target * target).sum(axis=1)[:, None]
    if not regressors.shape[1]:
        return np.asarray(total)
    _, weights = _factor(target, regressors)
    drops = np.cumsum(weights * weights, axis=1)
    return np.hstack([total, np.maximum(total - drops, 1e-12 * total)])


def _factor(target: Floats, regressors: Floats) -> tuple[Floats, Floats]:
    """Cholesky factor of the normal equations, and the target along each orthogonalised regressor.

    The ridge only matters where a series is perfectly smooth.
    """
    count = regressors.shape[1]
    gram = regressors @ regressors.transpose(0, 2, 1)
    ridge = 1e-10 * np.trace(gram, axis1=1, axis2=2)[:, None, None] / count + 1e-300
    low = np.linalg.cholesky(gram + ridge * np.eye(count))
    return low, np.asarray(np.linalg.solve(low, (regressors @ target[..., None]))[..., 0])


def residual(target: Floats, regressors: Floats) -> Floats:
    """Return what `regressors` (B, k, m) leave of `target` (B, m)."""
    if not regressors.shape[1]:
        return target
    low, weights = _factor(target, regressors)
    return np.asarray(target - (weights[:, None] @ np.linalg.solve(low, regressors))[:, 0])


def bic(rss: Floats, m: int, parameters: Ints) -> Floats:
    """Return m ln(RSS / m) + k ln m, elementwise."""
    return np.asarray(m * np.log(rss / m + 1e-300) + parameters * np.log(m))


def seek(target: Floats, lagged: Floats, candidates: Floats, limits: Floats, fixed: int) -> tuple[Ints, Ints]:
    """Return which candidates each series takes, (B, MOST) with -1 for none, and its order (B,) beside them.

    `target` (B, m), own lags `lagged` (B, p, m) and `candidates` (c, m) are orthogonal to the `fixed`
    columns. One is taken at a time, where BIC falls by more than its threshold squared less ln m. It is
    sought beside the own lags and without them: a level shift otherwise hides as persistence. The order is
    chosen anew each time.
    """
    batch = len(target)
    chosen = np.full((batch, MOST), -1)
    order = np.zeros(batch, np.int64)
    for start in range(0, batch, ROWS):
        rows = slice(start, start + ROWS)
        chosen[rows], order[rows] = _seek(target[rows], lagged[rows], candidates, limits, fixed)
    return chosen, order


def _seek(
    target: Floats, lagged: Floats, candidates: Floats, limits: Floats, fixed: int
) -> tuple[Ints, Ints]:
    batch, m = target.shape
    highest = lagged.shape[1]
    chosen = np.full((batch, MOST), -1)
    norms = (candidates * candidates).sum(axis=1)

    def orders(rows: Ints, k: int) -> tuple[Ints, Floats]:
        """The best order beside the first k chosen of each row, and its BIC."""
        rss = nested_rss(target[rows], np.concatenate([candidates[chosen[rows, :k]], lagged[rows]], axis=1))
        score = bic(rss[:, k:], m, fixed + k + 1 + np.arange(highest + 1))
        return score.argmin(axis=1), score.min(axis=1)

    active = np.arange(batch)
    order, score = orders(active, 0)
    for k in range(MOST if len(candidates) else 0):
        beside = np.zeros(len(active), np.int64)
        for p in np.unique(order[active]).tolist():
            at = order[active] == p
            own = np.concatenate([candidates[chosen[active[at], :k]], lagged[active[at], :p]], axis=1)
            beside[at] = _strongest(target[active[at]], own, candidates, norms, limits, m - fixed - k - p)
        alone = _strongest(
            target[active], candidates[chosen[active, :k]], candidates, norms, limits, m - fixed - k
        )
        best = np.full(len(active), -np.inf)
        taken, new_order, new_score = beside, order[active], score[active]
        for one in (beside, alone):
            chosen[active, k] = one
            found, after = orders(active, k + 1)
            gain = score[active] - after - (limits[one] ** 2 - np.log(m))
            more = gain > best
            best = np.where(more, gain, best)
            taken = np.where(more, one, taken)
            new_order, new_score = np.where(more, found, new_order), np.where(more, after, new_score)
        kept = (best > 0) & (m - fixed - k - order[active] > 12)
        chosen[active, k] = np.where(kept, taken, -1)
        order[active[kept]], score[active[kept]] = new_order[kept], new_score[kept]
        active = active[kept]
        if not active.size:
            break
    return chosen, order


def _strongest(
    target: Floats, own: Floats, candidates: Floats, norms: Floats, limits: Floats, spare: int
) -> Ints:
    """The candidate with the largest t-ratio over its threshold, beside each row's `own` (B, k, m)."""
    left, norm = target, norms[None]
    if own.shape[1]:
        low, weights = _factor(target, own)
        unit = np.linalg.solve(low, own)
        left = target - (weights[:, None] @ unit)[:, 0]
        shadow = (unit.reshape(-1, unit.shape[2]) @ candidates.T).reshape(*unit.shape[:2], -1)
        norm = norms - (shadow * shadow).sum(axis=1)
    good = (norms > 0) & (norm > 0.02 * norms)
    drop = np.where(good, (left @ candidates.T) ** 2 / np.where(good, norm, 1.0), 0.0)
    rss = (left * left).sum(axis=1, keepdims=True)
    square = drop * (spare - 1) / np.maximum(rss - drop, 1e-9 * rss + 1e-300)
    return np.asarray((square / limits**2).argmax(axis=1))
