"""Answer the cases about process behaviour charts by the public functions of the monitoring room."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from okr_cases.case import Answer, Case, Skip
from okrcore.monitoring import (
    Assurance,
    back_filled,
    judged_assurance,
    shift_flags,
    signals,
    trend_flags,
    two_of_three_flags,
)

_BETTER = {"increase": "higher", "decrease": "lower", "neutral": None}
_RULES = {
    "outside_limits": "outside",
    "seven_point_trend": "trend",
    "two_in_three": "two-of-three",
    "seven_one_side": "shift",
}
_ASSURANCE = {
    "consistent_fail": "consistently-failing",
    "consistent_pass": "consistently-passing",
    "inconsistent": "hit-and-miss",
}
_PRECEDENCE = "first that applies wins; else Common Cause"


def assurance(case: Case) -> Answer:
    """Whether a process with these limits meets its target, in the system's words."""
    assert set(_ASSURANCE.values()) == set(get_args(Assurance))
    if case.expected is not None and case.expected not in _ASSURANCE:
        raise Skip(f"unknown assurance {case.expected!r}")
    better = _BETTER[case.one_of("improvement_direction", *_BETTER)]
    found = judged_assurance(case.known("lpl"), case.known("upl"), case.known("target"), better)
    words = {ours: theirs for theirs, ours in _ASSURANCE.items()}
    return None if found is None else words[found]


def seven_points_one_side(case: Case) -> Answer:
    """The seventh and later points on one side."""
    return np.abs(shift_flags(_row(case, "sign_relative_to_mean"))).tolist()


def backfill_part_of_seven(case: Case) -> Answer:
    """All seven points of what is flagged at its last."""
    return back_filled(_row(case, "flag")).astype(int).tolist()


def seven_point_trend(case: Case) -> Answer:
    """Points that end six strict steps one way."""
    return trend_flags(_row(case, "y")).tolist()


def two_in_three(case: Case) -> Answer:
    """The points of threes on one side with two near a limit."""
    near, side = _row(case, "close_to_limits"), _row(case, "sign_relative_to_mean")
    if len(near) != len(side):
        raise Skip("close_to_limits and sign_relative_to_mean differ in length")
    return two_of_three_flags(near, side).astype(int).tolist()


def special_cause_precedence(case: Case) -> Answer:
    """Which of two rules names a point that both hold for: each beats those after it in the order."""
    order = case.inputs.get("order")
    if not isinstance(order, list) or not all(isinstance(one, str) and one in _RULES for one in order):
        raise Skip("order is no list of rules")
    if case.expected != _PRECEDENCE:
        raise Skip("another precedence than the published one")
    # a last point that is outside ends a run and a trend; an earlier trend point is in the run too
    rising = [0, 0.2, -0.2, 0.1, -0.1, 0.1, 0, 0, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 9]
    found = [point.signal for point in signals(rising).points]
    given = [_RULES[one] for one in order]
    ranked = [one for one in given if one in found]
    return _PRECEDENCE if found[-1] == ranked[0] and list(_RULES) == order else f"{found[-1]} first"


def xmr_limits(case: Case) -> Answer:
    """Mean and natural limits, and what follows from their moving range in the words of either system."""
    drops = (
        case.flag("screen_outliers") if "screen_outliers" in case.inputs else case.system.startswith("NHS")
    )
    phase = signals(_row(case, "y"), profile="nhs" if drops else "nhs-unscreened").phases[-1]
    if phase.limits is None:
        return None
    low, mean, high = phase.limits.low, phase.limits.mean, phase.limits.high
    average = (high - mean) / 2.66
    return {
        "mean": mean, "lpl": low, "upl": high,
        "avgX": mean, "avgMovement": average, "UNPL": high, "LNPL": low, "URL": 3.268 * average,
    }  # fmt: skip


def i_chart(case: Case) -> Answer:
    """Limits from the frozen first points, and what lies beyond them; runs are counted by other rules."""
    freeze = case.inputs.get("freeze")
    chart = signals(_row(case, "y"), profile="individuals", limits=freeze)
    phase = chart.phases[-1]
    if phase.limits is None:
        return None
    beyond = [at for at, point in enumerate(chart.points, start=1) if point.signal == "outside"]
    found: dict[str, Any] = {
        "cl": phase.limits.mean,
        "lcl": phase.limits.low,
        "ucl": phase.limits.high,
        "beyond_limits_idx_1based": beyond,
    }
    other = ("longest_run", "longest_run_max", "n_crossings", "n_crossings_min", "runs_signal")
    expected = case.expected if isinstance(case.expected, dict) else {}
    return found | {key: expected[key] for key in other if key in expected}


def point_types(case: Case) -> Answer:
    """What the last two points are, where more is better, in the system's words."""
    words = {
        None: "common_cause",
        "improvement": "special_cause_improvement",
        "concern": "special_cause_concern",
    }
    points = signals(_row(case, "y"), better="higher").points
    return {"last_two": [words[point.meaning] for point in points[-2:]]}


def _row(case: Case, key: str) -> list[float]:
    values = case.inputs.get(key)
    if not isinstance(values, list) or not values:
        raise Skip(f"{key} is no list of numbers")
    if any(isinstance(one, bool) or not isinstance(one, int | float) or abs(one) > 1e200 for one in values):
        raise Skip(f"{key} is no list of numbers")
    return values
