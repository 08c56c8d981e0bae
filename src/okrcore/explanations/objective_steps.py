"""Explain an objective's score and status: weighted children, coverage, guardrails (S4, S5)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from okrcore.definitions.days import to_date, written_day
from okrcore.definitions.goals import KeyResult
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.explanations.sources_of_value import Ground
from okrcore.history.entry import Entry
from okrcore.scoring.goal_states import KeyResultState, ObjectiveState
from okrcore.scoring.guardrails import breached_results
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.roster import roster_of
from okrcore.scoring.scoring_policy import MISSED, OFF_TRACK, STATUSES
from okrcore.scoring.snapshot import Snapshot


@attrs.frozen(kw_only=True)
class Child:
    """One child of an objective with its weight there."""

    id: str
    weight: float
    status: str
    known: bool
    is_objective: bool


def children_of(ground: Ground, id: str) -> tuple[Child, ...]:
    """Return the children of an objective, guardrails left out, by id; key results before objectives."""
    snapshot, compiled = ground.snapshot, ground.snapshot.compiled
    keep = snapshot.scoring.stale != "no-data"
    found = []
    for name in sorted(one.id for one in ground.relations.key_results_of.get(id, ())):
        if not compiled.guardrail[row := compiled.result_rows[name]]:
            state = snapshot.key_result(name)
            known = state.score is not None and (keep or not state.stale)
            declared = compiled.results[row].weight
            weight = float(abs(compiled.measures.span[row])) if isinstance(declared, str) else declared
            weight = 0.0 if name in snapshot.not_pursued else weight
            found.append(Child(id=name, weight=weight, status=state.status, known=known, is_objective=False))
    contributors = ground.relations.contributors_of.get(id, ())
    for name, weight in sorted((one.id, weight) for one, weight in contributors):
        goal = snapshot.objective(name)
        weight = 0.0 if {id, name} & snapshot.not_pursued else weight
        known = bool(snapshot.objective_values.heard[compiled.goal_rows[name]] >= 1)
        found.append(Child(id=name, weight=weight, status=goal.status, known=known, is_objective=True))
    return tuple(found)


def guardrails_of(ground: Ground, id: str) -> tuple[str, ...]:
    """Return the guardrails of an objective: its own key results and the KPIs that guard it, by id."""
    own = [one.id for one in ground.relations.key_results_of.get(id, ()) if one.guardrail]
    return tuple(sorted([*own, *ground.relations.guards_of.get(id, ())]))


def breached(snapshot: Snapshot, objective: str, id: str) -> bool:
    """Return whether a guardrail of an objective is breached, as its status was judged (S5.5)."""
    compiled = snapshot.compiled
    if id in compiled.result_rows:
        broken = breached_results(compiled, snapshot.result_values, snapshot.scoring)
        return compiled.result_rows[id] in broken
    pair = snapshot.kpi_columns.rows[id], compiled.goal_rows[objective]
    return pair in snapshot.objective_values.breaches


def say_objective(
    notes: ExplanationNotes,
    snapshot: Snapshot,
    state: ObjectiveState,
    children: Sequence[Child],
    guardrails: Sequence[str],
) -> None:
    """Say an objective's score, what is unknown of it, and which rule made its status."""
    if say_stage(notes, snapshot, state):
        return
    if state.score is None:
        notes.say(
            "Nothing under it has a score" if children else "It has no key results and no objectives under it"
        )
    else:
        expected = ""
        if state.expected is not None:
            expected = f", where {notes.share('expected', state.expected)} is expected"
        notes.say(f"Score {notes.share('score', state.score, state.scoring.score_bounds)}{expected}")
    heard = float(snapshot.objective_values.heard[snapshot.compiled.goal_rows[state.goal.id]])
    if heard < 1 and children and state.status != "not-started":
        begun = [child for child in children if child.weight and child.status != "not-started"]
        unknown = [child.id for child in begun if not child.known]
        because = f" (not of {notes.some('unknown', unknown)})" if unknown else ""
        ends = f"{notes.share('low', state.low)} and {notes.share('high', state.high)}"
        known = notes.share("heard", heard)
        notes.say(
            f"{known} of its weight is known{because}; the rest could bring the score to between {ends}"
        )
    if state.coverage < heard:
        notes.say(f"It was observed in {notes.share('coverage', state.coverage)} of the periods due")
    _say_status(notes, snapshot, state, children)
    for name in guardrails:
        if breached(snapshot, state.goal.id, name):
            best = MISSED if state.status == STATUSES[MISSED] else OFF_TRACK
            notes.say(f"Its guardrail {name} is breached, which holds it at {STATUSES[best]} at best")


def say_stage(notes: ExplanationNotes, snapshot: Snapshot, state: ObjectiveState | KeyResultState) -> bool:
    """Say how a goal was closed (S21.6), and that it is not pursued, where it is not (S21.5)."""
    goal, entry = state.goal, state.closing
    if entry is not None:
        notes.say(closed_words(entry, goal.id, notes.day("closed", entry.at)))
        if entry.subject == goal.id and entry.score is not None:
            declared = notes.share("declared", entry.score)
            notes.say(f"{declared} was declared for it{f': {entry.text}' if entry.text else ''}")
        if state.status in {"achieved", "missed"}:
            notes.say(f"By its score as known then it is {state.status}, for good")
            return isinstance(goal, KeyResult)
    if goal.id not in snapshot.not_pursued:
        return False
    own = goal.stage == state.status or (
        entry is not None and entry.subject == goal.id and entry.outcome == state.status
    )
    above = goal.objective if isinstance(goal, KeyResult) and not own else ""
    what = f"Its objective {above} is" if above else "It is"
    notes.say(f"{what} {a_stage(state.status)}, so it has neither score nor weight")
    return True


def closed_words(entry: Entry, id: str, day: str) -> str:
    """Return how a goal was closed: itself, or its objective; by whom, and as what."""
    whose = f"Its objective {entry.subject}" if entry.subject != id else "It"
    return f"{whose} was closed on {day} by {entry.by} as {entry.outcome}"


def closing_between(before: Snapshot, after: Snapshot, id: str) -> str:
    """Return how a goal was closed or reopened between two snapshots; "" where it was not."""
    was, now = before.closings.get(id), after.closings.get(id)
    if now is None:
        return "" if was is None else "It was reopened"
    return "" if was == now else closed_words(now, id, written_day(now.at).isoformat())


def a_stage(status: str) -> str:
    """Return a stage as it is said of a goal."""
    return "a draft" if status == "draft" else status


def _say_opening(notes: ExplanationNotes, snapshot: Snapshot, state: ObjectiveState) -> None:
    row = snapshot.compiled.goal_rows[state.goal.id]
    start = to_date(int(snapshot.compiled.start_day[row]))
    if to_date(int(roster_of(snapshot.portfolio).goal_days(snapshot.when)[row])) < start:
        notes.say(f"Its cycle begins on {notes.day('start', start)}, so not-started")
    else:
        notes.say("Nothing under it can be due yet, so not-started")


def _say_status(
    notes: ExplanationNotes, snapshot: Snapshot, state: ObjectiveState, children: Sequence[Child]
) -> None:
    policy, goal = snapshot.scoring, state.goal
    row = snapshot.compiled.goal_rows[goal.id]
    today = roster_of(snapshot.portfolio).goal_days(snapshot.when)[row]
    over = today > snapshot.compiled.end_day[row] and not state.provisional
    aspirational = over and goal.commitment == "aspirational"
    if state.score is not None and aspirational:
        words = f", the score that achieves an aspirational goal, so {state.status}"
        enough = policy.achieved_at[goal.commitment]
        notes.say(
            "Its cycle is over", notes.against("and score", "score", state.score, "enough", enough, words)
        )
        return
    if state.score is not None and policy.objective_status == "pace":
        notes.say("Its status is judged by its own score, as this policy wants")
        return
    if state.status == "not-started":
        _say_opening(notes, snapshot, state)
        return
    if state.provisional:
        notes.say("Its cycle is over; a last number may still come, and till then it keeps its status")
    heard = [child for child in children if child.weight and child.status not in {"no-data", "not-started"}]
    worst = min(heard, key=lambda child: (STATUSES.index(child.status), child.id), default=None)
    if worst is not None:
        same = [child.id for child in heard if child.status == worst.status]
        notes.say(f"Its worst weighted child with data decides: {notes.some('same', same)}, {worst.status}")
    if snapshot.objective_values.heard[row] < policy.min_coverage - SLACK:
        least = notes.share("min_coverage", policy.min_coverage)
        notes.say(f"Less than {least} of its weight is known, so it is no-data at best")
