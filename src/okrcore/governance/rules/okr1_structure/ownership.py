"""OKR1, ownership: somebody answers for every goal, and nobody for too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from okrcore.conflicts.sides import joined
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.references import references
from okrcore.display import counted
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows


@governance_rule(
    "OKR108",
    severity="error",
    fix="name the one who answers for it: better a role than a person",
    where=lambda rows, context, _: rows.absent("owner") & context.index.owned("objectives"),
    passes="""
        owners: [{id: head-of-sales, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: south, title: Grow in the south, cycle: "2026", owner: head-of-sales}
        """,
    fails="""
        owners: [{id: head-of-sales, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: south, title: Grow in the south, cycle: "2026"}
        """,
)
def objective_has_an_owner(goal: Objective, context: Context) -> Iterator[str]:
    """An objective has an owner.

    What all answer for nobody does: no one is asked when it dips, and no one may decide. A team that
    answers as a whole is declared as an owner of kind "team". Where no objective at all has an owner,
    OKR121 says so once.
    """
    yield "has no owner"


@governance_rule(
    "OKR109",
    fix="name an owner of the key result, or of its objective",
    where=lambda rows, context, set_to: rows.absent("owner") & (set_to["own"] | _under_nobody(rows, context)),
    passes="""
        owners: [{id: head-of-sales, kind: role}, {id: head-of-service, kind: role}]
        objectives:
          - id: north
            title: Grow in the north
            cycle: "2026"
            owner: head-of-sales
            key_results:
              - {id: arr, title: ARR doubles, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - id: stay
                title: 95 % of customers stay
                unit: "%"
                owner: head-of-service
                measure: {target: {start: 80, goal: 95}}
        """,
    fails="""
        owners: [{id: head-of-sales, kind: role}, {id: head-of-service, kind: role}]
        objectives:
          - id: north
            title: Grow in the north
            cycle: "2026"
            key_results:
              - {id: arr, title: ARR doubles, unit: EUR, measure: {target: {start: 1e6, goal: 2e6}}}
              - id: stay
                title: 95 % of customers stay
                unit: "%"
                owner: head-of-service
                measure: {target: {start: 80, goal: 95}}
        """,
)
def key_result_has_an_owner(result: KeyResult, context: Context, *, own: bool = False) -> Iterator[str]:
    """Somebody answers for a key result: its owner, else its objective's.

    Where neither has one and others of the same objective have, this one was forgotten: nobody checks in on
    it. Where none of them has, the objective's missing owner is the fault (OKR108), and it is not told again
    for each. With `own` every key result needs an owner of its own.
    """
    if own:
        yield "has no owner of its own"
    elif any(one.owner for one in context.relations.key_results_of[result.objective]):
        yield f"has no owner, and its objective {result.objective!r} has none either"


@governance_rule(
    "OKR110",
    fix="hand some of it over, or drop what matters least",
    passes="""
        owners: [{id: head-of-sales, kind: role}]
        initiatives:
          - {id: north, title: Open the north, owner: head-of-sales, stage: decided}
          - {id: south, title: Open the south, owner: head-of-sales, stage: decided}
        """,
    fails="""
        owners: [{id: head-of-sales, kind: role}]
        initiatives:
          - {id: i01, title: Open the north, owner: head-of-sales, stage: decided}
          - {id: i02, title: Open the south, owner: head-of-sales, stage: decided}
          - {id: i03, title: Open the east, owner: head-of-sales, stage: decided}
          - {id: i04, title: Open the west, owner: head-of-sales, stage: decided}
          - {id: i05, title: Train the partners, owner: head-of-sales, stage: decided}
          - {id: i06, title: New price list, owner: head-of-sales, stage: decided}
          - {id: i07, title: New contracts, owner: head-of-sales, stage: decided}
          - {id: i08, title: Shop in shop, owner: head-of-sales, stage: decided}
          - {id: i09, title: Trade fairs, owner: head-of-sales, stage: decided}
          - {id: i10, title: Telephone sales, owner: head-of-sales, stage: decided}
          - {id: i11, title: Rework the catalogue, owner: head-of-sales, stage: decided}
        """,
)
def owner_answers_for_few_things(
    portfolio: Portfolio, context: Context, *, most: int = 10
) -> Iterator[Finding]:
    """An owner answers for at most 10 key results and initiatives at once.

    Each asks for a check-in: with more than two a working day of the week they are filled in, not thought
    about. Counted are the key results of cycles that run (a key result without an owner falls to its
    objective's) and the initiatives under way; objectives are not, for their key results are. The subject
    is the owner.
    """
    running = {cycle.id for cycle in portfolio.cycles if context.is_running(cycle)}
    goals = {goal.id: goal for goal in portfolio.objectives if goal.cycle in running}
    results = Counter(
        result.owner or goals[result.objective].owner
        for result in portfolio.key_results
        if result.objective in goals and result.id not in context.closings
    )
    initiatives = Counter(one.owner for one in context.index.under_way)
    for owner in sorted(name for name in results.keys() | initiatives.keys() if name):
        if (count := results[owner] + initiatives[owner]) > most:
            what = f"{counted(results[owner], 'key result')} and {counted(initiatives[owner], 'initiative')}"
            yield fault(
                f"answers for {what}; {most} in all are the most", subject=owner, count=count, most=most
            )


@governance_rule(
    "OKR114",
    fix="name the one who answers for it, or close it",
    where=lambda rows, context, _: (
        rows.absent("owner") & (rows["stage"] != "closed") & context.index.owned("initiatives")
    ),
    passes="""
        owners: [{id: maintenance-lead, kind: role}]
        initiatives:
          - {id: lanes, title: Recalibrate lanes, owner: maintenance-lead}
          - {id: belts, title: Replace belts, owner: maintenance-lead}
        """,
    fails="""
        owners: [{id: maintenance-lead, kind: role}]
        initiatives:
          - {id: lanes, title: Recalibrate lanes, owner: maintenance-lead}
          - {id: belts, title: Replace belts}
        """,
)
def initiative_has_an_owner(initiative: Initiative, context: Context) -> Iterator[str]:
    """An initiative that is not closed has an owner.

    Nobody moves it on, and nobody can be told when a milestone slips. Where no initiative at all has an
    owner, OKR121 says so once.
    """
    yield "has no owner"


@governance_rule(
    "OKR116",
    fix="name an owner of the milestone, or of its initiative",
    where=lambda rows, context, _: rows.absent("owner") & rows.absent("done"),
    passes="""
        owners: [{id: maintenance-lead, kind: role}, {id: head-of-operations, kind: role}]
        initiatives:
          - {id: lanes, title: Recalibrate lanes, owner: head-of-operations}
          - {id: belts, title: New belts}
        milestones:
          - {id: belt-1, initiative: belts, title: Belt 1 live, due: 2026-09-25, owner: maintenance-lead}
          - {id: hall-1, initiative: lanes, title: Hall 1 live, due: 2026-08-28, owner: maintenance-lead}
          - {id: hall-2, initiative: lanes, title: Hall 2 live, due: 2026-11-27}
        """,
    fails="""
        owners: [{id: maintenance-lead, kind: role}, {id: head-of-operations, kind: role}]
        initiatives: [{id: lanes, title: Recalibrate lanes}]
        milestones:
          - {id: hall-1, initiative: lanes, title: Hall 1 live, due: 2026-08-28, owner: maintenance-lead}
          - {id: hall-2, initiative: lanes, title: Hall 2 live, due: 2026-11-27}
        """,
)
def milestone_has_an_owner(milestone: Milestone, context: Context) -> Iterator[str]:
    """Somebody answers for an open milestone: its owner, else its initiative's.

    Where neither has one and others of the same initiative have, this one was forgotten: it slips unseen.
    Where none of them has, the initiative's missing owner is the fault (OKR114).
    """
    siblings = context.relations.milestones_of[milestone.initiative]
    if context.portfolio[milestone.initiative].owner is None and any(one.owner for one in siblings):
        yield f"has no owner, and its initiative {milestone.initiative!r} has none either"


@governance_rule(
    "OKR120",
    severity="info",
    fix="take it out, or name what it answers for",
    passes="""
        owners: [{id: head-of-sales, kind: role}, {id: head-of-service, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: help, title: Customers get help at once, cycle: "2026", owner: head-of-service}
        """,
    fails="""
        owners: [{id: head-of-sales, kind: role}, {id: head-of-service, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: help, title: Customers get help at once, cycle: "2026", owner: head-of-sales}
        """,
)
def owners_and_teams_are_used(
    portfolio: Portfolio, context: Context, *, most: float = 0.5
) -> Iterator[Finding]:
    """Every owner and team is named by something.

    One that nothing names was left behind by a reorganisation, or its goals are owned under another id.
    Where more than half of all owners (or teams) are not named, a whole directory was declared, and nothing
    is said of them.
    """
    used = _named(portfolio, context)
    for kind, declared in (("owner", portfolio.owners), ("team", portfolio.teams)):
        unused = [one.id for one in declared if one.id not in used]
        if len(unused) <= most * len(declared):
            for name in sorted(unused):
                yield fault(f"is a declared {kind} that nothing names", subject=name)


@governance_rule(
    "OKR121",
    severity="error",
    fix="declare owners, and name one for each",
    passes="""
        owners: [{id: head-of-sales, kind: role}]
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026", owner: head-of-sales}
          - {id: south, title: Grow in the south, cycle: "2026"}
        """,
    fails="""
        objectives:
          - {id: north, title: Grow in the north, cycle: "2026"}
          - {id: south, title: Grow in the south, cycle: "2026"}
        """,
)
def somebody_answers(portfolio: Portfolio, context: Context) -> Iterator[str]:
    """Objectives and initiatives have owners.

    Told once where none of them has any; OKR108 and OKR114 name the single ones where some have. A portfolio
    without owners is a list of wishes: a dip has no one to answer for it.
    """
    silent = [
        (part, len(values))
        for part, values in (("objectives", portfolio.objectives), ("initiatives", portfolio.initiatives))
        if values and not context.index.owned(part)
    ]
    if silent:
        what = joined(f"{count} {part if count > 1 else part[:-1]}" for part, count in silent)
        yield f"names no owner for its {what}"


def _under_nobody(rows: SubjectRows, context: Context) -> Bools:
    """Return which key results have an objective without an owner; none where no key result has its own."""
    if not context.index.owned("key_results"):
        return np.zeros(len(rows), dtype=np.bool_)
    return rows.among(context.once(_nobodys), "objective")


def _nobodys(context: Context) -> frozenset[str]:
    """Return the objectives without an owner."""
    return frozenset(goal.id for goal in context.portfolio.objectives if goal.owner is None)


def _named(portfolio: Portfolio, context: Context) -> set[str | None]:
    """Return the owners and teams that something names."""
    used: set[str | None] = set()
    for part in ("objectives", "key_results", "kpis", "initiatives", "milestones", "links"):
        used.update(context.index.count(part, "owner"))
    for part in ("owners", "objectives", "kpis", "initiatives"):
        used.update(context.index.count(part, "team"))
    used.update(context.index.count("teams", "parent"))
    used.update(name for kpi in portfolio.kpis for name in kpi.watchers)
    used.update(demand.of for initiative in portfolio.initiatives for demand in initiative.demand)
    rest = (*portfolio.tolerances, *filter(None, [portfolio.priorities]))
    used.update(name for one in rest for _, name, _ in references(one))
    return used
