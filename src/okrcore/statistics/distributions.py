"""Test statistics into tail probabilities: normal, Student t and rank-normal scores in NumPy alone.

The base install has no SciPy. The accuracy needed here is that of a p-value which is read by people and
corrected for many tests: a relative error below 1e-5 for the p-values that decide anything.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NORMAL = NormalDist()


def normal_tail(z: Floats) -> Floats:
    """Return P(Z > z) of a standard normal, any shape, exact to rounding down to 1e-300.

    >>> normal_tail(np.array([0.0, 1.96])).round(4).tolist()
    [0.5, 0.025]
    """
    flat = (np.asarray(z, float) * math.sqrt(0.5)).ravel().tolist()
    return 0.5 * np.fromiter(map(math.erfc, flat), float, len(flat)).reshape(np.shape(z))


def normal_quantile(p: float) -> float:
    """Return z with P(Z <= z) = p for one p strictly between 0 and 1.

    >>> round(normal_quantile(0.975), 4)
    1.96
    """
    return _NORMAL.inv_cdf(p)


def student_deviate(t: Floats, df: Floats) -> Floats:
    """Return the normal deviate with the tail of Student's t, elementwise; `df` >= 1 need not be whole.

    Hill's expansion (1970, algorithm 395). Relative error of the tail: below 1e-5 for df >= 8 and |t| <= 5,
    1e-3 for df >= 3 and |t| <= 5, 0.3 at df = 1 (nothing is decided below 8).

    >>> student_deviate(np.array([2.228, -2.228]), np.array(10.0)).round(3).tolist()
    [1.96, -1.96]
    """
    t, df = np.broadcast_arrays(np.asarray(t, float), np.asarray(df, float))
    a = df - 0.5
    b = 48.0 * a * a
    y = a * np.log1p(t * t / df)
    correction = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b)
    return np.copysign(np.sqrt(y) * (1.0 + (correction + y + 3.0) / b), t)


def student_tail(t: Floats, df: Floats) -> Floats:
    """Return P(T > t) for Student's t, elementwise, as exact as `student_deviate`.

    >>> student_tail(np.array([2.228, -2.228]), np.array(10.0)).round(4).tolist()
    [0.025, 0.975]
    """
    return normal_tail(student_deviate(t, df))


def correlation_deviate(r: Floats, df: Floats) -> Floats:
    """Return the normal deviate of a correlation with `df` degrees of freedom, elementwise, signed as r.

    >>> correlation_deviate(np.array(0.3), np.array(40.0)).round(3).item()
    1.93
    """
    bounded = np.clip(r, -0.9999999, 0.9999999)
    return student_deviate(bounded * np.sqrt(df / (1.0 - bounded**2)), df)


def gamma_deviate(z: Floats, skewness: Floats) -> Floats:
    """Return the normal deviate of a standardised value whose law is a gamma of this skewness, elementwise.

    Wilson & Hilferty (1931). Sums of few rare events are skewed so; of skewness 0 the value is its own
    deviate.

    >>> gamma_deviate(np.array([3.0, 3.0]), np.array([0.0, 1.0])).round(2).tolist()
    [3.0, 2.31]
    """
    z, skewness = np.broadcast_arrays(np.asarray(z, float), np.asarray(skewness, float))
    size = np.abs(skewness)
    q = 2.0 / np.maximum(size, 0.02)
    side = np.sign(skewness)
    root = np.cbrt(np.maximum(1.0 + side * z / q, 1e-12))
    bent = side * 3.0 * q * (root - 1.0 + 1.0 / (9.0 * q * q))
    return np.where(size < 0.02, z, np.clip(bent, -38.0, 38.0))


def rank_normal(values: Floats) -> Floats:
    """Return each row's normal scores Phi^-1((rank - 3/8) / (m + 1/4)); ties share one score, NaN stays.

    `values` (B, n); m counts the known values of a row. Values equal to nine decimals are ties, so that
    rounding in earlier steps cannot order equal values.

    >>> rank_normal(np.array([[3.0, 1.0, np.nan, 3.0]])).round(3).tolist()
    [[0.396, -0.869, nan, 0.396]]
    """
    known = np.isfinite(values)
    keyed = np.where(known, np.round(values, 9), np.inf)
    order = np.argsort(keyed, axis=1, kind="stable")
    ordered = np.take_along_axis(keyed, order, axis=1)
    fresh = np.ones(ordered.shape, bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = np.cumsum(fresh.ravel()) - 1
    position = np.broadcast_to(np.arange(1, values.shape[1] + 1), values.shape).ravel()
    first = position[fresh.ravel()]
    twice_rank = (2 * first + np.bincount(group) - 1)[group].reshape(values.shape)
    count = known.sum(axis=1)
    scores = np.full(values.shape, np.nan)
    for m in np.unique(count[count > 0]).tolist():
        rows = np.flatnonzero(count == m)
        steps = [(half / 2 - 0.375) / (m + 0.25) for half in range(2, 2 * m + 1)]
        table = np.array([_NORMAL.inv_cdf(step) for step in steps])
        part = np.full((len(rows), values.shape[1]), np.nan)
        part[:, :m] = table[twice_rank[rows, :m] - 2]
        placed = np.empty_like(part)
        np.put_along_axis(placed, order[rows], part, axis=1)
        scores[rows] = placed
    return scores


def mid_ranks(values: Floats) -> Floats:
    """Return ranks from 1, the mean of their places for equal values.

    >>> mid_ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse.reshape(-1)])


def poisson_tail(least: int, mean: float) -> float:
    """Return the chance that a Poisson count of this mean is at least so many.

    Sums the shorter side from its largest term; relative error below 1e-12.

    >>> round(poisson_tail(3, 1.0), 6), poisson_tail(0, 5.0)
    (0.080301, 1.0)
    """
    if least <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    upper = least > mean
    count = least if upper else least - 1
    term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    total = 0.0
    while term > total * 1e-17:
        total += term
        count += 1 if upper else -1
        if count < 0:
            break
        term *= mean / count if upper else (count + 1) / mean
    return min(total if upper else 1.0 - total, 1.0)
