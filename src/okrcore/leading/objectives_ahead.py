"""Compute how likely objectives are achieved, from the paths of their key results together (S5.4, S10)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.display import percent
from okrcore.frozen import FrozenDict
from okrcore.leading.shared_shocks import JointPaths
from okrcore.leading.target_probability import LEVELS, Answer
from okrcore.leading.weeks_ahead import ObjectiveForecast, WeeksAhead
from okrcore.scoring import kernels, rollup
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Graph
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.scoring_policy import ACHIEVED
from okrcore.scoring.snapshot import Snapshot
from okrcore.statistics.distributions import Bools, Floats

NAMED = 3
BREACHED = 1


def trees_of(compiled: CompiledPortfolio) -> list[list[str]]:
    """Return the key results of each tree of objectives that contribute to one another."""
    root = {goal.id: goal.id for goal in compiled.goals}

    def top(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for goal in compiled.goals:
        for link in goal.contributes_to:
            first, second = sorted((top(goal.id), top(link.to)))
            root[second] = first
    trees: dict[str, list[str]] = {}
    for result in compiled.results:
        trees.setdefault(top(result.objective), []).append(result.id)
    return [trees[name] for name in sorted(trees)]


def objectives_ahead(
    snapshot: Snapshot, answers: Mapping[str, Answer], joint: JointPaths, *, paths: int
) -> dict[str, WeeksAhead]:
    """Return by id how likely each objective is achieved when its cycle ends.

    What has no forecast counts as it stands: a checklist, what is over, a breached guardrail KPI. Scores and
    statuses are those of `evaluate`, under the snapshot's policy.
    """
    compiled, policy, graph = snapshot.compiled, snapshot.scoring, snapshot.objective_values.graph
    progress, failing = _at_the_end(snapshot, answers, joint, paths)
    leaves = kernels.clamp(progress, policy.clamp, policy.cap)
    enough = kernels.enough(compiled.commitment, policy)
    met = kernels.rounded(leaves, policy) >= enough[compiled.parent] - SLACK
    forecast = np.isin(compiled.key_results, joint.ids)
    met |= ~forecast & (snapshot.result_values.status == ACHIEVED)
    scores = rollup.average(leaves, graph, policy, policy.rollup_clamp)
    known = ~np.isnan(leaves[0])
    coverage = rollup.nominal(known.astype(float), (~np.isnan(scores[0])).astype(float), graph)
    shown = kernels.rounded(scores, policy)
    by_score = compiled.commitment == COMMITMENTS.index("aspirational")
    by_score = by_score | (policy.objective_status == "pace")
    achieved = _achieved(
        graph, met=met, known=known, enough=shown >= enough - SLACK, by_score=by_score, failing=failing
    )
    under = _leaves_under(compiled, snapshot.not_pursued)
    found: dict[str, WeeksAhead] = {}
    for row, goal in enumerate(compiled.goals):
        leading = sorted(name for name in under[goal.id] if name in joint.places)
        if goal.id in snapshot.not_pursued:
            found[goal.id] = WeeksAhead(note=f"No forecast: it is {snapshot.objective(goal.id).status}")
        elif not leading:
            found[goal.id] = WeeksAhead(note="No forecast: no key result under it has one")
        elif coverage[row] < policy.min_coverage - SLACK:
            known_share = percent(float(coverage[row]), policy.min_coverage)
            found[goal.id] = WeeksAhead(note=f"No forecast: only {known_share} of its weight is known")
        else:
            rest = sorted(under[goal.id] - set(leading))
            found[goal.id] = WeeksAhead(
                achieved=_told(achieved[:, row], shown[:, row], leading, rest, joint.strongest(leading))
            )
    return found


def _told(
    achieved: Bools, scores: Floats, leading: list[str], rest: list[str], together: float
) -> ObjectiveForecast:
    count = len(achieved)
    p = float((achieved.sum() + 0.5) / (count + 1.0))
    notes = []
    if rest:
        more = f" and {len(rest) - NAMED} more" if len(rest) > NAMED else ""
        notes.append(f"without a forecast, and as they stand: {', '.join(rest[:NAMED])}{more}")
    if len(leading) > 1 and not together:
        notes.append("key results are taken as independent: no two were seen to move together")
    levels = np.quantile(scores, LEVELS, method="inverted_cdf").tolist()
    return ObjectiveForecast(
        p_final=p,
        scores=FrozenDict(zip(LEVELS, levels, strict=True)),
        together=together,
        key_results=tuple(leading),
        error=float(np.sqrt(p * (1.0 - p) / count)),
        note="; ".join(notes),
    )


def _at_the_end(
    snapshot: Snapshot, answers: Mapping[str, Answer], joint: JointPaths, paths: int
) -> tuple[Floats, Bools]:
    """Progress (paths, key results) at the due dates, and (paths, objectives) where a guardrail fails."""
    compiled, values = snapshot.compiled, snapshot.result_values
    reading = np.repeat(values.reading.value[None], paths, axis=0)
    failing = np.zeros((paths, len(compiled.objectives)), bool)
    for name, places in joint.places.items():
        row, one = compiled.result_rows[name], answers[name]
        reading[:, row] = one.held[places, -1]
        if compiled.guardrail[row]:
            failing[:, compiled.parent[row]] |= ~one.good[places, -1]
    ahead = compiled.measures.progress(reading, snapshot.scoring)
    progress = np.repeat(values.progress[None], paths, axis=0)
    for name, places in joint.places.items():
        row, one = compiled.result_rows[name], answers[name]
        progress[:, row] = ahead[:, row] if one.shares is None else one.shares[places]
    stands = np.array([name not in joint.places for name in compiled.key_results], bool)
    stands &= values.status <= ACHIEVED
    rows = np.flatnonzero(compiled.guardrail & stands & (values.progress < 1.0 - SLACK))
    failing[:, compiled.parent[rows]] = True
    for row, goals in snapshot.kpi_columns.guards:
        if snapshot.kpi_values.zone[row] == BREACHED:
            failing[:, goals] = True
    return progress, failing


def _achieved(
    graph: Graph,
    *,
    met: Bools,
    known: Bools,
    enough: Bools,
    by_score: Bools,
    failing: Bools,
) -> Bools:
    """(paths, objectives): all weighted children, or the own score, are enough; no guardrail fails."""
    short, children = np.zeros(enough.shape), np.zeros(graph.size)
    out = enough & by_score & ~failing
    there = children > 0
    for edges in (graph.leaves, *graph.levels):
        leaf = edges is graph.leaves
        counts = (edges.weights > 0) & edges.of(known if leaf else there)
        missed = ~edges.of(met if leaf else out) & counts
        short[..., edges.rows] += edges.sums(missed.astype(float))
        children[edges.rows] += edges.sums(counts.astype(float))
        there = children > 0
        every = (short == 0) & there
        out = np.where(by_score, enough, every) & ~failing
    return out


def _leaves_under(compiled: CompiledPortfolio, idle: frozenset[str]) -> dict[str, set[str]]:
    """The weighted key results and guardrails under each objective, its children's included."""
    above = {goal.id: [link.to for link in goal.contributes_to] for goal in compiled.goals}
    under: dict[str, set[str]] = {goal.id: set() for goal in compiled.goals}
    for result in compiled.results:
        waiting, seen = [] if result.id in idle else [result.objective], set(idle)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                under[name].add(result.id)
                waiting += above[name]
    return under
