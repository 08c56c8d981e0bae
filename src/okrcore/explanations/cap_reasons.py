"""Explain how the cap of a whole cycle is judged: what is used of it, beside the time that is gone (A8)."""

from __future__ import annotations

import numpy as np

from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Band
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.scoring.goal_states import KeyResultState
from okrcore.scoring.kernels import SLACK, inside
from okrcore.scoring.scoring_policy import ScoringPolicy, Status


def cap_of(goal: KeyResult) -> float | None:
    """Return the upper bound of a key result whose measure is a cap over its whole time; None: it is not."""
    return goal.measure.high if isinstance(goal.measure, Band) and goal.measure.is_cap else None


def say_cap(notes: ExplanationNotes, state: KeyResultState, cap: float, policy: ScoringPolicy) -> None:
    """Say why a key result with a cap, of which a value is known, has its status before its due date."""
    assert state.value is not None
    held = inside(np.array([state.value]), np.array([-np.inf]), np.array([cap]), policy.inclusive)[0]
    if not held:
        hope = "and comes back inside no more" if state.status == "missed" else "and may come back inside"
        notes.say(f"It is past its cap {hope}, so {state.status}")
    elif state.status == "early":
        until = notes.share("early_until", policy.early_until)
        notes.say(f"Less than {until} of its time is gone, where nothing is judged yet, so early")
    elif state.pace is not None and state.expected is not None:
        gone = notes.share("expected", state.expected)
        rate = f"Burn (share used / {gone} of its time gone) {notes.number('pace', state.pace)}"
        level, words = _level(notes, state.pace, policy)
        if level == state.status:
            notes.say(f"{rate} {words}, so {state.status}")
        else:
            notes.say(f"{rate} {words}; so many things may come by chance, so {state.status}")


def say_end(notes: ExplanationNotes, state: KeyResultState) -> None:
    """Say how a cap ended that was due."""
    notes.say(f"It ended {'inside' if state.status == 'achieved' else 'past'} its cap, so {state.status}")


def _level(notes: ExplanationNotes, pace: float, policy: ScoringPolicy) -> tuple[Status, str]:
    """Return the status that a burn has by itself, and which threshold says so."""
    if pace <= policy.burn_on_track + SLACK:
        return "on-track", f"is at most {notes.number('burn_on_track', policy.burn_on_track)}"
    at_risk = notes.number("burn_at_risk", policy.burn_at_risk)
    if pace <= policy.burn_at_risk + SLACK:
        on_track = notes.number("burn_on_track", policy.burn_on_track)
        return "at-risk", f"is above {on_track} but at most {at_risk}"
    return "off-track", f"is above {at_risk}"
