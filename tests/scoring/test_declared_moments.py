"""A moment is judged by what was declared then, and known then (S21.1, S21.3)."""

from __future__ import annotations

import datetime as dt
import pickle

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.errors import UnknownIdError
from okrcore.scoring import score_amendments
from okrcore.testing import histories, portfolios

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="Sort faster", cycle="2026")
SHARE = okr.KeyResult(id="share", objective="o", title="Same-day share", measure=okr.Target(90, 98))
CALLS = okr.KeyResult(id="calls", objective="o", title="Calls answered", measure=okr.Target(70, 80))
FIRM = okr.Portfolio.of(YEAR, GOAL, SHARE, CALLS)
EASED = FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(90, 94)))
HISTORY = okr.History.of(
    [okr.Observation("share", "2026-03-31", 92), okr.Observation("calls", "2026-03-31", 75)]
)
DECLARED = okr.Declarations.of(("2026-01-01", FIRM)).append(EASED, at="2026-05-04", by="jo")


def numbers(snapshot):
    """Return all that a snapshot says but what it says of original goals."""
    return snapshot.as_plain() | {"original": None}


@settings(max_examples=30)
@given(st.data())
def test_it_is_judged_by_the_version_in_force(data):
    """evaluate(declarations, as_of=t) is evaluate(declarations.at(t, known_at), as_of=t)."""
    portfolio = data.draw(portfolios())
    history = data.draw(histories(portfolio))
    declared = okr.Declarations.of(("2026-01-01", portfolio))
    for at, known, other in data.draw(st.lists(st.tuples(DAYS, DAYS, portfolios()), max_size=2)):
        declared = declared.append(other, at=at, recorded_at=known)
    as_of, known_at = data.draw(DAYS), data.draw(st.none() | DAYS)
    asked = {"as_of": as_of, "known_at": known_at}
    snapshot = okr.evaluate(declared, history, **asked)
    assert numbers(snapshot) == numbers(okr.evaluate(declared.at(**asked), history, **asked))
    trend = okr.evaluate_many(declared, history, as_of=["2026-01-01", as_of], known_at=known_at)
    assert trend[1].as_plain() == snapshot.as_plain()
    conflicts = okr.find_conflicts(declared, history, as_of=as_of)
    assert {one.id for one in conflicts} >= {
        one.id for one in okr.find_conflicts(declared.at(as_of), as_of=as_of)
    }


@given(portfolios(), st.lists(DAYS, min_size=1, max_size=3), DAYS)
def test_what_never_changed_has_no_other_original(portfolio, days, as_of):
    declared = okr.Declarations.of(*((day, portfolio) for day in [dt.date(2026, 1, 1), *sorted(days)]))
    snapshot = okr.evaluate(declared, okr.History.of(), as_of=as_of)
    assert snapshot.original is None
    assert snapshot.as_plain() == okr.evaluate(portfolio, okr.History.of(), as_of=as_of).as_plain()


def test_what_leads_and_what_turned_is_asked_of_the_version_in_force():
    """Each function that takes a portfolio and a moment answers as for `declarations.at` of it."""
    asked = {"as_of": "2026-03-31", "known_at": "2026-03-31"}
    then = DECLARED.at(**asked)
    for ask in (
        okr.assess_links,
        okr.signals_of,
        okr.dips,
        lambda *given, **moments: okr.discover_links(*given, lags=[1], **moments),
    ):
        assert ask(DECLARED, HISTORY, **asked) == ask(then, HISTORY, **asked)
        with pytest.raises(okr.HistoryError, match="must not be before 2026-01-01"):
            ask(DECLARED, HISTORY, as_of="2025-12-31")


def test_before_the_first_version_its_date_is_named():
    for ask in (okr.evaluate, lambda *given, as_of: okr.evaluate_many(*given, as_of=[as_of])):
        with pytest.raises(okr.HistoryError, match="must not be before 2026-01-01"):
            ask(DECLARED, HISTORY, as_of="2025-12-31")


def test_a_moment_that_is_none_is_told_as_of_a_portfolio():
    with pytest.raises(okr.DefinitionError, match="has no timezone"):
        okr.evaluate(DECLARED, HISTORY, as_of=dt.datetime(2026, 5, 5))  # noqa: DTZ001


class TestOriginal:
    """The score under the goal as it was when its cycle had settled stands beside today's."""

    def test_it_stands_beside_todays_where_they_differ(self):
        snapshot = okr.evaluate(DECLARED, HISTORY, as_of="2026-06-30")
        share, calls, goal = (snapshot[name] for name in ("share", "calls", "o"))
        assert (share.score, share.original_score) == (0.5, 0.25)
        assert (calls.score, calls.original_score) == (0.5, None)
        assert (goal.score, goal.original_score) == (0.5, 0.375)
        assert snapshot.original["share"].goal == SHARE
        assert snapshot.as_plain()["original"] == {"o": 0.375, "share": 0.25}

    def test_before_the_amendment_there_is_none(self):
        assert okr.evaluate(DECLARED, HISTORY, as_of="2026-05-03").original is None
        assert okr.evaluate(DECLARED, HISTORY, as_of="2026-06-30", known_at="2026-05-03").original is None

    def test_within_the_settling_time_there_is_none(self):
        early = okr.Declarations.of(("2026-01-01", FIRM), ("2026-01-14", EASED))
        assert okr.evaluate(early, HISTORY, as_of="2026-06-30").original is None
        late = okr.Declarations.of(("2026-01-01", FIRM), ("2026-01-15", EASED))
        assert okr.evaluate(late, HISTORY, as_of="2026-06-30")["share"].original_score == 0.25

    def test_what_was_taken_out_counts_in_its_objective(self):
        made = okr.Declarations.of(("2026-01-01", FIRM), ("2026-05-04", FIRM.without("share")))
        snapshot = okr.evaluate(made, HISTORY, as_of="2026-06-30")
        assert (snapshot["o"].score, snapshot["o"].original_score) == (0.5, 0.375)
        assert "share" not in snapshot
        assert snapshot.original["share"].score == 0.25

    def test_what_was_gone_before_it_settled_does_not_come_back(self):
        extra = attrs.evolve(SHARE, id="extra")
        made = okr.Declarations.of(
            ("2026-01-01", FIRM.with_(extra)), ("2026-01-10", FIRM), ("2026-05-04", EASED)
        )
        original = okr.evaluate(made, HISTORY, as_of="2026-06-30").original
        assert {one.id for one in original.portfolio.key_results} == {"share", "calls"}

    def test_a_new_name_hides_no_change(self):
        """A goal that was renamed and loosened keeps what it was under its present id."""
        renamed = FIRM.renamed({"share": "same-day"})
        eased = renamed.with_(attrs.evolve(renamed["same-day"], measure=okr.Target(90, 94)))
        made = okr.Declarations.of(("2026-01-01", FIRM), ("2026-05-04", eased))
        state = okr.evaluate(made, HISTORY, as_of="2026-06-30")["same-day"]
        assert (state.score, state.original_score) == (0.5, 0.25)
        assert (
            okr.evaluate(
                okr.Declarations.of(("2026-01-01", FIRM), ("2026-05-04", renamed)),
                HISTORY,
                as_of="2026-06-30",
            ).original_scores
            == {}
        )

    def test_previous_counts_only_where_the_versions_are_the_same(self):
        alone = okr.evaluate(EASED, HISTORY, as_of="2026-06-30")
        snapshot = okr.evaluate(DECLARED, HISTORY, as_of="2026-06-30", previous=alone)
        assert snapshot["share"].original_score == 0.25
        assert okr.evaluate(DECLARED, HISTORY, as_of="2026-06-30", previous=snapshot) is snapshot

    def test_it_survives_pickling(self):
        snapshot = pickle.loads(pickle.dumps(okr.evaluate(DECLARED, HISTORY, as_of="2026-06-30")))
        assert snapshot["share"].original_score == 0.25


class TestTrend:
    """One trend over goals that come, go and change their names."""

    def test_goals_come_and_go(self):
        made = okr.Declarations.of(
            ("2026-01-01", FIRM.without("calls")), ("2026-04-01", FIRM), ("2026-06-01", FIRM.without("share"))
        )
        trend = okr.evaluate_many(made, HISTORY, as_of=["2026-03-31", "2026-05-01", "2026-06-30"])
        assert trend.scores("share") == (0.25, 0.25, None)
        assert trend.scores("calls") == (None, 0.5, 0.5)
        assert [bool(status) for status in trend.statuses("calls")] == [False, True, True]
        assert [row["id"] for row in trend.to_dicts()] == ["o", "share", "o", "calls", "share", "o", "calls"]
        shown = "\n".join(trend.lines())
        assert "share" in shown
        assert "calls" in shown
        with pytest.raises(UnknownIdError, match="nothing"):
            trend.scores("nothing")

    def test_a_renamed_goal_is_one_line(self):
        renamed = FIRM.renamed({"share": "same-day"})
        made = okr.Declarations.of(("2026-01-01", FIRM), ("2026-05-01", renamed))
        trend = okr.evaluate_many(made, HISTORY, as_of=["2026-04-30", "2026-05-01"])
        assert trend.scores("same-day") == (0.25, 0.25)
        assert sum("share" in line or "same-day" in line for line in trend.lines()) == 1


class TestScoredAmendments:
    """What an amendment did to the score at its moment, by what was known then."""

    def test_before_and_after(self):
        (one,) = score_amendments(DECLARED, HISTORY)
        assert (one.subject, one.score_before, one.score_after, one.by) == ("share", 0.25, 0.5, "jo")

    def test_later_numbers_count_nothing(self):
        later = HISTORY.append([okr.Observation("share", "2026-05-01", 98, recorded_at="2026-05-20")])
        (one,) = score_amendments(DECLARED, later)
        assert (one.score_before, one.score_after) == (0.25, 0.5)

    def test_what_is_no_goal_or_not_there_has_none(self):
        made = DECLARED.append(EASED.without("share").with_(okr.Team(id="t")), at="2026-06-01")
        scored = {one.subject: (one.score_before, one.score_after) for one in score_amendments(made, HISTORY)}
        assert scored["t"] == (None, None)
        assert scored["share"] == (0.5, None)

    @given(portfolios(), portfolios())
    def test_but_for_the_scores_they_are_the_amendments(self, old, new):
        made = okr.Declarations.of(("2026-03-01", old), ("2026-05-04", new))
        bare = [
            attrs.evolve(one, score_before=None, score_after=None)
            for one in score_amendments(made, okr.History.of())
        ]
        assert tuple(bare) == made.amendments()
