"""Define a conflict: two goals that cannot both be served, how much, since when and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

import attrs

from okrcore.definitions.joined_ids import joined_ids
from okrcore.display import Rows, brief, card, fragment, number
from okrcore.frozen import FrozenDict, frozen

ConflictKind = Literal["targets", "opposed", "measured", "divergent", "disconnected", "contention"]
KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)
"""Every kind of conflict, in the order in which they are told (S13)."""


def _to_frozen(witness: Mapping[str, Any]) -> FrozenDict[str, Any]:
    return FrozenDict(frozen(dict(witness)))


@attrs.frozen(kw_only=True, repr=False)
class Conflict:
    """Two or more sides of which one gives way; made by `find_conflicts`.

    `sides` are ids in order: of key results and KPIs; "disconnected": of a KPI or initiative and an
    objective; "contention": of initiatives, or of one and what it asks for. `degree` is in 0..1, 1 the
    hardest. `since` is the first day of the conflict, which may lie ahead. `witness` holds names and numbers
    to recheck it by, listed by kind in docs/reference/conflicts.md. `path` holds the ids that connect the
    sides, one end first; empty where nothing does. `sentence` says it in words.

    >>> Conflict(kind="opposed", sides=("throughput", "uptime"), degree=0.4, since=dt.date(2026, 1, 1),
    ...          witness={}, path=(), sentence="").id
    'opposed:throughput|uptime'
    """

    kind: ConflictKind
    sides: tuple[str, ...]
    degree: float
    since: dt.date
    witness: FrozenDict[str, Any] = attrs.field(converter=_to_frozen)
    path: tuple[str, ...]
    sentence: str

    @property
    def id(self) -> str:
        """Kind and sides: the same conflict later has the same id, whatever its numbers."""
        return conflict_id(self.kind, self.sides)

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        told = {"kind": self.kind, "sides": ", ".join(self.sides), "degree": self.degree}
        return {**told, "since": self.since, "sentence": self.sentence}

    def __repr__(self) -> str:
        return brief(self, str(self))

    def _repr_html_(self) -> str:
        facts = {"degree": f"{number(self.degree)} of 1", "since": str(self.since)}
        facts["path"] = ", ".join(self.path)
        title = f"{self.kind}: {' and '.join(self.sides)}"
        shown = card("conflict", self.id, title=title, word="!", sentence=self.sentence, facts=facts.items())
        return fragment(f"conflict {self.id}", shown)

    def __str__(self) -> str:
        return f"{self.kind} ({self.degree:.2f}, since {self.since}): {self.sentence}"


def conflict_id(kind: str, sides: Iterable[str]) -> str:
    """Return what names a conflict of a kind between its sides."""
    return f"{kind}:{joined_ids(sides)}"


def in_order(conflicts: Iterable[Conflict]) -> Rows[Conflict]:
    """Return one conflict an id, the strongest, by kind, bonuses first, then hardest first, then id."""
    best: dict[str, Conflict] = {}
    for conflict in conflicts:
        known = best.get(conflict.id)
        if known is None or _rank(conflict) < _rank(known):
            best[conflict.id] = conflict
    return Rows(sorted(best.values(), key=_rank))


def _rank(conflict: Conflict) -> tuple[int, bool, float, str, tuple[str, ...]]:
    paid = bool(conflict.witness.get("incentivised"))
    return KINDS.index(conflict.kind), not paid, -conflict.degree, conflict.id, conflict.path
