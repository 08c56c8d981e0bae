"""Tell what journal entries answer: what they are about, and whether they came in time."""

from __future__ import annotations

import datetime as dt

import attrs

from okrcore.definitions.days import day_number, end_of_day, start_of_day
from okrcore.definitions.derived import series_of, team_of
from okrcore.definitions.goals import KeyResult
from okrcore.governance.context import Context
from okrcore.history.entry import Entry
from okrcore.schedule.deadlines import entry_span, length_of


def kin(context: Context, id: str) -> tuple[str, ...]:
    """Return an id and those that speak for it: the KPI a key result reads, its objective, a KPI's readers.

    A check-in on an objective is one on its key results; one on a KPI is one on what it measures.
    """
    value = context.find(id)
    found = [id]
    if isinstance(value, KeyResult):
        found += [value.objective, series_of(value, context.portfolio).id]
    for result in context.relations.measured_with.get(id, ()):
        found += [result.id, result.objective]
    return tuple(dict.fromkeys(found))


@attrs.frozen
class DipAnswers:
    """Which entries answer a dip: adjustments `about` some ids, confirmations of `own` by those `above`."""

    about: frozenset[str]
    own: frozenset[str]
    above: frozenset[str]

    def __call__(self, entry: Entry) -> bool:
        """Return whether an entry answers, whenever it was made."""
        if entry.kind == "confirmation":
            return entry.subject in self.own and entry.by in self.above
        return entry.kind == "adjustment" and entry.subject in self.about and bool(entry.changes)

    def among(self, context: Context) -> tuple[Entry, ...]:
        """Return what answers, in order of time."""
        return tuple(filter(self, context.entries_about(self.about | self.own)))


def answers_dip(context: Context, subject: str) -> DipAnswers:
    """Return what answers a dip of a KPI or key result (S18.3).

    An adjustment with changes does that is about the subject, what it measures or is measured by, its
    initiative, what it leads, or what is linked to lead to a key result. So does a confirmation of whoever
    stands above its owner that nothing is to change, about the subject or a key result that reads it.
    """
    value, relations = context.portfolio[subject], context.relations
    near = kin(context, subject)
    if isinstance(value, KeyResult):
        far = [link.source for name in near for link in relations.links_to.get(name, ())]
    else:
        far = [name for link in relations.links_from.get(subject, ()) for name in kin(context, link.target)]
    work = getattr(value, "initiative", None)
    owner, team = relations.who_answers(value), team_of(value, context.portfolio)
    return DipAnswers(
        about=frozenset([*near, *far, *([work] if work else [])]),
        own=frozenset([subject, *(one.id for one in relations.measured_with.get(subject, ()))]),
        above=frozenset(relations.leads_above(team, owner)),
    )


def answered_from(first: dt.date, last: dt.date, shown: int, zone: str) -> int:
    """Return from when on what a period showed may be answered (microseconds since 1970).

    From its begin, but at most 7 x 24 h before its end, or before it was shown where that was earlier.
    """
    seen = min(end_of_day(day_number(last), zone), shown)
    return max(start_of_day(day_number(first), zone), seen - length_of("adjustment"))


def within(entry: Entry, first: int, last: int, zone: str = "UTC") -> bool:
    """Return whether an entry was made between two instants; one of a day counts wherever the day does."""
    opens, closes = entry_span(entry, zone)
    return opens <= last and closes >= first
