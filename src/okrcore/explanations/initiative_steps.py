"""Explain an initiative's two statuses: its milestones, and what it is meant to move (S5.7)."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.explanations.explanation import Explanation, ExplanationNotes
from okrcore.explanations.sources_of_value import Ground
from okrcore.scoring.goal_states import InitiativeState


def say_initiative(notes: ExplanationNotes, state: InitiativeState) -> None:
    """Say both statuses: is the work done, and does it move what it should?"""
    if state.implementation is None:
        notes.say("Implementation no-data: it has no milestones")
    else:
        done = notes.share("implementation", state.implementation)
        notes.say(f"Implementation {state.statuses.implementation}: {done} of the milestone weight is done")
    if state.value is None:
        notes.say("Value no-data: nothing it is linked to has a way to go and data on it")
    else:
        gone = notes.share("value", state.value)
        notes.say(f"Value {state.statuses.value}: what it is meant to move has gone {gone} of the way")


def milestone_steps(ground: Ground, id: str) -> Iterator[Explanation]:
    """Yield the milestones of an initiative in order of their dates: done, due or late."""
    own = [one for one in ground.snapshot.portfolio.milestones if one.initiative == id]
    for milestone in sorted(own, key=lambda one: (one.finish or one.due, one.id)):
        notes = ExplanationNotes()
        planned = milestone.finish or milestone.due
        done = ground.done_day(milestone)
        if done is not None:
            word, how = "done", "" if milestone.done == done else ", as observed"
            notes.say(f"Done on {notes.day('done', done)}{how}, planned for {notes.day('planned', planned)}")
        else:
            word = "late" if planned < ground.today else "open"
            notes.say(f"{word.capitalize()}: planned for {notes.day('planned', planned)} and not done")
        notes.say(f"Weight {notes.number('weight', milestone.weight)}")
        yield notes.explanation(milestone.id, "milestone", status=word, title=milestone.title)
