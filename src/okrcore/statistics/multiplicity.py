"""Keep of many p-values or e-values those that still count when one looked at all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from okrcore.statistics.distributions import Bools, Floats


def sidak(p: Floats, count: Floats | float) -> Floats:
    """Return 1 - (1 - p)^count: the p-value of the smallest of `count` independent ones.

    Tiny p survive (no cancellation). Arrays broadcast.

    >>> [f"{p:.4g}" for p in sidak(np.array([0.01, 1e-30]), 8).tolist()]
    ['0.07726', '8e-30']
    """
    return np.asarray(-np.expm1(count * np.log1p(-np.minimum(p, 1.0 - 1e-16))))


def benjamini_hochberg(p: Floats, q: float = 0.10, *, tests: int | None = None) -> tuple[Bools, Floats]:
    """Return which p-values are rejected at false discovery rate `q`, and their adjusted values.

    Any shape; NaN is never rejected and is not counted as a test. `tests` is how many there were, where
    `p` holds only the smallest of them (those above `q` are never rejected). The share of false ones among
    the rejected is at most `q` on average, also for positively dependent tests (Benjamini & Hochberg 1995).

    >>> benjamini_hochberg(np.array([0.001, 0.04, 0.03, 0.9]), q=0.10)[0].tolist()
    [True, True, True, False]
    """
    p = np.asarray(p, float)
    flat = p.ravel()
    known = np.flatnonzero(~np.isnan(flat))
    adjusted = np.full(flat.shape, np.nan)
    if known.size:
        order = known[np.argsort(flat[known], kind="stable")]
        stepped = flat[order] * (tests or known.size) / np.arange(1, known.size + 1)
        adjusted[order] = np.minimum(1.0, np.minimum.accumulate(stepped[::-1])[::-1])
    return (adjusted <= q).reshape(p.shape), adjusted.reshape(p.shape)


def e_benjamini_hochberg(e: Floats, q: float = 0.10) -> Bools:
    """Return which e-values are rejected at false discovery rate `q`; any shape, NaN never.

    Wang & Ramdas (2022): reject the k largest where the k-th largest of m is at least m / (q k). Valid
    under any dependence, and at every look when the e-values are (S13.3).

    >>> e_benjamini_hochberg(np.array([50.0, 25.0, 1.0, 0.2]), q=0.10).tolist()
    [True, True, False, False]
    """
    e = np.asarray(e, float)
    known = e[~np.isnan(e)]
    return np.asarray(e >= least_e_value(known, len(known), q))


def least_e_value(e_values: ArrayLike, tests: int, q: float = 0.10) -> float:
    """Return the least e-value that e-Benjamini-Hochberg keeps among `tests`; infinite where it keeps none.

    `e_values` need hold those of 1 / q and more only, others never pass.

    >>> least_e_value([50.0, 25.0, 1.0], 4, 0.10)
    20.0
    """
    order = -np.sort(-np.asarray(e_values, float))
    enough = np.flatnonzero(order >= tests / (q * np.arange(1, len(order) + 1)))
    return float(tests / (q * (enough[-1] + 1))) if enough.size else np.inf
