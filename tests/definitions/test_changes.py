"""A20: what a portfolio says is kept, merged, and called by other names, and every clash is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.references import references
from okrcore.errors import DuplicateIdError, UnknownIdError
from okrcore.priorities import Column, PriorityRule
from okrcore.testing import portfolios

YEAR = okr.Cycle.year(2026)
TABLE = okr.PriorityTable(columns=[], rules=[], default=okr.Outcome(winner="kpi"))
OTHER = okr.PriorityTable(columns=[], rules=[], default=okr.Outcome(winner="objective"))


def kpi(id, **more):
    return okr.Kpi(id=id, title=id, **more)


class TestAll:
    @given(portfolios(), st.sets(st.sampled_from(["pallet", "crate"])))
    def test_of_all_that_is_said_is_the_portfolio(self, portfolio, units):
        said = portfolio.with_(units=units)
        again = okr.Portfolio.of(*said)
        assert again == said
        assert (again.priorities, set(again.units)) == (portfolio.priorities, units)
        assert len(said) == len(said.definitions)
        assert all(said[one.id] == one and one.id in said for one in said)

    def test_what_is_one_of_a_kind_has_the_key_of_the_document(self):
        portfolio = okr.Portfolio.of(okr.Team(id="a"), TABLE, units=["pallet"])
        assert portfolio["priorities"] is TABLE
        bare = portfolio.without("priorities", "units")
        assert bare == okr.Portfolio.of(okr.Team(id="a"))
        with pytest.raises(UnknownIdError):
            bare.without("priorities")
        named = okr.Portfolio.of(okr.Team(id="priorities"), TABLE)
        assert named["priorities"] == okr.Team(id="priorities")
        assert named.without("priorities").priorities is TABLE

    def test_units_can_be_added(self):
        with pytest.raises(okr.errors.UnitError):
            okr.Portfolio.of(kpi("a", unit="pallet"))
        grown = okr.Portfolio.of(units=["crate"]).with_(kpi("a", unit="pallet"), units=["pallet", "crate"])
        assert grown.units == ("crate", "pallet")
        with pytest.raises(okr.errors.UnitError):
            grown.without("units")

    def test_two_tables_are_one_too_many_unless_they_are_equal(self):
        assert okr.Portfolio.of(TABLE, TABLE).priorities == TABLE
        assert okr.Portfolio.of(TABLE).with_(OTHER).priorities == OTHER
        with pytest.raises(okr.DefinitionError, match="two priority tables are given; keep one"):
            okr.Portfolio.of(TABLE, OTHER)

    def test_it_shows_itself_on_one_short_line(self):
        portfolio = okr.Portfolio.of(YEAR, *(okr.Team(id=f"t{n}") for n in range(500)), TABLE)
        assert repr(portfolio) == "<Portfolio of 1 cycle, 500 teams, priorities>"
        assert repr(okr.Portfolio.of()) == "<Portfolio of nothing>"


class TestPut:
    @pytest.mark.parametrize("other", [okr.Team(id="a"), okr.Owner(id="a"), okr.Initiative(id="a", title="")])
    def test_a_definition_of_another_type_does_not_take_the_place(self, other):
        portfolio = okr.Portfolio.of(kpi("a"))
        with pytest.raises(DuplicateIdError, match="a Kpi has this id already; rename one of them"):
            portfolio.with_(other)
        assert portfolio.with_(kpi("a", unit="%"))["a"].unit == "%"


class TestMerged:
    @given(portfolios(), st.data())
    def test_parts_of_one_portfolio_make_it_again(self, portfolio, data):
        """Merging is associative, commutative and has the empty portfolio where nothing clashes."""
        goals = {one.id for one in portfolio.objectives} & data.draw(st.just({"o1", "o2", "o3"}))
        people = okr.Portfolio.of(*portfolio.teams, *portfolio.owners)
        parts = [portfolio, people, okr.Portfolio.of(*portfolio.cycles)]
        a, b, c = data.draw(st.permutations(parts))
        assert a.merged(b).merged(c) == a.merged(b.merged(c)) == portfolio
        assert a.merged(b) == b.merged(a)
        assert portfolio.merged(okr.Portfolio.of()) == portfolio
        assert goals <= {one.id for one in a.merged(b).merged(c).objectives}

    def test_every_clash_is_named(self):
        one = okr.Portfolio.of(kpi("a"), kpi("b"), okr.Team(id="c"), kpi("same"), TABLE)
        other = okr.Portfolio.of(kpi("a", unit="%"), kpi("b"), kpi("c"), kpi("same"), OTHER)
        with pytest.raises(okr.DefinitionError) as error:
            one.merged(other)
        assert [problem.path for problem in error.value.problems] == ["a", "c", "priorities"]
        with pytest.raises(DuplicateIdError, match="Kpi 'a' is declared differently"):
            okr.Portfolio.of(kpi("a")).merged(okr.Portfolio.of(kpi("a", unit="%")))

    def test_what_each_says_alone_is_kept(self):
        one, other = okr.Portfolio.of(kpi("a"), units=["pallet"]), okr.Portfolio.of(TABLE, units=["crate"])
        assert one.merged(other) == okr.Portfolio.of(kpi("a"), TABLE, units=["pallet", "crate"])

    def test_what_does_not_fit_together_is_refused(self):
        one = okr.Portfolio.of(okr.Team(id="a"), okr.Team(id="b", parent="a"))
        other = okr.Portfolio.of(okr.Team(id="b", parent="a"), okr.Team(id="a", parent="c"), okr.Team(id="c"))
        with pytest.raises(DuplicateIdError, match="Team 'a' is declared differently"):
            one.merged(other)


class TestRenamed:
    @given(portfolios(), st.data())
    def test_there_and_back(self, portfolio, data):
        """Every reference follows, and renaming back is the same portfolio."""
        olds = data.draw(st.sets(st.sampled_from([one.id for one in portfolio.definitions]), max_size=3))
        new = {old: f"new {old}" for old in olds}
        renamed = portfolio.renamed(new)
        made = dict(zip((one.id for one in portfolio.definitions), (one.id for one in renamed.definitions)))  # noqa: B905
        assert {old: made[old] for old in olds} == new
        for before, after in zip(portfolio, renamed, strict=True):
            pairs = zip(references(before), references(after), strict=True)
            named = [(path, made.get(name, name)) for (path, name, _), _ in pairs]
            if not isinstance(before, okr.Tolerance):  # its sides are in order of their names
                assert named == [(path, name) for path, name, _ in references(after)]
        assert renamed.renamed({name: old for old, name in made.items() if old != name}) == portfolio

    def test_a_chain_of_names(self):
        portfolio = okr.Portfolio.of(kpi("a")).renamed({"a": "b"}).renamed({"b": "c"})
        assert portfolio["c"].formerly == ("a", "b")
        assert portfolio.renamed({"c": "b"})["b"].formerly == ("a",)
        assert portfolio.renamed({"c": "c"}) == portfolio

    @pytest.mark.parametrize(
        ("ids", "kind", "said"),
        [
            ({"x": "y"}, UnknownIdError, "'x' is declared nowhere"),
            ({"a": "b"}, DuplicateIdError, "'b' is the id of another Kpi"),
            ({"a": "new", "b": "new"}, DuplicateIdError, "'new' is the id of another definition"),
            ({"a": "b", "b": "a"}, DuplicateIdError, "'b' is the id of another Kpi"),
            ({"a": "was"}, DuplicateIdError, "'was' was the id of 'is'"),
            ({"a": " "}, okr.DefinitionError, "give printable text"),
            (["a"], okr.DefinitionError, "must be a mapping"),
        ],
    )
    def test_what_is_taken_is_refused(self, ids, kind, said):
        portfolio = okr.Portfolio.of(kpi("a"), kpi("b"), kpi("is", formerly=["was"]))
        with pytest.raises(kind, match=said):
            portfolio.renamed(ids)

    def test_a_former_id_has_one_reader(self):
        with pytest.raises(DuplicateIdError, match="'a' in formerly is an id of 'a' too"):
            okr.Portfolio.of(kpi("a"), kpi("b", formerly=["a"]))
        with pytest.raises(DuplicateIdError, match="'x' in formerly is an id of 'a' too"):
            okr.Portfolio.of(kpi("a", formerly=["x"])).with_(kpi("b", formerly=["x"]))

    def test_ids_in_a_table(self):
        columns = [Column(name="kpi.id", values=["up", "speed"]), Column(name="kpi.zone", values=["up"])]
        rules = [
            PriorityRule(id="r", when={"kpi.id": 'not("up", speed)', "kpi.zone": "up"}, then=TABLE.default)
        ]
        table = okr.PriorityTable(columns=columns, rules=rules, default=TABLE.default)
        found = okr.Portfolio.of(kpi("up"), table).renamed({"up": "uptime"}).priorities
        assert found.columns[0].values == ("uptime", "speed")
        assert dict(found.rules[0].when) == {"kpi.id": 'not("uptime", speed)', "kpi.zone": "up"}
