"""A measure into who reads it, which way is better, and since when its values count for a cycle."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from okrcore.conflicts.sides import direction
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.governance.context import Context


def read_from(context: Context, measure: str) -> tuple[Kpi | KeyResult, ...]:
    """Return the KPI or key result that a measure is, and the key results that read it."""
    value = context.find(measure)
    own = (value,) if isinstance(value, Kpi | KeyResult) else ()
    return (*own, *context.index.measured_with.get(measure, ()))


def cycle_start(context: Context, measure: str) -> dt.date:
    """Return when the cycle began that reads a measure, else the youngest under way, else a year ago."""
    results = [one for one in read_from(context, measure) if isinstance(one, KeyResult)]
    cycles = [context.portfolio[context.portfolio[one.objective].cycle] for one in results]
    every = cycles or context.portfolio.cycles
    starts = [one.start for one in every if one.start <= context.day <= one.end]
    return (min if cycles else max)(starts, default=days_before(context.day, 365))


def days_before(day: dt.date, days: int) -> dt.date:
    """Return the day so many days earlier, cut to the first date there is."""
    return dt.date.fromordinal(max(day.toordinal() - days, 1))


def better_of(context: Context, measure: str) -> Literal["higher", "lower"] | None:
    """Return which way is better: as the KPI says, else the first key result with a direction (S7.3)."""
    goals = read_from(context, measure)
    kpi = next((one.direction for one in goals if isinstance(one, Kpi) and one.direction), None)
    if kpi:
        return kpi
    signs = [direction(one.measure) for one in goals if isinstance(one, KeyResult)]
    sign = next((sign for sign in signs if sign), 0)
    return {1: "higher", -1: "lower"}.get(sign)  # type: ignore[return-value]
