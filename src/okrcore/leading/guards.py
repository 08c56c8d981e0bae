"""Find why a significant pair may be no link: calendar, one event, a new unit, the same number (S9.3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.leading.same_number import are_same_number, is_held, unit_break
from okrcore.statistics.distributions import (
    Bools,
    Floats,
    Ints,
    correlation_deviate,
    gamma_deviate,
    normal_tail,
)
from okrcore.statistics.inflation import centred
from okrcore.statistics.multiplicity import sidak

CALENDAR = "the calendar explains it: moved by whole seasons the two go together as well"
STRETCH = "it rests on one stretch of time or one shared turn"
HELD = "a series holds each value for several periods; compare on the grid where it moves"
UNIT = "a series jumps to another order of magnitude; compare from there on"
TOGETHER = "they move almost one to one in the same period: one may be part of the other"
SAME = "they are the same number, or one is computed from the other"

SEASONAL = 2.0
"""Deviate from which the correlation at whole seasons is subtracted, the less the closer to it."""
SHARED = 2.45
"""t-ratio from which a turn is clearly in a series."""
LEFT, LEFT_SHORT, LEFT_FEW = 1.1, 1.25, 1.0
"""Deviate to be left without the best stretch; below two seasons; below 40 periods."""
ALMOST_ONE = 0.9
_NONE = 9.0


@attrs.frozen(kw_only=True, eq=False)
class Finalists:
    """Significant pairs, one a row: scores and values (B, n), the rest (B,), at the `lag` and side found.

    `way` is the side, +1 or -1. `skewness` and `half`, half a grain, are 0 where a pair is not tied.
    `tests` independent lags and `sides` were looked at. `by_level`: the source's level was correlated, which
    turns by nature; `on_and_off`: it is tied, as work that begins and ends.
    """

    x_scores: Floats
    y_scores: Floats
    x: Floats
    y: Floats
    lag: Ints
    way: Ints
    r: Floats
    df: Floats
    overlap: Floats
    inflation: Floats
    tests: Floats
    sides: int
    skewness: Floats
    half: Floats
    by_level: Bools
    on_and_off: Bools
    alpha: float
    season: float | None
    lags: Sequence[int]

    def take(self, rows: Ints) -> Finalists:
        """Return some of the pairs."""
        changed = {
            one.name: getattr(self, one.name)[rows]
            for one in attrs.fields(Finalists)
            if isinstance(getattr(self, one.name), np.ndarray)
        }
        return attrs.evolve(self, **changed)

    def p_value(self, deviate: Floats) -> Floats:
        """Return the p-value, corrected for the search, of a deviate on the side found."""
        return sidak(self.sides * normal_tail(deviate), self.tests)


def reasons(pairs: Finalists) -> NDArray[np.object_]:
    """Return why each pair is no evidence of a link, "" where nothing speaks against it.

    Pairs of one lag and span are worked on together; each as it would be alone.
    """
    why = np.full(len(pairs.lag), "", dtype=object)
    for rows, first, last in _alike(pairs):
        some = pairs.take(rows)
        seasonal = _explained_by_season(some, last - first)
        why[rows[_rests_on_one_event(some, first, last)]] = STRETCH
        why[rows[seasonal]] = CALENDAR
    for row, both in enumerate(zip(pairs.x, pairs.y, strict=True)):
        if any(is_held(one) for one in both):
            why[row] = HELD
        if any(unit_break(one) for one in both):
            why[row] = UNIT
    why[(pairs.lag == 0) & (np.abs(pairs.r) >= ALMOST_ONE)] = TOGETHER
    why[are_same_number(pairs.x, pairs.y, max(pairs.lags))] = SAME
    return why


def _alike(pairs: Finalists) -> list[tuple[Ints, int, int]]:
    """Rows of one lag whose first and last common period are the same, and those periods, of y."""
    groups: dict[tuple[int, int, int], list[int]] = {}
    n = pairs.y_scores.shape[1]
    known_x, known_y = np.isfinite(pairs.x_scores), np.isfinite(pairs.y_scores)
    for row, lag in enumerate(pairs.lag.tolist()):
        both = np.flatnonzero(known_x[row, : n - lag] & known_y[row, lag:])
        groups.setdefault((lag, int(both[0]) + lag, int(both[-1]) + lag + 1), []).append(row)
    return [(np.array(rows), first, last) for (_, first, last), rows in groups.items()]


def _explained_by_season(pairs: Finalists, periods: int) -> Bools:
    """Where the pair goes together likewise when one is moved by whole seasons: that is the calendar's.

    That correlation is subtracted by its positive part: not at all where it is within two of its errors.
    """
    season, lag = pairs.season, int(pairs.lag[0])
    if not season or season <= 2 or periods < 1.5 * season:
        return np.zeros(len(pairs.lag), bool)
    moves = [round(side * k * season) + lag for k in range(1, int(periods // season) + 1) for side in (1, -1)]
    total, weight = np.zeros(len(pairs.lag)), np.zeros(len(pairs.lag))
    for move in moves:
        if abs(move) < periods - 5:
            r, count = _moved(pairs.x_scores, pairs.y_scores, move)
            total += r * count
            weight += count
    usual = total / np.maximum(weight, 1.0)
    deviate = pairs.way * usual * np.sqrt(weight / pairs.inflation)
    share = 1.0 - (SEASONAL / np.maximum(deviate, SEASONAL)) ** 2
    rest = pairs.way * correlation_deviate(pairs.r - share * usual, pairs.df)
    return np.asarray((share > 0) & (pairs.p_value(rest) > pairs.alpha))


def _moved(x: Floats, y: Floats, lag: int) -> tuple[Floats, Floats]:
    """corr(x[t - lag], y[t]) by rows for a lag of either sign, and the number of common periods."""
    n = x.shape[1]
    a, b = (x[:, : n - lag], y[:, lag:]) if lag >= 0 else (x[:, -lag:], y[:, : n + lag])
    both = np.isfinite(a) & np.isfinite(b)
    count = both.sum(axis=1)
    a, b = centred(a, both, count), centred(b, both, count)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    usable = (count >= 3) & (scale > 0)
    return np.where(usable, (a * b).sum(axis=1) / np.where(usable, scale, 1.0), 0.0), count.astype(float)


def _rests_on_one_event(pairs: Finalists, first: int, last: int) -> Bools:
    """Where nothing is left without the stretch that helps most, or a turn that both show is needed.

    Nothing: a deviate of about 1, for what helps most was sought.
    """
    lag, n = int(pairs.lag[0]), last - first
    a, b = pairs.x_scores[:, first - lag : last - lag], pairs.y_scores[:, first:last]
    known = np.isfinite(a) & np.isfinite(b)
    count = known.sum(axis=1)
    a, b = centred(a, known, count), centred(b, known, count)
    without = _without_stretch(pairs, a, b, known)
    turned, shared = _without_turn(pairs, a, b, count)
    least = LEFT_FEW if n < 40 else LEFT
    if n >= 40 and pairs.season and pairs.season > 7 and n < 2 * pairs.season - 1:
        least = LEFT_SHORT
    rest = np.where(shared, turned, _NONE).min(axis=1)
    alone = pairs.sides * normal_tail(rest)
    needed = np.where(pairs.on_and_off, alone, pairs.p_value(rest)) > pairs.alpha
    turn = ((turned.min(axis=1) < least) | needed) & ~pairs.by_level
    return np.asarray((without.min(axis=1) < least) | turn)


def _without_stretch(pairs: Finalists, a: Floats, b: Floats, known: Bools) -> Floats:
    """Deviates (B, n - w + 1) on the side found when w periods in a row are left out: a twelfth, 3 to 13."""
    width = min(max(3, round(a.shape[1] / 12)), 13)

    def rest(values: Floats) -> Floats:
        sums = np.hstack([np.zeros((len(values), 1)), np.cumsum(values, axis=1)])
        return np.asarray(sums[:, -1:] - (sums[:, width:] - sums[:, :-width]))

    count = np.maximum(rest(known.astype(float)), 1.0)
    mean_a, mean_b = rest(a) / count, rest(b) / count
    spread = (rest(a * a) - count * mean_a**2) * (rest(b * b) - count * mean_b**2)
    r = pairs.way[:, None] * (rest(a * b) - count * mean_a * mean_b) / np.sqrt(np.maximum(spread, 1e-300))
    df = pairs.df[:, None] - (pairs.overlap[:, None] - count) / pairs.inflation[:, None]
    z = correlation_deviate(np.clip(r, -0.999, 0.999), np.maximum(df, 1.0))
    return gamma_deviate(z - pairs.half[:, None], (pairs.way * pairs.skewness)[:, None])


def _without_turn(pairs: Finalists, a: Floats, b: Floats, count: Ints) -> tuple[Floats, Bools]:
    """Deviates (B, turns) without the direction of one turn, and which turns both show clearly."""
    turns = _turns(a.shape[1])
    u, v = a @ turns.T, b @ turns.T
    spread_a, spread_b = (a * a).sum(axis=1)[:, None], (b * b).sum(axis=1)[:, None]
    left = np.maximum((spread_a - u * u) * (spread_b - v * v), 1e-300)
    r = pairs.way[:, None] * ((a * b).sum(axis=1)[:, None] - u * v) / np.sqrt(left)
    z = correlation_deviate(np.clip(r, -0.999, 0.999), np.maximum(pairs.df - 1.0, 1.0)[:, None])
    size = np.maximum(count - 1, 1)[:, None]
    clear = np.minimum(np.abs(u) / np.sqrt(spread_a / size), np.abs(v) / np.sqrt(spread_b / size))
    return z, (clear > SHARED) & (pairs.way[:, None] * u * v > 0)


@lru_cache(maxsize=64)
def _turns(m: int) -> Floats:
    """Unit directions (turns, m) of level shifts and kinks, orthogonal to a line."""
    t = np.arange(m)
    shifts = (t >= np.arange(4, m - 3, max(1, m // 100))[:, None]).astype(float)
    kinks = np.maximum(t - np.arange(6, m - 5, max(2, m // 50))[:, None], 0.0)
    line = np.linalg.qr(np.stack([np.ones(m), t], axis=1))[0]
    rows = np.vstack([shifts, kinks])
    rows = rows - (rows @ line) @ line.T
    rows = rows / np.sqrt((rows * rows).sum(axis=1, keepdims=True) + 1e-300)
    rows.flags.writeable = False
    return np.asarray(rows)
