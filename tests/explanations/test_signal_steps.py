"""An explanation of a KPI says whether it moved beyond chance, and when it last dipped."""

from __future__ import annotations

import datetime as dt

import okrcore as okr

NOISE = [98.2, 97.9, 98.1, 98.0, 98.2, 97.8, 98.1, 98.0, 97.9, 98.2, 98.0, 98.1, 97.9]


def text(*last: float) -> str:
    uptime = okr.Kpi(id="uptime", title="Uptime", better="higher", cadence="weekly")
    values = [*NOISE, *last]
    days = [dt.date(2026, 1, 4) + dt.timedelta(weeks=week) for week in range(len(values))]
    history = okr.History.of_columns(["uptime"] * len(days), days, values)
    found = okr.explain(okr.evaluate(okr.Portfolio.of(uptime), history, as_of=days[-1]), "uptime")
    return " ".join(str(found).split())


def test_chance_alone_is_said() -> None:
    told = text(98.0)
    assert "lies within its limits" in told
    assert "dipped" not in told


def test_what_moved_is_said_with_its_limits_and_its_dip() -> None:
    told = text(92.0)
    assert "lies outside its limits" in told
    assert "a concern" in told
    assert "It last dipped in the period to 2026-04-05, shown on 2026-04-05" in told


def test_of_few_points_nothing_is_said() -> None:
    uptime = okr.Kpi(id="uptime", title="Uptime", better="higher", cadence="weekly")
    history = okr.History.of_columns(["uptime"] * 2, ["2026-01-04", "2026-01-11"], [98.0, 20.0])
    told = str(okr.explain(okr.evaluate(okr.Portfolio.of(uptime), history, as_of="2026-01-11"), "uptime"))
    assert "limits" not in told


def test_a_period_that_is_not_whole_is_told_apart_from_the_newest_that_is() -> None:
    """12 days of a daily feed were lost: what is said of chance is not said of what is left."""
    sales = okr.Kpi(id="sales", title="Sales", cadence="monthly", aggregate="sum", target=okr.Band(low=90))
    lost = range(dt.date(2026, 9, 8).toordinal(), dt.date(2026, 9, 20).toordinal())
    every = range(dt.date(2026, 1, 1).toordinal(), dt.date(2026, 10, 1).toordinal())
    days = [dt.date.fromordinal(day) for day in every if day not in lost]
    history = okr.History.of_columns(["sales"] * len(days), days, [3.0 + day.day % 2 for day in days])
    found = okr.evaluate(okr.Portfolio.of(sales), history, as_of="2026-09-30")
    told = " ".join(str(okr.explain(found, "sales")).split())
    assert found.kpi("sales").value == sum(3.0 + day.day % 2 for day in days if day.month == 9)
    assert "The newest period that is whole, to 2026-08-31, has 109, which lies within its limits" in told
    assert "Its newest value" not in told
    (doubt,) = okr.check(okr.Portfolio.of(sales), history, as_of="2026-09-30", select=["OKR235"])
    assert "holds 18 observations where 31 are usual" in doubt.message
