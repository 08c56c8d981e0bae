"""Sets outputs into a page as JupyterLab does, whose style says how tables and lists of all outputs look."""

from __future__ import annotations

from okrcore.display.palette import DARK, LIGHT, ON_DARK
from okrcore.display.tags import Html, joined, tag
from tests.support.every_result import results_of

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


def notebook(name: str, theme: str) -> str:
    """Return a page of every output of a story, or of the hostile goals, in a light or dark theme."""
    paper, ink, stripe = THEMES[theme]
    look = f"body{{margin:0;background:{paper};color:{ink};font:14px sans-serif;--stripe:{stripe}}}{NOTEBOOK}"
    place = "jp-RenderedHTMLCommon jp-RenderedHTML jp-OutputArea-output"
    cells = (
        tag("div", Html(value._repr_html_()), class_=place, title=kind)
        for kind, value in results_of(name).items()
    )
    head = joined(tag("title", "Notebook"), tag("style", Html(look)))
    body = tag("body", tag("main", tag("h1", "Notebook"), cells))
    return f"<!doctype html><html lang='en'><meta charset='utf-8'>{head}{body}</html>"
