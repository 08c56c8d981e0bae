"""Photograph what people look at: reports and notebook outputs, in build/screens. Run: make screens."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.browser import OPEN, Look, browser, photograph, sheets
from tests.support.every_result import STORIES
from tests.support.notebook_page import THEMES, notebook
from tests.support.real_catalogues import ABSENT, DATA, real

import okrcore as okr

FOLDER = Path(__file__).resolve().parents[1] / "build" / "screens"
NO_BROWSER = "no Chromium is installed; apt-get install chromium, or brew install --cask chromium"
CITY = "nyc_mmr"
LOOKS: tuple[tuple[str, Look, int, str], ...] = (
    ("light", "light", 1180, ""),
    ("dark", "dark", 1180, ""),
    ("phone", "light", 360, ""),
    ("tablet-open", "light", 768, OPEN),
    ("paper", "print", 703, ""),
    ("open", "light", 1180, OPEN),
    ("phone-open", "dark", 360, OPEN),
)
"""What a picture is called, how the page looks in it, how wide it is, and what is done to it before."""


def reviewed(name: str) -> okr.Review:
    """Return the last week of a data set, beside the week before it."""
    found = real(name)
    journal = found.journal if len(found.journal) else None
    before = dt.date.fromisoformat(found.as_of) - dt.timedelta(days=7)
    last = okr.review(found.portfolio, found.history, as_of=before, journal=journal)
    return okr.review(found.portfolio, found.history, as_of=found.as_of, journal=journal, previous=last)


def pictures(name: str) -> Iterator[tuple[str, str, int, Look, str]]:
    """Yield each picture of a data set: its name, page, width and look, and the script that runs before."""
    page = okr.report(reviewed(name))
    for called, look, wide, script in LOOKS:
        yield f"{name}-{called}", page, wide, look, script
    for theme in THEMES if name in STORIES else ():
        yield f"{name}-notebook-{theme}", notebook(name, theme), 960, "light", ""


def main() -> int:
    """Write all pictures, say how many sheets each report is printed on, and return the exit code."""
    if browser() is None:
        print(NO_BROWSER, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not DATA.exists():
        print(f"no pictures of {CITY}: {ABSENT}")
    for name in (*STORIES, *([CITY] if DATA.exists() else [])):
        for called, page, wide, look, script in pictures(name):
            photograph(page, FOLDER / f"{called}.png", wide=wide, look=look, script=script)
            if look == "print":
                with TemporaryDirectory() as folder:
                    print(f"{name}: {sheets(page, Path(folder))} sheets of A4")
    print(f"pictures in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
