"""Tell which changes are promised and not yet due: while they are, the same signal opens nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from okrcore.definitions.days import day_in, day_number
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.entry import Entry
from okrcore.history.instants import end_of
from okrcore.history.journal import Journal
from okrcore.scoring.as_of import When

ASKED_BEFORE = 91
"""Days before a promise in which the signal that it answers is looked for."""

Promises = Mapping[str, tuple[int, Sequence[tuple[int, int]]]]
"""Of each id from which day on to look, and the instants and due days of the changes promised for it."""


def promises_of(
    portfolio: Portfolio,
    journal: Journal | None,
    when: When,
    readers: Mapping[str, Sequence[KeyResult]],
    since: int,
) -> Promises:
    """Return the changes promised about each KPI and key result, if due on the day `since` or later."""
    found: dict[str, tuple[int, list[tuple[int, int]]]] = {}
    entries = () if journal is None else journal.entries(kind="adjustment", until=when.as_of, zone=when.zone)
    about: dict[str, list[Entry]] = {}
    for one in entries:
        about.setdefault(one.subject, []).append(one)
    if not about:
        return {}
    watched: list[Kpi | KeyResult] = [*portfolio.kpis, *portfolio.key_results]
    for value in watched:
        kin = [value.id]
        for result in readers.get(value.id, ()):
            kin += [result.id, result.objective]
        kin += [value.objective] if isinstance(value, KeyResult) else [value.initiative or ""]
        for name in dict.fromkeys(kin):
            for one in about.get(name, ()):
                due = max((day_number(change.due) for change in one.changes if change.due), default=None)
                if due is not None and due >= since:
                    at = end_of(one.at)
                    day = day_number(day_in(at, when.zone)) - ASKED_BEFORE
                    earliest, listed = found.get(value.id, (day, []))
                    listed.append((int(at.timestamp() * 1e6), due))
                    found[value.id] = min(earliest, day), listed
    return found


def is_promised(
    asked: Iterable[tuple[int, str | None]],
    signal: str | None,
    instant: int,
    day: int,
    promised: Sequence[tuple[int, int]],
) -> bool:
    """Return whether a change that answers the same signal is promised, and not yet due on a day.

    `asked` is what was found before, in order: when it was shown, and what.
    """
    before = [*asked]
    for at, due in promised:
        answered = [word for shown, word in before if shown <= at]
        if at <= instant and day <= due and answered and answered[-1] == signal:
            return True
    return False
