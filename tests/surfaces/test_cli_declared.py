"""Versions on the command line: a ledger in place of documents, and documents against older ones (S21.7)."""

from __future__ import annotations

import json

import pytest

import okrcore as okr
from okrcore.surfaces.cli.main import main

OLD = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
owners: [{id: lead, kind: role}, {id: board, kind: role}]
objectives:
  - id: faster
    title: Sort faster
    cycle: "2026"
    owner: lead
    key_results:
      - {id: share, title: Same-day share, measure: {target: {start: 80, goal: 96}}}
      - {id: calls, title: Calls answered, measure: {target: {start: 70, goal: 90}}}
"""
NEW = OLD.replace("goal: 96", "goal: 84").replace(OLD.splitlines(keepends=True)[-1], "")
RULES = ("--select", "OKR515,OKR516")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, text in (("before", OLD), ("okrs", NEW)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.okr.yaml").write_text(text)
    with okr.Ledger.open("kept.ledger") as ledger:
        ledger.append(
            [okr.Observation("share", "2026-04-30", 81), okr.Observation("calls", "2026-04-30", 71)]
        )
        ledger.declare(okr.load("before"), at="2026-01-01", by="board")
        ledger.declare(okr.load("okrs"), at="2026-05-04", by="lead", why="a hall burnt down")
    return tmp_path


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_score_reads_versions_numbers_and_answers_of_one_ledger(here, capsys):
    code, text = run(capsys, "score", "kept.ledger", "--as-of", "2026-06-30", "--explain", "share")
    assert code == 0
    assert "Under the goals as they were once settled: faster 6 %, now 25 %; share 6 %, now 25 %." in text
    said = " ".join(text.split())
    assert "settled the score would be 6.25 %; now it is 25 %" in said
    assert "Loosened on 2026-05-04 by lead: measure.goal from 96 to 84: a hall burnt down." in said


def test_score_as_json_has_the_original_scores(here, capsys):
    _, text = run(capsys, "score", "kept.ledger", "--as-of", "2026-06-30", "--format", "json")
    assert json.loads(text)["original"] == {"faster": 0.05625, "share": 0.0625}
    _, text = run(capsys, "score", "kept.ledger", "--as-of", "2026-05-03", "--format", "json")
    said = json.loads(text)
    assert said["original"] is None
    assert [row["id"] for row in said["key_results"]] == ["calls", "share"]


def test_before_the_first_version_its_date_is_told(here, capsys):
    code, text = run(capsys, "score", "kept.ledger", "--as-of", "2025-12-31")
    assert code == 2
    assert "must not be before 2026-01-01" in text


def test_check_of_a_ledger_looks_at_amendments(here, capsys):
    code, text = run(capsys, "check", "kept.ledger", "--as-of", "2026-06-30", *RULES)
    assert code == 1
    assert "share: worth a look: measure.goal 96 -> 84, loosened by lead on 2026-05-04" in text
    assert "calls: worth a look: removed by lead on 2026-05-04, while it was off-track" in text


def test_check_against_older_documents_has_both_places(here, capsys):
    asked = ("check", "okrs", "--against", "before", "--as-of", "2026-05-04", *RULES)
    code, text = run(capsys, *asked)
    assert code == 1
    assert text.startswith("okrs/a.okr.yaml:10:14: warning OKR515")
    assert "(before: before/a.okr.yaml:10)" in " ".join(text.split())
    code, text = run(capsys, *asked, "--history", "kept.ledger", "--format", "json")
    share, calls = json.loads(text)["findings"]
    assert (share["subject"], share["file"], share["line"]) == ("share", "okrs/a.okr.yaml", 10)
    assert share["evidence"]["place_before"] == ["before/a.okr.yaml", 10, 14]
    assert (calls["subject"], calls["file"], calls["line"]) == ("calls", "before/a.okr.yaml", 11)
    assert share["evidence"]["score_before"] == 0.0625


def test_check_against_the_same_finds_nothing(here, capsys):
    code, text = run(capsys, "check", "before", "--against", "before", "--as-of", "2026-05-04", *RULES)
    assert (code, text.splitlines()[0][:11]) == (0, "No findings")


def test_check_against_a_ledger_counts_its_versions_and_numbers(here, capsys):
    code, text = run(capsys, "check", "before", "--against", "kept.ledger", "--as-of", "2026-06-30", *RULES)
    assert code == 1
    assert "share: worth a look: measure.goal 96 -> 84, loosened by lead on 2026-05-04" in text


def test_diff_takes_a_ledger(here, capsys):
    assert run(capsys, "diff", "kept.ledger", "okrs") == (0, "Both declare the same.\n")
    code, text = run(capsys, "diff", "before", "kept.ledger")
    assert (code, text.splitlines()[-1]) == (1, "1 loosened, 1 removed")


def test_conflicts_take_a_ledger(here, capsys):
    assert run(capsys, "conflicts", "kept.ledger", "--as-of", "2026-06-30")[0] == 0


def test_what_cannot_be_is_told(here, capsys):
    with okr.Ledger.open("empty.ledger"):
        pass
    for arguments, words in (
        (("score", "before", "kept.ledger"), "a ledger stands alone"),
        (("score", "empty.ledger"), "nothing is declared in this ledger"),
        (("check", "kept.ledger", "--against", "before"), "a ledger has its own versions"),
    ):
        code, text = run(capsys, *arguments)
        assert (code, words in text) == (2, True)
