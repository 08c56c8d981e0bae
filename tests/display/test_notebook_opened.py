"""Outputs of a notebook, opened as a notebook shows them: axe finds nothing, all fit, cells stand as meant.

Skipped with a reason where there is no Chromium, or no axe-core.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from okrcore.display.palette import DARK, LIGHT, ON_DARK
from okrcore.display.tags import Html, joined, tag
from tests.support.browser import AXE_CHECK, asked, axe
from tests.support.every_result import STORIES, results_of

NOTEBOOK = """
.jp-RenderedHTMLCommon { line-height: 1.6; padding-right: 20px; }
.jp-RenderedHTMLCommon :is(ul, ol):not(.list-inline) { padding-left: 2em; }
.jp-RenderedHTMLCommon table { border-collapse: collapse; border: none; font-size: 13px; table-layout: fixed;
  margin-left: auto; margin-bottom: 1em; margin-right: auto; }
.jp-RenderedHTMLCommon :is(td, th, tr) { vertical-align: middle; padding: .5em; line-height: normal; }
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon :is(td, th, tr) { text-align: right; }
.jp-RenderedHTMLCommon th { font-weight: bold; }
.jp-RenderedHTMLCommon tbody tr:nth-child(even) { background: var(--stripe); }
.jp-RenderedHTMLCommon p { text-align: left; margin: 0 0 1em; }
"""
"""What JupyterLab says of the tables, lists and paragraphs of every output."""
THEMES = {
    "light": (LIGHT["paper"], LIGHT["ink"], LIGHT["wash"]),
    "dark": (ON_DARK, DARK["ink"], DARK["wash"]),
}
"""Paper, ink and the stripe of every second row."""
WIDTHS = "tell([...document.querySelectorAll('.jp-OutputArea-output')].map(one=>[one.title,one.scrollWidth]))"
ASIDE = (
    "tell([...document.querySelectorAll('.okr :is(th,td):not(.r)')].filter(one=>"
    "getComputedStyle(one).textAlign!='left').map(one=>one.outerHTML))"
)


@cache
def shown(name: str) -> dict[str, Html]:
    return {kind: Html(value._repr_html_()) for kind, value in results_of(name).items()}


def notebook(outputs: dict[str, Html], theme: str) -> str:
    paper, ink, stripe = THEMES[theme]
    look = f"body{{margin:0;background:{paper};color:{ink};font:14px sans-serif;--stripe:{stripe}}}{NOTEBOOK}"
    place = "jp-RenderedHTMLCommon jp-RenderedHTML jp-OutputArea-output"
    cells = (tag("div", html, class_=place, title=kind) for kind, html in outputs.items())
    head = joined(tag("title", "Notebook"), tag("style", Html(look)))
    body = tag("body", tag("main", tag("h1", "Notebook"), cells))
    return f"<!doctype html><html lang='en'><meta charset='utf-8'>{head}{body}</html>"


@pytest.fixture(autouse=True)
def _plans_need_scipy() -> None:
    pytest.importorskip("scipy", reason="plans need scipy")


@pytest.mark.parametrize("wide", [1180, 360])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", STORIES)
def test_axe_finds_nothing(name: str, theme: str, wide: int, tmp_path: Path) -> None:
    page = notebook(shown(name), theme)
    assert asked(page, f"{axe()};{AXE_CHECK}", tmp_path, wide=wide) == []


@pytest.mark.parametrize("name", [*STORIES, "hostile"])
def test_none_is_wider_than_a_phone(name: str, tmp_path: Path) -> None:
    found = asked(notebook(shown(name), "light"), WIDTHS, tmp_path, wide=360)
    assert [kind for kind, width in found if width > 360] == []


@pytest.mark.parametrize("name", [*STORIES, "hostile"])
def test_only_numbers_stand_at_the_right_of_their_cells(name: str, tmp_path: Path) -> None:
    assert asked(notebook(shown(name), "dark"), ASIDE, tmp_path) == []
