"""Declare initiatives, the capacity they ask for, and their milestones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import attrs
from attrs import field

from okrcore.definitions.fields import (
    at_least,
    check,
    each,
    from_texts,
    is_a,
    is_date,
    is_flag,
    is_id,
    is_number,
    is_text,
    one_of,
    optional,
    report,
    to_day,
    to_day_or_none,
    to_float,
    to_float_or_none,
    to_texts,
    to_tuple,
    within,
)

STAGES = ("defined", "identified", "detailed", "decided", "implemented", "closed")


@attrs.frozen
class Demand:
    """How much of a team's or owner's capacity an initiative asks for in a cycle, in the capacity's unit.

    >>> Demand("operations", 12).amount
    12.0
    """

    of: str = field(metadata=check(is_id))
    amount: float = field(converter=to_float, metadata=check(at_least(0)))

    def __attrs_post_init__(self) -> None:
        report(self)


def _to_demand(values: Iterable[Demand]) -> tuple[Demand, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Initiative:
    """Work that is meant to move KPIs and key results; its links say which.

    `stage` runs from defined to closed (S5.7). `cost` is in the portfolio's budget currency, None unknown.

    >>> Initiative(id="recalibration", title="Recalibrate lanes").stage
    'defined'
    """

    id: str = field(metadata=check(is_id))
    title: str = field(metadata=check(is_text))
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    team: str | None = field(default=None, metadata=check(optional(is_id)))
    start: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    end: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    stage: Literal["defined", "identified", "detailed", "decided", "implemented", "closed"] = field(
        default="defined", metadata=check(one_of(*STAGES))
    )
    cost: float | None = field(
        default=None, converter=to_float_or_none, metadata=check(optional(at_least(0)))
    )
    demand: tuple[Demand, ...] = field(default=(), converter=_to_demand, metadata=check(each(is_a(Demand))))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        if self.start and self.end and self.end < self.start:
            report(self, [("end", f"end {self.end} is before start {self.start}; swap them")])


@attrs.frozen
class Dependency:
    """A milestone that must be done before, with days to let pass between (S17.1).

    `lag_days` are calendar days, negative where the two may overlap; `working` counts whole working days of
    the portfolio's calendar. `likelihood` and `impact` in 0 to 1 say how surely a slip carries over, and how
    hard (S17.4).

    >>> Dependency("pilot-lane", lag_days=5).likelihood
    1.0
    """

    milestone: str = field(metadata=check(is_id))
    lag_days: float = field(default=0.0, converter=to_float, metadata=check(is_number))
    likelihood: float = field(default=1.0, converter=to_float, metadata=check(within(0, 1)))
    impact: float = field(default=1.0, converter=to_float, metadata=check(within(0, 1)))
    working: bool = field(default=False, metadata=check(is_flag))

    def __attrs_post_init__(self) -> None:
        report(self)
        if self.working and not (0 <= self.lag_days <= MOST_WORKING and self.lag_days.is_integer()):
            fault = (
                f"lag_days is {self.lag_days:g}, but in working days it must be whole, 0 to {MOST_WORKING}"
            )
            report(self, [("lag_days", f"{fault}; round it, or leave working out")])


MOST_WORKING = 10_000
"""The longest lag in working days, about 40 years."""


def _to_dependencies(values: Iterable[Dependency | str]) -> tuple[Dependency, ...]:
    return from_texts(values, Dependency)


@attrs.frozen(kw_only=True)
class Milestone:
    """A dated step of an initiative.

    `finish` is the planned finish (None: `due`); `done` is the date it was finished, None while open. The
    milestones `after` must come first; text stands for a dependency without lag. `recoverable_days` is
    what can be caught up of a delay (S17.1).

    >>> due = dt.date(2026, 9, 30)
    >>> Milestone(id="all", initiative="recalibration", title="All live", due=due, after=["pilot"]).after
    (Dependency(milestone='pilot', lag_days=0.0, likelihood=1.0, impact=1.0, working=False),)
    """

    id: str = field(metadata=check(is_id))
    initiative: str = field(metadata=check(is_id))
    title: str = field(metadata=check(is_text))
    due: dt.date = field(converter=to_day, metadata=check(is_date))
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    start: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    finish: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    done: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    after: tuple[Dependency, ...] = field(
        default=(), converter=_to_dependencies, metadata=check(each(is_a(Dependency)))
    )
    recoverable_days: float = field(default=0.0, converter=to_float, metadata=check(at_least(0)))
    weight: float = field(default=1.0, converter=to_float, metadata=check(at_least(0)))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        planned = self.finish or self.due
        if self.start and planned < self.start:
            report(self, [("start", f"start {self.start} is after the planned finish {planned}; swap them")])
        before = [dependency.milestone for dependency in self.after]
        if len(set(before)) < len(before):
            report(self, [("after", "after names one milestone twice; keep one dependency")])
