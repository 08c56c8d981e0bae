"""The pictures of what people look at: all that are promised are taken, each of a page that is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import screens

from tests.support.browser import NO_BROWSER, browser
from tests.support.every_result import KINDS, STORIES
from tests.support.notebook_page import THEMES


@pytest.mark.parametrize("name", STORIES)
def test_a_story_has_a_picture_of_each_look_and_of_its_notebook(name: str) -> None:
    pytest.importorskip("jinja2", reason="reports need jinja2")
    pytest.importorskip("scipy", reason="plans need scipy")
    taken = {called: page for called, page, *_ in screens.pictures(name)}
    looks = {f"{name}-{look}" for look, *_ in screens.LOOKS}
    assert {*taken} == looks | {f"{name}-notebook-{theme}" for theme in THEMES}
    assert {look for _, look, *_ in screens.LOOKS} == {"light", "dark", "print"}
    for theme in THEMES:
        page = taken[f"{name}-notebook-{theme}"]
        assert all(f'title="{kind}"' in page.replace("&#x27;", "'") for kind in KINDS)


def test_pictures_are_written_and_sheets_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if browser() is None:
        pytest.skip(NO_BROWSER)
    page = "<!doctype html><html lang='en'><title>x</title><body><p>One line.</p></body></html>"
    monkeypatch.setattr(screens, "FOLDER", tmp_path)
    monkeypatch.setattr(screens, "DATA", tmp_path / "none")
    monkeypatch.setattr(screens, "STORIES", ("one",))
    monkeypatch.setattr(screens, "pictures", lambda name: [(f"{name}-paper", page, 703, "print", "")])
    assert screens.main() == 0
    assert (tmp_path / "one-paper.png").read_bytes().startswith(b"\x89PNG")
    told = capsys.readouterr().out
    assert "one: 1 sheets of A4" in told
    assert "no pictures of nyc_mmr" in told


def test_without_a_browser_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screens, "browser", lambda: None)
    assert screens.main() == 2
    assert "install chromium" in capsys.readouterr().err
