"""OKR4, rhythm, whether anybody looks: check-ins while a cycle is under way and when it ends (S18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import cycle_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import day_of, kin
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows
from okrcore.history.entry import Entry

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
    where=lambda rows, context, set_to: _unchecked(rows, context, False, set_to["days"], 0),
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
def key_result_is_checked_in_on(result: KeyResult, context: Context, *, days: int = 14) -> Iterator[Finding]:
    """A key result under way is checked in on at least every 14 days.

    A number that arrives by itself is not yet looked at: only a check-in says that somebody did, how sure
    they are, and what follows (S18). One on the objective, or on the KPI that is read, counts. Where the
    journal holds no check-in at all, OKR413 says so once.
    """
    if not context.once(_last_check_ins):
        return
    cycle = cycle_of(result, context.portfolio)
    last = _last_check_in(context, result.id)
    since = max(last or cycle.start, cycle.start)
    if cycle.start <= context.day <= cycle.end and (context.day - since).days > days:
        what = f"was last checked in on on {last}" if last else "was never checked in on"
        yield fault(f"{what}; every {days} days are asked for", last=last, days=(context.day - since).days)


@governance_rule(
    "OKR411",
    needs="journal",
    severity="info",
    fix="check in a last time: what was reached, and what is learned from it",
    where=lambda rows, context, set_to: _unchecked(rows, context, True, set_to["days"], set_to["weeks"]),
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
    result: KeyResult, context: Context, *, days: int = 14, weeks: int = 13
) -> Iterator[Finding]:
    """A key result is checked in on when its cycle ends.

    The last look is the one that is learned from (Doerr, Measure What Matters, 2018: grading and reflection);
    a goal that just fades out teaches that goals may. A check-in from a week before the end on counts; asked
    for are cycles that ended more than `days` and at most `weeks` ago.
    """
    if not context.once(_last_check_ins):
        return
    cycle = cycle_of(result, context.portfolio)
    last = _last_check_in(context, result.id)
    if _asked(cycle, context.day, True, days, weeks) and (last is None or (cycle.end - last).days > 7):
        what = f"was last checked in on on {last}" if last else "was never checked in on"
        yield fault(f"{what}; its cycle ended on {cycle.end}", last=last, end=cycle.end)


@governance_rule(
    "OKR413",
    needs="journal",
    fix="check in on each key result, and keep it in the journal",
    passes=Example(TWO, entries=[Entry("check-in", "throughput", "coo", "2026-06-22", confidence=0.6)]),
    fails=Example(TWO, entries=[]),
)
def somebody_checks_in(portfolio: Portfolio, context: Context, *, days: int = 14) -> Iterator[Finding]:
    """Key results under way are checked in on.

    A journal without any check-in says that nobody looks at the goals between planning and grading, which is
    how they are forgotten; OKR403 asks key result by key result once there is one.
    """
    if context.once(_last_check_ins):
        return
    cycles = {one.id for one in portfolio.cycles if _asked(one, context.day, False, days, 0)}
    goals = {one.id for one in portfolio.objectives if one.cycle in cycles}
    count = sum(one.objective in goals for one in portfolio.key_results)
    if count:
        yield fault(f"{count} key results are under way, and the journal holds no check-in", count=count)


def _unchecked(rows: SubjectRows, context: Context, ended: bool, days: int, weeks: int) -> Bools:
    """Key results that are to be checked in on, and were not on themselves or their objective since then."""
    goals = {
        goal.id: cycle.end - dt.timedelta(days=7) if ended else context.day - dt.timedelta(days=days)
        for goal in context.portfolio.objectives
        if _asked(cycle := context.portfolio[goal.cycle], context.day, ended, days, weeks)
    }
    last = context.once(_last_check_ins)
    if not goals or not last:
        return np.zeros(len(rows), dtype=np.bool_)
    never = dt.date.min
    missing = (
        goal in goals and last.get(name, never) < goals[goal] and last.get(goal, never) < goals[goal]
        for name, goal in zip(rows.ids, rows["objective"], strict=True)
    )
    return np.fromiter(missing, dtype=np.bool_, count=len(rows))


def _asked(cycle: Cycle, day: dt.date, ended: bool, days: int, weeks: int) -> bool:
    """Whether a cycle began, or ended, more than `days` ago; asked for until its end, or for `weeks`."""
    if ended:
        return days < (day - cycle.end).days <= 7 * weeks
    return cycle.start <= day <= cycle.end and (day - cycle.start).days > days


def _last_check_ins(context: Context) -> Mapping[str, dt.date]:
    """The day of the last check-in about each subject that had one."""
    return {one.subject: day_of(one.at) for one in context.entries(kind="check-in")}


def _last_check_in(context: Context, id: str) -> dt.date | None:
    found = context.once(_last_check_ins)
    return max((found[name] for name in kin(context, id) if name in found), default=None)
