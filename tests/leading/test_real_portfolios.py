"""Portfolios of real KPIs: shared calendars, months of unequal length, numbers that are one (S9.1, S9.8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import okrcore as okr
from okrcore.definitions.calendar import Calendar
from okrcore.leading.calendar_effects import calendar_columns
from okrcore.leading.calendar_grid import PeriodGrid
from okrcore.leading.identities import identities
from okrcore.leading.measured_series import read_signals
from okrcore.leading.paired_series import pair_on
from okrcore.leading.same_number import is_held, unit_break

Floats = NDArray[np.float64]
YEAR = okr.Cycle.year(2025)
GOAL = okr.Objective(id="o", title="Grow", cycle="2025")
EPOCH = dt.date(1970, 1, 1)
AS_OF = "2025-12-31"
MONTHS = [dt.date(2018 + k // 12, k % 12 + 1, 15) for k in range(96)]
WEEKS = list(okr.weekly("2024-01-07", "2025-12-28"))


def observed(series: dict[str, Floats], days: list[dt.date]) -> okr.History:
    names = [name for name, values in series.items() for _ in values]
    return okr.History.of_columns(names, days * len(series), np.concatenate(list(series.values())))


def kpis(names: Iterable[str], **more: Any) -> list[okr.Kpi]:
    return [
        okr.Kpi(id=name, title=name, **{"cadence": "weekly", "better": "higher", **more}) for name in names
    ]


# ------------------------------------------------------------------ the calendar


@settings(max_examples=30)
@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 40))
def test_what_a_period_holds_is_counted_day_by_day(first: dt.date, length: int) -> None:
    calendar = Calendar(working_days="sun-thu", holidays=[first + dt.timedelta(days=2)])
    start = (first - EPOCH).days
    (row,) = calendar_columns(np.array([start, start + length]), calendar).tolist()
    days = [first + dt.timedelta(days=k) for k in range(length)]
    assert row[0] == length
    assert row[1] == sum(calendar.is_working(day) for day in days)
    december = [day.day for day in days if day.month == 12]
    assert row[4:] == [sum(day < 16 for day in december), sum(day >= 16 for day in december)]


@pytest.mark.parametrize(
    ("easter", "thanksgiving"),
    [
        (dt.date(2024, 3, 31), dt.date(2024, 11, 28)),
        (dt.date(2025, 4, 20), dt.date(2025, 11, 27)),
        (dt.date(2038, 4, 25), dt.date(2038, 11, 25)),
        (dt.date(2008, 3, 23), dt.date(2008, 11, 27)),
    ],
)
def test_moving_feasts_are_where_they_are(easter: dt.date, thanksgiving: dt.date) -> None:
    for feast, column, days in ((easter, 2, range(-6, 2)), (thanksgiving, 3, range(5))):
        edges = np.arange((feast - EPOCH).days - 20, (feast - EPOCH).days + 20)
        felt = np.flatnonzero(calendar_columns(edges)[:, column]) - 20
        assert felt.tolist() == list(days)


def test_peaks_that_only_the_calendar_shares_are_no_link_and_no_conflict() -> None:
    """Advertising peaks each November, sales each December, and nothing else joins them."""
    month = np.arange(96) % 12
    supported = conflicts = 0
    for seed in range(100, 120):
        rng = np.random.default_rng(seed)
        ads = 10 + 6 * (month == 10) + rng.standard_normal(96)
        sales = 100 + 40 * (month == 11) + 5 * rng.standard_normal(96)
        portfolio = okr.Portfolio.of(
            YEAR, GOAL,
            *kpis(["ads"], cadence="monthly", better="lower"), *kpis(["sales"], cadence="monthly"),
            okr.KeyResult(
                id="kr", objective="o", title="Sales", measured_by="sales", aggregate="sum",
                measure=okr.Target(0, 1300),
            ),
            okr.Link(source="ads", target="kr", sign=1, lag="1m..3m"),
        )  # fmt: skip
        history = observed({"ads": ads, "sales": sales}, MONTHS)
        supported += okr.assess_links(portfolio, history, as_of=AS_OF)[0].verdict == "supported"
        found = okr.find_conflicts(portfolio, history, as_of=AS_OF)
        conflicts += any(one.kind == "measured" for one in found)
    assert supported <= 3
    assert conflicts == 0


def test_sums_of_months_are_compared_per_day() -> None:
    """February is no bad month: 100 a day is 100 a day."""
    days = np.diff([(day.replace(day=1) - EPOCH).days for day in (*MONTHS, dt.date(2026, 1, 1))])
    portfolio = okr.Portfolio.of(*kpis(["visits"], cadence="monthly", aggregate="sum"), *kpis(["mean"]))
    history = observed({"visits": 100.0 * days, "mean": 100.0 * days}, MONTHS)
    signals = read_signals(portfolio, history, ["visits", "mean"], as_of=AS_OF)
    pair = pair_on(signals["visits"], signals["visits"])
    assert pair.x == pytest.approx(100 * days.mean())
    assert signals["mean"].evened(pair.edges).tolist() == signals["mean"].on(pair.edges).tolist()
    rng = np.random.default_rng(1)
    noisy = {name: days * (100 + rng.standard_normal(96)) for name in ("a", "b")}
    portfolio = okr.Portfolio.of(
        *kpis("ab", cadence="monthly", aggregate="sum"), okr.Link(source="a", target="b", sign=1)
    )
    (found,) = okr.assess_links(portfolio, observed(noisy, MONTHS), as_of=AS_OF)
    assert found.verdict not in {"supported", "opposed"}


def test_the_season_is_the_kpis_own() -> None:
    """`Kpi.season` decides, for a key result that of the KPI it reads; else the grid does."""
    portfolio = okr.Portfolio.of(
        YEAR, GOAL, *kpis(["a"], cadence="daily"), *kpis(["b"], cadence="daily", season="year"),
        *kpis(["c"], cadence="weekly", season="week"),
        okr.KeyResult(id="kr", objective="o", title="B", measured_by="b", measure=okr.Target(0, 1)),
    )  # fmt: skip
    history = observed({name: np.arange(30.0) for name in "abc"}, WEEKS[:30])
    signals = read_signals(portfolio, history, ["a", "b", "c", "kr"], as_of=AS_OF)
    assert {name: one.season for name, one in signals.items()} == {
        "a": None, "b": "year", "c": "week", "kr": "year",
    }  # fmt: skip
    seasons = [pair_on(signals[one], signals[other]).season for one, other in ("aa", "ab", "ba", "cc")]
    assert seasons == [7.0, 365.25, 365.25, None]
    assert PeriodGrid.of(okr.Cadence.parse("monthly")).season() == pytest.approx(12)
    with pytest.raises(okr.DefinitionError, match="season"):
        okr.Kpi(id="a", title="A", season="month")  # type: ignore[arg-type]


# ------------------------------------------------------------------ one number


def one_number(seed: int = 0) -> tuple[okr.Portfolio, okr.History]:
    """A total of two parts, a copy, the share of one part, and an unrelated series."""
    rng = np.random.default_rng(seed)
    a, b = 100 + np.cumsum(rng.standard_normal(104)), 50 + np.cumsum(3 * rng.standard_normal(104))
    series = {
        "a": a, "b": b, "total": a + b, "copy": 1000 * (a + b), "share": 100 * a / (a + b),
        "other": rng.standard_normal(104),
    }  # fmt: skip
    result = okr.KeyResult(
        id="kr", objective="o", title="T", measured_by="total", measure=okr.Target(150, 180)
    )
    links = [okr.Link(source=name, target="kr", sign=1, lag="0w..4w") for name in ("total", "copy", "share")]
    return okr.Portfolio.of(YEAR, GOAL, *kpis(series), result, *links), observed(series, WEEKS)


def test_a_link_between_one_number_and_itself_is_none() -> None:
    portfolio, history = one_number()
    found = {one.link: one for one in okr.assess_links(portfolio, history, as_of="2025-12-28")}
    for one in found.values():
        assert one.verdict == "undecided"
        assert one.e_value <= 1
    assert found["total->kr"].note == "both ends are one number: total"
    assert "same number" in found["copy->kr"].note
    assert found["share->kr"].note == "they are one number: the values make a product"


def test_discovery_says_what_numbers_are() -> None:
    portfolio, history = one_number()
    rows = okr.discover_links(portfolio, history, as_of="2025-12-28", lags=range(5)).to_dicts()
    kinds = {frozenset((row["source"], row["target"])): row["kind"] for row in rows}
    assert len(kinds) == len(rows)
    assert not {"lead", "trade-off", "moves with"} & set(kinds.values())
    assert kinds[frozenset(("copy", "kr"))] == "copy"
    assert kinds[frozenset(("b", "kr"))] == "sum"
    assert kinds[frozenset(("share", "kr"))] == "product"
    assert not any("other" in pair for pair in kinds)


def test_two_that_move_together_are_one_row() -> None:
    rng = np.random.default_rng(2)
    x, noise = rng.standard_normal((2, 104))
    portfolio = okr.Portfolio.of(*kpis(["x", "y"]))
    history = observed({"x": x, "y": x + 0.8 * noise}, WEEKS)
    (row,) = okr.discover_links(portfolio, history, as_of="2025-12-28", lags=range(3)).to_dicts()
    assert (row["lag"], row["kind"]) == (0, "moves with")


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([0.001, 1.0, 100.0]), st.sampled_from([0.0, 7.0]))
def test_identities_are_found_in_any_unit_and_no_others(seed: int, factor: float, offset: float) -> None:
    rng = np.random.default_rng(seed)
    a, b, c = 10 + rng.uniform(0, 9, (3, 40))
    found = identities(np.array([a, b, c, factor * (a + b) if factor == 1.0 else a + b + offset]))
    assert [(one.kind, one.result, one.parts) for one in found] == [("sum", 3, (0, 1))]
    found = identities(np.array([a, b, factor * a + offset]))
    assert [(one.kind, one.result, one.parts) for one in found] == [("copy", 0, (2,))]
    found = identities(np.array([a, b, c, factor * a / b]))
    assert [(one.kind, one.result, one.parts) for one in found] == [("product", 0, (1, 3))]
    gaps = np.array([a, b, c, a + b])
    gaps[:, 5:9] = np.nan
    assert [one.kind for one in identities(gaps)] == ["sum"]
    assert identities(np.array([a, b, c, np.full(40, 3.0), np.full(40, np.nan)])) == ()


def test_many_unrelated_series_make_no_identity() -> None:
    rng = np.random.default_rng(1)
    assert identities(100 + np.cumsum(rng.standard_normal((150, 104)), axis=1)) == ()


@pytest.mark.parametrize("factor", [1000.0, 1 / 100])
def test_a_change_of_unit_is_found_where_it_is(factor: float) -> None:
    rng = np.random.default_rng(3)
    series = rng.normal(100, 10, 60)
    assert unit_break(series) == 0
    series[25:] *= factor
    assert unit_break(series) == 25
    assert unit_break(np.r_[series[:25], [np.nan], series[25:]]) == 25
    assert unit_break(np.exp(np.linspace(0, 6, 60))) == 0
    assert unit_break(series - 200) == 0


def test_a_held_series_is_one_in_regular_runs() -> None:
    rng = np.random.default_rng(4)
    assert is_held(np.repeat(rng.standard_normal(15), [4, 5, 4, 4, 5, 4, 4, 4, 5, 4, 4, 5, 4, 4, 4]))
    assert not is_held(rng.standard_normal(60))
    assert not is_held(rng.poisson(0.3, 104).astype(float))
    assert not is_held(np.cumsum(rng.poisson(0.3, 104)).astype(float))
