"""Flag what rows of points show beyond chance: shifts, trends, two of three in the outer third."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from okrcore.definitions.measures import Band, band_ends

Flags = NDArray[np.bool_]
Signs = NDArray[np.int8]
Better = Literal["higher", "lower"]
Assurance = Literal["consistently-passing", "hit-and-miss", "consistently-failing"]


def shift_flags(side: ArrayLike, run: Any = 7) -> Signs:
    """Return the side, +1 or -1, of each point that is at least the `run`-th in a row on one side, else 0.

    `side` (..., n) holds the signs of the distances from the mean; 0 breaks a run. `run` may differ by row.

    >>> shift_flags([1, 1, 1, 1, 1, 1, 1, 1, -1]).tolist()
    [0, 0, 0, 0, 0, 0, 1, 1, 0]
    """
    signs = np.sign(np.asarray(side)).astype(np.int8)
    length = np.zeros(signs.shape[:-1], dtype=np.int64)
    before = np.zeros(signs.shape[:-1], dtype=np.int8)
    found: Signs = np.zeros(signs.shape, dtype=np.int8)
    for i in range(signs.shape[-1]):
        now = signs[..., i]
        length = np.where(now == 0, 0, np.where(now == before, length + 1, 1))
        found[..., i] = np.where(length >= run, now, 0)
        before = now
    return found


def trend_flags(values: ArrayLike, trend: Any = 7) -> Signs:
    """Return +1 or -1 at each point that ends `trend` points in a row that strictly rise or fall, else 0.

    `trend` may differ by row.

    >>> trend_flags([2, 7, 6, 5, 4, 3, 2, 1, 3]).tolist()
    [0, 0, 0, 0, 0, 0, 0, -1, 0]
    """
    rows = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        steps = np.nan_to_num(np.sign(np.diff(rows, axis=-1))).astype(np.int8)
    found = np.zeros(rows.shape, dtype=np.int8)
    found[..., 1:] = shift_flags(steps, np.asarray(trend) - 1)
    return found


def two_of_three_flags(near: ArrayLike, side: ArrayLike, *, ended: bool = False) -> Flags:
    """Flag the points of each three in a row on one side of the mean of which two are `near` a limit.

    With `ended` only the last point of each three: what was seen when it came.

    >>> two_of_three_flags([0, 0, 1, 0, 1, 0, 0], [1] * 7).astype(int).tolist()
    [0, 0, 1, 1, 1, 0, 0]
    """
    close, signs = np.asarray(near, dtype=np.int8), np.asarray(side, dtype=np.int8)
    found = np.zeros(close.shape, dtype=np.bool_)
    if close.shape[-1] < 3:
        return found
    three = (slice(None, -2), slice(1, -1), slice(2, None))
    hit = (sum(close[..., part] for part in three) >= 2) & (
        np.abs(sum(signs[..., part] for part in three)) == 3
    )
    for part in three[2:] if ended else three:
        found[..., part] |= hit
    return found


def back_filled(flags: ArrayLike, run: Any = 7) -> Flags:
    """Flag all `run` points of what is flagged at its last.

    >>> back_filled([0, 0, 0, 0, 0, 0, 0, -1, 0]).astype(int).tolist()
    [0, 1, 1, 1, 1, 1, 1, 1, 0]
    """
    ends = np.asarray(flags) != 0
    found = np.zeros(ends.shape, dtype=np.bool_)
    left = np.zeros(ends.shape[:-1], dtype=np.int64)
    for i in range(ends.shape[-1] - 1, -1, -1):
        left = np.where(ends[..., i], run, left - 1)
        found[..., i] = left > 0
    return found


def judged_assurance(
    low: float, high: float, target: float | Band | None, better: Better | None
) -> Assurance | None:
    """Return whether a process with limits `low` and `high`, left alone, meets its target.

    A number is the least, or where lower is better the most, that is asked for; without a direction it asks
    for nothing: None. A band is met all the time where both limits lie inside it.

    >>> [judged_assurance(low, high, 4, "higher") for low, high in ((1, 3), (1, 5), (5, 7))]
    ['consistently-failing', 'hit-and-miss', 'consistently-passing']
    """
    if isinstance(target, int | float):
        if better is None:
            return None
        target = Band(low=target) if better == "higher" else Band(high=target)
    if target is None or np.isnan(low) or np.isnan(high):
        return None
    least, most = band_ends(target)
    if high < least or low > most:
        return "consistently-failing"
    return "consistently-passing" if low > least and high < most else "hit-and-miss"
