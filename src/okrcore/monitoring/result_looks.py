"""List the days on which each key result is looked at: its number was shown, or time alone has passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import DAY, end_of_day, local_days
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.fetched_records import fetched
from okrcore.leading.measured_series import declared_by, records_read
from okrcore.monitoring.first_shown import GRACE, FirstShown, first_shown, looks_mistyped
from okrcore.monitoring.period_rows import RecordedPeriods, recorded_periods
from okrcore.scoring.as_of import When
from okrcore.scoring.evaluation import Prepared
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.roster import roster_of

Ints = NDArray[np.int64]
Groups = list[tuple[RecordedPeriods, FirstShown]]

LOOK_BACK = 6
"""What is seen is compared with what was seen in so many periods before."""
_WEEKLY = Cadence("weekly")


@attrs.frozen(eq=False)
class ResultLooks:
    """Key results on the days on which each is looked at, in order of key result and day.

    `row` is that of the compiled portfolio, `day` the day at whose end it is judged, `start` and `end` are
    the first and last day of the period, `shown` is the instant (microseconds) from which on it was to be
    seen. It is compared with what was seen on the `back` days before. The number that showed it is that of a
    `place` of the series `at` in a `part` of the `groups`; -1 where time alone has passed.
    """

    row: Ints
    day: Ints
    start: Ints
    end: Ints
    shown: Ints
    back: Ints
    part: Ints
    at: Ints
    place: Ints
    groups: Groups

    def is_mistyped(self, look: int) -> bool:
        """Whether the number that showed it is about 10, 100 or 1000 times its neighbours, or a part."""
        if self.part[look] < 0:
            return False
        group, shown = self.groups[int(self.part[look])]
        return looks_mistyped(group, shown, int(self.at[look]), int(self.place[look]))


def result_looks(ready: Prepared, history: AnyHistory, when: When, rows: Ints, since: Ints) -> ResultLooks:
    """Return the looks at some key results, each from its day in `since` on, and what they are compared with.

    With a cadence it is looked at when the value of each period was first recorded, and where none came at
    the end of the next period and grace. Without one that is when the value of each week was, and when each
    week ends; of a checklist its periods' ends. A day counts from its end on, between the begin of the cycle
    and the due date.
    """
    roster, groups = roster_of(ready.portfolio).key_results, Groups()
    found = [
        *_by_number(ready, history, when, rows[~roster.listed[rows]], since[~roster.listed[rows]], groups)
    ]
    found += _by_time(ready, roster, when, rows, since)
    columns = np.concatenate([np.empty((9, 0), dtype=np.int64), *found], axis=1)
    row, day, back = columns[0], columns[1], columns[5]
    over = np.array([_last_day_over(when, zone) for zone in roster.subjects.zones], dtype=np.int64)
    last = np.minimum(roster.due, over[roster.subjects.zone])
    wanted = np.zeros(len(last), dtype=np.int64)
    wanted[rows] = since
    columns = columns[:, (roster.start[row] <= day) & (day <= last[row]) & (day >= wanted[row] - back)]
    row, day, start, end, shown, back, part, at, place = columns[:, np.lexsort(columns[[3, 1, 0]])]
    return ResultLooks(row, day, start, end, shown, back, part, at, place, groups)


def _columns(
    row: Ints, day: Ints, start: Ints, end: Ints, shown: Ints, back: int,
    part: int = -1, at: Ints | int = -1, place: Ints | int = -1,
) -> Ints:  # fmt: skip
    return np.stack(np.broadcast_arrays(row, day, start, end, shown, back, part, at, place))


def _by_number(
    ready: Prepared, history: AnyHistory, when: When, rows: Ints, since: Ints, groups: Groups
) -> Iterator[Ints]:
    """The looks at numbers, with the `groups` of their series; of a frame their records are fetched."""
    portfolio, roster = ready.portfolio, roster_of(ready.portfolio).key_results
    first = dict(zip((roster.results[row].id for row in rows.tolist()), since.tolist(), strict=True))
    now = when.now
    records = fetched(portfolio, history, records_read(declared_by(portfolio, first)))
    recorded = with_derived(portfolio, records, ready.rates)
    for group in recorded_periods(
        portfolio, recorded, first, when, ready.rates, None, ready.journal, unpaced=_WEEKLY
    ):
        length, zone = group.grid.length, group.declared[0].zone
        back = int(np.ceil(LOOK_BACK * length))
        days = when.day - min(first[name] for name in group.ids) + back + GRACE
        seen = first_shown(group, int(np.ceil(days / length)) + 3, now)
        row = np.array([roster.rows[name] for name in group.ids], dtype=np.int64)
        paced = (roster.subjects.rhythm[row] >= 0)[:, None]
        # late news has no clock of its own: what is seen when the wait is over, or with the next number
        at, place = np.nonzero((seen.instant <= seen.deadline) | (paced & (seen.deadline <= now)))
        shown = np.minimum(seen.instant[at, place], seen.deadline[place])
        edges = group.edges[-seen.instant.shape[1] - 1 :]
        day = local_days(shown, shown // DAY, np.zeros(len(shown), dtype=np.bool_), zone)
        part = len(groups)
        groups.append((group, seen))
        yield _columns(row[at], day, edges[place], edges[place + 1] - 1, shown, back, part, at, place)


def _by_time(ready: Prepared, roster: ResultRoster, when: When, rows: Ints, since: Ints) -> Iterator[Ints]:
    """The looks at the ends of weeks, or of a checklist's periods, of what has no numbers to wait for."""
    subjects, listed = roster.subjects, roster.listed
    some = np.flatnonzero(listed[rows] | (subjects.rhythm[rows] < 0))
    kinds = np.stack([subjects.rhythm[rows[some]], subjects.zone[rows[some]]])
    for rhythm, zone in np.unique(kinds, axis=1).T.tolist():
        mine = some[(kinds[0] == rhythm) & (kinds[1] == zone)]
        cadence = subjects.rhythms[rhythm][0] if rhythm >= 0 else _WEEKLY
        back, name = int(np.ceil(LOOK_BACK * cadence.mean_days)), subjects.zones[zone]
        first = int(since[mine].min()) - back
        periods = ready.portfolio.calendar.periods(cadence, first, when.last_whole_day_in(name))
        start, end = np.array(periods, dtype=np.int64).reshape(-1, 2).T
        shown = np.array([end_of_day(day, name) for day in end.tolist()], dtype=np.int64)
        place = np.tile(np.arange(len(end)), len(mine))
        yield _columns(
            np.repeat(rows[mine], len(end)), end[place], start[place], end[place], shown[place], back
        )


def _last_day_over(when: When, zone: str) -> int:
    """The last day that is over in a zone and in UTC: what is recorded later is not known at its end (A3)."""
    over = when.last_whole_day_in(zone)
    return min(over, when.last_whole_day_in("UTC")) if isinstance(when.as_of, dt.datetime) else over
