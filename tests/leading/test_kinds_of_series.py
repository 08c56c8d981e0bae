"""Laws and cases of the kinds of series: each is continued as what it is (S10.1, S10.3, S10.4)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from okrcore.leading.paths_by_kind import ObservedPast, SamplePaths, simulate
from okrcore.leading.target_probability import forecast, forecast_many

Floats = NDArray[np.float64]
few = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 10_000)
values = st.one_of(
    st.integers(0, 5).map(float),
    st.integers(-(10**9), 10**9).map(float),
    st.floats(-1e12, 1e12),
    st.sampled_from([0.0, 100.0, 99.5]),
)
any_series = arrays(
    np.float64,
    st.integers(8, 40),
    elements=st.one_of(values, st.sampled_from([0.0, 1.0]), st.just(float("nan"))),
).filter(lambda row: np.isfinite(row).sum() >= 8)


def drawn(history: Floats, periods: int = 5, **options: Any) -> SamplePaths:
    known = np.flatnonzero(~np.isnan(history))
    history = history[known[0] : known[-1] + 1]
    (_, found), *_ = simulate([ObservedPast(history=history, periods=periods, **options)], paths=300)
    return found


@few
@given(any_series, st.integers(1, 6), st.booleans())
def test_any_series_is_continued_within_its_limits(series: Floats, periods: int, limited: bool) -> None:
    """S10.4: finite, ordered, within floor and ceiling, whole where the past is, and no warning."""
    low, high = (float(np.nanmin(series)), float(np.nanmax(series))) if limited else (None, None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = forecast(series, goal=1.0, periods=periods, paths=200, low=low, high=high, direction="at_least")
    fan = np.array([one.fan[level] for level in sorted(one.fan)])
    assert fan.shape == (5, periods)
    assert np.isfinite(fan).all()
    assert (np.diff(fan, axis=0) >= 0).all()
    assert dict(one.quantiles) == {level: path[-1] for level, path in one.fan.items()}
    assert 0 < one.p_final <= one.p_touch < 1
    if limited:
        assert low is not None
        assert high is not None
        assert fan.min() >= low
        assert fan.max() <= high
    known = series[~np.isnan(series)]
    if (known == np.rint(known)).all() and one.kind in {"counts", "atom", "level"}:
        assert (fan == np.rint(fan)).all()


# ------------------------------------------------------------------ never moved, at a limit, rare


@pytest.mark.parametrize("periods", [1, 6, 13])
@pytest.mark.parametrize(
    ("value", "options"),
    [
        (100.0, {"goal": 100.0, "direction": "at_least", "low": 0, "high": 100}),
        (100.0, {"goal": 100.0, "high": 100}),  # the limit says on which side
        (0.0, {"goal": 0.0, "direction": "at_most", "low": 0}),
        (0.0, {"goal": 0.0, "low": 0}),
        (3.7, {"goal": 3.7, "direction": "at_least"}),
    ],
)
def test_what_never_moved_stays_but_for_one_in_n_and_two(
    value: float, options: dict[str, Any], periods: int
) -> None:
    """S10.4: at its goal for 40 periods, it is there in the next with 41 of 42, not in two of three cases."""
    found = forecast(np.full(40, value), periods=periods, **options)
    assert found.kind == "constant"
    assert 0.95 < found.p_final < 0.9999
    assert "never moved in 40 periods" in found.note


def test_what_never_happened_may_happen_once_in_n_and_two() -> None:
    """S10.4: an incident a month after 40 months without: 1 in 42 a month."""
    found = forecast(np.zeros(40), goal=1, periods=1, direction="at_least", low=0, paths=20_000)
    assert found.p_final == pytest.approx(1 / 42, abs=0.004)
    assert forecast(np.full(30, 100.0), goal=130, periods=6).p_touch < 0.01


@pytest.mark.parametrize(
    ("usual", "once", "goal", "side", "limits"),
    [(0.0, 1.0, 0.0, "at_most", (0, None)), (100.0, 98.5, 100.0, "at_least", (0, 100))],
)
@pytest.mark.parametrize("place", [5, 20, 33])
def test_once_in_forty_is_about_once_in_forty(
    usual: float, once: float, goal: float, side: Any, limits: tuple[float, float | None], place: int
) -> None:
    """S10.4: one incident in 40 months, and 100 % in 39 of 40: about .96 (base rate .975)."""
    series = np.full(40, usual)
    series[place] = once
    found = forecast(series, goal=goal, periods=6, direction=side, low=limits[0], high=limits[1])
    assert 0.93 < found.p_final < 0.99
    assert found.kind in {"counts", "atom"}


def rate(found: Any) -> float:
    return float(np.mean([one.p_final for one in found]))


@pytest.mark.parametrize(("mean", "most"), [(0.1, 0), (0.3, 0), (0.3, 1), (1.0, 1), (4.0, 5)])
def test_counts_are_as_likely_as_they_were(mean: float, most: int) -> None:
    """S10.4: of Poisson counts the probability is the Poisson one, and every path is a count."""
    rng = np.random.default_rng([int(10 * mean), most])
    past = rng.poisson(mean, (60, 52)).astype(float)
    found = forecast_many(list(past), goals=[most] * 60, periods=4, directions=["at_most"] * 60, paths=400)
    truth = float(np.mean(rng.poisson(mean, 200_000) <= most))
    assert rate(found) == pytest.approx(truth, abs=0.05)
    paths = drawn(past[0], low=0.0).paths
    assert (paths == np.rint(paths)).all()
    assert paths.min() >= 0


def test_counts_that_vary_more_than_events_do_are_wider() -> None:
    """S10.4: the interval of negative binomial counts covers, which a Poisson one would not."""
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.gamma(2, 2.5, (120, 56))).astype(float)
    found = forecast_many(list(counts[:, :52]), goals=[5] * 120, periods=4, directions=["at_least"] * 120)
    came = counts[:, 55]
    covers = [
        one.quantiles[0.1] <= value <= one.quantiles[0.9] for one, value in zip(found, came, strict=True)
    ]
    assert 0.74 <= np.mean(covers) <= 0.95


def test_a_head_count_is_a_level_in_whole_numbers() -> None:
    """S10.1: what moves less than events do is no count of them: the interval stays near the last value."""
    rng = np.random.default_rng(5)
    heads = 12 + np.cumsum(rng.choice([-1, 0, 0, 0, 0, 0, 0, 1], 52)).astype(float)
    found = forecast(heads, goal=heads[-1] + 1, periods=4)
    assert found.kind == "level"
    assert found.quantiles[0.9] - found.quantiles[0.1] <= 4
    assert all(value == round(value) for value in found.quantiles.values())


def test_full_marks_in_most_periods_are_kept_as_their_own_value() -> None:
    """S10.4: 100 % in 85 of 100 weeks is as likely as that, and a limit takes no path beyond it."""
    rng = np.random.default_rng(6)
    weeks = np.where(rng.random((60, 52)) < 0.85, 100.0, 100 - rng.gamma(2, 1.5, (60, 52)))
    found = forecast_many(
        list(weeks), goals=[100.0] * 60, periods=4, directions=["at_least"] * 60, lows=[0.0] * 60,
        highs=[100.0] * 60, paths=400,
    )  # fmt: skip
    assert rate(found) == pytest.approx(0.85, abs=0.03)
    assert {one.kind for one in found} <= {"atom", "constant"}


# ------------------------------------------------------------------ sums to date


@few
@given(seeds, st.integers(1, 11), st.sampled_from([1.0, 1000.0]))
def test_a_year_to_date_goes_by_its_months(seed: int, month: int, unit: float) -> None:
    """S10.1: exactly on pace for the goal is about even, whatever the month; January's fall is no move."""
    months = np.random.default_rng(seed).normal(100, 10, 36).clip(0) * unit
    series = months.reshape(3, 12).cumsum(axis=1).ravel()[: 24 + month]
    left = 12 - month
    goal = float(series[-1] + left * months[: len(series)].mean())
    found = forecast(series, goal=goal, periods=left, direction="at_least", paths=600)
    assert found.kind == "year-to-date"
    assert 0.15 < found.p_final < 0.85
    if month >= 6:
        assert found.quantiles[0.9] - found.quantiles[0.1] < 6 * 10 * unit * np.sqrt(left)
    sure = forecast(series, goal=0.5 * goal, periods=left, direction="at_least", paths=600)
    assert sure.p_final > 0.98 or month < 2


def test_a_year_to_date_begins_anew() -> None:
    """S10.1: in January last December's 1,200 is over: the next month stands at about 100."""
    series = np.tile(np.arange(1.0, 13.0) * 100, 3)
    found = forecast(series, goal=1200, periods=12, direction="at_least")
    assert found.fan[0.5] == tuple(np.arange(1.0, 13.0) * 100)
    assert found.p_final > 0.75
    assert found.p_touch < 0.9  # not because the year that ended stood there


def test_a_running_sum_goes_by_what_each_period_adds() -> None:
    """S10.1: it never falls, and its goal a quarter ahead is about even where it is on pace."""
    rng = np.random.default_rng(7)
    sums = rng.normal(20, 5, (60, 52)).cumsum(axis=1)
    goals = (sums[:, -1] + 13 * 20).tolist()
    found = forecast_many(list(sums), goals=goals, periods=13, directions=["at_least"] * 60, paths=400)
    assert {one.kind for one in found} == {"running-sum"}
    assert rate(found) == pytest.approx(0.5, abs=0.1)
    assert all((np.diff(one.fan[0.5]) >= 0).all() for one in found)
    walk = forecast(np.cumsum(rng.standard_normal(52)), goal=5, periods=4)
    assert walk.kind == "level"


def test_a_gap_in_a_sum_to_date_is_spread_and_one_over_its_end_is_not() -> None:
    series = np.tile(np.arange(1.0, 13.0) * 100, 3)[:34]
    series[[3, 4, 11]] = np.nan
    found = forecast(series, goal=1200, periods=2, direction="at_least")
    assert found.kind == "year-to-date"
    assert found.quantiles[0.5] == pytest.approx(1200)


# ------------------------------------------------------------------ freaks


def test_a_last_value_that_is_far_off_is_half_a_slip() -> None:
    """S10.3: a strike day: neither a certain miss nor a shrug, and the interval holds both ways."""
    rng = np.random.default_rng(8)
    series = rng.normal(100, 1, (60, 56))
    series[:, 51] -= 60
    found = forecast_many(list(series[:, :52]), goals=[99.0] * 60, periods=4, directions=["at_least"] * 60)
    assert 0.35 < rate(found) < 0.5
    for one in found:
        assert one.quantiles[0.1] < 60 < 95 < one.quantiles[0.9]
        assert "half of the paths take it for a slip, half for a new level" in one.note


@pytest.mark.parametrize("ago", [3, 10, 30])
def test_a_value_that_came_back_leaves_level_and_spread_alone(ago: int) -> None:
    """S10.3: the forecast is the one without it, and once in as many periods it comes again."""
    series = np.random.default_rng(9).normal(100, 1, 52)
    freak = series.copy()
    freak[-ago] -= 60
    clean, found = (forecast(one, goal=99, periods=4, direction="at_least") for one in (series, freak))
    assert found.p_final == pytest.approx(clean.p_final, abs=0.08)
    assert found.quantiles[0.9] - found.quantiles[0.1] < 2 * (clean.quantiles[0.9] - clean.quantiles[0.1])
    assert "came back at once" in found.note


def test_a_typing_error_in_a_steady_rise_is_no_certain_success() -> None:
    """S10.3: 133 typed as 1330."""
    found = forecast(np.r_[100.0 + np.arange(32), 1330.0], goal=150, periods=3, direction="at_least")
    assert found.p_final == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("usual", "last", "goal", "side"),
    [
        (np.full(51, 100.0), 10.0, 100.0, "at_least"),
        (np.zeros(51), 40.0, 0.0, "at_most"),
        (np.random.default_rng(3).poisson(3, 51).astype(float), 300.0, 12.0, "at_most"),
        (np.random.default_rng(3).poisson(30, 51).astype(float), 300.0, 60.0, "at_most"),
        (np.random.default_rng(3).normal(99, 0.2, 51).clip(0, 100), 9.9, 97.0, "at_least"),
    ],
)
def test_whatever_the_kind_a_last_value_far_off_is_half_a_slip(
    usual: Floats, last: float, goal: float, side: Any
) -> None:
    """S10.3: what never moved, counts and levels alike."""
    found = forecast(np.r_[usual, last], goal=goal, periods=2, direction=side)
    assert 0.35 < found.p_final < 0.65
    assert "slip" in found.note


@pytest.mark.parametrize("factor", [1000.0, 1 / 100])
@pytest.mark.parametrize("gap", [(), (5, 30)])
def test_a_new_unit_starts_the_series_anew(factor: float, gap: tuple[int, ...]) -> None:
    """S12: thousands typed as ones half way: the forecast is that of what came since."""
    series = np.random.default_rng(11).normal(100, 1, 52)
    series[26:] *= factor
    series[list(gap)] = np.nan
    found = forecast(series, goal=99 * factor, periods=4, direction="at_least", season=1)
    since = forecast(series[26:], goal=99 * factor, periods=4, direction="at_least", season=1)
    assert (found.p_final, found.fan) == (since.p_final, since.fan)
    assert "a jump of unit after 26 periods" in found.note


@few
@given(seeds, st.sampled_from(["white", "walk", "trend"]))
def test_ordinary_series_have_no_freaks(seed: int, kind: str) -> None:
    """S10.3: nothing is set aside of what merely scatters, walks or grows."""
    noise = np.random.default_rng(seed).standard_normal(52)
    series = {"white": noise, "walk": noise.cumsum(), "trend": noise + np.arange(52.0)}[kind]
    assert forecast(series, goal=100, periods=3, season=1, paths=200).note == ""


# ------------------------------------------------------------------ what merely scatters


def test_white_noise_is_as_likely_as_it_was() -> None:
    """S10.5: about as good as the share of past periods, which knows that it scatters."""
    rng = np.random.default_rng(10)
    series = rng.normal(100, 1, (150, 56))
    found = forecast_many(list(series[:, :52]), goals=[100.5] * 150, periods=4, directions=["at_least"] * 150)
    came = series[:, 55] >= 100.5
    ours = np.mean([(one.p_final - hit) ** 2 for one, hit in zip(found, came, strict=True)])
    share = np.mean(((series[:, :52] >= 100.5).mean(axis=1) - came) ** 2)
    assert ours <= share + 0.03
