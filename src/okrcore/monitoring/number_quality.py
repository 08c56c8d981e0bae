"""Find numbers that look wrong: mistyped values, changed units, feeds that hang, gaps (S11.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.statistics.scale import far_exponent, near_one

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FACTORS = (10.0, 100.0, 1000.0, 1e6, 0.1, 0.01, 0.001, 1e-6)
"""What a slip of the decimal point, or a unit with a prefix, multiplies by."""
UNIT_FACTORS = (*FACTORS, 60.0, 1 / 60, 12.0, 1 / 12, 24.0, 1 / 24)
SMALL = 20
"""Counts within so many of each other may stay the same for long."""
OFF = 10.0
"""Robust standard deviations from its neighbours at which a value looks mistyped."""


@attrs.frozen(kw_only=True)
class Doubt:
    """Something about the values of a series that asks for a look: never what it is.

    `at` is the position of the first value concerned, `n` how many values it rests on, `factor` what a value
    is of its neighbours, or a level of the one before, where that is telling; `p_value` that of a test.
    """

    at: int
    n: int
    what: str
    factor: float | None = None
    p_value: float | None = None


def outliers(values: Sequence[float] | Floats, *, floor: int = 12) -> tuple[Doubt, ...]:
    """Return the values that lie far off and come back at once, and a last one that lies far off.

    Far is more than 10 robust standard deviations from the median of two neighbours on either side, and four
    times what the next farthest lie off; in logarithms where a positive series spans more than a factor of 3.
    What is about 10, 100, 1000 or a million times its neighbours, or a part of them, is named. Fewer than
    `floor` values, or values of which a third are alike, say nothing. False in none of 100 series of noise,
    drift, growth or shifts, in up to 10 of 100 with tails as heavy as Student's t of 3.

    >>> outliers([98, 97, 99, 98.5, 97.2, 98.1, 980, 99.1, 98.2, 97.1, 98.3, 99.2, 98.4])[0].what
    '980 is about 10 times its neighbours'
    """
    y = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(y))
    v = y[known]
    n = len(v)
    if n < floor or np.unique(v, return_counts=True)[1].max() > max(0.34 * n, 3):
        return ()
    exponent = far_exponent(v)
    w = np.ldexp(v, -exponent)
    logs = bool((v > 0).all() and np.log(v.max()) - np.log(v.min()) > math.log(3))
    z = np.log(v) if logs else w
    around = np.full((4, n), np.nan)
    around[0, 2:], around[1, 1:], around[2, :-1], around[3, :-2] = z[:-2], z[:-1], z[1:], z[2:]
    around.sort(axis=0)  # what is not there comes last
    many = np.isfinite(around).sum(axis=0)
    middle = np.take_along_axis(around, np.stack([(many - 1) // 2, many // 2]), axis=0).sum(axis=0) / 2
    size = np.abs(z - middle)
    scale = max(1.4826 * float(np.median(size)), 1e-12 * max(float(np.abs(z).max()), 1e-300))
    ordered = np.sort(size)[::-1]
    bar = max(OFF * scale, 4.0 * float(ordered[min(3 * max(1, n // 30), n - 1)]))
    hits = np.flatnonzero(size > bar).tolist()
    if len(hits) > max(2, n // 20):
        return ()
    found = []
    for i in hits:
        if any(abs(i - j) <= 2 and size[j] > size[i] for j in hits):
            continue
        base = float(np.median(np.concatenate([w[max(0, i - 2) : i], w[i + 1 : i + 3]])))
        factor = _near(float(w[i]) / base, FACTORS, 1.6) if base else None
        said = (
            f"about {factor:g} times its neighbours"
            if factor
            else f"far from its neighbours, about {math.ldexp(base, exponent):g}"
        )
        found.append(Doubt(at=int(known[i]), n=n, what=f"{v[i]:g} is {said}", factor=factor))
    return tuple(found)


def ends_mistyped(values: Floats) -> bool:
    """Return whether `outliers` names the last value as about 10, 100 or 1000 times the others, or a part.

    Told at once where it lies within six times the two before it.
    """
    known = np.flatnonzero(np.isfinite(values[:-1]))[-2:]
    base = float((values[known] / max(len(known), 1)).sum())  # a sum of two may be too large for a float
    if base == 0 or not math.isfinite(ratio := float(values[-1]) / base) or 1 / 6 <= ratio <= 6:
        return False
    at = len(values) - 1
    return any(one.at == at and one.factor is not None for one in outliers(values))


def unit_jump(values: Sequence[float] | Floats, *, floor: int = 12) -> Doubt | None:
    """Return where a positive series jumps for good by 8 times or more, as a changed unit makes it.

    The jump is six standard deviations of what is left, in logarithms, and happens from one value to the
    next. Fewer than `floor` values say nothing.

    >>> unit_jump([3.1, 2.9, 3.0, 3.2, 3.1, 2.8, 3000, 3100, 2900, 3050, 3000, 2950]).factor
    1000.0
    """
    y = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(y))
    v = y[known]
    n = len(v)
    if n < floor or (v <= 0).any():
        return None
    z = np.log(v)
    at = np.arange(3, n - 2)
    total = np.cumsum(z - z.mean())
    gap = -total[at - 1] * n / (at * (n - at))
    place = int(np.abs(gap).argmax())
    cut, size = int(at[place]), abs(float(gap[place]))
    rest = np.concatenate([z[:cut] - z[:cut].mean(), z[cut:] - z[cut:].mean()])
    steep = abs(float(z[cut] - z[cut - 1])) >= 0.6 * size  # a slope is no jump
    if size < math.log(8) or size < 6 * float(rest.std(ddof=2)) or not steep:
        return None
    factor = math.exp(float(gap[place]))
    named = _near(factor, UNIT_FACTORS, 1.5)
    return Doubt(
        at=int(known[cut]), n=n, what=f"is about {named or factor:g} times what it was", factor=named
    )


def flat_line(values: Sequence[float] | Floats, *, floor: int = 8, level: float = 0.01) -> Doubt | None:
    """Return the run of equal values that a series ends in, where its past makes that improbable.

    The chance of a repeat is the share of repeats before, or of this very value if larger (plus a half);
    asked from three equal values and `floor` before them on, told at `level`. Small counts, whole numbers
    within 20 of each other, may well stay what they are: None.

    >>> flat_line([5, 7.1, 6, 8, 5.2, 7.3, 6.1, 9, 7, 7, 7, 7, 7]).what
    'its last 5 values are equal'
    """
    y = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(y))
    v = y[known]
    n = len(v)
    alike = v[1:] == v[:-1]
    changed = np.flatnonzero(~alike)
    before = int(changed[-1]) + 1 if len(changed) else 0
    run = n - before
    small = n > 0 and bool((v == np.floor(v)).all()) and float(v.max()) - float(v.min()) <= SMALL
    if before < floor or run < 3 or small:
        return None
    same = (int(alike[:before].sum()) + 0.5) / (before + 1)
    share = (float((v[:before] == v[-1]).sum()) + 0.5) / (before + 1)
    p = min(1.0, max(same, share) ** (run - 1))
    if p > level:
        return None
    return Doubt(at=int(known[before]), n=n, what=f"its last {run} values are equal", p_value=p)


def gaps(values: Sequence[float] | Floats, *, floor: int = 12) -> tuple[Doubt, ...]:
    """Return the runs of unknown periods between known ones; fewer than `floor` known say nothing.

    >>> [one.what for one in gaps([1, 2, float("nan"), float("nan"), 3, 4, 5], floor=4)]
    ['2 periods have no value']
    """
    known = np.flatnonzero(np.isfinite(np.asarray(values, dtype=np.float64)))
    if len(known) < floor:
        return ()
    return tuple(
        Doubt(at=int(before) + 1, n=len(known), what=f"{after - before - 1} periods have no value")
        if after - before > 2
        else Doubt(at=int(before) + 1, n=len(known), what="1 period has no value")
        for before, after in zip(known[:-1].tolist(), known[1:].tolist(), strict=True)
        if after - before > 1
    )


def partial_period(counts: Sequence[int] | Ints, *, floor: int = 12) -> Doubt | None:
    """Return whether the last period holds clearly fewer observations than usual: its sum is not known yet.

    `counts` are the observations of each period. Clearly is fewer than 9 in 10 of the earlier periods, by a
    tenth of what is usual, and than all but 1 in 50. Fewer than `floor` earlier periods say nothing, half as
    many where none of them held so few; nor does usually one observation.

    >>> partial_period([7] * 12 + [3]).what
    'holds 3 observations where 7 are usual'
    """
    count = np.asarray(counts, dtype=np.float64)
    past = count[:-1]
    if len(past) < floor // 2 or np.median(past) < 2:
        return None
    usual, last = float(np.median(past)), float(count[-1])
    if len(past) < floor and past.min() < 0.9 * usual:
        return None
    rank = float((past <= last).mean())
    if last >= np.quantile(past, 0.1) or last >= 0.9 * usual or rank > 0.02:
        return None
    return Doubt(
        at=len(count) - 1, n=len(past), what=f"holds {last:g} observations where {usual:g} are usual",
        factor=last / usual,
    )  # fmt: skip


def stalled(values: Sequence[float] | Floats, *, periods: int = 8, floor: int = 6) -> Doubt | None:
    """Return whether the last `periods` values have not left their own noise.

    They have where the mean of their later half lies more than 2 standard errors from that of the earlier
    half, or a line through them rises or falls by as much; noise is told from their moving ranges. Fewer than
    `floor` known values say nothing.

    >>> stalled([10, 11, 12, 13, 12.9, 13.1, 13, 12.9, 13.1, 13, 13.1, 12.9]).what
    'has not left its own noise for 8 periods'
    """
    y = np.asarray(values, dtype=np.float64)[-periods:]
    v = near_one(y[np.isfinite(y)])
    if len(y) < periods or len(v) < floor:
        return None
    noise = float(np.abs(np.diff(v)).mean()) / 1.128
    half = len(v) // 2
    apart = abs(float(v[half:].mean() - v[:half].mean()))
    t = np.arange(len(v)) - (len(v) - 1) / 2
    slope = abs(float(t @ v)) / float(t @ t)
    if apart > 2 * noise * math.sqrt(1 / half + 1 / (len(v) - half)) or slope > 2 * noise / math.sqrt(t @ t):
        return None
    return Doubt(at=len(values) - periods, n=len(v), what=f"has not left its own noise for {periods} periods")


def _near(ratio: float, factors: Sequence[float], within: float) -> float | None:
    """The factor that a ratio is about, None where it is near none."""
    if ratio <= 0:
        return None
    best = min(factors, key=lambda factor: abs(math.log(ratio / factor)))
    return best if abs(math.log(ratio / best)) < math.log(within) else None
