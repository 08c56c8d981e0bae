"""Test by permutation: ranks that go together, and where two series change how they do (S9.6)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.statistics.distributions import Floats

TRIM = 0.2
PERMUTATIONS = 199
TINY = 1e-300
CLOSE = 1e-9


@attrs.frozen(kw_only=True)
class StrengthChange:
    """Where a link changed most: `p_value`, `split` (first point after it), the effect before and after.

    `split` is the length, and both effects are 0, where there are too few points to say.
    """

    p_value: float
    split: int
    before: float
    after: float


def strength_change(
    x: Floats, y: Floats, *, seed: int = 0, permutations: int = PERMUTATIONS
) -> StrengthChange:
    """Return the largest change of how x and y (m aligned points each, no NaN) go together.

    Over splits in the middle 60 %, the statistic is what two slopes explain of y beyond one slope; the
    split with the largest gain is the least-squares date. The null distribution comes from permuting the
    periods of x and y jointly, which keeps the link and removes its date. Fewer than 12 points: p = 1.
    (The sup of Fisher z differences finds .50 of links that end half way at m = 52, this one .58.)
    Cost: O(m permutations), about 1 ms.

    >>> rng = np.random.default_rng(0)
    >>> kpi, noise = rng.standard_normal((2, 100))
    >>> link = np.where(np.arange(100) < 60, 2.0, 0.0)
    >>> change = strength_change(kpi, link * kpi + noise)
    >>> change.p_value, change.split
    (0.005, 60)
    """
    m = len(x)
    splits = np.arange(max(int(np.ceil(TRIM * m)), 5), min(int(m * (1 - TRIM)), m - 5) + 1)
    if not splits.size:
        return StrengthChange(p_value=1.0, split=m, before=0.0, after=0.0)
    order = np.tile(np.arange(m), (permutations + 1, 1))
    order[1:] = np.random.default_rng(seed).permuted(order[1:], axis=1)
    xy, xx, yy = (np.cumsum(v[order], axis=1) for v in (x * y, x * x, y * y))
    head_xy, head_xx = xy[:, splits - 1], xx[:, splits - 1]
    tail_xy, tail_xx = xy[:, -1:] - head_xy, xx[:, -1:] - head_xx
    gain = head_xy**2 / (head_xx + TINY) + tail_xy**2 / (tail_xx + TINY)
    reached = gain.max(axis=1) >= gain[0].max() - 1e-12
    at = int(gain[0].argmax())
    split = int(splits[at])
    left = yy[0, -1] - yy[0, split - 1]
    return StrengthChange(
        p_value=float(reached.mean()),
        split=split,
        before=float(head_xy[0, at] / np.sqrt(head_xx[0, at] * yy[0, split - 1] + TINY)),
        after=float(tail_xy[0, at] / np.sqrt(tail_xx[0, at] * left + TINY)),
    )


def correlation_p_value(one: Floats, other: Floats, found: float, *, permutations: int) -> float:
    """Return the share of seeded permutations whose product is `found` or more (Phipson & Smyth 2010).

    `one` and `other` (n,) are centred and of length one, so that the product is their correlation; ties do no
    harm.

    >>> x = np.array([-0.5, -0.5, 0.5, 0.5])
    >>> correlation_p_value(x, x, 1.0, permutations=999) < 0.4
    True
    """
    draws = np.random.default_rng(0).permuted(np.tile(other, (permutations, 1)), axis=1)
    return float((1 + np.count_nonzero(draws @ one >= found - CLOSE)) / (1 + permutations))
