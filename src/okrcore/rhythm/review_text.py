"""Draw a review on one screen: at most 100 columns and 45 lines, cut from the ends of its parts."""

from __future__ import annotations

from okrcore.display.blocks import text
from okrcore.display.notebook import MOST_BYTES, fragment
from okrcore.rhythm.goal_rows import year_of
from okrcore.rhythm.review_result import Review
from okrcore.rhythm.review_sections import WHOLE, ScreenBudget, review_sections

COLUMNS, MOST_LINES = 100, 45
_BUDGETS = [
    ScreenBudget(asks=asks, changes=changes, goals=goals)
    for asks, changes, goals in (
        (7, 7, 12), (7, 5, 12), (7, 3, 12), (7, 3, 9), (7, 3, 6), (7, 3, 4), (6, 3, 4), (5, 3, 4), (5, 2, 3),
        (4, 2, 2), (3, 1, 1),
    )
]  # fmt: skip
"""What is shown where there is more than fits: fewer changes, then fewer goals, then fewer questions."""


def review_output(review: Review) -> str:
    """Return a review as an output of a notebook: as much of it as 16 kB hold."""
    for budget in _BUDGETS:
        made = fragment(f"review {review.as_of}", review_sections(review, budget), wide=True)
        if len(made.encode()) <= MOST_BYTES:
            break
    return made


def review_lines(
    review: Review, columns: int = COLUMNS, *, ascii: bool = True, whole: bool = False
) -> list[str]:
    """Return the screen of a review; `whole` shows everything, however long."""
    year = year_of(review)
    if whole:
        return text(review_sections(review, WHOLE, year), columns, ascii).splitlines()
    for budget in _BUDGETS:
        lines = text(review_sections(review, budget, year), columns, ascii).splitlines()
        if len(lines) <= MOST_LINES:
            break
    return lines[:MOST_LINES]
