"""OKR1, alignment: goals and steps that lead to the top, within the time of what they belong to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import cast

import numpy as np

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import cycle_of, team_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.questions.words import days
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows


@governance_rule(
    "OKR111",
    fix="let it contribute to an objective above, or drop it",
    where=lambda rows, context, _: rows.absent("contributes_to"),
    passes="""
        teams: [{id: board}, {id: product, parent: board}]
        objectives:
          - {id: enterprise, title: Large companies choose us, cycle: "2026", team: board}
          - id: interface
            title: An interface people enjoy
            cycle: "2026"
            team: product
            contributes_to: [enterprise]
        """,
    fails="""
        teams: [{id: board}, {id: product, parent: board}]
        objectives:
          - {id: enterprise, title: Large companies choose us, cycle: "2026", team: board}
          - id: interface
            title: An interface people enjoy
            cycle: "2026"
            team: product
        """,
)
def objective_leads_to_the_top(goal: Objective, context: Context) -> Iterator[str]:
    """An objective of a lower team contributes, directly or through others, to one of a top team.

    Work that leads nowhere competes with work that does. A top team has no team above it; the objective's
    team is its own, else its owner's. A contribution of weight 0 aligns it. Told where the path ends,
    not for every objective below; nothing is said where no team is known, or where no top team has an
    objective at the time.
    """
    team = context.find(team_of(goal, context.portfolio))
    cycle = context.portfolio[goal.cycle]
    if team and team.parent is not None and any(_meet(cycle, top) for top in context.index.top_cycles):
        yield f"contributes to nothing, and {team.id!r} is no top team"


@governance_rule(
    "OKR112",
    fix="let it contribute to an objective of its own time",
    where=lambda rows, context, _: rows.among(context.once(_apart)),
    passes="""
        cycles:
          - {id: "2026", start: 2026-01-01, end: 2026-12-31}
          - {id: 2026-q1, start: 2026-01-01, end: 2026-03-31}
        objectives:
          - {id: year, title: Grow in the north, cycle: "2026"}
          - {id: quarter, title: Shops in Oslo, cycle: 2026-q1, contributes_to: [year]}
        """,
    fails="""
        cycles:
          - {id: "2026", start: 2026-01-01, end: 2026-12-31}
          - {id: 2025-q4, start: 2025-10-01, end: 2025-12-31}
        objectives:
          - {id: year, title: Grow in the north, cycle: "2026"}
          - {id: quarter, title: Shops in Oslo, cycle: 2025-q4, contributes_to: [year]}
        """,
)
def contributions_share_their_time(goal: Objective, context: Context) -> Iterator[str]:
    """An objective contributes to objectives whose cycle overlaps its own.

    A goal cannot help one that is over before it starts; its score would stand in a mean of another time.
    Mostly the objective was copied from the last cycle with its old parent.
    """
    for other in context.once(_apart)[goal.id]:
        yield f"contributes to {other.id!r} of {other.cycle!r}, which shares no day with {goal.cycle!r}"


@governance_rule(
    "OKR113",
    fix="set a due date within the cycle, or move the objective to the next cycle",
    where=lambda rows, context, _: _late(rows, context),
    passes="""
        objectives:
          - id: growth
            title: Grow in the north
            cycle: "2026"
            key_results:
              - id: arr
                title: ARR doubles
                unit: EUR
                due: 2026-12-31
                measure: {target: {start: 1e6, goal: 2e6}}
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
                due: 2027-01-31
                measure: {target: {start: 1e6, goal: 2e6}}
        """,
)
def key_result_is_due_within_its_cycle(result: KeyResult, context: Context) -> Iterator[Finding]:
    """A key result is due when its cycle ends, or before.

    Later, its objective is closed while the key result still runs on: the score of the cycle is never final.
    """
    cycle = cycle_of(result, context.portfolio)
    late = (cast("dt.date", result.due) - cycle.end).days
    yield fault(f"is due {result.due}, {days(late)} after {cycle.id!r} ends", days=late)


@governance_rule(
    "OKR115",
    fix="plan the next step that can be shown, with a date",
    where=lambda rows, context, _: (
        (rows.counted(context.index.count("milestones", "initiative")) == 0)
        & bool(context.portfolio.milestones)
    ),
    passes="""
        initiatives:
          - {id: lanes, title: Recalibrate lanes, start: 2026-01-05}
          - {id: belts, title: Replace belts, start: 2026-01-05}
        milestones:
          - {id: hall-1, initiative: lanes, title: Hall 1 live, due: 2026-08-28}
          - {id: sorter-1, initiative: belts, title: Sorter 1 runs, due: 2026-09-25}
        """,
    fails="""
        initiatives:
          - {id: lanes, title: Recalibrate lanes, start: 2026-01-05}
          - {id: belts, title: Replace belts, start: 2026-01-05}
        milestones:
          - {id: hall-1, initiative: lanes, title: Hall 1 live, due: 2026-08-28}
          - {id: hall-2, initiative: lanes, title: Hall 2 live, due: 2026-09-25}
        """,
)
def initiative_under_way_has_a_milestone(initiative: Initiative, context: Context) -> Iterator[str]:
    """An initiative under way has a milestone.

    Its implementation status is the share of milestones done: without any it stays unknown until the
    money is spent. Under way is what is not closed and has started, or, where no start is told, is decided
    on. Nothing is said where no milestone is declared at all.
    """
    if context.index.is_under_way(initiative):
        yield "is under way without a milestone"


@governance_rule(
    "OKR117",
    fix="move the milestone, or the dates of its initiative",
    where=lambda rows, context, _: rows.absent("done"),
    passes="""
        initiatives: [{id: lanes, title: Recalibrate lanes, start: 2026-01-05, end: 2026-11-27}]
        milestones:
          - {id: hall-3, initiative: lanes, title: Hall 3 live, due: 2026-11-27}
          - {id: bid, initiative: lanes, title: Bid accepted, due: 2025-12-19, done: 2025-12-18}
        """,
    fails="""
        initiatives: [{id: lanes, title: Recalibrate lanes, start: 2026-01-05, end: 2026-11-27}]
        milestones: [{id: hall-3, initiative: lanes, title: Hall 3 live, due: 2026-12-18}]
        """,
)
def milestone_lies_within_its_initiative(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """An open milestone starts, finishes and is due between start and end of its initiative.

    One of the two plans is wrong, and whoever reads only the other is surprised: capacity and budget are
    given for the initiative's time.
    """
    initiative = context.portfolio[milestone.initiative]
    for verb, day in (
        ("starts", milestone.start), ("is planned for", milestone.finish), ("is due", milestone.due),
    ):  # fmt: skip
        if day and (found := _outside(day, initiative)):
            yield fault(f"{verb} {day}, {found}", day=day)
            return


def _outside(day: dt.date, initiative: Initiative) -> str:
    if initiative.start and day < initiative.start:
        return f"{days((initiative.start - day).days)} before {initiative.id!r} starts"
    if initiative.end and day > initiative.end:
        return f"{days((day - initiative.end).days)} after {initiative.id!r} ends"
    return ""


def _meet(one: Cycle, other: Cycle) -> bool:
    return one.start <= other.end and other.start <= one.end


def _apart(context: Context) -> Mapping[str, tuple[Objective, ...]]:
    """Return what each objective contributes to in a cycle that does not overlap its own, where it does."""
    goals = {goal.id: goal for goal in context.portfolio.objectives}
    pairs = [(goal, goals[part.to]) for goal in goals.values() for part in goal.contributes_to]
    cycles = {(goal.cycle, other.cycle) for goal, other in pairs}
    apart = {(a, b) for a, b in cycles if not _meet(context.portfolio[a], context.portfolio[b])}
    found: dict[str, tuple[Objective, ...]] = {}
    for goal, other in pairs if apart else ():
        if (goal.cycle, other.cycle) in apart:
            found[goal.id] = (*found.get(goal.id, ()), other)
    return found


def _late(rows: SubjectRows, context: Context) -> Bools:
    """Return which key results are due after their cycle."""
    end_of = context.once(_ends)
    found = (
        due is not None and due > end_of[objective]
        for due, objective in zip(rows["due"], rows["objective"], strict=True)
    )
    return np.fromiter(found, dtype=np.bool_, count=len(rows))


def _ends(context: Context) -> Mapping[str, dt.date]:
    """Return the last day of the cycle of each objective."""
    ends = {cycle.id: cycle.end for cycle in context.portfolio.cycles}
    return {goal.id: ends[goal.cycle] for goal in context.portfolio.objectives}
