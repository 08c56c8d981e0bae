"""Reduce what was observed in a stretch of time to one number, and say how much of the usual it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from okrcore.frozen import FrozenDict

Aggregate = Literal["latest", "sum", "mean", "max", "min"]
Floats = NDArray[np.float64]
Offsets = NDArray[np.int64]

AGGREGATES: tuple[Aggregate, ...] = ("latest", "sum", "mean", "max", "min")

ACCUMULATORS: Mapping[str, np.ufunc] = FrozenDict(
    {"sum": np.add, "mean": np.add, "max": np.maximum, "min": np.minimum}
)
"""How each aggregate but the latest joins two values; a mean is a sum by its count."""

_MOST = np.finfo(np.float64).max

WELL_OBSERVED = 0.75
"""Periods that rest on less of the usual are unknown to links and forecasts (A7)."""


def reduce(
    values: Floats, offsets: Offsets, aggregates: Sequence[str] | str, added: Offsets | None = None
) -> Floats:
    """Return one number a segment of `values`, NaN for an empty one (S2.7).

    Segment i is values[offsets[i]:offsets[i + 1]], in order of time; `aggregates` is one name, or one a
    segment. Where `added` is given, each value is the sum of so many. A sum beyond the greatest number that
    there is counts as that. Cost in proportion to the values.

    >>> reduce(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2, 3]), ["sum", "sum", "max"])
    array([ 3., nan,  4.])
    >>> reduce(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 3]), "latest")
    array([2., 4.])
    """
    counts = np.diff(offsets)
    filled = np.flatnonzero(counts > 0)
    result = np.full(len(counts), np.nan)
    if not len(filled):
        return result
    first, values = offsets[filled], values[: offsets[-1]]
    names = np.full(len(filled), aggregates) if isinstance(aggregates, str) else np.array(aggregates)[filled]
    for name in set(names.tolist()):
        chosen = names == name
        if name == "latest":
            reduced = values[offsets[filled + 1] - 1][chosen]
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                reduced = ACCUMULATORS[name].reduceat(values, first)[chosen]
        scale = 1.0
        if name in {"sum", "mean"} and not np.isfinite(reduced).all() and not np.isnan(values).any():
            scale = 2.0**64  # added up in a larger unit, where no sum on the way is too large
            reduced = np.add.reduceat(values / scale, first)[chosen]
        if name == "mean":
            sizes = counts[filled] if added is None else np.add.reduceat(added, first)
            reduced = reduced / sizes[chosen]
        reduced = np.clip(reduced, -_MOST / scale, _MOST / scale) * scale
        result[filled[chosen]] = reduced
    return result


def observed(counts: Offsets, aggregate: str) -> Floats:
    """Return the share of what is usual that each period rests on, 0 to 1, of numbers of observations.

    `counts` (..., periods) belong to one series each along the last axis. Usual is the median of the periods
    in which there was any observation; of the latest value one observation is all there is to have (A7).

    >>> observed(np.array([7, 7, 2, 0]), "sum")
    array([1.        , 1.        , 0.28571429, 0.        ])
    >>> observed(np.array([7, 7, 2, 0]), "latest")
    array([1., 1., 1., 0.])
    """
    some = counts > 0
    if aggregate == "latest" or not some.any():
        return some.astype(np.float64)
    filled = np.where(some, counts, np.nan)
    usual = np.ones(counts.shape[:-1])
    rows = some.any(axis=-1)
    usual[rows] = np.nanmedian(filled[rows], axis=-1)
    return np.minimum(counts / usual[..., np.newaxis], 1.0)


def well_observed(values: Floats, share: Floats) -> Floats:
    """Return the values, unknown where a period rests on less than 0.75 of what is usual (A7)."""
    return np.where(share < WELL_OBSERVED, np.nan, values)
