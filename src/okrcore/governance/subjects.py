"""List the types that a rule may see: what each needs, and where its values come from."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import attrs
import numpy as np

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.portfolio import KINDS, Portfolio
from okrcore.definitions.priority_table import PriorityTable
from okrcore.governance.context import Context
from okrcore.governance.subject_rows import SubjectColumn, SubjectRows
from okrcore.leading.evidence import LinkEvidence
from okrcore.scoring.goal_states import InitiativeState, KeyResultState, KpiState, ObjectiveState
from okrcore.scoring.scoring_policy import STATUSES, ZONES
from okrcore.scoring.snapshot import Snapshot

WHOLE, TABLE = "portfolio", "priorities"
"""The subjects of findings about the portfolio as a whole, and about its priority table."""


@attrs.frozen
class Seen:
    """Where the values of one type come from, and which inputs it takes to have any."""

    rows: Callable[[Context], SubjectRows]
    needs: frozenset[str] = frozenset()


def subject_of(value: Any) -> str:
    """Return the id that findings about a value bear."""
    match value:
        case Portfolio():
            return WHOLE
        case PriorityTable():
            return TABLE
        case KeyResultState() | ObjectiveState() | KpiState() | InitiativeState():
            return value.goal.id
        case LinkEvidence():
            return value.link or ""
        case Decision():
            return value.conflict.id
    return str(value.id)


def row_of(value: Any) -> SubjectRows:
    """Return one value as the only row, with columns as those of all values of its kind."""
    if not isinstance(value, KeyResultState | ObjectiveState | KpiState):
        return SubjectRows.of((value,), subject_of)

    def column(name: str) -> SubjectColumn:
        held = getattr(value, name)
        return np.array([np.nan if held is None else held])

    return SubjectRows((subject_of(value),), lambda row: value, column)


def _declared(part: str) -> Seen:
    rows = Derivation((part,), lambda portfolio: SubjectRows.of(getattr(portfolio, part)))
    return Seen(lambda context: rows.of(context.portfolio))


def _listed(part: str) -> Seen:
    return Seen(lambda context: SubjectRows.of(getattr(context, part), subject_of))


def _whole(context: Context) -> SubjectRows:
    return SubjectRows.of((context.portfolio,), subject_of)


def _tables(context: Context) -> SubjectRows:
    table = context.portfolio.priorities
    return SubjectRows.of(() if table is None else (table,), subject_of)


def _key_results(snapshot: Snapshot) -> SubjectRows:
    values, ids = snapshot.result_values, snapshot.compiled.key_results

    def column(name: str) -> SubjectColumn:
        if name == "status":
            return np.array(STATUSES, dtype=object)[values.status]
        held = values.reading if name in {"value", "stale"} else values
        return np.asarray(getattr(held, name))

    return SubjectRows(ids, lambda row: snapshot.key_result(ids[row]), column)


def _objectives(snapshot: Snapshot) -> SubjectRows:
    values, ids = snapshot.objective_values, snapshot.compiled.objectives

    def column(name: str) -> SubjectColumn:
        found = getattr(values, name)
        return np.array(STATUSES, dtype=object)[found] if name == "status" else np.asarray(found)

    return SubjectRows(ids, lambda row: snapshot.objective(ids[row]), column)


def _kpis(snapshot: Snapshot) -> SubjectRows:
    values, ids = snapshot.kpi_values, tuple(snapshot.kpi_columns.rows)

    def column(name: str) -> SubjectColumn:
        if name == "zone":
            return np.array(ZONES, dtype=object)[values.zone]
        held = values.reading if name in {"value", "stale"} else values
        return np.asarray(getattr(held, name))

    return SubjectRows(ids, lambda row: snapshot.kpi(ids[row]), column)


def _initiatives(snapshot: Snapshot) -> SubjectRows:
    states = [snapshot.initiative_states[name] for name in sorted(snapshot.initiative_states)]
    return SubjectRows.of(states, attrgetter("goal.id"))


def _judged(rows: Callable[[Snapshot], SubjectRows]) -> Seen:
    return Seen(lambda context: rows(context.snapshot), frozenset({"history"}))


SEEN: dict[type, Seen] = {
    **{kind: _declared(part) for kind, part in KINDS.items()},
    PriorityTable: Seen(_tables),
    Portfolio: Seen(_whole),
    KeyResultState: _judged(_key_results),
    ObjectiveState: _judged(_objectives),
    KpiState: _judged(_kpis),
    InitiativeState: _judged(_initiatives),
    LinkEvidence: attrs.evolve(_listed("evidence"), needs=frozenset({"history"})),
    Conflict: _listed("conflicts"),
    Decision: _listed("decisions"),
}
"""Each type that a rule's first argument may be annotated with."""
