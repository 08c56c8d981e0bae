"""Reduce measures on a calendar grid to one value a period, where the rows are (S8.6, S9.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Period
from okrcore.errors import HistoryError
from okrcore.history.backends import AnyHistory, facts_of
from okrcore.history.instants import Moment, end_of, to_microseconds, to_moment
from okrcore.history.requests import Found, Ints, Window

AGGREGATES = ("latest", "sum", "mean", "max", "min")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY = 86_400_000_000


@attrs.frozen(eq=False)
class Grid:
    """Values (measures, periods), NaN where nothing was observed, and the one unit text of each measure."""

    values: NDArray[np.float64]
    units: tuple[str, ...]


def gridded(
    history: AnyHistory,
    measures: Sequence[str],
    periods: Sequence[Period],
    *,
    aggregate: str = "latest",
    known_at: Moment | None = None,
) -> Grid:
    """Return each measure's observations reduced to one value a period, whatever backend the history has.

    Periods are half-open stretches of days, instants taken in UTC. A dataframe reduces on its engine: one
    row a measure, period and unit comes back. Values stay in the unit they were observed in; raises
    HistoryError where a measure was observed in several, since those have no one sum.

    >>> from okrcore import Cadence, History, Observation
    >>> weeks = Cadence("weekly").periods(dt.date(2026, 1, 5), dt.date(2026, 1, 18))
    >>> history = History.of([Observation("calls", "2026-01-06", 3), Observation("calls", "2026-01-08", 4)])
    >>> gridded(history, ["calls"], weeks, aggregate="sum").values
    array([[ 7., nan]])
    """
    if aggregate not in AGGREGATES:
        raise HistoryError(f"aggregate is {aggregate!r}; give one of {', '.join(AGGREGATES)}")
    facts, window = facts_of(history), _window(periods, len(measures), known_at)
    codes = np.repeat(facts.codes(measures), len(periods))
    if aggregate == "latest":
        found = facts.newest(codes, window)
        offsets = np.arange(len(codes) + 1)
    else:
        offsets, found = facts.totals(codes, window, [aggregate] * len(codes))
    owner = np.repeat(np.arange(len(codes)), np.diff(offsets))
    units = _units(measures, owner // max(len(periods), 1), found)
    values = _reduced(owner, found, aggregate, len(codes))
    return Grid(values.reshape(len(measures), len(periods)), units)


def _window(periods: Sequence[Period], times: int, known_at: Moment | None) -> Window:
    first = np.array([period.start.toordinal() - _EPOCH for period in periods] * times, dtype=np.int64)
    last = np.array([period.end.toordinal() - 1 - _EPOCH for period in periods] * times, dtype=np.int64)
    known = None if known_at is None else to_microseconds(end_of(to_moment(known_at, "known_at")))
    return Window(
        start_day=first,
        start_instant=first * _DAY,
        end_day=last,
        end_instant=(last + 1) * _DAY - 1,
        known_at=known,
    )


def _units(measures: Sequence[str], measure: Ints, found: Found) -> tuple[str, ...]:
    units = [""] * len(measures)
    present = found.row >= 0
    for place in range(len(measures)):
        texts = {found.units[code] for code in np.unique(found.columns.unit[present & (measure == place)])}
        if len(texts) > 1:
            several = " and ".join(map(repr, sorted(texts)))
            raise HistoryError(f"{measures[place]!r} was observed in {several}; convert it to one unit first")
        units[place] = next(iter(texts), "")
    return tuple(units)


def _reduced(owner: Ints, found: Found, aggregate: str, size: int) -> NDArray[np.float64]:
    present = found.row >= 0
    owner, value = owner[present], found.columns.value[present]
    result = np.full(size, np.nan)
    if aggregate in {"max", "min"}:
        order = np.lexsort((value if aggregate == "max" else -value, owner))
        result[owner[order]] = value[order]
    elif aggregate == "latest":
        result[owner] = value
    else:
        added = np.ones(len(value)) if found.added is None else found.added[present].astype(np.float64)
        total, count = np.bincount(owner, value, size), np.bincount(owner, added, size)
        with np.errstate(invalid="ignore"):
            result = np.where(count > 0, total if aggregate == "sum" else total / count, np.nan)
    return result
