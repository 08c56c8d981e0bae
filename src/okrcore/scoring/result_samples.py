"""Count the cases behind key results, and tell which have too few to be judged (A11)."""

from __future__ import annotations

import numpy as np

from okrcore.history.backends import MeasureCodes
from okrcore.scoring.band_periods import BandPeriods
from okrcore.scoring.band_scores import BY_PERIOD
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.samples import days_behind


def result_samples(
    roster: ResultRoster,
    reader: Reader,
    codes: MeasureCodes,
    reading: Reading,
    end: RowNumbers,
    rows: RowNumbers,
    bands: BandPeriods,
) -> tuple[Floats, Flags]:
    """Return how many cases are behind each key result, and which have too few to be judged (A11).

    A band at `rows` that is judged by its periods has the cases of these.
    """
    samples, size = roster.samples, len(end)
    if not len(samples.rows):
        return np.full(size, np.nan), np.zeros(size, dtype=np.bool_)
    first, last = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    first[samples.rows], last[samples.rows] = days_behind(
        roster.subjects, samples.rows, reading, end, reader.when, by_period=False
    )
    begin, until = bands.ended_days if reader.policy.band in BY_PERIOD else bands.judged_days
    some = begin <= until
    first[rows[some]], last[rows[some]] = begin[some], until[some]
    found = reader.sums(samples.counts, codes, first[samples.rows], last[samples.rows])
    sizes = samples.spread(found, size)
    return sizes, samples.few(sizes)
