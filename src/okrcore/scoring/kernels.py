"""Compute progress, scores, statuses and satisfactions of arrays: the only place a score is made.

Every kernel takes and returns float64 arrays in which NaN is "unknown" (S0.2); shapes are (...). A scalar is
an array of one.
"""

from __future__ import annotations

import numpy as np

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.scoring.graph import Flags, Floats, NodeCodes, RowNumbers
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    AT_RISK,
    EARLY,
    MISSED,
    NO_DATA,
    OFF_TRACK,
    ON_TRACK,
    ScoringPolicy,
)

SLACK = 1e-12
"""Thresholds are compared with this slack: 0.72 is not below 0.8 * 0.9 (S5)."""


FAR = 2.0**900
"""The greatest progress; what is beyond counts as this, so that no sum over children overflows."""


# How far


def way(value: Floats, start: Floats, span: Floats) -> Floats:
    """Return (value - start) / span: the share of the way gone, not clamped (S2.1); unknown at span 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gone = value - start
        gone /= span
        gone += 0.0  # no minus zero at the start of what falls
        if gone.min(initial=0) >= -FAR and gone.max(initial=0) <= FAR:  # NaN, as of a span of 0, is neither
            return gone
        if max(np.fmax.reduce(gone, None, initial=0), -np.fmin.reduce(gone, None, initial=0)) > FAR:
            halves = (value / 2 - start / 2) / (span / 2)
            gone = bounded(np.where(np.isinf(gone), halves, gone))
    return gone if span.all() else np.where(span == 0, np.nan, gone)


def bounded(progress: Floats) -> Floats:
    """Return progress that is not beyond FAR; NaN stays."""
    return np.clip(progress, -FAR, FAR)


def bend(gone: Floats, knots: Floats, levels: Floats) -> Floats:
    """Return the share of the way bent through (knots, levels), both rising; straight on beyond its ends."""
    inside = np.interp(gone, knots, levels)
    ends = []
    for end, next_to in ((0, 1), (-1, -2)):
        rise, run = levels[end] - levels[next_to], knots[end] - knots[next_to]
        with np.errstate(over="ignore", invalid="ignore"):
            beyond = levels[end] + (gone - knots[end]) * rise / run
            if not np.isfinite(beyond[~np.isnan(gone)]).all():  # a product on the way was too large
                beyond = levels[end] + (gone / 2 - knots[end] / 2) / run * 2 * rise
        ends.append(beyond)
    return bounded(np.where(gone < knots[0], ends[0], np.where(gone > knots[-1], ends[1], inside)))


def slopeless(value: Floats, goal: Floats, sense: Floats, policy: ScoringPolicy) -> Floats:
    """Return the progress of targets without slope; sense +1 at_least, -1 at_most, 0 none (S2.2)."""
    if policy.degenerate == "met":
        met = np.where(np.where(sense > 0, value >= goal, value <= goal), 1.0, 0.0)
        return np.where((sense == 0) | np.isnan(value), np.nan, met)
    fixed = {"zero": 0.0, "one": 1.0, "unknown": np.nan}[policy.degenerate]
    return np.where(np.isnan(value), np.nan, fixed)


def inside(value: Floats, low: Floats, high: Floats, inclusive: bool = True) -> Floats:
    """Return 1 inside the band, 0 outside; an open side is infinite (S2.4)."""
    held = (value >= low) & (value <= high) if inclusive else (value > low) & (value < high)
    return np.where(np.isnan(value), np.nan, held)


def nearness(value: Floats, low: Floats, high: Floats, tolerance: Floats, *, margin: bool) -> Floats:
    """Return 1 inside the band and 1 - distance / tolerance outside, not below 0 (S2.4).

    With `margin` the distance is signed and nothing is cut: room inside counts above 1. A tolerance
    of NaN is the size of the bound that is nearer; where that is 0, the band has no scale: unknown.
    """
    with np.errstate(over="ignore"):
        below, above = low - value, value - high
    distance = np.maximum(below, above)
    bound = np.where(below > above, np.abs(low), np.abs(high))
    scale = np.where(np.isnan(tolerance), bound, tolerance)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        level = bounded(1 - distance / scale)
    level = np.where(scale == 0, np.nan, level)
    if margin:
        return level
    return np.where(np.isnan(value), np.nan, np.where(distance <= 0, 1.0, np.maximum(level, 0.0)))


def share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, unknown where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def clamp(progress: Floats, kind: str, cap: float | None = None) -> Floats:
    """Return the score of a progress: cut to 0..1, not below 0, not above `cap`, or as it is (S2.6)."""
    match kind:
        case "unit":
            return np.clip(progress, 0.0, 1.0)
        case "floor":
            return np.maximum(progress, 0.0)
        case "cap":
            return np.minimum(progress, np.float64(np.inf if cap is None else cap))
    return progress


def rounded(score: Floats, policy: ScoringPolicy) -> Floats:
    """Return the score as shown (S4.6)."""
    if policy.rounding is None:
        return score
    digits, mode = policy.rounding
    scale = 10.0**digits
    with np.errstate(over="ignore"):
        large = np.abs(score) * scale >= 2.0**53
    part = np.where(large, 0.0, score) * scale + (0.5 if mode == "half_up" else 0.0) + SLACK * scale
    return np.where(large, score, np.floor(part) / scale)


def enough(commitment: RowNumbers, policy: ScoringPolicy) -> Floats:
    """Return the score from which each goal is achieved, by the codes of their commitments."""
    return np.array([policy.achieved_at[name] for name in COMMITMENTS])[commitment]


# How fast


def elapsed(day: Floats, start: Floats, end: Floats, policy: ScoringPolicy) -> Floats:
    """Return the share of the days from start to end that has passed on `day`, cut to 0..1 (S3.1)."""
    one = 1.0 if policy.elapsed == "inclusive" else 0.0
    span = end - start + one
    with np.errstate(divide="ignore", invalid="ignore"):
        passed = np.clip((day - start + one) / span, 0.0, 1.0)
    return np.where(span == 0, (day >= start).astype(float), passed)


def pace(progress: Floats, due: Floats, by_difference: Flags | bool) -> Floats:
    """Return progress / due, or progress - due where the difference is asked for or nothing is due (S5.2)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(by_difference | (due <= 0), progress - due, bounded(progress / due))


def judge(
    *,
    progress: Floats,
    score: Floats,
    expected: Floats,
    enough: Floats,
    planned: Flags,
    banded: Flags,
    waiting: Flags,
    over: Flags,
    silent: Flags,
    policy: ScoringPolicy,
) -> NodeCodes:
    """Return status codes (S5.1 to S5.3).

    `enough` is the score that achieves, by commitment; `planned` targets are judged by difference;
    `banded` ones by their score; a band is `waiting` while no period is due; `over` is after the due date;
    `silent` has no value or a stale one.
    """
    due = expected * enough
    on_track = progress >= policy.on_track * due - SLACK
    at_risk = progress >= policy.at_risk * due - SLACK
    by_difference = planned | (due <= 0) | (policy.pace == "difference")
    if by_difference.any():
        lead = progress - due
        on_track = np.where(by_difference, lead >= -policy.on_track_gap - SLACK, on_track)
        at_risk = np.where(by_difference, lead >= -policy.at_risk_gap - SLACK, at_risk)
    absolute = banded | (policy.pace == "absolute")
    if absolute.any():
        on_track = np.where(absolute, score >= policy.on_track - SLACK, on_track)
        at_risk = np.where(absolute, score >= policy.at_risk - SLACK, at_risk)
    status = np.full(progress.shape, OFF_TRACK, dtype=np.int8)
    status[at_risk] = AT_RISK
    status[on_track] = ON_TRACK
    soon = (expected < policy.early_until - SLACK) & (progress >= -SLACK)
    status[np.where(banded, waiting, soon)] = EARLY
    status[(progress >= 1 - SLACK) & ~banded] = ACHIEVED
    if over.any():
        status = np.where(over, np.where(score >= enough - SLACK, ACHIEVED, MISSED), status).astype(np.int8)
    status[silent | (np.isnan(progress) & ~(banded & waiting))] = NO_DATA
    return status


# KPIs


def zone(
    value: Floats,
    target: tuple[Floats, Floats],
    limit: tuple[Floats, Floats],
    inclusive: bool = True,
) -> NodeCodes:
    """Return 3 healthy, 2 watch, 1 breached, 0 unknown (S7.1); bands are (low, high), NaN where absent."""
    healthy = inside(value, *target, inclusive) == 1
    watch = inside(value, *limit, inclusive) == 1
    known = ~np.isnan(value) & ~np.isnan(target[0])
    return np.where(known, np.select([healthy, watch], [3, 2], 1), 0).astype(np.int8)


def satisfaction(value: Floats, target: Floats, limit: Floats, worst: Floats, sense: Floats) -> Floats:
    """Return the satisfaction of one side in -1..1 (S7.2; ITU-T Z.151 indicators).

    1 at or beyond the target T, 0 at the limit H, -1 at or beyond the worst W, linear between; `sense` is +1
    where higher is better, -1 where lower is. An absent W (NaN) mirrors the limit, 2 H - T; without H only
    the ends are known. A side without T (NaN) asks for nothing: 1.
    """
    largest = np.fmax.reduce([np.abs(one) for one in (value, target, limit, worst)])
    quarter = np.where(largest > FAR, 0.25, 1.0)  # no difference overflows
    value, target, limit, worst = (one * quarter for one in (value, target, limit, worst))
    far = np.where(np.isnan(worst), 2 * limit - target, worst)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        above = np.abs(value - limit) / np.abs(target - limit)
        below = -np.abs(value - limit) / np.abs(limit - far)
    level = np.where((value - limit) * sense >= 0, above, below)
    level = np.where((value - far) * sense <= 0, -1.0, level)
    level = np.where(((value - target) * sense >= 0) | np.isnan(target), 1.0, level)
    return np.where(np.isnan(value), np.nan, level)
