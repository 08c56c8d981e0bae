"""The laws of S2 to S5, as properties of the public functions."""

import datetime as dt
import math

import attrs
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Checklist, Contribution, KeyResult, Objective, Portfolio, ScoringPolicy, Target
from tests.support.strategies import (
    CYCLE,
    DAYS,
    days,
    histories,
    measures,
    portfolios,
    targets,
    values,
    weights,
)

POLICIES = st.sampled_from(
    [
        ScoringPolicy(),
        ScoringPolicy(clamp="none", rollup_clamp="none"),
        ScoringPolicy(clamp="floor", rollup_clamp="floor"),
        ScoringPolicy(missing="zero", zero_weights="mean"),
        ScoringPolicy(zero_weights="zero", empty="zero"),
        ScoringPolicy(band="distance", missing_value="zero"),
        ScoringPolicy(band="latest", missing_value="start", degenerate="one"),
    ]
)


def same(a: object, b: object) -> bool:
    """Equal to the last bit, unknown equal to unknown."""
    return np.array_equal(np.asarray(a, dtype=float), np.asarray(b, dtype=float), equal_nan=True)


class TestProgress:
    @given(targets(), values, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
    def test_is_invariant_under_change_of_unit(self, target, value, scale, offset):
        """S2.1: progress = (value - start) / (goal - start), so units and zero points cancel."""
        moved = Target(target.start * scale + offset, target.goal * scale + offset)
        slope = abs(target.goal - target.start)
        assume(slope > 1e-3 * max(abs(target.start), abs(target.goal), 1))
        before, after = okr.progress(target, value), okr.progress(moved, value * scale + offset)
        size = max(1.0, (abs(value) + abs(target.start) + abs(offset) / scale) / slope)
        assert after == pytest.approx(before, abs=1e-9 * size)

    @given(targets(), st.floats(-3, 3), st.floats(-3, 3))
    def test_is_monotone_toward_the_goal(self, target, one, other):
        """S2.1: moving toward the goal never lowers progress, whatever the direction."""
        near, far = (target.start + share * (target.goal - target.start) for share in sorted([one, other]))
        assert okr.progress(target, near) <= okr.progress(target, far) + 1e-12

    @given(targets())
    def test_is_0_at_the_start_and_1_at_the_goal(self, target):
        """S2.1: the sign handles falling targets; a met goal scores 1, not 0.9999."""
        assert okr.progress(target, target.start) == 0
        assert okr.progress(target, target.goal) == 1

    @given(targets(), values)
    def test_is_direction_safe(self, target, value):
        """S2.1: negating value, start and goal changes nothing."""
        assert okr.progress(target, value) == okr.progress(Target(-target.start, -target.goal), -value)

    @given(targets(), st.floats(0.01, 5))
    def test_moving_away_is_negative_and_passing_is_above_1(self, target, share):
        """S2.1: progress is never clamped or made positive."""
        span = target.goal - target.start
        assert okr.progress(target, target.start - share * span) < 0
        assert okr.progress(target, target.goal + share * span) > 1

    @given(values, values, st.sampled_from(["at_least", "at_most"]))
    def test_without_slope_the_direction_decides(self, goal, value, direction):
        """S2.2: with direction, progress is 1 if met else 0; without it, unknown."""
        met = value >= goal if direction == "at_least" else value <= goal
        assert okr.progress(Target(goal, goal, direction), value) == float(met)
        assert okr.progress(Target(goal, goal), value) is None

    @given(measures, st.lists(st.one_of(values, st.just(math.nan)), max_size=6), POLICIES)
    def test_scalar_equals_array(self, measure, found, policy):
        """S0.5: one value and an array of values give the same bits; unknown is NaN in arrays (S0.2)."""
        array = okr.progress(measure, np.array(found), policy)
        scalars = [okr.progress(measure, value, policy) for value in found]
        assert same(array, [math.nan if number is None else number for number in scalars])

    @given(values, st.floats(0, 100), st.floats(0, 100), st.booleans())
    def test_band_is_inclusive_by_default(self, low, width, share, open_side):
        """S2.4: a band is inclusive; outside it the lone value is 0."""
        band = Band(low, None if open_side else low + width)
        assert okr.progress(band, low) == 1
        assert okr.progress(band, low - 1 - share) == 0
        assert okr.progress(band, low, ScoringPolicy(inclusive=False)) == 0

    @given(values, st.floats(0.1, 100), st.floats(0, 300))
    def test_distance_falls_in_a_straight_line_to_0(self, low, tolerance, below):
        """S2.4: "distance" is 1 inside, else 1 - distance / tolerance, not below 0."""
        got = okr.progress(Band(low=low, tolerance=tolerance), low - below, ScoringPolicy(band="distance"))
        gap = low - (low - below)
        assert got == pytest.approx(max(0.0, 1 - gap / tolerance), abs=1e-9)

    @given(targets(), values, st.sampled_from(["unit", "floor", "none"]))
    def test_clamp_only_cuts(self, target, value, clamp):
        """S2.6: score = progress clamped; inside the limits nothing changes."""
        portfolio = Portfolio.of(CYCLE, _goal(), _result("k", target))
        policy = ScoringPolicy(clamp=clamp)
        score = okr.compile_portfolio(portfolio).score([value], policy).key_results[0]
        progress = okr.progress(target, value)
        low, high = {"unit": (0, 1), "floor": (0, math.inf), "none": (-math.inf, math.inf)}[clamp]
        assert score == min(max(progress, low), high)

    def test_a_curve_bends_the_way(self):
        curve = Target(0, 100, curve=[(50, 0.4), (80, 0.7)])
        found = okr.progress(curve, [-10, 0, 25, 50, 65, 80, 90, 100, 120])
        assert found == pytest.approx([-0.08, 0, 0.2, 0.4, 0.55, 0.7, 0.85, 1, 1.3])
        falling = Target(100, 0, curve=[(50, 0.4), (20, 0.7)])
        assert okr.progress(falling, 35) == pytest.approx(0.55)


class TestRollUp:
    @given(st.lists(st.tuples(st.one_of(st.none(), st.floats(0, 1)), weights), max_size=40))
    def test_is_a_convex_combination(self, children):
        """S4.4: every score is a convex combination of known scores; S4.3: low <= score <= high."""
        found = okr.roll_up(children)
        known = [score for score, weight in children if score is not None and weight > 0]
        if found.score is None:
            assert not known
        else:
            assert min(known) - 1e-12 <= found.score <= max(known) + 1e-12
            assert found.low <= found.score <= found.high
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.coverage <= 1

    @given(
        st.lists(st.tuples(st.one_of(st.none(), st.floats(0, 1)), weights), min_size=1, max_size=6), st.data()
    )
    def test_learning_a_leaf_stays_inside_the_bounds(self, children, data):
        """S4.3: low and high enclose every score that learning the unknown children can lead to."""
        before = okr.roll_up(children)
        learned = [
            (data.draw(st.floats(0, 1)) if score is None else score, weight) for score, weight in children
        ]
        after = okr.roll_up(learned)
        if after.score is not None:
            assert before.low - 1e-12 <= after.score <= before.high + 1e-12

    @given(portfolios(), st.data())
    def test_learning_a_leaf_stays_inside_the_bounds_of_every_objective(self, portfolio, data):
        """S4.3, over alignments with several parents and zero weights."""
        history = data.draw(histories(portfolio, chance=0.5))
        before = okr.evaluate(portfolio, history, as_of=CYCLE.end)
        unknown = [
            r.id
            for r in portfolio.key_results
            if before[r.id].score is None and not isinstance(r.measure, Checklist)
        ]
        assume(unknown)
        name = data.draw(st.sampled_from(unknown))
        more = history.append([okr.Observation(name, CYCLE.end, data.draw(values))])
        after = okr.evaluate(portfolio, more, as_of=CYCLE.end)
        for goal in portfolio.objectives:
            old, new = before[goal.id], after[goal.id]
            if new.score is not None:
                assert old.low - 1e-9 <= new.score <= old.high + 1e-9

    @given(portfolios(), st.data(), POLICIES)
    def test_contributions_sum_to_the_score(self, portfolio, data, policy):
        """S4.4: contributions(id) sum to score (1e-12 relative), over every path."""
        snapshot = okr.evaluate(portfolio, data.draw(histories(portfolio)), as_of=CYCLE.end, scoring=policy)
        for goal in portfolio.objectives:
            score = snapshot[goal.id].score
            total = math.fsum(okr.contributions(snapshot, goal.id).values())
            if score is not None:
                scale = math.fsum(map(abs, okr.contributions(snapshot, goal.id).values()))
                assert total == pytest.approx(score, rel=1e-12, abs=1e-12 * max(scale, 1))

    @given(portfolios(), st.data(), POLICIES)
    def test_compiled_and_evaluated_agree_to_the_last_bit(self, portfolio, data, policy):
        """S0.5: `evaluate` and `compile_portfolio(p).score` share the kernels, alone and in batches."""
        policy = attrs.evolve(policy, band="latest" if policy.band == "share" else policy.band)
        history = data.draw(histories(portfolio))
        snapshot = okr.evaluate(
            portfolio, history, as_of=CYCLE.end, scoring=attrs.evolve(policy, stale="keep")
        )
        compiled = okr.compile_portfolio(portfolio)
        states = [snapshot[name] for name in compiled.key_results]
        found = np.array([math.nan if state.value is None else state.value for state in states])
        scores = compiled.score(found, policy)
        assert same([_number(state.score) for state in states], scores.key_results)
        goals = [snapshot[name] for name in compiled.objectives]
        assert same([_number(goal.score) for goal in goals], scores.objectives)
        if all(state.coverage == (state.value is not None) for state in states):  # else A9 says more
            assert same([goal.coverage for goal in goals], scores.coverage)
        other = data.draw(st.lists(values, min_size=len(found), max_size=len(found)))
        batch = compiled.score(np.array([other, found, other]), policy)
        for name in ("key_results", "objectives", "coverage"):
            assert same(getattr(batch, name)[1], getattr(scores, name))

    @given(
        st.lists(st.tuples(st.one_of(st.none(), st.floats(0, 1)), weights), min_size=1, max_size=70), POLICIES
    )
    def test_a_list_of_children_equals_the_portfolio_to_the_last_bit(self, children, policy):
        """S0.5: a sum over the children of one node always runs in one fixed order."""
        results = [_result(f"k{n:03}", Target(0, 1), weight=weight) for n, (_, weight) in enumerate(children)]
        compiled = okr.compile_portfolio(Portfolio.of(CYCLE, _goal(), *results))
        given = {f"k{n:03}": _number(score) for n, (score, _) in enumerate(children)}
        policy = attrs.evolve(policy, missing_value="unknown")
        scores = compiled.score([given[name] for name in compiled.key_results], policy)
        alone = okr.roll_up(children, policy)
        assert same(_number(alone.score), scores.objectives[0])
        assert same(alone.coverage, scores.coverage[0])

    @given(portfolios(), st.data())
    def test_permutation_changes_no_bit(self, portfolio, data):
        """S0.5: ties break by id; the order of declaration changes nothing."""
        history = data.draw(histories(portfolio))
        shuffled = Portfolio.of(*data.draw(st.permutations(list(portfolio))))
        other = okr.History.of(data.draw(st.permutations(list(history))))
        one = okr.evaluate(portfolio, history, as_of=CYCLE.end)
        two = okr.evaluate(shuffled, other, as_of=CYCLE.end)
        assert one.objectives.to_dicts() == two.objectives.to_dicts()
        assert one.key_results.to_dicts() == two.key_results.to_dicts()

    @given(portfolios(), st.data())
    def test_renaming_changes_nothing_beyond_rounding(self, portfolio, data):
        """S4.1: names carry no meaning; only the order of a sum may change (1e-12)."""
        history = data.draw(histories(portfolio))
        new = {d.id: f"{n:03}-{d.id}" for n, d in enumerate(data.draw(st.permutations(list(portfolio))))}
        new[CYCLE.id] = CYCLE.id
        renamed = Portfolio.of(*(_renamed(definition, new) for definition in portfolio))
        moved = okr.History.of(
            attrs.evolve(
                o,
                measure=new.get(o.measure.partition("#")[0], "other") + "".join(o.measure.partition("#")[1:]),
            )
            for o in history
        )
        one = okr.evaluate(portfolio, history, as_of=CYCLE.end)
        two = okr.evaluate(renamed, moved, as_of=CYCLE.end)
        for goal in portfolio.objectives:
            before, after = one[goal.id], two[new[goal.id]]
            assert before.status == after.status
            assert (before.score is None) == (after.score is None)
            assert _number(after.score) == pytest.approx(_number(before.score), abs=1e-12, nan_ok=True)
            assert after.coverage == pytest.approx(before.coverage, abs=1e-12)

    @given(portfolios(), st.data())
    def test_evaluation_is_deterministic_and_previous_only_saves_work(self, portfolio, data):
        """S0.5: same inputs, same outputs, bit for bit."""
        history, day = data.draw(histories(portfolio)), data.draw(days)
        one = okr.evaluate(portfolio, history, as_of=day)
        two = okr.evaluate(Portfolio.of(*portfolio), history, as_of=day, previous=one)
        assert one.key_results.to_dicts() == two.key_results.to_dicts()
        assert one.objectives.to_dicts() == two.objectives.to_dicts()
        assert okr.evaluate(portfolio, history, as_of=day, previous=one) is one

    @given(portfolios(), st.data())
    def test_many_dates_equal_one_by_one(self, portfolio, data):
        history = data.draw(histories(portfolio))
        dates = data.draw(st.lists(days, min_size=1, max_size=3))
        trend = okr.evaluate_many(portfolio, history, as_of=dates)
        for day, snapshot in zip(dates, trend, strict=True):
            alone = okr.evaluate(portfolio, history, as_of=day)
            assert snapshot.objectives.to_dicts() == alone.objectives.to_dicts()
            assert snapshot.key_results.to_dicts() == alone.key_results.to_dicts()

    def test_a_leaf_reached_by_two_paths_has_its_path_weights_added(self):
        """S4.4: a diamond."""
        portfolio = Portfolio.of(
            CYCLE,
            Objective(id="top", title="", cycle=CYCLE.id),
            Objective(id="left", title="", cycle=CYCLE.id, contributes_to=[Contribution("top", 1)]),
            Objective(id="right", title="", cycle=CYCLE.id, contributes_to=[Contribution("top", 3)]),
            Objective(id="base", title="", cycle=CYCLE.id, contributes_to=["left", "right"]),
            KeyResult(id="k", objective="base", title="", measure=Target(0, 10)),
            KeyResult(id="l", objective="left", title="", measure=Target(0, 10)),
        )
        history = okr.History.of([okr.Observation("k", CYCLE.end, 8), okr.Observation("l", CYCLE.end, 4)])
        snapshot = okr.evaluate(portfolio, history, as_of=CYCLE.end)
        found = okr.contributions(snapshot, "top")
        assert found == pytest.approx({"k": (0.25 * 0.5 + 0.75) * 0.8, "l": 0.25 * 0.5 * 0.4})
        assert snapshot["top"].score == pytest.approx(0.75)

    def test_weight_by_value_is_a_sum_of_raw_values(self):
        """S4.7: weight="value" weighs key results of one unit by |goal - start|."""
        results = [_result(f"k{n}", Target(0, goal), weight="value") for n, goal in enumerate([100, 20])]
        compiled = okr.compile_portfolio(Portfolio.of(CYCLE, _goal(), *results))
        assert compiled.score([50, 10]).objectives[0] == pytest.approx(60 / 120)
        assert compiled.score([100, 0]).objectives[0] == pytest.approx(100 / 120)

    def test_zero_weights_and_empty_follow_their_knobs(self):
        """S4.5, S4.6."""
        weightless = [(0.2, 0.0), (0.6, 0.0)]
        assert okr.roll_up(weightless).score is None
        assert okr.roll_up(weightless, ScoringPolicy(zero_weights="mean")).score == pytest.approx(0.4)
        assert okr.roll_up(weightless, ScoringPolicy(zero_weights="zero")).score == 0
        assert okr.roll_up([]).score is None
        assert okr.roll_up([], ScoringPolicy(empty="zero")).score == 0
        assert okr.roll_up([(None, 1), (1.0, 1)], ScoringPolicy(missing="zero")).score == 0.5

    @given(st.floats(0, 1), st.integers(0, 4), st.sampled_from(["half_up", "floor"]))
    def test_rounding_shows_a_near_number(self, score, digits, mode):
        """S4.6: rounding is applied at the end."""
        shown = okr.roll_up([(score, 1)], ScoringPolicy(rounding=(digits, mode))).score
        step = 10.0**-digits
        assert abs(shown - score) <= (step / 2 if mode == "half_up" else step) * (1 + 1e-9)
        assert mode == "half_up" or shown <= score + 1e-9


def _goal(name="o"):
    return Objective(id=name, title=name, cycle=CYCLE.id)


def _result(name, measure, weight=1.0):
    return KeyResult(id=name, objective="o", title=name, measure=measure, weight=weight)


def _number(score):
    return math.nan if score is None else score


def _renamed(definition, new):
    changes = {"id": new[definition.id]}
    if isinstance(definition, Objective):
        changes["contributes_to"] = [attrs.evolve(c, to=new[c.to]) for c in definition.contributes_to]
    if isinstance(definition, KeyResult):
        changes["objective"] = new[definition.objective]
    return attrs.evolve(definition, **changes)


assert DAYS == 89


@pytest.mark.parametrize("one", ["2026-03-01", dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)])
def test_one_moment_is_no_list_of_moments(one):
    """A text is not read letter by letter where a list of moments is asked."""
    with pytest.raises(okr.DefinitionError, match="must be a list of moments"):
        okr.evaluate_many(okr.Portfolio.of(), okr.History.of(), as_of=one)
