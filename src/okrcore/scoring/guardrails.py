"""Find the guardrails that hold objectives down: key results and KPIs that are breached (S5.5)."""

from __future__ import annotations

import numpy as np

from okrcore.history.backends import MeasureCodes, facts_of
from okrcore.scoring import kernels
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags
from okrcore.scoring.inactive import Inactive
from okrcore.scoring.judged_kpis import fresh_values, judged_on
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import Roster
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot_columns import KpiValues, ResultColumns


def under_breached_results(
    compiled: CompiledPortfolio, results: ResultColumns, silent: Flags, policy: ScoringPolicy
) -> Flags:
    """Return which objectives have a key result that is a breached guardrail (S5.5)."""
    measures = compiled.measures
    breached = np.zeros(len(compiled.objectives), dtype=bool)
    rows = np.flatnonzero(compiled.guardrail & ~silent)
    if len(rows):
        value, goal = results.reading.value[rows], measures.goal[rows]
        short = np.where(measures.sense[rows] < 0, value > goal, value < goal)
        inside = kernels.inside(value, measures.low[rows], measures.high[rows], policy.inclusive)
        outside = np.where(np.isnan(measures.low[rows]), short, inside == 0)
        breached[compiled.parent[rows[outside]]] = True
    return breached


def breached_kpis(
    roster: Roster, kpis: KpiValues, reader: Reader, kpi_codes: MeasureCodes, inactive: Inactive | None
) -> frozenset[tuple[int, int]]:
    """Return the rows of breached KPIs and of what they guard, read up to the end of that (A6)."""
    columns, ends = roster.columns, roster.compiled.end_day
    pairs = [(row, goal) for row, goals in columns.guards for goal in goals.tolist()]
    if inactive is not None:
        pairs = [(row, goal) for row, goal in pairs if not inactive.idle_objectives[goal]]
    kpi, goal = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    zone = kpis.zone[kpi]
    past = np.flatnonzero(ends[goal] < roster.goal_days(reader.when)[goal])
    if len(past):
        rows = kpi[past]
        subjects, end = roster.kpis.take(rows), ends[goal[past]]
        reading = reader.read(subjects, kpi_codes[rows], end, by_period=True)
        bands = columns.bands_on(rows, judged_on(columns, reader, subjects, rows, reading, end))
        samples = roster.kpi_samples.take(rows)
        counts = facts_of(reader.history).codes(samples.counts.measures)
        few = samples.few(samples.by_period(reader, counts, subjects, reading, end))
        fresh = np.where(few, np.nan, fresh_values(reading, reader.policy))
        zone = zone.copy()
        zone[past] = kernels.zone(fresh, bands.target, bands.limit, reader.policy.inclusive)
    return frozenset(pair for pair, breached in zip(pairs, (zone == 1).tolist(), strict=True) if breached)
