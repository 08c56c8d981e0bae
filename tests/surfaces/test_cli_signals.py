"""`okrcore signals` shows what moved beyond chance, and what dipped."""

from __future__ import annotations

import json

import pytest

import okrcore as okr
from okrcore.surfaces.cli.main import main

DOCUMENT = """\
okrcore: 1
owners: [{id: ops, kind: role}]
kpis:
  - {id: uptime, title: Uptime, unit: "%", better: higher, cadence: weekly, owner: ops}
  - {id: calls, title: Calls, cadence: weekly}
"""
VALUES = [98.2, 97.9, 98.1, 98.0, 98.2, 97.8, 98.1, 98.0, 97.9, 98.2, 98.0, 98.1, 97.9, 92.0]


@pytest.fixture
def document(tmp_path, monkeypatch):
    days = okr.weekly("2026-01-04", "2026-04-05")
    found = okr.History.of_columns(["uptime"] * 14 + ["calls"] * 14, [*days, *days], VALUES * 2)
    monkeypatch.setattr("okrcore.adapters.read_history", lambda path: found, raising=False)
    path = tmp_path / "goals.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return str(path)


def run(capsys, *argv):
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def test_it_lists_dips_and_the_newest_points(capsys, document):
    code, out, _ = run(capsys, "signals", document, "--history", "x.csv", "--as-of", "2026-04-06")
    assert code == 0
    assert "in the last 13 weeks: 1 dip." in out
    assert "uptime lies outside its limits in the period to 2026-04-05" in out
    assert "shown 2026-04-05 23:59 UTC; ops" in out
    assert out.count("2026-03-30") == 2  # the newest point of either


def test_it_shows_one_whole_chart(capsys, document):
    args = ("signals", document, "--history", "x.csv", "--as-of", "2026-04-06")
    _, out, _ = run(capsys, *args, "--id", "calls")
    assert "no dips" in out
    assert out.count("calls") == 14
    _, _, err = run(capsys, *args, "--id", "cals")
    assert "did you mean" in err


def test_as_json(capsys, document):
    args = ("signals", document, "--history", "x.csv", "--as-of", "2026-04-06", "--format", "json")
    told = json.loads(run(capsys, *args)[1])
    assert (told["kind"], told["as_of"], told["weeks"]) == ("signals", "2026-04-06", 13)
    assert [one["subject"] for one in told["dips"]] == ["uptime"]
    assert told["dips"][0]["signal"] == "outside"
    assert [(one["id"], one["signal"], one["meaning"]) for one in told["points"]] == [
        ("calls", "outside", "neutral"),
        ("uptime", "outside", "concern"),
    ]


def test_without_a_history_it_says_so(capsys, document):
    _, out, _ = run(capsys, "signals", document, "--as-of", "2026-04-06")
    assert "Nothing is observed." in out
    assert "No history is given" in out
    assert run(capsys, "signals", document, "--weeks", "0")[0] == 2
