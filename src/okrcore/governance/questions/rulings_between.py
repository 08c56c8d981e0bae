"""Find which conflict and decision counts between two sides, and what no rule decides."""

from __future__ import annotations

from collections.abc import Mapping

from okrcore.conflicts.conflict import KINDS, Conflict
from okrcore.conflicts.decision import Decision
from okrcore.governance.context import Context


def first_between(context: Context) -> Mapping[tuple[str, ...], Conflict]:
    """Return the conflict that counts of those between the same sides: the first of its kind."""
    found: dict[tuple[str, ...], Conflict] = {}
    for conflict in sorted(context.conflicts, key=lambda one: (KINDS.index(one.kind), one.id)):
        found.setdefault(tuple(sorted(conflict.sides)), conflict)
    return found


def speaks_for_its_sides(conflict: Conflict, context: Context) -> bool:
    """Return whether a conflict is the one that counts between its sides, so that a pair is told once."""
    first = context.once(first_between).get(tuple(sorted(conflict.sides)), conflict)
    return first.id == conflict.id


def undecided(conflict: Conflict, context: Context) -> str | None:
    """Return why no rule decides a conflict; None where one does, or where that cannot be told."""
    if context.portfolio.priorities is None:
        return "there is no priority table"
    if context.history is None and context.given.get("decisions") is None:
        return None
    decision = context.once(_decision_of).get(conflict.id)
    if decision is None:
        return "the priority table is not verified"
    if decision.rule is not None:
        return None
    default = context.portfolio.priorities.default
    spoken = default is not None and decision.why == default.why
    return "only the default does" if decision.winner is not None or spoken else decision.why


def _decision_of(context: Context) -> Mapping[str, Decision]:
    return {one.conflict.id: one for one in context.decisions}
