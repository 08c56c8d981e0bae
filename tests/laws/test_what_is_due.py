"""A5, A6, A9: nothing is due before it can be, a verdict stays, and coverage says what was observed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Cycle, History, KeyResult, Kpi, Objective, Observation, Portfolio, Target
from okrcore.frozen import FrozenDict

YEAR = Cycle(id="y", start=dt.date(2026, 1, 1), end=dt.date(2026, 12, 31))
HALVES = (
    Cycle(id="h1", start=dt.date(2026, 1, 1), end=dt.date(2026, 6, 30)),
    Cycle(id="h2", start=dt.date(2026, 7, 1), end=dt.date(2026, 12, 31)),
)


def goals(cycle: str, *, of: str = "up", **fields: Any) -> list[Any]:
    name = f"goal-{cycle}"
    result: Any = {"id": f"kr-{cycle}", "objective": name, "title": "R", "measure": Target(0, 10), **fields}
    return [
        Objective(id=name, title=name, cycle=cycle, contributes_to=[of]),
        KeyResult(**result),
    ]


TOP = Objective(id="up", title="Up", cycle="y")


def one(day: str, result: Any, seen: list[Observation], *more: Kpi, **asked: Any) -> okr.Snapshot:
    fields = {"id": "k", "objective": "o", "title": "K", **result}
    portfolio = Portfolio.of(
        HALVES[0],
        Objective(id="o", title="O", cycle="h1"),
        KeyResult(**fields),
        *more,
    )
    return okr.evaluate(portfolio, History.of(seen), as_of=day, **asked)


@pytest.mark.parametrize("later", [1, 2, 5])
def test_planning_what_is_to_come_changes_nothing_today(later: int) -> None:
    history = History.of([Observation("kr-h1", "2026-03-14", 4)])
    now = Portfolio.of(YEAR, *HALVES, TOP, *goals("h1", cadence="weekly"))
    planned = now
    for number in range(later):
        cycle = Cycle(id=f"n{number}", start=dt.date(2026, 7, 1), end=dt.date(2026, 9, 30))
        planned = planned.with_(cycle, *goals(cycle.id, cadence="weekly"))
    before = okr.evaluate(now, history, as_of="2026-03-16")["up"]
    after = okr.evaluate(planned, history, as_of="2026-03-16")
    assert after["up"] == before
    assert {after[f"goal-n{number}"].status for number in range(later)} == {"not-started"}
    assert after["kr-n0"].score is None


@pytest.mark.parametrize(
    ("cadence", "until", "silent"),
    [
        ("monthly", "2026-02-03", "2026-02-04"),  # January and three days
        ("quarterly", "2026-04-03", "2026-04-04"),
        (None, "2026-01-18", "2026-01-19"),  # a tenth of half a year
    ],
)
def test_what_was_never_observed_is_silent_only_once_it_can_be_due(
    cadence: str | None, until: str, silent: str
) -> None:
    for day, status in (("2025-12-31", "not-started"), (until, "not-started"), (silent, "no-data")):
        found = one(day, {"measure": Target(0, 10), "cadence": cadence}, [])
        assert (found["k"].status, found["o"].status) == (status, status)
    counted = okr.ScoringPolicy(missing="zero")
    assert (
        one(until, {"measure": Target(0, 10), "cadence": cadence}, [], scoring=counted)["k"].status
        == "no-data"
    )


def test_a_goal_of_which_nothing_counts_yet_has_no_weight() -> None:
    portfolio = Portfolio.of(YEAR, *HALVES, TOP, *goals("h1"), *goals("h2"))
    history = History.of([Observation("kr-h1", "2026-05-01", 8), Observation("kr-h2", "2026-05-01", 9)])
    found = okr.evaluate(portfolio, history, as_of="2026-05-02")
    assert (found["up"].score, found["up"].coverage, found["up"].low, found["up"].high) == (0.8, 1, 0.8, 0.8)
    assert found["goal-h2"].score is None
    assert okr.contributions(found, "up") == {"kr-h1": 0.8}


def test_a_bands_unobserved_period_is_awaited_then_not_met() -> None:
    seen = [Observation("k", f"2026-0{month}-28", 1) for month in (1, 2, 4)]
    band = {"measure": Band(high=5), "cadence": "monthly"}
    scores = {
        day: one(day, band, seen)["k"].score
        for day in ("2026-03-31", "2026-04-30", "2026-05-03", "2026-05-04")
    }
    assert list(scores.values()) == [1, 1, 1, 0.75]
    told = okr.explain(one("2026-05-04", band, seen), "k")
    assert "3 of 4 periods met, 1 not observed" in told.sentence
    assert one("2026-05-04", band, seen)["k"].coverage == 0.75
    waiting = one("2026-05-31", band, seen)
    assert "3 of 4 periods met, 1 not observed, 1 more awaited" in okr.explain(waiting, "k").sentence


class TestVerdicts:
    monthly = FrozenDict(measure=Target(0, 10), cadence="monthly")

    def test_wait_for_the_last_number(self) -> None:
        may = [Observation("k", "2026-05-31", 9)]
        states = [one(day, self.monthly, may)["k"] for day in ("2026-06-30", "2026-07-15", "2026-08-03")]
        assert [(state.status, state.provisional) for state in states] == [
            ("on-track", False), ("on-track", True), ("on-track", True),
        ]  # fmt: skip
        final = one("2026-08-04", self.monthly, may)
        assert (final["k"].status, final["k"].provisional, final["o"].status) == ("missed", False, "missed")
        june = [*may, Observation("k", "2026-06-30", 10, recorded_at="2026-07-10T08:00:00Z")]
        assert one("2026-07-15", self.monthly, june)["k"].status == "achieved"

    def test_stand_whatever_its_guardrail_does_later(self) -> None:
        guard = Kpi(id="g", title="G", target=Band(high=0), guardrail=True, guards=["o"], cadence="monthly")
        seen = [Observation("k", "2026-06-30", 10), Observation("g", "2026-06-30", 0)]
        later = [*seen, Observation("g", "2026-09-30", 3)]
        for day, facts in (("2026-07-01", seen), ("2026-10-01", later)):
            assert one(day, self.monthly, facts, guard)["o"].status == "achieved"
        broken = [seen[0], Observation("g", "2026-06-30", 3)]
        assert one("2026-07-01", self.monthly, broken, guard)["o"].status == "missed"
        assert (
            "Its guardrail g is breached, which holds it at missed"
            in okr.explain(one("2026-07-01", self.monthly, broken, guard), "o").sentence
        )

    @given(
        st.lists(st.tuples(st.sampled_from("kg"), st.integers(0, 200), st.integers(0, 12)), max_size=12),
        st.lists(st.tuples(st.sampled_from("kg"), st.integers(181, 400), st.integers(0, 12)), max_size=6),
        st.integers(181, 260),
        st.integers(0, 200),
        st.sampled_from([None, "daily", "weekly", "monthly", "quarterly"]),
        st.sampled_from([Target(0, 10), Band(low=3)]),
        st.sampled_from(["latest", "sum", "max"]),
    )
    def test_given_when_nothing_is_provisional_never_change_by_later_days(
        self, seen, later, day, wait, cadence, measure, aggregate
    ) -> None:
        guard = Kpi(id="g", title="G", target=Band(high=9), guardrail=True, guards=["o"], cadence=cadence)
        start = HALVES[0].start

        def records(found: list[tuple[str, int, int]]) -> list[Observation]:
            unique = {(name, at): value for name, at, value in found}
            return [
                Observation(name, start + dt.timedelta(at), value) for (name, at), value in unique.items()
            ]

        fields = {"measure": measure, "cadence": cadence, "aggregate": aggregate}
        today, then = ((start + dt.timedelta(days)).isoformat() for days in (day, day + wait))
        first = one(today, fields, records([one for one in seen if one[1] <= 180]), guard)
        if first["k"].provisional or first["o"].provisional:
            return
        last = one(then, fields, records([*(one for one in seen if one[1] <= 180), *later]), guard)
        for name in ("k", "o"):
            assert (last[name].status, last[name].score) == (first[name].status, first[name].score)


def test_coverage_is_the_share_of_periods_observed_and_counts_in_the_objective() -> None:
    seen = [Observation("k", f"2026-0{month}-15", 1) for month in (1, 2, 4)]
    total = {"measure": Target(0, 10), "cadence": "monthly", "aggregate": "sum"}
    found = one("2026-06-15", total, seen)
    assert (found["k"].coverage, found["o"].coverage) == (0.6, 0.6)
    assert found.key_results["coverage"].tolist() == [0.6]
    assert "Observed in 3 of 5 periods" in okr.explain(found, "k").sentence
