"""Tell two series apart that are one number, or computed from each other, from two that are linked (S9.8)."""

from __future__ import annotations

import math

import numpy as np

from okrcore.statistics.distributions import Bools, Floats, Ints

EXPLAINED = 0.98
"""Share of a series' innovation variance from which the other one is the same number."""
REGULAR = 0.9
JUMP = 8.0
"""Factor by which a series that changes its unit or definition jumps for good."""


def are_same_number(x: Floats, y: Floats, longest: int) -> Bools:
    """Return whether one of each two rows (B, n) is an almost exact linear function of the other.

    Asked both ways: of the other at lags 0 to `longest` (at least 12), two own lags and a line. Copies in
    another unit, rolling means, running sums and moved copies are found so. About 0.1 ms a pair.

    >>> daily = np.random.default_rng(0).standard_normal((1, 63))
    >>> mean = np.convolve(daily[0], np.ones(4) / 4, "valid")[None]
    >>> are_same_number(daily[:, 3:], mean, 4), are_same_number(daily[:, 3:], mean[:, ::-1], 4)
    (array([ True]), array([False]))
    """
    n = x.shape[1]
    reach = max(min(max(longest, 12), n // 4), 1)
    if n - reach < 12:
        return np.zeros(len(x), bool)
    together = max(1, 2**21 // (n * (reach + 4)))
    found = [
        np.maximum(_explained(a, b, reach), _explained(b, a, reach))
        for a, b in ((x[k : k + together], y[k : k + together]) for k in range(0, len(x), together))
    ]
    return np.concatenate([np.zeros(0), *found]) > EXPLAINED


def _explained(x: Floats, y: Floats, reach: int) -> Floats:
    """Share of what y's own past leaves that x explains, (B,); 0 where too little is known to say."""
    n = x.shape[1]
    past = [y[:, reach - lag : n - lag] for lag in (1, min(2, reach))]
    rows = np.stack([y[:, reach:], *past, *(x[:, reach - lag : n - lag] for lag in range(reach + 1))], axis=1)
    known: Bools = np.asarray(np.isfinite(rows).all(axis=1))
    count = known.sum(axis=1)
    rows = _without_line(np.where(known[:, None], rows, 0.0), known)
    enough = count >= rows.shape[1] + 10
    left = [_left(rows[:, 0], rows[:, 1:k], count - k - 1) for k in (3, rows.shape[1])]
    moves = enough & (left[0] > 1e-18)
    return np.where(moves, 1.0 - left[1] / np.where(moves, left[0], 1.0), 0.0)


def _without_line(rows: Floats, known: Bools) -> Floats:
    """Each of the rows (B, k, m) without a line over the known periods, at length one."""
    weight = known[:, None] / np.maximum(known.sum(axis=1), 1)[:, None, None]
    size = np.abs(rows).max(axis=2, keepdims=True, initial=0.0)
    rows = rows / np.where(size > 0, size, 1.0)
    t = np.arange(rows.shape[2], dtype=float)
    t = np.where(known, t - (t * weight[:, 0]).sum(axis=1, keepdims=True), 0.0)[:, None]
    rows = np.where(known[:, None], rows - (rows * weight).sum(axis=2, keepdims=True), 0.0)
    slope = (rows * t).sum(axis=2, keepdims=True) / np.maximum((t * t).sum(axis=2, keepdims=True), 1e-300)
    rows = rows - slope * t
    length = np.sqrt((rows * rows).sum(axis=2, keepdims=True))
    return np.asarray(rows / np.where(length > 1e-12, length, 1.0))


def _left(target: Floats, regressors: Floats, spare: Ints) -> Floats:
    """Mean square that the regressors (B, k, m) leave of the target (B, m); what is collinear counts once."""
    gram = regressors @ regressors.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(gram)
    inverse = np.where(values > 1e-9 * values[:, -1:], 1.0 / np.where(values > 0, values, 1.0), 0.0)
    cross = (regressors @ target[..., None])[..., 0]
    weights = ((cross[:, None] @ vectors) * inverse[:, None]) @ vectors.transpose(0, 2, 1)
    rest = target - (weights @ regressors)[:, 0]
    return np.asarray((rest * rest).sum(axis=1) / np.maximum(spare, 1))


def is_held(series: Floats) -> bool:
    """Return whether each value stands for several periods in a row, as months copied into weeks do.

    At least 8 runs, nine in ten of them as long as the usual one, give or take a period.

    >>> is_held(np.repeat(np.random.default_rng(0).standard_normal(12), 4))
    True
    """
    values = series[np.isfinite(series)]
    changes = np.flatnonzero(values[1:] != values[:-1])
    runs = np.diff(changes)
    if len(runs) < 7:
        return False
    usual = float(np.median(runs))
    return (
        usual >= 2 and float(np.mean(np.abs(runs - usual) <= 1)) >= REGULAR and len(runs) * 1.5 < len(values)
    )


def unit_break(series: Floats) -> int:
    """Return where a series of one sign jumps for good by a factor of 8 or more, 0 for nowhere.

    By far more than it scatters on either side: a change of unit or definition, not of the business.

    >>> unit_break(np.r_[np.linspace(9, 11, 20), np.linspace(9000, 11000, 20)])
    20
    """
    values = series[np.isfinite(series)]
    n = len(values)
    if n < 12 or not ((values > 0).all() or (values < 0).all()):
        return 0
    logs = np.log(np.abs(values))
    at = np.arange(4, n - 3)
    gap = -np.cumsum(logs - logs.mean())[at - 1] * n / (at * (n - at))
    best = int(np.abs(gap).argmax())
    place, size = int(at[best]), abs(float(gap[best]))
    left = logs - np.where(np.arange(n) < place, logs[:place].mean(), logs[place:].mean())
    return place if size >= math.log(JUMP) and size > 6 * left.std() else 0
