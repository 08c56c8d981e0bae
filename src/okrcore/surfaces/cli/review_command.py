"""Run the weekly review: what needs a decision, what changed, and how the goals stand."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from okrcore.documents.nodes import Limits
from okrcore.documents.source_text import read_bytes
from okrcore.errors import DocumentError
from okrcore.rhythm.review_filter import concerning
from okrcore.rhythm.review_result import Review
from okrcore.rhythm.review_text import review_lines
from okrcore.rhythm.reviewing import review as reviewed
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.screen import look, show, show_json, stage
from okrcore.surfaces.cli.settings import read_all, settled
from okrcore.surfaces.configuration import policy_of

MOST_BYTES = 256 * Limits().max_bytes
"""How large the stored form of a review may be."""


def review(arguments: Namespace) -> None:
    """Show all that a week has to say on one screen, or as JSON, which serves as --previous next week."""
    made, has_history = week_asked_for(arguments)
    asked = concerning(made, owner=arguments.owner, team=arguments.team)
    if arguments.format == "json":
        show_json(asked)
        return
    drawn = look()
    plain = arguments.ascii or not drawn.blocks
    lines = review_lines(asked, drawn.columns, ascii=plain, whole=arguments.all)
    if not has_history:
        lines += ["", "No history is given, so nothing is known; name one with --history FILE."]
    show(lines)


def week_asked_for(arguments: Namespace) -> tuple[Review, bool]:
    """Return the review that a command asks for, and whether it was given a history."""
    config = settled(arguments)
    policy = policy_of(config, allow_code=arguments.allow_code)
    before = None if arguments.previous is None else _stored(arguments.previous)
    goals, rates = read_all(config)
    with stage(f"reviewing {len(goals.newest.key_results)} key results"):
        made = reviewed(
            goals.declared,
            goals.observed,
            as_of=moment(arguments.as_of),
            known_at=arguments.known_at,
            policy=policy,
            rates=rates,
            journal=goals.journal,
            previous=before,
        )
    return made, goals.history is not None


def _stored(path: str) -> Mapping[str, Any]:
    """Return the stored form of a review; raises DocumentError for a file that holds none."""
    try:
        held: Any = json.loads(read_bytes(Path(path), MOST_BYTES))
        if not (isinstance(held, dict) and held.get("kind") == "review"):
            raise ValueError("it holds something else")
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path}: cannot be read as a review: {error}; write one with okrcore review --format json"
        raise DocumentError(message) from error
    return held
