"""Documents and histories of before there were calendars, stages and formulas load, and say the same."""

from pathlib import Path

import pytest

import okrcore as okr
from okrcore.surfaces.stories import story

BEFORE = Path(__file__).parents[1] / "data" / "before"
STORIES = ["logistics", "software"]


@pytest.mark.parametrize("name", STORIES)
def test_a_document_of_before_loads_and_is_kept(name: str) -> None:
    """What it does not say has the meaning that it had: UTC, weeks from Monday, every goal active."""
    portfolio = okr.load(BEFORE / f"{name}.okr.yaml")
    assert portfolio.calendar == okr.Calendar()
    assert {one.stage for one in (*portfolio.objectives, *portfolio.key_results)} == {"active"}
    assert all(one.formula is None and not one.dated for one in portfolio.kpis)
    for form in ("yaml", "toml", "json"):
        assert okr.loads(okr.dumps(portfolio, format=form), format=form) == portfolio


@pytest.mark.parametrize("name", STORIES)
def test_its_goals_are_judged_as_those_of_today(name: str) -> None:
    now, history = story(name)
    before = okr.load(BEFORE / f"{name}.okr.yaml")
    for moment in ("2026-03-29", "2026-10-04"):
        old, new = (okr.evaluate(one, history, as_of=moment) for one in (before, now))
        for one in before.key_results:
            assert old.key_result(one.id).score == new.key_result(one.id).score
            assert old.key_result(one.id).status == new.key_result(one.id).status
        for one in before.kpis:
            assert old.kpi(one.id).zone == new.kpi(one.id).zone


def test_its_numbers_are_those_that_were_published() -> None:
    before, (_, history) = okr.load(BEFORE / "logistics.okr.yaml"), story("logistics")
    states = okr.evaluate(before, history, as_of="2026-10-04")
    assert states.key_result("throughput").value == 10_987
    assert states.key_result("same-day-share").status == "off-track"
    assert states.kpi("sorter-uptime").zone == "healthy"
