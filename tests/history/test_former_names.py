"""A20: what was recorded under a former id is read under the present one, by whatever reads."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.history.former_names import followed
from okrcore.testing import histories, journals, portfolios

YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="O", cycle=YEAR.id)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_scores_do_not_change_with_names(data: st.DataObject) -> None:
    """Renaming changes no number: each goal has the score, status and value that it had."""
    portfolio = data.draw(portfolios())
    history, journal = data.draw(histories(portfolio)), data.draw(journals(portfolio))
    named = [one.id for part in (portfolio.key_results, portfolio.kpis, portfolio.objectives) for one in part]
    new = {name: f"new-{name}" for name in data.draw(st.lists(st.sampled_from(named), unique=True))}
    renamed = portfolio.renamed(new)
    before = okr.evaluate(portfolio, history, as_of="2026-06-30", journal=journal)
    after = okr.evaluate(renamed, history, as_of="2026-06-30", journal=journal)
    for one in portfolio.key_results:
        then, now = before[one.id], after[new.get(one.id, one.id)]
        assert (now.value, now.score, now.status, now.stale) == (
            then.value,
            then.score,
            then.status,
            then.stale,
        )
    for goal in portfolio.objectives:
        assert after[new.get(goal.id, goal.id)].score == pytest.approx(before[goal.id].score)
        assert after[new.get(goal.id, goal.id)].status == before[goal.id].status
    for kpi in portfolio.kpis:
        assert after[new.get(kpi.id, kpi.id)].zone == before[kpi.id].zone
    assert okr.evaluate(renamed, history, as_of="2026-06-30", journal=journal, previous=after) is after


def test_old_and_new_values_are_one_series() -> None:
    kpi = okr.Kpi(id="up", title="Up", target=okr.Band(low=98), cadence="weekly")
    portfolio = okr.Portfolio.of(kpi).renamed({"up": "uptime"})
    history = okr.History.of(
        [okr.Observation("up", "2026-01-05", 99), okr.Observation("uptime", "2026-01-12", 97)]
    )
    read = followed(portfolio, history)
    assert read.series("uptime").values.tolist() == [99, 97]
    assert read is followed(portfolio, history)
    assert followed(okr.Portfolio.of(kpi), history) is history
    assert history.measures == ("up", "uptime")
    journal = okr.Journal.of([okr.Entry("check-in", "up", "ann", "2026-01-05")])
    assert [one.subject for one in followed(portfolio, journal)] == ["uptime"]


def test_items_of_a_checklist_follow() -> None:
    list_ = okr.KeyResult(id="k", objective="o", title="K", measure=okr.Checklist(["a", "b"]))
    portfolio = okr.Portfolio.of(YEAR, GOAL, list_).renamed({"k": "new"})
    history = okr.History.of([okr.Observation("k#a", "2026-01-05", 1)])
    assert okr.evaluate(portfolio, history, as_of="2026-02-01")["new"].progress == 0.5
