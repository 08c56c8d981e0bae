"""Reduce measures on a calendar grid to one value a period, where the rows are (S8.6, S9.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.aggregates import AGGREGATES, observed, reduce
from okrcore.definitions.cadence import Period
from okrcore.definitions.days import DAY, day_numbers, to_microseconds
from okrcore.definitions.goals import SAME_MOMENT, moment_faults
from okrcore.errors import HistoryError
from okrcore.frozen import freeze_fields
from okrcore.history.backends import AnyHistory, facts_of
from okrcore.history.instants import Moment, end_of, to_moment
from okrcore.history.requests import Edges, Found, Ints, Window


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class PeriodValues:
    """Values (measures, periods), NaN where nothing was observed, and the one unit text of each measure.

    `observed` is the share, 0 to 1, of what is usual for the measure that each value rests on (A7).
    """

    values: NDArray[np.float64]
    observed: NDArray[np.float64]
    units: tuple[str, ...]


def gridded(
    history: AnyHistory,
    measures: Sequence[str],
    periods: Sequence[Period],
    *,
    aggregate: str = "latest",
    same_moment: Literal["correct", "add"] = "correct",
    known_at: Moment | None = None,
) -> PeriodValues:
    """Return each measure's observations reduced to one value a period, whatever backend the history has.

    Periods are half-open stretches of days, instants taken in UTC. A dataframe reduces on its engine: one
    row a measure, period and unit comes back. Values stay in the unit they were observed in; raises
    HistoryError where a measure was observed in several, since those have no one sum. At one moment the
    chosen record counts; with `same_moment` "add", of a sum, that of each author.

    >>> import datetime as dt
    >>> from okrcore import Cadence, History, Observation
    >>> weeks = Cadence("weekly").periods(dt.date(2026, 1, 5), dt.date(2026, 1, 18))
    >>> history = History.of([Observation("calls", "2026-01-06", 3), Observation("calls", "2026-01-08", 4)])
    >>> gridded(history, ["calls"], weeks, aggregate="sum").values
    array([[ 7., nan]])
    """
    if aggregate not in AGGREGATES:
        raise HistoryError(f"aggregate is {aggregate!r}; give one of {', '.join(AGGREGATES)}")
    check_same_moment(same_moment, aggregate)
    facts, window = facts_of(history), _window(periods, len(measures), known_at)
    if same_moment == "add":
        window = attrs.evolve(window, by_author=np.ones(len(measures) * len(periods), np.bool_))
    codes = np.repeat(facts.codes(measures), len(periods))
    if aggregate == "latest":
        found = facts.newest(codes, window)
        offsets = np.arange(len(codes) + 1)
    else:
        offsets, found = facts.totals(codes, window, [aggregate] * len(codes))
    owner = np.repeat(np.arange(len(codes)), np.diff(offsets))
    units = _units(measures, owner // max(len(periods), 1), found)
    present = found.row >= 0
    count = present.astype(np.int64) if found.count is None else found.count
    entries = np.where(present, found.columns.value, np.nan)
    shape = len(measures), len(periods)
    counts = np.bincount(owner, count, len(codes)).astype(np.int64).reshape(shape)
    values = reduce(entries, offsets, aggregate, found.added).reshape(shape)
    return PeriodValues(values, observed(counts, aggregate), units)


def check_same_moment(same_moment: str, aggregate: str) -> None:
    """Raise HistoryError where records of one moment are to be read in a way that there is not (A12)."""
    if same_moment not in SAME_MOMENT:
        raise HistoryError(f"same_moment is {same_moment!r}, but must be one of {', '.join(SAME_MOMENT)}")
    for _, fault in moment_faults(same_moment, aggregate):
        raise HistoryError(fault)


def _window(periods: Sequence[Period], times: int, known_at: Moment | None) -> Window:
    first, end = (day_numbers(getattr(one, name) for one in periods) for name in ("start", "end"))
    known = None if known_at is None else to_microseconds(end_of(to_moment(known_at, "known_at")))
    if len(periods) and np.array_equal(first[1:], end[:-1]):
        return Window.of_periods(Edges.of(np.append(first, end[-1:]), "UTC"), times, (known, None))
    first, last = np.tile(first, times), np.tile(end - 1, times)
    return Window(
        start_day=first,
        start_instant=first * DAY,
        end_day=last,
        end_instant=(last + 1) * DAY - 1,
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
