"""One reduction, and the share of what is usual that a number rests on (S2.7, A7)."""

import datetime as dt
import math
from itertools import pairwise, starmap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.aggregates import AGGREGATES, observed, reduce, well_observed
from okrcore.definitions.cadence import Period
from okrcore.history import History, gridded
from okrcore.leading.calendar_grid import on_grid

LOOPS = {"latest": lambda v: v[-1], "sum": math.fsum, "mean": np.mean, "max": max, "min": min}
WHOLE = st.integers(-(10**6), 10**6).map(float)


@given(
    st.lists(st.tuples(st.lists(WHOLE, max_size=5), st.sampled_from(AGGREGATES)), max_size=8),
    st.lists(WHOLE, max_size=3),
)
def test_a_reduction_is_what_a_loop_finds(segments, beyond) -> None:
    """S2.7: segment by segment, empty ones unknown; what lies beyond the last segment counts nowhere."""
    values = np.array([value for segment, _ in segments for value in segment] + beyond)
    offsets = np.cumsum([0, *(len(segment) for segment, _ in segments)])
    found = reduce(values, offsets, [name for _, name in segments])
    for (segment, name), value in zip(segments, found.tolist(), strict=True):
        assert math.isnan(value) if not segment else value == pytest.approx(LOOPS[name](segment), rel=1e-12)


def test_three_of_four_are_enough_and_fewer_are_not() -> None:
    """A7: below .75 of what is usual a period is unknown to whoever compares periods."""
    share = observed(np.array([4, 4, 3, 2, 0, 4]), "sum")
    assert share.tolist() == [1.0, 1.0, 0.75, 0.5, 0.0, 1.0]
    assert np.isnan(well_observed(np.ones(6), share)).tolist() == [False, False, False, True, True, False]


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_history_keeps_the_value_and_links_take_it_as_unknown(aggregate: str) -> None:
    """A7: the same facts, one reduction; of the latest value one observation is all there is to have."""
    monday = dt.date(2026, 1, 5)
    days = [monday + dt.timedelta(days=i) for i in range(16)]
    weeks = [monday + dt.timedelta(days=7 * i) for i in range(4)]
    history = History.of_columns(["calls"] * 16, days, [1.0] * 16)
    grid = gridded(history, ["calls"], list(starmap(Period, pairwise(weeks))), aggregate=aggregate)
    edges = np.arange(0, 22, 7)
    linked = on_grid(np.arange(16), np.ones(16), edges, aggregate)
    assert grid.values[0, :2].tolist() == linked[:2].tolist()
    assert grid.values[0, 2] == {"sum": 2.0}.get(aggregate, 1.0)
    assert math.isnan(linked[2]) == (aggregate != "latest")
    assert grid.observed[0].tolist() == ([1.0, 1.0, 1.0] if aggregate == "latest" else [1.0, 1.0, 2 / 7])
