"""Portfolio and history to evidence: grids, gaps, corrections, definition breaks, discovery (S9)."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import okrcore as okr
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DefinitionError, UnknownIdError
from okrcore.governance.checking import check
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.leading.assess import assess_link
from okrcore.leading.calendar_grid import PeriodGrid, coarser, on_grid
from okrcore.leading.declared_links import assess_links
from okrcore.leading.discovery import discover_links
from okrcore.leading.measured_series import read_signals
from okrcore.leading.outlooks import outlook
from okrcore.scoring.evaluation import evaluate

Floats = NDArray[np.float64]
MONDAY = dt.date(2024, 1, 1)
CYCLE = Cycle(id="fy", start=MONDAY, end=dt.date(2025, 12, 31))
OBJECTIVE = Objective(id="automate", title="Automate", cycle="fy")
WEEKLY = PeriodGrid.of(Cadence("weekly"))


def day_number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


# ------------------------------------------------------------------ grid


@pytest.mark.parametrize(
    ("cadence", "text", "lags"),
    [
        ("weekly", "2w..6w", (2, 3, 4, 5, 6)),
        ("weekly", "3", (3,)),
        ("weekly", "0..2", (0, 1, 2)),
        ("weekly", "3d", (1,)),
        ("weekly", "1m", (4, 5)),
        ("weekly", None, tuple(range(1, 9))),
        ("daily", None, tuple(range(1, 9))),
        ("monthly", None, (1, 2, 3, 4)),
        ("monthly", "1q", (3,)),
        ("monthly", "2w..6w", (1, 2)),
        ("monthly", "0w..6w", (0, 1, 2)),
        ("quarterly", "1y", (4,)),
        ("every 3 weeks", None, (1, 2, 3, 4)),
        ("FREQ=WEEKLY;BYDAY=FR", "2w", (2,)),
    ],
)
def test_lag_texts_become_periods(cadence: str, text: str | None, lags: tuple[int, ...]) -> None:
    """S9.1: floor(low) to ceil(high) on the grid, at least 1 unless the link says 0."""
    assert PeriodGrid.of(Cadence(cadence)).lags(text) == lags


@given(
    st.sampled_from(["daily", "weekly", "fortnightly", "monthly", "quarterly"]),
    st.integers(0, 12), st.integers(0, 12), st.sampled_from(["", "d", "w", "m"]),
)  # fmt: skip
def test_lags_enclose_what_was_said(cadence: str, low: int, more: int, unit: str) -> None:
    """S9.1: the window covers the lag in days, and no lag is negative."""
    grid = PeriodGrid.of(Cadence(cadence))
    lags = grid.lags(f"{low}{unit}..{low + more}{unit}")
    scale = {"": grid.length, "d": 1.0, "w": 7.0, "m": 30.4375}[unit] / grid.length
    assert lags == tuple(range(lags[0], lags[-1] + 1))
    assert lags[-1] >= math.ceil((low + more) * scale)
    assert lags[0] == (0 if low == 0 else max(1, math.floor(low * scale)))


@pytest.mark.parametrize(
    ("cadence", "unit", "size"),
    [
        ("every 200 weeks", "weeks", 200),
        ("every 100 years", "months", 1200),
        ("FREQ=WEEKLY;INTERVAL=150", "weeks", 150),
    ],
)
def test_a_cadence_that_may_be_declared_has_a_grid(cadence: str, unit: str, size: int) -> None:
    """However long its periods are, nothing is said of a cadence that nobody wrote."""
    grid = PeriodGrid.of(Cadence(cadence))
    first, last = day_number(dt.date(2003, 1, 1)), day_number(dt.date(2026, 1, 1))
    assert (grid.unit, grid.size) == (unit, size)
    assert grid.edges(first, last)[0] <= first


def test_lags_beyond_reason_are_refused() -> None:
    with pytest.raises(DefinitionError, match="at most 1000"):
        PeriodGrid.of(Cadence("daily")).lags("9999y")


@given(
    st.sampled_from(["daily", "weekly", "fortnightly", "monthly", "quarterly", "every 3 weeks"]),
    st.dates(dt.date(1995, 1, 1), dt.date(2030, 1, 1)), st.integers(-5, 900),
)  # fmt: skip
def test_grids_are_calendar_ones(cadence: str, first: dt.date, span: int) -> None:
    """S9.1: the same periods whoever asks, never cycle-anchored; periods not ended are left out."""
    grid = PeriodGrid.of(Cadence(cadence))
    last = day_number(first) + span
    edges = grid.edges(day_number(first), last)
    assert (np.diff(edges) > 0).all()
    assert edges[0] <= day_number(first)
    assert len(edges) == 1 or edges[-1] <= last + 1
    following = grid.edges(int(edges[-1]), int(edges[-1]) + 400)
    assert following[0] == edges[-1]
    assert following[1] > max(last + 1, edges[0])
    if cadence == "weekly":
        assert ((edges - day_number(dt.date(2001, 1, 1))) % 7 == 0).all()
    if cadence in {"monthly", "quarterly"}:
        assert {dt.date(1970, 1, 1).fromordinal(int(e) + 719163).day for e in edges} == {1}


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("latest", [2.0, np.nan, 5.0]),
        ("mean", [1.5, np.nan, 4.0]),
        ("max", [2.0, np.nan, 5.0]),
        ("min", [1.0, np.nan, 3.0]),
        ("sum", [3.0, np.nan, 8.0]),
    ],
)
def test_values_are_reduced_by_their_aggregate(aggregate: str, expected: list[float]) -> None:
    """S9.1: each period by its aggregate, gaps NaN, what lies outside left out."""
    found = on_grid(
        np.array([-1, 0, 3, 14, 20, 21]), np.array([9.0, 1, 2, 3, 5, 9]), np.array([0, 7, 14, 21]), aggregate
    )
    assert np.array_equal(found, expected, equal_nan=True)


def test_a_sum_over_half_a_month_is_unknown() -> None:
    """S0.2: a month in which two of four weeks were reported is not a bad month."""
    days, edges = np.arange(0, 140, 7), np.arange(0, 141, 28)
    whole = on_grid(days, np.ones(20), edges, "sum")
    half = on_grid(days[2:], np.ones(18), edges, "sum")
    assert whole.tolist() == [4.0] * 5
    assert np.isnan(half[0])
    assert half[1:].tolist() == [4.0] * 4


def test_observations_tell_their_cadence() -> None:
    for step, period in ((1, "day"), (7, "week"), (30, "month"), (91, "quarter"), (365, "year")):
        assert PeriodGrid.of_days(np.arange(0, 20 * step, step)).period == period
    business_days = np.array([d for d in range(100) if d % 7 < 5])
    assert PeriodGrid.of_days(business_days).period == "day"
    assert coarser(WEEKLY, PeriodGrid.of(Cadence("monthly"))).period == "month"


# ------------------------------------------------------------------ portfolio


def weeks(count: int, first: dt.date = MONDAY) -> list[dt.date]:
    return [first + dt.timedelta(days=7 * k + 4) for k in range(count)]


def story(n: int = 104, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Recalibrated lanes lift throughput four weeks later, and cost uptime two weeks later."""
    rng = np.random.default_rng(seed)
    lanes = rng.standard_normal(n + 4)
    throughput = 10_000 + 80 * (lanes[:n] + 0.7 * rng.standard_normal(n))
    uptime = 98 - 0.5 * (lanes[2 : n + 2] + 0.7 * rng.standard_normal(n))
    return 10 + 2 * lanes[4:], throughput, uptime


def logistics(**change: Any) -> Portfolio:
    return Portfolio.of(
        CYCLE,
        OBJECTIVE,
        KeyResult(
            id="throughput", objective="automate", title="20 % faster", measure=Target(10_000, 12_000),
            measured_by="parcels", unit="parcel/hour",
        ),
        Kpi(id="parcels", title="Parcels per hour", unit="parcel/hour", cadence="weekly", better="higher"),
        Kpi(id="lanes", title="Lanes", cadence="weekly", better="higher", **change),
        Kpi(id="uptime", title="Uptime", unit="%", cadence="weekly", target=Band(low=98)),
        Initiative(id="recalibration", title="Recalibrate"),
        Link(source="lanes", target="throughput", sign=1, lag="2w..6w"),
        Link(source="recalibration", target="throughput", sign=1),
    )  # fmt: skip


def history_of(series: dict[str, Floats], days: list[dt.date] | None = None, **options: Any) -> History:
    found = History.of()
    for name, values in series.items():
        found = found.append(
            History.of_columns(
                [name] * len(values), (days or weeks(len(values)))[: len(values)], values, **options
            )
        )
    return found


def observed(n: int = 104, seed: int = 0) -> History:
    lanes, throughput, uptime = story(n, seed)
    return history_of({"lanes": lanes, "parcels": throughput, "uptime": uptime})


AS_OF = "2025-12-31"


def test_a_declared_link_is_assessed_on_its_grid() -> None:
    """S9.1: the evidence is that of the two gridded series, and names its link, its unit of time and n."""
    lanes, throughput, _ = story()
    (found,) = assess_links(logistics(), observed(), as_of=AS_OF)
    assert (found.link, found.verdict, found.lag, found.period) == (
        "lanes->throughput",
        "supported",
        4,
        "week",
    )
    assert found.lags == (2, 3, 4, 5, 6)
    assert found.n == 104
    assert found.q_value == found.p_value
    assert "leads by 4 weeks" in found.sentence
    alone = assess_link(lanes, throughput, lags=range(2, 7), season=365.25 / 7)
    assert found.p_value == pytest.approx(alone.p_value)
    assert found.slope == pytest.approx(alone.slope)


def test_links_without_two_series_are_undecided_with_the_reason() -> None:
    """S9: an initiative has no series; it is only reported when asked for by name."""
    portfolio = logistics()
    (found,) = assess_links(portfolio, observed(), as_of=AS_OF, only=["recalibration->throughput"])
    assert (found.verdict, found.n, found.q_value) == ("undecided", 0, None)
    assert "recalibration has no observations" in found.sentence
    (empty,) = assess_links(portfolio, History.of(), as_of=AS_OF)
    assert empty.verdict == "undecided"
    with pytest.raises(UnknownIdError, match="'nothing'"):
        assess_links(portfolio, observed(), as_of=AS_OF, only=["nothing"])


def test_the_last_week_counts_when_it_has_ended() -> None:
    """S9.1: a period not ended by as_of is left out, and nothing after as_of is seen."""
    portfolio, history = logistics(), observed()
    sunday, monday = dt.date(2025, 6, 29), dt.date(2025, 6, 30)
    ended, running = (assess_links(portfolio, history, as_of=day)[0] for day in (sunday, dt.date(2025, 7, 5)))
    assert ended == running
    assert ended.n == 78
    noon = dt.datetime(2025, 6, 29, 12, tzinfo=dt.UTC)
    assert assess_links(portfolio, history, as_of=noon)[0].n == 77
    assert assess_links(portfolio, history, as_of=monday)[0] == ended


def test_cadences_that_differ_meet_on_the_coarser_grid() -> None:
    """S9.1: a daily KPI and a weekly result are compared by weeks, the KPI reduced by its aggregate."""
    lanes, throughput, _ = story()
    days = [MONDAY + dt.timedelta(days=d) for d in range(7 * 104)]
    history = history_of({"parcels": throughput}).append(
        history_of({"lanes": np.repeat(lanes, 7) + np.tile(np.arange(7.0) - 3, 104)}, days)
    )
    portfolio = logistics().with_(
        Kpi(id="lanes", title="Lanes", cadence="daily", aggregate="mean", better="higher")
    )
    (daily,) = assess_links(portfolio, history, as_of=AS_OF)
    (weekly,) = assess_links(logistics(), observed(), as_of=AS_OF)
    assert daily.period == "week"
    assert daily.p_value == pytest.approx(weekly.p_value, rel=1e-6)


def test_without_a_cadence_the_observations_decide() -> None:
    """S9.1: nothing declared, weekly observations: a weekly grid."""
    bare = [attrs.evolve(kpi, cadence=None) for kpi in logistics().kpis]
    (found,) = assess_links(logistics().with_(*bare), observed(), as_of=AS_OF)
    assert (found.period, found.verdict, found.lag) == ("week", "supported", 4)


def test_corrections_count_from_when_they_were_known() -> None:
    """S8.1: known_at hides what was recorded later; without it the latest known value counts."""
    lanes, throughput, uptime = story()
    wrong = history_of(
        {"lanes": lanes, "parcels": np.random.default_rng(9).standard_normal(104), "uptime": uptime}
    )
    later = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    corrected = wrong.append(history_of({"parcels": throughput}, recorded_at=[later] * 104))
    before, after = (
        assess_links(logistics(), corrected, as_of=AS_OF, known_at=known)[0] for known in ("2026-01-15", None)
    )
    assert before.verdict != "supported"
    assert after == assess_links(logistics(), observed(), as_of=AS_OF)[0]


def test_a_definition_break_splits_a_series() -> None:
    """S8.4: series are not compared across a change of definition; the note says since when."""
    lanes, throughput, _ = story()
    days = weeks(104)
    history = (
        history_of({"parcels": throughput})
        .append(history_of({"lanes": 1000 + lanes[:40]}, days[:40], definition="v1"))
        .append(history_of({"lanes": lanes[40:]}, days[40:], definition="v2"))
    )
    (found,) = assess_links(logistics(), history, as_of=AS_OF)
    assert found.n == 64
    assert found.verdict == "supported"
    assert f"lanes is compared since its definition changed on {days[40]}" in found.note


def test_units_are_converted_before_they_are_compared() -> None:
    """S1: a measure observed in two units is one series; units that do not convert are named."""
    lanes, throughput, _ = story()
    days = weeks(104)
    mixed = (
        history_of({"lanes": lanes})
        .append(history_of({"parcels": throughput[:50] / 3600}, days[:50], unit="parcel/second"))
        .append(history_of({"parcels": throughput[50:]}, days[50:], unit="parcel/hour"))
    )
    (found,) = assess_links(logistics(), mixed, as_of=AS_OF)
    (plain,) = assess_links(logistics(), observed(), as_of=AS_OF)
    assert found.p_value == pytest.approx(plain.p_value, rel=1e-6)
    wrong = mixed.append([Observation("parcels", MONDAY, 1.0, unit="kg")])
    (left,) = assess_links(logistics(), wrong, as_of=AS_OF)  # A13: its own period is unknown
    assert (left.verdict, left.n >= plain.n - 1) == (plain.verdict, True)


def test_one_bad_unit_stops_nobody() -> None:
    """A13: what asks all measures at once goes on without the one that cannot be read."""
    firm = logistics().with_(Kpi(id="weight", title="Weight", unit="hour", cadence="weekly"))
    bad = observed().append([Observation("weight", MONDAY, 1.0, unit="kg")])
    assert assess_links(firm, bad, as_of=AS_OF) == assess_links(logistics(), observed(), as_of=AS_OF)
    snapshot = evaluate(firm, bad, as_of=AS_OF)
    assert [one.path for one in snapshot.problems] == ["weight"]
    assert set(outlook(snapshot)) == set(outlook(evaluate(logistics(), observed(), as_of=AS_OF)))
    plain = discover_links(logistics(), observed(), as_of=AS_OF, lags=(2, 3))
    assert discover_links(firm, bad, as_of=AS_OF, lags=(2, 3)) == plain
    found = check(firm, bad, as_of=AS_OF)
    assert {one.code for one in found if one.subject == "weight"} >= {"OKR224"}


def test_a_multiplicative_link_takes_logs_or_says_why_not() -> None:
    """S9.1: log where declared multiplicative; values <= 0 leave the link undecided."""
    link = Link(source="lanes", target="throughput", sign=1, lag="2w..6w", multiplicative=True)
    portfolio = logistics().with_(link)
    lanes, throughput, _ = story()
    (found,) = assess_links(portfolio, observed(), as_of=AS_OF)
    alone = assess_link(lanes, throughput, lags=range(2, 7), season=365.25 / 7, log=True)
    assert found.slope == pytest.approx(alone.slope)
    (none,) = assess_links(portfolio, history_of({"lanes": lanes - 50, "parcels": throughput}), as_of=AS_OF)
    assert (none.verdict, none.lag) == ("undecided", None)
    assert "logarithm" in none.note


def test_a_season_that_was_not_declared_is_the_calendars() -> None:
    """S9.1: the week of a daily grid links unrelated series, until it is removed."""
    rng = np.random.default_rng(15)
    days = [MONDAY + dt.timedelta(days=d) for d in range(200)]
    rhythm = 3.0 * np.tile([0, 1, 1, 1, 0, -2, -2], 29)[:200]
    a, b = rhythm + rng.standard_normal((2, 200))
    history = history_of({"a": a, "b": b}, days)
    portfolio = Portfolio.of(
        *(Kpi(id=name, title=name, cadence="daily") for name in "ab"), Link(source="a", target="b", sign=1)
    )
    with_season, without = (
        assess_links(portfolio, history, as_of=AS_OF, season=season)[0] for season in (True, False)
    )
    assert with_season.verdict != "supported"
    assert without.p_value < with_season.p_value


def test_a_common_driver_can_be_given_by_its_kpi() -> None:
    """S9.2: with the driver as a control, the two series it moves are not linked by it."""
    rng = np.random.default_rng(6)
    z = rng.standard_normal(112)
    series = {
        "z": z[8:],
        "a": z[8:] + 0.4 * rng.standard_normal(104),
        "b": z[4:108] + 0.4 * rng.standard_normal(104),
    }
    portfolio = Portfolio.of(
        *(Kpi(id=name, title=name, cadence="weekly") for name in series),
        Link(source="a", target="b", sign=1, lag="2w..6w"),
    )
    fooled, given = (
        assess_links(portfolio, history_of(series), as_of=AS_OF, controls=names)[0] for names in ((), ["z"])
    )
    assert fooled.verdict == "supported"
    assert given.verdict != "supported"


def test_a_decayed_link_has_its_date() -> None:
    """S9.6: the first week without the link, as a date on the grid."""
    rng = np.random.default_rng(7)
    lanes = rng.standard_normal(108)
    alive = np.where(np.arange(104) < 60, 1.5, 0.0)
    throughput = alive * lanes[:104] + rng.standard_normal(104)
    (found,) = assess_links(logistics(), history_of({"lanes": lanes[4:], "parcels": throughput}), as_of=AS_OF)
    assert found.verdict == "decayed"
    assert isinstance(found.decayed_at, dt.date)
    assert found.decayed_at.weekday() == 0
    assert abs((found.decayed_at - (MONDAY + dt.timedelta(weeks=60))).days) <= 56


# ------------------------------------------------------------------ discovery


def test_discovery_proposes_the_lead_and_the_trade_off() -> None:
    """S9.8: what nobody declared is found, with its kind; what measures a key result appears as it."""
    found = discover_links(logistics(), observed(), as_of=AS_OF, lags=range(9))
    rows = {(row["source"], row["target"]): row for row in found.to_dicts()}
    lead, harm = rows["lanes", "throughput"], rows["lanes", "uptime"]
    assert (lead["sign"], lead["lag"], lead["kind"], lead["declared"]) == (1, 4, "lead", True)
    assert (harm["sign"], harm["lag"], harm["kind"], harm["declared"]) == (-1, 2, "trade-off", False)
    assert not any(target == "parcels" for _, target in rows)
    assert ("parcels", "throughput") not in rows
    assert found["p_value"].tolist() == sorted(found["p_value"].tolist())
    assert set(found.columns) >= {"source", "target", "sign", "lag", "p_value", "effect", "kind"}


def test_discovery_without_data_or_links_is_an_empty_table() -> None:
    assert len(discover_links(logistics(), History.of(), as_of=AS_OF, lags=range(1, 5))) == 0
    rng = np.random.default_rng(8)
    noise = history_of({name: rng.standard_normal(104) for name in ("lanes", "parcels", "uptime")})
    assert len(discover_links(logistics(), noise, as_of=AS_OF, lags=range(1, 5))) == 0


def test_discovery_crosses_cadences() -> None:
    """S9.8, S9.1: a weekly KPI leads a monthly one on the monthly grid."""
    rng = np.random.default_rng(10)
    months = [dt.date(2018 + m // 12, m % 12 + 1, 15) for m in range(96)]
    monthly = rng.standard_normal(97)
    first = dt.date(2018, 1, 1)
    days = [first + dt.timedelta(days=7 * k) for k in range(417)]
    place = [(day.year - 2018) * 12 + day.month - 1 for day in days]
    history = history_of({"slow": 2 * monthly[:96] + 0.5 * rng.standard_normal(96)}, months).append(
        history_of({"fast": monthly[1:][place] + 0.3 * rng.standard_normal(417)}, days)
    )
    history = history.append(history_of({"twin": history.series("fast").values + 0.1}, days))
    portfolio = Portfolio.of(
        Kpi(id="slow", title="slow", cadence="monthly", better="lower"),
        *(
            Kpi(id=name, title=name, cadence="weekly", aggregate="mean", better="higher")
            for name in ("fast", "twin")
        ),
    )
    found = discover_links(portfolio, history, as_of=AS_OF, lags=range(5)).to_dicts()
    rows = {(row["source"], row["target"]): row for row in found}
    assert len(rows) == len(found)
    lead = rows["fast", "slow"]
    assert (lead["lag"], lead["period"], lead["kind"]) == (1, "month", "trade-off")
    assert rows["fast", "twin"]["period"] == "week"


def test_checklists_have_no_series() -> None:
    portfolio = Portfolio.of(
        CYCLE, OBJECTIVE,
        KeyResult(id="list", objective="automate", title="List", measure=Checklist(["a"])),
        KeyResult(id="fall", objective="automate", title="Fall", measure=Target(9, 5)),
        KeyResult(id="stay", objective="automate", title="Stay", measure=Band(high=3)),
    )  # fmt: skip
    history = history_of({name: np.arange(5.0) for name in ("list", "fall", "stay")})
    signals = read_signals(portfolio, history, ["list", "fall", "stay"], as_of=AS_OF)
    assert {name: signal.better for name, signal in signals.items()} == {"fall": -1, "stay": -1}


def test_links_that_are_assessed_together_have_the_evidence_that_each_has_alone():
    """But for what is corrected for all of them; series of other lengths and gaps among them."""
    rng = np.random.default_rng(5)
    weeks = okr.weekly("2024-12-29", "2026-06-28")
    names = [f"k{number}" for number in range(12)]
    driver = rng.standard_normal(len(weeks))
    observations = []
    for number, name in enumerate(names):
        values = np.roll(driver, number % 4) * (number % 3) + rng.standard_normal(len(weeks))
        values = np.cumsum(values) if number == 7 else np.round(values) if number == 5 else values
        for at, value in list(zip(weeks, values.tolist(), strict=True))[10 * (number == 3) :]:
            if not (number == 9 and at.day < 5):
                observations.append(okr.Observation(name, at, value))
    links = [
        okr.Link(source=one, target=other, sign=-1 if one == "k3" else 1, lag="1w..4w")
        for one, other in pairwise(names)
    ]
    kpis = [okr.Kpi(id=name, title=name, cadence="weekly") for name in names]
    portfolio, history = okr.Portfolio.of(*kpis, *links), okr.History.of(observations)
    together = okr.assess_links(portfolio, history, as_of="2026-07-01")
    assert len({one.verdict for one in together}) > 1
    for found in together:
        (alone,) = okr.assess_links(portfolio, history, as_of="2026-07-01", only=[found.link])
        for field in ("verdict", "lag", "lag_set", "n", "needed", "decayed_at", "note", "basis", "lags"):
            assert getattr(found, field) == getattr(alone, field), (found.link, field)
        for field in ("effect", "slope", "p_value", "e_value", "df", "inflation", "interval"):
            assert getattr(found, field) == pytest.approx(getattr(alone, field), rel=1e-9)
