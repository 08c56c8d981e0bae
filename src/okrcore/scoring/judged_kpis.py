"""Judge the KPIs of one moment: zone and satisfaction by the bands of their day (S7, A11)."""

from __future__ import annotations

import numpy as np

from okrcore.scoring import kernels
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.history_codes import HistoryCodes
from okrcore.scoring.kpi_columns import KpiColumns
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster import Roster
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.snapshot_columns import KpiValues
from okrcore.scoring.subject_periods import judging_days


def judge_kpis(
    roster: Roster,
    reader: Reader,
    codes: HistoryCodes,
    rows: RowNumbers | None = None,
    end: RowNumbers | None = None,
) -> KpiValues:
    """Return how the KPIs at `rows` stand, None: all; each at its own day `end`, None: now."""
    columns, policy = roster.columns, reader.policy
    subjects, samples = roster.kpis, roster.kpi_samples
    own, counts = codes.kpis, codes.kpi_samples
    if rows is None:
        rows = np.arange(len(columns.kpis))
    else:
        subjects, samples, own = subjects.take(rows), samples.take(rows), own[rows]
        counts = reader.asked.facts.codes(samples.counts.measures)
    if end is None:
        end = np.full(len(rows), reader.when.day, dtype=np.int64)
    reading = reader.read(subjects, own, end, by_period=True)
    sample = samples.by_period(reader, counts, subjects, reading, end)
    few = samples.few(sample)
    stale = reading.stale & (policy.stale == "no-data")
    fresh = np.where(few | stale, np.nan, reading.value)
    day = _judged_on(columns, reader, subjects, rows, reading, end)
    bands = columns.bands_on(rows, day)
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
    return KpiValues(
        reading=reading,
        judged_on=day,
        zone=kernels.zone(fresh, bands.target, bands.limit, policy.inclusive),
        satisfaction=np.where(absent, np.nan, np.minimum(low, high)),
        recovering=_recovering(roster, reader.when)[rows],
        sample=sample,
        few=few,
    )


def _judged_on(
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


def _recovering(roster: Roster, when: When) -> Flags:
    """Return which KPIs are read by a key result whose cycle is under way."""
    compiled, today = roster.compiled, roster.goal_days(when)
    running = (compiled.start_day <= today) & (today <= compiled.end_day)
    kpis, results = roster.columns.measuring
    pursued = running[compiled.parent[results]]
    if compiled.inactive is not None:
        pursued = pursued & ~compiled.inactive.idle_results[results]
    return np.bincount(kpis, pursued, len(roster.columns.kpis)) > 0
