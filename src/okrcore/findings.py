"""Report what should not be, as one value that rules, reconciliations and checks give back (S0.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import attrs

from okrcore.display import brief, card, fragment, worded
from okrcore.frozen import frozen

Location = tuple[str, int | None, int | None]
"""File, line and column, both from 1; None where unknown."""


def place_text(location: Location | None) -> str:
    """Return a location as text that editors follow; "" where there is none.

    >>> place_text(("a.yaml", 3, None))
    'a.yaml:3'
    """
    return ":".join(str(part) for part in location or () if part not in (None, ""))


def _to_frozen(evidence: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return frozen(tuple(evidence))


@attrs.frozen(kw_only=True, repr=False)
class Finding:
    """Something that should not be: what, where, how bad, and what to do.

    `evidence` holds the numbers it rests on as (name, value) pairs; `location` is the file, line and column
    of the definition it is about, None where unknown.

    >>> Finding(code="OKR502", severity="warning", subject="revenue", message="two systems differ").fix
    ''
    """

    code: str
    severity: Literal["error", "warning", "info"]
    subject: str
    message: str
    fix: str = ""
    evidence: tuple[tuple[str, Any], ...] = attrs.field(default=(), converter=_to_frozen)
    location: Location | None = None

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        names = ("severity", "code", "subject", "message", "fix")
        return {name: getattr(self, name) for name in names} | {"place": place_text(self.location)}

    def __repr__(self) -> str:
        return brief(self, str(self))

    def _repr_html_(self) -> str:
        facts = {"what to do": self.fix, "place": place_text(self.location)}
        facts |= {name: worded(value) for name, value in self.evidence}
        title = f"{self.subject} {self.message}"
        return fragment(
            f"finding {self.code}",
            card("finding", self.code, title=title, word=self.severity, facts=facts.items()),
        )

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.subject, self.message, self.fix) if part)
