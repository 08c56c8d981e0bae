"""Put the paths of key results into step: good and bad weeks come together as they did (S10)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import attrs
import numpy as np

from okrcore.leading.calendar_grid import PeriodGrid
from okrcore.leading.measured_series import MeasuredSeries
from okrcore.leading.seasonal_profile import seasonal_profile, straightened
from okrcore.leading.series_kinds import running_sum
from okrcore.leading.target_probability import Answer
from okrcore.statistics.distributions import Floats, Ints, rank_normal
from okrcore.statistics.scale import near_one

LEAST_COMMON = 12
SEEN = 2.0


@attrs.frozen(kw_only=True, eq=False)
class JointPaths:
    """Which path of each key result goes with which of the others: `places` (paths,) by id.

    `correlation` (K, K) is that of the key results `ids`, as used: 0 where chance would do.
    """

    ids: tuple[str, ...]
    places: Mapping[str, Ints]
    correlation: Floats

    def strongest(self, ids: Iterable[str]) -> float:
        """Return the largest correlation, by size, between two of `ids`; 0.0 where they are independent."""
        rows = [self.ids.index(name) for name in ids]
        some = np.tril(self.correlation[np.ix_(rows, rows)], -1).ravel()
        return float(some[np.abs(some).argmax()]) if len(some) else 0.0


def in_step(
    answers: Mapping[str, Answer],
    signals: Mapping[str, MeasuredSeries],
    trees: Iterable[Iterable[str]],
    *,
    seed: int,
    paths: int,
) -> JointPaths:
    """Return how the paths of `answers` go together, `paths` of them, within each of `trees` of key results.

    Each key result's paths are ranked by their mean, and taken in the order of normal numbers that correlate
    as the key results' innovations do (Iman & Conover 1982): every single forecast stays what it is.
    """
    order = [[name for name in sorted(tree) if name in answers] for tree in trees]
    ids = tuple(name for tree in order for name in tree)
    correlation, places, first = np.eye(len(ids)), {}, 0
    for tree in filter(None, order):
        stretch = slice(first, first + len(tree))
        first += len(tree)
        correlation[stretch, stretch] = one = _correlation([signals[name] for name in tree])
        seeds = [[seed, zlib.crc32(name.encode())] for name in tree]
        drawn = np.stack([np.random.default_rng(each).standard_normal(paths) for each in seeds])
        for name, shock in zip(tree, _root(one) @ drawn, strict=True):
            by_size = near_one(answers[name].held).mean(axis=1).argsort(kind="stable")
            rank = shock.argsort(kind="stable").argsort(kind="stable")
            places[name] = by_size[rank * len(by_size) // paths]
    return JointPaths(ids=ids, places=places, correlation=correlation)


def _correlation(signals: Sequence[MeasuredSeries]) -> Floats:
    """(K, K): of innovations in the same period of the coarser grid, 0 where chance would do."""
    length = np.array([signal.grid.length for signal in signals])
    coarser = np.maximum(length[:, None], length)
    out = np.eye(len(signals))
    for grid in {signal.grid for signal in signals}:
        rows = np.flatnonzero(length <= grid.length)
        found = _on_one_grid([signals[row] for row in rows.tolist()], grid)
        at = np.ix_(rows, rows)
        out[at] = np.where(coarser[at] == grid.length, found, out[at])
    np.fill_diagonal(out, 1.0)
    return out


def _on_one_grid(signals: Sequence[MeasuredSeries], grid: PeriodGrid) -> Floats:
    """Correlations, shrunk by their error, and 0 where they are less than two of them."""
    edges = grid.edges(min(int(signal.days[0]) for signal in signals), max(signal.last for signal in signals))
    fresh = rank_normal(
        np.stack([_innovations(signal.on(edges), grid.season(signal.season)) for signal in signals])
    )
    known = (~np.isnan(fresh)).astype(float)
    x = np.where(known > 0, fresh, 0.0)
    common, size = known @ known.T, (x**2) @ known.T
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.clip(np.nan_to_num((x @ x.T) / np.sqrt(size * size.T)), -0.999, 0.999)
    surely = np.abs(np.arctanh(r)) * np.sqrt(np.maximum(common - 3.0, 0.0))
    seen = (surely >= SEEN) & (common >= LEAST_COMMON)
    return np.where(seen, r * (1.0 - 1.0 / np.maximum(surely, SEEN) ** 2), 0.0)


def _innovations(series: Floats, season: float | None) -> Floats:
    """What each period brought that the one before did not announce, its season apart; NaN where unknown."""
    known = ~np.isnan(series)
    if known.sum() < LEAST_COMMON:
        return np.full(len(series), np.nan)
    first, last = np.flatnonzero(known)[[0, -1]]
    row = near_one(series[first : last + 1])
    adding = running_sum(row, season or 0.0)
    if adding is not None:
        row = np.r_[np.nan, adding.increments(row)]
    there = ~np.isnan(row)
    swing = seasonal_profile(row[None], season, 0, found=True) if season else None
    if swing is not None and swing.used[0]:
        row = (np.log(np.where(there, row, 1.0)) if swing.logs[0] else row) - swing.swing[0]
    filled = straightened(row[None], there[None])[0]
    level = filled - filled.mean()
    size = float(level[:-1] @ level[:-1])
    keeps = float(level[1:] @ level[:-1]) / size if size > 0 else 0.0
    out = np.full(len(series), np.nan)
    fresh = np.where(there[1:] & there[:-1], level[1:] - keeps * level[:-1], np.nan)
    out[first + 1 : last + 1] = fresh
    return out


def _root(correlation: Floats) -> Floats:
    """The symmetric root of the nearest matrix that can be one of correlations."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    return np.asarray(root / np.sqrt((root**2).sum(axis=1, keepdims=True)))
