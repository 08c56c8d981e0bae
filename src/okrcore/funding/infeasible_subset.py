"""Find the smallest set of constraints that cannot hold together."""

from __future__ import annotations

import math

import numpy as np

from okrcore.funding.funding_model import Model


def smallest_clash(model: Model) -> tuple[str, ...]:
    """Return one bound and the fewest required initiatives that pass it; empty where all can be funded.

    Only what is required can clash: anything else may be left out, and no demand is negative. A required
    share is 1, so each bound can be judged alone, and of one bound the largest asks pass it with the fewest:
    a smaller set, of any constraints, cannot clash, and without any member the rest holds. Ties go to the
    budget, then to capacities by id and by time, then to larger asks and ids. Cost: one sort a bound.
    """
    found: list[tuple[str, ...]] = []
    for bound in model.bounds:
        asks = np.where(model.required, bound.asks, 0.0)
        largest = sorted(np.flatnonzero(asks).tolist(), key=lambda at: (-asks[at], at))
        for count in range(1, len(largest) + 1):
            if bound.is_passed(math.fsum(asks[largest[:count]])):
                names = sorted(model.names[at] for at in largest[:count])
                found.append((bound.name, *(f"required:{name}" for name in names)))
                break
    return min(found, key=len, default=())
