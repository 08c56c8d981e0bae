"""Propose the entries of what goes up: one escalation an action, once (S18.5)."""

from __future__ import annotations

from collections.abc import Iterable

from okrcore.history.entry import Entry
from okrcore.history.instants import Moment
from okrcore.history.journal import Journal
from okrcore.rhythm.action import Action


def proposed_escalations(owed: Iterable[Action], journal: Journal | None, as_of: Moment) -> tuple[Entry, ...]:
    """Return an entry for each action that went up and of which no escalation is recorded yet, by id.

    Its subject is the action's id, `by` whom it went up to, and who has it now. Nothing is recorded.
    """
    known = set() if journal is None else {one.subject for one in journal if one.kind == "escalation"}
    up = sorted((one for one in owed if one.escalated_to and one.id not in known), key=lambda one: one.id)
    return tuple(
        Entry(
            "escalation", one.id, one.escalated_to or "", as_of, text=f"{one.owner or 'nobody'}: {one.what}"
        )
        for one in up
    )
