"""Check the series, lags and season that a caller hands over, in one clear error."""

from __future__ import annotations

import operator
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from okrcore.errors import DefinitionError, HistoryError
from okrcore.statistics.distributions import Floats

Season = float | tuple[float, int] | None


def checked_lags(lags: Iterable[int]) -> tuple[int, ...]:
    """Return the distinct lags in order, or raise: none given, not whole, or negative."""
    try:
        found = tuple(sorted({operator.index(lag) for lag in lags}))
    except TypeError as error:
        raise DefinitionError(
            "lags are whole periods, such as range(1, 9); one is not a whole number"
        ) from error
    if not found or found[0] < 0:
        raise DefinitionError(f"lags {found} must hold at least one period, none below 0; try range(1, 9)")
    return found


def checked_season(season: Season) -> tuple[float, int] | None:
    """Return (period, harmonics), or raise where the period is shorter than two grid periods."""
    if season is None:
        return None
    length, harmonics = season if isinstance(season, tuple) else (season, 3 if season <= 7 else 2)
    if not (np.isfinite(length) and length >= 2 and harmonics >= 1):
        raise DefinitionError(f"season {season!r} must be at least 2 periods long; leave it out for none")
    return float(length), min(int(harmonics), int(length // 2))


def checked_sign(sign: int) -> int:
    """Return `sign`, or raise where it is not +1, -1 or 0."""
    if sign not in (-1, 0, 1):
        raise DefinitionError(f"sign {sign!r} is none of +1, -1 and 0 (both ways)")
    return sign


def finite_values(values: ArrayLike, name: str) -> Floats:
    """Return `values` as floats with NaN for gaps, or raise: not numbers, or infinite."""
    try:
        array = np.array(getattr(values, "values", values), dtype=float)
    except (TypeError, ValueError) as error:
        raise HistoryError(
            f"{name} is not a series of numbers; give one number (or NaN) per period"
        ) from error
    if np.isinf(array).any():
        where = int(np.flatnonzero(np.isinf(array))[0])
        raise HistoryError(
            f"{name} is infinite at position {where}; drop that value or mark the gap with NaN"
        )
    return array


def one_row(values: ArrayLike, name: str) -> Floats:
    """Return one series as (1, n), or raise."""
    array = finite_values(values, name)
    if array.ndim != 1:
        raise HistoryError(f"{name} has {array.ndim} dimensions; give one value per period (one dimension)")
    return array[None]


def logarithms(rows: Floats, name: str) -> Floats:
    """Return the logs of `rows`, or raise where one is not positive."""
    if (rows <= 0).any():
        raise HistoryError(f"{name} holds values <= 0, which have no logarithm; shift it, or leave log out")
    return np.asarray(np.log(rows))


def calendar_of(columns: ArrayLike | None, n: int) -> Floats | None:
    """Return what the calendar held in each of n periods as (n, c), or raise: another length, or unknown."""
    if columns is None:
        return None
    array = finite_values(columns, "calendar")
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or len(array) != n or np.isnan(array).any():
        raise HistoryError(
            f"calendar has shape {array.shape}; give one row of known numbers for each of {n} periods"
        )
    return array
