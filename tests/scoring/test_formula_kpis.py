"""KPIs by formula in evaluation: the gross-margin story, each number by hand (S22)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import okrcore as okr
from okrcore import Formula, History, Observation
from okrcore.errors import HistoryError

STORY = """
okrcore: 1
rates: [[2026-01-01, EUR, USD, 1.25], [2026-05-01, EUR, USD, 1.6]]
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - id: earn
    title: Earn more on what is sold
    cycle: "2026"
    key_results:
      - id: margin-q
        title: Margin of the year
        measure: {target: {start: 20, goal: 40}}
        measured_by: margin
        aggregate: mean
        cadence: monthly
      - {id: margin-now, title: Margin now, measure: {target: {start: 20, goal: 40}}, measured_by: margin}
kpis:
  - {id: net-sales, title: Net sales, unit: EUR, aggregate: sum, cadence: monthly}
  - {id: cogs, title: Cost of goods, unit: EUR, aggregate: sum, cadence: monthly}
  - id: margin
    title: Gross margin
    unit: "%"
    target: {low: 30}
    limit: {low: 20}
    dated: [{start: 2026-07-01, target: {low: 45}, limit: {low: 40}}]
    formula: {expr: "(revenue - cost) / revenue", inputs: {revenue: net-sales, cost: cogs}}
  - id: double
    title: Twice the margin
    unit: "%"
    formula: {expr: "2 * m", inputs: {m: margin}}
links:
  - {source: net-sales, target: margin, sign: 1, lag: 0}
"""


def seen(measure: str, at: str, value: float, unit: str = "", known: str | None = None) -> Observation:
    return Observation(measure, at, value, unit=unit, recorded_at=known)


RECORDS = [
    *(seen("net-sales", "2026-01-31", 100), seen("net-sales", "2026-02-28", 200)),
    *(seen("net-sales", "2026-03-31", 100), seen("net-sales", "2026-05-31", 100)),
    *(seen("net-sales", "2026-06-15", 60), seen("net-sales", "2026-06-30", 40)),
    *(seen("net-sales", "2026-07-31", 100), seen("cogs", "2026-07-31", 58)),
    *(seen("cogs", "2026-01-31", 80), seen("cogs", "2026-02-28", 150), seen("cogs", "2026-03-31", 75, "USD")),
    *(seen("cogs", "2026-04-30", 50), seen("cogs", "2026-05-31", 96, "USD"), seen("cogs", "2026-06-30", 50)),
    *(seen("cogs", "2026-01-31", 70, known="2026-02-10"), seen("cogs", "2026-01-31", 60, known="2026-03-10")),
]


def margin(as_of: str, **more: Any) -> Any:
    return okr.evaluate(okr.loads(STORY), History.of(RECORDS), as_of=as_of, **more)["margin"]


class TestTheGrossMarginStory:
    def test_each_month_by_hand(self) -> None:
        portfolio = okr.loads(STORY)
        series = okr.derive(portfolio, History.of(RECORDS)).series("margin")
        found = dict(zip(map(str, series.times), series.values.tolist(), strict=True))
        # March: 75 USD at 1.25 are 60 EUR; April has no sales; May: 96 USD at 1.6; June has two records
        assert found == pytest.approx(
            {
                "2026-01-31": 40,
                "2026-02-28": 25,
                "2026-03-31": 40,
                "2026-05-31": 40,
                "2026-06-30": 50,
                "2026-07-31": 42,
            }
        )

    @pytest.mark.parametrize(("known", "value"), [("2026-02-09", 20), ("2026-02-10", 30), ("2026-03-10", 40)])
    def test_a_cost_restated_twice_restates_the_margin(self, known: str, value: float) -> None:
        assert margin("2026-02-05", known_at=known).value == pytest.approx(value)

    def test_the_target_that_moved_in_july_judges_july_alone(self) -> None:
        june, july = margin("2026-07-02"), margin("2026-08-02")
        assert (june.value, june.zone) == (pytest.approx(50), "healthy")
        assert (july.value, july.zone) == (pytest.approx(42), "watch")

    def test_a_month_without_sales_leaves_the_month_before_until_it_is_stale(self) -> None:
        april, may = margin("2026-05-01"), margin("2026-05-20")
        assert (april.value, april.stale) == (pytest.approx(40), False)
        assert (may.value, may.stale, may.zone) == (pytest.approx(40), True, "unknown")

    def test_a_key_result_combines_over_its_own_span(self) -> None:
        snapshot = okr.evaluate(okr.loads(STORY), History.of(RECORDS), as_of="2026-03-31")
        # sales 400, cost 60 + 150 + 60 = 270: 32.5 %, where the mean of the months would say 35 %
        assert snapshot["margin-q"].value == pytest.approx(32.5)
        assert snapshot["margin-now"].value == pytest.approx(40)
        assert snapshot["double"].value == pytest.approx(80)
        assert snapshot["margin-q"].progress == pytest.approx(0.625)

    def test_each_moment_of_many_is_that_of_one(self) -> None:
        portfolio, history = okr.loads(STORY), History.of(RECORDS)
        days = [dt.date(2026, month, 3) for month in range(2, 9)]
        many = okr.evaluate_many(portfolio, history, as_of=days, known_at="then")
        for day, snapshot in zip(days, many.snapshots, strict=True):
            alone = okr.evaluate(portfolio, history, as_of=day, known_at=day)
            assert snapshot["margin"] == alone["margin"]
            assert snapshot["margin-q"] == alone["margin-q"]


def test_what_is_recorded_under_a_formula_is_not_read() -> None:
    portfolio, history = okr.loads(STORY), History.of(RECORDS)
    typed = history.append([seen("margin", "2026-07-31", 99), seen("double", "2026-07-31", 99)])
    state = okr.evaluate(portfolio, typed, as_of="2026-08-02")["margin"]
    assert state == okr.evaluate(portfolio, history, as_of="2026-08-02")["margin"]
    assert any(
        "margin" in str(one) for one in okr.check_observations(portfolio, [seen("margin", "2026-07-31", 99)])
    )


def test_nothing_by_zero_is_undefined_and_no_older_number() -> None:
    portfolio = okr.loads(STORY)
    history = History.of(RECORDS).append([seen("net-sales", "2026-08-31", 0), seen("cogs", "2026-08-31", 1)])
    snapshot = okr.evaluate(portfolio, history, as_of="2026-09-02")
    assert (snapshot["margin"].value, snapshot["margin"].zone) == (None, "unknown")
    assert snapshot.history.latest("margin", "2026-09-02").at == dt.date(2026, 8, 31)  # type: ignore[union-attr]


def test_money_without_a_rate_makes_the_formula_unknown_and_says_so() -> None:
    portfolio = okr.loads(
        STORY.replace("rates: [[2026-01-01, EUR, USD, 1.25], [2026-05-01, EUR, USD, 1.6]]\n", "")
    )
    snapshot = okr.evaluate(portfolio, History.of(RECORDS), as_of="2026-04-02")
    assert snapshot["margin"].value is None
    assert any(one.path == "margin" and "EUR" in one.message for one in snapshot.problems)
    assert okr.evaluate(portfolio, History.of(RECORDS), as_of="2026-03-02")["margin"].value == pytest.approx(
        25
    )


def test_a_ratio_of_sums_is_no_mean_of_shares() -> None:
    sites = [okr.Kpi(id=f"{what}{n}", title=what, unit="parcel", aggregate="sum", cadence="weekly")
             for n in range(3) for what in ("on-time", "all")]  # fmt: skip
    inputs = {f"{what[0]}{n}": f"{what}{n}" for n in range(3) for what in ("on-time", "all")}
    formula = Formula("sum(o0, o1, o2) / sum(a0, a1, a2)", inputs)
    portfolio = okr.Portfolio.of(*sites, okr.Kpi(id="share", title="On time", unit="%", formula=formula))
    counts = {"on-time0": 900, "all0": 1000, "on-time1": 40, "all1": 100, "on-time2": 10, "all2": 50}
    history = History.of(seen(name, "2026-01-11", value) for name, value in counts.items())
    value = okr.evaluate(portfolio, history, as_of="2026-01-12")["share"].value
    assert value == pytest.approx(100 * 950 / 1150)  # 82.6, where the mean of shares says 50


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York"])
def test_an_input_that_is_carried_counts_over_a_span_in_any_zone(zone: str) -> None:
    """The price has no cadence: its newest value counts for the whole year."""
    year = okr.Cycle.year(2026)
    kpis = [
        okr.Kpi(id="price", title="Price"),
        okr.Kpi(id="sold", title="Sold", cadence="daily", aggregate="sum"),
    ]
    formula = Formula("p * s", inputs={"p": "price", "s": "sold"})
    sales = okr.Kpi(id="sales", title="Sales", cadence="daily", formula=formula)
    result = okr.KeyResult(
        id="k", objective="o", title="Sell", measure=okr.Target(0, 100), measured_by="sales", aggregate="sum"
    )
    goal = okr.Objective(id="o", title="Sell", cycle=year.id)
    portfolio = okr.Portfolio.of(okr.Calendar(timezone=zone), year, goal, result, *kpis, sales)
    history = History.of(
        [seen("price", "2026-01-01", 3), seen("sold", "2026-02-01", 4), seen("sold", "2026-03-01", 1)]
    )
    assert okr.evaluate(portfolio, history, as_of="2026-12-11")["k"].value == 15


@pytest.mark.parametrize("measure", ["all", "change"])
def test_an_input_that_was_silent_over_a_span_counts_as_zero(measure: str) -> None:
    """Calls came in March and in August: none came from April to June, which is known by then."""
    quarter = okr.Cycle.quarter(2026, 2)
    calls, mails = (
        okr.Kpi(id=name, title=name, cadence="monthly", aggregate="sum", zero_when_silent=True)
        for name in ("calls", "mails")
    )
    formulas = {
        "all": Formula("c + m", {"c": "calls", "m": "mails"}),
        "change": Formula("prev(c) + m", {"c": "calls", "m": "mails"}),
    }
    kpi = okr.Kpi(id=measure, title="Of both", cadence="monthly", formula=formulas[measure])
    result = okr.KeyResult(
        id="k", objective="o", title="All", measure=okr.Target(0, 40), measured_by=kpi.id, aggregate="sum"
    )
    goal = okr.Objective(id="o", title="Calm", cycle=quarter.id)
    portfolio = okr.Portfolio.of(quarter, goal, result, calls, mails, kpi)
    history = History.of(
        [seen("calls", "2026-01-04", 7), seen("mails", "2026-05-04", 5), seen("mails", "2026-01-20", 1)]
    )
    assert okr.evaluate(portfolio, history, as_of="2026-06-30")["k"].value is None
    history = history.append([seen("calls", "2026-08-01", 2)])
    assert okr.evaluate(portfolio, history, as_of="2026-06-30")["k"].value is None
    assert okr.evaluate(portfolio, history, as_of="2026-08-02")["k"].value == 5
    assert okr.explain(okr.evaluate(portfolio, history, as_of="2026-08-02"), "k")


def test_derived_records_say_where_they_come_from_and_no_ledger_takes_them(tmp_path: Any) -> None:
    derived = okr.derive(okr.loads(STORY), History.of(RECORDS))
    last = derived.latest("margin", "2026-07-31")
    assert last is not None
    assert last.source is not None
    assert (last.source.mode, last.source.system, last.source.query) == (
        "derived",
        "formula",
        "unsourced inputs",
    )
    assert last.definition.startswith("formula:")
    with okr.Ledger.open(tmp_path / "a.ledger") as ledger, pytest.raises(HistoryError, match="derived"):
        ledger.append([last])


def test_an_explanation_goes_down_to_what_was_observed_of_the_inputs() -> None:
    snapshot = okr.evaluate(okr.loads(STORY), History.of(RECORDS), as_of="2026-03-02", known_at="2026-03-02")
    text = " ".join(str(okr.explain(snapshot, "double")).split())
    assert "Computed as 2 * m from 2026-02-01 to 2026-02-28" in text
    assert "cost is 150 EUR, the sum of the period. Last observed 150 EUR on 2026-02-28" in text
    zero = History.of(RECORDS).append([seen("net-sales", "2026-08-31", 0), seen("cogs", "2026-08-31", 1)])
    why = " ".join(
        str(okr.explain(okr.evaluate(okr.loads(STORY), zero, as_of="2026-09-02"), "margin")).split()
    )
    assert "There it is undefined: revenue is 0, and nothing is divided by 0" in why
    assert "Its formula has no value for the period to 2026-08-31, so no-data" in why
