"""Declare what a decision has put in force, from a day to a day, for evaluation and the next ruling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs
from attrs import field

from okrcore.definitions.argument_checks import to_asked_day
from okrcore.definitions.fields import (
    check,
    each,
    is_a,
    is_date,
    is_id,
    is_id_or_empty,
    is_text,
    is_whole,
    optional,
    report,
    to_day,
    to_id_or_empty,
    to_texts,
)
from okrcore.definitions.priority_outcomes import Effect, Tolerate

SEVERAL = "a decision is between two sides or more; name them"


def _to_sides(values: Iterable[str]) -> tuple[str, ...]:
    given = to_texts(values)
    plain = isinstance(given, tuple) and all(isinstance(side, str) for side in given)
    return tuple(sorted(given)) if plain else given


@attrs.frozen(kw_only=True)
class Tolerance:
    """A ruling between `sides` in force from `start` to `end`, both included (S15); made by `apply`.

    `winner` is one of the sides, None where the question was put to somebody. `effect` is what the ruling
    does, None where it only names a winner, and `subject` whom it acts on: the losing KPI of a tolerate, the
    initiative of a freeze or fund, the losing key result of a retarget. `rule` (None: the default) and
    `table_hash` say which ruling it is: as long as both stay, the decision is not up again. `renewed` counts
    how often the same effect was put in force anew, `days_before` the days it was in force before
    `start`. `id` is made of effect, loser and winner unless given.

    >>> first, last = dt.date(2026, 6, 1), dt.date(2026, 12, 31)
    >>> one = Tolerance(sides=["uptime", "throughput"], winner="throughput", start=first, end=last)
    >>> one.id, one.loser, one.holds(last), one.holds(dt.date(2027, 1, 1))
    ('ruling:uptime<throughput', 'uptime', True, False)
    """

    sides: tuple[str, ...] = field(converter=_to_sides, metadata=check(each(is_id, unique=True)))
    start: dt.date = field(converter=to_day, metadata=check(is_date))
    end: dt.date = field(converter=to_day, metadata=check(is_date))
    winner: str | None = field(default=None, metadata=check(optional(is_id)))
    effect: Effect | None = field(default=None, metadata=check(optional(is_a(Effect))))
    subject: str | None = field(default=None, metadata=check(optional(is_id)))
    rule: str | None = field(default=None, metadata=check(optional(is_id)))
    table_hash: str = field(default="", metadata=check(is_text))
    why: str = field(default="", metadata=check(is_text))
    renewed: int = field(default=0, metadata=check(is_whole))
    days_before: int = field(default=0, metadata=check(is_whole))
    id: str = field(default=None, converter=to_id_or_empty, metadata=check(is_id_or_empty))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        faults = []
        if len(self.sides) < 2:
            faults.append(("sides", SEVERAL))
        if self.winner is not None and self.winner not in self.sides:
            faults.append(("winner", f"winner {self.winner!r} is none of the sides; name one of them"))
        if self.end < self.start:
            faults.append(("end", f"end {self.end} is before start {self.start}; swap them"))
        report(self, faults)
        if not self.id:
            object.__setattr__(self, "id", tolerance_id(self))

    @property
    def kind(self) -> str:
        """The effect's kind, "ruling" where there is none."""
        return self.effect.kind if self.effect else "ruling"

    @property
    def loser(self) -> str | None:
        """The side that gives way; None without a winner, and where more than one does."""
        others = [side for side in self.sides if side != self.winner]
        return others[0] if self.winner is not None and len(others) == 1 else None

    @property
    def tolerate(self) -> Tolerate | None:
        """How the losing KPI is judged meanwhile; None for other effects."""
        return self.effect.tolerate if self.effect else None

    def holds(self, day: dt.date | str) -> bool:
        """Return whether it is in force on a day."""
        return self.start <= to_asked_day(day) <= self.end


def tolerance_id(tolerance: Tolerance) -> str:
    """Return what names the effect, the loser and the winner, or all sides where none wins."""
    if tolerance.loser is None:
        return f"{tolerance.kind}:{'|'.join(tolerance.sides)}"
    return f"{tolerance.kind}:{tolerance.loser}<{tolerance.winner}"
