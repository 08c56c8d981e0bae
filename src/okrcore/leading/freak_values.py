"""Set values aside that left and came back at once: a strike day, a slip of the pen (S10.3)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.statistics.distributions import Floats

FAR = 6.0
OFTEN = 20


@attrs.frozen(kw_only=True, eq=False)
class FreakValues:
    """Series (B, n) without their freaks, and what was taken out.

    `clean` holds the median of five in place of a freak; `off` (B, n) how far a freak was from it, 0 where
    there is none. `last` (B,) is how far the last value is off, 0 where it is not: whether it comes back
    nobody knows yet, so `clean` keeps it.
    """

    clean: Floats
    off: Floats
    last: Floats


def freak_values(series: Floats) -> FreakValues:
    """Return the freaks of `series` (B, n >= 8) without gaps.

    A freak is more than 6 robust standard deviations of the usual step, and 2.5 times the ninth tenth of all
    steps, from the median of the five values around it, while its neighbours are not. More than one in 20
    (or 3) are no freaks but the way this series is. The last value is judged by the five before it.

    >>> steady = np.tile([10.0, 11.0, 9.0, 10.5], 6)[None]
    >>> strike = np.where(np.arange(24) == 9, -40.0, steady)
    >>> found = freak_values(strike)
    >>> float(found.off[0, 9]), float(found.last[0])
    (-50.0, 0.0)
    """
    n = series.shape[1]
    wide = np.concatenate([series[:, 2:0:-1], series, series[:, -2:-4:-1]], axis=1)
    middle = np.median(np.stack([wide[:, k : k + n] for k in range(5)]), axis=0)
    step = np.abs(np.diff(series, axis=1))
    usual = np.maximum(FAR * _sd(step), 2.5 * np.quantile(step, 0.9, axis=1))
    big = np.abs(series - middle) > np.maximum(usual, _least(series))[:, None]
    big[:, -1] = False
    beside = np.zeros_like(big)
    beside[:, 1:] |= big[:, :-1]
    beside[:, :-1] |= big[:, 1:]
    freak = big & ~beside
    freak &= (freak.sum(axis=1) <= max(3, n // OFTEN))[:, None]
    clean = np.where(freak, middle, series)
    return FreakValues(clean=clean, off=np.where(freak, series - middle, 0.0), last=_last(clean))


def before_last(series: Floats) -> Floats:
    """Return the median (B,) of the five values before the last."""
    return np.asarray(np.median(series[:, -6:-1], axis=1))


def _last(clean: Floats) -> Floats:
    before = before_last(clean)
    gap = clean[:, -1] - before
    step = np.abs(np.diff(clean[:, :-1], axis=1))
    around = np.abs(clean[:, -6:-1] - before[:, None]).max(axis=1)
    far = np.maximum.reduce([FAR * _sd(step), 2 * step.max(axis=1), 2 * around, _least(clean)])
    return np.where(np.abs(gap) > far, gap, 0.0)


def _sd(step: Floats) -> Floats:
    return np.asarray(1.4826 * np.median(step, axis=1))


def _least(series: Floats) -> Floats:
    """Rounding is no move."""
    return np.asarray(1e-9 * np.abs(series).max(axis=1) + 1e-300)
