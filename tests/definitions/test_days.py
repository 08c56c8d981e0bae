"""Days are counted from one epoch, and an instant is one day in a zone (A3)."""

import datetime as dt
import zoneinfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.days import (
    DAYS_IN,
    DAYS_PER_UNIT,
    day_in,
    day_number,
    end_of_day,
    local_days,
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


CHANGES = [594_181_860, 1_325_239_200, 1_792_890_000]
"""Seconds at which a clock of ZONES_OF_CHANGES goes back, skips a day, and goes back."""
ZONES_OF_CHANGES = ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]
MOMENTS = st.lists(st.integers(0, 2**31 * 10**6), min_size=1, max_size=20)


@given(MOMENTS, st.sampled_from(ZONES_OF_CHANGES), st.data())
def test_the_days_of_many_moments_are_those_of_each(
    moments: list[int], zone: str, data: st.DataObject
) -> None:
    """A3, also where clocks change; dates keep their own day."""
    at = np.array([*moments, *(second * 10**6 for second in CHANGES)])
    date_only = np.array([data.draw(st.booleans()) for _ in at])
    own = np.arange(len(at))
    expected = [
        place if date_only[place] else day_number(day_in(to_instant(one), zone))
        for place, one in enumerate(at.tolist())
    ]
    assert local_days(at, own, date_only, zone).tolist() == expected
