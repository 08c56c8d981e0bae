"""Opens pages in a headless Chromium, where there is one: what a script finds there, and what is printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from urllib.parse import unquote

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
NO_BROWSER = "no Chromium is installed; install one to have pages opened"
NO_AXE = "axe-core is not here; set OKRCORE_AXE to its axe.min.js (npm install axe-core)"
Look = Literal["light", "dark", "print"]
OPEN = "for(const one of document.querySelectorAll('details'))one.open=true;"
"""A script that opens each drill-down of a page."""
AXE_CHECK = (
    "axe.run(document,{runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
    ".then(found=>tell(found.violations.map(one=>[one.id,one.nodes[0].html])))"
)
"""A script that tells each rule that a page breaks, with the first element that does, after `axe()`."""
_ASKS_FOR = {"dark": "(prefers-color-scheme:dark)", "print": "print"}
_SHOWN = "document.documentElement.setAttribute('data-told',encodeURIComponent(JSON.stringify(told)))"


@cache
def browser() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def axe() -> str:
    """Return the source of axe-core, which `OKRCORE_AXE` names; skips where it names none."""
    path = os.environ.get("OKRCORE_AXE", "")
    if not Path(path).is_file():
        pytest.skip(NO_AXE)
    return Path(path).read_text("utf-8")


def asked(page: str, script: str, folder: Path, *, wide: int = 1180, look: Look = "light") -> Any:
    """Return what a script that calls `tell(value)` says of a page, in a frame so wide (a phone's too)."""
    outer = _frame(page, script, folder, wide, 900, look)
    dom = _run(outer, "--window-size=1400,1000", "--virtual-time-budget=60000", "--dump-dom")
    found = re.search(r'data-told="([^"]*)"', dom)
    assert found, "the page told nothing"
    return json.loads(unquote(found[1]))


def photograph(page: str, file: Path, *, wide: int = 1180, look: Look = "light", script: str = "") -> None:
    """Write a page as a picture, as high as it is, in a frame so wide, after a `script`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        high = asked(
            page, f"{script}tell(document.documentElement.scrollHeight)", folder, wide=wide, look=look
        )
        outer = _frame(page, script, folder, wide, high, look)
        window = f"--window-size={max(wide, 500)},{high}"
        _run(outer, window, "--hide-scrollbars", "--virtual-time-budget=10000", f"--screenshot={file}")


def _frame(page: str, script: str, folder: Path, wide: int, high: int, look: Look) -> Path:
    """Return a page around a page, for no window is as narrow as a phone."""
    page = page.replace(f"@media {_ASKS_FOR.get(look)}{{", "@media (min-width:1px){")
    told = "const tell=told=>parent.postMessage(told,'*');"
    inner, outer = folder / "inner.html", folder / "outer.html"
    inner.write_text(page.replace("</body>", f"<script>{told}{script}</script></body>"), "utf-8")
    frame = (
        f"<iframe src='inner.html' style='display:block;width:{wide}px;height:{high}px;border:0'></iframe>"
    )
    heard = f"<script>onmessage=event=>{{const told=event.data;{_SHOWN}}}</script>"
    outer.write_text(
        f"<!doctype html><title>frame</title>{heard}<body style='margin:0'>{frame}</body>", "utf-8"
    )
    return outer


def sheets(page: str, folder: Path) -> int:
    """Return on how many sheets of A4 a page is printed."""
    file, printed = folder / "print.html", folder / "print.pdf"
    file.write_text(page, "utf-8")
    _run(file, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    return len(re.findall(rb"/Type\s*/Page[^s]", printed.read_bytes()))


def _run(page: Path, *options: str) -> str:
    found = browser()
    if found is None:
        pytest.skip(NO_BROWSER)
    common = ("--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent / 'profile'}")
    command = [found, *common, *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    return done.stdout
