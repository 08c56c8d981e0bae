"""S2.4, S2.5, S2.7, S3.4, S4.3: which value a measure has at a date, and whether that is still news."""

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Checklist,
    History,
    Item,
    KeyResult,
    Kpi,
    Milestone,
    Objective,
    Observation,
    Portfolio,
    Rates,
    ScoringPolicy,
    Source,
    Target,
)
from okrcore.errors import UnitError

START = dt.date(2026, 1, 5)  # a Monday
END = dt.date(2026, 4, 3)
CYCLE = okr.Cycle(id="c", start=START, end=END)
GOAL = Objective(id="o", title="", cycle="c")
DEFAULT = ScoringPolicy()
ONE = dt.timedelta(days=1)


def day(n):
    return START + n * ONE


def result(measure=Target(0, 100), **fields):  # noqa: B008  frozen
    return KeyResult(**{"id": "k", "objective": "o", "title": "", "measure": measure, **fields})


def look(history, at, *definitions, policy=DEFAULT, cycle=CYCLE, **more):
    """Evaluate at a day, a date, or ISO text; history as (measure, day, value) or observations."""
    seen = [o if isinstance(o, Observation) else Observation(o[0], day(o[1]), o[2]) for o in history]
    when = day(at) if isinstance(at, int) else at
    portfolio = Portfolio.of(cycle, GOAL, *(definitions or [result()]), units=["pallet"])
    return okr.evaluate(portfolio, History.of(seen), as_of=when, scoring=policy, **more)


observed = st.dictionaries(st.integers(-20, 110), st.integers(-5, 20), max_size=12)
often = st.lists(st.integers(-2, 12), min_size=40, max_size=40).map(
    lambda values: dict(zip(range(-9, 110, 3), values, strict=True))
)


class TestAggregate:
    @given(
        observed,
        st.integers(-30, 120),
        st.sampled_from(["latest", "sum", "mean", "max", "min"]),
        st.booleans(),
    )
    def test_is_over_the_cycle_up_to_the_day_or_the_due_date(self, seen, at, aggregate, early_due):
        """S2.7: over the cycle up to min(as_of, due); "latest" also takes observations before the cycle's
        start; observations after due do not count (knob `late`)."""
        due = 60 if early_due else (END - START).days
        fields = {"aggregate": aggregate, "due": day(60) if early_due else None}
        for late in ("ignore", "count"):
            until = at if late == "count" else min(at, due)
            inside = [seen[n] for n in sorted(seen) if n <= until and (n >= 0 or aggregate == "latest")]
            reducers = {"latest": lambda x: x[-1], "sum": sum, "max": max, "min": min}
            reducers["mean"] = lambda x: sum(x) / len(x)
            wanted = reducers[aggregate](inside) if inside else None
            history = [("k", n, value) for n, value in seen.items()]
            state = look(history, at, result(**fields), policy=ScoringPolicy(late=late))["k"]
            assert state.value == (wanted if wanted is None else pytest.approx(wanted))
            last = max((n for n in seen if n <= until), default=None)
            assert state.observed_at == (None if last is None else day(last))

    def test_forty_deals_from_weekly_counts(self):
        """S2.7: "40 deals this quarter" from weekly counts is a sum."""
        weekly = [("k", 7 * n, 4) for n in range(8)]
        state = look(weekly, 60, result(Target(0, 40), aggregate="sum"))["k"]
        assert (state.value, state.progress) == (32, 0.8)

    def test_many_key_results_are_reduced_each_for_itself(self):
        kinds = ["sum", "max", "latest", "mean", "min", "sum"]
        results = [result(id=f"k{n}", aggregate=kind) for n, kind in enumerate(kinds)]
        history = [(f"k{n}", d, 10 * n + d) for n in range(5) for d in (1, 2, 6)]
        found = look(history, 50, *results)
        assert [found[f"k{n}"].value for n in range(6)] == [9, 16, 26, 33, 41, None]

    def test_one_date_several_sources(self):
        """S2.7: pulled before derived before manual, then the latest known."""
        sources = {mode: Source("s-" + mode, mode=mode) for mode in ("pulled", "derived", "manual")}
        values = {"pulled": 1.0, "derived": 2.0, "manual": 3.0}
        seen = [Observation("k", day(5), values[mode], source=sources[mode]) for mode in values]
        for first in range(3):
            for order in (seen[first:], seen[first:][::-1]):
                assert look(order, 9)["k"].value == first + 1
        corrected = Observation("k", day(5), 9, source=sources["manual"], recorded_at=day(8))
        assert look([*seen, corrected], 9)["k"].value == 1
        assert look([*seen[2:], corrected], 9)["k"].value == 9
        assert look([*seen, Observation("k", day(6), 7, source=sources["manual"])], 9)["k"].value == 7
        summed = look([*seen, ("k", 6, 10)], 9, result(aggregate="sum"))["k"]
        assert summed.value == 11

    def test_what_was_known_then(self):
        """S8.1, S0.8: a correction counts from when it was known; `known_at=None` filters nothing."""
        seen = [("k", 5, 10), Observation("k", day(5), 20, recorded_at=day(12))]
        assert look(seen, 7)["k"].value == 20
        assert look(seen, 30, known_at=day(11))["k"].value == 10
        assert look(seen, 30, known_at=day(12))["k"].value == 20
        assert look(seen, 30, known_at=day(4))["k"].value is None
        instant = "2026-01-17T23:59:59.999998+00:00"  # a microsecond before the end of day 12
        assert look(seen, 30, known_at=instant)["k"].value == 10
        assert look(seen, 30, result(aggregate="sum"), known_at=day(11))["k"].value == 10
        weekly = result(Band(low=15), cadence="weekly")
        assert look(seen, 7, weekly, known_at=day(11))["k"].score == 0
        assert look(seen, 7, weekly)["k"].score == 1

    def test_dates_and_instants_of_one_day(self):
        """S0.8: a date-only observation compares as a calendar day with as_of's local date."""
        seen = [
            Observation("k", "2026-01-10T09:00:00+00:00", 1),
            Observation("k", "2026-01-10T15:00:00+00:00", 2),
        ]
        assert look(seen, "2026-01-10T12:00:00+00:00")["k"].value == 1
        assert look(seen, "2026-01-10")["k"].value == 2
        assert look(seen, "2026-01-10T12:00:00+00:00", result(aggregate="sum"))["k"].value == 1
        assert look(seen, "2026-01-10T08:00:00+00:00")["k"].value is None
        assert look([Observation("k", "2026-01-10", 3)], "2026-01-10T00:00:01+00:00")["k"].value == 3
        state = look(seen, "2026-01-10")["k"]
        assert state.observed_at == dt.datetime(2026, 1, 10, 15, tzinfo=dt.UTC)

    def test_a_sum_starts_with_the_cycles_first_instant_in_its_zone(self):
        """S2.7, S0.8: aggregates but "latest" do not take what was before the cycle's start."""
        tokyo = okr.Cycle(id="c", start=START, end=END, timezone="Asia/Tokyo")
        seen = [
            Observation("k", "2026-01-04T14:59:59+00:00", 1),
            Observation("k", "2026-01-04T15:00:00+00:00", 2),
            Observation("k", "2026-01-05", 4),
            Observation("k", "2026-01-04", 8),
            Observation("k", "2026-04-03T14:59:59+00:00", 16),
            Observation("k", "2026-04-03T15:00:00+00:00", 32),
        ]
        assert look(seen, 200, result(aggregate="sum"), cycle=tokyo)["k"].value == 22
        assert look(seen, 200, result(aggregate="sum"))["k"].value == 52


class TestUnits:
    def test_observations_are_read_in_the_measures_unit(self):
        """S1.3, S1.4: a conversion is an exact ratio; unit "" means the measure's own."""
        hours = result(Target(0, 10), unit="hour")
        for value, unit, wanted in [(3, "", 3), (90, "minute", 1.5), (0.5, "day", 12)]:
            assert look([Observation("k", day(1), value, unit=unit)], 5, hours)["k"].value == wanted
        mixed = [
            Observation("k", day(1), 30, unit="minute"),
            ("k", 2, 2),
            Observation("k", day(3), 1, unit="day"),
        ]
        assert look(mixed, 5, result(Target(0, 10), unit="hour", aggregate="sum"))["k"].value == 26.5

    def test_a_kpis_observations_are_in_its_unit(self):
        """S1.4: a key result's unit may differ from that of the KPI it reads."""
        kpi = Kpi(id="m", title="", unit="minute", target=Band(high=60))
        hours = result(Target(0, 10), unit="hour", measured_by="m")
        found = look([("m", 1, 90)], 5, hours, kpi)
        assert (found["k"].value, found["m"].value) == (1.5, 90)
        bare = look([("m", 1, 90)], 5, result(measured_by="m"), kpi)
        assert bare["k"].value == 90
        for snapshot, unit in ((found, "hour"), (bare, "minute")):
            assert list(snapshot.key_results["unit"]) == [unit]
            assert f"{snapshot['k'].value:g} {unit}" in str(snapshot)

    def test_every_measure_that_does_not_convert_is_named(self):
        """S0.3, S0.4: a unit of another dimension is an error; all of them at once."""
        results = [result(id=name, unit="hour") for name in ("a", "b", "d")]
        seen = [
            Observation(name, day(1), 1, unit=unit)
            for name, unit in [("a", "customer"), ("b", "EUR"), ("d", "s")]
        ]
        with pytest.raises(UnitError) as caught:
            look(seen, 5, *results, strict=True)
        assert [problem.path for problem in caught.value.problems] == ["a", "b"]

    def test_a_percentage_point_is_no_percent(self):
        """S1.4: an observation in percentage_point on a percent measure is an error; 70 % is 0.7 exactly."""
        share = result(Target(0, 1), unit="1")
        assert look([Observation("k", day(1), 70, unit="%")], 5, share)["k"].value == 0.7
        with pytest.raises(UnitError, match="k"):
            look([Observation("k", day(1), 2, unit="percentage_point")], 5, result(unit="%"), strict=True)

    def test_a_unit_on_an_undeclared_measure_is_refused(self):
        with pytest.raises(UnitError, match="declare"):
            look([Observation("k", day(1), 2, unit="hour")], 5, strict=True)

    def test_declared_counts_convert(self):
        """S1.1."""
        per_day = result(unit="pallet/day")
        assert look([Observation("k", day(1), 2, unit="pallets/hour")], 5, per_day)["k"].value == 48

    def test_money_takes_the_rate_of_its_date(self):
        """S1.5: the rate is that of the observation's date (knob `rate_date`); no rate: an error naming both
        currencies and the date."""
        rates = Rates.of([(day(0), "EUR", "USD", 1.25), (day(10), "EUR", "USD", 1.5)])
        euros = result(unit="EUR", aggregate="sum")
        seen = [
            Observation("k", day(1), 5, unit="USD"),
            Observation("k", day(11), 6, unit="USD"),
            ("k", 12, 1),
        ]
        assert look(seen, 20, euros, rates=rates)["k"].value == pytest.approx(4 + 4 + 1)
        policy = ScoringPolicy(rate_date="as_of")
        assert look(seen, 20, euros, rates=rates, policy=policy)["k"].value == pytest.approx(11 / 1.5 + 1)
        with pytest.raises(UnitError, match=r"(?s)USD.*EUR.*2026-01-06"):
            look(seen, 20, euros, strict=True)
        with pytest.raises(UnitError, match="USD"):
            look([Observation("k", day(-3), 5, unit="USD")], 20, result(unit="EUR"), rates=rates, strict=True)


FIRST = dt.date(2001, 1, 1).toordinal()
PERIODS = {
    "daily": lambda day: day,
    "weekly": lambda day: day.isocalendar()[:2],
    "fortnightly": lambda day: (day.toordinal() - FIRST) // 14,
    "every 3 weeks": lambda day: (day.toordinal() - FIRST) // 21,
    "every 10 days": lambda day: (day.toordinal() - FIRST) // 10,
    "monthly": lambda day: (day.year, day.month),
    "quarterly": lambda day: (day.year, (day.month + 2) // 3),
    "yearly": lambda day: day.year,
    "FREQ=WEEKLY;BYDAY=WE": lambda day: (day.toordinal() - FIRST - 2) // 7,
}
REDUCED = {"latest": lambda v: v[-1], "sum": sum, "mean": lambda v: sum(v) / len(v), "max": max, "min": min}


def all_periods(cadence):
    """All periods around the cycle, as lists of days counted one by one."""
    groups = {}
    for n in range(-400, 900):
        if "BYDAY" not in cadence or n >= 2:  # an RFC rule begins with its first date in the cycle
            groups.setdefault(PERIODS[cadence](day(n)), []).append(n)
    return list(groups.values())


def periods_of(cadence, until):
    """All periods that end in the cycle by day `until`; where none does, the cycle is its one period (A2)."""
    found = [days for days in all_periods(cadence) if 0 <= days[-1] <= until]
    return found or [list(range(until + 1))]


class TestBandPeriods:
    @pytest.mark.parametrize("planned", [False, True])
    @given(
        often,
        st.integers(-10, 120),
        st.sampled_from(list(PERIODS)),
        st.sampled_from([None, 30, 60]),
        st.sampled_from(list(REDUCED)),
        st.booleans(),
    )
    def test_is_the_share_of_due_periods_met(self, planned, seen, at, cadence, due, aggregate, by_kpi):
        """S2.4, A2, A5, A7: a period belongs to the cycle that holds its last day, is read whole, is due when
        it ended by as_of, and met if its aggregate is inside; one without observation is awaited until the
        end of the next and grace, then not met; none due: unknown. The value is that of the last judged."""
        until = (END - START).days if due is None else due
        periods = periods_of(cadence, until)
        ended = [days for days in periods if days[-1] <= min(at, until)]
        seen = {n: value for n, value in seen.items() if n <= min(at, until)}
        values = [[seen[n] for n in days if n in seen] for days in ended]
        judged = [REDUCED[aggregate](inside) for inside in values if inside]
        met = sum(0 <= value <= 10 for value in judged)
        every = all_periods(cadence)

        def awaited(clock):
            silent = [
                every.index(days)
                for days, inside in zip(ended, values, strict=True)
                if not inside and days in every
            ]
            return sum(clock <= every[place + 1][-1] + 3 for place in silent)

        waiting = awaited(until if at > until and awaited(at) else at)
        whole = periods if planned else ended[waiting:]
        policy = ScoringPolicy(band="share-of-planned" if planned else "share", stale="keep")
        fields = {"cadence": cadence, "due": None if due is None else day(due), "aggregate": aggregate}
        measured = {"measured_by": "m"} if by_kpi else {}
        kpis = [Kpi(id="m", title="", aggregate="max", cadence="monthly")] if by_kpi else []
        history = [("m" if by_kpi else "k", n, value) for n, value in seen.items()]
        state = look(history, at, result(Band(0, 10), **fields, **measured), *kpis, policy=policy)["k"]
        known = bool(seen) and whole and at >= 0
        assert state.score == (pytest.approx(met / len(whole)) if known else None)
        if judged:
            assert state.value == pytest.approx(judged[-1])

    def test_of_planned_periods_those_to_come_count_too(self):
        """S6: a dialect may judge the share of all periods until the due date: twelve whole weeks."""
        weekly = result(Band(0, 10), cadence="weekly")
        policy = ScoringPolicy(band="share-of-planned")
        found = [look([("k", 1, 5), ("k", 8, 5)], at, weekly, policy=policy)["k"].score for at in (6, 20, 80)]
        assert found == pytest.approx([1 / 12, 2 / 12, 2 / 12])

    def test_a_day_that_is_not_over_ends_no_period(self):
        """S2.4, S0.8: a date is the end of that day; an instant is not."""
        weekly = result(Band(low=0), cadence="weekly")
        assert look([("k", 0, 1)], "2026-01-11", weekly)["k"].score == 1
        assert look([("k", 0, 1)], "2026-01-11T23:00:00+00:00", weekly)["k"].score is None
        assert look([("k", 0, 1)], "2026-01-12T00:00:00+00:00", weekly)["k"].score == 1

    def test_the_last_observation_of_a_period_decides(self):
        weekly = result(Band(low=0), cadence="weekly")
        for values, met in [((-1, 1), 1), ((1, -1), 0)]:
            seen = [("k", 2, values[0]), ("k", 6, values[1])]
            assert look(seen, 6, weekly)["k"].score == met
            clock = [
                Observation("k", f"2026-01-06T{h:02}:00:00+00:00", v)
                for h, v in zip((9, 17), values, strict=True)
            ]
            assert look(clock, 6, weekly)["k"].score == met

    def test_many_bands_are_counted_each_for_itself(self):
        """S0.5: what one measure is does not depend on its neighbours."""
        results = [
            result(Band(low=0), id=f"k{n}", cadence=kind, due=due)
            for n, (kind, due) in enumerate(
                [("weekly", None), ("daily", day(20)), ("weekly", day(14)), (None, None), ("daily", None)]
            )
        ]
        history = [(f"k{n}", d, 1 if (d + n) % 3 else -1) for n in range(4) for d in range(0, 30, n + 1)]
        together = look(history, 40, *results)
        for one in results:
            assert look(history, 40, one)[one.id] == together[one.id]

    def test_bounds_belong_to_the_band_unless_told_otherwise(self):
        """S2.4: inclusive (knob)."""
        weekly = result(Band(1, 2), cadence="weekly")
        seen = [("k", 0, 1), ("k", 7, 2), ("k", 14, 1.5)]
        assert look(seen, 20, weekly)["k"].score == 1
        assert look(seen, 20, weekly, policy=ScoringPolicy(inclusive=False))["k"].score == pytest.approx(
            1 / 3
        )

    def test_a_bands_periods_are_in_its_own_unit(self):
        weekly = result(Band(low=1), cadence="weekly", unit="hour")
        seen = [
            Observation("k", day(7 * n), minutes, unit="minute") for n, minutes in enumerate([59, 60, 61])
        ]
        assert look(seen, 20, weekly)["k"].score == pytest.approx(2 / 3)


class TestBandDistance:
    POLICY = ScoringPolicy(band="distance")

    @pytest.mark.parametrize(
        ("band", "value", "wanted"),
        [
            (Band(10, 100), 8, 0.8),
            (Band(10, 100), 110, 0.9),
            (Band(-100, -10), -110, 0.9),
            (Band(10, 100), 300, 0),
            (Band(10, 100, tolerance=40), 8, 0.95),
            (Band(10, 100, tolerance=40), 110, 0.75),
            (Band(high=50), 60, 0.8),
            (Band(low=50), 40, 0.8),
            (Band(low=0, tolerance=10), -5, 0.5),
            (Band(low=0), 1, 1),
            (Band(low=0), -1, None),
        ],
    )
    def test_is_measured_by_the_tolerance_or_the_nearer_bound(self, band, value, wanted):
        """S2.4: "distance": 1 inside, else 1 - distance / tolerance, not below 0; tolerance or |bound|."""
        found = okr.progress(band, value, self.POLICY)
        assert found == (None if wanted is None else pytest.approx(wanted))
        state = look([("k", 1, value)], 9, result(band), policy=self.POLICY)["k"]
        assert state.progress == found

    def test_a_margin_also_rewards_room_inside(self):
        policy = ScoringPolicy(band="margin", clamp="none")
        found = okr.progress(Band(high=50), [25, 50, 75, 150, math.nan], policy)
        assert found == pytest.approx([1.5, 1, 0.5, -1, math.nan], nan_ok=True)


class TestChecklist:
    listed = result(Checklist([Item("a"), Item("b", weight=3)]))

    def test_an_item_is_done_from_its_first_one_on(self):
        """S2.5: done from the first observation of "<key result>#<item>" with value >= 1."""
        seen = [("k#a", 3, 0.9), ("k#b", 5, 1), ("k#b", 8, 0)]
        assert [look(seen, at, self.listed)["k"].score for at in (2, 3, 5, 8, 50)] == [
            None,
            0,
            0.75,
            0.75,
            0.75,
        ]
        state = look(seen, 50, self.listed)["k"]
        assert (state.value, state.observed_at) == (0.75, day(8))
        assert look([("k#b", 5, 7), ("k#a", 6, 1)], 9, self.listed)["k"].score == 1

    def test_or_when_its_milestone_is(self):
        """S2.5; S17.1: `done` counts only when it is at or before as_of."""
        done = Milestone(id="m", initiative="i", title="", due=day(10), done=day(12))
        initiative = okr.Initiative(id="i", title="")
        listed = result(Checklist([Item("a", milestone="m"), Item("b")]))
        found = [look([], at, listed, initiative, done)["k"].score for at in (11, 12, 90)]
        assert found == [0, 0.5, 0.5]
        later = look([("k#b", 20, 1)], 30, listed, initiative, done)["k"]
        assert (later.score, later.observed_at) == (1, day(20))

    def test_what_was_done_too_late_does_not_count(self):
        """S2.7: observations after due do not count (knob `late`)."""
        listed = result(Checklist(["a"]), due=day(30))
        assert look([("k#a", 31, 1)], 40, listed)["k"].score is None
        assert look([("k#a", 31, 1)], 40, listed, policy=ScoringPolicy(late="count"))["k"].score == 1

    def test_what_was_known_then(self):
        seen = [Observation("k#a", day(3), 1, recorded_at=day(9))]
        assert look(seen, 5, self.listed)["k"].score == 0.25
        assert look(seen, 20, self.listed, known_at=day(8))["k"].score is None


class TestStale:
    @given(
        st.integers(-60, 110),
        st.integers(-30, 140),
        st.sampled_from(list(PERIODS)),
        st.sampled_from([None, 40]),
        st.integers(0, 5),
    )
    def test_is_one_whole_period_and_the_grace_later(self, seen, at, cadence, due, grace):
        """S3.4: min(as_of, due) is later than the end of the cadence period after the one of the last
        observation, plus knob `stale_grace_days`."""
        until = min(at, (END - START).days if due is None else due)
        fields = {"cadence": cadence, "due": None if due is None else day(due)}
        policy = ScoringPolicy(stale_grace_days=grace)
        state = look([("k", seen, 5)], at, result(**fields), policy=policy)["k"]
        if seen > until or at < 0:
            assert state.stale != (state.status == "not-started")
            return
        groups = all_periods(cadence)
        place = next((i for i, days in enumerate(groups) if seen in days), -1)
        assert state.stale == (until > groups[place + 1][-1] + grace)

    def test_three_days_of_grace(self):
        """S3.4: knob stale_grace_days (3): seen in the week of day 0, its successor ends on day 13."""
        weekly = result(cadence="weekly")
        assert [look([("k", 3, 5)], at, weekly)["k"].stale for at in (16, 17)] == [False, True]
        assert [look([("k", 7, 5)], at, weekly)["k"].stale for at in (23, 24)] == [False, True]

    def test_an_instant_belongs_to_the_local_day(self):
        """S0.8, S3.4: late on Sunday in UTC is Monday in Tokyo, and a week later in a week's count."""
        tokyo = okr.Cycle(id="c", start=START, end=END, timezone="Asia/Tokyo")
        seen = [Observation("k", "2026-01-11T16:00:00+00:00", 5)]
        for cycle, last in [(CYCLE, 16), (tokyo, 23)]:
            found = [
                look(seen, at, result(cadence="weekly"), cycle=cycle)["k"].stale for at in (last, last + 1)
            ]
            assert found == [False, True]
        banded = result(Band(low=0), cadence="weekly")
        assert look(seen, 6, banded)["k"].score == 1
        found = [look(seen, at, banded, cycle=tokyo)["k"].score for at in (13, 16, 17)]
        assert found == [1, 1, 0.5]  # the first week is awaited until the end of the second, and grace

    def test_nothing_grows_stale_after_its_due_date(self):
        assert not look([("k", 85, 5)], 400, result(cadence="weekly"))["k"].stale
        assert look([("k", 60, 5)], 400, result(cadence="weekly"))["k"].stale

    def test_without_cadence_only_the_never_observed_is(self):
        """S3.4: a key result without cadence takes its KPI's; with neither, only never-observed is stale."""
        assert not look([("k", -300, 5)], 88)["k"].stale
        assert look([], 88)["k"].stale
        weekly = Kpi(id="m", title="", cadence="weekly")
        assert look([("m", 3, 5)], 88, result(measured_by="m"), weekly)["k"].stale
        assert not look([("m", 3, 5)], 88, result(measured_by="m"), Kpi(id="m", title=""))["k"].stale
        slower = result(measured_by="m", cadence="quarterly")
        assert not look([("m", 3, 5)], 88, slower, weekly)["k"].stale

    def test_a_kpis_periods_are_the_calendars_whoever_reads_it(self):
        """A2: adding a key result changes no state of a KPI."""
        cycle = okr.Cycle(id="c", start=dt.date(2026, 1, 7), end=END)  # a Wednesday
        kpi = Kpi(id="m", title="", cadence="weekly")
        seen = [Observation("m", dt.date(2026, 1, 12), 5)]
        for definitions in ([kpi], [kpi, result(measured_by="m")]):
            fresh = dt.date(2026, 1, 28)
            assert not look(seen, fresh, *definitions, cycle=cycle)["m"].stale
            assert look(seen, fresh + ONE, *definitions, cycle=cycle)["m"].stale

    @given(st.lists(st.integers(0, 100), min_size=30, max_size=30), st.integers(0, 6))
    def test_a_kpis_value_is_that_of_the_calendars_week_whoever_reads_it(self, values, after):
        """A2: weeks begin on Monday, also beside a cycle that begins in the middle of one."""
        first = dt.date(2026, 1, 5)
        days = [first + dt.timedelta(n) for n in range(30)]
        cycle = okr.Cycle(id="c", start=first + dt.timedelta(after), end=END)
        kpi = Kpi(id="m", title="", cadence="weekly", aggregate="mean")
        seen = [Observation("m", day, value) for day, value in zip(days, values, strict=True)]
        for definitions in ([kpi], [kpi, result(measured_by="m")]):
            state = look(seen, days[-1], *definitions, cycle=cycle)["m"]
            assert state.value == pytest.approx(sum(values[21:28]) / 7)

    def test_a_kpis_quarter_is_that_of_the_fiscal_year(self):
        """On 30 April a year from February on has ended its first quarter, a calendar year that to March."""
        kpi = Kpi(id="m", title="", cadence="quarterly", aggregate="sum")
        seen = [Observation("m", dt.date(2026, month, 28), 10**month) for month in (1, 2, 3, 4)]
        for first, value in ((1, 1110), (2, 11100)):
            calendar = okr.Calendar(year_start_month=first)
            assert look(seen, dt.date(2026, 4, 30), kpi, calendar)["m"].value == value

    def test_stale_leaves_are_unknown_in_coverage_and_count_in_the_mean(self):
        """S4.3: a stale leaf is unknown in these runs, while its last score stays in the mean."""
        definitions = [result(cadence="weekly"), result(id="l"), result(id="n")]
        seen = [("k", 1, 90), ("l", 1, 30)]
        state = look(seen, 60, *definitions)["o"]
        assert (state.score, state.coverage) == (pytest.approx(0.6), pytest.approx((1 + 1 / 8) / 3))  # A9
        assert (state.low, state.high) == (pytest.approx(0.1), pytest.approx((1 + 0.3 + 1) / 3))
        kept = look(seen, 60, *definitions, policy=ScoringPolicy(stale="keep"))["o"]
        assert (kept.coverage, kept.low) == (pytest.approx((1 + 1 / 8) / 3), pytest.approx(0.4))  # A9

    @pytest.mark.parametrize("cadence", ["daily", "weekly", "monthly", "every 1000 years", "FREQ=DAILY"])
    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
    @pytest.mark.parametrize(
        "at", [dt.date.min, dt.datetime.min.replace(tzinfo=dt.UTC), dt.date(1582, 10, 4)]
    )
    def test_what_was_seen_before_all_time_is_just_old(self, cadence, zone, at):
        """S0.3: a placeholder such as 0001-01-01 for "no date" is a date like others."""
        cycle = okr.Cycle(id="c", start=START, end=END, timezone=zone)
        kpi = Kpi(id="m", title="", aggregate="sum", cadence=cadence)
        found = look(
            [Observation("k", at, 5), Observation("m", at, 5)], 9, result(cadence=cadence), kpi, cycle=cycle
        )
        assert (found["k"].value, found["k"].observed_at) == (5, at)
        fresh = cadence == "every 1000 years" and at.year > 1026
        assert found["k"].stale == found["m"].stale == (not fresh)


class TestKpiValue:
    weekly = Kpi(id="m", title="", aggregate="sum", cadence="weekly", target=Band(low=5))

    @given(observed, st.integers(-30, 130), st.sampled_from(["sum", "mean", "max", "min"]))
    def test_is_that_of_the_last_ended_period_with_news(self, seen, at, aggregate):
        """S2.7 for a KPI: its aggregate runs over a period of its cadence, never over part of one."""
        kpi = Kpi(id="m", title="", aggregate=aggregate, cadence="weekly", target=Band(low=5))
        told = [n for n in seen if n <= at]
        wanted = None
        if told:
            week = min(max(told) // 7, (at + 1) // 7 - 1)  # a Monday is day 0
            inside = [seen[n] for n in told if n // 7 == week]
            reducers = {"sum": sum, "max": max, "min": min, "mean": lambda x: sum(x) / len(x)}
            wanted = reducers[aggregate](inside) if inside else None
        found = look([("m", n, value) for n, value in seen.items()], at, kpi)["m"].value
        assert found == (None if wanted is None else pytest.approx(wanted))

    def test_a_period_that_is_not_over_does_not_count(self):
        """S2.4, S0.8: an instant ends no day."""
        kpi = Kpi(id="m", title="", aggregate="sum", cadence="daily")
        seen = [("m", 1, 3), ("m", 2, 4)]
        assert look(seen, "2026-01-07T12:00:00+00:00", kpi)["m"].value == 3
        assert look(seen, "2026-01-07", kpi)["m"].value == 4

    def test_several_rhythms_side_by_side(self):
        """S0.5: what one measure is does not depend on its neighbours."""
        kpis = [
            Kpi(id=f"m{n}", title="", aggregate="sum", cadence=cadence)
            for n, cadence in enumerate(["weekly", "monthly", "weekly", "daily", None])
        ]
        history = [(f"m{n}", d, n + 1) for n in range(5) for d in range(-40, 50, n + 1)]
        together = look(history, 45, *kpis)
        for kpi in kpis:
            assert look(history, 45, kpi)[kpi.id].value == together[kpi.id].value is not None
        assert [together[kpi.id].value for kpi in kpis] == [7, 32, 9, 4, 5]

    def test_without_cadence_it_is_the_latest(self):
        kpi = Kpi(id="m", title="", aggregate="sum")
        assert look([("m", 1, 3), ("m", 2, 4)], 30, kpi)["m"].value == 4


def test_an_empty_history_leaves_all_unknown():
    """S0.2: what has no data is None."""
    found = look(
        [], 30, result(), result(Band(low=1), id="b", cadence="weekly"), result(Checklist(["x"]), id="l")
    )
    for name in ("k", "b", "l"):
        state = found[name]
        assert (state.value, state.progress, state.score, state.observed_at) == (None,) * 4
        assert (state.status, state.stale) == ("no-data", True)
    assert (found["o"].score, found["o"].coverage, found["o"].low, found["o"].high) == (None, 0, 0, 1)
    assert found.key_results["score"].tolist() == pytest.approx([math.nan] * 3, nan_ok=True)


@pytest.mark.parametrize(
    "wrong", ["abc", "5 %", math.inf, -math.inf, 10**400, 1j, object(), ["a"], [[1], [1, 2]], {}]
)
def test_what_is_no_number_has_no_progress(wrong):
    """S0.3: raise what cannot be evaluated: an infinite value, or none at all."""
    with pytest.raises(okr.DefinitionError, match="value"):
        okr.progress(Target(0, 1), wrong)
    with pytest.raises(okr.DefinitionError, match="value"):
        okr.compile_portfolio(Portfolio.of(CYCLE, GOAL, result())).score([wrong])


@pytest.mark.parametrize("kind", [int, float, np.float64, np.float32, np.int64, Fraction, Decimal, np.array])
def test_one_number_of_any_kind_gives_one_number(kind):
    """S0.2: unknown is None for a scalar, NaN in a column."""
    found = okr.progress(Target(0, 4), kind(3))
    assert (type(found), found) == (float, 0.75)
    assert okr.progress(Target(3, 3), kind(3)) is None
    assert okr.progress(Target(0, 4), np.array([3, math.nan])).tolist() == pytest.approx(
        [0.75, math.nan], nan_ok=True
    )


@pytest.mark.parametrize("given", [None, [Observation("a", "2026-01-31", 1)], "history.csv"])
def test_what_is_no_history_is_told(given):
    with pytest.raises(okr.HistoryError, match=r"but must be a History.*History\.of"):
        okr.evaluate(Portfolio.of(Kpi(id="a", title="A")), given, as_of="2026-01-31")


def test_a_frame_is_sent_to_what_takes_one():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"measure": ["a"], "at": ["2026-01-31"], "value": [1.0]})
    portfolio = Portfolio.of(Kpi(id="a", title="A"))
    with pytest.raises(okr.HistoryError, match=r"History\.of_frame\(frame\)"):
        okr.evaluate(portfolio, frame, as_of="2026-01-31")
    found = okr.evaluate(portfolio, okr.History.of_frame(frame), as_of="2026-01-31")
    assert found.kpi("a").value == 1.0
