"""OKR226: sums to date are told where they are summed again, or are left from the year before."""

import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Cycle, History, KeyResult, Kpi, Objective, Portfolio, Target
from okrcore.definitions.days import add_months

YEAR = Cycle.year(2026)
GOAL = Objective(id="sell", title="Sell", cycle=YEAR.id)
AMOUNTS = st.lists(st.integers(70, 140), min_size=22, max_size=22)  # a month brings at most twice another


def ends(months: int, first: dt.date = dt.date(2025, 1, 1)) -> list[dt.date]:
    return [add_months(first, place + 1) - dt.timedelta(1) for place in range(months)]


def total(aggregate: str) -> KeyResult:
    return KeyResult(
        id="sales",
        objective="sell",
        title="Sales",
        measure=Target(0, 1200),
        aggregate=aggregate,
        cadence="monthly",
    )


def found(portfolio: Portfolio, values: list[float], as_of: str) -> list[okr.Finding]:
    history = History.of_columns(["sales"] * len(values), ends(len(values)), values)
    return list(okr.check(portfolio, history, as_of=as_of, select=["OKR226"]))


def to_date(amounts: list[int]) -> list[float]:
    """Return what each calendar year has brought so far, from January 2025 on."""
    return [float(sum(amounts[12 * (place // 12) : place + 1])) for place in range(len(amounts))]


@given(AMOUNTS, st.integers(6, 22))
def test_sums_to_date_are_told_where_they_are_summed_and_amounts_are_not(amounts, months):
    portfolio = Portfolio.of(YEAR, GOAL, total("sum"))
    as_of = str(ends(months)[-1] + dt.timedelta(3))
    assert len(found(portfolio, to_date(amounts[:months]), as_of)) == 1
    assert found(portfolio, [float(one) for one in amounts[:months]], as_of) == []


@given(AMOUNTS)
def test_a_kpi_and_who_reads_it_are_one_finding(amounts):
    kpi = Kpi(id="sales", title="Sales", aggregate="sum", cadence="monthly")
    reader = KeyResult(
        id="more",
        objective="sell",
        title="More",
        measure=Target(0, 1200),
        measured_by="sales",
        aggregate="sum",
    )
    told = found(Portfolio.of(YEAR, GOAL, kpi, reader), to_date(amounts), "2026-11-03")
    assert [one.subject for one in told] == ["sales"]


def test_the_latest_value_of_a_year_is_told_until_the_new_one_begins():
    """analysis: on 20 January last December's 1,200 is the value of a target that it achieves."""
    portfolio, amounts = Portfolio.of(YEAR, GOAL, total("latest")), [100] * 13
    (left,) = found(portfolio, to_date(amounts[:12]), "2026-01-20")
    assert "stands at 1200 of 2025-12-31, before its cycle began" in left.message
    assert found(portfolio, to_date(amounts), "2026-02-03") == []


def test_growth_level_and_noise_are_no_sums_to_date():
    rng = np.random.default_rng(5)
    portfolio = Portfolio.of(YEAR, GOAL, total("sum"))
    level = 100 * 1.03 ** np.arange(14)
    for values in (
        level,
        100 + rng.standard_normal(14),
        np.full(14, 100.0),
        np.cumsum(rng.standard_normal(14)),
    ):
        assert found(portfolio, values.tolist(), "2026-03-03") == []
    told = sum(
        bool(found(portfolio, rng.poisson(3, 14).astype(float).tolist(), "2026-03-03")) for _ in range(100)
    )
    assert told == 0
