"""A miss on a Friday, a dip on a Monday: day by day, every clock and state written down (S17.3, S18.3)."""

from __future__ import annotations

import datetime as dt

import pytest

import okrcore as okr
from tests.rhythm import test_actions as dip
from tests.schedule import test_clocks as miss
from tests.schedule.test_clocks import BERLIN, at

START = okr.Entry("check-in", "sign-on", "coo", "2026-03-02")
LATE = okr.Entry("notice", "sign-on", "platform-lead", at(18, 9), team="operations")
CHANGED = okr.Entry(
    "mitigation", "cut-over", "head-of-operations", at(20, 9), team="operations", changes=["a weekend later"]
)
SEEN = okr.Observation("sign-on", dt.date(2026, 3, 19), 1, recorded_at=at(19, 17))


def firm(clocks: str) -> okr.Portfolio:
    """Platform miss a milestone; sales feel it at once, operations have ten days; each has a lead."""
    return miss.story(clocks).with_(
        okr.Team(id="all", lead="coo"),
        okr.Owner(id="coo", team="all"),
        *(okr.Team(id=name, parent="all", lead=lead) for name, lead in LEADS.items()),
        *(okr.Owner(id=lead, team=name) for name, lead in LEADS.items()),
    )


LEADS = {"platform": "platform-lead", "sales": "head-of-sales", "operations": "head-of-operations"}


def told(found) -> list[str]:
    """One line an action, by id: kind, team, who, due in Berlin, state, who answered, who is asked now."""
    lines = []
    for one in sorted(found, key=lambda one: one.id):
        due = f"{one.due.astimezone(BERLIN) + dt.timedelta(microseconds=1):%a %d %H:%M}"
        by = f" by {one.answer.by}" if one.answer else ""
        up = f" -> {one.escalated_to}" if one.escalated_to else ""
        lines.append(f"{one.kind} {one.team}: {one.owner}, {due}, {one.state}{by}{up}")
    return lines


SALES_SAT = "notice sales: platform-lead, Sun 08 00:00, "
SALES_DO = "mitigation sales: head-of-sales, Sun 08 00:00, "
OPS_TOLD = "notice operations: platform-lead, Wed 18 00:00, "
OPS_DO = "mitigation operations: head-of-operations, Wed 18 00:00, "
ANSWERED = [SALES_DO + "late by head-of-sales", SALES_SAT + "met by platform-lead"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(6, 23), []),  # Friday: its day is not over
        (at(7, 0), [SALES_DO + "open", SALES_SAT + "open"]),
        (at(7, 12), [SALES_DO + "open", SALES_SAT + "met by platform-lead"]),  # "we wait" answers nothing
        (at(8, 0), [SALES_DO + "overdue", SALES_SAT + "met by platform-lead"]),
        (at(8, 8), [SALES_DO + "overdue", SALES_SAT + "met by platform-lead"]),
        (at(8, 10), ANSWERED),
        (at(9, 9), ANSWERED),
        (at(16, 12), ANSWERED),  # ten days: operations still absorb it
        (at(17, 0), [OPS_DO + "open", ANSWERED[0], OPS_TOLD + "open", ANSWERED[1]]),
        (at(18, 0), [OPS_DO + "overdue", ANSWERED[0], OPS_TOLD + "overdue", ANSWERED[1]]),
        (
            at(18, 10),
            [OPS_DO + "overdue", ANSWERED[0], OPS_TOLD + "late by platform-lead", ANSWERED[1]],
        ),
        (
            at(19, 0),  # overdue for as long again: it goes up, once
            [OPS_DO + "overdue -> coo", ANSWERED[0], OPS_TOLD + "late by platform-lead", ANSWERED[1]],
        ),
        (
            at(19, 18),  # done, as observed: what was owed is still owed
            [OPS_DO + "overdue -> coo", ANSWERED[0], OPS_TOLD + "late by platform-lead", ANSWERED[1]],
        ),
        (
            at(20, 10),
            [
                OPS_DO + "late by head-of-operations",
                ANSWERED[0],
                OPS_TOLD + "late by platform-lead",
                ANSWERED[1],
            ],
        ),
    ],
    ids=lambda value: f"{value:%a %d %H}" if isinstance(value, dt.datetime) else "",
)
def test_missed_on_a_friday_day_by_day(moment, expected):
    journal = okr.Journal.of([START, *miss.JOURNAL, LATE, CHANGED])
    found = okr.actions(
        firm("elapsed"), okr.History.of([SEEN]), as_of=moment, known_at=moment, journal=journal
    )
    assert told(found) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(7, 12), ("open", "met")),  # Saturday: told at eleven, which is in time
        (at(8, 8), ("open", "met")),
        (at(8, 10), ("met", "met")),  # answered on Sunday, due when Monday ends
        (at(9, 23), ("met", "met")),
    ],
)
def test_on_working_clocks_the_weekend_does_not_count(moment, expected):
    journal = okr.Journal.of([START, *miss.JOURNAL])
    found = okr.actions(firm("working"), okr.History.of(), as_of=moment, journal=journal)
    states = {one.kind: one.state for one in found}
    assert (states["mitigation"], states["notice"]) == expected
    assert {f"{one.due.astimezone(BERLIN) + dt.timedelta(microseconds=1):%a %d}" for one in found} == {
        "Tue 10"
    }


AUDIT = "audit engineering: lane-lead, Tue 09 09:00, "
CHANGE = "adjustment engineering: lane-lead, Mon 15 09:00, "
LEAD, HEAD = " -> head-of-engineering", "head-of-engineering"


@pytest.mark.parametrize(
    ("moment", "entries", "expected"),
    [
        (dip.at(-1, 12), [], []),  # Sunday: the week is not recorded yet
        (dip.at(0, 8), [], []),
        (dip.at(0, 9), [], [CHANGE + "open", AUDIT + "open"]),  # shown on Monday at nine
        (dip.at(0, 18), [dip.AUDIT], [CHANGE + "open", AUDIT + "met by lane-lead"]),
        (dip.at(1, 10), [], [CHANGE + "open", AUDIT + "overdue"]),
        (dip.at(2, 8), [], [CHANGE + "open", AUDIT + "overdue"]),
        (dip.at(2, 10), [], [CHANGE + "open", AUDIT + "overdue" + LEAD]),
        (dip.at(2, 10), [dip.AUDIT, dip.EXCUSE], [CHANGE + "open", AUDIT + "met by lane-lead"]),
        (dip.at(2, 10), [dip.AUDIT, dip.OWN_WORD], [CHANGE + "open", AUDIT + "met by lane-lead"]),
        (dip.at(3, 10), [dip.AUDIT, dip.CHANGE], [CHANGE + "met by lane-lead", AUDIT + "met by lane-lead"]),
        (dip.at(4, 10), [dip.AUDIT, dip.NOTHING], [CHANGE + f"met by {HEAD}", AUDIT + "met by lane-lead"]),
        (dip.at(5, 10), [dip.AUDIT], [CHANGE + "open", AUDIT + "met by lane-lead"]),
        (dip.at(6, 10), [dip.AUDIT], [CHANGE + "open", AUDIT + "met by lane-lead"]),
        (dip.at(7, 10), [dip.AUDIT], [CHANGE + "overdue", AUDIT + "met by lane-lead"]),
        (dip.at(14, 8), [dip.AUDIT], [CHANGE + "overdue", AUDIT + "met by lane-lead"]),
        (dip.at(14, 10), [dip.AUDIT], [CHANGE + "overdue" + LEAD, AUDIT + "met by lane-lead"]),
    ],
    ids=lambda value: f"{value:%a %d %H}" if isinstance(value, dt.datetime) else "",
)
def test_a_dip_recorded_on_monday_morning_day_by_day(moment, entries, expected):
    found = okr.actions(
        dip.warehouse(), dip.history(), as_of=moment, journal=okr.Journal.of([dip.FIRST, *entries])
    )
    assert told(one for one in found if one.subject == "lanes") == expected
