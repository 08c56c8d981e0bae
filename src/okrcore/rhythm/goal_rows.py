"""Lay out the goals of a review: all where they fit, else the failing objectives with counts below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from okrcore.definitions.days import day_in
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.relations import Relations
from okrcore.display import points
from okrcore.display.blocks import Bar, Grid, GridColumn, GridRow, Ink, Say, Spark, Stack
from okrcore.rhythm.review_result import Review
from okrcore.scoring.scoring_policy import NOT_PURSUED
from okrcore.scoring.trend import Trend, trend_to

POINTS = 13
"""At how many moments of the year a goal's score is drawn."""
_YEAR = 350
"""Days from which on a cycle is a year; one of 52 weeks is."""
FAILING = ("missed", "off-track", "no-data", "at-risk")


def goals_grid(review: Review, most: int, year: Trend | None = None) -> Grid:
    """Return a row a goal, key results under their objectives; at most so many rows."""
    tree = [
        (goal, depth) for goal, depth in _tree(review) if review.snapshot[goal.id].status not in NOT_PURSUED
    ]
    whole = len(tree) <= most
    shown = (
        tree if whole else _failing(review, [goal for goal, _ in tree if isinstance(goal, Objective)])[:most]
    )
    year = year or year_of(review)
    moved = _moved(review)
    below = {} if whole else _below(review)
    rows = [_row(review, goal, depth, year, moved, below.get(goal.id)) for goal, depth in shown]
    left = Counter(
        review.snapshot[goal.id].status for goal, _ in tree if isinstance(goal, Objective)
    ) - Counter(review.snapshot[goal.id].status for goal, _ in shown)
    return Grid(
        columns=(
            GridColumn("GOALS"),
            GridColumn("title", yields=True, titled=False),
            GridColumn("due now", stroked=True),
            GridColumn("score", right=True),
            GridColumn("+/-", right=True),
            GridColumn(_span(review)),
            GridColumn("status" if whole else "key results"),
        ),
        rows=rows,
        caption="Goals",
        kind="goals",
        more="" if whole else _rest(left),
    )


def year_of(review: Review) -> Trend:
    """Return how all stood at moments of the cycles under way, up to now; by what is known now."""
    snapshot = review.snapshot
    today = day_in(review.as_of, snapshot.when.zone)
    begun = [one.start for one in review.portfolio.cycles if one.start <= today <= one.end]
    first = min(begun, default=today)
    days = sorted({first + (today - first) * at // (POINTS - 1) for at in range(1, POINTS)})
    return trend_to(snapshot, [day for day in days if day < today])


def _span(review: Review) -> str:
    """Return what `year_of` goes over, in words: a year, or what cycles there are."""
    today = day_in(review.as_of, review.snapshot.when.zone)
    under_way = [one for one in review.portfolio.cycles if one.start <= today <= one.end]
    lasts = max(((one.end - one.start).days for one in under_way), default=_YEAR)
    return "the year" if lasts >= _YEAR else "the cycle"


def _tree(review: Review) -> Iterator[tuple[Objective | KeyResult, int]]:
    """Objectives from the top down, each with its key results, in the order of declaration; each once."""
    relations, seen = Relations(review.portfolio), set[str]()

    def walk(goal: Objective, depth: int) -> Iterator[tuple[Objective | KeyResult, int]]:
        stack: list[tuple[Objective, int]] = [(goal, depth)]
        while stack:
            one, deep = stack.pop()
            if one.id in seen:
                continue
            seen.add(one.id)
            yield one, deep
            yield from ((result, deep + 1) for result in relations.key_results_of.get(one.id, ()))
            below = [child for child, _ in relations.contributors_of.get(one.id, ())]
            stack += [(child, deep + 1) for child in reversed(below)]

    for goal in review.portfolio.objectives:
        if not goal.contributes_to:
            yield from walk(goal, 0)


def _failing(review: Review, goals: Sequence[Objective]) -> list[tuple[Objective | KeyResult, int]]:
    """Objectives from the worst on: those at the top before others, by how far they are behind."""

    def rank(goal: Objective) -> tuple[Any, ...]:
        state = review.snapshot.objective(goal.id)
        order = FAILING.index(state.status) if state.status in FAILING else len(FAILING)
        behind = (state.score or 0.0) - (state.expected or 0.0)
        return bool(goal.contributes_to), order, behind, goal.id

    return [(goal, 0) for goal in sorted(goals, key=rank)]


def _below(review: Review) -> Mapping[str, Mapping[str, int]]:
    """How many key results of each status stand under each objective, directly."""
    table = review.snapshot.key_results
    found: dict[str, Counter[str]] = {}
    for objective, status in zip(table["objective"].tolist(), table["status"].tolist(), strict=True):
        found.setdefault(objective, Counter())[status] += 1
    order = (*FAILING, "early", "not-started", "on-track", "achieved")
    return {name: {word: held[word] for word in order if held[word]} for name, held in found.items()}


def _moved(review: Review) -> Mapping[str, float]:
    rows = review.differences.to_dicts() if len(review.differences) else []
    scores = (row for row in rows if row["what"] == "score")
    moved = {row["id"]: (row["after_value"], row["before_value"]) for row in scores}
    return {name: now - then for name, (now, then) in moved.items() if now is not None and then is not None}


def _row(
    review: Review,
    goal: Objective | KeyResult,
    depth: int,
    year: Trend,
    moved: Mapping[str, float],
    below: Mapping[str, int] | None,
) -> GridRow:
    state = review.snapshot[goal.id]
    scores = year.scores(goal.id)
    change = points(moved.get(goal.id, 0.0)) if review.since is not None else ""
    last: Ink = Say(review.snapshot.scoring.word(state.status)) if below is None else Stack(below)
    label = (
        f"score from {state.scoring.score_text(scores[0])} to {state.score_text}"
        if scores
        else "no score yet"
    )
    return GridRow(
        [
            Say(goal.id, "code"),
            goal.title,
            Bar(state.score, state.expected, state.score_text),
            Say(state.score_text, "number"),
            Say(change, "number"),
            Spark(values=scores, label=label, status=state.status),
            last,
        ],
        word=state.status,
        depth=depth,
        strong=isinstance(goal, Objective),
    )


def _rest(left: Counter[str]) -> str:
    total = sum(left.values())
    told = ", ".join(
        f"{left[word]} {word}" for word in (*FAILING, "early", "on-track", "achieved") if left[word]
    )
    return f"... and {total} more objectives: {told}. okrcore review --all, okrcore score" if total else ""
