"""Formula KPIs over dataframes have the values that they have over columns, as known at any time (S22.3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import pytest

import okrcore as okr
from okrcore import Cycle, Formula, History, KeyResult, Kpi, Objective, Portfolio, Target

pd, polars, duckdb = (pytest.importorskip(name) for name in ("pandas", "polars", "duckdb"))

YEAR = Cycle.year(2026)
PORTFOLIO = Portfolio.of(
    YEAR,
    Kpi(id="sales", title="Sales", unit="EUR", cadence="weekly", aggregate="sum"),
    Kpi(id="cost", title="Cost", unit="EUR", cadence="weekly", aggregate="sum"),
    Kpi(id="back", title="Sent back", unit="EUR", cadence="weekly", aggregate="sum", zero_when_silent=True),
    Kpi(id="heads", title="Heads", unit="employee", cadence="monthly"),
    Kpi(id="margin", title="Margin", unit="%", formula=Formula(
        "(s - c) / s", {"s": "sales", "c": "cost"}), cadence="weekly"),
    Kpi(id="each", title="A head", cadence="weekly", formula=Formula(
        "prev(s) / h", {"s": "sales", "h": "heads"})),
    Kpi(id="kept", title="Kept", unit="%", formula=Formula(
        "(s - b) / s", {"s": "sales", "b": "back"}), cadence="weekly"),
    Kpi(id="deep", title="Deep", formula=Formula("2 * m", {"m": "margin"})),
    Objective(id="o", title="O", cycle=YEAR.id),
    KeyResult(id="k", objective="o", title="K", measure=Target(0, 9), measured_by="margin", aggregate="mean"),
)  # fmt: skip


def rows() -> Any:
    random = np.random.default_rng(4)
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=int(day)) for day in random.integers(0, 90, 120)]
    frame = pd.DataFrame({"measure": random.choice(["sales", "cost"], 120), "at": days})
    frame = frame.drop_duplicates(["measure", "at"])
    heads = pd.DataFrame({"measure": "heads", "at": [dt.date(2026, month, 1) for month in (1, 2, 3)]})
    back = pd.DataFrame({"measure": "back", "at": days[:120:12]}).drop_duplicates()
    frame = pd.concat([frame, heads, back], ignore_index=True)
    frame["value"] = random.integers(1, 20, len(frame)).astype(float)
    frame["recorded_at"] = [
        dt.datetime.combine(day, dt.time(12), dt.UTC) + dt.timedelta(days=int(late))
        for day, late in zip(frame["at"], random.choice([1, 1, 1, 20], len(frame)), strict=True)
    ]
    return frame


def on_engine(engine: str, frame: Any) -> History:
    made = {
        "pandas": lambda: frame.assign(at=pd.to_datetime(frame["at"])),
        "polars": lambda: polars.from_pandas(frame),
        "duckdb": lambda: duckdb.from_df(frame),
    }
    native = made[engine]()
    if engine == "polars":
        native = native.with_columns(polars.col("at").cast(polars.Date))
    return History.of_frame(native, days=True)


@pytest.mark.parametrize("aggregate", ["sum", "mean", "latest"])
@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_money_is_exchanged_at_the_rate_of_each_day(engine: str, aggregate: str) -> None:
    """S22.2: also where the engine adds it up, as it does over columns."""
    frame = rows()
    frame["unit"] = np.where(
        frame["measure"] == "heads", "", np.random.default_rng(2).choice(["EUR", "USD"], len(frame))
    )
    rates = okr.Rates.of(
        (day, "USD", "EUR", rate)
        for day, rate in (("2025-12-01", 0.9), ("2026-01-15", 0.8), ("2026-02-04", 0.5), ("2026-03-11", 0.7))
    )
    kpis = [attrs.evolve(PORTFOLIO.kpi(name), aggregate=aggregate) for name in ("sales", "cost")]
    portfolio = PORTFOLIO.with_(*kpis)
    columns = History.of_columns(
        frame["measure"], frame["at"], frame["value"], recorded_at=frame["recorded_at"], unit=frame["unit"]
    )
    history = on_engine(engine, frame)
    for as_of in ("2026-02-20", "2026-04-02"):
        one, other = (okr.evaluate(portfolio, some, as_of=as_of, rates=rates) for some in (columns, history))
        assert one["margin"].value is not None
        for name in ("margin", "each", "kept", "deep"):
            assert other[name].value == pytest.approx(one[name].value), (name, as_of)


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_formulas_on_engines_equal_those_over_columns(engine: str) -> None:
    frame = rows()
    columns = History.of_columns(
        frame["measure"], frame["at"], frame["value"], recorded_at=frame["recorded_at"]
    )
    history = on_engine(engine, frame)
    moments = [("2026-02-20", None), ("2026-03-15", "2026-03-10"), ("2026-04-02", "2026-02-01")]
    moments += [(f"2026-{day:%m-%d}", None) for day in pd.date_range("2026-01-12", "2026-03-30", freq="W")]
    for as_of, known in moments:
        one, other = (
            okr.evaluate(PORTFOLIO, some, as_of=as_of, known_at=known) for some in (columns, history)
        )
        for name in ("margin", "each", "kept", "deep", "k"):
            assert other[name].value == pytest.approx(one[name].value, nan_ok=True), (name, as_of, known)
    assert one["margin"].value is not None
