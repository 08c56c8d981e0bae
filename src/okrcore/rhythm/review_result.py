"""Hold a review: all that one week has to say, made once, and the few decisions that it needs (S18.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.earlier import Past
from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows, Table, counted
from okrcore.findings import Finding
from okrcore.frozen import freeze_fields
from okrcore.history.entry import Entry
from okrcore.leading.evidence import LinkEvidence
from okrcore.monitoring.dip import Dip
from okrcore.public_form import headed
from okrcore.rhythm.action import Action
from okrcore.rhythm.messages import Message
from okrcore.rhythm.needed_decision import NeededDecision
from okrcore.schedule.ripple_result import Ripple
from okrcore.scoring.differences import Differences
from okrcore.scoring.snapshot import Snapshot

KIND = "review"
_PLAIN = (
    "decisions_needed",
    "actions",
    "messages",
    "proposed_entries",
    "not_updated",
    "differences",
    "snapshot",
    "signals",
    "dips",
    "evidence",
    "conflicts",
    "decisions",
    "ripple",
    "findings",
)


@attrs.frozen(kw_only=True, eq=False, repr=False, field_transformer=freeze_fields)
class Review:
    """One week's review; made by `review`.

    `decisions_needed` are the few things that somebody has to decide, the most urgent first, and
    `str(review)` is the one screen. `actions`, `messages` and `proposed_entries` say who owes what, whom to
    tell, and what goes up; `not_updated` are key results without a cadence that nobody checked in on, which
    is no decision.
    `differences` say what is otherwise than in the review before, of the moment `since`: empty, and None,
    without one. The rest is what they rest on: the snapshot, the newest `signals` of each KPI and key result
    with the `dips` of the last 13 weeks, the evidence on links, conflicts and what the table decides, what
    slips do, and findings. Two are equal where they say the same.
    """

    snapshot: Snapshot
    signals: Table
    dips: Rows[Dip]
    evidence: Rows[LinkEvidence]
    conflicts: Rows[Conflict]
    decisions: Rows[Decision]
    ripple: Ripple
    findings: Rows[Finding]
    actions: Rows[Action]
    messages: Rows[Message]
    proposed_entries: tuple[Entry, ...]
    decisions_needed: Rows[NeededDecision]
    not_updated: tuple[str, ...]
    differences: Differences
    since: dt.date | dt.datetime | None = None
    owner: str | None = None
    """Whose part of a review it is; None: everybody's."""
    team: str | None = None
    """The team whose part of a review it is, with those below it; None: everybody's."""
    past: Past | None = None
    """The snapshots of earlier days that were looked back at, which the next review need not make again."""

    @property
    def portfolio(self) -> Portfolio:
        """What was in force."""
        return self.snapshot.portfolio

    @property
    def declarations(self) -> Declarations | None:
        """The versions that the portfolio is one of; None where it was given alone."""
        return self.snapshot.declared

    @property
    def as_of(self) -> dt.date | dt.datetime:
        """The moment that is reviewed."""
        return self.snapshot.as_of

    def as_plain(self) -> dict[str, Any]:
        """Return the public form, as `okrcore review --format json` gives it; it serves as `previous=`.

        That of one `owner` or `team` says so, and does not.
        """
        moments = {"as_of": self.as_of, "known_at": self.snapshot.when.known, "since": self.since}
        whose = {"owner": self.owner, "team": self.team}
        return headed(KIND, **moments, **whose, **{name: getattr(self, name) for name in _PLAIN})

    def __str__(self) -> str:
        from okrcore.rhythm.review_text import review_lines  # which draws reviews

        return "\n".join(review_lines(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Review):
            return NotImplemented
        return self is other or _said(self) == _said(other)

    def __hash__(self) -> int:
        return hash((KIND, self.snapshot.when, len(self.actions)))

    def _repr_html_(self) -> str:
        from okrcore.rhythm.review_text import review_output  # which draws reviews

        return review_output(self)

    def __repr__(self) -> str:
        needed = counted(len(self.decisions_needed), "decision")
        return f"<Review as of {self.as_of}: {needed} needed>"


def _said(review: Review) -> Mapping[str, Any]:
    from okrcore.documents.plain import to_dict

    return to_dict(review)  # type: ignore[no-any-return]
