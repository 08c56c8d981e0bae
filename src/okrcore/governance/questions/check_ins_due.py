"""Tell in which period of each key result a check-in is asked for: with its cadence, else every 14 days."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.days import day_number, end_of_day, start_of_day
from okrcore.definitions.derived import cadence_of, cycle_of
from okrcore.governance.context import Context
from okrcore.schedule.deadlines import FORTNIGHT, due_after


@attrs.frozen
class CheckInPeriod:
    """A period on which a check-in is asked for, `first` to `last` as day numbers.

    One made from `begin` on answers, in time until `due`; it is asked for once the period `ended`.
    Instants are microseconds since 1970.
    """

    first: int
    last: int
    begin: int
    ended: int
    due: int


def periods_asked(context: Context, days: int = FORTNIGHT, *, over: bool) -> Mapping[str, CheckInPeriod]:
    """Return the last period that has ended of each key result under way, or the last whose time is `over`.

    Periods are those of the key result's cadence, `days` from the start of its cycle where it has none. None
    is asked for after the key result was due, or is closed.
    """
    made: dict[tuple[Cadence | None, str], CheckInPeriod | None] = {}
    found = {}
    for result in context.portfolio.key_results:
        cycle = cycle_of(result, context.portfolio)
        if not context.is_running(cycle) or context.scene.is_over(result):
            continue
        key = cadence_of(result, context.portfolio), cycle.id
        if key not in made:
            made[key] = _last(context, key[0], cycle, days, over)
        period = made[key]
        if period is not None:
            found[result.id] = period
    return found


def _last(
    context: Context, cadence: Cadence | None, cycle: Cycle, days: int, over: bool
) -> CheckInPeriod | None:
    calendar = context.portfolio.calendar
    zone, now = calendar.zone_of(cycle), context.when.instant(calendar.timezone)
    until = day_number(context.day_in(cycle)) - 1
    for first, last in reversed(check_in_spans(calendar, cadence, cycle, until, days)):
        ended = end_of_day(last, zone)
        due = due_after("check-in", ended, calendar)
        if not over or due < now:
            return CheckInPeriod(first, last, start_of_day(first, zone), ended, due)
    return None


def check_in_spans(
    calendar: Calendar, cadence: Cadence | None, cycle: Cycle, until: int, days: int = FORTNIGHT
) -> list[tuple[int, int]]:
    """Return first and last day of the periods of a cycle that end by the day `until`, in order.

    They are those of the cadence, of `days` from the start of the cycle on where there is none.
    """
    start = day_number(cycle.start)
    if cadence is not None:
        return calendar.periods(cadence, start, until)
    return [(first, first + days - 1) for first in range(start, until - days + 2, days)]
