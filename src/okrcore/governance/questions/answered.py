"""Tell what journal entries answer: what they are about, and whether they came in time."""

from __future__ import annotations

from okrcore.definitions.derived import series_of
from okrcore.definitions.goals import KeyResult
from okrcore.governance.context import Context
from okrcore.history.entry import Entry
from okrcore.schedule.deadlines import entry_span


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


def within(entry: Entry, first: int, last: int, zone: str = "UTC") -> bool:
    """Return whether an entry was made between two instants; one of a day counts wherever the day does."""
    opens, closes = entry_span(entry, zone)
    return opens <= last and closes >= first
