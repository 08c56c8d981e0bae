"""Priority tables: cells become exact sets, tables are proved before they are used, and then they decide."""

from okrcore.conflicts.tables.bulk import Codes, Rulings, decide_rows
from okrcore.conflicts.tables.compare import Difference, compare_tables
from okrcore.conflicts.tables.decide import Ruling, decide_table
from okrcore.conflicts.tables.fingerprint import table_hash
from okrcore.conflicts.tables.report import TableFinding, TableReport
from okrcore.conflicts.tables.verify import verify_table

__all__ = [
    "Codes",
    "Difference",
    "Ruling",
    "Rulings",
    "TableFinding",
    "TableReport",
    "compare_tables",
    "decide_rows",
    "decide_table",
    "table_hash",
    "verify_table",
]
