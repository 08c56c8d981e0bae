"""Prove priority tables before they are used, and then decide by them."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "definitions.priority_table": "PriorityTable Column PriorityRule Guardrail",
        "definitions.priority_outcomes": "Outcome Effect Tolerate Escalate Retarget Fund",
        "priorities.bulk_decisions": "Codes Rulings decide_rows",
        "priorities.comparison": "Difference compare_tables",
        "priorities.table_rulings": "Ruling decide_table",
        "priorities.fingerprint": "table_hash",
        "priorities.table_report": "TableFinding TableReport",
        "priorities.verification": "verify_table",
    },
)
