"""One behaviour, every backend: a frame on its engine answers like a history in columns (S8.6)."""

from __future__ import annotations

import datetime as dt
import sys
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Checklist,
    Cycle,
    History,
    HistoryError,
    Item,
    KeyResult,
    Kpi,
    MissingExtraError,
    Objective,
    Observation,
    Portfolio,
    Rates,
    ScoringPolicy,
    Source,
    Target,
)
from okrcore.errors import UnitError
from okrcore.history.backends import AnyHistory
from tests.support.backends import FRAMES, columns_of, frame, missing, on
from tests.support.paths import ROOT
from tests.support.strategies import days, histories, portfolios

pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
BACKENDS = ["columns", *FRAMES]
SLOW = ("dask", "pyspark")
ERP, SHEET, GUESS = Source("erp"), Source("sheet", mode="manual"), Source("model", mode="derived")


def on_one_worker(names: list[str]) -> list[Any]:
    """Keep the slow engines together, so that tests in parallel start each of them once."""
    group = pytest.mark.xdist_group("slow engines")
    return [pytest.param(name, marks=group) if name in SLOW else name for name in names]


@pytest.fixture(params=on_one_worker(BACKENDS))
def backend(request: pytest.FixtureRequest) -> str:
    if request.param != "columns" and (reason := missing(request.param)):
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture(params=on_one_worker(list(FRAMES)))
def engine(request: pytest.FixtureRequest) -> str:
    if reason := missing(request.param):
        pytest.skip(reason)
    return str(request.param)


def seen(measure: str, at: Any, value: float, **more: Any) -> Observation:
    return Observation(measure, at, value, **more)


def values_of(history: AnyHistory, measure: str) -> list[float]:
    return [float(value) for value in history.series(measure).values]


TIES = [
    seen("modes", "2026-02-02", 1, source=SHEET, recorded_at="2026-03-30"),
    seen("modes", "2026-02-02", 2, source=ERP),
    seen("modes", "2026-02-02", 3, source=GUESS),
    seen("modes", "2026-02-02", 4),
    seen("systems", "2026-02-02", 5, source=Source("b")),
    seen("systems", "2026-02-02", 6, source=Source("a")),
    seen("corrected", "2026-02-02", 7),
    seen("corrected", "2026-02-02", 8, recorded_at="2026-03-20"),
    seen("corrected", "2026-02-02", 8.5, recorded_at="2026-03-10"),
    seen("kinds", "2026-02-02T23:59:59.999999Z", 9, source=ERP),
    seen("kinds", "2026-02-02", 10),
    seen("kinds", "2026-02-03T00:30:00+02:00", 11),
    seen("zoned", "2026-02-10T23:30:00-05:00", 12),
    seen("zoned", "1969-12-31T05:00:00.250000+00:00", -12.5),
]
"""Several observations of one time: by mode, by system, by correction, and as a day and an instant."""


class TestQuestions:
    """`latest`, `series`, `as_known`, `measures` and `len` of a history."""

    def test_latest_and_series_choose_alike(self, backend: str) -> None:
        """S2.7, S8.1: pulled before derived before manual, then the latest known, then by system."""
        expected, found = History.of(TIES), on(backend, TIES)
        assert found.measures == expected.measures
        assert len(found) == len(expected) == len(TIES)
        values = {"modes": 2, "systems": 6, "corrected": 8, "kinds": 10, "zoned": 12}
        for measure, value in list(values.items())[3:4] if backend in SLOW else values.items():
            last = found.latest(measure, "2026-03-31")
            assert last == expected.latest(measure, "2026-03-31")
            assert last is not None
            assert last.value == value
        for measure in ("kinds", "zoned"):
            series = found.series(measure)
            assert series == expected.series(measure)
            assert series.units == expected.series(measure).units
            if backend in SLOW:
                break
            bounds = "2026-02-02T22:00:00Z", "2026-02-02T22:30:00Z"
            assert found.series(measure, *bounds) == expected.series(measure, *bounds)
        assert found.latest("nothing", "2026-03-31") is None
        assert len(found.series("nothing")) == 0

    def test_what_was_known_then_stays_answerable(self, backend: str) -> None:
        """S8.1: `as_known` is what was recorded at or before the instant."""
        expected, found = History.of(TIES).as_known("2026-03-15"), on(backend, TIES).as_known("2026-03-15")
        assert values_of(found, "corrected") == [8.5]
        assert len(found) == len(expected) == len(TIES) - 2
        earlier = found.as_known("2026-02-01")
        assert earlier.measures == expected.as_known("2026-02-01").measures == ("zoned",)
        assert earlier.as_known("2026-12-31").latest("modes", "2026-03-31") is None

    def test_the_same_record_twice_is_one(self, backend: str) -> None:
        """S8.5."""
        assert len(on(backend, [*TIES[:4], *TIES[:4]])) == 4

    def test_nothing_at_all(self, backend: str) -> None:
        history = on(backend, [])
        assert len(history) == 0
        assert history.measures == ()
        assert history.latest("uptime", "2026-03-31") is None
        snapshot = okr.evaluate(PORTFOLIO, history, as_of="2026-03-31")
        assert set(snapshot.key_results["status"]) == {"no-data"}


YORK = Cycle(id="new-york", start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 31), timezone="America/New_York")
TOKYO = Cycle(id="tokyo", start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 31), timezone="Asia/Tokyo")
UTC = Cycle.quarter(2026, 1)


def key_result(id: str, measure: Any, cycle: Cycle = UTC, **more: Any) -> KeyResult:
    return KeyResult(id=id, objective=cycle.id + "-goal", title=id, measure=measure, **more)


PORTFOLIO = Portfolio.of(
    UTC,
    YORK,
    TOKYO,
    *(Objective(id=cycle.id + "-goal", title="Goal", cycle=cycle.id) for cycle in (UTC, YORK, TOKYO)),
    key_result("latest", Target(0, 10), cadence="weekly"),
    *(key_result(name, Target(0, 10)) for name in ("modes", "systems", "kinds", "zoned")),
    key_result("corrected", Target(0, 10), cadence="monthly"),
    key_result("silent", Target(0, 10), cadence="weekly"),
    key_result("flat", Target(5, 5)),
    key_result("met", Target(5, 5, direction="at_least")),
    key_result("falling", Target(10, 2), due=dt.date(2026, 2, 15)),
    key_result("sum", Target(0, 40), aggregate="sum", cadence="weekly"),
    key_result("sum-due", Target(0, 40), aggregate="sum", due=dt.date(2026, 2, 1)),
    key_result("mean", Target(0, 40), aggregate="mean"),
    key_result("max", Target(0, 40), aggregate="max"),
    key_result("min", Target(0, 40), aggregate="min"),
    key_result("weight", Target(0, 40), aggregate="sum", unit="kg"),
    key_result("heat", Target(0, 40), aggregate="mean", unit="degC"),
    key_result("hottest", Target(0, 40), aggregate="max", unit="degC"),
    key_result("band", Band(low=10, high=20), cadence="weekly"),
    key_result("band-units", Band(low=0.9), cadence="monthly", unit="1"),
    key_result("band-known", Band(high=5), cadence="monthly"),
    key_result("steps", Checklist([Item("a"), Item("b", weight=2.0), Item("c")])),
    key_result("untold", Checklist([Item("a")])),
    key_result("york", Target(0, 40), YORK, aggregate="sum", cadence="weekly"),
    key_result("york-band", Band(low=1), YORK, cadence="every 2 days"),
    key_result("tokyo-band", Band(low=1), TOKYO, cadence="daily"),
    key_result("of-kpi", Target(0, 100), measured_by="deals", aggregate="sum"),
    Kpi(id="deals", title="Deals", unit="deal", target=Band(low=5), cadence="weekly", aggregate="sum"),
    Kpi(
        id="uptime", title="Uptime", unit="percent", target=Band(low=99), limit=Band(low=97), cadence="weekly"
    ),
    Kpi(id="load", title="Load", target=Band(high=9), cadence="monthly", aggregate="mean"),
    Kpi(id="never", title="Never", target=Band(high=9)),
)

OBSERVED = [
    *TIES,
    seen("latest", "2025-12-30", 1),
    seen("latest", "2026-03-20", 6),
    seen("flat", "2026-01-20", 5),
    seen("met", "2026-01-20", 5),
    seen("falling", "2026-02-15", 6),
    seen("falling", "2026-02-16", 2),
    *(seen("sum", dt.date(2025, 12, 30) + dt.timedelta(days=7 * week), 3) for week in range(14)),
    *(seen("sum", dt.date(2026, 1, 6), value, recorded_at=known) for value, known in [(30, "2026-02-20")]),
    *(
        seen("sum-due", day, value)
        for day, value in [("2026-01-31", 3), ("2026-02-01", 4), ("2026-02-02", 50)]
    ),
    *(
        seen(name, f"2026-01-{day:02}", value)
        for name in ("mean", "max", "min")
        for day, value in [(3, 12), (9, 30), (21, -0.5)]
    ),
    seen("weight", "2026-01-05", 1500, unit="g"),
    seen("weight", "2026-01-06", 2, unit="kg"),
    seen("weight", "2026-01-07", 500, unit="g"),
    seen("weight", "2026-01-08", 36),
    seen("heat", "2026-01-05", 300, unit="kelvin"),
    seen("heat", "2026-01-06", 310, unit="kelvin"),
    seen("heat", "2026-01-07", 20),
    *(seen("hottest", f"2026-01-0{day}", 300 + day, unit="kelvin") for day in (5, 6, 7)),
    *(
        seen("band", dt.date(2026, 1, 1) + dt.timedelta(days=days), value)
        for days, value in [(0, 5), (3, 15), (7, 20), (13, 21), (30, 10), (60, 12), (62, 9.999), (80, 19)]
    ),
    seen("band-units", "2026-01-30", 95, unit="percent"),
    seen("band-units", "2026-02-27", 80, unit="percent"),
    seen("band-units", "2026-03-30", 0.9),
    seen("band-known", "2026-01-31", 4),
    seen("band-known", "2026-01-31", 6, recorded_at="2026-03-25"),
    seen("steps#a", "2026-01-10", 1),
    seen("steps#b", "2026-01-10", 1),
    seen("steps#b", "2026-02-10", 0),
    seen("steps#c", "2026-04-10", 1),
    seen("york", "2026-01-01T04:59:59Z", 100),
    seen("york", "2026-01-01T05:00:00Z", 1),
    seen("york", "2026-03-31", 2),
    seen("york", "2026-04-01T03:59:59.999999Z", 4),
    seen("york", "2026-04-01T04:00:00Z", 100),
    seen("york-band", "2026-01-03T04:30:00Z", 1),
    seen("york-band", "2026-01-03", 0),
    seen("tokyo-band", "2026-01-04T20:00:00Z", 1),
    seen("tokyo-band", "2026-01-04", 0),
    seen("tokyo-band", "2026-01-09T20:00:00Z", 2),
    *(seen("deals", dt.date(2026, 1, 4) + dt.timedelta(days=3 * k), 2 + k % 4) for k in range(24)),
    seen("uptime", "2026-03-27", 98, unit="percent"),
    seen("uptime", "2026-03-28", 0.985, unit="1"),
    *(seen("load", f"2026-0{month}-{day}", month + day / 16) for month in (1, 2, 3) for day in (12, 20, 28)),
]


def alike(found: okr.Snapshot, expected: okr.Snapshot) -> None:
    """Equal texts and dates, numbers within 1e-12 relative (S0.5)."""
    for name in ("key_results", "objectives", "kpis", "initiatives"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        assert len(ours) == len(theirs)
        for column in theirs.columns if len(theirs) else ():
            left, right = ours[column], theirs[column]
            if right.dtype.kind == "f":
                np.testing.assert_allclose(left, right, rtol=1e-12, err_msg=f"{name}.{column}")
            elif right.dtype.kind == "M":
                assert np.array_equal(left, right) or (np.isnat(left) == np.isnat(right)).all()
            else:
                rows = [(a, b, c) for a, b, c in zip(ours["id"], left, right, strict=True) if b != c]
                assert not rows, f"{name}.{column}"


class TestEvaluate:
    """`evaluate` and `evaluate_many` give the same snapshot on every backend."""

    def test_edge_cases(self, backend: str) -> None:
        """S2.4 to S2.7, S3.4: no data, ties, corrections, zero spans, days and instants, units, periods."""
        snapshot = okr.evaluate(PORTFOLIO, on(backend, OBSERVED), as_of="2026-03-31")
        alike(snapshot, okr.evaluate(PORTFOLIO, History.of(OBSERVED), as_of="2026-03-31"))
        value = {row: snapshot.key_result(row).value for row in snapshot.key_results["id"]}
        assert (value["sum"], value["sum-due"], value["falling"]) == (66, 7, 6)
        assert value["mean"] == pytest.approx(41.5 / 3)
        assert (value["max"], value["min"]) == (30, -0.5)
        assert (value["weight"], value["york"], value["corrected"]) == (40, 7, 8)
        assert [value[name] for name in ("modes", "systems", "kinds", "zoned")] == [2, 6, 10, 12]
        assert value["hottest"] == pytest.approx(307 - 273.15)
        assert value["heat"] == pytest.approx((26.85 + 36.85 + 20) / 3)
        assert snapshot.key_result("band").progress == pytest.approx(4 / 12)  # weeks from Monday, one awaited
        assert snapshot.key_result("band-units").progress == pytest.approx(2 / 3)
        assert snapshot.key_result("york-band").progress == 0  # the day's 0 is later than the instant's 1
        assert snapshot.key_result("tokyo-band").progress == pytest.approx(2 / 85)  # five are awaited
        assert snapshot.key_result("steps").progress == 0.75
        assert snapshot.key_result("silent").status == "no-data"
        assert snapshot.kpi("uptime").value == 98.5
        assert snapshot.key_result("latest").observed_at == dt.date(2026, 3, 20)

    def test_at_many_moments_by_what_was_known(self, backend: str) -> None:
        """S0.8, S8.1: instants, days after the end, and what was known at a moment."""
        moments = ["2025-12-31", "2026-02-15T09:30:00-05:00", "2026-04-20"]
        if backend in SLOW:
            moments = moments[1:2]
        found, expected = (
            okr.evaluate_many(PORTFOLIO, history, as_of=moments, known_at="2026-03-15")
            for history in (on(backend, OBSERVED), History.of(OBSERVED))
        )
        for ours, theirs in zip(found, expected, strict=True):
            alike(ours, theirs)

    def test_of_any_portfolio(self, backend: str) -> None:
        """S8.6: whatever is declared and observed, one behaviour."""
        examples = {"columns": 1, "dask": 1, "pyspark": 1}.get(backend, 5)

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.data())
        def check(data: st.DataObject) -> None:
            portfolio = data.draw(portfolios())
            history, as_of = data.draw(histories(portfolio)), data.draw(days)
            policy = data.draw(st.sampled_from([ScoringPolicy(), ScoringPolicy(late="count", band="latest")]))
            frame = on(backend, list(history))
            found, expected = (
                okr.evaluate(portfolio, one, as_of=as_of, scoring=policy) for one in (frame, history)
            )
            alike(found, expected)

        check()

    def test_columns_of_dates(self, engine: str) -> None:
        """A frame may keep calendar days as dates, and have nothing but the three columns."""
        plain = [seen(f"k{day % 3}", dt.date(2026, 1, 1) + dt.timedelta(days=day), day) for day in range(9)]
        columns = columns_of(plain, text=False)
        three = {name: columns[name] for name in ("measure", "at", "value")}
        history = History.of_frame(FRAMES[engine](three))
        for measure in ("k0", "k1", "k2"):
            assert history.latest(measure, "2026-01-05") == History.of(plain).latest(measure, "2026-01-05")

    def test_columns_of_instants(self, engine: str) -> None:
        """A frame may keep instants as such; an empty recorded_at is the end of `at`."""
        instants = [seen("k", f"2026-01-0{day}T22:15:00.125000-05:00", day) for day in range(1, 5)]
        columns = columns_of(instants, text=False)
        holed = {**columns, "recorded_at": [None, *columns["recorded_at"][1:]]}
        history = History.of_frame(FRAMES[engine](holed))
        assert history.series("k") == History.of(instants).series("k")
        assert values_of(history.as_known("2026-01-02"), "k") == [1]

    @pytest.mark.parametrize("text", [False, True])
    def test_midnights_are_days_on_request(self, backend: str, text: bool) -> None:
        """A4: with `days` a midnight without a zone is its day, in whatever zone the engine works."""
        dates = ["1969-12-31", "2024-02-29", "2026-01-05", "2026-03-08", "2026-03-09"]
        observed = [seen("k", dt.date.fromisoformat(day), place) for place, day in enumerate(dates)]
        history, expected = on(backend, observed, text=text, days=True), History.of(observed)
        assert history.series("k") == expected.series("k")
        assert history.latest("k", "2026-03-08") == expected.latest("k", "2026-03-08")

    def test_days_leave_dates_and_instants_as_they_are(self, engine: str) -> None:
        """A4: `days` is about times without a zone alone."""
        for text in (False, True):
            days_alone = [seen("k", dt.date(2026, 1, day), day) for day in (5, 6)]
            instants = [seen("k", f"2026-01-0{day}T00:00:00-05:00", day) for day in (5, 6)]
            for observed in (days_alone, instants):
                history = History.of_frame(frame(engine, observed, text), days=True)
                assert history.series("k") == History.of(observed).series("k")

    def test_columns_of_text(self, engine: str) -> None:
        """ISO text is read alike on every engine; a system without a mode is pulled."""
        at = [
            "2026-01-05",
            "2026-01-05T23:30:00-05:30",
            "2026-01-05T10:00:00+02:00",
            "2024-02-29 23:59:59.250Z",
            "1969-12-31T23:59:59.999999+00:00",
            "1900-03-01",
        ]
        texts: dict[str, Any] = {"measure": ["k"] * 6, "at": at, "value": [float(n) for n in range(6)]}
        texts |= {"system": [None, "erp"] * 3, "mode": [None, "", "manual"] * 2}
        texts |= {"recorded_at": ["2026-02-01", None, "2026-02-01T00:00:00+01:00"] * 2}
        found, expected = History.of_frame(FRAMES[engine](texts)), History.of_columns(**texts)
        assert found.series("k") == expected.series("k")
        assert found.latest("k", "2026-12-31") == expected.latest("k", "2026-12-31")
        if engine in SLOW:
            return
        early = found.as_known("2026-01-31T23:30:00Z")
        assert early.series("k") == expected.as_known("2026-01-31T23:30:00Z").series("k")
        assert early.latest("k", "2026-01-05") == expected.as_known("2026-01-31").latest("k", "2026-01-05")


class TestRefusals:
    """What is no observation is refused by count, alike on every engine."""

    def test_rows_that_are_none(self, engine: str) -> None:
        """S0.3: NaN and infinities are no values, nor is nothing; S3.5: an instant has a timezone."""
        rows = [
            ("k", "2026-01-05", float("nan"), None),
            ("k", "2026-01-05", None, None),
            ("l", "2026-01-05", float("inf"), None),
            ("", "2026-01-05", 1.0, None),
            ("k", "2026-02-30", 1.0, None),
            ("k", "2026-01-05T10:00:00", 1.0, None),
            ("k", None, 1.0, None),
            ("k", "2026-01-06", 1.0, "guessed"),
            ("k", "2026-01-07", 1.0, "pulled"),
            ("k", "2024-02-29", 1.0, None),
        ]
        columns = dict(
            zip(("measure", "at", "value", "mode"), map(list, zip(*rows, strict=True)), strict=True)
        )
        with pytest.raises(HistoryError) as caught:
            History.of_frame(FRAMES[engine](columns))
        faults = "\n".join(str(problem) for problem in caught.value.problems)
        assert "3 rows (measure 'k' among them) with no finite value" in faults
        assert "3 rows (measure 'k' among them) with no date" in faults
        assert "1 row with an empty measure" in faults
        assert "1 row (measure 'k' among them) with an unknown mode" in faults
        assert len(caught.value.problems) == 4

    def test_times_without_a_zone(self, engine: str) -> None:
        """A4: refused with the remedy; as days too where one is no midnight."""
        at = [dt.datetime(2026, 1, 5), dt.datetime(2026, 1, 6, 0, 0, 0, 1), dt.datetime(1969, 7, 20, 20)]  # noqa: DTZ001
        columns = {"measure": ["k"] * 3, "at": at, "value": [1.0, 2.0, 3.0]}
        with pytest.raises(HistoryError, match=r"without a timezone; .* or say days=True"):
            History.of_frame(FRAMES[engine](columns))
        with pytest.raises(HistoryError, match=r"2 rows .* not midnight; leave days out and give"):
            History.of_frame(FRAMES[engine](columns), days=True)
        columns["at"] = [one.isoformat() for one in at]
        with pytest.raises(HistoryError, match=r"3 rows .* no date or instant in at"):
            History.of_frame(FRAMES[engine](columns))
        with pytest.raises(HistoryError, match=r"2 rows .* no date or instant in at"):
            History.of_frame(FRAMES[engine](columns), days=True)

    def test_two_values_of_one_record(self, engine: str) -> None:
        """S8.5: an error that names measure, time, system and both values."""
        rows = [seen("k", "2026-01-05", 1, source=ERP), seen("k", "2026-01-05", 2, source=ERP)]
        with pytest.raises(HistoryError, match=r"'k' at 2026-01-05.*'erp', has values from 1.0 to 2.0"):
            History.of_frame(frame(engine, rows))
        rows = [seen("k", "2026-01-05", 1, unit="g"), seen("k", "2026-01-05", 1, unit="kg")]
        with pytest.raises(HistoryError, match="2 units"):
            History.of_frame(frame(engine, rows))

    def test_columns_of_another_kind(self) -> None:
        pa = pytest.importorskip("pyarrow")
        pytest.importorskip("narwhals")
        naive = pa.table(
            {"measure": ["k"], "at": [np.datetime64("2026-01-05T00:00:00")], "value": ["1"], "unit": [1]}
        )
        with pytest.raises(HistoryError) as caught:
            History.of_frame(naive)
        assert [str(problem).split()[1] for problem in caught.value.problems] == ["unit", "value", "at"]
        with pytest.raises(HistoryError, match=r"no column at, value, only measure, unit"):
            History.of_frame(naive.select(["measure", "unit"]))
        with pytest.raises(HistoryError, match="the frame is a list, but must be one of pandas, polars"):
            History.of_frame([1, 2])

    def test_without_narwhals(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "narwhals.stable.v2", None)
        with pytest.raises(MissingExtraError, match=r"okrcore\[frames\]"):
            History.of_frame(None)

    def test_a_sum_over_dated_rates(self, engine: str) -> None:
        """S1.5: the rate is that of each observation's date, which a sum on the engine has lost."""
        result = key_result("money", Target(0, 10), aggregate="sum", unit="EUR")
        last = key_result("last", Target(0, 10), unit="EUR")
        goal = Objective(id=UTC.id + "-goal", title="Goal", cycle=UTC.id)
        rows = [seen(name, f"2026-01-0{day}", 4, unit="USD") for name in ("money", "last") for day in (5, 6)]
        history = History.of_frame(frame(engine, rows))
        rates = Rates.of([("2026-01-01", "USD", "EUR", 0.5), ("2026-01-06", "USD", "EUR", 0.25)])
        portfolio = Portfolio.of(UTC, goal, result, last)
        with pytest.raises(UnitError, match=r"money: .*convert to 'EUR' in the frame first"):
            okr.evaluate(portfolio, history, as_of="2026-03-31", rates=rates, strict=True)
        portfolio = Portfolio.of(UTC, goal, last)
        assert okr.evaluate(portfolio, history, as_of="2026-03-31", rates=rates)["last"].value == 1
        fixed = ScoringPolicy(rate_date="as_of")
        portfolio = Portfolio.of(UTC, goal, result)
        snapshot = okr.evaluate(portfolio, history, as_of="2026-03-31", rates=rates, scoring=fixed)
        assert snapshot["money"].value == 2


class TestRowsStay:
    def test_one_reduced_row_a_request_comes_back(self, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """S8.6: of 6,000 rows only one a goal, item, unit and due period reach Python."""
        pytest.importorskip("narwhals")
        import narwhals.stable.v2 as nw

        number = count()
        many = [
            seen(
                measure, dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hour), next(number) % 17
            )
            for measure in ("latest", "sum", "band", "mean", "steps#a", "deals")
            for hour in range(0, 2000, 2)
        ]
        collected: list[tuple[int, int]] = []
        collect = nw.LazyFrame.collect

        def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
            rows = collect(self, *args, **kwargs)
            collected.append((len(rows), sum(column.to_numpy().nbytes for column in rows.iter_columns())))
            return rows

        monkeypatch.setattr(nw.LazyFrame, "collect", counting)
        history = History.of_frame(frame(engine, many))
        assert sum(rows for rows, _ in collected) == 2
        collected.clear()
        snapshot = okr.evaluate(PORTFOLIO, history, as_of="2026-03-31")
        assert snapshot.key_result("sum").value == sum(o.value for o in many if o.measure == "sum")
        requests = len(PORTFOLIO.key_results) + len(PORTFOLIO.kpis) + 4  # four items
        periods = 13 * 6  # of each measure that was observed, each week
        assert 7 <= sum(rows for rows, _ in collected) <= 2 * requests + 2 * periods
        assert sum(size for _, size in collected) < 64 * 9 * (requests + 2 * periods)
        assert len(collected) <= 20


def test_the_docs_list_the_engines_that_are_tested() -> None:
    page = ROOT / "docs" / "how-to" / "keep-the-rows-where-they-are.md"
    listed = page.read_text().split("## Engines")[1].split("## Columns")[0].splitlines()
    rows = [line.split("|")[1].strip() for line in listed if line.startswith("| ")]
    assert [row.lower() for row in rows[2:]] == list(FRAMES)
    from okrcore.history.frames.engines import ENGINES

    assert list(dict.fromkeys(name.split()[0] for name in FRAMES)) == list(ENGINES)
