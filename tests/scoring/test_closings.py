"""A goal that was closed is judged as of then, as known then, for good (S21.6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import testing

Q1 = okr.Cycle.quarter(2026, 1)
YEAR = okr.Cycle.year(2026)
TOP = okr.Objective(id="top", title="Top", cycle="2026")
GOAL = okr.Objective(id="o", title="Goal", cycle=Q1.id, owner="ann", contributes_to=["top"])
ANN = okr.Owner(id="ann")


def key_result(id: str, **fields: Any) -> okr.KeyResult:
    return okr.KeyResult(id=id, objective="o", title=id, measure=okr.Target(0, 10), **fields)


A, B = key_result("a"), key_result("b", weight=3)
WHOLE = okr.Portfolio.of(Q1, YEAR, ANN, TOP, GOAL, A, B)


def history(*records: tuple[str, str, float]) -> okr.History:
    return okr.History.of(okr.Observation(*record) for record in records)


SEEN = history(
    ("a", "2026-02-10", 8), ("b", "2026-02-10", 4), ("a", "2026-03-20", 10), ("b", "2026-03-20", 8)
)


def closing(subject: str, outcome: str, at: str, by: str = "bob", **more: Any) -> okr.Entry:
    return okr.Entry("closing", subject, by, at, outcome=outcome, **more)


def at(
    day: str, *entries: okr.Entry, portfolio: okr.Portfolio = WHOLE, seen: okr.History = SEEN, **given: Any
) -> okr.Snapshot:
    return okr.evaluate(portfolio, seen, as_of=day, journal=okr.Journal.of(entries), **given)


class TestEnds:
    def test_a_closed_key_result_keeps_the_score_of_its_moment(self):
        found = at("2026-03-25", closing("b", "partly", "2026-03-01"))
        assert (found["b"].score, found["b"].status, found["b"].closing.outcome) == (0.4, "missed", "partly")
        assert found["a"].score == 1.0
        assert found["o"].score == pytest.approx((1.0 + 3 * 0.4) / 4)
        assert found["top"].score == found["o"].score

    @pytest.mark.parametrize("day", ["0001-01-01", "1599-12-31T23:00:00+00:00", "1600-01-01"])
    def test_one_of_before_all_days_stops_nothing_beside_it(self, day):
        found = at("2026-03-25", closing("b", "missed", day))
        assert (found["b"].score, found["b"].status) == (None, "no-data")
        assert found["a"] == at("2026-03-25")["a"]

    def test_before_it_nothing_is_closed(self):
        entry = closing("b", "partly", "2026-03-01")
        assert at("2026-02-28", entry)["b"] == at("2026-02-28")["b"]
        assert at("2026-03-25", entry, known_at="2026-02-28")["b"].closing is None

    def test_a_closed_objective_ends_its_key_results_and_is_judged_by_its_score(self):
        found = at("2026-03-25", closing("o", "missed", "2026-03-01"))
        assert (found["o"].score, found["o"].status) == (pytest.approx(0.5), "missed")
        assert (found["a"].score, found["b"].score) == (0.8, 0.4)
        assert found["top"].score == found["o"].score
        assert okr.contributions(found, "o") == pytest.approx({"a": 0.2, "b": 0.3})
        assert okr.contributions(found, "top") == pytest.approx({"a": 0.2, "b": 0.3})
        reached = history(("a", "2026-02-10", 10), ("b", "2026-02-10", 10))
        assert (
            at("2026-03-25", closing("o", "achieved", "2026-03-01"), seen=reached)["o"].status == "achieved"
        )
        bold = WHOLE.with_(attrs.evolve(GOAL, commitment="aspirational"))
        near = history(("a", "2026-02-10", 10), ("b", "2026-02-10", 6))
        found = at("2026-03-25", closing("o", "partly", "2026-03-01"), portfolio=bold, seen=near)
        assert (found["o"].score, found["o"].status) == (pytest.approx(0.7), "achieved")

    def test_what_was_recorded_later_changes_nothing(self):
        entry = closing("b", "partly", "2026-03-01")
        late = SEEN.append([okr.Observation("b", "2026-02-20", 9, recorded_at="2026-03-10T00:00:00Z")])
        assert at("2026-03-25", entry, seen=late)["b"] == at("2026-03-25", entry)["b"]

    def test_nothing_known_is_no_verdict(self):
        found = at("2026-03-25", closing("b", "missed", "2026-01-20"))
        assert (found["b"].score, found["b"].status) == (None, "no-data")


class TestWeights:
    @pytest.mark.parametrize("outcome", ["postponed", "cancelled"])
    def test_postponed_and_cancelled_take_the_weight_from_then_on(self, outcome):
        entry = closing("b", outcome, "2026-03-01")
        found = at("2026-03-25", entry)
        assert (found["b"].status, found["b"].score) == (outcome, None)
        assert found["o"].score == 1.0
        assert at("2026-02-28", entry)["o"].score == at("2026-02-28")["o"].score
        gone = at("2026-03-25", closing("o", outcome, "2026-03-01"))
        assert [gone[name].status for name in ("o", "a", "b")] == [outcome] * 3
        assert gone["top"].score is None
        assert gone.not_pursued == {"o", "a", "b"}


class TestLater:
    def test_somebody_else_may_reopen_or_replace_it_and_the_owner_not(self):
        first = closing("o", "achieved", "2026-03-01", by="ann")
        assert (
            at("2026-03-25", first, closing("o", "cancelled", "2026-03-10", by="ann"))["o"].status == "missed"
        )
        assert at("2026-03-25", first, closing("o", "cancelled", "2026-03-10"))["o"].status == "cancelled"
        again = closing("o", "reopened", "2026-03-10")
        assert at("2026-03-25", first, again)["o"] == at("2026-03-25")["o"]
        assert at("2026-03-05", first, again)["o"].status == "missed"
        moved = at("2026-03-25", first, closing("o", "partly", "2026-03-22"))
        assert moved["o"].score == pytest.approx((1 + 3 * 0.8) / 4)


class TestDeclared:
    def test_it_stands_beside_the_computed_and_counts_where_the_policy_says_so(self):
        entry = closing("b", "achieved", "2026-03-01", score=1.0)
        found = at("2026-03-25", entry)
        assert (found["b"].score, found["b"].closing.score) == (0.4, 1.0)
        counted = at("2026-03-25", entry, scoring=okr.ScoringPolicy(final="declared"))
        assert (counted["b"].score, counted["b"].status, counted["b"].progress) == (1.0, "achieved", 0.4)
        assert counted["o"].score == 1.0
        whole = at(
            "2026-03-25",
            closing("o", "partly", "2026-03-01", score=0.9),
            scoring=okr.ScoringPolicy(final="declared"),
        )
        assert (whole["o"].score, whole["o"].status, whole["top"].score) == (0.9, "missed", 0.9)


class TestMany:
    def test_each_moment_equals_its_own_evaluation(self):
        journal = okr.Journal.of([closing("b", "partly", "2026-03-01"), closing("o", "missed", "2026-03-22")])
        days = okr.weekly("2026-02-01", "2026-04-05")
        trend = okr.evaluate_many(WHOLE, SEEN, as_of=days, journal=journal)
        for day, snapshot in zip(days, trend, strict=True):
            assert snapshot.as_plain() == okr.evaluate(WHOLE, SEEN, as_of=day, journal=journal).as_plain()

    def test_a_day_that_is_not_over_is_judged_by_what_is_there(self):
        noon = dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC)
        early = okr.History.of(
            [okr.Observation("a", "2026-02-10T09:00:00Z", 3), okr.Observation("a", "2026-02-10T18:00:00Z", 5)]
        )
        entry = closing("a", "partly", "2026-02-10")
        scores = [
            okr.evaluate(WHOLE, early, as_of=day, journal=okr.Journal.of([entry]))["a"].score
            for day in (noon, "2026-02-10", "2026-03-01")
        ]
        assert scores == [0.3, 0.5, 0.5]


@given(st.data())
def test_a_verdict_never_changes_by_later_records(data):
    portfolio = data.draw(testing.portfolios(table=False))
    seen = data.draw(testing.histories(portfolio))
    goals = [goal.id for goal in (*portfolio.objectives, *portfolio.key_results)]
    start = portfolio.cycles[0].start
    days = st.integers(-5, 60).map(lambda n: start + dt.timedelta(days=n))
    outcomes = st.sampled_from(["achieved", "partly", "missed", "postponed", "cancelled"])
    entries = [
        okr.Entry("closing", name, "somebody", data.draw(days), outcome=data.draw(outcomes))
        for name in data.draw(st.lists(st.sampled_from(goals), max_size=3, unique=True))
    ]
    journal, last = okr.Journal.of(entries), start + dt.timedelta(days=61)
    later = [
        okr.Observation(measure, at, 5.0, recorded_at=dt.datetime.combine(last, dt.time(), dt.UTC))
        for measure in seen.measures
        for at in (start, start + dt.timedelta(days=30))
    ]
    before = okr.evaluate(portfolio, seen, as_of=last, known_at=last - dt.timedelta(days=1), journal=journal)
    after = okr.evaluate(portfolio, seen.append(later), as_of=last + dt.timedelta(days=90), journal=journal)
    for name, entry in after.closings.items():
        if entry.outcome in {"achieved", "partly", "missed"} and name in before.closings:
            mine, other = before[name], after[name]
            assert (mine.score, mine.status, mine.coverage) == (other.score, other.status, other.coverage)


class TestWords:
    def test_an_explanation_and_the_public_form_say_who_closed_it_when(self):
        entry = closing("b", "partly", "2026-03-01", score=0.9, text="nearly there")
        found = at("2026-03-25", entry)
        text = " ".join(str(okr.explain(found, "b")).split())
        assert "It was closed on 2026-03-01 by bob as partly" in text
        assert "90 % was declared for it: nearly there" in text
        assert "By its score as known then it is missed, for good" in text
        assert okr.to_dict(found)["closings"]["b"]["outcome"] == "partly"
        assert okr.to_dict(at("2026-03-25")).get("closings") is None
        gone = at("2026-03-25", closing("o", "cancelled", "2026-03-01"))
        text = " ".join(str(okr.explain(gone, "a")).split())
        assert "Its objective o was closed on 2026-03-01 by bob as cancelled" in text
