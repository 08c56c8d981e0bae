"""A number of 32 bits is what its shortest digits say, however it comes in."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, History, Kpi, Observation, Portfolio

VALUES = st.decimals(-1000, 1000, places=2, allow_nan=False).map(float)


@given(VALUES, st.sampled_from(["pandas", "polars", "pyarrow", "columns", "one"]))
def test_the_digits_that_were_written_are_read(value: float, way: str) -> None:
    short = np.array([value], np.float32)
    if way == "columns":
        history = History.of_columns(["k"], ["2026-01-05"], short)
    elif way == "one":
        history = History.of([Observation("k", "2026-01-05", short[0])])
    else:
        library: Any = pytest.importorskip(way)
        make = library.table if way == "pyarrow" else library.DataFrame
        history = okr.read_history(make({"measure": ["k"], "at": ["2026-01-05"], "value": short}))
    (found,) = history
    assert found.value == value


def test_a_target_of_seven_tenths_is_met() -> None:
    history = History.of_columns(["k"], ["2026-01-05"], np.array([0.7], np.float32))
    portfolio = Portfolio.of(Kpi(id="k", title="K", target=Band(low=0.7)))
    state = okr.evaluate(portfolio, history, as_of="2026-01-31").kpi("k")
    assert (state.zone, str(state.observed_at)) == ("healthy", "2026-01-05")


def test_what_is_no_number_is_told_as_before() -> None:
    with pytest.raises(okr.OkrError, match="value is nan"):
        History.of_columns(["k"], ["2026-01-05"], np.array([np.nan], np.float32))
    with pytest.raises(okr.OkrError, match="finite"):
        Observation("k", "2026-01-05", np.float32("inf"))  # type: ignore[arg-type]
