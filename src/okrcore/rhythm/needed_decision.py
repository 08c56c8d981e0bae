"""Define a decision that is needed this week: what is asked of whom, on what evidence, by when (S18.6)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, get_args

import attrs

from okrcore.display import brief, card, fragment
from okrcore.frozen import freeze_fields

DecisionKind = Literal["slip", "conflict", "goal", "dip", "check-in", "link", "closing"]
DECISION_KINDS: tuple[DecisionKind, ...] = get_args(DecisionKind)
"""What a decision may be about, in the order in which they are told where none is overdue."""

Ask = Literal["answer", "decide", "adjust", "check in", "review", "confirm"]


@attrs.frozen(kw_only=True, repr=False, field_transformer=freeze_fields)
class NeededDecision:
    """One question that somebody has to decide this week; made by `review`, one a cause.

    `kind` is what it is about: a slip that reaches others, a conflict that no rule decides, a committed
    goal that turned off-track or will miss, a dip, silence, a link that no longer holds, a goal or
    initiative that is over. `ask` says what is asked for, in a word. `question` and `evidence` are whole
    texts, of which a terminal shows two lines each. `owner` answers, None where nobody can be named, by
    `due`, an instant in UTC; `owners` are all whose answer it waits for, where it is about several things;
    `overdue` says that it has passed. `subjects` are the ids it is about, the most urgent first, and
    `actions` the ids of the actions that it stands for. `id` names the cause, the same one next week. `mark`
    is the sign that it is drawn with: "!" bad, "~" in doubt, "?" unknown.
    """

    id: str
    kind: DecisionKind
    ask: Ask
    mark: Literal["!", "~", "?"]
    question: str
    evidence: str
    owner: str | None
    due: dt.datetime
    overdue: bool
    subjects: tuple[str, ...]
    actions: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        told = {"mark": self.mark, "ask": self.ask, "question": self.question, "evidence": self.evidence}
        return {**told, "owner": self.owner, "due": f"{self.due:%Y-%m-%d %H:%M}", "overdue": self.overdue}

    def __repr__(self) -> str:
        return brief(self, str(self))

    def _repr_html_(self) -> str:
        facts = {"owner": self.owner or "nobody", "due": f"{self.due:%Y-%m-%d %H:%M} UTC"}
        facts["overdue"] = "yes" if self.overdue else ""
        shown = card(
            self.ask, self.id, title=self.question, word=self.mark, sentence=self.evidence,
            facts=facts.items(),
        )  # fmt: skip
        return fragment(f"{self.ask} {self.id}", shown)

    def __str__(self) -> str:
        left = "overdue since" if self.overdue else "by"
        return f"{self.question} {self.owner or 'nobody'} {left} {self.due:%Y-%m-%d} ({self.evidence})"
