"""Read a cell as a calendar date or a time in the order that is declared, or say why it is none."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Literal, get_args

from okrcore.adapters.cells import Cell, Refused, shown, text_of
from okrcore.definitions.days import written_day
from okrcore.definitions.moments import from_iso

DateOrder = Literal["iso", "day-first", "month-first", "either", "period-end"]
DATE_ORDERS: tuple[str, ...] = get_args(DateOrder)

_OTHER_ISO = re.compile(r"[0-9]{4}-?W[0-9]|[0-9]{8}(?:T|$)")
_TIME = re.compile(
    r"^(?P<day>.*?\S)(?:\s+|,\s*|T)(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2}))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?$"
)
_NUMBERS = re.compile(r"([0-9]{1,4})\s*([./-])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,4})")
_NAMED = re.compile(
    r"(?:(?P<day>[0-9]{1,2})\.?[\s./-]+(?:de\s+)?)?(?P<month>[^\W\d_]{3,12})\.?[\s./-]+(?:de\s+)?"
    r"(?:(?P<second>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<year>[0-9]{4}|[0-9]{2})"
)
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})[\s./-]+(?P<month>[^\W\d_]{3,12})[\s./-]+(?P<day>[0-9]{1,2})")
_MONTH = re.compile(r"(?P<y1>[0-9]{4})[-/. ](?P<m1>[0-9]{1,2})|(?P<m2>[0-9]{1,2})[-/. ](?P<y2>[0-9]{4})")
_QUARTER = re.compile(
    r"(?P<y1>[0-9]{4})[\s/-]*Q(?P<q1>[1-4])|Q(?P<q2>[1-4])[\s/-]*(?P<y2>[0-9]{4})|(?P<y3>[0-9]{4})", re.I
)
_REMEDY = "write it like 2026-12-31"

_NAMES = """
jan january januar janvier enero ene gennaio gen janeiro januari janv
feb february februar f\u00e9vrier fevrier febrero febbraio fevereiro fev februari f\u00e9vr fevr
mar march m\u00e4rz maerz mars marzo mar\u00e7o marco maart mrz m\u00e4r mrt
apr april avril abril aprile avr abr
may mai mayo maggio maio mei mag
jun june juni juin junio giugno junho giu
jul july juli juillet julio luglio julho lug juil
aug august ao\u00fbt aout agosto augustus ago
sep sept september septembre septiembre settembre setembro set
oct october oktober octobre octubre ottobre outubro okt ott out
nov november novembre noviembre novembro
dec december dezember d\u00e9cembre decembre diciembre dicembre dezembro dez dic d\u00e9c
"""
MONTHS = {name: n for n, line in enumerate(_NAMES.split("\n")[1:-1], 1) for name in line.split()}
"""Names of months in the languages of Western Europe, whole and short, in small letters."""


def date_of(cell: Cell, order: DateOrder) -> dt.date | None:
    """Return a cell's calendar date, that of an instant as written; None for nothing.

    `order` "day-first" and "month-first" also take 13/02/2025 and its like, and names of months; "either"
    takes those that can be read in one way only; "period-end" takes 2025-02, Feb 2025, 2025-Q1 and 2025 as
    their last day. Raises Refused for anything else, and for years of two digits.

    >>> date_of("13/02/2025", "either"), date_of("Feb 2025", "period-end")
    (datetime.date(2025, 2, 13), datetime.date(2025, 2, 28))
    """
    if isinstance(cell, dt.datetime):
        return _usual(cell.date())
    if isinstance(cell, dt.date):
        return _usual(cell)
    text = text_of(cell)
    if not text:
        return None
    found = moment_of(text, order)
    return _usual(written_day(found))


def moment_of(text: str, order: DateOrder) -> dt.date | dt.datetime:
    """Return the date, or date and time, that a text is; the time without a zone where it states none.

    >>> moment_of("5.1.2026 14:30", "day-first"), moment_of("1/5/2026 2:30 PM", "month-first")
    (datetime.datetime(2026, 1, 5, 14, 30), datetime.datetime(2026, 1, 5, 14, 30))
    """
    try:
        return from_iso(text)
    except ValueError as error:
        if _OTHER_ISO.match(text):
            raise Refused(str(error)) from None
    if order == "period-end" and (day := _period_end(text)):
        return day
    plain = order not in ("iso", "period-end")
    timed = _TIME.fullmatch(text)
    day = _day(timed["day"] if timed else text, order) if plain else None
    if day is None:
        raise Refused(f"{shown(text)} is no date; {_REMEDY}{'' if plain else _hint(text)}")
    return dt.datetime.combine(day, _time(text, timed)) if timed else day


def _time(text: str, found: re.Match[str]) -> dt.time:
    hour, half = int(found["h"]), (found["half"] or "")[:1].lower()
    if half and not 1 <= hour <= 12:
        raise Refused(f"{shown(text)} is no time; write hours of 1 to 12 with AM or PM, or of 0 to 23")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return dt.time(hour, int(found["m"]), int(found["s"] or 0))
    except ValueError:
        raise Refused(f"{shown(text)} is no time; write hours of 0 to 23 and minutes of 0 to 59") from None


def _day(text: str, order: DateOrder) -> dt.date | None:
    """Return the day that a text is, by names of months or by the order of its numbers."""
    if named := _NAMED.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        month = MONTHS.get(named["month"].casefold())
        parts = named.groupdict()
        day = parts["day"] or parts.get("second")
        if month and day and not (parts["day"] and parts.get("second")):
            return _date(_year(text, named["year"]), month, int(day))
        return None
    numbered = _NUMBERS.fullmatch(text)
    if not numbered:
        return None
    first, second, last = numbered[1], numbered[3], numbered[4]
    if len(first) == 4 and len(last) <= 2:
        return _date(int(first), int(second), int(last))
    if len(first) > 2:
        return None
    year = _year(text, last)
    numbers = int(first), int(second)
    ways = {"day-first": numbers, "month-first": numbers[::-1]}
    found = {
        date
        for name, (day, month) in ways.items()
        if order in (name, "either") and (date := _date(year, month, day))
    }
    if len(found) > 1:
        raise Refused(f"{shown(text)} can be read in two ways; set dates to day-first or month-first")
    return found.pop() if found else None


def _year(text: str, year: str) -> int:
    if len(year) == 4:
        return int(year)
    raise Refused(
        f"{shown(text)} has a year of {len(year)} digits, which may be of several centuries; write four"
    )


def months_of(text: str) -> int:
    """Return how many months the period has that "period-end" takes a text for: 1, 3 or 12, 0 for a day.

    >>> months_of("Feb 2025"), months_of("2025-Q1"), months_of("2025"), months_of("2025-02-28")
    (1, 3, 12, 0)
    """
    if not _period_end(text):
        return 0
    quarter = _QUARTER.fullmatch(text)
    return 1 if quarter is None else 12 if quarter["y3"] else 3


def _period_end(text: str) -> dt.date | None:
    if found := _MONTH.fullmatch(text):
        year, month = int(found["y1"] or found["y2"]), int(found["m1"] or found["m2"])
    elif found := _QUARTER.fullmatch(text):
        quarter = int(found["q1"] or found["q2"] or 4)
        year, month = int(found["y1"] or found["y2"] or found["y3"]), 3 * quarter
    elif (found := _NAMED.fullmatch(text)) and not found["day"] and not found["second"]:
        year, month = _year(text, found["year"]), MONTHS.get(found["month"].casefold(), 0)
    else:
        return None
    if not 1 <= month <= 12 or not 1 <= year <= 9999:
        return None
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _hint(text: str) -> str:
    """Return which order to declare, where one would read the text."""
    if _period_end(text) if not _YEAR_OF_TWO.search(text) else None:
        return ", or set dates to period-end, where it means its last day"
    digits = _NUMBERS.search(text) or any(
        word.casefold() in MONTHS for word in re.findall(r"[^\W\d_]{3,12}", text)
    )
    return ", or set dates to day-first or month-first" if digits else ""


_YEAR_OF_TWO = re.compile(r"[^\W\d_][\s./-]+[0-9]{2}$")


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _usual(day: dt.date) -> dt.date:
    if 1600 <= day.year <= 2400:
        return day
    raise Refused(f"{day} is out of range; give a date of the years 1600 to 2400")
