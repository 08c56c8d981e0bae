"""Score goals: progress, pace, status, roll-up and the snapshot that holds them."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "scoring.scoring_policy": "ScoringPolicy Status Zone",
        "scoring.dialects": "DIALECTS",
        "scoring.differences": "compare_snapshots Differences",
        "scoring.evaluation": "evaluate",
        "scoring.scored_amendments": "score_amendments",
        "scoring.observation_checks": "check_observations",
        "scoring.proposed_closings": "propose_closing",
        "scoring.carried_goals": "carry_over",
        "scoring.trend": "evaluate_many Trend",
        "scoring.snapshot": "Snapshot",
        "scoring.goal_states": "KeyResultState ObjectiveState KpiState InitiativeState Statuses",
        "scoring.leaf_shares": "contributions",
        "scoring.measure_columns": "progress distance Distance",
        "scoring.what_if": "supposed_values",
        "scoring.single_values": "roll_up status satisfaction satisfaction_percent Score",
        "scoring.compiled_portfolio": "compile_portfolio CompiledPortfolio Scores",
    },
)
