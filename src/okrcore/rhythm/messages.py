"""Say whom to tell what by when: what is owed, to whoever owes it and to all whom it concerns (S18.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from okrcore.definitions.relations import Relations
from okrcore.display import Rows
from okrcore.rhythm.action import Action
from okrcore.schedule.ripple_result import Ripple


@attrs.frozen(kw_only=True)
class Message:
    """What one person, role or process is to be told, and by when it is of use; made by `review`.

    `to` is the id of an owner, `action` that of the action it is about, `due` when the answer is due, an
    instant in UTC. Nothing was told yet: a notice is recorded by whoever told, when told.
    """

    to: str
    what: str
    subject: str
    because: str
    due: dt.datetime
    action: str

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        return attrs.asdict(self)


def messages_of(owed: Iterable[Action], ripple: Ripple) -> Rows[Message]:
    """Return whom to tell what: once a person and action, by when it is due."""
    relations = Relations(ripple.portfolio)
    found = {(one.action, one.to): one for action in owed for one in _about(action, ripple, relations)}
    return Rows(sorted(found.values(), key=lambda one: (one.due, one.action, one.to)))


def _about(action: Action, ripple: Ripple, relations: Relations) -> Iterator[Message]:
    """What to tell about one action; whom it is put to comes last, so that this is what they are told."""
    if action.state == "withdrawn":
        yield from _told(action, [action.owner], "Nothing is owed any more: the number was corrected.")
        return
    if not action.is_open:
        return
    if action.kind == "notice" and action.team is not None:
        hit = [one for one in ripple.impacts if one.team == action.team and action.subject in one.chain]
        people = [name for one in hit for name in (one.owner, *one.watchers)]
        people += [next(relations.leads_above(action.team), None)] if action.team in ripple.portfolio else []
        yield from _told(action, people, f"{action.subject} is late, and {action.team} waits for it.")
    if action.audit is not None:
        yield from _told(action, action.audit.owners, f"Take part in the audit of {action.subject}.")
    yield from _told(action, [action.owner], action.what)
    yield from _told(
        action, [action.escalated_to], f"{action.what} {action.owner or 'Nobody'} did not answer."
    )


def _told(action: Action, people: Iterable[str | None], what: str) -> Iterator[Message]:
    for name in people:
        if name is not None:
            yield Message(
                to=name,
                what=what,
                subject=action.subject,
                because=action.because,
                due=action.due,
                action=action.id,
            )
