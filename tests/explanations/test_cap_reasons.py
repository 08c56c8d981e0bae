"""A cap over a cycle is explained by what is used of it and of its time, as it is judged (A8, S2.4)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from tests.explanations.test_explaining import WORDS, renderings, shown_numbers

QUARTER = okr.Cycle.quarter(2026, 1)
POLICIES = st.sampled_from(
    [
        okr.ScoringPolicy(),
        okr.ScoringPolicy(band="latest", inclusive=False),
        okr.ScoringPolicy(band="share-of-planned", burn_on_track=0.8, burn_at_risk=2, early_until=0.4),
        okr.ScoringPolicy(band="margin", pace="absolute", stale="keep"),
    ]
)


def explained(
    values: dict[dt.date, float], day: dt.date, policy: okr.ScoringPolicy, **fields: object
) -> okr.Explanation:
    goal = okr.Objective(id="o", title="O", cycle=QUARTER.id)
    cap = okr.Band(high=10, over="cycle")
    budget = okr.KeyResult(id="k", objective="o", title="Outages", measure=cap, **fields)  # type: ignore[arg-type]
    history = okr.History.of(okr.Observation("k", at, value) for at, value in values.items())
    snapshot = okr.evaluate(okr.Portfolio.of(QUARTER, goal, budget), history, as_of=day, scoring=policy)
    return okr.explain(snapshot, "k")


DAYS = st.dates(QUARTER.start - dt.timedelta(5), QUARTER.end + dt.timedelta(20))


@given(
    st.dictionaries(DAYS, st.sampled_from([-3, 0, 1, 2, 2.5, 4, 10, 30]), max_size=5),
    DAYS,
    POLICIES,
    st.sampled_from(["sum", "max", "mean", "latest"]),
    st.sampled_from([None, "weekly", "monthly"]),
    st.sampled_from(["", "count"]),
)
def test_the_last_word_of_the_reason_is_the_status(values, day, policy, aggregate, cadence, unit):
    node = explained(values, day, policy, aggregate=aggregate, cadence=cadence, unit=unit)
    assert re.findall(rf", so ({WORDS})\b", node.sentence) == [node.status], node.sentence
    assert set(shown_numbers(node)) <= renderings(node), node.sentence


@pytest.mark.parametrize(
    ("used", "unit", "said"),
    [
        (1, "", "Burn (share used / 21.3 % of its time gone) 0.46842 is at most 1, so on-track"),
        (2.5, "", "1.1711 is above 1 but at most 1.25, so at-risk"),
        (4, "", "1.8737 is above 1.25, so off-track"),
        (4, "count", "1.8737 is above 1.25; so many things may come by chance, so at-risk"),
        (20, "", "It is past its cap and comes back inside no more, so missed"),
    ],
)
def test_the_reason_is_the_comparison_that_was_made(used, unit, said):
    seen = {dt.date(2026, 1, 18): used}
    node = explained(
        seen, dt.date(2026, 1, 20), okr.ScoringPolicy(), aggregate="sum", cadence="weekly", unit=unit
    )
    assert said in node.sentence
