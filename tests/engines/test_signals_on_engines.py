"""Charts and dips of a frame are those of a history in memory, and rows stay on the engine (S11)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import pytest

import okrcore as okr
from okrcore.history.frames import engines, queries
from okrcore.history.requests import Edges
from okrcore.leading.ended_periods import ended_periods
from tests.support.backends import FRAMES, frame, on

SLOW = ("dask", "pyspark")
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group("slow engines")) if name in SLOW else name
    for name in FRAMES
]
FAST = [name for name in FRAMES if name not in SLOW]
pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
FIRST = dt.date(2026, 1, 5)
YEAR = okr.Cycle.year(2026)
ERP, CRM, SHEET = okr.Source("erp"), okr.Source("crm"), okr.Source("sheet", mode="manual")
RATES = okr.Rates.of(
    [("2025-12-01", "USD", "EUR", 0.5), ("2026-02-11", "USD", "EUR", 0.25), ("2026-03-20", "USD", "EUR", 2.0)]
)


def kpi(id: str, **fields: Any) -> okr.Kpi:
    return okr.Kpi(**{"id": id, "title": id, "better": "higher", "cadence": "weekly"} | fields)


PORTFOLIO = okr.Portfolio.of(
    YEAR,
    *(kpi(f"{one}-week", aggregate=one) for one in ("latest", "sum", "mean", "max", "min")),
    kpi("month", aggregate="sum", cadence="monthly"),
    kpi("free"),
    attrs.evolve(kpi("untold", aggregate="sum"), cadence=None),
    kpi("authors", aggregate="sum", same_moment="add"),
    kpi("outages", aggregate="sum", better="lower", source=ERP, zero_when_silent=True),
    kpi("heart", source=ERP, aggregate="sum"),
    kpi("hours", aggregate="sum", unit="hour"),
    kpi("degrees", aggregate="mean", unit="degC"),
    kpi("heat", aggregate="sum", unit="degC"),
    kpi("money", aggregate="sum", unit="EUR"),
    kpi("price", unit="EUR"),
    kpi("unsaid", aggregate="sum"),
    kpi("broken", aggregate="sum", unit="EUR"),
    kpi("rebased", rebased=[{"start": FIRST + dt.timedelta(days=40), "why": "another sorter"}]),
    kpi("ratio", formula=okr.Formula("s / n", {"s": "sum-week", "n": "max-week"})),
    kpi("quiet", formula=okr.Formula("o + h", {"o": "outages", "h": "heart"})),
    okr.Objective(id="o", title="O", cycle=YEAR.id),
    okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 9), measured_by="hours"),
    okr.KeyResult(id="own", objective="o", title="K", measure=okr.Target(0, 9), cadence="weekly"),
)  # fmt: skip
UNITS = {
    "hours": ("minute", "hour", ""), "degrees": ("degF", "degC"), "heat": ("degF", ""),
    "price": ("USD", "EUR"), "money": ("EUR", "USD"), "unsaid": ("minute", "hour"), "broken": ("EUR", "km"),
}  # fmt: skip
DAYS = 120
RULES = ["OKR231", "OKR232", "OKR233", "OKR234", "OKR235"]


def observed(seed: int, instants: bool = False) -> list[okr.Observation]:
    """Records of what is no formula: gaps, corrections, late ones, of several people and systems."""
    random = np.random.default_rng(seed)
    formulas = {"ratio", "quiet", "k"}
    names = [one for one in (*(kpi.id for kpi in PORTFOLIO.kpis), "own") if one not in formulas]
    rows: dict[Any, okr.Observation] = {}
    for name in names:
        chance = 0.08 if name == "outages" else 0.8
        for day in np.flatnonzero(random.random(DAYS) < chance).tolist():
            for _ in range(1 + (random.random() < 0.2)):
                date = FIRST + dt.timedelta(days=day)
                midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
                at: Any = date
                if instants and name not in ("outages", "heart"):
                    at = midnight + dt.timedelta(minutes=int(random.integers(0, 1440)))
                late = dt.timedelta(
                    days=int(random.choice([1, 1, 1, 2, 1 if name == "outages" else 30])),
                    hours=int(random.integers(-72, 24)),
                )
                typed = name not in ("outages", "heart") and random.random() < 0.3
                source = SHEET if typed else ERP if name in ("outages", "heart") else CRM
                one = okr.Observation(
                    name, at, float(random.integers(1, 20)), source=source,
                    by=str(random.choice(["ana", "ben"])), unit=str(random.choice(UNITS.get(name, ("",)))),
                    recorded_at=midnight + late,
                )  # fmt: skip
                rows[one.measure, one.at, one.recorded_at, source.system] = one
    return list(rows.values())


def told(history: Any, portfolio: okr.Portfolio = PORTFOLIO, **asked: Any) -> list[dict[str, Any]]:
    return okr.signals_of(portfolio, history, rates=RATES, **{"as_of": "2026-05-01"} | asked).to_dicts()


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """To the last bit where nothing was converted or divided: an engine adds up in an order of its own."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        for name in ("id", "start", "end", "signal", "meaning"):
            assert one[name] == other[name], (one, other)
        exact = one["id"] not in (*UNITS, "k", "mean-week", "ratio")
        near = other["value"] if exact else pytest.approx(other["value"], rel=1e-12)
        assert one["value"] == near, (one, other)
        for name in ("low", "mean", "high"):
            assert one[name] == (None if other[name] is None else pytest.approx(other[name], rel=1e-9))


ASKED: list[dict[str, Any]] = [
    {},
    {"as_of": "2026-03-18"},
    {"known_at": "2026-03-01"},
    {"as_of": dt.datetime(2026, 3, 18, 15, tzinfo=dt.UTC)},
    {"journal": okr.Journal.of([okr.Entry("check-in", "outages", "ann", "2026-05-01")])},
]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_charts_of_a_frame_are_those_of_a_history_in_memory(engine: str) -> None:
    """S11.1, A7, A9, A12, S22.3: each aggregate, silence, authors, units, money, formulas, what was known."""
    rows = observed(3)
    history = on(engine, rows)
    some = ["sum-week", "latest-week", "outages", "authors", "money"]
    for asked in ASKED if engine in FAST else [{"known_at": "2026-03-01", "only": some}]:
        wanted = told(okr.History.of(rows), **asked)
        expected = {*some, "ratio", "quiet", "untold", "own", "k", "free"} if "only" not in asked else {*some}
        assert {one["id"] for one in wanted} >= expected
        assert "broken" not in {one["id"] for one in wanted}
        same(told(history, **asked), wanted)


@pytest.mark.parametrize("engine", FAST)
def test_the_numbers_looked_at_for_their_quality_are_those_of_a_history_in_memory(engine: str) -> None:
    """S11.6: values and how full each ended period is, and so what the rules say of them."""
    rows = [one for one in observed(4) if one.measure != "outages" or one.at < FIRST + dt.timedelta(days=90)]
    rows = [
        attrs.evolve(one, value=one.value * 1000) if one.at == dt.date(2026, 4, 3) else one for one in rows
    ]
    ids = [one.id for one in PORTFOLIO.kpis]
    histories = okr.History.of(rows), on(engine, rows)
    wanted, found = (
        ended_periods(PORTFOLIO, one, ids, as_of="2026-05-01", rates=RATES, known_at="2026-04-20")
        for one in histories
    )
    assert list(found) == list(wanted)
    for name, one in found.items():
        assert one.grid == wanted[name].grid
        assert one.edges.tolist() == wanted[name].edges.tolist()
        assert one.counts.tolist() == wanted[name].counts.tolist()
        np.testing.assert_allclose(one.values, wanted[name].values, rtol=1e-12)
    asked: dict[str, Any] = {"as_of": "2026-05-01", "rates": RATES, "select": RULES}
    looked = [
        [(one.code, one.subject, one.message) for one in okr.check(PORTFOLIO, h, **asked)] for h in histories
    ]
    assert looked[0] == looked[1] != []


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kathmandu"])
def test_instants_are_in_the_periods_of_the_zone(engine: str, zone: str) -> None:
    """A3: the week of an instant is that of the calendar's zone, also where clocks change."""
    rows = observed(5, instants=True)
    portfolio = attrs.evolve(PORTFOLIO, calendar=okr.Calendar(timezone=zone))
    only = [one.id for one in PORTFOLIO.kpis if one.id not in ("outages", "quiet", "heart")]
    history = on(engine, rows)
    noon = dt.datetime(2026, 3, 18, 12, tzinfo=dt.UTC)
    moments: list[dict[str, Any]] = [{"known_at": "2026-03-01"}, {"as_of": noon}]
    for asked in moments:
        same(
            told(history, portfolio, only=only, **asked),
            told(okr.History.of(rows), portfolio, only=only, **asked),
        )


@pytest.mark.parametrize("engine", FAST)
def test_the_dips_of_a_frame_are_those_of_a_history_in_memory(engine: str) -> None:
    """S11.5: by what was known when each period was shown, which a frame tells by `recorded_at`."""
    rows = observed(7)
    rows = [attrs.evolve(one, value=one.value / 9) if one.at > dt.date(2026, 4, 10) else one for one in rows]
    wanted = okr.dips(PORTFOLIO, okr.History.of(rows), as_of="2026-05-01", rates=RATES)
    assert len(wanted) > 3
    assert okr.dips(PORTFOLIO, on(engine, rows), as_of="2026-05-01", rates=RATES) == wanted


@pytest.mark.parametrize("engine", FAST)
def test_a_row_a_period_leaves_the_engine_and_no_observation(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S11: however many observations a period holds, and however many KPIs there are in one question."""
    handed: list[int] = []

    def counted(rows: Any) -> Any:
        found = engines.fetch(rows)
        handed.append(len(next(iter(found.values()))))
        return found

    monkeypatch.setattr(queries, "fetch", counted)
    counts = []
    kpis = [kpi(f"k{n}", aggregate=one) for one in ("sum", "latest") for n in (("a", "b", "c"))]
    kpis = [attrs.evolve(one, id=f"{one.id}-{one.aggregate}") for one in kpis]
    start = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    for hours in (24, 1):
        rows = [
            okr.Observation(one.id, start + dt.timedelta(hours=hour), 1.0 + hour % 7)
            for one in kpis
            for hour in range(0, 24 * 7 * 10, hours)
        ]  # fmt: skip
        history = okr.History.of_frame(frame(engine, rows), check=False)
        handed.clear()
        table = okr.signals_of(okr.Portfolio.of(*kpis), history, as_of="2026-03-15")
        assert len(table) == 6 * 10
        assert len(handed) == 3  # the days of all, and what has one grid and aggregate at once
        counts.append(sum(handed))
    assert counts == [6 + 6 * 10] * 2


def test_a_period_cut_at_midnights_of_utc_keeps_each_day_whole() -> None:
    """A3: money is exchanged at the rate of the day; a day's record is in one part, that of its day."""
    for zone in ("UTC", "America/Los_Angeles", "Asia/Tokyo", "Europe/London"):
        edges = Edges.of(np.array([20530, 20537, 20544]), zone)  # clocks change on the way
        parts, day = edges.by_day()
        assert set(edges.instants.tolist()) <= set(parts.instants.tolist())
        assert (np.diff(parts.instants) > 0).all()
        for one in range(20530, 20544):
            [place] = np.flatnonzero((parts.days[:-1] <= one) & (one < parts.days[1:]))
            assert day[place] == one
