"""Find how the periods of bands stand: how many are met, ended and planned (S2.4, A7)."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from okrcore.history.backends import MeasureCodes
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.subject_periods import edges_of, whole_days


@attrs.frozen(eq=False)
class BandPeriods:
    """How many periods of each band are met, ended and planned, and the value of the last one judged.

    `judged` is NaN where no ended period was observed. `ended_days` and `judged_days` are the first and last
    days of all periods that ended, and of the one judged; the last is before the first where there is none.
    """

    met: Floats
    ended: Floats
    planned: Floats
    judged: Floats
    ended_days: tuple[RowNumbers, RowNumbers]
    judged_days: tuple[RowNumbers, RowNumbers]


Held = Callable[[RowNumbers, Floats], Flags]
"""Says of some subjects' values which are inside their band."""


def periods_of_bands(
    reader: Reader,
    subjects: Subjects,
    rows: RowNumbers,
    codes: MeasureCodes,
    *,
    end: RowNumbers,
    due: RowNumbers,
    lived: RowNumbers,
    held: Held,
) -> BandPeriods:
    """Return for each of `rows` how its periods stand: ended by `end`, planned until `due` (S2.4).

    A period belongs to the cycle that holds its last day, and is read whole; where none ends in it, the
    cycle is its one period (A2). A period is met if its aggregate is inside, as `held` says (A7).
    """
    ended, planned = (np.zeros(len(rows), dtype=np.int64) for _ in range(2))
    place, first, last = ([np.empty(0, dtype=np.int64)] for _ in range(3))
    whole = np.minimum(end, whole_days(subjects, reader.when))
    for group, edges in edges_of(subjects, rows, subjects.start, due):
        begin, until, over = subjects.start[rows[group]], due[rows[group]], whole[rows[group]]
        lowest = np.maximum(np.searchsorted(edges, begin, side="right") - 1, 0)
        planned[group] = np.searchsorted(edges, until + 1, side="right") - 1 - lowest
        ended[group] = np.searchsorted(edges, over + 1, side="right") - 1 - lowest
        alone = planned[group] < 1
        planned[group[alone]], ended[group[alone]] = 1, over[alone] >= until[alone]
        # one row for each ended period of each subject, counted from the first that ends in its cycle
        counts = np.maximum(ended[group], 0)
        owner, which = np.repeat(group, counts), np.repeat(np.arange(len(group)), counts)
        period = lowest[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        place.append(owner)
        first.append(np.where(alone[which], begin[which], edges[period]))
        last.append(np.where(alone[which], until[which], edges[period + 1] - 1))
    position, begins, ends = (np.concatenate(parts) for parts in (place, first, last))
    asked = rows[position]
    values = reader.reduced_between(subjects, asked, codes, begins, ends)
    values[np.isnan(values) & (ends <= lived[asked])] = 0.0
    known = np.flatnonzero(~np.isnan(values))
    met = np.bincount(position[known[held(asked[known], values[known])]], minlength=len(rows))
    judged = np.full(len(rows), np.nan)
    judged[position[known]] = values[known]  # in order of time: the last one stays
    return BandPeriods(
        met.astype(np.float64),
        np.maximum(ended, 0).astype(np.float64),
        planned.astype(np.float64),
        judged,
        ended_days=(
            _last_of(begins[::-1], position[::-1], len(rows), 0),
            _last_of(ends, position, len(rows), -1),
        ),
        judged_days=(
            _last_of(begins[known], position[known], len(rows), 0),
            _last_of(ends[known], position[known], len(rows), -1),
        ),
    )


def _last_of(values: RowNumbers, owner: RowNumbers, size: int, missing: int) -> RowNumbers:
    """Return the last value of each owner, `missing` where it has none."""
    found = np.full(size, missing, dtype=np.int64)
    found[owner] = values
    return found
