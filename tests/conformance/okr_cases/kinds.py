"""Kinds of cases to the functions that answer them, with the keys that each knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from okr_cases import band_kinds, chart_kinds, progress_kinds, rollup_kinds, status_kinds
from okr_cases.case import Answer, Case


@attrs.frozen
class Kind:
    """How a kind is answered: the keys of its inputs and policy, and whether the answer holds a status."""

    answer: Callable[[Case], Answer]
    inputs: str
    policy: str = ""
    words: bool = False


KINDS: Mapping[str, Kind] = {
    "linear_progress": Kind(
        progress_kinds.linear_progress,
        "start target current kr quarter policy",
        "scale clamp start_equals_target missing_current missing_start rounding",
    ),
    "gap": Kind(progress_kinds.gap, "current target"),
    "minmax_performance": Kind(
        progress_kinds.minmax_performance, "min max current policy", "scale clamp rounding"
    ),
    "piecewise_checkpoints": Kind(
        progress_kinds.piecewise_checkpoints,
        "start target current checkpoints policy",
        "scale clamp anchors rounding",
    ),
    "milestone_stages": Kind(progress_kinds.milestone_stages, "stages policy", "scale rounding"),
    "milestone_binary": Kind(progress_kinds.milestone_binary, "done", words=True),
    "share_of_children_done": Kind(
        progress_kinds.share_of_children_done, "total done policy", "scale rounding"
    ),
    "progress_with_status": Kind(
        progress_kinds.progress_with_status,
        "start target current basis policy",
        "scale clamp rounding status_thresholds",
        words=True,
    ),
    "expected_progress": Kind(
        progress_kinds.expected_progress, "days_elapsed days_total policy", "scale rounding"
    ),
    "threshold_binary": Kind(
        band_kinds.threshold_binary, "operator start target current policy", "scale boundary"
    ),
    "range_binary": Kind(band_kinds.range_binary, "min max current policy", "scale boundary"),
    "mirrored_decay": Kind(band_kinds.mirrored_decay, "start target current policy", "scale clamp rounding"),
    "at_most_distance": Kind(
        band_kinds.at_most_distance, "start target current policy", "scale clamp rounding"
    ),
    "ranges_valid": Kind(band_kinds.ranges_valid, "ranges"),
    "meets_target": Kind(band_kinds.meets_target, "name target current direction"),
    "share_meeting_target": Kind(band_kinds.share_meeting_target, "kpis policy", "scale rounding empty"),
    "fixed_threshold": Kind(band_kinds.fixed_threshold, "progress threshold"),
    "share_of_periods_met": Kind(
        band_kinds.share_of_periods_met,
        "operator target tolerance_pct series periods periods_met value_outside policy",
        "scale boundary gap_before_latest rounding",
    ),
    "share_of_periods_met_series": Kind(
        band_kinds.share_of_periods_met_series,
        "min max total_periods series policy",
        "scale boundary missing rounding",
    ),
    "indicator_satisfaction": Kind(
        progress_kinds.indicator_satisfaction, "value target threshold worst range rounding"
    ),
    "mean_rollup": Kind(
        rollup_kinds.mean_rollup, "children policy", "scale rounding empty child_clamp missing all_missing"
    ),
    "weighted_rollup": Kind(
        rollup_kinds.weighted_rollup,
        "children policy",
        "scale rounding empty zero_total_weight child_clamp missing all_missing",
    ),
    "tree_mean_rollup": Kind(
        rollup_kinds.tree_mean_rollup, "tree policy", "scale rounding node_without_children child_clamp"
    ),
    "history_series": Kind(
        rollup_kinds.history_series,
        "from days history policy",
        "scale clamp before_first_value between_values current_equals_start rounding",
    ),
    "history_series_rollup": Kind(
        rollup_kinds.history_series_rollup, "from days children policy", "scale missing all_missing rounding"
    ),
    "series_mean": Kind(
        rollup_kinds.series_mean, "days children policy", "scale missing all_missing rounding"
    ),
    "targets_and_checklist_rollup": Kind(
        rollup_kinds.targets_and_checklist_rollup,
        "children checklist policy",
        "scale clamp empty checklist start_equals_target rounding",
    ),
    "kra_weighted_score": Kind(rollup_kinds.kra_weighted_score, "children"),
    "value_proportional_weights": Kind(rollup_kinds.value_proportional_weights, "children"),
    "sum_of_current_values": Kind(rollup_kinds.sum_of_current_values, "children"),
    "status_worst_wins": Kind(status_kinds.status_worst_wins, "children", words=True),
    "status_latest_wins": Kind(status_kinds.status_latest_wins, "children order", words=True),
    "pace_ratio": Kind(status_kinds.pace_ratio, "progress expected scale thresholds", words=True),
    "pace_difference": Kind(status_kinds.pace_difference, "progress expected scale thresholds", words=True),
    "rag_thirds": Kind(status_kinds.rag_thirds, "progress thresholds", words=True),
    "status_from_progress": Kind(status_kinds.status_from_progress, "progress", words=True),
    "score_band": Kind(status_kinds.score_band, "score", words=True),
    "health_state": Kind(status_kinds.health_state, "achievement active_recovery_okr thresholds", words=True),
    "assurance": Kind(chart_kinds.assurance, "lpl upl target improvement_direction"),
    "seven_points_one_side": Kind(chart_kinds.seven_points_one_side, "sign_relative_to_mean"),
    "backfill_part_of_seven": Kind(chart_kinds.backfill_part_of_seven, "flag"),
    "seven_point_trend": Kind(chart_kinds.seven_point_trend, "y"),
    "two_in_three": Kind(chart_kinds.two_in_three, "close_to_limits sign_relative_to_mean"),
    "special_cause_precedence": Kind(chart_kinds.special_cause_precedence, "order"),
    "xmr_limits": Kind(chart_kinds.xmr_limits, "y screen_outliers"),
    "i_chart": Kind(chart_kinds.i_chart, "y freeze"),
    "point_types": Kind(chart_kinds.point_types, "y"),
}
