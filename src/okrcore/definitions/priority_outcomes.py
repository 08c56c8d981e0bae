"""Declare what a priority table may decide: who wins, and what changes because of it (S14)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import attrs
from attrs import field

from okrcore.definitions.fields import (
    at_least,
    check,
    is_a,
    is_date,
    is_id,
    is_number,
    is_text,
    one_of,
    optional,
    report,
    shown,
    to_day,
    to_float,
)

_DURATION = re.compile(r"\d{1,5}(?:\.\d{1,3})?[hdw]", re.ASCII)


def _is_duration(value: object) -> str | None:
    good = isinstance(value, str) and _DURATION.fullmatch(value)
    return None if good else f"is {shown(value)}; give hours, days or weeks such as '24h'"


def _to_until(value: dt.date | str) -> dt.date | Literal["cycle-end"]:
    return to_day(value)


def _is_until(value: object) -> str | None:
    word = isinstance(value, str) and value == "cycle-end"
    return None if word or not is_date(value) else f"is {shown(value)}; give 'cycle-end' or a date"


@attrs.frozen(kw_only=True)
class Tolerate:
    """Judge the losing KPI within a wider band until a date (S15).

    >>> Tolerate(within="limit", incentive="suspended").until
    'cycle-end'
    """

    within: Literal["limit", "worst"] = field(default="limit", metadata=check(one_of("limit", "worst")))
    until: dt.date | Literal["cycle-end"] = field(
        default="cycle-end", converter=_to_until, metadata=check(_is_until)
    )
    incentive: Literal["kept", "suspended", "re-based"] = field(
        default="kept", metadata=check(one_of("kept", "suspended", "re-based"))
    )

    def __attrs_post_init__(self) -> None:
        report(self)


@attrs.frozen(kw_only=True)
class Escalate:
    """Put the question to an owner, to be answered within a time such as "24h" (S15).

    >>> Escalate(to="chief-operating-officer").within
    '24h'
    """

    to: str = field(metadata=check(is_id))
    within: str = field(default="24h", metadata=check(_is_duration))

    def __attrs_post_init__(self) -> None:
        report(self)


@attrs.frozen(kw_only=True)
class Retarget:
    """Move the losing key result's goal, in its own unit (S15).

    >>> Retarget(goal=11_000).goal
    11000.0
    """

    goal: float = field(converter=to_float, metadata=check(is_number))

    def __attrs_post_init__(self) -> None:
        report(self)


@attrs.frozen(kw_only=True)
class Fund:
    """Give the initiative on the path an amount, in the budget's currency (S15).

    >>> Fund(amount=250_000).amount
    250000.0
    """

    amount: float = field(converter=to_float, metadata=check(at_least(0)))

    def __attrs_post_init__(self) -> None:
        report(self)


@attrs.frozen(kw_only=True)
class Effect:
    """What a ruling does: exactly one of its five fields is given (S15).

    >>> Effect(freeze="initiative").kind
    'freeze'
    """

    tolerate: Tolerate | None = field(default=None, metadata=check(optional(is_a(Tolerate))))
    freeze: Literal["initiative"] | None = field(default=None, metadata=check(optional(one_of("initiative"))))
    retarget: Retarget | None = field(default=None, metadata=check(optional(is_a(Retarget))))
    fund: Fund | None = field(default=None, metadata=check(optional(is_a(Fund))))
    escalate: Escalate | None = field(default=None, metadata=check(optional(is_a(Escalate))))

    def __attrs_post_init__(self) -> None:
        report(self)
        given = [name for name in EFFECTS if getattr(self, name) is not None]
        if len(given) != 1:
            report(
                self,
                [("", f"{', '.join(given) or 'nothing'} is given; give exactly one of {', '.join(EFFECTS)}")],
            )

    @property
    def kind(self) -> str:
        """The one field that is given."""
        return next(name for name in EFFECTS if getattr(self, name) is not None)


EFFECTS = ("tolerate", "freeze", "retarget", "fund", "escalate")


@attrs.frozen(kw_only=True)
class Outcome:
    """What a rule decides: the winning side ("objective" or "kpi"), an effect, and why.

    Tables brought from elsewhere may name any outcome; `resolve` knows the two.

    >>> Outcome(winner="kpi").effect is None
    True
    """

    winner: str = field(metadata=check(is_id))
    effect: Effect | None = field(default=None, metadata=check(optional(is_a(Effect))))
    why: str = field(default="", metadata=check(is_text))

    def __attrs_post_init__(self) -> None:
        report(self)
