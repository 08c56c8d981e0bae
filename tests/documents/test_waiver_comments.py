"""Waivers in comments of documents: each is about the one definition beside it, or is a fault."""

import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.documents import dumps
from okrcore.documents.waiver_comments import remarks
from okrcore.errors import DocumentError

SAID = "# okr: ignore OKR101, OKR102 until 2026-12-31, because May decides"
DAY = dt.date(2026, 12, 31)
TOML = """\
okrcore = 1
[[cycles]]
id = "2026"  {0}
start = 2026-01-01
end = 2026-12-31
[[objectives]]  {1}
id = "a"
title = "A # okr: ignore this"
cycle = "2026"
{2}
[[objectives]]
title = '''
# okr: ignore that
'''
id = "b"
cycle = "2026"
"""


def subjects(portfolio):
    return [(one.code, one.subject) for one in portfolio.waivers]


def faults(text, format="yaml"):
    with pytest.raises(DocumentError) as caught:
        okr.loads(text, format)
    return [(one.line, one.column, one.message) for one in caught.value.problems]


class TestWhatTheyAreAbout:
    @given(st.data())
    def test_a_comment_above_a_definition_is_about_it_and_changes_nothing_else(self, data):
        """Whatever is declared: a comment above each line of a list in YAML waives for that entry alone."""
        portfolio = data.draw(okr.testing.portfolios())
        before = dumps(portfolio, "yaml")
        after, wanted = [], []
        section = ""
        for line in before.split("\n"):
            if line[:1].isalpha():
                section = line.partition(":")[0]
            if line.startswith("- id: ") and section in ("teams", "owners", "objectives", "kpis"):
                after += [SAID, ""]
                wanted.append(line)
            after.append(line)
        read = okr.loads("\n".join(after))
        assert read == portfolio == okr.loads(before)
        assert okr.loads(before).waivers == ()
        ids = [okr.loads(f"okrcore: 1\nteams:\n{line}").teams[0].id for line in wanted]
        assert subjects(read) == [(code, name) for name in ids for code in ("OKR101", "OKR102")]

    @pytest.mark.parametrize(
        ("text", "subject"),
        [
            (f"okrcore: 1 {SAID}", "portfolio"),
            (f"{SAID}\n# a head\n\nokrcore: 1", "portfolio"),
            (f"okrcore: 1\nteams: [{{id: a}}] {SAID}", "a"),
            (f"okrcore: 1\nteams:\n  - capacity: 2\n    id: a {SAID}", "a"),
            (f"okrcore: 1\nteams:\n  - capacity: 2 {SAID}\n    id: a", "a"),
            (f"okrcore: 1\r\nteams:\r\n  {SAID}\r\n  - id: a\r\n", "a"),
            (f"okrcore: 1\npriorities: {SAID}\n  columns: []\n  rules: []\n", "priorities"),
        ],
    )  # fmt: skip
    def test_where_it_stands(self, text, subject):
        portfolio = okr.loads(text)
        assert subjects(portfolio) == [("OKR101", subject), ("OKR102", subject)]
        assert {(one.until, one.reason) for one in portfolio.waivers} == {(DAY, "May decides")}

    def test_each_says_where_it_is(self, tmp_path):
        (tmp_path / "a.yaml").write_text(f"okrcore: 1\nteams:\n  {SAID}\n  - id: a\n", "utf-8")
        found = okr.load(tmp_path / "a.yaml").waivers
        assert {one.location for one in found} == {(str(tmp_path / "a.yaml"), 3, 3)}

    def test_a_key_result_below_its_objective(self):
        text = f"""\
okrcore: 1
cycles: [{{id: "2026", start: 2026-01-01, end: 2026-12-31}}]
objectives:
  - id: o
    title: O
    cycle: "2026"
    key_results:
      - id: k  {SAID}
        title: K
        unit: EUR
        measure: {{target: {{goal: 2}}}}
"""
        assert {subject for _, subject in subjects(okr.loads(text))} == {"k"}

    @pytest.mark.parametrize("place", range(3))
    def test_toml(self, place):
        said = ["", "", ""]
        said[place] = SAID
        found = okr.loads(TOML.format(*said), "toml").waivers
        assert {one.subject for one in found} == {["2026", "a", "b"][place]}
        assert {one.location for one in found} == {("", [3, 6, 10][place], None)}

    def test_text_that_only_looks_like_one_is_text(self):
        text = """\
okrcore: 1
teams:
  - id: "a # okr: ignore me"
  - id: 'b # okr: ignore me'
  - id: c#okr:ignore
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - id: o
    cycle: "2026"
    title: >-
      # okr: ignore me
    why: |
      # okr: ignore me

  # okr: we ignore nothing
"""
        assert okr.loads(text).waivers == ()
        assert okr.loads(dumps(okr.loads(text), "json"), "json").waivers == ()


class TestFaults:
    @pytest.mark.parametrize(
        ("said", "fault"),
        [
            ("ignore", "names no code"),
            ("ignore until 2026-12-31, because x", "names no code"),
            ("ignore okr301 until 2026-12-31, because x", "names 'okr301', which is no code"),
            ("ignore[OKR301] until 2026-12-31, because x", "names '[OKR301]', which is no code"),
            ("ignore OKR301", "has no last day"),
            ("ignore OKR301 because x", "has no last day"),
            ("ignore OKR301 until 2026-02-30, because x", "holds until '2026-02-30', which is no date"),
            ("ignore OKR301 until May, because x", "holds until 'May', which is no date"),
            ("ignore OKR301 until 2026-12-31", "has no reason"),
            ("ignore OKR301 until 2026-12-31, because ", "has no reason"),
        ],
    )
    def test_what_it_lacks_is_said_where_it_stands(self, said, fault):
        ((line, column, message),) = faults(f"okrcore: 1\nteams:\n  - id: a  # okr: {said}\n")
        assert (line, column) == (3, 12)
        assert message.startswith(f"this waiver {fault}; write # okr: ignore CODE")

    def test_one_that_stands_beside_nothing(self):
        ((line, column, message),) = faults(f"okrcore: 1\nteams:\n  - id: a\n    capacity: 2 {SAID}\n")
        assert (line, column, "beside no definition" in message) == (4, 17, True)
        assert "beside no definition" in faults(f"okrcore: 1\n{SAID}")[0][2]

    def test_one_that_stands_beside_two(self):
        ((_, _, message),) = faults(f"okrcore: 1\nteams: [{{id: a}}, {{id: b}}] {SAID}")
        assert "is about one of 'a', 'b'" in message

    def test_all_faults_arrive_with_all_others(self):
        teams = "  - id: a  # okr: ignore\n  - {id: b, capcity: 2}  # okr: ignore\n"
        found = faults(f"okrcore: 1\nteams:\n{teams}")
        assert [line for line, _, _ in found] == [3, 4, 4]

    @given(st.text("# okr:ignoreOKR301 until2026-12-31,because\n\t\"'[]|>-", max_size=60))
    def test_whatever_stands_in_it_reading_ends(self, text):
        for kind, head in (("yaml", "okrcore: 1"), ("toml", "okrcore = 1")):
            try:
                found = okr.loads(f"{head} # okr: ignore{text}", kind).waivers
            except okr.errors.OkrError as error:
                found = error.problems
            assert len(found) <= len(text) + 1

    def test_many_cost_as_many(self):
        """Offsets are looked up, not counted: thousands of comments above one definition are read at once."""
        text = "okrcore: 1\nteams:\n" + f"  {SAID}\n" * 5000 + "  - id: a\n"
        assert len(remarks(text, "yaml")) == 5000
        assert len(okr.loads(text).waivers) == 10_000


class TestPortfolio:
    @given(okr.testing.portfolios())
    def test_they_are_no_part_of_what_is_declared_and_stay_with_it(self, portfolio):
        waivers = [okr.governance.Ignore(code="OKR1", reason="x", until=DAY, subject="a")]
        waiving = portfolio.with_waivers(waivers)
        assert waiving == portfolio
        assert hash(waiving) == hash(portfolio)
        assert dumps(waiving) == dumps(portfolio)
        for later in (waiving.with_(okr.Team(id="zz-9")), pickle.loads(pickle.dumps(waiving))):
            assert later.waivers == tuple(waivers)
        assert portfolio.merged(waiving).waivers == waiving.merged(waiving).waivers == tuple(waivers)
        declared = okr.Declarations.of(("2026-01-01", portfolio)).append(waiving, at="2026-02-01")
        assert declared.at("2026-03-01").waivers == tuple(waivers)

    def test_they_follow_an_id_that_is_renamed(self):
        portfolio = okr.loads(f"okrcore: 1\nteams:\n  - id: a {SAID}\n").renamed({"a": "b"})
        assert {one.subject for one in portfolio.waivers} == {"b"}
