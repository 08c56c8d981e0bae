"""Test the numbers of one measure for what asks for a review: never an accusation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import attrs
import numpy as np

from okrcore.statistics.distributions import Floats, Ints, mid_ranks, normal_tail
from okrcore.statistics.permutation import correlation_p_value
from okrcore.statistics.whitening import whiten

Better = Literal["higher", "lower"]

EXACT = 100
"""Up to so many revisions the distribution is counted out; beyond, it is normal to three digits."""
PERMUTATIONS = 9999


@attrs.frozen
class TestResult:
    """What a test says: its `statistic`, how many values it rests on, and its one-sided p-value."""

    statistic: float
    n: int
    p_value: float


def biased_restatement(
    first: Sequence[float], current: Sequence[float], *, better: Better = "higher", floor: int = 5
) -> TestResult | None:
    """Return whether values were restated towards the goal more, and by more, than away from it.

    `first` holds the values as first reported, `current` those on file now, in the same order. What was not
    restated is left out; fewer than `floor` restatements say nothing: None. The test is Wilcoxon's
    signed-rank test, one-sided, ties by mid-ranks: its statistic is the sum of the ranks of the favourable
    ones, its distribution is exact (up to 100 restatements, else normal). A restatement of honest errors goes
    up as often as down; the cost goes with the third power of their number.

    >>> biased_restatement([97.1, 96.8, 97.4, 97.0, 96.9], [98.0, 98.1, 98.2, 98.0, 98.3]).p_value
    0.03125
    """
    with np.errstate(over="ignore"):
        revision = np.asarray(current, np.float64) - np.asarray(first, np.float64)
    revision = revision[revision != 0] * (1.0 if better == "higher" else -1.0)
    if len(revision) < floor:
        return None
    ranks = mid_ranks(np.abs(revision))
    favourable = float(ranks[revision > 0].sum())
    return TestResult(favourable, len(ranks), _signed_rank_tail(ranks, favourable))


def late_bad_news(
    values: Sequence[float], delays: Sequence[float], *, better: Better = "higher", floor: int = 8
) -> TestResult | None:
    """Return whether a value was reported the later, the more it had worsened since the one before.

    `values` in order of time as first reported, `delays` the time from what each is about to its report, in
    any unit. Compared are changes, not levels: a measure that improves while its reports come sooner would
    else look suspicious. The statistic is Spearman's rank correlation of worsening and delay over n changes;
    its p-value is one-sided and counted among 9,999 seeded permutations (Phipson & Smyth 2010), so that ties
    do no harm. Fewer than `floor` changes, or delays that are all alike, say nothing: None.

    >>> uptime = [98.2, 98.6, 97.1, 97.9, 96.0, 98.4, 98.3, 95.2, 97.7]
    >>> late_bad_news(uptime, [1, 1, 6, 1, 8, 1, 2, 9, 1]).p_value < 0.01
    True
    """
    with np.errstate(over="ignore"):
        worsening = np.diff(np.asarray(values, np.float64)) * (-1.0 if better == "higher" else 1.0)
    late = np.asarray(delays, np.float64)[1:]
    n = len(worsening)
    if n < floor or len(set(late)) == 1 or len(set(worsening)) == 1:
        return None
    one, other = (_centred(mid_ranks(column)) for column in (worsening, late))
    correlation = float(one @ other)
    rough = float(normal_tail(np.array([correlation * np.sqrt(n - 1)]))[0])
    if rough <= 0.2:
        rough = correlation_p_value(one, other, correlation, permutations=PERMUTATIONS)
    return TestResult(correlation, n, rough)


def heaping(values: Sequence[float], *, floor: int = 13) -> TestResult | None:
    """Return whether more values end in 0 or 5 than one in five, as guessed and rounded ones do.

    Digits are those of the finest step that all values share, a power of ten down to hundredths; a value that
    comes again counts once, for ratios of small counts do. Fewer than `floor` different values, a range below
    100 steps, or a usual change below 10, say nothing: None; last digits are even only where values move
    freely over them. The statistic is the count, its p-value the exact binomial tail.

    >>> heaping([412, 455, 530, 490, 365, 610, 745, 280, 500, 620, 333, 410, 555]).p_value < 0.001
    True
    """
    steps = _in_steps(values)
    if steps is None or len(steps) < floor or np.ptp(steps) < 100 or np.median(np.abs(np.diff(steps))) < 10:
        return None
    different = np.unique(steps)
    count, n = int((different % 5 == 0).sum()), len(different)
    if n < floor:
        return None
    tail = sum(math.comb(n, k) * 0.2**k * 0.8 ** (n - k) for k in range(count, n + 1))
    return TestResult(float(count), n, min(1.0, tail))


def variance_collapse(values: Sequence[float], *, floor: int = 26) -> TestResult | None:
    """Return whether a series becomes too smooth from some time on.

    `values` one a period without gaps: a gap that was filled would look like a collapse. Increments are
    whitened by their own past; the statistic is the greatest cumulated sum of the ranks of what is left, by
    size, over the middle 80 %, its p-value that of a Brownian bridge (exp(-2 D^2)). Fewer than `floor`
    values, or a series that never moves, say nothing: None. A rise of the variance is none.

    >>> rough = np.random.default_rng(1).normal(0, 1, 60)
    >>> variance_collapse([*rough[:30], *(0.1 * rough[30:])]).p_value < 0.01
    True
    """
    with np.errstate(over="ignore", invalid="ignore"):
        moves = np.diff(np.asarray(values, np.float64))
    n = len(moves)
    if n + 1 < floor or not np.isfinite(moves).all() or len(set(moves)) == 1:
        return None
    left = whiten(moves[None], np.ones((n, 1)), max_order=2).scores[0]
    ranks = mid_ranks(np.abs(left[~np.isnan(left)]))
    if len(ranks) < floor - 4 or np.ptp(ranks) == 0:
        return None
    path = np.cumsum(_centred(ranks))
    first, last = int(0.1 * len(path)), int(0.9 * len(path))
    highest = max(float(path[first:last].max()), 0.0)
    return TestResult(highest, n + 1, math.exp(-2 * highest * highest))


def _in_steps(values: Sequence[float]) -> Ints | None:
    """Values as whole multiples of the finest power of ten that they share; None below hundredths."""
    column = np.asarray(values, np.float64)
    for digits in range(-9, 3):
        scaled = column * 10.0**digits
        if np.abs(scaled).max(initial=0) < 2**52 and np.allclose(
            scaled, np.rint(scaled), rtol=1e-12, atol=1e-9
        ):
            return np.rint(scaled).astype(np.int64)
    return None


def _signed_rank_tail(ranks: Floats, favourable: float) -> float:
    """P(sum of the ranks of those above zero >= favourable), each above or below zero with chance 1/2."""
    if len(ranks) > EXACT:
        spread = float(np.sqrt((ranks * ranks).sum()) / 2)
        return float(normal_tail(np.array([(favourable - ranks.sum() / 2) / spread]))[0])
    doubled = np.rint(2 * ranks).astype(np.int64)
    chance = np.zeros(int(doubled.sum()) + 1)
    chance[0] = 1.0
    for step in doubled.tolist():
        moved = np.zeros_like(chance)
        moved[step:] = chance[:-step]
        chance = (chance + moved) / 2
    return float(min(1.0, chance[round(2 * favourable) :].sum()))


def _centred(values: Floats) -> Floats:
    """Values about their mean, at length one."""
    apart = values - values.mean()
    return np.asarray(apart / np.sqrt(apart @ apart))
