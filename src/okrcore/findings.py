"""What should not be, reported: one value that rules, reconciliations and checks give back (S0.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import attrs

from okrcore.frozen import frozen


def _to_frozen(evidence: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return frozen(tuple(evidence))


@attrs.frozen(kw_only=True)
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
    location: tuple[str, int | None, int | None] | None = None

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.subject, self.message, self.fix) if part)
