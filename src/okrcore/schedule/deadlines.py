"""Say when each answer is due and whether it came: the one home of every deadline (S17.3, S18.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import attrs

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import DAY, day_number, end_of_day, start_of_day, to_instant, to_microseconds
from okrcore.definitions.joined_ids import joined_ids
from okrcore.definitions.tolerances import Tolerance
from okrcore.frozen import FrozenDict
from okrcore.history.entry import Entry

HOURS = FrozenDict(
    {
        "check-in": 3 * 24,
        "audit": 24,
        "adjustment": 7 * 24,
        "notice": 24,
        "mitigation": 24,
        "link-review": 14 * 24,
        "confirmation": 7 * 24,
        "closing": 14 * 24,
        "follow-up": 7 * 24,
    }
)
"""Hours of the organisation's clocks within which each kind of answer is due.

Those of a check-in run from the end of its period; a decision is due within the time that its ruling names.
"""

FORTNIGHT = 14
"""Days of a period of check-ins where there is no cadence."""

State = Literal["open", "met", "late", "overdue"]


@attrs.frozen(kw_only=True)
class Owed:
    """One answer that is owed: when it is due, and whether it came.

    `opened` and `due` are instants in UTC. "met" and "late" name the `entry` that answered it; `left` is the
    time until it is due, below 0 where it is over, and None once it is answered.
    """

    kind: str
    opened: dt.datetime
    due: dt.datetime
    state: State
    left: dt.timedelta | None = None
    entry: Entry | None = None


def length_of(kind: str) -> int:
    """Return how long the clock of a kind of answer runs, in microseconds.

    >>> length_of("notice") == DAY
    True
    """
    return HOURS[kind] * DAY // 24


def due_after(kind: str, opened: int, calendar: Calendar, length: int | None = None) -> int:
    """Return the last instant at which an answer is in time that is owed from `opened` on.

    All in microseconds, since 1970; `length` None: that of the kind. The organisation's clocks leave days off
    out where the calendar says so.

    >>> calendar = Calendar(timezone="Europe/Berlin", clocks="working")
    >>> friday = end_of_day(day_number(dt.date(2026, 3, 6)), "Europe/Berlin")
    >>> to_instant(due_after("notice", friday, calendar)).isoformat()
    '2026-03-09T22:59:59.999999+00:00'
    """
    asked = length_of(kind) if length is None else length
    return calendar.clock_end(opened + 1, asked) - 1  # what ends with a day ends at its last instant


def escalated_after(opened: int, due: int, calendar: Calendar) -> int:
    """Return when what is not answered goes up: as long again after it was due, and 24 hours at least."""
    return calendar.clock_end(due + 1, max(due - opened, DAY)) - 1


def owed(
    kind: str, opened: int, calendar: Calendar, now: int, answers: Iterable[Entry], length: int | None = None
) -> Owed:
    """Return what is owed from `opened` on, as it stands `now`; `answers` are the entries that would meet it.

    The first answer counts; one that names a day alone counts as made when the day began.
    """
    due = due_after(kind, opened, calendar, length)
    first = min(answers, key=lambda one: entry_span(one, calendar.timezone), default=None)
    if first is not None:
        state: State = "met" if entry_span(first, calendar.timezone)[0] <= due else "late"
        return Owed(kind=kind, opened=to_instant(opened), due=to_instant(due), state=state, entry=first)
    left = dt.timedelta(microseconds=due - now)
    return Owed(
        kind=kind,
        opened=to_instant(opened),
        due=to_instant(due),
        state="open" if now <= due else "overdue",
        left=left,
    )


def decides(entry: Entry, ruling: Tolerance) -> bool:
    """Return whether an entry decides a question that a ruling put to somebody, whenever it was made.

    It is an adjustment that says what changes, a confirmation or a decision, about the ruling, its conflict
    or one of its sides.
    """
    return settles(entry, ruling.sides, ruling.id)


def settles(entry: Entry, sides: Iterable[str], *names: str) -> bool:
    """Return whether an entry decides between some sides: about one, their conflict or its `names`."""
    if not (entry.kind in {"confirmation", "decision"} or (entry.kind == "adjustment" and entry.changes)):
        return False
    listed = tuple(sides)
    return entry.subject in {*names, *listed} or entry.subject.partition(":")[2] == joined_ids(listed)


def action_id(kind: str, subject: str, team: str | None, opened: dt.date) -> str:
    """Return what names one answer that is owed, the same at every moment.

    >>> action_id("notice", "pilot", "sales", dt.date(2026, 3, 6))
    'notice:pilot:sales:2026-03-06'
    """
    return ":".join([kind, subject, *([team] if team else []), opened.isoformat()])


def entry_span(entry: Entry, zone: str = "UTC") -> tuple[int, int]:
    """Return the first and the last instant at which an entry may have been made, in microseconds."""
    if isinstance(entry.at, dt.datetime):
        instant = to_microseconds(entry.at)
        return instant, instant
    day = day_number(entry.at)
    return start_of_day(day, zone), end_of_day(day, zone)
