"""S5.7: is the work done, and does it move what it is meant to move?"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, History, Initiative, KeyResult, Kpi, Link, Milestone, Observation, Portfolio, Target

START = dt.date(2026, 1, 1)
CYCLE = okr.Cycle(id="c", start=START, end=START + dt.timedelta(days=100))
GOAL = okr.Objective(id="o", title="", cycle="c")


def day(n):
    return START + dt.timedelta(days=n)


WORK = Initiative(id="i", title="", start=START, end=day(100))


def step(name, due, **fields):
    return Milestone(**{"id": name, "initiative": "i", "title": "", "due": day(due), **fields})


def result(name, measure=Target(0, 100), **fields):  # noqa: B008  frozen
    return KeyResult(id=name, objective="o", title="", measure=measure, **fields)


def look(*definitions, at=50, seen=(), work=WORK):
    history = History.of(Observation(name, day(n), value) for name, n, value in seen)
    return okr.evaluate(Portfolio.of(CYCLE, GOAL, work, *definitions), history, as_of=day(at))["i"]


class TestImplementation:
    @given(
        st.lists(
            st.tuples(st.integers(1, 99), st.integers(0, 3), st.one_of(st.none(), st.integers(0, 99))),
            max_size=5,
        ),
        st.integers(0, 99),
    )
    def test_is_the_share_of_milestone_weight_done(self, steps, at):
        """S5.7: share of milestone weight done; S17.1: `done` counts only when it is at or before as_of."""
        milestones = [
            step(f"m{n}", due, weight=weight, done=None if done is None else day(done))
            for n, (due, weight, done) in enumerate(steps)
        ]
        total = sum(weight for _, weight, _ in steps)
        gone = sum(weight for _, weight, done in steps if done is not None and done <= at)
        found = look(*milestones, at=at)
        assert found.implementation == (pytest.approx(gone / total) if total else None)
        if not total:
            assert found.statuses.implementation == "no-data"

    @pytest.mark.parametrize(
        ("done", "at", "status"),
        [
            ([None, None], 5, "early"),
            ([None, None], 20, "off-track"),
            ([20, None], 20, "on-track"),
            ([21, None], 20, "off-track"),
            ([20, None], 99, "off-track"),
            ([20, 30], 30, "achieved"),
            ([20, None], 101, "missed"),
        ],
    )
    def test_is_judged_against_the_share_due(self, done, at, status):
        """S5.7: against share due."""
        steps = [step(f"m{n}", 20 + 60 * n, done=None if d is None else day(d)) for n, d in enumerate(done)]
        assert look(*steps, at=at).statuses.implementation == status

    def test_the_planned_finish_is_what_is_due(self):
        """S17.1: planned finish (default due)."""
        assert look(step("m", 90, finish=day(10)), at=50).statuses.implementation == "off-track"
        assert look(step("m", 10, finish=day(90)), at=50).statuses.implementation == "early"

    def test_without_end_it_ends_with_its_last_milestone(self):
        loose = Initiative(id="i", title="")
        for at, status in [(60, "off-track"), (61, "missed")]:
            assert look(step("a", 30), step("b", 60), at=at, work=loose).statuses.implementation == status


class TestValue:
    def test_is_the_way_of_what_it_moves(self):
        """S5.7: the |w|-weighted, signed share of the way of the measures it is meant to move, over those
        with data."""
        links = [
            Link(source="i", target="up", sign=1, weight=0.5),
            Link(source="i", target="down", sign=-1, weight=0.25),
            Link(source="i", target="silent", sign=1, weight=1),
        ]
        results = [result("up"), result("down", Target(100, 0)), result("silent")]
        found = look(*results, *links, seen=[("up", 50, 60), ("down", 50, 70)])
        assert found.value == pytest.approx((0.5 * 0.6 + 0.25 * 0.3) / 0.75)
        assert found.statuses.value == "on-track"

    @pytest.mark.parametrize(
        ("measure", "sign", "value", "wanted"),
        [
            (Target(0, 100), 1, 40, 0.4),
            (Target(0, 100), -1, 40, -0.4),
            (Target(100, 0), -1, 60, 0.4),
            (Target(100, 0), 1, 60, -0.4),
            (Target(5, 5, "at_most"), -1, 4, 1),
            (Target(5, 5, "at_least"), 1, 6, 1),
            (Band(high=5), -1, 4, 1),
            (Band(low=5), 1, 6, 1),
            (Band(high=5), 1, 4, -1),
        ],
    )
    def test_signs_are_about_raw_values(self, measure, sign, value, wanted):
        """S0.7: signs of links are about raw values, never about goodness."""
        link = Link(source="i", target="k", sign=sign)
        assert look(result("k", measure), link, seen=[("k", 50, value)]).value == pytest.approx(wanted)

    @pytest.mark.parametrize(
        ("target", "sign", "first", "now", "wanted"),
        [
            (Band(low=90), 1, 80, 85, 0.5),
            (Band(low=90), -1, 80, 85, -0.5),
            (Band(high=10), -1, 30, 15, 0.75),
            (Band(high=10), 1, 30, 15, -0.75),
            (Band(low=90), 1, 95, 99, None),
            (Band(1, 2), 1, 0, 1, None),
            (None, 1, 0, 1, None),
        ],
    )
    def test_a_kpis_way_is_from_its_value_at_the_start(self, target, sign, first, now, wanted):
        """S5.7: the share of the way from its start value to goal; what was met by then has no way."""
        kpi = Kpi(id="m", title="", target=target)
        seen = [("m", -5, first), ("m", 40, now)]
        found = look(kpi, Link(source="i", target="m", sign=sign), seen=seen)
        assert found.value == (None if wanted is None else pytest.approx(wanted))
        assert look(kpi, Link(source="i", target="m", sign=sign), seen=seen[1:]).value is None
        loose = Initiative(id="i", title="", end=day(100))
        assert look(kpi, Link(source="i", target="m", sign=sign), seen=seen, work=loose).value is None

    def test_the_start_is_read_as_it_was_known(self):
        """S8.1: a correction counts from when it was known, also at the start of the way."""
        kpi = Kpi(id="m", title="", target=Band(low=90))
        portfolio = Portfolio.of(WORK, kpi, Link(source="i", target="m", sign=1))
        history = History.of(
            [
                Observation("m", START, 80),
                Observation("m", START, 70, recorded_at=day(60)),
                Observation("m", day(40), 85),
            ]
        )
        found = [
            okr.evaluate(portfolio, history, as_of=day(50), known_at=day(n))["i"].value for n in (59, 60)
        ]
        assert found == pytest.approx([0.5, 0.75])

    def test_green_work_may_have_red_value(self):
        """S5.7: implementation green with value red is what monthly reports hide."""
        found = look(
            step("m", 50, done=day(45)),
            result("k"),
            Link(source="i", target="k", sign=1),
            seen=[("k", 50, 5)],
        )
        assert found.statuses == ("achieved", "off-track")

    def test_without_links_nothing_is_known(self):
        found = look(step("m", 50))
        assert (found.value, found.statuses.value) == (None, "no-data")


def test_the_table_has_a_row_for_each():
    other = Initiative(id="a", title="Other")
    snapshot = okr.evaluate(
        Portfolio.of(WORK, other, step("m", 50, done=day(1))), History.of(), as_of=day(10)
    )
    assert snapshot.initiatives.to_dicts() == [
        {
            "id": "a",
            "title": "Other",
            "implementation": None,
            "value": None,
            "implementation_status": "no-data",
            "value_status": "no-data",
        },
        {
            "id": "i",
            "title": "",
            "implementation": 1.0,
            "value": None,
            "implementation_status": "achieved",
            "value_status": "no-data",
        },
    ]
    assert len(okr.evaluate(Portfolio.of(), History.of(), as_of=day(1)).initiatives) == 0
