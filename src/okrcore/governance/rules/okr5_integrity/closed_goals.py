"""OKR5, integrity: what people say of a goal when they close it."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.entry import Entry
from okrcore.scoring.closings import is_refused
from okrcore.scoring.kernels import SLACK

_GOAL = """
    owners: [{id: head-of-sales, kind: role}]
    objectives:
      - id: north
        title: Grow in the north
        cycle: "2026"
        owner: head-of-sales
        key_results:
          - {id: deals, title: 20 deals, unit: deal, measure: {target: {start: 0, goal: 20}}}
    """
_SEEN = [("deals", "2026-05-31", 12)]


def _closed(*closings: tuple[str, str], **more: object) -> list[Entry]:
    return [
        Entry("closing", "north", by, f"2026-06-{day:02}", outcome=outcome, **more)  # type: ignore[arg-type]
        for day, (by, outcome) in enumerate(closings, 1)
    ]


@governance_rule(
    "OKR523",
    needs=("history", "journal"),
    fix="say why in the text of the closing, or close it again with the score that its numbers say",
    passes=Example(_GOAL, observations=_SEEN, entries=_closed(("coo", "partly"), score=0.65)),
    fails=Example(_GOAL, observations=_SEEN, entries=_closed(("coo", "partly"), score=0.8)),
)
def declared_score_of_a_closing_is_explained(
    portfolio: Portfolio, context: Context, *, most: float = 0.1
) -> Iterator[Finding]:
    """A score declared when a goal is closed is within 0.1 of the computed one, or says why it is not.

    People may know what numbers do not: a deal signed a day late, a target that lost its meaning. Said, it
    is a judgement; unsaid, it is a number that nobody can check. Compared is the score as of the closing.
    """
    snapshot = context.snapshot
    for name, entry in sorted(snapshot.closings.items()):
        if entry.subject != name or entry.score is None or entry.text.strip():
            continue
        computed = snapshot[name].score
        if computed is None or abs(entry.score - computed) <= most + SLACK:
            continue
        yield fault(
            f"was closed with {entry.score:.2f} by {entry.by}, and its numbers say {computed:.2f}",
            subject=name, declared=entry.score, computed=computed, most=most,
        )  # fmt: skip


@governance_rule(
    "OKR524",
    needs=("journal",),
    fix="let somebody other than the owner close it again, or open it",
    passes=Example(_GOAL, entries=_closed(("head-of-sales", "partly"), ("coo", "achieved"))),
    fails=Example(_GOAL, entries=_closed(("head-of-sales", "partly"), ("head-of-sales", "achieved"))),
)
def closing_is_not_changed_by_the_owner(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """What is closed is closed again, or opened, by somebody other than the goal's owner.

    Who is judged by a verdict does not change it. Such an entry counts for nothing: the first one holds.
    """
    before: dict[str, Entry] = {}
    whole = context.declared
    goals = {goal.id for part in (whole.objectives, whole.key_results) for goal in part}
    for entry in context.entries(kind="closing"):
        if entry.subject not in goals:
            continue
        if is_refused(entry, before.get(entry.subject), whole):
            yield fault(
                f"was closed, and then {entry.outcome} by its owner {entry.by}, which changes nothing",
                subject=entry.subject, at=entry.at,
            )  # fmt: skip
        else:
            before[entry.subject] = entry
