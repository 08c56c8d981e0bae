"""The command line through `main` and as a process: what it prints, where, and how it ends."""

import datetime as dt
import io
import json
import os
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise

import pytest

import okrcore as okr
from okrcore.display import width
from okrcore.documents import load
from okrcore.surfaces import stories
from okrcore.surfaces.cli import commands, screen
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.stories import LAST
from tests.support.paths import LIBRARY, ROOT

DOCUMENT = """
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - id: grow
    title: Grow
    cycle: "2026"
    key_results:
      - {id: arr, title: ARR, unit: EUR, measure: {target: {start: 100, goal: 200}}}
kpis:
  - {id: uptime, title: Uptime, unit: "%", target: {low: 98}, cadence: weekly}
"""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "goals.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return str(path)


@pytest.fixture
def history(monkeypatch):
    """Stand in for files of observations: any path gives these two."""
    found = okr.History.of(
        [okr.Observation("arr", "2026-06-30", 130), okr.Observation("uptime", "2026-06-28", 99.0)]
    )
    monkeypatch.setattr("okrcore.adapters.read_history", lambda path: found, raising=False)


def run(capsys, *argv):
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def today():
    return dt.datetime.now().astimezone().date().isoformat()


def process(*argv, encoding="utf-8", **more):
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY), "PYTHONIOENCODING": encoding, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "okrcore.surfaces.cli.main", *argv]
    return subprocess.run(command, capture_output=True, env=environment, timeout=300, check=False, **more)


@cache
def demo_of(story, *more):
    """Return what a demo prints; it is the same each time."""
    done = process("demo", story, *more)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.mark.xdist_group("demo")
class TestDemo:
    def test_tells_both_stories(self, capsys):
        code, out, err = run(capsys, "demo")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert [line.split(":")[0] for line, under in pairwise(lines) if under[:2] == "=="] == [
            "Logistics",
            "Software",
        ]
        assert max(map(width, lines)) <= 100
        assert len(lines) <= 200

    def test_shows_a_green_bonus_beside_a_red_goal(self):
        out = demo_of("logistics")
        rows = {line.split()[1]: line for line in out.splitlines() if line[:1] in "+~!?" and line.strip()}
        assert rows["faster-sorting"].startswith("!")
        assert rows["sorter-uptime"].startswith("+")

    def test_shows_health_over_time(self):
        out = demo_of("software")
        [row] = [line for line in out.splitlines() if "ui-satisfaction" in line and "++++++" in line]
        assert row.split()[-1] == "healthy"

    def test_looks_back(self):
        out = demo_of("logistics", "--as-of", "2026-05-10")
        assert "As of 2026-05-10" in out
        assert "green again" not in out  # what the story ends with is not known yet

    def test_tells_what_was_found_and_decided(self):
        """S13, S15: when, by which rule, and how the number is judged since."""
        out = demo_of("logistics")
        tail = out[out.index("Asked for conflicts") :]
        heads = [line for line in tail.splitlines() if re.match(r"\d{4}-\d\d-\d\d, week", line)]
        assert [head.split(": ")[1] for head in heads] == ["measured", "opposed"]
        text = " ".join(tail.split())
        for words in (
            "Nobody had declared it",
            "company-goal-first",
            "zone watch, judged healthy",
            "suspended",
        ):
            assert words in text
        early = demo_of("logistics", "--as-of", "2026-05-10")
        assert "No conflict is found until 2026-05-10, asked 19 times." in early
        out = demo_of("software")
        assert out.index(": disconnected: enterprise and ui-satisfaction") < out.index(": divergent: ")

    def test_as_json(self, capsys):
        _, out, _ = run(capsys, "demo", "--format", "json")
        assert out.isascii()
        told = json.loads(out, parse_constant=pytest.fail)
        assert (told["okrcore"], told["kind"]) == (1, "demo")
        assert [story["name"] for story in told["stories"]] == ["logistics", "software"]
        for story in told["stories"]:
            assert story["as_of"] == LAST.isoformat()
            assert len(story["health"]["as_of"]) == 40
            assert {len(goal["status"]) for goal in story["health"]["goals"]} == {40}
            assert {len(goal["score"]) for goal in story["health"]["goals"]} == {40}
            decided = story["decided"]
            assert decided["asked"][-1] == LAST.isoformat()
            ids = [one["decision"]["conflict"] for one in decided["found"]]
            assert len(ids) == len(set(ids)) > 0
            assert {one["id"] for one in decided["kpis"]} == {one["subject"] for one in decided["tolerances"]}
            for kpi in decided["kpis"]:
                assert len(kpi["zone"]) == len(kpi["judged_zone"]) == len(decided["asked"])
        [harm], none = (story["decided"]["declared"] for story in told["stories"])
        assert (harm["source"], harm["target"], harm["sign"]) == ("lanes-recalibrated", "sorter-uptime", -1)
        assert none == []

    def test_says_the_same_twice(self, capsys):
        early = ("demo", "logistics", "--as-of", "2026-03-01", "--format", "json")
        assert run(capsys, *early) == run(capsys, *early)

    def test_speaks_ascii_where_the_stream_does(self):
        done = process("demo", "logistics", encoding="ascii")
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.isascii()
        assert b"#####..|.." in done.stdout
        assert "█" in demo_of("logistics")

    def test_spells_out_letters_that_the_stream_does_not_take(self, tmp_path):
        path = tmp_path / "a.yaml"
        path.write_text(DOCUMENT.replace("title: ARR", "title: Größe"), encoding="utf-8")
        done = process("score", str(path), encoding="ascii")
        assert (done.returncode, done.stderr) == (0, b"")
        assert rb"Gr\xf6\xdfe" in done.stdout


class TestScore:
    def test_prints_goals_and_kpis(self, capsys, document, history):
        code, out, err = run(capsys, "score", document, "--history", "facts.csv", "--as-of", "2026-07-02")
        assert (code, err) == (0, "")
        assert "off-track" in next(line for line in out.splitlines() if "ARR" in line)
        assert "healthy" in next(line for line in out.splitlines() if "Uptime" in line)

    def test_reads_files_of_observations(self, capsys, document, tmp_path):
        (tmp_path / "a.csv").write_text("measure,at,value\narr,2026-06-30,130\n", encoding="utf-8")
        (tmp_path / "b.csv").write_text("measure,at,value,unit\nuptime,2026-06-28,0.99,1\n", encoding="utf-8")
        files = [f"--history={tmp_path / name}" for name in ("a.csv", "b.csv")]
        code, out, err = run(capsys, "score", document, *files, "--as-of", "2026-07-02", "--format", "json")
        assert (code, err) == (0, "")
        scored = json.loads(out)
        assert [row["value"] for row in (*scored["key_results"], *scored["kpis"])] == [130.0, 99.0]
        (tmp_path / "b.csv").write_text(
            "measure,at,value\nuptime,some day,99\nuptime,,99\n", encoding="utf-8"
        )
        code, out, err = run(capsys, "score", document, *files)
        assert (code, out) == (2, "")
        *faults, hint = err.splitlines()
        assert [line.split(":")[1] for line in faults] == ["2", "3"]
        assert "okrcore pull" in hint
        code, out, err = run(capsys, "score", document, "--history", str(tmp_path / "none.csv"))
        assert (code, out, len(err.splitlines())) == (2, "", 1)

    def test_as_json(self, capsys, document, history):
        argv = (
            "score",
            document,
            "--history",
            "a",
            "--history",
            "b",
            "--as-of",
            "2026-07-02",
            "--format",
            "json",
        )
        _, out, _ = run(capsys, *argv)
        scored = json.loads(out, parse_constant=pytest.fail)
        assert list(scored) == [
            "okrcore",
            "kind",
            "known_at",
            "dialect",
            "as_of",
            "objectives",
            "key_results",
            "kpis",
            "initiatives",
            "original",
            "closings",
            "explanation",
        ]
        [result] = scored["key_results"]
        state = {"id": "arr", "value": 130.0, "progress": 0.3, "status": "off-track", "stale": False}
        assert state.items() <= result.items()
        assert scored["explanation"] is None
        assert scored["initiatives"] == []

    def test_explains_down_to_conflicts_and_decisions(self, capsys, tmp_path):
        portfolio, facts = stories.story("logistics")
        okr.dump(portfolio, tmp_path / "a.okr.yaml")
        facts_file = tmp_path / "facts.csv"
        rows = (f"{one.measure},{one.at.isoformat()},{one.value!r},{one.unit}" for one in facts)
        facts_file.write_text("\n".join(["measure,at,value,unit", *rows]), "utf-8")
        argv = ("score", str(tmp_path / "a.okr.yaml"), "--history", str(facts_file), "--as-of", "2026-10-04")
        code, out, _ = run(capsys, *argv, "--explain", "faster-sorting")
        told = " ".join(out.split())
        assert code == 0
        assert "It stands against sorter-uptime of team operations" in told
        assert "decides for throughput over sorter-uptime" in told

    def test_explains(self, capsys, document, history):
        argv = ("score", document, "--history", "a", "--as-of", "2026-07-02", "--explain", "arr")
        _, text, _ = run(capsys, *argv)
        assert "30 % of the way, where 50 % is expected" in " ".join(text.split())
        _, out, _ = run(capsys, *argv, "--format", "json")
        assert json.loads(out)["explanation"]["numbers"]["pace"] == pytest.approx(0.6)

    def test_takes_today_where_no_date_is_given(self, capsys, document):
        before = today()
        _, out, _ = run(capsys, "score", document, "--format", "json")
        assert before <= json.loads(out)["as_of"] <= today()

    def test_says_that_no_history_is_given(self, capsys, document):
        _, out, _ = run(capsys, "score", document)
        assert "name one with --history FILE" in out

    def test_counts_only_what_was_known(self, capsys, document, history):
        argv = ("score", document, "--history", "a", "--as-of", "2026-07-02", "--format", "json")
        _, out, _ = run(capsys, *argv, "--known-at", "2026-06-29")
        assert json.loads(out)["key_results"][0]["value"] is None
        assert json.loads(out)["kpis"][0]["value"] == 99.0

    def test_speaks_a_dialect(self, capsys, document, history, monkeypatch):
        policy = okr.ScoringPolicy(on_track=0.5, at_risk=0.5, words={"on-track": "Fine"})
        monkeypatch.setattr("okrcore.scoring.dialects.DIALECTS", {"acme": policy})
        argv = ("score", document, "--history", "a", "--as-of", "2026-07-02", "--dialect")
        _, out, _ = run(capsys, *argv, "acme")
        assert "Fine" in out
        code, out, err = run(capsys, *argv, "emca")
        assert (code, out) == (2, "")
        assert "'emca' is unknown; give one of acme" in err


class TestConvert:
    def test_there_and_back(self, capsys, document, tmp_path):
        first = load(document)
        for name in ("a.toml", "b.json", "c.yaml"):
            code, out, err = run(capsys, "convert", document, "-o", str(tmp_path / name))
            assert (code, out, err) == (0, "", "")
            document = str(tmp_path / name)
        assert load(document) == first

    def test_to_standard_output_in_utf_8(self, tmp_path):
        path = tmp_path / "a.yaml"
        path.write_text("okrcore: 1\nteams: [{id: sales, title: Größe 漢字}]\n", encoding="utf-8")
        done = process("convert", str(path), "--to", "json", encoding="ascii")
        assert (done.returncode, done.stderr) == (0, b"")
        assert json.loads(done.stdout.decode("utf-8"))["teams"][0]["title"] == "Größe 漢字"

    @pytest.mark.parametrize("more", [(), ("--to", "toml", "-o", "a.json"), ("-o", "a.txt")])
    def test_refuses_what_names_no_format(self, capsys, document, more, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = run(capsys, "convert", document, *more)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert not (tmp_path / "a.json").exists()


class TestErrors:
    def test_every_problem_has_its_place(self, capsys, tmp_path):
        """S0.4: all problems at once, each with file, line and column."""
        path = tmp_path / "bad.yaml"
        path.write_text(
            "okrcore: 1\nteams:\n  - {id: a, titel: A}\n  - {id: b, parent: 7}\n", encoding="utf-8"
        )
        code, out, err = run(capsys, "score", str(path))
        assert (code, out) == (2, "")
        assert [line.split(":")[0:2] for line in err.splitlines()] == [[str(path), "3"], [str(path), "4"]]

    @pytest.mark.parametrize(
        "argv",
        [
            ("score", "missing.yaml"),
            ("score", "{document}", "--as-of", "yesterday"),
            ("score", "{document}", "--known-at", "2026-13-01"),
            ("score", "{document}", "--explain", "nobody"),
            ("convert", "{document}", "-o", "no/such/folder/a.json"),
            ("demo", "--as-of", "soon"),
        ],
    )
    def test_end_in_one_line_and_2(self, capsys, document, argv):
        code, out, err = run(capsys, *(part.format(document=document) for part in argv))
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert "Traceback" not in err

    def test_a_history_that_cannot_be_opened(self, capsys, document, monkeypatch):
        def fails(path):
            raise FileNotFoundError(2, "No such file or directory", path)

        monkeypatch.setattr("okrcore.adapters.read_history", fails, raising=False)
        code, _, err = run(capsys, "score", document, "--history", "facts.csv")
        assert (code, err) == (2, "okrcore: facts.csv: No such file or directory; check the path\n")

    @pytest.mark.parametrize(
        "argv", [(), ("scored",), ("convert",), ("demo", "retail"), ("score", "a", "--format", "x")]
    )
    def test_arguments_that_are_none(self, argv):
        with pytest.raises(SystemExit) as stop:
            main(argv)
        assert stop.value.code == 2

    def test_hostile_text_moves_no_cursor(self, capsys, tmp_path):
        path = tmp_path / "evil.yaml"
        title = r'"\e[31m\u202e\u2028 \x07</td><script>"'
        text = DOCUMENT.replace("title: ARR", f"title: {title}").replace("title: Uptime", f"title: {title}")
        path.write_text(text, encoding="utf-8")
        for more in ((), ("--format", "json"), ("--explain", "arr")):
            code, out, _ = run(capsys, "score", str(path), *more)
            assert code == 0
            assert not set(out) & set("\x1b\x07\u202e\u2028")
        code, _, err = run(capsys, "score", "\x1b[31m.yaml")
        assert code == 2
        assert "\x1b" not in err

    def test_interrupted(self, monkeypatch, document):
        def stopped(arguments):
            raise KeyboardInterrupt

        monkeypatch.setitem(commands.COMMANDS, "score", stopped)
        assert main(["score", document]) == 130

    def test_nobody_reads(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [sys.executable, "-m", "okrcore.surfaces.cli.main", "demo", "--as-of", "2026-01-18"],
            stdout=writer,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(LIBRARY)},
            timeout=120,
            check=False,
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (141, b"")


class TestScreen:
    def test_wide_letters_align(self, capsys, tmp_path):
        path = tmp_path / "wide.yaml"
        wide = DOCUMENT.replace("title: ARR", "title: 年間経常収益").replace(
            "title: Grow", "title: Cafe\u0301"
        )
        path.write_text(wide, encoding="utf-8")
        _, out, _ = run(capsys, "score", str(path))
        rows = [line for line in out.splitlines() if "no-data" in line and line[:1] == "?"]
        assert len(rows) == 2
        assert len({width(row[: row.index("no-data")]) for row in rows}) == 1

    def test_colours_a_terminal_only(self, monkeypatch):
        pytest.importorskip("rich")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.delenv("NO_COLOR", raising=False)
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        screen.show(["! grow  off-track", "[markup] stays"])
        assert "\x1b[" in terminal.getvalue()
        assert "[markup] stays" in terminal.getvalue()

    def test_is_plain_without_rich(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "rich.console", None)
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        screen.show(["! grow  off-track"])
        assert terminal.getvalue() == "! grow  off-track\n"

    def test_says_what_takes_long_on_a_terminal(self, monkeypatch, capsys):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with screen.stage("reading history"):
            assert terminal.getvalue() == "reading history ..."
        assert terminal.getvalue().endswith("\r\x1b[K")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


def test_help_is_instant():
    code = (
        "import sys; from okrcore.surfaces.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as stop: assert stop.code == 0\n"
        "assert not {'numpy', 'pint', 'yaml', 'dateutil', 'rich'} & set(sys.modules), 'heavy'"
    )
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"demo" in done.stdout


def test_version():
    done = process("--version")
    assert done.stdout.decode().split() == ["okrcore", okr.__version__]
    as_module = subprocess.run(
        [sys.executable, "-m", "okrcore", "--version"], capture_output=True, check=True
    )
    assert as_module.stdout == done.stdout


class TestReference:
    """docs/reference/command-line.md says what there is."""

    page = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("command", ["demo", "score", "convert"])
    def test_names_every_option(self, command, capsys):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert options
        assert {option for option in options if option not in self.page} == set()

    def test_names_every_key(self, capsys, document, history):
        argv = ("score", document, "--history", "a", "--as-of", "2026-07-02", "--explain", "grow")
        _, out, _ = run(capsys, *argv, "--format", "json")
        scored = json.loads(out)
        rows = {key: scored[key] for key in ("objectives", "key_results", "kpis")}
        for table, found in {**rows, "explanation": [scored["explanation"]]}.items():
            [line] = [line for line in self.page.splitlines() if line.startswith(f"| `{table}` |")]
            assert [key for key in found[0] if f"`{key}`" not in line] == []
        assert {key for key in scored if f"`{key}`" not in self.page} == set()
