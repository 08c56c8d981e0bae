"""Declare what moves what: one signed edge between initiatives, KPIs and key results."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import attrs
from attrs import field

from okrcore.definitions.days import DAYS_PER_UNIT
from okrcore.definitions.fields import (
    check,
    each,
    is_date,
    is_flag,
    is_id,
    is_id_or_empty,
    is_text,
    optional,
    report,
    shown,
    to_day_or_none,
    to_float,
    to_id_or_empty,
    to_texts,
    within,
)
from okrcore.definitions.joined_ids import link_id
from okrcore.errors import DefinitionError

_LAG = re.compile(r"(\d{1,4})([dwmqy]?)(?:\.\.(\d{1,4})([dwmqy]?))?", re.ASCII)


@attrs.frozen
class Lag:
    """How long a link takes, from `low` to `high`, in `unit`: d, w, m, q, y, or "" for grid periods (S9.1).

    >>> Lag.parse("2w..6w")
    Lag(low=2, high=6, unit='w')
    """

    low: int
    high: int
    unit: Literal["", "d", "w", "m", "q", "y"] = ""

    @property
    def days(self) -> tuple[float, float]:
        """Both ends in days, a month being of its mean length; without a unit still in grid periods.

        >>> Lag.parse("2w..6w").days
        (14.0, 42.0)
        """
        days = DAYS_PER_UNIT.get(self.unit, 1.0)
        return self.low * days, self.high * days

    @classmethod
    def parse(cls, text: str) -> Lag:
        """Return the lag that `text` names; raises DefinitionError with the form that is known."""
        match = _LAG.fullmatch(text) if isinstance(text, str) else None
        if match:
            low, high = int(match[1]), int(match[3] or match[1])
            units = {match[2], match[4] or match[2]} - {""}
            if low <= high and len(units) <= 1:
                return cls(low, high, units.pop() if units else "")  # type: ignore[arg-type]
        raise DefinitionError(
            f"lag {shown(text)} is unknown; give '3w' or '2w..6w' (d, w, m, q, y), lower end first"
        )


def _sign_fault(value: object) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and value in (1, -1)
    return None if good else f"is {shown(value)}; give +1 or -1"


def _lag_fault(value: object) -> str | None:
    if not isinstance(value, str):
        return f"is {shown(value)}; give text such as '2w..6w', or a small whole number"
    try:
        Lag.parse(value)
    except DefinitionError as error:
        return str(error).removeprefix("lag ")
    return None


def _to_lag(value: str | int | None) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10_000
    return str(value) if whole else value  # type: ignore[return-value]


@attrs.frozen(kw_only=True)
class Link:
    """A claim that more of `source` means more (`sign` +1) or less (-1) of `target` (S9).

    The sign is about raw values, never about goodness (S0.7). The source is an initiative or KPI, the
    target a KPI or key result. `weight` in 0 to 1 is the strength of the claim; `lag` is text such as
    "2w..6w" or a count of grid periods; `multiplicative` asks for logarithms; `reviewed` is the date of the
    last review. `id` is "source->target" unless given.

    >>> Link(source="uptime", target="throughput", sign=+1).id
    'uptime->throughput'
    """

    source: str = field(metadata=check(is_id))
    target: str = field(metadata=check(is_id))
    sign: Literal[1, -1] = field(metadata=check(_sign_fault))
    weight: float = field(default=1.0, converter=to_float, metadata=check(within(0, 1)))
    lag: str | None = field(default=None, converter=_to_lag, metadata=check(optional(_lag_fault)))
    id: str = field(default=None, converter=to_id_or_empty, metadata=check(is_id_or_empty))
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    rationale: str = field(default="", metadata=check(is_text))
    multiplicative: bool = field(default=False, metadata=check(is_flag))
    reviewed: dt.date | None = field(
        default=None, converter=to_day_or_none, metadata=check(optional(is_date))
    )
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        if not self.id:
            object.__setattr__(self, "id", link_id(self.source, self.target))
        report(self, [("target", "source and target are the same")] if self.source == self.target else ())
