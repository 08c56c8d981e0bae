"""Two whitened series into one verdict per pair: does x move before y, when and how strongly (S9.2-S9.5).

Arrays hold one pair per row: B pairs, n periods, L lags. A verdict says that x *leads* y. It never says
that x causes y: a common driver that is not given as a control passes every test of two series.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.statistics.distributions import (
    Bools,
    Floats,
    Ints,
    normal_quantile,
    rank_normal,
    student_tail,
)
from okrcore.statistics.inflation import centred, independent_lags, variance_inflation
from okrcore.statistics.multiplicity import sidak
from okrcore.statistics.whitening import Whitened

SUPPORTED, OPPOSED, REFUTED, UNDECIDED = "supported", "opposed", "refuted", "undecided"
MIN_POINTS, MIN_DF = 20, 8.0
PERSISTENT, NEARLY_WHITE = 0.5, 0.2
PRIOR_SD = 0.35


@attrs.frozen(kw_only=True, eq=False)
class PairVerdicts:
    """What the data say about B pairs, one element per pair.

    `verdict` supported | opposed | refuted | undecided. `p_value` in the asked direction, corrected for
    the lags searched; `p_opposite` likewise against it (1 where both directions were asked). `lag` in
    periods; `effect` the correlation there, raw sign; `low`, `high` its interval. `lag_set` (B, L): lags
    the data cannot tell from the best. `e_value` mean over lags. `df` at the lag. `inflation` >= 1: by how
    much more than white noise unlinked lags of this pair correlate. `by_level`: the pair was judged on the
    source's level (see `usable_scores`). `correlations` (B, L). `enough` False: undecided for lack of data.
    """

    verdict: NDArray[np.str_]
    p_value: Floats
    p_opposite: Floats
    lag: Ints
    effect: Floats
    low: Floats
    high: Floats
    lag_set: Bools
    e_value: Floats
    n: Ints
    df: Floats
    inflation: Floats
    by_level: Bools
    correlations: Floats
    enough: Bools


def judge(
    x: Whitened,
    y: Whitened,
    lags: Sequence[int],
    *,
    sign: int = 1,
    alpha: float = 0.05,
    smallest_effect: float = 0.3,
) -> PairVerdicts:
    """Judge "x leads y at one of `lags` with this `sign`" for each pair of rows; sign 0 asks both ways.

    supported: p <= alpha. opposed: not supported, and the opposite sign has p <= alpha. refuted: neither,
    and at every lag the one-sided upper bound of the effect is below `smallest_effect`. Fewer than 20
    common points or 8 degrees of freedom: undecided. Lags must be distinct and >= 0.

    >>> from okrcore.statistics.whitening import trend_columns, whiten
    >>> rng = np.random.default_rng(0)
    >>> kpi = rng.standard_normal((1, 80))
    >>> result = np.roll(kpi, 3, axis=1) + rng.standard_normal((1, 80))
    >>> found = judge(whiten(kpi, trend_columns(80)), whiten(result, trend_columns(80)), range(1, 7))
    >>> found.verdict[0], int(found.lag[0])
    (np.str_('supported'), 3)
    """
    by_level = wants_level(x, y)
    source, order, tests = usable_scores(x, y, lags, by_level)
    r, overlap = lagged_correlations(source, y.scores, lags)
    inflation = variance_inflation(source, y.scores, lags, r, overlap)
    used = 2 + max(x.fixed, y.fixed) + np.maximum(order, y.order)
    df = np.maximum(1.0, (overlap - used[:, None]) / inflation[:, None])

    t, side = _t_ratio(r, df), sign or 1
    asked, against = student_tail(side * t, df), student_tail(-side * t, df)
    pick = (side * t if sign else np.abs(t)).argmax(axis=1)
    rows = np.arange(len(r))
    best = asked[rows, pick] if sign else 2.0 * np.minimum(asked, against)[rows, pick]
    p = sidak(best, tests)
    p_opposite = sidak(against.min(axis=1), tests) if sign else np.ones(len(r))

    n = (np.isfinite(x.level) & np.isfinite(y.level)).sum(axis=1)
    enough = (n >= MIN_POINTS) & (df[rows, pick] >= MIN_DF)
    small = (upper_bound(r, df, sign, alpha) < smallest_effect).all(axis=1)
    likely = lag_set(r, df, sign)
    low, high = effect_interval(r, df, likely)
    return PairVerdicts(
        verdict=np.select(
            [enough & (p <= alpha), enough & (p_opposite <= alpha), enough & small],
            [SUPPORTED, OPPOSED, REFUTED],
            UNDECIDED,
        ),
        p_value=p,
        p_opposite=p_opposite,
        lag=np.asarray(lags)[pick],
        effect=r[rows, pick],
        low=low,
        high=high,
        lag_set=likely,
        e_value=e_value(r, df, sign).mean(axis=1),
        n=n,
        df=df[rows, pick],
        inflation=inflation,
        by_level=by_level,
        correlations=r,
        enough=enough,
    )


def wants_level(x: Whitened, y: Whitened) -> Bools:
    """Which pairs have a persistent source and a nearly white target, seen from each series alone.

    There the innovations of x hold almost none of what moves y: y answers to the level of x. The level
    may be used because y is white: independent of an x without a link, however persistent that x is.
    """
    return (x.memory > PERSISTENT) & (y.memory < NEARLY_WHITE)


def usable_scores(
    x: Whitened, y: Whitened, lags: Sequence[int], by_level: Bools
) -> tuple[Floats, Ints, Floats]:
    """Scores of x to correlate with y's innovations, the own lags they cost, and the independent tests.

    Neighbouring lags of a level tell nearly the same, so L lags count as fewer tests: (sum of root
    eigenvalues)^2 / sum of eigenvalues of the lags' correlation matrix (Galwey 2009).
    """
    tests = np.full(len(by_level), float(len(lags)))
    if not by_level.any():
        return x.scores, x.order, tests
    scores, order = x.scores.copy(), x.order.copy()
    scores[by_level] = rank_normal(x.level[by_level])
    order[by_level] = 0
    tests[by_level] = independent_lags(scores[by_level], lags)
    return scores, order, tests


def lagged_correlations(x: Floats, y: Floats, lags: Sequence[int]) -> tuple[Floats, Floats]:
    """Return r (B, L) = corr(x[t - lag], y[t]) over the periods where both are known, and their number.

    Fewer than three common periods, or no variance: r = 0.
    """
    batch, n = x.shape
    r, overlap = np.zeros((batch, len(lags))), np.zeros((batch, len(lags)))
    for i, lag in enumerate(lags):
        if lag >= n:
            continue
        a, b = x[:, : n - lag], y[:, lag:]
        both = np.isfinite(a) & np.isfinite(b)
        count = both.sum(axis=1)
        a, b = centred(a, both, count), centred(b, both, count)
        scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
        usable = (count >= 3) & (scale > 0)
        r[usable, i] = (a * b).sum(axis=1)[usable] / scale[usable]
        overlap[:, i] = count
    return np.clip(r, -1.0, 1.0), overlap


def upper_bound(r: Floats, df: Floats, sign: int, alpha: float) -> Floats:
    """One-sided 1 - alpha upper bound of sign * r (of |r| where sign is 0), any shape."""
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    centre = sign * centre if sign else np.abs(centre)
    return np.tanh(centre + normal_quantile(1.0 - alpha) * fisher_error(df))


def lag_set(r: Floats, df: Floats, sign: int, threshold: float = 3.84) -> Bools:
    """Lags (B, L) whose profile likelihood is within `threshold` / 2 of the best."""
    strength = np.abs(r) if sign == 0 else np.maximum(sign * r, 0.0)
    likelihood = -0.5 * (df + 1.0) * np.log1p(-(np.minimum(strength, 0.9999999) ** 2))
    return np.asarray(2.0 * (likelihood.max(axis=1, keepdims=True) - likelihood) <= threshold)


def effect_interval(r: Floats, df: Floats, likely: Bools) -> tuple[Floats, Floats]:
    """95 % interval of the effect at a lag that was searched for among L.

    Fisher z of every lag in the lag set, each widened for the L lags looked at, and their hull: the best
    lag may be the wrong one, and an effect that was picked for being large reads too large.
    """
    half = normal_quantile(1.0 - 0.025 / r.shape[1]) * fisher_error(df)
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    low = np.where(likely, centre - half, np.inf).min(axis=1)
    high = np.where(likely, centre + half, -np.inf).max(axis=1)
    return np.tanh(low), np.tanh(high)


def fisher_error(df: Floats) -> Floats:
    """Standard error of atanh(r)."""
    return np.asarray(1.0 / np.sqrt(np.maximum(df - 1.0, 1.0)))


def e_value(r: Floats, df: Floats, sign: int, prior_sd: float = PRIOR_SD) -> Floats:
    """Anytime-valid evidence for a (partial) correlation, same shape as r; at least 20 supports.

    Closed form of the g-prior Bayes factor with slope prior sd `prior_sd` (Lindon et al.,
    arXiv 2210.08589). For a declared sign it is multiplied by twice the posterior probability of that
    sign. Its mean without a link is 1 at every look, so looking every week costs nothing.
    """
    size, precision = df + 1.0, 1.0 / prior_sd**2
    rest = 1.0 - r * r * size / (precision + size)
    e = np.sqrt(precision / (precision + size)) * rest ** (-(df + 1.0) / 2.0)
    if not sign:
        return np.asarray(e)
    mean = sign * r * size / (size + precision)
    spread = np.sqrt(size * rest / ((size + precision) * (df + 1.0)))
    return np.asarray(2.0 * e * student_tail(-mean / spread, df + 1.0))


def _t_ratio(r: Floats, df: Floats) -> Floats:
    bounded = np.clip(r, -0.9999999, 0.9999999)
    return np.asarray(bounded * np.sqrt(df / (1.0 - bounded**2)))
