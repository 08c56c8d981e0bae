"""Test the numbers of one measure for what asks for a review: never an accusation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import attrs
import numpy as np

from okrcore.statistics.distributions import Floats, Ints, mid_ranks, normal_tail
from okrcore.statistics.permutation import correlation_p_value
from okrcore.statistics.scale import near_one
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


def bunching(
    values: Sequence[float], target: float, *, better: Better = "higher", floor: int = 26
) -> TestResult | None:
    """Return whether more values lie just past a target than just short of it, beyond what their slope says.

    Counted are values within 0.4 standard deviations on either side, and within as much again beyond; the
    outer two say by a log-linear density, shrunk and never below a half, which share of the inner ones is to
    be expected past the target. The statistic is the count past it, `n` that of both inner ones, the p-value
    the exact binomial tail. Fewer than `floor` values, or than 10 near the target, say nothing: None. It is
    conservative where the target lies below what is usual.

    >>> at = [98.05, 98.1, 98.02, 98.2, 98.15, 98.08, 98.01, 98.12, 98.03, 98.2, 98.1, 97.7]
    >>> bunching([*at, *(96 + week / 4 for week in range(16))], 98.0).p_value < 0.05
    True
    """
    whole = near_one(np.array([*values, target], np.float64))
    column, target = whole[:-1], float(whole[-1])
    if len(column) < floor or not (width := 0.4 * float(column.std())) > 0:
        return None
    apart = (column - target) / width * (1.0 if better == "higher" else -1.0)
    past, short, beyond, below = (int(((apart >= low) & (apart < low + 1)).sum()) for low in (0, -1, 1, -2))
    n = past + short
    if n < 10:
        return None
    slope = 0.8 * math.log((beyond + 2) / (below + 2)) / 3
    share = max(0.5, 1 / (1 + math.exp(-slope)))
    tail = math.fsum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(past, n + 1))
    return TestResult(float(past), n, min(1.0, tail))


def heaping(values: Sequence[float], *, floor: int = 13) -> TestResult | None:
    """Return whether more values end in 0 or 5 than one in five, as guessed and rounded ones do.

    Digits are those of the finest step that all values share, a power of ten down to hundredths; a value that
    stays counts once. Last digits are even only where values move freely over them, so these say nothing:
    fewer than `floor` different values, a range below 100 steps, a usual change below 10, and values that
    come again although they end otherwise, as ratios of small counts do: None. The statistic is the count,
    its p-value the exact binomial tail.

    >>> heaping([412, 455, 530, 490, 365, 610, 745, 280, 500, 620, 333, 410, 555]).p_value < 0.001
    True
    """
    steps = _in_steps(values)
    if steps is None or len(steps) < floor or np.ptp(steps) < 100 or np.median(np.abs(np.diff(steps))) < 10:
        return None
    moved = steps[np.diff(steps, prepend=steps[0] - 1) != 0]
    if len(np.unique(moved)) < floor or _comes_again(moved[moved % 5 != 0]):
        return None
    count, n = int((moved % 5 == 0).sum()), len(moved)
    tail = sum(math.comb(n, k) * 0.2**k * 0.8 ** (n - k) for k in range(count, n + 1))
    return TestResult(float(count), n, min(1.0, tail))


def variance_collapse(
    values: Sequence[float], *, season: float | None = None, floor: int = 26
) -> TestResult | None:
    """Return whether a series becomes too smooth from some time on.

    `values` one a period without gaps: a gap that was filled would look like a collapse. Where there are two
    of a `season` of so many periods, what comes and goes with it is taken out first, of the level and of the
    roughness. Increments are whitened by their own past; the statistic is the greatest cumulated sum
    of the squared ranks of what is left, by size (Mood 1954), over the middle 80 % (Inclan & Tiao 1994),
    divided by what rough and smooth times that follow each other add to it; its p-value is that of a Brownian
    bridge (exp(-2 D^2)). Fewer than `floor` values, or a series that never moves, say nothing: None. A rise
    of the variance is none.

    >>> rough = np.random.default_rng(1).normal(0, 1, 60)
    >>> variance_collapse([*rough[:30], *(0.1 * rough[30:])]).p_value < 0.01
    True
    """
    series = np.asarray(values, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        moves = np.diff(series)
    n = len(moves)
    if n + 1 < floor or not np.isfinite(moves).all() or len(set(moves)) == 1:
        return None
    seasonal = season is not None and n + 1 >= int(2 * season)
    if season is not None and seasonal:
        moves = np.diff(series - _seasonal(series, season, pairs=6))
    left = whiten(moves[None], np.ones((n, 1)), max_order=2).scores[0]
    size = np.abs(left[~np.isnan(left)])
    if season is not None and seasonal:
        logs = np.log(size + 1e-3 * size.mean() + 1e-300)
        size = logs - _seasonal(logs, season, pairs=3)
    ranks = mid_ranks(size)
    if len(ranks) < floor - 4 or np.ptp(ranks) == 0:
        return None
    centred = _centred(ranks**2)
    path = np.cumsum(centred)
    first, last = int(0.1 * len(path)), int(0.9 * len(path))
    change = first + int(path[first:last].argmax())
    highest = max(float(path[change]), 0.0) / math.sqrt(_persistence(centred, change + 1))
    return TestResult(highest, n + 1, math.exp(-2 * highest * highest))


def _seasonal(values: Floats, season: float, pairs: int) -> Floats:
    """What the first harmonics of a season say of values beside a trend, shrunk by what chance would say."""
    at = np.arange(len(values))
    waves = [
        wave(2 * np.pi * k * at / season)
        for k in range(1, min(pairs, int(season / 2)) + 1)
        for wave in (np.sin, np.cos)
    ]
    columns = np.stack([np.ones(len(at)), at / len(at), *waves], axis=1)
    weights = np.linalg.lstsq(columns, values, rcond=None)[0]
    fitted = columns[:, 2:] @ weights[2:]
    rest = values - columns @ weights
    between = float(fitted @ fitted) / len(waves)
    within = float(rest @ rest) / max(len(values) - columns.shape[1], 1)
    return np.asarray(max(0.0, 1 - within / between) * fitted if between > 0 else 0.0 * fitted)


def _persistence(centred: Floats, change: int) -> float:
    """What neighbours that are alike add to a cumulated sum, 1 or more; the change itself is none of it.

    The long-run variance over the variance, with the weights of Bartlett (Andrews 1991).
    """
    before, after = centred[:change], centred[change:]
    rest = np.concatenate([before - before.mean(), after - after.mean()])
    scale = float(rest @ rest) or 1.0
    width = max(2, round(len(rest) ** (1 / 3)))
    added = (2 * (1 - j / (width + 1)) * float(rest[j:] @ rest[:-j]) / scale for j in range(1, width + 1))
    return max(1.0, 1.0 + math.fsum(added))


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


def _comes_again(steps: Ints) -> bool:
    """Whether values come again more often than their neighbours within 12 steps make likely.

    One in 20 of such pairs is equal where none of the values is a multiple of five; a quarter is too many.
    """
    ordered = np.sort(steps)
    before = np.arange(1, len(ordered) + 1)
    equal, close = (
        int((np.searchsorted(ordered, ordered + apart, "right") - before).sum()) for apart in (0, 12)
    )
    return equal >= 2 and 4 * equal > close


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
