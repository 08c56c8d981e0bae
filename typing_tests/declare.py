"""Definitions as a user writes them: what a type checker takes, and what it refuses.

An ignored line must be an error: unused ignores are errors themselves.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, assert_type

import okrcore as okr

today = dt.date(2026, 6, 30)

cycle = okr.Cycle.quarter(2026, 4, fiscal_start_month=7)
assert_type(cycle, okr.Cycle)
assert_type(okr.Cycle.year(2026), okr.Cycle)
assert_type(okr.Cycle.half(2026, 1, timezone="Europe/Berlin").start, dt.date)
assert_type(okr.Cadence.parse("weekly").periods(today, today), tuple[okr.definitions.Period, ...])
assert_type(okr.weekly("2026-01-01", today), tuple[dt.date, ...])

team = okr.Team(id="operations", title="Operations", parent="enterprise", capacity=12)
owner = okr.Owner(id="lead", kind="role", team=team.id)
okr.Team("operations")  # type: ignore[call-arg]
okr.Owner(id="lead", kind="robot")  # type: ignore[arg-type]

# Whole numbers, texts and lists stand for what they become.
target = okr.Target(10_000, 12_000, plan=[(today, 11_000), okr.Waypoint(today, 11_500.5)])
assert_type(target.start, float | None)
assert_type(target.goal, float)
assert_type(target.plan, tuple[okr.Waypoint, ...])
okr.Target(None, 5, "at_most", curve=[(1, 0.5)])
okr.Target("10", 12)  # type: ignore[arg-type]
okr.Target(0, 1, "up")  # type: ignore[arg-type]
band = okr.Band(low=98, tolerance=0.5)
okr.Band("98")  # type: ignore[arg-type]
checklist = okr.Checklist(["design", okr.Item("build", weight=2, milestone="pilot")])
assert_type(checklist.items, tuple[okr.Item, ...])
okr.Checklist(5)  # type: ignore[arg-type]

objective = okr.Objective(
    id="grow",
    title="Grow",
    cycle=cycle.id,
    owner=owner.id,
    commitment="aspirational",
    contributes_to=["north-star", okr.Contribution("growth", weight=2)],
    tags={"a", "b"},
)
assert_type(objective.contributes_to, tuple[okr.Contribution, ...])
assert_type(objective.tags, tuple[str, ...])
okr.Objective(id="grow", title="Grow", cycle=cycle)  # type: ignore[arg-type]
okr.Objective(id="grow", title="Grow", cycle="c", commitment="maybe")  # type: ignore[arg-type]

result = okr.KeyResult(
    id="arr",
    objective=objective.id,
    title="ARR",
    measure=target,
    unit="EUR",
    aggregate="sum",
    weight="value",
    due=today,
    cadence="weekly",
)
assert_type(result.cadence, okr.Cadence | None)
okr.KeyResult(id="arr", objective="o", title="", measure=band, cadence=okr.Cadence("monthly"), weight=1)
okr.KeyResult(id="arr", objective="o", title="", measure=5)  # type: ignore[arg-type]
okr.KeyResult(id="arr", objective="o", title="", measure=band, weight="heavy")  # type: ignore[arg-type]
okr.KeyResult(id="arr", objective="o", title="", measure=band, aggregate="median")  # type: ignore[arg-type]
match result.measure:
    case okr.Target(goal=goal):
        assert_type(goal, float)
    case okr.Band(low=low):
        assert_type(low, float | None)
    case okr.Checklist(items=items):
        assert_type(items, tuple[okr.Item, ...])

kpi = okr.Kpi(
    id="uptime",
    title="Uptime",
    unit="%",
    target=okr.Band(low=98),
    limit=okr.Band(low=95),
    source=okr.Source("scada", mode="pulled"),
    cadence="daily",
    guardrail=True,
    guards=[objective.id],
    watchers=(team.id,),
)
okr.Kpi(id="uptime", title="", target=98)  # type: ignore[arg-type]

initiative = okr.Initiative(
    id="recalibration", title="Recalibrate", stage="decided", cost=10_000, demand=[okr.Demand(team.id, 12)]
)
milestone = okr.Milestone(
    id="pilot",
    initiative=initiative.id,
    title="Pilot",
    due=today,
    after=["design", okr.Dependency("site", lag_days=5)],
)
assert_type(milestone.after, tuple[okr.Dependency, ...])
link = okr.Link(source=kpi.id, target=result.id, sign=+1, lag="2w..6w")
assert_type(link.id, str)
okr.Link(source="a", target="b", sign=-1, lag=3)
okr.Link(source="a", target="b", sign=2)  # type: ignore[arg-type]

table = okr.PriorityTable(
    columns=[okr.priorities.Column(name="kpi.zone", values=["healthy", "watch", "breached"])],
    rules=[
        okr.PriorityRule(
            id="P1",
            when={"kpi.zone": "breached"},
            then=okr.Outcome(winner="kpi", effect=okr.Effect(escalate=okr.priorities.Escalate(to=owner.id))),
        )
    ],
    default=okr.Outcome(winner="objective", effect=okr.Effect(tolerate=okr.priorities.Tolerate(until=today))),
    guardrails=[okr.priorities.Guardrail(id="G1", when={}, forbid=["objective"])],
    overrides=[("P1", "P2")],
)
okr.Effect(fund=okr.priorities.Fund(amount=5))
okr.Effect(retarget=okr.priorities.Retarget(goal=5))

portfolio = okr.Portfolio.of(
    cycle, team, owner, objective, result, kpi, initiative, milestone, link, table, units=["lane"]
)
assert_type(portfolio, okr.Portfolio)
assert_type(portfolio.key_results, tuple[okr.KeyResult, ...])
assert_type(portfolio.with_(team).without("lead"), okr.Portfolio)
assert_type(portfolio.priorities, okr.PriorityTable | None)
assert_type(len(portfolio), int)
assert_type(portfolio.key_result("arr"), okr.KeyResult)
assert_type(portfolio.objective("grow").commitment, Literal["committed", "aspirational", "learning"])
assert_type(portfolio.kpi("uptime"), okr.Kpi)
assert_type(portfolio.initiative("recalibration"), okr.Initiative)
found = portfolio["grow"]
if isinstance(found, okr.Objective):
    assert_type(found.cycle, str)
okr.Portfolio.of([team])  # type: ignore[arg-type]
okr.Portfolio.of(units="lane")
result.title = "other"  # type: ignore[misc]
