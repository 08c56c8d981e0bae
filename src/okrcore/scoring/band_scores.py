"""Score bands by their periods: the share of those that were inside (S2.4, A7)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.history.backends import MeasureCodes
from okrcore.scoring import kernels
from okrcore.scoring.band_periods import BandPeriods, periods_of_bands
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.observed import Reader
from okrcore.scoring.periods_due import PeriodsDue
from okrcore.scoring.reading import Reading
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.scoring_policy import ScoringPolicy

BY_PERIOD = frozenset({"share", "share-of-planned"})
"""The ways to score a band (knob `band`) that count periods."""


def band_periods(
    roster: ResultRoster, reader: Reader, codes: MeasureCodes, end: RowNumbers, lived: RowNumbers
) -> tuple[RowNumbers, BandPeriods]:
    """Return the rows of bands that have periods, and how these stand (S2.4)."""
    subjects, measures, policy = roster.subjects, roster.measures, reader.policy
    low, high = measures.low, measures.high
    rows = measures.bands
    rows = rows[(subjects.rhythm[rows] >= 0) & ~np.isin(rows, measures.caps)]
    if policy.band not in BY_PERIOD:  # judged by one value, which for the latest needs no periods
        rows = rows[np.isin(rows, subjects.reduced)]

    def held(owner: RowNumbers, values: Floats) -> Flags:
        inside: Flags = kernels.inside(values, low[owner], high[owner], policy.inclusive) == 1
        return inside

    bands = periods_of_bands(reader, subjects, rows, codes, end=end, due=roster.due, lived=lived, held=held)
    return rows, bands


def with_last_periods(reading: Reading, rows: RowNumbers, bands: BandPeriods) -> Reading:
    """Return the reading in which a band has the value of the last period judged (A7)."""
    if not len(rows):
        return reading
    value, count = reading.value.copy(), reading.count.copy()
    judged = ~np.isnan(bands.judged)
    value[rows[judged]], count[rows[judged]] = bands.judged[judged], -1
    return attrs.evolve(reading, value=value, count=count)


def shares_met(
    progress: Floats,
    reading: Reading,
    rows: RowNumbers,
    bands: BandPeriods,
    periods: PeriodsDue,
    policy: ScoringPolicy,
) -> tuple[Floats, Flags]:
    """Put the share of periods met in place of the lone value's progress (S2.4).

    Return how many are met, and which bands wait for their first period.
    """
    met, waiting = np.full(len(progress), np.nan), np.zeros(len(progress), dtype=bool)
    if policy.band in BY_PERIOD:
        met[rows] = bands.met
        planned = policy.band == "share-of-planned"
        ripe = bands.ended if planned else bands.ended - periods.awaited[rows]
        whole = bands.planned if planned else ripe
        unseen = ~reading.seen[rows] & (reading.lived[rows] < 0)
        progress[rows] = np.where(unseen, progress[rows], kernels.share(bands.met, whole))
        waiting[rows] = ripe <= 0
    return met, waiting
