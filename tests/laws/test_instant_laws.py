"""One instant, one answer: the zone of the cycle says which day it is, never the offset written (A3)."""

import datetime as dt
import zoneinfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Calendar, Cycle, History, KeyResult, Kpi, Objective, Observation, Portfolio, Target
from okrcore.definitions.days import to_instant
from okrcore.errors import HistoryError
from okrcore.testing import histories, portfolios

ZONES = ["UTC", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati", "Europe/Berlin"]
INSTANTS = st.integers(1_764_547_200, 1_806_537_600).map(lambda s: to_instant(s * 1_000_000))


def in_zone(instant: dt.datetime, zone: str) -> dt.datetime:
    return instant.astimezone(zoneinfo.ZoneInfo(zone))


def told(snapshot: okr.Snapshot) -> object:
    tables = (snapshot.objectives, snapshot.key_results, snapshot.kpis, snapshot.initiatives)
    return [repr(table.to_dicts()) for table in tables], str(snapshot)


@settings(max_examples=60)
@given(
    portfolios().flatmap(lambda p: st.tuples(st.just(p), histories(p))),
    INSTANTS,
    st.none() | INSTANTS,
    st.sampled_from(ZONES),
)
def test_the_offset_of_a_question_does_not_matter(both, as_of, known_at, zone) -> None:
    portfolio, history = both
    other = None if known_at is None else in_zone(known_at, zone)
    here = okr.evaluate(portfolio, history, as_of=as_of, known_at=known_at)
    there = okr.evaluate(portfolio, history, as_of=in_zone(as_of, zone), known_at=other)
    assert told(here) == told(there)
    again = okr.evaluate(portfolio, history, as_of=in_zone(as_of, zone), known_at=other, previous=here)
    assert again is here


@given(INSTANTS, st.sampled_from(ZONES))
def test_a_history_answers_the_same_instant_alike(at: dt.datetime, zone: str) -> None:
    days = [dt.date(2025, 11, 28) + dt.timedelta(days=i) for i in range(500)]
    history = History.of_columns(["k"] * 500, days, list(range(500)))
    assert history.latest("k", at) == history.latest("k", in_zone(at, zone))
    assert history.series("k", at) == history.series("k", in_zone(at, zone))


def one_goal(zone: str | None, *calendar: Calendar, **fields) -> Portfolio:
    cycle = Cycle(id="q", start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 31), timezone=zone)
    goal = Objective(id="o", title="O", cycle="q")
    result = KeyResult(id="k", objective="o", title="K", measure=Target(0, 100), **fields)
    return Portfolio.of(*calendar, cycle, goal, result)


class TestWhichDayItIs:
    EVENING = ("2026-04-01T02:00:00+00:00", "2026-03-31T22:00:00-04:00", "2026-04-01T16:00:00+14:00")
    HISTORY = History.of([Observation("k", "2026-03-30", 95)])

    @pytest.mark.parametrize("as_of", EVENING)
    def test_a_quarter_is_not_over_before_its_last_evening(self, as_of: str) -> None:
        in_new_york = okr.evaluate(one_goal("America/New_York"), self.HISTORY, as_of=as_of)
        assert (in_new_york["k"].status, in_new_york["k"].expected) == ("on-track", 1.0)
        assert in_new_york["o"].status == "on-track"
        by_calendar = one_goal(None, Calendar(timezone="America/New_York"))
        assert okr.evaluate(by_calendar, self.HISTORY, as_of=as_of)["k"].status == "on-track"
        for over in (one_goal(None), one_goal("Asia/Tokyo")):
            assert okr.evaluate(over, self.HISTORY, as_of=as_of)["k"].status == "missed"

    def test_each_goal_has_the_day_of_its_own_cycle(self) -> None:
        east = Cycle(
            id="e", start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 31), timezone="Pacific/Kiritimati"
        )
        both = one_goal("Pacific/Honolulu").with_(
            east,
            Objective(id="oe", title="O", cycle="e"),
            KeyResult(id="ke", objective="oe", title="K", measure=Target(0, 100)),
        )
        history = self.HISTORY.append([Observation("ke", "2026-03-30", 95)])
        s = okr.evaluate(both, history, as_of="2026-03-31T11:00:00+00:00")
        assert (s["k"].status, s["ke"].status) == ("on-track", "missed")
        assert (s["o"].status, s["oe"].status) == ("on-track", "missed")

    def test_what_has_no_cycle_has_the_calendars_day(self) -> None:
        zone = zoneinfo.ZoneInfo("Asia/Tokyo")
        at_eight = [dt.datetime(2026, 3, day, 8, tzinfo=zone) for day in range(1, 20)]
        history = History.of(Observation("kp", at, at.day) for at in at_eight)
        kpi = Kpi(id="kp", title="K", aggregate="sum", cadence="daily")
        tokyo = Portfolio.of(Calendar(timezone="Asia/Tokyo"), kpi)
        assert okr.evaluate(tokyo, history, as_of="2026-03-10")["kp"].value == 10


class TestWhatWasKnown:
    def value(self, zone: str, known_at: str, *records: Observation) -> float | None:
        portfolio = one_goal(zone)
        return okr.evaluate(portfolio, History.of(records), as_of="2026-03-20", known_at=known_at)["k"].value

    DAY = Observation("k", "2026-03-10", 7)

    def test_a_days_record_is_known_from_the_end_of_that_day_where_one_asks(self) -> None:
        tokyo, honolulu = "Asia/Tokyo", "Pacific/Honolulu"
        assert self.value(tokyo, "2026-03-10T23:59:59+09:00", self.DAY) is None
        assert self.value(tokyo, "2026-03-11T00:00:00+09:00", self.DAY) == 7
        assert self.value(honolulu, "2026-03-10T23:59:59-10:00", self.DAY) is None
        assert self.value(honolulu, "2026-03-11T00:00:00-10:00", self.DAY) == 7

    @pytest.mark.parametrize("zone", ZONES)
    def test_a_date_known_at_is_the_later_end_of_that_day(self, zone: str) -> None:
        assert self.value(zone, "2026-03-09", self.DAY) is None
        assert self.value(zone, "2026-03-10", self.DAY) == 7
        here = zoneinfo.ZoneInfo(zone)
        last = max(
            dt.datetime(2026, 3, 10, 23, 59, 59, tzinfo=here),
            dt.datetime(2026, 3, 10, 23, 59, 59, tzinfo=dt.UTC),
        )
        for recorded, value in ((last, 7), (last + dt.timedelta(seconds=1), None)):
            said = Observation("k", "2026-03-01", 7, recorded_at=recorded)
            assert self.value(zone, "2026-03-10", said) == value

    def test_zones_side_by_side_know_what_each_alone_would(self) -> None:
        zones = ["Asia/Tokyo", "America/Los_Angeles", "UTC"]
        parts, records = [], []
        for number, zone in enumerate(zones):
            cycle = Cycle(id=zone, start=dt.date(2026, 1, 1), end=dt.date(2026, 6, 30), timezone=zone)
            goal = Objective(id=f"o{number}", title="", cycle=zone)
            for name, more in (("latest", {}), ("sum", {"aggregate": "sum"})):
                result = KeyResult(
                    id=f"{name}{number}", objective=goal.id, title="", measure=Target(0, 9), **more
                )
                records += [Observation(result.id, f"2026-03-{day:02d}", day) for day in range(1, 15)]
                parts.append((cycle, goal, result))
        history = History.of(records)
        whole = Portfolio.of(*{one.id: one for part in parts for one in part}.values())
        for known_at in ("2026-03-10", "2026-03-10T17:00:00+00:00", "2026-03-11T03:00:00+00:00"):
            asked = {"as_of": "2026-03-12", "known_at": known_at}
            together = okr.evaluate(whole, history, **asked)
            for cycle, goal, result in parts:
                alone = okr.evaluate(Portfolio.of(cycle, goal, result), history, **asked)
                assert together[result.id].value == alone[result.id].value


def _frames():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    naive = polars.DataFrame({"measure": ["k"], "at": [dt.datetime(2026, 1, 1)], "value": [1.0]})  # noqa: DTZ001
    aware = naive.with_columns(polars.col("at").dt.replace_time_zone("America/New_York"))
    days = naive.with_columns(polars.col("at").cast(polars.Date))
    for name, frame in (("naive", naive), ("aware", aware), ("days", days)):
        yield name, frame
        yield name, frame.to_arrow()
    stamps = pandas.DataFrame({"measure": ["k"], "at": pandas.to_datetime(["2026-01-01"]), "value": [1.0]})
    yield "naive", stamps
    yield "aware", stamps.assign(at=stamps["at"].dt.tz_localize("America/New_York"))


def test_times_of_frames_are_instants_days_or_refused() -> None:
    """A4: read as a table or column by column, a frame's times mean the same."""
    means = {"aware": dt.datetime(2026, 1, 1, 5, tzinfo=dt.UTC), "days": dt.date(2026, 1, 1)}
    for kind, frame in _frames():
        readers = (
            okr.read_history,
            lambda frame: History.of_columns(frame["measure"], frame["at"], frame["value"]),
        )
        for read in readers:
            if kind == "naive":
                with pytest.raises(okr.HistoryError, match="timezone"):
                    read(frame)
            else:
                assert [one.at for one in read(frame)] == [means[kind]]
        if kind == "naive":
            in_days = History.of_columns(frame["measure"], frame["at"], frame["value"], days=True)
            assert [one.at for one in in_days] == [means["days"]]


def test_a_pandas_timestamp_is_an_instant() -> None:
    pandas = pytest.importorskip("pandas")
    stamp = pandas.Timestamp("2026-03-31T22:00", tz="America/New_York")
    history = TestWhichDayItIs.HISTORY
    snapshot = okr.evaluate(one_goal("America/New_York"), history, as_of=stamp)
    assert (snapshot["k"].status, snapshot.as_of) == ("on-track", stamp)
    with pytest.raises(okr.DefinitionError, match="timezone"):
        okr.evaluate(one_goal("UTC"), history, as_of=pandas.Timestamp("2026-03-31"))
    for text in ("2026-W02", "20260105"):
        with pytest.raises(okr.DefinitionError, match="write"):
            okr.evaluate(one_goal("UTC"), history, as_of=text)


@pytest.mark.parametrize(("unit", "word"), [("W", "weeks"), ("M", "months"), ("Y", "years")])
def test_periods_of_numpy_are_no_days(unit, word):
    """A4: a month is refused in an array as it is in text; its first day is hardly ever meant."""
    moments = np.array(["2026-01-01", "2026-02-05"], "datetime64[D]").astype(f"datetime64[{unit}]")
    for ask in (
        lambda: History.of_columns(["k", "k"], moments, [1.0, 2.0]),
        lambda: History.of_columns(["k", "k"], list(moments), [1.0, 2.0]),
        lambda: Observation("k", moments[0], 1.0),
    ):
        with pytest.raises(HistoryError, match=f"counts {word}, which are no days; give the day of each"):
            ask()
