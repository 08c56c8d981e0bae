"""OKR5, integrity, amendments: goals that got easier or moved while the numbers were bad (S21.4)."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import due_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Milestone
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.amended import is_failing, left_alone, scores, stood, told_of
from okrcore.governance.questions.weights_moved import moved_under
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule

TWO = """
    owners: [{id: ops-lead, kind: role}, {id: board, kind: role}]
    objectives:
      - id: faster
        title: Deliver the same day
        cycle: "2026"
        owner: ops-lead
        key_results:
          - {id: share, title: Same-day share, unit: "%", measure: {target: {start: 80, goal: 96}}}
          - {id: calls, title: Calls answered, unit: "%", measure: {target: {start: 70, goal: 90}}}
    """
EASED = TWO.replace("goal: 96", "goal: 84")
SLOW = [("share", "2026-04-30", 81.0), ("calls", "2026-04-30", 82.0)]
WEEKS = 13
"""For how many weeks an amendment is told."""


@governance_rule(
    "OKR515",
    needs=("declarations",),
    fix="record why, by somebody whom it does not judge: Entry('amendment', id, by, at, text) within 7 days",
    passes=Example(EASED, earlier=TWO, by="board", why="a hall burnt down"),
    fails=Example(EASED, earlier=TWO, by="ops-lead"),
)
def loosened_goal_is_answered_for(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """A goal that became easier to reach has a reason, and somebody answers for it whom it does not judge.

    Targets are adjusted for good reasons, and quietly lowered for others; without a reason nobody can tell
    them apart later. What counts as easier is one table (`JUDGEMENTS`). Nothing is said of what became
    harder, in the first 14 days of a cycle or of a goal, or where a reason is given by another than the owner
    whom the goal judges, with the version or in the journal. Amendments of the last 13 weeks are looked at.
    """
    for revision, one, lack in left_alone(context, weeks):
        value = revision.before[one.subject]
        if one.kind == "loosened" and isinstance(value, KeyResult | Objective | Kpi | Cycle):
            yield told_of(one, f"and {lack}", **scores(context, revision, one.subject))


@governance_rule(
    "OKR517",
    needs=("declarations", "history"),
    fix="leave the date that was missed and say what is promised now beside it, or record who agreed to it",
    passes=Example(
        TWO.replace('unit: "%", measure', 'unit: "%", due: 2026-09-30, measure', 1),
        earlier=TWO.replace('unit: "%", measure', 'unit: "%", due: 2026-06-30, measure', 1),
        observations=SLOW,
    ),
    fails=Example(
        TWO.replace('unit: "%", measure', 'unit: "%", due: 2026-09-30, measure', 1),
        earlier=TWO.replace('unit: "%", measure', 'unit: "%", due: 2026-03-31, measure', 1),
        observations=[("share", "2026-03-31", 81.0), ("share", "2026-04-30", 81.0), *SLOW[1:]],
    ),
)
def due_date_does_not_move_once_missed(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """A due date is not moved after it was missed.

    Planned anew in time is planning; after the date it turns a miss into something that is still under way.
    Looked at are key results and objectives that were missed as known then, and milestones not done by their
    date; nothing is said where another than the owner gives the reason.
    """
    for revision, one, lack in left_alone(context, weeks):
        before = revision.before[one.subject]
        later = one.kind == "loosened" and one.field in ("due", "cycle")
        if not later or not isinstance(before, KeyResult | Objective | Milestone):
            continue
        due = due_of(before, revision.before)
        if due < revision.day and _was_missed(before, is_failing(context, revision, one.subject)):
            yield told_of(one, f"when {due} had passed, and {lack}", due=due)


@governance_rule(
    "OKR518",
    needs=("declarations", "history"),
    fix="weigh goals before they are under way, or record by another than the owner why it was done",
    passes=Example(
        TWO.replace('title: Same-day share, unit: "%",', 'title: Same-day share, unit: "%", weight: 3,'),
        earlier=TWO,
        observations=SLOW,
    ),
    fails=Example(
        TWO.replace('title: Calls answered, unit: "%",', 'title: Calls answered, unit: "%", weight: 3,'),
        earlier=TWO,
        observations=SLOW,
    ),
)
def weight_does_not_move_to_what_goes_well(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """Weight does not move from what fails to what goes well.

    The same numbers then give a better score. Looked at are the shares of the key results and objectives
    under one objective that both versions have: some off-track or missed as known then counts less, and some
    on-track, early or achieved counts more. Nothing is said where another than the owner gives the reason.
    """
    told = set()
    for revision, one, lack in left_alone(context, weeks):
        for goal, less, more in moved_under(context, revision, one):
            if (revision, goal) not in told:
                told.add((revision, goal))
                yield fault(
                    f"worth a look: on {revision.day} weight moved from {some(less)}, which failed, to "
                    f"{some(more)}, which went well, and {lack}",
                    subject=goal,
                    **scores(context, revision, goal),
                )


@governance_rule(
    "OKR519",
    needs=("declarations", "history"),
    fix="bring the number back into its band, or record who decided that worse is acceptable, and why",
    passes=Example(
        "kpis: [{id: uptime, title: Uptime, unit: '%', target: {low: 99}, limit: {low: 97}}]",
        earlier="kpis: [{id: uptime, title: Uptime, unit: '%', target: {low: 99}, limit: {low: 98}}]",
        observations=[("uptime", "2026-04-30", 99.5)],
    ),
    fails=Example(
        "kpis: [{id: uptime, title: Uptime, unit: '%', target: {low: 99}, limit: {low: 97}}]",
        earlier="kpis: [{id: uptime, title: Uptime, unit: '%', target: {low: 99}, limit: {low: 98}}]",
        observations=[("uptime", "2026-04-30", 97.5)],
    ),
)
def band_is_not_widened_while_breached(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """The bands of a KPI are not widened while it is breached.

    A bound that gives way when it is crossed is none. A dip that somebody decides to live with is a
    tolerance, with an end. Looked at is the zone under the older bands and under what was tolerated, as known
    then; nothing is said where another than the owner gives the reason.
    """
    for revision, one, lack in left_alone(context, weeks):
        bands = one.field in ("target", "limit", "worst", "dated")
        if one.kind == "loosened" and bands and isinstance(revision.before[one.subject], Kpi):
            state = stood(context, revision).kpi(one.subject)
            if state.judged_zone == "breached":
                yield told_of(one, f"while it was breached, and {lack}", value=state.value)


def _was_missed(value: KeyResult | Objective | Milestone, failed: bool) -> bool:
    return value.done is None if isinstance(value, Milestone) else failed
