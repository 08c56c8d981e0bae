"""`okrcore close` through `main`: what is to be closed, the entries that do it, and what is carried over."""

from __future__ import annotations

import json

import okrcore as okr
from okrcore.surfaces.cli.main import main

DOCUMENT = """\
okrcore: 1
cycles:
  - {id: 2026-Q1, start: 2026-01-01, end: 2026-03-31}
  - {id: 2026-Q2, start: 2026-04-01, end: 2026-06-30}
owners: [{id: ann}]
objectives:
  - id: grow
    title: Grow
    cycle: 2026-Q1
    owner: ann
    key_results:
      - {id: deals, title: 20 deals, measure: {target: {start: 0, goal: 20}}}
"""


def run(capsys, folder, *argv):
    (folder / "goals.okr.yaml").write_text(DOCUMENT, "utf-8")
    (folder / "seen.csv").write_text("measure,at,value\ndeals,2026-03-30,12\n", "utf-8")
    code = main(["close", str(folder / "goals.okr.yaml"), "--history", str(folder / "seen.csv"), *argv])
    return code, *capsys.readouterr()


def test_what_is_over_is_shown_proposed_recorded_and_then_closed(capsys, tmp_path):
    journal = str(tmp_path / "journal.jsonl")
    code, out, err = run(capsys, tmp_path, "--as-of", "2026-04-08")
    assert (code, err) == (0, "")
    assert "As of 2026-04-08: 1 goal to close, 0 closed." in out
    assert "partly" in out
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-04-08", "--propose")
    (entry,) = map(json.loads, out.splitlines())
    assert (entry["subject"], entry["outcome"], entry["by"]) == ("grow", "partly", "ann")
    held = {"kind": "check-in", "subject": "deals", "by": "ann", "at": "2026-03-30", "confidence": 0.5}
    (tmp_path / "journal.jsonl").write_text(json.dumps(held), "utf-8")
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-04-08", "--propose", "--by", "coo", "-o", journal)
    assert (code, out) == (0, f"{journal}: 1 entry more\n")
    assert [one.by for one in okr.read_journal(journal)] == ["ann", "coo"]
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-05-08", "--journal", journal, "--format", "json")
    told = json.loads(out)
    assert (told["proposed"], sorted(told["closed"])) == ([], ["deals", "grow"])
    _, out, _ = run(capsys, tmp_path, "--as-of", "2026-05-08", "--journal", journal)
    assert "0 goals to close, 2 closed" in out
    code, _, err = run(capsys, tmp_path, "--propose", "-o", "journal.csv", "--as-of", "2026-04-08")
    assert (code, "name a .jsonl file" in err) == (2, True)


def test_what_is_left_goes_on_in_another_cycle(capsys, tmp_path):
    target = tmp_path / "next.okr.yaml"
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-04-08", "--into", "2026-Q2", "-o", str(target))
    assert (code, out) == (0, f"{target}: 2 definitions more\n")
    assert okr.load(target).key_result("deals@2026-Q2").measure == okr.Target(12, 20)
    code, out, _ = run(capsys, tmp_path, "--as-of", "2026-04-08", "--into", "2026-Q2", "--only", "deals")
    assert okr.loads(out) == okr.load(target)
    code, _, err = run(capsys, tmp_path, "--as-of", "2026-04-08", "--into", "2026-Q9")
    assert (code, "'2026-Q9' is declared nowhere" in err) == (2, True)
