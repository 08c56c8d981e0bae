"""The check and what it is made of: rules, policies, ignores; laws first."""

import copy
import datetime as dt
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.codes import family_of, names
from okrcore.governance.checking import missing, run_rule
from okrcore.governance.rule import fault
from okrcore.governance.rules import FAMILIES, RULES
from okrcore.surfaces.stories import story
from okrcore.testing import check_rule_agrees
from tests.support import strategies as made

YEAR = okr.Cycle.year(2026)
GROW = okr.Objective(id="grow", title="Grow", cycle="2026", owner="ceo")
PORTFOLIO = okr.Portfolio.of(
    YEAR, okr.Owner(id="ceo", kind="role"), GROW, okr.Objective(id="rest", title="Rest", cycle="2026")
)
DAY = "2026-03-31"


@okr.governance_rule("ACME1", fix="name an owner")
def objective_has_an_owner(goal: okr.Objective) -> Iterator[str]:
    """An objective has an owner.

    Nobody answers for it otherwise.
    """
    if goal.owner is None:
        yield "has no owner"


@okr.governance_rule("ACME2", severity="info")
def titles_are_long(
    goal: okr.Objective, context: okr.governance.Context, *, least: int = 10
) -> Iterator[okr.Finding]:
    """A title says what is meant."""
    assert context.portfolio is PORTFOLIO
    if len(goal.title) < least:
        yield fault(f"has a title of {len(goal.title)} letters", letters=len(goal.title), least=least)


@okr.governance_rule("ACME3", needs="journal")
def somebody_checks_in(state: okr.KeyResultState, context: okr.governance.Context) -> Iterator[str]:
    """Somebody checks in on every key result."""
    if context.journal is not None and not context.journal.entries(state.goal.id, "check-in"):
        yield "was never checked in on"


OWN = okr.Policy(rules=[objective_has_an_owner, titles_are_long, somebody_checks_in])


def told(findings):
    return [(one.code, one.subject) for one in findings]


class TestLaws:
    @given(st.data())
    def test_one_row_alone_and_all_rows_agree(self, data):
        """S16: a rule says of a value what it says of it among all others."""
        portfolio = data.draw(okr.testing.portfolios())
        context = okr.governance.Context(
            portfolio=portfolio,
            as_of=data.draw(st.dates(dt.date(2025, 11, 1), dt.date(2027, 2, 1))),
            history=data.draw(okr.testing.histories(portfolio)),
            journal=data.draw(okr.testing.journals(portfolio)),
        )
        for rule in RULES:
            check_rule_agrees(rule, context)

    @given(st.data())
    def test_same_inputs_same_findings(self, data):
        """S0.5: in order of code and subject, whatever the order of declaration."""
        portfolio = data.draw(made.portfolios())
        turned = okr.Portfolio.of(*data.draw(st.permutations(tuple(portfolio))))
        history = data.draw(made.histories(portfolio))
        found = okr.check(portfolio, history, as_of="2026-02-20", journal=okr.Journal.of())
        assert told(found) == sorted(told(found))
        assert set(found) == set(okr.check(turned, history, as_of="2026-02-20", journal=okr.Journal.of()))

    @given(st.data())
    def test_what_is_ignored_and_what_is_reported_are_all(self, data):
        """S16: an ignore hides what it covers and nothing else."""
        portfolio = data.draw(made.portfolios())
        every = okr.check(portfolio, as_of="2026-02-20")
        codes = sorted({one.code for one in every}) or ["OKR101"]
        code = data.draw(st.sampled_from(codes))
        result = okr.governance.check_in_full(
            portfolio, as_of="2026-02-20", ignore=[{"code": code, "reason": "accepted for the test"}]
        )
        hidden = [one.finding for one in result.ignored]
        assert sorted([*result.findings, *hidden], key=str) == sorted(every, key=str)
        assert {one.code for one in hidden} <= {code}
        assert code not in {one.code for one in result.findings}

    @given(st.data())
    def test_selecting_is_leaving_out(self, data):
        portfolio = data.draw(made.portfolios())
        family = data.draw(st.sampled_from(sorted({family_of(rule.code) for rule in RULES})))
        every = okr.check(portfolio, as_of="2026-02-20")
        some = okr.check(portfolio, as_of="2026-02-20", select=[family])
        assert some == tuple(one for one in every if one.code.startswith(family))


FOUND = st.builds(
    lambda letters, number: f"{letters}{number}", st.sampled_from(["OKR", "ACME"]), st.integers(1, 99999)
)


class TestCodes:
    """A23: a code selects itself, or a family by its prefix, never a longer code."""

    @given(FOUND, FOUND)
    def test_a_code_that_is_known_names_itself_alone(self, given, code):
        assert names(given, code, {given, code}) == (given == code)

    @given(FOUND)
    def test_a_family_is_named_by_all_but_two_figures_or_by_letters(self, code):
        letters = code.rstrip("0123456789")
        beginnings = {code[:end] for end in range(1, len(code) + 1)}
        assert {one for one in beginnings if names(one, code)} == {code, family_of(code), letters}

    def test_everywhere(self):
        """Selecting, ignoring, leaving out and setting ACME1 say nothing of ACME10 and ACME101."""

        @okr.governance_rule("ACME1")
        def first(goal: okr.Objective):
            """Never."""
            yield "found"

        rules = [attrs.evolve(first, code=code) for code in ("ACME1", "ACME10", "ACME101")]
        policy = okr.Policy(rules=rules)
        everything = okr.check(PORTFOLIO, as_of=DAY, policy=policy)
        assert {found.code for found in everything} == {"ACME1", "ACME10", "ACME101"}
        some = okr.check(PORTFOLIO, as_of=DAY, policy=policy, select=["ACME1"])
        assert {found.code for found in some} == {"ACME1"}
        rest = {"ACME10", "ACME101"}
        ignored = okr.check(PORTFOLIO, as_of=DAY, policy=policy, ignore=[{"code": "ACME1", "reason": "x"}])
        assert {found.code for found in ignored} == rest
        assert {rule.code for rule in policy.without("ACME1").rules} == rest
        strict = policy.with_parameters({"ACME1": {"severity": "error"}})
        set_so = {found.code: found.severity for found in okr.check(PORTFOLIO, as_of=DAY, policy=strict)}
        assert set_so == {"ACME1": "error", "ACME10": "warning", "ACME101": "warning"}
        assert {found.code for found in okr.check(PORTFOLIO, as_of=DAY, policy=policy, select="ACME")} == {
            "ACME1", *rest,
        }  # fmt: skip

    @pytest.mark.parametrize("given", ["OKR10", "OK", "O", "", "OKR1011", "okr1"])
    def test_what_is_no_family_is_refused(self, given):
        with pytest.raises(okr.DefinitionError, match="no rule has code"):
            okr.check(PORTFOLIO, as_of=DAY, select=[given])


class TestCopies:
    """A policy goes to a pool of processes and comes back equal."""

    @pytest.mark.parametrize("policy", [okr.STANDARD, okr.STRICT, OWN], ids=["standard", "strict", "own"])
    def test_pickled_and_copied_it_is_equal(self, policy):
        some = policy.rules[0].code
        changed = policy.with_parameters({some: {"severity": "info"}})
        for one in (policy, changed):
            for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one), copy.copy(one)):
                assert again == one
                assert hash(again) == hash(one)
                assert okr.check(PORTFOLIO, as_of=DAY, policy=again) == okr.check(
                    PORTFOLIO, as_of=DAY, policy=one
                )

    def test_a_rule_that_was_changed_comes_back_changed(self):
        louder = attrs.evolve(titles_are_long, severity="error")
        again = pickle.loads(pickle.dumps(louder))
        assert again == louder != titles_are_long

    def test_a_rule_made_in_a_function_says_what_to_do(self):
        @okr.governance_rule("ACME9")
        def local(goal: okr.Objective):
            """Never mind."""

        assert copy.deepcopy(local) is local
        with pytest.raises(pickle.PicklingError, match=r"ACME9 .* a name of its module .*; define it"):
            pickle.dumps(local)

    @pytest.mark.parametrize("rule", [RULES[0], okr.STRICT.rule("OKR310")], ids=lambda rule: rule.code)
    def test_an_example_comes_back_equal(self, rule):
        again = pickle.loads(pickle.dumps(rule.fails))
        assert again == rule.fails
        assert again.observations == rule.fails.observations


class TestRule:
    def test_it_says_of_itself_what_its_function_says(self):
        rule = titles_are_long
        assert (rule.code, rule.severity, rule.name) == ("ACME2", "info", "titles-are-long")
        assert rule.parameters == {"least": 10}
        assert (rule.sees, rule.in_context) == (okr.Objective, True)
        assert objective_has_an_owner.why == "Nobody answers for it otherwise."

    def test_a_state_implies_a_history(self):
        assert somebody_checks_in.needs == {"history", "journal"}

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"code": "acme1"}, "code 'acme1': give capital letters and a number"),
            ({"code": "ACME1", "severity": "bad"}, "severity 'bad': give one of error, warning, info"),
            (
                {"code": "ACME1", "needs": "weather"},
                r"needs \['weather'\]: give 'declarations' or 'history' or 'journal' or 'records'",
            ),
        ],
    )
    def test_what_cannot_be_a_rule_is_refused(self, change, message):
        def silent(goal: okr.Objective):
            """Nothing is said."""

        with pytest.raises(okr.DefinitionError, match=message):
            okr.governance_rule(**change)(silent)

    def test_all_faults_of_a_function_arrive_together(self):
        def wrong(goal: int, more: str, *, least):
            return

        with pytest.raises(okr.DefinitionError) as caught:
            okr.governance_rule("ACME1")(wrong)
        for part in ("no docstring", "sees int", "least has no default", "more is no Context"):
            assert part in str(caught.value)

    def test_an_annotation_that_names_nothing(self):
        def wrong(goal):
            """Said."""

        wrong.__annotations__["goal"] = "Nowhere"
        with pytest.raises(okr.DefinitionError, match="import what they name"):
            okr.governance_rule("ACME1")(wrong)


class TestCrash:
    def test_the_error_names_rule_and_subject(self):
        @okr.governance_rule("ACME9")
        def crashes(goal: okr.Objective):
            """Never mind."""
            raise ValueError("boom")

        with pytest.raises(
            okr.errors.RuleError, match="rule ACME9 failed on 'grow': ValueError: boom"
        ) as caught:
            okr.check(PORTFOLIO, as_of=DAY, policy=okr.Policy(rules=[crashes]))
        assert isinstance(caught.value.__cause__, ValueError)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


class TestPolicy:
    def test_parameters_by_code_beat_those_by_prefix(self):
        policy = OWN.with_parameters({"ACME": {"least": 3, "severity": "error"}, "ACME2": {"least": 5}})
        found = okr.check(PORTFOLIO, as_of=DAY, policy=policy, select=["ACME2"])
        assert [(one.subject, one.severity, dict(one.evidence)["least"]) for one in found] == [
            ("grow", "error", 5),
            ("rest", "error", 5),
        ]

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"ACME7": {}}, "no rule has code 'ACME7'; did you mean ACME"),
            ({"ACME2": {"most": 1}}, "parameter 'most' is unknown; known are least, severity"),
            ({"ACME2": {"least": "3"}}, "least is '3'; give a value such as 10"),
            ({"ACME2": {"least": True}}, "least is True"),
            ({"ACME2": {"severity": "bad"}}, "severity is 'bad'"),
        ],
    )
    def test_what_no_rule_has_is_refused(self, parameters, message):
        with pytest.raises(okr.DefinitionError, match=message):
            OWN.with_parameters(parameters)

    def test_one_code_one_rule(self):
        with pytest.raises(okr.DefinitionError, match="ACME1 is borne by two rules"):
            okr.Policy(rules=[objective_has_an_owner, objective_has_an_owner])
        assert len(OWN.with_rules(objective_has_an_owner).rules) == 3

    def test_without(self):
        policy = OWN.with_parameters({"ACME2": {"least": 3}}).without("ACME2")
        assert [rule.code for rule in policy.rules] == ["ACME1", "ACME3"]
        assert policy.parameters == {}
        with pytest.raises(okr.DefinitionError, match="no rule has code 'ACME2'"):
            policy.without("ACME2")

    def test_with_rules_adds(self):
        assert {rule.code for rule in okr.STANDARD.with_rules(objective_has_an_owner).rules} > {"ACME1"}


BEFORE = {"code": "ACME1", "reason": "the chair is vacant until April", "until": dt.date(2026, 3, 31)}


class TestIgnore:
    def check(self, ignore, day=DAY, **more):
        return okr.governance.check_in_full(
            PORTFOLIO, as_of=day, policy=OWN, ignore=ignore, select=["ACME1"], **more
        )

    def test_it_is_reported_with_its_reason(self):
        result = self.check([BEFORE])
        assert result.findings == ()
        assert [(one.finding.subject, one.ignore.reason) for one in result.ignored] == [
            ("rest", "the chair is vacant until April")
        ]

    def test_it_ends_with_its_last_day(self):
        result = self.check([BEFORE], "2026-04-01")
        assert told(result.findings) == [("ACME1", "rest")]
        assert [one.reason for one in result.expired] == ["the chair is vacant until April"]

    def test_of_another_subject_it_covers_nothing(self):
        result = self.check([{**BEFORE, "subject": "grow"}])
        assert told(result.findings) == [("ACME1", "rest")]
        assert [one.subject for one in result.unused] == ["grow"]

    @pytest.mark.parametrize(
        ("ignore", "message"),
        [
            ({"code": "ACME1"}, "give code and reason"),
            ("ACME1", "give code and reason"),
            ({"code": "ACME1", "reason": ""}, "reason"),
            ({"code": "ACME1", "reason": "so", "until": "soon"}, "give a date"),
            ({"code": "ACME8", "reason": "so"}, "no rule has code 'ACME8'; did you mean ACME"),
        ],
    )
    def test_without_a_reason_nothing_is_ignored(self, ignore, message):
        with pytest.raises(okr.DefinitionError, match=message):
            self.check([ignore])


class TestEmptyIsGiven:
    """A21: what is given counts, also where it is empty."""

    def test_an_empty_journal_is_no_absent_one(self):
        portfolio, history = story("logistics")
        entry = okr.Entry("check-in", portfolio.key_results[0].id, "ceo", DAY)
        snapshot = okr.evaluate(portfolio, history, as_of=DAY, journal=okr.Journal.of([entry]))
        more = {"as_of": DAY, "journal": okr.Journal.of(), "select": ["OKR413"]}
        with_it = okr.check(portfolio, history, snapshot=snapshot, **more)
        assert told(with_it) == told(okr.check(portfolio, history, **more)) == [("OKR413", "portfolio")]

    def test_no_source_asks_whether_a_journal_is_true(self):
        wrong = re.compile(r"(?<!self\.)\b(journal|rates|history|portfolio) or [A-Za-z_]")
        lines = [
            f"{file.relative_to(SOURCE)}:{at}: {line.strip()}"
            for file in sorted(SOURCE.rglob("*.py"))
            for at, line in enumerate(file.read_text("utf-8").splitlines(), 1)
            if ("=" in line and wrong.search(line)) or re.search(r"\w or snapshot\.\w+(,|$)", line)
        ]
        assert lines == []


SOURCE = Path(okr.__file__).parent


class TestSkipped:
    def test_a_rule_without_its_inputs_is_skipped_and_says_so(self):
        result = okr.governance.check_in_full(PORTFOLIO, as_of=DAY, policy=OWN)
        assert [str(one) for one in result.skipped] == ["ACME3 was not asked without a history and a journal"]
        assert result.asked == ("ACME1", "ACME2")

    def test_a_history_on_its_engine_has_no_single_records(self):
        """S8.6: a rule that reads records says so instead of finding nothing."""
        pd = pytest.importorskip("pandas")
        pytest.importorskip("narwhals")
        frame = pd.DataFrame({"measure": ["k"], "at": ["2026-03-01"], "value": [1.0]})
        history = okr.History.of_frame(frame)
        result = okr.governance.check_in_full(PORTFOLIO, history, as_of=DAY, select=["OKR401", "OKR503"])
        assert result.asked == ("OKR401",)
        assert [str(one) for one in result.skipped] == [
            "OKR503 was not asked without a history whose single records are at hand"
        ]
        without = okr.governance.check_in_full(PORTFOLIO, as_of=DAY, select=["OKR503"])
        assert [one.needs for one in without.skipped] == [("history",)]

    def test_with_them_it_is_asked(self):
        portfolio, history = story("logistics")
        policy = okr.Policy(rules=[somebody_checks_in])
        found = okr.check(portfolio, history, as_of=DAY, policy=policy, journal=okr.Journal.of())
        assert {one.subject for one in found} == {result.id for result in portfolio.key_results}

    def test_a_snapshot_lends_its_history(self):
        portfolio, history = story("logistics")
        snapshot = okr.evaluate(portfolio, history, as_of=DAY, journal=okr.Journal.of())
        result = okr.governance.check_in_full(
            portfolio, as_of=DAY, policy=okr.Policy(rules=[somebody_checks_in]), snapshot=snapshot
        )
        assert result.skipped == ()


class TestSelect:
    def test_unknown_codes_are_refused(self):
        with pytest.raises(okr.DefinitionError, match="select: no rule has code 'OKR9'"):
            okr.check(PORTFOLIO, as_of=DAY, select=["OKR9"])

    def test_a_text_is_one_code(self):
        assert told(okr.check(PORTFOLIO, as_of=DAY, policy=OWN, select="ACME1")) == [("ACME1", "rest")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
class TestCatalogue:
    """S16: code, severity, why, fix, an example that passes and one that fails."""

    def test_its_examples_do_what_they_say(self, rule):
        for example, broken in ((rule.passes, False), (rule.fails, True)):
            context = example.context
            assert not missing(rule, context), "the example lacks an input"
            assert bool(run_rule(rule, context)) is broken

    def test_it_is_documented(self, rule):
        assert rule.why
        assert rule.fix
        assert not rule.fix.endswith(".")
        assert rule.summary.endswith(".")
        assert family_of(rule.code) in FAMILIES
        assert rule.code in okr.governance.explain_rule(rule.code)
