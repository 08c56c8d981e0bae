"""OKR3, linkage: numbers that lead to each goal, work that reaches it, and teams that share it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from okrcore.definitions.derived import team_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.lineage import lineage_of
from okrcore.definitions.measures import Checklist
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import counted
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows

_GOAL = """
    objectives:
      - id: sorting
        title: Sort a fifth more
        cycle: "2026"
        team: engineering
        key_results:
          - {id: speed, title: A fifth more, unit: parcel/hour, measure: {target: {start: 100, goal: 120}}}
    teams: [{id: engineering}, {id: operations}]"""
_LANES = (
    _GOAL
    + """
    kpis:
      - {id: lanes, title: Lanes recalibrated, unit: lane, team: engineering}
      - {id: crews, title: People trained, unit: employee, team: operations}
    links:
      - {source: lanes, target: speed, sign: 1, lag: 2w..6w}"""
)
_CREWS = """
      - {source: crews, target: speed, sign: 1, lag: 2w..6w}"""
_ENDED = """
      - id: last-year
        title: Sort a tenth more
        cycle: "2025"
        team: engineering
        key_results:
          - {id: pace, title: A tenth more, unit: parcel/hour, measure: {target: {start: 90, goal: 99}}}"""
_YEARS = """
      - {source: lanes, target: pace, sign: 1, lag: 2w..6w}
    cycles:
      - {id: "2025", start: 2025-01-01, end: 2025-12-31}
      - {id: "2026", start: 2026-01-01, end: 2026-12-31}"""
_WORK = (
    _GOAL
    + """
    initiatives:
      - {id: recalibration, title: Recalibrate the lanes}
      - {id: repainting, title: Repaint the halls, stage: STAGE}
    links:
      - {source: recalibration, target: speed, sign: 1, weight: 0.8}"""
)
_SAME_DAY = """
          - {id: same-day, title: Leave the same day, unit: "%", measure: {target: {start: 90, goal: 96}}}"""
_BONUS = _LANES.replace("unit: employee,", "unit: employee, incentivised: true,")
_MANY = "".join(
    f"""
      - {{id: after-{weeks}w, source: crews, target: speed, sign: 1, lag: {weeks}w}}"""
    for weeks in range(1, 8)
)


def _with(document: str, more: str) -> str:
    """Return the document with more after its key result: another one, or another objective."""
    return document.replace("\n    teams:", f"{more}\n    teams:")


def _open_results(rows: SubjectRows, context: Context) -> Bools:
    """Where a key result counts in an objective whose cycle has not ended."""
    guards = rows["guardrail"].astype(np.bool_)
    return rows.among(context.index.open_goals, "objective") & ~guards


def _unled(rows: SubjectRows, context: Context) -> Bools:
    """Where a key result counts and no KPI leads to it or its KPI; nowhere if none leads anywhere."""
    leading = context.index.leading
    if not leading:
        return np.zeros(len(rows), dtype=np.bool_)
    return _open_results(rows, context) & ~rows.among(leading) & ~rows.among(leading, "measured_by")


@governance_rule(
    "OKR301",
    fix="link the KPI that moves first to it, with the lag that you expect",
    where=lambda rows, context, _: _unled(rows, context),
    passes=_LANES,
    fails=_with(_LANES, _SAME_DAY),
)
def key_result_has_a_leading_kpi(result: KeyResult, context: Context) -> Iterator[str]:
    """A KPI leads to each key result, or to the KPI that measures it.

    It may lead to what that KPI is computed from; an input is no leader of its own formula. Without one the
    key result is a number at the end of the quarter: the first sign of trouble is the miss itself. Guardrails
    and checklists are exempt, and so is what has ended. Nothing is said where no link leads from any KPI: see
    OKR321.
    """
    if not isinstance(result.measure, Checklist):
        yield "has no KPI that leads to it"


@governance_rule(
    "OKR302",
    fix="name who answers for the number",
    where=lambda rows, context, _: rows.absent("owner") & bool(context.portfolio.owners),
    passes="""
        owners: [{id: head-of-operations, kind: role}]
        kpis: [{id: uptime, title: Uptime, unit: "%", target: {low: 98}, owner: head-of-operations}]
        """,
    fails="""
        owners: [{id: head-of-operations, kind: role}]
        kpis: [{id: uptime, title: Uptime, unit: "%", target: {low: 98}}]
        """,
)
def kpi_has_an_owner(kpi: Kpi, context: Context) -> Iterator[str]:
    """A KPI has an owner.

    A number that nobody answers for is watched by everybody and moved by nobody. Nothing is said
    where no owner is declared at all: see OKR321.
    """
    yield "has no owner"


@governance_rule(
    "OKR303",
    fix="name the initiative that is meant to move it, or stop watching it",
    where=lambda rows, context, set_to: (
        rows.absent("initiative")
        & rows.absent("guards")
        & ~rows.among(set_to["held"], "category")
        & ~rows.among(context.index.worked_on)
        & bool(context.portfolio.initiatives)
    ),
    passes="""
        initiatives: [{id: maintenance, title: Preventive maintenance}]
        kpis: [{id: uptime, title: Uptime, unit: "%", target: {low: 98}, initiative: maintenance}]
        """,
    fails="""
        initiatives: [{id: maintenance, title: Preventive maintenance}]
        kpis: [{id: uptime, title: Uptime, unit: "%", target: {low: 98}}]
        """,
)
def kpi_has_an_initiative(
    kpi: Kpi, context: Context, *, held: tuple[str, ...] = ("safety", "compliance", "regulatory", "legal")
) -> Iterator[str]:
    """A KPI maps to an initiative, by name or by a link from one.

    A number that no work is meant to move can only be reported, not managed. What is there to be held, a
    guardrail or a KPI of a category of `held`, is watched without one. Nothing is said where no initiative is
    declared at all: see OKR321.
    """
    yield "maps to no initiative"


@governance_rule(
    "OKR304",
    severity="info",
    fix="link the KPIs of the other teams that the objective depends on",
    where=lambda rows, context, _: (
        rows.among(context.index.open_goals)
        & bool(context.index.leading)
        & (len(context.portfolio.teams) > 1)
    ),
    passes=_with(_LANES, _ENDED) + _CREWS + _YEARS,
    fails=_LANES,
)
def objective_is_led_across_teams(goal: Objective, context: Context) -> Iterator[Finding]:
    """The KPIs that lead to an objective belong to more teams than its own.

    What a team can measure by itself is what it already controls; what stops it is usually in the numbers of
    the team next door. Nothing is said of KPIs whose team is unknown, and where there is only one team.
    """
    team = team_of(goal, context.portfolio)
    if team is None:
        return
    kpis = set[str]()
    for name in (
        name for one in context.relations.key_results_of.get(goal.id, ()) for name in _leaders(one, context)
    ):
        if team_of(context.find(name), context.portfolio) != team:
            return
        kpis.add(name)
    if kpis:
        listed = tuple(sorted(kpis))
        yield fault(
            f"is led by KPIs of its own team {team} alone: {', '.join(listed)}", team=team, kpis=listed
        )


def _leaders(result: KeyResult, context: Context) -> Iterator[str]:
    """The KPIs with a link of some weight into a key result, the KPI that measures it, or what that reads."""
    parts = lineage_of(context.portfolio).made_of.get(context.scene.measure(result.id), frozenset())
    own = {result.measured_by, *parts}
    for end in (result.id, result.measured_by, *sorted(parts)):
        for link in context.relations.links_to.get(end, ()) if end else ():
            if link.weight > 0 and link.source in context.scene.kpis and link.source not in own:
                yield link.source


def _links_into(rows: SubjectRows, context: Context) -> npt.NDArray[np.int64]:
    counts = context.index.count("links", "target")
    return rows.counted(counts) + rows.counted(counts, "measured_by")


@governance_rule(
    "OKR314",
    severity="info",
    fix="keep the links that the evidence supports, and drop the weakest",
    where=lambda rows, context, set_to: (
        rows.among(context.index.open_goals, "objective") & (_links_into(rows, context) > set_to["most"])
    ),
    passes=_LANES,
    fails=_LANES + _MANY,
)
def key_result_has_few_links(result: KeyResult, context: Context, *, most: int = 7) -> Iterator[Finding]:
    """At most 7 links lead into a key result and the KPI that measures it.

    Seven is about what one glance takes in (Miller 1956). Past it nobody knows any more which of them to act
    on, and testing so many at once costs each of them most of its evidence.
    """
    counts = context.index.count("links", "target")
    count = counts.get(result.id, 0) + counts.get(result.measured_by, 0)
    yield fault(f"has {count} links into it; one glance takes {most}", count=count, most=most)


@governance_rule(
    "OKR316",
    fix="link it to the KPI or key result that it is meant to move, or stop it",
    where=lambda rows, context, _: (
        rows.among(context.scene.initiatives)
        & ~rows.among(context.index.reaching)
        & bool(context.index.worked_on)
    ),
    passes=_WORK.replace("STAGE", "closed"),
    fails=_WORK.replace("STAGE", "decided"),
)
def initiative_reaches_an_objective(work: Initiative, context: Context) -> Iterator[str]:
    """An initiative has a path to an objective whose cycle has not ended.

    Otherwise it takes people and money from the goals without moving any of them. A path runs over links, key
    results, contributions, guardrail KPIs, the inputs of formulas and the milestones of checklists, as for a
    conflict. Closed and ended work is left alone; nothing is said where no link leads from any initiative:
    see OKR321.
    """
    yield "has no path to an objective"


@governance_rule(
    "OKR317",
    fix="link the initiative that is meant to move it, or start one",
    where=lambda rows, context, _: (
        _open_results(rows, context)
        & ~rows.among(context.index.moved)
        & ~rows.among(context.index.moved, "measured_by")
        & bool(context.index.worked_on)
    ),
    passes=_WORK.replace("STAGE", "closed"),
    fails=_with(_WORK.replace("STAGE", "closed"), _SAME_DAY),
)
def key_result_is_worked_on(result: KeyResult, context: Context) -> Iterator[str]:
    """An initiative under way has a path to each key result.

    A goal that no work moves is a hope. The initiative that a KPI names counts as work on it and on all it
    leads to. Guardrails are exempt; nothing is said where no link leads from any initiative: see OKR321.
    """
    yield "has no initiative that leads to it"


@governance_rule(
    "OKR318",
    fix="link it to what it is meant to serve, or take the bonus off it",
    where=lambda rows, context, _: (
        rows["incentivised"].astype(np.bool_)
        & ~rows.among(context.index.reaching)
        & (bool(context.index.leading) and bool(context.index.open_goals))
    ),
    passes=_BONUS + _CREWS,
    fails=_BONUS,
)
def bonus_serves_an_objective(kpi: Kpi, context: Context) -> Iterator[str]:
    """A KPI that a bonus hangs on has a path to an objective.

    People do what they are paid for. Where the number leads to no goal, they are paid to leave the goals
    alone. Nothing is said where no link leads from any KPI, or no objective is under way.
    """
    yield "has a bonus and no path to an objective"


@governance_rule(
    "OKR321",
    severity="info",
    fix="declare the first ones; the rules of each then say where others are missing",
    passes="""
        owners: [{id: operations, kind: team}]
        initiatives: [{id: maintenance, title: Preventive maintenance}]
        kpis:
          - {id: uptime, title: Uptime, unit: "%", owner: operations, initiative: maintenance}
          - {id: stops, title: Outages, unit: outage, owner: operations, initiative: maintenance}
        links:
          - {source: maintenance, target: stops, sign: -1}
          - {source: stops, target: uptime, sign: -1, lag: 1w}
        """,
    fails="""
        owners: [{id: head-of-operations, kind: role}]
        kpis:
          - {id: uptime, title: Uptime, unit: "%", owner: head-of-operations}
          - {id: stops, title: Outages, unit: outage, owner: head-of-operations}
        """,
)
def portfolio_says_who_and_how(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """A portfolio that watches numbers says who answers for them, what is done, and what leads to what.

    Where it declares no owner, no initiative, or no link at all, that is one finding here in place of one for
    each KPI and key result (OKR301, OKR302, OKR303, OKR316, OKR317).
    """
    kpis, results, work = (
        len(part) for part in (portfolio.kpis, portfolio.key_results, portfolio.initiatives)
    )
    if kpis and not portfolio.owners:
        yield fault(f"declares {counted(kpis, 'KPI')} and no owner", kpis=kpis)
    if kpis and not work:
        yield fault(f"declares {counted(kpis, 'KPI')} and no initiative", kpis=kpis)
    if kpis and kpis + results > 1 and not context.index.leading:
        goals = f" and {counted(results, 'key result')}" if results else ""
        yield fault(
            f"declares {counted(kpis, 'KPI')}{goals}, and no link from a KPI", kpis=kpis, key_results=results
        )
    if work and kpis + results and not context.index.worked_on:
        yield fault(
            f"declares {counted(work, 'initiative')}, and no link says what they move", initiatives=work
        )
