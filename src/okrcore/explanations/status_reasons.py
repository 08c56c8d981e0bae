"""Explain which comparison made a status, in the numbers that were compared (S5, S7.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import cadence_of, series_of, unit_of
from okrcore.definitions.fields import an
from okrcore.definitions.formulas import formulas_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.display import apart, between
from okrcore.explanations.cap_reasons import cap_of, say_cap, say_end
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.explanations.objective_steps import say_stage
from okrcore.explanations.sources_of_value import Ground
from okrcore.scoring.goal_states import KeyResultState, KpiState
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.reading import Reading


def say_key_result(notes: ExplanationNotes, ground: Ground, state: KeyResultState) -> None:
    """Say why a key result has its status (S5.1 to S5.3)."""
    policy, compiled = ground.snapshot.scoring, ground.snapshot.compiled
    goal, row = state.goal, compiled.result_rows[state.goal.id]
    commitment = compiled.goals[compiled.parent[row]].commitment
    if say_stage(notes, ground.snapshot, state) or answered(notes, ground, goal.id, commitment):
        return
    if state.status == "not-started":
        say_opening(notes, ground, goal.id)
        return
    enough, due = policy.achieved_at[commitment], ground.due(goal.id)
    if state.provisional:
        last = ground.awaited_until(goal.id)
        wait = f" until {notes.day('awaited_until', last)}" if last else ""
        notes.say(f"It was due on {notes.day('due', due)}; its last numbers may still come{wait}")
        notes.say("Till then it keeps the status of that day")
    if state.status == "no-data":
        say_silence(notes, ground, state)
        return
    progress, expected, score = state.progress, state.expected, state.score
    cap = cap_of(goal) if state.value is not None else None
    if ground.day(goal.id) > due and not state.provisional:
        notes.say(f"It was due on {notes.day('due', due)}")
        if cap is not None:
            say_end(notes, state)
        elif score is not None:
            words = f", which achieves {an(commitment)} goal, so {state.status}"
            notes.say(notes.against("Score", "score", score, "enough", enough, words))
    elif cap is not None:
        say_cap(notes, state, cap, policy)
    elif isinstance(goal.measure, Band):
        if progress is None or state.status == "early":
            notes.say("No period has ended yet, so early")
        elif score is not None:
            notes.say(notes.level("Score", "score", score, _levels(policy.at_risk, policy.on_track)))
    elif progress is not None and progress >= 1 - SLACK:
        notes.say("The goal is reached, so achieved")
    elif state.status == "early":
        until = notes.share("early_until", policy.early_until)
        notes.say(f"Less than {until} is expected so far, where nothing is judged yet, so early")
    elif policy.pace == "absolute" and score is not None:
        notes.say(notes.level("Score", "score", score, _levels(policy.at_risk, policy.on_track)))
    elif state.pace is not None:
        planned, nothing_due = bool(compiled.planned[row]), expected is not None and expected * enough <= 0
        by_difference = planned or nothing_due or policy.pace == "difference"
        what = "Pace (progress - expected" if by_difference else "Pace (progress / expected"
        if enough != 1:
            what += f", at {notes.share('enough', enough)} for {an(commitment)} goal"
        gaps = _levels(-policy.at_risk_gap, -policy.on_track_gap)
        levels = gaps if by_difference else _levels(policy.at_risk, policy.on_track)
        notes.say(notes.level(f"{what})", "pace", state.pace, levels))


def say_opening(notes: ExplanationNotes, ground: Ground, id: str) -> None:
    """Say until when nothing of a key result can be due (A5)."""
    start = ground.start(id)
    if ground.day(id) < start:
        notes.say(f"Its cycle begins on {notes.day('start', start)}, so not-started")
        return
    until = ground.opening(id)
    by = f"by {notes.day('first_due', until)}" if until else "so early in its time"
    notes.say(f"It was never observed, and no number of it is due {by}, so not-started")


def _levels(at_risk: float, on_track: float) -> dict[str, float]:
    return {"at_risk": at_risk, "on_track": on_track}


def answered(notes: ExplanationNotes, ground: Ground, id: str, commitment: str) -> bool:
    """Say that a learning goal's question is answered, where the journal says so (S5.3)."""
    journal = ground.snapshot.journal
    if journal is None or commitment != "learning":
        return False
    entries = journal.entries(subject=id, until=ground.snapshot.as_of)
    found = [entry for entry in entries if entry.kind in {"answer", "confirmation"}]
    if found and ground.snapshot.key_result(id).status == "achieved":
        day = notes.day("answered", found[0].at)
        notes.say(f"The journal holds its answer of {day} by {found[0].by}, so achieved")
        return True
    return False


def say_silence(notes: ExplanationNotes, ground: Ground, state: KeyResultState) -> None:
    """Say why nothing is known: never observed, stale, or no way to make a progress of the value (S5.1)."""
    goal = state.goal
    measure = series_of(goal, ground.snapshot.portfolio).id
    wrong = [problem.message for problem in ground.snapshot.problems if problem.path == measure]
    if wrong:
        notes.say(f"An observation of it cannot be read: {wrong[0]}")
    elif state.observed_at is None and isinstance(goal.measure, Checklist):
        notes.say("Nobody has told of any of its items, so no-data")
    elif state.observed_at is None:
        notes.say(f"No observation of {series_of(goal, ground.snapshot.portfolio).id} is known, so no-data")
    elif _few(ground, goal.id):
        say_few(notes, ground, goal, state.sample, "no-data")
    elif state.stale:
        say_stale(notes, ground, goal.id)
        notes.say("Silence is never green, so no-data")
    elif state.value is None and measure in formulas_of(ground.snapshot.portfolio):
        at = notes.day("observed_at", state.observed_at)
        notes.say(f"Its formula has no value for the period to {at}, so no-data")
    elif state.value is None:
        at = notes.day("observed_at", state.observed_at)
        notes.say(f"Its last observation, of {at}, lies before the cycle, so no-data")
    else:
        notes.say(no_way(notes, goal), "so no-data")


def _few(ground: Ground, id: str) -> bool:
    values = ground.snapshot.result_values
    return bool(values.few[ground.snapshot.compiled.result_rows[id]])


def say_few(
    notes: ExplanationNotes, ground: Ground, goal: KeyResult | Kpi, sample: float | None, verdict: str
) -> None:
    """Say that too few cases are behind a value to judge it (A11)."""
    kpi = series_of(goal, ground.snapshot.portfolio)
    if not isinstance(kpi, Kpi) or kpi.min_sample is None:
        return
    least = notes.number("min_sample", kpi.min_sample, "")
    known = "none are known" if sample is None else notes.number("sample", sample, "")
    notes.say(f"Too few cases: {known} by {kpi.sample}, and at least {least} are needed, so {verdict}")


def no_way(notes: ExplanationNotes, goal: KeyResult) -> str:
    """Say why a value gives no progress (S2.2)."""
    match goal.measure:
        case Target(start=None):
            return "No start is declared, so the share of the way is unknown; declare start;"
        case Target(start=start, goal=end) if start == end:
            both = notes.number("goal", end, goal.unit)
            words = f"Start and goal are both {both} and no direction says when the goal is met"
            return f"{words}, so progress is unknown; declare direction;"
    return "Its progress is unknown,"


def say_stale(notes: ExplanationNotes, ground: Ground, id: str) -> None:
    """Say since when a value is too old, and by which rhythm (S3.4)."""
    since = ground.last_fresh(id) + dt.timedelta(days=1)
    notes.say(
        f"It should be observed {cadence(ground, id)} and is stale since {notes.day('stale_since', since)}"
    )


def cadence(ground: Ground, id: str) -> str:
    """Return the cadence of a key result (its KPI's where it has none) or KPI."""
    own = cadence_of(ground.snapshot.portfolio[id], ground.snapshot.portfolio)
    return own.text if own else _NONE


_NONE = "at some time"


def say_way(notes: ExplanationNotes, ground: Ground, state: KeyResultState) -> None:
    """Say the value, where it comes from and goes to, and which share of the way that is (S2)."""
    goal, unit = state.goal, unit_of(state.goal, ground.snapshot.portfolio)
    if state.value is None:
        return
    at = f" on {notes.day('observed_at', state.observed_at)}" if state.observed_at else ""
    match goal.measure:
        case Target(start=start, goal=end):
            begin = f"from {notes.number('start', start)} " if start is not None else ""
            now = notes.number("value", state.value, unit)
            notes.say(f"{now}{at}, on the way {begin}to {notes.number('goal', end)}")
        case Band() as band:
            value = _beside(notes, state.value, [band], unit)
            what = "cap" if band.is_cap else "band"
            notes.say(f"{value}{at}; the {what} is {bounds(notes, 'band', band, unit)}")
        case Checklist():
            notes.say(f"{notes.share('value', state.value)} of the weight of its items is done{at}")
    reading, row = ground.snapshot.result_values.reading, ground.snapshot.compiled.result_rows[goal.id]
    if reading.zero[row]:
        say_zero(notes, reading, row)
    if state.progress is None:
        return
    judged_at = state.scoring.score_bounds
    progress = notes.share("progress", state.progress, judged_at)
    banded = isinstance(goal.measure, Band)
    by_period = banded and cap_of(goal) is None and cadence(ground, goal.id) != _NONE
    by_period = by_period and ground.snapshot.scoring.band in {"share", "share-of-planned"}
    if by_period:
        _say_periods(notes, ground, goal.id)
    elif not isinstance(goal.measure, Checklist):
        _say_gaps(notes, ground, goal.id)
    words = "of the periods" if by_period else "inside" if banded else "of the way"
    expected = ""
    if state.expected is not None and not banded:
        expected = f", where {notes.share('expected', state.expected)} is expected"
    cut = ""
    if state.score is not None and state.score != state.progress:
        cut = f"; the score is {notes.share('score', state.score, judged_at)}"
    notes.say(f"That is {progress} {words}{expected}{cut}")


def _say_periods(notes: ExplanationNotes, ground: Ground, id: str) -> None:
    """Say how many periods of a band are met, not observed, and still awaited (A5)."""
    values = ground.snapshot.result_values
    row = ground.snapshot.compiled.result_rows[id]
    met, ended, seen, awaited = (
        int(column[row]) for column in (values.met, values.due.ended, values.due.observed, values.due.awaited)
    )
    due = ended - awaited
    words = f"{notes.number('met', met)} of {notes.number('periods', due)} periods met"
    if due > seen:
        words += f", {notes.number('not_observed', due - seen)} not observed"
    if awaited:
        words += f", {notes.number('awaited', awaited)} more awaited"
    notes.say(words)


def _say_gaps(notes: ExplanationNotes, ground: Ground, id: str) -> None:
    """Say in how many of the periods due a key result was observed, where it was not in all (A9)."""
    values = ground.snapshot.result_values.due
    row = ground.snapshot.compiled.result_rows[id]
    due, seen = int(values.ended[row]), int(values.observed[row])
    if seen < due:
        notes.say(f"Observed in {notes.number('observed', seen)} of {notes.number('periods', due)} periods")


def _beside(notes: ExplanationNotes, value: float, bands: Iterable[Band], unit: str) -> str:
    """Return a value with as many digits as tell it from the bounds of bands."""
    notes.numbers["value"] = value
    others = [bound for band in bands for bound in (band.low, band.high) if bound is not None]
    return f"{apart(value, *others, digits=5)[0]} {unit}".rstrip()


def bounds(notes: ExplanationNotes, name: str, band: Band, unit: str) -> str:
    """Return a band in words."""
    given = {side: bound for side in ("low", "high") if (bound := getattr(band, side)) is not None}
    notes.numbers |= {f"{name}_{side}": bound for side, bound in given.items()}
    return f"{between(band.low, band.high)} {unit}".rstrip()


def say_zero(notes: ExplanationNotes, reading: Reading, row: int) -> None:
    """Say that a value is 0 because nothing came while its feed was known to live (A9)."""
    until = notes.day("lived_until", to_date(reading.lived[row]))
    notes.say(f"Nothing came in, and its feed is known to live until {until}, so 0")


def say_kpi(notes: ExplanationNotes, ground: Ground, state: KpiState) -> None:
    """Say a KPI's value and the bands that make its zone (S7.1) and satisfaction (S7.2)."""
    kpi = state.goal
    unit = unit_of(kpi, ground.snapshot.portfolio)
    bands = [(name, band) for name in ("target", "limit", "worst") if (band := getattr(state.bands, name))]
    if state.value is None:
        computed = kpi.formula is not None
        notes.say(f"{'Its formula has no value' if computed else 'No observation is known'}, so unknown")
        return
    value = _beside(notes, state.value, [band for _, band in bands], unit)
    reading, row = ground.snapshot.kpi_values.reading, ground.snapshot.kpi_columns.rows[kpi.id]
    if reading.zero[row]:
        say_zero(notes, reading, row)
    else:
        notes.say(f"{value} when last observed")
    if state.stale:
        say_stale(notes, ground, kpi.id)
    if bands and ground.snapshot.kpi_values.few[row]:
        say_few(notes, ground, kpi, state.sample, "unknown")
        return
    if state.zone == "unknown":
        notes.say(
            "No target is declared, so unknown" if not bands else "What is not fresh is no answer, so unknown"
        )
        return
    words = {name: f"its {name} ({bounds(notes, name, band, unit)})" for name, band in bands}
    match state.zone:
        case "healthy":
            notes.say(f"Inside {words['target']}, so healthy")
        case "watch":
            notes.say(f"Outside {words['target']} but inside {words['limit']}, so watch")
        case _:
            notes.say(f"Outside {words.get('limit', words['target'])}, so breached")
    if state.satisfaction is not None:
        notes.say(f"Satisfaction {notes.number('satisfaction', state.satisfaction, digits=3)}")
