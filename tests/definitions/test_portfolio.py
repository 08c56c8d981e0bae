"""S0.4, S0.6, S0.7, S4.2: a portfolio is one value in which every id resolves; a change makes another."""

import copy
import datetime as dt
import pickle
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Checklist,
    Contribution,
    DefinitionError,
    Item,
    KeyResult,
    Kpi,
    Link,
    Milestone,
    Objective,
    Outcome,
    Owner,
    Portfolio,
    PriorityTable,
    Target,
    Team,
)
from okrcore.errors import CyclicAlignmentError, DuplicateIdError, UnitError, UnknownIdError
from tests.support.strategies import portfolios

PARTS = {
    okr.Cycle: "cycles",
    Team: "teams",
    Owner: "owners",
    Objective: "objectives",
    KeyResult: "key_results",
    Kpi: "kpis",
    okr.Initiative: "initiatives",
    Milestone: "milestones",
    Link: "links",
}
CYCLE = okr.Cycle(id="c", start=dt.date(2026, 1, 1), end=dt.date(2026, 12, 31))
GOAL = Objective(id="o", title="", cycle="c")

# A few ids for everything, so that definitions clash, dangle, point at the wrong kind and make circles.
few = st.sampled_from(["a", "b", "c", "o", "k", "k#i"])
maybe = st.one_of(st.none(), few)
some = st.lists(few, max_size=2, unique=True)
units = st.sampled_from(["", "customer", "hour", "minute", "pallet"])
dates = st.sampled_from(
    [dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 12, 31), dt.date(2027, 6, 30)]
)
measures = st.one_of(
    st.just(Target(0, 10)),
    st.just(Band(low=1)),
    st.just(Checklist(["i", "j"])),
    few.map(lambda name: Checklist([Item("i", milestone=name)])),
    dates.map(lambda day: Target(0, 10, plan=[(day, 5)])),
)
tables = st.one_of(
    st.just(PriorityTable(columns=[], rules=[], default=Outcome(winner="kpi"))),
    few.map(
        lambda name: PriorityTable(
            columns=[],
            rules=[],
            default=Outcome(winner="kpi", effect=okr.Effect(escalate=okr.priorities.Escalate(to=name))),
        )
    ),
)


@st.composite
def key_results(draw):
    measure = draw(measures)
    listed = isinstance(measure, Checklist)
    return KeyResult(
        id=draw(few),
        objective=draw(few),
        title="",
        measure=measure,
        unit=draw(units),
        measured_by=None if listed else draw(maybe),
        weight=draw(st.sampled_from([0, 1, "value"] if isinstance(measure, Target) else [0, 1])),
        due=draw(st.one_of(st.none(), dates)),
    )


def _cycle(id, days):
    start, end = sorted(days)
    return okr.Cycle(id=id, start=start, end=end)


definitions = st.one_of(
    st.builds(_cycle, few, st.tuples(dates, dates)),
    st.builds(Team, id=few, parent=maybe),
    st.builds(Owner, id=few, team=maybe),
    st.builds(Objective, id=few, title=st.just(""), cycle=few, owner=maybe, contributes_to=some),
    key_results(),
    key_results(),
    st.builds(
        Kpi, id=few, title=st.just(""), unit=units, initiative=maybe, guardrail=st.just(True), guards=some
    ),
    st.builds(okr.Initiative, id=few, title=st.just(""), team=maybe),
    st.builds(Milestone, id=few, initiative=few, title=st.just(""), due=dates, after=some),
    st.builds(
        lambda source, target, name: Link(
            source=source, target=target if target != source else "z", sign=1, id=name
        ),
        few,
        few,
        maybe,
    ),
)


def outcome(build):
    """Return what `build` gives: the value, or the class of its error and all its problems."""
    try:
        return build()
    except okr.OkrError as error:
        return type(error), {str(problem) for problem in error.problems}


def parts_of(portfolio):
    return {name: getattr(portfolio, name) for name in PARTS.values()}


class TestOf:
    @given(st.lists(definitions, max_size=8), st.data())
    def test_the_order_of_declaration_changes_neither_value_nor_faults(self, found, data):
        """S0.5, S0.4: what is declared counts, not where."""
        one = outcome(lambda: Portfolio.of(*found, units=["pallet"]))
        two = outcome(lambda: Portfolio.of(*data.draw(st.permutations(found)), units=["pallet"]))
        if isinstance(one, Portfolio):
            assert one == two
            assert hash(one) == hash(two)
        else:
            assert not isinstance(two, Portfolio)

    @given(st.lists(definitions, max_size=8))
    def test_every_id_is_unique_and_found(self, found):
        """S0.7: ids are unique across the whole portfolio, whatever the type."""
        portfolio = outcome(lambda: Portfolio.of(*found, units=["pallet"]))
        if not isinstance(portfolio, Portfolio):
            assert issubclass(portfolio[0], okr.OkrError)
            return
        assert len({value.id for value in found}) == len(found) == len(portfolio)
        for value in found:
            assert portfolio[value.id] is value
            assert value.id in portfolio
            assert value in getattr(portfolio, PARTS[type(value)])
        assert sum(map(len, parts_of(portfolio).values())) == len(portfolio.definitions) == len(found)

    def test_parts_keep_the_order_of_declaration(self):
        teams = [Team(id=name) for name in "bca"]
        assert list(Portfolio.of(*teams).teams) == teams

    def test_all_problems_arrive_at_once(self):
        """S0.4: all problems of one portfolio are reported at once, each with its path; mixed problems raise
        DefinitionError."""
        with pytest.raises(DefinitionError) as caught:
            Portfolio.of(
                CYCLE,
                Team(id="t", parent="nowhere"),
                Team(id="t"),
                Objective(id="x", title="", cycle="c", contributes_to=["y"]),
                Objective(id="y", title="", cycle="c", contributes_to=["x"]),
                KeyResult(
                    id="k", objective="x", title="", measure=Band(low=1), unit="furlong", measured_by="m"
                ),
                KeyResult(id="l", objective="t", title="", measure=Band(low=1), due=dt.date(2025, 1, 1)),
                Kpi(id="m", title="", watchers=["x"]),
                PriorityTable(columns=[], rules=[], default=None),
                PriorityTable(columns=[], rules=[], default=Outcome(winner="kpi")),
                "rubbish",
                units=["pallet", "hour"],
            )
        assert type(caught.value) is DefinitionError
        found = [(problem.kind, problem.path) for problem in caught.value.problems]
        assert sorted((kind.__name__, path) for kind, path in found) == [
            ("CyclicAlignmentError", "x"),
            ("DefinitionError", ""),
            ("DefinitionError", "priorities"),
            ("DuplicateIdError", "t"),
            ("UnitError", "k.unit"),
            ("UnitError", "units[1]"),
            ("UnknownIdError", "l.objective"),
            ("UnknownIdError", "m.watchers[0]"),
            ("UnknownIdError", "t.parent"),
        ]

    @pytest.mark.parametrize(
        ("kind", "wrong"),
        [
            (UnknownIdError, [Team(id="a", parent="b"), Team(id="c", parent="d")]),
            (DuplicateIdError, [Team(id="a"), Owner(id="a"), Team(id="a")]),
            (UnitError, [Kpi(id="a", title="", unit="furlong"), Kpi(id="b", title="", unit="10**10**10")]),
            (DefinitionError, [Team(id="a", parent="b"), Team(id="b", parent="a")]),
            (DefinitionError, [Team(id="a", parent="x"), Kpi(id="b", title="", unit="furlong")]),
        ],
    )
    def test_problems_of_one_class_raise_that_class(self, kind, wrong):
        """S0.4: mixed problems raise DefinitionError, else the one subclass."""
        with pytest.raises(okr.OkrError) as caught:
            Portfolio.of(*wrong)
        assert type(caught.value) is kind
        assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems

    def test_a_circle_of_goals_spells_its_path(self):
        """S4.2: a cycle is an error that spells the path."""
        goals = [
            Objective(id=name, title="", cycle="c", contributes_to=[to])
            for name, to in [("a", "b"), ("b", "d"), ("d", "a"), ("e", "a")]
        ]
        with pytest.raises(CyclicAlignmentError) as caught:
            Portfolio.of(CYCLE, *goals)
        assert "'a' contributes to 'b' contributes to 'd' contributes to 'a'" in str(caught.value)
        assert len(caught.value.problems) == 1
        with pytest.raises(CyclicAlignmentError, match="'a' contributes to 'a'"):
            Portfolio.of(CYCLE, Objective(id="a", title="", cycle="c", contributes_to=["a"]))

    def test_circles_of_teams_and_milestones_spell_theirs(self):
        with pytest.raises(DefinitionError, match="'a' belongs to 'b' belongs to 'a'"):
            Portfolio.of(Team(id="a", parent="b"), Team(id="b", parent="a"))
        steps = [
            Milestone(id=name, initiative="i", title="", due=dt.date(2026, 1, 1), after=[to])
            for name, to in [("a", "b"), ("b", "a")]
        ]
        with pytest.raises(DefinitionError, match="'a' comes after 'b' comes after 'a'"):
            Portfolio.of(okr.Initiative(id="i", title=""), *steps)

    @given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
    def test_a_circle_is_told_exactly_where_there_is_one(self, edges):
        """S4.2: the alignment graph is a DAG; every tangle is told, by circles that share no goal."""
        goals = [
            Objective(
                id=f"g{n}", title="", cycle="c", contributes_to=[f"g{b}" for a, b in sorted(edges) if a == n]
            )
            for n in range(8)
        ]
        reach = {n: {n} for n in range(8)}
        for _ in range(8):
            reach = {n: seen | {b for a, b in edges if a in seen} for n, seen in reach.items()}
        tangled = {a for a, b in edges if a in reach[b]}
        found = outcome(lambda: Portfolio.of(CYCLE, *goals))
        if not tangled:
            assert isinstance(found, Portfolio)
            return
        assert found[0] is CyclicAlignmentError
        circles = [text.split(": a circle")[0].split(": ")[1].split(" contributes to ") for text in found[1]]
        members = [int(name.strip("'")[1:]) for circle in circles for name in circle[:-1]]
        for circle in circles:
            assert circle[0] == circle[-1]
            walk = [int(name.strip("'")[1:]) for name in circle]
            assert set(pairwise(walk)) <= edges
        assert len(members) == len(set(members))
        assert set(members) <= tangled
        assert all(reach[n] & set(members) for n in tangled)

    def test_a_tangle_of_goals_ends_in_a_short_error(self):
        """S0.3: hostile input ends in an error of bounded size; 150 goals that all serve each other form more
        circles than there are atoms."""
        names = [f"g{n}" for n in range(150)]
        goals = [
            Objective(id=name, title="", cycle="c", contributes_to=[to for to in names if to != name])
            for name in names
        ]
        with pytest.raises(CyclicAlignmentError) as caught:
            Portfolio.of(CYCLE, *goals)
        assert len(str(caught.value)) < 20_000

    def test_several_parents_are_allowed(self):
        """S4.2: a DAG with any number of parents."""
        goals = [Objective(id=name, title="", cycle="c") for name in ("a", "b")]
        child = Objective(id="d", title="", cycle="c", contributes_to=["a", Contribution("b", 0.5)])
        assert Portfolio.of(CYCLE, *goals, child)["d"].contributes_to[1].weight == 0.5

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [
            (Owner(id="x", team="o"), "x.team"),
            (Objective(id="x", title="", cycle="o"), "x.cycle"),
            (Objective(id="x", title="", cycle="c", contributes_to=["c"]), "x.contributes_to[0].to"),
            (KeyResult(id="x", objective="c", title="", measure=Target(0, 1)), "x.objective"),
            (
                KeyResult(id="x", objective="o", title="", measure=Target(0, 1), measured_by="o"),
                "x.measured_by",
            ),
            (
                KeyResult(id="x", objective="o", title="", measure=Checklist([Item("i", milestone="o")])),
                "x.measure.items[0].milestone",
            ),
            (Kpi(id="x", title="", guardrail=True, guards=["c"]), "x.guards[0]"),
            (Kpi(id="x", title="", watchers=["o"]), "x.watchers[0]"),
            (Kpi(id="x", title="", initiative="o"), "x.initiative"),
            (okr.Initiative(id="x", title="", demand=[okr.Demand("o", 1)]), "x.demand[0].of"),
            (Milestone(id="x", initiative="o", title="", due=CYCLE.end), "x.initiative"),
            (Link(source="o", target="o2", sign=1), "o->o2.source"),
        ],
    )
    def test_an_id_of_the_wrong_kind_is_no_reference(self, wrong, path):
        """S0.3: a dangling id is an error; so is one that names something else."""
        with pytest.raises(UnknownIdError) as caught:
            Portfolio.of(CYCLE, GOAL, wrong)
        assert caught.value.problems[0].path == path
        assert "name one of type" in str(caught.value)

    def test_a_misspelt_id_is_told_the_nearest(self):
        with pytest.raises(UnknownIdError, match="did you mean 'operations'"):
            Portfolio.of(Team(id="operations"), Owner(id="a", team="operation"))
        with pytest.raises(UnknownIdError, match="did you mean 'operations'"):
            _ = Portfolio.of(Team(id="operations"))["operation"]

    def test_units_are_declared_with_it(self):
        """S1.1: a document declares more counts, kept in Portfolio.units."""
        kpi = Kpi(id="a", title="", unit="pallet/hour")
        with pytest.raises(UnitError, match="pallet"):
            Portfolio.of(kpi)
        portfolio = Portfolio.of(kpi, units=["pallet", "pallet"])
        assert portfolio.units == ("pallet",)
        assert portfolio.with_(Kpi(id="b", title="", unit="pallet")).units is portfolio.units

    @pytest.mark.parametrize("units", ["pallet", 5, [1], [[1]], [None], ["hour"], ["a b"], [""]])
    def test_units_are_a_list_of_names(self, units):
        with pytest.raises(okr.OkrError, match="unit"):
            Portfolio.of(units=units)

    def test_a_key_result_reads_a_kpi_of_its_dimension(self):
        """S0.3: a unit of another dimension is an error."""
        result = KeyResult(id="k", objective="o", title="", measure=Band(low=1), unit="hour", measured_by="m")
        assert Portfolio.of(CYCLE, GOAL, result, Kpi(id="m", title="", unit="minute"))
        with pytest.raises(UnitError, match="KPI 'm'"):
            Portfolio.of(CYCLE, GOAL, result, Kpi(id="m", title="", unit="customer"))

    def test_dates_lie_in_the_cycle(self):
        """S2.3: waypoints lie between cycle start and due."""
        for day, value, good in [(1, 5, False), (1, 0, True), (2, 5, True), (30, 5, False), (30, 10, True)]:
            target = Target(0, 10, plan=[(dt.date(2026, 1, day), value)])
            result = KeyResult(id="k", objective="o", title="", measure=target, due=dt.date(2026, 1, 30))
            found = outcome(lambda result=result: Portfolio.of(CYCLE, GOAL, result))
            assert isinstance(found, Portfolio) == good
        late = KeyResult(id="k", objective="o", title="", measure=Target(0, 1), due=dt.date(2025, 12, 31))
        with pytest.raises(DefinitionError, match="before its cycle"):
            Portfolio.of(CYCLE, GOAL, late)

    def test_weights_by_value_are_of_one_unit_and_one_kind(self):
        """S4.7: weight="value" weighs key results of one unit."""
        one = KeyResult(id="k", objective="o", title="", measure=Target(0, 1), unit="hour", weight="value")
        for change in ({"unit": "minute"}, {"weight": 2}):
            with pytest.raises(okr.OkrError):
                Portfolio.of(CYCLE, GOAL, one, attrs.evolve(one, id="l", **change))
        for change in ({}, {"weight": 0}):
            assert Portfolio.of(CYCLE, GOAL, one, attrs.evolve(one, id="l", **change))

    def test_an_items_name_is_nobodys_id(self):
        """S2.5: items are observed under "<key result>#<item>", which is one more id."""
        result = KeyResult(id="k", objective="o", title="", measure=Checklist(["i"]))
        with pytest.raises(DuplicateIdError, match="k#i"):
            Portfolio.of(CYCLE, GOAL, result, Team(id="k#i"))


class TestChange:
    @given(st.lists(st.one_of(definitions, definitions, tables), max_size=12))
    def test_with_is_declaring_it_all_anew(self, found):
        """S0.6, S0.3: `with_` refuses just what `of` refuses, though it checks only what a change touches."""
        base = [CYCLE, GOAL, Team(id="a")]
        portfolio = Portfolio.of(*base, units=["pallet"])
        for value in found:
            table = value if isinstance(value, PriorityTable) else portfolio.priorities
            merged = {one.id: one for one in portfolio.definitions}
            if not isinstance(value, PriorityTable):
                retyped = type(merged.get(value.id, value)) is not type(value)
                if retyped:
                    assert outcome(lambda value=value, old=portfolio: old.with_(value))[0] is not None
                    continue
                merged[value.id] = value
            rows = [*merged.values(), *([table] if table else [])]
            anew = outcome(lambda rows=rows: Portfolio.of(*rows, units=["pallet"]))
            grown = outcome(lambda value=value, old=portfolio: old.with_(value))
            if isinstance(anew, Portfolio):
                assert grown == anew
                assert grown.units == anew.units
                portfolio = grown
            else:
                assert not isinstance(grown, Portfolio), (value, anew)
                assert grown[1] <= anew[1]
                assert grown[0] is anew[0] or anew[0] is DefinitionError

    @given(portfolios(), st.lists(definitions, max_size=3))
    def test_what_does_not_change_is_the_same_object(self, portfolio, found):
        """S0.6: an unchanged part is the same object, and the old value stays as it was."""
        before = parts_of(portfolio)
        ids = list(portfolio)
        grown = outcome(lambda: portfolio.with_(*found))
        assert parts_of(portfolio) == before
        assert list(portfolio) == ids
        if not isinstance(grown, Portfolio):
            return
        touched = {type(value) for value in found} | {
            type(portfolio[v.id]) for v in found if v.id in portfolio
        }
        for kind, name in PARTS.items():
            if kind not in touched:
                assert getattr(grown, name) is getattr(portfolio, name)
        fresh = {value.id for value in found}
        assert all(grown[value.id] is value for value in portfolio if value.id not in fresh)
        assert all(grown[value.id] is value for value in found)

    @given(portfolios(), st.data())
    def test_adding_and_taking_away_gives_the_old_value(self, portfolio, data):
        """S0.6: a change is a new value; the way back leads to an equal one."""
        goal = data.draw(st.sampled_from(portfolio.objectives))
        added = [
            KeyResult(id="new", objective=goal.id, title="", measure=Target(0, 1)),
            Team(id="team"),
            Link(source="kpi", target="new", sign=-1),
            Kpi(id="kpi", title=""),
        ]
        grown = portfolio.with_(*data.draw(st.permutations(added)))
        assert grown != portfolio
        assert len(grown) == len(portfolio) + 4
        back = grown.without("new", "kpi", "kpi->new", "team")
        assert back == portfolio
        assert parts_of(back) == parts_of(portfolio)
        assert back.objectives is portfolio.objectives

    @given(st.lists(definitions, max_size=10), st.sets(few, max_size=2))
    def test_without_is_declaring_the_rest(self, found, gone):
        """S0.3: what something needs cannot be taken away."""
        portfolio = Portfolio.of(CYCLE, GOAL, units=["pallet"])
        for value in found:
            grown = outcome(lambda value=value, old=portfolio: old.with_(value))
            portfolio = grown if isinstance(grown, Portfolio) else portfolio
        left = outcome(lambda: portfolio.without(*gone))
        if not all(name in portfolio for name in gone):
            assert left[0] is UnknownIdError
            return
        rest = [value for value in portfolio.definitions if value.id not in gone]
        assert left == outcome(lambda: Portfolio.of(*rest, units=["pallet"]))

    def test_a_definition_takes_the_place_of_its_id(self):
        teams = [Team(id=name) for name in "abc"]
        portfolio = Portfolio.of(*teams).with_(Team(id="b", title="new"))
        assert [team.title for team in portfolio.teams] == ["", "new", ""]
        with pytest.raises(DuplicateIdError, match="a Team has this id already"):
            portfolio.with_(Owner(id="b"))
        with pytest.raises(DuplicateIdError):
            portfolio.with_(Team(id="d"), Team(id="d"))

    def test_what_depends_on_a_change_is_checked_again(self):
        """S0.3: moving a cycle, changing a KPI's unit or taking an item's name is refused where it breaks
        something else."""
        result = KeyResult(
            id="k",
            objective="o",
            title="",
            measure=Target(0, 10, plan=[(dt.date(2026, 6, 30), 5)]),
            unit="hour",
            measured_by="m",
        )
        listed = KeyResult(id="l", objective="o", title="", measure=Checklist(["i"]))
        other = okr.Cycle(id="other", start=dt.date(2027, 1, 1), end=dt.date(2027, 12, 31))
        portfolio = Portfolio.of(CYCLE, other, GOAL, result, listed, Kpi(id="m", title="", unit="minute"))
        with pytest.raises(DefinitionError, match="plan"):
            portfolio.with_(attrs.evolve(CYCLE, end=dt.date(2026, 3, 31)))
        with pytest.raises(DefinitionError, match="plan"):
            portfolio.with_(attrs.evolve(GOAL, cycle="other"))
        with pytest.raises(UnitError, match="KPI 'm'"):
            portfolio.with_(Kpi(id="m", title="", unit="customer"))
        with pytest.raises(DuplicateIdError, match="l#i"):
            portfolio.with_(Team(id="l#i"))
        with pytest.raises(DuplicateIdError):
            portfolio.with_(Team(id="m"))

    def test_there_is_one_table(self):
        table = PriorityTable(columns=[], rules=[], default=Outcome(winner="kpi"))
        other = attrs.evolve(table, default=Outcome(winner="objective"))
        with pytest.raises(DefinitionError, match="two priority tables"):
            Portfolio.of(table, other)
        assert Portfolio.of(table).with_(other).priorities is other
        assert Portfolio.of(table) != Portfolio.of(other)
        escalating = Outcome(winner="kpi", effect=okr.Effect(escalate=okr.priorities.Escalate(to="coo")))
        with pytest.raises(UnknownIdError) as caught:
            Portfolio.of(attrs.evolve(table, default=escalating))
        assert caught.value.problems[0].path == "priorities.default.effect.escalate.to"
        kept = Portfolio.of(Owner(id="coo"), attrs.evolve(table, default=escalating))
        with pytest.raises(UnknownIdError):
            kept.without("coo")
        with pytest.raises(DuplicateIdError):
            kept.with_(Team(id="coo"))

    @pytest.mark.parametrize("name", ["nobody", 5, None, [1], ("a",), "\ud800"])
    def test_asking_for_what_is_not_there(self, name):
        portfolio = Portfolio.of(Team(id="a"))
        with pytest.raises(UnknownIdError):
            _ = portfolio[name]
        with pytest.raises(UnknownIdError):
            portfolio.without(name)

    @given(
        st.lists(
            st.one_of(definitions, tables, st.sampled_from([None, 1, "a", [], Target(0, 1)])), max_size=5
        )
    )
    def test_only_its_own_errors_come_out(self, found):
        """S0.3, S0.4: whatever is declared, the error is an OkrError."""
        result = outcome(lambda: Portfolio.of(*found))
        assert isinstance(result, Portfolio) or issubclass(result[0], okr.OkrError)


class TestValue:
    @settings(max_examples=20)
    @given(portfolios())
    def test_pickling_and_copying_give_an_equal_value(self, portfolio):
        okr.compile_portfolio(portfolio)
        for other in (pickle.loads(pickle.dumps(portfolio)), copy.copy(portfolio), copy.deepcopy(portfolio)):
            assert other == portfolio
            assert parts_of(other) == parts_of(portfolio)
            assert hash(other) == hash(portfolio)

    def test_units_and_tables_survive_pickling(self):
        table = PriorityTable(columns=[], rules=[], default=Outcome(winner="kpi"))
        portfolio = Portfolio.of(Kpi(id="a", title="", unit="pallet"), table, units=["pallet"])
        again = pickle.loads(pickle.dumps(portfolio))
        assert (again, again.units, again.priorities) == (portfolio, ("pallet",), table)

    def test_it_is_frozen_and_unequal_to_other_things(self):
        portfolio = Portfolio.of(Team(id="a"))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            portfolio.teams = ()
        assert portfolio != "a"
        assert portfolio != Portfolio.of(Team(id="a", title="other"))
        assert portfolio != Portfolio.of(Team(id="a"), units=["pallet"])

    def test_twenty_thousand_definitions_change_by_one(self):
        """S0.6: versions share what they do not change."""
        goals = [Objective(id=f"o{n}", title="", cycle="c") for n in range(5_000)]
        results = [
            KeyResult(id=f"k{n}", objective=f"o{n % 5_000}", title="", measure=Target(0, 1))
            for n in range(15_000)
        ]
        portfolio = Portfolio.of(CYCLE, *goals, *results)
        changed = portfolio.with_(attrs.evolve(results[7], title="new"))
        assert changed.objectives is portfolio.objectives
        assert changed["k7"].title == "new"
        assert sum(a is not b for a, b in zip(portfolio, changed, strict=True)) == 1
