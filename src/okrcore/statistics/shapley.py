"""Share a change among its causes exactly: Shapley's value over all orders in which they may act."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from okrcore.statistics.distributions import Bools, Floats

MOST_CAUSES = 10
"""Beyond so many causes the smallest are one."""


def shapley_shares(worth: Callable[[Bools], Floats], causes: int) -> Floats:
    """Return each cause's share of worth(all) - worth(none): its mean effect over all orders (Shapley 1953).

    `worth` takes flags (sets, causes), which of the causes act, and returns one number a set. The shares add
    up to the change; what never has an effect gets 0, and causes that are alike get the same. NaN where any
    set is worth NaN. Cost: 2^causes sets at once.

    >>> shapley_shares(lambda acts: acts[:, 0] * (10.0 + 2 * acts[:, 1]), 2)
    array([11.,  1.])
    """
    sets = np.arange(2**causes)
    acts = (sets[:, np.newaxis] >> np.arange(causes)) & 1 == 1
    values = np.asarray(worth(acts), dtype=np.float64)
    size = acts.sum(axis=1)
    share = np.zeros(causes)
    odds = np.array([1.0 / (causes * math.comb(causes - 1, k)) for k in range(causes)] or [1.0])
    for cause in range(causes):
        without = sets[~acts[:, cause]]
        share[cause] = math.fsum(
            (odds[size[without]] * (values[without | (1 << cause)] - values[without])).tolist()
        )
    return share


def grouped_shares(worth: Callable[[Bools], Floats], causes: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return the shares of the causes with the largest effect alone, then of all others as one.

    With at most ten causes, of all of them. The second array has which cause each share is of, -1 the others.

    >>> shares, of = grouped_shares(lambda acts: acts @ np.arange(12.0), 12)
    >>> of.tolist(), shares.tolist()
    ([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1], [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 1.0])
    """
    if causes <= MOST_CAUSES:
        return shapley_shares(worth, causes), np.arange(causes)
    alone = np.vstack([np.zeros((1, causes), np.bool_), np.eye(causes, dtype=np.bool_)])
    values = worth(alone)
    effect = np.nan_to_num(np.abs(values[1:] - values[0]), nan=np.inf)
    kept = np.sort(np.argsort(-effect, kind="stable")[:MOST_CAUSES])
    rest = np.setdiff1d(np.arange(causes), kept)

    def of_groups(acts: Bools) -> Floats:
        every = np.zeros((len(acts), causes), np.bool_)
        every[:, kept] = acts[:, :-1]
        every[:, rest] = acts[:, -1:]
        return worth(every)

    return shapley_shares(of_groups, MOST_CAUSES + 1), np.append(kept, -1)
