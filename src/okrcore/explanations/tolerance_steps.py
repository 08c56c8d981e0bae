"""Explain the decision that a KPI is judged under, or an initiative stands still by (S15, S20)."""

from __future__ import annotations

from okrcore.definitions.tolerances import Tolerance
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.scoring.goal_states import InitiativeState, KpiState


def say_tolerance(notes: ExplanationNotes, state: KpiState) -> None:
    """Say how a KPI is judged by a decision in force, until when, and what becomes of its incentive."""
    held = state.tolerance
    if held is None or held.tolerate is None:
        return
    until = notes.day("tolerated_until", held.end)
    incentive = held.tolerate.incentive
    kept = "" if incentive == "kept" else f", its incentive {incentive} meanwhile"
    notes.say(
        f"Judged {state.judged_zone} by {_by(held)}: it gives way to {held.winner} within its"
        f" {held.tolerate.within} until {until}{kept}"
    )


def say_freeze(notes: ExplanationNotes, state: InitiativeState) -> None:
    """Say why an initiative stands still, and how many days have left its share due."""
    if state.freeze is not None:
        since = notes.day("frozen_since", state.freeze.start)
        notes.say(f"Frozen since {since} by {_by(state.freeze)}, for {state.freeze.winner}")
    if state.frozen_days:
        notes.say(f"Frozen days left out of what is due: {notes.number('frozen_days', state.frozen_days)}")


def _by(held: Tolerance) -> str:
    return f"rule {held.rule}" if held.rule else "the default of the priority table"
