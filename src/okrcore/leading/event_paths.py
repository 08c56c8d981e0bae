"""Simulate series that are no levels: what never moved, sits at a limit, or counts events (S10.4)."""

from __future__ import annotations

import math

import attrs
import numpy as np

from okrcore.statistics.distributions import Floats

DISCOUNTS = np.array([1.0, 0.99, 0.97, 0.94, 0.9, 0.8])
DISPERSIONS = np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6])
FIRST_JUDGED = 3
STEP = 0.05
_log_gamma = np.frompyfunc(math.lgamma, 1, 1)


def constant_paths(
    history: Floats, periods: int, *, low: float, high: float, seed: int, paths: int
) -> Floats:
    """Return (paths, periods) of a series that never moved: in n periods, so once in n + 2 (rule of
    succession).

    A move lasts a period; how far it goes nobody knows: a twentieth of the value, of 0 one.

    >>> never = constant_paths(np.zeros(40), 6, low=0.0, high=np.inf, seed=0, paths=4000)
    >>> bool(0.96 < (never[:, -1] == 0).mean() < 0.99), float(never.max())
    (True, 1.0)
    """
    rng = np.random.default_rng([seed, 1])
    value, n = float(history[0]), len(history)
    step = STEP * abs(value) or 1.0
    away = np.array([there for there in (value - step, value + step) if low <= there <= high] or [value])
    rate = rng.beta(1.0, n + 1.0, (paths, 1))
    moved = rng.random((paths, periods)) < rate
    return np.where(moved, rng.choice(away, (paths, periods)), value)


def atom_paths(history: Floats, atom: float, periods: int, *, seed: int, paths: int) -> Floats:
    """Return (paths, periods) of a series that is at `atom` (100 % fulfilled) or elsewhere: two states.

    The chances of leaving and of coming back are drawn as the past's transitions let them be (Beta, prior
    worth one transition: at the usual share, and of coming back at a half, so that who left for the first
    time is half a slip). Values elsewhere are resampled. NaN in `history` is a gap.
    """
    rng = np.random.default_rng([seed, 2])
    known = ~np.isnan(history)
    there, elsewhere = history == atom, history[known & (history != atom)]
    moves = np.zeros((2, 2))
    both = known[:-1] & known[1:]
    np.add.at(moves, (there[:-1][both].astype(int), there[1:][both].astype(int)), 1.0)
    share = (there.sum() + 0.5) / (known.sum() + 1.0)
    stays = rng.beta(moves[1, 1] + share, moves[1, 0] + 1.0 - share, paths)
    returns = rng.beta(moves[0, 1] + 0.5, moves[0, 0] + 0.5, paths)
    state = np.full(paths, history[known][-1] == atom)
    out = np.empty((paths, periods))
    for k in range(periods):
        state = rng.random(paths) < np.where(state, stays, returns)
        out[:, k] = np.where(state, atom, rng.choice(elsewhere, paths))
    return out


def count_paths(history: Floats, periods: int, *, seed: int, paths: int) -> Floats:
    """Return (paths, periods) of whole numbers that may follow counts of events, NaN in gaps.

    The rate is gamma with a discounted past, the discount by predictive likelihood (Harvey & Fernandes 1989);
    where counts vary more than Poisson ones do, each period's rate varies about it (negative binomial).

    >>> weeks = np.random.default_rng(1).poisson(0.3, 104).astype(float)
    >>> ahead = count_paths(weeks, 4, seed=0, paths=2000)
    >>> bool((ahead == np.rint(ahead)).all()), bool(0.65 < (ahead[:, -1] == 0).mean() < 0.82)
    (True, True)
    """
    rng = np.random.default_rng([seed, 3])
    rate = _rate(history)
    level = rng.gamma(rate.shape, 1.0 / rate.weight, paths)
    out = np.empty((paths, periods))
    for k in range(periods):
        if rate.discount < 1.0:
            shape = max(rate.discount * rate.shape / (1.0 - rate.discount), 1.0)
            level = level * rng.gamma(shape, 1.0 / shape, paths)
        spread = rate.dispersion
        here = level * rng.gamma(1.0 / spread, spread, paths) if spread > 0 else level
        out[:, k] = rng.poisson(np.minimum(here, 1e9))
    return out


@attrs.frozen(kw_only=True)
class _Rate:
    """A gamma(shape, weight) rate, its past discounted each period; `dispersion` beyond Poisson, 0: none."""

    shape: float
    weight: float
    discount: float
    dispersion: float


def _rate(history: Floats) -> _Rate:
    """The discount and dispersion that announced each count best, by BIC; a dispersed count counts for less.

    What was known before, half an event, is not discounted: no rate ever comes to 0.
    """
    n, mean = len(history), float(np.nanmean(history))
    discount, dispersion = (grid.ravel() for grid in np.meshgrid(DISCOUNTS, DISPERSIONS))
    worth = 1.0 / (1.0 + dispersion * mean)
    shape, weight = 0.5 * np.ones(len(worth)), 0.01 / max(mean, 0.5 / n) * np.ones(len(worth))
    before = np.empty((2, n, len(worth)))
    for t, value in enumerate(history.tolist()):
        shape, weight = 0.5 + discount * (shape - 0.5), discount * weight
        before[:, t] = shape, weight
        if not math.isnan(value):
            shape, weight = shape + value * worth, weight + worth
    judged = np.flatnonzero(~np.isnan(history))[FIRST_JUDGED:]
    a, b = before[:, judged]
    fit = _log_negative_binomial(history[judged, None], a / b, 1.0 / (1.0 / a + dispersion + dispersion / a))
    plain = np.log(n) / 2.0 * ((discount == 1.0) + (dispersion == 0.0).astype(float))
    best = int((fit.sum(axis=0) + plain).argmax())
    return _Rate(
        shape=float(shape[best]),
        weight=float(weight[best]),
        discount=float(discount[best]),
        dispersion=float(dispersion[best]),
    )


def _log_negative_binomial(count: Floats, mean: Floats, size: Floats) -> Floats:
    """The log probability of counts, less what does not depend on mean and size."""
    gammas = np.asarray(_log_gamma(count + size) - _log_gamma(size), float)
    return np.asarray(gammas + size * np.log(size / (size + mean)) + count * np.log(mean / (size + mean)))
