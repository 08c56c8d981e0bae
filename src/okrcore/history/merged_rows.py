"""Merge several runs as one table of numbered rows: the latest of a measure, those in a window."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY
from okrcore.errors import HistoryError
from okrcore.history.provenance import Contexts
from okrcore.history.records import end_of_days
from okrcore.history.requests import Edges, Flags, Ints
from okrcore.history.results import RecordColumns
from okrcore.history.runs import Run, RunBound, bisect

_NEVER = np.iinfo(np.int64).min


@attrs.frozen(eq=False)
class MergedRows:
    """MergedRows numbered through all runs, one run after the other."""

    runs: tuple[Run, ...]
    contexts: Contexts

    def __len__(self) -> int:
        return sum(map(len, self.runs))

    def based(self) -> Iterator[tuple[int, Run]]:
        """Yield each run with the number of its first row."""
        base = 0
        for run in self.runs:
            yield base, run
            base += len(run)

    def parts(
        self, rows: NDArray[np.int64]
    ) -> Iterator[tuple[slice | NDArray[np.int64], Run, slice | NDArray[np.int64]]]:
        """Yield (where in `rows`, run, rows inside that run); negative rows belong to none.

        Rows of one run that follow one another are a slice of it, of which nothing is copied.
        """
        if not len(rows):
            return
        low, high = int(rows.min()), int(rows.max())
        if high >= len(self):
            raise HistoryError(
                f"row {high} is not among the {len(self)} of this history; ask it for its own rows"
            )
        for base, run in self.based():
            if base <= low and high < base + len(run):
                if high - low + 1 == len(rows) and (rows[1:] > rows[:-1]).all():
                    yield slice(None), run, slice(low - base, high - base + 1)
                else:
                    yield slice(None), run, rows - base if base else rows
            elif low < base + len(run) and high >= base:
                where = np.flatnonzero((rows >= base) & (rows < base + len(run)))
                yield where, run, rows[where] - base

    def latest(
        self,
        codes: NDArray[np.int32],
        end_day: RunBound,
        end_instant: RunBound,
        known_at: int | None,
        known_day: int | None = None,
    ) -> NDArray[np.int64]:
        """Return the row of the chosen observation with the greatest time for each code, -1 for none."""
        best = np.full(len(codes), -1, np.int64)
        if len(self.runs) == 1:
            (run,) = self.runs
            where, row = run.latest(codes, end_day if run.day else end_instant, known_at, known_day)
            best[where] = row
            return best
        time = np.full(len(codes), _NEVER, np.int64)
        for base, run in self.based():
            where, row = run.latest(codes, end_day if run.day else end_instant, known_at, known_day)
            at, row = run.microseconds(row), row + base
            better = at > time[where]
            tied = np.flatnonzero(at == time[where])
            if len(tied):
                better[tied] = self._preferred(row[tied], best[where[tied]])
            if not better.all():
                where, row, at = where[better], row[better], at[better]
            best[where], time[where] = row, at
        return best

    def between(
        self,
        codes: NDArray[np.int32],
        start_day: RunBound,
        start_instant: RunBound,
        end_day: RunBound,
        end_instant: RunBound,
        known_at: int | None,
        known_day: int | None = None,
        by_author: Flags | None = None,
        superseded: bool = False,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (offsets, rows): the chosen row of each time inside [start, end], a segment a code.

        Where `by_author`, that of each author at each time. With `superseded` all rows come, the chosen one
        last of its time and author.
        """
        found = []
        for base, run in self.based():
            start, end = (start_day, end_day) if run.day else (start_instant, end_instant)
            request, row = run.between(codes, start, end, known_at, known_day)
            if len(row):
                found.append((request, run, row, base))
        if not found:
            return np.zeros(len(codes) + 1, np.int64), np.empty(0, np.int64)
        several = len(found) > 1
        if superseded and not several and (by_author is None or not by_author.any()):
            ((request, _, row, base),) = found  # one run has its rows in this order
            return np.searchsorted(request, np.arange(len(codes) + 1)), row + base if base else row
        parts = [
            (request, run.microseconds(row), np.full(len(row), run.day), row + base)
            for request, run, row, base in found
        ]
        request, at, day, row = (
            (np.concatenate(column) for column in zip(*parts, strict=True)) if several else parts[0]
        )
        author = np.zeros(len(row), np.int32)
        if by_author is not None and by_author.any() and (own := by_author[request]).any():
            author[own] = self.authors(row[own])
        if several or author.any():
            order = np.lexsort((author, day, at, request))  # stable: a run has the preferred last
            request, at, day, row = request[order], at[order], day[order], row[order]
            author = author[order]
        same = (request[1:] == request[:-1]) & (at[1:] == at[:-1]) & (day[1:] == day[:-1])
        same &= author[1:] == author[:-1]
        if same.any():
            if several:
                row = self._by_preference(row, same)
            if not superseded:
                last = np.append(~same, True)
                row, request = row[last], request[last]
        return np.searchsorted(request, np.arange(len(codes) + 1)), row

    def periods(
        self,
        codes: NDArray[np.int32],
        edges: Edges,
        first: Ints,
        last: Ints,
        known_at: int | None,
        known_day: int | None = None,
    ) -> Ints:
        """Return for each code in how many of the periods first .. last (not included) it was observed."""
        found = np.zeros(len(codes), np.int64)
        asked = codes if (first < last).all() else np.where(first < last, codes, np.int32(-1))
        slots = [(run, *_filled(*run.slots(asked))) for run in self.runs]
        held = np.zeros(len(codes), np.int8)
        for _, where, _, _ in slots:
            held[where] += 1
        several = bool((held > 1).any())
        seen = []
        for run, where, low, high in slots:
            bounds = edges.days if run.day else edges.instants
            if run.hides(known_at, known_day):
                rest = where
            else:
                rest = where[held[where] > 1] if several else where[:0]
                alone = held[where] == 1 if several else slice(None)
                self._count(run, bounds, where[alone], low[alone], high[alone], first, last, found)
            if len(rest):
                request, row = run.between(
                    asked[rest], bounds[first[rest]], bounds[last[rest]] - 1, known_at, known_day
                )
                period = np.searchsorted(bounds, run.time[row], side="right")
                seen.append(rest[request] * (len(bounds) + 1) + period)
        if seen:
            distinct = np.unique(np.concatenate(seen)) // (len(edges.days) + 1)
            found += np.bincount(distinct, minlength=len(codes))
        return found

    def _count(
        self, run: Run, bounds: Ints, where: Ints, low: Ints, high: Ints, first: Ints, last: Ints, found: Ints
    ) -> None:
        """Put the periods of codes that lie in one run alone: no row is looked at but the outer ones."""
        if not len(where):
            return
        low = _from(run, low, high, bounds[first[where]])
        where, low, high = _filled(where, low, _until(run, low, high, bounds[last[where]]))
        before = run.periods_before(bounds)
        found[where] = 1 + before[high - 1] - before[low]

    def take(self, rows: NDArray[np.int64]) -> RecordColumns:
        """Return the columns of `rows`."""
        columns = None
        for where, run, row in self.parts(rows):
            time = run.time[row].astype(np.int64)
            at, day = (end_of_days(time), time) if run.day else (time, time // DAY)
            own = RecordColumns(
                value=run.value[row],
                day=day,
                at=at,
                date_only=np.full(len(time), run.day),
                recorded=run.recorded[row],
                unit=self.contexts.unit[run.context[row]],
            )
            if isinstance(where, slice):
                return own
            columns = RecordColumns.blank(len(rows)) if columns is None else columns
            for mine, theirs in zip(
                attrs.astuple(columns, recurse=False), attrs.astuple(own, recurse=False), strict=True
            ):
                mine[where] = theirs
        return RecordColumns.blank(len(rows)) if columns is None else columns

    def definitions(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a number for each row: equal where the definition texts are, -1 for no row."""
        found = np.full(len(rows), -1, np.int64)
        for where, run, row in self.parts(rows):
            found[where] = self.contexts.definition[run.context[row]]
        return found

    def authors(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return a number for each row: equal where the authors are."""
        found = np.empty(len(rows), np.int32)
        for where, run, row in self.parts(rows):
            found[where] = self.contexts.author[run.context[row]]
        return found

    def contexts_of(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the code of each row's context."""
        found = np.empty(len(rows), np.int32)
        for where, run, row in self.parts(rows):
            found[where] = run.context[row]
        return found

    def modes(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        """Return the mode of each row's source, "" for none and for no row."""
        context = np.full(len(rows), -1, np.int64)
        for where, run, row in self.parts(rows):
            context[where] = run.context[row]
        return tuple("" if code < 0 else self.contexts.words[code].mode for code in context.tolist())

    def _preferred(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of two rows of one measure and instant, is the first chosen? A day is later than an instant."""
        both = np.concatenate([rows, others])
        day, preference = self._preference(both)
        order = np.lexsort((preference, day))
        rank = np.empty(len(both), np.int64)
        rank[order] = np.arange(len(both))
        return rank[: len(rows)] > rank[len(rows) :]

    def _by_preference(self, row: NDArray[np.int64], same: NDArray[np.bool_]) -> NDArray[np.int64]:
        group = np.concatenate([[0], np.cumsum(~same)])
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        _, preference = self._preference(row[tied])
        row = row.copy()
        row[tied] = row[tied][np.lexsort((preference, group[tied]))]
        return row

    def _preference(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        day, recorded = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.int64)
        context = np.zeros(len(rows), np.int32)
        for where, run, row in self.parts(rows):
            day[where], recorded[where], context[where] = run.day, run.recorded[row], run.context[row]
        return day, self.contexts.preference(context, recorded)


def _filled(where: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    filled = high > low
    return (where, low, high) if filled.all() else (where[filled], low[filled], high[filled])


def _from(run: Run, low: Ints, high: Ints, start: Ints) -> Ints:
    """Return the first row of each segment at or after `start`."""
    early = np.flatnonzero((high > low) & (run.time[np.minimum(low, len(run) - 1)] < start))
    if len(early):
        low = low.copy()
        low[early] = bisect(run.time, low[early], high[early], start[early] - 1)
    return low


def _until(run: Run, low: Ints, high: Ints, end: Ints) -> Ints:
    """Return the row after the last of each segment before `end`."""
    late = np.flatnonzero((high > low) & (run.time[high - 1] >= end))
    if len(late):
        high = high.copy()
        high[late] = bisect(run.time, low[late], high[late], end[late] - 1)
    return high
