"""Declare when a key result is reached: a target, a band to stay in, or a checklist."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Literal

import attrs
from attrs import field

from okrcore.definitions.argument_checks import to_asked_day
from okrcore.definitions.fields import (
    at_least,
    check,
    each,
    from_texts,
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
    to_float_or_none,
    to_tuple,
)
from okrcore.display import between, figure


@attrs.frozen
class Waypoint:
    """A value planned for a date (S2.3).

    >>> Waypoint(dt.date(2026, 6, 30), 11_000).value
    11000.0
    """

    date: dt.date = field(converter=to_day, metadata=check(is_date))
    value: float = field(converter=to_float, metadata=check(is_number))

    def __attrs_post_init__(self) -> None:
        report(self)

    def __str__(self) -> str:
        return f"{figure(self.value, 12)} on {self.date}"


def _to_pairs(values: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    pairs: Any = to_tuple(values)
    return tuple((to_float(a), to_float(b)) for a, b in pairs) if _are_pairs(pairs) else pairs


def _are_pairs(value: object) -> bool:
    return isinstance(value, tuple) and not any(_is_pair(to_tuple(pair)) for pair in value)


def _to_waypoints(values: Iterable[Waypoint | tuple[dt.date, float]]) -> tuple[Waypoint, ...]:
    given: Any = to_tuple(values)
    pairs = isinstance(given, tuple)
    return (
        tuple(Waypoint(*v) if isinstance(v, tuple | list) and len(v) == 2 else v for v in given)
        if pairs
        else given
    )


def _is_pair(value: object) -> str | None:
    good = isinstance(value, tuple) and len(value) == 2 and not any(map(is_number, value))
    return None if good else f"is {shown(value)}; give a pair of numbers (value, progress)"


@attrs.frozen
class Target:
    """A value to reach: progress is (value - start) / (goal - start), never clamped (S2.1).

    The sign handles falling targets. `start` None is an unknown baseline: progress is unknown. Where
    `start` equals `goal` there is no slope: `direction` ("at_least" or "at_most") then says when the goal
    is met (S2.2); elsewhere a direction must agree with goal - start. `plan` holds dated waypoints between
    (cycle start, start) and (due, goal), as `Waypoint`s or (date, value) pairs (S2.3). `curve` holds
    (value, progress) pairs that bend the straight line from (start, 0) to (goal, 1).

    >>> Target(10_000, 12_000)
    Target(start=10000.0, goal=12000.0, direction=None, plan=(), curve=())
    """

    start: float | None = field(converter=to_float_or_none, metadata=check(optional(is_number)))
    goal: float = field(converter=to_float, metadata=check(is_number))
    direction: Literal["at_least", "at_most"] | None = field(
        default=None, metadata=check(optional(one_of("at_least", "at_most")))
    )
    plan: tuple[Waypoint, ...] = field(
        default=(), converter=_to_waypoints, metadata=check(each(is_a(Waypoint)))
    )
    curve: tuple[tuple[float, float], ...] = field(
        default=(), converter=_to_pairs, metadata=check(each(_is_pair))
    )

    def __attrs_post_init__(self) -> None:
        report(self)  # what follows reads good fields
        report(self, self._faults())

    def planned(self, start: dt.date | str, due: dt.date | str) -> tuple[Waypoint, ...]:
        """Return the whole plan in order: from (start, start) by the waypoints to (due, goal) (S2.3).

        An unknown start is left out; between two waypoints the plan is a straight line.

        >>> plan = Target(1, 5, plan=[("2026-06-30", 2)])
        >>> [one.value for one in plan.planned(dt.date(2026, 1, 1), dt.date(2026, 12, 31))]
        [1.0, 2.0, 5.0]
        """
        first, last = to_asked_day(start, "start"), to_asked_day(due, "due")
        points = {first: self.start, last: self.goal} | {one.date: one.value for one in self.plan}
        return tuple(Waypoint(day, value) for day, value in sorted(points.items()) if value is not None)

    def __str__(self) -> str:
        ends = [figure(one, 12) for one in (self.start, self.goal) if one is not None]
        plan = f" (planned {', '.join(map(str, self.plan))})" if self.plan else ""
        return (" to ".join(ends) if len(ends) > 1 else f"to {ends[0]}") + plan

    def _faults(self) -> Iterable[tuple[str, str]]:
        rise = 0.0 if self.start is None else self.goal - self.start
        if rise * (1 if self.direction == "at_least" else -1) < 0 and self.direction:
            yield "direction", f"direction {self.direction!r} contradicts start and goal; leave it out"
        numbers = [self.goal if self.start is None else self.start, self.goal]
        numbers += [waypoint.value for waypoint in self.plan] + [value for value, _ in self.curve]
        if math.isinf(max(numbers) - min(numbers)):
            wanted = "must be nearer to the target's other values; take a larger unit"
            yield "goal", f"goal is {self.goal:g}, but {wanted}"
        dates = [waypoint.date for waypoint in self.plan]
        if any(a >= b for a, b in pairwise(dates)):
            yield (
                "plan",
                "plan is not in order of dates, or has two values on one date; give one a date, in order",
            )
        if self.curve and (self.start is None or not rise):
            yield "curve", "curve needs a start and a goal that differ"
        elif self.curve:
            values = [self.start, *(value for value, _ in self.curve), self.goal]
            if any((b - a) * rise <= 0 for a, b in pairwise(values)):  # type: ignore[operator]
                yield (
                    "curve",
                    "curve values do not run from start to goal; order them, strictly between the two",
                )


@attrs.frozen
class Band:
    """A range to stay in, both bounds included; one side may be open (None), not both (S2.4).

    `tolerance` is the distance outside at which the knob `band="distance"` gives 0; None: the bound's size.
    `over` "period" judges each period of a cadence; "cycle" makes `high` a cap on the aggregate over the
    whole cycle, such as an error budget (A8).

    >>> Band(low=98).high is None
    True
    >>> Band(high=24, over="cycle")                 # at most 24 incidents this year
    Band(low=None, high=24.0, tolerance=None, over='cycle')
    """

    low: float | None = field(default=None, converter=to_float_or_none, metadata=check(optional(is_number)))
    high: float | None = field(default=None, converter=to_float_or_none, metadata=check(optional(is_number)))
    tolerance: float | None = field(
        default=None, converter=to_float_or_none, metadata=check(optional(at_least(0)))
    )
    over: Literal["period", "cycle"] = field(default="period", metadata=check(one_of("period", "cycle")))

    def __str__(self) -> str:
        cap = " over the cycle" if self.is_cap else ""
        spread = "" if self.tolerance is None else f" (tolerance {figure(self.tolerance, 12)})"
        return f"{between(self.low, self.high)}{cap}{spread}"

    @property
    def is_cap(self) -> bool:
        """Whether the upper bound is for the whole cycle."""
        return self.over == "cycle"

    def __attrs_post_init__(self) -> None:
        report(self)
        if self.is_cap and self.high is None:
            report(
                self,
                [("high", "high is open, but a band over the cycle is a cap; give its bound")],
            )
        if self.is_cap and self.low is not None:
            report(self, [("low", f"low is {self.low:g}, but a band over the cycle is a cap; leave low out")])
        if self.low is None and self.high is None:
            report(self, [("low", "low and high are both open; give at least one bound")])
        if self.low is not None and self.high is not None and self.low > self.high:
            report(self, [("low", f"low {self.low:g} is above high {self.high:g}; swap them")])
        if self.tolerance == 0:
            report(self, [("tolerance", "tolerance is 0; give a positive distance or leave it out")])


def band_ends(band: Band) -> tuple[float, float]:
    """Return the bounds of a band, infinite where it is open.

    >>> band_ends(Band(low=98))
    (98.0, inf)
    """
    return -math.inf if band.low is None else band.low, math.inf if band.high is None else band.high


@attrs.frozen
class Item:
    """One thing on a checklist.

    Done from the first observation of "<key result>#<item>" with a value of 1 or more, or when its
    milestone is (S2.5).

    >>> Item("pilot", weight=2).weight
    2.0
    """

    id: str = field(metadata=check(is_id))
    title: str = field(default="", metadata=check(is_text))
    weight: float = field(default=1.0, converter=to_float, metadata=check(at_least(0)))
    milestone: str | None = field(default=None, metadata=check(optional(is_id)))

    def __attrs_post_init__(self) -> None:
        report(self)


def _to_items(values: Iterable[Item | str]) -> tuple[Item, ...]:
    return from_texts(values, Item)


@attrs.frozen
class Checklist:
    """Things to do: progress is the weighted share of items done (S2.5). Text stands for an item's id.

    >>> Checklist(["design", "build"]).items[1].id
    'build'
    """

    items: tuple[Item, ...] = field(converter=_to_items, metadata=check(each(is_a(Item))))

    def __attrs_post_init__(self) -> None:
        report(self)
        ids = [item.id for item in self.items]
        if len(set(ids)) < len(ids):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            report(self, [("items", f"items {twice} are named twice; give each its own id")])
        if not any(item.weight for item in self.items):
            report(self, [("items", "items carry no weight; give at least one item with a weight above 0")])


Measure = Target | Band | Checklist


def direction_of(measure: Measure) -> int:
    """Return +1 where more is better, -1 where less is, 0 where neither is said (S7.3).

    >>> direction_of(Target(20, 4)), direction_of(Band(low=98)), direction_of(Band(low=1, high=2))
    (-1, 1, 0)
    """
    match measure:
        case Target(direction=str() as word):
            return 1 if word == "at_least" else -1
        case Target(start=float() as start, goal=goal):
            return (goal > start) - (goal < start)
        case Band(low=low, high=high):
            return (high is None) - (low is None)
        case Checklist():
            return 1
    return 0
