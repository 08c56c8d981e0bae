"""Put concerns into the few lines that need a decision: one cause is one line, the urgent first (S18.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import attrs

from okrcore.definitions.digraph import grouped
from okrcore.display import Rows
from okrcore.rhythm.concern import Concern
from okrcore.rhythm.needed_decision import DECISION_KINDS, DecisionKind, NeededDecision

FEW = 3
"""So many of a kind, or fewer, are told one by one, whatever they share; and so many are named of more."""
_MANY: Mapping[DecisionKind, str] = {
    "slip": "{} milestones are late at once: what changes?",
    "conflict": "{} conflicts are decided by no rule: what gives way?",
    "goal": "{} key results are behind: new work, or new goals?",
    "dip": "{} measures turned for the worse at once: what moved them?",
    "check-in": "{} goals are silent: where do they stand?",
    "link": "{} links wait for a review: keep, change or drop?",
    "closing": "{} goals are over: how did they end?",
}


def decisions_of(concerns: Iterable[Concern]) -> Rows[NeededDecision]:
    """Return one decision a cause: what is overdue first, then by kind, by when it is due and by id.

    Where more than three of a kind, and more than a third of it, share a wider cause, they are one line.
    """
    listed = sorted(concerns, key=_rank)
    causes = {one.cause: one for one in reversed(listed)}.values()
    totals = Counter(one.kind for one in causes)
    counts = Counter((one.kind, key) for one in causes for key, _ in one.shared)

    def place(one: Concern) -> tuple[str, str]:
        for key, words in one.shared:
            if counts[one.kind, key] > max(FEW, totals[one.kind] / 3):
                return key, words
        return one.cause, ""

    placed = [(*place(one), one) for one in listed]
    said = {key: words for key, words, _ in placed if words}
    lines = grouped((key, one) for key, _, one in placed)
    found = [_decision(key, said.get(key, ""), together) for key, together in lines.items()]
    return Rows(sorted(found, key=lambda one: (*_urgency(one), one.id)))


def _rank(one: Concern) -> tuple[object, ...]:
    return (*_urgency(one), one.subject, one.cause, one.question)


def _urgency(one: Concern | NeededDecision) -> tuple[object, ...]:
    return not one.overdue, DECISION_KINDS.index(one.kind), one.due


def _decision(key: str, words: str, together: Sequence[Concern]) -> NeededDecision:
    """Return the line of what shares a cause; the concern of the first kind speaks for it."""
    first = min(together, key=lambda one: DECISION_KINDS.index(one.kind))
    subjects = tuple(dict.fromkeys(one.subject for one in together))
    actions = tuple(dict.fromkeys(action.id for one in together for action in one.actions))
    owners = Counter(one.owner for one in together if one.owner)
    line = NeededDecision(
        id=key,
        kind=first.kind,
        ask=first.ask,
        mark=first.mark,
        question=first.question,
        evidence=first.evidence,
        owner=together[0].owner or first.owner,
        due=min(one.due for one in together),
        overdue=any(one.overdue for one in together),
        subjects=subjects,
        actions=actions,
        owners=tuple(sorted(owners)),
    )
    if not words or len(subjects) <= FEW:
        return line
    named, more = ", ".join(subjects[:FEW]), len(subjects) - FEW
    return attrs.evolve(
        line,
        question=_MANY[first.kind].format(len(subjects)),
        evidence=f"{words}: {named} and {more} more",
        owner=owners.most_common(1)[0][0] if owners else None,
    )
