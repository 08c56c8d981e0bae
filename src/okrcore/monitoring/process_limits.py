"""Compute the natural limits of processes from their moving ranges, many rows at once (S11.2, S11.4)."""

from __future__ import annotations

from functools import lru_cache

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.frozen import frozen
from okrcore.monitoring.profiles import FEWEST, Profile

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

SIGMA = 1.128
"""A standard deviation of noise is its mean moving range divided by this (d2 of two)."""
FEW_COUNTS = 5.0
"""Counts with a mean up to this are as skewed as Poisson's, and so are their limits."""
RARE = 0.005
TIED = 0.05
"""Where more moves than this are none, one side of the mean may hold most points."""
CLEAR_SHIFT = 4.0


@attrs.frozen
class ProcessLimits:
    """Natural process limits: where a process that goes on as it was keeps nearly all of its points.

    >>> ProcessLimits(2.0, 5.0, 8.0).mean
    5.0
    """

    low: float
    mean: float
    high: float


@attrs.frozen(eq=False)
class RowLimits:
    """Limits of B rows; NaN where a row has too few points.

    `n` points each; `autocorrelation` at lag 1 with a clear shift of the level taken out; `guarded` where it
    may be past the profile's, so that only points outside `low` and `high`, which are widened for it, count;
    `run` how many points on one side make a shift, above and below the mean (2, B).
    """

    low: Floats
    mean: Floats
    high: Floats
    n: Ints
    autocorrelation: Floats
    guarded: Flags
    run: Ints


def row_limits(rows: Floats, profile: Profile, extra: Floats | float = 0.0) -> RowLimits:
    """Return the limits of `rows` (B, n), whose unknown values, NaN, all stand in front.

    Mean +- `natural_limit` mean moving ranges, large ranges dropped once. Where most moves are none nothing
    is dropped, and only what lies beyond all other points is outside: the few that differ are all there is to
    tell how far the process goes. Few counts get no
    upper limit below where one in 200 of Poisson's lies, and where values tie, as many points in a row make
    a shift as are as unlikely as `run` are at even chances. `extra` is a variance to be added, of what was
    taken out of the rows with an error. Numbers whose sums or squares are no floats have no limits.
    """
    known = ~np.isnan(rows)
    n = known.sum(axis=1)
    total = np.maximum(n, 1)
    filled = np.where(known, rows, 0.0)
    mean = filled.sum(axis=1) / total
    moves = np.abs(np.diff(rows, axis=1))
    move = known[:, :-1]
    moves = np.where(move, moves, 0.0)
    count = np.maximum(n - 1, 1)
    average = moves.sum(axis=1) / count
    still = (move & (moves == 0)).sum(axis=1) / count
    if profile.range_limit is not None:
        kept = move & (moves < (profile.range_limit * average)[:, None])
        some = kept.sum(axis=1)
        screened = np.where(kept, moves, 0.0).sum(axis=1) / np.maximum(some, 1)
        average = np.where((some > 0) & (still <= 0.5), screened, average)
    spread = np.sqrt(average**2 + SIGMA**2 * extra)
    r, guarded = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.bool_)
    if profile.autocorrelation is not None:
        r, guarded = _autocorrelation(filled - np.where(known, mean[:, None], 0.0), known, n, profile)
    wide = profile.natural_limit * spread / np.where(guarded, np.sqrt(np.maximum(1 - r, 0.05)), 1.0)
    low, high, run = mean - wide, mean + wide, np.full((2, len(rows)), profile.run or 0)
    tied = np.flatnonzero(still > TIED)
    if len(tied):
        atoms = tied[(still[tied] > 0.5) & (n[tied] >= profile.least)]
        low[atoms], high[atoms] = _beyond_all_others(rows[atoms], low[atoms], high[atoms])
        high[tied] = np.maximum(high[tied], _most_counts(rows[tied], mean[tied]))
        if profile.run and profile.autocorrelation is not None:
            run[:, tied] = _unlikely_run(rows[tied], mean[tied], n[tied], profile.run)
    few = (n < FEWEST) | ~np.isfinite(mean + wide)
    low, middle, high = (np.where(few, np.nan, one) for one in (low, mean, high))
    return RowLimits(low, middle, high, n, r, guarded & ~few, run)


def _autocorrelation(apart: Floats, known: Flags, n: Ints, profile: Profile) -> tuple[Floats, Flags]:
    """The lag-1 autocorrelation of each row, and where it may be past the profile's.

    That is within one standard error of it, and clear by itself, at two. Where it is so, a shift of the level
    that is clear beside what persists is taken out first: it would look like persistence.
    """
    r = _lag_one(apart, n)
    error = 1.0 / np.sqrt(np.maximum(n, 1))
    limit = float(profile.autocorrelation or 0.0)
    past = np.maximum(limit - error, 2 * error)
    suspect = np.flatnonzero((r > past) & (n >= profile.least))
    if len(suspect):
        level = _shifted_level(apart[suspect], known[suspect], n[suspect])
        r[suspect] = _lag_one(np.where(known[suspect], apart[suspect] - level, 0.0), n[suspect])
    return r, (r > past) & (n >= profile.least)


def _lag_one(apart: Floats, n: Ints) -> Floats:
    """The first autocorrelation of rows about their mean, corrected for its bias (Kendall 1954)."""
    size = np.einsum("ij,ij->i", apart, apart)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(size > 0, np.einsum("ij,ij->i", apart[:, 1:], apart[:, :-1]) / size, 0.0)
        return np.asarray(np.where(n > 4, np.clip(r + (1 + 3 * r) / np.maximum(n, 1), -1.0, 0.99), 0.0))


def _shifted_level(apart: Floats, known: Flags, n: Ints) -> Floats:
    """The level before and after the clearest shift of each row, 0 where none is clear.

    Clear is a t of 4 or more, divided by what the persistence of the rest makes of it.
    """
    size = apart.shape[1]
    before = np.cumsum(known, axis=1)[:, :-1].astype(np.float64)
    after = n[:, None] - before
    total = np.cumsum(apart, axis=1)[:, :-1]
    inside = (before >= 3) & (after >= 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(inside, total**2 * (1 / before + 1 / after), -1.0)
    at = gain.argmax(axis=1)
    row = np.arange(len(apart))
    first = np.where(before[row, at] > 0, total[row, at] / np.maximum(before[row, at], 1), 0.0)
    last = -total[row, at] / np.maximum(after[row, at], 1)
    level = np.where(np.arange(size) <= at[:, None], first[:, None], last[:, None])
    rest = np.where(known, apart - level, 0.0)
    left = np.einsum("ij,ij->i", rest, rest) / np.maximum(n - 2, 1)
    keeps = np.clip(_lag_one(rest, n), 0.0, 0.99)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.sqrt(np.maximum(gain[row, at], 0.0) / left * (1 - keeps) / (1 + keeps))
    return np.asarray(np.where((t >= CLEAR_SHIFT)[:, None], level, 0.0))


def _unlikely_run(rows: Floats, mean: Floats, n: Ints, run: int) -> Ints:
    """How many points in a row above, and below, the mean are as unlikely as `run` at even chances."""
    with np.errstate(invalid="ignore"):
        shares = np.stack([(rows > mean[:, None]).sum(axis=1), (rows < mean[:, None]).sum(axis=1)]) / n
    at_least = np.clip(shares, 0.5, 0.999)
    return np.asarray(np.ceil(run * np.log(0.5) / np.log(at_least) - 1e-9).astype(np.int64))


def _beyond_all_others(rows: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Limits that reach as far as the second lowest and the second highest point of each row."""
    ordered = np.sort(np.where(np.isnan(rows), np.inf, rows), axis=1)
    second = np.isfinite(ordered).sum(axis=1) - 2
    return np.minimum(low, ordered[:, 1]), np.maximum(high, ordered[np.arange(len(rows)), second])


def _most_counts(rows: Floats, mean: Floats) -> Floats:
    """The count that a Poisson variable of each row's mean passes once in 200; of no counts -inf."""
    with np.errstate(invalid="ignore"):
        whole = np.where(np.isnan(rows), True, (rows == np.floor(rows)) & (rows >= 0)).all(axis=1)
    few = whole & (mean <= FEW_COUNTS) & (mean > 0)
    found = np.full(len(rows), -np.inf)
    tails = _poisson_limits()
    found[few] = np.searchsorted(tails, mean[few], side="right") + 0.0
    return found


@lru_cache(maxsize=1)
def _poisson_limits() -> Floats:
    """The greatest mean at which a Poisson variable passes 0, 1, 2, ... once in 200, in order."""
    means = np.linspace(0.0, FEW_COUNTS, 20_001)
    mass = np.exp(-means)
    below = mass.copy()
    found: list[float] = []
    count = 0
    while True:
        within = means[1 - below <= RARE]
        found.append(float(within.max(initial=0.0)))
        if found[-1] >= FEW_COUNTS:
            return frozen(np.array(found))
        count += 1
        mass = mass * means / count
        below = below + mass
