"""Judge whether x moves before y, when and how strongly, one verdict a pair of whitened series (S9.2-S9.5).

Arrays hold one pair per row: B pairs, n periods, L lags. A verdict says that x *leads* y. It never says
that x causes y: a common driver that is not given as a control passes every test of two series.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.leading.guards import Finalists, reasons
from okrcore.leading.lag_correlations import (
    critical_deviates,
    critical_values,
    e_value,
    effect_interval,
    lag_intervals,
    lag_set,
    lagged_correlations,
    strongest,
    upper_bound,
)
from okrcore.statistics.distributions import (
    Bools,
    Floats,
    Ints,
    correlation_deviate,
    gamma_deviate,
    normal_tail,
)
from okrcore.statistics.inflation import independent_lags, variance_inflation
from okrcore.statistics.multiplicity import sidak
from okrcore.statistics.whitening import Whitened

SUPPORTED, OPPOSED, REFUTED, UNDECIDED = "supported", "opposed", "refuted", "undecided"
MIN_POINTS, MIN_DF, MIN_MOVES = 20, 8.0, 8
PERSISTENT, NEARLY_WHITE = 0.5, 0.2


@attrs.frozen(kw_only=True, eq=False)
class PairVerdicts:
    """What the data say about B pairs, one element per pair.

    `verdict` supported | opposed | refuted | undecided, `note` why, "" where that is plain. `p_value` in the
    asked direction, corrected for the lags searched; `p_opposite` likewise against it (1 where both
    directions were asked). `lag` in periods; `effect` the correlation there, raw sign; `low`, `high` the
    simultaneous interval of the strongest effect: all of the direction that the verdict names. `lag_set`
    (B, L): lags the data cannot tell from the best. `e_value` mean over lags, at most `ceiling`: 1 where a
    guard or a refutal decided, 1 / (2 sqrt p) where both are tied. `inflation` >= 1: by how
    much more than white noise unlinked lags of this pair correlate. `by_level`: the pair was judged on the
    source's level (see `usable_scores`).

    At each lag, (B, L): `correlations`, degrees of freedom `df`, the `critical` correlation from which it
    supports, and the `upper` bound of the effect as asked, that of all lags below the smallest effect
    refutes; `bound` is the one that decided, raw sign; `lag_low` and `lag_high` hold for all lags together.
    `enough` False: undecided for lack of data. `guarded`: undecided for what `note` says.
    """

    verdict: NDArray[np.str_]
    note: NDArray[np.object_]
    p_value: Floats
    p_opposite: Floats
    lag: Ints
    effect: Floats
    low: Floats
    high: Floats
    lag_set: Bools
    e_value: Floats
    ceiling: Floats
    n: Ints
    df: Floats
    inflation: Floats
    by_level: Bools
    correlations: Floats
    critical: Floats
    upper: Floats
    bound: Floats
    lag_low: Floats
    lag_high: Floats
    enough: Bools
    guarded: Bools


FEW_POINTS = f"fewer than {MIN_POINTS} common periods or {MIN_DF:.0f} degrees of freedom"
FEW_MOVES = f"a series leaves its usual value, or changes, in fewer than {MIN_MOVES} periods"
SMALL = "there is a link, but one smaller than the smallest effect of interest"


def judge(
    x: Whitened,
    y: Whitened,
    values: tuple[Floats, Floats],
    lags: Sequence[int],
    *,
    sign: int = 1,
    alpha: float = 0.05,
    smallest_effect: float = 0.3,
    season: float | None = None,
) -> PairVerdicts:
    """Judge "x leads y at one of `lags` with this `sign`" for each pair of rows; sign 0 asks both ways.

    The first that holds. Undecided: fewer than 20 common points, 8 degrees of freedom or 8 moves, or a guard
    speaks against what would be significant. Refuted: at every lag the one-sided upper bound of the effect
    is below `smallest_effect`, also where the effect is no accident. Supported: p <= alpha. Opposed: the
    opposite sign has p <= alpha. Else undecided. Lags must be distinct, in order and >= 0. `values` are the
    series themselves, for the guards.

    >>> from okrcore.statistics.whitening import trend_columns, whiten
    >>> rng = np.random.default_rng(0)
    >>> kpi = rng.standard_normal((1, 80))
    >>> result = np.roll(kpi, 3, axis=1) + rng.standard_normal((1, 80))
    >>> clean = [whiten(v, trend_columns(80)) for v in (kpi, result)]
    >>> found = judge(*clean, (kpi, result), range(1, 7))
    >>> found.verdict[0], int(found.lag[0])
    (np.str_('supported'), 3)
    """
    by_level = wants_level(x, y)
    source, order, tests = usable_scores(x, lags, by_level)
    target = target_scores(x, y)
    r, overlap = lagged_correlations(source, target, lags)
    inflation = variance_inflation(source, target, lags, r, overlap)
    used = parameters(x, order, y, y.order)
    df = np.maximum(1.0, (overlap - used[:, None]) / inflation[:, None])
    skewness, half = lumps(x, y, overlap)
    z = correlation_deviate(r, df)
    up, down = tied_deviates(z, skewness, half)

    rows, side = np.arange(len(r)), sign or 1
    asked, against = (up, down) if side > 0 else (down, up)
    if sign:
        pick, other = asked.argmax(axis=1), against.argmax(axis=1)
        towards = np.full(len(r), side)
        p = sidak(normal_tail(asked[rows, pick]), tests)
        p_opposite = sidak(normal_tail(against[rows, other]), tests)
    else:
        both = np.maximum(asked, against)
        pick = other = both.argmax(axis=1)
        towards = np.where(up[rows, pick] >= down[rows, pick], 1, -1)
        p, p_opposite = sidak(2.0 * normal_tail(both[rows, pick]), tests), np.ones(len(r))

    n = (np.isfinite(x.level) & np.isfinite(y.level)).sum(axis=1)
    enough = (n >= MIN_POINTS) & (df[rows, pick] >= MIN_DF)
    still = np.minimum(x.moves, y.moves) < MIN_MOVES
    able = enough & ~still
    upper = upper_bound(r, df, sign, alpha)
    opposed = able & (p > alpha) & (p_opposite <= alpha)
    significant = (able & (p <= alpha)) | opposed
    at, way = np.where(opposed, other, pick), np.where(opposed, -side, towards)
    named = np.where(opposed[:, None], upper_bound(r, df, -side, alpha), upper)
    small = (named < smallest_effect).all(axis=1)

    note = np.where(enough, np.where(still, FEW_MOVES, ""), FEW_POINTS).astype(object)
    finalists = np.flatnonzero(significant)
    if finalists.size:
        place = finalists, at[finalists]
        note[finalists] = reasons(
            Finalists(
                x_scores=source[finalists], y_scores=target[finalists],
                x=values[0][finalists], y=values[1][finalists],
                lag=np.asarray(lags)[at[finalists]], way=way[finalists],
                r=r[place], df=df[place], overlap=overlap[place], inflation=inflation[finalists],
                tests=tests[finalists], sides=1 if sign else 2, by_level=by_level[finalists],
                on_and_off=x.grain[finalists] > 0,
                skewness=skewness[place], half=half[place],
                alpha=alpha, season=season, lags=lags,
            )
        )  # fmt: skip
    guarded = significant & (note != "")
    note[significant & small & ~guarded] = SMALL
    verdict = np.select(
        [~able | guarded, small, significant & ~opposed, opposed],
        [UNDECIDED, REFUTED, SUPPORTED, OPPOSED],
        UNDECIDED,
    )
    width = critical_deviates(tests, alpha, sign)
    above, below = strongest(r, df, up, width), strongest(-r, df, down, width)
    low, high = effect_interval(above, below, way, significant)
    refuted, bound = verdict == REFUTED, named.max(axis=1)
    high = np.where(refuted & ((way > 0) | (sign == 0)), np.minimum(high, bound), high)
    low = np.where(refuted & ((way < 0) | (sign == 0)), np.maximum(low, -bound), low)
    ceiling = np.where(half.any(axis=1), 0.5 / np.sqrt(np.maximum(p, 1e-300)), np.inf)
    ceiling = np.where(refuted | ~able | guarded, np.minimum(ceiling, 1.0), ceiling)
    effect = r[rows, at]
    lag_low, lag_high = lag_intervals(r, df, up, down, width)
    bound_side = np.where(opposed, -side, side)[:, None] if sign else np.where(r < 0, -1, 1)
    return PairVerdicts(
        verdict=verdict,
        note=note,
        p_value=p,
        p_opposite=p_opposite,
        lag=np.asarray(lags)[at],
        effect=effect,
        low=np.minimum(low, effect),
        high=np.maximum(high, effect),
        lag_set=lag_set(r, df, way),
        e_value=np.minimum(e_value(r, df, sign).mean(axis=1), ceiling),
        ceiling=ceiling,
        n=n,
        df=df,
        inflation=inflation,
        by_level=by_level,
        correlations=r,
        critical=critical_values(r, df, np.where(way[:, None] > 0, up, down), width),
        upper=upper,
        bound=bound_side * named,
        lag_low=lag_low,
        lag_high=lag_high,
        enough=enough,
        guarded=guarded,
    )


def parameters(x: Whitened, x_order: Ints, y: Whitened, y_order: Ints) -> Ints:
    """Return what a correlation of each pair of rows costs in degrees of freedom."""
    return 2 + max(x.fixed, y.fixed) + np.maximum(x_order, y_order) + np.maximum(x.extra, y.extra)


def lumps(x: Whitened, y: Whitened, overlap: Floats) -> tuple[Floats, Floats]:
    """Return skewness and half a step of the correlation of two tied series at each lag; 0 where one is not.

    Its law under permutation has these; the sum of few rare coincidences is far from normal.
    """
    both = ((x.grain > 0) & (y.grain > 0))[:, None]
    root = np.sqrt(np.maximum(overlap, 1.0))
    product = (x.skewness * y.skewness)[:, None] / root
    return np.where(both, product, 0.0), np.where(both, 0.5 * (x.grain * y.grain)[:, None] / root, 0.0)


def tied_deviates(z: Floats, skewness: Floats, half: Floats) -> tuple[Floats, Floats]:
    """Return the deviates that speak for a positive correlation, and those that speak for a negative one."""
    if not half.any():
        return z, -z
    tied = half > 0
    up, down = gamma_deviate(z - half, skewness), gamma_deviate(-z - half, -skewness)
    return np.where(tied, up, z), np.where(tied, down, -z)


def wants_level(x: Whitened, y: Whitened) -> Bools:
    """Which pairs have a persistent source and a nearly white target, seen from each series alone.

    There the innovations of x hold almost none of what moves y: y answers to the level of x. The level
    may be used because y is white: independent of an x without a link, however persistent that x is.
    """
    return (x.memory > PERSISTENT) & (y.memory < NEARLY_WHITE)


def usable_scores(x: Whitened, lags: Sequence[int], by_level: Bools) -> tuple[Floats, Ints, Floats]:
    """Scores of x to correlate with innovations, the own lags they cost, and the independent tests.

    Neighbouring lags of a level tell nearly the same, so L lags count as fewer tests: (sum of root
    eigenvalues)^2 / sum of eigenvalues of the lags' correlation matrix (Galwey 2009).
    """
    tests = np.full(len(by_level), float(len(lags)))
    if not by_level.any():
        return x.scores, x.order, tests
    scores, order = x.scores.copy(), x.order.copy()
    scores[by_level] = x.level[by_level]
    order[by_level] = 0
    tests[by_level] = independent_lags(scores[by_level], lags)
    return scores, order, tests


def target_scores(x: Whitened, y: Whitened) -> Floats:
    """Scores of y for each pair: before its scale was evened where x is tied.

    Work that begins and ends makes what it moves loud and quiet; to even that would take the link out.
    """
    return np.where((x.grain > 0)[:, None], y.uneven, y.scores)
