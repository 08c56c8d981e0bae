"""Declare the calendar of an organisation: its zone, weeks, fiscal years and days off (A1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar, Literal

import attrs
import numpy as np
from attrs import field

from okrcore.definitions.argument_checks import to_asked_day
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.cycle import Cycle, is_timezone
from okrcore.definitions.days import (
    ANCHOR,
    DayNumbers,
    day_in,
    day_number,
    day_numbers,
    start_of_day,
    to_date,
    to_instant,
    to_microseconds,
)
from okrcore.definitions.fields import check, each, is_date, one_of, optional, report, shown, to_day, to_tuple
from okrcore.definitions.fiscal_months import (
    PATTERN_YEARS,
    PATTERNS,
    calendar_months,
    retail_months,
)
from okrcore.definitions.moments import parse_as_of
from okrcore.definitions.working_days import WEEKDAYS, is_working_days, later_working_day, weekday, worked
from okrcore.errors import DefinitionError

_ANCHOR = day_number(ANCHOR)
_LAST = day_number(dt.date.max) - 1
_PARTS = {"quarter": ("Q", 4), "half": ("H", 2), "month": ("M", 12)}


def _is_month(value: object) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12
    return None if whole else f"is {shown(value)}; give a whole number from 1 to 12"


def _to_days(values: Iterable[dt.date | str]) -> tuple[Any, ...]:
    given: Any = to_tuple(values)
    return tuple(map(to_day, given)) if isinstance(given, tuple) else given


@attrs.frozen(kw_only=True)
class Calendar:
    """How an organisation divides its time; part of its portfolio (A1).

    Weeks begin on `week_start`, months are calendar months, quarters and years begin with the month
    `year_start_month`. A `pattern` ("4-4-5", "4-5-4", "5-4-4") makes retail months of whole weeks: their
    year begins on the week start nearest to the first day of that month, or (`pattern_year` "last") the day
    after the last week-end day of the month before; a 53rd week belongs to the twelfth month. `timezone` is
    that of cycles that name none, and of what has no cycle. `clocks` "working" leaves out the days that are
    not among `working_days` ("mon-fri", "sun-thu, sat") and the `holidays`.

    >>> year = Calendar(year_start_month=7).cycle(2027, quarter=1)
    >>> year.id, str(year.start), str(year.end)
    ('FY2027-Q1', '2026-07-01', '2026-09-30')
    >>> retail = Calendar(pattern="4-5-4", week_start="sunday", year_start_month=2)
    >>> str(retail.cycle(2024).start), str(retail.cycle(2024, month=12).end)
    ('2023-01-29', '2024-02-03')
    """

    id: ClassVar[str] = "calendar"
    """The key that it has in a document."""

    timezone: str = field(default="UTC", metadata=check(is_timezone))
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = field(
        default="monday", metadata=check(one_of(*WEEKDAYS))
    )
    year_start_month: int = field(default=1, metadata=check(_is_month))
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = field(
        default=None, metadata=check(optional(one_of(*PATTERNS)))
    )
    pattern_year: Literal["nearest", "last"] = field(
        default="nearest", metadata=check(one_of(*PATTERN_YEARS))
    )
    working_days: str = field(default="mon-fri", metadata=check(is_working_days))
    holidays: tuple[dt.date, ...] = field(default=(), converter=_to_days, metadata=check(each(is_date)))
    clocks: Literal["elapsed", "working"] = field(
        default="elapsed", metadata=check(one_of("elapsed", "working"))
    )

    def __attrs_post_init__(self) -> None:
        report(self)

    def zone_of(self, cycle: Cycle) -> str:
        """Return the zone of a cycle: its own, else the calendar's."""
        return self.timezone if cycle.timezone is None else cycle.timezone

    def cycle(
        self,
        year: int,
        *,
        quarter: int | None = None,
        half: int | None = None,
        month: int | None = None,
        id: str | None = None,
    ) -> Cycle:
        """Return the fiscal year that ends in `year`, or one quarter, half or month of it (S3.5).

        `month=1` is the first of the fiscal year. The id is "2026", "FY2027-Q1", "2026-M03" unless given.
        Raises DefinitionError for a part that the year has not, and for two parts.
        """
        given = {"quarter": quarter, "half": half, "month": month}
        asked = {name: part for name, part in given.items() if part is not None}
        if len(asked) > 1:
            raise DefinitionError(f"{' and '.join(asked)} are given; give one of them")
        name = next(iter(asked), None)
        letter, parts = _PARTS[name] if name else ("", 1)
        part = asked.get(name or "", 1)
        for what, number, low, high in (("year", year, 1601, 2400), (name, part, 1, parts)):
            if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
                raise DefinitionError(f"{what} is {shown(number)}; give a whole number from {low} to {high}")
        months = [*_months(self, year), _months(self, year + 1)[0]]
        size = 12 // parts
        whole = str(year) if self.year_start_month == 1 else f"FY{year}"
        suffix = f"-{letter}{part:02d}" if name == "month" else f"-{letter}{part}" if name else ""
        return Cycle(
            id=f"{whole}{suffix}" if id is None else id,
            start=to_date(months[(part - 1) * size]),
            end=to_date(months[part * size] - 1),
        )

    def edges(self, cadence: Cadence, first: int, last: int, anchor: int | None = None) -> DayNumbers:
        """Return the starts of a cadence's periods, as day numbers, in order.

        They enclose the days `first` to `last`, with one period before and two or more starts beyond. Named
        cadences are the calendar's own periods: "fortnightly" and "every 3 weeks" count from the week of
        2001-01-01, months from the fiscal year of that day. An RFC 5545 rule counts from `anchor`, None being
        2001-01-01, and has no period before its first date.
        """
        if cadence.step is None:
            start = _ANCHOR if anchor is None else anchor
            return _rule_edges(cadence, start, max(last, start))
        return self.stepped(*cadence.step, first, last)

    def periods(self, cadence: Cadence, first: int, last: int) -> list[tuple[int, int]]:
        """Return first and last day of the periods whose last day lies from `first` to `last`, in order (A2).

        >>> weeks = Calendar().periods(Cadence("weekly"), 0, 10)
        >>> [(str(to_date(one)), str(to_date(other))) for one, other in weeks]
        [('1969-12-29', '1970-01-04'), ('1970-01-05', '1970-01-11')]
        """
        if last < first:
            return []
        edges = self.edges(cadence, first, last).tolist()
        return [(one, after - 1) for one, after in pairwise(edges) if first <= after - 1 <= last]

    def stepped(self, unit: str, size: int, first: int, last: int) -> DayNumbers:
        """Return the starts of periods of `size` "days", "weeks" or "months", as `edges` does."""
        if unit == "months":
            return _month_edges(self, size, first, last)
        if unit == "weeks":
            into = (weekday(_ANCHOR) - WEEKDAYS.index(self.week_start)) % 7
            return _even(_ANCHOR - into, 7 * size, first, last)
        return _even(_ANCHOR, size, first, last)

    def is_working(self, day: dt.date | str) -> bool:
        """Return whether a day is worked: among the working days, and no holiday."""
        asked = to_asked_day(day)
        return asked.weekday() in worked(self.working_days) and asked not in self.holidays

    def working_day(self, day: dt.date | str, later: int = 0) -> dt.date:
        """Return the `later`-th working day after `day`; of 0 the first that is not before it.

        >>> str(Calendar(holidays=["2026-04-06"]).working_day(dt.date(2026, 4, 3), 1))
        '2026-04-07'
        """
        off = {day_number(one) for one in self.holidays}
        return to_date(
            later_working_day(day_number(to_asked_day(day)), later, worked(self.working_days), off)
        )

    def after(self, instant: dt.datetime | str, hours: float) -> dt.datetime:
        """Return the instant `hours` of the organisation's clocks after another (A1).

        Elapsed clocks run through; working ones stand still on days off, whole days in the calendar's zone.

        >>> friday = dt.datetime(2026, 4, 3, 18, tzinfo=dt.UTC)
        >>> Calendar(clocks="working").after(friday, 24).isoformat()
        '2026-04-06T18:00:00+00:00'
        """
        start = instant if isinstance(instant, dt.datetime) else parse_as_of(instant, "instant")
        if not isinstance(start, dt.datetime):
            raise DefinitionError(f"instant is {start}, a day; give an instant, such as {start}T09:00:00Z")
        return to_instant(self.clock_end(to_microseconds(start), round(hours * 3_600_000_000)))

    def clock_end(self, start: int, length: int) -> int:
        """Return when a clock of `length` ends that starts at `start`, both in microseconds, as `after` does.

        The clocks of rules and journals ask here; days beyond the last date there is are all worked.
        """
        if self.clocks == "elapsed":
            return start + length
        now, left = start, length
        day = day_number(day_in(to_instant(start), self.timezone))
        while day < _LAST:
            end = start_of_day(day + 1, self.timezone)
            if self.is_working(to_date(day)):
                if now + left <= end:
                    break
                left -= end - now
            now, day = end, day + 1
        return now + left


def _even(anchor: int, size: int, first: int, last: int) -> DayNumbers:
    return anchor + size * np.arange((first - anchor) // size - 1, (last - anchor) // size + 3)


@lru_cache(maxsize=4096)
def _months(calendar: Calendar, year: int) -> list[int]:
    """The first days of the months of the fiscal year that ends in `year`."""
    first = calendar.year_start_month
    if calendar.pattern is None:
        return calendar_months(year, first)
    nearest = calendar.pattern_year == "nearest"
    return retail_months(year, first, WEEKDAYS.index(calendar.week_start), nearest, calendar.pattern)


@lru_cache(maxsize=1024)
def _month_edges(calendar: Calendar, size: int, first: int, last: int) -> DayNumbers:
    """Every `size`-th month, from the fiscal year of 2001 on."""
    years = range(max(to_date(first).year - 1 - size // 6, 2), min(to_date(last).year + 4 + size // 6, 9999))
    starts = np.array([start for year in years for start in _months(calendar, year)], dtype=np.int64)
    starts = starts[(-12 * (years.start - 2001)) % size :: size]
    begin = max(int(np.searchsorted(starts, first, side="right")) - 2, 0)
    end = int(np.searchsorted(starts, last, side="right")) + 2
    edges = starts[begin:end]
    edges.flags.writeable = False
    return edges


@lru_cache(maxsize=1024)
def _rule_edges(cadence: Cadence, anchor: int, last: int) -> DayNumbers:
    start = to_date(anchor)
    edges = day_numbers(cadence.edges(start, start, to_date(last)))
    edges.flags.writeable = False
    return edges
