"""Judge the KPIs of one moment: zone and satisfaction by the bands of their day (S7, A11)."""

from __future__ import annotations

import numpy as np

from okrcore.scoring import kernels
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.history_codes import HistoryCodes
from okrcore.scoring.inactive import Inactive
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster import KpiColumns, Roster
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot_columns import KpiValues
from okrcore.scoring.subject_periods import judging_days


def judge_kpis(roster: Roster, reader: Reader, codes: HistoryCodes, inactive: Inactive | None) -> KpiValues:
    """Return how each KPI stands."""
    columns, policy = roster.columns, reader.policy
    now = np.full(len(columns.kpis), reader.when.day, dtype=np.int64)
    reading = reader.read(roster.kpis, codes.kpis, now, by_period=True)
    every = np.arange(len(columns.kpis))
    sample = roster.kpi_samples.by_period(reader, codes.kpi_samples, roster.kpis, reading, now)
    few = roster.kpi_samples.few(sample)
    fresh = np.where(few, np.nan, fresh_values(reading, policy))
    day = judged_on(columns, reader, roster.kpis, every, reading, now)
    bands = columns.bands_on(every, day)
    low, high = (
        kernels.satisfaction(
            fresh,
            _side(bands.target[side]),
            _side(bands.limit[side]),
            _side(bands.worst[side]),
            np.full(len(fresh), sense),
        )
        for side, sense in ((0, 1.0), (1, -1.0))
    )
    absent = np.isnan(bands.target[0])
    running = _running(roster, reader.when)
    if inactive is not None:
        running = running & ~inactive.idle_results
    kpi_rows, result_rows = columns.measuring
    recovering = np.bincount(kpi_rows, running[result_rows], len(columns.kpis)) > 0
    return KpiValues(
        reading=reading,
        judged_on=day,
        zone=kernels.zone(fresh, bands.target, bands.limit, policy.inclusive),
        satisfaction=np.where(absent, np.nan, np.minimum(low, high)),
        recovering=recovering,
        sample=sample,
        few=few,
    )


def fresh_values(reading: Reading, policy: ScoringPolicy) -> Floats:
    return np.where(reading.stale & (policy.stale == "no-data"), np.nan, reading.value)


def judged_on(
    columns: KpiColumns,
    reader: Reader,
    subjects: Subjects,
    rows: RowNumbers,
    reading: Reading,
    end: RowNumbers,
) -> RowNumbers:
    """Return the day by whose bands each subject is judged; `rows` are the KPIs that the subjects are."""
    judged = end.copy()
    dated = np.flatnonzero(columns.dated[rows])
    if len(dated):
        judged[dated] = judging_days(subjects, dated, reading.day, end, reader.when)
    return judged


def _side(bounds: Floats) -> Floats:
    return np.where(np.isinf(bounds), np.nan, bounds)


def _running(roster: Roster, when: When) -> Flags:
    """Return which key results' cycles are under way."""
    compiled, today = roster.compiled, roster.goal_days(when)
    inside = (compiled.start_day <= today) & (today <= compiled.end_day)
    return inside[compiled.parent]
