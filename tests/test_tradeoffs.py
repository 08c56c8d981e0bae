"""What to fund: plans against all subsets, one by one, and laws of budgets, shares, clashes and prices."""

import datetime as dt
import itertools
import json
import math
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okrcore import (
    Band,
    Cycle,
    DefinitionError,
    Demand,
    Funding,
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
    UnknownIdError,
    evaluate,
    to_dict,
    tradeoffs,
)

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
        given_ = {name: 1.0 for name in names(plan)}

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

    @given(worlds(), budgets)
    def test_a_price_is_what_the_next_bit_gains_and_without_one_nothing_does(self, world, budget):
        """S19: what the next unit of each budget would buy; duality, by a finite difference."""
        plan = world.plan(budget=budget, partial=True)
        bit = 1e-3
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
