"""A number has the same periods whoever reads it (A2)."""

import datetime as dt

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import KeyResult, Target
from okrcore.testing import histories, portfolios


@settings(max_examples=40)
@given(
    portfolios().flatmap(lambda p: st.tuples(st.just(p), histories(p))),
    st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
)
def test_adding_a_key_result_changes_no_kpi(both, day) -> None:
    portfolio, history = both
    before = okr.evaluate(portfolio, history, as_of=day)
    goal = portfolio.objectives[0].id
    readers = [
        KeyResult(
            id=f"more-{kpi.id}",
            objective=goal,
            title="",
            measure=Target(0, 1),
            unit=kpi.unit,
            measured_by=kpi.id,
        )
        for kpi in portfolio.kpis
    ]
    after = okr.evaluate(portfolio.with_(*readers), history, as_of=day)
    for kpi in portfolio.kpis:
        was, now = before.kpi(kpi.id), after.kpi(kpi.id)
        assert repr(attrs.evolve(now, recovering=was.recovering)) == repr(was)
