"""Laws and cases of seasons: found from two full cycles on, used ahead, and said (S10.2)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import okrcore as okr
from okrcore.leading.outlooks import outlook
from okrcore.leading.target_probability import forecast, forecast_many
from tests.support.paths import SHARED

Floats = NDArray[np.float64]
VIEWS = SHARED / "data" / "series" / "otexts_pageviews_daily.csv"
few = settings(max_examples=20, deadline=None)
seeds = st.integers(0, 10_000)
MONTHS = np.arange(120) % 12
SHAPES = {
    "sine": 100 * (1 + 0.2 * np.sin(2 * np.pi * MONTHS / 12)),
    "december": np.where(MONTHS == 11, 250.0, 68.0),
    "two peaks": np.where((MONTHS == 5) | (MONTHS == 10), 130.0, 100.0),
}


@few
@given(seeds, st.sampled_from(sorted(SHAPES)), st.integers(24, 100), st.booleans())
def test_a_season_of_two_full_cycles_is_seen_and_used(seed: int, shape: str, n: int, declared: bool) -> None:
    """S10.2: with noise of 2 % the median six months ahead is near the season's value, not near the last."""
    noise = np.random.default_rng(seed).normal(1, 0.02, 120)
    series = SHAPES[shape] * noise
    found = forecast(series[:n], goal=500, periods=6, paths=400, season=12 if declared else None)
    assert "a season of 12 periods was used" in found.note
    for place, middle in enumerate(found.fan[0.5]):
        assert middle == pytest.approx(SHAPES[shape][n + place], rel=0.09)


def test_the_interval_of_a_seasonal_series_covers() -> None:
    """S10.5: the 80 % interval of December covers in about 80 of 100 years, not in none."""
    rng = np.random.default_rng(1)
    years = SHAPES["december"][:63] * rng.normal(1, 0.02, (80, 63))
    found = forecast_many(list(years[:, :59]), goals=[500.0] * 80, periods=1, paths=400)
    covers = [
        one.quantiles[0.1] <= value <= one.quantiles[0.9]
        for one, value in zip(found, years[:, 59], strict=True)
    ]
    assert 0.68 <= np.mean(covers) <= 0.95


@few
@given(seeds, st.sampled_from(["white", "walk", "trend"]), st.sampled_from([30, 60, 110]))
def test_what_has_no_season_is_rarely_given_one(seed: int, kind: str, n: int) -> None:
    """S10.2: of a series without a season the forecast stays near the one without looking for one."""
    noise = np.random.default_rng(seed).standard_normal(n)
    series = {"white": noise, "walk": noise.cumsum(), "trend": noise + 0.2 * np.arange(n)}[kind]
    sought, without = (forecast(series, goal=99, periods=4, paths=400, season=s) for s in (None, 1))
    if sought.note == without.note:
        assert sought.fan == without.fan
    spread = without.quantiles[0.9] - without.quantiles[0.1]
    assert abs(sought.quantiles[0.5] - without.quantiles[0.5]) < 2 * spread


def test_few_series_without_a_season_are_given_one() -> None:
    """S10.2: at most 3 in 100 of white ones, whatever is looked for."""
    rng = np.random.default_rng(2)
    for n in (26, 60, 104):
        found = forecast_many(list(rng.standard_normal((200, n))), goals=[9.0] * 200, periods=1, paths=40)
        assert np.mean(["was used" in one.note for one in found]) <= 0.03


@few
@given(seeds, st.floats(0.5, 2000))
def test_the_unit_does_not_matter_to_a_season(seed: int, factor: float) -> None:
    series = SHAPES["sine"][:48] * np.random.default_rng(seed).normal(1, 0.03, 48)
    plain, scaled = (
        forecast(one, goal=one.mean(), periods=5, paths=300) for one in (series, factor * series)
    )
    assert scaled.p_final == pytest.approx(plain.p_final, abs=2 / 301)
    for level, value in plain.quantiles.items():
        assert scaled.quantiles[level] == pytest.approx(factor * value, rel=1e-6)


@pytest.mark.parametrize("gaps", [(), (11,), (20, 21, 22), (11, 23, 35)])
def test_gaps_take_no_season_away(gaps: tuple[int, ...]) -> None:
    """S0.2: months that nobody reported are no zeros, not even a December."""
    series = SHAPES["december"][:59] * np.random.default_rng(3).normal(1, 0.02, 59)
    series[list(gaps)] = np.nan
    found = forecast(series, goal=500, periods=1)
    assert found.quantiles[0.5] == pytest.approx(250, rel=0.08)


@pytest.mark.parametrize(
    ("n", "season", "says"),
    [
        (40, 1, ""),
        (40, 52, "shorter than two seasons of 52 periods: no season is taken into account"),
        (60, 12, "no season of 12 periods shows"),
    ],
)
def test_the_note_says_why_a_season_is_not_used(n: int, season: float, says: str) -> None:
    series = np.random.default_rng(4).standard_normal(n)
    assert forecast(series, goal=9, periods=2, season=season).note == says


def test_a_season_shorter_than_a_period_is_refused() -> None:
    with pytest.raises(okr.DefinitionError, match=r"season 0\.5 must be at least 1 period long"):
        forecast(np.arange(20.0), goal=99, periods=2, season=0.5)


def retail(year: int, goal: float, until: str, *, years: int = 5, aggregate: Any = "sum") -> Any:
    days = [
        dt.date(y + (m == 12), m % 12 + 1, 1) - dt.timedelta(days=1)
        for y in range(year - years, year + 1)
        for m in range(1, 13)
    ]
    noise = np.random.default_rng(5).normal(1, 0.02, len(days))
    sales = np.where([day.month == 12 for day in days], 250.0, 68.0) * noise
    portfolio = okr.Portfolio.of(
        okr.Cycle.year(year),
        okr.Objective(id="o", title="O", cycle=str(year)),
        okr.Kpi(id="sales", title="Sales", cadence="monthly"),
        okr.KeyResult(
            id="kr", objective="o", title="KR", measured_by="sales", aggregate=aggregate,
            measure=okr.Target(0, goal * sales[-12:].sum()),
        ),
    )  # fmt: skip
    history = okr.History.of_columns(["sales"] * len(days), days, sales)
    found = outlook(okr.evaluate(portfolio, history, as_of=until), paths=800)["kr"].forecast
    assert found is not None
    return found, float(sales[-12:].sum())


@pytest.mark.parametrize("month", [3, 6, 9, 11])
def test_the_year_of_a_december_business_holds_its_december(month: int) -> None:
    """S10.2: the goal that will be beaten by 3 % is likely in each month, and the actual is covered."""
    last = (dt.date(2025, month + 1, 1) - dt.timedelta(days=1)).isoformat()
    found, actual = retail(2025, 0.97, last)
    assert found.p_final > 0.8
    assert found.quantiles[0.1] * 0.98 <= actual <= found.quantiles[0.9] * 1.02
    assert "a season of 12 periods was used" in found.note
    missed, _ = retail(2025, 1.05, last)
    assert missed.p_final < 0.2


def test_too_few_years_for_a_season_are_said() -> None:
    found, _ = retail(2025, 0.97, "2025-11-30", years=0)
    assert "shorter than two seasons of 12 periods" in found.note


@pytest.mark.skipif(not VIEWS.exists(), reason="the shared daily series are not beside the repo")
def test_every_day_of_the_week_is_covered() -> None:
    """S10.5: three days ahead of real page views the interval covers Sundays as well as Wednesdays."""
    lines = VIEWS.read_text(encoding="utf-8").splitlines()[1:]
    views = np.array([float(line.rsplit(",", 1)[1]) for line in lines])
    starts = np.arange(0, len(views) - 94, 22)
    found = forecast_many(
        [views[a : a + 91] for a in starts], goals=[0.0] * len(starts), periods=3, paths=400
    )
    came = views[starts + 93]
    covers = np.array(
        [one.quantiles[0.1] <= v <= one.quantiles[0.9] for one, v in zip(found, came, strict=True)]
    )
    error = np.abs([one.quantiles[0.5] for one in found] - came).mean()
    assert 0.68 <= covers.mean() <= 0.92
    for day in range(7):
        assert covers[starts % 7 == day].mean() >= 0.4
    naive = np.abs(views[starts + 86] - came).mean()
    assert error <= 1.05 * naive


def test_a_declared_season_is_taken_at_its_word() -> None:
    """S10.2: `Kpi.season` asks less of the data than what is only looked for, and the note says the rest."""
    days = [dt.date(2025, 1, 6) + dt.timedelta(days=k) for k in range(400)]
    flat = np.random.default_rng(6).standard_normal(400)
    for season, says in (
        (None, ""),
        ("week", "no season of 7 periods shows"),
        ("year", "shorter than two seasons"),
    ):
        portfolio = okr.Portfolio.of(
            okr.Cycle.year(2026),
            okr.Objective(id="o", title="O", cycle="2026"),
            okr.Kpi(id="k", title="K", cadence="daily", season=season),
            okr.KeyResult(id="kr", objective="o", title="KR", measured_by="k", measure=okr.Target(-9, 9)),
        )
        history = okr.History.of_columns(["k"] * 400, days, flat)
        found = outlook(okr.evaluate(portfolio, history, as_of=days[-1]), paths=200)["kr"].forecast
        assert found is not None
        assert says in found.note
        assert bool(says) == bool(found.note)
