"""Cases whose answer is a status, in the words of the system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from okr_cases.build import (
    MIDDLE,
    goal_state,
    judged,
    key_result,
    objective,
    observed,
    result_state,
    snapshot,
)
from okr_cases.case import Answer, Case, Skip, plain
from okrcore import Band, KeyResult, Kpi, KpiState, Target, status


def pace_ratio(case: Case) -> Answer:
    """Progress against what is expected, as a ratio."""
    case.check_thresholds(case.inputs["thresholds"], 1.0)
    if case.known("expected") <= 0:
        raise Skip("nothing is expected yet and no rule is stated for it")
    return _paced(case)


def pace_difference(case: Case) -> Answer:
    """Progress against what is expected, as a difference."""
    case.check_thresholds(case.inputs["thresholds"], case.scale)
    return _paced(case)


def _paced(case: Case) -> Answer:
    gone, expected = case.known("progress") / case.scale, case.known("expected") / case.scale
    return case.word(status(gone, expected, case.scoring))


def rag_thirds(case: Case) -> Answer:
    """A colour by thirds of the scale."""
    case.check_thresholds(case.inputs["thresholds"], 100.0)
    return status_from_progress(case)


def status_from_progress(case: Case) -> Answer:
    """A status by the progress alone."""
    gone = case.known("progress") / case.scale
    if gone > 1:
        raise Skip("a progress above 100 % is refused by the system")
    return case.word(status(gone, 1.0, case.scoring))


def score_band(case: Case) -> Answer:
    """A status by the band of a score of one decimal."""
    score = case.known("score")
    if not 0 <= score <= 1:
        raise Skip("the score lies beyond its scale")
    return case.word(status(score, 1.0, case.scoring))


def status_worst_wins(case: Case) -> Answer:
    """An objective's status: that of its worst child."""
    children = case.parts("children", "status")
    if not children:
        raise Skip("there are no children and no rule is stated for it")
    values = _values_by_word(case)
    chosen = [(f"child{n}", _value(values, child["status"])) for n, child in enumerate(children)]
    found = snapshot(
        [objective(), *(key_result(name, Target(0, 1)) for name, _ in chosen)],
        [one for name, value in chosen for one in observed(name, value)],
        case.scoring,
    )
    return case.word(goal_state(found).status)


def status_latest_wins(case: Case) -> Answer:
    """A key result's status: that of its last check-in."""
    children = case.parts("children", "status")
    if not children:
        raise Skip("there are no children and no rule is stated for it")
    order = case.one_of("order", "oldest first", "newest first")
    values = _values_by_word(case)
    told = [_value(values, child["status"]) for child in children]
    if order == "newest first":
        told.reverse()
    return case.word(judged(Target(0, 1), told, case.scoring).status)


def _values_by_word(case: Case) -> Mapping[str, float]:
    """Return a value for each word that a key result from 0 to 1 can have in the middle of its cycle."""
    values = [n / 20 for n in range(21)]
    names = [f"value{n}" for n in range(21)]
    found = snapshot(
        [objective(), *(key_result(name, Target(0, 1)) for name in names)],
        [one for name, value in zip(names, values, strict=True) for one in observed(name, value)],
        case.shipped,
    )
    states = {name: result_state(found, name).status for name in names}
    pairs = zip(names, values, strict=True)
    return {plain(case.shipped.word(states[name])): value for name, value in pairs}


def _value(values: Mapping[str, float], word: object) -> float:
    if not isinstance(word, str) or plain(word) not in values:
        raise Skip(f"the dialect publishes no status {word!r}")
    return values[plain(word)]


def health_state(case: Case) -> Answer:
    """A KPI's zone, unless it is being recovered, or there is no data."""
    thresholds = case.inputs["thresholds"]
    if not isinstance(thresholds, dict) or set(thresholds) != {"healthy_at", "watch_at"}:
        raise Skip("unknown thresholds")
    state = kpi_state(
        case,
        case.number("achievement"),
        case.flag("active_recovery_okr"),
        case.known("healthy_at", thresholds),
        case.known("watch_at", thresholds),
    )
    if state.zone == "unknown":
        return case.word("unknown")
    return case.word("recovering" if state.recovering else state.zone)


def kpi_state(case: Case, value: float | None, recovery: bool, healthy: float, watch: float) -> KpiState:
    """Return the state of a KPI where higher is better; `recovery`: a key result is to bring it back."""
    kpi = Kpi(
        id="kpi",
        title="",
        target=Band(low=healthy),
        limit=Band(low=watch),
        worst=Band(low=watch - abs(watch) - 1),
    )
    recover = KeyResult(
        id="recover", objective="goal", title="", measure=Target(0, healthy), measured_by="kpi"
    )
    found = snapshot(
        [kpi, objective(), recover] if recovery else [kpi],
        observed("kpi", value, MIDDLE - dt.timedelta(days=1)),
        case.scoring,
    )
    state = found["kpi"]
    assert isinstance(state, KpiState)
    return state
