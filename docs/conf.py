"""Build the site of these pages: `make docs` writes it to build/site, and any warning is an error."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "src"))

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
myst_heading_anchors = 5
myst_enable_extensions = ["colon_fence"]


def _contents(page: str, text: str) -> str:
    """Return the tables of contents that the links of a README to pages below it make, a section each."""
    folder = HERE / Path(page).parent
    tables = []
    for section in re.split(r"^## ", text, flags=re.M):
        links = dict.fromkeys(re.findall(r"\]\((?!\.\.|http|#)([\w/.-]+)\.md\)", section))
        pages = [link for link in links if (folder / f"{link}.md").is_file()]
        if pages:
            caption = section.partition("\n")[0].strip("# ")
            tables += ["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]
    return "\n".join(tables)


def _add_contents(app: Any, page: str, source: list[str]) -> None:
    if Path(page).name == "README":
        source[0] += _contents(page, source[0])


def _add_front_door(app: Any, error: Exception | None) -> None:
    front = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">\n'
    Path(app.outdir, "index.html").write_text(front, "utf-8")


def setup(app: Any) -> None:
    """Give every README its tables of contents, for which its links are enough on GitHub."""
    app.connect("source-read", _add_contents)
    app.connect("build-finished", _add_front_door)
