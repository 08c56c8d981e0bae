"""Find what is to be answered, kind by kind: each with its clock and the entries that would meet it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from functools import partial
from typing import Any

import attrs

from okrcore.definitions.days import day_number, end_of_day, start_of_day, to_date, to_microseconds
from okrcore.definitions.derived import cycle_of, due_of, team_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.joined_ids import joined_ids
from okrcore.definitions.pursued import idle_goals
from okrcore.definitions.relations import Relations
from okrcore.display import figure
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import answered_from, answers_dip, kin
from okrcore.governance.questions.breaches import awaits_confirmation
from okrcore.governance.questions.check_ins_due import periods_asked
from okrcore.governance.questions.closed_work import confirms, last_step
from okrcore.governance.questions.reviews_due import asked_since, last_review
from okrcore.history.entry import Entry
from okrcore.monitoring.dip import Dip, in_period
from okrcore.priorities.s_feel_literals import read
from okrcore.rhythm.action import ActionKind
from okrcore.schedule.deadlines import decides

ALWAYS = -(2**62)
"""An instant before all others."""


@attrs.frozen(kw_only=True)
class OpenedQuestion:
    """One question to somebody: opened at an instant, on a day that is part of its id; who may answer it.

    `answers` says of an entry whether it answers, whatever its moment; one that does is about one of `about`.
    `length` None is that of its kind.
    """

    kind: ActionKind
    subject: str
    team: str | None
    owner: str | None
    what: str
    because: str
    opened: int
    day: dt.date
    about: Collection[str]
    answers: Callable[[Entry], bool]
    since: int = 0
    """Entries before do not answer it."""
    length: int | None = None
    dip: Dip | None = None


def questions_of(context: Context, found: Iterable[Dip]) -> Iterator[OpenedQuestion]:
    """Yield every question, whenever it was opened; `found` are the dips.

    Of what is closed nothing is asked but how it ended.
    """
    asked = _questions(context, found)
    yield from (one for one in asked if one.kind == "closing" or one.subject not in context.closings)


def _questions(context: Context, found: Iterable[Dip]) -> Iterator[OpenedQuestion]:
    for dip in found:
        if dip.mistyped and not dip.late:
            yield _of_slip_of_the_pen(context, dip)
        if not (dip.late or awaits_confirmation(context, dip)):
            yield from _of_dip(context, dip)
    yield from _of_misses(context)
    yield from _check_ins(context)
    yield from _link_reviews(context)
    yield from _decisions(context)
    yield from _confirmations(context)
    yield from _closings(context)


def _of_dip(context: Context, dip: Dip) -> Iterator[OpenedQuestion]:
    portfolio, relations = context.portfolio, context.relations
    value = portfolio[dip.subject]
    names = {dip.subject, *dip.goals}
    shown = to_microseconds(dip.shown)
    adjusts = answers_dip(context, dip.subject)
    opens = answered_from(dip.start, dip.period_end, shown, context.when.zone)
    common: dict[str, Any] = {
        "subject": dip.subject,
        "team": team_of(value, portfolio),
        "owner": relations.who_answers(value),
        "opened": shown,
    }
    common |= {"day": dip.start, "because": dip.sentence, "since": opens, "dip": dip}
    yield OpenedQuestion(
        kind="audit",
        what=f"What moved {dip.subject}: a cause, chance, or a wrong number?",
        about=names,
        answers=lambda one: one.kind == "audit" and one.subject in names and bool(one.text.strip()),
        **common,
    )
    yield OpenedQuestion(
        kind="adjustment",
        what=f"What changes because of {dip.subject}, by whom and by when?",
        about=adjusts.about | adjusts.own,
        answers=adjusts,
        **common,
    )


def _of_slip_of_the_pen(context: Context, dip: Dip) -> OpenedQuestion:
    value, names = context.portfolio[dip.subject], kin(context, dip.subject)
    period = in_period(dip.start, dip.period_end, dip.shown)
    return OpenedQuestion(
        kind="confirmation",
        subject=dip.subject,
        team=team_of(value, context.portfolio),
        owner=context.relations.who_answers(value),
        what=f"Is {figure(dip.value)} right for {dip.subject}, or a slip of the pen?",
        because=f"{figure(dip.value)} {period} looks mistyped beside its neighbours",
        opened=to_microseconds(dip.shown),
        day=dip.start,
        about=names,
        answers=_about("confirmation", names),
        since=start_of_day(day_number(dip.start), context.when.zone),
        dip=dip,
    )


def _of_misses(context: Context) -> Iterator[OpenedQuestion]:
    portfolio, relations = context.portfolio, context.relations
    for clock in context.ripple.clocks:
        cause = context.find(clock.cause)
        day = context.day_of(clock.missed_at)
        hit = context.find(clock.subjects[0])
        for owed in (clock.notice, clock.mitigation):
            told = owed.kind == "notice"
            asked = cause if told else hit
            owner = relations.who_answers(asked) if asked is not None else None
            lead = next(relations.leads_above(clock.team), None) if clock.team in portfolio else None
            yield OpenedQuestion(
                kind="notice" if told else "mitigation",
                subject=clock.cause,
                team=clock.team,
                owner=owner if told or owner else lead,
                what=f"Tell {clock.team} that {clock.cause} is late."
                if told
                else f"What does {clock.team} change because {clock.cause} is late?",
                because=f"{clock.cause} was missed on {day}; it delays {', '.join(clock.subjects)}",
                opened=to_microseconds(owed.opened),
                day=day,
                about=() if owed.entry is None else (owed.entry.subject,),
                answers=_is(owed.entry),
                since=ALWAYS,
            )


def _about(kind: str, subjects: Container[str]) -> Callable[[Entry], bool]:
    return lambda one: one.kind == kind and one.subject in subjects


def _is(entry: Entry | None) -> Callable[[Entry], bool]:
    return lambda one: one is entry or (entry is not None and one == entry)


def _check_ins(context: Context) -> Iterator[OpenedQuestion]:
    """The last period of each key result under way that has ended."""
    for name, period in periods_asked(context, over=False).items():
        result, first = context.portfolio[name], to_date(period.first)
        names = set(kin(context, name))
        yield OpenedQuestion(
            kind="check-in",
            subject=name,
            team=team_of(result, context.portfolio),
            owner=context.relations.who_answers(result),
            what=f"Where does {name} stand, and how sure are you of it?",
            because=f"no check-in since its period that began on {first}",
            opened=period.ended,
            day=first,
            about=names,
            answers=_about("check-in", names),
            since=period.begin,
        )


def _link_reviews(context: Context) -> Iterator[OpenedQuestion]:
    """What first asked for a review of each link since the last one; of one that is reviewed the last."""
    portfolio, zone = context.portfolio, context.when.zone
    for link in portfolio.links:
        asked, last = asked_since(link, context), last_review(link, context)
        if not asked:
            continue
        open_ = [one for one in asked if last is None or last < one[0]]
        day, why = open_[0] if open_ else asked[-1]
        if not open_ and link.reviewed == last:
            continue
        yield OpenedQuestion(
            kind="link-review",
            subject=link.id,
            team=team_of(link, portfolio),
            owner=link.owner or context.relations.who_answers(portfolio[link.target]),
            what=f"Does {link.source} still lead {link.target}: keep, change or drop the link?",
            because=f"{why} on {day}",
            opened=start_of_day(day_number(day), zone),
            day=day,
            about=(link.id,),
            answers=_about("link-review", (link.id,)),
            since=start_of_day(day_number(day), zone),
        )


def _decisions(context: Context) -> Iterator[OpenedQuestion]:
    zone = context.when.zone
    for one in context.portfolio.tolerances:
        escalate = one.effect.escalate if one.effect else None
        if escalate is None or not one.holds(context.day):
            continue
        yield OpenedQuestion(
            kind="decision",
            subject=one.id,
            team=context.portfolio[escalate.to].team if escalate.to in context.portfolio else None,
            owner=escalate.to,
            what=f"Which of {' and '.join(one.sides)} gives way?",
            because=one.why or "no rule decides",
            opened=end_of_day(day_number(one.start), zone),
            day=one.start,
            about=(one.id, joined_ids(one.sides), *one.sides),
            answers=partial(decides, ruling=one),
            since=start_of_day(day_number(one.start), zone),
            length=int(read("duration", escalate.within)),
        )


def _confirmations(context: Context) -> Iterator[OpenedQuestion]:
    portfolio, zone = context.portfolio, context.when.zone
    for one in portfolio.initiatives:
        if one.stage != "closed":
            continue
        closed = last_step(one, context)
        if closed is None:
            continue
        owner = context.relations.who_answers(one)
        above = next(context.relations.leads_above(team_of(one, portfolio), owner), None)
        yield OpenedQuestion(
            kind="confirmation",
            subject=one.id,
            team=team_of(one, portfolio),
            owner=above or owner,
            what=f"Is {one.id} done, and what did it bring?",
            because=f"it was closed, its last step on {closed}",
            opened=end_of_day(day_number(closed), zone),
            day=closed,
            about=(one.id,),
            answers=confirms(one),
            since=ALWAYS,
        )


def _closings(context: Context) -> Iterator[OpenedQuestion]:
    portfolio = context.declared  # what a closing took out is there
    goals: list[Objective | KeyResult] = [*portfolio.objectives]
    goals += [one for one in portfolio.key_results if one.due is not None]
    idle, relations = idle_goals(portfolio), Relations(portfolio)
    for goal in (one for one in goals if one.id not in idle):
        cycle, due = cycle_of(goal, portfolio), due_of(goal, portfolio)
        if due >= context.day_in(cycle):
            continue
        yield OpenedQuestion(
            kind="closing",
            subject=goal.id,
            team=team_of(goal, portfolio),
            owner=relations.who_answers(goal),
            what=f"How did {goal.id} end, and what is learned from it?",
            because=f"its time was over on {due}",
            opened=end_of_day(day_number(due), portfolio.calendar.zone_of(cycle)),
            day=due,
            about=(goal.id,),
            answers=_about("closing", (goal.id,)),
            since=ALWAYS,
        )
