"""Define an action: one answer that somebody owes by a moment, and what became of it (S18.1)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import attrs

from okrcore.display import brief, card, fragment
from okrcore.frozen import freeze_fields
from okrcore.history.entry import Entry
from okrcore.rhythm.audit import Audit

ActionKind = Literal[
    "audit",
    "adjustment",
    "notice",
    "mitigation",
    "decision",
    "check-in",
    "link-review",
    "confirmation",
    "closing",
]
ActionState = Literal["open", "met", "late", "overdue", "withdrawn"]


@attrs.frozen(kw_only=True, repr=False, field_transformer=freeze_fields)
class Action:
    """One answer that is owed; made by `actions`, and the same one, by its id, next week.

    `kind` is the kind of entry that meets it (a decision is met by an adjustment or a confirmation too),
    `subject` what it is about, `what` the question in words and `because` why it is asked. `owner` owes it,
    None where nobody can be named; `team` is the owner's, or of a notice the team that is to be told. It was
    `opened`, and is `due`, at an instant in UTC. "met" and "late" name the entry that is the `answer`;
    "withdrawn" says that its cause no longer holds as known now. `escalated_to` stands above the owner, and
    is asked once it is overdue for as long again. `audit` holds what an audit is held over.
    """

    id: str
    kind: ActionKind
    owner: str | None
    team: str | None
    what: str
    subject: str
    because: str
    opened: dt.datetime
    due: dt.datetime
    state: ActionState
    answer: Entry | None = None
    escalated_to: str | None = None
    audit: Audit | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes it."""
        return self.state in ("open", "overdue")

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        names = ("state", "kind", "subject", "what", "owner", "team", "due", "escalated_to", "because")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return brief(self, str(self))

    def _repr_html_(self) -> str:
        facts = {
            "owner": self.owner or "nobody",
            "due": f"{self.due:%Y-%m-%d %H:%M} UTC",
            "state": self.state,
            "escalated to": self.escalated_to or "",
            "answered": f"by {self.answer.by} on {self.answer.at}" if self.answer else "",
        }
        shown = card(
            self.kind,
            self.subject,
            title=self.what,
            word=self.state,
            sentence=self.because,
            facts=facts.items(),
        )
        return fragment(f"{self.kind} {self.subject}", shown)

    def __str__(self) -> str:
        who = self.owner or "nobody"
        to = f", escalated to {self.escalated_to}" if self.escalated_to else ""
        by = f" by {self.answer.by}" if self.answer else ""
        return f"{self.kind} {self.subject}: {who} by {self.due:%Y-%m-%d %H:%M} UTC, {self.state}{by}{to}"
