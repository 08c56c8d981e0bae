"""Reduce many measures to one value a period where the rows are, each in the unit that is wanted (A7)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.days import local_days
from okrcore.errors import UnitError
from okrcore.history.backends import HistoryBackend
from okrcore.history.requests import Edges, Flags, Found, Ints, Known, Window
from okrcore.units.conversion import route
from okrcore.units.rates import Rates, convert, converted_by_day

Floats = NDArray[np.float64]


@attrs.frozen(eq=False)
class PeriodEntries:
    """What there is of many measures in the periods of `edges`: one question to a history, however many.

    `found` are the entries, those of measure i in period k at `offsets` i times periods, plus k.
    """

    facts: HistoryBackend
    measures: Sequence[str]
    edges: Edges
    aggregate: str
    known: Known
    by_author: Flags | None
    offsets: Ints
    found: Found

    @classmethod
    def of(
        cls,
        facts: HistoryBackend,
        measures: Sequence[str],
        edges: Edges,
        aggregate: str,
        known: Known = (None, None),
        by_author: Flags | None = None,
    ) -> PeriodEntries:
        """Return what a history has of measures in periods, as known; flags say of whom authors add up."""
        if by_author is not None and not by_author.any():
            by_author = None
        window = Window.of_periods(edges, len(measures), known, by_author)
        codes = np.repeat(facts.codes(measures), len(edges))
        if aggregate == "latest":
            offsets, found = np.arange(len(codes) + 1), facts.newest(codes, window)
        else:
            offsets, found = facts.totals(codes, window, [aggregate] * len(codes))
        return cls(facts, measures, edges, aggregate, known, by_author, offsets, found)

    @property
    def counts(self) -> Ints:
        """How many observations are behind each measure and period (measures, periods)."""
        one = (self.found.row >= 0).astype(np.int64)
        found = one if self.found.count is None else self.found.count
        return np.bincount(self._owner, found, len(self.offsets) - 1).astype(np.int64).reshape(self._shape)

    @property
    def texts(self) -> list[set[str]]:
        """The unit texts of the observations of each measure."""
        said: list[set[str]] = [set() for _ in self.measures]
        there = self.found.row >= 0
        count = max(len(self.found.units), 1)
        measure = self._owner[there] // max(len(self.edges), 1)
        pairs = np.unique(measure * count + self.found.columns.unit[there])
        for place, unit in (divmod(pair, count) for pair in pairs.tolist()):
            said[place].add(self.found.units[unit])
        return said

    def values(
        self,
        units: Sequence[tuple[str, str]],
        declared: Sequence[str],
        rates: Rates | None,
        zone: str = "UTC",
    ) -> Floats:
        """Return the values (measures, periods), NaN where there is none and where one does not convert.

        `units` has for each measure the unit of what says none, and the one wanted. Money is exchanged at the
        rate of the day in `zone` on which it was observed: what was added up is asked for again, day by day.
        """
        columns = self.found.columns
        day = local_days(columns.at, columns.day, columns.date_only, zone)
        values = self._reduced(self.offsets, self.found, day, units, declared, rates)
        if self.found.added is None:
            return values
        pairs = zip(self.texts, units, strict=True)
        some = np.flatnonzero([_is_exchanged(texts, *pair, declared) for texts, pair in pairs])
        if len(some):
            parts, day = self.edges.by_day(zone)
            authors = None if self.by_author is None else self.by_author[some]
            names, own = [self.measures[at] for at in some.tolist()], [units[at] for at in some.tolist()]
            daily = PeriodEntries.of(self.facts, names, parts, self.aggregate, self.known, authors)
            starts = np.searchsorted(parts.instants, self.edges.instants[:-1])
            first = (np.arange(len(some))[:, np.newaxis] * len(parts) + starts).ravel()
            offsets = np.append(daily.offsets[first], daily.offsets[-1:])
            day = day[daily._owner % len(parts)]
            values[some] = self._reduced(offsets, daily.found, day, own, declared, rates)
        return values

    def _reduced(
        self,
        offsets: Ints,
        found: Found,
        day: Ints,
        units: Sequence[tuple[str, str]],
        declared: Sequence[str],
        rates: Rates | None,
    ) -> Floats:
        size = max(len(self.edges), 1)
        owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        entries = entries_in(found, owner // size, day, units, declared, rates)
        return reduce(entries, offsets, self.aggregate, found.added).reshape(len(units), -1)

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self.measures), len(self.edges)

    @property
    def _owner(self) -> Ints:
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def entries_in(
    found: Found,
    measure: Ints,
    day: Ints,
    units: Sequence[tuple[str, str]],
    declared: Sequence[str],
    rates: Rates | None,
) -> Floats:
    """Return entries in the unit wanted of the `measure` of each, NaN where one does not convert.

    `units` are those of `PeriodEntries.values`; money is exchanged at the rate of the `day` of each.
    """
    values = np.where(found.row >= 0, found.columns.value, np.nan)
    texts, kinds = found.units, {kind: code for code, kind in enumerate(dict.fromkeys(units))}
    kind = np.array([kinds[one] for one in units], dtype=np.int64)[measure]
    key = np.where(found.row >= 0, kind * len(texts) + found.columns.unit, -1)
    for one in np.unique(key[key >= 0]).tolist():
        rows = np.flatnonzero(key == one)
        read_in, wanted = units[int(measure[rows[0]])]
        given = texts[one % len(texts)] or read_in
        if given == wanted or "" in (given, wanted):
            continue

        def into(some: Ints, given: str = given, wanted: str = wanted) -> Floats:
            return converted(found, some, given, wanted, declared, rates, day[some])

        values[rows] = converted_by_day(into, rows, day[rows])
    return values


def converted(
    found: Found,
    rows: Ints,
    given: str,
    wanted: str,
    declared: Sequence[str],
    rates: Rates | None,
    days: Ints,
) -> Floats:
    """Return the entries at `rows`, observed in one unit, in another, at the rates of their days.

    The sum of n values a * x + b is a * sum + n * b. Raises UnitError for what does not convert.
    """

    def into(values: Floats) -> Floats:
        return convert(values, given, wanted, declared=declared, rates=rates, dates=days)

    values = into(found.columns.value[rows])
    return values if found.added is None else values + (found.added[rows] - 1) * into(np.zeros(len(rows)))


def _is_exchanged(texts: set[str], read_in: str, wanted: str, declared: Sequence[str]) -> bool:
    """Whether any of some unit texts is exchanged into the one wanted: at the rate of each day."""
    try:
        return any(route(text or read_in, wanted, declared).power for text in sorted(texts - {wanted}))
    except UnitError:  # told where values are converted
        return False
