"""What to fund: plans against all subsets, one by one, and laws of budgets, shares, clashes and prices."""

import datetime as dt
import itertools
import json
import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore import (
    Band,
    Cycle,
    DefinitionError,
    Demand,
    History,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    MissingExtraError,
    Objective,
    Observation,
    Owner,
    Plan,
    Portfolio,
    Target,
    Team,
    evaluate,
    to_dict,
    tradeoffs,
)
from okrcore.errors import UnknownIdError
from okrcore.funding import Funding

pytest.importorskip("scipy", reason="scipy is not installed; it solves the trade-offs")

AS_OF = dt.date(2026, 6, 30)
YEAR = Cycle.year(2026, id="year")
OVER = Cycle.year(2025, id="over")
OPEN = (dt.date.min, dt.date.max)
SPANS = (OPEN, (dt.date(2026, 1, 1), dt.date(2026, 7, 31)), (dt.date(2026, 8, 1), dt.date(2026, 12, 31)))
TEAMS = ("red", "blue")


class World:
    """A small organisation whose numbers are known without any code under test."""

    def __init__(self, goals, results, works, capacity):
        self.goals = dict(goals)  # id -> commitment
        self.results = dict(results)  # id -> (objective, weight, score or None)
        self.works = dict(works)  # id -> (cost, {team: amount}, span, {key result: signed weight})
        self.capacity = dict(capacity)  # team -> amount

    def definitions(self):
        yield from (YEAR, *(Team(id=team, capacity=self.capacity.get(team)) for team in TEAMS))
        for name, commitment in self.goals.items():
            yield Objective(id=name, title="", cycle="year", commitment=commitment)
        for name, (goal, weight, _) in self.results.items():
            yield KeyResult(id=name, title="", objective=goal, weight=weight, measure=Target(0, 100))
        for name, (cost, demand, (start, end), effects) in self.works.items():
            yield Initiative(
                id=name, title="", cost=cost, demand=[Demand(*one) for one in demand.items()],
                start=None if start == dt.date.min else start, end=None if end == dt.date.max else end,
            )  # fmt: skip
            for target, weight in effects.items():
                yield Link(source=name, target=target, sign=1 if weight > 0 else -1, weight=abs(weight))

    def portfolio(self):
        return Portfolio.of(*self.definitions())

    def snapshot(self, portfolio):
        seen = [
            Observation(k, "2026-06-01", 100 * s) for k, (_, _, s) in self.results.items() if s is not None
        ]
        return evaluate(portfolio, History.of(seen), as_of=AS_OF)

    def plan(self, **asked):
        portfolio = self.portfolio()
        return tradeoffs(portfolio, self.snapshot(portfolio), **asked)

    def gain(self, goal, shares):
        """What a goal gains: the formula of the docstring, as plain sums."""
        total = sum(weight for of, weight, _ in self.results.values() if of == goal)
        found = 0.0
        for name, (of, weight, score) in self.results.items():
            if of == goal and total:
                room, attained = (1.0, 1.0) if score is None else (1 - score, score)
                moved = 0.0
                for work, share in shares.items():
                    link = self.works[work][3].get(name, 0.0)
                    moved += share * link * (room if link > 0 else attained)
                found += weight / total * min(room, moved)
        return found

    def values(self, shares):
        return tuple(
            sum(self.gain(goal, shares) for goal, word in sorted(self.goals.items()) if word == commitment)
            for commitment in ("committed", "aspirational", "learning")
        )

    def fits(self, names, budget, capacity=None):
        there = {**self.capacity, **(capacity or {})}
        if budget is not None and sum(self.works[name][0] for name in names) > budget + 1e-9:
            return False
        days = {max(self.works[name][2][0], AS_OF) for name in names}
        for team, amount in there.items():
            for day in days:
                running = [name for name in names if self.works[name][2][0] <= day <= self.works[name][2][1]]
                if sum(self.works[name][1].get(team, 0.0) for name in running) > amount + 1e-9:
                    return False
        return True

    def subsets(self, required=(), excluded=()):
        free = [name for name in sorted(self.works) if name not in {*required, *excluded}]
        for size in range(len(free) + 1):
            for some in itertools.combinations(free, size):
                yield tuple(sorted((*some, *required)))

    def best(self, budget, capacity=None, required=(), excluded=()):
        """The best subset by the declared order: tiers, cost, number, first ids."""

        def rank(names):
            values = self.values(dict.fromkeys(names, 1.0))
            cost = sum(self.works[name][0] for name in names)
            first = tuple(name not in names for name in sorted(self.works))
            return (*(-round(value, 7) for value in values), round(cost, 6), len(names), first)

        fitting = [s for s in self.subsets(required, excluded) if self.fits(s, budget, capacity)]
        return min(fitting, key=rank, default=None)


sixths = st.integers(0, 6).map(lambda n: n / 6)
amounts = st.integers(0, 12).map(float)


@st.composite
def worlds(draw, works=7, harm=True):
    goals = [(f"o{n}", draw(st.sampled_from(["committed", "aspirational", "learning"]))) for n in range(3)]
    results = [
        (
            f"k{n}",
            (
                f"o{n % 3}",
                draw(st.integers(0, 3)) * 1.0,
                draw(st.none() | st.integers(0, 4).map(lambda n: n / 4)),
            ),
        )
        for n in range(draw(st.integers(1, 5)))
    ]
    names = [name for name, _ in results]
    weights = st.integers(-3 if harm else 1, 6).filter(bool).map(lambda n: n / 6)
    found = []
    for n in range(draw(st.integers(1, works))):
        demand = draw(st.dictionaries(st.sampled_from(TEAMS), amounts, max_size=2))
        effects = draw(st.dictionaries(st.sampled_from(names), weights, max_size=3))
        found.append((f"i{n}", (draw(amounts), demand, draw(st.sampled_from(SPANS)), effects)))
    return World(goals, results, found, draw(st.dictionaries(st.sampled_from(TEAMS), amounts, max_size=2)))


budgets = st.integers(0, 40).map(float)


def names(plan):
    return tuple(one.initiative for one in plan.funded)


def near(one, other, slack=1e-6):
    return all(abs(a - b) <= slack for a, b in zip(one, other, strict=True))


def no_worse(one, other, slack=1e-6):
    """Whether values are no worse, tier after tier."""
    for a, b in zip(one, other, strict=True):
        if abs(a - b) > slack:
            return a > b
    return True


class TestThePlan:
    @given(worlds(), st.none() | budgets, st.dictionaries(st.sampled_from(TEAMS), amounts))
    def test_it_is_the_best_of_all_subsets(self, world, budget, capacity):
        """S19: lexicographic tiers under a budget and capacities, exact; S0.5: alike, the ids decide."""
        plan = world.plan(budget=budget, capacity=capacity)
        best = world.best(budget, capacity)
        assert names(plan) == best
        assert near(plan.tiers, world.values(dict.fromkeys(best, 1.0)), 1e-9)
        assert plan.spent == pytest.approx(sum(world.works[name][0] for name in best))
        for goal in world.goals:
            assert plan.gains[goal] == pytest.approx(world.gain(goal, dict.fromkeys(best, 1.0)), abs=1e-9)

    @given(worlds(), budgets, st.data())
    def test_what_is_required_is_in_it_and_what_is_excluded_is_not(self, world, budget, data):
        some = data.draw(st.lists(st.sampled_from(sorted(world.works)), unique=True, max_size=4))
        required, excluded = some[:2], some[2:]
        plan = world.plan(budget=budget, required=required, excluded=excluded)
        best = world.best(budget, None, required, excluded)
        assert plan.feasible == (best is not None)
        if best is not None:
            assert names(plan) == best
            assert {name for name, why in plan.left_out.items() if why == "excluded"} == set(excluded)
            # one constraint more never gains: adding a required initiative
            assert no_worse(world.plan(budget=budget, excluded=excluded).tiers, plan.tiers)

    @given(worlds(), budgets, amounts, st.booleans())
    def test_more_budget_never_lowers_the_first_tier(self, world, budget, more, partial):
        less, more = (world.plan(budget=b, partial=partial) for b in (budget, budget + more))
        assert no_worse(more.tiers, less.tiers)

    @given(worlds(), budgets, st.booleans(), st.randoms(use_true_random=False))
    def test_the_order_of_declarations_changes_nothing(self, world, budget, partial, random):
        """S0.5: same inputs, same outputs, bit for bit."""
        portfolio = world.portfolio()
        every = list(portfolio)
        shuffled = Portfolio.of(*random.sample(every, len(every)))
        plans = [
            tradeoffs(p, world.snapshot(p), budget=budget, partial=partial) for p in (portfolio, shuffled)
        ]
        assert plans[0] == plans[1]

    @given(worlds(), budgets)
    def test_every_initiative_is_told_of_once_and_its_gains_are_what_the_goals_lose(self, world, budget):
        plan = world.plan(budget=budget)
        assert sorted([*names(plan), *plan.left_out]) == sorted(world.works)
        for one in plan.funded:
            rest = {name: 1.0 for name in names(plan) if name != one.initiative}
            for goal in world.goals:
                lost = plan.gains[goal] - world.gain(goal, rest)
                assert one.gains.get(goal, 0.0) == pytest.approx(lost, abs=1e-9)

    @given(worlds(), budgets)
    def test_tiers_may_be_given_with_weights(self, world, budget):
        """S19: weights inside a tier; a key result is a goal as well."""
        plan = world.plan(budget=budget, tiers=[{"o0": 2.0, "k0": 0.5}, ["o1"]])
        given_ = dict.fromkeys(names(plan), 1.0)

        def values(shares):
            alone = World(world.goals, {"k0": ("only", 1.0, world.results["k0"][2])}, world.works, {})
            first = 2 * world.gain("o0", shares) + 0.5 * alone.gain("only", shares)
            return first, world.gain("o1", shares)

        assert near(plan.tiers, values(given_))
        for some in world.subsets():
            if world.fits(some, budget):
                assert no_worse(plan.tiers, values(dict.fromkeys(some, 1.0)))


class TestShares:
    @given(worlds(), budgets)
    def test_shares_gain_no_less_than_all_or_nothing(self, world, budget):
        """S19: a share costs, asks and gains in proportion."""
        whole, shares = (world.plan(budget=budget, partial=partial) for partial in (False, True))
        assert no_worse(shares.tiers, whole.tiers)
        given_ = {one.initiative: one.share for one in shares.funded}
        assert near(shares.tiers, world.values(given_))
        assert all(0 < share <= 1 for share in given_.values())
        assert math.fsum(world.works[name][0] * share for name, share in given_.items()) <= budget + 1e-6
        for team, amount in shares.used.items():
            assert amount <= world.capacity[team] + 1e-6

    @settings(max_examples=25)
    @given(worlds(), budgets)
    def test_a_price_is_what_the_next_bit_gains_and_without_one_nothing_does(self, world, budget):
        """S19: what the next unit of each budget would buy; duality, by a finite difference."""
        plan = world.plan(budget=budget, partial=True)
        bit = 5e-3
        told = {unit.of: unit for unit in plan.next_units}
        for name in ("budget", *(f"capacity:{team}" for team in world.capacity)):
            if name == "budget":
                after = world.plan(budget=budget + bit, partial=True)
            else:
                team = name.removeprefix("capacity:")
                more = {team: world.capacity[team] + bit}
                after = world.plan(budget=budget, capacity=more, partial=True)
            gains = [b - a for a, b in zip(plan.tiers, after.tiers, strict=True)]
            first = next((n for n, gain in enumerate(gains, 1) if gain > 1e-6), None)
            assert (told[name].tier if name in told else None) == first
            if first is not None:
                assert told[name].gain == pytest.approx(gains[first - 1] / bit, rel=1e-3)
                assert told[name].amount is None


class TestTheNextUnit:
    @settings(max_examples=40)
    @given(worlds(works=5), budgets)
    def test_so_much_more_gains_so_much_and_any_less_gains_nothing(self, world, budget):
        """S19: what the next unit of each budget would buy, found exactly."""
        plan = world.plan(budget=budget)
        told = {unit.of: unit for unit in plan.next_units}
        for name in ("budget", *(f"capacity:{team}" for team in world.capacity)):
            team = name.removeprefix("capacity:")

            def best(more, team=team):
                if team == "budget":
                    return world.best(budget + more)
                return world.best(budget, {team: world.capacity[team] + more})

            amounts_ = [n / 2 for n in range(200)]
            found = None
            for tier in range(3):
                reached = [world.values(dict.fromkeys(best(more), 1.0))[tier] for more in (0.0, 99.0)]
                if reached[1] > reached[0] + 1e-6:
                    found = tier
                    break
            if found is None:
                assert name not in told
                continue
            unit = told[name]
            assert unit.tier == found + 1
            before = plan.tiers[found]
            least = next(
                more for more in amounts_
                if world.values(dict.fromkeys(best(more), 1.0))[found] > before + 1e-6
            )  # fmt: skip
            assert unit.amount == pytest.approx(least)
            after = best(unit.amount)
            assert unit.gain == pytest.approx(world.values(dict.fromkeys(after, 1.0))[found] - before)
            assert set(unit.funds) == set(after) - set(names(plan))
            assert set(unit.drops) == set(names(plan)) - set(after)


class TestTheClash:
    @given(worlds(), st.none() | budgets, st.data())
    def test_it_is_the_smallest_set_that_cannot_hold_together(self, world, budget, data):
        """S19: infeasible with the smallest set of constraints that clash; without any member it holds."""
        required = data.draw(st.lists(st.sampled_from(sorted(world.works)), unique=True))
        plan = world.plan(budget=budget, required=required)
        bounds = [
            *(["budget"] if budget is not None else []),
            *(f"capacity:{team}" for team in world.capacity),
        ]
        every = [*bounds, *(f"required:{name}" for name in sorted(required))]

        def holds(constraints):
            must = [one.removeprefix("required:") for one in constraints if one.startswith("required:")]
            there = {t: a for t, a in world.capacity.items() if f"capacity:{t}" in constraints}
            free = World(world.goals, world.results, world.works, there)
            return free.fits(must, budget if "budget" in constraints else None)

        clashing = [
            len(some)
            for size in range(len(every) + 1)
            for some in itertools.combinations(every, size)
            if not holds(some)
        ]
        assert plan.feasible == (not clashing)
        if clashing:
            assert len(plan.clash) == min(clashing)
            assert set(plan.clash) <= set(every)
            assert not holds(plan.clash)
            for one in plan.clash:
                assert holds([other for other in plan.clash if other != one])
            assert (plan.funded, plan.spent, plan.next_units) == ((), 0.0, ())

    def test_the_largest_asks_are_named(self):
        asks = {"a": 3, "b": 4, "c": 9, "d": 8}
        parts = [work(one, cost=10 * ask, demand=[Demand("red", ask)]) for one, ask in asks.items()]
        few = planned(*parts, budget=160, required=list(asks))
        assert few.clash == ("budget", "required:c", "required:d")
        fewer = planned(*parts, budget=160, capacity={"red": 8.5}, required=list(asks))
        assert fewer.clash == ("capacity:red", "required:c")


def seen(scores):
    return History.of([Observation(name, "2026-06-01", 100 * score) for name, score in scores.items()])


def result(id, goal="grow", **more):
    return KeyResult(id=id, title="", objective=goal, measure=more.pop("measure", Target(0, 100)), **more)


def work(id, *, cost=10.0, **more):
    return Initiative(id=id, title="", cost=cost, **more)


def link(source, target, weight=1.0, sign=1):
    return Link(source=source, target=target, sign=sign, weight=weight)


GROW = Objective(id="grow", title="", cycle="year")
LEARN = Objective(id="learn", title="", cycle="year", commitment="learning")
BASE = (YEAR, OVER, Team(id="red", capacity=10), Owner(id="ann"), GROW, LEARN)


def planned(*parts, scores=None, as_of=AS_OF, **asked):
    portfolio = Portfolio.of(*BASE, *parts)
    snapshot = evaluate(portfolio, seen(scores or {}), as_of=as_of)
    return tradeoffs(portfolio, snapshot, **{"budget": 100, **asked})


class TestWhatGains:
    def test_by_hand(self):
        """Room 0.6 and 0.2; a helps by 0.5 of the room, b harms by 0.25 of what is reached."""
        parts = (
            result("arr", weight=3), result("churn", weight=1),
            work("a"), work("b"), link("a", "arr", 0.5), link("b", "churn", 1.0), link("b", "arr", 0.25, -1),
        )  # fmt: skip
        scores = {"arr": 0.4, "churn": 0.8}
        plan = planned(*parts, scores=scores, required=["b"])
        assert plan.gains["grow"] == pytest.approx(0.75 * (0.5 * 0.6 - 0.25 * 0.4) + 0.25 * 0.2)
        alone = planned(*parts, scores=scores)
        assert names(alone) == ("a",)
        assert alone.gains["grow"] == pytest.approx(0.75 * 0.5 * 0.6)
        assert alone.left_out == {"b": "the goals gain more, or as much for less, without it"}

    def test_help_never_gains_more_than_the_room(self):
        parts = (result("arr"), work("a"), work("b"), link("a", "arr", 0.8), link("b", "arr", 0.7))
        plan = planned(*parts, scores={"arr": 0.5})
        assert plan.gains["grow"] == pytest.approx(0.5)
        a, b = plan.funded
        assert a.gains == pytest.approx({"grow": 0.5 - 0.35})
        assert b.gains == pytest.approx({"grow": 0.5 - 0.40})

    def test_chains_multiply_and_a_kpi_stands_for_what_it_measures(self):
        """S13.2: path weight = product of link weights, signs multiply."""
        parts = (
            Kpi(id="tickets", title="", better="lower"), Kpi(id="speed", title=""),
            result("arr", measured_by="speed"),
            work("a"), link("a", "tickets", 0.5, -1), link("tickets", "speed", 0.5, -1),
        )  # fmt: skip
        assert planned(*parts).gains["grow"] == pytest.approx(0.25)

    def test_a_parent_gains_through_the_objectives_that_contribute(self):
        """S4.3: nominal weights."""
        child = Objective(
            id="sell", title="", cycle="year", contributes_to=["grow"], commitment="aspirational"
        )
        parts = (child, result("arr"), result("deals", goal="sell"), work("a"), link("a", "deals", 0.5))
        plan = planned(*parts, scores={"arr": 0.5, "deals": 0.0})
        assert plan.gains == pytest.approx({"grow": 0.25, "sell": 0.5, "learn": 0.0})
        assert plan.tiers == pytest.approx((0.25, 0.5, 0.0))

    def test_without_a_score_all_can_be_gained_and_lost_and_it_is_told(self):
        """S0.2: unknown is not zero."""
        parts = (
            result("arr"),
            result("churn"),
            work("a"),
            link("a", "arr", 0.5),
            link("a", "churn", 0.25, -1),
        )
        plan = planned(*parts)
        assert plan.gains["grow"] == pytest.approx(0.5 * 0.5 - 0.5 * 0.25)
        assert plan.unknown == ("arr", "churn")
        assert planned(*parts, scores={"arr": 0.1, "churn": 0.2}).unknown == ()

    def test_what_is_settled_or_at_another_time_does_not_move(self):
        parts = (
            result("arr", due=dt.date(2026, 9, 30)),
            work("a", start=dt.date(2026, 10, 1)),
            link("a", "arr"),
        )
        assert planned(*parts).gains["grow"] == 0.0
        assert planned(*parts, required=["a"]).gains["grow"] == 0.0
        past = (result("arr", due=dt.date(2026, 3, 31)), work("a"), link("a", "arr"))
        assert planned(*past).left_out == {"a": "it helps no goal"}
        between = (result("arr", measure=Band(low=1, high=2)), work("a"), link("a", "arr"))
        assert planned(*between).funded == ()

    def test_closed_and_past_initiatives_are_left_out_and_those_without_a_cost_are_told(self):
        parts = (
            result("arr"), link("a", "arr"), link("b", "arr"), link("c", "arr", 0.5),
            work("a", stage="closed"), work("b", end=dt.date(2026, 6, 29)), work("c", cost=None),
        )  # fmt: skip
        plan = planned(*parts)
        assert (plan.funded, plan.left_out, plan.unpriced) == ((), {}, ("c",))
        free = planned(*parts, budget=None)
        assert (names(free), free.unpriced, free.spent, free.funded[0].cost) == (("c",), (), 0.0, None)
        assert planned(*parts, excluded=["c"]).left_out == {"c": "excluded"}

    def test_capacity_counts_on_the_days_that_initiatives_share(self):
        """S13.5: in overlapping time; a given capacity goes before a declared one, owners have theirs."""
        parts = [
            result("arr"), link("a", "arr", 0.4), link("b", "arr", 0.3),
            work("a", demand=[Demand("red", 8), Demand("ann", 1)], end=dt.date(2026, 8, 31)),
        ]  # fmt: skip
        apart = work("b", demand=[Demand("red", 8)], start=dt.date(2026, 9, 1))
        assert names(planned(*parts, apart)) == ("a", "b")
        assert planned(*parts, apart).used == {"red": 8.0}
        together = work("b", demand=[Demand("red", 8)])
        assert names(planned(*parts, together)) == ("a",)
        assert names(planned(*parts, together, capacity={"red": 16})) == ("a", "b")
        plan = planned(*parts, apart, capacity={"ann": 0.5})
        assert names(plan) == ("b",)
        (unit,) = plan.next_units
        assert (unit.of, unit.amount, unit.funds) == ("capacity:ann", 0.5, ("a",))

    def test_ties_go_to_the_cheaper_then_to_fewer_then_to_the_first_ids(self):
        """S0.5: ties break by id."""
        parts = [result("arr"), work("c", cost=60), work("b", cost=60), work("d", cost=50)]
        assert names(planned(*parts, link("c", "arr"), link("b", "arr"))) == ("b",)
        assert names(planned(*parts, link("c", "arr"), link("b", "arr"), link("d", "arr"))) == ("d",)
        few = [work("a1", cost=30), work("a2", cost=30), link("a1", "arr", 0.5), link("a2", "arr", 0.5)]
        assert names(planned(*parts, *few, link("c", "arr"))) == ("c",)
        idle = [work("e", cost=0), link("e", "arr", 0.5)]
        assert names(planned(*parts, *idle, link("d", "arr"))) == ("d",)

    @pytest.mark.parametrize("count", [1, 4, 6, 11, 12])
    def test_of_many_alike_the_first_ids_stand(self, count):
        """S0.5: ties break by id, however many there are."""
        every = [f"i{n:02}" for n in range(13)]
        parts = [*map(work, every), *(link(one, "arr", 0.05) for one in every)]
        assert names(planned(result("arr"), *parts, budget=10 * count)) == tuple(every[:count])
        shares = planned(result("arr"), *parts, budget=10 * count - 5, partial=True)
        assert [one.share for one in shares.funded] == pytest.approx([1.0] * (count - 1) + [0.5])
        costs = {"a": 10, "b": 20, "c": 30, "d": 40}
        pairs = [*(work(one, cost=cost) for one, cost in costs.items())]
        pairs += [link(one, "arr", cost / 200) for one, cost in costs.items()]
        assert names(planned(result("arr"), *pairs, budget=50)) == ("a", "d")

    def test_the_next_unit_of_a_capacity_is_the_least_over_all_times(self):
        later = {"start": dt.date(2026, 9, 1)}
        parts = (
            result("arr"), link("a", "arr", 0.3), link("b", "arr", 0.2), link("c", "arr", 0.1),
            work("a", demand=[Demand("red", 8)], end=dt.date(2026, 8, 31)),
            work("b", demand=[Demand("red", 14)], **later), work("c", demand=[Demand("red", 12)], **later),
        )  # fmt: skip
        (unit,) = planned(*parts).next_units
        assert (unit.of, unit.amount, unit.funds) == ("capacity:red", 2.0, ("c",))
        assert unit.gain == pytest.approx(0.1)

    def test_a_snapshot_of_another_portfolio_is_refused(self):
        """A21: an older snapshot knows no score of what is new."""
        before = Portfolio.of(*BASE, result("arr"), work("a"), link("a", "arr", 0.5))
        snapshot = evaluate(before, seen({"arr": 0.5}), as_of=AS_OF)
        after = before.with_(result("new"), link("a", "new", 0.5))
        with pytest.raises(DefinitionError, match="snapshot"):
            tradeoffs(after, snapshot, budget=10)


class TestOfNothing:
    def test_there_is_nothing_to_fund(self):
        portfolio = Portfolio.of()
        plan = tradeoffs(portfolio, evaluate(portfolio, History.of([]), as_of=AS_OF), budget=0)
        assert (plan.funded, plan.gains, plan.tiers, plan.feasible) == ((), {}, (0.0, 0.0, 0.0), True)

    def test_a_budget_of_nothing_funds_what_is_free(self):
        parts = (result("arr"), work("a", cost=0), work("b"), link("a", "arr", 0.5), link("b", "arr", 0.3))
        plan = planned(*parts, budget=0)
        assert names(plan) == ("a",)
        assert [(unit.amount, unit.funds) for unit in plan.next_units] == [(10.0, ("b",))]
        assert planned(*parts, tiers=[]).funded == ()


class TestFaults:
    def test_all_are_told_at_once(self):
        """S0.4: all problems are reported at once."""
        with pytest.raises(DefinitionError) as error:
            planned(
                result("arr"), work("a", stage="closed"), work("b", cost=None), work("c"),
                budget=-1, capacity={"red": math.nan, "blu": 3, "arr": 1},
                tiers=[["grow", "grwo"], {"grow": -2}, "learn", ["a"]],
                required=["a", "b", "c", "x"], excluded=["c", 7],
            )  # fmt: skip
        told = [str(problem) for problem in error.value.problems]
        for part in (
            "budget: budget is -1; give 0 or more, or None",
            "capacity: capacity of 'red' is nan; give a finite number",
            "capacity: 'blu' is declared nowhere",
            "capacity: 'arr' is a KeyResult; give the id of a Team or Owner",
            "tiers[0]: 'grwo' is declared nowhere; did you mean 'grow'?",
            "tiers[1]: tiers[1] of 'grow' is -2; give 0 or more",
            "tiers[1]: 'grow' is in two tiers",
            "tiers[2]: tiers[2] is 'learn'; give a list of ids",
            "tiers[3]: 'a' is an Initiative; give the id of an Objective or KeyResult",
            "required: 'x' is declared nowhere",
            "required: 'a' is closed; leave it out",
            "required: 'b' has no cost",
            "required: 'c' is also excluded",
            "excluded: excluded holds 7; give ids",
        ):
            assert any(line.startswith(part) for line in told), (part, told)
        assert len(told) == 14

    @pytest.mark.parametrize("budget", [-0.01, math.nan, math.inf, "10", True])
    def test_a_budget_is_a_number_of_0_or_more(self, budget):
        with pytest.raises(DefinitionError, match="budget"):
            planned(budget=budget)

    @pytest.mark.parametrize(
        "asked", [{"required": "a"}, {"tiers": "grow"}, {"tiers": {"grow": 1}}, {"capacity": [1]}]
    )
    def test_texts_are_no_lists_and_lists_no_mappings(self, asked):
        with pytest.raises(DefinitionError, match="give a"):
            planned(work("a"), **asked)

    def test_unknown_ids_alone_raise_their_class(self):
        with pytest.raises(UnknownIdError):
            planned(required=["x"], capacity={"y": 1})

    def test_without_scipy_the_error_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "scipy", None)
        with pytest.raises(MissingExtraError, match="okrcore\\[tradeoffs\\]"):
            planned()


class TestHowItShows:
    PARTS = (
        result("arr"), work("b", cost=30), work("c", cost=None),
        work("a", cost=40, demand=[Demand("red", 6)]),
        link("a", "arr", 0.6), link("b", "arr", 0.3), link("c", "arr", 0.1),
    )  # fmt: skip

    def test_as_text(self):
        plan = planned(*self.PARTS, budget=50)
        lines = str(plan).splitlines()
        assert lines[0] == "1 of 3 initiatives funded, 40 of 50 spent"
        assert "20 more of budget funds b: tier 1 gains 0.3" in lines
        assert "red: 6 of 10 asked for" in lines
        assert "no cost is known: c" in lines
        assert "no score is known: arr" in lines
        bare = planned(*self.PARTS, budget=50, next_units=False)
        assert (bare.next_units, names(bare)) == ((), names(plan))
        shares = planned(*self.PARTS, budget=50, partial=True)
        assert "each unit more of budget: tier 1 gains 0.01" in str(shares)
        assert str(planned(*self.PARTS, budget=5, required=["b"])) == (
            "not feasible: budget, required:b cannot hold together"
        )

    @pytest.mark.parametrize("asked", [{}, {"partial": True}, {"budget": 5, "required": ["b"]}])
    def test_as_plain_values(self, asked):
        plan = planned(*self.PARTS, **{"budget": 50, **asked})
        plain = json.loads(json.dumps(to_dict(plan)))
        assert plain["feasible"] is plan.feasible
        assert [one["initiative"] for one in plain["funded"]] == list(names(plan))
        assert plain["gains"] == dict(plan.gains)
        assert isinstance(plan, Plan)
        assert all(isinstance(one, Funding) for one in plan.funded)

    def test_a_search_that_is_cut_short_says_so_and_still_holds(self):
        parts = [result(f"k{n}") for n in range(5)]
        for n in range(30):
            parts.append(work(f"i{n:02}", cost=10 + 7 * n % 13))
            parts += [
                link(f"i{n:02}", f"k{(n * m) % 5}", 0.05 + (n * m % 7) / 20) for m in {1, 2 + n % 3} if n % 5
            ]
        plan, whole = (planned(*parts, budget=97, nodes=nodes) for nodes in (0, None))
        assert (plan.proven, whole.proven) == (False, True)
        assert plan.spent <= 97
        assert no_worse(whole.tiers, plan.tiers)
        assert "cut short" in str(plan)
