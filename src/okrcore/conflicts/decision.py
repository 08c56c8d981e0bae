"""Define decisions on conflicts: who wins, by which rule, what follows, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.conflicts.conflict import Conflict
from okrcore.definitions.priority_outcomes import Effect, Escalate
from okrcore.display import brief, card, fragment, number
from okrcore.frozen import freeze_fields, frozen
from okrcore.priorities.table_rulings import Ruling


@attrs.frozen(kw_only=True, repr=False)
class Decision:
    """What the priority table says about one conflict; made by `resolve`.

    `winner` and `loser` are ids out of `conflict.sides`, None where nobody may decide by rule: an input is
    missing, a guardrail forbids the outcome, or the sides are alike and the table does not name one of them
    both ways. `ruling` is the table's answer, asked `at` a day. It is `standing` where the same ruling of the
    same table was the last one between these sides and is in force, `since` its first day: nothing is up
    again. `thawed` is the day on which a freeze between the sides ended by itself, None while it goes on or
    there is none (S15).
    """

    conflict: Conflict
    winner: str | None
    loser: str | None
    ruling: Ruling
    table_hash: str
    at: dt.date
    since: dt.date
    standing: bool = False
    thawed: dt.date | None = None

    @property
    def rule(self) -> str | None:
        """The id of the rule that decided, or of the guardrail that forbade; None for the default."""
        return self.ruling.rule

    @property
    def effect(self) -> Effect | None:
        """What the ruling does."""
        return self.ruling.effect

    @property
    def why(self) -> str:
        """The reason that the table gives, or why nothing could be decided."""
        return self.ruling.why

    @property
    def overruled(self) -> Mapping[str, str]:
        """Every other rule that matched, and why it lost."""
        return self.ruling.overruled

    @property
    def escalates(self) -> bool:
        """Whether somebody has to decide."""
        return self.winner is None or self.ruling.escalates

    @property
    def escalate(self) -> Escalate | None:
        """To whom, and within which time; None where nobody has to."""
        return self.effect.escalate if self.effect else None

    @property
    def state(self) -> str:
        """Whether it is decided, or escalated to somebody who has to."""
        return "escalated" if self.escalates else "decided"

    def as_row(self) -> dict[str, Any]:
        """Return its columns as a row of a table."""
        to = self.escalate.to if self.escalates and self.escalate else None
        told = {"state": self.state, "winner": self.winner, "loser": self.loser, "rule": self.rule}
        return {**told, "why": self.why, "decides": to, "conflict": self.conflict.id, "since": self.since}

    def __repr__(self) -> str:
        return brief(self, str(self))

    def _repr_html_(self) -> str:
        to = f"{self.escalate.to} within {self.escalate.within}" if self.escalate else ""
        title = f"{self.winner} before {self.loser}" if self.winner else f"{to or 'somebody'} has to decide"
        facts = {
            "rule": self.rule or "",
            "decides": to if self.escalates else "",
            "since": f"{self.since}, {'standing' if self.standing else 'new'}",
            "degree": f"{number(self.conflict.degree)} of 1",
            "table": self.table_hash[:8],
        }
        word = "escalated" if self.escalates else "resolved"
        shown = card(
            "decision", self.conflict.id, title=title, word=word, sentence=self.why, facts=facts.items()
        )  # fmt: skip
        return fragment(f"decision on {self.conflict.id}", shown)

    def as_plain(self) -> dict[str, Any]:
        """Return what an audit log keeps, as plain values and parts of the table."""
        return {
            "conflict": self.conflict.id,
            "sides": self.conflict.sides,
            "winner": self.winner,
            "loser": self.loser,
            "rule": self.rule,
            "effect": self.effect,
            "why": self.why,
            "overruled": dict(self.overruled),
            "guardrails": self.ruling.guardrails,
            "forbidden": self.ruling.forbidden,
            "missing": self.ruling.missing,
            "table_hash": self.table_hash,
            "at": self.at,
            "since": self.since,
            "standing": self.standing,
        }

    def __str__(self) -> str:
        by = f"rule {self.rule}" if self.rule else "the default"
        if self.winner is None:
            to = f"; {self.escalate.to} decides within {self.escalate.within}" if self.escalate else ""
            return f"{self.conflict.id}: nobody wins: {self.why}{to}"
        return f"{self.conflict.id}: {self.winner} wins by {by}{f': {self.why}' if self.why else ''}"


@attrs.frozen(kw_only=True, eq=False, repr=False, field_transformer=freeze_fields)
class Decisions:
    """Many decisions, held as columns; made by `resolve_many`. Indexing and iterating give `Decision` values.

    `winner`, `loser` and `rule` give ids as arrays of objects, one a conflict, None where there is none.
    `winner_at` and `loser_at` count in `names`, -1 (the last one, None) where nobody wins; `case` counts in
    `cases`, the different rulings. `recognise` turns a new decision into a standing one where it is known.
    """

    conflicts: Sequence[Conflict]
    names: tuple[str | None, ...]
    winner_at: npt.NDArray[np.int64]
    loser_at: npt.NDArray[np.int64]
    cases: tuple[Ruling, ...]
    case: npt.NDArray[np.int64]
    table_hash: str
    at: dt.date
    recognise: Callable[[Decision], Decision] | None = None

    def __len__(self) -> int:
        return len(self.conflicts)

    def __getitem__(self, row: int) -> Decision:
        return self._decision(
            self.conflicts[row], self.winner_at[row], self.loser_at[row], int(self.case[row])
        )

    def __iter__(self) -> Iterator[Decision]:
        columns = (self.winner_at.tolist(), self.loser_at.tolist(), self.case.tolist())
        return map(self._decision, self.conflicts, *columns)

    @property
    def winner(self) -> npt.NDArray[np.object_]:
        """The ids of the winners, None where nobody wins."""
        return frozen(np.array(self.names, dtype=object)[self.winner_at])

    @property
    def loser(self) -> npt.NDArray[np.object_]:
        """The ids of the losers, None where nobody wins."""
        return frozen(np.array(self.names, dtype=object)[self.loser_at])

    @property
    def rule(self) -> npt.NDArray[np.object_]:
        """The ids of the deciding rules and guardrails, None for the default and for escalations."""
        return frozen(np.array([*(ruling.rule for ruling in self.cases), None], dtype=object)[self.case])

    def __repr__(self) -> str:
        return f"<{len(self)} decisions by {len(self.cases)} different rulings>"

    def _decision(self, conflict: Conflict, winner: int, loser: int, case: int) -> Decision:
        decision = Decision(
            conflict=conflict,
            winner=self.names[winner],
            loser=self.names[loser],
            ruling=self.cases[case],
            table_hash=self.table_hash,
            at=self.at,
            since=self.at,
        )
        return decision if self.recognise is None else self.recognise(decision)
