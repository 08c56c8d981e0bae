"""Judge each of the last periods by what was known when it was shown: what was seen then, and stays so."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.monitoring.charted_rows import AT_ONCE, packed, seasons_of
from okrcore.monitoring.first_shown import FirstShown, first_shown
from okrcore.monitoring.period_rows import RecordedPeriods
from okrcore.monitoring.process_chart import LONGEST_RUN, judged_points
from okrcore.monitoring.process_limits import row_limits
from okrcore.monitoring.profiles import Profile
from okrcore.monitoring.seasonal_rows import Season

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

LEARNT = 13
"""A season is learnt anew every so many periods, from the points up to then."""


@attrs.frozen(eq=False)
class Replayed:
    """The last w periods of a group (B, w), each as it looked when it was shown.

    `signal` and `side` of the period's own point, with the limits that were in force for it; `n` points
    were there.
    """

    shown: FirstShown
    signal: Codes
    side: Codes
    low: Floats
    mean: Floats
    high: Floats
    n: Ints


@np.errstate(over="ignore", invalid="ignore")
def replayed(group: RecordedPeriods, profile: Profile, width: int, now: int) -> Replayed:
    """Return the last `width` periods of a group as they looked when each was shown, by the instant `now`.

    Limits rest on the points up to each period alone. What comes later moves nothing: so a signal found once
    is found the same ever after.
    """
    shown = first_shown(group, width, now)
    batch, size = group.values.shape
    width = shown.value.shape[1]
    signal, side = (np.zeros((batch, width), dtype=np.int8) for _ in range(2))
    low, mean, high = (np.full((batch, width), np.nan) for _ in range(3))
    n = np.zeros((batch, width), dtype=np.int64)
    anchors = _anchors(group)
    for some in _at_once(group):
        even = group.values[some] / group.lengths
        steady = group.rows[int(some[0])].steady
        seasons: dict[tuple[int, int], Season] = {}
        for place in range(width):
            period = size - width + place
            rows = even[:, : period + 1].copy()
            rows[:, period] = shown.value[some, place] / group.lengths[period]
            for at, i in enumerate(some.tolist()):
                if (i, place) in shown.before:
                    rows[at] = shown.before[i, place] / group.lengths[: period + 1]
            key = int(anchors[period]), 0 if steady else place
            if key not in seasons:
                seasons[key] = _season(group, some, even, key[0], shown, place)
            season = seasons[key]
            part = Season(season.swing[:, : period + 1], season.logs, season.used, season.error)
            rows = part.out_of(_in_phase(rows, group, some, period))
            judged = ~np.isnan(rows[:, -1])
            rows, _ = packed(rows)
            limits = row_limits(rows, profile, part.error)
            found, where = judged_points(rows[:, -LONGEST_RUN - 1 :], limits, profile, whole=False)
            signal[some, place] = np.where(judged, found[:, -1], 0)
            side[some, place] = where[:, -1]
            n[some, place] = limits.n
            last = Season(season.swing[:, period : period + 1], season.logs, season.used, season.error)
            for to, one in ((low, limits.low), (mean, limits.mean), (high, limits.high)):
                to[some, place] = last.into(one[:, None])[:, 0] * group.lengths[period]
    return Replayed(shown, signal, side, low, mean, high, n)


def _at_once(group: RecordedPeriods) -> Iterator[Ints]:
    """Which series are replayed together: those whose records came in order, and the others."""
    steady = np.array([one.steady for one in group.rows], dtype=np.bool_)
    for some in (np.flatnonzero(steady), np.flatnonzero(~steady)):
        yield from (some[first : first + AT_ONCE] for first in range(0, len(some), AT_ONCE))


def _anchors(group: RecordedPeriods) -> Ints:
    """For each period how many before it a season is learnt from: up to the last multiple of 13 periods."""
    ordinal = np.floor(group.edges[:-1] / group.grid.length).astype(np.int64)
    at = np.arange(len(ordinal))
    return np.asarray(np.maximum.accumulate(np.where(ordinal % LEARNT == 0, at, 0)))


def _in_phase(rows: Floats, group: RecordedPeriods, some: Ints, period: int) -> Floats:
    """The rows without what lies before the last place up to a period where their limits begin anew."""
    starts = np.array(
        [max((cut for cut in group.cuts[i] if cut <= period), default=0) for i in some.tolist()]
    )
    if not starts.any():
        return rows
    return np.where(np.arange(rows.shape[1]) >= starts[:, None], rows, np.nan)


def _season(
    group: RecordedPeriods, some: Ints, even: Floats, anchor: int, shown: FirstShown, place: int
) -> Season:
    """The seasons of some rows as learnt at an anchor, of corrected ones from what was known then."""
    rows = even.copy()
    for at, i in enumerate(some.tolist()):
        if (i, place) in shown.before:
            known = shown.before[i, place]
            rows[at, : len(known)] = known / group.lengths[: len(known)]
    return seasons_of(group, some, rows, anchor)
