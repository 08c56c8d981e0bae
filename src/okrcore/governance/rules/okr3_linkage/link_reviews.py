"""OKR3, reviews: a link that was declared once is looked at again."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.days import DAY, day_number, start_of_day
from okrcore.definitions.links import Link
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.reviews_due import asked_since, last_review
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.entry import Entry
from okrcore.schedule.deadlines import HOURS, due_after

_REVIEWED = """
    kpis:
      - {id: lanes, title: Lanes recalibrated, unit: lane}
      - {id: speed, title: Parcels an hour, unit: parcel/hour}
    links:
      - {source: lanes, target: speed, sign: 1, lag: 2w..6w, reviewed: 2025-11-17}
    """


@governance_rule(
    "OKR313",
    fix="look at its evidence, keep, change or drop it, and record the review",
    passes=Example(_REVIEWED, entries=[Entry("link-review", "lanes->speed", "flow-review", "2026-01-19")]),
    fails=Example(_REVIEWED, entries=[]),
)
def link_is_reviewed(
    link: Link, context: Context, *, days: int = HOURS["link-review"] // 24
) -> Iterator[Finding]:
    """A link is reviewed in each cycle, and after it decayed or the definition of an end changed.

    A link that was declared once and never looked at again steers by last year's warehouse: fire and forget.
    A review is the link's `reviewed` date or a link-review in the journal. It is due 14 days after each of
    these, on the organisation's clocks. Where no review is on record at all and there is no journal, nothing
    is known, and nothing said.
    """
    if not context.once(_reviews):
        return
    calendar, now = context.portfolio.calendar, context.when.instant(context.when.zone)
    last = last_review(link, context)
    missed = [
        f"{why} on {day}"
        for day, why in asked_since(link, context)
        if (last is None or last < day)
        and due_after("link-review", start_of_day(day_number(day), calendar.timezone), calendar, days * DAY)
        < now
    ]
    if missed:
        seen = f"was last reviewed on {last}" if last else "was never reviewed"
        start = context.index.started(link)
        yield fault(f"{seen}; since then {' and '.join(missed)}", reviewed=last, cycle_start=start)


def _reviews(context: Context) -> bool:
    """Whether reviews are on record at all, in a journal or with any link."""
    return context.journal is not None or any(context.index.count("links", "reviewed").keys() - {None})
