"""What users test with: assertions, builders, and strategies that give valid values of every type."""

import datetime as dt
import importlib
import pkgutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import attrs
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import definitions, testing
from okrcore.conflicts.conflict import Conflict
from okrcore.definitions.days import add_months
from okrcore.governance import Example
from okrcore.surfaces.hypothesis_plugin import register
from okrcore.testing.faults import FAULTS
from okrcore.testing.strategies import STRATEGIES
from tests.support.paths import ROOT

FOLLOWS = {"derived", "derived_cache", "declared_units", "formula_units", "formulas", "lineage", "relations"}
"""What follows from the definitions."""


def declared():
    """Return every type of the definitions that a portfolio is made of."""
    rooms = [
        importlib.import_module(f"okrcore.definitions.{room.name}")
        for room in pkgutil.iter_modules(definitions.__path__)
        if room.name not in FOLLOWS
    ]
    return [
        value
        for room in rooms
        for value in vars(room).values()
        if isinstance(value, type) and attrs.has(value) and value.__module__ == room.__name__
    ]


class TestStrategies:
    def test_every_definition_has_one(self):
        assert set(declared()) <= set(STRATEGIES)
        assert {okr.Portfolio, okr.History, okr.Journal, okr.Policy, okr.PriorityTable} <= set(STRATEGIES)

    @pytest.mark.parametrize("kind", STRATEGIES, ids=lambda kind: kind.__name__)
    def test_from_type_gives_valid_values_without_throwing_many_away(self, kind):
        seen = []

        @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], database=None)
        @given(st.from_type(kind))
        def drawn(value):
            assert isinstance(value, kind)
            seen.append(value)

        drawn()
        assert len(seen) >= 20 or kind is okr.Cadence
        assert len(set(map(repr, seen))) > 1

    @given(testing.portfolios())
    def test_portfolios_survive_the_documents(self, portfolio):
        """S0.7: every id resolves, and what is written is read as the same."""
        assert okr.from_dict(okr.Portfolio, okr.to_dict(portfolio)) == portfolio
        assert okr.loads(okr.dumps(portfolio)) == portfolio

    @given(st.data())
    def test_portfolios_are_evaluated_with_their_histories(self, data):
        portfolio = data.draw(testing.portfolios())
        history = data.draw(testing.histories(portfolio))
        journal = data.draw(testing.journals(portfolio))
        snapshot = okr.evaluate(portfolio, history, as_of="2026-06-30", journal=journal)
        assert {one.goal.id for one in map(snapshot.key_result, [k.id for k in portfolio.key_results])} == {
            result.id for result in portfolio.key_results
        }
        known = {value.id for value in portfolio}
        assert {measure.partition("#")[0] for measure in history.measures} <= known
        assert {entry.subject for entry in journal} <= known

    def test_portfolios_reach_what_matters(self):
        wanted = {
            "parents": lambda p: any(goal.contributes_to for goal in p.objectives),
            "guardrail": lambda p: any(result.guardrail for result in p.key_results),
            "measured_by": lambda p: any(result.measured_by for result in p.key_results),
            "checklist": lambda p: any(isinstance(one.measure, okr.Checklist) for one in p.key_results),
            "guards": lambda p: any(kpi.worst and kpi.guards for kpi in p.kpis),
            "after": lambda p: any(milestone.after for milestone in p.milestones),
            "links": lambda p: len(p.links) > 1,
            "table": lambda p: p.priorities and p.priorities.guardrails,
            "tolerances": lambda p: p.tolerances,
            "teams": lambda p: any(team.parent for team in p.teams),
        }

        @settings(max_examples=200, database=None)
        @given(testing.portfolios())
        def drawn(portfolio):
            for name in [name for name, holds in wanted.items() if holds(portfolio)]:
                del wanted[name]

        drawn()
        assert not wanted

    def test_they_shrink_to_little(self):
        found = find(
            testing.portfolios(), lambda p: p.kpis, settings=settings(max_examples=1000, database=None)
        )
        assert [type(value) for value in found] == [okr.Cycle, okr.Objective, okr.Kpi]

    def test_fields_are_fixed_by_values_and_strategies(self):
        found = find(
            testing.kpis(id="uptime", title=st.sampled_from(["a", "b"])), lambda kpi: kpi.title == "b"
        )
        assert (found.id, found.title) == ("uptime", "b")

    @pytest.mark.parametrize("fault", FAULTS)
    @settings(max_examples=10)
    @given(st.data())
    def test_a_document_with_one_fault_is_refused_as_it_says(self, fault, data):
        case = data.draw(testing.nearly_valid(fault=fault))
        with pytest.raises(okr.OkrError) as caught:
            okr.from_dict(okr.Portfolio, case.document)
        assert type(caught.value) is case.error, str(caught.value)
        assert len(caught.value.problems) == 1
        assert okr.from_dict(okr.Portfolio, okr.to_dict(case.portfolio)) == case.portfolio

    @given(testing.nearly_valid_documents())
    def test_faults_are_drawn(self, document):
        with pytest.raises(okr.OkrError):
            okr.from_dict(okr.Portfolio, document)

    @given(testing.priority_tables())
    def test_tables_are_proved(self, table):
        """S14.3: every input has one ruling, and every rule can win somewhere."""
        testing.assert_proved(table)

    @pytest.mark.parametrize("what", ["overlaps", "gaps"])
    def test_other_tables_are_not(self, what):
        find(
            testing.priority_tables(proved=False),
            lambda table: any(finding.error for finding in getattr(okr.verify_table(table), what)),
            settings=settings(max_examples=200, database=None),
        )

    @given(testing.policies(), testing.portfolios())
    def test_policies_check(self, policy, portfolio):
        codes = {rule.code for rule in policy.rules}
        assert {one.code for one in okr.check(portfolio, as_of="2026-06-30", policy=policy)} <= codes


GROW = Conflict(
    kind="opposed",
    sides=("a", "b"),
    degree=0.5,
    since=dt.date(2026, 1, 1),
    witness={},
    path=(),
    sentence="no",
)
FAR = attrs.evolve(GROW, kind="measured", sides=("a", "c"))


class TestOne:
    @pytest.mark.parametrize(
        "asked",
        [
            {"kind": "opposed"},
            {"between": {"a", "b"}},
            {"between": ["b", "a"]},
        ],
    )
    def test_it_is_the_only_one(self, asked):
        assert testing.one([GROW, FAR], **asked) is GROW

    def test_none_lists_what_there_is(self):
        with pytest.raises(
            AssertionError, match=r"no conflict of kind targets; there is\s+opposed:a\|b: .*"
        ) as caught:
            testing.one([GROW, FAR], kind="targets")
        assert "measured:a|c" in str(caught.value)

    def test_one_side_is_not_enough(self):
        with pytest.raises(AssertionError, match="no conflict between a"):
            testing.one([GROW, FAR], between={"a"})

    def test_two_are_not_one(self):
        with pytest.raises(AssertionError, match="2 conflicts; there is"):
            testing.one([GROW, FAR])


def rule(passes=None, fails=None, needs=()):
    @okr.governance_rule("ACME1", passes=passes, fails=fails, needs=needs)
    def has_an_owner(goal: okr.Objective):
        """An objective has an owner."""
        if goal.owner is None:
            yield "has no owner"

    return has_an_owner


OWNED = """
owners: [{id: ceo, kind: role}]
objectives: [{id: grow, title: Grow, cycle: "2026", owner: ceo}]
"""
ALONE = 'objectives: [{id: grow, title: Grow, cycle: "2026"}]'


class TestRuleExamples:
    def test_good_ones(self):
        testing.check_rule_examples(rule(OWNED, ALONE))

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (rule(), "passes: there is none; give governance_rule one\n  fails: there is none"),
            (rule(ALONE, ALONE), "passes: the rule finds grow: has no owner"),
            (rule(OWNED, OWNED), "fails: the rule finds nothing in it"),
            (rule(OWNED, "objectives: 7"), "fails: .*objectives"),
            (rule(OWNED, ALONE, needs="journal"), "passes: has no journal; give it an Example"),
        ],
    )
    def test_bad_ones_are_told(self, given, told):
        with pytest.raises(AssertionError, match=f"ACME1 has-an-owner\n(.*\n)?  {told}"):
            testing.check_rule_examples(given)


@okr.governance_rule("ACME2", where=lambda rows, context, _: len(rows) > 1)
def counts_the_others(goal: okr.Objective) -> Iterator[str]:
    """A goal stands alone."""
    yield "has company"


class TestRuleAgrees:
    """S16: what a rule says of a value does not depend on what else there is."""

    def test_a_rule_that_looks_at_other_rows_is_told(self):
        more = okr.Portfolio.of(*TWO, okr.Objective(id="rest", title="Rest", cycle="2026"))
        context = okr.governance.Context(portfolio=more, as_of="2026-03-31")
        with pytest.raises(AssertionError, match=r"ACME2 counts-the-others finds .* grow: has company"):
            testing.check_rule_agrees(counts_the_others, context)
        alone = okr.governance.Context(portfolio=okr.Portfolio.of(*TWO), as_of="2026-03-31")
        testing.check_rule_agrees(counts_the_others, alone)

    def test_its_examples_tell_it(self):
        two = 'objectives: [{id: a, title: A, cycle: "2026"}, {id: b, title: B, cycle: "2026"}]'
        given = attrs.evolve(counts_the_others, passes=Example(ALONE), fails=Example(two))
        with pytest.raises(AssertionError, match=r"fails: .* one thing in all rows and another"):
            testing.check_rule_examples(given)


TWO = (okr.Cycle.year(2026), okr.Objective(id="grow", title="Grow", cycle="2026"))
TABLE = okr.PriorityTable(
    columns=[okr.priorities.Column(name="kpi.zone", values=["healthy", "breached"])],
    rules=[okr.PriorityRule(id="P1", when={"kpi.zone": "healthy"}, then=okr.Outcome(winner="objective"))],
    default=okr.Outcome(winner="kpi"),
)


class TestTables:
    def test_a_table_that_is_not_proved_says_why(self):
        twice = attrs.evolve(TABLE, rules=[*TABLE.rules, attrs.evolve(TABLE.rules[0], id="P2")])
        with pytest.raises(AssertionError, match="P1 and P2 both match"):
            testing.assert_proved(twice)
        with pytest.raises(AssertionError, match="there is no priority table"):
            testing.assert_proved(None)

    def test_cases(self):
        good = [({"kpi.zone": "healthy"}, "objective"), ({"kpi.zone": "breached"}, "kpi"), ({}, None)]
        testing.assert_rules(TABLE, good)
        bad = [(inputs, "kpi" if winner != "kpi" else None) for inputs, winner in good]
        with pytest.raises(AssertionError, match="3 cases are ruled otherwise") as caught:
            testing.assert_rules(TABLE, bad)
        assert "  {'kpi.zone': 'healthy'}: objective by rule P1, not kpi" in str(caught.value)


class TestBuilders:
    @given(
        st.lists(st.none() | st.floats(0, 9), max_size=30),
        st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
        st.sampled_from(["weekly", "monthly", "yearly", "daily", "FREQ=MONTHLY;BYDAY=1MO"]),
    )
    def test_a_series_has_a_value_a_period(self, values, start, cadence):
        """S3.2: the k-th value belongs to the k-th period of the cadence."""
        found = testing.series("arr", values, start, cadence, unit="EUR")
        assert [one.value for one in found] == [value for value in values if value is not None]
        assert {(one.measure, one.unit) for one in found} <= {("arr", "EUR")}
        until = add_months(start, 12 * 40)
        starts = [period.start for period in okr.Cadence(cadence).periods(start, until)]
        assert [one.at for one in found] == [
            day for day, value in zip(starts, values, strict=False) if value is not None
        ]

    def test_a_portfolio_of_a_text(self):
        assert testing.portfolio_of(ALONE).objectives[0].cycle == "2026"


def run(script):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class TestImports:
    def test_types_are_known_once_both_are_imported_in_either_order(self):
        asked = "import okrcore as okr; hypothesis.strategies.from_type(okr.Cycle).example()"
        quiet = "import warnings; warnings.simplefilter('ignore')"
        hook = "from okrcore.surfaces.hypothesis_plugin import register"
        run(f"{quiet}; import okrcore.testing; import hypothesis; {hook}; register(); {asked}")
        run(f"{quiet}; import hypothesis, okrcore.testing; {asked}")

    def test_neither_imports_the_other(self):
        run("""
            import okrcore.testing, sys
            okrcore.testing.one
            assert "hypothesis" not in sys.modules
            """)
        run("""
            import hypothesis, sys
            from okrcore.surfaces.hypothesis_plugin import register
            register()
            assert not {name for name in sys.modules if name.startswith("okrcore.")} - {
                "okrcore._lazy", "okrcore.surfaces", "okrcore.surfaces.hypothesis_plugin"}
            assert "numpy" not in sys.modules
            """)

    def test_without_hypothesis_the_assertions_work_and_the_strategies_say_what_to_install(self):
        run("""
            import sys
            class Blocked:
                def find_spec(self, name, path=None, target=None):
                    if name.partition(".")[0] == "hypothesis":
                        raise ImportError(name)
            sys.meta_path.insert(0, Blocked())
            import okrcore as okr
            okr.testing.check_rule_examples(okr.STANDARD.rule("OKR101"))
            try:
                okr.testing.kpis
            except okr.MissingExtraError as error:
                assert "okrcore[testing]" in str(error)
            else:
                raise AssertionError
            """)

    def test_it_is_an_attribute_of_the_library(self):
        assert okr.testing is testing
        assert "kpis" in dir(testing)
        with pytest.raises(AttributeError, match="no_such"):
            getattr(testing, "no_such_" + "thing")

    def test_the_hook_that_hypothesis_calls_is_declared(self):
        import tomllib

        project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
        declared = project["project"]["entry-points"]["hypothesis"]["okrcore"]
        assert declared == f"{register.__module__}:{register.__name__}"
