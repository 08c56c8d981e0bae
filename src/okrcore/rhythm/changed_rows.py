"""Lay out what changed since the last review: what is new, worse, better and resolved, without the noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from okrcore.definitions.days import day_in
from okrcore.definitions.fields import to_day
from okrcore.display import counted, short_day
from okrcore.display.blocks import Grid, GridColumn, GridRow, Say
from okrcore.rhythm.review_result import Review

TELLING = 0.03
"""A score that moves by less is no news."""
ORDER = ("new", "worse", "better", "resolved")


class News(NamedTuple):
    """One thing that changed: the word for it, the id, what happened, and the sign it is drawn with."""

    word: str
    id: str
    said: str


def changes_grid(review: Review, most: int) -> Grid:
    """Return what changed, at most so many rows, and how much more there is."""
    found = sorted(changes_of(review), key=lambda one: ORDER.index(one.word))
    left = found[most:]
    counts = {word: sum(one.word == word for one in left) for word in ORDER}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    since = "" if review.since is None else short_day(day_in(review.since, review.snapshot.when.zone))
    return Grid(
        columns=(
            GridColumn(f"SINCE {since}".upper()),
            GridColumn("what", yields=True, titled=False),
            GridColumn("how", yields=True, titled=False),
        ),
        rows=[GridRow([one.word, Say(one.id, "code"), one.said], word=one.word) for one in found[:most]],
        caption="Changed since the last review",
        kind="changes",
        more=f"{len(left)} more: {told}. okrcore review --all" if left else "",
    )


def changes_of(review: Review) -> Iterator[News]:
    """Yield what is news: decisions, dates, verdicts, rulings, statuses, zones, and scores that moved."""
    rows = review.differences.to_dicts() if len(review.differences) else []
    judged = {row["id"] for row in rows if row["what"] in ("status", "zone")}
    fresh = {row["id"] for row in rows if (row["kind"], row["change"]) == ("decision", "new")}
    told = {name for one in review.decisions_needed if one.id in fresh for name in one.subjects}
    for row in rows:
        kind, change = row["kind"], row["change"]
        if kind == "decision":
            yield from _of_decision(row, review)
        elif row["id"] in told:
            continue
        elif kind == "milestone":
            yield from _of_milestone(row, review)
        elif row["what"] in ("status", "zone", "verdict", "ruling"):
            words = f"{row['before']} to {row['after']}"
            if change in ("better", "worse"):
                yield News(change, row["id"], words)
            elif change == "new" and kind == "conflict":
                yield News("new", row["id"], f"a conflict, {row['after']}")
            elif change == "gone" and kind == "conflict":
                yield News("resolved", row["id"], "no conflict any more")
        elif row["what"] == "score" and row["id"] not in judged and _is_telling(row):
            written = review.snapshot.scoring.score_text
            now, then = written(row["after_value"]), written(row["before_value"])
            yield News(change, row["id"], f"{now} of the way (was {then})")


def _is_telling(row: Mapping[str, Any]) -> bool:
    """Whether a score moved so far that it is news."""
    if row["change"] not in ("better", "worse"):
        return False
    return bool(abs(row["after_value"] - row["before_value"]) >= TELLING - 1e-9)


def _of_decision(row: Mapping[str, Any], review: Review) -> Iterator[News]:
    if row["change"] == "new":
        one = next(one for one in review.decisions_needed if one.id == row["id"])
        more = f" and {len(one.subjects) - 1} more" if len(one.subjects) > 1 else ""
        yield News("new", f"{one.subjects[0]}{more}", one.question)
    elif row["change"] == "gone":
        yield News("resolved", row["id"].partition(":")[2], row["before"])


def _of_milestone(row: Mapping[str, Any], review: Review) -> Iterator[News]:
    """What waits for another is told with what it waits for."""
    late = {one.subject: one for one in review.ripple.impacts}
    if row["change"] == "gone":
        yield News("resolved", row["id"], "is late no more")
        return
    one = late[row["id"]]
    if one.cause != one.subject:
        return
    behind = sum(other.cause == one.subject for other in late.values()) - 1
    pushed = f"; {counted(behind, 'other')} with it" if behind else ""
    if row["change"] == "new":
        yield News("new", one.subject, f"{one.delay_days:.0f} d late{pushed}")
    else:
        days = abs((to_day(row["after"]) - to_day(row["before"])).days)
        side = "later" if row["change"] == "worse" else "sooner"
        yield News(row["change"], one.subject, f"{days} d {side}, {one.delay_days:.0f} d late{pushed}")
