"""Build the site of these pages: `make docs` writes it to build/site, and any warning is an error."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE)]

from outputs import shown  # noqa: E402  # beside this file

import okrcore  # noqa: E402  # of this checkout, wherever it is installed

project = "okrcore"
author = "The okrcore founders"
version = release = okrcore.__version__
extensions = ["myst_parser"]
root_doc = "README"
exclude_patterns = ["how-to/programs"]
html_theme = "furo"
html_title = f"okrcore {okrcore.__version__}"
html_copy_source = False
html_show_copyright = False
myst_heading_anchors = 5
myst_enable_extensions = ["colon_fence"]


def _links(page: Path) -> dict[str, list[str]]:
    """Return the pages below a README that it links to, without suffix, by its sections."""
    found = {}
    for section in re.split(r"^## ", page.read_text("utf-8"), flags=re.M):
        links = dict.fromkeys(re.findall(r"\]\((?!\.\.|http|#)([\w/.-]+)\.md\)", section))
        caption = section.partition("\n")[0].strip("# ")
        found[caption] = [link for link in links if (page.parent / f"{link}.md").is_file()]
    return found


def _contents(readme: Path) -> str:
    """Return the tables of contents that the links of a README make, a section each; last what none lists."""
    sections = _links(readme)
    if readme.parent == HERE:
        listed = {
            (one.parent / f"{link}.md").resolve()
            for one in HERE.rglob("README.md")
            for links in _links(one).values()
            for link in links
        }
        rest = [page for page in sorted(HERE.rglob("*.md")) if page not in listed and page != readme]
        sections["More"] = [page.relative_to(HERE).with_suffix("").as_posix() for page in rest]
    tables = []
    for caption, pages in sections.items():
        if pages:
            tables += ["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]
    return "\n".join(tables)


def _add_contents(app: Any, page: str, source: list[str]) -> None:
    if Path(page).name == "README":
        source[0] += _contents(HERE / f"{page}.md")


def _add_outputs(app: Any, page: str, source: list[str]) -> None:
    source[0] = shown(source[0])


def _add_front_door(app: Any, error: Exception | None) -> None:
    front = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">\n'
    Path(app.outdir, "index.html").write_text(front, "utf-8")


def setup(app: Any) -> None:
    """Give READMEs their contents, for which links are enough on GitHub, and pages their outputs."""
    app.connect("source-read", _add_contents)
    app.connect("source-read", _add_outputs)
    app.connect("build-finished", _add_front_door)
