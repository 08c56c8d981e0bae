"""Judge rows of points against their limits, rule by rule in order (S11.2)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from okrcore.monitoring.process_limits import Floats, RowLimits
from okrcore.monitoring.profiles import Profile
from okrcore.monitoring.signal_rules import back_filled, shift_flags, trend_flags, two_of_three_flags

Signal = Literal["outside", "trend", "two-of-three", "shift"]
Codes = NDArray[np.int8]

SIGNALS: tuple[Signal, ...] = ("outside", "trend", "two-of-three", "shift")
"""What a point can be, the first that holds; `judged_points` counts from 1 in this order."""
LONGEST_RUN = 60
"""More points in a row than this are never asked for, nor looked at."""


def judged_points(rows: Floats, limits: RowLimits, profile: Profile, *, whole: bool) -> tuple[Codes, Codes]:
    """Return the signal of each point of `rows` (B, n), 0 for none, and its side: +1 above, -1 below.

    With `whole` a run or trend is shown at all of its points, as on a chart; else only what had been seen
    when each point came. Unknown values, NaN, all stand in front. Where neighbours are alike the next step
    is a coin toss: 13 points that rise or fall are as improbable there as 7 of noise (2 ** -12, 1 / 7!).
    """
    mean, low, high = (one[:, None] for one in (limits.mean, limits.low, limits.high))
    with np.errstate(invalid="ignore"):
        side = np.nan_to_num(np.sign(rows - mean)).astype(np.int8)
        slack = 1e-9 * (high - low)
        outside = (rows > high + slack) | (rows < low - slack)
        near = (rows > mean + 2 / 3 * (high - mean)) | (rows < mean - 2 / 3 * (mean - low))
    outside &= (side != 0) & ~np.isnan(low)
    free = ~limits.guarded[:, None] & ~np.isnan(low)
    near &= ~outside & free
    found = np.zeros(rows.shape, dtype=np.int8)
    if profile.run:
        run = np.clip(limits.run, profile.run, LONGEST_RUN)
        parts = [shift_flags(np.where(side == sign, sign, 0), run[i]) for i, sign in enumerate((1, -1))]
        hit = [back_filled(flags, run[i]) if whole else flags != 0 for i, flags in enumerate(parts)]
        found[(hit[0] | hit[1]) & free] = 4
    if profile.two_of_three:
        found[two_of_three_flags(near, side, ended=not whole) & near] = 3
    if profile.trend:
        long = np.where(limits.guarded, 2 * profile.trend - 1, profile.trend)
        trend = trend_flags(rows, long)
        found[(back_filled(trend, long) if whole else trend != 0) & ~np.isnan(low)] = 2
        if not whole:
            side = np.where((found == 2) & (trend != 0), trend, side)
    found[outside] = 1
    return found, side
