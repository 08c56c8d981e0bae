"""Roll scores, expectations and statuses up a graph: sums and minima over whole columns (S4, S5.4).

Leaves are arrays (..., key results), results (..., objectives); NaN is unknown (S0.2). Where a graph is a
part, what it does not compute stays as it was before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from okrcore.scoring.graph import Flags, Floats, Graph, NodeCodes, Number, RowNumbers
from okrcore.scoring.kernels import SLACK, clamp, share
from okrcore.scoring.scoring_policy import ACHIEVED, NO_DATA, NOT_STARTED, ScoringPolicy


def _onto(
    before: npt.NDArray[Number] | None, graph: Graph, fresh: npt.NDArray[Number]
) -> npt.NDArray[Number]:
    """Return what objectives begin with: `fresh`; those that a part does not compute are as `before`."""
    if before is None:
        return fresh
    begin = before.copy()
    begin[..., graph.goals] = fresh[..., graph.goals]
    return begin


def average(
    leaves: Floats,
    graph: Graph,
    policy: ScoringPolicy,
    cut: str = "none",
    begun: Flags | None = None,
    before: Floats | None = None,
) -> Floats:
    """Return the weighted mean under every objective, (..., objectives), of leaf scores (..., key results).

    Unknown children are left out, or count 0 (knob `missing`); children are cut by `cut` before (S4.1, S4.6).
    An objective that has not begun has no score (None: all have). `before` has the scores of the others
    where the graph is a part.
    """
    scores = np.full((*leaves.shape[:-1], graph.size), np.nan)
    parts, weights, plain, count = (np.zeros(scores.shape) for _ in range(4))
    if policy.empty == "zero":
        scores[..., (graph.fan == 0) if begun is None else (graph.fan == 0) & begun] = 0.0
    scores = _onto(before, graph, scores)
    with np.errstate(divide="ignore", invalid="ignore"):
        for edges in (graph.leaves, *graph.levels):
            at = (..., edges.rows)
            values = edges.of(leaves if edges is graph.leaves else scores)
            values = values if cut == "none" else clamp(values, cut)
            unknown = np.isnan(values)
            if unknown.any():
                values = np.where(unknown, 0.0, values)
                known = np.ones(values.shape) if policy.missing == "zero" else (~unknown).astype(np.float64)
                weight = edges.sums(known, edges.weights)
            else:
                known, weight = None, edges.total
            part = parts[at] = parts[at] + edges.sums(values, edges.weights)
            weight = weights[at] = weights[at] + weight
            mean = part / weight
            if policy.zero_weights != "unknown":
                plain[at] += edges.sums(values)
                count[at] += edges.sums(np.ones(values.shape) if known is None else known)
                instead = share(plain[at], count[at]) if policy.zero_weights == "mean" else 0.0
                mean = np.where(graph.total[edges.rows] == 0, instead, mean)
            scores[at] = mean if begun is None else np.where(begun[edges.rows], mean, np.nan)
    return scores


def nominal(
    leaves: Floats,
    own: Floats,
    graph: Graph,
    counted: Counted | None = None,
    before: Floats | None = None,
) -> Floats:
    """Return the weighted mean over all children that count, unknown ones included as given (S4.3).

    `own` (..., objectives) stands for an objective without weighted children, which is a leaf itself.
    """
    parts, weights, levels = np.zeros(own.shape), np.zeros(graph.size), _onto(before, graph, own.copy())
    with np.errstate(divide="ignore", invalid="ignore"):
        for edges in (graph.leaves, *graph.levels):
            at, each, total = (..., edges.rows), edges.weights, edges.total
            if counted is not None:
                each = each * edges.of(counted.leaves if edges is graph.leaves else counted.objectives)
                total = edges.sums(each)
            part = parts[at] = parts[at] + edges.sums(
                edges.of(leaves if edges is graph.leaves else levels), each
            )
            weight = weights[edges.rows] = weights[edges.rows] + total
            levels[at] = np.where(weight > 0, part / weight, own[at])
    return levels


class Counted(NamedTuple):
    """Which key results and objectives have begun, and so have weight (A5)."""

    leaves: Flags
    objectives: Flags


def counted(leaves: Flags, begun: Flags, graph: Graph, before: Flags | None = None) -> Counted:
    """Return what counts: objectives that have `begun`, and of whose weighted children one counts."""
    weights, objectives = np.zeros(graph.size), _onto(before, graph, begun & (graph.total == 0))
    for edges in (graph.leaves, *graph.levels):
        weights[edges.rows] += edges.sums(
            edges.weights * edges.of(leaves if edges is graph.leaves else objectives)
        )
        live = (weights[edges.rows] > 0) | (graph.total[edges.rows] == 0)
        objectives[edges.rows] = begun[edges.rows] & live
    return Counted(leaves, objectives)


def reached(leaves: Flags, graph: Graph) -> Flags:
    """Return the objectives that a weighted path leads to from any of these key results."""
    found = np.zeros(graph.size, dtype=np.bool_)
    for edges in (graph.leaves, *graph.levels):
        some = edges.of(leaves if edges is graph.leaves else found) & (edges.weights > 0)
        found[edges.rows] |= edges.sums(some.astype(np.float64)) > 0
    return found


def worst(
    leaves: NodeCodes,
    own: NodeCodes,
    *,
    coverage: Floats,
    held: NodeCodes,
    fixed: NodeCodes,
    begun: Flags | None,
    graph: Graph,
    policy: ScoringPolicy,
    before: NodeCodes | None = None,
) -> NodeCodes:
    """Return each objective's status: that of its worst weighted child (S5.4).

    `own` is the status where no weighted child has data; `fixed` (-1: none) one judged otherwise; `held` the
    best status that breached guardrails leave (S5.5). Where an objective has not `begun` (None: all have),
    it is not-started (A5).
    """
    silent = coverage < policy.min_coverage - SLACK
    most = np.minimum(held, np.where(silent, NO_DATA, held)).astype(np.int8)
    given = np.where(fixed >= 0, np.minimum(fixed, most), -1).astype(np.int8)
    if begun is not None:
        given[~begun] = NOT_STARTED
    none = np.int8(ACHIEVED + 1)

    def settled(rows: slice | RowNumbers) -> NodeCodes:
        status = np.minimum(np.where(lowest[rows] > ACHIEVED, own[rows], lowest[rows]), most[rows])
        return np.where(given[rows] >= 0, given[rows], status)

    lowest = np.full(graph.size, none, dtype=np.int8)
    statuses = _onto(before, graph, settled(slice(None)))
    for edges in (graph.leaves, *graph.levels):
        codes = edges.of(leaves if edges is graph.leaves else statuses)
        told = (edges.weights > 0) & (codes != NO_DATA) & (codes != NOT_STARTED)
        least = edges.least(np.where(told, codes, none))
        lowest[edges.rows] = np.minimum(lowest[edges.rows], least)
        statuses[edges.rows] = settled(edges.rows)
    return statuses
