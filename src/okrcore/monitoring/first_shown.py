"""Find when the value of each period was first shown, and what it was then (S11.5)."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.aggregates import WELL_OBSERVED, reduce
from okrcore.definitions.days import DAY
from okrcore.monitoring.number_quality import ends_mistyped
from okrcore.monitoring.period_rows import RecordedPeriods, on_periods
from okrcore.monitoring.recorded_rows import RecordedRows
from okrcore.monitoring.signs_of_life import NEVER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GRACE = 3
"""Days after the next period for which a value is waited for; one that comes later is late news."""
USUAL_OVER = 13
"""A period is complete with as many observations as the median of so many before it."""


@attrs.frozen(eq=False)
class FirstShown:
    """The last w periods of B series, as first shown.

    `instant` (B, w), `NEVER` where a value is still awaited, or there is none; `value` what it was then;
    `late` what was first recorded after its `deadline` (w), the next period and grace. `before` holds the
    values of all periods as known then, of the (series, place in w) that were corrected or came out of order.
    """

    deadline: Ints
    instant: Ints
    value: Floats
    late: Flags
    before: dict[tuple[int, int], Floats]


def first_shown(group: RecordedPeriods, width: int, now: int) -> FirstShown:
    """Return when and with what value the last `width` periods of a group were shown, by the instant `now`.

    The latest value is shown when it is first recorded. What is summed up is shown when its period has ended
    and holds as many observations as usual; where it stays short of them, at the end of the next period and
    grace, if it has three quarters of them. Where silence means 0, a period is whole once its feed is known
    to have lived until its end.
    """
    size = len(group.ends)
    width = min(width, size)
    shape = len(group.rows), width
    instant, value = np.full(shape, NEVER), np.full(shape, np.nan)
    late, before = np.zeros(shape, dtype=np.bool_), {}
    deadline = _deadlines(group)[size - width :]
    ends = group.ends[size - width :]
    steady = [i for i, rows in enumerate(group.rows) if rows.steady]
    if steady:
        found = _of_steady(group, steady, width, ends, deadline, now)
        instant[steady], value[steady], late[steady] = found
    for i in sorted(set(range(len(group.rows))) - set(steady)):
        own = group.rows[i]
        for place in range(width):
            period = size - width + place
            when, is_late = _when(group, own, period, int(ends[place]), int(deadline[place]), now)
            if when == NEVER:
                continue
            values = on_periods(own, when, group.edges[: period + 2], group.declared[i].aggregate)
            instant[i, place], value[i, place], late[i, place] = when, values[-1], is_late
            before[i, place] = values
    return FirstShown(deadline, np.where(np.isnan(value), NEVER, instant), value, late, before)


def looks_mistyped(group: RecordedPeriods, shown: FirstShown, row: int, place: int) -> bool:
    """Whether a value was about 10, 100 or 1000 times its neighbours, or a part, when it was shown."""
    known = shown.before.get((row, place))
    if known is not None:
        return ends_mistyped(known)
    period = len(group.ends) - shown.value.shape[1] + place
    return ends_mistyped(np.append(group.values[row, :period], shown.value[row, place]))


def _deadlines(group: RecordedPeriods) -> Ints:
    """The end of each period's next one, and grace, as an instant."""
    length = np.diff(group.ends, append=group.ends[-1:] + round(group.grid.length * DAY))
    return np.asarray(group.ends + length + GRACE * DAY)


def _of_steady(
    group: RecordedPeriods, steady: list[int], width: int, ends: Ints, deadline: Ints, now: int
) -> tuple[Ints, Floats, Flags]:
    """Of series whose records came in order: the first records of a period are those known first."""
    rows = [group.rows[i] for i in steady]
    aggregate = group.declared[0].aggregate
    day = np.concatenate([one.day for one in rows])
    recorded = np.concatenate([one.recorded for one in rows])
    values = np.concatenate([one.value for one in rows])
    apart = 2**40
    owner = np.repeat(np.arange(len(rows)), [len(one.day) for one in rows])
    offsets = np.searchsorted(
        owner * apart + day, (np.arange(len(rows))[:, None] * apart + group.edges).ravel()
    ).reshape(len(rows), -1)
    counts = np.diff(offsets, axis=1)
    first = offsets[:, -width - 1 : -1]
    count = counts[:, -width:]
    some = count > 0
    begun = np.where(some, recorded[np.minimum(first, len(recorded) - 1)], NEVER)
    late = some & (begun > deadline)
    if aggregate == "latest":
        return begun, np.where(some, values[np.minimum(first, len(values) - 1)], np.nan), late
    usual = _usual(counts, width)
    need = np.ceil(usual).astype(np.int64)
    full = recorded[np.clip(first + np.minimum(need, count) - 1, 0, len(recorded) - 1)]
    short = some & (count >= WELL_OBSERVED * usual) & (deadline <= now)
    shown = np.where(some & (count >= need), np.maximum(ends, full), np.where(short, deadline, NEVER))
    shown = np.where(late & (shown != NEVER), np.maximum(shown, begun), shown)
    segment = np.repeat(np.arange(count.size), count.ravel())
    row = np.arange(len(segment)) - np.repeat(np.cumsum(count.ravel()) - count.ravel(), count.ravel())
    row = row + first.ravel()[segment]
    known = recorded[row] <= shown.ravel()[segment]
    bounds = np.concatenate([[0], np.cumsum(np.bincount(segment[known], minlength=count.size))])
    reduced = reduce(values[row[known]], bounds, aggregate).reshape(count.shape)
    return shown, np.where(shown == NEVER, np.nan, reduced), late


def _usual(counts: Ints, width: int) -> Floats:
    """The median number of observations of the periods before each of the last ones that held any."""
    padded = np.concatenate(
        [np.full((len(counts), USUAL_OVER), np.nan), np.where(counts > 0, counts, np.nan)], axis=1
    )
    windows = np.lib.stride_tricks.sliding_window_view(padded, USUAL_OVER, axis=1)[:, -width - 1 : -1]
    known = ~np.isnan(windows).all(axis=2)
    usual = np.ones(known.shape)
    usual[known] = np.nanmedian(windows[known], axis=1)
    return usual


def _when(
    group: RecordedPeriods, own: RecordedRows, period: int, end: int, deadline: int, now: int
) -> tuple[int, bool]:
    """When a period was shown, and whether late: by its records, or as whole by the life of its feed."""
    when, late = _by_records(group, own, period, end, deadline, now)
    if own.signs is None or group.edges[period + 1] <= own.day[0]:
        return when, late
    whole = own.signs.shown(int(group.edges[period + 1]) - 1)
    whole = NEVER if whole == NEVER else max(end, whole)
    return (when, late) if when <= whole else (whole, whole > deadline)


def _by_records(
    group: RecordedPeriods, own: RecordedRows, period: int, end: int, deadline: int, now: int
) -> tuple[int, bool]:
    """When a period was shown of a series whose records did not come in order, and whether late."""
    inside = (own.day >= group.edges[period]) & (own.day < group.edges[period + 1])
    rows = np.flatnonzero(inside & ~np.isnan(own.value))
    if not len(rows):
        return NEVER, False
    begun = _first_recorded(own, rows)
    late = bool(begun[0] > deadline)
    if group.declared[0].aggregate == "latest":
        return int(begun[0]), late
    past = own.recorded <= max(end, begun[0])
    counts = np.diff(np.searchsorted(np.sort(own.day[past]), group.edges[: period + 1]))
    some = counts[-USUAL_OVER:][counts[-USUAL_OVER:] > 0]
    usual = float(np.median(some)) if len(some) else 1.0
    need = int(np.ceil(usual))
    if len(begun) >= need:
        return max(end, int(begun[need - 1])), late
    if len(begun) >= WELL_OBSERVED * usual and deadline <= now:
        return max(deadline, int(begun[0])), late
    return NEVER, late


def _first_recorded(own: RecordedRows, rows: Ints) -> Ints:
    """When each moment of some rows was first recorded, in order."""
    moments, place = np.unique(own.moment[rows], return_inverse=True)
    begun = np.full(len(moments), NEVER)
    np.minimum.at(begun, place.reshape(-1), own.recorded[rows])
    return np.sort(begun)
