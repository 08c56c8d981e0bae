"""OKR1, structure: few objectives that rest on a few key results with weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from okrcore.definitions.derived import team_of
from okrcore.definitions.goals import Objective
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import percent
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.rule import fault, governance_rule


@governance_rule(
    "OKR101",
    severity="error",
    fix="add a key result with a number, or let an objective contribute to it",
    where=lambda rows, context, _: rows.counted(context.index.count("key_results", "objective")) == 0,
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
    if goal.id not in context.relations.contributors_of:
        yield "has no key result, and nothing contributes to it"


@governance_rule(
    "OKR102",
    fix="merge key results, or split the objective",
    where=lambda rows, context, set_to: (
        rows.counted(context.index.count_open("key_results", "objective")) > set_to["most"]
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
    less than the noise of the others. What is closed no longer counts.
    """
    count = context.index.count_open("key_results", "objective")[goal.id]
    yield fault(f"has {count} key results; {most} are the most", count=count, most=most)


@governance_rule(
    "OKR103",
    fix="keep the objectives that matter most, and hand the others over or drop them",
    passes="""
        owners: [{id: head-of-sales, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: south, title: Grow in the south, cycle: "2026", owner: head-of-sales}
          - {id: retail, title: Shops sell what we make, cycle: "2026", owner: head-of-sales}
        """,
    fails="""
        owners: [{id: head-of-sales, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: south, title: Grow in the south, cycle: "2026", owner: head-of-sales}
          - {id: retail, title: Shops sell what we make, cycle: "2026", owner: head-of-sales}
          - {id: online, title: Buying online is easy, cycle: "2026", owner: head-of-sales}
        """,
)
def owner_has_few_objectives(portfolio: Portfolio, context: Context, *, most: int = 3) -> Iterator[Finding]:
    """An owner has at most 3 objectives in one cycle.

    Who has more has no priorities: time goes to whatever is loudest. 3 is the limit that GitLab's handbook
    set for a person or team in a quarter. The subject is the owner, one finding for each cycle.
    """
    counts = context.index.count_open("objectives", "owner", "cycle")
    for (owner, cycle), count in sorted(item for item in counts.items() if item[1] > most and item[0][0]):
        yield fault(
            f"has {count} objectives in {cycle!r}; {most} are the most",
            subject=owner, count=count, most=most, cycle=cycle,
        )  # fmt: skip


@governance_rule(
    "OKR104",
    fix="finish or stop some before others begin",
    passes="""
        teams: [{id: operations}]
        initiatives:
          - {id: lanes, title: Recalibrate lanes, team: operations, stage: decided}
          - {id: belts, title: Replace belts, team: operations, stage: decided}
          - {id: shifts, title: New shift plan, team: operations, stage: decided}
          - {id: scanners, title: Replace scanners, team: operations, stage: decided}
          - {id: docks, title: Widen the docks, team: operations, stage: decided}
          - {id: labels, title: Labels of one size, team: operations, stage: identified}
        """,
    fails="""
        teams: [{id: operations}]
        initiatives:
          - {id: lanes, title: Recalibrate lanes, team: operations, stage: decided}
          - {id: belts, title: Replace belts, team: operations, stage: decided}
          - {id: shifts, title: New shift plan, team: operations, stage: decided}
          - {id: scanners, title: Replace scanners, team: operations, stage: decided}
          - {id: docks, title: Widen the docks, team: operations, stage: decided}
          - {id: labels, title: Labels of one size, team: operations, stage: decided}
        """,
)
def team_has_few_initiatives(portfolio: Portfolio, context: Context, *, most: int = 5) -> Iterator[Finding]:
    """A team has at most 5 initiatives under way.

    By Little's law the time that each takes grows with the number that are open, and more than one a
    working day of the week is mostly switching. Under way is what is not closed and has started, or, where
    no start is told, is decided on: ideas that wait are no load. The team is the initiative's own, else its
    owner's; it is the subject.
    """
    counts = Counter(team_of(one, context.portfolio) for one in context.index.under_way)
    for team in sorted(name for name, count in counts.items() if name and count > most):
        yield fault(
            f"has {counts[team]} initiatives under way; {most} are the most",
            subject=team, count=counts[team], most=most,
        )  # fmt: skip


@governance_rule(
    "OKR107",
    severity="error",
    fix="give what it is judged by a weight above 0",
    where=lambda rows, context, _: ~rows.among(context.once(_weighted)),
    passes="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - {id: arr, title: ARR doubles, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - {id: deals, title: 20 deals, unit: deal, weight: 0, measure: {target: {start: 0, goal: 20}}}
        """,
    fails="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - {id: deals, title: 20 deals, unit: deal, weight: 0, measure: {target: {start: 0, goal: 20}}}
        """,
)
def objective_rests_on_a_weight(goal: Objective, context: Context) -> Iterator[str]:
    """Something under an objective has a weight.

    A weight of 0 aligns for display only, and a guardrail has none: where nothing else lies
    under an objective its score stays unknown for good. Nothing is said of equal shares where the
    scoring policy has `zero_weights="mean"`.
    """
    if goal.id in context.once(_weights):
        if context.scoring.zero_weights != "mean":
            yield "has only children of weight 0, so that none of them moves its score"
    elif context.relations.key_results_of.get(goal.id):
        yield "has only guardrails, which have no weight, so that nothing moves its score"


@governance_rule(
    "OKR119",
    severity="info",
    fix="even the weights out, or drop the key results that do not count",
    where=lambda rows, context, set_to: rows.among(context.once(_heaviest, set_to["most"])),
    passes="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - id: arr
                title: ARR doubles
                unit: EUR
                weight: 3
                measure: {target: {start: 1e6, goal: 2e6}}
              - {id: deals, title: 20 deals, unit: deal, measure: {target: {start: 0, goal: 20}}}
              - {id: pilots, title: 6 pilots, unit: customer, measure: {target: {start: 0, goal: 6}}}
        """,
    fails="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - id: arr
                title: ARR doubles
                unit: EUR
                weight: 10
                measure: {target: {start: 1e6, goal: 2e6}}
              - {id: deals, title: 20 deals, unit: deal, measure: {target: {start: 0, goal: 20}}}
              - {id: pilots, title: 6 pilots, unit: customer, measure: {target: {start: 0, goal: 6}}}
        """,
)
def weights_leave_room_for_all(goal: Objective, context: Context, *, most: float = 0.8) -> Iterator[Finding]:
    """Of three or more children no single one has more than 80 % of the weight.

    The others are shown and tracked, but cannot move the score: two of them failing together costs less
    than a fifth of it. Children of weight 0 are for display and not counted; nor are weights by value.
    """
    heaviest, share, count = context.once(_heaviest, most)[goal.id]
    yield fault(
        f"{heaviest!r} has {percent(share)} of the weight of {count} children",
        share=share, most=most, heaviest=heaviest,
    )  # fmt: skip


def _weights(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the weight of each child of each objective that has some; guardrails have none."""
    found: dict[str, dict[str, Any]] = {}
    for result in context.portfolio.key_results:
        if not result.guardrail:
            found.setdefault(result.objective, {})[result.id] = result.weight
    for goal, children in context.relations.contributors_of.items():
        found.setdefault(goal, {}).update((child.id, weight) for child, weight in children)
    return found


def _weighted(context: Context) -> frozenset[str]:
    """Return the objectives that have a child with a weight."""
    return frozenset(goal for goal, weights in context.once(_weights).items() if any(weights.values()))


def _heaviest(context: Context, most: float) -> Mapping[str, tuple[str, float, int]]:
    """Return the heaviest child, its share and the number of children, where the share is above `most`."""
    found = {}
    for goal, children in context.once(_weights).items():
        values = [weight for weight in children.values() if weight]
        if len(values) < 3 or "value" in values or max(values) <= most * sum(values):
            continue
        heaviest = min(name for name, weight in children.items() if weight == max(values))
        found[goal] = (heaviest, max(values) / sum(values), len(values))
    return found
