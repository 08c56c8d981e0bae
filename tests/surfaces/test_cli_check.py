"""okrcore check and its kin: what is found, where it is shown, in which form, and how the command ends."""

import contextlib
import datetime as dt
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.display import width
from okrcore.documents import dumps, loads
from okrcore.findings import Finding
from okrcore.governance import CheckResult
from okrcore.governance.pages import PAGES
from okrcore.surfaces import configuration
from okrcore.surfaces.baseline import Baseline
from okrcore.surfaces.cli import commands
from okrcore.surfaces.cli.fix import fix
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.reports import Checked
from okrcore.surfaces.reports.github import to_github
from okrcore.surfaces.reports.junit import to_junit
from okrcore.surfaces.reports.sarif import to_sarif
from okrcore.surfaces.reports.text_report import SHOWN, WIDTH, excerpt, to_text
from tests.support import strategies as made
from tests.support.paths import ROOT

SARIF = json.loads(
    Path(__file__).parents[1].joinpath("data").joinpath("sarif-schema-2.1.0.json").read_text("utf-8")
)
DOCUMENT = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
owners: [{id: ceo, kind: role}]
objectives:
  # what the board asked for
  - id: growth
    title: Grow
    owner: ceo
    cycle: "2026"
  - {id: rest, title: Rest, cycle: "2026", owner: ceo}
"""
DAY = "2026-03-31"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.okr.yaml").write_text(DOCUMENT, "utf-8")
    return tmp_path


def run(capsys, *argv):
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def check(capsys, *more, select="OKR101"):
    return run(capsys, "check", "a.okr.yaml", "--as-of", DAY, "--select", select, *more)


@pytest.mark.usefixtures("folder")
class TestText:
    def test_it_shows_the_line_and_what_to_do(self, capsys):
        code, out, err = check(capsys)
        assert (code, err) == (1, "")
        first = out.split("\n\n")[0].splitlines()
        assert first[0] == "a.okr.yaml:6:9: error OKR101 objective-rests-on-something"
        assert first[2:4] == ["  6 |   - id: growth", "    |         ^^^^^^"]
        assert "growth: has no key result" in first[4]
        assert first[5].startswith("  fix: add a key result")
        assert "2 findings (2 errors); 1 rule asked as of 2026-03-31" in out

    def test_nothing_found(self, capsys):
        code, out, _ = check(capsys, select="OKR102")
        assert code == 0
        assert out.startswith("No findings; 1 rule asked")

    def test_many_findings_are_told_once_a_cause(self, capsys):
        more = "".join(f'  - {{id: o{n:02}, title: O, cycle: "2026"}}\n' for n in range(20))
        Path("a.okr.yaml").write_text(DOCUMENT + more, "utf-8")
        lines = check(capsys, select="OKR101,OKR108,OKR118")[1].splitlines()
        at = lines.index("error OKR101 objective-rests-on-something: 22 findings")
        assert lines[at + 1].startswith("  a.okr.yaml:6:9: growth: has no key result")
        assert lines[at + 4] == "  and 19 more; --format json tells each"
        assert lines[at + 5].startswith("  fix: add a key result")
        at = lines.index("What to do, the worst and most frequent first:")
        assert [line.split()[:2] for line in lines[at + 1 : at + 4]] == [
            ["OKR101", "22"], ["OKR108", "20"], ["OKR118", "1"],
        ]  # fmt: skip
        assert "What to do" not in check(capsys, select="OKR108")[1]

    @given(st.lists(st.tuples(st.sampled_from(["A1", "B1"]), st.sampled_from("abc"), st.sampled_from("xy"))))
    def test_every_finding_is_told_or_counted(self, told):
        """Each cause, a rule and its remedy, is told once; what is not shown is counted."""
        findings = [Finding(code=c, severity="error", subject=s, message="m", fix=f) for c, s, f in told]
        text = to_text(checked_of(findings))
        counts = Counter((one.code, one.fix) for one in findings)
        shown = sum(min(count, SHOWN) if count > SHOWN else count for count in counts.values())
        assert len(re.findall(r"^  [abc]: m$", text, re.MULTILINE)) == shown
        more = [int(count) for count in re.findall(r"and ([0-9]+) more", text)]
        assert sum(more) == len(findings) - shown
        assert all(f"error {code}: {n} findings" in text for (code, _), n in counts.items() if n > SHOWN)

    @pytest.mark.parametrize(("least", "code"), [("error", 0), ("warning", 0), ("info", 1), ("never", 0)])
    def test_what_fails_is_said(self, capsys, least, code):
        Path("pyproject.toml").write_text('[tool.okrcore.rules.OKR101]\nseverity = "info"\n', "utf-8")
        assert check(capsys, "--fail-on", least)[0] == code

    def test_documents_that_cannot_be_read_come_with_their_places(self, capsys):
        Path("a.okr.yaml").write_text(DOCUMENT.replace("owner: ceo}", "owner: cfo}"), "utf-8")
        code, out, err = check(capsys)
        assert (code, out) == (2, "")
        assert err.startswith("a.okr.yaml:10:")
        assert "'cfo' is declared nowhere" in err

    def test_unknown_codes_are_told(self, capsys):
        code, _, err = check(capsys, select="OKR1O1")
        assert (code, "did you mean OKR101?" in err) == (2, True)

    def test_a_hostile_title_stays_on_its_line(self, capsys):
        Path("a.okr.yaml").write_text(DOCUMENT.replace("title: Rest", 'title: "a\\u001b[2Jb"'), "utf-8")
        _, out, _ = check(capsys)
        assert "\x1b" not in out


@pytest.mark.usefixtures("folder")
class TestWaiversInDocuments:
    """One that holds, one that has expired, one that covers nothing: told in every form, with its place."""

    HOLDS, EXPIRED, IDLE = (6, 17), (10, 57), (2, 61)
    TEXT = (
        DOCUMENT.replace(
            "id: growth", "id: growth  # okr: ignore OKR101 until 2026-12-31, because May decides"
        )
        .replace('owner: ceo}', 'owner: ceo}  # okr: ignore OKR101 until 2026-03-30, because "so"')
        .replace("12-31}]\n", "12-31}]  # okr: ignore OKR101 until 2026-12-31, because once\n")
    )  # fmt: skip

    @pytest.fixture(autouse=True)
    def document(self, folder):
        (folder / "a.okr.yaml").write_text(self.TEXT, "utf-8")

    def test_text(self, capsys):
        code, out, _ = check(capsys)
        assert code == 1
        assert "growth: has no key result" not in out
        assert "rest: has no key result" in out
        assert out.splitlines()[-3:] == [
            "ignored until 2026-12-31: OKR101 growth: May decides",
            'a.okr.yaml:10:57: expired on 2026-03-30: ignore of OKR101 rest: "so"',
            "a.okr.yaml:2:61: ignores nothing: OKR101 2026: once",
        ]

    @pytest.mark.parametrize(("least", "code"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)])
    def test_one_that_covers_nothing_is_a_warning(self, capsys, least, code):
        text = self.TEXT.replace("until 2026-03-30", "until 2026-03-31")
        Path("a.okr.yaml").write_text(text, "utf-8")
        assert check(capsys, "--fail-on", least)[0] == code

    def test_json(self, capsys):
        held = json.loads(check(capsys, "--format", "json")[1])
        assert [(one["subject"], one["reason"]) for one in held["ignored"]] == [("growth", "May decides")]
        assert [one["location"] for one in held["expired"]] == [["a.okr.yaml", *self.EXPIRED]]
        assert [one["location"] for one in held["unused"]] == [["a.okr.yaml", *self.IDLE]]

    def test_github(self, capsys):
        lines = check(capsys, "--format", "github")[1].splitlines()
        assert [line.partition(",title")[0] for line in lines] == [
            "::error file=a.okr.yaml,line=10,col=10",
            "::warning file=a.okr.yaml,line=10,col=57",
            "::warning file=a.okr.yaml,line=2,col=61",
        ]

    def test_junit(self, capsys):
        suite = ET.fromstring(check(capsys, "--format", "junit")[1]).find("testsuite")
        cases = suite.findall("testcase")
        assert (suite.get("tests"), suite.get("failures"), len(cases)) == ("2", "2", 2)
        told = cases[1].find("failure").text
        assert told == "a.okr.yaml:2:61: ignores nothing: OKR101 2026: once"

    def test_sarif_suppresses_what_is_waived_and_says_where_and_why(self, capsys):
        log = json.loads(check(capsys, "--format", "sarif")[1])
        jsonschema.Draft4Validator(SARIF).validate(log)
        shown, hidden = log["runs"][0]["results"]
        (suppression,) = hidden["suppressions"]
        assert "suppressions" not in shown
        assert (suppression["kind"], suppression["status"]) == ("inSource", "accepted")
        assert suppression["justification"] == "May decides (until 2026-12-31)"
        region = suppression["location"]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == self.HOLDS
        notes = log["runs"][0]["invocations"][0]["toolConfigurationNotifications"]
        assert [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in notes] == [10, 2]

    def test_one_that_says_nothing_stops_the_check_at_its_place(self, capsys):
        text = self.TEXT.replace("2026-03-30", "2026-02-30")
        Path("a.okr.yaml").write_text(text, "utf-8")
        code, out, err = check(capsys)
        assert (code, out) == (2, "")
        assert err.startswith("a.okr.yaml:10:57: this waiver holds until '2026-02-30', which is no date;")

    def test_a_code_that_no_rule_has_is_told_at_its_place(self, capsys):
        Path("a.okr.yaml").write_text(self.TEXT.replace("OKR101 until 2026-03-30", "OKR999 until 2026-03-30"))
        code, _, err = check(capsys)
        assert (code, err.partition(";")[0]) == (2, "a.okr.yaml:10:57: no rule has code 'OKR999'")

    def test_they_hold_where_documents_are_compared_with_older_ones(self, capsys):
        for before in (DOCUMENT, DOCUMENT.replace("title: Grow", "title: Grew")):
            Path("old.okr.yaml").write_text(before, "utf-8")
            out = check(capsys, "--against", "old.okr.yaml")[1]
            assert "ignored until 2026-12-31: OKR101 growth: May decides" in out


@pytest.mark.usefixtures("folder")
class TestConfiguration:
    TEXT = """\
[tool.other]
x = 1
[tool.okrcore]
files = ["a.okr.yaml"]
select = ["OKR101"]
ignore = [{code = "OKR101", subject = "rest", reason = "decided in May", until = 2026-05-31}]
"""

    def write(self, text):
        Path("pyproject.toml").write_text(text, "utf-8")

    def test_the_nearest_file_says_what_to_check(self, capsys, monkeypatch, folder):
        self.write(self.TEXT)
        Path("below").mkdir()
        monkeypatch.chdir(folder / "below")
        code, out, _ = run(capsys, "check", "--as-of", DAY)
        assert code == 1
        assert "1 finding (1 error)" in out
        assert "ignored until 2026-05-31: OKR101 rest: decided in May" in out

    def test_what_has_expired_counts_again(self, capsys):
        self.write(self.TEXT)
        _, out, _ = run(capsys, "check", "--as-of", "2026-06-01")
        assert "2 findings" in out
        assert "expired on 2026-05-31: ignore of OKR101 rest: decided in May" in out

    def test_parameters_are_set_by_code(self, capsys):
        self.write("[tool.okrcore.rules.OKR102]\nmost = -1\n")
        _, out, _ = check(capsys, select="OKR102")
        assert "-1 are the most" in out

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[tool.okrcore]\nfile = []\n", "pyproject.toml:2: tool.okrcore.file: key 'file' is unknown"),
            (
                '[tool.okrcore]\nfail_on = "bad"\n',
                "fail_on is 'bad'; give one of error, warning, info, never",
            ),
            ('[tool.okrcore]\nignore = [{code = "OKR101"}]\n', "reason is missing; add reason"),
            ("[tool.okrcore.rules.OKR102]\nmots = 1\n", "parameter 'mots' is unknown; known are most"),
            ("[tool.okrcore\n", "pyproject.toml:1: this is not TOML"),
            ('[tool.okrcore]\npolicy = "acme"\n', "policy 'acme' is unknown; give one of standard, strict"),
        ],
    )
    def test_faults_are_told(self, capsys, text, message):
        self.write(text)
        code, _, err = check(capsys)
        assert code == 2
        assert message in err

    def test_a_named_file_has_to_hold_it(self, capsys):
        self.write("[tool.other]\n")
        code, _, err = check(capsys, "--config", "pyproject.toml")
        assert (code, "[tool.okrcore] is missing" in err) == (2, True)
        assert check(capsys)[0] == 1

    def test_without_files_it_says_so(self, capsys):
        code, _, err = run(capsys, "check")
        assert (code, "no document is named" in err) == (2, True)


@pytest.mark.usefixtures("folder")
class TestPolicies:
    CODE = (
        "import okrcore as okr\nopen('imported', 'w').close()\n"
        "@okr.governance_rule('ACME1', fix='rename it')\n"
        "def titles(goal: okr.Objective):\n    'A title is long.'\n"
        "    if len(goal.title) < 5: yield 'is short'\n"
        "POLICY = okr.Policy(rules=[titles])\n"
    )

    def test_code_is_imported_only_where_that_is_allowed(self, capsys, monkeypatch, folder):
        Path("acme_rules.py").write_text(self.CODE, "utf-8")
        Path("pyproject.toml").write_text('[tool.okrcore]\npolicy = "acme_rules:POLICY"\n', "utf-8")
        monkeypatch.syspath_prepend(str(folder))
        code, _, err = check(capsys, select="ACME1")
        assert (code, "would import code; allow it with --allow-code" in err) == (2, True)
        assert not Path("imported").exists()
        code, out, _ = check(capsys, "--allow-code", select="ACME1")
        assert (code, out.count("ACME1")) == (1, 2)
        monkeypatch.delitem(sys.modules, "acme_rules")

    def test_an_installed_package_offers_one(self, capsys, monkeypatch):
        class Offered:
            name = "acme"

            def load(self):
                return okr.STANDARD.without("OKR101")

        monkeypatch.setattr(configuration, "entry_points", lambda group: [Offered()])
        code, _, err = check(capsys, "--policy", "acme")
        assert (code, "no rule has code 'OKR101'" in err) == (2, True)
        assert check(capsys, "--policy", "strict")[0] == 1


@pytest.mark.usefixtures("folder")
class TestBaseline:
    def test_an_organisation_starts_with_what_there_is_and_is_held_to_no_more(self, capsys):
        code, out, _ = check(capsys, "--baseline", "base.json", "--write-baseline")
        assert (code, "2 findings accepted from now on" in out) == (0, True)
        assert check(capsys, "--baseline", "base.json")[0] == 0
        more = DOCUMENT + '  - {id: new, title: New, cycle: "2026", owner: ceo}\n'
        Path("a.okr.yaml").write_text(more, "utf-8")
        code, out, _ = check(capsys, "--baseline", "base.json")
        assert code == 1
        assert out.count("OKR101 objective") == 1
        assert "new: has no key result" in out

    def test_what_is_gone_is_told(self, capsys):
        check(capsys, "--baseline", "base.json", "--write-baseline")
        gone = "\n".join(line for line in DOCUMENT.splitlines() if "rest" not in line)
        Path("a.okr.yaml").write_text(gone, "utf-8")
        code, out, _ = check(capsys, "--baseline", "base.json")
        assert (code, "1 accepted finding no longer there" in out) == (0, True)

    @pytest.mark.parametrize("text", ["{", "[]", '{"kind": "baseline", "okrcore": 1}', "[" * 100_000])
    def test_another_file_is_refused(self, capsys, text):
        Path("base.json").write_text(text, "utf-8")
        code, _, err = check(capsys, "--baseline", "base.json")
        assert (code, "as a baseline" in err) == (2, True)

    def test_a_count_without_end_costs_nothing(self, capsys):
        held = '{"okrcore":1,"kind":"baseline","findings":{"OKR101":{"x":100000000000}}}'
        Path("base.json").write_text(held, "utf-8")
        code, out, _ = check(capsys, "--baseline", "base.json")
        assert (code, "100,000,000,000 accepted findings no longer there" in out) == (1, True)
        _, out, _ = check(capsys, "--baseline", "base.json", "--format", "json")
        assert json.loads(out)["gone"] == [{"code": "OKR101", "subject": "x", "count": 100_000_000_000}]

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"))), st.data())
    def test_a_baseline_accepts_what_it_was_made_of(self, keys, data):
        """New findings are those beyond the accepted count; their number never depends on the order."""

        def findings(keys):
            return [Finding(code=c, severity="error", subject=s, message="m") for c, s in keys]

        known = findings(keys)
        more = findings(data.draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")))))
        base = Baseline.of(known)
        assert base.split(known) == ((), tuple(known))
        assert not base.gone(known)
        both = data.draw(st.permutations([*known, *more]))
        assert len(base.split(both)[0]) == len(more)
        assert sum(base.gone([]).values()) == len(known)


@pytest.mark.usefixtures("folder")
class TestForms:
    def test_sarif_is_valid_and_says_all(self, capsys):
        Path("pyproject.toml").write_text(TestConfiguration.TEXT, "utf-8")
        code, out, _ = check(capsys, "--format", "sarif")
        log = json.loads(out)
        jsonschema.Draft4Validator(SARIF).validate(log)
        run_ = log["runs"][0]
        assert code == 1
        assert [one["ruleId"] for one in run_["results"]] == ["OKR101", "OKR101"]
        shown, hidden = run_["results"]
        region = shown["locations"][0]["physicalLocation"]
        assert region["artifactLocation"]["uri"] == "a.okr.yaml"
        assert region["region"] == {"startLine": 6, "startColumn": 9}
        assert hidden["suppressions"][0]["justification"] == "decided in May (until 2026-05-31)"
        assert run_["tool"]["driver"]["rules"][shown["ruleIndex"]]["id"] == "OKR101"

    def test_each_rule_links_to_its_page(self, capsys):
        """Each rule of the catalogue has a page; a configuration says where a copy of the pages lies."""
        pages = ROOT / "docs" / "reference" / "rules"
        for said, base in (
            ("", PAGES),
            ('rule_pages = "https://okr.example.org/rules/"', "https://okr.example.org/rules"),
        ):
            Path("pyproject.toml").write_text(f"[tool.okrcore]\n{said}\n", "utf-8")
            log = json.loads(run(capsys, "check", "a.okr.yaml", "--as-of", DAY, "--format", "sarif")[1])
            for rule in log["runs"][0]["tool"]["driver"]["rules"]:
                folder, _, page = rule["helpUri"].rpartition("/")
                assert (folder, page) == (base, f"{rule['id']}.md")
                assert (pages / page).is_file()

    def test_a_rule_of_ones_own_has_no_page(self):
        own = attrs.evolve(okr.STANDARD.rule("OKR101"), code="ACME1")
        checked = attrs.evolve(
            checked_of([]), policy=okr.Policy(rules=[own]), result=CheckResult(findings=(), asked=("ACME1",))
        )
        (rule,) = json.loads(to_sarif(checked))["runs"][0]["tool"]["driver"]["rules"]
        assert (rule["id"], "helpUri" in rule) == ("ACME1", False)

    def test_sarif_of_all_rules_is_valid(self, capsys):
        log = json.loads(run(capsys, "check", "a.okr.yaml", "--as-of", DAY, "--format", "sarif")[1])
        jsonschema.Draft4Validator(SARIF).validate(log)
        skipped = log["runs"][0]["invocations"][0]["toolConfigurationNotifications"]
        asked = {one["id"] for one in log["runs"][0]["tool"]["driver"]["rules"]}
        named = {one["associatedRule"]["id"] for one in skipped}
        assert asked | named == {rule.code for rule in okr.STANDARD.rules}
        assert not asked & named

    def test_fingerprints_stay_when_lines_move(self, capsys):
        def prints():
            results = json.loads(check(capsys, "--format", "sarif")[1])["runs"][0]["results"]
            return [one["partialFingerprints"] for one in results]

        before = prints()
        Path("a.okr.yaml").write_text("# moved\n" + DOCUMENT, "utf-8")
        assert prints() == before
        assert before[0] != before[1]

    @given(st.lists(st.tuples(st.sampled_from(["A1", "B1"]), st.sampled_from("ab"), st.integers(0, 3))))
    def test_each_finding_has_a_fingerprint_of_its_own(self, told):
        """Also where a rule finds two things in one subject; the numbers in a message are no part of it."""
        findings = [Finding(code=c, severity="error", subject=s, message=f"is {n}") for c, s, n in told]
        checked = checked_of(findings)
        results = json.loads(to_sarif(checked))["runs"][0]["results"]
        prints = [one["partialFingerprints"]["okrcoreCodeAndSubject/v1"] for one in results]
        assert len(set(prints)) == len(prints)
        other = attrs.evolve(checked, fresh=tuple(attrs.evolve(one, message="so") for one in findings))
        again = json.loads(to_sarif(other))["runs"][0]["results"]
        assert [one["partialFingerprints"]["okrcoreCodeAndSubject/v1"] for one in again] == prints

    def test_json(self, capsys):
        _, out, _ = check(capsys, "--format", "json")
        held = json.loads(out)
        assert (held["okrcore"], held["kind"], held["as_of"]) == (1, "check", DAY)
        assert [(one["code"], one["subject"], one["line"]) for one in held["findings"]] == [
            ("OKR101", "growth", 6),
            ("OKR101", "rest", 10),
        ]

    def test_github(self, capsys):
        _, out, _ = check(capsys, "--format", "github")
        lines = out.splitlines()
        assert lines[0].startswith("::error file=a.okr.yaml,line=6,col=9,title=OKR101 growth::growth: has no")
        assert len(lines) == 2

    def test_junit(self, capsys):
        _, out, _ = check(capsys, "--format", "junit", select="OKR1")
        suite = ET.fromstring(out).find("testsuite")
        asked = [rule for rule in okr.STANDARD.rules if rule.code.startswith("OKR1")]
        assert int(suite.get("tests")) == len(suite.findall("testcase")) == len(asked)
        failed = [case for case in suite.findall("testcase") if case.find("failure") is not None]
        assert int(suite.get("failures")) == len(failed)
        broken = next(case for case in failed if case.get("name").startswith("OKR101 "))
        assert "a.okr.yaml:6:9: growth: has no key result" in broken.find("failure").text
        told = broken.find("failure").get("message")
        assert re.match("[0-9]+ findings? against the rule: An objective has a key result", told)

    def test_to_a_file(self, capsys):
        code, out, _ = check(capsys, "--format", "sarif", "-o", "found.sarif")
        assert (code, out) == (1, "")
        assert json.loads(Path("found.sarif").read_text("utf-8"))["version"] == "2.1.0"

    @given(st.text(), st.text(min_size=1))
    def test_no_text_breaks_out_of_its_form(self, message, subject):
        """Untrusted text stays one annotation, and one well-formed document."""
        found = Finding(code="OKR101", severity="error", subject=subject, message=message, fix="x")
        checked = checked_of([found])
        assert len(to_github(checked).split("\n")) == 1
        assert re.match(r"::error title=[^:,\r\n]*::", to_github(checked))
        suite = ET.fromstring(to_junit(checked))
        assert suite.find(".//failure") is not None


def checked_of(findings):
    result = CheckResult(findings=tuple(findings), asked=("OKR101",))
    return Checked.of(result, policy=okr.STANDARD, as_of=dt.date(2026, 3, 31), places={}, baseline=Baseline())


class TestFix:
    def fixed(self, folder, text, name="x.okr.yaml"):
        path = folder / name
        path.write_bytes(text.encode())
        (one,) = fix([path])
        return one.after

    def test_ids_come_from_titles_and_are_unique(self, tmp_path):
        after = self.fixed(
            tmp_path,
            "okrcore: 1\nteams:\n  - title: North  # first\n  - {title: North}\n  - {id: south}\n  - {}\n",
        )
        assert [team.id for team in loads(after).teams] == ["north", "north-2", "south", "team"]
        assert "# first" in after

    def test_key_results_inside_objectives_too(self, tmp_path):
        after = self.fixed(
            tmp_path,
            "okrcore: 1\ncycles: [{id: y, start: 2026-01-01, end: 2026-12-31}]\nobjectives:\n"
            "  - title: Grow\n    cycle: y\n    key_results:\n      - title: ARR\n"
            "        measure: {target: {start: 1, goal: 2}}\n",
        )
        assert [one.objective for one in loads(after).key_results] == ["grow"]

    def test_sections_move_with_their_comments(self, tmp_path):
        text = "# ours\n\nokrcore: 1\n# who\nowners: [{id: a}]\n# where\nteams: [{id: b}]\n"
        after = self.fixed(tmp_path, text)
        assert after == "# ours\n\nokrcore: 1\n# where\nteams: [{id: b}]\n# who\nowners: [{id: a}]\n"

    def test_white_space(self, tmp_path):
        assert self.fixed(tmp_path, "okrcore: 1  \r\nteams: [{id: b}]\t\n\n\n") == (
            "okrcore: 1\nteams: [{id: b}]\n"
        )

    def test_text_that_means_something_stays(self, tmp_path):
        cycles = "cycles: [{id: y, start: 2026-01-01, end: 2026-12-31}]\n"
        text = (
            f"okrcore: 1\n{cycles}objectives:\n  - {{id: a, title: A, cycle: y, why: 'x  \n\n      y'}}\n"
            "teams: []\n"
        )
        block = "okrcore: 1\nteams:\n  - id: a\n    title: |\n      two  \n      lines\n"
        assert self.fixed(tmp_path, block) == block
        assert fix([tmp_path / "x.okr.yaml"])[0].diff == []
        assert "teams: []\nobjectives:" in self.fixed(tmp_path, text)

    @given(data=st.data())
    def test_it_keeps_what_a_document_says_and_fixing_twice_is_fixing_once(self, data, tmp_path_factory):
        portfolio = data.draw(made.portfolios())
        lines = dumps(portfolio).splitlines()
        blanks = data.draw(st.lists(st.sampled_from(["", "  ", "\t"]), min_size=1))
        text = "\n".join(line + blanks[at % len(blanks)] for at, line in enumerate(lines))
        folder = tmp_path_factory.mktemp("fix")
        after = self.fixed(folder, text)
        assert loads(after) == portfolio
        assert self.fixed(folder, after) == after

    def test_the_command_shows_a_diff_first(self, folder, capsys):
        broken = DOCUMENT.replace("  - id: growth\n    title", "  - title")
        Path("a.okr.yaml").write_text(broken, "utf-8")
        code, out, _ = check(capsys, "--diff")
        assert code == 1
        assert "+  - id: grow" in out
        assert Path("a.okr.yaml").read_text("utf-8") == broken
        code, out, err = check(capsys, "--fix")
        assert "+  - id: grow" in err
        assert "grow: has no key result" in out
        assert check(capsys, "--diff")[:2] == (0, "")

    def test_it_mends_what_load_reads_and_nothing_else(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        untidy = "okrcore: 1  \n"
        for name in ("b.okr.yaml", "plain.yaml", ".hidden/c.okr.yaml"):
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(untidy, "utf-8")
        Path("other.yaml").write_text("on: push  \n", "utf-8")
        assert main(["check", ".", "--fix", "--as-of", DAY, "--fail-on", "never"]) == 0
        kept = {str(file) for file in Path().rglob("*.yaml") if file.read_text("utf-8").endswith("  \n")}
        assert kept == {"other.yaml", str(Path(".hidden/c.okr.yaml"))}

    def test_what_it_cannot_move_it_leaves(self, tmp_path):
        text = "{\nteams: [{id: a}],\nokrcore: 1\n}\n"
        assert self.fixed(tmp_path, text) == text

    @pytest.mark.parametrize("option", ["--diff", "--fix"])
    def test_nothing_is_mended_where_the_documents_declare_no_portfolio(self, folder, capsys, option):
        before = DOCUMENT.replace("owner: ceo", "owner: nobody   ")
        Path("a.okr.yaml").write_text(before, "utf-8")
        code, out, err = check(capsys, option)
        assert (code, out, "nobody" in err) == (2, "", True)
        assert Path("a.okr.yaml").read_text("utf-8") == before

    def test_a_link_out_of_the_folder_is_neither_shown_nor_followed(self, tmp_path, capsys, monkeypatch):
        inside, outside = tmp_path / "in", tmp_path / "app.yaml"
        inside.mkdir()
        outside.write_bytes(b"okrcore: 1   \r\nteams: [{id: hunter2}]\r\n")
        (inside / "a.okr.yaml").write_text("okrcore: 1\n", "utf-8")
        (inside / "x.okr.yaml").symlink_to(outside)
        for option in ("--diff", "--fix"):
            _, out, err = run(capsys, "check", str(inside), "--as-of", DAY, option)
            assert "hunter2" not in out.split("No findings")[0] + err.split("OKR")[0]
        assert outside.read_bytes() == b"okrcore: 1   \r\nteams: [{id: hunter2}]\r\n"

    def test_a_name_moves_no_cursor_and_gives_no_command(self, tmp_path, capsys):
        name = "x\x1b]0;owned\x07\n::error::injected.okr.yaml"
        (tmp_path / name).write_text("okrcore: 1   \nteams: [{id: a, title: '##[error]'}]  \n", "utf-8")
        _, out, _ = run(capsys, "check", str(tmp_path), "--diff")
        assert "\x1b" not in out
        assert not [one for one in out.splitlines() if one.lstrip().startswith("::") or "##[" in one]
        for form in ("text", "github"):
            _, out, err = run(capsys, "check", str(tmp_path), "--as-of", DAY, "--format", form)
            assert "\x1b" not in out + err

    def test_what_is_no_yaml_is_told(self, folder, capsys):
        Path("a.okr.yaml").write_text("okrcore: [", "utf-8")
        code, _, err = check(capsys, "--fix")
        assert (code, "a.okr.yaml:1:" in err) == (2, True)


class TestRules:
    def test_they_are_listed(self, capsys):
        code, out, _ = run(capsys, "rules")
        assert code == 0
        assert f"{len(okr.STANDARD.rules)} rules; explain one" in out
        rows = json.loads(run(capsys, "rules", "--format", "json")[1])["rules"]
        assert [row["code"] for row in rows] == sorted(rule.code for rule in okr.STANDARD.rules)

    def test_one_is_explained(self, capsys):
        _, out, _ = run(capsys, "rule", "OKR102")
        assert out.startswith("# OKR102 objective-has-few-key-results")
        assert "## Fails" in out
        assert "## Passes" in out
        code, _, err = run(capsys, "rule", "OKR1O2")
        assert (code, "did you mean OKR102?" in err) == (2, True)


def test_the_schema_is_served(capsys, tmp_path):
    code, out, _ = run(capsys, "schema")
    assert code == 0
    assert json.loads(out) == okr.json_schema()
    assert run(capsys, "schema", "-o", str(tmp_path / "okr.schema.json"))[:2] == (0, "")
    assert json.loads((tmp_path / "okr.schema.json").read_text("utf-8")) == okr.json_schema()


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from okrcore.surfaces.cli.main import parser; parser();"
        "print(sorted({'numpy', 'pint', 'yaml', 'attrs'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() in ("[]", "['attrs']")


class TestExcerpt:
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=400)

    @given(texts, st.integers(1, 500))
    def test_the_caret_stands_under_its_column_and_lines_stay_short(self, text, column):
        finding = Finding(code="X", severity="error", subject="s", message="m", location=("f", 1, column))
        _, shown, caret = excerpt(finding, (text,))
        assert max(map(width, (shown, caret))) <= 2 * (WIDTH + 10)
        at = len(caret) - len(caret.lstrip(" |"))
        if column <= len(text) and text[column - 1].isascii() and text[column - 1].isprintable():
            assert "".join(_cells(shown))[at] == text[column - 1] or text[column - 1] == " "

    def test_a_report_goes_with_its_findings(self, tmp_path, monkeypatch, capsys):
        """Minified, one line: twice the findings were four times the text, and 1,500 of them 300 MB."""
        monkeypatch.chdir(tmp_path)
        for count in (200, 400):
            goals = [{"id": f"o{n}", "title": "O", "cycle": "y"} for n in range(count)]
            cycle = {"id": "y", "start": "2026-01-01", "end": "2026-12-31"}
            held = json.dumps({"okrcore": 1, "cycles": [cycle], "objectives": goals})
            Path("a.json").write_text(held, "utf-8")
            _, out, _ = run(capsys, "check", "a.json", "--as-of", DAY, "--select", "OKR101")
            assert len(out) < 600 * count

    @pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
    def test_lines_end_where_the_reader_ends_them(self, tmp_path, monkeypatch, capsys, sign):
        monkeypatch.chdir(tmp_path)
        cycle = '{"id": "y", "start": "2026-01-01", "end": "2026-12-31"}'
        team = f'{{"id": "t", "title": "a{sign}b{sign}c"}}'
        goal = '{"id": "o", "title": "O", "cycle": "y"}'
        text = f'{{"okrcore": 1, "cycles": [{cycle}],\n"teams": [{team}],\n"objectives": [\n{goal}\n]}}'
        Path("a.json").write_text(text, "utf-8")
        _, out, _ = run(capsys, "check", "a.json", "--as-of", DAY, "--select", "OKR101")
        assert f"4 | {goal}" in out

    def test_a_byte_order_mark_takes_no_column(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        cycle = '{"id": "y", "start": "2026-01-01", "end": "2026-12-31"}'
        goal = '{"id": "o", "title": "O", "cycle": "y"}'
        text = f'{{"okrcore": 1, "objectives": [{goal}], "cycles": [{cycle}]}}'
        carets = []
        for head in ("", "\ufeff"):
            Path("a.json").write_text(head + text, "utf-8")
            carets.append(run(capsys, "check", "a.json", "--as-of", DAY, "--select", "OKR101")[1])
        assert carets[0] == carets[1]


def _cells(text):
    """A text as one sign a column of the terminal."""
    return [letter + "\0" * (width(letter) - 1) for letter in text if width(letter)]


class TestRunners:
    @given(
        st.lists(
            st.sampled_from(["::add-mask::a", "##[error]", "a" * 90, "x", "##vso[y]"]), min_size=1, max_size=5
        )
    )
    def test_no_title_becomes_a_command(self, tmp_path_factory, words):
        folder = tmp_path_factory.mktemp("runner")
        title = json.dumps(" ".join(words))
        text = (
            f"okrcore: 1\nkpis: [{{id: k, title: {title}, owner: o}}]\nowners: [{{id: o, title: {title}}}]\n"
        )
        (folder / "a.okr.yaml").write_text(text, "utf-8")
        for command in ("check", "score"):
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                main([command, str(folder), "--as-of", DAY])
            for line in out.getvalue().splitlines():
                assert not line.lstrip().startswith("::")
                assert not re.search(r"##\w*\[", line)


class TestNamesOfFiles:
    """A name may hold what moves a cursor, or begins a line with a command of a runner."""

    @pytest.mark.parametrize(
        "more", [("--diff",), ("--format", "github"), (), ("--fix",)], ids=["diff", "github", "text", "fix"]
    )
    def test_they_stay_on_their_line(self, tmp_path, capsys, more):
        name = "x\x1b]0;owned\x07\n::error::injected.okr.yaml"
        (tmp_path / name).write_text("okrcore: 1   \nkpis:\n- {id: a, title: A}   \n", "utf-8")
        _, out, err = run(capsys, "check", str(tmp_path), "--as-of", DAY, *more)
        assert out
        assert not {"\x1b", "\x07"} & set(out + err)
        assert not [line for line in (out + err).splitlines() if line.lstrip().startswith("::error::inj")]


class TestUnforeseen:
    """Exit code 1 says that something was found; whatever else goes wrong is 2."""

    @pytest.mark.parametrize(
        "body",
        ["raise RuntimeError('x')", "import sys; sys.exit(0)", "1 / 0", "raise MemoryError", "policy = 3"],
    )
    def test_a_policy_that_fails(self, folder, capsys, monkeypatch, body):
        monkeypatch.syspath_prepend(folder)
        name = f"policy_{abs(hash(body))}"
        Path(f"{name}.py").write_text(body, "utf-8")
        code, _, err = check(capsys, "--policy", f"{name}:policy", "--allow-code")
        assert (code, err.count("\n")) == (2, 1)

    def test_a_name_that_is_relative(self, folder, capsys):
        assert check(capsys, "--policy", ".a:b", "--allow-code")[0] == 2

    @pytest.mark.parametrize(
        "error", [RuntimeError("x"), RecursionError(), MemoryError(), SystemExit(0), KeyError("k")]
    )
    def test_whatever_a_command_raises(self, folder, capsys, monkeypatch, error):
        def fail(_):
            raise error

        monkeypatch.setitem(commands.COMMANDS, "check", fail)
        code, _, err = check(capsys)
        assert code == 2
        assert type(error).__name__ in err
