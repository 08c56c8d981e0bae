"""Goals are closed and carried over: what is proposed, and what begins where the old one ended (S21.6)."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import testing
from okrcore.definitions.days import day_in

Q1, Q2, YEAR = okr.Cycle.quarter(2026, 1), okr.Cycle.quarter(2026, 2), okr.Cycle.year(2026)
ANN = okr.Owner(id="ann")
TOP = okr.Objective(id="top", title="Top", cycle="2026")
GOAL = okr.Objective(
    id="o", title="Goal", cycle=Q1.id, owner="ann", contributes_to=[okr.Contribution("top", weight=2)]
)


WAY = okr.Target(0, 10)


def key_result(id: str, measure: Any = WAY, **fields: Any) -> okr.KeyResult:
    return okr.KeyResult(id=id, objective="o", title=id, measure=measure, **fields)


KPI = okr.Kpi(id="churn", title="Churn", target=okr.Band(high=5), guardrail=True, guards=["o"])
WHOLE = okr.Portfolio.of(
    Q1, YEAR, ANN, TOP, GOAL, KPI,
    key_result("a", due="2026-03-20"),
    key_result("b", weight=3, cadence="weekly"),
    key_result("sold", okr.Target(0, 100), aggregate="sum", cadence="monthly"),
    key_result("list", okr.Checklist([okr.Item("one"), okr.Item("two")])),
    okr.Initiative(id="train", title="Train"),
    okr.Link(source="train", target="b", sign=1),
)  # fmt: skip
SEEN = okr.History.of(
    okr.Observation(*one)
    for one in (
        ("a", "2026-03-10", 10), ("b", "2026-03-29", 4), ("churn", "2026-03-29", 3),
        ("list#one", "2026-03-10", 1),
        ("sold", "2026-01-31", 30), ("sold", "2026-02-28", 20), ("sold", "2026-03-31", 10),
    )
)  # fmt: skip


def evaluated(portfolio: okr.Portfolio = WHOLE, day: str = "2026-04-20", **given: Any) -> okr.Snapshot:
    return okr.evaluate(portfolio, SEEN, as_of=day, **given)


class TestProposals:
    def test_what_is_over_and_open_is_proposed_with_its_outcome(self):
        (entry,) = okr.propose_closing(evaluated())
        assert (entry.subject, entry.outcome, entry.by, str(entry.at)) == ("o", "partly", "ann", "2026-04-20")
        assert okr.propose_closing(evaluated(day="2026-03-15")) == ()

    def test_a_key_result_that_is_due_earlier_has_its_own(self):
        (entry,) = okr.propose_closing(evaluated(day="2026-03-25"))
        assert (entry.subject, entry.outcome) == ("a", "achieved")

    def test_once_recorded_nothing_is_proposed_again(self):
        journal = okr.Journal.of(okr.propose_closing(evaluated()))
        assert okr.propose_closing(evaluated(journal=journal)) == ()

    def test_what_nobody_told_of_is_missed_and_said_so(self):
        bare = okr.Portfolio.of(Q1, attrs.evolve(GOAL, contributes_to=[], owner=None), key_result("x"))
        (entry,) = okr.propose_closing(okr.evaluate(bare, okr.History.of(), as_of="2026-04-20"))
        assert (entry.outcome, entry.by, entry.text) == ("missed", "nobody", "no number is known")


class TestCarryOver:
    def test_the_new_goal_begins_where_the_old_one_ended(self):
        new = okr.carry_over(WHOLE, evaluated(), into=Q2)
        goal = new.objective("o@2026-Q2")
        assert (goal.cycle, goal.owner, goal.continues) == (Q2.id, "ann", "o")
        assert goal.contributes_to == GOAL.contributes_to  # the year covers it
        results = {one.id: one for one in new.key_results if one.objective == goal.id}
        assert sorted(results) == ["b@2026-Q2", "list@2026-Q2", "sold@2026-Q2"]  # a is reached
        assert results["b@2026-Q2"].measure == okr.Target(4, 10)
        assert (results["b@2026-Q2"].measured_by, results["b@2026-Q2"].weight) == ("b", 3)
        assert results["sold@2026-Q2"].measure == okr.Target(0, 40)
        assert [item.id for item in results["list@2026-Q2"].measure.items] == ["two"]
        assert new.kpi("churn").guards == ("o", "o@2026-Q2")
        assert new["train->b@2026-Q2"].sign == 1

    def test_twice_is_once(self):
        new = okr.carry_over(WHOLE, evaluated(), into=Q2)
        assert okr.carry_over(new, evaluated(new), into=Q2) == new
        assert okr.carry_over(new, evaluated(new), into=Q2.id) == new

    def test_one_key_result_alone_brings_its_objective(self):
        new = okr.carry_over(WHOLE, evaluated(), into=Q2, ids=["b"])
        assert [one.id for one in new.key_results if "@" in one.id] == ["b@2026-Q2"]
        more = okr.carry_over(new, evaluated(new), into=Q2, ids=["o"])
        assert sorted(one.id for one in more.key_results if "@" in one.id) == [
            "b@2026-Q2", "list@2026-Q2", "sold@2026-Q2",
        ]  # fmt: skip

    def test_a_parent_of_another_time_is_left_and_one_that_goes_along_taken(self):
        above = attrs.evolve(TOP, id="above", cycle=Q1.id)
        both = WHOLE.with_(above, attrs.evolve(GOAL, contributes_to=["above"]))
        new = okr.carry_over(both, evaluated(both), into=Q2)
        assert [one.to for one in new.objective("o@2026-Q2").contributes_to] == ["above@2026-Q2"]
        alone = okr.carry_over(both, evaluated(both), into=Q2, ids=["o"])
        assert alone.objective("o@2026-Q2").contributes_to == ()

    @pytest.mark.parametrize(
        ("ids", "said"),
        [
            (["a"], "'a' is achieved, with nothing left to carry over; leave it out"),
            (["top"], "'top' ends on 2026-12-31, but must end before 2026-04-01; leave it out"),
            (["oo"], "'oo' is declared nowhere; did you mean 'o'?"),
        ],
    )
    def test_what_cannot_be_carried_is_told(self, ids, said):
        with pytest.raises(okr.OkrError, match=said.replace("?", r"\?")):
            okr.carry_over(WHOLE, evaluated(), into=Q2, ids=ids)

    @pytest.mark.parametrize(
        "other",
        [
            okr.Kpi(id="b@2026-Q2", title=""),
            okr.Kpi(id="o@2026-Q2", title=""),
            okr.Objective(id="o@2026-Q2", title="", cycle="2026"),
            okr.Objective(id="o@2026-Q2", title="", cycle=Q2.id, continues="top"),
        ],
    )
    def test_an_id_that_something_else_has_is_told(self, other):
        portfolio = WHOLE.with_(Q2, other)
        said = f"'{other.id}' is declared already and does not continue '{other.id[0]}' in '2026-Q2'"
        with pytest.raises(okr.DefinitionError, match=said):
            okr.carry_over(portfolio, evaluated(portfolio), into=Q2)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"into": None}, "into is None; give text"),
            (
                {"into": okr.Cycle(id="2026-Q1", start="2026-05-01", end="2026-05-31")},
                "declared from 2026-01-01",
            ),
            ({"into": Q2, "ids": 3}, "ids is 3; give a list"),
            ({"into": Q2, "ids": [None]}, r"ids\[0\] is None; give text"),
        ],
    )
    def test_arguments_that_cannot_be_are_told(self, given, said):
        with pytest.raises(okr.DefinitionError, match=said):
            okr.carry_over(WHOLE, evaluated(), **given)

    def test_the_old_goal_is_proposed_to_be_closed_and_the_new_one_goes_on(self):
        new = okr.carry_over(WHOLE, evaluated(day="2026-03-30"), into=Q2)
        proposed = okr.propose_closing(evaluated(new, day="2026-03-30"))
        assert ("o", "partly") in [(one.subject, one.outcome) for one in proposed]
        seen = SEEN.append([okr.Observation("b", "2026-05-10", 7)])
        state = okr.evaluate(new, seen, as_of="2026-05-12", journal=okr.Journal.of(proposed))
        assert state["b@2026-Q2"].progress == 0.5
        assert (state["b"].score, state["b"].status) == (0.4, "missed")

    def test_documents_keep_what_it_continues(self):
        new = okr.carry_over(WHOLE, evaluated(), into=Q2)
        assert okr.loads(okr.dumps(new)) == new
        assert new.renamed({"o": "north"}).objective("o@2026-Q2").continues == "north"


class TestWhereATargetBeginsAnew:
    """It begins at the last value that can be judged and lies short of the goal, else where it began."""

    def carried(self, target: okr.Target, seen: list[okr.Observation], **more: object) -> okr.Target:
        sized = okr.Kpi(id="cases", title="", aggregate="sum")
        read = okr.Kpi(id="rate", title="", sample="cases", min_sample=10)
        goal = okr.Objective(id="o", title="O", cycle=Q1.id)
        result = okr.KeyResult(id="k", objective="o", title="K", measure=target, **more)
        portfolio = okr.Portfolio.of(Q1, goal, result, sized, read)
        snapshot = okr.evaluate(portfolio, okr.History.of(seen), as_of=Q1.end)
        left = okr.carry_over(portfolio, snapshot, into=Q2).key_result("k@2026-Q2").measure
        assert isinstance(left, okr.Target)
        return left

    def test_a_value_with_too_few_cases_is_no_beginning(self):
        target = okr.Target(2, 1, "at_most")
        seen = [okr.Observation("rate", "2026-03-01", -1), okr.Observation("cases", "2026-03-01", 3)]
        assert self.carried(target, seen, measured_by="rate") == target
        enough = [okr.Observation("rate", "2026-03-01", 1.5), okr.Observation("cases", "2026-03-01", 30)]
        assert self.carried(target, enough, measured_by="rate") == okr.Target(1.5, 1, "at_most")

    def test_a_sum_of_which_nothing_is_known_keeps_its_way(self):
        assert self.carried(okr.Target(-5, -1, "at_least"), [], aggregate="sum") == okr.Target(
            0, 4, "at_least"
        )

    def test_an_unknown_baseline_is_the_last_value_short_of_the_goal(self):
        target = okr.Target(None, 1, "at_most")
        assert self.carried(target, [okr.Observation("k", "2026-03-01", 3)]) == okr.Target(3, 1, "at_most")
        assert self.carried(target, [okr.Observation("k", "2026-03-01", 0.2)]) == target

    @pytest.mark.parametrize("aggregate", ["latest", "sum"])
    def test_a_value_that_no_target_holds_beside_the_goal_is_no_beginning(self, aggregate):
        target, seen = okr.Target(None, 1e308), [okr.Observation("k", "2026-03-01", -1e308)]
        assert self.carried(target, seen, aggregate=aggregate) == target


@given(st.data())
def test_what_is_carried_over_has_gone_no_way_yet(data):
    portfolio = data.draw(testing.portfolios(table=False))
    seen = data.draw(testing.histories(portfolio))
    old = portfolio.cycles[0]
    into = okr.Cycle.year(2027)
    seen = okr.History.of(one for one in seen if day_in(one.at, "UTC") <= old.end)  # nothing in between
    snapshot = okr.evaluate(portfolio, seen, as_of=old.end)
    new = okr.carry_over(portfolio, snapshot, into=into)
    again = okr.evaluate(new, seen, as_of=into.start)
    assert okr.carry_over(new, okr.evaluate(new, seen, as_of=old.end), into=into) == new
    for result in new.key_results:
        if result.id in portfolio or result.guardrail or not isinstance(result.measure, okr.Target):
            continue
        if result.aggregate in {"latest", "sum"} and snapshot.key_result(result.continues).value is not None:
            progress = again.key_result(result.id).progress
            assert progress is None or progress == pytest.approx(0, abs=1e-9)
