"""Say in a sentence or two how a week stands: enough if nothing else is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from okrcore.definitions.days import to_instant
from okrcore.display import counted, time_left
from okrcore.rhythm.review_result import Review
from okrcore.scoring.scoring_policy import NOT_PURSUED

MANY = 2
"""From so many times as many problems as causes on, both are told."""


def headline(review: Review) -> str:
    """Return how much needs a decision, how much of it is overdue, and how the goals stand."""
    return f"{_needed(review)} {_standing(review)}".strip()


def _needed(review: Review) -> str:
    lines = review.decisions_needed
    if not lines:
        owed = sum(one.is_open for one in review.actions)
        if owed:
            return f"Nothing needs a decision; {counted(owed, 'answer')} owed, none overdue."
        return "Nothing needs a decision, and no answer is owed."
    problems = sum(len(one.subjects) for one in lines)
    late = [one for one in lines if one.overdue]
    if problems >= MANY * len(lines) and problems > len(lines):
        said = f"{counted(problems, 'problem')} come from {counted(len(lines), 'cause')}"
    else:
        need = "needs" if len(lines) == 1 else "need"
        said = f"{counted(len(lines), 'thing')} {need} an answer or a decision"
    if not late:
        return f"{said}, none overdue."
    now = to_instant(review.snapshot.when.instant(review.snapshot.when.zone))
    oldest = time_left(min(one.due for one in late) - now)
    if len(late) == 1:
        return f"{said}, 1 is {oldest}."
    return f"{said}, {len(late)} are overdue, the oldest by {oldest.removesuffix(' overdue')}."


def _standing(review: Review) -> str:
    """Return how the objectives stand, worst first; where all is well, how the key results do."""
    goals = Counter(review.snapshot.objectives["status"].tolist())
    pursued = {word: count for word, count in goals.items() if word not in NOT_PURSUED}
    total = sum(pursued.values())
    if not total:
        return ""
    failing = [word for word in ("missed", "off-track", "no-data", "at-risk") if word in pursued]
    if not failing:
        results = [word for word in review.snapshot.key_results["status"].tolist() if word not in NOT_PURSUED]
        well = sum(word in ("on-track", "achieved") for word in results)
        if well == len(results):
            return f"{_all(len(results), 'key result')} on-track or achieved."
        return f"{counted(total, 'objective')}: none is failing."
    if len(failing) == 1 and pursued[failing[0]] == total:
        return f"{_all(total, 'objective')} {failing[0]}."
    told = ", ".join(f"{pursued[word]} {word}" for word in failing)
    return f"Of {total} objectives: {told}."


def _all(count: int, what: str) -> str:
    if count == 1:
        return f"The {what} is"
    return f"Both {what}s are" if count == 2 else f"All {count} {what}s are"


def named(ids: Sequence[str], most: int = 3) -> str:
    """Return the first few of many ids, and how many more there are.

    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return f"{', '.join(ids[:most])}{more}"
