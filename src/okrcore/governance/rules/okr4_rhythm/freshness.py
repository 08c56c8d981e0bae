"""OKR4, rhythm, what the numbers show: values that stopped coming, dips that nobody answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import cadence_of, cycle_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.initiatives import Milestone
from okrcore.definitions.kpis import Kpi
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import answers_dip
from okrcore.governance.questions.breaches import Part, Turn, answers, turns
from okrcore.governance.rule import Where, fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows
from okrcore.history.entry import Change, Entry
from okrcore.schedule.deadlines import entry_span
from okrcore.scoring.goal_states import KeyResultState, KpiState
from okrcore.scoring.silence import feed_of

LANES = """
    objectives:
      - id: faster
        title: Sort faster
        cycle: "2026"
        key_results:
          - id: throughput
            title: A fifth more parcels an hour
            unit: parcel/hour
            cadence: weekly
            measure: {target: {start: 10000, goal: 12000}}
    """
SORTER = """
    kpis:
      - {id: uptime, title: Uptime of the sorters, unit: "%", cadence: weekly, target: {low: 98},
         limit: {low: 95}}
    """
_SAME_DAY = """
          - {id: same-day, title: Leave the same day, unit: "%", measure: {target: {start: 90, goal: 96}}}
    """
_TOWN = """
      - {id: town-uptime, title: Uptime in the town, unit: "%", cadence: weekly, target: {low: 98}}
    """
DIPPED = [("uptime", "2026-03-01", 98.6), ("uptime", "2026-03-08", 96.1), ("uptime", "2026-03-15", 98.4)]
SLOWER = [("throughput", "2026-02-25", 10330), ("throughput", "2026-03-04", 10120)]


_SILENT = "is silent, and nothing shows any longer that its feed lives"
_SHOW = "check whether its feed still runs; a record of its source system, or a check-in about it, shows that"

_READ = "observe what its formula reads; okrcore score --explain names what is missing"


def _is_stale(rows: SubjectRows, context: Context, set_to: Mapping[str, Any]) -> Bools:
    return np.asarray(rows["stale"], dtype=np.bool_)


def _is_overdue(rows: SubjectRows, context: Context, set_to: Mapping[str, Any]) -> Bools:
    """Stale, and neither too early for a number nor still waiting for the last one (A5, A6)."""
    waits = np.asarray(rows["provisional"], dtype=np.bool_) | (rows["status"] == "not-started")
    return np.asarray(_is_stale(rows, context, set_to) & ~waits, dtype=np.bool_)


@governance_rule(
    "OKR401",
    fix="observe it again, or set the cadence at which it is observed",
    where=_is_overdue,
    passes=Example(LANES, observations=[("throughput", "2026-06-24", 10900)]),
    fails=Example(LANES, observations=[("throughput", "2026-05-04", 10400)]),
)
def key_result_is_fresh(state: KeyResultState, context: Context) -> Iterator[Finding]:
    """A key result under way is observed at its cadence.

    Silence is never green: without a fresh value its status is no-data, and so may be that of its objective.
    Its clocks are those of its status: one that is not-started is not asked, nor one whose last number may
    still come. Where silence means 0, its feed has to show that it lives.
    """
    cycle = cycle_of(state.goal, context.portfolio)
    if not context.is_running(cycle):
        return
    if feed_of(state.goal, context.portfolio) is not None:
        yield fault(_SILENT, fix=_SHOW, observed_at=state.observed_at)
    elif state.observed_at is not None:
        yield fault(
            f"was last observed on {context.day_of(state.observed_at)}", observed_at=state.observed_at
        )
    else:
        yield fault(f"was never observed since its cycle began on {cycle.start}", start=cycle.start)


@governance_rule(
    "OKR402",
    fix="observe it again, or set the cadence at which it is observed",
    where=_is_stale,
    passes=Example(SORTER, observations=[("uptime", "2026-06-28", 98.6)]),
    fails=Example(SORTER, observations=[("uptime", "2026-05-03", 98.6)]),
)
def kpi_is_fresh(state: KpiState, context: Context) -> Iterator[Finding]:
    """A KPI is observed at its cadence.

    A number that is watched all the time and no longer comes hides the dip that it should announce.
    A KPI without a cadence promises nothing, and is not asked; where silence means 0, its feed has to show
    that it lives. What is computed by a formula lacks what its inputs lack.
    """
    cadence = cadence_of(state.goal, context.portfolio)
    if cadence is None:
        return
    mend = {"fix": _READ} if state.goal.formula else {}
    if state.goal.zero_when_silent:
        yield fault(_SILENT, fix=_SHOW)
    elif state.value is None:
        what = "has no value" if state.goal.formula else "was never observed"
        yield fault(f"{what}; its cadence is {cadence.text}", **mend)
    else:
        yield fault(f"has had no value for more than a whole period; its cadence is {cadence.text}", **mend)


def _turned(part: Part) -> Where:
    def where(rows: SubjectRows, context: Context, set_to: Mapping[str, Any]) -> Bools:
        return rows.among(turns(context, part, set_to["weeks"]))

    return where


@governance_rule(
    "OKR404",
    needs=("history", "journal"),
    fix="decide what changes, by whom and by when, and record it as an adjustment",
    where=_turned("kpis"),
    passes=Example(
        SORTER + _TOWN,
        observations=DIPPED,
        entries=[
            Entry(
                "adjustment", "uptime", "maintenance-lead", "2026-03-12",
                changes=[Change("lanes are recalibrated at night", due=dt.date(2026, 3, 20))],
            )
        ],
        as_of="2026-03-20",
    ),
    fails=Example(
        SORTER,
        observations=DIPPED,
        entries=[Entry("adjustment", "uptime", "maintenance-lead", "2026-03-12", text="a bad week")],
        as_of="2026-03-20",
    ),
)  # fmt: skip
def dip_is_answered(kpi: Kpi, context: Context, *, weeks: int = 13, recovered: int = 4) -> Iterator[Finding]:
    """A dip of a KPI is answered by an adjustment within 7 x 24 h of when it was shown.

    A dip that nobody answers in its week is one that the KPI was not watched for. Dips are signals of
    concern, and zones that turned worse for more than chance (S11.5): what crosses a bound inside the limits
    of its process is none. What answers one is an adjustment with changes about the KPI, its initiative, or a
    goal that it leads or measures, from the period that dipped on, or a confirmation of whoever stands above
    its owner that nothing is to change; an explanation without a change closes nothing. Looked at is what was
    shown in the last `weeks`, and where the KPI has recovered by itself, in the last 4.
    """
    found = turns(context, "kpis", weeks)[kpi.id]
    yield from _unanswered(context, _lasting(context, found, recovered), kpi.id)


@governance_rule(
    "OKR405",
    needs=("history", "journal"),
    fix="decide what changes, by whom and by when, and record it as an adjustment",
    where=_turned("key_results"),
    passes=Example(
        LANES + _SAME_DAY,
        observations=SLOWER,
        entries=[
            Entry("adjustment", "throughput", "coo", "2026-03-09", changes=["two lanes a week, not one"])
        ],
        as_of="2026-03-20",
    ),
    fails=Example(LANES, observations=SLOWER, entries=[], as_of="2026-03-20"),
)
def setback_is_answered(
    result: KeyResult, context: Context, *, weeks: int = 13, recovered: int = 4
) -> Iterator[Finding]:
    """A key result that dipped, or turned off-track or missed, is answered by an adjustment within 7 x 24 h.

    The goal is still open and the plan no longer leads to it: without a change in the week that showed it,
    the rest of the cycle passes as the first part did. A key result that reads a KPI has the dips of that,
    and OKR404 asks about them. Its status is judged on the day on which its number was first recorded, by
    what was known then, without a cadence also when each week ends; it turned where it is worse than the last
    two that were known, or the first that is (S11.5). What a decision tolerates or retargets is not asked
    about, nor the same status while a promised change is not yet due. What answers it is an adjustment with
    changes about the key result, its objective, its KPI, or what is linked to lead to either, or a
    confirmation from above; `weeks` and `recovered` as for a dip (OKR404).
    """
    found = turns(context, "key_results", weeks)[result.id]
    yield from _unanswered(context, _lasting(context, found, recovered), result.id)


def _lasting(context: Context, found: Iterable[Turn], weeks: int) -> Iterator[Turn]:
    """Yield the turns that are still asked about: what healed since only for some weeks."""
    since = to_date(context.when.last_whole_day) - dt.timedelta(weeks=weeks)
    yield from (one for one in found if not one.healed or one.last >= since)


def _unanswered(context: Context, found: Iterable[Turn], subject: str) -> Iterator[Finding]:
    """Yield one finding about the last turn whose time is over and that nobody answered in it."""
    over = [one for one in found if context.when.instant(one.zone) > one.deadline]
    entries = answers_dip(context, subject).among(context) if over else ()
    missed = [one for one in over if not answers(one, entries)]
    if not missed:
        return
    last = max(missed, key=lambda one: (one.last, one.first))
    later = min(
        (context.day_of(one.at) for one in entries if entry_span(one, last.zone)[0] > last.deadline),
        default=None,
    )
    evidence: dict[str, Any] = {
        "period_end": last.last,
        **last.evidence,
        "answered": later,
        "unanswered": len(missed),
    }
    if later:
        yield fault(
            f"{last.what}, and was answered only on {later}",
            fix="agree who answers a dip within the week, and tell them when it shows",
            **evidence,
        )
    else:
        yield fault(f"{last.what}, and no adjustment answers it", **evidence)


@governance_rule(
    "OKR408",
    fix="record the day on which it was done, or agree on a new date and tell whom it concerns",
    where=lambda rows, context, _: (
        np.asarray(rows["due"] < context.day, dtype=np.bool_) & ~rows.among(context.done_days)
    ),
    passes="""
        initiatives: [{id: recalibration, title: Recalibrate lanes}]
        milestones:
          - {id: pilot, initiative: recalibration, title: Pilot lane is live, due: 2026-05-29,
             done: 2026-05-28}
          - {id: hall-1, initiative: recalibration, title: Hall 1 is live, due: 2026-08-28}
        """,
    fails="""
        initiatives: [{id: recalibration, title: Recalibrate lanes}]
        milestones:
          - {id: pilot, initiative: recalibration, title: Pilot lane is live, due: 2026-05-29}
        """,
)
def milestone_is_done_in_time(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """A milestone is done by its due date.

    What is overdue and not said so makes every plan behind it wrong. It is done as declared, else as
    observed; done after the date that is looked at is not done. A milestone of an initiative that is closed
    is not asked for.
    """
    late = (context.day - milestone.due).days
    if context.portfolio[milestone.initiative].stage != "closed":
        yield fault(f"was due on {milestone.due} and is not done", due=milestone.due, days=late)
