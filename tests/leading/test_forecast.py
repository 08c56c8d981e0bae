"""Laws of the forecast: the probability of reaching a target (S10)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.errors import DefinitionError, HistoryError
from okrcore.leading.target_probability import forecast, forecast_many

Floats = NDArray[np.float64]
seeds = st.integers(0, 10_000)
few = settings(max_examples=25)


def walk(seed: int, n: int = 40) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray(np.cumsum(rng.standard_normal(n)) + 0.3 * rng.standard_normal(n) + 0.1 * np.arange(n))


@few
@given(seeds, st.floats(-5, 5), st.floats(0.1, 5), st.booleans())
def test_farther_goals_are_less_likely_and_touching_is_easier(
    seed: int, near: float, more: float, up: bool
) -> None:
    """S10.1: p falls with distance; what is met at the end was touched; p is never 0 or 1."""
    y, side = walk(seed), "at_least" if up else "at_most"
    first, second = (
        forecast(y, goal=y[-1] + (d if up else -d), periods=8, paths=400, direction=side)  # type: ignore[arg-type]
        for d in (near, near + more)
    )
    for one in (first, second):
        assert 0 < one.p_final <= one.p_touch < 1
    assert first.p_final >= second.p_final
    assert first.p_touch >= second.p_touch


def test_probabilities_are_hits_and_a_half_over_paths_and_one() -> None:
    """S10.1: (hits + 1/2) / (paths + 1), so a sure thing is not certain."""
    y = walk(0)
    assert forecast(y, goal=1e9, periods=5, paths=400).p_final == pytest.approx(0.5 / 401)
    sure = forecast(y, goal=-1e9, periods=5, paths=400, direction="at_least")
    assert sure.p_final == pytest.approx(400.5 / 401)


@few
@given(seeds, st.sampled_from([1e-6, 3.0, 1e6]), st.floats(-1e3, 1e3))
def test_units_do_not_matter(seed: int, factor: float, offset: float) -> None:
    """S10.1: level and unit of the series change no probability, and the quantiles with themselves."""
    y = walk(seed)
    plain = forecast(y, goal=y[-1] + 2, periods=6, paths=400)
    moved = forecast(factor * (y + offset), goal=factor * (y[-1] + 2 + offset), periods=6, paths=400)
    assert moved.p_final == pytest.approx(plain.p_final, abs=2 / 401)
    for level, value in plain.quantiles.items():
        assert moved.quantiles[level] == pytest.approx(factor * (value + offset), rel=1e-4, abs=1e-4 * factor)


@few
@given(seeds)
def test_direction_mirrors(seed: int) -> None:
    """S10.1: falling to a goal is rising to its mirror image, up to Monte Carlo error."""
    y = walk(seed)
    up = forecast(y, goal=y[-1] + 2, periods=6)
    down = forecast(-y, goal=-y[-1] - 2, periods=6)
    assert down.p_final == pytest.approx(up.p_final, abs=6 * up.error + 0.02)


@few
@given(st.lists(seeds, min_size=1, max_size=5), st.booleans())
def test_many_are_each_as_alone(chosen: list[int], gaps: bool) -> None:
    """S0.5: bit for bit, whatever the company and its lengths."""
    series = [walk(seed, 20 + seed % 3) for seed in chosen]
    if gaps:
        for y in series[::2]:
            y[[5, 6, -1]] = np.nan
    together = forecast_many(series, goals=[3.0] * len(series), periods=4, paths=200, seed=7)
    alone = tuple(forecast(y, goal=3.0, periods=4, paths=200, seed=7) for y in series)
    assert together == alone


def test_the_seed_decides() -> None:
    """S0.5: same seed, same answer; another seed, another draw."""
    y = walk(1)
    one, again, other = (forecast(y, goal=y[-1] + 1, periods=6, seed=seed) for seed in (3, 3, 4))
    assert one == again
    assert one.quantiles != other.quantiles
    assert one.p_final == pytest.approx(other.p_final, abs=6 * one.error)


def test_direction_comes_from_start_or_from_the_last_value() -> None:
    """S10.1: a goal below the start is a falling one, even where the value is below it already."""
    y = 50 + walk(2)
    goal = float(y[-1]) + 5
    rising, falling = forecast(y, goal=goal, periods=6), forecast(y, goal=goal, periods=6, start=goal + 40)
    assert rising.p_final < 0.5 < falling.p_final
    assert forecast(y, goal=Target(goal + 40, goal), periods=6) == falling
    assert forecast(y, goal=Target(None, goal, "at_most"), periods=6) == falling
    assert forecast(y, goal=goal, periods=6, direction="at_most") == falling


@few
@given(seeds, st.floats(0.2, 3))
def test_a_percent_does_not_pass_a_hundred(seed: int, distance: float) -> None:
    """S10.1: limits are respected by every path, and what cannot be reached stays out of reach."""
    y = 100 - np.abs(walk(seed))
    free = forecast(y, goal=100 + distance, periods=8, paths=400)
    bound = forecast(y, goal=100 + distance, periods=8, paths=400, low=0, high=100)
    assert max(bound.quantiles.values()) <= 100
    assert min(bound.quantiles.values()) >= 0
    assert bound.p_touch == pytest.approx(0.5 / 401)
    assert free.p_touch >= bound.p_touch
    full = forecast(y, goal=100, periods=8, paths=400, high=100, direction="at_least")
    assert full.p_touch >= bound.p_touch


@few
@given(seeds, st.floats(0.5, 6), st.floats(0.1, 3))
def test_a_band_is_kept_for_the_share_asked(seed: int, width: float, more: float) -> None:
    """S10.1, S2.4: wider bands and smaller shares are likelier; an open side is no side."""
    y = walk(seed)
    low, high = y[-1] - width, y[-1] + width
    narrow = forecast(y, goal=Band(low, high), periods=8, paths=400)
    wide = forecast(y, goal=Band(low - more, high + more), periods=8, paths=400)
    half = forecast(y, goal=Band(low, high), periods=8, paths=400, share=0.5)
    assert narrow.p_final <= wide.p_final
    assert narrow.p_final <= half.p_final <= half.p_touch
    assert narrow.p_touch == half.p_touch
    one_period = forecast(y, goal=Band(low=low), periods=1, paths=400)
    assert one_period.p_final == forecast(y, goal=low, periods=1, paths=400, direction="at_least").p_final


def test_gaps_are_filled_and_said() -> None:
    """S0.2: a gap is not a zero and not a straight line: the spread stays about what it was."""
    rng = np.random.default_rng(3)
    whole = np.cumsum(rng.standard_normal((40, 60)), axis=1)
    holes = np.where(rng.random(whole.shape) < 0.5, np.nan, whole)
    holes[:, [0, -1]] = whole[:, [0, -1]]
    goals = [0.0] * 40
    directions = ["at_least"] * 40
    spread = [
        np.mean([f.quantiles[0.9] - f.quantiles[0.1] for f in found])
        for found in (
            forecast_many(list(rows), goals=goals, directions=directions, periods=8, paths=400)  # type: ignore[arg-type]
            for rows in (whole, holes)
        )
    ]
    assert spread[1] / spread[0] == pytest.approx(1.0, abs=0.12)
    assert "missing periods were filled" in forecast(holes[0], goal=99.0, periods=3).note


def test_unknown_last_periods_are_forecast_too() -> None:
    """S0.2: a series that is silent for two periods is two periods less certain."""
    y = walk(5)
    silent = forecast(np.r_[y, np.nan, np.nan], goal=y[-1] + 3, periods=4)
    ahead = forecast(y, goal=y[-1] + 3, periods=6)
    assert silent.p_final == ahead.p_final
    assert silent.quantiles == ahead.quantiles
    assert silent.p_touch < ahead.p_touch
    assert "last 2 periods are unknown" in silent.note


def test_short_histories_say_so() -> None:
    """S10.2: below 13 periods there is too little to beat a base rate."""
    assert "too little to beat a base rate" in forecast(walk(6, 12), goal=99.0, periods=3).note
    assert forecast(walk(6, 13), goal=99.0, periods=3).note == ""


def test_a_constant_series_stays() -> None:
    flat = forecast(np.full(20, 4.0), goal=4.0, periods=5, direction="at_least")
    assert flat.quantiles[0.1] == pytest.approx(4.0)
    assert forecast(np.full(20, 4.0), goal=5.0, periods=5).p_touch < 0.01


@pytest.mark.parametrize(
    ("series", "options", "error", "says"),
    [
        (walk(0, 7), {}, HistoryError, "7 known periods"),
        (np.full(30, np.nan), {}, HistoryError, "0 known periods"),
        (np.r_[walk(0), np.inf], {}, HistoryError, "infinite"),
        (walk(0), {"goal": Checklist(["a"])}, DefinitionError, "checklist"),
        (np.arange(20.0), {"goal": 19}, DefinitionError, "direction"),
        (walk(0), {"goal": float("nan")}, DefinitionError, "finite"),
        (walk(0), {"periods": 0}, DefinitionError, "at least 1"),
        (np.arange(20.0), {"high": 5}, HistoryError, "limits"),
        (walk(0), {"goal": Band(low=1), "share": 0.0}, DefinitionError, "share"),
    ],
)
def test_bad_questions_are_refused(
    series: Floats, options: dict[str, object], error: type[Exception], says: str
) -> None:
    """S0.3: the thing, the fault, the remedy."""
    with pytest.raises(error, match=says):
        forecast(series, **{"goal": 50.0, "periods": 4, **options})  # type: ignore[arg-type]


@few
@given(seeds, st.lists(st.floats(-20, 20), min_size=1, max_size=4))
def test_several_goals_are_answered_from_the_same_paths(seed: int, goals: list[float]) -> None:
    """S10.1: each as it would be alone, and a farther one is never likelier."""
    y = walk(seed)
    together = forecast(y, goal=goals, periods=5, paths=300, direction="at_least")
    alone = tuple(forecast(y, goal=goal, periods=5, paths=300, direction="at_least") for goal in goals)
    assert together == alone
    ordered = sorted(zip(goals, together, strict=True), key=lambda one: one[0])
    chances = [one.p_final for _, one in ordered]
    assert chances == sorted(chances, reverse=True)


def test_several_goals_may_be_of_several_kinds() -> None:
    y = walk(4)
    band, target, value = forecast(y, goal=[Band(-99, 99), Target(0, 50), y[-1] + 1], periods=3, share=0.5)
    assert band.p_final > 0.99 > value.p_final > target.p_final
    assert forecast(y, goal=[], periods=3) == ()


@few
@given(seeds, st.integers(1, 9))
def test_own_sample_paths_are_taken_as_they_are(seed: int, periods: int) -> None:
    """S10.1: whatever made them: shares of hits and quantiles are theirs, and no seed matters."""
    paths = np.random.default_rng(seed).normal(0, 3, (60, periods))
    found = forecast([0.0], goal=1.0, periods=periods, paths=paths)
    assert found.p_final == pytest.approx(((paths[:, -1] >= 1).sum() + 0.5) / 61)
    assert found.p_touch == pytest.approx(((paths.max(axis=1) >= 1).sum() + 0.5) / 61)
    assert set(found.fan[0.5]) <= set(paths.ravel().tolist())
    assert found == forecast([0.0], goal=1.0, periods=periods, paths=paths.tolist(), seed=9)
    assert found.kind == "given"


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (np.zeros((60, 3)), "at least 4 rows of 4 periods"),
        (np.zeros((3, 4)), "at least 4 rows"),
        (np.zeros(4), "at least 4 rows"),
        (np.full((60, 4), np.nan), "NaN"),
    ],
)
def test_own_sample_paths_that_do_not_fit_are_refused(paths: Floats, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        forecast(walk(0), goal=50.0, periods=4, paths=paths)


@few
@given(seeds)
def test_the_fan_ends_where_the_quantiles_are(seed: int) -> None:
    """S10.1: one value a period and level, in the order of the levels, and nobody can change it."""
    found = forecast(walk(seed), goal=9.0, periods=7, paths=300)
    assert {level: path[-1] for level, path in found.fan.items()} == dict(found.quantiles)
    levels = np.array([found.fan[level] for level in sorted(found.fan)])
    assert levels.shape == (5, 7)
    assert (np.diff(levels, axis=0) >= 0).all()
    with pytest.raises(TypeError):
        found.fan[0.5] = ()  # type: ignore[index]


def test_a_goal_at_a_limit_lies_on_the_limits_side() -> None:
    """S10.1: 100 % of 100 % is to be kept, 0 incidents are not to be passed."""
    full, none = np.r_[walk(1)[:30] * 0 + 99, 100.0], np.r_[np.ones(30), 0.0]
    assert forecast(full, goal=100, periods=2, high=100) == forecast(
        full, goal=100, periods=2, high=100, direction="at_least"
    )
    assert forecast(none, goal=0, periods=2, low=0) == forecast(
        none, goal=0, periods=2, low=0, direction="at_most"
    )
