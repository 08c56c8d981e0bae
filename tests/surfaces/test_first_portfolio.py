"""okrcore init: whatever the day, what it writes loads, scores and checks, and nothing is overwritten."""

import datetime as dt
import re
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.surfaces.cli.first_portfolio import first_portfolio
from okrcore.surfaces.cli.main import main

ROOT = Path(__file__).parents[2]


@settings(max_examples=20, deadline=None)
@given(day=st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)))
def test_on_every_day_it_scores_and_nothing_is_found_wrong(day, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    for name, text in first_portfolio(day).items():
        (folder / name).write_text(text, "utf-8")
    portfolio, history = okr.load(folder), okr.read_history(folder / "observations.csv")
    snapshot = okr.evaluate(portfolio, history, as_of=day)
    assert {state.status for state in map(snapshot.key_result, ("reply-hours", "solved-at-once"))} <= {
        "on-track", "at-risk",
    }  # fmt: skip
    found = okr.check(portfolio, history, as_of=day)
    assert [one for one in found if one.severity != "info"] == []


def test_the_steps_that_it_names_work_as_they_stand(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    steps = re.findall(r"^  okrcore (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert [step.split()[0] for step in steps] == ["score", "check"]
    for step in steps:
        assert main(step.split()) == 0
    assert sorted(file.name for file in Path("okrs").iterdir()) == ["observations.csv", "portfolio.okr.yaml"]


def test_it_overwrites_nothing(tmp_path, capsys):
    (tmp_path / "observations.csv").write_text("mine", "utf-8")
    assert main(["init", str(tmp_path)]) == 2
    assert [file.read_text("utf-8") for file in tmp_path.iterdir()] == ["mine"]
    assert "is there already" in capsys.readouterr().err


def steps(page, heading):
    """Return the steps of a page below a heading, which begin with a clone and what is installed of it."""
    found = re.search(rf"## {heading}.*?```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    lines = [line.partition("#")[0].strip() for line in found[1].splitlines() if line.strip()]
    assert lines[0].startswith("git clone")
    assert re.match(r"pip install '?\./okrcore", lines[1])
    return lines


def run(lines, folder, monkeypatch, capsys):
    """Run the commands of the library among steps, each of which succeeds, and return which they were."""
    monkeypatch.chdir(folder)
    commands = [argv for command, *argv in map(str.split, lines) if command == "okrcore"]
    for argv in commands:
        assert main(argv) == 0, capsys.readouterr().err
    return [argv[0] for argv in commands]


class TestStepsFromNothing:
    """Pages count the steps from nothing to a first score, and to a first report, of one's own."""

    def test_to_a_score_they_are_six_at_most_and_none_fails(self, tmp_path, monkeypatch, capsys):
        lines = steps("README.md", "Your own goals")
        assert len(lines) <= 6
        assert run(lines, tmp_path, monkeypatch, capsys) == ["init", "check", "score"]

    def test_to_a_report_they_are_as_many_as_its_page_says_and_none_fails(
        self, tmp_path, monkeypatch, capsys
    ):
        lines = steps("docs/how-to/make-the-one-page-report.md", "From nothing, in five steps")
        assert len(lines) == 5
        assert "[report]" in lines[1]
        assert run(lines, tmp_path, monkeypatch, capsys) == ["init", "report"]
        page = (tmp_path / "week.html").read_text("utf-8")
        portfolio = okr.load(tmp_path / "okrs")
        assert page.startswith("<!doctype html>")
        assert all(escape(goal.title) in page for goal in (*portfolio.objectives, *portfolio.key_results))


@pytest.mark.parametrize("command", ["score", "check", "conflicts"])
def test_a_command_without_a_document_says_how_to_get_one(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    assert main([command]) == 2
    assert "okrcore init" in capsys.readouterr().err
