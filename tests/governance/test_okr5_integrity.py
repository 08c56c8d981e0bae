"""OKR5: what is worth a look, each with its floor; honest noise raises no alarm beyond its level."""

import datetime as dt
from collections import Counter

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Cycle,
    Entry,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Owner,
    Portfolio,
    ScoringPolicy,
    Source,
    Target,
)
from okrcore.history.provenance import Provenance as Origin
from tests.support import real_catalogues

YEAR = Cycle.year(2026)
FASTER = Objective(id="faster", title="Sort faster", cycle="2026")
SPEED = KeyResult(id="speed", objective="faster", title="Speed", measure=Target(0, 100), cadence="monthly")
UPTIME = Kpi(id="uptime", title="Uptime", unit="%", target=Band(low=98), cadence="weekly", owner="lead")
PEOPLE = (Owner(id="lead", kind="role"), Owner(id="controller", kind="role"))
READ = KeyResult(
    id="up", objective="faster", title="Up", measure=Band(low=98), unit="%", measured_by="uptime", owner="coo"
)
SCADA, FORM = Source("scada"), Source("form", mode="manual")
SUNDAYS = [dt.date(2026, 1, 4) + dt.timedelta(days=7 * week) for week in range(26)]
DAY = dt.timedelta(days=1)


def found(code, *definitions, observations=(), entries=(), as_of="2026-06-30", scoring=None, **knobs):
    """What one rule finds, as {subject: finding}."""
    policy = okr.STRICT.with_parameters({code: knobs})
    policy = attrs.evolve(policy, scoring=scoring) if scoring else policy
    findings = okr.check(
        Portfolio.of(*definitions),
        okr.History.of(observations),
        as_of=as_of,
        policy=policy,
        select=[code],
        journal=okr.Journal.of(entries),
    )
    return {one.subject: one for one in findings}


def evidence(finding):
    return dict(finding.evidence)


def restated(changes, measure="uptime", value=97.0):
    """First reports on Sundays, and what was made of them nine days later."""
    first = [Observation(measure, day, value, source=SCADA) for day, _ in zip(SUNDAYS, changes, strict=False)]
    later = [
        Observation(measure, day, value + change, source=SCADA, recorded_at=day + 9 * DAY)
        for day, change in zip(SUNDAYS, changes, strict=False)
        if change
    ]
    return [*first, *later]


def reported(values, delays, measure="uptime"):
    return [
        Observation(measure, day, value, source=FORM, recorded_at=day + late * DAY)
        for day, value, late in zip(SUNDAYS, values, delays, strict=False)
    ]


class TestLaws:
    @given(st.data())
    def test_the_order_of_delivery_changes_nothing(self, data):
        """S0.5: who delivered first is no signal; when it was recorded is."""
        drawn = st.builds(
            lambda day, late, value, system, mode, by, definition: Observation(
                "uptime", SUNDAYS[day], float(value), by=by, definition=definition,
                recorded_at=SUNDAYS[day] + late * DAY, source=Source(system, mode=mode),
            ),
            st.integers(0, 9), st.integers(0, 40), st.integers(94, 99), st.sampled_from(["scada", "form"]),
            st.sampled_from(["pulled", "manual"]), st.sampled_from(["lead", "controller"]),
            st.sampled_from(["", "a", "b"]),
        )  # fmt: skip
        observations = data.draw(
            st.lists(drawn, max_size=30, unique_by=lambda one: (one.at, one.recorded_at, one.source.system))
        )
        turned = data.draw(st.permutations(observations))
        portfolio = Portfolio.of(*PEOPLE, UPTIME)
        one, other = (
            okr.check(portfolio, okr.History.of(order), as_of="2026-06-30", select=["OKR5"])
            for order in (observations, turned)
        )
        assert one == other
        context = okr.governance.Context(
            portfolio=portfolio,
            as_of=dt.date(2026, 3, 1),
            history=okr.History.of(turned),
            known_at=SUNDAYS[9],
        )
        recorded, since = context.recorded, SUNDAYS[2]
        assert Counter(recorded.origins_since("uptime", since)) == Counter(
            Origin.of(one) for one in recorded.observations("uptime", since)
        )
        assert {one.at for one in recorded.observations("uptime", since)} == {
            one.at
            for one in observations
            if since <= one.at <= context.day and one.recorded_at.date() <= SUNDAYS[9]
        }

    def test_honest_restatements_and_delays_of_many_measures_raise_no_alarm(self):
        """S12, S9.5: the level holds for all measures together: ten portfolios, one alarm at most."""
        rng = np.random.default_rng(8)
        alarms = 0
        for _ in range(10):
            kpis = [attrs.evolve(UPTIME, id=f"k{n}", owner=None) for n in range(40)]
            observations = []
            for kpi in kpis:
                values = rng.normal(0, 1, 13).cumsum() + 97
                delays = rng.integers(1, 9, 13)
                observations += reported(values.tolist(), delays.tolist(), kpi.id)
                observations += [
                    Observation(
                        kpi.id,
                        one.at,
                        one.value + rng.normal(),
                        source=FORM,
                        recorded_at=one.recorded_at + 20 * DAY,
                    )
                    for one in observations[-13:]
                ]
            portfolio, history = Portfolio.of(*kpis), okr.History.of(observations)
            alarms += bool(okr.check(portfolio, history, as_of="2026-06-30", select=["OKR504", "OKR505"]))
        assert alarms <= 1


class TestDeclared:
    """OKR501 and OKR510."""

    SLOW = tuple(Observation("speed", day, 1.0) for day in ("2026-01-31", "2026-02-28", "2026-03-31"))
    DAYS = ("2026-03-10", "2026-03-17", "2026-03-24")

    def said(self, *words, **more):
        return [
            Entry("check-in", "speed", "lead", day, status=word, **more)
            for day, word in zip(self.DAYS, words, strict=False)
        ]

    def found(self, entries, code="OKR501", observations=SLOW, **knobs):
        given = {"observations": observations, "entries": entries, "as_of": "2026-03-31"}
        return found(code, YEAR, FASTER, SPEED, **given, **knobs)

    def test_green_outside_and_red_inside(self):
        finding = self.found(self.said("Green", "on track", "On_Track"))["speed"]
        assert evidence(finding)["reviews"][0] == (dt.date(2026, 3, 24), "On_Track", "off-track")
        assert len(evidence(finding)["reviews"]) == 3

    @pytest.mark.parametrize(
        "words",
        [
            ("green", "green"),
            ("green", "green", "red"),
            ("green", "red", "green"),
            ("red", "red", "red"),
            ("green", "green", "unheard-of"),
        ],
    )
    def test_it_takes_three_in_a_row(self, words):
        assert self.found(self.said(*words)) == {}

    def test_amber_is_better_than_red_too(self):
        assert set(self.found(self.said("amber", "amber", "amber"))) == {"speed"}

    def test_one_day_is_one_review(self):
        entries = [
            Entry("check-in", "speed", "lead", dt.datetime(2026, 3, 24, hour, tzinfo=dt.UTC), status="green")
            for hour in (8, 9, 10)
        ]
        assert self.found(entries) == {}
        assert self.found(entries, reviews=1) != {}

    def test_what_was_not_known_at_the_review_is_not_held_against_it(self):
        """Red only by numbers that were recorded afterwards; no data is no contradiction."""
        late = dt.datetime(2026, 3, 30, tzinfo=dt.UTC)
        hidden = [Observation("speed", one.at, 1.0, recorded_at=late) for one in self.SLOW]
        assert self.found(self.said("green", "green", "green"), observations=hidden) == {}

    def test_a_value_of_the_day_may_have_come_after_the_review(self):
        """The better of the day and the day before counts."""
        observations = [Observation("speed", "2026-02-28", 25.0), Observation("speed", "2026-03-24", 1.0)]
        entries = [Entry("check-in", "speed", "lead", "2026-03-24", status="green")]
        assert self.found(entries, observations=observations, reviews=1) == {}
        entries = [Entry("check-in", "speed", "lead", "2026-03-25", status="green")]
        assert self.found(entries, observations=observations, reviews=1) != {}

    def test_words_are_a_knob_and_a_dialect_has_its_own(self):
        entries = self.said("tutto bene", "tutto bene", "tutto bene")
        assert self.found(entries) == {}
        assert self.found(entries, green=("Tutto bene",)) != {}
        assert self.found(entries, scoring=ScoringPolicy(words={"on-track": "tutto bene"})) != {}

    def test_confidence_above_the_bound(self):
        def sure(*levels):
            return [
                Entry("check-in", "speed", "lead", day, confidence=level)
                for day, level in zip(self.DAYS, levels, strict=True)
            ]

        assert set(self.found(sure(0.8, 0.9, 0.8), "OKR510")) == {"speed"}
        assert self.found(sure(0.8, 0.9, 0.79), "OKR510") == {}
        assert self.found(sure(0.8, 0.9, 0.8), "OKR510", confidence=0.85) == {}
        fast = [Observation("speed", "2026-02-28", 25.0)]
        assert self.found(sure(0.8, 0.9, 0.8), "OKR510", observations=fast) == {}

    def test_a_kpi_is_compared_by_its_zone(self):
        entries = [Entry("check-in", "uptime", "lead", day, status="green") for day in self.DAYS]
        observations = [Observation("uptime", day, 90.0) for day in SUNDAYS[:13]]
        result = found(
            "OKR501", *PEOPLE, UPTIME, observations=observations, entries=entries, as_of="2026-03-31"
        )
        assert evidence(result["uptime"])["reviews"][0][2] == "breached"


class TestSandbag:
    """OKR506: the first third of 2026 ends on 2 May."""

    def found(self, *values, result=SPEED, as_of="2026-06-30"):
        observations = [Observation("speed", day, value) for day, value in values]
        return found("OKR506", YEAR, FASTER, result, observations=observations, as_of=as_of)

    def test_met_in_the_first_third(self):
        assert self.found(("2026-05-02", 100.0)) != {}
        assert self.found(("2026-05-03", 100.0)) == {}
        assert self.found(("2026-05-02", 99.9), ("2026-06-01", 100.0)) == {}
        assert self.found(("2026-05-02", 100.0), ("2026-06-01", 90.0)) == {}

    def test_of_its_own_time(self):
        soon = attrs.evolve(SPEED, due=dt.date(2026, 3, 31))
        assert self.found(("2026-01-30", 100.0), result=soon) != {}
        assert self.found(("2026-02-01", 100.0), result=soon) == {}

    def test_a_band_and_a_guardrail_are_met_from_the_first_day(self):
        band = attrs.evolve(SPEED, measure=Band(low=98))
        guard = attrs.evolve(SPEED, guardrail=True)
        for result in (band, guard):
            assert self.found(("2026-03-02", 100.0), result=result) == {}
        assert self.found(("2026-03-02", 100.0), as_of="2027-01-01") == {}


class TestSources:
    """OKR502, OKR503 and OKR509."""

    def pairs(self, *pairs, first=SUNDAYS[10]):
        observations = []
        for week, (pulled, typed) in enumerate(pairs):
            day = first + 7 * week * DAY
            observations += [
                Observation("uptime", day, pulled, source=SCADA),
                Observation("uptime", day, typed, source=FORM),
            ]
        return observations

    def test_it_counts_the_periods_that_differ(self):
        observations = self.pairs((97.0, 98.5), (97.0, 97.1), (97.0, 99.0))
        finding = found("OKR502", *PEOPLE, UPTIME, observations=observations)["uptime"]
        assert (evidence(finding)["differing"], evidence(finding)["compared"]) == (2, 3)
        assert evidence(finding)["difference"] == 2.0
        assert "scada" in finding.fix

    @pytest.mark.parametrize(("typed", "differs"), [(100.0, False), (101.0, False), (101.1, True)])
    def test_rounding_is_no_contradiction(self, typed, differs):
        observations = self.pairs((100.0, typed))
        assert bool(found("OKR502", *PEOPLE, UPTIME, observations=observations)) is differs

    def test_only_a_value_typed_in_is_asked_about(self):
        one, other = (
            Observation("uptime", SUNDAYS[10], value, source=Source(name))
            for name, value in (("scada", 97.0), ("erp", 99.0))
        )
        assert found("OKR502", *PEOPLE, UPTIME, observations=[one, other]) == {}

    def test_only_the_cycle_under_way_is_compared(self):
        observations = self.pairs((97.0, 99.0), first=dt.date(2025, 12, 31))
        assert found("OKR502", YEAR, *PEOPLE, UPTIME, observations=observations) == {}
        observations = self.pairs((97.0, 99.0), first=dt.date(2026, 1, 1))
        assert found("OKR502", YEAR, *PEOPLE, UPTIME, observations=observations) != {}

    def test_declared_units_are_known(self):
        stock = Kpi(id="stock", title="Stock", unit="pallet", cadence="weekly")
        observations = [
            Observation("stock", SUNDAYS[10], value, unit="pallet", source=source)
            for value, source in ((100.0, SCADA), (150.0, FORM))
        ]
        portfolio = Portfolio.of(stock, units=["pallet"])
        history = okr.History.of(observations)
        assert [
            one.subject for one in okr.check(portfolio, history, as_of="2026-06-30", select=["OKR502"])
        ] == ["stock"]

    def test_what_cannot_be_compared_is_no_contradiction(self):
        money = Kpi(id="uptime", title="Revenue", unit="EUR", cadence="weekly")
        observations = [
            Observation("uptime", SUNDAYS[10], 100.0, unit="EUR", source=SCADA),
            Observation("uptime", SUNDAYS[10], 150.0, unit="USD", source=FORM),
        ]
        assert found("OKR502", money, observations=observations) == {}

    def test_what_no_goal_reads_is_not_asked_about(self):
        observations = self.pairs((97.0, 99.0))
        other = attrs.evolve(UPTIME, id="other")
        for code in ("OKR502", "OKR503", "OKR508"):
            assert found(code, *PEOPLE, other, observations=observations) == {}

    @pytest.mark.parametrize(
        ("definitions", "breaks"),
        [
            (["a", "a", "a"], []),
            (["a", "b", "b"], [1]),
            (["a", "b", "a"], [1, 2]),
            (["", "a", ""], []),
            (["a", "", "b"], [2]),
        ],
    )
    def test_a_break_is_where_the_definition_changes(self, definitions, breaks):
        """S8.4: what names no definition says nothing."""
        observations = [
            Observation("uptime", day, 97.0, definition=name)
            for day, name in zip(SUNDAYS, definitions, strict=False)
        ]
        result = found("OKR503", *PEOPLE, UPTIME, observations=observations)
        assert [evidence(one)["breaks"] for one in result.values()] == ([len(breaks)] if breaks else [])
        assert [evidence(one)["last"] for one in result.values()] == [SUNDAYS[one] for one in breaks[-1:]]

    def test_two_systems_may_define_it_each_in_its_way(self):
        observations = [
            Observation("uptime", day, 97.0, definition=name, source=Source(name))
            for day in SUNDAYS[:3]
            for name in ("a", "b")
        ]
        assert found("OKR503", *PEOPLE, UPTIME, observations=observations) == {}

    def test_a_key_result_and_its_kpi(self):
        given = (YEAR, FASTER, *PEOPLE, Owner(id="coo"), UPTIME, READ)
        kpi = [Observation("uptime", day, 97.0) for day in SUNDAYS[:4]]
        own = [Observation("up", day, value) for day, value in zip(SUNDAYS, [97.0, 99.0, 97.5], strict=False)]
        finding = found("OKR509", *given, observations=[*kpi, *own])["up"]
        assert (evidence(finding)["differing"], evidence(finding)["compared"]) == (1, 3)
        assert found("OKR509", *given, observations=[*kpi, own[0], own[2]]) == {}
        other = [Observation("up", SUNDAYS[1], 0.97, unit="1")]
        assert found("OKR509", *given, observations=[*kpi, *other]) == {}


class TestStatistics:
    """OKR504 and OKR505: a floor on n, a level over all measures."""

    def test_five_restatements_are_the_floor(self):
        assert found("OKR504", *PEOPLE, UPTIME, observations=restated([1, 2, 3, 4])) == {}
        finding = found("OKR504", *PEOPLE, UPTIME, observations=restated([1, 2, 3, 4, 5]))["uptime"]
        assert (evidence(finding)["n"], evidence(finding)["p_value"]) == (5, 1 / 32)
        assert finding.message.startswith("worth a look")

    def test_the_direction_is_that_of_the_goal(self):
        down = restated([-1, -2, -3, -4, -5, -6])
        assert found("OKR504", *PEOPLE, UPTIME, observations=down) == {}
        lower = attrs.evolve(UPTIME, target=Band(high=2))
        assert found("OKR504", *PEOPLE, lower, observations=down) != {}
        neither = attrs.evolve(UPTIME, target=Band(low=90, high=99))
        assert found("OKR504", *PEOPLE, neither, observations=down) == {}
        falling = attrs.evolve(SPEED, measure=Target(100, 0))
        observations = restated([-1, -2, -3, -4, -5, -6], "speed")
        assert set(found("OKR504", YEAR, FASTER, falling, observations=observations)) == {"speed"}

    def test_among_many_honest_ones_the_biased_one_stands_out(self):
        rng = np.random.default_rng(9)
        kpis = [attrs.evolve(UPTIME, id=f"k{n}") for n in range(30)]
        observations = [one for kpi in kpis for one in restated(rng.normal(0, 1, 20).tolist(), kpi.id)]
        observations += restated((rng.random(20) + 0.5).tolist())
        assert set(found("OKR504", *PEOPLE, *kpis, UPTIME, observations=observations)) == {"uptime"}

    def test_what_was_not_known_yet_was_not_restated(self):
        observations = restated([1, 2, 3, 4, 5])
        portfolio, history = Portfolio.of(*PEOPLE, UPTIME), okr.History.of(observations)
        for known_at, found_then in ((SUNDAYS[4] + 8 * DAY, False), (SUNDAYS[4] + 9 * DAY, True)):
            result = okr.check(portfolio, history, as_of="2026-06-30", known_at=known_at, select=["OKR504"])
            assert bool(result) is found_then

    def test_two_sources_do_not_restate_each_other(self):
        first = [Observation("uptime", day, 97.0, source=SCADA) for day in SUNDAYS[:8]]
        other = [Observation("uptime", day, 99.0, source=Source("erp")) for day in SUNDAYS[:8]]
        assert found("OKR504", *PEOPLE, UPTIME, observations=[*first, *other]) == {}

    VALUES = (98.2, 98.6, 97.1, 97.9, 96.0, 98.4, 98.3, 95.2, 97.7)
    LATE = (1, 1, 6, 1, 8, 1, 2, 9, 1)

    def test_eight_changes_are_the_floor(self):
        finding = found("OKR505", *PEOPLE, UPTIME, observations=reported(self.VALUES, self.LATE))["uptime"]
        assert evidence(finding)["n"] == 8
        assert evidence(finding)["p_value"] <= 0.05
        short = reported(self.VALUES[1:], self.LATE[1:])
        assert found("OKR505", *PEOPLE, UPTIME, observations=short) == {}

    def test_good_news_that_is_late_is_no_signal(self):
        values = [200 - one for one in self.VALUES]
        assert found("OKR505", *PEOPLE, UPTIME, observations=reported(values, self.LATE)) == {}

    def test_what_is_filled_in_together_is_no_report(self):
        """All entered on one of two days: the delay is that of the bulk."""
        at = [SUNDAYS[20], SUNDAYS[21]]
        worse = [False, *(b < a for a, b in zip(self.VALUES, self.VALUES[1:], strict=False))]
        observations = [
            Observation("uptime", day, value, source=FORM, recorded_at=at[late])
            for day, value, late in zip(SUNDAYS, self.VALUES, worse, strict=False)
        ]
        assert found("OKR505", *PEOPLE, UPTIME, observations=observations) == {}


class TestTyped:
    """OKR512 and OKR513: series that were typed in."""

    ROUNDED = (410, 455, 530, 490, 365, 613, 745, 280, 500, 625, 330, 420, 555)

    def typed(self, values, source=FORM, step=7):
        first = dt.date(2025, 10, 5)
        return [
            Observation("uptime", first + step * n * DAY, float(value), source=source)
            for n, value in enumerate(values)
        ]

    def test_rounded_numbers(self):
        result = found("OKR512", *PEOPLE, UPTIME, observations=self.typed(self.ROUNDED))
        assert (evidence(result["uptime"])["statistic"], evidence(result["uptime"])["n"]) == (12.0, 13)
        assert found("OKR512", *PEOPLE, UPTIME, observations=self.typed(self.ROUNDED[1:])) == {}
        in_fives = [value - value % 5 for value in self.ROUNDED]
        assert found("OKR512", *PEOPLE, UPTIME, observations=self.typed(in_fives)) == {}

    def test_only_where_all_were_typed_in(self):
        assert found("OKR512", *PEOPLE, UPTIME, observations=self.typed(self.ROUNDED, SCADA)) == {}
        mixed = [*self.typed(self.ROUNDED), Observation("uptime", "2026-06-01", 456.0, source=SCADA)]
        assert found("OKR512", *PEOPLE, UPTIME, observations=mixed) == {}

    def test_a_series_that_became_smooth(self):
        rough = np.random.default_rng(1).normal(97, 1, 36)
        smooth = [*rough[:18], *(97 + 0.02 * (rough[18:] - 97))]
        assert found("OKR513", *PEOPLE, UPTIME, observations=self.typed(smooth)) != {}
        assert found("OKR513", *PEOPLE, UPTIME, observations=self.typed(rough)) == {}
        gap = self.typed(smooth)[:20] + self.typed(smooth)[21:]
        assert found("OKR513", *PEOPLE, UPTIME, observations=gap) == {}
        assert found("OKR513", *PEOPLE, UPTIME, observations=self.typed(smooth, step=6)) == {}
        free = attrs.evolve(UPTIME, cadence=None)
        assert found("OKR513", *PEOPLE, free, observations=self.typed(smooth)) == {}


class TestEntered:
    """OKR507 and OKR508."""

    def typed(self, *people, mode="manual", first=SUNDAYS[0]):
        return [
            Observation("uptime", first + 7 * week * DAY, 98.0, source=Source("form", mode=mode), by=name)
            for week, name in enumerate(people)
        ]

    def test_all_by_the_owner(self):
        assert found("OKR507", *PEOPLE, UPTIME, observations=self.typed("lead", "lead")) == {}
        assert set(found("OKR507", *PEOPLE, UPTIME, observations=self.typed(*["lead"] * 3))) == {"uptime"}
        for more in (["controller"], [""]):
            observations = self.typed("lead", "lead", "lead", *more)
            assert found("OKR507", *PEOPLE, UPTIME, observations=observations) == {}
        pulled = self.typed("lead", "lead", "lead", mode="pulled")
        assert found("OKR507", *PEOPLE, UPTIME, observations=pulled) == {}

    def test_whoever_is_judged_by_it(self):
        given = (YEAR, FASTER, *PEOPLE, Owner(id="coo"), UPTIME, READ)
        assert set(found("OKR507", *given, observations=self.typed(*["coo"] * 3))) == {"up"}
        assert set(found("OKR507", *given, observations=self.typed(*["lead"] * 3))) == {"uptime"}

    def test_the_cycle_before_does_not_count(self):
        given = (YEAR, FASTER, *PEOPLE, Owner(id="coo"), UPTIME, READ)
        before = self.typed("controller", first=dt.date(2025, 12, 28))
        assert found("OKR507", *given, observations=[*before, *self.typed(*["lead"] * 3)]) != {}
        before = self.typed("lead", first=dt.date(2025, 12, 28))
        assert found("OKR507", *given, observations=[*before, *self.typed(*["lead"] * 2)]) == {}

    @pytest.mark.parametrize(
        ("together", "apart", "asked"), [(4, 0, False), (5, 0, True), (5, 5, True), (5, 6, False)]
    )
    def test_half_of_them_on_one_day(self, together, apart, asked):
        at = SUNDAYS[together - 1] + 15 * DAY
        observations = [
            Observation("uptime", day, 98.0, source=FORM, recorded_at=at) for day in SUNDAYS[:together]
        ]
        observations += [Observation("uptime", day, 98.0, source=FORM) for day in SUNDAYS[10 : 10 + apart]]
        assert bool(found("OKR508", *PEOPLE, UPTIME, observations=observations)) is asked

    @pytest.mark.parametrize(("days", "asked"), [(13, False), (14, False), (15, True)])
    def test_two_weeks_are_in_time(self, days, asked):
        at = SUNDAYS[5] + days * DAY
        observations = [Observation("uptime", SUNDAYS[5] - n * DAY, 98.0, source=FORM, recorded_at=at)
                        for n in range(5)]  # fmt: skip
        assert bool(found("OKR508", *PEOPLE, UPTIME, observations=observations, least=5)) is asked

    def test_what_is_pulled_may_come_in_bulk(self):
        observations = [
            Observation("uptime", day, 98.0, source=SCADA, recorded_at=SUNDAYS[20]) for day in SUNDAYS[:8]
        ]
        assert found("OKR508", *PEOPLE, UPTIME, observations=observations) == {}


def test_the_story_shows_who_judges_himself():
    told = real_catalogues.real("logistics")
    result = okr.check(told.portfolio, told.history, as_of=told.as_of, select=["OKR507"])
    assert [(one.subject, evidence(one)["by"]) for one in result] == [("crews-trained", "head-of-operations")]


def test_a_frame_keeps_its_records():
    """S8.6: single records stay on their engine; nothing is said of them, and nothing crashes."""
    pandas = pytest.importorskip("pandas")
    rows = {"measure": ["uptime"] * 3, "at": [str(day) for day in SUNDAYS[:3]], "value": [98.0] * 3,
            "system": ["form"] * 3, "mode": ["manual"] * 3}  # fmt: skip
    history = okr.History.of_frame(pandas.DataFrame(rows))
    portfolio = Portfolio.of(*PEOPLE, UPTIME)
    journal = okr.Journal.of()
    assert okr.check(portfolio, history, as_of="2026-06-30", journal=journal, select=["OKR5"]) == ()


@pytest.mark.skipif(not real_catalogues.DATA.exists(), reason=real_catalogues.ABSENT)
@pytest.mark.parametrize("name", ["nyc_mmr", "gitlab_kpis", "gitlab_okrs", "ipfs_okrs", "boston_cityscore"])
def test_real_numbers_raise_no_suspicion(name):
    told = real_catalogues.real(name)
    words = {"code": "OKR514", "reason": "a word of status that no list knows says nothing about numbers"}
    asked = {"select": ["OKR5"], "ignore": [words], "journal": told.journal}
    assert okr.check(told.portfolio, told.history, as_of=told.as_of, **asked) == ()


STATUS_WORDS = [
    "green",
    "On Track",
    "at_risk",
    "AT RISK",
    "behind",
    "Not started",
    "off-track",
    "in progress",
    "closed",
]


@given(st.sampled_from(STATUS_WORDS), st.sampled_from([str.upper, str.title, str.lower]))
def test_known_words_of_a_status_are_known_however_written(word, written):
    said = [Entry("check-in", "speed", "coo", "2026-06-02", status=written(word))]
    assert not found("OKR514", YEAR, FASTER, SPEED, entries=said)


def test_a_status_that_no_list_knows_is_told_once_a_word():
    """Any text is kept, as people say it; what is compared with nothing is told, with the nearest word."""
    said = [
        Entry("check-in", "speed", "coo", f"2026-06-0{day}", status=word)
        for day, word in enumerate(["greeen", "Greeen", "unter Plan"], start=1)
    ]
    policy = okr.STRICT
    told = okr.check(
        Portfolio.of(YEAR, FASTER, SPEED), okr.History.of(), as_of="2026-06-30", policy=policy,
        select=["OKR514"], journal=okr.Journal.of(said),
    )  # fmt: skip
    assert [(evidence(one)["word"], evidence(one)["entries"]) for one in told] == [
        ("Greeen", 2),
        ("unter Plan", 1),
    ]
    assert "did you mean 'green'?" in told[0].message
    own = ScoringPolicy(words={"at-risk": "unter Plan"})
    assert len(found("OKR514", YEAR, FASTER, SPEED, entries=said, scoring=own)) == 1
    assert found("OKR514", YEAR, FASTER, SPEED, entries=said, scoring=own, green=("greeen",)) == {}
