"""Find the season of series that hold two full cycles, and continue it over the periods ahead (S10.2)."""

from __future__ import annotations

from functools import lru_cache

import attrs
import numpy as np

from okrcore.definitions.days import DAYS_IN
from okrcore.statistics.distributions import Bools, Floats, Ints

CALENDAR = (12.0, DAYS_IN["year"] / 7, 7.0, 4.0)
"""Lengths that are looked for: months and weeks of a year, days of a week, quarters of a year."""
LEAST_F = 2.0
DECLARED, FOUND = 2.0, 3.0
CLEARLY = 2.0
"""Log likelihood by which a positive series must speak for swings that do not grow with it."""
PROFILE_ERROR = 1.4
"""The spread within two or three cycles understates the error of their mean."""
SMOOTH_FROM = 14
STANDS_OUT = 4.0
_KERNEL = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2)
_KERNEL = _KERNEL / _KERNEL.sum()


@attrs.frozen(kw_only=True, eq=False)
class SeasonalProfile:
    """The season of B series of n periods and of the periods ahead.

    `swing` (B, n + ahead) is to be taken out of the series, of its logarithm where `logs` (B,); `error` (B,)
    is the standard error of a phase. `used` (B,): whether there is a season; `clear` (B,): how surprising it
    were by chance, as a normal deviate; `length` in periods, 0 for none.
    """

    swing: Floats
    error: Floats
    used: Bools
    logs: Bools
    clear: Floats
    length: float

    @classmethod
    def none(cls, series: Floats, ahead: int) -> SeasonalProfile:
        """Return the profile of series without a season."""
        batch, n = series.shape
        no = np.zeros(batch, bool)
        nought = np.zeros(batch)
        swing = np.zeros((batch, n + ahead))
        return cls(swing=swing, error=nought, used=no, logs=no, clear=nought, length=0.0)


def seasonal_profile(series: Floats, length: float, ahead: int, *, found: bool = False) -> SeasonalProfile:
    """Return the season of `length` periods of `series` (B, n), NaN in gaps, where it holds two full ones.

    A season is used where phases differ clearly more than the cycles of one phase do, in logarithms
    unless plain errors are clearly likelier; the profile is shrunk by how clear it is (Miller & Williams
    2003). It stands beside a line with knots a season apart: closer ones would follow the season itself. With
    `found` nobody declared it, and more is asked.
    """
    n = series.shape[1]
    if n < two_cycles(length):
        return SeasonalProfile.none(series, ahead)
    cells = _Cells.of(n, ahead, length)
    known = ~np.isnan(series)
    positive = np.where(known, series, 1.0).min(axis=1) > 0
    logarithm = np.log(np.where(positive[:, None] & known, series, 1.0))
    plain, logged = _fit(series, known, cells), _fit(logarithm, known, cells)
    count = known.sum(axis=1)
    unlikelier = count * np.log((logged.noise + 1e-300) / (plain.noise + 1e-300)) / 2 + logarithm.sum(axis=1)
    logs = positive & (unlikelier < CLEARLY)
    profile = np.where(logs[:, None], logged.profile, plain.profile)
    noise, f, clear = (
        np.where(logs, a, b)
        for a, b in ((logged.noise, plain.noise), (logged.f, plain.f), (logged.clear, plain.clear))
    )
    used = (f > LEAST_F) & (clear > (FOUND if found else DECLARED))
    if cells.phases >= SMOOTH_FROM:
        profile, noise = _smoothed(profile, noise)
    shrunk = np.where(used, np.maximum(0.0, 1.0 - 1.0 / np.maximum(f, 1e-9)), 0.0)
    return SeasonalProfile(
        swing=(shrunk[:, None] * profile)[:, cells.phase],
        error=np.where(used, PROFILE_ERROR * np.sqrt(noise), 0.0),
        used=used,
        logs=logs & used,
        clear=clear,
        length=length,
    )


def two_cycles(length: float) -> float:
    """Return how many periods two full seasons take, half a period less: 104 weeks are two years."""
    return 2.0 * length - 0.5


def find_season(series: Floats, ahead: int) -> list[float]:
    """Return for each of `series` (B, n) the calendar's season that it shows most clearly, 0.0 for none."""
    best, clearest = [0.0] * len(series), np.zeros(len(series))
    for length in CALENDAR:
        if series.shape[1] < two_cycles(length):
            continue
        profile = seasonal_profile(series, length, ahead, found=True)
        evidence = np.where(profile.used, profile.clear, 0.0)
        for row in np.flatnonzero(evidence > clearest).tolist():
            best[row], clearest[row] = length, evidence[row]
    return best


def seasonal_naive(
    series: Floats, length: float, ahead: int, rng: np.random.Generator, *, paths: int
) -> Floats:
    """Return (B, paths, ahead): the last season again, moved as seasons move, its errors resampled."""
    n, lag = series.shape[1], round(length)
    change = series[:, lag:] - series[:, :-lag]
    mean = change.mean(axis=1, keepdims=True)
    drift = mean * (1.0 - 1.0 / max(n / length, 1.01))
    block = min(4, change.shape[1])
    start = rng.integers(0, change.shape[1] - block + 1, (paths, -(-ahead // block)))
    places = (start[..., None] + np.arange(block)).reshape(paths, -1)[:, :ahead]
    step = np.arange(ahead)
    rounds = 1 + step // lag
    again = series[:, n - lag + step % lag] + drift * rounds
    return np.asarray(again[:, None] + (change - mean)[:, places] * np.sqrt(rounds))


@attrs.frozen(kw_only=True, eq=False)
class _Cells:
    """`phase` (n + ahead,) of each period, how many there are, and the line beside them."""

    phase: Ints
    phases: int
    line: Floats
    solve: Floats

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, n: int, ahead: int, length: float) -> _Cells:
        phases = round(length)
        phase = (np.floor(np.mod(np.arange(n + ahead) + 1e-6, length) * phases / length)).astype(np.int64)
        apart = length if length > 7 else 4 * length
        t = np.arange(n)
        knots = np.arange(apart, n - apart / 2, apart)
        line = np.stack([np.ones(n), t / n, *(np.maximum(t - knot, 0) / n for knot in knots)], axis=1)
        both = np.hstack([line, (phase[:n, None] == np.arange(phases)).astype(float)])
        solve = np.linalg.pinv(both, rcond=1e-9)[: line.shape[1]]
        return cls(phase=phase, phases=phases, line=line, solve=solve)


@attrs.frozen(kw_only=True, eq=False)
class _Fit:
    profile: Floats
    noise: Floats
    f: Floats
    clear: Floats


def _fit(series: Floats, known: Bools, cells: _Cells) -> _Fit:
    """The mean of each phase beside the line, the variance of such a mean, and F of the phases.

    Gaps are filled by line, profile, and the straight line between their neighbours' rests, four times over.
    """
    n = series.shape[1]
    phase, phases = cells.phase[:n], cells.phases
    count = np.zeros((phases, len(series)))
    np.add.at(count, phase, known.T.astype(float))
    count, many = count.T, known.sum(axis=1, keepdims=True)
    filled = straightened(series, known)
    for _ in range(1 if known.all() else 4):
        line = np.stack([cells.line @ (cells.solve @ row) for row in filled])
        rest = np.where(known, series - line, 0.0)
        rest = np.where(known, rest - rest.sum(axis=1, keepdims=True) / many, 0.0)
        total = np.zeros((phases, len(series)))
        np.add.at(total, phase, rest.T)
        profile = np.where(count > 0, total.T / np.maximum(count, 1.0), 0.0)
        profile = profile - (profile * count).sum(axis=1, keepdims=True) / many
        swing = profile[:, phase]
        filled = straightened(series - swing, known) + swing
    left = np.where(known, rest - profile[:, phase], 0.0)
    used = (count > 0).sum(axis=1)
    spare = np.maximum(many[:, 0] - used - cells.line.shape[1] + 1, 1)
    within = (left**2).sum(axis=1) / spare
    between = (count * profile**2).sum(axis=1) / np.maximum(used - 1, 1)
    f = between / np.maximum(within, 1e-12 * between + 1e-300)
    return _Fit(
        profile=profile,
        noise=within * phases / many[:, 0],
        f=f,
        clear=_clear(f, left, np.maximum(used - 1, 1), spare),
    )


def _clear(f: Floats, left: Floats, above: Ints, below: Ints) -> Floats:
    """How surprising F is, as a normal deviate (Wilson & Hilferty 1931).

    What persists from period to period makes a wave by chance: degrees of freedom are divided by what the
    first autocorrelation of `left` (B, n) says of the variance of a variance.
    """
    size = (left**2).sum(axis=1)
    keeps = np.clip((left[:, 1:] * left[:, :-1]).sum(axis=1) / np.maximum(size, 1e-300), 0.0, 0.99)
    free = (1.0 - keeps**2) / (1.0 + keeps**2)
    a, b = 2.0 / (9.0 * np.maximum(above * free, 1.0)), 2.0 / (9.0 * np.maximum(below * free, 1.0))
    cube = np.cbrt(np.minimum(f, 1e6))
    return np.asarray(((1.0 - b) * cube - (1.0 - a)) / np.sqrt(b * cube**2 + a))


def _smoothed(profile: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Many phases of few cycles each: pulled to a smooth curve, but for those that stand out (Christmas)."""
    wide = np.concatenate([profile[:, -4:], profile, profile[:, :4]], axis=1)
    smooth = sum(weight * wide[:, k : k + profile.shape[1]] for k, weight in enumerate(_KERNEL))
    rough, size = profile - smooth, float((_KERNEL**2).sum())
    by_chance = noise * (1.0 - 2.0 * _KERNEL[4] + size)
    excess = (rough**2).mean(axis=1) / np.maximum(by_chance, 1e-300)
    keep = np.maximum(0.0, 1.0 - 1.0 / np.maximum(excess, 1e-9))
    alone = np.abs(rough) > STANDS_OUT * np.sqrt(noise)[:, None]
    kept = np.where(alone, 1.0, keep[:, None])
    return np.asarray(smooth + kept * rough), noise * np.where(keep > 0, keep, size)


def straightened(series: Floats, known: Bools) -> Floats:
    """Return `series` (B, n) with straight lines over its gaps."""
    if known.all():
        return series
    t = np.arange(series.shape[1])
    return np.stack([np.interp(t, t[there], row[there]) for row, there in zip(series, known, strict=True)])
