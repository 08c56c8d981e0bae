"""Tell where an amendment moved weight under an objective: from what failed to what went well (S21.4)."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.declarations.amendment import Amendment
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.portfolio import Portfolio
from okrcore.governance.context import Context
from okrcore.governance.questions.amended import FAILING, Revision, status_then

WELL = ("early", "on-track", "achieved")
LEAST = 1e-9
"""By how much weights have to differ."""


def moved_under(
    context: Context, revision: Revision, one: Amendment
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each objective under which an amendment moved weight: its id, what failed, what went well."""
    for goal in _weighed_under(revision, one):
        before, after = _weights(revision.before, goal), _weights(revision.after, goal)
        common = sorted(before.keys() & after.keys())
        old, new = (sum(side[name] for name in common) for side in (before, after))
        gain = {
            name: after[name] * old - before[name] * new for name in common
        }  # of the share, times both sums
        statuses = {name: status_then(context, revision, name) for name in common if gain[name]}
        less = [name for name, status in statuses.items() if gain[name] < -LEAST and status in FAILING]
        more = [name for name, status in statuses.items() if gain[name] > LEAST and status in WELL]
        if less and more:
            yield goal, less, more


def _weighed_under(revision: Revision, one: Amendment) -> list[str]:
    """Return the objectives in whose score an amendment weighs something anew."""
    value = revision.before[one.subject]
    if one.field == "weight" and isinstance(value, KeyResult):
        goals = {value.objective}
    elif one.field == "contributes_to" and isinstance(value, Objective):
        goals = {to.to for to in (*one.before, *one.after)}
    else:
        goals = set()
    return sorted(name for name in goals if name in revision.before and name in revision.after)


def _weights(portfolio: Portfolio, goal: str) -> dict[str, float]:
    """Return what counts under an objective; what is weighed by its value is left out."""
    results = (one for one in portfolio.key_results if one.objective == goal and not one.guardrail)
    found = {one.id: one.weight for one in results if one.weight != "value"}
    found |= {one.id: to.weight for one in portfolio.objectives for to in one.contributes_to if to.to == goal}
    return {name: float(weight) for name, weight in found.items()}
