"""`okrcore conflicts` and `okrcore priorities` through `main`: what they print, where, and how they end."""

import json
import re

import attrs
import pytest

import okrcore as okr
from okrcore.display import width
from okrcore.priorities import table_hash
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.stories import LAST, story
from tests.support.paths import ROOT, SHARED

EXAMPLE = SHARED / "design" / "EXAMPLE.okr.yaml"
PAGE = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
TABLE = """\
okrcore: 1
priorities:
  columns:
    - {name: kpi.zone, values: [healthy, watch, breached, unknown]}
    - {name: conflict.degree, low: 0, high: 1}
  rules:
    - {id: P1, when: {kpi.zone: "healthy, watch", conflict.degree: "< LIMIT"}, then: {winner: objective}}
    - {id: P2, when: {kpi.zone: breached}, then: {winner: kpi, effect: {freeze: initiative}}}
  default: {winner: kpi}
"""
DMN = """\
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="n">
  <decision id="sides"><decisionTable>
    <input><inputExpression typeRef="string"><text>kpi.zone</text></inputExpression>
      <inputValues><text>"healthy", "watch", "breached", "unknown"</text></inputValues></input>
    <input><inputExpression typeRef="number"><text>conflict.degree</text></inputExpression>
      <inputValues><text>[0..1]</text></inputValues></input>
    <output name="winner"><defaultOutputEntry><text>"kpi"</text></defaultOutputEntry></output>
    <output name="note"/>
    <rule id="P1"><inputEntry><text>"healthy", "watch"</text></inputEntry>
      <inputEntry><text>&lt; 0.3</text></inputEntry>
      <outputEntry><text>"objective"</text></outputEntry><outputEntry><text>""</text></outputEntry></rule>
  </decisionTable></decision>
</definitions>
"""


def run(capsys, *argv):
    code = main([str(one) for one in argv])
    out, err = capsys.readouterr()
    return code, out, err


def read(out):
    """Return the JSON that was printed."""
    assert out.isascii()
    return json.loads(out, parse_constant=pytest.fail)


def words(out):
    """Return a text as one line, to look for sentences in it."""
    return " ".join(out.split())


@pytest.fixture(params=["logistics", "software"])
def told(request, tmp_path):
    """Write a story down; return its portfolio, its history and the arguments that name the files."""
    return written(tmp_path, *story(request.param))


def written(folder, portfolio, history):
    """Write documents and observations; return them with the arguments that name the files."""
    okr.dump(portfolio, folder / "goals.okr.yaml")
    rows = [
        f"{measure},{one.at},{one.value!r}"
        for measure in history.measures
        for one in history.observations(measure)
    ]
    (folder / "facts.csv").write_text("\n".join(["measure,at,value", *rows]), encoding="utf-8")
    history = okr.read_history(folder / "facts.csv")
    return portfolio, history, (folder / "goals.okr.yaml", "--history", folder / "facts.csv", "--as-of", LAST)


class TestConflicts:
    def test_lists_what_the_library_finds(self, capsys, told):
        portfolio, history, argv = told
        found = okr.find_conflicts(portfolio, history, as_of=LAST)
        code, out, err = run(capsys, "conflicts", *argv)
        assert (code, err) == (0, "")
        assert found
        for one in found:
            assert f"{one.kind}  {' | '.join(one.sides)}  {one.degree:.2f} since {one.since}" in out
            assert words(one.sentence) in words(out)
            assert " > ".join(one.path) in words(out)
        assert "decided" not in out
        assert max(map(width, out.splitlines())) <= 100
        shown = read(run(capsys, "conflicts", *argv, "--format", "json")[1])
        assert (shown["okrcore"], shown["kind"], shown["as_of"]) == (1, "conflicts", LAST.isoformat())
        assert [one["id"] for one in shown["conflicts"]] == [one.id for one in found]
        assert shown["conflicts"] == [{"id": one.id, **okr.to_dict(one)} for one in found]
        assert shown["decisions"] is None

    def test_decides_by_the_table(self, capsys, told):
        portfolio, history, argv = told
        snapshot = okr.evaluate(portfolio, history, as_of=LAST)
        decided = okr.resolve(
            okr.find_conflicts(portfolio, snapshot=snapshot, as_of=LAST), portfolio, snapshot=snapshot
        )
        code, out, err = run(capsys, "conflicts", *argv, "--decide")
        assert (code, err) == (0, "")
        for one in decided:
            assert words(f"{one.winner} wins by rule {one.rule}" if one.winner else one.why) in words(out)
            assert words(one.why) in words(out)
        shown = read(run(capsys, "conflicts", *argv, "--decide", "--format", "json")[1])
        assert shown["decisions"] == okr.to_dict(list(decided))

    def test_a_decision_that_stands_says_since_when(self, capsys, tmp_path):
        """S15: nothing is up again."""
        portfolio, history, argv = written(tmp_path, *story("logistics"))
        before = LAST.replace(month=9, day=6)
        snapshot = okr.evaluate(portfolio, history, as_of=before)
        found = okr.find_conflicts(portfolio, snapshot=snapshot, as_of=before)
        applied = okr.apply(okr.resolve(found, portfolio, snapshot=snapshot), portfolio)
        okr.dump(applied, argv[0])
        _, out, _ = run(capsys, "conflicts", *argv, "--decide")
        assert "standing since 2026-09-06" in words(out)

    def test_escalates_to_somebody(self, capsys, tmp_path):
        _, _, argv = written(tmp_path, *story("logistics"))
        _, out, _ = run(capsys, "conflicts", *argv, "--decide")
        assert "undecided: kpi.category, kpi.zone are missing" in words(out)
        assert "escalate: to managing-director, within 24h" in words(out)

    def test_an_unproved_table_decides_nothing_and_says_why(self, capsys, tmp_path):
        """S14.4: the conflicts are shown; the reasons are on standard error."""
        portfolio, history = story("logistics")
        table = portfolio.priorities
        rules = [attrs.evolve(rule, when={}) for rule in table.rules]
        portfolio = portfolio.with_(attrs.evolve(table, rules=rules))
        _, _, argv = written(tmp_path, portfolio, history)
        for more in ((), ("--format", "json")):
            code, out, err = run(capsys, "conflicts", *argv, "--decide", *more)
            assert code == 2
            assert "sorter-uptime" in out
            assert "the priority table is not verified: rules company-goal-first and repair-first" in err
        assert read(out)["decisions"] is None
        assert run(capsys, "conflicts", *argv)[0] == 0

    def test_no_table_decides_nothing_and_says_so(self, capsys, tmp_path):
        portfolio, history = story("software")
        _, _, argv = written(tmp_path, portfolio, history)
        text = argv[0].read_text(encoding="utf-8")
        argv[0].write_text(re.sub(r"(?ms)^priorities:.*?(?=^\S|\Z)", "", text), encoding="utf-8")
        code, out, err = run(capsys, "conflicts", *argv, "--decide")
        assert (code, len(err.splitlines())) == (2, 1)
        assert "divergent" in out
        assert "there is no priority table" in err

    def test_only_some_kinds(self, capsys, tmp_path):
        _, _, argv = written(tmp_path, *story("logistics"))
        more = ("--kind", "measured", "--kind", "targets", "--format", "json")
        shown = read(run(capsys, "conflicts", *argv, *more)[1])
        assert {one["kind"] for one in shown["conflicts"]} == {"measured"}
        code, out, err = run(capsys, "conflicts", *argv, "--kind", "quarrel")
        assert (code, out) == (2, "")
        assert "give one of targets, opposed, measured" in err

    def test_declarations_alone(self, capsys, tmp_path):
        portfolio, _ = story("logistics")
        harm = okr.Link(source="lanes-recalibrated", target="sorter-uptime", sign=-1, weight=0.5)
        okr.dump(portfolio.with_(harm), tmp_path / "goals.yaml")
        _, out, _ = run(capsys, "conflicts", tmp_path / "goals.yaml", "--as-of", "2026-01-05")
        assert "1 opposed" in out
        assert "name one with --history FILE" in out
        okr.dump(portfolio, tmp_path / "goals.yaml")
        code, out, _ = run(capsys, "conflicts", tmp_path / "goals.yaml", "--as-of", "2026-01-05")
        assert (code, "no conflicts" in out) == (0, True)

    def test_counts_only_what_was_known(self, capsys, tmp_path):
        _, _, argv = written(tmp_path, *story("software"))
        shown = read(run(capsys, "conflicts", *argv, "--known-at", "2026-01-05", "--format", "json")[1])
        assert [one for one in shown["conflicts"] if one["kind"] == "divergent"] == []
        assert shown["known_at"] == "2026-01-05"

    @pytest.mark.skipif(not EXAMPLE.exists(), reason="../shared/design/EXAMPLE.okr.yaml is absent")
    def test_the_example_document(self, capsys):
        code, out, err = run(capsys, "conflicts", EXAMPLE, "--as-of", "2026-06-30", "--decide")
        assert (code, err) == (0, "")
        assert "opposed  sorter-uptime | throughput" in out
        assert "undecided: No rule decided this in advance" in words(out)
        assert run(capsys, "priorities", "verify", EXAMPLE)[0] == 0

    def test_hostile_text_moves_no_cursor(self, capsys, tmp_path):
        portfolio, history = story("logistics")
        _, _, argv = written(tmp_path, portfolio, history)
        text = argv[0].read_text(encoding="utf-8")
        argv[0].write_text(
            text.replace("A committed goal", r'"\e[31m\u202eA').replace("their limit", 'limit"')
        )
        code, out, _ = run(capsys, "conflicts", *argv, "--decide")
        assert code in (0, 2)
        assert not set(out) & set("\x1b\u202e")


@pytest.fixture
def files(tmp_path):
    """Write two versions of a table, and one as DMN."""
    for name, limit in (("old", "0.3"), ("new", "0.5")):
        (tmp_path / f"{name}.yaml").write_text(TABLE.replace("LIMIT", limit), encoding="utf-8")
    (tmp_path / "table.dmn").write_text(DMN, encoding="utf-8")
    return tmp_path


class TestPriorities:
    def test_a_proved_table(self, capsys, files):
        code, out, err = run(capsys, "priorities", "verify", files / "old.yaml")
        assert (code, err) == (0, "")
        table = okr.load(files / "old.yaml").priorities
        assert out.startswith("verified: 2 rules")
        assert table_hash(table) in out
        for finding in okr.verify_table(table).findings:
            assert words(f"note: gap: {finding}") in words(out)
        shown = read(run(capsys, "priorities", "verify", files / "old.yaml", "--format", "json")[1])
        assert (shown["ok"], shown["table_hash"], shown["unfit"]) == (True, table_hash(table), [])
        assert [one["message"] for one in shown["findings"]] == [
            str(one) for one in okr.verify_table(table).findings
        ]

    def test_findings_end_in_1(self, capsys, files):
        path = files / "old.yaml"
        path.write_text(TABLE.replace("LIMIT", "0.3").replace("breached},", "watch},"), encoding="utf-8")
        code, out, err = run(capsys, "priorities", "verify", path)
        assert (code, err) == (1, "")
        assert out.startswith("not verified")
        assert "error: overlap: rules P1 and P2 both match" in out
        assert "such as kpi.zone: watch; conflict.degree: 0" in out
        shown = read(run(capsys, "priorities", "verify", path, "--format", "json")[1])
        assert (shown["ok"], shown["findings"][0]["kind"]) == (False, "overlap")

    def test_a_witness_decides_as_text_too(self, capsys, files):
        """A point that JSON cannot hold exactly is text, which `decide_table` reads."""
        path = files / "old.yaml"
        text = TABLE.replace("LIMIT", "0.3").replace("low: 0, high: 1", "low: 0.299, high: 0.3")
        path.write_text(
            text.replace("breached}", "'-', conflict.degree: '[0.2999..0.29991]'}"), encoding="utf-8"
        )
        code, out, _ = run(capsys, "priorities", "verify", path, "--format", "json")
        [clash] = [one for one in read(out)["findings"] if one["kind"] == "overlap"]
        assert (code, type(clash["witness"]["conflict.degree"])) == (1, str)
        with pytest.raises(okr.errors.TableError, match="both match"):
            okr.priorities.decide_table(okr.load(path).priorities, clash["witness"])

    def test_what_is_proved_but_cannot_decide_conflicts(self, capsys, files):
        path = files / "old.yaml"
        path.write_text(
            TABLE.replace("LIMIT", "0.3").replace("winner: objective", "winner: us"), encoding="utf-8"
        )
        code, out, _ = run(capsys, "priorities", "verify", path)
        assert code == 1
        assert "error: P1 names 'us'; a conflict is won by 'objective' or 'kpi'" in out

    def test_a_decision_table_in_dmn(self, capsys, files):
        path = files / "table.dmn"
        code, out, err = run(capsys, "priorities", "verify", path)
        assert (code, out) == (2, "")
        assert re.match(re.escape(str(path)) + r":8:5: output 'note' has no place", err)
        code, out, err = run(
            capsys, "priorities", "verify", path, "--winner", "winner", "--decision", "sides"
        )
        assert (code, err) == (0, "")
        assert out.startswith("verified: 1 rules")

    def test_compare(self, capsys, files):
        old, new = files / "old.yaml", files / "new.yaml"
        assert run(capsys, "priorities", "compare", old, old)[:2] == (0, "nothing is decided differently\n")
        code, out, err = run(capsys, "priorities", "compare", old, new)
        assert (code, err) == (1, "")
        tables = [okr.load(path).priorities for path in (old, new)]
        [difference] = okr.compare_tables(*tables)
        assert str(difference) in words(out)
        code, out, _ = run(capsys, "priorities", "compare", old, new, "--format", "json")
        shown = read(out)
        assert (code, shown["kind"]) == (1, "comparison")
        [row] = shown["differences"]
        assert row["region"] == dict(difference.region)
        assert (row["before"]["winner"], row["after"]["winner"]) == ("kpi", "objective")

    def test_compare_with_dmn_shows_effects(self, capsys, files):
        """What a DMN table cannot say, an effect, is a difference."""
        code, out, _ = run(
            capsys, "priorities", "compare", files / "old.yaml", files / "table.dmn", "--winner=winner"
        )
        assert code == 1
        assert "freeze: initiative -> no effect" in out

    def test_what_cannot_run_ends_in_2(self, capsys, files):
        (files / "none.yaml").write_text("okrcore: 1\n", encoding="utf-8")
        for argv in (
            ("verify", files / "none.yaml"),
            ("verify", files / "absent.dmn"),
            ("compare", files / "old.yaml", files / "none.yaml"),
        ):
            code, out, err = run(capsys, "priorities", *argv)
            assert (code, out, len(err.splitlines())) == (2, "", 1)


class TestReference:
    """docs/reference/command-line.md says what there is."""

    @pytest.mark.parametrize("command", [("conflicts",), ("priorities", "verify"), ("priorities", "compare")])
    def test_names_every_option(self, command, capsys):
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert {option for option in options if option not in PAGE} == set()

    def test_names_every_key(self, capsys, tmp_path, files):
        _, _, argv = written(tmp_path, *story("logistics"))
        shown = read(run(capsys, "conflicts", *argv, "--decide", "--format", "json")[1])
        verified = read(run(capsys, "priorities", "verify", files / "old.yaml", "--format", "json")[1])
        compared = read(
            run(capsys, "priorities", "compare", files / "old.yaml", files / "new.yaml", "--format", "json")[
                1
            ]
        )
        rows = [
            shown["conflicts"][0],
            shown["decisions"][0],
            verified["findings"][0],
            compared["differences"][0],
        ]
        named = {key for one in (shown, verified, compared, *rows) for key in one}
        assert {key for key in named if f"`{key}`" not in PAGE} == set()

    def test_every_exit_code_is_in_the_help(self, capsys):
        with pytest.raises(SystemExit):
            main(["--help"])
        assert "0 done, 1 something should not be, 2 could not run" in words(capsys.readouterr().out)
