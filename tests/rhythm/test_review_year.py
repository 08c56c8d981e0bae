"""Fifty-two weekly reviews: a calm year asks for little, and what is planted is seen in its week (S18.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from itertools import pairwise

import numpy as np
import pytest

import okrcore as okr
from tests.support.companies import checked_in, company, numbers, replies, week_day

GOALS = 30
PLANTED: Mapping[str, Mapping[int, float]] = {
    "s3": {20: -14.0},
    "p8": dict.fromkeys(range(12, 40), -2.0),
    **{f"p{at}": {26: float("nan")} for at in range(GOALS) if at % 6 == 1},
}
FRIDAY = week_day(30) - dt.timedelta(days=2)
SLIP = (
    okr.Initiative(id="cut-over", title="Cut-over", team="t1", owner="lead1"),
    okr.Initiative(id="pilots", title="Pilots", team="t2", owner="lead2"),
    okr.Milestone(id="live", initiative="cut-over", title="Live", due=FRIDAY),
    okr.Milestone(
        id="pilot", initiative="pilots", title="Pilot", start=FRIDAY, due=week_day(36), after=["live"]
    ),
)


def year(
    portfolio: okr.Portfolio,
    facts: okr.History,
    *,
    weeks: range = range(52),
    silent: Collection[str] = (),
    answers: bool = True,
) -> list[okr.Review]:
    """The reviews of each Sunday, by what was known then; people answer within the week, but the silent."""
    journal = okr.Journal.of(checked_in(portfolio, week_day(0)))
    found: list[okr.Review] = []
    for week in weeks:
        day = week_day(week)
        journal = journal.append(checked_in(portfolio, day, silent if week > 5 else ()))
        last = found[-1] if found else None
        found.append(okr.review(portfolio, facts, as_of=day, known_at=day, journal=journal, previous=last))
        if answers:
            journal = journal.append(replies(found[-1].actions, day))
    return found


@pytest.fixture(scope="module")
def calm() -> list[okr.Review]:
    return year(company(GOALS), numbers(GOALS, 52))


@pytest.fixture(scope="module")
def troubled() -> list[okr.Review]:
    return year(company(GOALS, *SLIP), numbers(GOALS, 52, changed=PLANTED), weeks=range(8, 40), silent={"w5"})


def test_a_calm_year_asks_for_little(calm: list[okr.Review]) -> None:
    asked = [len(one.decisions_needed) for one in calm]
    assert np.mean(asked) <= 8 * GOALS / 300 + 1
    assert max(asked) <= 8


def test_no_cause_is_told_twice_in_a_week(calm: list[okr.Review], troubled: list[okr.Review]) -> None:
    for one in (*calm, *troubled):
        names = [line.id for line in one.decisions_needed]
        assert len(names) == len(set(names))
        owed = [action for line in one.decisions_needed for action in line.actions]
        assert len(owed) == len(set(owed))


def test_what_is_answered_is_not_asked_again(calm: list[okr.Review]) -> None:
    for before, after in pairwise(calm):
        answered = {name for line in before.decisions_needed for name in line.actions}
        assert not answered & {name for line in after.decisions_needed for name in line.actions}


def first_week(reviews: list[okr.Review], id: str) -> int:
    for one in reviews:
        if id in {line.id for line in one.decisions_needed}:
            return (one.as_of - week_day(0)).days // 7  # type: ignore[operator,no-any-return]
    return -1


def test_each_planted_trouble_is_seen_in_its_week(troubled: list[okr.Review]) -> None:
    assert first_week(troubled, "measure:s3") == 20
    assert first_week(troubled, "slip:live") == 30
    assert first_week(troubled, "source:crm") in (26, 27)
    assert first_week(troubled, "check-in:k5") == 8
    turned = [
        (one.as_of - week_day(0)).days // 7  # type: ignore[operator]
        for one in troubled
        if one.snapshot["k8"].status == "off-track"
    ]
    assert 12 < first_week(troubled, "measure:p8") <= turned[0]
