"""Where silence means 0, links and forecasts read 0 as far as the feed is known to live (A9)."""

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from okrcore import (
    Band,
    Calendar,
    Cycle,
    Entry,
    History,
    Journal,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    evaluate,
    outlook,
)
from okrcore.definitions import Cadence, Source
from okrcore.definitions.days import day_number, to_date
from okrcore.leading.measured_series import read_signals

YEAR = Cycle.year(2026)
GOAL = Objective(id="safe", title="Safe", cycle=YEAR.id)
SCADA = Source("scada")
PARCELS = Kpi(id="parcels", title="Parcels", source=SCADA)
DAYS = st.integers(0, 300).map(lambda n: YEAR.start + dt.timedelta(n))
ROWS = st.dictionaries(DAYS, st.integers(0, 5), min_size=1, max_size=8)
NOW = dt.date(2026, 10, 31)


def falls(**fields: Any) -> Kpi:
    given = {"cadence": "monthly", "aggregate": "sum", "source": SCADA, "zero_when_silent": True} | fields
    return Kpi(id="falls", title="Falls", **given)


def history(rows: dict[dt.date, int], others: dict[dt.date, int]) -> History:
    found = [Observation("falls", day, value) for day, value in rows.items()]
    return History.of(found + [Observation("parcels", day, value) for day, value in others.items()])


@given(ROWS, ROWS, st.lists(DAYS, max_size=2), st.sampled_from(["weekly", "monthly"]))
def test_a_series_is_0_where_nothing_came_as_far_as_its_feed_lived(
    rows: dict[dt.date, int], others: dict[dt.date, int], checks: list[dt.date], cadence: str
) -> None:
    journal = Journal.of([Entry("check-in", "falls", "ana", day) for day in checks])
    portfolio = Portfolio.of(falls(cadence=cadence), PARCELS)
    signal = read_signals(portfolio, history(rows, others), ["falls"], as_of=NOW, journal=journal)["falls"]
    lived = max(*rows, *others, *checks)
    edges = Calendar().edges(Cadence(cadence), day_number(min(rows)), day_number(NOW))
    edges = edges[edges[1:].searchsorted(day_number(min(rows)), side="right") :]
    found = signal.on(edges)
    for value, first, stop in zip(found.tolist(), edges[:-1], edges[1:], strict=True):
        inside = [one for day, one in rows.items() if to_date(first) <= day < to_date(stop)]
        if to_date(stop - 1) <= lived:
            assert value == sum(inside)
        elif not inside:
            assert np.isnan(value)


def chance(flag: bool, rows: dict[dt.date, int], others: dict[dt.date, int]) -> float | None:
    few = KeyResult(
        id="few", objective="safe", title="Few", measure=Band(high=6, over="cycle"), measured_by="falls",
        aggregate="sum",
    )  # fmt: skip
    portfolio = Portfolio.of(YEAR, GOAL, falls(zero_when_silent=flag), PARCELS, few)
    forecast = outlook(evaluate(portfolio, history(rows, others), as_of=NOW))["few"].forecast
    return None if forecast is None else forecast.p_final


def test_a_forecast_knows_the_zeros_of_its_feed() -> None:
    """Three falls in 22 months, all else silent: as if every silent month had been reported as 0."""
    ends = Calendar().edges(Cadence("monthly"), day_number(dt.date(2025, 1, 1)), day_number(NOW))[1:] - 1
    rows = {dt.date(2025, 1, 9): 1, dt.date(2025, 9, 2): 1, dt.date(2026, 3, 10): 1}
    months = {(day.year, day.month) for day in rows}
    last = [to_date(end) for end in ends]
    zeros = {day: 0 for day in last if day <= NOW and (day.year, day.month) not in months}
    told = chance(True, rows, {NOW: 1})
    assert told is not None
    assert told == chance(False, rows | zeros, {NOW: 1})
    assert told > 0.9
    assert chance(False, rows, {NOW: 1}) is None  # three months are known then, which is no series
