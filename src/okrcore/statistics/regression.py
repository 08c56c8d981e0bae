"""Regress one series on another beside what else explains it, gaps left out."""

from __future__ import annotations

import numpy as np

from okrcore.statistics.distributions import Floats


def partial_slope(y: Floats, x: Floats, others: Floats) -> tuple[float, float] | None:
    """Return the slope of `y` on `x` beside the columns `others` (n, k), and its standard error.

    Periods where anything is unknown are left out. None where fewer are left than there are coefficients,
    or where `others` explain `x` completely. Scales of the columns do not matter.

    >>> t = np.arange(10.0)
    >>> slope, error = partial_slope(3 * t**2 + t, t**2, np.stack([np.ones(10), t], axis=1))
    >>> round(slope, 6), round(error, 6)
    (3.0, 0.0)
    """
    known = np.isfinite(others).all(axis=1) & np.isfinite(x) & np.isfinite(y)
    spare = int(known.sum()) - others.shape[1] - 1
    if spare < 1:
        return None
    columns, (x, x_size), (y, y_size) = _unit(others[known])[0], _unit(x[known]), _unit(y[known])

    def rest_of(values: Floats) -> Floats:
        return np.asarray(values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0])

    moves, answer = rest_of(x), rest_of(y)
    power = float(moves @ moves)
    if power <= 1e-24 * float(x @ x) or not power:
        return None
    slope = float(moves @ answer) / power
    left = answer - slope * moves
    with np.errstate(over="ignore"):
        factor = y_size / x_size
        found = float(slope * factor), float(np.sqrt(left @ left / spare / power) * factor)
    return found if np.isfinite(found).all() else None


def _unit(columns: Floats) -> tuple[Floats, Floats]:
    """Columns by their largest size, and that; 1 of what is zero throughout."""
    size = np.abs(columns).max(axis=0, initial=0.0)
    size = np.where(size > 0, size, 1.0)
    return columns / size, size


def own_lags(series: Floats, order: int) -> Floats:
    """Return (n, order): the series 1..order periods before, NaN where it had not begun."""
    out = np.full((len(series), order), np.nan)
    for lag in range(1, order + 1):
        out[lag:, lag - 1] = series[: len(series) - lag]
    return out
