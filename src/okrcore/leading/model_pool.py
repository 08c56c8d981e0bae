"""Mix simple models into one forecast, each weighed by how it did on the series' own past (S10.1).

In the M4 competition pools of simple models won (Makridakis et al. 2020).
"""

from __future__ import annotations

import numpy as np

from okrcore.leading.path_models import (
    PathModel,
    arima011,
    block_bootstrap,
    damped_holt,
    random_walk,
    steady,
)
from okrcore.statistics.distributions import Floats

LEVELS: tuple[PathModel, ...] = (arima011, random_walk, block_bootstrap, damped_holt, steady)
FLOWS: tuple[PathModel, ...] = (arima011, damped_holt, steady)
"""Walks make the sum of what merely scatters far too wide: 13 weeks of counts cover 1.00 with them."""
SHARPEN = 0.9
TRUST = 0.5
LEAST, ORIGINS, TRIAL_PATHS = 20, 4, 60


def pool(
    history: Floats, periods: int, *, seed: int, paths: int, total: bool = False, weigh: bool = True
) -> Floats:
    """Return (B, paths, periods) that may follow `history` (B, n >= 8): a weighted pool of five models.

    Half of the weight is equal, half goes by past errors; 20 periods before the first forecast are needed to
    compare, else (and without `weigh`) all of it is equal. A pool of forecasts that disagree is wider than it
    is wrong (Gneiting & Ranjan 2013): where they were compared, it is pulled a tenth to its median. With
    `total` the periods are to be added up (deals a week, not a level): without walks, judged by their sum,
    and not pulled.

    >>> walks = np.cumsum(np.random.default_rng(0).standard_normal((2, 30)), axis=1)
    >>> pool(walks, 6, seed=0, paths=400).shape
    (2, 400, 6)
    """
    last = history[:, -1:]
    scale = np.abs(np.diff(history, axis=1)).max(axis=1, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    z = (history - last) / scale
    models = FLOWS if total else LEVELS
    compared = weigh and z.shape[1] - periods >= LEAST
    weights = np.full((len(z), len(models)), 1.0 / len(models))
    if compared:
        weights = _weights(z, periods, models, total)
    each = int(np.ceil(paths * (TRUST + (1.0 - TRUST) / len(models)))) + 1
    drawn = [
        model(z, periods, np.random.default_rng([seed, k]), paths=each) for k, model in enumerate(models)
    ]
    places = _places(weights, paths, each)
    out = np.take_along_axis(np.concatenate(drawn, axis=1), places[:, :, None], axis=1)
    if compared and not total:
        middle = np.median(out, axis=1, keepdims=True)
        out = middle + SHARPEN * (out - middle)
    return np.asarray(last[..., None] + scale[..., None] * out)


def crps(draws: Floats, value: Floats | float) -> Floats:
    """Return the continuous ranked probability score of draws (B, m) against values (B,): 0 is best.

    >>> crps(np.array([[1.0, 1.0], [0.0, 2.0]]), 1.0).tolist()
    [0.0, 0.5]
    """
    ordered = np.sort(draws, axis=1)
    m = draws.shape[1]
    weight = (2.0 * np.arange(1, m + 1) - m - 1.0) / m**2
    came = np.reshape(value, (-1, 1))
    return np.asarray(np.abs(ordered - came).mean(axis=1) - (ordered * weight).sum(axis=1))


def _weights(z: Floats, periods: int, models: tuple[PathModel, ...], total: bool) -> Floats:
    """(B, models): half equal, half by 1 / error^2 (Bates & Granger 1969) of forecasts of the past."""
    batch, n = z.shape
    last = n - periods
    width = max(LEAST, min(n // 2, last))
    ends = np.unique(np.linspace(width, last, ORIGINS).astype(int)).tolist()
    past = np.concatenate([z[:, end - width : end] for end in ends])
    came = np.concatenate([z[:, end : end + periods] for end in ends])
    judged = (periods - 1, (periods - 1) // 2)
    if total:
        came = came.cumsum(axis=1)
    error = np.empty((len(models), len(ends), batch))
    for k, model in enumerate(models):
        drawn = model(past, periods, np.random.default_rng([77, k]), paths=TRIAL_PATHS)
        drawn = drawn.cumsum(axis=2) if total else drawn
        missed = np.stack([crps(drawn[:, :, at], came[:, at]) for at in judged])
        error[k] = missed.sum(axis=0).reshape(len(ends), batch)
    mean = error.mean(axis=1).T
    inverse = 1.0 / np.maximum(mean, 1e-9 * mean.max(axis=1, keepdims=True) + 1e-300) ** 2
    return np.asarray((1.0 - TRUST) / len(models) + TRUST * inverse / inverse.sum(axis=1, keepdims=True))


def _places(weights: Floats, paths: int, each: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(B, paths): which of the models' paths, `each` a model and standing one after the other, are taken."""
    edges = weights.cumsum(axis=1) * paths
    path = np.arange(paths)
    model = (path[None, :, None] + 0.5 > edges[:, None, :-1]).sum(axis=2)
    return np.asarray(model * each + path % each)
