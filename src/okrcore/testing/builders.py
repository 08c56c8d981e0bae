"""Build portfolios and observations of short texts and rows of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import written_day
from okrcore.definitions.portfolio import Portfolio
from okrcore.governance.example import Example
from okrcore.history.instants import to_moment
from okrcore.history.observation import Observation


def portfolio_of(document: str) -> Portfolio:
    """Return what a YAML text declares; the version and the cycle "2026" are put before it where they lack.

    >>> portfolio_of("teams: [{id: operations}]").cycles[0].id
    '2026'
    """
    return Example(document).portfolio


def series(
    measure: str,
    values: Iterable[float | None],
    start: dt.date | str = "2026-01-04",
    cadence: Cadence | str = "weekly",
    **more: Any,
) -> tuple[Observation, ...]:
    """Return observations of one measure, the first at `start`, then one a period; None is a gap.

    `more` goes to every Observation: unit, source, by. Errors are those of `Observation` and `Cadence`.

    >>> [(str(one.at), one.value) for one in series("arr", [1, None, 3], "2026-01-31", "monthly")]
    [('2026-01-31', 1.0), ('2026-03-31', 3.0)]
    """
    listed = list(values)
    given = to_moment(start)
    anchor = written_day(given)
    rhythm = Cadence(cadence) if isinstance(cadence, str) else cadence
    days, reach = tuple[dt.date, ...](), max(len(listed), 1)
    while len(days) < len(listed):
        days = tuple(period.start for period in rhythm.periods(anchor, anchor + dt.timedelta(days=reach)))
        reach *= 2
    return tuple(
        Observation(measure, day, value, **more)
        for day, value in zip(days, listed, strict=False)
        if value is not None
    )
