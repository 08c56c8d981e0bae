"""Is the strategy being executed? Goals and KPIs as typed values, and pure functions that judge them.

Names load on first use, so that importing costs next to nothing; `__init__.pyi` shows them to type checkers.
"""

_ROOMS = {
    "errors": """OkrError DefinitionError UnknownIdError DuplicateIdError CyclicAlignmentError UnitError
        DocumentError HistoryError TableError RuleError MissingExtraError Problem""",
    "definitions.people": "Team Owner",
    "definitions.calendar": "Cycle Cadence Period weekly",
    "definitions.measures": "Target Band Checklist Item Waypoint",
    "definitions.goals": "Objective Contribution KeyResult",
    "definitions.kpis": "Kpi Source",
    "definitions.initiatives": "Initiative Demand Milestone Dependency",
    "definitions.links": "Link",
    "definitions.priorities": """Column PriorityRule Guardrail Outcome Effect Tolerate Escalate Retarget Fund
        PriorityTable""",
    "definitions.portfolio": "Portfolio",
    "definitions.tolerances": "Tolerance",
    "definitions.rates": "Rates convert",
    "definitions.quantities": "from_quantity to_quantity",
    "history.observation": "Observation",
    "history.columns": "History",
    "history.answers": "Series Restatement Verification",
    "history.entry": "Entry Change",
    "history.journal": "Journal",
    "scoring.policy": "ScoringPolicy",
    "scoring.progress": "progress distance Distance",
    "scoring.scalars": "roll_up status satisfaction satisfaction_percent Score",
    "scoring.compiled": "compile_portfolio CompiledPortfolio Scores",
    "scoring.evaluate": "evaluate",
    "scoring.trend": "evaluate_many Trend",
    "scoring.snapshot": "Snapshot KeyResultState ObjectiveState KpiState InitiativeState",
    "scoring.contributions": "contributions",
    "documents": "load loads dump dumps to_dict from_dict json_schema",
    "scoring.dialects": "DIALECTS",
    "rhythm.explain": "explain",
    "rhythm.explanation": "Explanation",
    "adapters.catalogue": "read_catalogue Catalogue",
    "adapters.mapping": "ColumnMapping",
    "adapters.cells": "NumberFormat",
    "adapters.history_input": "read_history",
    "adapters.journal_input": "read_journal",
    "adapters.dmn.table": "read_dmn",
    "adapters.sources.pulling": "pull_into Pulled",
    "adapters.sources.port": "PullSource",
    "adapters.sources.table": "TableFormat",
    "adapters.sources.files": "FileSource FrameSource",
    "adapters.sources.excel": "ExcelSource",
    "adapters.sources.prometheus": "PrometheusSource",
    "adapters.sources.sql": "SqlSource duckdb_source postgresql_source sqlite_source",
    "adapters.sources.config": "load_sources",
    "findings": "Finding",
    "history.gridded": "gridded Grid",
    "history.ledger": "Ledger verify_ledger",
    "history.ledger_file": "DamagedLedgerError",
    "history.reconcile": "reconcile Reconciliation ReconciledPeriod",
    "leading.assess": "assess_link",
    "leading.links": "assess_links",
    "leading.discover": "discover_links",
    "leading.screen": "screen_links Screen",
    "leading.evidence": "LinkEvidence",
    "leading.outlook": "outlook",
    "leading.target_probability": "forecast Forecast",
    "conflicts.find": "find_conflicts",
    "conflicts.resolve": "resolve resolve_many",
    "conflicts.apply": "apply",
    "conflicts.decision": "Decision Decisions",
    "conflicts.conflict": "Conflict",
    "conflicts.tradeoffs.fund": "tradeoffs",
    "conflicts.tradeoffs.plan": "Plan Funding NextUnit",
    "conflicts.tables.verify": "verify_table",
    "conflicts.tables.decide": "decide_table Ruling",
    "conflicts.tables.compare": "compare_tables",
    "conflicts.tables.report": "TableReport",
    "governance.rule": "governance_rule Rule",
    "governance.example": "Example",
    "governance.context": "Context",
    "governance.policy": "Policy Ignore",
    "governance.presets": "STANDARD STRICT",
    "governance.check": "check check_in_full CheckResult",
    "governance.pages": "list_rules explain_rule",
    "display": "Table",
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}
_MODULES = ("testing",)
__all__ = sorted([*_HOME, *_MODULES, "__version__"])
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"okrcore.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'okrcore' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"okrcore.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOME, *_MODULES]
