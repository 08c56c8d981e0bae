"""What other systems get wrong: that must not come out, and what is correct, where given, must."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

import okrcore
from okr_cases.build import goal_state, judged, key_result, objective, observed, result_state, snapshot
from okr_cases.case import Answer, Case, Skip, refuse_unknown
from okr_cases.progress_kinds import indicator_satisfaction
from okr_cases.status_kinds import kpi_state
from okrcore import KeyResultState, ObjectiveState, Target, progress
from okrcore.leading.assess import assess_link
from okrcore.scoring.dialects import DIALECTS


def is_counterexample(expected: Answer) -> bool:
    """Return whether a case says what must not come out."""
    return isinstance(expected, dict) and set(expected) == {"wrong", "correct", "rule"}


def linear_progress(case: Case) -> Answer:
    """One value has one progress under every policy; a clamped score is a number beside it."""
    measure, value = Target(case.number("start"), case.known("target")), case.known("current")
    state = judged(measure, [value], case.scoring)
    if not isinstance(case.expected["wrong"], dict):
        return case.shown(state.progress)
    alike = [policy for name, policy in DIALECTS.items() if name.startswith(case.system)]
    numbers = {judged(measure, [value], policy).progress for policy in (case.scoring, *alike)}
    shown = [case.shown(number) for number in sorted(n for n in numbers if n is not None)]
    return shown[0] if len(shown) == 1 else case.expected["wrong"]


def zero_target(case: Case) -> Answer:
    """A ratio to a target is the progress from 0 to it: of a target of 0 it is unknown."""
    refuse_unknown(case.policy, "scale clamp missing", "policy")
    return case.shown(progress(Target(0, case.known("target")), case.known("current"), case.scoring))


def confidence_from_progress(case: Case) -> Answer:
    """No state of a goal holds a confidence, and no function makes one."""
    values = case.inputs["kr_progress"]
    names = [f"result{n}" for n in range(len(values))]
    found = snapshot(
        [objective(), *(key_result(name, Target(0, 100)) for name in names)],
        [one for name, value in zip(names, values, strict=True) for one in observed(name, value)],
        case.scoring,
    )
    states: list[ObjectiveState | KeyResultState] = [goal_state(found)]
    states += [result_state(found, name) for name in names]
    fields = {field.name for state in states for field in attrs.fields(type(state))}
    made = sorted(name for name in {*fields, *dir(okrcore)} if "confidence" in name)
    return made[0] if made else None


def health_state(case: Case) -> Answer:
    """The zone follows from the value and the corridor, so that no status can be typed in beside it."""
    thresholds = case.inputs["thresholds"]
    refuse_unknown(thresholds, "healthy_at watch_at", "thresholds")
    target = case.known("target")
    bounds = [target * case.known(name, thresholds) / 100 for name in ("healthy_at", "watch_at")]
    return kpi_state(case, case.number("current"), False, bounds[0], bounds[1]).zone


def lead_lag(case: Case) -> Answer:
    """Whether one series of a file leads another, and by how much."""
    path = Path(case.folder).parent / "data" / "series" / str(case.inputs["dataset"])
    if not path.exists():
        raise Skip("the series of this case is not there")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    x, y = ([float(row[case.inputs[name]]) for row in rows] for name in ("x", "y"))
    first, last = case.inputs["lags"]
    found = assess_link(x, y, lags=range(first, last + 1))
    verdict = "supported" if found.verdict == "supported" else "not_supported"
    answer: dict[str, Any] = {"verdict": verdict, "lag": found.lag, "p": found.p_value}
    return answer


KINDS: Mapping[str, tuple[Callable[[Case], Answer], str]] = {
    "linear_progress": (linear_progress, "start target current"),
    "achievement_ratio": (zero_target, "target current policy"),
    "variance_percent": (zero_target, "target current policy"),
    "confidence_from_progress": (confidence_from_progress, "kr_progress"),
    "health_state": (health_state, "name target current thresholds"),
    "indicator_satisfaction": (indicator_satisfaction, "value target threshold worst range rounding"),
    "lead_lag": (lead_lag, "dataset x y lags"),
}
"""Kind to the function that answers it, and the keys of its inputs."""
