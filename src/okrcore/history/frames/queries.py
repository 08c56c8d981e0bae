"""Select and reduce on the frame's engine what is asked of it: one row a request comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY
from okrcore.definitions.joined_ids import item_id
from okrcore.history.frames.engines import Frame, beside, fetch
from okrcore.history.frames.frame_rows import COLUMNS
from okrcore.history.frames.gridding import in_periods
from okrcore.history.requests import Ints, Window

FrameAnswer = Mapping[str, NDArray[Any]]
_KEYS = ("measure", "whole", "at", "recorded", "trust", "system", "unit")
_PREFERENCE = ("trust", "less_recorded", "system", "unit")
"""S2.7: the most trusted mode, then the latest known, then the system's name."""


def newest(rows: Frame, measures: NDArray[Any], window: Window) -> FrameAnswer:
    """Return for each request that has one the chosen observation of the greatest time, any order."""
    asked = _asked(rows, measures, window)
    last = asked.group_by("request").agg(at=nw.col("at").max())
    tied = asked.join(last, on=["request", "at"], how="inner").with_columns(instant=1 - nw.col("whole"))
    order = ("instant", *_PREFERENCE)  # a day is later than an instant at its end
    return fetch(tied.unique(subset=["request"], keep="first", order_by=order).select("request", *COLUMNS))


def chosen(rows: Frame, measures: NDArray[Any], window: Window) -> FrameAnswer:
    """Return the chosen observation of each time, of each request, any order."""
    return fetch(_chosen(rows, measures, window).select("request", *COLUMNS))


def totals(rows: Frame, measures: NDArray[Any], window: Window) -> FrameAnswer:
    """Return count, sum, max and min of each request and unit, over chosen observations, any order."""
    value = nw.col("value")
    grouped = _chosen(rows, measures, window).group_by("request", "unit")
    return fetch(grouped.agg(count=nw.len(), sum=value.sum(), max=value.max(), min=value.min()))


def measures_of(rows: Frame) -> list[str]:
    """Return the measures that have rows, by name."""
    return sorted(fetch(rows.select("measure").unique())["measure"].tolist())


def days_of(rows: Frame, measures: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Return the first and last day of each of some measures that has a row."""
    at = nw.col("at")
    found = fetch(_of(rows, measures).group_by("measure").agg(first=at.min(), last=at.max()))
    days = zip((found["first"] // DAY).tolist(), (found["last"] // DAY).tolist(), strict=True)
    return dict(zip(found["measure"].tolist(), days, strict=True))


def records_of(rows: Frame, measures: Sequence[str]) -> FrameAnswer:
    """Return every record of some measures, any order."""
    return fetch(_of(rows, measures).select(*COLUMNS))


def _of(rows: Frame, measures: Sequence[str]) -> Frame:
    names = np.array([*sorted(set(measures)), None], dtype=object)[:-1]
    return rows.join(beside(rows, {"measure": names}), on="measure", how="inner")


def count_of(rows: Frame) -> int:
    """Return the number of records; the same record twice is one (S8.5)."""
    return int(fetch(rows.select(_KEYS).unique().select(nw.len().alias("count")))["count"][0])


def known(rows: Frame, known_at: int | None, known_day: int | None = None) -> Frame:
    """Return the rows recorded at or before `known_at`, None being all; `known_day` as in `Window`."""
    if known_at is None:
        return rows
    shown = nw.col("recorded") <= known_at
    if known_day is not None:
        unsaid = (nw.col("whole") == 1) & (nw.col("recorded") == nw.col("at"))
        shown = (unsaid & (nw.col("at") <= (known_day + 1) * DAY - 1)) | (~unsaid & shown)
    return rows.filter(shown)


def _chosen(rows: Frame, measures: NDArray[Any], window: Window) -> Frame:
    asked, each = _asked(rows, measures, window), ["request", "whole", "at"]
    if window.by_author is not None and window.by_author.any():
        author = nw.when(nw.col("apart") == 1).then(nw.col("by")).otherwise(nw.lit(""))
        asked, each = asked.with_columns(author=author), [*each, "author"]
    return asked.unique(subset=each, keep="first", order_by=_PREFERENCE)


def _asked(rows: Frame, measures: NDArray[Any], window: Window) -> Frame:
    """Return the rows in each request's window, with the request's number."""
    shown, size = known(rows, window.known_at, window.known_day), len(window.edges or ())
    if window.edges is not None:
        apart = None if window.by_author is None else window.by_author[::size]
        asked = in_periods(shown, measures[::size], window.edges, apart)
    else:
        asked = _in_windows(shown, measures, window)
    return asked.with_columns(less_recorded=0 - nw.col("recorded"))


def _in_windows(rows: Frame, measures: NDArray[Any], window: Window) -> Frame:
    table = {"request": np.arange(len(measures)), "measure": measures}
    bounds: list[tuple[str, Ints]] = [("end", window.end_instant), ("end_whole", _ends(window.end_day))]
    inside = _by_kind(nw.col("at") <= nw.col("end"), nw.col("at") <= nw.col("end_whole"))
    if window.start_day is not None and window.start_instant is not None:
        bounds += [("start", window.start_instant), ("start_whole", _ends(window.start_day))]
        inside &= _by_kind(nw.col("at") >= nw.col("start"), nw.col("at") >= nw.col("start_whole"))
    if window.by_author is not None:
        bounds.append(("apart", window.by_author.astype(np.int64)))
    return rows.join(beside(rows, table | dict(bounds)), on="measure", how="inner").filter(inside)


def _by_kind(instant: Any, whole: Any) -> Any:
    return ((nw.col("whole") == 0) & instant) | ((nw.col("whole") == 1) & whole)


def _ends(days: Ints) -> Ints:
    """Return the last microsecond of each day in UTC, as which calendar days are kept."""
    return (np.clip(days, -(10**7), 10**7) + 1) * DAY - 1


def renamed(rows: Any, ids: Mapping[str, str]) -> Any:
    """Return rows with measures, and items of a checklist ("<key result>#<item>"), by other ids."""
    measure = nw.col("measure")
    for old, new in sorted(ids.items()):
        named = nw.when(measure == old).then(nw.lit(new)).otherwise(nw.col("measure"))
        rows = rows.with_columns(measure=named)
        item = nw.concat_str(nw.lit(new), measure.str.slice(len(old)))
        is_item = measure.str.starts_with(item_id(old, ""))
        rows = rows.with_columns(measure=nw.when(is_item).then(item).otherwise(nw.col("measure")))
    return rows
