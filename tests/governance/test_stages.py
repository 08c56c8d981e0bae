"""Of what is not pursued nothing is asked, and of drafts only whether they can be kept at all (S21.5)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

import okrcore as okr
from okrcore.governance import check_in_full

YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="grow", title="Grow in the north", cycle="2026")
ARR = okr.KeyResult(
    id="arr",
    objective="grow",
    title="ARR doubles",
    unit="EUR",
    measure=okr.Target(1e6, 2e6),
    cadence="monthly",
)
DAY = "2026-06-30"


def codes(
    portfolio: okr.Portfolio, history: okr.History | None = None, **given: object
) -> set[tuple[str, str]]:
    found = okr.check(portfolio, history, as_of=DAY, **given)  # type: ignore[arg-type]
    return {(one.code, one.subject) for one in found}


def with_stage(value: okr.Objective | okr.KeyResult, stage: str) -> okr.Objective | okr.KeyResult:
    return attrs.evolve(value, stage=stage)


class TestRules:
    @pytest.mark.parametrize("stage", ["draft", "paused", "cancelled"])
    def test_a_key_result_that_is_not_pursued_owes_no_number(self, stage):
        other = attrs.evolve(ARR, id="deals", title="20 deals", unit="deal", measure=okr.Target(0, 20))
        history = okr.History.of([okr.Observation("deals", "2026-05-31", 9)])
        whole = okr.Portfolio.of(YEAR, GOAL, ARR, other)
        assert ("OKR401", "arr") in codes(whole, history)
        assert not [one for one in codes(whole.with_(with_stage(ARR, stage)), history) if one[1] == "arr"]

    def test_what_is_left_out_does_not_hold_an_objective_up(self):
        portfolio = okr.Portfolio.of(YEAR, GOAL, with_stage(ARR, "cancelled"))
        assert ("OKR101", "grow") in codes(portfolio, select=["OKR1"])

    def test_limits_count_what_is_pursued(self):
        owner = okr.Owner(id="head", kind="role")
        goals = [attrs.evolve(GOAL, id=f"o{n}", title=f"Goal {n}", owner="head") for n in range(4)]
        assert ("OKR103", "head") in codes(okr.Portfolio.of(YEAR, owner, *goals), select=["OKR103"])
        goals[0] = with_stage(goals[0], "draft")
        assert codes(okr.Portfolio.of(YEAR, owner, *goals), select=["OKR103"]) == set()

    def test_drafts_are_asked_for_errors_of_structure_and_measurement_alone(self):
        draft = with_stage(GOAL, "draft")
        found = okr.check(okr.Portfolio.of(YEAR, draft), as_of=DAY)
        assert [(one.code, one.severity) for one in found if one.subject == "grow"] == [("OKR101", "error")]
        paused = okr.check(okr.Portfolio.of(YEAR, with_stage(GOAL, "paused")), as_of=DAY)
        assert [one for one in paused if one.subject == "grow"] == []

    def test_a_rule_may_say_that_it_asks_drafts(self):
        def named(goal: okr.Objective) -> Iterator[str]:
            """Every objective is named."""
            yield "is named"

        shy, bold = (okr.governance_rule("ACME1", drafts=asks)(named) for asks in (False, True))
        portfolio = okr.Portfolio.of(YEAR, with_stage(GOAL, "draft"))
        told = [okr.check(portfolio, as_of=DAY, policy=okr.Policy(rules=[rule])) for rule in (shy, bold)]
        assert [len(one) for one in told] == [0, 1]

    def test_what_an_active_key_result_reads_stays_without_being_asked(self):
        old = attrs.evolve(ARR, stage="cancelled", cadence="weekly")
        new = attrs.evolve(ARR, id="arr-2", title="ARR triples", measured_by="arr", cadence=None)
        history = okr.History.of([okr.Observation("arr", "2026-06-28", 1.5e6)])
        portfolio = okr.Portfolio.of(YEAR, GOAL, old, new)
        result = check_in_full(portfolio, history, as_of=DAY)
        assert not [one for one in result.findings if one.subject == "arr"]
        assert okr.evaluate(portfolio, history, as_of=DAY)["arr-2"].score == 0.5


class TestConflicts:
    def torn(self, **stage: str) -> okr.Portfolio:
        return okr.Portfolio.of(
            YEAR,
            attrs.evolve(GOAL, **stage),
            okr.KeyResult(id="fast", objective="grow", title="Fast", measure=okr.Target(10, 12)),
            okr.Kpi(id="uptime", title="Uptime", target=okr.Band(low=98)),
            okr.Initiative(id="tune", title="Tune"),
            okr.Link(source="tune", target="fast", sign=+1, weight=0.8),
            okr.Link(source="tune", target="uptime", sign=-1, weight=0.4),
        )

    def test_only_what_is_active_and_has_begun_is_a_side(self):
        assert len(okr.find_conflicts(self.torn(), as_of=DAY)) == 1
        for stage in ("draft", "paused", "cancelled"):
            assert okr.find_conflicts(self.torn(stage=stage), as_of=DAY) == ()
        assert okr.find_conflicts(self.torn(), as_of="2025-12-31") == ()

    def test_a_snapshot_of_the_whole_portfolio_may_be_given(self):
        portfolio = self.torn(stage="paused")
        snapshot = okr.evaluate(portfolio, okr.History.of(), as_of=DAY)
        assert okr.find_conflicts(portfolio, as_of=DAY, snapshot=snapshot) == ()
        assert okr.check(portfolio, as_of=DAY, snapshot=snapshot, select=["OKR3"]) == okr.check(
            portfolio, okr.History.of(), as_of=DAY, select=["OKR3"]
        )


def closed(name: str, outcome: str, day: str = "2026-06-01") -> okr.Journal:
    return okr.Journal.of([okr.Entry("closing", name, "coo", day, outcome=outcome)])  # type: ignore[arg-type]


OUTCOMES = ["achieved", "partly", "missed", "postponed", "cancelled"]


class TestClosings:
    """S21.6: what a closing ended is no side of a conflict, asked by no rule, and counts in no limit."""

    @pytest.mark.parametrize("outcome", OUTCOMES)
    @pytest.mark.parametrize("name", ["fast", "grow"])
    def test_what_is_closed_is_no_side_of_a_conflict(self, outcome, name):
        portfolio = TestConflicts().torn()
        journal = closed(name, outcome)
        assert okr.find_conflicts(portfolio, as_of=DAY, journal=journal) == ()
        assert len(okr.find_conflicts(portfolio, as_of="2026-05-30", journal=journal)) == 1
        snapshot = okr.evaluate(portfolio, okr.History.of(), as_of=DAY, journal=journal)
        assert okr.find_conflicts(portfolio, as_of=DAY, snapshot=snapshot) == ()
        opened = journal.append([okr.Entry("closing", name, "board", "2026-06-10", outcome="reopened")])
        assert len(okr.find_conflicts(portfolio, as_of=DAY, journal=opened)) == 1

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_a_failing_objective_that_is_closed_cuts_nothing_off(self, outcome):
        team = okr.Team(id="north")
        kpi = okr.Kpi(id="calls", title="Calls", team="north", target=okr.Band(low=1))
        portfolio = okr.Portfolio.of(YEAR, team, attrs.evolve(GOAL, team="north"), ARR, kpi)
        history = okr.History.of(
            [okr.Observation("calls", DAY, 2), okr.Observation("arr", "2026-05-31", 1e6)]
        )

        def kinds(**given: object) -> list[str]:
            return [one.kind for one in okr.find_conflicts(portfolio, history, as_of=DAY, **given)]

        assert kinds() == ["disconnected"]
        assert kinds(journal=closed("grow", outcome)) == []

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_no_rule_asks_what_is_closed_but_those_that_look_back(self, outcome):
        history = okr.History.of([okr.Observation("arr", "2026-01-31", 1.2e6)])
        other = attrs.evolve(ARR, id="deals", title="20 deals", unit="deal", measure=okr.Target(0, 20))
        portfolio = okr.Portfolio.of(YEAR, GOAL, ARR, other)
        journal = okr.Journal.of([okr.Entry("check-in", "grow", "coo", "2026-01-31")])
        assert {("OKR401", "arr"), ("OKR403", "arr")} <= codes(portfolio, history, journal=journal)
        ended = journal.append(closed("arr", outcome))
        assert {one for one in codes(portfolio, history, journal=ended) if one[1] == "arr"} == set()
        twice = ended.append([okr.Entry("closing", "arr", "ann", "2026-06-02", outcome="achieved")])
        owned = portfolio.with_(attrs.evolve(ARR, owner="ann"), okr.Owner(id="ann"))
        assert ("OKR524", "arr") in codes(owned, history, journal=twice)

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_neither_actions_nor_a_review_ask_about_what_is_closed(self, outcome):
        history = okr.History.of([okr.Observation("arr", "2026-01-31", 1.2e6)])
        other = attrs.evolve(ARR, id="deals", title="20 deals", unit="deal", measure=okr.Target(0, 20))
        portfolio = okr.Portfolio.of(YEAR, GOAL, ARR, other)
        journal = okr.Journal.of([okr.Entry("check-in", "grow", "coo", "2026-01-31")])

        def asked(answered: okr.Journal) -> set[str]:
            owed = okr.actions(portfolio, history, as_of=DAY, journal=answered)
            made = okr.review(portfolio, history, as_of=DAY, journal=answered)
            needed = {name for one in made.decisions_needed for name in one.subjects}
            return needed | {one.subject for one in owed if one.kind != "closing"}

        assert {"arr", "deals"} <= asked(journal)
        assert "arr" not in asked(journal.append(closed("arr", outcome)))

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_what_is_closed_counts_in_no_limit(self, outcome):
        owner = okr.Owner(id="head", kind="role")
        goals = [attrs.evolve(GOAL, id=f"o{n}", title=f"Goal {n}", owner="head") for n in range(4)]
        results = [attrs.evolve(ARR, id=f"k{n}", objective="o0", owner="head") for n in range(11)]
        portfolio = okr.Portfolio.of(YEAR, owner, *goals, *results)
        limits = ["OKR102", "OKR103", "OKR110"]
        told = {("OKR102", "o0"), ("OKR103", "head"), ("OKR110", "head")}
        assert told <= codes(portfolio, select=["OKR1"])
        assert ("OKR103", "head") not in codes(portfolio, journal=closed("o3", outcome), select=limits)
        six = [okr.Entry("closing", f"k{n}", "coo", "2026-06-01", outcome=outcome) for n in range(6)]
        assert codes(portfolio, journal=okr.Journal.of(six), select=limits) == {("OKR103", "head")}

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_the_objective_above_is_judged_as_the_snapshot_judges_it(self, outcome):
        """What ended by a closing still counts in the score that rules see."""
        other = attrs.evolve(ARR, id="deals", title="20 deals", unit="deal", measure=okr.Target(0, 20))
        rows = [("arr", "2026-05-31", 2e6), ("deals", "2026-06-30", 1)]
        history = okr.History.of(okr.Observation(*row) for row in rows)
        portfolio, journal = okr.Portfolio.of(YEAR, GOAL, ARR, other), closed("arr", outcome)
        seen: list[float | None] = []

        def told(state: okr.ObjectiveState) -> Iterator[str]:
            """Every objective is told."""
            seen.append(state.score)
            yield "is told"

        rule = okr.governance_rule("ACME1")(told)
        okr.check(portfolio, history, as_of=DAY, journal=journal, policy=okr.Policy(rules=[rule]))
        score = okr.evaluate(portfolio, history, as_of=DAY, journal=journal)["grow"].score
        assert seen == [score]


class TestFunding:
    def test_nothing_is_funded_for_what_is_not_pursued(self):
        portfolio = TestConflicts().torn().with_(okr.Initiative(id="tune", title="Tune", cost=1))
        history = okr.History.of()
        plan = okr.tradeoffs(portfolio, okr.evaluate(portfolio, history, as_of=DAY), budget=2)
        assert [one.initiative for one in plan.funded] == ["tune"]
        idle = portfolio.with_(attrs.evolve(GOAL, stage="paused"))
        snapshot = okr.evaluate(idle, history, as_of=DAY)
        assert okr.tradeoffs(idle, snapshot, budget=2).funded == ()
        with pytest.raises(okr.OkrError, match="'grow' is not pursued, and gains nothing; leave it out"):
            okr.tradeoffs(idle, snapshot, budget=2, tiers=[["grow"]])


class TestWords:
    def test_an_explanation_says_the_stage_and_whose_it_is(self):
        portfolio = okr.Portfolio.of(YEAR, with_stage(GOAL, "cancelled"), ARR)
        snapshot = okr.evaluate(portfolio, okr.History.of(), as_of=DAY)
        text = str(okr.explain(snapshot, "arr"))
        assert "Its objective grow is cancelled, so it has neither score nor weight" in text
        draft = okr.Portfolio.of(YEAR, GOAL, with_stage(ARR, "draft"))
        snapshot = okr.evaluate(draft, okr.History.of(), as_of=DAY)
        assert "It is a draft, so it has neither score nor weight" in str(okr.explain(snapshot, "arr"))

    def test_no_forecast_is_made_of_it(self):
        portfolio = okr.Portfolio.of(YEAR, GOAL, with_stage(ARR, "paused"))
        weeks = okr.weekly("2026-01-04", DAY)
        history = okr.History.of_columns(["arr"] * len(weeks), weeks, [1e6 + n for n in range(len(weeks))])
        ahead = okr.outlook(okr.evaluate(portfolio, history, as_of=DAY))
        assert (ahead["arr"].forecast, ahead["arr"].note) == (None, "No forecast: it is paused")
        assert ahead["grow"].achieved is None

    def test_documents_say_it_and_say_what_it_may_be(self):
        portfolio = okr.Portfolio.of(YEAR, with_stage(GOAL, "paused"), with_stage(ARR, "draft"))
        assert okr.loads(okr.dumps(portfolio)) == portfolio
        assert "stage" not in okr.dumps(okr.Portfolio.of(YEAR, GOAL, ARR))
        with pytest.raises(okr.OkrError, match="give one of 'active', 'paused', 'draft', 'cancelled'"):
            attrs.evolve(GOAL, stage="closed")
