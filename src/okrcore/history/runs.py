"""Sort records in immutable runs by measure, time and preference, where the latest is one search away."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.history.provenance import Contexts
from okrcore.history.records import Records, end_of_days

RunBound = int | NDArray[np.int64]
_KEPT = 8
Slots = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@attrs.frozen(eq=False)
class Run:
    """Rows of one kind (days or instants), sorted by measure, time, then the least preferred first.

    So the last row of a measure that is early enough and known early enough is its latest. The rows of
    the measure with code c lie in starts[c] .. starts[c + 1]; where few of the codes occur, `codes`
    lists them and starts goes by place in it. `position` is the place in the order of delivery.
    """

    day: bool
    codes: NDArray[np.int32] | None
    starts: NDArray[np.int64]
    time: NDArray[np.int32] | NDArray[np.int64]
    value: NDArray[np.float64]
    recorded: NDArray[np.int64]
    context: NDArray[np.int32]
    position: NDArray[np.uint32]
    known: int
    """The latest `recorded`: at or after it no row is hidden."""
    last: int
    """The greatest `position`."""
    _periods: dict[bytes, NDArray[np.int32]] = attrs.field(factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.value)

    def slots(self, codes: NDArray[np.int32]) -> Slots:
        """Return (which of `codes` have rows here, first row, row after the last)."""
        if self.codes is None:
            place = codes
            inside = (codes >= 0) & (codes < len(self.starts) - 1)
            where = np.arange(len(codes)) if inside.all() else np.flatnonzero(inside)
            place = codes if len(where) == len(codes) else codes[where]
        else:
            where = self._hits(codes)
            place = np.searchsorted(self.codes, codes[where]).astype(np.int32)
        return where, self.starts[place], self.starts[place + 1]

    def _hits(self, codes: NDArray[np.int32]) -> NDArray[np.int64]:
        assert self.codes is not None
        known = np.zeros(int(self.codes[-1]) + 2, np.bool_)
        known[self.codes] = True
        return np.flatnonzero(known[np.clip(codes, -1, len(known) - 1)])

    def latest(
        self, codes: NDArray[np.int32], end: RunBound, known_at: int | None, known_day: int | None = None
    ) -> tuple[NDArray[np.int64], ...]:
        """Return (which of `codes` have an answer here, their latest row at `end` as known at `known_at`)."""
        where, low, high = self.slots(codes)
        end = np.broadcast_to(np.asarray(end, np.int64), codes.shape)[where]
        late = np.flatnonzero((high > low) & (self.time[high - 1] > end))
        if len(late):
            high[late] = bisect(self.time, low[late], high[late], end[late])
        if self.hides(known_at, known_day):
            self._step_back(low, high, known_at, known_day)
        found = high > low
        return (where, high - 1) if found.all() else (where[found], high[found] - 1)

    def _step_back(
        self, low: NDArray[np.int64], high: NDArray[np.int64], known_at: int | None, known_day: int | None
    ) -> None:
        for _ in range(4):
            hidden = np.flatnonzero((high > low) & ~self._shown(high - 1, known_at, known_day))
            if not len(hidden):
                return
            high[hidden] -= 1
        # shown[i]: one more than the last row up to i that was known by then, whatever its measure
        rows = np.arange(1, len(self) + 1)
        shown = np.maximum.accumulate(np.where(self._shown(slice(None), known_at, known_day), rows, 0))
        pending = np.flatnonzero(high > low)
        high[pending] = shown[high[pending] - 1]  # below `low` where no row was known

    def between(
        self,
        codes: NDArray[np.int32],
        start: RunBound,
        end: RunBound,
        known_at: int | None,
        known_day: int | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (which of `codes`, row) for the rows in [start, end] known at `known_at`, in run order."""
        where, low, high = self.slots(codes)
        first = np.broadcast_to(np.asarray(start, np.int64), codes.shape)[where]
        last = np.broadcast_to(np.asarray(end, np.int64), codes.shape)[where]
        low, high = bisect(self.time, low, high, first - 1), bisect(self.time, low, high, last)
        places, rows = expand(low, np.maximum(high, low))
        if self.hides(known_at, known_day):
            shown = self._shown(rows, known_at, known_day)
            places, rows = places[shown], rows[shown]
        return places if len(where) == len(codes) else where[places], rows

    def hides(self, known_at: int | None, known_day: int | None) -> bool:
        return known_at is not None and (self.known > known_at or (self.day and known_day is not None))

    def _shown(
        self, rows: NDArray[np.int64] | slice, known_at: int | None, known_day: int | None
    ) -> NDArray[np.bool_]:
        """Return which rows were known; a day's record that says no time of its own by its day (A3)."""
        shown: NDArray[np.bool_] = self.recorded[rows] <= (2**62 if known_at is None else known_at)
        if not self.day or known_day is None:
            return shown
        unsaid = self.recorded[rows] == end_of_days(self.time[rows])
        return np.where(unsaid, self.time[rows] <= known_day, shown)

    def periods_before(self, edges: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return for each row how many rows up to it begin another measure or period than the row before.

        So the rows low .. high of one measure lie in 1 + before[high - 1] - before[low] periods. `edges` are
        period starts in the run's own time; made once for each of the last few.
        """
        key = edges.tobytes()
        found = self._periods.get(key)
        if found is None:
            period = np.searchsorted(edges, self.time, side="right")
            begins = np.append(True, period[1:] != period[:-1])
            begins[self.starts[:-1][np.diff(self.starts) > 0]] = True
            if len(self._periods) >= _KEPT:
                self._periods.clear()
            found = self._periods.setdefault(key, np.cumsum(begins, dtype=np.int32))
        return found

    def code(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the measure code of each row."""
        place = (np.searchsorted(self.starts, rows, side="right") - 1).astype(np.int32)
        return place if self.codes is None else self.codes[place]

    def all_codes(self) -> NDArray[np.int32]:
        """Return the measure code of every row."""
        codes = np.arange(len(self.starts) - 1, dtype=np.int32) if self.codes is None else self.codes
        return np.repeat(codes, np.diff(self.starts))

    def present(self) -> NDArray[np.int32]:
        """Return the codes that have rows here, ascending."""
        if self.codes is not None:
            return self.codes
        return np.flatnonzero(np.diff(self.starts)).astype(np.int32)

    def microseconds(self, rows: NDArray[np.int64] | slice) -> NDArray[np.int64]:
        """Return the instant of each row; of a day its last microsecond in UTC."""
        return end_of_days(self.time[rows]) if self.day else self.time[rows].astype(np.int64)

    def records_at(self, rows: NDArray[np.int64]) -> Records:
        """Return some rows as records."""
        return self._records(rows, self.code(rows))

    def records(self, since: int) -> tuple[Records, NDArray[np.uint32]]:
        """Return the records whose position is at least `since`, with their positions, in run order."""
        rows = np.flatnonzero(self.position >= since)
        return self._records(rows, self.all_codes()[rows]), self.position[rows]

    def _records(self, rows: NDArray[np.int64], code: NDArray[np.int32]) -> Records:
        return Records(
            code=code,
            day=np.full(len(rows), self.day),
            time=self.time[rows].astype(np.int64),
            value=self.value[rows],
            recorded=self.recorded[rows],
            context=self.context[rows],
        )

    def keep(self, shown: NDArray[np.bool_]) -> Run:
        """Return the run with only the rows where `shown`."""
        rows = np.flatnonzero(shown)
        return _run(
            self.day,
            self.all_codes()[rows],
            self.time[rows],
            self.value[rows],
            self.recorded[rows],
            self.context[rows],
            self.position[rows],
        )


def new_run(records: Records, order: NDArray[np.int64], position: NDArray[np.uint32]) -> Run:
    """Return the run of the records at `order`, sorted and of one kind; `position` goes with `records`."""
    day = bool(records.day[order[0]])
    time = records.time[order]
    return _run(
        day,
        records.code[order],
        time.astype(np.int32) if day else time,
        records.value[order],
        records.recorded[order],
        records.context[order],
        position[order],
    )


def with_run(runs: tuple[Run, ...], run: Run, contexts: Contexts) -> tuple[Run, ...]:
    """Return `runs` and `run`, merging from the end while the newest of a kind is as large as the one before.

    Sizes at least double from the end backwards, so there are few runs and every row is merged few times.
    """
    others = [one for one in runs if one.day != run.day]
    same = [one for one in runs if one.day == run.day]
    while same and len(run) >= len(same[-1]):
        run = _merge(same.pop(), run, contexts)
    return (*others, *same, run)


def _merge(left: Run, right: Run, contexts: Contexts) -> Run:
    code = np.concatenate([left.all_codes(), right.all_codes()])
    time = np.concatenate([left.time, right.time])
    recorded = np.concatenate([left.recorded, right.recorded])
    context = np.concatenate([left.context, right.context])
    order = sorted_by(code, time)
    tied, group = ties(code, time, order)
    if len(tied):
        rows = order[tied]
        order[tied] = rows[np.lexsort((contexts.preference(context[rows], recorded[rows]), group))]
    return _run(
        left.day,
        code[order],
        time[order],
        np.concatenate([left.value, right.value])[order],
        recorded[order],
        context[order],
        np.concatenate([left.position, right.position])[order],
    )


def _run(
    day: bool,
    code: NDArray[np.int32],
    time: NDArray[np.int32] | NDArray[np.int64],
    value: NDArray[np.float64],
    recorded: NDArray[np.int64],
    context: NDArray[np.int32],
    position: NDArray[np.uint32],
) -> Run:
    # starts[c] : starts[c + 1] are the rows of code c; where codes are sparse, of codes[c]
    codes = None
    if int(code[-1]) < 4 * len(code):
        starts = np.concatenate([[0], np.cumsum(np.bincount(code))]).astype(np.int64)
    else:
        first = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
        codes, starts = code[first], np.append(first, len(code)).astype(np.int64)
    columns = (starts, time, value, recorded, context, position)
    for column in columns:
        column.flags.writeable = False
    return Run(day, codes, *columns, known=int(recorded.max()), last=int(position.max()))


def sorted_by(code: NDArray[np.int32], time: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the order of rows by code, then time; ties in any order."""
    key = _packed(code, time)
    if key is None:
        return np.lexsort((time, code))
    if bool((key[1:] >= key[:-1]).all()):
        return np.arange(len(key))
    return np.argsort(key)


def _packed(code: NDArray[np.int32], time: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return one whole number a row that sorts like (code, time), or None where 63 bits do not hold it."""
    low = int(time.min())
    span, count = int(time.max()) - low + 1, int(code.max()) + 1
    if span * count < 2**63:
        return code.astype(np.int64) * span + (time - low)
    seconds = time // 1_000_000  # whole seconds need 20 bits fewer
    if (span // 1_000_000 + 2) * count >= 2**63 or bool((time - seconds * 1_000_000).any()):
        return None
    return _packed(code, seconds)


def ties(
    code: NDArray[np.int32], time: NDArray[np.int32] | NDArray[np.int64], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (place in `order`, number of the group) of the rows that share code and time with another."""
    ordered_code, ordered_time = code[order], time[order]
    same = (ordered_code[1:] == ordered_code[:-1]) & (ordered_time[1:] == ordered_time[:-1])
    if not same.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    tied = np.zeros(len(order), np.bool_)
    tied[1:] |= same
    tied[:-1] |= same
    places = np.flatnonzero(tied)
    return places, np.concatenate([[0], np.cumsum(~same)])[places]


def bisect(
    keys: NDArray[np.int32] | NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    bound: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each sorted segment keys[low:high] the first place whose key is greater than `bound`."""
    low, high = low.copy(), high.copy()
    open_ = np.flatnonzero(low < high)
    while len(open_):
        left, right = low[open_], high[open_]
        middle = (left + right) >> 1
        early = keys[middle] <= bound[open_]
        low[open_] = left = np.where(early, middle + 1, left)
        high[open_] = right = np.where(early, right, middle)
        open_ = open_[left < right]
    return low


def expand(low: NDArray[np.int64], high: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (place of the segment, row) for every row of the segments low .. high."""
    counts = high - low
    # a row is its place in the result, moved by where its segment begins there and in the run
    places = np.repeat(np.arange(len(counts)), counts)
    rows = np.repeat(low - (np.cumsum(counts) - counts), counts)
    rows += np.arange(len(places))
    return places, rows
