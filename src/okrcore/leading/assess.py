"""Judge by two series on one grid whether the first leads the second (S9.2-S9.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.errors import HistoryError
from okrcore.leading.arguments import (
    Season,
    calendar_of,
    checked_lags,
    checked_season,
    checked_sign,
    finite_values,
    logarithms,
    one_row,
)
from okrcore.leading.evidence import LagEvidence, LinkEvidence
from okrcore.leading.link_verdict import (
    FEW_MOVES,
    MIN_DF,
    MIN_MOVES,
    MIN_POINTS,
    OPPOSED,
    SUPPORTED,
    UNDECIDED,
    PairVerdicts,
    judge,
    target_scores,
)
from okrcore.statistics.distributions import Floats, normal_quantile, student_tail
from okrcore.statistics.indicators import Events
from okrcore.statistics.multiplicity import sidak
from okrcore.statistics.permutation import strength_change
from okrcore.statistics.regression import own_lags, partial_slope
from okrcore.statistics.whitening import Whitened, control_columns, trend_columns, whiten

POWER = 0.85
QUIETER = 1 / 3
"""A source whose innovations keep less of their power cannot show that its link has ended."""


def assess_link(
    x: ArrayLike,
    y: ArrayLike,
    *,
    lags: Iterable[int],
    sign: int = 1,
    alpha: float = 0.05,
    smallest_effect: float = 0.3,
    season: Season = None,
    log: bool = False,
    controls: Iterable[ArrayLike] = (),
    calendar: ArrayLike | None = None,
    link: str | None = None,
    period: str = "period",
    seed: int = 0,
) -> LinkEvidence:
    """Return the evidence on "x leads y at one of `lags` with this `sign`" (+1, -1; 0 asks both ways).

    `x` and `y` hold one value per period of one calendar grid, NaN where there is none; `lags` are whole
    periods >= 0 by which y comes later. `season` is a season's length in periods (with its number of
    harmonics, if not 2, or 3 up to length 7); exponential series want `log`. `controls` are series of
    suspected common drivers: they are taken out of both at lags 0 to the longest. `calendar` (n, c) says what
    the calendar held in each period, such as working days and feasts: it is used where it shows. `seed`
    feeds the permutations of the decay test alone. Weak data give "undecided", never an error; an infinite
    value, unequal lengths, a negative lag, or a value <= 0 under `log` do (`HistoryError`,
    `DefinitionError`). About 5 ms. Terms: `LinkEvidence`; method: S9.2.

    >>> rng = np.random.default_rng(4)
    >>> calls = rng.standard_normal(104)
    >>> deals = np.r_[np.zeros(3), 2.0 * calls[:-3]] + rng.standard_normal(104)
    >>> found = assess_link(calls, deals, lags=range(1, 7))
    >>> found.verdict, found.lag, found.lag_set, found.decayed_at
    ('supported', 3, (3,), None)
    """
    (found,) = assess_rows(
        one_row(x, "x"), one_row(y, "y"), lags=lags, links=[link], sign=sign, alpha=alpha,
        smallest_effect=smallest_effect, season=season, log=log, controls=controls, calendar=calendar,
        period=period, seed=seed,
    )  # fmt: skip
    return found


def assess_rows(
    x: Floats,
    y: Floats,
    *,
    lags: Iterable[int],
    links: Sequence[str | None],
    sign: int = 1,
    alpha: float = 0.05,
    smallest_effect: float = 0.3,
    season: Season = None,
    log: bool = False,
    controls: Iterable[ArrayLike] = (),
    calendar: ArrayLike | None = None,
    period: str = "period",
    seed: int = 0,
) -> tuple[LinkEvidence, ...]:
    """Return the evidence on each of many links of one grid: `x` and `y` (B, n), row by row as `assess_link`.

    What is taken out of the series is found for all rows at once. About 1 ms a row.
    """
    wanted = checked_lags(lags)
    pairs = _prepared(x, y, wanted, season, log, controls, calendar)
    found = pairs.judged(wanted, checked_sign(sign), alpha, smallest_effect)
    scores = target_scores(pairs.wx, pairs.wy)
    evidence = []
    for row, link in enumerate(links):
        one = _evidence(found, pairs, row, wanted, sign, alpha, smallest_effect)
        one = attrs.evolve(one, link=link, period=period)
        if not (found.guarded[row] or found.note[row] == FEW_MOVES):
            one = _with_decay(one, pairs, row, scores[row], alpha, seed)
        evidence.append(one)
    return tuple(evidence)


def assess_pairs(
    x: ArrayLike,
    y: ArrayLike,
    *,
    lags: Iterable[int],
    sign: int = 1,
    alpha: float = 0.05,
    smallest_effect: float = 0.3,
    season: Season = None,
    log: bool = False,
    controls: Iterable[ArrayLike] = (),
    calendar: ArrayLike | None = None,
) -> PairVerdicts:
    """Judge many pairs at once: `x` and `y` (B, n), pair by pair; terms as in `assess_link`.

    Without slope, decay and periods needed. A row's verdict is the one `assess_link` gives, decay aside.
    About 0.5 ms a pair, one more where a link is significant.

    >>> rng = np.random.default_rng(0)
    >>> assess_pairs(rng.standard_normal((3, 30)), rng.standard_normal((3, 30)), lags=[1, 2]).verdict.shape
    (3,)
    """
    a, b = np.atleast_2d(finite_values(x, "x")), np.atleast_2d(finite_values(y, "y"))
    wanted = checked_lags(lags)
    pairs = _prepared(a, b, wanted, season, log, controls, calendar)
    return pairs.judged(wanted, checked_sign(sign), alpha, smallest_effect)


@attrs.frozen(eq=False)
class _Prepared:
    """Series (B, n) as given, and in logs where asked; what is regressed out, and what that leaves."""

    given: tuple[Floats, Floats]
    x: Floats
    y: Floats
    columns: Floats
    season: float | None
    wx: Whitened
    wy: Whitened

    def judged(self, lags: tuple[int, ...], sign: int, alpha: float, smallest_effect: float) -> PairVerdicts:
        return judge(
            self.wx, self.wy, self.given, lags,
            sign=sign, alpha=alpha, smallest_effect=smallest_effect, season=self.season,
        )  # fmt: skip


def _prepared(
    x: Floats,
    y: Floats,
    lags: tuple[int, ...],
    season: Season,
    log: bool,
    controls: Iterable[ArrayLike],
    calendar: ArrayLike | None,
) -> _Prepared:
    if x.shape != y.shape:
        raise HistoryError(f"x has shape {x.shape} and y {y.shape}; put both on one grid of equal length")
    given = x, y
    if log:
        x, y = logarithms(x, "x"), logarithms(y, "y")
    n = x.shape[1]
    cycle = checked_season(season)
    columns = trend_columns(n, cycle)
    drivers = [one_row(control, f"control {i}") for i, control in enumerate(controls)]
    if any(driver.shape[1] != n for driver in drivers):
        raise HistoryError(f"a control series has another length than x and y ({n}); put it on their grid")
    if drivers and n:
        columns = np.hstack([columns, control_columns(np.vstack(drivers), min(max(lags), n - 1))])
    events = Events(season=cycle[0] if cycle else None, calendar=calendar_of(calendar, n))
    wx, wy = whiten(x, columns, events=events), whiten(y, columns, events=events)
    return _Prepared(given, x, y, columns, events.season, wx, wy)


def _evidence(
    found: PairVerdicts,
    pair: _Prepared,
    row: int,
    lags: tuple[int, ...],
    sign: int,
    alpha: float,
    smallest_effect: float,
) -> LinkEvidence:
    at = lags.index(int(found.lag[row]))
    common = LinkEvidence(
        verdict=UNDECIDED, lag=None, lag_set=(), effect=None, interval=None, slope=None, p_value=1.0,
        e_value=1.0, n=int(found.n[row]), df=float(found.df[row, at]), needed=None, sign=sign, lags=lags,
        smallest_effect=smallest_effect,
    )  # fmt: skip
    if not found.correlations[row].any():
        rare = 0 < min(int(pair.wx.moves[row]), int(pair.wy.moves[row])) < MIN_MOVES
        nothing = "a series never moves beside its trend, or no two values ever meet at these lags"
        return attrs.evolve(common, note=FEW_MOVES if rare else nothing)
    lag, verdict, note = int(found.lag[row]), str(found.verdict[row]), str(found.note[row])
    waiting = verdict == UNDECIDED and not found.guarded[row]
    if verdict in (SUPPORTED, OPPOSED) and pair.season and pair.x.shape[1] < 2 * pair.season - 1:
        note = "less than two seasons: season and link cannot be told apart for certain"
    settled = None if verdict == UNDECIDED else 0
    columns = (found.correlations, found.df, found.critical, found.upper, found.bound)
    ends = zip(found.lag_low[row].tolist(), found.lag_high[row].tolist(), strict=True)
    return attrs.evolve(
        common,
        verdict=verdict,
        lag=lag,
        lag_set=tuple(k for k, kept in zip(lags, found.lag_set[row].tolist(), strict=True) if kept),
        effect=float(found.effect[row]),
        interval=(float(found.low[row]), float(found.high[row])),
        slope=_slope(pair, row, lag),
        p_value=float(found.p_value[row]),
        p_opposite=float(found.p_opposite[row]),
        e_value=float(found.e_value[row]),
        needed=_needed(found, row, at, len(lags), sign, alpha, smallest_effect) if waiting else settled,
        inflation=float(found.inflation[row]),
        basis="level" if found.by_level[row] else "innovations",
        note=note,
        per_lag=tuple(
            LagEvidence(
                lag=k, correlation=r, df=df, critical=critical, upper=upper, bound=bound, interval=interval
            )
            for k, interval, r, df, critical, upper, bound in zip(
                lags, ends, *(v[row].tolist() for v in columns), strict=True
            )
        ),
    )


def _needed(
    found: PairVerdicts, row: int, at: int, lags: int, sign: int, alpha: float, smallest_effect: float
) -> int:
    """More periods until a link as strong as this one, or none, is decided in 80 % of cases; at least 1."""
    effect, df, inflation = float(found.effect[row]), float(found.df[row, at]), float(found.inflation[row])
    strength = np.arctanh(min(max(sign * effect if sign else abs(effect), smallest_effect), 0.999))
    tail = 1.0 - (1.0 - alpha) ** (1.0 / lags)
    support = (normal_quantile(1.0 - tail / (1 if sign else 2)) + normal_quantile(POWER)) / strength
    refute = (normal_quantile(1.0 - alpha) + normal_quantile(POWER ** (1.0 / lags))) / np.arctanh(
        smallest_effect
    )
    more = (max(min(support, refute) ** 2 + 1.0, MIN_DF) - df) * inflation
    return int(np.ceil(max(more, MIN_POINTS - int(found.n[row]), 1.0)))


def _slope(pair: _Prepared, row: int, lag: int) -> float | None:
    """Target units per source unit: y_t on x_{t - lag}, beside columns, both's events and y's own lags."""
    x, y = pair.x[row], pair.y[row]
    order, n = int(pair.wy.order[row]), len(y)
    start = max(order, lag)
    others = [pair.columns[start:], _events(pair, row, lag, start), own_lags(y, order)[start:]]
    found = partial_slope(y[start:], x[start - lag : n - lag], np.hstack(others))
    return found[0] if found else None


def _events(pair: _Prepared, row: int, lag: int, start: int) -> Floats:
    """What was taken out of either series, as columns of the periods of y from `start` on."""
    n = pair.y.shape[1]
    none = np.zeros((0, n))
    x, y = pair.wx.events.get(row, none).T, pair.wy.events.get(row, none).T
    return np.hstack([y[start:], x[start - lag : n - lag]])


def _with_decay(
    evidence: LinkEvidence, pair: _Prepared, row: int, target: Floats, alpha: float, seed: int
) -> LinkEvidence:
    """Name a link decayed whose strength changed, and that is supported before the change and not after."""
    if evidence.lag is None or evidence.effect is None or evidence.verdict == OPPOSED:
        return evidence
    n = pair.x.shape[1]
    a, b = pair.wx.scores[row, : n - evidence.lag], target[evidence.lag :]
    kept = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    if len(kept) < MIN_POINTS:
        return evidence
    happened = _events(pair, row, evidence.lag, evidence.lag)[kept]
    a, b = (v[kept] - happened @ np.linalg.lstsq(happened, v[kept], rcond=None)[0] for v in (a, b))
    change = strength_change(a, b, seed=seed)
    split = change.split
    if np.square(a[split:]).mean() < QUIETER * np.square(a[:split]).mean():
        return evidence
    whole = evidence.verdict == SUPPORTED
    if change.p_value > (alpha if whole else alpha / 5):
        return evidence
    side = evidence.sign or (1 if change.before > 0 else -1)
    searched = 1 if whole else len(evidence.lags)
    before = float(sidak(_half_p(side * change.before, split, evidence), searched))
    after = float(_half_p(side * change.after, len(kept) - split, evidence))
    if before > alpha or after <= alpha / 5 or side * change.after >= side * change.before:
        return evidence
    return attrs.evolve(evidence, verdict="decayed", decayed_at=int(kept[split]) + evidence.lag, needed=0)


def _half_p(r: float, points: int, evidence: LinkEvidence) -> Floats:
    df = max(1.0, (points - 2) / evidence.inflation)
    bounded = min(max(r, -0.9999999), 0.9999999)
    return student_tail(np.array(bounded * np.sqrt(df / (1.0 - bounded**2))), np.array(df))
