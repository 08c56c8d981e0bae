"""Test the correlations of whitened series at several lags: intervals, bounds, which lags count, evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from okrcore.statistics.distributions import (
    Bools,
    Floats,
    Ints,
    normal_quantile,
    student_tail,
)
from okrcore.statistics.inflation import centred

PRIOR_SD = 0.35
CHI_SQUARE = 3.84
"""The 95 % quantile for one degree of freedom."""


def lagged_correlations(x: Floats, y: Floats, lags: Sequence[int]) -> tuple[Floats, Floats]:
    """Return r (B, L) = corr(x[t - lag], y[t]) over the periods where both are known, and their number.

    Fewer than three common periods, or no variance: r = 0.
    """
    batch, n = x.shape
    r, overlap = np.zeros((batch, len(lags))), np.zeros((batch, len(lags)))
    for i, lag in enumerate(lags):
        if lag >= n:
            continue
        a, b = x[:, : n - lag], y[:, lag:]
        both = np.isfinite(a) & np.isfinite(b)
        count = both.sum(axis=1)
        a, b = centred(a, both, count), centred(b, both, count)
        scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
        usable = (count >= 3) & (scale > 0)
        r[usable, i] = (a * b).sum(axis=1)[usable] / scale[usable]
        overlap[:, i] = count
    return np.clip(r, -1.0, 1.0), overlap


def upper_bound(r: Floats, df: Floats, sign: int, alpha: float) -> Floats:
    """One-sided 1 - alpha upper bound of sign * r (of |r| where sign is 0), any shape."""
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    centre = sign * centre if sign else np.abs(centre)
    return np.tanh(centre + normal_quantile(1.0 - alpha) * fisher_error(df))


def lag_set(r: Floats, df: Floats, way: Ints) -> Bools:
    """Lags (B, L) whose profile likelihood, on the side `way` (B,), is within 1.92 of the best (95 %)."""
    strength = np.maximum(way[:, None] * r, 0.0)
    likelihood = -0.5 * (df + 1.0) * np.log1p(-(np.minimum(strength, 0.9999999) ** 2))
    return np.asarray(2.0 * (likelihood.max(axis=1, keepdims=True) - likelihood) <= CHI_SQUARE)


def critical_deviates(tests: Floats, alpha: float, sign: int) -> Floats:
    """Return the deviate (B, 1) from which one lag is significant at `alpha` among `tests`."""
    level = (1.0 - alpha) ** (1.0 / tests)
    return np.array([[normal_quantile(1.0 - (1.0 - one) / (1 if sign else 2))] for one in level.tolist()])


def strongest(r: Floats, df: Floats, deviates: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Return simultaneous bounds (B,), (B,) of the strongest positive effect over the lags.

    The lower one is above 0 exactly where p <= alpha. An effect that was picked for being large reads too
    large; its interval allows for that.
    """
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    unit = _unit_errors(centre, df, deviates)
    low = (centre - width * unit).max(axis=1)
    return np.tanh(low), np.tanh((centre + width * np.maximum(unit, fisher_error(df))).max(axis=1))


def lag_intervals(r: Floats, df: Floats, up: Floats, down: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Return bounds (B, L) of the effect at each lag that hold for all lags together.

    They leave out 0 exactly where the lag is significant; `strongest` takes its bounds from the same terms.
    """
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    above, below = (_unit_errors(centre, df, deviates) for deviates in (up, down))
    error = fisher_error(df)
    low = centre - width * np.where(r < 0, np.maximum(below, error), above)
    high = centre + width * np.where(r < 0, below, np.maximum(above, error))
    return np.tanh(low), np.tanh(high)


def critical_values(r: Floats, df: Floats, deviates: Floats, width: Floats) -> Floats:
    """Return the size of a correlation from which each lag is significant, (B, L)."""
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    return np.tanh(width * _unit_errors(centre, df, deviates))


def _unit_errors(centre: Floats, df: Floats, deviates: Floats) -> Floats:
    """What one deviate is worth on Fisher's scale; where there is next to none, its standard error."""
    clear = deviates > 0.3
    return np.where(clear, np.abs(centre) / np.where(clear, deviates, 1.0), fisher_error(df))


def effect_interval(
    above: tuple[Floats, Floats], below: tuple[Floats, Floats], way: Ints, significant: Bools
) -> tuple[Floats, Floats]:
    """Return the interval of the effect from the bounds of the strongest on either side.

    Of a significant pair those of the side found; else all that either side leaves possible.
    """
    low = np.where(significant, np.where(way > 0, above[0], -below[1]), -below[1])
    high = np.where(significant, np.where(way > 0, above[1], -below[0]), above[1])
    return low, high


def fisher_error(df: Floats) -> Floats:
    """Standard error of atanh(r)."""
    return np.asarray(1.0 / np.sqrt(np.maximum(df - 1.0, 1.0)))


def e_value(r: Floats, df: Floats, sign: int, prior_sd: float = PRIOR_SD) -> Floats:
    """Anytime-valid evidence for a (partial) correlation, same shape as r; at least 20 supports.

    Closed form of the g-prior Bayes factor with slope prior sd `prior_sd` (Lindon et al.,
    arXiv 2210.08589). For a declared sign it is multiplied by twice the posterior probability of that
    sign. Its mean without a link is 1 at every look, so looking every week costs nothing.
    """
    size, precision = df + 1.0, 1.0 / prior_sd**2
    rest = 1.0 - r * r * size / (precision + size)
    power = np.minimum(-(df + 1.0) / 2.0 * np.log(rest), 700.0)
    e = np.sqrt(precision / (precision + size)) * np.exp(power)
    if not sign:
        return np.asarray(e)
    mean = sign * r * size / (size + precision)
    spread = np.sqrt(size * rest / ((size + precision) * (df + 1.0)))
    return np.asarray(2.0 * e * student_tail(-mean / spread, df + 1.0))
