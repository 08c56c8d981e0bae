"""Measure which pairs of series trade off: one gets better as the other gets worse (S13.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.opposed import Influence
from okrcore.conflicts.sides import Scene
from okrcore.conflicts.traded_pairs import TradedPair, judged_pairs
from okrcore.definitions.days import written_day
from okrcore.definitions.derived import better_of
from okrcore.definitions.links import Link
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.measured_series import read_signals
from okrcore.statistics.multiplicity import least_e_value
from okrcore.units.rates import Rates


def measured_conflicts(
    influence: Influence,
    history: AnyHistory,
    *,
    known_at: dt.date | dt.datetime | None,
    rates: Rates | None,
    q: float,
    season: bool,
    journal: Journal | None = None,
) -> Iterator[Conflict]:
    """Yield the pairs that e-Benjamini-Hochberg keeps at `q` among all pairs of a KPI and a goal.

    Every pair with a direction on both sides and observations of both is a candidate. About 1 us a pair,
    and 1 ms for each that could be kept.
    """
    scene = influence.scene
    better = {name: sign for name, kpi in scene.kpis.items() if (sign := better_of(kpi, scene.portfolio))}
    goals = [side for sides in scene.by_measure.values() for side in sides]
    signals = read_signals(
        scene.portfolio,
        history,
        [*better, *(side.id for side in goals)],
        as_of=scene.when.as_of,
        known_at=known_at,
        rates=rates,
        journal=journal,
    )
    findings, screened = judged_pairs(better, goals, signals, q, season)
    yield from _kept(influence, findings, screened, q)


def evident_conflicts(
    influence: Influence, evidence: Iterable[LinkEvidence], history: AnyHistory | None, q: float
) -> Iterator[Conflict]:
    """Yield the conflicts that evidence on declared links shows; nothing is tested again.

    Candidates are links from a KPI to a goal, both with a direction. An e-value speaks for the sign that
    was asked: for a link declared to harm, or for either sign where the effect harms.
    """
    scene = influence.scene
    links: Mapping[str, Link] = {link.id: link for link in scene.portfolio.links}
    findings: list[TradedPair] = []
    tested = 0
    for one in evidence:
        link = links.get(one.link or "")
        kpi = scene.kpis.get(link.source) if link else None
        sides = scene.by_measure.get(scene.measure(link.target), []) if link else []
        for side in sides:
            if kpi is None or not kpi.direction or side.measure == kpi.id:
                continue
            harm = -better_of(kpi, scene.portfolio) * side.better
            shown = one.effect is not None and one.effect * harm > 0 and one.sign in (harm, 0)
            tested += 1
            if shown and one.effect is not None and one.interval is not None and one.lag is not None:
                findings.append(
                    TradedPair(
                        source=kpi.id, goal=side, since=_first_common(scene, history, kpi.id, side.measure),
                        effect=one.effect, interval=one.interval, lag=one.lag, period=one.period,
                        e_value=one.e_value, n=one.n, df=one.df,
                    )
                )  # fmt: skip
    yield from _kept(influence, findings, tested, q)


def _kept(influence: Influence, findings: Sequence[TradedPair], tested: int, q: float) -> Iterator[Conflict]:
    threshold = least_e_value([one.e_value for one in findings], tested, q)
    for finding in findings:
        if finding.e_value >= threshold:
            for side, path in _lifted(influence, finding):
                yield _conflict(finding, side, path, tested, threshold)


def _lifted(influence: Influence, finding: TradedPair) -> list[tuple[str, tuple[str, ...]]]:
    """The nearest key results that the source is declared to help, with the ids that lead there; else itself.

    A source that measures a key result is that key result.
    """
    scene, chains, source = influence.scene, influence.chains, finding.source
    own = [side.id for side in scene.by_measure.get(source, []) if side.id in scene.results]
    if own:
        return [(name, (name, source)) for name in own]
    better = better_of(scene.kpis[source], scene.portfolio)
    names, found = influence.network.names, []
    for chain in np.flatnonzero(chains.source == influence.network.rows[source]).tolist():
        sign = better * (1 - 2 * int(chains.flips[chain]))
        for side in scene.by_measure.get(names[chains.goal[chain]], []):
            if side.id in scene.results and sign * side.better > 0 and side.measure != finding.goal.measure:
                nodes = influence.nodes(chain)
                found.append((side.id, (side.id, *nodes[-2::-1])))
    nearest = min((len(path) for _, path in found), default=0)
    return [one for one in found if len(one[1]) == nearest] or [(source, (source,))]


def _conflict(
    finding: TradedPair, side: str, lead: tuple[str, ...], tested: int, threshold: float
) -> Conflict:
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


def _first_common(scene: Scene, history: AnyHistory | None, source: str, measure: str) -> dt.date:
    """The first day from which both are observed; without a history the start of the cycle."""
    if history is None:
        return scene.cycle_start()
    firsts = [history.series(name, end=scene.day).times[:1] for name in (source, measure)]
    days = [written_day(one) for first in firsts for one in first]
    return max(days, default=scene.cycle_start())
