"""Judge the objectives of one moment: the roll-up of scores, expectations and statuses (S4, S5.4)."""

from __future__ import annotations

import numpy as np

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.scoring import kernels, rollup
from okrcore.scoring.closings import ClosedGoals
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, Floats, Graph, NodeCodes, RowNumbers
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    MISSED,
    NO_DATA,
    NOT_STARTED,
    OFF_TRACK,
    ScoringPolicy,
)
from okrcore.scoring.snapshot_columns import ObjectiveColumns, ResultColumns


def judge_objectives(
    compiled: CompiledPortfolio,
    results: ResultColumns,
    breached: Flags,
    held: frozenset[tuple[int, int]],
    today: RowNumbers,
    policy: ScoringPolicy,
    before: ObjectiveColumns | None = None,
    graph: Graph | None = None,
    closed: ClosedGoals | None = None,
) -> ObjectiveColumns:
    """Return how each objective stands; the `breached` are held down, by a KPI the pairs in `held`.

    `graph` is the part above all that changed since `before`; None: everything. What was `closed` before
    stays as it was judged then, and what is closed now is judged by its score as over (S21.6).
    """
    graph = compiled.graph if graph is None else graph
    done = ending = np.zeros(len(today), dtype=np.bool_)
    if closed is not None:
        done, ending, today = closed.done, closed.ending_objectives, np.maximum(today, closed.first_days)
    inactive = compiled.inactive
    idle = np.zeros(graph.size, dtype=np.bool_) if inactive is None else inactive.idle_objectives
    rows, opening, begun = graph.rows, results.status == NOT_STARTED, today >= compiled.start_day
    were_raw = were_bounds = were_expected = were_status = were_live = counted = live = None
    if before is not None:
        were_raw, were_bounds, were_expected = before.raw, before.bounds, before.expected
        were_status, were_live = before.status, before.every_live
    elif closed is not None:
        were_raw, were_bounds, were_expected = closed.raw, closed.bounds, closed.expected
        were_status, were_live = closed.status, closed.done
    if policy.waits and (opening.any() or not begun.all()):
        counted = rollup.counted(~opening[rows], begun, graph, were_live)
        live = counted.objectives
    leaves = results.raw[rows]
    raw = rollup.average(leaves, graph, policy, policy.rollup_clamp, live, were_raw)
    raw[idle] = np.nan
    cut = kernels.clamp(leaves, policy.rollup_clamp)
    known = ~np.isnan(leaves) & ~(results.silent[rows] & ~np.isnan(results.reading.value[rows]))
    leaf, own = np.where(known, cut, 0.0), np.where(np.isnan(raw), 0.0, raw)
    told = (~np.isnan(raw)).astype(np.float64)
    bounds = rollup.nominal(
        np.stack([leaf, np.where(known, cut, 1.0), known.astype(np.float64)]),
        np.stack([own, np.where(np.isnan(raw), 1.0, raw), told]),
        graph,
        counted,
        were_bounds,
    )
    low, high = np.fmin(bounds[0], raw), np.fmax(bounds[1], raw)
    due = np.where(np.isnan(leaves) & (policy.missing == "exclude"), np.nan, results.expected[rows])
    expected = rollup.average(due, graph, policy, begun=live, before=were_expected)
    expected[idle] = np.nan
    provisional = (today > compiled.end_day) & ~(idle | done | ending)
    if provisional.any():
        provisional &= rollup.reached(results.provisional, compiled.graph)
    status = _objective_statuses(
        compiled,
        graph,
        results.status[rows],
        raw,
        expected,
        bounds[2],
        breached,
        provisional,
        live,
        today,
        policy,
        were_status,
        ending,
    )
    if inactive is not None:
        status = np.where(idle, inactive.objectives, status).astype(np.int8)
    return ObjectiveColumns(
        raw=raw,
        score=kernels.rounded(raw, policy),
        low=kernels.rounded(low, policy),
        high=kernels.rounded(high, policy),
        bounds=bounds,
        results=results,
        graph=compiled.graph,
        live=live,
        expected=expected,
        status=status,
        provisional=provisional,
        breached=breached,
        breaches=held if closed is None else closed.breaches(held),
        closed=done,
        closed_coverage=np.zeros(0) if closed is None else closed.coverage,
    )


def _objective_statuses(
    compiled: CompiledPortfolio,
    graph: Graph,
    leaves: NodeCodes,
    raw: Floats,
    expected: Floats,
    heard: Floats,
    breached: Flags,
    provisional: Flags,
    begun: Flags | None,
    today: RowNumbers,
    policy: ScoringPolicy,
    before: NodeCodes | None,
    ending: Flags,
) -> NodeCodes:
    """S5.4: the worst weighted child, or the own score's pace; aspirational ones by their score once over."""
    size = len(raw)
    over = ((today > compiled.end_day) & ~provisional) | ending
    no = np.zeros(size, dtype=bool)
    own = kernels.judge(
        progress=raw,
        score=kernels.rounded(raw, policy),
        expected=expected,
        enough=kernels.enough(compiled.commitment, policy),
        planned=no,
        banded=no,
        waiting=no,
        over=over,
        silent=np.isnan(raw),
        policy=policy,
    )
    aspirational = compiled.commitment == COMMITMENTS.index("aspirational")
    by_score = (over & aspirational) | (policy.objective_status == "pace") | ending
    return rollup.worst(
        leaves,
        np.full(size, NO_DATA, dtype=np.int8),
        coverage=heard,
        held=np.where(breached, np.where(over, MISSED, OFF_TRACK), ACHIEVED).astype(np.int8),
        fixed=np.where(by_score & ~np.isnan(raw), own, -1).astype(np.int8),
        begun=begun,
        graph=graph,
        policy=policy,
        before=before,
    )
