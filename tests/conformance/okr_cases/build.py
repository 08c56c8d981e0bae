"""Plain values become definitions and observations of one cycle, evaluated in its middle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from okrcore import (
    Band,
    Checklist,
    Contribution,
    Cycle,
    History,
    KeyResult,
    KeyResultState,
    Kpi,
    Objective,
    ObjectiveState,
    Observation,
    Portfolio,
    ScoringPolicy,
    Snapshot,
    Target,
    evaluate,
)

FIRST = dt.date(2026, 1, 1)
HALF = dt.timedelta(days=50)
CYCLE = Cycle(id="cycle", start=FIRST, end=FIRST + 2 * HALF)
MIDDLE = FIRST + HALF

Measure = Target | Band | Checklist
Definition = Cycle | Objective | KeyResult | Kpi


def objective(id: str = "goal", *parents: Contribution | str) -> Objective:
    """Return an objective of the cycle."""
    return Objective(id=id, title=id, cycle=CYCLE.id, contributes_to=parents)


def key_result(id: str, measure: Measure, weight: float = 1.0, goal: str = "goal") -> KeyResult:
    """Return a key result under an objective."""
    return KeyResult(id=id, objective=goal, title=id, measure=measure, weight=weight)


def observed(measure: str, value: float | None, day: dt.date = FIRST) -> list[Observation]:
    """Return the observation of a value, none of a missing one."""
    return [] if value is None else [Observation(measure, day, value)]


def snapshot(
    definitions: Sequence[Definition],
    observations: Sequence[Observation],
    scoring: ScoringPolicy,
    as_of: dt.date = MIDDLE,
    cycle: Cycle = CYCLE,
) -> Snapshot:
    """Return the definitions of one cycle judged on a day."""
    return evaluate(Portfolio.of(cycle, *definitions), History.of(observations), as_of=as_of, scoring=scoring)


def result_state(found: Snapshot, id: str) -> KeyResultState:
    """Return the state of a key result."""
    state = found[id]
    assert isinstance(state, KeyResultState)
    return state


def goal_state(found: Snapshot, id: str = "goal") -> ObjectiveState:
    """Return the state of an objective."""
    state = found[id]
    assert isinstance(state, ObjectiveState)
    return state


def judged(
    measure: Measure,
    values: Sequence[float],
    scoring: ScoringPolicy,
    aggregate: Literal["latest", "sum"] = "latest",
) -> KeyResultState:
    """Return the state of one key result after values on the days from the cycle's first."""
    result = KeyResult(id="result", objective="goal", title="", measure=measure, aggregate=aggregate)
    observations = [
        Observation("result", FIRST + dt.timedelta(days=n), value) for n, value in enumerate(values)
    ]
    return result_state(snapshot([objective(), result], observations, scoring), "result")


def ticked(done: Sequence[bool], name: str = "list") -> tuple[Checklist, list[Observation]]:
    """Return a checklist and the observations of its items."""
    items = [f"item{n}" for n in range(len(done))]
    told = [Observation(f"{name}#{item}", FIRST, float(flag)) for item, flag in zip(items, done, strict=True)]
    return Checklist(items), told


def band(case_operator: str, target: float) -> Band:
    """Return the band in which a comparison with `target` holds."""
    return {"<": Band(high=target), ">": Band(low=target), "=": Band(low=target, high=target)}[
        case_operator.rstrip("=") or "="
    ]
