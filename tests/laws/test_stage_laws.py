"""What is not pursued has neither score nor weight, whatever it is declared to weigh (S21.5)."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import testing
from okrcore.definitions.derived import stage_of
from okrcore.scoring.scoring_policy import NOT_PURSUED

POLICIES = (okr.ScoringPolicy(), *okr.DIALECTS.values())


def idle_goals(portfolio: okr.Portfolio) -> list[str]:
    goals = [*portfolio.key_results, *portfolio.objectives]
    return [goal.id for goal in goals if stage_of(goal, portfolio) != "active"]


def pruned(portfolio: okr.Portfolio) -> okr.Portfolio:
    """Return a portfolio without what is not pursued, and without whatever names it."""
    idle = set(idle_goals(portfolio))
    kept = []
    for one in portfolio:
        if isinstance(one, okr.Objective | okr.KeyResult) and one.continues in idle:
            one = attrs.evolve(one, continues=None)
        if isinstance(one, okr.Objective):
            one = attrs.evolve(one, contributes_to=[to for to in one.contributes_to if to.to not in idle])
        elif isinstance(one, okr.Kpi):
            one = attrs.evolve(one, guards=[name for name in one.guards if name not in idle])
        named = {
            getattr(one, "target", None) if isinstance(one, okr.Link) else None,
            getattr(one, "subject", None),
            *getattr(one, "sides", ()),
        }
        if one.id not in idle and not named & idle:
            kept.append(one)
    return okr.Portfolio.of(*kept)


@st.composite
def staged(draw: st.DrawFn) -> tuple[okr.Portfolio, okr.History]:
    portfolio = draw(testing.portfolios(table=False))
    goals = [*portfolio.key_results, *portfolio.objectives]
    stages = st.sampled_from(["active", "active", "active", "draft", "paused", "cancelled"])
    portfolio = portfolio.with_(*(attrs.evolve(goal, stage=draw(stages)) for goal in goals))
    return portfolio, draw(testing.histories(portfolio))


@given(staged(), st.sampled_from(POLICIES), st.sampled_from(["2026-02-17", "2026-08-01", "2027-01-05"]))
def test_the_pursued_stand_as_if_the_others_were_not_there(case, policy, day):
    portfolio, history = case
    idle = idle_goals(portfolio)
    whole = okr.evaluate(portfolio, history, as_of=day, scoring=policy)
    left = okr.evaluate(pruned(portfolio), history, as_of=day, scoring=policy)
    for goal in [*portfolio.key_results, *portfolio.objectives]:
        state = whole[goal.id]
        if goal.id in idle:
            assert (state.status, state.score) == (stage_of(goal, portfolio), None)
            assert state.status in NOT_PURSUED
            assert not state.provisional
            continue
        other = left[goal.id]
        assert attrs.evolve(state, goal=other.goal) == other
        assert okr.contributions(whole, goal.id) == okr.contributions(left, goal.id)
    for kpi in portfolio.kpis:
        assert whole.kpi(kpi.id).recovering == left.kpi(kpi.id).recovering


@given(staged(), st.sampled_from([0.0, 1e-300, 7.0, 1e300]), st.sampled_from(POLICIES))
def test_their_weights_never_matter(case, weight, policy):
    portfolio, history = case
    idle = set(idle_goals(portfolio))
    reweighed = []
    for goal in portfolio.objectives:
        parts = [
            attrs.evolve(part, weight=weight) if {goal.id, part.to} & idle else part
            for part in goal.contributes_to
        ]
        reweighed.append(attrs.evolve(goal, contributes_to=parts))
    reweighed += [attrs.evolve(one, weight=weight) for one in portfolio.key_results if one.id in idle]
    other = portfolio.with_(*reweighed)
    one, two = (
        okr.evaluate(some, history, as_of="2026-08-01", scoring=policy) for some in (portfolio, other)
    )
    assert one.as_plain() == two.as_plain()


@given(staged())
def test_compiled_scores_leave_them_out_too(case):
    portfolio, _ = case
    compiled, left = okr.compile_portfolio(portfolio), okr.compile_portfolio(pruned(portfolio))
    values = {name: float(at % 7) for at, name in enumerate(compiled.key_results)}
    mine, other = (one.score([values[name] for name in one.key_results]) for one in (compiled, left))
    for at, name in enumerate(left.objectives):
        row = compiled.goal_rows[name]
        assert mine.objectives[row] == pytest.approx(other.objectives[at], abs=0, rel=0, nan_ok=True)
        assert mine.coverage[row] == other.coverage[at]
