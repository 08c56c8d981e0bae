"""Find the guardrails that hold objectives down: key results and KPIs that are breached (S5.5)."""

from __future__ import annotations

import numpy as np

from okrcore.scoring import kernels
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, RowNumbers
from okrcore.scoring.history_codes import HistoryCodes
from okrcore.scoring.judged_kpis import judge_kpis
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import Roster
from okrcore.scoring.scoring_policy import MISSED, ScoringPolicy
from okrcore.scoring.snapshot_columns import KpiValues, ResultColumns


def breached_results(
    compiled: CompiledPortfolio, results: ResultColumns, policy: ScoringPolicy
) -> RowNumbers:
    """Return the rows of the key results that are breached guardrails, outside or short (S5.5)."""
    measures = compiled.measures
    rows = np.flatnonzero(compiled.guardrail & (~results.silent | (results.status == MISSED)))
    value, goal = results.reading.value[rows], measures.goal[rows]
    short = np.where(measures.sense[rows] < 0, value > goal, value < goal)
    inside = kernels.inside(value, measures.low[rows], measures.high[rows], policy.inclusive)
    return np.asarray(rows[np.where(np.isnan(measures.low[rows]), short, inside == 0)])


def breached_kpis(
    roster: Roster, kpis: KpiValues, reader: Reader, codes: HistoryCodes, of: Flags | None = None
) -> frozenset[tuple[int, int]]:
    """Return the rows of each breached KPI and what it guards, up to whose end it is read (A6).

    `of` says which KPIs are asked for, None: all.
    """
    pairs = [(row, goal) for row, goals in roster.columns.guards for goal in goals.tolist()]
    if (inactive := roster.compiled.inactive) is not None:
        pairs = [(row, goal) for row, goal in pairs if not inactive.idle_objectives[goal]]
    pairs = pairs if of is None else [pair for pair in pairs if of[pair[0]]]
    kpi, goal = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    zone, end = kpis.zone[kpi], roster.compiled.end_day[goal]
    past = np.flatnonzero(end < roster.goal_days(reader.when)[goal])
    if len(past):
        zone[past] = judge_kpis(roster, reader, codes, kpi[past], end[past]).zone
    return frozenset(pair for pair, breached in zip(pairs, (zone == 1).tolist(), strict=True) if breached)
