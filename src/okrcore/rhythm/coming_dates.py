"""List what comes next: answers that are owed, the next check-ins, milestones that fall due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import attrs

from okrcore.definitions.days import day_in, day_number, end_of_day, start_of_day, to_date
from okrcore.definitions.derived import cadence_of, cycle_of, due_of
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import kin
from okrcore.governance.questions.check_ins_due import check_in_spans
from okrcore.rhythm.review_result import Review
from okrcore.schedule.deadlines import entry_span


@attrs.frozen(order=True)
class ComingDate:
    """A day on which a `kind` of thing is asked about a subject, of its `owner`; None where there is none."""

    day: dt.date
    kind: str
    subject: str
    owner: str | None = attrs.field(order=False)


def coming_dates(review: Review, people: Collection[str] | None = None) -> list[ComingDate]:
    """Return what comes next, by date: what is open, and of what is pursued the next of each kind.

    `people` None: of everybody, else of those alone.
    """
    snapshot = review.snapshot
    context = Context(
        portfolio=review.portfolio,
        as_of=review.as_of,
        history=snapshot.history,
        journal=snapshot.journal,
        known_at=snapshot.when.known,
        given={"snapshot": snapshot},
    ).pursued
    zone = snapshot.when.zone
    found = [
        ComingDate(day_in(one.due, zone), one.kind, one.subject, one.owner)
        for one in review.actions
        if one.is_open
    ]
    found += [*_check_ins(context), *_milestones(context)]
    told = sorted((one for one in found if people is None or one.owner in people), reverse=True)
    return sorted({(one.kind, one.subject): one for one in told}.values())


def _check_ins(context: Context) -> Iterator[ComingDate]:
    """The end of the first period of each key result under way that nobody has checked in on yet."""
    calendar = context.portfolio.calendar
    made: dict[object, list[tuple[int, int]]] = {}
    for result in context.portfolio.key_results:
        cycle = cycle_of(result, context.portfolio)
        if not context.is_running(cycle) or context.scene.is_over(result):
            continue
        key = cadence_of(result, context.portfolio), cycle.id
        if key not in made:
            spans = check_in_spans(calendar, key[0], cycle, day_number(cycle.end))
            made[key] = [one for one in spans if one[1] >= day_number(context.day_in(cycle))]
        zone, due = calendar.zone_of(cycle), day_number(due_of(result, context.portfolio))
        told = [
            entry_span(entry, context.when.zone)
            for name in kin(context, result.id)
            for entry in context.entries(name, "check-in")
        ]
        for first, last in made[key]:
            begin, end = start_of_day(first, zone), end_of_day(last, zone)
            if last <= due and not any(begin <= closes and opens <= end for opens, closes in told):
                owner = context.relations.who_answers(result)
                yield ComingDate(to_date(last), "check-in", result.id, owner)
                break


def _milestones(context: Context) -> Iterator[ComingDate]:
    for one in context.portfolio.milestones:
        due = due_of(one, context.portfolio)
        if one.id not in context.done_days and due >= context.day:
            yield ComingDate(due, "due date", one.id, context.relations.who_answers(one))
