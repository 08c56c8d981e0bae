"""Say how often something is observed, and which periods follow from an anchor."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import attrs

from okrcore.definitions.argument_checks import to_asked_day
from okrcore.definitions.days import ANCHOR, DAYS_IN, add_months, days_later
from okrcore.definitions.fields import shown
from okrcore.errors import DefinitionError

_NAMED = {
    "daily": ("days", 1),
    "weekly": ("weeks", 1),
    "fortnightly": ("weeks", 2),
    "monthly": ("months", 1),
    "quarterly": ("months", 3),
    "yearly": ("months", 12),
}
_UNITS = {"day": ("days", 1), "week": ("weeks", 1), "month": ("months", 1), "quarter": ("months", 3)}
_UNITS["year"] = ("months", 12)
_EVERY = re.compile(r"every ([1-9][0-9]{0,2}|1000) (day|week|month|quarter|year)s?", re.ASCII)
_REMEDY = "give daily, weekly, fortnightly, monthly, quarterly, yearly, 'every 3 weeks' or an RFC 5545 rule"


def _listed(one: str) -> re.Pattern[str]:
    return re.compile(f"{one}(?:,{one})*")


_PARTS = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"[1-9][0-9]{0,2}|1000"),
    "BYDAY": _listed("(?:[+-]?(?:[1-9]|[1-4][0-9]|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)"),
    "BYMONTH": _listed("(?:[1-9]|1[0-2])"),
    "BYMONTHDAY": _listed("-?(?:[1-9]|[12][0-9]|3[01])"),
    "BYSETPOS": re.compile("-?(?:[1-9]|1[0-9]|2[0-8])"),
}
_HORIZON_YEARS = 8


class Period(NamedTuple):
    """A half-open stretch of days: `start` belongs to it, `end` is the start of the next (S3.2)."""

    start: dt.date
    end: dt.date


@attrs.frozen
class Cadence:
    """How often something is observed or reviewed (S3.2).

    Named cadences count from an explicit anchor: the k-th period starts k steps after it, months cut to
    their length. RFC 5545 text (FREQ from DAILY up, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS; at most
    128 characters) keeps its RFC meaning: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" is the last weekday
    but Saturday and Sunday of each month, whatever holidays there are.

    >>> day = dt.date
    >>> [str(p.start) for p in Cadence.parse("monthly").periods(day(2026, 1, 31), day(2026, 3, 31))]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """

    text: str

    def __attrs_post_init__(self) -> None:
        if fault := cadence_fault(self.text):
            raise DefinitionError(f"cadence {fault}")

    @classmethod
    def parse(cls, text: str) -> Cadence:
        """Return the cadence that `text` names; raises DefinitionError with the words that are known."""
        return cls(text)

    @property
    def step(self) -> tuple[str, int] | None:
        """("days", "weeks" or "months", how many) from one start to the next; None for an RFC 5545 rule."""
        return _step(self.text)

    @property
    def mean_days(self) -> float:
        """The mean days from one start to the next; of an RFC 5545 rule over eight years.

        >>> Cadence("fortnightly").mean_days, Cadence("FREQ=WEEKLY").mean_days
        (14.0, 7.0)
        """
        return _mean_days(self)

    def periods(self, anchor: dt.date | str, until: dt.date | str) -> tuple[Period, ...]:
        """Return the periods from `anchor` on that start at or before `until`, in order.

        Cost in proportion to their number. Raises DefinitionError where a rule has no date within
        eight years of the anchor.
        """
        last = to_asked_day(until, "until")
        edges = self.edges(anchor, anchor, last)
        return tuple(Period(a, b) for a, b in pairwise(edges) if a <= last)

    def edges(self, anchor: dt.date | str, since: dt.date | str, until: dt.date | str) -> tuple[dt.date, ...]:
        """Return the period starts that enclose `since` .. `until`, and at least two beyond `until`.

        A named cadence also counts backwards from its anchor; a rule starts at its first date.
        """
        start, last = to_asked_day(anchor, "anchor"), to_asked_day(until, "until")
        step = self.step
        if step is None:
            return _rule_edges(self.text, start, last)
        return stepped_edges(*step, start, to_asked_day(since, "since"), last)


@lru_cache(maxsize=256)
def _mean_days(cadence: Cadence) -> float:
    if cadence.step is not None:
        unit, size = cadence.step
        return size * DAYS_IN[unit.removesuffix("s")]
    last = add_months(ANCHOR, 12 * _HORIZON_YEARS)
    days = [day for day in cadence.edges(ANCHOR, ANCHOR, last) if day <= last]
    return (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else float((last - ANCHOR).days)


def stepped_edges(
    unit: str, size: int, anchor: dt.date, since: dt.date, until: dt.date
) -> tuple[dt.date, ...]:
    """Return the starts of periods of `size` "days", "weeks" or "months", as `Cadence.edges` does."""
    if unit != "months":
        size *= 7 if unit == "weeks" else 1
        first = (since - anchor).days // size
        last = (until - anchor).days // size + 2
        return tuple(days_later(anchor, size * k) for k in range(first, last + 1))
    first = ((since.year - anchor.year) * 12 + since.month - anchor.month) // size
    first -= add_months(anchor, size * first) > since
    last = ((until.year - anchor.year) * 12 + until.month - anchor.month) // size + 2
    return tuple(add_months(anchor, size * k) for k in range(first, last + 1))


@lru_cache(maxsize=256)
def _step(text: str) -> tuple[str, int] | None:
    if text in _NAMED:
        return _NAMED[text]
    if match := _EVERY.fullmatch(text):
        unit, size = _UNITS[match[2]]
        return unit, size * int(match[1])
    return None


def cadence_fault(text: object) -> str | None:
    """Return why `text` is no cadence and what to give instead, or None."""
    if not isinstance(text, str) or len(text) > 128:
        return f"{shown(text)} is unknown; {_REMEDY}"
    return _text_fault(text)


@lru_cache(maxsize=256)
def _text_fault(text: str) -> str | None:
    if _step(text):
        return None
    parts = [part.partition("=") for part in text.removeprefix("RRULE:").split(";")]
    names = [name for name, _, _ in parts]
    if "FREQ" not in names or len(set(names)) < len(names):
        return f"{text!r} is unknown; {_REMEDY}"
    for name, _, value in parts:
        if name not in _PARTS or not _PARTS[name].fullmatch(value):
            return (
                f"{text!r}: part {name}={value} is refused; "
                "allowed are FREQ from DAILY up, INTERVAL 1..1000, BYDAY, BYMONTH, BYMONTHDAY and BYSETPOS"
            )
    given = {name: value for name, _, value in parts}
    if re.search("[0-9]", given.get("BYDAY", "")) and given["FREQ"] not in {"MONTHLY", "YEARLY"}:
        return f"{text!r}: BYDAY takes a number only with FREQ=MONTHLY or FREQ=YEARLY"
    if fault := _never(given):
        return f"{text!r}: {fault}"
    try:
        _rule_edges(text, ANCHOR, ANCHOR)
    except DefinitionError as error:
        return str(error)
    return None


def _never(given: dict[str, str]) -> str | None:
    """Return why a rule has no date at all; dateutil would look for one through eight thousand years."""
    months = [int(month) for month in given.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in given.get("BYMONTHDAY", "1").split(",")]
    if min(days) > max(calendar.monthrange(2000, month)[1] for month in months):
        return "no such day is in any of the months; give another BYMONTHDAY"
    counts = [int(count) for count in re.findall("[0-9]+", given.get("BYDAY", ""))]
    if counts and max(counts) > 5 and (given["FREQ"] == "MONTHLY" or "BYMONTH" in given):
        return "a month has at most five of one weekday; give BYDAY from -5 to 5"
    if place := int(given.get("BYSETPOS", "0")):
        if given["FREQ"] != "MONTHLY" or "BYMONTHDAY" in given or "BYDAY" not in given or counts:
            return "BYSETPOS picks among weekdays of a month; give FREQ=MONTHLY and BYDAY without numbers"
        most = 4 * len(set(given["BYDAY"].split(",")))
        if abs(place) > most:
            return f"every month has {most} of these days, and not always more; give BYSETPOS to {most}"
    return None


def _rule_edges(text: str, anchor: dt.date, until: dt.date) -> tuple[dt.date, ...]:
    from dateutil.rrule import rrule, rrulestr

    horizon = add_months(max(until, anchor), 12 * _HORIZON_YEARS)
    start = dt.datetime.combine(anchor, dt.time())
    try:
        rule = rrulestr(text.removeprefix("RRULE:"), dtstart=start)
    except (ValueError, TypeError) as error:
        raise DefinitionError(f"{text!r} is no RFC 5545 rule: {error}; {_REMEDY}") from error
    assert isinstance(rule, rrule)  # one rule, no set of them
    edges: list[dt.date] = []
    for moment in rule.replace(until=dt.datetime.combine(horizon, dt.time())):
        edges.append(moment.date())
        if len(edges) > 2 and edges[-3] > until:
            return tuple(edges)
    if not edges or edges[0] > add_months(anchor, 12 * _HORIZON_YEARS):
        raise DefinitionError(f"{text!r} has no date within {_HORIZON_YEARS} years; {_REMEDY}")
    return (*edges, dt.date.max, dt.date.max)
