"""OKR1, structure: objectives that rest on a few numbers, have an owner, and lead to the top (S16)."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.goals import Objective
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.rule import fault, governance_rule


@governance_rule(
    "OKR101",
    severity="error",
    fix="add a key result with a number, or let an objective contribute to it",
    where=lambda rows, context, _: rows.counted(context.count("key_results", "objective")) == 0,
    passes="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - {id: arr, title: ARR doubles, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
        """,
    fails="""
        objectives:
          - {id: growth, title: Grow in the north, cycle: "2026"}
        """,
)
def objective_rests_on_something(goal: Objective, context: Context) -> Iterator[str]:
    """An objective has a key result, or an objective that contributes to it.

    Without either nothing says whether it was reached: its score stays unknown for good, and silence looks
    like agreement.
    """
    if not context.key_results_of.get(goal.id) and not context.contributors_of.get(goal.id):
        yield "has no key result, and nothing contributes to it"


@governance_rule(
    "OKR102",
    fix="merge key results, or split the objective",
    where=lambda rows, context, set_to: (
        rows.counted(context.count("key_results", "objective")) > set_to["most"]
    ),
    passes="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - {id: arr, title: ARR doubles, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
        """,
    fails="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - {id: k1, title: North, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - {id: k2, title: South, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - {id: k3, title: East, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - {id: k4, title: West, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - {id: k5, title: Retail, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - {id: k6, title: Online, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
        """,
)
def objective_has_few_key_results(goal: Objective, context: Context, *, most: int = 5) -> Iterator[Finding]:
    """An objective has at most 5 key results.

    Beyond that nobody can say by heart what the objective means, and every one of them moves the score by
    less than the noise of the others.
    """
    count = len(context.key_results_of.get(goal.id, ()))
    if count > most:
        yield fault(f"has {count} key results; {most} are the most", count=count, most=most)
