"""Count what the calendar holds in each period: days, working days and feasts that move (S9.2)."""

from __future__ import annotations

import numpy as np

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import day_numbers
from okrcore.definitions.working_days import worked
from okrcore.statistics.distributions import Bools, Floats, Ints

EASTER, BLACK_FRIDAY = (-6, 1), (0, 4)
"""First and last day about Easter Sunday, and from Thanksgiving on, that a feast is felt."""


def calendar_columns(edges: Ints, calendar: Calendar | None = None) -> Floats:
    """Return (n, 6) counts of the days of each period of `edges` (n + 1 starts, days since 1970-01-01).

    All of them; those that `calendar` works, without its holidays; those of the week to Easter Monday; from
    Thanksgiving to the Monday after; of 1 to 15 and 16 to 31 December. A link test uses a column where it
    shows, so that one which never varies does no harm.

    >>> calendar_columns(np.array([20454, 20485, 20513])).astype(int).tolist()      # January, February 2026
    [[31, 22, 0, 0, 0, 0], [28, 20, 0, 0, 0, 0]]
    """
    if len(edges) < 2:
        return np.zeros((0, 6))
    calendar = calendar or Calendar()
    days = np.arange(int(edges[0]), int(edges[-1]))
    dates = days.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype(int) + 1970
    december = dates.astype("datetime64[M]").astype(int) % 12 == 11
    late = (dates - dates.astype("datetime64[M]")).astype(int) >= 15
    working = np.isin((days + 3) % 7, sorted(worked(calendar.working_days)))
    working &= ~np.isin(days, day_numbers(calendar.holidays))
    flags = np.stack(
        [
            np.ones(len(days), bool),
            working,
            _around(days, _easter(years), EASTER),
            _around(days, _thanksgiving(years), BLACK_FRIDAY),
            december & ~late,
            december & late,
        ],
        axis=1,
    )
    until = np.vstack([np.zeros((1, flags.shape[1])), np.cumsum(flags, axis=0)])[edges - edges[0]]
    return np.asarray(np.diff(until, axis=0))


def _around(days: Ints, feast: Ints, reach: tuple[int, int]) -> Bools:
    return np.asarray((days - feast >= reach[0]) & (days - feast <= reach[1]))


def _first_of(years: Ints, month: int) -> Ints:
    return ((years - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _easter(years: Ints) -> Ints:
    """Easter Sunday of each year, as day numbers, by the computus of Meeus (1991)."""
    a, b, c = years % 19, years // 100, years % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    w = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    k = h + w - 7 * ((a + 11 * h + 22 * w) // 451)
    return np.asarray(_first_of(years, 3) + k + 21)


def _thanksgiving(years: Ints) -> Ints:
    """The fourth Thursday of November of each year, as day numbers."""
    day = _first_of(years, 11) + 21
    return np.asarray(day + (-day) % 7)
