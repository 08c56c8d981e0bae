"""Even the scale of innovations where it jumps, drifts or follows the season beyond doubt."""

from __future__ import annotations

import numpy as np

from okrcore.statistics.distributions import Floats

JUMP, DRIFT = 4.0, 3.1
ENDS = 6
"""A jump of the scale needs so many periods on either side."""


def evened(rows: Floats, basis: Floats) -> Floats:
    """Return `rows` (B, n) divided by their scale where log |row| shows a jump, or follows `basis` (n, d).

    `basis` is orthonormal and orthogonal to a constant: a line, the season. A jump must have a t-ratio above
    4, the basis an F beyond a normal deviate of 3.1. Fewer than 24 periods are left as they are.

    >>> rng = np.random.default_rng(0)
    >>> rough = rng.standard_normal((1, 80)) * np.where(np.arange(80) < 40, 1.0, 9.0)
    >>> calm = evened(rough, np.zeros((80, 0)))
    >>> bool(0.5 < calm[0, 40:].std() / calm[0, :40].std() < 2)
    True
    """
    n = rows.shape[1]
    if n < 24:
        return rows
    rms = np.sqrt((rows * rows).mean(axis=1, keepdims=True))
    size = np.log(np.abs(rows) + 1e-3 * rms + 1e-300)
    size = np.maximum(size, np.median(size, axis=1, keepdims=True) - 3.0)
    rows, size = _without_jump(rows, size)
    return _without_drift(rows, size, basis)


def _without_jump(rows: Floats, size: Floats) -> tuple[Floats, Floats]:
    n = rows.shape[1]
    at = np.arange(ENDS, n - ENDS + 1)
    apart = size - size.mean(axis=1, keepdims=True)
    gap = np.cumsum(apart, axis=1)[:, at - 1] / np.sqrt(at * (n - at) / n)
    best = np.abs(gap).argmax(axis=1)
    square = np.take_along_axis(gap, best[:, None], axis=1)[:, 0] ** 2
    t_ratio = np.sqrt(square * (n - 2) / np.maximum((apart * apart).sum(axis=1) - square, 1e-300))
    jumps = (t_ratio > JUMP)[:, None]
    after = np.arange(n) >= at[best][:, None]
    rise = _mean(size, after) - _mean(size, ~after)
    shift = np.where(jumps & after, rise[:, None], 0.0)
    return rows * np.exp(-shift), size - shift


def _without_drift(rows: Floats, size: Floats, basis: Floats) -> Floats:
    """Chi-square of the basis by Wilson & Hilferty, positive part only."""
    n, d = basis.shape
    if not d:
        return rows
    weights = size @ basis
    explained = (weights * weights).sum(axis=1)
    total = ((size - size.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    ratio = explained / d / np.maximum((total - explained) / max(n - d - 1, 1), 1e-300)
    deviate = (np.cbrt(ratio) - 1.0 + 2.0 / (9.0 * d)) / np.sqrt(2.0 / (9.0 * d))
    return np.asarray(rows * np.exp(-np.where((deviate > DRIFT)[:, None], weights @ basis.T, 0.0)))


def _mean(rows: Floats, where: Floats) -> Floats:
    return np.asarray((rows * where).sum(axis=1) / np.maximum(where.sum(axis=1), 1))


FAR = 400
"""Powers of 2 from here on are taken out of numbers before they are squared: beyond 1e120, below 1e-120."""


def far_exponent(values: Floats) -> int:
    """Return the power of 2 to take out of `values` so that their squares stay floats; 0 where they do.

    >>> far_exponent(np.array([3.0, np.nan])), far_exponent(np.array([2.0**1000]))
    (0, 1001)
    """
    exponent = int(np.frexp(np.nanmax(np.abs(values), initial=0.0))[1])
    return exponent if abs(exponent) >= FAR else 0


def near_one(values: Floats) -> Floats:
    """Return `values` in a unit in which their squares stay floats, as they are where they do."""
    exponent = far_exponent(values)
    return np.asarray(np.ldexp(values, -exponent)) if exponent else values
