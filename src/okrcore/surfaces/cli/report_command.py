"""Run the command that writes a review as one page."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from okrcore.errors import DocumentError
from okrcore.rhythm.reviewing import review
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.opened import open_rates
from okrcore.surfaces.cli.screen import show, stage
from okrcore.surfaces.cli.settings import named, settled
from okrcore.surfaces.configuration import policy_of
from okrcore.surfaces.goals_opened import open_goals
from okrcore.surfaces.review_page.page_report import report as paged


def report(arguments: Namespace) -> None:
    """Write the review of a date as one HTML file, or to the output."""
    config = settled(arguments)
    policy = policy_of(config, allow_code=arguments.allow_code)
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
            previous=previous_review(arguments.previous),
        )
    with stage("drawing the page"):
        page = paged(week, title=arguments.title)
    if arguments.output is None:
        show([page])
        return
    Path(arguments.output).write_text(page, "utf-8")


def previous_review(path: str | None) -> Mapping[str, Any] | None:
    """Return the review before, as `okrcore review --format json` wrote it; None where none is named.

    Raises DocumentError for a file that holds no JSON object; OSError where it cannot be read.
    """
    if path is None:
        return None
    try:
        plain = json.loads(Path(path).read_text("utf-8"))
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        said = "is no JSON object, but must be a review; write one with okrcore review --format json"
        raise DocumentError(f"{path}: {said}")
    return plain
