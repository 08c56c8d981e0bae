"""`okrcore diff`: what a change of documents loosens, where it stands, and how the command ends (S21.7)."""

from __future__ import annotations

import json

import pytest

from okrcore.surfaces.cli.main import main

OLD = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - id: faster
    title: Sort faster
    cycle: "2026"
    key_results:
      - {id: share, title: Same-day share, measure: {target: {start: 90, goal: 96}}}
      - {id: calls, title: Calls answered, measure: {target: {start: 70, goal: 80}}}
"""


@pytest.fixture
def compared(tmp_path, capsys):
    def run(new: str, *arguments: str, old: str = OLD) -> tuple[int, str]:
        for name, text in (("old", old), ("new", new)):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "a.okr.yaml").write_text(text)
        code = main(["diff", str(tmp_path / "old"), str(tmp_path / "new"), *arguments])
        return code, capsys.readouterr().out

    return run


def test_the_same_is_no_difference(compared):
    assert compared(OLD) == (0, "Both declare the same.\n")


def test_a_loosened_goal_ends_with_1_and_its_place(compared, tmp_path):
    code, text = compared(OLD.replace("goal: 96", "goal: 92"))
    assert code == 1
    first, line, *_ = text.splitlines()
    assert first == "loosened: easier to reach than before (1)"
    assert line.startswith("  share: measure.goal 96 -> 92, loosened")
    assert f"{tmp_path / 'new' / 'a.okr.yaml'}:8" in text.replace("\n   ", " ")


def test_a_removed_goal_ends_with_1(compared):
    code, text = compared(OLD.replace(OLD.splitlines(keepends=True)[-1], ""))
    assert (code, "calls: removed" in text) == (1, True)


def test_a_harder_goal_and_another_title_end_with_0(compared):
    code, text = compared(OLD.replace("goal: 80", "goal: 85").replace("Sort faster", "Sort it faster"))
    assert code == 0
    assert text.splitlines()[-1] == "1 tightened, 1 recorded"


def test_bands_plans_and_items_are_written_in_words(compared):
    more = """\
      - {id: ties, title: Ties, measure: {target: {start: 0, goal: 40, plan: [[2026-06-30, 30]]}}}
      - {id: steps, title: Steps, measure: {checklist: [a, b]}}
kpis: [{id: wait, title: Wait, target: {low: 10}, limit: {low: 8}}]
"""
    old = OLD + more
    new = old.replace("30]]", "20]]").replace("[a, b]", "[a]").replace("low: 8", "low: 3")
    _, text = compared(new, old=old)
    for line in (
        "ties: measure.plan 30 on 2026-06-30 -> 20 on 2026-06-30, loosened",
        "steps: measure.items a, b -> a, loosened",
        "wait: limit at least 8 -> at least 3, loosened",
    ):
        assert line in text


def test_json_has_both_places(compared):
    code, text = compared(OLD.replace("goal: 96", "goal: 92"), "--format", "json")
    said = json.loads(text)
    assert (code, said["okrcore"], said["kind"]) == (1, 1, "diff")
    (one,) = said["amendments"]
    assert (one["subject"], one["field"], one["before"], one["after"]) == (
        "share",
        "measure.goal",
        96.0,
        92.0,
    )
    assert (one["old"]["line"], one["new"]["line"]) == (8, 8)


def test_a_title_cannot_move_the_cursor_or_give_a_command(compared):
    hostile = OLD.replace("Sort faster", '"\\e[2J\\n::add-mask::x"')
    _, text = compared(hostile)
    assert "\x1b" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
