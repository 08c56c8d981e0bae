"""Find healthy KPIs and initiatives under failing objectives that lead nowhere near them (S13.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.divergent import FAILING
from okrcore.conflicts.earlier import Past
from okrcore.conflicts.reachable import Reach
from okrcore.conflicts.sides import Scene
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.derived import team_of
from okrcore.definitions.goals import Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi

_EXEMPT = ("safety", "compliance")
_WEEKLY = Cadence("weekly")


class _Failing(NamedTuple):
    """An objective that fails now, and all that has a path to it."""

    goal: Objective
    team: str
    degree: float
    since: dt.date
    reached_by: frozenset[str]


def disconnected_conflicts(scene: Scene, past: Past) -> Iterator[Conflict]:
    """Yield each healthy KPI and running initiative that leads nowhere near a failing objective above it.

    It has no path to an objective of its own team or of one above; the nearest such counts: by teams
    between, then by id. A path runs over links, key results, contributions, guardrail KPIs, the inputs of
    formulas and the milestones of checklists. Guardrails and KPIs of safety or compliance are left alone.
    """
    red = [goal for goal in _red(scene, past) if team_of(goal, scene.portfolio)]
    if not red:
        return
    reach = Reach.of(scene)
    failing = [_failing(scene, past, reach, goal) for goal in red]
    for name, kpi in scene.kpis.items():
        exempt = kpi.guardrail or kpi.category in _EXEMPT
        if not exempt and past.now.kpi(name).zone == "healthy":
            yield from _cut_off(scene, kpi, failing)
    for one in scene.initiatives.values():
        if scene.days_of(one)[0] <= scene.day:
            yield from _cut_off(scene, one, failing)


def _red(scene: Scene, past: Past) -> list[Objective]:
    goals = sorted(scene.portfolio.objectives, key=lambda goal: goal.id)
    now = past.now
    return [goal for goal in goals if not scene.is_over(goal) and now.objective(goal.id).status in FAILING]


def _failing(scene: Scene, past: Past, reach: Reach, goal: Objective) -> _Failing:
    state = past.now.objective(goal.id)
    degree = 0.0
    if state.score is not None and state.expected is not None and state.expected > 0:
        degree = min(1.0, max(0.0, 1.0 - state.score / state.expected))
    team = team_of(goal, scene.portfolio) or ""
    return _Failing(goal, team, degree, _since(scene, past, goal), reach.to([goal.id]))


def _since(scene: Scene, past: Past, goal: Objective) -> dt.date:
    """First day of the weeks, counted from the start of the cycle, at whose ends it failed until now."""
    cycle = scene.portfolio[goal.cycle]
    ended = past.ended(_WEEKLY, cycle.start, cycle.end)
    since = ended[-1][1] + dt.timedelta(days=1) if ended else cycle.start
    for first, last in reversed(ended):
        if past.at(last, last).objective(goal.id).status not in FAILING:
            break
        since = first
    return min(since, scene.day_in(cycle))


def _cut_off(scene: Scene, value: Kpi | Initiative, failing: list[_Failing]) -> Iterator[Conflict]:
    team = team_of(value, scene.portfolio)
    found = [
        (steps, one.goal.id, one)
        for one in failing
        if value.id not in one.reached_by and (steps := scene.steps_up(team, one.team)) is not None
    ]
    if not found:
        return
    steps, _, nearest = min(found, key=lambda one: one[:2])
    goal = nearest.goal
    paid = isinstance(value, Kpi) and value.incentivised
    what = "healthy" if isinstance(value, Kpi) else "running"
    witness = {
        "kpi" if isinstance(value, Kpi) else "initiative": value.id,
        "objective": goal.id,
        "incentivised": paid,
        "team": team,
        "objective_team": nearest.team,
        "teams_between": steps,
    }
    bonus = " and a bonus hangs on it" if paid else ""
    yield Conflict(
        kind="disconnected",
        sides=tuple(sorted([value.id, goal.id])),
        degree=nearest.degree,
        since=nearest.since,
        witness=witness,
        path=(),
        sentence=f"{goal.id} fails; {value.id} is {what}{bonus}, and no path leads from it to there",
    )
