"""Write a first portfolio that loads, scores and checks, for people to replace by their own."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from importlib import resources
from pathlib import Path
from string import Template

from okrcore.definitions.moments import parse_as_of
from okrcore.documents.dumping import replace_file
from okrcore.errors import DocumentError
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.screen import show

FILES = ("portfolio.okr.yaml", "observations.csv")
WEEKS = 6
"""So many weeks of the cycle have passed, each with its numbers; as many and one are to come."""


def init(arguments: Namespace) -> None:
    """Write the files into a folder; refuse where one of them is there already."""
    folder = Path(arguments.folder)
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise DocumentError(f"{folder / there[0]}: is there already; name another folder, or remove it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise DocumentError(f"{folder}: cannot be made: {error}; check the path") from error
    day = parse_as_of(moment(arguments.as_of))
    for name, text in first_portfolio(day).items():
        replace_file(folder / name, text.encode())
    document, facts = (folder / name for name in FILES)
    show(
        [
            f"wrote {document} and {facts}",
            "",
            "Next:",
            f"  okrcore score {folder} --history {facts}",
            f"  okrcore check {folder} --history {facts}",
            f"  then replace what {document} declares by your own, and say the two again",
        ]
    )


def first_portfolio(day: dt.date) -> dict[str, str]:
    """Return a documented portfolio and its observations, by file name; its cycle is under way on `day`.

    >>> sorted(first_portfolio(dt.date(2026, 6, 30)))
    ['observations.csv', 'portfolio.okr.yaml']
    """
    monday = day.toordinal() - day.weekday() - 7 * WEEKS
    dates = {"start": 0, "middle": 7 * WEEKS + 17, "end": 14 * WEEKS + 6}
    dates |= {f"week{week}": 7 * week - 1 for week in range(1, WEEKS + 1)}
    known = {name: dt.date.fromordinal(monday + after).isoformat() for name, after in dates.items()}
    texts = resources.files("okrcore").joinpath("data/first")
    return {name: Template(texts.joinpath(name).read_text("utf-8")).substitute(known) for name in FILES}
