"""Rules and actions read the same deadlines: what is overdue is found, and what is found was not answered."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.schedule.deadlines import HOURS
from tests.rhythm.test_actions import AUDIT, CHANGE, EXCUSE, FIRST, NOTHING, OWN_WORD, at, history, warehouse

CODES = {
    "check-in": "OKR403",
    "adjustment": "OKR404",
    "decision": "OKR406",
    "confirmation": "OKR407",
    "link-review": "OKR313",
    "notice": "OKR704",
    "mitigation": "OKR705",
}
START = okr.Entry("check-in", "throughput", "head-of-operations", "2026-01-02")
ANSWERS = [
    AUDIT,
    EXCUSE,
    OWN_WORD,
    CHANGE,
    NOTHING,
    FIRST,
    okr.Entry("check-in", "faster", "head-of-operations", at(2)),
    okr.Entry("decision", "throughput", "managing-director", at(-2)),
    okr.Entry("confirmation", "belts", "lane-lead", at(1)),
    okr.Entry("confirmation", "belts", "head-of-engineering", at(2)),
    okr.Entry("link-review", "lanes->throughput", "flow-review", "2026-01-10"),
    okr.Entry("notice", "scanner", "lane-lead", at(-2), team="operations"),
    okr.Entry("mitigation", "hall", "head-of-operations", at(-1), changes=["the hall opens by hand"]),
]


def company(clocks: str) -> okr.Portfolio:
    """The warehouse, with something for each kind of answer."""
    return warehouse(clocks=clocks).with_(
        okr.Initiative(id="belts", title="Belts", stage="closed", owner="lane-lead", team="engineering"),
        okr.Milestone(id="last-belt", initiative="belts", title="Belt", due="2026-06-05", done="2026-06-05"),
        okr.Initiative(id="halls", title="Halls", team="operations", owner="head-of-operations"),
        okr.Milestone(id="scanner", initiative="recalibration", title="Scanner", due="2026-06-05"),
        okr.Milestone(
            id="hall",
            initiative="halls",
            title="Hall",
            start="2026-06-05",
            due="2026-06-30",
            after=["scanner"],
        ),
        okr.Tolerance(
            sides=["lanes", "throughput"],
            start="2026-06-05",
            end="2026-12-31",
            effect=okr.Effect(escalate=okr.priorities.Escalate(to="managing-director", within="48h")),
        ),
    )


@given(
    st.lists(st.sampled_from(ANSWERS), unique=True),
    st.integers(-3 * 24, 20 * 24),
    st.sampled_from(["elapsed", "working"]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_overdue_is_found_and_what_is_found_was_not_answered_in_time(entries, hours, clocks):
    moment = at(0, 9) + dt.timedelta(hours=hours)
    portfolio, journal = company(clocks), okr.Journal.of([START, *entries])
    owed = okr.actions(portfolio, history(), as_of=moment, journal=journal, since="2025-12-01", weeks=26)
    found = okr.check(
        portfolio, history(), as_of=moment, journal=journal, select=list(CODES.values()), policy=okr.STRICT
    )
    for kind, code in CODES.items():
        states: dict[str, set[str]] = {}
        for one in owed:
            if one.kind == kind:
                states.setdefault(one.subject, set()).add(one.state)
        subjects = {one.subject for one in found if one.code == code}
        assert {name for name, seen in states.items() if "overdue" in seen} <= subjects, kind
        missed = {"overdue", "late", *(["open"] if kind == "check-in" else [])}  # open: of the period after
        assert all(states[name] & missed for name in subjects), kind


@pytest.mark.parametrize("kind", sorted(CODES))
def test_each_kind_is_found_where_nobody_answers(kind):
    """The law above is not empty: without an answer each is overdue, and found."""
    moment = at(20)
    portfolio, journal = company("elapsed"), okr.Journal.of([START])
    owed = okr.actions(portfolio, history(), as_of=moment, journal=journal, since="2025-12-01", weeks=26)
    found = okr.check(
        portfolio, history(), as_of=moment, journal=journal, select=[CODES[kind]], policy=okr.STRICT
    )
    assert {one.subject for one in owed if one.kind == kind and one.state == "overdue"} == {
        one.subject for one in found
    }
    assert found


@pytest.mark.parametrize("kind", ["notice", "audit", "adjustment", "confirmation", "link-review", "closing"])
def test_an_action_is_due_after_the_hours_of_its_kind(kind):
    spring = okr.Cycle(id="spring", start="2026-01-01", end="2026-05-31")
    portfolio = company("elapsed").with_(
        spring, okr.Objective(id="old", title="Old", cycle="spring", owner="head-of-operations")
    )
    owed = okr.actions(
        portfolio, history(), as_of=at(1), journal=okr.Journal.of([START]), since="2025-12-01", weeks=26
    )
    asked = [one for one in owed if one.kind == kind]
    assert asked
    for one in asked:
        assert one.due - one.opened == dt.timedelta(hours=HOURS[kind])
