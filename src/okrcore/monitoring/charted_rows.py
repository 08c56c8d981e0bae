"""Chart many series on one grid at once: limits, signals and sides of every period."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.monitoring.period_rows import PeriodRows
from okrcore.monitoring.process_chart import judged_points
from okrcore.monitoring.process_limits import row_limits
from okrcore.monitoring.profiles import Profile
from okrcore.monitoring.seasonal_rows import Season, season_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

AT_ONCE = 1024
"""So many rows are charted together: what they take stays in the processor's cache."""


@attrs.frozen(eq=False)
class ChartedRows:
    """Charts of the M phases of the series of a group (M, n): of the series `owner`, from period `first` on.

    `values` are those of the phase, NaN outside of it and where nothing is known. Limits, `low`, `mean` and
    `high`, are values of their periods, NaN where there are none; `signal` and `side` are those of
    `judged_points`. `n` points each; `autocorrelation` and `guarded` as in `RowLimits`.
    """

    owner: Ints
    first: Ints
    values: Floats
    low: Floats
    mean: Floats
    high: Floats
    signal: Codes
    side: Codes
    n: Ints
    autocorrelation: Floats
    guarded: Flags


@np.errstate(over="ignore", invalid="ignore")
def charted(group: PeriodRows, profile: Profile) -> ChartedRows:
    """Return the charts of all phases of a group, as they look from its last period."""
    size = group.values.shape[1]
    spans = [
        (row, first, last)
        for row, cuts in enumerate(group.cuts)
        for first, last in _spans(sorted(cuts), size)
    ]
    owner = np.array([row for row, _, _ in spans], dtype=np.int64)
    first, last = (np.array([span[i] for span in spans], dtype=np.int64)[:, None] for i in (1, 2))
    at = np.arange(size)
    values = np.where((at >= first) & (at < last), group.values[owner] / group.lengths, np.nan)
    charts = [
        _charts(group, owner[start : start + AT_ONCE], values[start : start + AT_ONCE], profile)
        for start in range(0, len(owner), AT_ONCE)
    ]
    whole = [np.concatenate(parts) for parts in zip(*charts, strict=True)]
    low, mean, high = (one * group.lengths for one in whole[:3])
    return ChartedRows(owner, first[:, 0], values * group.lengths, low, mean, high, *whole[3:])


def _spans(cuts: Sequence[int], size: int) -> list[tuple[int, int]]:
    starts = sorted({0, *cuts})
    return list(zip(starts, [*starts[1:], size], strict=True))


def _charts(
    group: PeriodRows, owner: Ints, values: Floats, profile: Profile
) -> tuple[Floats | Codes | Ints | Flags, ...]:
    season = seasons_of(group, owner, values)
    rows, order = packed(season.out_of(values))
    limits = row_limits(rows, profile, season.error)
    signal, side = judged_points(rows, limits, profile, whole=True)
    spread = [np.zeros_like(one) for one in (signal, side)]
    for to, one in zip(spread, (signal, side), strict=True):
        np.put_along_axis(to, order, one, axis=1)
    known = ~np.isnan(values)
    lines = [
        np.where(known, season.into(np.broadcast_to(one[:, None], values.shape)), np.nan)
        for one in (limits.low, limits.mean, limits.high)
    ]
    return (*lines, *spread, limits.n, limits.autocorrelation, limits.guarded)


def packed(rows: Floats) -> tuple[Floats, Ints]:
    """Return rows with their known values moved together at the end, and where each came from."""
    known = ~np.isnan(rows)
    if not (known[:, :-1] & ~known[:, 1:]).any():
        return rows, np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
    order = np.argsort(known, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), order


def seasons_of(group: PeriodRows, owner: Ints, values: Floats, upto: int | None = None) -> Season:
    """Return the seasons of rows that belong to the series `owner` of a group, learnt from the first `upto`.

    As declared; where nothing is, the calendar's, if two full ones show it clearly.
    """
    batch, size = values.shape
    swing, no = np.zeros((batch, size)), np.zeros(batch, dtype=np.bool_)
    logs, used, error = no.copy(), no.copy(), np.zeros(batch)
    kinds = [(group.season[row], group.declared[row].season is None) for row in owner.tolist()]
    for length, found in set(kinds):
        rows = np.array([place for place, kind in enumerate(kinds) if kind == (length, found)])
        own = season_of(values[rows], length, found=found, upto=upto)
        swing[rows], logs[rows], used[rows], error[rows] = own.swing, own.logs, own.used, own.error
    return Season(swing, logs, used, error)
