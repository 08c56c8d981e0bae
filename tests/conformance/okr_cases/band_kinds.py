"""Cases about bands: whether a value, or each period's value, is where it should be, or how near."""

from __future__ import annotations

import datetime as dt
from typing import Any

from okr_cases.build import CYCLE, band, judged, objective
from okr_cases.case import Answer, Case, Skip
from okrcore import (
    Band,
    Cycle,
    DefinitionError,
    History,
    KeyResult,
    Observation,
    Portfolio,
    evaluate_many,
    progress,
    roll_up,
)


def threshold_binary(case: Case) -> Answer:
    """All or nothing: is the comparison with the target met?"""
    measure = band(_operator(case), case.known("target"))
    return case.shown(progress(measure, case.known("current"), case.scoring))


def _operator(case: Case, *more: str) -> str:
    operator: str = case.one_of("operator", "<", "<=", ">", ">=", "=", "==", *more)
    strict = operator in {"<", ">"}
    if strict == case.shipped.inclusive:
        raise Skip(f"operator {operator!r} is another setting than the dialect's inclusive bounds")
    return operator


def range_binary(case: Case) -> Answer:
    """All or nothing: is the value in the range?"""
    measure = Band(low=case.number("min"), high=case.number("max"))
    return case.shown(progress(measure, case.known("current"), case.scoring))


def mirrored_decay(case: Case) -> Answer:
    """Full at the target, less by the distance on either side, nothing as far away as the start is."""
    start, goal = case.known("start"), case.known("target")
    if start == goal:
        raise Skip("start equals target and no rule is stated for it")
    measure = Band(low=goal, high=goal, tolerance=abs(goal - start))
    return case.shown(judged(measure, [case.known("current")], case.scoring).score)


def at_most_distance(case: Case) -> Answer:
    """Full at an upper limit, more with room below it and less with every excess."""
    state = judged(Band(high=case.known("target")), [case.known("current")], case.scoring)
    if state.score is None:
        raise Skip("a limit of 0 has no scale and no rule is stated for it")
    return case.shown(state.score)


def ranges_valid(case: Case) -> Answer:
    """Are all ranges well-formed, and do no two share a point?"""
    ranges = case.inputs["ranges"]
    ends = [
        {"low": case.number("low", {"low": low}), "high": case.number("high", {"high": high})}
        for low, high in ranges
    ]
    try:
        bands = [Band(**pair) for pair in ends]
    except DefinitionError:
        return False
    return not any(
        progress(one, end, case.scoring) == 1
        for one in bands
        for other, pair in zip(bands, ends, strict=True)
        if one is not other
        for end in pair.values()
    )


def meets_target(case: Case) -> Answer:
    """Is the target met, in the direction that is better?"""
    return _met(case, case.inputs) == 1


def _met(case: Case, kpi: Any) -> float | None:
    better = kpi.get("direction", "higher" if case.kind == "share_meeting_target" else None)
    if better not in {"higher", "lower"}:
        raise Skip(f"unknown direction {better!r}")
    target = case.known("target", kpi)
    measure = Band(low=target) if better == "higher" else Band(high=target)
    return progress(measure, case.known("current", kpi), case.scoring)


def share_meeting_target(case: Case) -> Answer:
    """The share of KPIs that meet their target."""
    kpis = case.parts("kpis", "name target current direction")
    return case.shown(roll_up([(_met(case, kpi), 1) for kpi in kpis], case.scoring).score)


def fixed_threshold(case: Case) -> Answer:
    """Is the progress at the threshold or above?"""
    return progress(Band(low=case.known("threshold")), case.known("progress"), case.scoring) == 1


def share_of_periods_met(case: Case) -> Answer:
    """The share of the periods met, up to the latest actual."""
    operator = _operator(case, "within")
    target = case.known("target")
    if "tolerance_pct" in case.inputs:
        if operator != "within":
            raise Skip(f"a tolerance does not go with operator {operator!r}")
        room = abs(target) * case.known("tolerance_pct") / 100
        measure = Band(low=target - room, high=target + room)
    elif operator == "within":
        raise Skip("operator 'within' has no tolerance")
    else:
        measure = band(operator, target)
    series = _series(case) if "series" in case.inputs else _counted(case, target)
    while series and series[-1] is None:
        series.pop()
    return _shares(case, measure, series, len(series))[-1] if series else None


def _series(case: Case) -> list[float | None]:
    return [case.number("series", {"series": value}) for value in case.inputs["series"]]


def _counted(case: Case, target: float) -> list[float | None]:
    """A series that is told by its counts: so many periods, so many of them met, the others at one value."""
    periods, met = case.known("periods"), case.known("periods_met")
    if not (periods.is_integer() and met.is_integer() and 0 <= met <= periods <= 10_000):
        raise Skip("periods are no counts")
    outside = case.known("value_outside") if met < periods else target
    return [*[target] * int(met), *[outside] * int(periods - met)]


def share_of_periods_met_series(case: Case) -> Answer:
    """The share of all planned periods that is met, after each of them."""
    measure = Band(low=case.number("min"), high=case.number("max"))
    series, total = _series(case), case.known("total_periods")
    if not (total.is_integer() and len(series) <= total <= 10_000):
        raise Skip("total_periods is no count, or less than the series is long")
    return _shares(case, measure, series, int(total))


MONDAY = dt.date(2026, 1, 5)


def _shares(case: Case, measure: Band, series: list[float | None], planned: int) -> list[float | None]:
    """Return the score after each weekly period of a cycle of `planned` weeks."""
    week = dt.timedelta(weeks=1)
    ends = [MONDAY + (n + 1) * week - dt.timedelta(days=1) for n in range(len(series))]
    cycle = Cycle(id=CYCLE.id, start=MONDAY, end=MONDAY + max(planned, 1) * week - dt.timedelta(days=1))
    result = KeyResult(id="result", objective="goal", title="", measure=measure, cadence="weekly")
    history = History.of(
        [
            Observation("result", day, value)
            for day, value in zip(ends, series, strict=True)
            if value is not None
        ]
    )
    trend = evaluate_many(Portfolio.of(cycle, objective(), result), history, as_of=ends, scoring=case.scoring)
    return [case.shown(score) for score in trend.scores("result")]
