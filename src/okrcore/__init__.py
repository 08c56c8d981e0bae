"""Is the strategy being executed? Goals and KPIs as typed values, and pure functions that judge them.

Names load on first use, so that importing costs next to nothing. A room offers more than the root:
`okrcore.sources.SqlSource`, `okrcore.priorities.Column`.
"""

from okrcore._lazy import face

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "errors": "OkrError Problem DefinitionError DocumentError HistoryError MissingExtraError",
        "definitions": """Portfolio Calendar Cycle Cadence Team Owner Objective KeyResult Contribution Target
            Checklist Item Band Waypoint Kpi Formula Source Link Initiative Milestone Demand Dependency
            Tolerance weekly""",
        "units": "Rates",
        "documents": "load loads dump dumps from_dict to_dict json_schema",
        "history": "History Observation Journal Entry Change derive reconcile",
        "ledger": "Ledger verify_ledger",
        "declarations": "Declarations Amendment compare_portfolios",
        "adapters": "read_history read_journal read_catalogue read_rates read_dmn",
        "sources": "pull_into load_sources",
        "scoring": """check_observations evaluate evaluate_many Snapshot Trend KeyResultState
            compare_snapshots ObjectiveState KpiState InitiativeState ScoringPolicy DIALECTS contributions
            progress status satisfaction roll_up compile_portfolio propose_closing carry_over""",
        "leading": "assess_link assess_links discover_links LinkEvidence forecast Forecast outlook Outlook",
        "monitoring": "signals signals_of dips",
        "schedule": "ripple Ripple",
        "conflicts": "find_conflicts Conflict resolve Decision apply",
        "funding": "tradeoffs Plan",
        "priorities": "PriorityTable PriorityRule Outcome Effect verify_table compare_tables",
        "governance": "check Finding Policy STANDARD STRICT governance_rule",
        "rhythm": "actions Action review Review",
        "explanations": "explain explain_change Explanation",
        "surfaces": "report",
    },
    modules="""adapters conflicts declarations definitions display documents errors explanations
        findings funding governance history leading ledger monitoring priorities rhythm schedule scoring
        sources surfaces testing units""",
)
__all__ += ["__version__"]
