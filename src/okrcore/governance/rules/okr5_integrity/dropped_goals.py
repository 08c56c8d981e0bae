"""OKR5, integrity, amendments: failing goals that went away, and amendments that nobody signs (S21.4)."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.conflicts.sides import joined
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.amended import (
    answers,
    is_dropped,
    left_alone,
    revisions,
    status_then,
    successors,
    told_of,
)
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.rules.okr5_integrity.goalposts import EASED, SLOW, TWO, WEEKS


@governance_rule(
    "OKR516",
    needs=("declarations", "history"),
    fix="keep it and close it as what it is, or record why it is given up, by another than its owner",
    passes=Example(
        TWO.replace("id: calls", "id: answered"),
        earlier=TWO,
        observations=[("share", "2026-04-30", 89.0), ("calls", "2026-04-30", 82.0)],
    ),
    fails=Example(
        "\n".join(line for line in TWO.splitlines() if "id: share" not in line),
        earlier=TWO,
        observations=SLOW,
    ),
)
def failing_goal_is_not_dropped(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """A goal is not taken out or cancelled while it fails, before it is over.

    What is given up in time saves effort, and is a decision; what disappears just when it fails makes the
    rest look better than it is. Failing is off-track or missed, as known then. Nothing is said once the goal
    is over, or where another than its owner gives the reason; one that another goal takes the place of is
    told by OKR520.
    """
    for revision, one, lack in left_alone(context, weeks):
        if is_dropped(context, revision, one) and not successors(context, revision, one.subject):
            yield told_of(one, f"while it was {status_then(context, revision, one.subject)}, and {lack}")


@governance_rule(
    "OKR520",
    needs=("declarations", "history"),
    fix="name the old id in formerly where it is the same goal, or close the old one as what it is",
    passes=Example(
        TWO.replace("id: share,", "id: same-day, formerly: [share],").replace("goal: 96", "goal: 97"),
        earlier=TWO,
        observations=SLOW,
    ),
    fails=Example(
        TWO.replace("id: share,", "id: same-day,").replace("goal: 96", "goal: 84"),
        earlier=TWO,
        observations=SLOW,
    ),
)
def failing_goal_is_not_replaced(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """A goal that fails is not taken out beside a new one with the same measure.

    Under another id the same number begins anew, and what it failed is forgotten. The same measure is that
    of one KPI, or of one title. Failing and over are meant as in OKR516; nothing is said where another than
    the owner gives the reason.
    """
    for revision, one, lack in left_alone(context, weeks):
        if is_dropped(context, revision, one) and (new := successors(context, revision, one.subject)):
            status = status_then(context, revision, one.subject)
            words = f"while it was {status}, beside {some(new)} with its measure, and {lack}"
            yield told_of(one, words, beside=tuple(new))


@governance_rule(
    "OKR521",
    needs=("declarations",),
    severity="info",
    fix="declare versions with by= the id of an owner, or record who answers in an entry about each",
    passes=Example(EASED, earlier=TWO, by="board"),
    fails=Example(EASED, earlier=TWO, by="somebody"),
)
def amendment_has_an_author(
    portfolio: Portfolio, context: Context, *, weeks: int = WEEKS
) -> Iterator[Finding]:
    """What loosens, takes out or alters a settled goal is declared by an owner.

    An amendment that nobody signs is unattributed: whoever is judged by the goal cannot be told from
    whoever is not. Told once a version. An entry about it within 7 days, by a declared owner, attributes it.
    """
    for revision in revisions(context, weeks):
        owners = {one.id for side in (revision.before, revision.after) for one in side.owners}
        nobodys = [
            one
            for one in revision.amendments
            if one.kind in ("loosened", "removed", "changed")
            and revision.settled(one.subject)
            and isinstance(revision.before[one.subject], KeyResult | Objective | Kpi)
            and one.by not in owners
            and not any(entry.by in owners for entry in answers(context, revision, one))
        ]
        if nobodys:
            ids = tuple(sorted({one.subject for one in nobodys}))
            named = sorted({repr(one.by) for one in nobodys if one.by})
            by = f"by {joined(named)}, who is no declared owner" if named else "by nobody who is named"
            yield fault(f"unattributed on {revision.day}: {some(ids)} amended {by}", amended=ids)
