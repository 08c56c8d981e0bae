"""Cases whose answer is a number: how far one key result is."""

from __future__ import annotations

import datetime as dt

from okr_cases.build import CYCLE, FIRST, judged, objective, result_state, snapshot, ticked
from okr_cases.case import Answer, Case, Skip
from okrcore import Cycle, DefinitionError, KeyResult, Target
from okrcore.scoring import distance, satisfaction_percent


def linear_progress(case: Case) -> Answer:
    """Start, target and current value to progress, and, where asked for, to the way gone and left."""
    start, goal, current = case.number("start"), case.known("target"), case.number("current")
    if start is None:
        case.needs("missing_start", "start is missing")
    if current is None:
        case.needs("missing_current", "current is missing")
    if start == goal:
        case.needs("start_equals_target", "start equals target")
        rule = case.policy["start_equals_target"]
        if isinstance(rule, int) and rule not in (0, case.scale):
            raise Skip(f"unknown policy start_equals_target {rule!r} on this scale")
    measure = Target(start, goal)
    state = judged(measure, [] if current is None else [current], case.scoring)
    shown = case.shown(_stated(case, state.progress, state.score))
    if not isinstance(case.expected, dict):
        return shown
    value = start if current is None and case.scoring.missing_value == "start" else current
    if value is None:
        raise Skip("no way is stated for a missing value")
    way = distance(measure, value)
    return {"percent": shown, "remaining": way.remaining, "completed": way.completed, "total": way.total}


def _stated(case: Case, gone: float | None, score: float | None) -> float | None:
    """Return the score; skip where it is beyond the ends and the case does not say what happens there."""
    if case.policy.get("clamp", "not stated") == "not stated" and gone is not None and not 0 <= gone <= 1:
        raise Skip("the value lies beyond start or target, and the policy states no clamp")
    return score


def gap(case: Case) -> Answer:
    """What is left to the target, signed."""
    return distance(Target(None, case.known("target")), case.known("current")).gap


def minmax_performance(case: Case) -> Answer:
    """The place of a value between a least and a greatest one."""
    low, high = case.known("min"), case.known("max")
    if low == high:
        raise Skip("min equals max and no rule is stated for it")
    state = judged(Target(low, high), [case.known("current")], case.scoring)
    return case.shown(_stated(case, state.progress, state.score))


def piecewise_checkpoints(case: Case) -> Answer:
    """Progress on straight lines between checkpoints."""
    start, goal = case.known("start"), case.known("target")
    if start == goal:
        raise Skip("start equals target and no rule is stated for it")
    points = [
        (case.known("value", point), case.known("percent", point) / 100)
        for point in case.parts("checkpoints", "value percent")
    ]
    curve = sorted(points, reverse=goal < start)
    state = judged(Target(start, goal, curve=curve), [case.known("current")], case.scoring)
    return case.shown(_stated(case, state.progress, state.score))


def milestone_stages(case: Case) -> Answer:
    """The weights of the stages that are done, added up to at most 100."""
    stages = case.parts("stages", "weight done title name")
    if not stages:
        raise Skip("there is no stage and no rule is stated for it")
    done = [case.known("weight", stage) * case.flag("done", stage) for stage in stages]
    return case.shown(judged(Target(0, 100), done, case.scoring, "sum").score)


def milestone_binary(case: Case) -> Answer:
    """Done or not, and its status."""
    checklist, told = ticked([case.flag("done")])
    result = KeyResult(id="list", objective="goal", title="", measure=checklist)
    state = result_state(snapshot([objective(), result], told, case.scoring), "list")
    percent = case.shown(state.score)
    return (
        {"percent": percent, "status": case.word(state.status)}
        if isinstance(case.expected, dict)
        else percent
    )


def share_of_children_done(case: Case) -> Answer:
    """The share of things that are done."""
    total, done = case.known("total"), case.known("done")
    if not (total.is_integer() and done.is_integer() and 0 <= done <= total and 0 < total <= 10_000):
        raise Skip("total and done are no counts, or there is nothing to do")
    checklist, told = ticked([n < done for n in range(int(total))])
    result = KeyResult(id="list", objective="goal", title="", measure=checklist)
    score = result_state(snapshot([objective(), result], told, case.scoring), "list").score
    return case.shown(score) if "scale" in case.policy else score


def progress_with_status(case: Case) -> Answer:
    """Progress and the status that goes with it."""
    start, goal = case.known("start"), case.known("target")
    if start == goal:
        raise Skip("start equals target and no rule is stated for it")
    state = judged(Target(start, goal), [case.known("current")], case.scoring)
    return {
        "percent": case.shown(_stated(case, state.progress, state.score)),
        "status": case.word(state.status),
    }


def expected_progress(case: Case) -> Answer:
    """The share of the days that has passed."""
    passed, total = case.known("days_elapsed"), case.known("days_total")
    if not (passed.is_integer() and total.is_integer() and passed >= 0 and 1 <= total <= 100_000):
        raise Skip("days are no counts")
    cycle = Cycle(id=CYCLE.id, start=FIRST, end=FIRST + dt.timedelta(days=total))
    result = KeyResult(id="result", objective="goal", title="", measure=Target(0, 1))
    day = FIRST + dt.timedelta(days=passed)
    return case.shown(
        result_state(snapshot([objective(), result], [], case.scoring, day, cycle), "result").expected
    )


def indicator_satisfaction(case: Case) -> Answer:
    """An indicator's value on the scale of whole numbers between worst and target."""
    scale = case.one_of("range", [-100, 100], [0, 100])
    case.one_of("rounding", "truncate toward zero")
    value, target, limit, worst = (case.known(name) for name in ("value", "target", "threshold", "worst"))
    try:
        return satisfaction_percent(value, target=target, limit=limit, worst=worst, low=scale[0])
    except DefinitionError as error:
        if isinstance(case.expected, dict) or case.expected is None:
            return None
        raise Skip(f"no scale in the sense of S7.2: {error}") from None
