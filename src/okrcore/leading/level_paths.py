"""Simulate a level: its season and freaks out, the pool on what is left, and both put back (S10.1, S10.2)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.leading.freak_values import FreakValues, before_last, freak_values
from okrcore.leading.leaders import Leader, led_pool
from okrcore.leading.model_pool import pool
from okrcore.leading.seasonal_profile import (
    SeasonalProfile,
    seasonal_naive,
    seasonal_profile,
    straightened,
)
from okrcore.statistics.distributions import Bools, Floats, Ints

IMPUTATIONS = 5
NAIVE_EVERY = 5
"""Of a seasonal series every fifth path is the last season again: it knows what the profile smooths."""
MOST = 3.0
"""In logarithms no path grows beyond this multiple of the largest value seen."""


@attrs.frozen(kw_only=True, eq=False)
class LevelPaths:
    """`paths` (B, paths, periods) and what they rest on, by series (B,).

    `seasonal`: a season was used; `freaks`: how many values came back at once; `jumped`: the last one may be
    one. `led` says what became of a leader, "" without one.
    """

    paths: Floats
    seasonal: Bools
    freaks: Ints
    jumped: Bools
    led: str = ""


def level_paths(
    history: Floats,
    periods: int,
    *,
    season: float = 0.0,
    found: bool = False,
    seed: int = 0,
    paths: int = 2000,
    total: bool = False,
    leader: Leader | None = None,
) -> LevelPaths:
    """Return what may follow `history` (B, n >= 8), NaN in gaps, the first and last value known.

    `season` is its length in periods, 0 for none, `found` as in `seasonal_profile`; `total` says that the
    periods are to be added up. A `leader` is for one series without gaps. A last value that is far off is
    taken for a slip in half of the paths, and for a new level in the other half.
    """
    n, known = history.shape[1], ~np.isnan(history)
    profile = SeasonalProfile.none(history, periods)
    if season:
        profile = seasonal_profile(history, season, periods, found=found)
    positive = np.where(profile.logs[:, None] & known, history, 1.0)
    work = np.where(profile.logs[:, None], np.log(positive), np.where(known, history, 0.0))
    swing = profile.swing[:, :n]
    adjusted = straightened(work - swing, known)
    freaks = freak_values(adjusted)
    jumped = np.flatnonzero(freaks.last)
    level, slip = freaks.clean.copy(), freaks.clean[jumped]
    level[jumped, :-1] += freaks.last[jumped, None]
    slip[:, -1] = before_last(slip)
    led = ""
    if leader is None:
        rows = np.concatenate([level, slip])
        there = np.concatenate([known, known[jumped]])
        drawn = _pooled(rows, there, periods, seed=seed, paths=paths, total=total)
    else:
        drawn, led = led_pool(level[0], leader, periods, seed=seed, paths=paths, total=total)
        slips = [pool(slip, periods, seed=seed, paths=drawn.shape[0], total=total)] if len(slip) else []
        drawn = np.concatenate([drawn[None], *slips])
    out = drawn[: len(history)]
    out[jumped, 1::2] = drawn[len(history) :, 1::2]
    _come_back(out, freaks, seed)
    if profile.used.any():
        _in_season(out, profile, np.where(known, work, adjusted + swing), seed)
    most = np.log(MOST * np.where(known, np.abs(history), 0.0).max(axis=1) + 1e-300)[:, None, None]
    logs = profile.logs[:, None, None]
    out = np.where(logs, np.exp(np.minimum(np.where(logs, out, 0.0), most)), out)
    return LevelPaths(
        paths=out,
        seasonal=profile.used,
        freaks=(freaks.off != 0).sum(axis=1),
        jumped=freaks.last != 0,
        led=led,
    )


def _pooled(filled: Floats, known: Bools, periods: int, *, seed: int, paths: int, total: bool) -> Floats:
    """(B, paths, periods); where there are gaps, an equal pool over several ways of filling them."""
    if known.all():
        return pool(filled, periods, seed=seed, paths=paths, total=total)
    rng = np.random.default_rng([seed, 4])
    each = -(-paths // IMPUTATIONS)
    pools = [
        pool(_bridged(filled, known, rng), periods, seed=seed + k, paths=each, total=total)
        for k in range(IMPUTATIONS)
    ]
    return np.concatenate(pools, axis=1)[:, :paths]


def _bridged(filled: Floats, known: Bools, rng: np.random.Generator) -> Floats:
    """Random bridges in place of straight lines over gaps, which would hide how much the series moves."""
    noise = np.cumsum(rng.standard_normal(filled.shape[1]))
    t = np.arange(filled.shape[1])
    out = filled.copy()
    for row, there in zip(out, known, strict=True):
        places = t[there]
        step = np.diff(row[there]) / np.sqrt(np.diff(places))
        walk = noise * step.std()
        row += walk - np.interp(t, places, walk[there])
    return out


def _come_back(out: Floats, freaks: FreakValues, seed: int) -> None:
    """Put freaks into the paths (in place), as often as they came."""
    for row in np.flatnonzero((freaks.off != 0).any(axis=1)).tolist():
        rng = np.random.default_rng([seed, 5])
        off = freaks.off[row][freaks.off[row] != 0]
        hit = rng.random(out.shape[1:]) < len(off) / freaks.off.shape[1]
        out[row] += np.where(hit, rng.choice(off, out.shape[1:]), 0.0)


def _in_season(out: Floats, profile: SeasonalProfile, work: Floats, seed: int) -> None:
    """Add the season and its error to the paths of seasonal series (in place)."""
    rng = np.random.default_rng([seed, 6])
    periods = out.shape[2]
    rows = np.flatnonzero(profile.used)
    noise = rng.standard_normal(out.shape[1:])
    ahead = profile.swing[rows, None, -periods:]
    seasonal = out[rows] + ahead + profile.error[rows, None, None] * noise
    count = len(range(0, out.shape[1], NAIVE_EVERY))
    seasonal[:, ::NAIVE_EVERY] = seasonal_naive(work[rows], profile.length, periods, rng, paths=count)
    out[rows] = seasonal
