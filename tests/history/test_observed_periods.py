"""In how many periods a measure was observed equals counting them one by one, whatever the deliveries."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import History, Observation
from okrcore.history.backends import facts_of
from okrcore.history.requests import Edges

FIRST = dt.date(2026, 1, 1)
EPOCH = dt.date(1970, 1, 1)
NAMES = ["a", "b", "c"]


@st.composite
def records(draw: st.DrawFn) -> Observation:
    day = FIRST + dt.timedelta(days=draw(st.integers(0, 40)))
    hour = draw(st.none() | st.integers(0, 23))
    at = day if hour is None else dt.datetime.combine(day, dt.time(hour), dt.UTC)
    late = draw(st.integers(0, 5))
    known = dt.datetime.combine(day + dt.timedelta(days=late), dt.time(23, 59), dt.UTC)
    return Observation(draw(st.sampled_from(NAMES)), at, 1.0, recorded_at=known)


@given(
    deliveries=st.lists(st.lists(records(), max_size=9), max_size=5),
    starts=st.lists(st.integers(0, 45), min_size=2, max_size=6, unique=True).map(sorted),
    known=st.none() | st.integers(0, 45),
    data=st.data(),
)
def test_observed_periods_equal_counting(
    deliveries: list[list[Observation]], starts: list[int], known: int | None, data: st.DataObject
) -> None:
    history = History.of()
    for delivery in deliveries:
        history = history.append(delivery)
    days = np.array([(FIRST - EPOCH).days + start for start in starts], dtype=np.int64)
    edges = Edges(days, days * 86_400_000_000)
    place = st.integers(0, len(starts) - 1)
    first, last = (np.array([data.draw(place) for _ in NAMES]) for _ in range(2))
    known_at = None if known is None else int((days[0] + known) * 86_400_000_000)
    facts = facts_of(history)
    found = facts.periods(facts.codes(NAMES), edges, first, last, (known_at, None))
    for name, begin, end, count in zip(NAMES, first, last, found, strict=True):
        seen = {
            int(np.searchsorted(starts, (_day(one) - FIRST).days, "right"))
            for delivery in deliveries
            for one in delivery
            if one.measure == name and (known_at is None or _instant(one) <= known_at)
        }
        assert count == len({period for period in seen if begin < period <= end})


def _day(one: Observation) -> dt.date:
    assert isinstance(one.at, dt.date)
    return one.at.date() if isinstance(one.at, dt.datetime) else one.at


def _instant(one: Observation) -> int:
    assert one.recorded_at is not None
    return int(one.recorded_at.timestamp()) * 1_000_000


@pytest.mark.parametrize("engine", ["polars"])
def test_a_frame_counts_like_columns(engine: str) -> None:
    from tests.support.backends import missing, on

    if reason := missing(engine):
        pytest.skip(reason)
    some = [Observation("a", FIRST + dt.timedelta(days=day), 1.0) for day in (0, 1, 9, 20)]
    days = np.array([(FIRST - EPOCH).days + start for start in (0, 7, 14, 21)])
    edges = Edges(days, days * 86_400_000_000)
    first, last = np.array([0, 1]), np.array([3, 3])
    for history in (History.of(some), on(engine, some)):
        facts = facts_of(history)
        assert facts.periods(facts.codes(["a", "a"]), edges, first, last, (None, None)).tolist() == [3, 2]
