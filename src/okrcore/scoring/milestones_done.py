"""Tell when milestones were done: as declared, else as observed (S17.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping

from okrcore.definitions.days import day_in, day_number, to_microseconds
from okrcore.definitions.initiatives import Milestone
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.scoring.as_of import When


def done_day(milestone: Milestone, observed: Mapping[str, int], when: When) -> int | None:
    """Return the day on which a milestone was done by the moment, as a day number; None while it is open.

    The declared day wins over the `observed` one, that of `observed_days`.
    """
    if milestone.done is not None and day_number(milestone.done) <= when.day:
        return day_number(milestone.done)
    return observed.get(milestone.id)


def observed_days(ids: Container[str], history: AnyHistory | None, when: When) -> Mapping[str, int]:
    """Return the day from which on each milestone was observed at 1 or more up to its last observation.

    What was restated below 1, or was below 1 at last, is not done. Days are those of `when`'s zone. Cost
    in proportion to the observations of these, and to the measures there are.

    >>> from okrcore import History, Observation
    >>> history = History.of([Observation("pilot", "2026-03-02", 0), Observation("pilot", "2026-03-09", 1)])
    >>> dict(observed_days(["pilot"], history, When.of("2026-03-31")))
    {'pilot': 20521}
    """
    if history is None:
        return FrozenDict()
    known = history if when.known is None else history.as_known(when.known)
    days = {name: _done(known, name, when) for name in known.measures if name in ids}
    return FrozenDict({name: day for name, day in days.items() if day is not None})


def _done(history: AnyHistory, name: str, when: When) -> int | None:
    series = history.series(name)
    last, until = when.instant(when.zone), when.day
    since: int | None = None
    for at, value in zip(series.times, series.values.tolist(), strict=True):
        instant = isinstance(at, dt.datetime)
        if (to_microseconds(at) > last) if isinstance(at, dt.datetime) else (day_number(at) > until):
            continue
        if not value >= 1:
            since = None
        elif since is None:
            since = day_number(day_in(at, when.zone) if instant else at)
    return since
