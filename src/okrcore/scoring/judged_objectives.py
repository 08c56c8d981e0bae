"""Judge the objectives of one moment: the roll-up of scores, expectations and statuses (S4, S5.4)."""

from __future__ import annotations

import numpy as np

from okrcore.scoring import kernels
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, Floats, NodeCodes, RowNumbers
from okrcore.scoring.inactive import Inactive
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    COMMITMENTS,
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
    silent: Flags,
    breached: Flags,
    held: frozenset[tuple[int, int]],
    today: RowNumbers,
    inactive: Inactive | None,
    policy: ScoringPolicy,
) -> ObjectiveColumns:
    """Return how each objective stands; the `breached` are held down, by a KPI the pairs in `held`."""
    graph = compiled.graph
    idle = np.zeros(graph.size, dtype=np.bool_) if inactive is None else inactive.idle_objectives
    opening = results.status == NOT_STARTED
    begun = today >= compiled.start_day
    counted = None
    if policy.waits and (opening.any() or not begun.all()):
        counted = kernels.counted(~opening, begun, graph)
    live = None if counted is None else counted.objectives
    raw = np.where(idle, np.nan, kernels.average(results.raw, graph, policy, policy.rollup_clamp, live))
    cut = kernels.clamp(results.raw, policy.rollup_clamp)
    known = ~np.isnan(results.raw) & ~(silent & ~np.isnan(results.reading.value))
    leaf, own = np.where(known, cut, 0.0), np.where(np.isnan(raw), 0.0, raw)
    told = (~np.isnan(raw)).astype(np.float64)
    low, high, heard = kernels.nominal(
        np.stack([leaf, np.where(known, cut, 1.0), known.astype(np.float64)]),
        np.stack([own, np.where(np.isnan(raw), 1.0, raw), told]),
        graph,
        counted,
    )
    low, high = np.fmin(low, raw), np.fmax(high, raw)
    due = np.where(np.isnan(results.raw) & (policy.missing == "exclude"), np.nan, results.expected)
    expected = np.where(idle, np.nan, kernels.average(due, graph, policy, begun=live))
    provisional = (today > compiled.end_day) & ~idle
    if provisional.any():
        provisional &= kernels.reached(results.provisional, graph)
    status = _objective_statuses(
        compiled, results, raw, expected, heard, breached, provisional, live, today, policy
    )
    if inactive is not None:
        status = np.where(idle, inactive.objectives, status).astype(np.int8)
    return ObjectiveColumns(
        raw=raw,
        score=kernels.rounded(raw, policy),
        low=kernels.rounded(low, policy),
        high=kernels.rounded(high, policy),
        heard=heard,
        results=results,
        graph=graph,
        counted=counted,
        expected=expected,
        status=status,
        provisional=provisional,
        breaches=held,
    )


def _objective_statuses(
    compiled: CompiledPortfolio,
    results: ResultColumns,
    raw: Floats,
    expected: Floats,
    heard: Floats,
    breached: Flags,
    provisional: Flags,
    begun: Flags | None,
    today: RowNumbers,
    policy: ScoringPolicy,
) -> NodeCodes:
    """S5.4: the worst weighted child, or the own score's pace; aspirational ones by their score once over."""
    size = len(raw)
    over = (today > compiled.end_day) & ~provisional
    no = np.zeros(size, dtype=bool)
    own = kernels.judge(
        progress=raw,
        score=kernels.rounded(raw, policy),
        expected=expected,
        enough=np.array([policy.achieved_at[name] for name in COMMITMENTS])[compiled.commitment],
        planned=no,
        banded=no,
        waiting=no,
        over=over,
        silent=np.isnan(raw),
        policy=policy,
    )
    aspirational = compiled.commitment == COMMITMENTS.index("aspirational")
    by_score = (over & aspirational) | (policy.objective_status == "pace")
    return kernels.worst(
        results.status,
        np.full(size, NO_DATA, dtype=np.int8),
        coverage=heard,
        held=np.where(breached, np.where(over, MISSED, OFF_TRACK), ACHIEVED).astype(np.int8),
        fixed=np.where(by_score & ~np.isnan(raw), own, -1).astype(np.int8),
        begun=begun,
        graph=compiled.graph,
        policy=policy,
    )
