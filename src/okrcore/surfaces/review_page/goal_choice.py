"""Choose the goals that are drawn: all where they fit, else objectives by distance with what fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from okrcore.display import counted
from okrcore.display.blocks import GridRest
from okrcore.rhythm.review_result import Review
from okrcore.scoring.scoring_policy import STATUSES
from okrcore.scoring.snapshot_text import goal_rows

MOST_GOALS = 60
MOST_RESULTS = 6
"""How many failing key results of one objective are drawn where not all goals are."""
FAILING = ("missed", "off-track", "no-data", "at-risk")
Goal = tuple[int, Mapping[str, Any]]
"""How deep it stands, and its row in the tables of a snapshot."""


class GoalChoice(NamedTuple):
    """What is drawn, with the rows that say what is not; what else there is in words; how many in all."""

    shown: Sequence[Goal | GridRest]
    more: str
    total: int

    @property
    def key_results(self) -> list[str]:
        """The ids of the key results that are drawn."""
        return [one[1]["id"] for one in self.shown if not isinstance(one, GridRest) and "value" in one[1]]


def chosen_goals(review: Review) -> GoalChoice:
    """Return the goals as a tree; over 60 of them the objectives by distance with what fails, then counts."""
    snapshot = review.snapshot
    tree = [*goal_rows(snapshot.portfolio, snapshot.objectives, snapshot.key_results)]
    return GoalChoice(tree, "", len(tree)) if len(tree) <= MOST_GOALS else _failing(review, tree)


def _failing(review: Review, tree: Sequence[Goal]) -> GoalChoice:
    """Return objectives by distance, under each its failing key results and how many more there are."""
    objectives = [row for _, row in tree if "value" not in row]
    results: dict[str, list[Mapping[str, Any]]] = {}
    for _, row in tree:
        if "value" in row:
            results.setdefault(row["objective"], []).append(row)
    shown: list[Goal | GridRest] = []
    left: list[Mapping[str, Any]] = []
    for row in sorted(objectives, key=_distance):
        under = sorted(results.get(row["id"], ()), key=_distance)
        failing = [one for one in under if one["status"] in FAILING][:MOST_RESULTS]
        if len(shown) + len(failing) + 2 > MOST_GOALS:
            left.append(row)
            continue
        shown += [(0, row), *((1, one) for one in failing)]
        if rest := under[len(failing) :]:
            shown.append(GridRest(f"and {len(rest)} more: {counts_text(review, rest)}", 1))
    more = (
        f"And {counted(len(left), 'objective')}: {counts_text(review, left)}. okrcore score has all."
        if left
        else ""
    )
    return GoalChoice(shown, more, len(tree))


def _distance(row: Mapping[str, Any]) -> tuple[object, ...]:
    gap = (row["score"] or 0.0) - (row["expected"] or 0.0)
    return STATUSES.index(row["status"]), gap, row["id"]


def counts_text(review: Review, rows: Sequence[Mapping[str, Any]]) -> str:
    found = Counter(row["status"] for row in rows)
    word = review.snapshot.scoring.word
    return ", ".join(f"{found[status]} {word(status)}" for status in STATUSES if found[status])
