"""Charts of one series: the laws of their signals, the published rules, what breaks the rules, and errors."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from types import ModuleType
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.errors import DefinitionError, HistoryError
from okrcore.monitoring import PROFILES, ProcessLimits, Signals, signals
from tests.support.paths import SHARED

ORACLE = SHARED / "reference" / "spc.py"
PLAIN = attrs.evolve(PROFILES["nhs"], name="plain", autocorrelation=None)

series = st.lists(st.integers(-500, 500), min_size=1, max_size=60)


def said(chart: Signals) -> list[tuple[str | None, str | None]]:
    return [(point.signal, point.meaning) for point in chart.points]


@settings(max_examples=60, deadline=None)
@given(series, st.sampled_from([0.5, 2.0, 1024.0]), st.integers(-64, 64))
def test_another_scale_is_the_same_chart(values: list[int], scale: float, offset: int) -> None:
    spread = [
        one + 0.25 * (place % 3) for place, one in enumerate(values)
    ]  # no counts: their scale is theirs
    one, other = signals(spread), signals([scale * value + offset for value in spread])
    assert [point.signal for point in one.points] == [point.signal for point in other.points]
    for here, there in zip(one.points, other.points, strict=True):
        assert (here.low is None) == (there.low is None)
        if here.low is not None and there.low is not None:
            assert scale * here.low + offset == pytest.approx(there.low, abs=1e-6 * scale)


@settings(max_examples=60, deadline=None)
@given(series)
def test_upside_down_turns_improvement_into_concern(values: list[int]) -> None:
    spread = [one + 0.25 * (place % 3) for place, one in enumerate(values)]
    up, down = signals(spread, better="higher"), signals([-one for one in spread], better="higher")
    turned = {"improvement": "concern", "concern": "improvement", None: None}
    assert said(down) == [(signal, turned[meaning]) for signal, meaning in said(up)]
    assert said(signals([-one for one in spread], better="lower")) == said(up)


@settings(max_examples=40, deadline=None)
@given(series, st.integers(-500, 500), st.booleans())
def test_a_new_target_moves_the_assurance_alone(values: list[int], target: int, higher: bool) -> None:
    better: Any = "higher" if higher else "lower"
    without, beside = signals(values, better=better), signals(values, better=better, target=target)
    assert without.points == beside.points
    assert without.phases == beside.phases
    assert without.assurance is None
    if beside.phases[-1].limits is None:
        assert beside.assurance is None
    else:
        low, high = beside.phases[-1].limits.low, beside.phases[-1].limits.high
        passes = target < low if higher else target > high
        inside = low <= target <= high
        expected = "hit-and-miss" if inside else f"consistently-{'passing' if passes else 'failing'}"
        assert beside.assurance == expected


@settings(max_examples=40, deadline=None)
@given(series, series)
def test_a_rebase_is_two_charts(first: list[int], second: list[int]) -> None:
    both = signals([*first, *second], rebase=[len(first)])
    alone = [signals(part) for part in (first, second)]
    assert said(both) == [*said(alone[0]), *said(alone[1])]
    assert [phase.limits for phase in both.phases] == [one.phases[0].limits for one in alone]
    assert [phase.start for phase in both.phases] == [0, len(first)]


@settings(max_examples=40, deadline=None)
@given(series, st.sets(st.integers(0, 80), max_size=20))
def test_gaps_are_no_points(values: list[int], gaps: set[int]) -> None:
    with_gaps: list[float] = list(values)
    for gap in sorted(gaps):
        with_gaps.insert(min(gap, len(with_gaps)), float("nan"))
    assert said(signals(with_gaps)) == said(signals(values))


def oracle() -> ModuleType:
    if not ORACLE.exists():
        pytest.skip("the reference charts are not beside this repository (../shared/reference/spc.py)")
    spec = importlib.util.spec_from_file_location("reference_spc", ORACLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_rules_are_those_of_the_reference() -> None:
    chart = oracle().chart
    words = {
        "outside_limits": "outside", "seven_point_trend": "trend", "two_in_three": "two-of-three",
        "seven_one_side": "shift", "common_cause": None,
    }  # fmt: skip
    rng = np.random.default_rng(11)
    for trial in range(300):
        noise = rng.standard_normal(rng.integers(6, 60))
        values = noise + (np.arange(len(noise)) > len(noise) // 2) * rng.choice([0, 0, 1.5, -3])
        if trial % 5 == 0:
            values = np.cumsum(noise)
        mine, theirs = signals(values, better="higher", profile=PLAIN), chart(values, direction="increase")
        assert [point.signal for point in mine.points] == [words[cause] for cause in theirs.cause]
        meaning = [one.removeprefix("special_cause_") for one in theirs.point_type]
        # on a series that runs away a trend may lie on the other side of the mean than the way it goes
        assert [point.meaning or "common_cause" for point in mine.points] == meaning
        limits = mine.phases[0].limits
        assert limits is not None
        assert (limits.low, limits.mean, limits.high) == pytest.approx(
            (theirs.limits.lower, theirs.limits.mean, theirs.limits.upper), rel=1e-9, abs=1e-9
        )


def test_few_points_have_trial_limits_and_fewer_none() -> None:
    assert all(point.low is None and point.signal is None for point in signals([1, 9, 1, 9, 1]).points)
    assert signals([1, 9, 1, 9, 1]).phases[0].limits is None
    assert [signals(list(range(n, 0, -1))).trial for n in (5, 6, 12, 13)] == [True, True, True, False]
    assert signals([]).points == ()
    assert signals([]).trial


def test_limits_can_be_fixed() -> None:
    values = [5, 6, 5, 4, 5, 6, 9, 9]
    first = signals(values[:6]).phases[0].limits
    by_count, by_value = signals(values, limits=6), signals(values, limits=first)
    assert by_count.points == by_value.points
    assert [point.signal for point in by_count.points[6:]] == ["outside", "outside"]
    assert by_count.points == signals(values, limits=(first.low, first.mean, first.high)).points  # type: ignore[union-attr]
    wide = signals(values, limits=(0, 20)).points
    assert wide[0].mean == 10
    assert all(point.signal in {None, "shift"} for point in wide)


def test_neighbours_that_are_alike_widen_the_limits() -> None:
    """S11.4: past .5 only what lies outside widened limits counts."""
    rng = np.random.default_rng(3)
    drift = np.zeros(200)
    for week in range(1, 200):
        drift[week] = 0.85 * drift[week - 1] + rng.standard_normal()
    chart, plain = signals(drift), signals(drift, profile=PLAIN)
    assert chart.autocorrelation is not None
    assert 0.7 < chart.autocorrelation < 0.95
    assert chart.phases[0].widened
    assert not plain.phases[0].widened
    assert {point.signal for point in chart.points} <= {None, "outside"}
    assert chart.points[0].high - chart.points[0].low > 2 * (plain.points[0].high - plain.points[0].low)  # type: ignore[operator]


def test_a_shift_is_no_autocorrelation() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        level = rng.standard_normal(60)
        level[30:] += 4
        chart = signals(level, better="lower")
        assert not chart.phases[0].widened
        assert ("shift", "concern") in said(chart)


def test_a_season_moves_the_limits() -> None:
    rng = np.random.default_rng(8)
    week = np.arange(156)
    sales = 100 + 30 * np.sin(2 * np.pi * week / 52.18) + rng.normal(0, 2, 156)
    sales[150] -= 15
    plain, seasonal = (signals(sales, better="higher", season=season) for season in (None, 52.18))
    assert plain.points[150].signal is None
    assert (seasonal.points[150].signal, seasonal.points[150].meaning) == ("outside", "concern")
    assert seasonal.points[0].high != seasonal.points[26].high


def test_rare_events_are_no_alarm() -> None:
    """Of three incidents in ten weeks two in one week are no special cause."""
    weeks = [0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4]
    found = [point.at for point in signals(weeks, better="lower").points if point.meaning == "concern"]
    assert found == [29]
    assert signals(weeks, better="lower", profile=PLAIN).points[3].signal == "shift" or found


def test_a_history_series_keeps_its_times() -> None:
    days = okr.weekly("2026-01-04", "2026-04-05")
    history = okr.History.of_columns(["up"] * len(days), days, [98.0, 98.4] * 7)
    chart = okr.signals(history.series("up"), rebase=["2026-03-01"])
    assert tuple(point.at for point in chart.points) == tuple(days)
    assert [phase.start for phase in chart.phases] == [dt.date(2026, 1, 4), dt.date(2026, 3, 1)]
    assert chart.table.columns == ("at", "value", "low", "mean", "high", "signal", "meaning")
    assert "98.4" in repr(chart)
    assert "<table" in chart._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"series": ["a"]}, HistoryError, "no number"),
        ({"series": [[1, 2]]}, HistoryError, "2 dimensions"),
        ({"series": [1, float("inf")]}, HistoryError, "infinite at position 1"),
        ({"series": [1], "better": "up"}, DefinitionError, "better is 'up'"),
        ({"series": [1], "profile": "who"}, DefinitionError, "profile is 'who'.*nhs"),
        ({"series": [1, 2], "rebase": [3]}, DefinitionError, "rebase holds 3"),
        ({"series": [1, 2], "rebase": ["2026-01-01"]}, DefinitionError, "rebase holds '2026-01-01'"),
        ({"series": [1, 2], "season": 1}, DefinitionError, "season is 1"),
        ({"series": [1, 2], "limits": 1}, DefinitionError, "limits is 1"),
        ({"series": [1, 2], "limits": (3, 2)}, DefinitionError, "limits is"),
        ({"series": [1, 2], "limits": ProcessLimits(1, 1, 2)}, DefinitionError, "limits is"),
    ],
)
def test_what_is_no_chart_is_refused(arguments: dict[str, Any], error: type[Exception], text: str) -> None:
    given_series = arguments.pop("series")
    with pytest.raises(error, match=text):
        signals(given_series, **arguments)


@given(
    st.integers(13, 30),
    st.sampled_from([1.0, -1.0]),
    st.floats(1e-3, 1e3),
    st.sampled_from(["higher", "lower"]),
)
def test_what_only_climbs_moves_however_alike_neighbours_are(n, sign, step, better):
    """13 steps one way are beyond chance of coin tosses, so a climb is never called steady."""
    chart = okr.signals([5 + sign * step * place for place in range(n)], better=better)
    last = chart.points[-1]
    assert last.signal in ("trend", "outside")
    assert last.meaning == ("improvement" if (sign > 0) == (better == "higher") else "concern")
