"""Read the single records of a history at a moment: their sources, authors and times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.days import (
    DAY,
    day_in,
    day_number,
    end_of_day,
    start_of_day,
    to_date,
    to_instant,
    to_microseconds,
)
from okrcore.history.backends import AnyHistory
from okrcore.history.history import History
from okrcore.history.instants import end_of
from okrcore.history.observation import Observation
from okrcore.history.provenance import Provenance as Origin
from okrcore.history.records import Batch
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import RowNumbers

Flags = npt.NDArray[np.bool_]

_EVER = -(2**61)


@attrs.frozen(eq=False)
class Recorded:
    """The records that were there at a moment; a frame keeps its rows on its engine, and has none here.

    Measures are found on columns (`measures_where`, `origins`); only theirs are made into observations.
    """

    history: History
    when: When

    @classmethod
    def of(cls, history: AnyHistory | None, when: When) -> Recorded:
        """Return the records of a history."""
        return cls(history if isinstance(history, History) else History.of(), when)

    @cached_property
    def batch(self) -> Batch:
        """Every record, as columns."""
        return self.history.batch()

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.batch.measures)}

    @cached_property
    def _by_code(self) -> RowNumbers:
        return np.argsort(self.batch.records.code, kind="stable")

    @cached_property
    def _starts(self) -> RowNumbers:
        return np.searchsorted(
            self.batch.records.code[self._by_code], np.arange(len(self.batch.measures) + 1)
        )

    @cached_property
    def late(self) -> npt.NDArray[np.int64]:
        """For each record the microseconds from what it is about to when it was recorded, as in `delay`."""
        records = self.batch.records
        whole = records.day
        about = records.time.astype(np.int64)
        days, place = np.unique(about[whole], return_inverse=True)
        ends = np.array([end_of_day(day, self.when.zone) for day in days.tolist()], dtype=np.int64)
        unsaid = records.recorded[whole] == (days[place] + 1) * DAY - 1
        about[whole] = np.where(unsaid, records.recorded[whole], ends[place])
        return np.asarray(records.recorded - about)

    def delay(self, one: Observation) -> dt.timedelta:
        """Return how long after what it is about an observation was recorded, of a day after its end.

        A day ends in the calendar's zone; what was recorded at no time that anybody said is not late.
        """
        if isinstance(one.at, dt.datetime):
            return one.recorded_at - one.at
        if one.recorded_at == end_of(one.at):
            return dt.timedelta()
        return one.recorded_at - to_instant(end_of_day(day_number(one.at), self.when.zone))

    def recorded_on(self, one: Observation) -> dt.date:
        """Return the day in the calendar's zone on which an observation was recorded."""
        said = isinstance(one.at, dt.datetime) or one.recorded_at != end_of(one.at)
        return day_in(one.recorded_at, self.when.zone) if said else one.at

    def flags(self, name: str, value: str) -> Flags:
        """Return which records have a value in a field of their origin, such as mode "manual"."""
        origins = [getattr(origin, name) == value for origin in self.batch.contexts]
        return np.array(origins, dtype=np.bool_)[self.batch.records.context]

    def measures_where(self, chosen: Flags | RowNumbers, least: int = 1) -> list[str]:
        """Return the measures that have at least so many of the chosen records, by name."""
        counts = np.bincount(self.batch.records.code[chosen])
        names = self.batch.measures
        return sorted(names[code] for code in np.flatnonzero(counts >= least).tolist())

    def restated(self, least: int) -> list[str]:
        """Return the measures with at least so many records for a time that had one already, by name."""
        records = self.batch.records
        order = np.lexsort((records.time, records.day, records.code))
        again = np.zeros(len(order), dtype=np.bool_)
        columns = [column[order] for column in (records.code, records.day, records.time)]
        again[1:] = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
        return self.measures_where(order[again], least)

    @cached_property
    def origins(self) -> dict[str, set[Origin]]:
        """What the records of each measure say of where they come from."""
        records, contexts = self.batch.records, self.batch.contexts
        size = max(len(contexts), 1)
        found: dict[str, set[Origin]] = {}
        for key in np.unique(records.code.astype(np.int64) * size + records.context).tolist():
            found.setdefault(self.batch.measures[key // size], set()).add(contexts[key % size])
        return found

    def origins_since(self, measure: str, since: dt.date) -> list[Origin]:
        """Return the origin of each record that `observations` would make, without making it."""
        code = self._codes.get(measure)
        if code is None:
            return []
        records, rows = self.batch.records, self._by_code[self._starts[code] : self._starts[code + 1]]
        time, whole = records.time[rows], records.day[rows]
        zone, first = self.when.zone, day_number(since)
        counts = np.where(whole, time >= first, time >= start_of_day(first, zone))
        counts &= np.where(whole, time <= self.when.day, time <= self.when.instant(zone))
        if self.when.known_at is not None:
            counts &= records.recorded[rows] <= self.when.known_at
        return [self.batch.contexts[code] for code in records.context[rows[counts]].tolist()]

    def observations(self, measure: str, since: dt.date | None = None) -> tuple[Observation, ...]:
        """Return what was known of a measure, by time; from the day `since` on, up to the moment."""
        day, last, known = to_date(self.when.day), self.when.instant(self.when.zone), self.when.known_at
        first = dt.date.min if since is None else since
        begin = _EVER if since is None else start_of_day(day_number(since), self.when.zone)

        def counts(one: Observation) -> bool:
            if known is not None and to_microseconds(one.recorded_at) > known:
                return False
            if isinstance(one.at, dt.datetime):
                return begin <= to_microseconds(one.at) <= last
            return first <= one.at <= day

        return tuple(filter(counts, self.history.observations(measure)))

    def reports(self, measure: str, since: dt.date) -> Iterator[tuple[Observation, Observation]]:
        """Yield what each source first reported for each time, and what it says now, in order of time."""
        found: dict[tuple[dt.datetime, bool, str], list[Observation]] = {}
        for one in self.observations(measure, since):
            system = one.source.system if one.source else ""
            found.setdefault((end_of(one.at), isinstance(one.at, dt.datetime), system), []).append(one)
        for _, records in sorted(found.items(), key=lambda item: item[0]):
            ordered = sorted(records, key=lambda one: one.recorded_at)
            yield ordered[0], ordered[-1]
