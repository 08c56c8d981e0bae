"""List the measures that count the cases behind a value: how many there must be for it to be judged (A11)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from okrcore.definitions.derived import adds_authors, unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.history.backends import MeasureCodes
from okrcore.history.interning import Lookup
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster_columns import Subjects, coded
from okrcore.scoring.silence import silent_values
from okrcore.scoring.subject_periods import edges_of, last_periods


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class SampleColumns:
    """The counts of cases behind some subjects: `rows` of these, and at least how many cases each needs.

    `counts` are read over the subjects' own windows, in their zones, and add up.
    """

    rows: RowNumbers
    counts: Subjects
    least: Floats

    @classmethod
    def of(cls, subjects: Subjects, series: Sequence[KeyResult | Kpi], portfolio: Portfolio) -> SampleColumns:
        """Return the counts behind `subjects`, each of which reads one of `series`."""
        asked = [
            (row, one.sample, one.min_sample)
            for row, one in enumerate(series)
            if isinstance(one, Kpi) and one.sample is not None and one.min_sample is not None
        ]
        rows = np.array([row for row, _, _ in asked], dtype=np.int64)
        declared = {kpi.id: kpi for kpi in portfolio.kpis} if asked else {}
        units = {name: unit_of(kpi, portfolio) for name, kpi in declared.items()}
        added = {name for name, kpi in declared.items() if adds_authors(kpi, portfolio)}
        pair, pairs = coded([(units.get(name, ""),) * 2 for _, name, _ in asked])
        counts = attrs.evolve(
            subjects.take(rows),
            measures=Lookup(name for _, name, _ in asked),
            pair=pair,
            pairs=pairs,
            aggregate=("sum",) * len(asked),
            reduced=np.arange(len(asked)),
            by_author=np.array([name in added for _, name, _ in asked], dtype=np.bool_),
            feeds={},
        )
        return cls(rows, counts, np.array([least for _, _, least in asked], dtype=np.float64))

    def take(self, rows: RowNumbers) -> SampleColumns:
        """Return the counts behind some of the subjects, as `Subjects.take` puts these in order."""
        place = {row: at for at, row in enumerate(self.rows.tolist())}
        found = [(at, place[row]) for at, row in enumerate(rows.tolist()) if row in place]
        at, kept = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return SampleColumns(at, self.counts.take(kept), self.least[kept])

    def by_period(
        self, reader: Reader, codes: MeasureCodes, subjects: Subjects, reading: Reading, end: RowNumbers
    ) -> Floats:
        """Return how many cases are behind each value of a reading by periods, as `spread` does."""
        if not len(self.rows):
            return np.full(len(end), np.nan)
        first, last = days_behind(subjects, self.rows, reading, end, reader.when, by_period=True)
        return self.spread(reader.sums(self.counts, codes, first, last), len(end))

    def spread(self, found: Floats, size: int) -> Floats:
        """Return how many cases are behind each of `size` subjects, NaN where none are known or asked for."""
        sizes = np.full(size, np.nan)
        sizes[self.rows] = found
        return sizes

    def few(self, sizes: Floats) -> Flags:
        """Return which subjects have too few cases to be judged; what is unknown is too few."""
        few = np.zeros(len(sizes), dtype=np.bool_)
        few[self.rows] = ~(sizes[self.rows] >= self.least)
        return few


def days_behind(
    subjects: Subjects,
    rows: RowNumbers,
    reading: Reading,
    end: RowNumbers,
    when: When,
    *,
    by_period: bool,
) -> tuple[RowNumbers, RowNumbers]:
    """Return first and last day of what the value of each of `rows` in a reading comes from.

    Of the latest it is the period of the last observation, up to `end`; without a cadence that day alone.
    """
    whole = silent_values(subjects, reading.seen, reading.day, reading.lived, end, when)[1]
    seen = np.maximum(reading.day, whole)
    first, last = seen[rows], seen[rows]
    reduced = np.isin(rows, subjects.reduced)
    if len(some := np.flatnonzero(reduced)):
        begin = subjects.start[rows[some]], end[rows[some]]
        found = last_periods(subjects, rows[some], seen, end, when) if by_period else begin
        first[some], last[some] = found
    some = np.flatnonzero(~reduced & (subjects.rhythm[rows] >= 0) & (seen[rows] >= 0))
    for group, edges in edges_of(subjects, rows[some], np.minimum(seen, end), end):
        mine = some[group]
        following = np.searchsorted(edges, seen[rows[mine]], side="right")
        first[mine] = edges[following - 1]
        last[mine] = np.minimum(edges[following] - 1, end[rows[mine]])
    return first, last
