"""Find the cases in which a proved priority table lets an objective win over a KPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from okrcore.conflicts.table_inputs import standing_facts
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.priority_table import PriorityTable
from okrcore.governance.context import Context
from okrcore.priorities.closure import members
from okrcore.priorities.compiled_table import CompiledTable, compile_table
from okrcore.priorities.regions import Box, Budget, overlap, uncovered

_CELLS = 1_000_000

Case = tuple[str | None, dict[str, Any]]
"""The rule that lets the objective win, None for the default, and one point {column: value}."""


def exposures(table: PriorityTable, kpi: Kpi, context: Context) -> Iterator[Case]:
    """Yield one case a rule, the default last, in which an objective wins over the KPI and nobody is asked.

    Exact over the columns that are not facts of the KPI: its category, bonus and so on are held fixed. A fact
    that its column cannot hold is a missing input, which escalates. Raises TableError past a million cells.
    """
    compiled, budget = compile_table(table), Budget(_CELLS)
    facts = standing_facts(kpi, context.portfolio)
    box = _held(compiled, facts)
    if box is None:
        return
    outcomes = [(rule.id, rule.then) for rule in table.rules]
    outcomes += [] if table.default is None else [("", table.default)]
    for row, (name, outcome) in enumerate(outcomes):
        better = (
            compiled.rules if not name else [compiled.rules[at] for at in members(compiled.beaten_by[row])]
        )
        own = box if not name else overlap(box, compiled.rules[row])
        effect = outcome.effect.kind if outcome.effect else ""
        if own is None or outcome.winner != "objective" or effect == "escalate":
            continue
        pairs = zip(table.guardrails, compiled.guardrails, strict=True)
        forbidding = [guarded for guard, guarded in pairs if {outcome.winner, effect} & set(guard.forbid)]
        piece = next(uncovered(own, [*better, *forbidding], budget), None)
        if piece:
            held = {axis.name: facts[axis.name] for axis in compiled.axes if axis.name in facts}
            yield name or None, {**compiled.witness(piece), **held}


def _held(compiled: CompiledTable, facts: Mapping[str, Any]) -> Box | None:
    """The box of all inputs with these facts; None where a column cannot hold one."""
    box = []
    for axis, grid in zip(compiled.axes, compiled.grids, strict=True):
        segment = grid.segment(axis.position(facts[axis.name])) if axis.name in facts else None
        if segment == -1:
            return None
        box.append(grid.inside if segment is None else 1 << segment)
    return tuple(box)
