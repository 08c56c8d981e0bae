"""Describe one amendment: a field of a declared goal that another version says otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import attrs

from okrcore.display import brief, card, fragment, percent, worded_change

AmendmentKind = Literal["loosened", "tightened", "added", "removed", "renamed", "changed", "recorded"]


@attrs.frozen(kw_only=True, repr=False)
class Amendment:
    """One difference between two versions of what was declared; made by `compare_portfolios` (S21.3).

    `subject` is the id in the newer version ("priorities", "units", "calendar" and "rates" for what belongs
    to the whole portfolio); `field` is the field, with a dot where it is part of another ("measure.goal"),
    "id" where the subject was renamed, and "" where the whole was added or removed. `before` and `after` are
    the values, None where there is none. `kind` says whether the goal became easier to reach ("loosened") or
    harder ("tightened"), or what else happened; "recorded" is what is told and never judged. `at`, `by` and
    `why` are those of the version, None and "" where two portfolios are compared alone. `score_before` and
    `score_after` are the scores (0 to 1, of a goal) at that moment under either version, as
    `score_amendments` finds them; None where unknown, not asked, or no goal's.

    >>> print(Amendment(subject="share", field="measure.goal", before=96.0, after=92.0, kind="loosened"))
    share: measure.goal 96 -> 92, loosened
    """

    subject: str
    field: str
    before: Any
    after: Any
    kind: AmendmentKind
    at: dt.date | dt.datetime | None = None
    by: str = ""
    why: str = ""
    score_before: float | None = None
    score_after: float | None = None

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table; values as short texts."""
        row = {name: getattr(self, name) for name in ("kind", "subject", "field")}
        row |= dict(zip(("before", "after"), worded_change(self.before, self.after), strict=True))
        names = ("at", "by", "why", "score_before", "score_after")
        return row | {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return brief(self, str(self))

    def _repr_html_(self) -> str:
        was, now = worded_change(self.before, self.after)
        facts = {
            "was": was,
            "is": now,
            "when": str(self.at or ""),
            "by": self.by,
            "why": self.why,
        }
        if self.score_before is not None or self.score_after is not None:
            old, new = percent(self.score_before), percent(self.score_after)
            facts["score"] = f"{old} as it was, {new} as it is"
        title = f"{self.subject} {self.field}".rstrip()
        word = "~" if self.kind == "loosened" else ""
        shown = card("amendment", self.kind, title=f"{title}: {self.kind}", word=word, facts=facts.items())
        return fragment(f"amendment of {title}", shown)

    @property
    def said(self) -> str:
        """What differs, by whom, when and why, in words without the subject."""
        was, now = worded_change(self.before, self.after) if self.field else ("", "")
        name = "" if self.field == "id" else f"{self.field} "
        said = f"{name}{was} -> {now}, {self.kind}" if self.field else self.kind
        by = f" by {self.by}" if self.by else ""
        at = f" on {self.at.isoformat()}" if self.at else ""
        return f"{said}{by}{at}{': ' if self.why else ''}{self.why}"

    def __str__(self) -> str:
        return f"{self.subject}: {self.said}"
