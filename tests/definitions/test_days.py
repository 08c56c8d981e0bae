"""Days are counted from one epoch, and an instant is one day in a zone (A3)."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.days import (
    DAYS_IN,
    DAYS_PER_UNIT,
    day_in,
    day_number,
    end_of_day,
    start_of_day,
    to_date,
    to_instant,
    to_microseconds,
)

ZONES = st.sampled_from(["UTC", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati", "Europe/Berlin"])
DAYS = st.dates(dt.date(1601, 1, 1), dt.date(2399, 12, 31))
INSTANTS = st.integers(-8 * 10**15, 10**16).map(to_instant)


@given(DAYS, INSTANTS)
def test_numbers_give_back_what_they_count(day: dt.date, instant: dt.datetime) -> None:
    assert to_date(day_number(day)) == day
    assert to_instant(to_microseconds(instant)) == instant


@given(DAYS, ZONES)
def test_a_day_ends_where_the_next_begins(day: dt.date, zone: str) -> None:
    number = day_number(day)
    first, last = start_of_day(number, zone), end_of_day(number, zone)
    assert last + 1 == start_of_day(number + 1, zone)
    assert day_in(to_instant(first), zone) == day_in(to_instant(last), zone) == day


@given(INSTANTS, ZONES, ZONES)
def test_the_day_of_an_instant_does_not_depend_on_its_offset(instant, zone: str, written: str) -> None:
    """A3: which day it is follows from the zone, never from the offset it was written in."""
    assert day_in(instant, zone) == day_in(instant.astimezone(zoneinfo.ZoneInfo(written)), zone)


@pytest.mark.parametrize(("unit", "word"), [("d", "day"), ("w", "week"), ("m", "month"), ("y", "year")])
def test_units_of_lags_are_periods(unit: str, word: str) -> None:
    assert DAYS_PER_UNIT[unit] == DAYS_IN[word]
