"""OKR4, rhythm, what became of it: decisions, confirmations, answers and promised changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from okrcore.definitions.days import DAY, day_number, end_of_day, start_of_day
from okrcore.definitions.derived import team_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.tolerances import Tolerance
from okrcore.display import counted
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import kin
from okrcore.governance.questions.closed_work import confirms, last_step
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.rules.okr4_rhythm.check_ins import TWO
from okrcore.history.entry import Change, Entry
from okrcore.priorities.s_feel_literals import read
from okrcore.schedule.deadlines import HOURS, decides, due_after, entry_span

PUT_UP = """
    tolerances:
      - {id: pilot-or-uptime, sides: [pilots, uptime], start: 2026-06-22, end: 2026-12-31,
         effect: {escalate: {to: coo, within: 24h}}}
    owners: [{id: coo, kind: role}]
    kpis:
      - {id: pilots, title: Pilots running}
      - {id: uptime, title: Uptime, unit: "%", target: {low: 98}}
    """
LED = """
    owners: [{id: coo, team: all}, {id: lead, team: crew}]
    teams: [{id: all, lead: coo}, {id: crew, parent: all}]
    kpis: [{id: uptime, title: Uptime, unit: "%", target: {low: 98}, owner: lead}]
    """
CLOSED = """
    owners: [{id: lane-lead, kind: role}, {id: controller, kind: role}]
    initiatives:
      - {id: recalibration, title: Recalibrate lanes, owner: lane-lead, stage: closed}"""
_UNDER_WAY = """
      - {id: belts, title: New belts, owner: lane-lead, stage: implemented}
    """
QUESTION = """
    cycles: [{id: spring, start: 2026-01-01, end: 2026-05-31}]
    objectives:
      - id: robots
        title: Do robots sort faces of parcels?
        cycle: spring
        commitment: learning
        key_results:
          - {id: trial, title: One line for 6 weeks, measure: {target: {start: 0, goal: 6}}}
    """
_ASPIRED = """
      - {id: faster, title: Sort faster, cycle: spring, commitment: aspirational}
    """


@governance_rule(
    "OKR406",
    needs="journal",
    fix="decide, and record the decision as an adjustment that says what changes, or as a confirmation",
    passes=Example(
        PUT_UP,
        entries=[Entry("adjustment", "uptime", "coo", "2026-06-23", changes=["94 % will do until August"])],
    ),
    fails=Example(PUT_UP, entries=[]),
)
def decision_is_taken_in_time(tolerance: Tolerance, context: Context) -> Iterator[Finding]:
    """A question that was put to somebody is decided within its time.

    What stays open is decided by whoever acts first, which is what the priority table is there to prevent.
    The time runs from the end of the day on which it was put. What decides it is an adjustment with changes,
    a confirmation or a decision, about the ruling, its conflict or one of its sides, or a later ruling that
    names a winner; a late answer counts too. An escalation that `apply` has not recorded has no clock.
    """
    escalate = tolerance.effect.escalate if tolerance.effect else None
    if escalate is None or not tolerance.holds(context.day):
        return
    calendar, day = context.portfolio.calendar, day_number(tolerance.start)
    put = end_of_day(day, calendar.timezone)
    deadline = due_after("decision", put, calendar, int(read("duration", escalate.within)))
    if context.when.instant(calendar.timezone) <= deadline:
        return
    opens = start_of_day(day, calendar.timezone)
    decided = any(
        decides(one, tolerance) and entry_span(one, calendar.timezone)[1] >= opens
        for one in context.entries()
    )
    ruled = any(
        other.winner and other.sides == tolerance.sides and tolerance.start <= other.start <= context.day
        for other in context.portfolio.tolerances
        if other is not tolerance
    )
    if not decided and not ruled:
        yield fault(
            f"was put to {escalate.to} on {tolerance.start}, to be decided within {escalate.within}, and is "
            "still open",
            to=escalate.to,
            start=tolerance.start,
            within=escalate.within,
        )


@governance_rule(
    "OKR407",
    needs="journal",
    fix="let somebody else than the owner confirm that it is done and what it brought",
    where=lambda rows, context, _: rows["stage"] == "closed",
    passes=Example(
        CLOSED + _UNDER_WAY, entries=[Entry("confirmation", "recalibration", "controller", "2026-06-12")]
    ),
    fails=Example(CLOSED, entries=[Entry("confirmation", "recalibration", "lane-lead", "2026-06-12")]),
)
def closing_is_confirmed(initiative: Initiative, context: Context) -> Iterator[str]:
    """A closed initiative is confirmed within 7 days by someone who is not its owner.

    Whoever is judged by it is the last to say that it is not done, and a closed initiative is watched by
    nobody. The clock runs from the end of the day on which its last milestone was done, else of its end; one
    that has neither is asked at once.
    """
    made = context.entries(initiative.id, "confirmation")
    closed, calendar = last_step(initiative, context), context.portfolio.calendar
    if closed is not None:
        due = due_after("confirmation", end_of_day(day_number(closed), calendar.timezone), calendar)
        if context.when.instant(calendar.timezone) <= due:
            return
    if not any(map(confirms(initiative), made)):
        since = f" since {closed}" if closed is not None else ""
        yield f"is closed{since}, and {'only its owner' if made else 'nobody'} has confirmed it"


@governance_rule(
    "OKR415",
    needs="journal",
    severity="info",
    fix="look whether chance explains it so often, or the bound is where nobody can hold it",
    passes=Example(LED, entries=[Entry("adjustment", "uptime", "lead", "2026-06-15", changes=["batteries"])]),
    fails=Example(LED, entries=[Entry("confirmation", "uptime", "coo", "2026-06-15", text="a storm")]),
)
def nothing_was_to_change(portfolio: Portfolio, context: Context, *, weeks: int = 13) -> Iterator[Finding]:
    """What dipped is answered by a change, and not again and again by a word from above.

    Whoever stands above an owner may confirm that nothing is to change, which closes the question. Counted
    are such confirmations about a KPI or key result in the last 13 weeks.
    """
    since = context.day - dt.timedelta(weeks=weeks)
    found: dict[str, list[Entry]] = {}
    for one in context.entries(kind="confirmation"):
        value = context.find(one.subject)
        if not isinstance(value, Kpi | KeyResult) or context.day_of(one.at) <= since:
            continue
        owner, team = context.relations.who_answers(value), team_of(value, portfolio)
        if one.by in context.relations.leads_above(team, owner):
            found.setdefault(one.subject, []).append(one)
    for subject, entries in sorted(found.items()):
        by = sorted({one.by for one in entries})
        yield fault(
            f"was confirmed {counted(len(entries), 'time')} by {some(by)} to need no change",
            subject=subject, count=len(entries), by=tuple(by),
        )  # fmt: skip


@governance_rule(
    "OKR409",
    needs="journal",
    fix="say what changes, by whom and by when",
    passes=Example(
        TWO,
        entries=[
            Entry("adjustment", "outages", "maintenance-lead", "2026-06-15", text="a storm"),
            Entry(
                "adjustment", "outages", "maintenance-lead", "2026-06-16",
                changes=[Change("two batteries", by="facilities", due=dt.date(2026, 7, 31))],
            ),
        ],
    ),
    fails=Example(
        TWO, entries=[Entry("adjustment", "outages", "maintenance-lead", "2026-06-15", text="a storm")]
    ),
)  # fmt: skip
def answer_names_a_change(portfolio: Portfolio, context: Context, *, weeks: int = 13) -> Iterator[Finding]:
    """An adjustment or a mitigation names what changes.

    "Explained" without a change closes nothing: the next dip has the same cause. Looked at are answers
    of the last 13 weeks; one that names a change, of the same day or later, mends it.
    """
    since = context.day - dt.timedelta(weeks=weeks)
    last: dict[str, Entry] = {}
    for one in context.entries():
        if one.kind in _OF_CHANGES and context.day_of(one.at) > since:
            before = last.get(one.subject)
            if (
                one.changes
                or before is None
                or not before.changes
                or context.day_of(before.at) < context.day_of(one.at)
            ):
                last[one.subject] = one
    for subject, one in sorted(last.items()):
        if not one.changes:
            day = context.day_of(one.at)
            what = f"was answered by {one.by} on {day} with an {one.kind} that names no change"
            yield fault(what.replace("an mit", "a mit"), subject=subject, at=one.at, by=one.by)


@governance_rule(
    "OKR410",
    needs="journal",
    fix="record what was learned as an answer, or carry the question into the next cycle",
    where=lambda rows, context, _: rows["commitment"] == "learning",
    passes=Example(
        QUESTION + _ASPIRED,
        entries=[Entry("answer", "trial", "coo", "2026-05-29", text="No: faces need a camera first")],
    ),
    fails=Example(QUESTION, entries=[]),
)
def question_is_answered(goal: Objective, context: Context) -> Iterator[Finding]:
    """A learning objective has its answer when its cycle ends.

    It was funded to learn something: without the answer written down the same question is asked, and paid
    for, again. An answer, or a confirmation, about the objective or each of its key results counts.
    """
    cycle = context.portfolio[goal.cycle]
    if context.day_in(cycle) <= cycle.end or _answered(context, goal.id):
        return
    results = [one.id for one in context.relations.key_results_of.get(goal.id, ())]
    open_ones = [name for name in results if not _answered(context, name)]
    if open_ones or not results:
        what = ", ".join(open_ones) if len(open_ones) < len(results) else ""
        yield fault(f"has no answer{f' on {what}' if what else ''}; its cycle ended on {cycle.end}")


def _answered(context: Context, id: str) -> bool:
    return any(one.kind in {"answer", "confirmation"} for one in context.entries(id))


@governance_rule(
    "OKR412",
    needs="journal",
    fix="look whether the change was made and what it did, and record it as a check-in or confirmation",
    passes=Example(
        TWO,
        entries=[
            Entry(
                "adjustment", "outages", "maintenance-lead", "2026-05-11",
                changes=[Change("two batteries", by="facilities", due=dt.date(2026, 6, 12))],
            ),
            Entry("check-in", "outages", "maintenance-lead", "2026-06-15", text="both are in"),
        ],
    ),
    fails=Example(
        TWO,
        entries=[
            Entry(
                "adjustment", "outages", "maintenance-lead", "2026-05-11",
                changes=[Change("two batteries", by="facilities", due=dt.date(2026, 6, 12))],
            )
        ],
    ),
)  # fmt: skip
def change_is_followed_up(
    portfolio: Portfolio, context: Context, *, days: int = HOURS["follow-up"] // 24, weeks: int = 13
) -> Iterator[Finding]:
    """A change that was agreed on is looked at again once it is due.

    Fire and forget: what was promised and never asked for again was an explanation after all. Any entry
    about the subject, its key result, objective or KPI from the due date on counts, and a confirmation after
    the promise; asked is `days` after the due date, and for `weeks`.
    """
    found: dict[str, tuple[dt.date, Entry, Change]] = {}
    for one in context.entries():
        for change in one.changes:
            if change.due is None or not _is_asked(context, change.due, days, weeks):
                continue
            known = found.get(one.subject)
            newer = known is None or known[0] < change.due
            if newer and not _followed(context, one, change.due):
                found[one.subject] = change.due, one, change
    for subject, (due, one, change) in sorted(found.items()):
        yield fault(
            f"{change.by or one.by} was to change by {due}: {change.what}; nobody has come back to it",
            subject=subject,
            due=due,
            by=change.by or one.by,
            promised=context.day_of(one.at),
        )


def _is_asked(context: Context, due: dt.date, days: int, weeks: int) -> bool:
    """Whether a clock of `days` from the end of a due date is over, and the date at most `weeks` ago."""
    if not 0 < (context.day - due).days <= 7 * weeks:
        return False
    calendar = context.portfolio.calendar
    put = end_of_day(day_number(due), calendar.timezone)
    return due_after("follow-up", put, calendar, days * DAY) < context.when.instant(calendar.timezone)


def _followed(context: Context, promise: Entry, due: dt.date) -> bool:
    for subject in kin(context, promise.subject):
        for one in context.entries(subject):
            if one is not promise and context.day_of(one.at) >= (
                context.day_of(promise.at)
                if one.kind == "confirmation"
                else max(due, context.day_of(promise.at))
            ):
                return True
    return False


_OF_CHANGES = ("adjustment", "mitigation")
