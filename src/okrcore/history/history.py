"""Keep observations as an immutable history in columns that answers what was known, and when (S8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
from attrs import field
from numpy.typing import NDArray

from okrcore.definitions.days import day_number, to_date, to_instant, to_microseconds
from okrcore.frozen import FrozenDict
from okrcore.history.chain import Chain, chain_of, verify_chain
from okrcore.history.former_names import is_named, present
from okrcore.history.frames.frame_history import FrameHistory
from okrcore.history.history_columns import HistoryColumns
from okrcore.history.instants import Moment, end_of, span, to_moment
from okrcore.history.new_rows import settle
from okrcore.history.observation import Observation
from okrcore.history.provenance import Provenance
from okrcore.history.records import Batch, from_columns, from_observations, to_observation
from okrcore.history.requests import Flags
from okrcore.history.results import Restatement, Series, Verification
from okrcore.history.runs import Run, new_run, with_run
from okrcore.public_form import headed

Texts = Sequence[str] | NDArray[Any] | str
_OPEN = 2**62
_REMEMBERED = 4
_EARLIER = 32
_OPEN_DAYS = 2**24
"""More days than there are from the first date to the last."""


@attrs.frozen(eq=False, repr=False)
class History(HistoryColumns):
    """Observations in columns: immutable, append-only, bitemporal (S8).

    Build it with `of` or `of_columns`; `append` returns a new history that shares what was there, so its
    cost goes with what is appended. Where one (measure, at) was observed several times, the chosen one is
    of the most trusted mode (pulled, derived, manual, no source), then the latest known, then by system
    name (S2.7). A date-only observation compares as a calendar day, an instant in UTC (S0.8).

    >>> history = History.of([Observation("uptime", "2026-01-05", 98.5)])
    >>> later = history.append([Observation("uptime", "2026-01-12", 97.0)])
    >>> len(history), later.latest("uptime", "2026-01-11").value
    (1, 98.5)
    """

    _delivered: int = field(default=0, alias="_delivered")
    _chain: Chain | None = field(default=None, alias="_chain")
    _earlier: tuple[tuple[object, int], ...] = field(default=(), alias="_earlier")
    _mark: object = field(factory=object, init=False, alias="_mark")
    _renamed: tuple[FrozenDict[str, str], History] | None = field(default=None, init=False, alias="_renamed")
    _made: tuple[Any, ...] = field(default=(), init=False, alias="_made")

    # Building

    @classmethod
    def of(cls, observations: Iterable[Observation] = ()) -> History:
        """Return the history of `observations`; the same record twice is one record (S8.5).

        Raises HistoryError naming both records where one (measure, at, recorded_at, source system) has
        two values.
        """
        return cls().append(observations)

    @classmethod
    def of_columns(
        cls,
        measure: Texts,
        at: Sequence[Moment] | NDArray[Any],
        value: Sequence[float] | NDArray[Any],
        *,
        unit: Texts = "",
        recorded_at: Sequence[Moment | None] | NDArray[Any] | Moment | None = None,
        system: Texts = "",
        mode: Texts = "",
        query: Texts = "",
        by: Texts = "",
        definition: Texts = "",
        days: bool = False,
    ) -> History:
        """Return the history of columns, one row an observation, at NumPy speed.

        `at` and `recorded_at` take dates, aware instants, ISO text or datetime64 in days; times without a
        zone are refused, or with `days` those in `at` are the days of which they are the midnight.
        `recorded_at` None or NaT is the end of `at`. One text in place of
        a column stands for every row. Without system and mode there is no source; a system without a
        mode is pulled. Raises HistoryError that names the faulty rows.

        >>> History.of_columns(["a", "b"], ["2026-01-05", "2026-01-06"], [1.0, 2.0], unit="lane")
        <History of 2 observations of 2 measures>
        """
        source = {"system": system, "mode": mode, "query": query}
        return cls().with_batch(
            from_columns(
                measure,
                at,
                value,
                recorded_at,
                {"unit": unit, "by": by, "definition": definition, **source},
                days=days,
            )
        )

    @classmethod
    def of_frame(cls, frame: Any, *, days: bool = False, check: bool = True) -> FrameHistory:
        """Return a history over a dataframe that stays on its engine (S8.6), which answers as this one does.

        The engines are pandas, Polars (eager and lazy), PyArrow, DuckDB, Dask and PySpark. Columns: measure
        (text), at (dates, aware instants, or ISO text of either), value (numbers), and, where they are there,
        unit, recorded_at, system, mode and by, as in `of_columns`; others are not read. `evaluate` and the
        like take it; the engine selects and reduces, and one row a request comes back. Times without a zone
        are refused, or with `days` those in `at` are the days of which they are the midnight.

        Raises HistoryError for columns that are missing or of another kind, and, unless `check` is False,
        for rows without a finite value or a moment and for contradictions (S8.5): two passes on the engine.
        MissingExtraError without narwhals.

        >>> import pandas
        >>> rows = {"measure": ["uptime"] * 2, "at": ["2026-01-05", "2026-01-12"], "value": [98.5, 97.0]}
        >>> history = History.of_frame(pandas.DataFrame(rows))
        >>> history, history.latest("uptime", "2026-01-11").value
        (<History over a frame on pandas>, 98.5)
        """
        return FrameHistory.of(frame, days=days, check=check)

    def append(self, observations: Iterable[Observation]) -> History:
        """Return the history with `observations` added, in their order; this one stays as it is.

        Records already there are left out. Another history is taken over at NumPy speed. Cost goes with
        the number appended (amortised, times a logarithm). Raises HistoryError as `of` does; then
        nothing is added.
        """
        return self.with_batch(
            observations.batch() if isinstance(observations, History) else from_observations(observations)
        )

    def with_batch(self, batch: Batch) -> History:
        """Return the history with a batch added, as `append` does."""
        if not len(batch.records):
            return self
        names, code = self._names.with_(batch.measures)
        contexts, context = self._contexts.with_(batch.contexts)
        records = batch.records.recode(code, context)
        orders = settle(
            records, self._runs, contexts, lambda some, row: to_observation(names, contexts, some, row)
        )
        if not orders:
            return self
        new = np.zeros(len(records), np.bool_)
        for order in orders:
            new[order] = True
        position = (self._delivered - 1 + np.cumsum(new)).astype(np.uint32)
        runs = self._runs
        for order in orders:
            runs = with_run(runs, new_run(records, order, position), contexts)
        chain = self._chain
        if chain is not None:
            own = chain.measures is self._names and chain.contexts is self._contexts.words
            chain = chain.extend(records.select(np.flatnonzero(new)), names, contexts.words) if own else None
        earlier = (*self._earlier[1 - _EARLIER :], (self._mark, self._delivered))
        grown = History(names, contexts, runs, self._delivered + int(new.sum()), chain, earlier)
        if self._made and not any(made.whole.history is self for made in self._made):
            object.__setattr__(grown, "_made", self._made)  # what was derived so far is where it goes on from
        return grown

    def as_known(self, instant: Moment) -> History:
        """Return the history of what was recorded at or before `instant`; a date means its end in UTC.

        Cost goes with the number of rows; where one question is asked, its `known_at` is cheaper.
        """
        known_at = to_microseconds(end_of(to_moment(instant, "instant")))
        if all(run.known <= known_at for run in self._runs):
            return self
        shown = [(run, run.recorded <= known_at) for run in self._runs]
        runs = tuple(run if run.known <= known_at else run.keep(mask) for run, mask in shown if mask.any())
        return attrs.evolve(self, _runs=runs, _chain=None, _earlier=())

    # One measure

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same records in the same order of delivery, as their roots say."""
        if not isinstance(other, History):
            return NotImplemented
        return self is other or (len(self) == len(other) and self.root == other.root)

    def __hash__(self) -> int:
        return hash(("history", len(self)))

    def as_plain(self) -> dict[str, Any]:
        """Return the public form: the root and every observation, in order of delivery."""
        return headed("history", observations=len(self), root=self.root, rows=list(self))

    def renamed(self, ids: Mapping[str, str]) -> History:
        """Return the history with its measures called by other ids, {old: new}; their items follow.

        It has a root of its own, and is this one where no measure bears an old id. Cost goes with the number
        of rows, once for the same `ids`. Raises HistoryError where one moment has two values then.

        >>> History.of([Observation("a", "2026-01-05", 1)]).renamed({"a": "b"}).measures
        ('b',)
        """
        if self._renamed is None or self._renamed[0] != ids:
            found = self
            if is_named(self._names, ids):
                batch = self.batch()
                names = [present(name, ids) for name in batch.measures]
                found = History().with_batch(attrs.evolve(batch, measures=names)).made_from(self)
            object.__setattr__(self, "_renamed", (FrozenDict(ids), found))  # no other value is possible
        assert self._renamed is not None
        return self._renamed[1]

    def latest(self, measure: str, at: Moment) -> Observation | None:
        """Return the chosen observation of `measure` with the greatest time not after `at`, or None."""
        row = int(self.latest_rows(self.codes([measure]), *_end(at, "at"))[0])
        return None if row < 0 else self.observation(row)

    def series(self, measure: str, start: Moment | None = None, end: Moment | None = None) -> Series:
        """Return the chosen value of each time of `measure` inside [start, end], None being open."""
        first = (-_OPEN, -_OPEN) if start is None else _start(start, "start")
        last = (_OPEN, _OPEN) if end is None else _end(end, "end")
        _, rows = self.window_rows(self.codes([measure]), *first, *last)
        columns = self.take(rows)
        columns.value.flags.writeable = False
        moments = zip(columns.date_only.tolist(), columns.day.tolist(), columns.at.tolist(), strict=True)
        times = tuple(to_date(day) if date_only else to_instant(at) for date_only, day, at in moments)
        return Series(times, columns.value, tuple(self.units[unit] for unit in columns.unit.tolist()))

    def observations(self, measure: str) -> tuple[Observation, ...]:
        """Return every record of `measure`: by time, then source system, then when it was recorded."""
        return self._in_order(self._rows_of(measure))

    def restatements(self, measure: str) -> tuple[Restatement, ...]:
        """Return where a later record of one source system changed a value or its unit, in order of time.

        Each names the record before and the one after; a value corrected twice is two restatements.
        """
        rows = self._rows_of(measure)
        at = np.concatenate([run.microseconds(row) for run, row in rows]) if rows else np.empty(0, np.int64)
        _, place, count = np.unique(at, return_inverse=True, return_counts=True)
        shared = np.split(count[place] > 1, np.cumsum([len(row) for _, row in rows])[:-1])
        again = [(run, row[kept]) for (run, row), kept in zip(rows, shared, strict=True)] if rows else []
        return tuple(
            Restatement(before, after)
            for before, after in pairwise(self._in_order(again))
            if _key(before) == _key(after) and (before.value, before.unit) != (after.value, after.unit)
        )

    def _rows_of(self, measure: str) -> list[tuple[Run, NDArray[np.int64]]]:
        """Return the rows of a measure in each run that has any."""
        code = self.codes([measure])
        found = ((run, run.between(code, -_OPEN, _OPEN, None)[1]) for run in self._runs)
        return [(run, row) for run, row in found if len(row)]

    def _in_order(self, rows: Iterable[tuple[Run, NDArray[np.int64]]]) -> tuple[Observation, ...]:
        """Return rows as observations: by time, then source system, then when they were recorded."""
        found = [
            to_observation(self._names, self._contexts, records, at)
            for records in (run.records_at(row) for run, row in rows)
            for at in range(len(records))
        ]
        return tuple(
            sorted(found, key=lambda one: (end_of(one.at), *_key(one), one.recorded_at, Provenance.of(one)))
        )

    # Whole

    def __iter__(self) -> Iterator[Observation]:
        """Yield every observation in order of delivery."""
        positions = [run.position for run in self._runs]
        order = np.argsort(np.concatenate(positions)) if positions else np.empty(0, np.int64)
        return map(self.observation, order.tolist())

    def __repr__(self) -> str:
        return f"<History of {len(self)} observations of {int(self._present.sum())} measures>"

    @property
    def delivered(self) -> int:
        """How many records were ever delivered; those after the first n are `records(since=n)`."""
        return self._delivered

    @property
    def made(self) -> tuple[Any, ...]:
        """What was derived from this history, or from its first records, newest first."""
        return self._made

    def remember(self, made: Any) -> None:
        """Keep what was derived from this history; it is no part of what the history says."""
        object.__setattr__(self, "_made", (made, *self._made)[:_REMEMBERED])

    def added_since(self, earlier: History) -> Flags | None:
        """Return which measures, by code, have records that an earlier version of this history has not.

        The flags have one more entry, for the code -1: False. None where `earlier` is no version that this
        one was appended to, or too many deliveries ago. Cost goes with what was appended, amortised.
        """
        found = [count for mark, count in self._earlier if mark is earlier._mark]
        if not found:
            return None
        added = np.zeros(len(self._names) + 1, np.bool_)
        for run in self._runs:
            if run.last >= found[0]:
                added[run.code(np.flatnonzero(run.position >= found[0]))] = True
        return added

    def recorded_since(self, earlier: History) -> int | None:
        """Return when the first of the records that an earlier version has not was recorded, in microseconds.

        Where it has all of them the end of time; None as for `added_since`.
        """
        if self is earlier:
            return 2**62
        found = [count for mark, count in self._earlier if mark is earlier._mark]
        if not found:
            return None
        runs = (run.recorded[run.position >= found[0]] for run in self._runs if run.last >= found[0])
        return min((int(recorded.min()) for recorded in runs if len(recorded)), default=2**62)

    # Proof

    @property
    def root(self) -> str:
        """Text `count:hash` that stands for all records in their order of delivery (S8.3).

        It does not depend on how they were split into deliveries, nor on repeats. It proves something
        only where it is kept away from the history: hand it to `verify` later. Made when first asked
        for, then carried along by `append`.
        """
        return self.chain().root

    def verify(self, root: str | None = None) -> Verification:
        """Hash all records again and compare with the hashes made before, and with an old `root`.

        A root of fewer records is compared with as many of the first records: it proves that nothing
        among them was altered, dropped or reordered since. Raises HistoryError for text that is no root.

        >>> history = History.of([Observation("uptime", "2026-01-05", 98.5)])
        >>> history.append([Observation("uptime", "2026-01-12", 97.0)]).verify(root=history.root).ok
        True
        """
        batch = self.batch()
        fresh = chain_of(batch, self._names, self._contexts.words)
        return verify_chain(fresh, batch.records, self._chain, root)

    def chain(self) -> Chain:
        """Return the chain of hashes over all records."""
        if self._chain is None:
            object.__setattr__(
                self, "_chain", chain_of(self.batch(), self._names, self._contexts.words)
            )  # made once: no other value is possible
        assert self._chain is not None
        return self._chain

    # Less of it

    def without_measures(self, measures: Sequence[str]) -> History:
        """Return the history without what was recorded of some measures; itself where that is nothing."""
        gone = self.codes(measures)
        gone = gone[gone >= 0]
        return self._keep(lambda run: ~np.isin(run.all_codes(), gone)) if len(gone) else self

    def without_days(self, measures: Sequence[str], days: NDArray[np.int64]) -> History:
        """Return the history without the day records of these measures at these days, one pair an entry."""
        keys = np.sort(self.codes(measures).astype(np.int64) * _OPEN_DAYS + days)

        def kept(run: Run) -> NDArray[np.bool_]:
            mine = run.all_codes().astype(np.int64) * _OPEN_DAYS + run.time
            return ~np.isin(mine, keys) if run.day else np.ones(len(run), np.bool_)

        return self._keep(kept)

    def _keep(self, mask_of: Callable[[Run], NDArray[np.bool_]]) -> History:
        masks = [(run, mask_of(run)) for run in self._runs]
        runs = tuple(run if mask.all() else run.keep(mask) for run, mask in masks if mask.any())
        return attrs.evolve(self, _runs=runs, _chain=None, _earlier=())


def _key(one: Observation) -> tuple[bool, Any, str]:
    return isinstance(one.at, dt.datetime), one.at, one.source.system if one.source else ""


def _start(bound: Moment, name: str) -> tuple[int, int]:
    day, first, _ = span(bound, name)
    return day_number(day), to_microseconds(first)


def _end(bound: Moment, name: str) -> tuple[int, int]:
    day, _, last = span(bound, name)
    return day_number(day), to_microseconds(last)
