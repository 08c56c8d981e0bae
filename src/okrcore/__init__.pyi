"""The public names, as type checkers see them."""

from okrcore import testing as testing
from okrcore.adapters.catalogue import Catalogue as Catalogue
from okrcore.adapters.catalogue import read_catalogue as read_catalogue
from okrcore.adapters.cells import NumberFormat as NumberFormat
from okrcore.adapters.dmn.table import read_dmn as read_dmn
from okrcore.adapters.history_input import read_history as read_history
from okrcore.adapters.journal_input import read_journal as read_journal
from okrcore.adapters.mapping import ColumnMapping as ColumnMapping
from okrcore.adapters.sources.config import load_sources as load_sources
from okrcore.adapters.sources.excel import ExcelSource as ExcelSource
from okrcore.adapters.sources.files import FileSource as FileSource
from okrcore.adapters.sources.files import FrameSource as FrameSource
from okrcore.adapters.sources.port import PullSource as PullSource
from okrcore.adapters.sources.prometheus import PrometheusSource as PrometheusSource
from okrcore.adapters.sources.pulling import Pulled as Pulled
from okrcore.adapters.sources.pulling import pull_into as pull_into
from okrcore.adapters.sources.sql import (
    SqlSource as SqlSource,
)
from okrcore.adapters.sources.sql import (
    duckdb_source as duckdb_source,
)
from okrcore.adapters.sources.sql import (
    postgresql_source as postgresql_source,
)
from okrcore.adapters.sources.sql import (
    sqlite_source as sqlite_source,
)
from okrcore.adapters.sources.table import TableFormat as TableFormat
from okrcore.conflicts.apply import apply as apply
from okrcore.conflicts.conflict import Conflict as Conflict
from okrcore.conflicts.decision import Decision as Decision
from okrcore.conflicts.decision import Decisions as Decisions
from okrcore.conflicts.find import find_conflicts as find_conflicts
from okrcore.conflicts.resolve import resolve as resolve
from okrcore.conflicts.resolve import resolve_many as resolve_many
from okrcore.conflicts.tables.compare import compare_tables as compare_tables
from okrcore.conflicts.tables.decide import Ruling as Ruling
from okrcore.conflicts.tables.decide import decide_table as decide_table
from okrcore.conflicts.tables.report import TableReport as TableReport
from okrcore.conflicts.tables.verify import verify_table as verify_table
from okrcore.conflicts.tradeoffs.fund import tradeoffs as tradeoffs
from okrcore.conflicts.tradeoffs.plan import Funding as Funding
from okrcore.conflicts.tradeoffs.plan import NextUnit as NextUnit
from okrcore.conflicts.tradeoffs.plan import Plan as Plan
from okrcore.definitions.calendar import (
    Cadence as Cadence,
)
from okrcore.definitions.calendar import (
    Cycle as Cycle,
)
from okrcore.definitions.calendar import (
    Period as Period,
)
from okrcore.definitions.calendar import (
    weekly as weekly,
)
from okrcore.definitions.goals import (
    Contribution as Contribution,
)
from okrcore.definitions.goals import (
    KeyResult as KeyResult,
)
from okrcore.definitions.goals import (
    Objective as Objective,
)
from okrcore.definitions.initiatives import (
    Demand as Demand,
)
from okrcore.definitions.initiatives import (
    Dependency as Dependency,
)
from okrcore.definitions.initiatives import (
    Initiative as Initiative,
)
from okrcore.definitions.initiatives import (
    Milestone as Milestone,
)
from okrcore.definitions.kpis import Kpi as Kpi
from okrcore.definitions.kpis import Source as Source
from okrcore.definitions.links import Link as Link
from okrcore.definitions.measures import (
    Band as Band,
)
from okrcore.definitions.measures import (
    Checklist as Checklist,
)
from okrcore.definitions.measures import (
    Item as Item,
)
from okrcore.definitions.measures import (
    Target as Target,
)
from okrcore.definitions.measures import (
    Waypoint as Waypoint,
)
from okrcore.definitions.people import Owner as Owner
from okrcore.definitions.people import Team as Team
from okrcore.definitions.portfolio import Portfolio as Portfolio
from okrcore.definitions.priorities import (
    Column as Column,
)
from okrcore.definitions.priorities import (
    Effect as Effect,
)
from okrcore.definitions.priorities import (
    Escalate as Escalate,
)
from okrcore.definitions.priorities import (
    Fund as Fund,
)
from okrcore.definitions.priorities import (
    Guardrail as Guardrail,
)
from okrcore.definitions.priorities import (
    Outcome as Outcome,
)
from okrcore.definitions.priorities import (
    PriorityRule as PriorityRule,
)
from okrcore.definitions.priorities import (
    PriorityTable as PriorityTable,
)
from okrcore.definitions.priorities import (
    Retarget as Retarget,
)
from okrcore.definitions.priorities import (
    Tolerate as Tolerate,
)
from okrcore.definitions.quantities import from_quantity as from_quantity
from okrcore.definitions.quantities import to_quantity as to_quantity
from okrcore.definitions.rates import Rates as Rates
from okrcore.definitions.rates import convert as convert
from okrcore.definitions.tolerances import Tolerance as Tolerance
from okrcore.display import Table as Table
from okrcore.documents import (
    dump as dump,
)
from okrcore.documents import (
    dumps as dumps,
)
from okrcore.documents import (
    from_dict as from_dict,
)
from okrcore.documents import (
    json_schema as json_schema,
)
from okrcore.documents import (
    load as load,
)
from okrcore.documents import (
    loads as loads,
)
from okrcore.documents import (
    to_dict as to_dict,
)
from okrcore.errors import (
    CyclicAlignmentError as CyclicAlignmentError,
)
from okrcore.errors import (
    DefinitionError as DefinitionError,
)
from okrcore.errors import (
    DocumentError as DocumentError,
)
from okrcore.errors import (
    DuplicateIdError as DuplicateIdError,
)
from okrcore.errors import (
    HistoryError as HistoryError,
)
from okrcore.errors import (
    MissingExtraError as MissingExtraError,
)
from okrcore.errors import (
    OkrError as OkrError,
)
from okrcore.errors import (
    Problem as Problem,
)
from okrcore.errors import (
    RuleError as RuleError,
)
from okrcore.errors import (
    TableError as TableError,
)
from okrcore.errors import (
    UnitError as UnitError,
)
from okrcore.errors import (
    UnknownIdError as UnknownIdError,
)
from okrcore.findings import Finding as Finding
from okrcore.governance.check import (
    CheckResult as CheckResult,
)
from okrcore.governance.check import (
    check as check,
)
from okrcore.governance.check import (
    check_in_full as check_in_full,
)
from okrcore.governance.context import Context as Context
from okrcore.governance.example import Example as Example
from okrcore.governance.pages import explain_rule as explain_rule
from okrcore.governance.pages import list_rules as list_rules
from okrcore.governance.policy import Ignore as Ignore
from okrcore.governance.policy import Policy as Policy
from okrcore.governance.presets import STANDARD as STANDARD
from okrcore.governance.presets import STRICT as STRICT
from okrcore.governance.rule import Rule as Rule
from okrcore.governance.rule import governance_rule as governance_rule
from okrcore.history.answers import Restatement as Restatement
from okrcore.history.answers import Series as Series
from okrcore.history.answers import Verification as Verification
from okrcore.history.columns import History as History
from okrcore.history.entry import Change as Change
from okrcore.history.entry import Entry as Entry
from okrcore.history.gridded import Grid as Grid
from okrcore.history.gridded import gridded as gridded
from okrcore.history.journal import Journal as Journal
from okrcore.history.ledger import Ledger as Ledger
from okrcore.history.ledger import verify_ledger as verify_ledger
from okrcore.history.ledger_file import DamagedLedgerError as DamagedLedgerError
from okrcore.history.observation import Observation as Observation
from okrcore.history.reconcile import (
    ReconciledPeriod as ReconciledPeriod,
)
from okrcore.history.reconcile import (
    Reconciliation as Reconciliation,
)
from okrcore.history.reconcile import (
    reconcile as reconcile,
)
from okrcore.leading.assess import assess_link as assess_link
from okrcore.leading.discover import discover_links as discover_links
from okrcore.leading.evidence import LinkEvidence as LinkEvidence
from okrcore.leading.links import assess_links as assess_links
from okrcore.leading.outlook import outlook as outlook
from okrcore.leading.screen import Screen as Screen
from okrcore.leading.screen import screen_links as screen_links
from okrcore.leading.target_probability import Forecast as Forecast
from okrcore.leading.target_probability import forecast as forecast
from okrcore.rhythm.explain import explain as explain
from okrcore.rhythm.explanation import Explanation as Explanation
from okrcore.scoring.compiled import (
    CompiledPortfolio as CompiledPortfolio,
)
from okrcore.scoring.compiled import (
    Scores as Scores,
)
from okrcore.scoring.compiled import (
    compile_portfolio as compile_portfolio,
)
from okrcore.scoring.contributions import contributions as contributions
from okrcore.scoring.dialects import DIALECTS as DIALECTS
from okrcore.scoring.evaluate import evaluate as evaluate
from okrcore.scoring.policy import ScoringPolicy as ScoringPolicy
from okrcore.scoring.progress import Distance as Distance
from okrcore.scoring.progress import distance as distance
from okrcore.scoring.progress import progress as progress
from okrcore.scoring.scalars import (
    Score as Score,
)
from okrcore.scoring.scalars import (
    roll_up as roll_up,
)
from okrcore.scoring.scalars import (
    satisfaction as satisfaction,
)
from okrcore.scoring.scalars import (
    satisfaction_percent as satisfaction_percent,
)
from okrcore.scoring.scalars import (
    status as status,
)
from okrcore.scoring.snapshot import (
    InitiativeState as InitiativeState,
)
from okrcore.scoring.snapshot import (
    KeyResultState as KeyResultState,
)
from okrcore.scoring.snapshot import (
    KpiState as KpiState,
)
from okrcore.scoring.snapshot import (
    ObjectiveState as ObjectiveState,
)
from okrcore.scoring.snapshot import (
    Snapshot as Snapshot,
)
from okrcore.scoring.trend import Trend as Trend
from okrcore.scoring.trend import evaluate_many as evaluate_many

__version__: str
