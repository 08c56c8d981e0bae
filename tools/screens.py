"""Photograph what people look at: reports and notebook outputs, in build/screens. Run: make screens."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.browser import OPEN, Look, browser, photograph, sheets
from tests.support.real_catalogues import ABSENT, DATA, real

import okrcore as okr
from okrcore.display.palette import DARK, LIGHT
from okrcore.display.tags import Html, tag

FOLDER = Path(__file__).resolve().parents[1] / "build" / "screens"
NO_BROWSER = "no Chromium is installed; apt-get install chromium, or brew install --cask chromium"
STORIES, CITY = ("logistics", "software"), "nyc_mmr"
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


def outputs(week: okr.Review) -> Iterator[Any]:
    """Yield what a notebook shows of a week: the week, what is in it, and what is asked about it."""
    portfolio, history, snapshot = week.portfolio, week.snapshot.history, week.snapshot
    goal = next(one for one in portfolio.key_results if snapshot[one.id].status == "off-track")
    ahead = okr.outlook(snapshot, evidence=week.evidence)
    yield from (week, week.decisions_needed[0], snapshot, snapshot.key_results, snapshot[goal.id])
    yield okr.explain(snapshot, goal.id)
    yield from (ahead, ahead[goal.id])
    yield okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-02-01", str(week.as_of)))
    yield from (week.signals, week.findings[0], week.ripple)
    yield from (one[0] for one in (week.evidence, week.conflicts, week.dips, week.actions) if one)


def notebook(week: okr.Review) -> str:
    """Return a page of what values of a review show in a notebook, on white and on near black."""
    cells = [
        tag("div", tag("p", type(one).__name__), Html(one._repr_html_()), style="margin:0 0 24px")
        for one in outputs(week)
    ]
    sides = [
        tag("div", *cells, style=f"padding:16px;background:{side['paper']};color:{side['ink']}")
        for side in (LIGHT, DARK)
    ]
    head = "<!doctype html><html lang='en'><meta charset='utf-8'><title>Notebook</title>"
    return f"{head}<body style='margin:0;font:14px sans-serif'>{''.join(sides)}</body></html>"


def main() -> int:
    """Write all pictures, say how many sheets each report is printed on, and return the exit code."""
    if browser() is None:
        print(NO_BROWSER, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not DATA.exists():
        print(f"no pictures of {CITY}: {ABSENT}")
    for name in (*STORIES, *([CITY] if DATA.exists() else [])):
        week = reviewed(name)
        page = okr.report(week)
        for called, look, wide, script in LOOKS:
            photograph(page, FOLDER / f"{name}-{called}.png", wide=wide, look=look, script=script)
        if name in STORIES:
            photograph(notebook(week), FOLDER / f"{name}-notebook.png", wide=960)
        with TemporaryDirectory() as folder:
            print(f"{name}: {sheets(page, Path(folder))} sheets of A4")
    print(f"pictures in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
