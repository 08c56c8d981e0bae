"""Hash the logic of a priority table: equal for equal logic, however it is spelled or ordered.

docs/explanation/priority-tables.md specifies the encoding; a change of one byte is a new version.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import attrs

from okrcore.definitions.priority_outcomes import Effect, Escalate, Outcome
from okrcore.definitions.priority_table import PriorityTable
from okrcore.priorities.axes import Axis
from okrcore.priorities.compiled_table import CompiledTable, compile_table
from okrcore.priorities.hit_policies import BY_ROW, ranking_of
from okrcore.priorities.intervals import WHOLE, Line, meet, point
from okrcore.priorities.s_feel import write_cell

_VERSION = "okrcore-table-1"


def table_hash(table: PriorityTable) -> str:
    """Return the SHA-256 of what `table` decides, as 64 hexadecimal digits.

    Reasons and spelling do not count ("a,b" and "b, a" are one cell), nor does the order of rows where the
    hit policy ignores it; ids do. Raises TableError for a table that cannot be read.

    >>> table_hash(PriorityTable(columns=[], rules=[], default=Outcome(winner="kpi")))[:16]
    '8085fbf08a3ed123'
    """
    text = json.dumps(_plain(compile_table(table)), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{_VERSION}\n{text}".encode()).hexdigest()


def _plain(compiled: CompiledTable) -> dict[str, Any]:
    table = compiled.table
    whens = [
        {
            axis.name: _cell(line, axis)
            for axis, line in zip(compiled.axes, row, strict=True)
            if line != axis.domain
        }
        for row in compiled.lines
    ]
    rules = [[rule.id, when, _outcome(rule.then)] for rule, when in zip(table.rules, whens, strict=False)]
    guardrails = [
        [guardrail.id, when, sorted(guardrail.forbid), _escalate(guardrail.escalate)]
        for guardrail, when in zip(table.guardrails, whens[len(rules) :], strict=True)
    ]
    return {
        "columns": sorted(
            [axis.name, axis.kind, sorted(axis.labels) or _domain(compiled, place)]
            for place, axis in enumerate(compiled.axes)
        ),
        "rules": rules if compiled.policy in BY_ROW else sorted(rules, key=lambda rule: str(rule[0])),
        "guardrails": sorted(guardrails, key=lambda guardrail: str(guardrail[0])),
        "default": table.default and _outcome(table.default),
        "overrides": sorted(set(table.overrides)),
        "policy": compiled.policy,
        "ranking": ranking_of(table),
    }


def _cell(line: Line, axis: Axis) -> str | list[str]:
    """A cell as its one spelling, the labels of an enumeration sorted."""
    if not axis.labels:
        return write_cell(line, axis)
    return sorted(name for name, place in axis.labels.items() if meet(line, (point(place),)))


def _domain(compiled: CompiledTable, place: int) -> str:
    axis = compiled.axes[place]
    return write_cell(axis.domain, attrs.evolve(axis, domain=WHOLE))


def _outcome(outcome: Outcome) -> list[Any]:
    return [outcome.winner, outcome.effect and _effect(outcome.effect)]


def _effect(effect: Effect) -> list[Any]:
    given = getattr(effect, effect.kind)
    return [effect.kind, attrs.asdict(given) if attrs.has(type(given)) else given]


def _escalate(escalate: Escalate | None) -> dict[str, Any] | None:
    return attrs.asdict(escalate) if escalate else None
