"""Judge caps: how much of what a whole cycle may hold is used, against how much of its time is gone (A8)."""

from __future__ import annotations

import numpy as np

from okrcore.scoring.graph import Flags, Floats, NodeCodes
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    AT_RISK,
    EARLY,
    MISSED,
    OFF_TRACK,
    ON_TRACK,
    ScoringPolicy,
)
from okrcore.statistics.distributions import poisson_tail


def burn(used: Floats, cap: Floats, elapsed: Floats) -> Floats:
    """Return the share used over the share of time gone; 1 spends all of it on the last day.

    Nothing used is 0, whatever the cap; something before any time is gone, or of a cap of 0, is infinite.

    >>> burn(np.array([6.0, 0.0]), np.array([24.0, 24.0]), np.array([0.5, 0.5]))
    array([0.5, 0. ])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(used <= 0, 0.0, used / np.maximum(cap, 0.0))
        rate = np.where(share == 0, 0.0, share / elapsed)
    return np.where(np.isnan(used), np.nan, rate)


def judge_caps(
    *,
    used: Floats,
    cap: Floats,
    elapsed: Floats,
    inside: Flags,
    final: Flags,
    counted: Flags,
    over: Flags,
    policy: ScoringPolicy,
) -> NodeCodes:
    """Return the status of each cap that has a value.

    `final` caps cannot come back inside once past their bound (sums and maxima). Of `counted` ones, whole
    numbers of things, a burn is bad only where so many by now have a small chance at the cap's own pace: few
    events come in clusters by themselves.
    """
    rate = burn(used, cap, elapsed)
    status = np.select(
        [rate <= policy.burn_on_track + SLACK, rate <= policy.burn_at_risk + SLACK],
        [ON_TRACK, AT_RISK],
        OFF_TRACK,
    )
    for row in np.flatnonzero(counted & inside & (status != ON_TRACK)).tolist():
        chance = poisson_tail(int(used[row]), float(cap[row] * elapsed[row]))
        if chance >= policy.chance_at_risk:
            status[row] = ON_TRACK
        elif chance >= policy.chance_off_track:
            status[row] = AT_RISK
    status = np.where(elapsed < policy.early_until - SLACK, EARLY, status)
    status = np.where(inside, status, np.where(final, MISSED, OFF_TRACK))
    return np.where(over, np.where(inside, ACHIEVED, MISSED), status).astype(np.int8)
