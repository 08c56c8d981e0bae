"""OKR7: plans that leave time, missed milestones that are told and answered; the rules read the ripple."""

from __future__ import annotations

import pytest

import okrcore as okr
from tests.schedule.test_clocks import BERLIN, JOURNAL, NOTICE, at, story


def codes(portfolio, as_of, **known):
    found = okr.check(portfolio, known.pop("history", None), as_of=as_of, select=["OKR7"], **known)
    return sorted((one.code, one.subject) for one in found if one.code > "OKR703")


@pytest.mark.parametrize(
    ("moment", "journal", "expected"),
    [
        (at(7, 12), okr.Journal.of(), []),  # the clocks run
        (at(8, 1), okr.Journal.of(), [("OKR704", "sign-on"), ("OKR705", "sign-on")]),
        (at(8, 1), okr.Journal.of([NOTICE]), [("OKR705", "sign-on")]),
        (at(8, 10), JOURNAL, []),  # late answers are answers
        (at(18, 1), JOURNAL, [("OKR704", "sign-on"), ("OKR705", "sign-on")]),  # operations, since the 17th
        (at(1, 1, month=7), okr.Journal.of(), []),  # 13 weeks later nobody asks any more
        (at(8, 1), None, []),
    ],
)
def test_a_missed_milestone_is_told_and_answered(moment, journal, expected):
    assert codes(story(), moment, journal=journal) == expected


def test_working_clocks_ask_on_monday_night():
    for moment, expected in ((at(9, 23), []), (at(10, 0), [("OKR704", "sign-on"), ("OKR705", "sign-on")])):
        assert moment.tzinfo is BERLIN
        assert codes(story("working"), moment, journal=okr.Journal.of()) == expected


def test_a_declared_date_that_nothing_shows_is_told():
    seen = okr.History.of([okr.Observation("sign-on", "2026-03-09", 1)])
    assert codes(story(done="2026-03-06"), at(10, 1), history=seen) == [("OKR706", "sign-on")]
    assert codes(story(done="2026-03-09"), at(10, 1), history=seen) == []
    assert codes(story(), at(10, 1), history=seen) == []


def test_a_plan_is_broken_by_a_lag_in_working_days():
    work = okr.Initiative(id="work", title="Work")
    one = okr.Milestone(id="one", initiative="work", title="One", due="2026-03-06")

    def two(start, **lag):
        after = [okr.Dependency("one", 2, **lag)]
        return okr.Milestone(
            id="two", initiative="work", title="Two", start=start, due="2026-03-20", after=after
        )

    def broken(*steps):
        found = okr.check(okr.Portfolio.of(work, *steps), as_of="2026-03-02", select=["OKR703"])
        return [one.message for one in found]

    assert broken(one, two("2026-03-09")) == []
    (said,) = broken(one, two("2026-03-09", working=True))  # Friday and two working days is Tuesday
    assert "a lag of 2 working days" in said
    assert broken(one, two("2026-03-10", working=True)) == []


def test_what_was_observed_to_be_done_is_not_overdue():
    seen = okr.History.of([okr.Observation("sign-on", "2026-03-09", 1)])
    for history, expected in ((None, ["sign-on"]), (seen, [])):
        found = okr.check(story(), history, as_of=at(10, 1), select=["OKR408"])
        assert [one.subject for one in found] == expected
