"""Draw what definitions are made of: ids, texts, numbers, dates, people, cycles and measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from okrcore.definitions.cadence import Cadence, Period
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.fiscal_months import PATTERN_YEARS, PATTERNS
from okrcore.definitions.kpis import Source
from okrcore.definitions.measures import Band, Checklist, Item, Measure, Target, Waypoint
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.working_days import WEEKDAYS

T = TypeVar("T")

LETTERS = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
ids = st.text("abcxyz-01", min_size=1, max_size=6) | st.sampled_from(["größe", "north star", "a::b", "k#1"])
"""Ids, some of them such as break what takes ids for identifiers."""
texts = st.text(LETTERS | st.just(" "), max_size=12)
numbers = st.floats(-1e6, 1e6, allow_nan=False)
gaps = st.floats(0.01, 1e4)
"""Distances between two numbers that are told apart."""
amounts = st.floats(0, 1e6)
shares = st.floats(0, 1)
weights = st.just(1.0) | st.just(0.0) | st.floats(1e-3, 1e3)
units = st.sampled_from(["", "%", "EUR", "employee", "parcel/hour", "ms"])
dates = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
cadences = st.sampled_from(
    ["weekly", "monthly", "daily", "quarterly", "every 3 weeks", "FREQ=MONTHLY;BYDAY=1MO"]
).map(Cadence)


def make(draw: DrawFn, kind: type[T], defaults: dict[str, Any], given: dict[str, Any]) -> T:
    """Return a value of a kind; what is `given`, a strategy or a value, goes before the defaults.

    Strategies are made once and drawn from here: making them anew for each value takes most of the time.
    """
    chosen = {**defaults, **given}
    return kind(
        **{
            name: draw(value) if isinstance(value, SearchStrategy) else value
            for name, value in chosen.items()
        }
    )


@cache
def up_to(most: int) -> SearchStrategy[int]:
    """Return whole numbers from 0 to `most`."""
    return st.integers(0, most)


def pick(draw: DrawFn, values: Sequence[T]) -> T:
    """Return one of the values; examples shrink towards the first."""
    return values[draw(up_to(len(values) - 1))] if len(values) > 1 else values[0]


def pick_some(draw: DrawFn, values: Sequence[T], most: int) -> list[T]:
    """Return up to `most` different values."""
    count = draw(up_to(min(most, len(values))))
    return list(dict.fromkeys(pick(draw, values) for _ in range(count)))


def maybe(strategy: SearchStrategy[T]) -> SearchStrategy[T | None]:
    """Return values, or None."""
    return st.none() | strategy


flags = st.booleans()
rarely = st.sampled_from([False, False, True])
_maybe_amount, _maybe_gap = maybe(amounts), maybe(gaps)
_owner_kinds = st.sampled_from(["role", "person", "process", "team"])
_zones = st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland"])
_lengths = st.sampled_from([90, 364, 0]) | st.integers(0, 800)
_modes = st.sampled_from(["pulled", "derived", "manual"])
_directions = st.sampled_from([None, "at_least", "at_most"])
_often = st.sampled_from([True] * 7 + [False])
_sides = st.sampled_from(["low", "high", "both"])
_heavy = st.floats(0.1, 10)


def team(draw: DrawFn, /, **fields: Any) -> Team:
    """Return a team; `fields` fixes fields, each by a value or a strategy."""
    return make(draw, Team, {"id": ids, "title": texts, "capacity": _maybe_amount}, fields)


def owner(draw: DrawFn, /, **fields: Any) -> Owner:
    """Return an owner of any kind; `fields` as for teams."""
    return make(draw, Owner, {"id": ids, "title": texts, "kind": _owner_kinds}, fields)


def calendar(draw: DrawFn, /, **fields: Any) -> Calendar:
    """Return a calendar: any zone, week and fiscal year, often with retail months; `fields` as for teams."""
    defaults = {
        "timezone": _zones,
        "week_start": st.sampled_from(WEEKDAYS),
        "year_start_month": st.integers(1, 12),
        "pattern": st.sampled_from([None, *PATTERNS]),
        "pattern_year": st.sampled_from(PATTERN_YEARS),
        "working_days": st.sampled_from(["mon-fri", "sun-thu", "mon-thu, sat"]),
        "holidays": st.lists(dates, max_size=2),
        "clocks": st.sampled_from(["elapsed", "working"]),
    }
    return make(draw, Calendar, defaults, fields)


def cycle(draw: DrawFn, /, **fields: Any) -> Cycle:
    """Return a cycle of a day to some years; `fields` as for teams."""
    start = draw(dates)
    end = start + dt.timedelta(days=draw(_lengths))
    return make(draw, Cycle, {"id": ids, "start": start, "end": end, "timezone": _zones}, fields)


def period(draw: DrawFn) -> Period:
    """Return a period of a day or more."""
    start = draw(dates)
    return Period(start, start + dt.timedelta(days=1 + draw(up_to(400))))


def source(draw: DrawFn, /, **fields: Any) -> Source:
    """Return a source system; `fields` as for teams."""
    return make(draw, Source, {"system": texts, "query": texts, "mode": _modes}, fields)


def waypoint(draw: DrawFn, /, **fields: Any) -> Waypoint:
    """Return a waypoint of a plan; `fields` as for teams."""
    return make(draw, Waypoint, {"date": dates, "value": numbers}, fields)


def target(draw: DrawFn, *, slope: bool | None = None, baseline: bool | None = None) -> Target:
    """Return a target that rises or falls; None draws what is not said.

    `slope` True: start and goal differ, False: they are equal, with a direction. `baseline` False: the start
    is unknown.
    """
    goal = draw(numbers)
    if not (draw(_often) if baseline is None else baseline):
        return Target(None, goal)
    direction = draw(_directions)
    if not (draw(_often) if slope is None else slope):
        return Target(goal, goal, direction=direction or "at_least")  # type: ignore[arg-type]
    rise = draw(gaps) * (draw(_signs) if direction is None else 1 if direction == "at_least" else -1)
    curve = () if draw(_often) else ((goal - rise / 2, draw(shares)),)
    return Target(goal - rise, goal, direction=direction, curve=curve)  # type: ignore[arg-type]


def band(draw: DrawFn) -> Band:
    """Return a band that is open on one side or on none."""
    low, width, sides = draw(numbers), draw(gaps), draw(_sides)
    return Band(
        None if sides == "high" else low,
        None if sides == "low" else low + width,
        tolerance=draw(_maybe_gap),
    )


def item(draw: DrawFn, /, **fields: Any) -> Item:
    """Return an item of a checklist; `fields` as for teams."""
    return make(draw, Item, {"id": ids, "title": texts, "weight": weights}, fields)


def checklist(draw: DrawFn, *, milestones: Sequence[str] = ()) -> Checklist:
    """Return a checklist of 1 to 4 items, the first with a weight; `milestones` are ids that may do one."""
    done_by = (None, *milestones)
    return Checklist(
        [
            item(draw, id=f"i{n}", weight=weights if n else _heavy, milestone=pick(draw, done_by))
            for n in range(1 + draw(up_to(3)))
        ]
    )


_signs = st.sampled_from([1, -1])
teams, owners = st.composite(team), st.composite(owner)
calendars, cycles, periods = st.composite(calendar), st.composite(cycle), st.composite(period)
sources, waypoints, items = st.composite(source), st.composite(waypoint), st.composite(item)
targets, bands, checklists = st.composite(target), st.composite(band), st.composite(checklist)
_caps = numbers.map(lambda high: Band(high=high, over="cycle"))
_measures: SearchStrategy[Measure] = st.one_of(targets(), _caps, bands(), checklists())


def measures() -> SearchStrategy[Measure]:
    """Return targets, bands, caps over a cycle and checklists."""
    return _measures
