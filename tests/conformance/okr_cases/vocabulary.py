"""The words of case files: which kinds are in aim, and the knobs that policies and thresholds stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCALES = {"percent": 100.0, "fraction": 1.0}

_NO_LIMIT = {"clamp": "none"}
_UNIT = {"clamp": "unit"}
_WITHOUT_SLOPE: dict[Any, dict[str, Any]] = {
    0: {"degenerate": "zero"},
    1: {"degenerate": "one"},
    100: {"degenerate": "one"},
    "undefined": {"degenerate": "unknown"},
    None: {"degenerate": "unknown"},
}
_NOTHING: dict[Any, dict[str, Any]] = {0: {"empty": "zero"}, None: {"empty": "unknown"}}

POLICY: Mapping[str, Mapping[Any, Mapping[str, Any]] | None] = {
    "scale": None,
    "clamp": {
        "none": _NO_LIMIT,
        "0..1": _UNIT,
        "0..100": _UNIT,
        "floor 0": {"clamp": "floor"},
        "cap 100": {"clamp": "cap", "cap": 1.0},
        "not stated": {},
    },
    "rounding": {
        "none": {},
        "integer": {},
        "floor to integer": {"rounding": (2, "floor")},
        "1 decimal": {},
        "2 decimals": {},
        "3 decimals": {},
        "4 decimals": {},
        "2 decimals of the fraction": {},
    },
    "start_equals_target": _WITHOUT_SLOPE,
    "current_equals_start": {0: {"degenerate": "zero"}},
    "missing_current": {
        "start": {"missing_value": "start"},
        0: {"missing_value": "zero"},
        None: {"missing_value": "unknown"},
    },
    "missing_start": {0: {"missing_value": "zero"}, None: {"missing_value": "unknown"}},
    "before_first_value": {None: {"missing_value": "unknown"}},
    "between_values": {"last observation carried forward": {}},
    "anchors": {"(start, 0) and (target, 100)": {}},
    "missing": {
        "excluded from the mean": {"missing": "exclude"},
        "not met": {"missing_value": "zero"},
        0: {"missing": "zero"},
    },
    "all_missing": {None: {"missing": "exclude"}, 0: {"missing": "zero"}},
    "empty": _NOTHING,
    "node_without_children": _NOTHING,
    "zero_total_weight": {
        0: {"zero_weights": "zero"},
        "mean": {"zero_weights": "mean"},
        None: {"zero_weights": "unknown"},
    },
    "child_clamp": {
        "cap 100 unless over-achievement is allowed": {"rollup_clamp": "unit"},
        "cap 100": {"rollup_clamp": "unit"},
        "0..100": {"rollup_clamp": "unit"},
        "0..1": {"rollup_clamp": "unit"},
        "floor 0": {"rollup_clamp": "floor"},
        "none": {"rollup_clamp": "none"},
    },
    "checklist": {"counts as one target": {}},
    "boundary": {"inclusive": {"inclusive": True}, "exclusive": {"inclusive": False}},
    "gap_before_latest": {"not met": {}},
    "status_thresholds": None,
}
"""Policy key to word to the knobs it stands for; a key with None is read elsewhere."""

THRESHOLDS: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "pace_ratio": {
        "on_track_at": ("on_track", 1),
        "lagging_at": ("at_risk", 1),
        "behind_at": ("at_risk", 1),
        "at_risk_at": ("at_risk", 1),
    },
    "pace_difference": {
        "in_danger_below": ("on_track_gap", -1),
        "off_track_below": ("at_risk_gap", -1),
        "behind_gap": ("on_track_gap", 1),
        "at_risk_gap": ("at_risk_gap", 1),
    },
    "rag_thirds": {"yellow_at": ("at_risk", 1), "green_at": ("on_track", 1)},
    "progress_with_status": {"yellow_at": ("at_risk", 1), "green_at": ("on_track", 1)},
}
"""Kind to name of a threshold to (knob, sign)."""

OUT_OF_AIM = {
    "zone_colour": "zone colours",
    "ordinal_zone": "zone ordinals",
    "zone_defaults": "zone colours and ordinals",
    "zone_of_value": "zone colours and ordinals",
    "confidence_band": "confidence verdicts",
    "draft_confidence_verdict": "draft verdicts",
    "portfolio_verdict": "portfolio verdicts",
    "rhythm_diagnostic": "rhythm verdicts",
    "manual_override": "manual override",
    "goal_redflag_score": "red-flag scores",
    "variance_percent": "variance",
    "period_comparison": "period comparison",
    "achievement_ratio": "bare target / current ratios",
    "ratio_increase": "bare target / current ratios",
    "ratio_decrease": "bare target / current ratios",
    "fixed_threshold_ratio": "bare target / current ratios",
}
"""Kinds that S6 calls out of aim, and what it calls them."""

_GOAL_MODELS = """
    contribution_weights quantitative_node quantitative_propagation truth_table_evidence_propagation
    truth_table_importance truth_table_qualitative_contribution
"""
GOAL_MODELS = set(_GOAL_MODELS.split())

_NOT_SCORING = """
    conflict_is_error gaps_overlaps hit_policy masked_rule pairwise_weights rule_superiority table_lint
    unary_test_subsumption birnbaum_importance combined_likelihood combined_risk
    first_passage forecast_backtest lead_lag lead_lag_declared null_pairs simulation
"""
NOT_SCORING = set(_NOT_SCORING.split())
"""Kinds of the case files of other issues."""

OTHER_CHARTS = {
    "c_chart": "limits come from moving ranges (S11.2), not from the spread of a distribution",
    "u_chart": "limits come from moving ranges (S11.2), not from the spread of a distribution",
    "alignment_health_score": "findings are told one by one, and add up to no mark (S12)",
    "density_discontinuity": "too few values for a density on both sides; bunching is a count (S12)",
}
"""Kinds about charts and integrity that okrcore does not have, and why."""

_CHARTS = {
    "assurance",
    "backfill_part_of_seven",
    "seven_point_trend",
    "seven_points_one_side",
    "special_cause_precedence",
    "two_in_three",
    "xmr_limits",
    "point_types",
}
WITHOUT_KNOBS = {
    "NHS Making Data Count": _CHARTS,
    "xmrit": {"xmr_limits"},
    "textbook example via qicharts2": {"i_chart"},
    "org.ai": {"gap"},
    "ITU-T Z.151 GRL / jUCMNav": {"indicator_satisfaction"},
    "jUCMNav": {"indicator_satisfaction"},
}
"""Systems without a dialect, and their kinds on which no knob has a bearing."""

VARIANTS = {("Profit.co", "at_most_distance"): "Profit.co, distance from target"}
"""Where one system has two ways to score: (system, kind) to the name of the dialect."""
