"""Query both backends of a history alike: rows in columns, or a frame that stays on its engine (S8.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.errors import HistoryError
from okrcore.history.frames.frame_history import FrameHistory
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.history.requests import Edges, Found, Ints, Known, Window

AnyHistory = History | FrameHistory
"""A history, wherever its rows are."""

MeasureCodes = NDArray[Any]
"""What stands for measures in one history: array entries, to be handed back to it."""


class HistoryBackend(Protocol):
    """What scoring asks of a history; at one (measure, at) only the chosen observation counts (S2.7)."""

    def codes(self, measures: Sequence[str]) -> MeasureCodes:
        """Return what stands for each measure."""

    def newest(self, codes: MeasureCodes, window: Window) -> Found:
        """Return the observation with the greatest time in each request's window: one entry a request."""

    def last(self, measure: str, window: Window) -> Observation | None:
        """Return what `newest` finds for one measure, with its source; None where it finds nothing."""

    def of_each_author(self, measure: str, window: Window) -> tuple[Observation, ...]:
        """Return the chosen observation of each author at each time of one measure in a window (A12)."""

    def totals(self, codes: MeasureCodes, window: Window, aggregates: Sequence[str]) -> tuple[Ints, Found]:
        """Return (offsets, entries): those of request i are offsets[i] .. offsets[i + 1].

        They are its observations by time, or parts of their "sum", "mean", "max" or "min" by unit.
        """

    def periods(self, codes: MeasureCodes, edges: Edges, first: Ints, last: Ints, known: Known) -> Ints:
        """Return for each code in how many of the periods first .. last (not included) it was observed."""


def facts_of(history: AnyHistory) -> HistoryBackend:
    """Return what answers for `history`; raises HistoryError for what is none."""
    if isinstance(history, History):
        return _InColumns(history)
    if not hasattr(history, "newest"):
        frame = hasattr(type(history), "columns")  # to ask a lazy frame itself for its columns would be dear
        made = "of_frame(frame)" if frame else "of(observations)"
        raise HistoryError(
            f"history is a {type(history).__name__}, but must be a History; make one with History.{made}"
        )
    return history


@attrs.frozen(eq=False)
class _InColumns:
    history: History

    def codes(self, measures: Sequence[str]) -> MeasureCodes:
        return self.history.codes(measures)

    def newest(self, codes: MeasureCodes, window: Window) -> Found:
        if window.start_day is None:
            row = self.history.latest_rows(
                codes, window.end_day, window.end_instant, window.known_at, window.known_day
            )
            return self._found(row)
        offsets, rows = self._rows(codes, window)
        return self._found(np.where(np.diff(offsets) > 0, np.append(rows, -1)[offsets[1:] - 1], -1))

    def last(self, measure: str, window: Window) -> Observation | None:
        row = int(self.newest(self.codes([measure]), window).row[0])
        return None if row < 0 else self.history.observation(row)

    def of_each_author(self, measure: str, window: Window) -> tuple[Observation, ...]:
        apart = attrs.evolve(window, by_author=np.ones(1, dtype=np.bool_))
        _, rows = self._rows(self.codes([measure]), apart)
        return tuple(map(self.history.observation, rows.tolist()))

    def totals(self, codes: MeasureCodes, window: Window, aggregates: Sequence[str]) -> tuple[Ints, Found]:
        offsets, rows = self._rows(codes, window)
        return offsets, self._found(rows)

    def periods(self, codes: MeasureCodes, edges: Edges, first: Ints, last: Ints, known: Known) -> Ints:
        return self.history.observed_periods(codes, edges, first, last, *known)

    def _rows(self, codes: MeasureCodes, window: Window) -> tuple[Ints, Ints]:
        first_day = _EVER if window.start_day is None else window.start_day
        first = _EVER if window.start_instant is None else window.start_instant
        return self.history.window_rows(
            codes,
            first_day,
            first,
            window.end_day,
            window.end_instant,
            window.known_at,
            window.known_day,
            window.by_author,
        )

    def _found(self, row: Ints) -> Found:
        return Found(self.history.take(row), self.history.units, row)


_EVER = -(2**61)
