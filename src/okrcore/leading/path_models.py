"""Histories into simulated futures, by four simple models whose pool beats each of them (S10.1).

History is (B, n) without gaps, futures are (B, paths, periods). All rows share one set of random draws: a
row's answer does not depend on the company it is computed in. In the M4 competition pools of simple models
won (Makridakis et al. 2020).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from okrcore.statistics.distributions import Floats

RANDOM_WALK_SHRINK = 0.15
ARIMA_RIDGE = 0.10
SHARPEN = 0.9
_TINY = 1e-9
PathModel = Callable[..., Floats]
"""Takes history, periods and a generator, and by name the number of paths."""


def mix4(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """Return (B, 4 * (paths // 4), periods): an equal pool of the four models, a tenth nearer its median.

    A pool of forecasts that disagree is wider than it is wrong (Gneiting & Ranjan 2013). On weekly M4
    series with n = 52 the tenth takes the calibration error from .043 to .029, the Brier score from .139 to
    .138; that is all that was fitted. Needs n >= 8. Cost: about 1 ms a row at 2,000 paths.

    >>> rng = np.random.default_rng(0)
    >>> mix4(np.cumsum(rng.standard_normal((2, 30)), axis=1), 6, rng, paths=400).shape
    (2, 400, 6)
    """
    last = history[:, -1:]
    scale = np.abs(np.diff(history, axis=1)).max(axis=1, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    z = (history - last) / scale
    each = max(1, paths // 4)
    models = (arima011, random_walk, block_bootstrap, damped_holt)
    pool = np.concatenate([model(z, periods, rng, paths=each) for model in models], axis=1)
    middle = np.median(pool, axis=1, keepdims=True)
    return np.asarray(last[..., None] + scale[..., None] * (middle + SHARPEN * (pool - middle)))


def flow3(history: Floats, periods: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """Return (B, paths, periods) for values that are added up: deals a week, not a level.

    An equal pool of `arima011`, `damped_holt` and a steady mean. Random walks make the sum of what merely
    scatters far too wide: of 13 weeks of counts after 52 the CRPS is .16 instead of .30 of mix4, the 80 %
    interval covers .95 instead of 1.00; of random walks and M4 series both do alike (1 % apart).

    >>> deals = np.random.default_rng(0).poisson(5, (1, 52)).astype(float)
    >>> total = flow3(deals, 13, np.random.default_rng(0), paths=600).sum(axis=2)
    >>> bool(50 < np.quantile(total, 0.5) < 80)
    True
    """
    last = history[:, -1:]
    scale = np.abs(np.diff(history, axis=1)).max(axis=1, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    z = (history - last) / scale
    models = (steady, arima011, damped_holt)
    pool = [model(z, periods, rng, paths=-(-paths // len(models))) for model in models]
    return np.asarray(last[..., None] + scale[..., None] * np.concatenate(pool, axis=1)[:, :paths])


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


def random_walk(
    history: Floats,
    periods: int,
    rng: np.random.Generator,
    *,
    paths: int,
    shrink: float | None = RANDOM_WALK_SHRINK,
) -> Floats:
    """A random walk whose mean drift is shrunk by w = shrink^2 / (shrink^2 + 1 / m), m increments.

    Innovations and drift error are Student t with m - 1 degrees of freedom. `shrink` None: w = 1.
    """
    step = np.diff(history, axis=1)
    m = step.shape[1]
    sd = step.std(axis=1, ddof=1) + _TINY
    weight = 1.0 if shrink is None else shrink**2 / (shrink**2 + 1.0 / m)
    innovations = sd[:, None, None] * rng.standard_t(m - 1, (1, paths, periods))
    error = (sd * np.sqrt(weight / m))[:, None] * rng.standard_t(m - 1, (1, paths))
    drift = (step.mean(axis=1) * weight)[:, None] + error
    return _integrated(history[:, -1], drift, np.ones(len(step)), innovations)


def block_bootstrap(
    history: Floats, periods: int, rng: np.random.Generator, *, paths: int, block: int = 4
) -> Floats:
    """Increments drawn in blocks around their mean, with a normal error of that mean."""
    step = np.diff(history, axis=1)
    sd = step.std(axis=1, ddof=1) + _TINY
    error = (sd / np.sqrt(step.shape[1]))[:, None] * rng.standard_normal((1, paths))
    innovations = _resampled(step, paths, periods, block, rng)
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
