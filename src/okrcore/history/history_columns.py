"""Keep observations as rows of columns, numbered by this history, for those who compute on columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Self

import attrs
import numpy as np
from attrs import field
from numpy.typing import NDArray

from okrcore.definitions.days import DAY
from okrcore.errors import HistoryError
from okrcore.history.interning import Interned
from okrcore.history.merged_rows import MergedRows
from okrcore.history.observation import Observation
from okrcore.history.provenance import Contexts, Provenance
from okrcore.history.records import Batch, Records, to_observation
from okrcore.history.requests import Edges, Flags, Ints
from okrcore.history.results import RecordColumns
from okrcore.history.runs import Run, RunBound


@attrs.frozen(eq=False, repr=False)
class HistoryColumns:
    """The rows of a history, in runs of columns: which row counts when, and what stands in it.

    Codes stand for measures, rows are numbered; both hold for this history alone, and for what is appended
    to it codes do too.
    """

    _names: Interned[str] = field(factory=lambda: Interned[str](), alias="_names")
    _contexts: Contexts = field(factory=Contexts, alias="_contexts")
    _runs: tuple[Run, ...] = field(default=(), alias="_runs")
    _source: Self | None = field(default=None, init=False, alias="_source")

    @property
    def recorded(self) -> Self:
        """The history as it was recorded: this one, or what it was made from by names or derived values.

        Its root is the one to keep and to verify.
        """
        return self if self._source is None else self._source.recorded

    def made_from(self, source: Self) -> Self:
        """Return this history, which keeps what it was made from: it is no part of what the history says."""
        if self is not source:
            object.__setattr__(self, "_source", source)
        return self

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """The measures that have observations, by name."""
        return tuple(sorted(self._names[code] for code in np.flatnonzero(self._present).tolist()))

    @property
    def units(self) -> tuple[str, ...]:
        """The unit texts that `RecordColumns.unit` counts in; appending only ever adds at the end."""
        return self._contexts.units

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self) -> Batch:
        """Return all records in order of delivery, codes counted by first appearance in it."""
        return Batch.of(self.records(), self._names, self._contexts.words)

    def records(self, since: int = 0) -> Records:
        """Return the records after the first `since`, in order of delivery, with this history's codes."""
        parts = [run.records(since) for run in self._runs if run.last >= since]
        order = np.argsort(np.concatenate([position for _, position in parts])) if parts else slice(0)
        return Records.join([Records.empty(), *(records for records, _ in parts)]).select(order)

    @property
    def vocabularies(self) -> tuple[Interned[str], Interned[Provenance]]:
        """The measures and the contexts that the codes of `records` count in."""
        return self._names, self._contexts.words

    @cached_property
    def days(self) -> tuple[int, int]:
        """The first and last day on which anything was observed, in UTC; (0, -1) where nothing was."""
        spans = [(int(run.time.min()), int(run.time.max()), run.day) for run in self._runs]
        days = [(low, high) if whole else (low // DAY, high // DAY) for low, high, whole in spans]
        return (min(low for low, _ in days), max(high for _, high in days)) if days else (0, -1)

    def from_system(self, system: str) -> Records:
        """Return the records that a source system brought, in order of delivery."""
        codes = [code for code, context in enumerate(self._contexts.words) if context.system == system]
        records = self.records()
        return records.select(np.flatnonzero(np.isin(records.context, codes)))

    def codes(self, measures: Sequence[str]) -> NDArray[np.int32]:
        """Return the code of each measure, -1 where it has no observation."""
        codes = self._names.codes(measures)
        codes[~np.append(self._present, False)[codes]] = -1
        return codes

    def latest_rows(
        self,
        codes: NDArray[np.int32],
        end_day: RunBound,
        end_instant: RunBound,
        known_at: int | None = None,
        known_day: int | None = None,
    ) -> NDArray[np.int64]:
        """Return for each code the row of the chosen observation with the greatest time, -1 for none.

        Looks at days up to `end_day` (days since 1970-01-01) and at instants up to `end_instant`
        (microseconds since then, UTC), each one number or one a code, recorded at or before `known_at`
        (microseconds; None filters nothing). A day's record that bears the end of its day in UTC, as one
        without a time of recording does, counts up to `known_day` where that is given. Cost goes with the
        number of codes.
        """
        return self._rows.latest(np.asarray(codes, np.int32), end_day, end_instant, known_at, known_day)

    def window_rows(
        self,
        codes: NDArray[np.int32],
        start_day: RunBound,
        start_instant: RunBound,
        end_day: RunBound,
        end_instant: RunBound,
        known_at: int | None = None,
        known_day: int | None = None,
        by_author: Flags | None = None,
        superseded: bool = False,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (offsets, rows): the rows of request i are rows[offsets[i]:offsets[i + 1]], by time.

        They are the chosen observation of each distinct (measure, at) inside [start, end], both ends
        included; arguments as in `latest_rows`. Where `by_author` says so, one flag a code, they are that
        of each (measure, at, by). With `superseded` every row comes, the chosen one last of its time. Cost
        goes with the rows inside.
        """
        return self._rows.between(
            np.asarray(codes, np.int32),
            start_day,
            start_instant,
            end_day,
            end_instant,
            known_at,
            known_day,
            by_author,
            superseded,
        )

    def authors(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return a number for each row of `window_rows`: equal where who recorded it is."""
        return self._rows.authors(np.asarray(rows, np.int64))

    def contexts(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], Sequence[Provenance]]:
        """Return the code of each row's context, and the contexts by code."""
        return self._rows.contexts_of(np.asarray(rows, np.int64)), list(self._contexts.words)

    def observed_periods(
        self,
        codes: NDArray[np.int32],
        edges: Edges,
        first: Ints,
        last: Ints,
        known_at: int | None = None,
        known_day: int | None = None,
    ) -> Ints:
        """Return for each code in how many of the periods first .. last (not included) it was observed.

        The periods lie between `edges`. Cost goes with the codes, once what the rows lie in was counted.
        """
        return self._rows.periods(np.asarray(codes, np.int32), edges, first, last, known_at, known_day)

    def take(self, rows: NDArray[np.int64]) -> RecordColumns:
        """Return the columns of `rows`, as `latest_rows` and `window_rows` number them."""
        return self._rows.take(np.asarray(rows, np.int64))

    def definitions(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a number for each row of `window_rows`: equal where its definition is (S8.4)."""
        return self._rows.definitions(np.asarray(rows, np.int64))

    def modes(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        """Return how the number of each row came in (S8.2): "pulled", ...; "" without a source, or a row."""
        return self._rows.modes(np.asarray(rows, np.int64))

    def observation(self, row: int) -> Observation:
        """Return one row as an observation; raises HistoryError for a row that this history has not."""
        for _, run, local in self._rows.parts(np.array([row])):
            return to_observation(self._names, self._contexts, run.records_at(np.r_[local]), 0)
        raise HistoryError(f"row is {row}, but must be a row that this history numbered; give one of those")

    @cached_property
    def _rows(self) -> MergedRows:
        return MergedRows(self._runs, self._contexts)

    @cached_property
    def _present(self) -> NDArray[np.bool_]:
        present = np.zeros(len(self._names), np.bool_)
        for run in self._runs:
            present[run.present()] = True
        return present
