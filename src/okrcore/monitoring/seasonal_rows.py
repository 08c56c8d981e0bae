"""Take a season out of rows before they are judged, and put it back into their limits (S11.4)."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.leading.seasonal_profile import seasonal_profile, two_cycles

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@attrs.frozen(eq=False)
class Season:
    """What a season adds to each period of B rows (B, n), to the logarithm where `logs`.

    `error` (B,) is the variance of what it is told with; `used` says which rows have one.
    """

    swing: Floats
    logs: Flags
    used: Flags
    error: Floats

    def out_of(self, rows: Floats) -> Floats:
        """Return the rows without their season, as logarithms where `logs`."""
        with np.errstate(invalid="ignore", divide="ignore"):
            plain = np.where(self.logs[:, None], np.log(np.maximum(rows, 1e-300)), rows)
        return np.asarray(np.where(np.isnan(rows), np.nan, plain) - self.swing)

    def into(self, level: Floats) -> Floats:
        """Return a level (B, 1) or (B, n) with the season of each period, as values again."""
        values = level + self.swing
        with np.errstate(over="ignore"):
            return np.asarray(np.where(self.logs[:, None], np.exp(np.minimum(values, 700.0)), values))


def season_of(rows: Floats, length: float | None, *, found: bool = False, upto: int | None = None) -> Season:
    """Return the season of `length` periods of `rows` (B, n), NaN in gaps, learnt from the first `upto`.

    Without a length, or two full cycles, there is none; with `found` nobody declared it, and more is asked.
    """
    batch, n = rows.shape
    known = n if upto is None else min(upto, n)
    swing, no = np.zeros((batch, n)), np.zeros(batch, dtype=np.bool_)
    if length is None or known < two_cycles(length) or not batch:
        return Season(swing, no, no, np.zeros(batch))
    count = (~np.isnan(rows[:, :known])).sum(axis=1)
    enough = count >= 0.75 * two_cycles(length)
    if found:
        enough &= _comes_again(rows[:, :known], round(length))
    some = np.flatnonzero(enough)
    logs, used, error = no.copy(), no.copy(), np.zeros(batch)
    if len(some):
        profile = seasonal_profile(rows[some, :known], length, n - known, found=found)
        swing[some], logs[some], used[some] = profile.swing, profile.logs, profile.used
        error[some] = profile.error**2
    positive = np.nan_to_num(rows, nan=1.0).min(axis=1, initial=1.0) > 0
    unfit = logs & ~positive  # what came later has no logarithm
    swing[unfit], used[unfit], error[unfit] = 0.0, False, 0.0
    return Season(swing, logs & ~unfit, used, error)


COMES_AGAIN = 0.1
"""Nothing that correlates less with itself a season before is worth a closer look."""


def _comes_again(rows: Floats, lag: int) -> Flags:
    """Which rows may have a season that nobody declared."""
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(axis=1), 1)
    at = np.arange(rows.shape[1]) - rows.shape[1] / 2
    filled = np.where(known, rows, 0.0)
    mean = filled.sum(axis=1) / count
    apart = np.where(known, rows - mean[:, None], 0.0)
    middle = (known @ at) / count
    time = np.where(known, at - middle[:, None], 0.0)
    slope = np.einsum("ij,ij->i", apart, time) / np.maximum(np.einsum("ij,ij->i", time, time), 1e-300)
    rest = apart - slope[:, None] * time
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = rest[:, lag:], rest[:, :-lag]
        r = np.einsum("ij,ij->i", one, other) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray(np.nan_to_num(r) > COMES_AGAIN)
