"""Simulate what may follow a history, by five simple models that `model_pool` mixes (S10.1).

History is (B, n) without gaps, futures are (B, paths, periods). All rows share one set of random draws: a
row's answer does not depend on the company it is computed in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from okrcore.statistics.distributions import Floats

RANDOM_WALK_SHRINK = 0.15
BLOCK = 4
"""So many increments that follow one another are drawn together."""
ARIMA_RIDGE = 0.10
_TINY = 1e-9
PathModel = Callable[..., Floats]
"""Takes history, periods and a generator, and by name the number of paths."""


def steady(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """First-order autoregression around the mean of the history, with a normal error of that mean."""
    n = history.shape[1]
    mean = history.mean(axis=1, keepdims=True)
    past = history - mean
    size = (past[:, :-1] ** 2).sum(axis=1) + _TINY
    keeps = np.clip((past[:, 1:] * past[:, :-1]).sum(axis=1) / size, 0.0, 0.98)
    e = past[:, 1:] - keeps[:, None] * past[:, :-1]
    error = (e.std(axis=1, ddof=2) + _TINY) / (1.0 - keeps) / np.sqrt(n)
    off = error[:, None] * rng.standard_normal((1, paths))
    noise = _resampled(e, paths, periods, 1, rng) * np.sqrt((n - 1) / (n - 3))
    out = np.empty((len(history), paths, periods))
    value = past[:, -1:] - off
    for k in range(periods):
        value = keeps[:, None] * value + noise[:, :, k]
        out[:, :, k] = mean + off + value
    return out


def random_walk(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """A random walk whose mean drift is shrunk by w = s^2 / (s^2 + 1 / m), m increments.

    Innovations and drift error are Student t with m - 1 degrees of freedom.
    """
    step = np.diff(history, axis=1)
    m = step.shape[1]
    sd = step.std(axis=1, ddof=1) + _TINY
    weight = RANDOM_WALK_SHRINK**2 / (RANDOM_WALK_SHRINK**2 + 1.0 / m)
    innovations = sd[:, None, None] * rng.standard_t(m - 1, (1, paths, periods))
    error = (sd * np.sqrt(weight / m))[:, None] * rng.standard_t(m - 1, (1, paths))
    drift = (step.mean(axis=1) * weight)[:, None] + error
    return _integrated(history[:, -1], drift, np.ones(len(step)), innovations)


def block_bootstrap(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """Increments drawn in blocks around their mean, with a normal error of that mean."""
    step = np.diff(history, axis=1)
    sd = step.std(axis=1, ddof=1) + _TINY
    error = (sd / np.sqrt(step.shape[1]))[:, None] * rng.standard_normal((1, paths))
    innovations = _resampled(step, paths, periods, BLOCK, rng)
    return _integrated(history[:, -1], step.mean(axis=1)[:, None] + error, np.ones(len(step)), innovations)


def arima011(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """y_t - y_{t-1} = b + e_t - (1 - a) e_{t-1}: exponential smoothing with a shrunk drift b.

    For each gain a in .1 .. 1: e = u - b v with u_t = d_t + (1 - a) u_{t-1} and v_t = 1 + (1 - a) v_{t-1};
    b is a ridge estimate. The gain with the least m ln(RSS / m) + 2 [a < 1] is kept; residuals are drawn.
    """
    step = np.diff(history, axis=1)
    batch, m = step.shape
    keep = 1.0 - np.arange(1, 11) / 10
    # (gain, series, step): all ten gains at once; v is the same for every series
    u, v = np.empty((10, batch, m)), np.empty((10, m))
    u[:, :, 0], v[:, 0] = step[:, 0], 1.0
    for t in range(1, m):
        u[:, :, t] = step[:, t] + keep[:, None] * u[:, :, t - 1]
        v[:, t] = 1.0 + keep * v[:, t - 1]
    uv, vv = (u * v[:, None]).sum(axis=2), (v * v).sum(axis=1)[:, None]
    rough = u - (uv / vv)[..., None] * v[:, None]
    drift = uv / (vv + 1.0 / ARIMA_RIDGE**2)
    residual = u - drift[..., None] * v[:, None]
    score = m * np.log((residual**2).mean(axis=2) + 1e-300) + np.where(keep > 0.0, 2.0, 0.0)[:, None]
    best, rows = score.argmin(axis=0), np.arange(batch)
    variance = ((rough**2).sum(axis=2) / (m - 2))[best, rows]
    error = np.sqrt(variance / (vv[best, 0] + 1.0 / ARIMA_RIDGE**2))
    e = residual[best, rows]
    shape = _resampled(e, paths, periods, 1, rng) / (e.std(axis=1)[:, None, None] + _TINY)
    return _integrated(
        history[:, -1] - keep[best] * e[:, -1],
        drift[best, rows][:, None] + error[:, None] * rng.standard_normal((1, paths)),
        1.0 - keep[best],
        (np.sqrt(variance) + _TINY)[:, None, None] * shape,
    )


def damped_holt(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """Damped linear trend in error-correction form, its gains by one-step squared error; residuals drawn.

    f = l + phi b; e = y - f; l = f + alpha e; b = phi b + alpha beta e; start l = y_1, b = (y_5 - y_1) / 4.
    """
    batch, n = history.shape
    # (gains, series): every combination of gains at once, the best of each series is kept at the end
    grid = np.array([(a, c, d) for a in (0.2, 0.5, 0.8, 1.0) for c in (0.05, 0.2) for d in (0.8, 0.95)])
    alpha, beta, damp = grid.T[:, :, None]
    level = np.broadcast_to(history[:, 0], (len(grid), batch))
    slope = np.broadcast_to((history[:, 4] - history[:, 0]) / 4, (len(grid), batch))
    errors = np.empty((len(grid), batch, n - 1))
    for t in range(1, n):
        ahead = level + damp * slope
        errors[:, :, t - 1] = e = history[:, t] - ahead
        level, slope = ahead + alpha * e, damp * slope + alpha * beta * e
    best, rows = (errors**2).sum(axis=2).argmin(axis=0), np.arange(batch)
    e = _resampled(errors[best, rows], paths, periods, 1, rng) * np.sqrt((n - 1) / (n - 5))
    alpha, beta, damp = grid[best].T[:, :, None]
    level, slope = level[best, rows][:, None], slope[best, rows][:, None]
    out = np.empty((batch, paths, periods))
    for k in range(periods):
        ahead = level + damp * slope
        out[:, :, k] = level = ahead + e[:, :, k]
        level, slope = ahead + alpha * e[:, :, k], damp * slope + alpha * beta * e[:, :, k]
    return out


def _resampled(residual: Floats, paths: int, periods: int, block: int, rng: np.random.Generator) -> Floats:
    """Centred rows (B, m) drawn in blocks -> (B, paths, periods), the same places for every row."""
    m = residual.shape[1]
    block = min(block, m)
    starts = rng.integers(0, m - block + 1, (paths, -(-periods // block)))
    places = (starts[..., None] + np.arange(block)).reshape(paths, -1)[:, :periods]
    return np.asarray((residual - residual.mean(axis=1, keepdims=True))[:, places])


def _integrated(level: Floats, drift: Floats, gain: Floats, innovations: Floats) -> Floats:
    """y_{T+k} = level + k drift + gain * (sum of earlier innovations) + innovation_k."""
    past = np.cumsum(innovations, axis=2) - innovations
    steps = np.arange(1, innovations.shape[2] + 1)
    return np.asarray(
        level[:, None, None] + drift[..., None] * steps + gain[:, None, None] * past + innovations
    )
