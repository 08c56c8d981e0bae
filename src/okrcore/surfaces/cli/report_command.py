"""Run the command that writes a review as one page."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from okrcore.surfaces.cli.review_command import week_asked_for
from okrcore.surfaces.cli.screen import show, stage
from okrcore.surfaces.review_page.page_report import report as paged


def report(arguments: Namespace) -> None:
    """Write the review of a date as one HTML file, or to the output."""
    week, _ = week_asked_for(arguments)
    with stage("drawing the page"):
        page = paged(week, title=arguments.title)
    if arguments.output is None:
        show([page])
        return
    Path(arguments.output).write_text(page, "utf-8")
