"""`okrcore review`: one screen, or JSON that serves as the last review next week."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from okrcore.surfaces.cli.main import main
from okrcore.surfaces.stories import story


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("review")
    text = resources.files("okrcore").joinpath("data/stories/logistics.okr.yaml").read_text("utf-8")
    (folder / "logistics.okr.yaml").write_text(text, "utf-8")
    _, facts = story("logistics")
    rows = [f"{one.measure},{one.at},{one.value},{one.unit}" for one in facts]
    (folder / "history.csv").write_text("\n".join(["measure,at,value,unit", *rows]), "utf-8")
    (folder / "journal.csv").write_text(
        "kind,subject,by,at\ncheck-in,belts,head-of-operations,2026-01-05\n", "utf-8"
    )
    return [
        str(folder / "logistics.okr.yaml"),
        "--history", str(folder / "history.csv"), "--journal", str(folder / "journal.csv"),
    ]  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["review", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_stored_week_is_what_the_next_one_is_compared_with(
    capsys: pytest.CaptureFixture[str], files: list[str], tmp_path: Path
) -> None:
    code, out, _ = run(capsys, *files, "--as-of", "2026-09-27", "--format", "json")
    assert code == 0
    form = json.loads(out)
    assert (form["okrcore"], form["kind"], form["as_of"]) == (1, "review", "2026-09-27")
    assert out.isascii()
    kept = tmp_path / "last.json"
    kept.write_text(out, "utf-8")
    _, text, _ = run(capsys, *files, "--as-of", "2026-10-04", "--previous", str(kept), "--ascii")
    assert text.isascii()
    assert "last review 2026-09-27" in text
    assert "hall-2" in text
    _, alone, _ = run(capsys, *files, "--as-of", "2026-10-04", "--ascii")
    assert "SINCE" not in alone


def test_all_owner_and_team(capsys: pytest.CaptureFixture[str], files: list[str]) -> None:
    day = ("--as-of", "2026-10-04")
    _, whole, _ = run(capsys, *files, *day, "--all")
    _, mine, _ = run(capsys, *files, *day, "--owner", "managing-director")
    _, team, _ = run(capsys, *files, *day, "--team", "engineering")
    assert "1 thing needs" in mine
    assert "throughput will miss" in team
    assert "same-day-share will miss" not in team
    assert "same-day-share will miss" in whole


@pytest.mark.parametrize(
    ("whose", "said"),
    [
        (["--owner", "managing-director"], "owner 'managing-director'"),
        (["--team", "engineering"], "team 'engineering'"),
        (["--team", "operations", "--owner", "head-of-operations"], "owner 'head-of-operations' and team"),
    ],
)
def test_a_part_of_a_week_says_whose_it_is_and_is_not_compared_with(
    capsys: pytest.CaptureFixture[str], files: list[str], tmp_path: Path, whose: list[str], said: str
) -> None:
    _, out, _ = run(capsys, *files, "--as-of", "2026-09-27", *whose, "--format", "json")
    form = json.loads(out)
    asked = dict(zip([one.removeprefix("--") for one in whose[::2]], whose[1::2], strict=True))
    assert {name: form[name] for name in ("owner", "team") if form[name] is not None} == asked
    kept = tmp_path / "mine.json"
    kept.write_text(out, "utf-8")
    code, _, err = run(capsys, *files, "--as-of", "2026-10-04", "--previous", str(kept))
    assert code == 2
    assert f"previous is what concerns {said}" in err
    assert "without --owner and --team" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--owner", "nobody"], "owner is 'nobody'"),
        (["--previous", "nowhere.json"], "nowhere.json: cannot be read"),
    ],
)
def test_what_is_wrong_is_said(
    capsys: pytest.CaptureFixture[str], files: list[str], arguments: list[str], said: str
) -> None:
    code, _, err = run(capsys, *files, "--as-of", "2026-10-04", *arguments)
    assert code == 2
    assert said in err
