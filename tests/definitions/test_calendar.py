"""S3, S0.8: elapsed shares, cadences, fiscal years, and what a date means in a timezone."""

import datetime as dt
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Cadence,
    Cycle,
    DefinitionError,
    KeyResult,
    Objective,
    Observation,
    Portfolio,
    ScoringPolicy,
    Target,
)

D = dt.date
ONE = dt.timedelta(days=1)
dates = st.dates(D(1950, 1, 1), D(2100, 12, 31))
sizes = st.integers(1, 30)
named = st.one_of(
    st.sampled_from(["daily", "weekly", "fortnightly", "monthly", "quarterly", "yearly"]),
    st.builds("every {} {}s".format, sizes, st.sampled_from(["day", "week", "month", "quarter", "year"])),
).map(Cadence.parse)


def one_goal(cycle, **fields):
    result = {"id": "k", "objective": "o", "title": "", "measure": Target(0, 10), **fields}
    return Portfolio.of(cycle, Objective(id="o", title="", cycle=cycle.id), KeyResult(**result))


DEFAULT = ScoringPolicy()
FREQUENCIES = ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY"]


def expected(cycle, day, policy=DEFAULT, **fields):
    return okr.evaluate(one_goal(cycle, **fields), okr.History.of(), as_of=day, scoring=policy)["k"].expected


class TestElapsed:
    @given(dates, st.integers(1, 800), st.integers(-50, 900))
    def test_is_the_share_of_days_gone(self, start, length, passed):
        """S3.1: (d - start).days / (end - start).days cut to 0..1."""
        cycle = Cycle(id="c", start=start, end=start + length * ONE)
        found = expected(cycle, start + passed * ONE)
        assert found == min(max(passed / length, 0.0), 1.0)

    @given(dates, st.integers(0, 800), st.integers(-50, 900))
    def test_inclusive_counts_the_first_day(self, start, length, passed):
        """S3.1: knob "inclusive": ((d - start).days + 1) / ((end - start).days + 1)."""
        cycle = Cycle(id="c", start=start, end=start + length * ONE)
        found = expected(cycle, start + passed * ONE, ScoringPolicy(elapsed="inclusive"))
        assert found == min(max((passed + 1) / (length + 1), 0.0), 1.0)

    def test_a_cycle_of_one_day(self):
        """S3.1: one-day cycle: 0 before it, 1 on it."""
        cycle = Cycle(id="c", start=D(2026, 3, 1), end=D(2026, 3, 1))
        assert [expected(cycle, D(2026, 2, 28) + n * ONE) for n in range(3)] == [0, 1, 1]

    @given(dates, st.integers(0, 400), st.integers(1, 400), st.integers(0, 500))
    def test_runs_to_the_key_results_own_due(self, start, length, due, passed):
        """S3.1: a key result's elapsed share runs to its own `due` where it has one."""
        cycle = Cycle(id="c", start=start, end=start + length * ONE)
        found = expected(cycle, start + passed * ONE, due=start + due * ONE)
        assert found == min(passed / due, 1.0)

    def test_a_plan_is_followed_in_straight_lines(self):
        """S2.3, S3.3: waypoints between (cycle start, start) and (due, goal), joined by straight lines."""
        cycle = Cycle(id="c", start=D(2026, 1, 1), end=D(2026, 1, 31))
        plan = Target(100, 200, plan=[(D(2026, 1, 11), 110), (D(2026, 1, 21), 180)])
        found = [expected(cycle, D(2026, 1, day), measure=plan) for day in (1, 6, 11, 16, 21, 26, 31)]
        assert found == pytest.approx([0, 0.05, 0.1, 0.45, 0.8, 0.9, 1])
        assert expected(cycle, D(2025, 12, 1), measure=plan) == 0
        assert expected(cycle, D(2026, 2, 9), measure=plan) == 1
        falling = Target(200, 100, plan=[(D(2026, 1, 16), 120)])
        assert expected(cycle, D(2026, 1, 16), measure=falling) == pytest.approx(0.8)
        baseless = Target(None, 100, plan=[(D(2026, 1, 16), 20)])  # no share of the way without a start
        assert expected(cycle, D(2026, 1, 16), measure=baseless) == 0.5
        early = expected(cycle, D(2026, 1, 6), measure=Target(0, 10), due=D(2026, 1, 11))
        assert early == 0.5

    def test_an_objective_expects_what_its_children_do(self):
        """S3.3: an objective's expected is the same weighted mean over the same children as its score."""
        cycle = Cycle(id="c", start=D(2026, 1, 1), end=D(2026, 1, 31))
        early = KeyResult(id="a", objective="o", title="", measure=Target(0, 1), due=D(2026, 1, 11), weight=3)
        silent = KeyResult(id="b", objective="o", title="", measure=Target(0, 1))
        portfolio = one_goal(cycle).with_(early, silent)
        history = okr.History.of([Observation("k", D(2026, 1, 5), 1), Observation("a", D(2026, 1, 5), 1)])
        state = okr.evaluate(portfolio, history, as_of=D(2026, 1, 7))["o"]
        assert state.expected == pytest.approx((0.2 + 3 * 0.6) / 4)
        assert okr.evaluate(portfolio, okr.History.of(), as_of=D(2026, 1, 7))["o"].expected is None


class TestCadence:
    @given(named, dates, dates, dates)
    def test_edges_enclose_what_is_asked_for(self, cadence, anchor, one, other):
        """S3.2: half-open periods from the anchor in both directions, without gap or overlap; the first holds
        `since`, and two start after `until`."""
        since, until = sorted([one, other])
        until = min(until, since + 4000 * ONE)
        edges = cadence.edges(anchor, since, until)
        assert all(a < b for a, b in pairwise(edges))
        assert edges[0] <= since < edges[1]
        assert len([edge for edge in edges if edge > until]) >= 2
        whole = cadence.edges(anchor, min(since, anchor), max(until, anchor))
        assert anchor in whole
        assert set(edges) <= set(whole)

    @given(named, dates, st.integers(0, 4000))
    def test_periods_start_at_the_anchor(self, cadence, anchor, length):
        """S3.2: the anchor is explicit; periods are half-open and touch."""
        until = anchor + length * ONE
        periods = cadence.periods(anchor, until)
        assert periods[0].start == anchor
        assert all(a.end == b.start for a, b in pairwise(periods))
        assert periods[-1].start <= until < periods[-1].end

    @given(dates, st.integers(1, 40), st.integers(0, 60))
    def test_months_are_cut_not_carried(self, anchor, size, k):
        """S3.2: the k-th start is anchor + k months with the day cut to the month's length."""
        until = D(
            anchor.year + (anchor.month - 1 + size * k) // 12, (anchor.month - 1 + size * k) % 12 + 1, 28
        )
        starts = [
            period.start for period in Cadence.parse(f"every {size} months").periods(anchor, until + 4 * ONE)
        ]
        start = starts[k]
        assert (start.year * 12 + start.month) - (anchor.year * 12 + anchor.month) == size * k
        last_of_month = (start + ONE).month != start.month
        assert start.day == anchor.day or (start.day < anchor.day and last_of_month)

    def test_the_thirty_first(self):
        """S3.2: 31 Jan, 28 Feb, 31 Mar; 29 Feb in leap years only."""
        months = Cadence.parse("monthly").periods(D(2026, 1, 31), D(2026, 5, 1))
        assert [period.start for period in months] == [
            D(2026, 1, 31),
            D(2026, 2, 28),
            D(2026, 3, 31),
            D(2026, 4, 30),
        ]
        years = Cadence.parse("yearly").periods(D(2024, 2, 29), D(2028, 3, 1))
        assert [period.start.day for period in years] == [29, 28, 28, 28, 29]

    def test_every_three_weeks(self):
        found = Cadence.parse("every 3 weeks").periods(D(2026, 1, 1), D(2026, 2, 13))
        assert [period.start for period in found] == [D(2026, 1, 1), D(2026, 1, 22), D(2026, 2, 12)]
        assert Cadence.parse("every 1 week").periods(D(2026, 1, 1), D(2026, 2, 1)) == Cadence.parse(
            "weekly"
        ).periods(D(2026, 1, 1), D(2026, 2, 1))
        assert Cadence.parse("fortnightly").step == ("weeks", 2)
        assert Cadence.parse("quarterly").step == ("months", 3)
        assert Cadence.parse("FREQ=DAILY").step is None

    @pytest.mark.parametrize(
        ("rule", "starts"),
        [
            ("FREQ=WEEKLY;BYDAY=MO,TH", ["2026-01-01", "2026-01-05", "2026-01-08", "2026-01-12"]),
            ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
            ("FREQ=MONTHLY;BYDAY=2TU", ["2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14"]),
            ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24"]),
            (
                "RRULE:FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=1",
                ["2026-04-01", "2026-10-01", "2027-04-01", "2027-10-01"],
            ),
            ("FREQ=DAILY;INTERVAL=10", ["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-31"]),
            ("FREQ=MONTHLY", ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]),
        ],
    )
    def test_rules_keep_their_rfc_meaning(self, rule, starts):
        """S3.2: RFC text keeps RFC meaning: the 31st skips February, where "monthly" would cut it."""
        found = Cadence.parse(rule).periods(D(2026, 1, 1), D(2028, 1, 1))
        assert [str(period.start) for period in found[:4]] == starts
        edges = Cadence.parse(rule).edges(D(2026, 1, 1), D(2026, 1, 1), D(2026, 6, 1))
        assert len([edge for edge in edges if edge > D(2026, 6, 1)]) >= 2

    @given(
        st.sets(st.integers(0, 6), min_size=1, max_size=7).flatmap(
            lambda days: st.tuples(st.just(days), st.integers(1, 4 * len(days)), st.sampled_from([1, -1]))
        )
    )
    def test_a_place_among_weekdays_is_one_day_a_month(self, drawn):
        """The last working day, the third Monday or Tuesday: against a walk through the days."""
        days, place, sign = drawn
        names = ",".join(["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day] for day in sorted(days))
        rule = Cadence(f"FREQ=MONTHLY;BYDAY={names};BYSETPOS={sign * place}")
        found = [period.start for period in rule.periods(D(2026, 1, 1), D(2027, 12, 31))]
        months = {}
        for day in (D(2026, 1, 1) + dt.timedelta(days=n) for n in range(730)):
            if day.weekday() in days:
                months.setdefault((day.year, day.month), []).append(day)
        assert found == [month[::sign][place - 1] for month in months.values()]

    def test_a_monthly_rule_on_the_31st_skips_short_months(self):
        found = Cadence.parse("FREQ=MONTHLY").periods(D(2026, 1, 31), D(2026, 5, 31))
        assert [period.start for period in found] == [D(2026, 1, 31), D(2026, 3, 31), D(2026, 5, 31)]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "hourly",
            "Weekly",
            "every 0 weeks",
            "every 1001 weeks",
            "every 2 hours",
            "every  2 weeks",
            "every ٣ weeks",
            "FREQ=HOURLY",
            "FREQ=SECONDLY",
            "FREQ=DAILY;COUNT=3",
            "FREQ=DAILY;UNTIL=20270101",
            "FREQ=DAILY;BYHOUR=3",
            "FREQ=DAILY;BYSETPOS=1",
            "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1",
            "FREQ=MONTHLY;BYSETPOS=1",
            "FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=1",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5",
            "FREQ=MONTHLY;BYDAY=MO,MO;BYSETPOS=-5",
            "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=13;BYSETPOS=2",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,2",
            "FREQ=WEEKLY;WKST=SU",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=1001",
            "FREQ=DAILY;INTERVAL=1;INTERVAL=2",
            "FREQ=DAILY;BYMONTH=13",
            "FREQ=DAILY;BYMONTHDAY=0",
            "FREQ=DAILY;BYMONTHDAY=32",
            "FREQ=WEEKLY;BYDAY=2TU",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=WEEKLY;BYDAY=MO,",
            "FREQ=WEEKLY;BYDAY=XX",
            "BYDAY=MO",
            "DTSTART:20260101\nFREQ=DAILY",
            "FREQ=DAILY\n",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
            "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
            "FREQ=MONTHLY;BYDAY=53MO",
            "FREQ=YEARLY;BYDAY=6MO;BYMONTH=1",
            "FREQ=WEEKLY;BYDAY=MOTU",
            "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=YEARLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=29",
            "FREQ=DAILY;BYMONTHDAY=" + ",".join(["31"] * 50),
        ],
    )
    def test_anything_else_is_refused_quickly(self, text):
        """S3.2: FREQ from DAILY up, INTERVAL 1..1000, BYDAY, BYMONTH, BYMONTHDAY, at most 128 characters, a
        first date within 8 years; else refused."""
        before = time.process_time()
        with pytest.raises(DefinitionError):
            Cadence.parse(text)
        assert time.process_time() - before < 2

    @given(
        st.lists(
            st.sampled_from(
                [
                    "FREQ=DAILY",
                    "FREQ=YEARLY",
                    "FREQ=MONTHLY",
                    "FREQ=WEEKLY",
                    "INTERVAL=999",
                    "INTERVAL=7",
                    "BYDAY=-5MO",
                    "BYDAY=53SU",
                    "BYMONTH=2",
                    "BYMONTHDAY=29",
                    "BYMONTHDAY=30",
                    "BYMONTHDAY=-31",
                ]
            ),
            max_size=5,
        ).map(";".join)
    )
    def test_a_rule_that_is_taken_has_dates(self, rule):
        """S0.3: hostile rules end quickly, in periods or in an error."""
        before = time.process_time()
        try:
            edges = Cadence.parse(rule).edges(D(2001, 1, 1), D(2001, 1, 1), D(2003, 1, 1))
        except DefinitionError:
            edges = (D.min, D.max)
        assert all(a <= b for a, b in pairwise(edges))
        assert time.process_time() - before < 2

    def test_nothing_reads_the_clock(self, monkeypatch):
        """S0.1, S3.2: the anchor is always explicit, so dateutil's "now" is never reached."""

        class Clockless(dt.datetime):
            @classmethod
            def now(cls, tz=None):
                raise AssertionError("the clock was read")

            utcnow = today = now

        import dateutil.parser  # noqa: F401  what it makes at import is no reading of the clock

        monkeypatch.setattr(dt, "datetime", Clockless)
        assert Cadence("FREQ=MONTHLY;BYDAY=3WE").periods(D(2026, 1, 1), D(2026, 3, 1))


class TestFiscalYears:
    @given(st.integers(1900, 2100), st.integers(1, 12))
    def test_halves_and_quarters_partition_the_year(self, year, first):
        """S3.5: fiscal years are named by the year they end in."""
        whole = Cycle.year(year, fiscal_start_month=first)
        assert whole.end.year == year
        assert (whole.start.month, whole.start.day) == (first, 1)
        assert (whole.end - whole.start).days in (364, 365)
        assert Cycle.year(year + 1, fiscal_start_month=first).start == whole.end + ONE
        quarters = [Cycle.quarter(year, n, fiscal_start_month=first) for n in (1, 2, 3, 4)]
        halves = [Cycle.half(year, n, fiscal_start_month=first) for n in (1, 2)]
        for parts in (quarters, halves):
            assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
            assert all(b.start == a.end + ONE for a, b in pairwise(parts))
            assert all(part.start.day == 1 for part in parts)
        assert len({cycle.id for cycle in (whole, *quarters, *halves)}) == 7

    def test_names(self):
        assert Cycle.quarter(2026, 4).id == "2026-Q4"
        assert Cycle.half(2027, 2, fiscal_start_month=7).id == "FY2027-H2"
        assert Cycle.year(2026, id="mine", timezone="Asia/Tokyo") == Cycle(
            id="mine", start=D(2026, 1, 1), end=D(2026, 12, 31), timezone="Asia/Tokyo"
        )

        with pytest.raises(DefinitionError, match="id"):
            Cycle.year(2026, id="")

    @pytest.mark.parametrize("wrong", [0, 13, 1.0, "1", True, None, 10**400])
    def test_parts_that_are_none_are_refused(self, wrong):
        for build in (
            lambda: Cycle.year(2026, fiscal_start_month=wrong),
            lambda: Cycle.quarter(2026, wrong if wrong != 1 else 5),
            lambda: Cycle.half(2026, wrong),
            lambda: Cycle.year(wrong),
        ):
            with pytest.raises(DefinitionError, match="whole number"):
                build()

    def test_a_cycle_runs_forward_in_a_known_zone(self):
        with pytest.raises(DefinitionError, match="swap"):
            Cycle(id="c", start=D(2026, 1, 2), end=D(2026, 1, 1))
        for zone in ("", "Europe", "Mars/Olympus", "../../etc/passwd", "\x00", "\ud800", 1):
            with pytest.raises(DefinitionError, match="timezone"):
                Cycle(id="c", start=D(2026, 1, 1), end=D(2026, 1, 2), timezone=zone)
        for day in (D.min, D.max, D(1599, 12, 31), D(2401, 1, 1)):
            with pytest.raises(DefinitionError, match="give a date"):
                Cycle(id="c", start=day, end=day)


class TestAsOf:
    def value(self, as_of, zone="UTC", **fields):
        cycle = Cycle(id="c", start=D(2026, 1, 1), end=D(2026, 12, 31), timezone=zone)
        history = okr.History.of(
            [Observation("k", at, number) for number, at in enumerate(fields.pop("at"), start=1)]
        )
        return okr.evaluate(one_goal(cycle), history, as_of=as_of)["k"].value

    def test_a_date_is_the_end_of_that_day_in_the_cycles_zone(self):
        """S0.8: a date means the end of that day in the cycle's timezone (default UTC)."""
        at = ["2026-06-30T14:59:59+00:00", "2026-06-30T15:00:00+00:00", "2026-06-30T23:59:59+00:00"]
        assert self.value("2026-06-30", "Asia/Tokyo", at=at) == 1  # Tokyo's day ends at 15:00 UTC
        assert self.value("2026-06-30", at=at) == 3
        assert self.value("2026-06-30", "America/New_York", at=[*at, "2026-07-01T03:59:59+00:00"]) == 4
        assert self.value("2026-06-30", "America/New_York", at=[*at, "2026-07-01T04:00:00+00:00"]) == 3

    def test_an_instant_is_itself_in_every_zone(self):
        """S0.8: an aware instant; S3.5: differences are taken in UTC."""
        at = ["2026-06-30T12:00:00+00:00", "2026-06-30T13:00:00+00:00"]
        for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
            assert self.value("2026-06-30T14:30:00+02:00", zone, at=at) == 1
            assert self.value("2026-06-30T15:00:00+02:00", zone, at=at) == 2

    def test_a_date_only_observation_compares_with_the_local_date(self):
        """A3: a date-only observation compares with as_of's day in the cycle's zone."""
        for moment in ("2026-06-30T23:30:00-05:00", "2026-07-01T04:30:00+00:00"):
            assert self.value(moment, at=["2026-06-30", "2026-07-01"]) == 2
            assert self.value(moment, "America/Chicago", at=["2026-06-30", "2026-07-01"]) == 1

    @pytest.mark.parametrize(
        ("zone", "day", "last"),
        [
            ("Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999999+00:00"),  # 23 hours long
            ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59.999999+00:00"),  # 25 hours long
            (
                "Africa/Cairo",
                "2026-04-23",
                "2026-04-23T21:59:59.999999+00:00",
            ),  # next midnight does not exist
        ],
    )
    def test_days_when_clocks_change_end_where_the_next_begins(self, zone, day, last):
        """S0.8, on days of 23 and 25 hours."""
        end = dt.datetime.fromisoformat(last)
        assert self.value(day, zone, at=[end]) == 1
        assert self.value(day, zone, at=[end + dt.timedelta(microseconds=1)]) is None

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            "today",
            "2026-13-01",
            "2026-06-30T10:00:00",
            20260630,
            None,
            True,
            b"2026-06-30",
            D.max,
            "9999-12-31",
        ],
    )
    def test_what_is_neither_is_refused(self, wrong):
        """S3.5: naive datetimes are refused."""
        with pytest.raises(DefinitionError, match="as_of"):
            self.value(wrong, at=[])
        if wrong is not None:
            with pytest.raises(okr.OkrError):
                okr.evaluate(Portfolio.of(), okr.History.of(), as_of="2026-01-01", known_at=wrong)

    def test_weekly_dates(self):
        assert okr.weekly("2026-01-01", D(2026, 1, 15)) == (D(2026, 1, 1), D(2026, 1, 8), D(2026, 1, 15))
        assert okr.weekly("2026-01-02", "2026-01-01") == ()
