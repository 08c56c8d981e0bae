"""Count which periods of each measure are over, observed and still awaited: what can be due by a day (A5)."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from okrcore.frozen import freeze_fields, frozen
from okrcore.history.backends import AnyHistory, MeasureCodes, facts_of
from okrcore.history.requests import Edges, Known
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import Floats, RowNumbers
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.subject_periods import edges_of, place

NEVER = 2**40
"""A day that does not come."""


@attrs.frozen(eq=False, kw_only=True, field_transformer=freeze_fields)
class PeriodsDue:
    """One entry a subject; where it has no cadence, no period is ever due.

    `ended` periods are over by the day that counts; of these `observed` hold an observation, and `awaited`
    hold none but may still: until the end of the period after, plus grace. `opening` is the last day on which
    a number of the first period may still be waited for, `open_until` that of the last one if it is awaited,
    -1 if it is not.
    """

    ended: RowNumbers
    observed: RowNumbers
    awaited: RowNumbers
    opening: RowNumbers
    open_until: RowNumbers

    @property
    def coverage(self) -> Floats:
        """The share of the ended periods that was observed (A9); NaN while none has ended."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return frozen(np.where(self.ended > 0, self.observed / self.ended, np.nan))


@attrs.frozen(eq=False, kw_only=True, field_transformer=freeze_fields)
class AskedPeriods:
    """What is needed to count the periods of any subjects, when somebody asks for them.

    `newest` is the day of each subject's last observation by the day `end`, before all days where there is
    none: by itself it mostly shows whether the last periods were observed, so that few are looked up. It is
    the day `clock` now.
    """

    history: AnyHistory
    when: When
    grace: int
    """Days that are waited for a late number (knob `stale_grace_days`)."""
    subjects: Subjects
    codes: MeasureCodes
    newest: RowNumbers
    lived: RowNumbers
    """Until when no rows is 0, which counts as observed (A9)."""
    end: RowNumbers
    clock: RowNumbers

    def of(self, rows: RowNumbers) -> PeriodsDue:
        """Return the counts of the subjects at `rows`; of the others, as if they had no cadence."""
        return _periods_due(self, rows)

    @cached_property
    def every(self) -> PeriodsDue:
        """The counts of all subjects."""
        return _periods_due(self, np.arange(len(self.end)))


def _periods_due(asked: AskedPeriods, some: RowNumbers) -> PeriodsDue:
    subjects, codes, newest, grace = asked.subjects, asked.codes, asked.newest, asked.grace
    end, clock = asked.end, asked.clock
    size = len(end)
    ended, observed, awaited = (np.zeros(size, dtype=np.int64) for _ in range(3))
    opening, open_until = np.full(size, NEVER), np.full(size, -1)
    paced = some[subjects.rhythm[some] >= 0]
    for group, days in edges_of(subjects, paced, subjects.start, np.maximum(end, subjects.start)):
        for code, zone in enumerate(subjects.zones):
            rows = paced[group]
            rows = rows if len(subjects.zones) == 1 else rows[subjects.zone[rows] == code]
            if not len(rows):
                continue
            counts = _Counts(asked, codes[rows], Edges.of(days, zone), newest[rows], zone)
            whole = np.minimum(end[rows], asked.when.last_whole_day_in(zone))
            top = len(days) - 1
            first = np.clip(place(days, subjects.start[rows], "right") - 1, 0, top)
            after = np.clip(place(days, whole + 1, "right") - 1, first, top)
            # period i is waited for until days[i + 2] - 1 + grace: the first that still is, by the clock
            waited = place(days, clock[rows] + 1 - grace, "left") - 2
            waited = np.clip(waited, first, after)
            ended[rows] = after - first
            zero = np.clip(place(days, asked.lived[rows] + 1, "right") - 1, first, after)  # 0 before it
            waited = np.maximum(waited, zero)
            observed[rows] = zero - first + counts.between(zero, after)
            awaited[rows] = pending = after - waited - counts.latest(waited, after)
            if pending.any():
                last = np.maximum(after - 1, waited)
                missing = (last < after) & (counts.latest(last, after) == 0)
                open_until[rows] = np.where(missing, days[np.minimum(after + 1, top)] - 1 + grace, -1)
            opening[rows] = days[np.minimum(first + 1, top)] - 1 + grace
    return PeriodsDue(ended=ended, observed=observed, awaited=awaited, opening=opening, open_until=open_until)


@attrs.frozen(eq=False)
class _Counts:
    asked: AskedPeriods
    codes: MeasureCodes
    edges: Edges
    newest: RowNumbers
    zone: str

    @property
    def known(self) -> Known:
        return self.asked.when.known_in(self.zone), self.asked.when.known_day_in(self.zone)

    def between(self, first: RowNumbers, last: RowNumbers) -> RowNumbers:
        return facts_of(self.asked.history).periods(self.codes, self.edges, first, last, self.known)

    def latest(self, first: RowNumbers, last: RowNumbers) -> RowNumbers:
        """Return the same of the last periods: one is observed if the newest observation lies in it."""
        days, newest = self.edges.days, self.newest
        found = ((first < last) & (newest >= days[first])).astype(np.int64)
        unsure = np.flatnonzero((found > 0) & ((last - first > 1) | (newest >= days[last])))
        if len(unsure):
            found[unsure] = facts_of(self.asked.history).periods(
                self.codes[unsure], self.edges, first[unsure], last[unsure], self.known
            )
        return found
