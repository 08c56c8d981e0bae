"""Put the rows of a frame into periods on its engine: each into the one that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY
from okrcore.history.frames.engines import Frame, beside
from okrcore.history.frames.frame_times import flag
from okrcore.history.requests import Edges, Flags, Ints


def in_periods(rows: Frame, measures: NDArray[Any], edges: Edges, by_author: Flags | None) -> Frame:
    """Return the rows of some measures that lie in a period, with `request`: measure times periods, plus it.

    A join by measure, and one by day of UTC: its work goes with the rows, however many periods there are.
    """
    at, size = nw.col("at"), len(edges)
    series: dict[str, NDArray[Any]] = {"series": np.arange(len(measures)), "measure": measures}
    if by_author is not None:
        series["apart"] = by_author.astype(np.int64)
    days = _periods_by_day(edges)
    rows = rows.with_columns(day=at // DAY)
    left = at - nw.col("day") * DAY  # Spark divides as floats, and may be off by one
    rows = rows.with_columns(day=nw.col("day") - flag(left < 0) + flag(left >= DAY))
    found = rows.join(beside(rows, series), on="measure", how="inner")
    found = found.join(beside(rows, days), on="day", how="inner")
    period = nw.col("begun")
    for name in days:
        if name.startswith("cut"):
            period = period + flag(at >= nw.col(name))
    period = nw.when(nw.col("whole") == 1).then(nw.col("period")).otherwise(period)
    found = found.with_columns(period=period).filter((nw.col("period") >= 0) & (nw.col("period") < size))
    return found.with_columns(request=nw.col("series") * size + nw.col("period"))


def _periods_by_day(edges: Edges) -> Mapping[str, Ints]:
    """Return for each day of UTC its `period`, that of its first instant, `begun`, and where others begin."""
    first = min(int(edges.days[0]), int(edges.instants[0]) // DAY)
    last = max(int(edges.days[-1]), -(-int(edges.instants[-1]) // DAY))
    days = np.arange(first, last + 1)
    begun = np.searchsorted(edges.instants, days * DAY, side="right") - 1
    ended = np.searchsorted(edges.instants, (days + 1) * DAY - 1, side="right") - 1
    table = {"day": days, "period": np.searchsorted(edges.days, days, side="right") - 1, "begun": begun}
    starts = np.append(edges.instants, _NEVER)
    for place in range(int((ended - begun).max(initial=0))):
        table[f"cut{place}"] = starts[np.minimum(begun + 1 + place, len(starts) - 1)]
    return table


_NEVER = 2**62
