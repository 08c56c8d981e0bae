"""Numbers that look wrong are found, and clean ones are left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore.monitoring.number_quality import (
    flat_line,
    gaps,
    outliers,
    partial_period,
    stalled,
    unit_jump,
)
from okrcore.statistics.distributions import Floats

Draw = Callable[[np.random.Generator], Floats]


def persistent(rng: np.random.Generator) -> Floats:
    found = np.zeros(52)
    for week in range(1, 52):
        found[week] = 0.9 * found[week - 1] + rng.standard_normal()
    return 100 + found


CLEAN: dict[str, Draw] = {
    "noise": lambda rng: 100 + rng.standard_normal(52),
    "persistent": persistent,
    "walk": lambda rng: 200 + np.cumsum(rng.standard_normal(52)),
    "growth": lambda rng: 100 * np.exp(0.03 * np.arange(52) + 0.05 * rng.standard_normal(52)),
    "lognormal": lambda rng: np.exp(rng.standard_normal(52)),
    "shift": lambda rng: 100 + rng.standard_normal(52) + 6.0 * (np.arange(52) > 30),
    "counts": lambda rng: rng.poisson(3, 52).astype(float),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_series_raise_no_doubt(name: str) -> None:
    """At most one of 50 clean series is doubted by any test."""
    rng = np.random.default_rng(17)
    rows = [CLEAN[name](rng) for _ in range(100)]
    assert sum(bool(outliers(row)) for row in rows) <= 2
    assert sum(unit_jump(row) is not None for row in rows) == 0
    assert sum(flat_line(row) is not None for row in rows) <= 2


@pytest.mark.parametrize("factor", [10.0, 100.0, 0.01])
def test_slips_are_found_where_they_are_and_named(factor: float) -> None:
    rng = np.random.default_rng(23)
    for place in (5, 30, 51):
        values = 100 + rng.standard_normal(52)
        values[place] *= factor
        (doubt,) = outliers(values)
        assert (doubt.at, doubt.factor) == (place, factor)


def test_another_unit_is_dated_and_named() -> None:
    rng = np.random.default_rng(29)
    for _ in range(20):
        values = np.exp(0.3 * rng.standard_normal(52))
        values[20:] *= 1000
        doubt = unit_jump(values)
        assert doubt is not None
        assert (doubt.at, doubt.factor) == (20, 1000.0)


def test_a_feed_that_hangs_is_found() -> None:
    rng = np.random.default_rng(31)
    values = 98 + rng.standard_normal(52)
    values[46:] = values[45]
    doubt = flat_line(values)
    assert doubt is not None
    assert (doubt.at, doubt.n) == (45, 52)
    assert flat_line([1.0] * 52) is None  # it never moved
    assert flat_line([0, 1, 0, 0, 2, 0, 1, 0, 0, 1, *[0] * 12]) is None  # small counts


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), max_size=40))
def test_no_input_breaks_them(values: list[float]) -> None:
    for test in (outliers, unit_jump, flat_line, gaps, stalled):
        test(values)
    for doubt in gaps(values, floor=2):
        assert np.isnan(values[doubt.at])
        assert not np.isnan(values[doubt.at - 1])


def test_half_a_period_is_noticed() -> None:
    rng = np.random.default_rng(37)
    assert sum(partial_period(rng.poisson(20, 40)) is not None for _ in range(100)) <= 5
    for days in range(1, 6):
        assert partial_period([7] * 30 + [days]) is not None
    assert partial_period([1] * 30 + [0]) is None


def test_a_feed_that_was_always_whole_needs_six_periods() -> None:
    rng = np.random.default_rng(43)
    for usual in (7, 20, 31):
        for missing in range(usual // 10 + 1, usual):
            assert partial_period([usual] * 6 + [usual - missing]) is not None
            assert partial_period([usual] * 5 + [usual - missing]) is None
        assert partial_period([usual] * 6 + [usual]) is None
    assert sum(partial_period(rng.poisson(20, 9)) is not None for _ in range(300)) <= 9


def test_stalled_is_what_stays_within_its_own_noise() -> None:
    rng = np.random.default_rng(41)
    still = [stalled(100 + rng.standard_normal(20)) is not None for _ in range(200)]
    moving = [stalled(100 + 1.5 * np.arange(20) + rng.standard_normal(20)) is not None for _ in range(200)]
    assert np.mean(still) > 0.85
    assert np.mean(moving) < 0.02
    assert stalled([1, 2, 3]) is None
    assert stalled([7.0] * 12) is not None
