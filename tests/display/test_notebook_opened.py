"""Outputs of a notebook, opened as a notebook shows them: axe finds nothing, all fit, cells stand as meant.

Skipped with a reason where there is no Chromium, or no axe-core.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browser import AXE_CHECK, asked, axe
from tests.support.every_result import STORIES
from tests.support.notebook_page import THEMES, notebook

WIDTHS = "tell([...document.querySelectorAll('.jp-OutputArea-output')].map(one=>[one.title,one.scrollWidth]))"
ASIDE = (
    "tell([...document.querySelectorAll('.okr :is(th,td):not(.r)')].filter(one=>"
    "getComputedStyle(one).textAlign!='left').map(one=>one.outerHTML))"
)


@pytest.fixture(autouse=True)
def _plans_need_scipy() -> None:
    pytest.importorskip("scipy", reason="plans need scipy")


@pytest.mark.parametrize("wide", [1180, 360])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", STORIES)
def test_axe_finds_nothing(name: str, theme: str, wide: int, tmp_path: Path) -> None:
    page = notebook(name, theme)
    assert asked(page, f"{axe()};{AXE_CHECK}", tmp_path, wide=wide) == []


@pytest.mark.parametrize("name", [*STORIES, "hostile"])
def test_none_is_wider_than_a_phone(name: str, tmp_path: Path) -> None:
    found = asked(notebook(name, "light"), WIDTHS, tmp_path, wide=360)
    assert [kind for kind, width in found if width > 360] == []


@pytest.mark.parametrize("name", [*STORIES, "hostile"])
def test_only_numbers_stand_at_the_right_of_their_cells(name: str, tmp_path: Path) -> None:
    assert asked(notebook(name, "dark"), ASIDE, tmp_path) == []
