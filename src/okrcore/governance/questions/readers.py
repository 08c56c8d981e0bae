"""Tell who reads a measure, which way is better, and since when its values count for a cycle."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from okrcore.definitions.derived import better_of, cycle_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import WORDS, Kpi
from okrcore.governance.context import Context


def read_from(context: Context, measure: str) -> tuple[Kpi | KeyResult, ...]:
    """Return the KPI or key result that a measure is, and the key results that read it."""
    value = context.find(measure)
    own = (value,) if isinstance(value, Kpi | KeyResult) else ()
    return (*own, *context.relations.measured_with.get(measure, ()))


def cycle_start(context: Context, measure: str) -> dt.date:
    """Return when the cycle began that reads a measure, else the youngest under way, else a year ago."""
    results = [one for one in read_from(context, measure) if isinstance(one, KeyResult)]
    cycles = [cycle_of(one, context.portfolio) for one in results]
    every = cycles or context.portfolio.cycles
    starts = [one.start for one in every if context.is_running(one)]
    return (min if cycles else max)(starts, default=days_before(context.day, 365))


def days_before(day: dt.date, days: int) -> dt.date:
    """Return the day so many days earlier, cut to the first date there is."""
    return dt.date.fromordinal(max(day.toordinal() - days, 1))


def better_word(context: Context, measure: str) -> Literal["higher", "lower"] | None:
    """Return which way is better: as the KPI says, else the first key result with a direction."""
    goals = sorted(read_from(context, measure), key=lambda one: not isinstance(one, Kpi))
    return next((word for one in goals if (word := WORDS[better_of(one, context.portfolio)])), None)
