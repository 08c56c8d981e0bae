"""The pytest plugin: one test a rule and subject, waivers, selection, workers, and what it imports."""

import datetime as dt
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import _okrcore_pytest
import okrcore as okr
from okrcore.adapters import journal_input
from okrcore.surfaces.cli import fact_commands as facts
from okrcore.surfaces.pytest import by_subject
from okrcore.surfaces.pytest import items as pytest_items
from okrcore.surfaces.pytest.options import read_ignores
from tests.support import strategies as made
from tests.support.paths import ROOT

DOCUMENT = """
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - {id: growth, title: Grow, cycle: "2026"}
  - id: fine
    title: Fine
    cycle: "2026"
    key_results:
      - {id: arr, title: ARR, unit: EUR, measure: {target: {start: 100, goal: 200}}}
"""
BEFORE = [facts, journal_input, okr.loads(DOCUMENT)]
"""Imported before pytester looks: what a run imports it forgets, and some modules load only once."""

ADDOPTS = "-p no:okrcore -p _okrcore_pytest -p no:cacheprovider"
"""The plugin of these sources, whatever is installed."""


@pytest.fixture
def host(pytester):
    """A host project with one document and one test of its own."""
    pytester.path.joinpath("acme.okr.yaml").write_text(DOCUMENT, encoding="utf-8")
    pytester.makepyfile(test_own="def test_own(): pass")
    return pytester


def today():
    return dt.datetime.now().astimezone().date()


def ini(host, *lines):
    host.makeini("\n".join(["[pytest]", *lines]))


def run(host, *args, select="OKR101", files=("acme.okr.yaml",), process=False):
    given = [part for file in files for part in ("--okr", file)]
    given += ["--okr-select", select] if select else []
    start = host.runpytest_subprocess if process else host.runpytest_inprocess
    return start(*ADDOPTS.split(), *given, "--okr-as-of", "2026-06-30", *args)


def text(result):
    return result.stdout.str()


class TestItems:
    @pytest.mark.parametrize("folder", ["", "okrs", ".okrs"])
    def test_documents_join_what_the_host_has_wherever_they_lie(self, host, folder):
        """Where pytest walks they are not named again: beside its folder pytest 8 runs a named file alone."""
        place = host.path / folder
        place.mkdir(exist_ok=True)
        (host.path / "acme.okr.yaml").rename(place / "acme.okr.yaml")
        named = f"{folder}/acme.okr.yaml" if folder else "acme.okr.yaml"
        (host.path / "own").mkdir()
        (host.path / "test_own.py").rename(host.path / "own" / "test_own.py")
        told = run(host, "--collect-only", "-q", *(["own"] if folder == ".okrs" else []), files=(named,))
        assert f"{named}::OKR101::growth" in told.outlines
        assert "own/test_own.py::test_own" in told.outlines

    def test_one_a_rule_and_subject(self, host):
        result = run(host, "--collect-only", "-q")
        assert result.outlines[:3] == [
            "acme.okr.yaml::OKR101::growth",
            "acme.okr.yaml::OKR101::fine",
            "test_own.py::test_own",
        ]

    def test_what_fails_says_where_what_and_how_to_mend_it(self, host):
        result = run(host)
        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(
            [
                "okrcore: acme.okr.yaml as of 2026-06-30",
                "acme.okr.yaml:5:10: OKR101 error: growth: has no key result, and nothing contributes to it",
                "  objective-rests-on-something: An objective has a key result*",
                "  fix: add a key result*",
                "FAILED acme.okr.yaml::OKR101::growth - growth: has no key result*",
            ]
        )
        assert "Traceback" not in text(result)
        assert "runtest" not in text(result)

    def test_findings_bring_their_numbers(self, host):
        results = "".join(
            f'      - {{id: k{n}, title: "{n}", unit: EUR, measure: {{target: {{start: 1, goal: 2}}}}}}\n'
            for n in range(6)
        )
        host.path.joinpath("acme.okr.yaml").write_text(DOCUMENT + results, encoding="utf-8")
        run(host, select="OKR102").stdout.fnmatch_lines(["  evidence: count 7, most 5"])

    def test_a_test_runs_by_its_id(self, host):
        run(host, "acme.okr.yaml::OKR101::fine").assert_outcomes(passed=1)
        run(host, "acme.okr.yaml::OKR101").assert_outcomes(passed=1, failed=1)

    @pytest.mark.parametrize("keyword", ["growth", "OKR101 and growth", "objective-rests and not fine"])
    def test_keywords(self, host, keyword):
        run(host, "-k", keyword).assert_outcomes(failed=1, deselected=2)

    def test_the_first_failure_ends_it(self, host):
        result = run(host, "-x")
        result.assert_outcomes(failed=1)

    @given(st.text(min_size=1))
    def test_names_are_ascii_one_part_and_differ(self, subject):
        name = pytest_items.escaped(subject)
        assert name.isascii()
        assert "::" not in name
        assert name != pytest_items.escaped(subject + "x")
        assert name.replace(r"\x3a\x3a", "::").encode().decode("unicode_escape") == subject

    def test_unusual_ids(self, host):
        odd = DOCUMENT.replace("id: growth", 'id: "größe::a [1] / 2"')
        host.path.joinpath("acme.okr.yaml").write_text(odd, encoding="utf-8")
        name = r"acme.okr.yaml::OKR101::gr\xf6\xdfe\x3a\x3aa [1] / 2"
        assert name in run(host, "--collect-only", "-q").outlines
        run(host, name).assert_outcomes(failed=1)
        run(host, "-k", "größe").assert_outcomes(failed=1, deselected=2)

    def test_other_files_and_paths_are_collected_as_ever(self, host):
        run(host, "test_own.py").assert_outcomes(passed=2, failed=1)
        run(host, files=(), select="").assert_outcomes(passed=1)

    def test_documents_of_a_folder_are_one_portfolio(self, host):
        folder = host.mkdir("okrs")
        folder.joinpath("a.okr.yaml").write_text(DOCUMENT, encoding="utf-8")
        more = 'okrcore: 1\nobjectives: [{id: more, title: More, cycle: "2026", contributes_to: [growth]}]\n'
        folder.joinpath("b.okr.yaml").write_text(more, encoding="utf-8")
        folder.joinpath("package.json").write_text('{"name": "no document"}', encoding="utf-8")
        result = run(host, "--collect-only", "-q", files=("okrs",))
        assert result.outlines[:4] == [
            "okrs/a.okr.yaml::OKR101::growth",
            "okrs/a.okr.yaml::OKR101::fine",
            "okrs/b.okr.yaml::OKR101::more",
            "test_own.py::test_own",
        ]
        run(host, files=("okrs",)).assert_outcomes(passed=3, failed=1)

    def test_a_rule_that_names_another_subject_has_a_test_there(self, host):
        host.makeconftest(OWN)
        result = run(host, "--collect-only", "-q", select="ACME1")
        assert [line.rpartition("::")[2] for line in result.outlines[:2]] == ["portfolio", "arr"]

    def test_one_a_rule(self, host):
        ini(host, "okr_items = rule")
        result = run(host, select="OKR101,OKR102")
        assert "acme.okr.yaml::OKR101 " in text(result)
        assert "growth: has no key result" in text(result)
        result.assert_outcomes(passed=2, failed=1)


OWN = """
import okrcore as okr
from okrcore.governance.rule import fault
from tests.support.paths import ROOT

@okr.governance_rule("ACME1", fix="give it an owner")
def all_is_owned(portfolio: okr.Portfolio):
    '''Key results have owners.'''
    for result in portfolio.key_results:
        yield fault("has no owner", subject=result.id)

@okr.governance_rule("ACME2")
def never_asked(portfolio: okr.Portfolio):
    '''A rule that fails.'''
    raise ValueError("boom")

@okr.governance_rule("ACME3")
def fails_on_one(goal: okr.Objective):
    '''A rule that fails.'''
    if goal.id == "fine":
        raise ValueError("boom")

@okr.governance_rule("ACME4", where=lambda rows, context, settings: 1 / 0)
def fails_before(goal: okr.Objective):
    '''A rule that fails.'''
    yield "never"

@okr.governance_rule("ACME5", severity="info")
def short_title(goal: okr.Objective):
    '''Titles are long.'''
    yield f"has a title of {len(goal.title)} letters"

@okr.governance_rule("ACME6", needs="journal")
def answered(goal: okr.Objective, context: okr.governance.Context):
    '''Somebody answers.'''
    if not context.journal.entries(goal.id):
        yield "was never answered"

def pytest_okr_policy(config):
    return okr.Policy(rules=[all_is_owned, never_asked, fails_on_one, fails_before, short_title, answered])
"""


class TestOwnPolicy:
    def test_a_crash_is_an_error_that_names_rule_and_subject(self, host):
        host.makeconftest(OWN)
        result = run(host, select="ACME2")
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["rule ACME2 failed on 'portfolio': ValueError: boom*"])

    def test_only_the_subject_it_fails_on(self, host):
        host.makeconftest(OWN)
        result = run(host, select="ACME3")
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(["ERROR acme.okr.yaml::ACME3::fine*"])

    def test_before_any_subject(self, host):
        host.makeconftest(OWN)
        result = run(host, select="ACME4")
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["rule ACME4 failed on all that it sees: ZeroDivisionError*"])

    def test_below_the_level_it_passes_and_shows_up_where_asked(self, host):
        host.makeconftest(OWN)
        result = run(host, "-rP", select="ACME5")
        result.assert_outcomes(passed=3)
        result.stdout.fnmatch_lines(["*ACME5 info: growth: has a title of 4 letters"])
        ini(host, "okr_fail_on = info")
        run(host, select="ACME5").assert_outcomes(passed=1, failed=2)

    def test_a_rule_without_its_inputs_is_skipped_with_the_reason(self, host):
        host.makeconftest(OWN)
        result = run(host, "-rs", select="ACME6")
        result.assert_outcomes(passed=1, skipped=1)
        result.stdout.fnmatch_lines(["SKIPPED*ACME6 was not asked without a journal"])

    def test_with_them_it_is_asked(self, host):
        host.makeconftest(OWN)
        row = "kind,subject,by,at\ncheck-in,growth,ceo,2026-03-02\n"
        host.path.joinpath("journal.csv").write_text(row, encoding="utf-8")
        result = run(host, "--okr-journal", "journal.csv", select="ACME6")
        result.assert_outcomes(passed=2, failed=1)


class TestConfiguration:
    """What pytest is not told is read from [tool.okrcore], as `okrcore check` does."""

    def write(self, host, *lines):
        host.path.joinpath("pyproject.toml").write_text("\n".join(["[tool.okrcore]", *lines]), "utf-8")

    def test_rules_are_set_and_waived_there(self, host):
        self.write(
            host,
            'select = ["OKR101", "OKR102"]',
            'ignore = [{code = "OKR101", subject = "growth", reason = "the team starts in April"}]',
            "[tool.okrcore.rules.OKR102]",
            "most = 0",
        )
        result = run(host, "-rx", select=None)
        result.assert_outcomes(passed=3, failed=1, xfailed=1)
        result.stdout.fnmatch_lines(["*acme.okr.yaml::OKR101::growth*the team starts in April*"])

    def test_what_pytest_is_told_goes_before(self, host):
        self.write(host, 'policy = "strict"', 'select = ["OKR102"]')
        run(host, select="OKR101").assert_outcomes(passed=2, failed=1)
        run(host, select="OKR221").assert_outcomes(passed=2)
        assert "no rule has code 'OKR221'" in text(run(host, "--okr-policy", "standard", select="OKR221"))

    def test_facts_are_named_there(self, host):
        rows = "measure,at,value\narr,2026-06-01,130\n"
        host.path.joinpath("facts.csv").write_text(rows, encoding="utf-8")
        self.write(host, 'history = ["facts.csv"]')
        run(host, select="OKR401").assert_outcomes(passed=2)

    def test_no_code_is_imported_for_it(self, host):
        self.write(host, 'policy = "acme:POLICY"')
        host.path.joinpath("acme.py").write_text("raise SystemExit", encoding="utf-8")
        result = run(host)
        result.assert_outcomes(errors=1)
        assert "would import code" in text(result)


class TestWaivers:
    def test_what_is_waived_is_expected_to_fail(self, host):
        ini(host, "okr_ignore =", "    OKR101 growth: the team starts in April")
        result = run(host, "-rx")
        result.assert_outcomes(passed=2, xfailed=1)
        result.stdout.fnmatch_lines(["XFAIL acme.okr.yaml::OKR101::growth - the team starts in April"])

    @pytest.mark.parametrize(("until", "outcome"), [("2026-06-30", "xfailed"), ("2026-06-29", "failed")])
    def test_it_ends_with_its_last_day(self, host, until, outcome):
        ini(host, "okr_ignore =", f"    OKR101 until {until}: the team starts in July")
        result = run(host)
        result.assert_outcomes(passed=2, **{outcome: 1})
        told = f"  the waiver expired on {until}: the team starts in July" in result.outlines
        assert told is (outcome == "failed")

    @pytest.mark.parametrize("subject", ["fine", "gone", "arr"])
    def test_one_that_covers_nothing_fails(self, host, subject):
        ini(host, "okr_ignore =", f"    OKR1 {subject}: accepted once", "    OKR101 growth: so")
        result = run(host)
        assert result.parseoutcomes()["failed"] == 1
        result.stdout.fnmatch_lines(
            [f"*OKR101*{subject}*", "[[]XPASS(strict)[]] accepted once (covers nothing any more; remove*"]
        )

    def test_those_of_documents_hold_beside_what_they_are_about(self, host):
        file = host.path.joinpath("acme.okr.yaml")
        said = "# okr: ignore OKR101 until 2026-06-30, because so"
        file.write_text(DOCUMENT.replace("- {id: growth", f"{said}\n  - {{id: growth"), encoding="utf-8")
        result = run(host, "-rx")
        result.assert_outcomes(passed=2, xfailed=1)
        result.stdout.fnmatch_lines(["XFAIL acme.okr.yaml::OKR101::growth - so"])
        file.write_text(file.read_text("utf-8").replace("06-30", "06-29"), encoding="utf-8")
        run(host).stdout.fnmatch_lines(["  the waiver at *acme.okr.yaml:5:3 expired on 2026-06-29: so"])
        file.write_text(DOCUMENT.replace("id: fine", f"id: fine {said}"), encoding="utf-8")
        run(host).stdout.fnmatch_lines(["*XPASS(strict)* so (covers nothing*remove the ignore at *:6:14)*"])
        file.write_text(DOCUMENT.replace("id: fine", "id: fine # okr: ignore"), encoding="utf-8")
        run(host).stdout.fnmatch_lines(["*acme.okr.yaml:6:14: this waiver names no code;*"])

    def test_where_a_rule_is_one_test_it_fails_as_well(self, host):
        ini(host, "okr_items = rule", "okr_ignore =", "    OKR101 fine: once", "    OKR101 growth: so")
        run(host).stdout.fnmatch_lines(["[[]XPASS(strict)[]] once (covers nothing*"])
        ini(host, "okr_items = rule", "okr_ignore =", "    OKR101 growth: so")
        run(host).assert_outcomes(passed=1, xfailed=1)

    @given(
        st.from_regex(r"OKR[0-9]{0,3}", fullmatch=True),
        st.none() | st.sampled_from(["growth", "opposed:a|b", "north star", "a->b"]),
        st.none() | st.dates(dt.date(1600, 1, 1), dt.date(2400, 12, 31)),
        st.sampled_from(["because", "see: the minutes", "until 2027-01-01: or later"]),
    )
    def test_lines_mean_what_they_say(self, code, subject, until, reason):
        line = (
            code + (f" {subject}" if subject else "") + (f" until {until}" if until else "") + f": {reason}"
        )
        [one] = read_ignores([line])
        assert (one.code, one.subject, one.until, one.reason) == (code, subject, until, reason)

    def test_all_lines_that_mean_nothing_are_told(self):
        with pytest.raises(okr.DefinitionError) as caught:
            read_ignores(["OKR101", "OKR101 until soon: so", "OKR101 growth: so"])
        assert len(caught.value.problems) == 2


class TestLaws:
    @given(st.data())
    def test_verdicts_are_what_the_check_says(self, data):
        """S16: what is reported, waived, expired and unused is the same as that of `check_in_full`."""
        portfolio = data.draw(made.portfolios())
        day = dt.date(2026, 2, 20)
        ids = sorted(value.id for value in portfolio)
        ignore = data.draw(
            st.lists(
                st.builds(
                    okr.governance.Ignore,
                    code=st.sampled_from(["OKR", "OKR1", "OKR101", "OKR102"]),
                    reason=st.sampled_from(["a", "b"]),
                    until=st.sampled_from([None, day, dt.date(2026, 1, 1)]),
                    subject=st.sampled_from([None, *ids]),
                ),
                max_size=4,
                unique=True,
            )
        )
        policy = okr.STRICT.with_ignored(*ignore)
        context = okr.governance.Context(portfolio=portfolio, as_of=day)
        told = by_subject.verdicts(context, policy, policy.selected(None), policy.ignore)
        full = okr.governance.check_in_full(portfolio, as_of=day, policy=policy)

        def every(name):
            return {one for verdict in told for one in getattr(verdict, name)}

        assert every("findings") == set(full.findings)
        assert every("waived") == {one.finding for one in full.ignored}
        assert every("expired") == set(full.expired)
        assert every("unused") == {one for one in full.unused if one.subject is not None}
        assert {one.skipped for one in told if one.skipped} == set(map(str, full.skipped))
        names = [(one.rule.code, one.subject) for one in told]
        assert len(set(names)) == len(names)


class TestRefused:
    def test_a_bad_document_is_an_error_with_every_place(self, host):
        bad = DOCUMENT.replace("id: fine", "id: fine\n    colour: red").replace("title: Grow", "titel: Grow")
        host.path.joinpath("acme.okr.yaml").write_text(bad, encoding="utf-8")
        result = run(host)
        result.assert_outcomes(errors=1)
        for line in (5, 7):
            result.stdout.re_match_lines([rf"acme\.okr\.yaml:{line}:\d+: "])

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (["--okr-select", "OKR9"], "*select: no rule has code 'OKR9'*"),
            (["--okr-as-of", "soon"], "*as_of 'soon' is no date*"),
            (["--okr-history", "none.csv"], "*none.csv*"),
        ],
    )
    def test_what_cannot_be_asked(self, host, args, told):
        result = run(host, *args)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([told])

    @pytest.mark.parametrize("line", ["okr_items = many", "okr_fail_on = never"])
    def test_unknown_words(self, host, line):
        ini(host, line)
        result = run(host)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*give *"])

    def test_fixtures_of_a_bad_document_say_what_is_bad(self, host):
        ini(host, "okr_files = acme.okr.yaml")
        host.path.joinpath("acme.okr.yaml").write_text("okrcore: 1\ngoals: 7\n", encoding="utf-8")
        host.makepyfile(test_own="def test_own(okr_portfolio): pass")
        result = host.runpytest_inprocess(*ADDOPTS.split(), "test_own.py")
        result.assert_outcomes(errors=1)
        result.stdout.re_match_lines([r"acme\.okr\.yaml:2:1: goals: key 'goals' is unknown"])
        assert "another exception" not in text(result)

    def test_there_are_no_fixtures_without_a_document(self, host):
        host.makepyfile(test_own="def test_own(okr_portfolio): pass")
        result = run(host, files=(), select="")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*fixture 'okr_portfolio' not found*"])


class TestFixtures:
    def test_they_hold_what_is_named(self, host):
        host.path.joinpath("a.csv").write_text("measure,at,value\narr,2026-06-30,150\n", encoding="utf-8")
        host.makepyfile(
            test_own="""
            import datetime as dt
            def test_own(okr_portfolio, okr_history, okr_journal, okr_as_of, okr_snapshot):
                assert len(okr_portfolio.objectives) == 2
                assert (len(okr_history), len(okr_journal)) == (1, 0)
                assert okr_as_of == dt.date(2026, 6, 30)
                assert okr_snapshot.key_result("arr").progress == 0.5
            """
        )
        run(host, "--okr-history", "a.csv", "-k", "test_own").assert_outcomes(passed=1, deselected=2)


class TestIni:
    def test_everything_can_be_written_down(self, host):
        ini(host, "okr_files = acme.okr.yaml", "okr_select = OKR101 OKR102", "okr_as_of = 2026-05-31")
        result = host.runpytest_inprocess(*ADDOPTS.split())
        result.assert_outcomes(passed=4, failed=1)
        result.stdout.fnmatch_lines(["okrcore: acme.okr.yaml as of 2026-05-31"])

    def test_paths_on_the_command_line_go_before(self, host):
        ini(host, "okr_files = acme.okr.yaml", "okr_select = OKR101")
        host.runpytest_inprocess(*ADDOPTS.split(), "test_own.py").assert_outcomes(passed=1)
        host.runpytest_inprocess(*ADDOPTS.split(), ".").assert_outcomes(passed=2, failed=1)

    def test_paths_are_relative_to_the_ini_file(self, host, monkeypatch):
        ini(host, "okr_files = acme.okr.yaml", "okr_select = OKR101")
        monkeypatch.chdir(host.mkdir("below"))
        host.runpytest_inprocess(*ADDOPTS.split()).assert_outcomes(passed=1, failed=1)

    def test_the_day_is_today_unless_it_is_named(self, host):
        ini(host, "okr_files = acme.okr.yaml")
        before = today()
        result = host.runpytest_inprocess(*ADDOPTS.split(), "--collect-only")
        days = {before, today()}
        assert {f"okrcore: acme.okr.yaml as of {day} (today)" for day in days} & set(result.outlines)


class TestOthers:
    def test_workers_agree(self, host):
        pytest.importorskip("xdist")
        result = run(host, "-n", "2", "--junitxml=found.xml", select="OKR101,OKR102", process=True)
        assert result.parseoutcomes()["failed"] == 1
        result.stdout.fnmatch_lines(["FAILED acme.okr.yaml::OKR101::growth - growth: has no key result*"])
        cases = {
            (case.get("classname"), case.get("name")): case
            for case in ET.parse(host.path / "found.xml").iter("testcase")
        }
        failure = cases["acme.okr.yaml.OKR101", "growth"].find("failure")
        assert "acme.okr.yaml:5:10: OKR101 error" in failure.text
        assert "has no key result" in failure.get("message")
        assert ("acme.okr.yaml.OKR101", "fine") in cases

    def test_the_last_failures_run_again(self, host):
        args = ["-p", "no:okrcore", "-p", "_okrcore_pytest", "--okr", "acme.okr.yaml"]
        args += ["--okr-select", "OKR101"]
        host.runpytest_inprocess(*args).assert_outcomes(passed=2, failed=1)
        host.runpytest_inprocess(*args, "--lf").assert_outcomes(failed=1)


def loaded(*args, cwd):
    """Return the modules that a run of pytest has imported at its end."""
    report = "import sys\ndef pytest_unconfigure(config):\n    print('MODULES', *sys.modules)\n"
    (cwd / "conftest.py").write_text(report, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-s", *args]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("MODULES")]
    return set(line.split())


def test_a_host_that_does_not_use_it_imports_nothing_of_it(host):
    plain = ["-p", "no:cacheprovider", "-p", "no:okrcore", "-p", "no:hypothesispytest"]
    added = loaded(*ADDOPTS.split(), "-p", "no:hypothesispytest", cwd=host.path) - loaded(
        *plain, cwd=host.path
    )
    assert added == {"_okrcore_pytest"}


def test_ini_files_that_a_run_does_not_collect_are_not_read(host):
    ini(host, "okr_files = acme.okr.yaml")
    found = loaded(*ADDOPTS.split(), "-p", "no:hypothesispytest", "test_own.py", cwd=host.path)
    assert not {"numpy", "attr", "yaml", "pint"} & found
    assert "okrcore.surfaces.pytest.items" not in found


def test_the_entry_point_names_the_plugin():
    import tomllib

    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {"okrcore": _okrcore_pytest.__name__}


class TestDeclared:
    """Rules about amendments, of a ledger and of documents against older ones."""

    RULES = "OKR515"

    @pytest.fixture
    def kept(self, host):
        eased = DOCUMENT.replace("goal: 200", "goal: 120")
        host.path.joinpath("old.yaml").write_text(DOCUMENT, encoding="utf-8")
        host.path.joinpath("acme.okr.yaml").write_text(eased, encoding="utf-8")
        with okr.Ledger.open(host.path / "kept.ledger") as ledger:
            ledger.declare(okr.loads(DOCUMENT), at="2026-01-01")
            ledger.declare(okr.loads(eased), at="2026-05-04")
        return host

    def test_a_ledger_is_a_document(self, kept):
        result = run(kept, select=self.RULES, files=("kept.ledger",))
        result.stdout.fnmatch_lines(["*kept.ledger::OKR515::arr*"])

    def test_against_older_documents(self, kept):
        result = run(kept, "--okr-against", "old.yaml", select=self.RULES)
        result.stdout.fnmatch_lines(["*acme.okr.yaml::OKR515::arr*"])
        assert "SKIPPED" in text(run(kept, "-rs", select=self.RULES))
