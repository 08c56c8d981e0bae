"""Series into the pairs of which one gets better as the other gets worse (S13.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs
import numpy as np

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.opposed import Influence
from okrcore.conflicts.sides import BETTER, Scene, Side
from okrcore.definitions.links import Link
from okrcore.definitions.rates import Rates
from okrcore.history.columns import History
from okrcore.leading.assess import assess_pairs
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.grid import Grid, coarser
from okrcore.leading.link_test import PairVerdicts, e_value
from okrcore.leading.multiplicity import e_benjamini_hochberg
from okrcore.leading.screen import screen_links
from okrcore.leading.signals import Signal, read_signals
from okrcore.scoring.moment import to_date

_PRIOR_SD = 1.0
"""Standard deviation of the slope that an e-value bets on: a harm worth a conflict is no small effect."""
_MARGIN = 8.0
"""Twice for the sign, times what a screen's degrees of freedom may lie off those of the pair alone."""


@attrs.frozen(kw_only=True)
class _Finding:
    """One pair whose improvement and worsening go together; numbers of raw values."""

    source: str
    goal: Side
    since: dt.date
    effect: float
    interval: tuple[float, float]
    lag: int
    period: str
    e_value: float
    n: int
    df: float


class _Pair(NamedTuple):
    source: Signal
    target: Signal
    goal: Side
    sign: int
    """Of the source, where more is better."""


def measured_conflicts(
    influence: Influence,
    history: History,
    *,
    known_at: dt.date | dt.datetime | None,
    rates: Rates | None,
    q: float,
    season: bool,
) -> Iterator[Conflict]:
    """Yield the pairs that e-Benjamini-Hochberg keeps at `q` among all pairs of a KPI and a goal.

    Every pair with a direction on both sides and observations of both is a candidate. One screen bounds the
    e-values of all; those that could be kept are then judged one by one, each on its own span. About 1 us
    a pair and 1 ms for each that is judged.
    """
    scene = influence.scene
    better = {kpi.id: BETTER[kpi.direction] for kpi in scene.kpis.values() if kpi.direction}
    goals = [side for sides in scene.by_measure.values() for side in sides]
    signals = read_signals(
        scene.portfolio,
        history,
        [*better, *(side.id for side in goals)],
        as_of=scene.when.as_of,
        known_at=known_at,
        rates=rates,
    )
    pairs, bounds = _screened(better, goals, signals, season)
    possible = np.flatnonzero(e_benjamini_hochberg(bounds, q)).tolist()
    findings = [_judged(pairs[row], season) for row in possible]
    e = np.zeros(len(pairs))
    e[: len(findings)] = [one.e_value for one in findings]
    yield from _kept(influence, findings, e, q)


def evident_conflicts(
    influence: Influence, evidence: Iterable[LinkEvidence], history: History | None, q: float
) -> Iterator[Conflict]:
    """Yield the conflicts that evidence on declared links shows; nothing is tested again.

    Candidates are links from a KPI to a goal, both with a direction. An e-value speaks for the sign that
    was asked: for a link declared to harm, or for either sign where the effect harms.
    """
    scene = influence.scene
    links: Mapping[str, Link] = {link.id: link for link in scene.portfolio.links}
    findings: list[_Finding] = []
    e: list[float] = []
    for one in evidence:
        link = links.get(one.link or "")
        kpi = scene.kpis.get(link.source) if link else None
        sides = scene.by_measure.get(scene.measure(link.target), []) if link else []
        for side in sides:
            if kpi is None or not kpi.direction or side.measure == kpi.id:
                continue
            harm = -BETTER[kpi.direction] * side.better
            shown = one.effect is not None and one.effect * harm > 0 and one.sign in (harm, 0)
            e.append(one.e_value if shown else 0.0)
            if shown and one.effect is not None and one.interval is not None and one.lag is not None:
                findings.append(
                    _Finding(
                        source=kpi.id, goal=side, since=_first_common(scene, history, kpi.id, side.measure),
                        effect=one.effect, interval=one.interval, lag=one.lag, period=one.period,
                        e_value=one.e_value, n=one.n, df=one.df,
                    )
                )  # fmt: skip
    yield from _kept(influence, findings, np.array(e), q)


def _screened(
    better: Mapping[str, int], goals: Sequence[Side], signals: Mapping[str, Signal], season: bool
) -> tuple[list[_Pair], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Every candidate with an upper bound of its e-value."""
    pairs: list[_Pair] = []
    bounds: list[float] = []
    left = [signals[name] for name in sorted(better) if name in signals]
    right = [(signals[side.id], side) for side in goals if side.id in signals]
    for grid in sorted({one.grid for one in (*left, *(signal for signal, _ in right))}, key=_size):
        xs = [one for one in left if coarser(one.grid, grid) == grid]
        ys = [(one, side) for one, side in right if coarser(one.grid, grid) == grid]
        if not xs or not ys:
            continue
        edges = grid.edges(min(int(one.days[0]) for one in (*xs, *(one for one, _ in ys))), xs[0].last)
        found = screen_links(
            np.array([one.on(edges) for one in xs]),
            np.array([one.on(edges) for one, _ in ys]),
            lags=grid.lags(None),
            season=grid.season if season else None,
        )
        bound = np.where(found.enough, _MARGIN * e_value(found.effect, found.df, 0, _PRIOR_SD), 0.0)
        for i, x in enumerate(xs):
            for j, (y, side) in enumerate(ys):
                if x.measure != y.measure and grid in (x.grid, y.grid):
                    pairs.append(_Pair(x, y, side, better[x.id]))
                    bounds.append(float(bound[i, j]))
    return pairs, np.array(bounds)


def _size(grid: Grid) -> tuple[float, str]:
    return grid.length, grid.unit


def _judged(pair: _Pair, season: bool) -> _Finding:
    """The e-value for "the better the source, the worse the goal", on the pair's own span."""
    x, y, side, sign = pair
    grid = coarser(x.grid, y.grid)
    edges = grid.edges(min(int(x.days[0]), int(y.days[0])), x.last)
    a, b = x.on(edges), y.on(edges)
    harm = -sign * side.better
    lags = grid.lags(None)
    found = assess_pairs(a, b, lags=lags, sign=harm, season=grid.season if season else None)
    common = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    return _Finding(
        source=x.id,
        goal=side,
        since=to_date(int(edges[common[0]])) if len(common) else to_date(x.last),
        effect=float(found.effect[0]),
        interval=(float(found.low[0]), float(found.high[0])),
        lag=int(found.lag[0]),
        period=grid.period,
        e_value=_e_value(found, np.array(lags), harm),
        n=int(found.n[0]),
        df=float(found.df[0]),
    )


def _e_value(found: PairVerdicts, lags: np.ndarray[tuple[int, ...], np.dtype[np.int64]], sign: int) -> float:
    """Mean over the lags; each lag leaves fewer degrees of freedom than the one before."""
    if not found.enough[0]:
        return 0.0
    df = np.maximum(1.0, found.df[0] + (found.lag[0] - lags) / found.inflation[0])
    return float(e_value(found.correlations[0], df, sign, _PRIOR_SD).mean())


def _kept(
    influence: Influence,
    findings: Sequence[_Finding],
    e: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    q: float,
) -> Iterator[Conflict]:
    kept = e_benjamini_hochberg(e, q)
    if not kept.any():
        return
    threshold = len(e) / (q * int(kept.sum()))
    for finding in sorted(findings, key=lambda one: (-one.e_value, one.source, one.goal.id)):
        if finding.e_value >= threshold:
            for side, chain in _lifted(influence, finding):
                yield _conflict(finding, side, chain, len(e), threshold)


def _lifted(influence: Influence, finding: _Finding) -> list[tuple[str, tuple[str, ...]]]:
    """The nearest key results that the source is declared to help, with the ids that lead there; else itself.

    A source that measures a key result is that key result.
    """
    scene, chains, source = influence.scene, influence.chains, finding.source
    own = [side.id for side in scene.by_measure.get(source, []) if side.id in scene.results]
    if own:
        return [(name, (name, source)) for name in own]
    better = BETTER[scene.kpis[source].direction]
    names, found = influence.network.names, []
    for chain in np.flatnonzero(chains.source == influence.network.rows[source]).tolist():
        sign = better * (1 - 2 * int(chains.flips[chain]))
        for side in scene.by_measure.get(names[chains.goal[chain]], []):
            if side.id in scene.results and sign * side.better > 0 and side.measure != finding.goal.measure:
                nodes = influence.nodes(chain)
                found.append((side.id, (side.id, *nodes[-2::-1])))
    nearest = min((len(path) for _, path in found), default=0)
    return [one for one in found if len(one[1]) == nearest] or [(source, (source,))]


def _conflict(finding: _Finding, side: str, lead: tuple[str, ...], tested: int, threshold: float) -> Conflict:
    low, high = finding.interval
    lower = low if finding.effect > 0 else -high
    path = (*lead, finding.goal.id)
    sides = sorted([side, finding.goal.id])
    lag = f"{finding.lag} {finding.period}{'' if finding.lag == 1 else 's'}"
    witness = {
        "source": finding.source,
        "goal": finding.goal.id,
        "lag": finding.lag,
        "period": finding.period,
        "effect": finding.effect,
        "interval": finding.interval,
        "e_value": finding.e_value,
        "threshold": threshold,
        "tested": tested,
        "n": finding.n,
        "df": finding.df,
    }
    return Conflict(
        kind="measured",
        sides=tuple(sides),
        degree=min(1.0, max(0.0, lower)),
        since=finding.since,
        witness=witness,
        path=path if path[0] == sides[0] else path[::-1],
        sentence=(
            f"{finding.goal.id} gets worse {lag} after {finding.source} gets better: effect "
            f"{finding.effect:+.2f} ({low:+.2f}..{high:+.2f}), e-value {finding.e_value:.3g} "
            f"of {threshold:.3g} needed among {tested} pairs, n {finding.n}"
        ),
    )


def _first_common(scene: Scene, history: History | None, source: str, measure: str) -> dt.date:
    """The first day from which both are observed; without a history the start of the cycle."""
    if history is None:
        return scene.cycle_start()
    firsts = [history.series(name, end=scene.day).times[:1] for name in (source, measure)]
    days = [one.date() if isinstance(one, dt.datetime) else one for first in firsts for one in first]
    return max(days, default=scene.cycle_start())
