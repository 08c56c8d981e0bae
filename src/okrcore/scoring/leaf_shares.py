"""Compute how much of a score each leaf gives: effective weights along every path (S4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import attrs
import numpy as np

from okrcore.errors import UnknownIdError
from okrcore.frozen import FrozenDict
from okrcore.scoring import kernels
from okrcore.scoring.graph import Floats, Graph, RollupEdges, RowNumbers
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot


def contributions(snapshot: Snapshot, id: str) -> Mapping[str, float]:
    """Return each key result under an objective and what it gives to the score: weight * score.

    The effective weights are renormalised at every objective over children with a score; a key result
    reached by two paths has its path weights added. The values sum to the score before rounding (1e-12
    relative). A key result contributes its own score to itself. Unknown leaves are left out. A closed
    objective rests on what it rested on when it was closed. By id.

    >>> from okrcore import Cycle, KeyResult, History, Objective, Observation, Portfolio, Target, evaluate
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> a = KeyResult(id="a", objective="grow", title="A", measure=Target(0, 10))
    >>> b = KeyResult(id="b", objective="grow", title="B", measure=Target(0, 10), weight=3)
    >>> history = History.of([Observation("a", "2026-06-30", 8), Observation("b", "2026-06-30", 4)])
    >>> dict(contributions(evaluate(Portfolio.of(year, goal, a, b), history, as_of="2026-07-01"), "grow"))
    {'a': 0.2, 'b': 0.30000000000000004}
    """
    return LeafShares(snapshot).under(id)


@attrs.frozen(eq=False)
class LeafShares:
    """What every child gives to its parents, found once a snapshot however many goals are asked about."""

    snapshot: Snapshot

    @cached_property
    def _parts(self) -> Sequence[tuple[RollupEdges, RowNumbers, Floats]]:
        """The edges bottom up, with the owner and the share of each child."""
        values, scores = self.snapshot.objective_values, self.snapshot.result_values.raw
        graph, policy = values.graph, self.snapshot.scoring
        counted = [
            (
                edges,
                edges.owners,
                _counted(edges, scores if edges is graph.leaves else values.raw, graph, policy),
            )
            for edges in (graph.leaves, *graph.levels)
        ]
        whole = np.zeros(graph.size)
        for _, owner, weights in counted:
            np.add.at(whole, owner, weights)
        return [
            (edges, owner, np.nan_to_num(kernels.share(weights, whole[owner])))
            for edges, owner, weights in counted
        ]

    def under(self, id: str) -> Mapping[str, float]:
        """Return what `contributions` does of one goal."""
        snapshot, compiled = self.snapshot, self.snapshot.compiled
        scores, goals = snapshot.result_values.raw, snapshot.objective_values.raw
        if id in compiled.result_rows:
            row = compiled.result_rows[id]
            return FrozenDict() if np.isnan(scores[row]) else FrozenDict({id: float(scores[row])})
        if id not in compiled.goal_rows:
            raise UnknownIdError(f"{id!r} is no objective or key result; ask for one of these")
        leaves = snapshot.objective_values.graph.leaves
        share = np.zeros(len(goals))
        share[compiled.goal_rows[id]] = 1.0
        passed = np.zeros(0)
        for edges, owner, parts in reversed(self._parts):
            passed = share[owner] * parts
            if edges.children is not None and edges is not leaves:
                np.add.at(share, edges.children, passed)
        known = leaves.of(scores)
        names = leaves.of(np.array(compiled.key_results, dtype=object))
        given = passed * np.nan_to_num(kernels.clamp(known, snapshot.scoring.rollup_clamp))
        rows = np.flatnonzero((passed != 0) & ~np.isnan(known))
        found = {names[row]: float(given[row]) for row in rows.tolist()}
        for closed, then in snapshot.verdicts.items():  # it stands alone now, by what it rested on then
            row = compiled.goal_rows[closed]
            computed = then.objective_values.raw[row]
            if share[row] and computed:
                part = float(share[row] * goals[row] / computed)
                for name, amount in contributions(then, closed).items():
                    found[name] = found.get(name, 0.0) + part * amount
        return FrozenDict(sorted(found.items()))


def _counted(edges: RollupEdges, scores: Floats, graph: Graph, policy: ScoringPolicy) -> Floats:
    """Return the weight that each child counts with: none where it is unknown and left out (S4.1, S4.5)."""
    weightless = graph.total[edges.owners] == 0
    weights = np.where(weightless, 1.0 if policy.zero_weights == "mean" else 0.0, edges.weights)
    left_out = np.isnan(edges.of(scores)) & (policy.missing == "exclude")
    return np.where(left_out, 0.0, weights)
