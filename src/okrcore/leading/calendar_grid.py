"""Lay dated values, by their cadences and lags, onto one calendar grid (S9.1)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

import attrs
import numpy as np

from okrcore.definitions.aggregates import observed, reduce, well_observed
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import DAYS_IN, DAYS_PER_UNIT
from okrcore.definitions.links import Lag
from okrcore.errors import DefinitionError
from okrcore.statistics.distributions import Floats, Ints

_WORDS = {
    ("days", 1): "day",
    ("days", 7): "week",
    ("weeks", 1): "week",
    ("weeks", 2): "fortnight",
    ("months", 1): "month",
    ("months", 3): "quarter",
    ("months", 12): "year",
}


@attrs.frozen
class PeriodGrid:
    """Periods of a cadence on an organisation's calendar, the same that evaluation counts (A2).

    They are of `size` days, weeks or months (`unit`); of an RFC 5545 rule those of the rule.

    >>> PeriodGrid.of(Cadence.parse("weekly")).lags("2w..6w")
    (2, 3, 4, 5, 6)
    >>> PeriodGrid.of(Cadence.parse("monthly")).lags("6w")
    (1, 2)
    """

    unit: str
    size: int
    rule: Cadence | None = None
    calendar: Calendar = attrs.field(factory=Calendar)

    @classmethod
    def of(cls, cadence: Cadence, calendar: Calendar | None = None) -> PeriodGrid:
        """Return the grid of a cadence."""
        kept = Calendar() if calendar is None else calendar
        if cadence.step is not None:
            return cls(*cadence.step, calendar=kept)
        rule = dict(part.split("=") for part in cadence.text.removeprefix("RRULE:").split(";"))
        unit, size = {
            "DAILY": ("days", 1), "WEEKLY": ("weeks", 1), "MONTHLY": ("months", 1), "YEARLY": ("months", 12)
        }[rule["FREQ"]]  # fmt: skip
        return cls(unit, size * int(rule.get("INTERVAL", "1")), cadence, kept)

    @classmethod
    def of_days(cls, days: Ints, calendar: Calendar | None = None) -> PeriodGrid:
        """Return the grid that observations on these days seem to follow: their median distance decides."""
        apart = float(np.median(np.diff(np.unique(days)))) if len(np.unique(days)) > 1 else 7.0
        steps = [(2.0, ("days", 1)), (10.0, ("weeks", 1)), (46.0, ("months", 1)), (140.0, ("months", 3))]
        unit, size = next((step for longest, step in steps if apart <= longest), ("months", 12))
        return cls(unit, size, calendar=Calendar() if calendar is None else calendar)

    @property
    def length(self) -> float:
        """Mean days of one period."""
        return self.size * DAYS_IN[self.unit.removesuffix("s")]

    @property
    def period(self) -> str:
        """The word for one period."""
        return _WORDS.get((self.unit, self.size), "period")

    def season(self, declared: str | None = None) -> float | None:
        """Return the periods in a `declared` "week" or "year"; None for less than two.

        Where none is declared: in the week of days, else in the year.
        """
        word = declared or ("week" if self.length == 1.0 else "year")
        season = DAYS_IN[word] / self.length
        return season if season >= 2 else None

    def lags(self, text: str | None) -> tuple[int, ...]:
        """Return the lags in periods that `text` names (S9.1); without one 1..8 up to weeks, else 1..4.

        "2w..6w" runs from floor(low) to ceil(high), at least 1 unless it says 0; plain integers are
        periods of the grid. Raises DefinitionError for text that is no lag.
        """
        if text is None:
            return tuple(range(1, 9 if self.length <= 7 else 5))
        lag = Lag.parse(text)
        scale = DAYS_PER_UNIT[lag.unit] / self.length if lag.unit else 1.0
        low = max(math.floor(lag.low * scale), min(lag.low, 1))
        high = max(math.ceil(lag.high * scale), low)
        if high > 1000:
            raise DefinitionError(f"lag {text!r} is {high} {self.period}s; give one of at most 1000")
        return tuple(range(low, high + 1))

    def edges(self, first: int, last: int) -> Ints:
        """Return the starts (days since 1970-01-01) of the periods from that of day `first` on.

        Only periods that ended by day `last` count; the end of the last one closes the array. At least one.
        """
        starts = (
            self.calendar.stepped(self.unit, self.size, first, max(first, last))
            if self.rule is None
            else self.calendar.edges(self.rule, first, max(first, last))
        )
        starts = starts[max(int(np.searchsorted(starts, first, side="right")) - 1, 0) :]
        return starts[: max(int(np.searchsorted(starts, last + 1, side="right")), 1)]


class OnGrid(Protocol):
    """What has a calendar grid."""

    @property
    def grid(self) -> PeriodGrid:
        """Its grid."""


def coarser(one: PeriodGrid, other: PeriodGrid) -> PeriodGrid:
    """Return the grid with the longer periods."""
    return max(one, other, key=lambda grid: grid.length)


def grids_of(series: Iterable[OnGrid]) -> list[PeriodGrid]:
    """Return the grids that series are on, the finest first."""
    return sorted({one.grid for one in series}, key=lambda grid: (grid.length, grid.unit))


def on_grid(days: Ints, values: Floats, edges: Ints, aggregate: str, lived: int | None = None) -> Floats:
    """Return one value a period of `edges` (n + 1 starts), NaN where nothing was observed.

    `days` in order of time. A period that rests on less than three quarters of the usual number of
    observations is unknown (A7): half a week is no small week. Where silence means 0, periods that end by day
    `lived`, from the first value on, are whole, however few rows they have (A9).

    >>> on_grid(np.array([0, 3, 8, 9]), np.array([1.0, 2.0, 4.0, 4.0]), np.array([0, 7, 14, 21]), "mean")
    array([1.5, 4. , nan])
    """
    offsets = np.searchsorted(days, edges)
    values = reduce(values, offsets, aggregate)
    return known_periods(values, np.diff(offsets), edges, aggregate, days[:1], lived)


def known_periods(
    values: Floats, counts: Ints, edges: Ints, aggregate: str, first: Ints, lived: int | None = None
) -> Floats:
    """Return the values of periods that hold so many observations, as far as they are known (A7, A9).

    `first` holds the day of the first observation, if there is one: silence means 0 from its period on.
    """
    known = well_observed(values, observed(counts, aggregate))
    if lived is None or not len(first):
        return known
    whole = (edges[1:] - 1 <= lived) & (edges[1:] > first)
    return np.where(whole, np.where(counts > 0, values, 0.0), known)
