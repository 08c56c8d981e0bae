"""The public names, as type checkers see them."""

from okrcore.errors import (
    CyclicAlignmentError as CyclicAlignmentError,
    DefinitionError as DefinitionError,
    DocumentError as DocumentError,
    DuplicateIdError as DuplicateIdError,
    HistoryError as HistoryError,
    MissingExtraError as MissingExtraError,
    OkrError as OkrError,
    Problem as Problem,
    RuleError as RuleError,
    TableError as TableError,
    UnitError as UnitError,
    UnknownIdError as UnknownIdError,
)
from okrcore.definitions.people import Owner as Owner, Team as Team
from okrcore.definitions.calendar import (
    Cadence as Cadence,
    Cycle as Cycle,
    Period as Period,
    weekly as weekly,
)
from okrcore.definitions.measures import (
    Band as Band,
    Checklist as Checklist,
    Item as Item,
    Target as Target,
    Waypoint as Waypoint,
)
from okrcore.definitions.goals import (
    Contribution as Contribution,
    KeyResult as KeyResult,
    Objective as Objective,
)
from okrcore.definitions.kpis import Kpi as Kpi, Source as Source
from okrcore.definitions.initiatives import (
    Demand as Demand,
    Dependency as Dependency,
    Initiative as Initiative,
    Milestone as Milestone,
)
from okrcore.definitions.links import Link as Link
from okrcore.definitions.priorities import (
    Column as Column,
    Effect as Effect,
    Escalate as Escalate,
    Fund as Fund,
    Guardrail as Guardrail,
    Outcome as Outcome,
    PriorityRule as PriorityRule,
    PriorityTable as PriorityTable,
    Retarget as Retarget,
    Tolerate as Tolerate,
)
from okrcore.definitions.portfolio import Portfolio as Portfolio

__version__: str
