"""Measure how much more than white noise two whitened series correlate though nothing links them (S9.2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from okrcore.statistics.distributions import Bools, Floats, Ints

DOUBTFUL, OUTLIER = 1.4, 16.0


def autocorrelations(scores: Floats) -> Floats:
    """Return (B, n - 1): the biased autocorrelations at lags 1..n-1; unknown periods count as the mean."""
    known = np.isfinite(scores)
    z = centred(scores, known, known.sum(axis=1))
    n = z.shape[1]
    size = max(2 * n, 2)
    power = np.fft.irfft(np.abs(np.fft.rfft(z, size, axis=1)) ** 2, size, axis=1)[:, :n]
    return np.asarray(power[:, 1:] / np.maximum(power[:, :1], 1e-300))


def variance_inflation(x: Floats, y: Floats, lags: Sequence[int], r: Floats, overlap: Floats) -> Floats:
    """Return (B,) >= 1: how much larger r^2 is at the lags that are not tested than between white series.

    The sum of acf products over all lags (Pyper & Peterman 1998) equals the sum of squared
    cross-correlations over all lags of both directions. Taking the tested lags out of it leaves the
    pair's own null: leftover seasons and trends raise it, the link that is asked for does not.
    """
    shared = 1.0 + 2.0 * (autocorrelations(x) * autocorrelations(y)).sum(axis=1)
    points = np.minimum(np.isfinite(x).sum(axis=1), np.isfinite(y).sum(axis=1)).astype(float)
    plain = inflation_from_sums(shared, ((r * overlap) ** 2).sum(axis=1), overlap.sum(axis=1), points)
    return tempered(plain, x, y, lags)


def inflation_from_sums(shared: Floats, tested: Floats, overlap: Floats, points: Floats) -> Floats:
    """`shared` less the tested lags' part, over what white noise leaves there; any shape, at least 1."""
    points = np.maximum(points, 1.0)
    rest = 1.0 - overlap / points**2
    return np.where(rest > 0.1, np.maximum(1.0, (shared - tested / points**2) / np.maximum(rest, 0.1)), 1.0)


def tempered(inflation: Floats, x: Floats, y: Floats, lags: Sequence[int]) -> Floats:
    """Look again where `inflation` (B,) is large: one strong lag, elsewhere or backwards, is no noise.

    There every untested lag counts with its own squared correlation, none with more than `OUTLIER` times
    what white noise would show.
    """
    rows = np.flatnonzero(inflation > DOUBTFUL)
    if not rows.size:
        return inflation
    n = x.shape[1]
    spectra, points = [], []
    for scores in (x[rows], y[rows]):
        known = np.isfinite(scores)
        z = centred(scores, known, known.sum(axis=1))
        spectra.append(np.fft.rfft(z / np.sqrt((z * z).sum(axis=1, keepdims=True) + 1e-300), 2 * n, axis=1))
        points.append(known.sum(axis=1))
    r = np.fft.irfft(spectra[1] * spectra[0].conj(), 2 * n, axis=1)
    apart = np.minimum(np.arange(2 * n), 2 * n - np.arange(2 * n))
    m = np.minimum(*points)[:, None]
    white = np.maximum(m - apart, 0.0) / m**2
    white[:, [lag for lag in lags if lag < n]] = 0.0
    seen = np.minimum(r * r, OUTLIER * white) * (white > 0)
    again = seen.sum(axis=1) / np.maximum(white.sum(axis=1), 1e-300)
    out = inflation.copy()
    out[rows] = np.clip(again, 1.0, inflation[rows])
    return out


def independent_lags(scores: Floats, lags: Sequence[int]) -> Floats:
    """How many independent tests the lags of each row amount to, between 1 and the number of lags."""
    apart = np.abs(np.subtract.outer(lags, lags))
    acf = np.concatenate([np.ones((len(scores), 1)), autocorrelations(scores)], axis=1)
    roots = np.sqrt(np.clip(np.linalg.eigvalsh(acf[:, np.minimum(apart, acf.shape[1] - 1)]), 0.0, None))
    return np.asarray(roots.sum(axis=1) ** 2 / (roots**2).sum(axis=1))


def centred(rows: Floats, known: Bools, count: Ints) -> Floats:
    """Rows less the mean of their known values, zero where unknown."""
    total = np.where(known, rows, 0.0)
    return np.where(known, total - (total.sum(axis=1) / np.maximum(count, 1))[:, None], 0.0)
