"""Run the command that writes a review as one page."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from okrcore.rhythm.reviewing import review
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.opened import open_rates
from okrcore.surfaces.cli.review_command import read_review
from okrcore.surfaces.cli.screen import show, stage
from okrcore.surfaces.cli.settings import named, settled
from okrcore.surfaces.configuration import policy_of
from okrcore.surfaces.goals_opened import open_goals
from okrcore.surfaces.review_page.page_report import report as paged


def report(arguments: Namespace) -> None:
    """Write the review of a date as one HTML file, or to the output."""
    config = settled(arguments)
    policy = policy_of(config, allow_code=arguments.allow_code)
    before = None if arguments.previous is None else read_review(arguments.previous)
    with stage("reading documents and history"):
        goals, rates = open_goals(named(config), config.history, config.journal), open_rates(config.rates)
    with stage(f"reviewing {len(goals.newest.key_results)} key results"):
        week = review(
            goals.declared,
            goals.observed,
            as_of=moment(arguments.as_of),
            known_at=arguments.known_at,
            policy=policy,
            rates=rates,
            journal=goals.journal,
            previous=before,
        )
    with stage("drawing the page"):
        page = paged(week, title=arguments.title)
    if arguments.output is None:
        show([page])
        return
    Path(arguments.output).write_text(page, "utf-8")
