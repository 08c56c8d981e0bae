"""Numbers at the ends of the float range: right scores, no infinity, no warning (S0.2, S4)."""

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Checklist,
    Contribution,
    Cycle,
    History,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Target,
)
from okrcore.definitions.aggregates import reduce
from okrcore.definitions.measures import Item
from okrcore.errors import DefinitionError

pytestmark = pytest.mark.filterwarnings("error")

YEAR = Cycle.year(2026)
WAY, CLAMPED = Target(0, 1), okr.ScoringPolicy()
UNCLAMPED = okr.ScoringPolicy(clamp="none")
LARGEST = 1.7976931348623157e308
ENDS = [0.0, 5e-324, 1e-300, 1.0, 1e300, 1e308, LARGEST]


def result(name: str, measure=WAY, **fields) -> KeyResult:
    return KeyResult(id=name, objective="o", title=name, measure=measure, **fields)


def judged(*definitions, scoring=CLAMPED, **values: float | list[float]) -> okr.Snapshot:
    """Evaluate with one observation a day from 2026-03-01 of each id."""
    goal = Objective(id="o", title="O", cycle=YEAR.id)
    history = History.of(
        Observation(name.replace("__", "#"), f"2026-03-{day:02}", one)
        for name, given in values.items()
        for day, one in enumerate(given if isinstance(given, list) else [given], 1)
    )
    return okr.evaluate(Portfolio.of(YEAR, goal, *definitions), history, as_of="2026-06-30", scoring=scoring)


class TestWeights:
    @pytest.mark.parametrize("weight", [5e-324, 1e-310, 1e-200, 1.0, 1e200, 1e308, LARGEST])
    def test_equal_weights_are_a_plain_mean(self, weight):
        both = [result("a", weight=weight), result("b", weight=weight)]
        snapshot = judged(*both, a=0.2, b=0.8)
        assert snapshot["o"].score == pytest.approx(0.5)
        assert (snapshot["o"].coverage, snapshot["o"].low) == (1.0, snapshot["o"].score)
        assert "50 %" in str(snapshot)
        assert dict(okr.contributions(snapshot, "o")) == pytest.approx({"a": 0.1, "b": 0.4})
        assert okr.explain(snapshot, "o").children[0].numbers["weight"] == weight

    @pytest.mark.parametrize("weight", [5e-324, 1e308])
    def test_a_lone_child_gives_its_score(self, weight):
        below = Objective(id="p", title="P", cycle=YEAR.id, contributes_to=[Contribution("o", weight=weight)])
        lone = KeyResult(id="a", objective="p", title="A", measure=Target(0, 1), weight=weight)
        snapshot = judged(below, lone, a=0.3)
        assert (snapshot["p"].score, snapshot["o"].score) == pytest.approx((0.3, 0.3))

    def test_those_of_items_too(self):
        listed = result("a", Checklist([Item("x", weight=1e308), Item("y", weight=1e308)]))
        assert judged(listed, a__x=1)["a"].value == 0.5

    def test_a_small_one_keeps_its_say_in_the_status(self):
        children = [result("a", weight=1e308), result("b", weight=5e-324)]
        snapshot = judged(*children, a=1.0, b=0.0)
        assert (snapshot["o"].score, snapshot["o"].status) == (1.0, "off-track")


class TestProgress:
    def test_a_short_way_and_a_far_value(self):
        snapshot = judged(result("a", Target(0, 1e-300)), a=1e10, scoring=UNCLAMPED)
        assert 1e200 < snapshot["a"].score < math.inf
        assert snapshot["a"].status == "achieved"
        assert 0 < snapshot["o"].high < math.inf

    def test_a_difference_that_is_too_large_for_a_float(self):
        assert okr.progress(Target(-LARGEST / 2, LARGEST / 4), LARGEST) == pytest.approx(2.0)
        with pytest.raises(DefinitionError, match="take a larger unit"):
            Target(-LARGEST, 1e300)

    def test_a_far_child_of_no_weight_changes_nothing(self):
        children = [result("a", Target(0, 1e-300), weight=0), result("b")]
        assert judged(*children, a=1e10, b=0.5, scoring=UNCLAMPED)["o"].score == 0.5

    @pytest.mark.parametrize(("kind", "right"), [("distance", 0.0), ("latest", 0.0)])
    def test_far_outside_a_band_is_nothing_met(self, kind, right):
        scoring = okr.ScoringPolicy(band=kind)
        assert judged(result("a", Band(low=1e308)), a=-1e308, scoring=scoring)["a"].score == right


class TestSums:
    def test_no_partial_sum_overflows(self):
        values = np.array([1e308, 1e308, -1e308])
        assert reduce(values, np.array([0, 3]), "sum") == pytest.approx(1e308)
        assert reduce(np.array([1e308, 1e308]), np.array([0, 2]), "mean") == pytest.approx(1e308)
        assert reduce(np.array([1e308, 1e308]), np.array([0, 2]), "sum") == LARGEST


def test_the_satisfaction_between_bounds_far_apart():
    kpi = Kpi(id="k", title="K", target=Band(low=1e308), limit=Band(low=-1e308))
    assert judged(kpi, k=0.0)["k"].satisfaction == pytest.approx(0.5)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_is_accepted_has_scores_that_are_numbers(data):
    numbers = st.sampled_from([*ENDS, *(-end for end in ENDS)]) | st.floats(
        allow_nan=False, allow_infinity=False
    )
    weights = st.sampled_from(ENDS)
    measures = []
    for make, (first, second) in itertools.product(
        (Target, Band), [(data.draw(numbers), data.draw(numbers))] * 2
    ):
        try:
            measures.append(make(first, second))
        except DefinitionError:
            continue
    results = [
        result(
            f"k{n}",
            one,
            weight=data.draw(weights),
            aggregate=data.draw(st.sampled_from(["latest", "mean"])),
        )
        for n, one in enumerate(measures)
        if isinstance(one, Target)
    ] + [
        result(f"b{n}", one, weight=data.draw(weights))
        for n, one in enumerate(measures)
        if isinstance(one, Band)
    ]
    values = {one.id: data.draw(st.lists(numbers, min_size=1, max_size=3)) for one in results}
    scoring = okr.ScoringPolicy(
        clamp=data.draw(st.sampled_from(["unit", "none"])),
        band=data.draw(st.sampled_from(["share", "distance", "margin"])),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            snapshot = judged(*results, scoring=scoring, **values)
        except DefinitionError:
            return
        assert str(snapshot).startswith("As of 2026-06-30: 1 objective")
    for one in results:
        state = snapshot[one.id]
        assert state.score is None or math.isfinite(state.score)
        assert (
            state.score is not None or one.measure.__class__ is Band or one.measure.start == one.measure.goal
        )
    state = snapshot["o"]
    assert math.isfinite(state.low)
    assert math.isfinite(state.high)
    assert 0 <= state.coverage <= 1
    assert state.score is None or math.isfinite(state.score)
