"""Simulate what was never reported, for a sum that asks for it: a gap is not nought (S0.2)."""

from __future__ import annotations

import numpy as np

from okrcore.leading.seasonal_profile import SeasonalProfile, seasonal_profile, straightened
from okrcore.statistics.distributions import Floats


def gap_values(history: Floats, *, season: float, found: bool, seed: int, paths: int) -> Floats:
    """Return (paths, gaps): values for the NaN of `history` (n,), first and last known, in order of time.

    Each is the line between its neighbours, in its season, and an error that the same line makes at a period
    that is known.

    >>> steady = np.r_[np.full(8, 100.0), np.nan, np.full(4, 100.0)]
    >>> gap_values(steady, season=0.0, found=True, seed=0, paths=3).tolist()
    [[100.0], [100.0], [100.0]]
    """
    known = ~np.isnan(history)
    row = history[None]
    profile = SeasonalProfile.none(row, 0)
    if season:
        profile = seasonal_profile(row, season, 0, found=found)
    logs = bool(profile.logs[0])
    work = np.where(known, np.log(np.where(known, history, 1.0)) if logs else history, 0.0)
    rest = straightened((work - profile.swing[0])[None], known[None])[0]
    beside = known[:-2] & known[1:-1] & known[2:]
    errors = (rest[1:-1] - (rest[:-2] + rest[2:]) / 2.0)[beside]
    gaps = np.flatnonzero(~known)
    drawn = np.broadcast_to(rest[gaps] + profile.swing[0, gaps], (paths, len(gaps)))
    if len(errors):
        rng = np.random.default_rng([seed, 7])
        drawn = drawn + rng.choice(errors - errors.mean(), drawn.shape)
    return np.exp(drawn) if logs else np.asarray(drawn)
