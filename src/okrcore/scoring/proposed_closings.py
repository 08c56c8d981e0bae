"""Propose how to close the goals whose time is over (S21.6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from okrcore.definitions.derived import owner_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.history.entry import Entry
from okrcore.scoring.goal_states import KeyResultState, ObjectiveState
from okrcore.scoring.roster import roster_of
from okrcore.scoring.scoring_policy import NOT_PURSUED
from okrcore.scoring.snapshot import Snapshot

NOBODY = "nobody"
"""Who proposes for a goal that nobody owns."""


def propose_closing(snapshot: Snapshot, *, by: str | None = None) -> tuple[Entry, ...]:
    """Return an entry that closes each goal whose time is over and that is open, by id; nothing is recorded.

    Of a key result the time is over after its due date, of an objective after its cycle; while a last number
    may still come (`provisional`) it is not. What is carried over (another goal `continues` it) is proposed
    at once. The outcome is achieved where the status is; else postponed where it is carried over with nothing
    reached, partly where some of the way was gone, missed where none was, or none is known. A key result
    that ends with its objective has no entry of its own. `by` None: the goal's owner. The moment is the
    snapshot's.

    >>> from okrcore import Cycle, History, Objective, KeyResult, Observation, Portfolio, Target, evaluate
    >>> quarter = Cycle.quarter(2026, 1)
    >>> goal = Objective(id="grow", title="Grow", cycle=quarter.id, owner=None)
    >>> deals = KeyResult(id="deals", objective="grow", title="20 deals", measure=Target(0, 20))
    >>> history = History.of([Observation("deals", "2026-03-30", 12)])
    >>> snapshot = evaluate(Portfolio.of(quarter, goal, deals), history, as_of="2026-04-10")
    >>> [(entry.subject, entry.outcome, entry.text) for entry in propose_closing(snapshot, by="coo")]
    [('grow', 'partly', '60 % of the way')]
    """
    portfolio = snapshot.portfolio
    carried = {one.continues for part in (portfolio.objectives, portfolio.key_results) for one in part}
    days = roster_of(portfolio).goal_days(snapshot.when)
    found: list[Entry] = []
    closing: set[str] = set()
    for goal in sorted(portfolio.objectives, key=lambda one: one.id):
        row = snapshot.compiled.goal_rows[goal.id]
        over = bool(days[row] > snapshot.compiled.end_day[row])
        for entry in _entries(snapshot, snapshot.objective(goal.id), goal, over, goal.id in carried, by):
            found.append(entry)
            closing.add(goal.id)
    for result in sorted(portfolio.key_results, key=lambda one: one.id):
        row = snapshot.compiled.result_rows[result.id]
        if result.objective in closing:
            continue
        over = bool(days[snapshot.compiled.parent[row]] > snapshot.compiled.due_day[row])
        found += _entries(snapshot, snapshot.key_result(result.id), result, over, result.id in carried, by)
    return tuple(found)


def _entries(
    snapshot: Snapshot,
    state: KeyResultState | ObjectiveState,
    goal: KeyResult | Objective,
    over: bool,
    carried: bool,
    by: str | None,
) -> Iterator[Entry]:
    open_still = state.closing is None and state.status not in NOT_PURSUED
    if not open_still or state.provisional or not (over or carried):
        return
    score = state.score
    gone = score is not None and not np.isclose(score, 0.0, atol=1e-12) and score > 0
    if over and state.status == "achieved":
        outcome, text = "achieved", ""
    elif gone:
        outcome, text = "partly", f"{state.score_text} of the way"
    else:
        outcome = "postponed" if carried else "missed"
        text = "no number is known" if score is None else "nothing of the way"
    who = by or owner_of(goal, snapshot.portfolio) or NOBODY
    yield Entry("closing", goal.id, who, snapshot.as_of, outcome=outcome, text=text)
