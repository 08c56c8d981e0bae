"""Prove priority tables before they are used, and then decide by them."""

from okrcore.definitions.priority_outcomes import Effect as Effect
from okrcore.definitions.priority_outcomes import Escalate as Escalate
from okrcore.definitions.priority_outcomes import Fund as Fund
from okrcore.definitions.priority_outcomes import Outcome as Outcome
from okrcore.definitions.priority_outcomes import Retarget as Retarget
from okrcore.definitions.priority_outcomes import Tolerate as Tolerate
from okrcore.definitions.priority_table import Column as Column
from okrcore.definitions.priority_table import Guardrail as Guardrail
from okrcore.definitions.priority_table import PriorityRule as PriorityRule
from okrcore.definitions.priority_table import PriorityTable as PriorityTable
from okrcore.priorities.bulk_decisions import Codes as Codes
from okrcore.priorities.bulk_decisions import Rulings as Rulings
from okrcore.priorities.bulk_decisions import decide_rows as decide_rows
from okrcore.priorities.comparison import Difference as Difference
from okrcore.priorities.comparison import compare_tables as compare_tables
from okrcore.priorities.fingerprint import table_hash as table_hash
from okrcore.priorities.table_report import TableFinding as TableFinding
from okrcore.priorities.table_report import TableReport as TableReport
from okrcore.priorities.table_rulings import Ruling as Ruling
from okrcore.priorities.table_rulings import decide_table as decide_table
from okrcore.priorities.verification import verify_table as verify_table
