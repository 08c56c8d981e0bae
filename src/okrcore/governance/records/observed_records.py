"""Read from a history what rules ask of many measures at once, up to the moment that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.days import to_instant
from okrcore.history.backends import AnyHistory, facts_of
from okrcore.history.frames.frame_history import FrameHistory
from okrcore.history.history import History
from okrcore.history.requests import Window
from okrcore.scoring.as_of import When
from okrcore.statistics.distributions import Floats

_EVER = -(2**61)


def newest_modes(history: AnyHistory, when: When, measures: Sequence[str]) -> Mapping[str, str]:
    """Return how the newest number of each measure came in; "" where nobody said, or there is none.

    Of a history on a dataframe engine one query a measure.
    """
    if isinstance(history, History):
        codes = history.codes(measures)
        modes = history.modes(history.latest_rows(codes, *_until(when)))
        return dict(zip(measures, modes, strict=True))
    found = {name: _as_known(history, when).latest(name, when.as_of) for name in measures}
    return {name: one.source.mode if one and one.source else "" for name, one in found.items()}


def series_with_zeros(history: AnyHistory, when: When, measures: Sequence[str]) -> Mapping[str, Floats]:
    """Return the values, by time, of each measure that has a 0 and none on one side of it.

    The engine of a dataframe is asked for extremes first, and for the series of those measures alone.
    """
    size = len(measures)
    facts = facts_of(history)
    codes = facts.codes(measures)
    window = Window(
        end_day=np.full(size, when.day),
        end_instant=np.full(size, when.instant(when.zone)),
        known_at=when.known_at,
        known_day=when.known_day_in(when.zone),
    )
    extremes = []
    for name in ("min", "max"):
        offsets, found = facts.totals(codes, window, [name] * size)
        extremes.append(reduce(found.columns.value, offsets, [name] * size))
    touching = np.flatnonzero((extremes[0] == 0) | (extremes[1] == 0))
    if not isinstance(history, History):
        known = _as_known(history, when)
        return {measures[at]: known.series(measures[at], None, when.as_of).values for at in touching.tolist()}
    offsets, rows = history.window_rows(codes[touching], _EVER, _EVER, *_until(when))
    parts = np.split(history.take(rows).value, offsets[1:-1])
    return {measures[at]: part for at, part in zip(touching.tolist(), parts, strict=False)}


def _until(when: When) -> tuple[int, int, int | None, int | None]:
    """Return the last day, instant, recording and day without one that count, in the calendar's zone."""
    return when.day, when.instant(when.zone), when.known_at, when.known_day_in(when.zone)


def _as_known(history: FrameHistory, when: When) -> FrameHistory:
    return history if when.known_at is None else history.as_known(to_instant(when.known_at))
