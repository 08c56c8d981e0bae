"""Structural conflicts: laws of targets, opposed and contention over random portfolios."""

import datetime as dt
import itertools
import math
import re
import zoneinfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Cycle,
    History,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    Objective,
    Portfolio,
    Rates,
    Target,
    Team,
)
from okrcore.conflicts.conflict import KINDS
from okrcore.conflicts.find import find_conflicts
from okrcore.definitions.initiatives import Demand
from okrcore.errors import DefinitionError, UnitError

AS_OF = dt.date(2026, 5, 15)
YEAR = Cycle.year(2026, id="year")
QUARTERS = [Cycle.quarter(2026, n, id=f"q{n}") for n in (1, 2, 3)]
GOALS = [Objective(id=f"goal-{c.id}", title=c.id, cycle=c.id, team="top") for c in (YEAR, *QUARTERS)]
BASE = (YEAR, *QUARTERS, Team(id="top"), *GOALS)

numbers = st.integers(-5, 5).map(float)
spans = st.one_of(
    st.just((None, None)),
    st.tuples(st.integers(-200, 400), st.integers(0, 300)).map(
        lambda pair: (YEAR.start + dt.timedelta(pair[0]), YEAR.start + dt.timedelta(pair[0] + pair[1]))
    ),
)


@st.composite
def bands(draw):
    low, high = sorted([draw(numbers), draw(numbers)])
    return draw(st.sampled_from([Band(low=low), Band(high=high), Band(low=low, high=high)]))


@st.composite
def targets(draw):
    start, goal = draw(numbers), draw(numbers)
    return Target(start, goal if goal != start else goal + 1)


@st.composite
def declared(draw):
    """Definitions of a small portfolio: KPIs, key results on them or alone, initiatives, links."""
    kpis = [
        Kpi(
            id=f"k{n}",
            title="",
            target=draw(st.none() | bands()),
            better=draw(st.sampled_from(["higher", "lower", None])),
            incentivised=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    results = [
        KeyResult(
            id=f"r{n}",
            title="",
            objective=draw(st.sampled_from(GOALS)).id,
            measure=draw(st.one_of(targets(), bands())),
            measured_by=draw(st.sampled_from([None, *(kpi.id for kpi in kpis)])),
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    initiatives = []
    for n in range(draw(st.integers(0, 3))):
        start, end = draw(spans)
        demand = draw(st.lists(st.integers(0, 6).map(lambda x: Demand("top", x)), max_size=1))
        initiatives.append(Initiative(id=f"i{n}", title="", start=start, end=end, demand=demand))
    sources = [one.id for one in (*kpis, *initiatives)]
    ends = [one.id for one in (*kpis, *results)]
    pairs = st.tuples(st.sampled_from(sources), st.sampled_from(ends)).filter(lambda pair: pair[0] != pair[1])
    links = [
        Link(source=a, target=b, sign=draw(st.sampled_from([1, -1])), weight=draw(st.integers(0, 4)) / 4)
        for a, b in (draw(st.lists(pairs, unique=True, max_size=9)) if len(ends) > 1 else [])
    ]
    capacity = draw(st.none() | st.integers(0, 9))
    return [*kpis, *results, *initiatives, *links, Team(id="top", capacity=capacity)]


def portfolio_of(parts):
    return Portfolio.of(*(one for one in BASE if one.id != "top"), *parts)


def conflicts(*parts, **asked):
    return find_conflicts(portfolio_of(parts), **{"as_of": AS_OF, **asked})


def told(found):
    return [(one.id, one.degree, one.since, one.path, one.witness) for one in found]


class TestEveryConflict:
    @given(declared(), st.randoms(use_true_random=False))
    def test_the_order_of_declarations_changes_nothing(self, parts, random):
        """S0.5, S13: id = kind + sorted sides, so the same conflict is recognised."""
        shuffled = random.sample(parts, len(parts))
        assert told(conflicts(*parts)) == told(conflicts(*shuffled))

    @given(declared())
    def test_sides_are_sorted_degrees_are_shares_and_ids_are_unique(self, parts):
        """S13: a conflict has kind, sides and a degree in [0, 1]; S13.1, S13.2, S13.5 need no history."""
        found = conflicts(*parts)
        assert len({one.id for one in found}) == len(found)
        for one in found:
            assert one.kind in ("targets", "opposed", "contention")
            assert list(one.sides) == sorted(set(one.sides))
            assert len(one.sides) >= 2
            assert 0 <= one.degree <= 1
            assert one.path[0] == one.sides[0]
            assert one.path[-1] == one.sides[-1]
        order = [(KINDS.index(one.kind), -one.degree, one.id) for one in found]
        assert order == sorted(order)

    @given(declared())
    def test_an_unrelated_goal_changes_no_other_conflict(self, parts):
        """S13: a conflict has two sides; what is connected to neither is no part of it."""
        other = KeyResult(id="other", title="", objective="goal-year", measure=Target(0, 1))
        kpi = Kpi(id="watched", title="", target=Band(low=0), incentivised=True)
        assert told(conflicts(*parts)) == told(conflicts(*parts, other, kpi))

    @given(declared())
    def test_without_links_demands_and_bands_nothing_is_left(self, parts):
        """S13: a conflict vanishes when its cause is removed."""
        bare = [one for one in parts if not isinstance(one, Link)]
        assert not [one for one in conflicts(*bare) if one.kind == "opposed"]
        roomy = [one for one in parts if not isinstance(one, Team)]
        assert not [one for one in conflicts(*roomy, Team(id="top", capacity=99)) if one.kind == "contention"]
        alone = [one for one in bare if not isinstance(one, KeyResult)]
        assert not [one for one in conflicts(*alone) if one.kind == "targets"]

    def test_of_nothing_there_is_none(self):
        assert find_conflicts(Portfolio.of(), as_of=AS_OF) == ()
        assert find_conflicts(Portfolio.of(), History.of([]), as_of=AS_OF) == ()
        assert find_conflicts(Portfolio.of(), as_of=AS_OF, evidence=()) == ()

    def test_an_id_holds_kind_and_sides_and_the_words_tell_them(self):
        first, *_ = conflicts(*OPPOSED, Team(id="top"))
        assert first.id == "opposed:a|b"
        assert "more of work helps a" in str(first)
        assert str(first).startswith("opposed (0.40, since 2026-01-01): ")


OPPOSED = (
    KeyResult(id="a", title="", objective="goal-year", measure=Target(0, 1)),
    KeyResult(id="b", title="", objective="goal-year", measure=Band(high=1)),
    Initiative(id="work", title=""),
    Link(source="work", target="a", sign=1, weight=0.8),
    Link(source="work", target="b", sign=1, weight=0.4),
)


def result(id, measure, *, cycle="year", unit="m", **more):
    return KeyResult(id=id, title="", objective=f"goal-{cycle}", measure=measure, unit=unit, **more)


LENGTH = Kpi(id="length", title="", unit="m")


class TestTargets:
    @given(targets() | bands(), targets() | bands(), st.sampled_from(["year", "q2", "q3"]))
    def test_a_conflict_is_where_no_value_meets_both(self, one, other, cycle):
        """S13.1: required intervals of one measure at overlapping times do not intersect."""
        parts = (
            LENGTH,
            Team(id="top"),
            result("a", one, measured_by="length"),
            result("b", other, cycle=cycle, measured_by="length"),
        )
        found = [c for c in conflicts(*parts) if c.kind == "targets"]

        def meets(measure, value):
            match measure:
                case Target(start=start, goal=goal):
                    return value >= goal if goal > start else value <= goal
                case Band(low=low, high=high):
                    return (low is None or value >= low) and (high is None or value <= high)

        possible = any(meets(one, v / 2) and meets(other, v / 2) for v in range(-14, 15))
        due = isinstance(one, Target) and cycle != "year"  # the first is due at the end of the year
        begun = cycle != "q3"
        assert bool(found) == (begun and not possible and not due)

    @given(targets(), bands(), st.sampled_from(["km", "cm", "mm", "inch"]))
    def test_units_change_nothing(self, target, band, unit):
        """S13.1: in one unit; S1.3."""
        from okrcore.units import convert

        def changed(value):
            return None if value is None else convert(value, "m", unit)

        moved = Target(changed(target.start), changed(target.goal))
        pair = [result("a", target, measured_by="length"), result("b", band, measured_by="length")]
        other = [result("a", moved, unit=unit, measured_by="length"), pair[1]]
        before, after = (
            [c for c in conflicts(LENGTH, Team(id="top"), *parts) if c.kind == "targets"]
            for parts in (pair, other)
        )
        assert [c.id for c in before] == [c.id for c in after]
        assert [c.degree for c in before] == pytest.approx([c.degree for c in after])

    def test_numbers_to_recheck(self):
        """S13.1: degree = gap / |goal - start|; since the start of the overlap."""
        parts = (
            Kpi(id="length", title="", unit="km"),
            result("far", Target(1000, 5000), unit="m", measured_by="length"),
            result("near", Band(high=3), unit="km", cycle="year", measured_by="length"),
            Team(id="top"),
        )
        (found,) = conflicts(*parts)
        assert found.id == "targets:far|near"
        assert found.degree == pytest.approx(2 / 4)
        assert found.since == YEAR.start
        assert found.path == ("far", "length", "near")
        witness = found.witness
        assert (witness["at_least"], witness["at_most"], witness["gap"]) == (5, 3, 2)
        assert witness["overlap"] == (YEAR.end, YEAR.end)

    def test_two_bands_are_compared_with_the_larger_bound(self):
        """S13.1: without a Target gap / the larger |bound|."""
        parts = (LENGTH, Team(id="top"), result("a", Band(low=10), measured_by="length"))
        (found,) = conflicts(*parts, result("b", Band(high=8), cycle="q2", measured_by="length"))
        assert found.degree == pytest.approx(0.2)
        assert found.since == dt.date(2026, 4, 1)

    def test_times_must_overlap_and_bounds_may_touch(self):
        """S13.1: at overlapping times; both bounds of a band belong to it (S2.4)."""
        low, high = Band(low=10), Band(high=8)
        pair = (result("a", low, cycle="q2"), result("b", high, cycle="q3"))
        pair = [KeyResult(**{**_fields(one), "measured_by": "length"}) for one in pair]
        assert not conflicts(LENGTH, Team(id="top"), *pair)
        touching = (result("a", Band(low=10), measured_by="length"),
                    result("b", Band(high=10), measured_by="length"))  # fmt: skip
        assert not conflicts(LENGTH, Team(id="top"), *touching)

    def test_a_kpi_asks_for_its_own_band(self):
        kpi = Kpi(id="length", title="", unit="m", target=Band(high=4))
        (found,) = conflicts(kpi, Team(id="top"), result("a", Target(1, 5), measured_by="length"))
        assert found.sides == ("a", "length")
        assert found.degree == pytest.approx(1 / 4)

    def test_currencies_need_a_rate(self):
        """S1.5: no rate is a UnitError that names both currencies."""
        parts = (
            Kpi(id="money", title="", unit="EUR", target=Band(high=100)),
            result("more", Target(50, 125), unit="USD", measured_by="money"),
            Team(id="top"),
        )
        with pytest.raises(UnitError, match="more: USD to EUR"):
            conflicts(*parts)
        rates = Rates.of([("2026-01-02", "EUR", "USD", 1.0)])
        (found,) = conflicts(*parts, rates=rates)
        assert found.degree == pytest.approx(25 / 75)
        assert not conflicts(*parts, rates=Rates.of([("2026-01-02", "EUR", "USD", 2.0)]))


def _fields(value):
    return {name: getattr(value, name) for name in ("id", "title", "objective", "measure", "unit")}


ZONES = ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "UTC"]


class TestTheDayIsThatOfTheCycle:
    @given(declared(), st.sampled_from(ZONES), st.sampled_from([*QUARTERS, YEAR]), st.integers(-30, 30))
    def test_at_an_instant_the_conflicts_are_those_of_its_local_day(self, parts, zone, cycle, hours):
        """A3: a goal is over when its cycle's zone says so, an initiative by that of the calendar."""
        instant = dt.datetime.combine(cycle.end, dt.time(), dt.UTC) + dt.timedelta(hours=hours)
        zoned = [attrs.evolve(one, timezone=zone) for one in (YEAR, *QUARTERS)]
        portfolio = Portfolio.of(*zoned, *GOALS, *parts, okr.Calendar(timezone=zone))
        local = instant.astimezone(zoneinfo.ZoneInfo(zone)).date()
        assert told(find_conflicts(portfolio, as_of=instant)) == told(find_conflicts(portfolio, as_of=local))

    @pytest.mark.parametrize(
        ("zone", "sides"), [("Pacific/Auckland", []), ("America/Los_Angeles", [("a", "b")])]
    )
    def test_a_quarter_of_another_zone_than_the_calendars(self, zone, sides):
        """At noon UTC of its last day a quarter of Auckland is over, one of Los Angeles is not."""
        quarter = attrs.evolve(QUARTERS[0], timezone=zone)
        goal = Objective(id="goal", title="", cycle=quarter.id)
        pair = [
            KeyResult(id=name, title="", objective="goal", measure=band, measured_by="length")
            for name, band in (("a", Band(low=10)), ("b", Band(high=8)))
        ]
        found = find_conflicts(Portfolio.of(quarter, goal, LENGTH, *pair), as_of="2026-03-31T12:00:00Z")
        assert [one.sides for one in found] == sides

    @pytest.mark.parametrize(("zone", "left"), [("Pacific/Auckland", 0), ("America/Los_Angeles", 1)])
    def test_days_left_are_those_of_the_goals_zone(self, zone, left):
        quarter = attrs.evolve(QUARTERS[0], timezone=zone)
        goal = Objective(id="goal", title="", cycle=quarter.id)
        kpi = attrs.evolve(LENGTH, target=Band(high=4))
        wide = KeyResult(id="wide", title="", objective="goal", measure=Band(low=5), measured_by="length")
        late = okr.priorities.PriorityRule(
            id="late", when={"days_left": "0"}, then=okr.priorities.Outcome(winner="kpi")
        )
        table = okr.priorities.PriorityTable(
            columns=[okr.priorities.Column(name="days_left", kind="integer", low=0)],
            rules=[late],
            default=okr.priorities.Outcome(winner="objective"),
        )
        portfolio = Portfolio.of(quarter, goal, kpi, wide, table)
        noon = "2026-03-30T12:00:00Z"
        snapshot = okr.evaluate(portfolio, History.of(), as_of=noon)
        found = find_conflicts(portfolio, as_of=noon)
        (decision,) = okr.resolve(found, portfolio, snapshot=snapshot)
        assert decision.winner == ("wide" if left else "length")


class TestNumbersOverDifferentPeriods:
    def asked(self, id, measure, cadence=None, **more):
        more = {"aggregate": "sum"} | more
        return result(id, measure, cadence=cadence, measured_by="length", **more)

    def sides(self, *parts, **kpi):
        given = {"aggregate": "sum", "cadence": "weekly"} | kpi
        found = conflicts(Kpi(id="length", title="", unit="m", **given), Team(id="top"), *parts)
        return [one.sides for one in found if one.kind == "targets"]

    def test_a_week_and_a_cycle_are_different_numbers(self):
        """A7: at most 5 a week, and 100 or more in the year, can both be met."""
        assert not self.sides(self.asked("a", Band(high=5), "weekly"), self.asked("b", Target(0, 100)))
        assert not self.sides(
            self.asked("a", Band(high=5), "weekly"), self.asked("b", Band(low=9), "monthly")
        )

    def test_one_week_is_one_number_whoever_asks(self):
        weeks = self.asked("a", Band(high=5), "weekly"), self.asked("b", Band(low=9), "weekly", cycle="q2")
        assert self.sides(*weeks) == [("a", "b")]
        assert self.sides(weeks[0], target=Band(low=9)) == [("a", "length")]
        assert not self.sides(weeks[0], target=Band(low=9), cadence="monthly")

    def test_a_cap_is_about_its_cycle(self):
        """A8: at most 24 in the cycle, and 100 or more in it."""
        capped = self.asked("a", Band(high=24, over="cycle"), "weekly")
        assert self.sides(capped, self.asked("b", Target(0, 100))) == [("a", "b")]
        assert not self.sides(capped, self.asked("b", Band(low=30), "weekly"))


class TestOpposed:
    @given(declared())
    def test_equal_to_every_path_tried(self, parts):
        """S13.2: weights multiply, signs multiply, at most 6 links, no node twice, strongest source."""
        found = {c.sides: c.degree for c in conflicts(*parts) if c.kind == "opposed"}
        assert found == pytest.approx(brute_force(portfolio_of(parts)))

    @given(declared())
    def test_the_witness_multiplies_up(self, parts):
        """S13.2: degree = min(strongest help of one side, strongest hurt of the other) over one source."""
        links = {one.id: one for one in parts if isinstance(one, Link)}
        for c in conflicts(*parts):
            if c.kind == "opposed":
                for way, weight in (("help_links", "help"), ("harm_links", "harm")):
                    product = math.prod(links[name].weight for name in c.witness[way])
                    assert c.witness[weight] == pytest.approx(product)
                assert c.degree == min(c.witness["help"], c.witness["harm"])
                assert {c.witness["helped"], c.witness["hurt"]} == set(c.sides)

    def test_a_chain_of_six_links_counts_and_one_of_seven_does_not(self):
        """S13.2: at most 6 links."""
        kpis = [Kpi(id=f"k{n}", title="") for n in range(7)]
        chain = [Link(source=f"k{n}", target=f"k{n + 1}", sign=1) for n in range(6)]
        goals = (*OPPOSED[:2], *kpis, *chain, Team(id="top"))
        harm = Link(source="k0", target="b", sign=1)
        near = Link(source="k5", target="a", sign=1)
        (found,) = conflicts(*goals, harm, near)
        assert len(found.witness["help_links"]) == 6
        assert not conflicts(*goals, harm, Link(source="k6", target="a", sign=1))

    def test_over_one_source_the_lesser_counts_and_of_sources_the_hardest(self):
        """S13.2: degree = min(strongest help of one side, strongest hurt of the other) over one source."""
        ways = [("lopsided", 1.0, 0.1), ("even", 0.5, 0.5)]
        work = [Initiative(id=name, title="") for name, *_ in ways]
        links = [Link(source=name, target="a", sign=1, weight=gain) for name, gain, _ in ways]
        links += [Link(source=name, target="b", sign=1, weight=harm) for name, _, harm in ways]
        (found,) = conflicts(*OPPOSED[:2], *work, *links, Team(id="top"))
        assert (found.degree, found.witness["source"]) == (0.5, "even")

    def test_a_source_that_is_a_goal_helps_itself(self):
        """S13.2: with 1."""
        parts = (
            Kpi(id="speed", title="", better="higher", incentivised=True),
            Kpi(id="quality", title="", target=Band(low=98)),
            Link(source="speed", target="quality", sign=-1, weight=0.3),
        )
        (found,) = conflicts(*parts, Team(id="top"))
        assert (found.id, found.degree, found.witness["help"]) == ("opposed:quality|speed", 0.3, 1.0)
        assert found.path == ("quality", "speed")

    def test_work_on_dense_links_is_bounded(self):
        """S13.2: all links of 40 KPIs among each other, both signs, in seconds."""
        names = [f"k{n}" for n in range(40)]
        kpis = [Kpi(id=name, title="", better="higher", guardrail=n < 5) for n, name in enumerate(names)]
        links = [
            Link(source=a, target=b, sign=1 if (i * j) % 3 else -1, weight=0.9)
            for (i, a), (j, b) in itertools.permutations(enumerate(names), 2)
        ]
        found = conflicts(*kpis, *links, Team(id="top"))
        assert len(found) == 10
        assert {round(c.degree, 3) for c in found} <= {0.9, 0.81, 0.729}

    @pytest.mark.parametrize("change", [{"stage": "closed"}, {"end": dt.date(2026, 5, 14)}])
    def test_work_that_is_over_moves_nothing(self, change):
        assert not conflicts(
            *OPPOSED[:2], Initiative(id="work", title="", **change), *OPPOSED[3:], Team(id="top")
        )

    def test_since_the_start_of_the_initiative_else_of_the_cycle(self):
        """S13: opposed, start of the initiative (else cycle)."""
        started = Initiative(id="work", title="", start=dt.date(2026, 3, 2))
        (found,) = conflicts(*OPPOSED[:2], started, *OPPOSED[3:], Team(id="top"))
        assert found.since == dt.date(2026, 3, 2)


def brute_force(portfolio):
    """Degrees by sides, by walking every path there is."""
    kpis = {kpi.id: kpi for kpi in portfolio.kpis}
    ends = {cycle.id: cycle for cycle in portfolio.cycles}
    sides = []
    for one in portfolio.key_results:
        cycle = ends[portfolio[one.objective].cycle]
        match one.measure:
            case Target(start=start, goal=goal):
                better = 1 if goal > start else -1
            case Band(low=low, high=high):
                better = (high is None) - (low is None)
        word = kpis[one.measured_by].direction if one.measured_by and not better else None
        better = better or {"higher": 1, "lower": -1, None: 0}[word]
        if cycle.start <= AS_OF <= cycle.end:
            sides.append((one.id, one.measured_by or one.id, better, cycle.start, cycle.end))
    taken = {measure for _, measure, *_ in sides}
    for kpi in portfolio.kpis:
        if kpi.id not in taken and (kpi.target or kpi.incentivised or kpi.guardrail):
            better = {"higher": 1, "lower": -1, None: 0}[kpi.direction]
            sides.append((kpi.id, kpi.id, better, dt.date.min, dt.date.max))
    edges = {}
    for link in portfolio.links:
        target = portfolio[link.target]
        node = target.measured_by or target.id if isinstance(target, KeyResult) else target.id
        if node != link.source and link.weight:
            edges.setdefault(link.source, []).append((node, link.sign, link.weight))
    reached = {}

    def walk(source, node, sign, weight, seen):
        key = (source, node, sign)
        reached[key] = max(reached.get(key, 0), weight)
        if len(seen) <= 6:
            for after, turn, size in edges.get(node, ()):
                if after not in seen:
                    walk(source, after, sign * turn, weight * size, (*seen, after))

    live = {
        one.id: (one.start or dt.date.min, one.end or dt.date.max)
        for one in portfolio.initiatives
        if (one.end or dt.date.max) >= AS_OF
    }
    sources = {**dict.fromkeys(kpis, (dt.date.min, dt.date.max)), **live}
    for source in sources:
        walk(source, source, 1, 1.0, (source,))
    found = {}
    for source, (begin, end) in sources.items():
        for a, b in itertools.permutations(sides, 2):
            last = min(end, a[4], b[4])
            if a[1] == b[1] or max(begin, a[3], b[3]) > last or last < AS_OF or not a[2] or not b[2]:
                continue
            degree = min(reached.get((source, a[1], a[2]), 0), reached.get((source, b[1], -b[2]), 0))
            if degree:
                key = tuple(sorted([a[0], b[0]]))
                found[key] = max(found.get(key, 0), degree)
    return found


class TestContention:
    @given(st.lists(st.tuples(spans, st.integers(1, 6)), min_size=1, max_size=5), st.integers(1, 9))
    def test_equal_to_every_day_looked_at(self, asks, capacity):
        """S13.5: demand exceeds capacity in overlapping time; degree = 1 - capacity / demand."""
        work = [
            Initiative(id=f"i{n}", title="", start=start, end=end, demand=[Demand("top", amount)])
            for n, ((start, end), amount) in enumerate(asks)
        ]
        found = {c.sides: c.degree for c in conflicts(*work, Team(id="top", capacity=capacity))}
        sets = set()
        for day in [AS_OF + dt.timedelta(n) for n in range(900)] + [dt.date(2030, 1, 1)]:
            running = [
                one
                for one in work
                if (one.end or dt.date.max) >= AS_OF
                and (one.start or dt.date.min) <= day <= (one.end or dt.date.max)
            ]
            sets.add(frozenset(one.id for one in running))
        amounts = {one.id: one.demand[0].amount for one in work}
        expected = {}
        for together in sets:
            demand = sum(amounts[name] for name in together)
            if demand > capacity and not any(together < other for other in sets):
                names = sorted(together) if len(together) > 1 else sorted([*together, "top"])
                expected[tuple(names)] = 1 - capacity / demand
        assert found == pytest.approx(expected)

    def test_owners_and_the_budget_have_what_the_caller_says(self):
        work = [Initiative(id=name, title="", cost=60.0) for name in ("x", "y")]
        assert not conflicts(*work, Team(id="top"))
        (found,) = conflicts(*work, Team(id="top"), budget=90)
        assert (found.sides, found.degree, found.witness["of"]) == (("x", "y"), 0.25, "budget")
        (team,) = conflicts(
            Initiative(id="x", title="", demand=[Demand("top", 5)]), Team(id="top"), capacity={"top": 4}
        )
        assert (team.sides, team.path) == (("top", "x"), ("top", "x"))
        assert team.degree == pytest.approx(0.2)


class TestWhatIsGiven:
    """Capacity and budget are checked where they are given, as for `tradeoffs`."""

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"capacity": {"top": -5}}, "capacity of 'top' is -5; give 0 or more"),
            ({"capacity": {"tops": 1}}, "did you mean 'top'"),
            ({"capacity": {"year": 1}}, "'year' is a Cycle; give the id of a Team or Owner"),
            ({"capacity": {"top": math.nan}}, "capacity of 'top' is nan; give a finite number"),
            ({"capacity": {"top": True}}, "capacity of 'top' is True; give a number"),
            ({"capacity": [("top", 1)]}, "give a mapping of ids to numbers"),
            ({"budget": math.nan}, "budget is nan; give a finite number"),
            ({"budget": math.inf}, "budget is inf; give a finite number"),
            ({"budget": -1}, "budget is -1; give 0 or more"),
            ({"budget": "much"}, "budget is 'much'; give a number"),
        ],
    )
    def test_what_cannot_be_is_refused(self, given, said):
        with pytest.raises(DefinitionError, match=re.escape(said)):
            find_conflicts(Portfolio.of(*BASE), as_of=AS_OF, **given)

    def test_every_fault_at_once(self):
        with pytest.raises(DefinitionError) as error:
            find_conflicts(Portfolio.of(*BASE), as_of=AS_OF, capacity={"a": -1, "b": 2}, budget=-1)
        assert len(error.value.problems) == 4


days_of_year = st.integers(0, 364).map(lambda day: YEAR.start + dt.timedelta(days=day))


@st.composite
def planned(draw):
    """Initiatives by their days, and how much each asks for."""
    size = draw(st.integers(1, 4))
    return [
        (*sorted(draw(st.tuples(days_of_year, days_of_year))), draw(st.integers(1, 9))) for _ in range(size)
    ]


class TestWithoutDatesOfTheirOwn:
    @given(planned(), days_of_year)
    def test_initiatives_run_as_their_milestones_do(self, work, as_of):
        """S13.5: days told by milestones are as good as days told by the initiative."""
        team = Team(id="top", capacity=8)
        own: list[object] = [YEAR, team]
        steps: list[object] = [YEAR, team]
        for at, (first, last, amount) in enumerate(work):
            name, asked = f"i{at}", [Demand("top", amount)]
            own.append(Initiative(id=name, title="", start=first, end=last, demand=asked))
            begun = okr.Milestone(id=f"a{at}", initiative=name, title="", start=first, due=first, done=first)
            ended = okr.Milestone(id=f"b{at}", initiative=name, title="", due=last, done=last)
            steps += [Initiative(id=name, title="", demand=asked), begun, ended]
        told, found = (find_conflicts(Portfolio.of(*parts), as_of=as_of) for parts in (own, steps))
        assert tuple(told) == tuple(found)

    def test_late_work_goes_on(self):
        """An open milestone that is late keeps its initiative among the sides; once done it is past."""
        step = okr.Milestone(id="m", initiative="work", title="", start="2026-01-02", due="2026-02-01")
        assert [one.kind for one in conflicts(*OPPOSED, Team(id="top"), step)] == ["opposed"]
        assert conflicts(*OPPOSED, Team(id="top"), attrs.evolve(step, done="2026-02-01")) == ()

    def test_what_does_not_overlap_is_no_contention(self):
        quarters = [("2026-07-05", "2026-09-20"), ("2027-01-05", "2027-03-20")]
        parts: list[object] = [YEAR, Team(id="top", capacity=12)]
        for at, (first, last) in enumerate(quarters):
            parts.append(Initiative(id=f"i{at}", title="", demand=[Demand("top", 8)]))
            parts.append(okr.Milestone(id=f"m{at}", initiative=f"i{at}", title="", start=first, due=last))
        assert not find_conflicts(Portfolio.of(*parts), as_of="2026-07-01")
