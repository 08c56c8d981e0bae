"""Lay out what a week asks for: its sentence, the decisions it needs, clocks that run, and what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from okrcore.display import time_left, weekday
from okrcore.display.blocks import (
    Grid,
    GridColumn,
    GridRow,
    Items,
    Lines,
    Marked,
    Row,
    Say,
    Section,
)
from okrcore.display.drawing import Step
from okrcore.explanations.explaining import explain_on
from okrcore.explanations.sources_of_value import Ground
from okrcore.rhythm.changed_rows import ORDER, changes_of
from okrcore.rhythm.needed_decision import NeededDecision
from okrcore.rhythm.review_result import Review
from okrcore.rhythm.review_sections import asked_item, due_text, left_out, new_decisions
from okrcore.schedule.deadlines import Owed

MOST_ASKS = MOST_CHANGES = 7
MOST_CLOCKS = 10
_REASONS = 3
_STATE_WORDS = {"open": "running"}


def decisions(review: Review, ground: Ground) -> Section:
    """Return what needs somebody, at most seven questions in the order of the review."""
    asked, fresh = review.decisions_needed, new_decisions(review)
    late = sum(one.overdue for one in asked)
    items = [
        asked_item(one, review, "new" if one.id in fresh else "", _reasons(review, one, ground))
        for one in asked[:MOST_ASKS]
    ]
    lede = f"{len(asked):,} open, {late:,} overdue. Overdue answers first." if asked else ""
    more = left_out(asked[MOST_ASKS:]) if asked else "Nobody has to decide anything."
    return Section("Needs a decision", [Items(items, more)], name="decide", lede=lede)


def _reasons(review: Review, one: NeededDecision, ground: Ground) -> Iterator[Step]:
    """Yield why it is asked: the reasons of what it is about, and what its actions say."""
    said = {conflict.id: conflict.sentence for conflict in review.conflicts}
    said |= {found.link: found.sentence for found in review.evidence if found.link is not None}
    for subject in one.subjects[:_REASONS]:
        if subject in said:
            yield 0, subject, said[subject]
        elif subject in review.snapshot:
            why = explain_on(ground, subject, depth=0, limit=1)
            yield 0, f"{why.kind} {subject}", why.sentence
    because = dict.fromkeys(action.because for action in review.actions if action.id in one.actions)
    yield from ((0, "", text) for text in list(because)[:_REASONS])
    if len(one.subjects) > _REASONS:
        yield 0, "", f"And {len(one.subjects) - _REASONS} more: {', '.join(one.subjects[_REASONS:][:12])}"


def clocks(review: Review) -> Section:
    """Return who was to be told and to answer within a day of a missed milestone."""
    found = sorted(
        review.ripple.clocks,
        key=lambda one: (one.mitigation.state in ("met", "late"), one.missed_at, one.cause, one.team),
    )
    portfolio = review.portfolio
    rows = [
        GridRow(
            [
                Lines(
                    Row(Say(one.team, "strong"), Say(one.cause, "code")),
                    Say((portfolio[one.team].lead or "") if one.team in portfolio else "", "soft"),
                ),
                _owed(review, one.notice),
                _owed(review, one.mitigation),
            ]
        )
        for one in found[:MOST_CLOCKS]
    ]
    columns = (GridColumn("Who, about", "name"), GridColumn("Told", "say"), GridColumn("Answered", "say"))
    grid = Grid(
        columns=columns,
        rows=rows,
        caption="24 h clocks after a missed milestone",
        kind="clocks",
        more=f"{MOST_CLOCKS} of {len(found)} shown, open ones first." if len(found) > MOST_CLOCKS else "",
    )
    lede = "Each team that a missed milestone hits is told, and answers, within 24 h."
    return Section("24 h clocks", [grid] if rows else [], name="clocks", lede=lede)


def _owed(review: Review, one: Owed) -> Lines:
    if one.entry is not None:
        return Lines(Marked(one.state), Say(f"{one.entry.at}: {one.entry.by}", "soft"))
    left = "" if one.left is None else f", {time_left(one.left)}"
    return Lines(
        Marked(one.state, label=_STATE_WORDS.get(one.state, one.state)),
        Say(f"{due_text(one.due, review)}{left}", "soft"),
    )


def changes(review: Review) -> Section:
    """Return what is otherwise than in the review before: at most seven, what is new and worse first."""
    if review.since is None:
        return Section("Since the last review", [])
    told = sorted(changes_of(review), key=lambda one: ORDER.index(one.word))
    counts, rest = (Counter(one.word for one in some) for some in (told, told[MOST_CHANGES:]))
    rows = [GridRow([Marked(one.word), Say(one.id, "code"), one.said]) for one in told[:MOST_CHANGES]]
    grid = Grid(
        columns=(GridColumn("Change", "name"), GridColumn("What", "say"), GridColumn("How", "say")),
        rows=rows,
        caption=f"Changes since {review.since}",
        kind="moves",
        more=f"{rest.total()} more: {_listed(rest)}." if rest else "",
    )
    lede = f"{_listed(counts) or 'Nothing that is more than noise'}, since {weekday(review.since)}."
    return Section("Since the last review", [grid], name="changes", lede=lede)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[word]} {word}" for word in ORDER if counts[word])


def owner_text(names: Iterable[str | None]) -> str:
    """Return owners, or what else is said beside them, apart by commas; nobody where there is none."""
    told: Sequence[str] = [name for name in names if name]
    return ", ".join(told) or "nobody"
