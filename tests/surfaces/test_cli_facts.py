"""`okrcore pull` and `okrcore history` through `main`: what they print, where, and how they end."""

import json
import re
import sqlite3

import pytest

from okrcore import Ledger, Observation, Source
from okrcore.adapters.journal_input import FIELDS
from okrcore.history.entry import KINDS
from okrcore.surfaces.cli.main import main
from tests.support.paths import ROOT

GOALS = """
okrcore: 1
kpis:
  - {id: uptime, title: Uptime, unit: "%", target: {low: 98}, cadence: weekly}
"""
FILE = """
[[sources]]
kind = "file"
system = "sheet"
mode = "manual"
path = "kpis.csv"
columns = {measure = "kpi", at = "tag", value = "wert"}
dates = "day-first"
percent = "number"
numbers = {decimal = ",", thousands = "."}
"""
SQLITE = """
[[sources]]
kind = "sqlite"
system = "warehouse"
path = "facts.db"
measures = ["parcels"]
begin = 2026-01-01
overlap_days = 7
query = '''
select kpi as measure, day as at, amount as value from facts where day between :since and :until order by day
'''
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kpis.csv").write_text('kpi,tag,wert\nuptime,05.01.2026,"98,5"\n', encoding="utf-8")
    (tmp_path / "goals.yaml").write_text(GOALS, encoding="utf-8")
    (tmp_path / "sources.toml").write_text(FILE + SQLITE, encoding="utf-8")
    connection = sqlite3.connect(tmp_path / "facts.db")
    connection.execute("create table facts (kpi, day, amount)")
    connection.executemany(
        "insert into facts values ('parcels', ?, ?)",
        [("2025-12-29", 1), ("2026-01-05", 2), ("2026-01-12", 3)],
    )
    connection.commit()
    connection.close()
    return tmp_path


def run(capsys, *argv):
    code = main([str(one) for one in argv])
    out, err = capsys.readouterr()
    return code, out, err


def pull(capsys, folder, *more):
    return run(capsys, "pull", folder / "sources.toml", "--ledger", folder / "kpis.ledger", *more)


def rows(out):
    return {row["system"]: row for row in json.loads(out)["sources"]}


class TestPull:
    def test_pulls_all_sources(self, folder, capsys):
        code, out, err = pull(capsys, folder)
        assert (code, err) == (0, "")
        assert [line.split() for line in out.splitlines()[1:3]] == [
            ["sheet", "1", "1", "0", "done"],
            ["warehouse", "2", "2", "0", "done"],
        ]
        assert "The ledger has 3 observations; its root is 3:" in out

    def test_twice_changes_nothing(self, folder, capsys):
        """S8.5: the same record twice is one record."""
        before = json.loads(pull(capsys, folder, "--format", "json")[1])
        after = json.loads(pull(capsys, folder, "--format", "json")[1])
        assert before["root"] == after["root"]
        assert [row["added"] for row in after["sources"]] == [0, 0]

    def test_a_correction_is_known_from_now_on(self, folder, capsys):
        pull(capsys, folder)
        connection = sqlite3.connect(folder / "facts.db")
        connection.execute("update facts set amount = 9 where day = '2026-01-05'")
        connection.commit()
        connection.close()
        code, out, _ = pull(capsys, folder, "--format", "json")
        assert (code, rows(out)["warehouse"]["corrected"]) == (0, 1)
        _, out, _ = run(capsys, "history", "restatements", folder / "kpis.ledger", "--format", "json")
        [row] = json.loads(out)["rows"]
        assert (row["measure"], row["at"], row["before"], row["after"]) == ("parcels", "2026-01-05", 2.0, 9.0)
        assert (
            "parcels  2026-01-05  warehouse"
            in run(capsys, "history", "restatements", folder / "kpis.ledger")[1]
        )

    def test_a_window_may_be_given(self, folder, capsys):
        _, out, _ = pull(capsys, folder, "--until", "2026-01-06", "--format", "json")
        assert rows(out)["warehouse"]["delivered"] == 1
        _, out, _ = pull(capsys, folder, "--since", "2025-12-01", "--format", "json")
        assert rows(out)["warehouse"]["delivered"] == 3

    def test_one_that_fails_does_not_stop_the_others(self, folder, capsys):
        (folder / "kpis.csv").write_text("kpi,tag,wert\nuptime,05.01.2026,x\nuptime,,1\n", encoding="utf-8")
        code, out, err = pull(capsys, folder, "--format", "json")
        assert code == 2
        assert (rows(out)["sheet"]["state"], rows(out)["warehouse"]["state"]) == ("failed", "done")
        assert [line.partition(": ")[0] for line in err.splitlines()] == [
            f"{folder / 'kpis.csv'}:2", f"{folder / 'kpis.csv'}:3",
        ]  # fmt: skip

    def test_goes_into_a_score(self, folder, capsys):
        pull(capsys, folder)
        code, out, _ = run(
            capsys, "score", folder / "goals.yaml", "--history", folder / "kpis.ledger",
            "--as-of", "2026-01-10", "--format", "json",
        )  # fmt: skip
        [kpi] = json.loads(out)["kpis"]
        assert (code, kpi["value"], kpi["zone"]) == (0, 98.5, "healthy")


class TestConfig:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[[sources]]\nkind = 'fax'\nsystem = 'a'\n", "sources.toml:2:"),
            ("[[sources]]\nkind = 'file'\n", "system is missing"),
            ("[[sources]]\nkind = 'file'\nsystem = 'a'\n", "path is missing; add it"),
            (
                "[[sources]]\nkind = 'file'\nsystem = 'a'\npath = 'b'\nstep = 1\n",
                "step is no key of kind file",
            ),
            ("[[sources]]\nkind = 'file'\nsystem = 'a'\npath = 'b'\nstp = 1\n", "sources.toml:5:"),
            ("[[sources]]\nkind = 'file'\nsystem = 'a'\npath = 'b.csv'\noverlap_days = -1\n", "overlap_days"),
            (
                "[[sources]]\nkind = 'file'\nsystem = 'a'\npath = 'b.csv'\ntimezone = 'Mars'\n",
                "timezone 'Mars'",
            ),
            ("sources = []\n", "there are no sources"),
            ("[[sources]\n", "sources.toml:1:"),
        ],
    )
    def test_what_is_none_is_told_with_its_place(self, folder, capsys, text, told):
        (folder / "sources.toml").write_text(text, encoding="utf-8")
        code, out, err = pull(capsys, folder)
        assert (code, out) == (2, "")
        assert told in err
        assert not (folder / "kpis.ledger").exists()

    def test_all_faults_arrive_together(self, folder, capsys):
        """S0.4: all problems at once, each with its path."""
        bad = "[[sources]]\nkind = 'file'\nsystem = 'a'\n"
        (folder / "sources.toml").write_text(bad * 2, encoding="utf-8")
        _, _, err = pull(capsys, folder)
        assert [line.split(": ")[1] for line in err.splitlines()] == ["sources[0]", "sources[1]"]

    @pytest.mark.parametrize(
        "keys",
        [
            "kind = 'postgresql'\nconnection = 'postgresql://okr:hunter2@db/erp'\nquery = 'select 1'",
            "kind = 'postgresql'\nconnection = 'host=db password=hunter2'\nquery = 'select 1'",
            "kind = 'prometheus'\nurl = 'http://okr:hunter2@m'\nquery = 'up'\nstep = 60\nmeasure = 'a'",
            "kind = 'prometheus'\ntoken = 'hunter2'\nurl = 'http://m'\nquery = 'up'\nstep = 60",
        ],
    )
    def test_credentials_do_not_stand_in_it(self, folder, capsys, keys):
        (folder / "sources.toml").write_text(f"[[sources]]\nsystem = 'a'\n{keys}\n", encoding="utf-8")
        code, out, err = pull(capsys, folder)
        assert code == 2
        assert "holds a credential; put it in a variable" in err or "token" in keys
        assert "hunter2" not in out + err

    def test_credentials_come_from_the_environment_or_a_file(self, folder, capsys, monkeypatch):
        keys = "kind = 'prometheus'\nquery = 'up'\nstep = 60\nmeasure = 'a'\nbegin = 2026-01-01\n"
        text = f"[[sources]]\nsystem = 'metrics'\nurl_env = 'METRICS'\ntoken_file = 'token'\n{keys}"
        (folder / "sources.toml").write_text(text, encoding="utf-8")
        _, _, err = pull(capsys, folder)
        assert "the environment has no METRICS; set it" in err
        monkeypatch.setenv("METRICS", "http://okr:hunter2@127.0.0.1:1")
        _, _, err = pull(capsys, folder)
        assert "token_file: token cannot be read" in err
        (folder / "token").write_text("s3cret\n", encoding="utf-8")
        code, out, err = pull(capsys, folder)
        assert (code, "http://127.0.0.1:1/api/v1/query_range cannot be read" in err) == (2, True)
        assert "hunter2" not in out + err
        assert "s3cret" not in out + err


class TestHistory:
    @pytest.fixture
    def ledger(self, tmp_path):
        path = tmp_path / "kpis.ledger"
        with Ledger.open(path) as ledger:
            for value, day in ((98.5, 5), (0.1 + 0.2, 12)):
                ledger.append(
                    [
                        Observation(
                            "uptime",
                            f"2026-01-{day:02}",
                            value,
                            unit="%",
                            source=Source("scada"),
                            by="x\x1b[2J",
                        )
                    ]
                )
        return path

    def test_show_lists_measures(self, ledger, capsys):
        code, out, err = run(capsys, "history", "show", ledger)
        assert (code, err) == (0, "")
        assert out.splitlines()[1].split() == ["uptime", "2", "2026-01-05", "2026-01-12", "0.3", "%", "scada"]
        assert json.loads(run(capsys, "history", "show", ledger, "--format", "json")[1])["rows"] == [
            {"measure": "uptime", "observations": 2, "first": "2026-01-05", "last": "2026-01-12",
             "value": 0.30000000000000004, "unit": "%", "system": "scada"}
        ]  # fmt: skip

    def test_show_lists_the_records_of_a_measure(self, ledger, capsys):
        _, out, _ = run(capsys, "history", "show", ledger, "--measure", "uptime")
        assert [line.split()[:2] for line in out.splitlines()[1:3]] == [
            ["2026-01-05", "98.5"],
            ["2026-01-12", "0.3"],
        ]
        assert "\x1b" not in out
        _, out, _ = run(capsys, "history", "show", ledger, "--measure", "uptime", "--format", "json")
        assert [row["mode"] for row in json.loads(out)["rows"]] == ["pulled", "pulled"]
        code, out, err = run(capsys, "history", "show", ledger, "--measure", "uptme")
        assert (code, out, "'uptme' has no observation" in err) == (2, "", True)

    def test_show_reads_other_files_as_well(self, tmp_path, capsys):
        (tmp_path / "a.csv").write_text("measure,at,value\na,2026-01-05,1\n", encoding="utf-8")
        assert "1 observations of 1 measures" in run(capsys, "history", "show", tmp_path / "a.csv")[1]

    def test_nothing_is_made_where_nothing_is(self, tmp_path, capsys):
        for action in ("show", "verify", "restatements"):
            code, _, err = run(capsys, "history", action, tmp_path / "none.ledger")
            assert (code, bool(err)) == (2, True)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["facts.parquet", "facts.dat", "facts"])
    def test_a_file_of_another_kind_is_no_damaged_ledger(self, tmp_path, capsys, name):
        (tmp_path / name).write_bytes(b"PAR1 what no ledger begins with")
        code, _, err = run(capsys, "history", "show", tmp_path / name)
        assert code == 2
        assert "is unknown; use .csv" in err
        assert "duckdb_source" in err
        assert "damaged" not in err

    def test_a_ledger_that_is_missing_is_told_as_that(self, tmp_path, capsys):
        code, _, err = run(capsys, "history", "show", tmp_path / "none.ledger")
        assert (code, "the ledger does not exist" in err) == (2, True)

    def test_verify(self, ledger, capsys):
        root = json.loads(run(capsys, "history", "show", ledger, "--format", "json")[1])["root"]
        assert run(capsys, "history", "verify", ledger)[0] == 0
        assert run(capsys, "history", "verify", ledger, "--root", root)[0] == 0
        _, out, _ = run(capsys, "history", "verify", ledger, "--format", "json")
        assert (json.loads(out)["ok"], json.loads(out)["problems"]) == (True, [])
        forged = root[:-1] + ("0" if root[-1] != "0" else "1")
        code, out, err = run(capsys, "history", "verify", ledger, "--root", forged, "--format", "json")
        assert (code, json.loads(out)["ok"]) == (2, False)
        assert "altered, dropped or reordered" in err

    @pytest.mark.parametrize("place", [0, -20])
    def test_damage_is_found(self, ledger, capsys, place):
        content = bytearray(ledger.read_bytes())
        content[place] ^= 1
        ledger.write_bytes(content)
        for action in ("verify", "show", "restatements"):
            code, out, err = run(capsys, "history", action, ledger)
            assert (code, out) == (2, "")
            assert "restore it from a copy" in err


def test_a_file_that_is_written_otherwise_is_sent_to_the_command_that_reads_it(folder, capsys):
    own = folder / "own.csv"
    for text in ("kpi;tag;wert\nuptime;05.01.2026;98,5\n", 'measure,at,value\nuptime,2026-01-05,"98,5"\n'):
        own.write_text(text, "utf-8")
        for argv in (("score", folder / "goals.yaml", "--history", own), ("history", "show", own)):
            code, _, err = run(capsys, *argv)
            assert code == 2
            assert "okrcore pull" in err.splitlines()[-1]
            assert "columns=" not in err
    code, _, err = run(capsys, "score", folder / "goals.yaml", "--history", folder / "none.csv")
    assert (code, "okrcore pull" in err) == (2, False)


def test_entries_that_are_parted_otherwise_are_told_what_to_do(folder, capsys):
    (folder / "j.csv").write_text("kind;subject;by;at\ncheck-in;uptime;ann;2026-01-05\n", "utf-8")
    code, _, err = run(capsys, "score", folder / "goals.yaml", "--journal", folder / "j.csv")
    assert (code, "parted by commas" in err, "delimiter" in err) == (2, True, False)


def test_the_settings_shown_on_the_page_read_such_a_file(folder, capsys):
    text = (ROOT / "docs/reference/history.md").read_text("utf-8")
    (folder / "german.toml").write_text(text.partition("```toml\n")[2].partition("```")[0], "utf-8")
    rows = "Kennzahl;Datum;Wert;Einheit\nuptime;05.01.2026;1.098,5;%\n"
    (folder / "werte.csv").write_text(rows, "cp1252")
    assert run(capsys, "pull", folder / "german.toml", "--ledger", folder / "k.ledger")[0] == 0
    _, out, _ = run(capsys, "history", "show", folder / "k.ledger", "--measure", "uptime")
    assert "1,098.5" in out or "1098.5" in out


def test_the_page_names_every_column_of_entries():
    table = (ROOT / "docs/reference/history.md").read_text("utf-8").partition("### Files of entries")[2]
    named = re.findall(r"(?m)^\| `(\w+)`", table.partition("```")[0])
    assert named == [*FIELDS]
    assert all(f"`{kind}`" in table for kind in KINDS)
