"""The stories reviewed week by week: a problem is asked about weeks before a monthly report shows it red."""

from __future__ import annotations

import pytest

from okrcore.surfaces.stories import WEEKS
from okrcore.surfaces.story_reviews import ReviewedYear, first_seen, reviewed_year, reviews, year_lines


@pytest.fixture(scope="module", params=["logistics", "software"])
def year(request: pytest.FixtureRequest) -> ReviewedYear:
    return reviewed_year(request.param, WEEKS)


def test_who_answers_is_asked_less(year: ReviewedYear) -> None:
    assert len(year.asked) == len(year.answered) == WEEKS
    assert max(year.asked) <= 9
    assert sum(year.answered) < sum(year.asked) / 4
    assert all(few <= many for few, many in zip(year.answered, year.asked, strict=True))


def test_a_report_is_never_earlier_and_often_never(year: ReviewedYear) -> None:
    days = [(one.day, one.red) for one in year.seen]
    assert days == sorted(days, key=lambda pair: pair[0])
    assert all(red is None or red >= day for day, red in days)
    assert sum(red is None for _, red in days) >= 3
    assert any(red is not None and (red - day).days > 27 for day, red in days)


def test_the_lines_say_all_of_it(year: ReviewedYear) -> None:
    lines = year_lines(year, 100)
    assert max(map(len, lines)) <= 100
    assert all(any(one.decision.question in line for line in lines) for one in year.seen)


def test_fewer_weeks_are_the_first_ones() -> None:
    early = [one for one in reviewed_year("software", WEEKS).seen if one.week <= 12]
    found = [*first_seen(reviews("software", 12, answers=False))]
    assert [(one.week, one.decision) for one in found] == [(one.week, one.decision) for one in early]
