"""Answer as a history from a dataframe that stays on its engine (S8.6)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY, day_number, to_date, to_instant, to_microseconds
from okrcore.definitions.kpis import Source
from okrcore.errors import MissingExtraError
from okrcore.history.instants import Moment, end_of, span, to_moment
from okrcore.history.observation import Observation
from okrcore.history.provenance import TRUST
from okrcore.history.records import Batch, Records, from_microseconds
from okrcore.history.requests import Edges, Found, Ints, Window
from okrcore.history.results import RecordColumns, Series


@attrs.frozen(eq=False, repr=False)
class FrameHistory:
    """A history over a dataframe that stays on its engine; made by `History.of_frame`.

    The engine selects and reduces: of each question one row a request comes back, never the frame's rows.
    Only `series` and `records_of` bring rows, those of the measures asked for. The frame must not change
    while it is in use; `append` to it where it lives, and make a new history.
    """

    engine: str
    """The name of the engine, such as "duckdb"."""
    _rows: Any
    _known_at: int | None = None

    @classmethod
    def of(cls, frame: Any, *, days: bool = False, check: bool = True) -> FrameHistory:
        """Return the history of a frame, as `History.of_frame` does."""
        try:
            importlib.import_module("narwhals.stable.v2")
        except ImportError:
            raise MissingExtraError.of("narwhals", "frames") from None
        from okrcore.history.frames.engines import engine_of
        from okrcore.history.frames.frame_faults import check_rows
        from okrcore.history.frames.frame_rows import COLUMNS, rows_of

        rows = rows_of(frame, days=days)
        if check:
            check_rows(rows)
        return cls(engine_of(rows), rows.select(*COLUMNS))

    def as_known(self, instant: Moment) -> FrameHistory:
        """Return the history of what was recorded at or before `instant`; a date means its end in UTC."""
        return attrs.evolve(
            self, known_at=self._known(to_microseconds(end_of(to_moment(instant, "instant"))))
        )

    def renamed(self, ids: Mapping[str, str]) -> FrameHistory:
        """Return the history with its measures called by other ids, {old: new}; their items follow."""
        from okrcore.history.frames import queries

        return attrs.evolve(self, rows=queries.renamed(self._rows, ids)) if ids else self

    def latest(self, measure: str, at: Moment) -> Observation | None:
        """Return the chosen observation of `measure` with the greatest time not after `at`, or None.

        Of its source it has system and mode, and who recorded it where the frame says so.
        """
        day, _, last = span(at, "at")
        return self.last(measure, _window(day_number(day), to_microseconds(last), self._known_at))

    def series(self, measure: str, start: Moment | None = None, end: Moment | None = None) -> Series:
        """Return the chosen value of each time of `measure` inside [start, end], None being open."""
        from okrcore.history.frames import queries

        window = _window(_OPEN // DAY, _OPEN, self._known_at)
        if end is not None:
            day, _, last = span(end, "end")
            window = _window(day_number(day), to_microseconds(last), self._known_at)
        if start is not None:
            day, first, _ = span(start, "start")
            bounds = np.array([day_number(day)]), np.array([to_microseconds(first)])
            window = attrs.evolve(window, start_day=bounds[0], start_instant=bounds[1])
        found = queries.chosen(self._rows, self.codes([measure]), window)
        order = np.lexsort((found["whole"], found["at"]))
        values = found["value"][order] + 0.0
        values.flags.writeable = False
        times = tuple(_moment(found, row) for row in order.tolist())
        return Series(times, values, tuple(found["unit"][order].tolist()))

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """The measures that have observations, by name."""
        from okrcore.history.frames import queries

        return tuple(queries.measures_of(queries.known(self._rows, self._known_at)))

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return True  # asking a frame for its length is a query

    @cached_property
    def _count(self) -> int:
        from okrcore.history.frames import queries

        return queries.count_of(queries.known(self._rows, self._known_at))

    def __repr__(self) -> str:
        return f"<History over a frame on {self.engine}>"

    def days_of(self, measures: Sequence[str], known_at: int | None = None) -> Mapping[str, tuple[int, int]]:
        """Return the first and last day (since 1970-01-01, UTC) of each of some measures with a record."""
        from okrcore.history.frames import queries

        if not measures:
            return {}
        return queries.days_of(queries.known(self._rows, self._known(known_at)), measures)

    def records_of(self, measures: Sequence[str]) -> Batch:
        """Return every record of some measures, in memory: one query, and as many rows as there are."""
        from okrcore.history.frames import queries

        if not measures:
            return Batch([], [], Records.empty())
        found = queries.records_of(queries.known(self._rows, self._known_at), measures)
        texts: dict[str, Any] = {name: found[name] for name in ("unit", "system", "by")}
        texts |= {"query": "", "mode": np.array(TRUST, dtype=object)[found["trust"]], "definition": ""}
        numbers = found["at"], found["value"], found["recorded"]
        return from_microseconds(found["measure"], found["whole"] == 1, *numbers, texts)

    def with_formulas(self, kind: Any, computing: Any) -> Any:
        """Return the history of another kind, over the same rows, that computes formulas too."""
        return kind(self.engine, self._rows, self._known_at, computing=computing)

    # As scoring asks, see HistoryBackend

    def codes(self, measures: Sequence[str]) -> NDArray[Any]:
        """Return what stands for each measure: its name."""
        return np.array([*measures, None], dtype=object)[:-1]

    def newest(self, codes: NDArray[Any], window: Window) -> Found:
        """Return the observation with the greatest time in each request's window: one entry a request."""
        from okrcore.history.frames import queries

        columns, row = RecordColumns.blank(len(codes)), np.full(len(codes), -1, np.int64)
        if not len(codes):
            return Found(columns, (), row)
        found = queries.newest(self._rows, codes, self._within(window))
        units, unit = _coded(found["unit"])
        at = found["request"]
        row[at] = at
        columns.value[at] = found["value"] + 0.0
        columns.at[at], columns.day[at] = found["at"], found["at"] // DAY
        columns.date_only[at] = found["whole"] == 1
        columns.recorded[at], columns.unit[at] = found["recorded"], unit
        return Found(columns, units, row)

    def last(self, measure: str, window: Window) -> Observation | None:
        """Return what `newest` finds for one measure, with system and mode of its source."""
        from okrcore.history.frames import queries

        found = queries.newest(self._rows, self.codes([measure]), self._within(window))
        return _observation(measure, found, 0) if len(found["request"]) else None

    def of_each_author(self, measure: str, window: Window) -> tuple[Observation, ...]:
        """Return the chosen observation of each author at each time in a window, by time and author (A12)."""
        from okrcore.history.frames import queries

        apart = attrs.evolve(self._within(window), by_author=np.ones(1, dtype=np.bool_))
        found = queries.chosen(self._rows, self.codes([measure]), apart)
        order = np.lexsort((found["by"].astype("U"), found["whole"], found["at"]))
        return tuple(_observation(measure, found, row) for row in order.tolist())

    def totals(self, codes: NDArray[Any], window: Window, aggregates: Sequence[str]) -> tuple[Ints, Found]:
        """Return (offsets, entries): for each request one sum, greatest or least value by unit."""
        from okrcore.history.frames import queries

        if not len(codes):
            return np.zeros(1, np.int64), Found(RecordColumns.blank(0), (), np.empty(0, np.int64))
        found = queries.totals(self._rows, codes, self._within(window))
        units, unit = _coded(found["unit"])
        order = np.lexsort((unit, found["request"]))
        request = found["request"][order]
        names = np.array(aggregates)[request]
        columns = RecordColumns.blank(len(order))
        columns.unit[:] = unit[order]
        columns.value[:] = found["sum"][order] + 0.0
        for name in ("max", "min"):
            columns.value[names == name] = (found[name][order] + 0.0)[names == name]
        count = found["count"][order]
        added = np.where(np.isin(names, ("max", "min")), 1, count)
        offsets = np.searchsorted(request, np.arange(len(codes) + 1))
        return offsets, Found(columns, units, request, added, count)

    def periods(
        self, codes: NDArray[Any], edges: Edges, first: Ints, last: Ints, known: tuple[int | None, int | None]
    ) -> Ints:
        """Return for each code in how many of the periods first .. last (not included) it was observed."""
        if not (first < last).any():
            return np.zeros(len(codes), dtype=np.int64)
        some = slice(int(first.min()), int(last.max()) + 1)
        asked = Edges(edges.days[some], edges.instants[some])
        found = self.newest(np.repeat(codes, len(asked)), Window.of_periods(asked, len(codes), known))
        period = np.arange(len(asked)) + some.start
        inside = (period >= first[:, np.newaxis]) & (period < last[:, np.newaxis])
        seen = (found.row >= 0).reshape(inside.shape) & inside
        return np.asarray(seen.sum(axis=1), dtype=np.int64)

    def _within(self, window: Window) -> Window:
        return attrs.evolve(window, known_at=self._known(window.known_at))

    def _known(self, known_at: int | None) -> int | None:
        bounds = [bound for bound in (known_at, self._known_at) if bound is not None]
        return min(bounds, default=None)


def _window(day: int, instant: int, known_at: int | None) -> Window:
    return Window(end_day=np.array([day]), end_instant=np.array([instant]), known_at=known_at)


def _observation(measure: str, found: Any, row: int) -> Observation:
    system, mode = found["system"][row], TRUST[int(found["trust"][row])]
    return Observation(
        measure,
        _moment(found, row),
        float(found["value"][row]),
        unit=found["unit"][row],
        recorded_at=to_instant(int(found["recorded"][row])),
        source=Source(system, "", cast(Any, mode)) if mode else None,
        by=found["by"][row],
    )


def _moment(found: Any, row: int) -> Any:
    at = int(found["at"][row])
    return to_date(at // DAY) if found["whole"][row] else to_instant(at)


def _coded(texts: NDArray[Any]) -> tuple[tuple[str, ...], Ints]:
    units = tuple(sorted(set(texts.tolist())))
    place = {unit: code for code, unit in enumerate(units)}
    return units, np.array([place[text] for text in texts.tolist()], dtype=np.int64)


_OPEN = 2**60
