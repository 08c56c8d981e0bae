"""Explain how a goal was amended: its score under what it was when its cycle had settled (S21.3)."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.declarations.amendment import Amendment
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.scoring.goal_states import KeyResultState, ObjectiveState
from okrcore.scoring.snapshot import Snapshot

MOST = 3
"""How many of the last amendments of a goal are told."""
TOLD = ("loosened", "tightened", "changed")


def say_original(notes: ExplanationNotes, snapshot: Snapshot, state: KeyResultState | ObjectiveState) -> None:
    """Say what the score would be under the original goal, where it is another, and what was amended."""
    if state.original_score is None:
        return
    judged_at = state.scoring.score_bounds
    was = notes.share("original_score", state.original_score, judged_at)
    now = "unknown" if state.score is None else notes.share("score", state.score, judged_at)
    notes.say(
        f"Under the goal as it was when its cycle had settled the score would be {was}; now it is {now}"
    )
    if isinstance(state, ObjectiveState) and (gone := _taken_out(snapshot, state.goal.id)):
        notes.say(f"Taken out since: {notes.some('taken_out', gone)}")
    for place, one in enumerate(list(_amendments(snapshot, state.goal.id))[-MOST:]):
        notes.say(_words(notes, one, place))


def _amendments(snapshot: Snapshot, id: str) -> Iterator[Amendment]:
    if snapshot.declared is not None:
        when = snapshot.when
        for before, after in snapshot.declared.steps(until=when.as_of, known_at=when.known):
            yield from (
                one
                for one in after.amendments(before)
                if one.subject == id and one.kind in TOLD and one.field
            )


def _taken_out(snapshot: Snapshot, id: str) -> list[str]:
    """Return the key results under an objective that are no longer declared, by id."""
    original = snapshot.original
    found = () if original is None else original.portfolio.key_results
    return sorted(one.id for one in found if one.objective == id and one.id not in snapshot)


def _words(notes: ExplanationNotes, one: Amendment, place: int) -> str:
    day = f" on {notes.day(f'amended_{place}', one.at)}" if one.at else ""
    sides = one.before, one.after
    values = ""
    if all(isinstance(side, int | float) for side in sides):
        was, now = (
            notes.number(f"{name}_{place}", float(side))
            for name, side in zip(("before", "after"), sides, strict=True)
        )
        values = f" from {was} to {now}"
    by, why = f" by {one.by}" if one.by else "", f": {one.why}" if one.why else ""
    return f"{one.kind.capitalize()}{day}{by}: {one.field}{values}{why}"
