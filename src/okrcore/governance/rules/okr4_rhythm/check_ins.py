"""OKR4, rhythm, whether anybody looks: check-ins while a cycle is under way and when it ends."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping

from okrcore.definitions.days import DAY, day_number, end_of_day, start_of_day
from okrcore.definitions.derived import cadence_of, cycle_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.joined_ids import parted_item
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.references import unknown_id
from okrcore.display import counted
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import kin
from okrcore.governance.questions.check_ins_due import periods_asked
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.entry import Entry
from okrcore.schedule.deadlines import FORTNIGHT, HOURS, due_after, entry_span

TWO = """
    objectives:
      - id: faster
        title: Sort faster
        cycle: "2026"
        key_results:
          - id: throughput
            title: A fifth more parcels an hour
            unit: parcel/hour
            measure: {target: {start: 10000, goal: 12000}}
          - id: outages
            title: At most 20 outages
            unit: outage
            measure: {target: {start: 60, goal: 20}}
    """


@governance_rule(
    "OKR403",
    needs="journal",
    fix="check in: what moved, how confident are we, what changes",
    where=lambda rows, context, set_to: rows.among(context.once(_unchecked, set_to["days"])),
    passes=Example(
        TWO,
        entries=[
            Entry("check-in", "throughput", "coo", "2026-06-22", confidence=0.6),
            Entry("check-in", "outages", "maintenance-lead", "2026-06-22", confidence=0.8),
        ],
    ),
    fails=Example(
        TWO,
        entries=[
            Entry("check-in", "throughput", "coo", "2026-06-22", confidence=0.6),
            Entry("check-in", "outages", "maintenance-lead", "2026-05-11", confidence=0.8),
        ],
    ),
)
def key_result_is_checked_in_on(
    result: KeyResult, context: Context, *, days: int = FORTNIGHT
) -> Iterator[Finding]:
    """A key result under way is checked in on with its cadence, and at least every 14 days without one.

    A number that arrives by itself is not yet looked at: only a check-in says that somebody did, how sure
    they are, and what follows. Asked for is one since the last period began that ended more than 3 days ago.
    One on the objective, or on the KPI that is read, counts. Where the journal holds no check-in at all,
    OKR413 says so once.
    """
    last = context.once(_unchecked, days)[result.id]
    cycle, cadence = cycle_of(result, context.portfolio), cadence_of(result, context.portfolio)
    open_days = (context.day_in(cycle) - max(last or cycle.start, cycle.start)).days
    asked = f"every {days} days are asked for" if cadence is None else f"its cadence is {cadence.text}"
    yield fault(f"{_looked_at(last)}; {asked}", last=last, days=open_days)


@governance_rule(
    "OKR411",
    needs="journal",
    severity="info",
    fix="check in a last time: what was reached, and what is learned from it",
    where=lambda rows, context, set_to: rows.among(context.once(_faded_out, set_to["days"], set_to["weeks"])),
    passes=Example(
        TWO,
        entries=[Entry("check-in", "faster", "coo", "2026-12-29", text="11,700: nearly")],
        as_of="2027-01-20",
    ),
    fails=Example(
        TWO, entries=[Entry("check-in", "faster", "coo", "2026-11-30", confidence=0.6)], as_of="2027-01-20"
    ),
)
def cycle_ends_with_a_check_in(
    result: KeyResult, context: Context, *, days: int = HOURS["closing"] // 24, weeks: int = 13
) -> Iterator[Finding]:
    """A key result is checked in on when its cycle ends.

    The last look is the one that is learned from (Doerr, Measure What Matters, 2018: grading and reflection);
    a goal that just fades out teaches that goals may. A check-in or a closing from a week before the end on
    counts; asked for are cycles that ended more than `days` and at most `weeks` ago.
    """
    last = context.once(_faded_out, days, weeks)[result.id]
    end = cycle_of(result, context.portfolio).end
    yield fault(f"{_looked_at(last)}; its cycle ended on {end}", last=last, end=end)


@governance_rule(
    "OKR413",
    needs="journal",
    fix="check in on each key result, and keep it in the journal",
    passes=Example(TWO, entries=[Entry("check-in", "throughput", "coo", "2026-06-22", confidence=0.6)]),
    fails=Example(TWO, entries=[]),
)
def somebody_checks_in(portfolio: Portfolio, context: Context, *, days: int = FORTNIGHT) -> Iterator[Finding]:
    """Key results under way are checked in on.

    A journal without any check-in says that nobody looks at the goals between planning and grading, which is
    how they are forgotten; OKR403 asks key result by key result once there is one.
    """
    if context.once(_last, "check-in"):
        return
    if count := len(periods_asked(context, days, over=True)):
        verb = "are" if count > 1 else "is"
        yield fault(
            f"{counted(count, 'key result')} {verb} under way, and the journal holds no check-in",
            count=count,
        )


@governance_rule(
    "OKR414",
    needs="journal",
    fix="correct the subject of the entry, or declare what it is about",
    passes=Example(TWO, entries=[Entry("check-in", "throughput", "coo", "2026-06-22", confidence=0.6)]),
    fails=Example(TWO, entries=[Entry("check-in", "thruoghput", "coo", "2026-06-22", confidence=0.6)]),
)
def entry_is_about_something_declared(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """What the journal is about is declared.

    An answer under an id that nobody declares answers nothing: the question stays open, and who answered
    believes that it is closed. Ids of conflicts and of actions, which hold a colon, are not asked about.
    """
    ids = {value.id for value in context.declared}
    counts = Counter(one.subject for one in context.entries() if ":" not in one.subject)
    for subject in sorted(name for name in counts if parted_item(name)[0] not in ids):
        what = str(unknown_id(subject, "", ids)).partition(" is ")[2]
        yield fault(
            f"is the subject of {counted(counts[subject], 'line')} of the journal, and is {what}",
            subject=subject, entries=counts[subject],
        )  # fmt: skip


def _unchecked(context: Context, days: int) -> Mapping[str, dt.date | None]:
    """Return the day of the last check-in on each key result whose last period that is over has none."""
    if not context.once(_last, "check-in"):
        return {}
    asked = periods_asked(context, days, over=True)
    return _silent(context, {name: one.begin for name, one in asked.items()}, ("check-in",))


def _faded_out(context: Context, days: int, weeks: int) -> Mapping[str, dt.date | None]:
    """Return the day of the last look at each key result whose cycle ended without one."""
    if not context.once(_last, "check-in"):
        return {}
    calendar, now = context.portfolio.calendar, context.when.instant(context.when.zone)
    since = {}
    for one in context.portfolio.cycles:
        end, zone = day_number(one.end), calendar.zone_of(one)
        over = due_after("closing", end_of_day(end, zone), calendar, days * DAY) < now
        if over and (context.day_in(one) - one.end).days <= 7 * weeks:
            since[one.id] = start_of_day(end - _LAST_WEEK, zone)
    goals = {one.id: since[one.cycle] for one in context.portfolio.objectives if one.cycle in since}
    asked = {one.id: goals[one.objective] for one in context.portfolio.key_results if one.objective in goals}
    return _silent(context, asked, ("check-in", "closing"))


def _silent(
    context: Context, since: Mapping[str, int], kinds: tuple[str, ...]
) -> Mapping[str, dt.date | None]:
    """Return the day of the last entry on each key result without one of these kinds since an instant."""
    zone = context.when.zone
    made = [context.once(_last, kind) for kind in kinds]
    found: dict[str, dt.date | None] = {}
    for name, first in since.items():
        about = [last[one] for one in kin(context, name) for last in made if one in last]
        if all(entry_span(one, zone)[1] < first for one in about):
            found[name] = max((context.day_of(one.at) for one in about), default=None)
    return found


def _looked_at(last: dt.date | None) -> str:
    return f"had its last check-in on {last}" if last else "never had a check-in"


def _last(context: Context, kind: str) -> Mapping[str, Entry]:
    """The last entry of a kind about each subject that had one."""
    return {one.subject: one for one in context.entries(kind=kind)}


_LAST_WEEK = 7
