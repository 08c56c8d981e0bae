"""Lay out goals: objectives with their key results, all where they fit, else the failing ones and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from okrcore.definitions.derived import due_of, owner_of, team_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.display import counted, figure, mark, percent, points, short_day
from okrcore.display.blocks import (
    Bar,
    Block,
    Grid,
    GridColumn,
    GridRest,
    GridRow,
    Lines,
    Row,
    Say,
    Section,
    Spark,
    Stack,
)
from okrcore.display.drawing import Step
from okrcore.explanations.explaining import explain_on
from okrcore.explanations.sources_of_value import Ground
from okrcore.leading.weeks_ahead import Forecast, Outlook
from okrcore.rhythm.review_result import Review
from okrcore.scoring.scoring_policy import STATUSES
from okrcore.scoring.snapshot_text import goal_value, range_text
from okrcore.surfaces.review_page.goal_choice import FAILING, GoalChoice
from okrcore.surfaces.review_page.goal_lines import GoalLines, goal_lines

TEAMS_OVER, MOST_TEAMS = 180, 15
MOST_STEPS = 24
_LEDE = (
    "The stroke in a bar is what is due by now. In the picture: line, target; dots, plan; fan, where 8"
    " (dark: 5) of 10 forecast paths go."
)


def goals(review: Review, choice: GoalChoice, outlook: Outlook, ground: Ground) -> Section:
    """Return the goals that are drawn, and over 180 goals one bar a team before them."""
    shown, more, total = choice
    drawn = [one[1]["id"] for one in shown if not isinstance(one, GridRest)]
    table = _Rows(review, outlook, goal_lines(review, outlook, drawn), ground, _moves(review))
    columns = [
        GridColumn("Goal, owner", "name"),
        GridColumn("Now, from to", "val"),
        GridColumn("Score", "bar"),
        *([GridColumn("Change", "dlt", right=True)] if review.since else []),
        GridColumn("The cycle", "pic"),
        GridColumn("Status", "say"),
    ]
    rows = [one if isinstance(one, GridRest) else table.row(*one) for one in shown]
    grid = Grid(
        columns=columns,
        rows=rows,
        caption=f"Objectives and key results on {review.as_of}",
        kind="goals",
        more=more,
    )
    blocks: list[Block] = [_teams(review)] if total > TEAMS_OVER else []
    return Section("Goals", [*blocks, grid] if rows else [], name="goals", lede=_LEDE)


def _teams(review: Review) -> Grid:
    """Return one bar a team: how many of its key results have which status, the most failing first."""
    found: dict[str, Counter[str]] = {}
    results = review.snapshot.key_results
    for name, status in zip(results["id"].tolist(), results["status"].tolist(), strict=True):
        team = team_of(review.portfolio[name], review.portfolio) or "no team"
        found.setdefault(team, Counter())[status] += 1

    def failing(team: str) -> int:
        return sum(found[team][status] for status in FAILING)

    order = sorted(found, key=lambda team: (-failing(team), team))
    rows = [
        GridRow([_title(review, team), _stack(found[team]), f"{failing(team)} of {found[team].total()}"])
        for team in order[:MOST_TEAMS]
    ]
    columns = (
        GridColumn("Team", "name"),
        GridColumn("Key results by status", "pic"),
        GridColumn("Failing or unknown", "num"),
    )
    more = (
        f"{MOST_TEAMS} of {len(order)} teams shown, those with most that fails first."
        if len(order) > MOST_TEAMS
        else ""
    )
    return Grid(columns=columns, rows=rows, caption="Key results by team", kind="teams", more=more)


def _stack(found: Counter[str]) -> Stack:
    return Stack({status: found[status] for status in STATUSES if found[status]})


def _title(review: Review, team: str) -> str:
    return (review.portfolio[team].title or team) if team in review.portfolio else team


def _moves(review: Review) -> Mapping[str, float]:
    """Return how far each score moved since the review before, where both are known."""
    moved = (row for row in review.differences if row["what"] == "score")
    known = (row for row in moved if None not in (row["before_value"], row["after_value"]))
    return {row["id"]: row["after_value"] - row["before_value"] for row in known}


@attrs.frozen(eq=False)
class _Rows:
    """Makes the row of each goal, from the review, what lies ahead and the lines of the goals drawn."""

    review: Review
    outlook: Outlook
    lines: GoalLines
    ground: Ground
    moves: Mapping[str, float]

    def row(self, depth: int, row: Mapping[str, Any]) -> GridRow:
        snapshot = self.review.snapshot
        policy, goal = snapshot.scoring, snapshot.portfolio[row["id"]]
        leads = "value" not in row
        score = policy.score_text(row["score"])
        change = [Say(self._change(goal.id), "number")] if self.review.since else []
        ahead = self.outlook.get(goal.id)
        return GridRow(
            [
                Lines(
                    Say(goal.title or goal.id, "strong" if leads else "plain"),
                    Say(owner_of(goal, snapshot.portfolio) or "nobody", "soft"),
                ),
                Lines(
                    Say(goal_value(row, snapshot.portfolio), "soft" if leads else "plain"),
                    Say("" if leads else _asked(goal), "soft"),
                ),
                Row(Bar(row["score"], row["expected"], score), Say(score, "number")),
                *change,
                self._picture(row, goal, score),
                Lines(
                    Say(policy.word(row["status"]), "strong" if mark(row["status"]) in "!?~" else "plain"),
                    Say(_likely(goal, None if ahead is None else ahead.forecast, self.review), "soft"),
                ),
            ],
            word=row["status"],
            label=policy.word(row["status"]),
            depth=depth,
            strong=leads,
            reasons=self._reasons(goal.id, leads),
        )

    def _change(self, id: str) -> str:
        return points(self.moves.get(id, 0.0)) if self.review.snapshot[id].score is not None else ""

    def _picture(self, row: Mapping[str, Any], goal: Any, score: str) -> Spark | Say:
        line = self.lines.line(goal.id)
        if line is None:
            return Say("too little for a picture", "soft")
        said = [f"{goal.title or goal.id}: {row['status']}", f"{score} of the way"]
        if row["expected"] is not None:
            said.append(f"{percent(row['expected'])} due")
        return attrs.evolve(line, label=", ".join(said), status=row["status"])

    def _reasons(self, id: str, leads: bool) -> tuple[Step, ...]:
        """Return the steps of `explain`; of an objective no deeper than its children, which have rows."""
        why = explain_on(self.ground, id, outlook=self.outlook, depth=0 if leads else 1, limit=6)
        first, *under = why.steps()
        steps = [(0, "", first[2]), *(one for one in under if not leads or one[0] < 2)]
        cut = len(steps) - MOST_STEPS
        more = [(1, "", f"And {counted(cut, 'step')} more: okrcore score --explain {id}")] if cut > 0 else []
        return (*steps[:MOST_STEPS], *more)


def _asked(goal: KeyResult) -> str:
    measure = goal.measure
    if isinstance(measure, Checklist):
        return ""
    if isinstance(measure, Band):
        return range_text(measure)
    start = "" if measure.start is None else f"{figure(measure.start)} "
    return f"{start}to {figure(measure.goal)}"


def _likely(goal: Any, forecast: Forecast | None, review: Review) -> str:
    if forecast is None or not isinstance(goal.measure, Target | Band):
        return ""
    return f"{percent(forecast.p_final)} likely by {short_day(due_of(goal, review.portfolio))}"
