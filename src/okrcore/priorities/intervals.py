"""Join, meet and complement sets of positions on one ordered line, as disjoint sorted intervals.

An interval runs from cut to cut. A cut lies just before (0) or just after (1) a position, so that open ends,
closed ends, single points and the infinities are one order, and nothing is ever compared within a tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

Position = Fraction | int
Cut = tuple[Fraction | int | float, int]
Interval = tuple[Cut, Cut]
Line = tuple[Interval, ...]

LOWEST: Cut = (-math.inf, 1)
HIGHEST: Cut = (math.inf, 0)
WHOLE: Line = ((LOWEST, HIGHEST),)


def point(position: Position) -> Interval:
    """Return the interval that holds one position."""
    return (position, 0), (position, 1)


def join(intervals: Iterable[Interval], discrete: bool = False) -> Line:
    """Return the union of any intervals; on a discrete line every cut moves before a whole number.

    >>> join([((3, 0), (4, 1)), ((5, 0), (7, 0))], discrete=True)
    (((3, 0), (7, 0)),)
    """
    if discrete:
        intervals = ((_snap(low), _snap(high)) for low, high in intervals)
    out: list[Interval] = []
    for low, high in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if out and low <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], high)
        else:
            out.append((low, high))
    return tuple(out)


def meet(a: Line, b: Line) -> Line:
    """Return what lies in both."""
    out: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        low, high = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if low < high:
            out.append((low, high))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def complement(line: Line) -> Line:
    """Return what lies outside, from the lowest to the highest."""
    ends: list[Cut] = [LOWEST, *(cut for interval in line for cut in interval), HIGHEST]
    return tuple((low, high) for low, high in zip(ends[::2], ends[1::2], strict=True) if low < high)


def _snap(cut: Cut) -> Cut:
    position, after = cut
    if isinstance(position, float):
        return cut
    return (math.floor(position) + 1 if after else math.ceil(position)), 0
