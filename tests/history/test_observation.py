"""Observations: what is accepted, what is refused, and what a value means once it is kept."""

from __future__ import annotations

import datetime as dt
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.days import day_number, to_date, to_instant, to_microseconds
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError
from okrcore.history.instants import encode, to_moment
from okrcore.history.observation import Observation

DAY = dt.date(2026, 1, 5)
NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
AWARE = st.datetimes(timezones=st.timezones()).filter(lambda instant: 1 < instant.year < 9999)


def test_a_value_is_kept_as_given() -> None:
    source = Source("warehouse", query="select 1", mode="derived")
    one = Observation(
        "throughput", DAY, 5, unit="parcel/hour", recorded_at=NOON, source=source, by="etl", definition="ab"
    )
    assert (one.measure, one.at, one.value, one.unit) == ("throughput", DAY, 5.0, "parcel/hour")
    assert (one.recorded_at, one.source, one.by, one.definition) == (NOON, source, "etl", "ab")
    assert isinstance(one.value, float)
    assert pickle.loads(pickle.dumps(one)) == one
    assert hash(one) == hash(attrs.evolve(one))


def test_it_cannot_be_changed() -> None:
    one = Observation("m", DAY, 1)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.value = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        Observation("m", DAY, 1, "kg")  # type: ignore[call-arg]


def test_recorded_at_defaults_to_the_end_of_at() -> None:
    """S8.1: recorded_at None is the end of `at`."""
    assert Observation("m", DAY, 1).recorded_at == dt.datetime(2026, 1, 5, 23, 59, 59, 999999, dt.UTC)
    assert Observation("m", NOON, 1).recorded_at == NOON
    assert Observation("m", DAY, 1) == Observation("m", DAY, 1, recorded_at="2026-01-05T23:59:59.999999Z")


def test_text_of_dates_and_instants_is_read() -> None:
    assert Observation("m", "2026-01-05", 1) == Observation("m", DAY, 1)
    assert Observation("m", "2026-01-05T13:00+01:00", 1) == Observation("m", NOON, 1)
    assert Observation("m", np.datetime64("2026-01-05"), 1) == Observation("m", DAY, 1)  # type: ignore[arg-type]


@given(AWARE)
def test_an_instant_is_the_same_in_every_zone(instant: dt.datetime) -> None:
    """S3.5: differences are taken in UTC."""
    one = Observation("m", instant, 1)
    assert isinstance(one.at, dt.datetime)
    assert one.at.tzinfo is dt.UTC
    assert one == Observation("m", instant.astimezone(dt.timezone(dt.timedelta(hours=-7))), 1)
    assert to_instant(to_microseconds(one.at)) == one.at


@given(st.dates())
def test_a_day_survives_its_number(day: dt.date) -> None:
    assert to_date(day_number(day)) == day
    assert np.datetime64(day, "D").astype(int) == day_number(day)


@given(st.lists(st.one_of(st.dates(), AWARE, st.none())))
def test_a_column_of_moments_reads_like_its_entries(moments: list[dt.date | dt.datetime | None]) -> None:
    texts = [moment.isoformat() if moment else None for moment in moments]
    for column in (moments, texts, np.array([*moments, None], dtype=object)[:-1]):
        day, number, missing = encode(column)
        for row, moment in enumerate(moments):
            assert missing[row] == (moment is None)
            if isinstance(moment, dt.datetime):
                assert not day[row]
                assert to_instant(int(number[row])) == to_moment(moment)
            elif moment:
                assert day[row]
                assert to_date(int(number[row])) == moment


def test_a_datetime64_column_is_of_days() -> None:
    day, number, missing = encode(np.array(["2026-01-05", "NaT"], dtype="datetime64[D]"))
    assert (missing.tolist(), day[0], number[0]) == ([False, True], True, day_number(DAY))


@pytest.mark.parametrize("unit", ["h", "s", "ms", "us", "ns"])
def test_times_without_a_zone_are_refused_or_midnights_taken_as_days(unit: str) -> None:
    """A4: NumPy's times have no zone; neither have pandas', which are the same to it."""
    midnights = np.array(["2026-01-05", "NaT"], dtype=f"datetime64[{unit}]")
    for column in (midnights, list(midnights)):
        with pytest.raises(HistoryError, match="timezone"):
            encode(column)
    day, number, missing = encode(midnights, days=True)
    assert (missing.tolist(), day[0], number[0]) == ([False, True], True, day_number(DAY))
    with pytest.raises(HistoryError, match="not midnight; leave days out"):
        encode(midnights + np.timedelta64(1, "h"), days=True)
    assert encode([dt.datetime(2026, 1, 5)], days=True)[1][0] == day_number(DAY)  # noqa: DTZ001


@pytest.mark.parametrize("text", ["2026-W02", "2026W02", "2026-W02-1", "20260105", "20260105T100000Z"])
def test_weeks_and_basic_forms_are_refused_with_the_remedy(text: str) -> None:
    """A4: an ISO week is no one day, and eight digits are easily a number."""
    with pytest.raises(HistoryError, match=r"write (its day, such as )?'2026-01-05'"):
        to_moment(text)


@pytest.mark.parametrize(
    "number", [3, 3.0, Decimal(3), Fraction(3), np.int64(3), np.float32(3)], ids=lambda n: type(n).__name__
)
def test_any_real_number_is_a_value(number: Any) -> None:
    assert Observation("m", DAY, number).value == 3.0
    assert type(Observation("m", DAY, number).value) is float


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1, Observation("m", DAY, -0.0).value) == 1


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, True, np.True_, "5", None, Decimal("NaN"), 10**400, 1j], ids=repr
)
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    """S0.3: NaN or infinite observations are raised."""
    with pytest.raises(HistoryError, match=r"observation of 'm' at 2026-01-05: value is"):
        Observation("m", DAY, value)


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (dt.datetime(2026, 1, 5), "has no timezone"),  # noqa: DTZ001
        ("2026-01-05T10:00", "has no timezone"),
        ("yesterday", "is no date"),
        ("", "is no date"),
        (20260105, "give a date"),
        (None, "give a date"),
        (np.datetime64("NaT", "s"), "give a date"),
        (dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-1))), "out of range"),
    ],
)
def test_what_is_no_moment_is_refused(at: Any, fault: str) -> None:
    """S3.5: naive datetimes are refused."""
    with pytest.raises(HistoryError, match=fault):
        Observation("m", at, 1)


def test_all_faults_arrive_together() -> None:
    """S0.4: all problems of one value are reported at once."""
    with pytest.raises(HistoryError) as caught:
        Observation("", "soon", math.nan, unit=3, source="erp", by="\ud800")  # type: ignore[arg-type]
    assert len(caught.value.problems) == 6
    assert {problem.kind for problem in caught.value.problems} == {HistoryError}


def test_a_quantity_brings_its_unit() -> None:
    """S1.6: a pint Quantity is accepted wherever a quantity is."""
    pint = pytest.importorskip("pint")
    pytest.importorskip("okrcore.units.quantities")
    quantity = pint.UnitRegistry().Quantity(3.0, "kilogram")
    one = Observation("m", DAY, quantity)
    assert one.value == 3.0
    assert one.unit
    with pytest.raises(HistoryError, match="leave unit out"):
        Observation("m", DAY, quantity, unit="second")


@given(st.one_of(st.text(), st.floats(), st.none(), st.booleans(), st.binary()), st.text(), st.floats())
def test_only_history_errors_come_out(at: Any, measure: str, value: float) -> None:
    try:
        one = Observation(measure, at, value)
    except HistoryError:
        return
    assert math.isfinite(one.value)
    assert one.measure == measure != ""
