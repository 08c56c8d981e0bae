"""Find the periods of what is read: of its last value, of the bands that judge it, until when it is fresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

import numpy as np

from okrcore.definitions.days import local_days
from okrcore.history.results import RecordColumns
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import RowNumbers
from okrcore.scoring.roster_columns import Subjects


def edges_of(
    subjects: Subjects, rows: RowNumbers, since: RowNumbers, until: RowNumbers
) -> Iterator[tuple[RowNumbers, RowNumbers]]:
    """Yield (positions in rows, period starts as days) for the rows of each rhythm."""
    for code, (cadence, anchor) in enumerate(subjects.rhythms):
        group = np.flatnonzero(subjects.rhythm[rows] == code)
        if len(group):
            first, last = int(since[rows[group]].min()), int(until[rows[group]].max())
            yield group, subjects.calendar.edges(cadence, first, max(first, last), anchor)


def place(edges: RowNumbers, days: RowNumbers, side: Literal["left", "right"]) -> RowNumbers:
    """Return where each day belongs among the edges: looked up once a day where few days are asked often."""
    if not len(days) or (span := int(days.max()) - (first := int(days.min())) + 1) > len(days):
        return np.searchsorted(edges, days, side=side)
    return np.searchsorted(edges, np.arange(first, first + span), side=side)[days - first]


def days_in_zones(subjects: Subjects, owner: RowNumbers, columns: RecordColumns) -> RowNumbers:
    """Return the day of each record in the zone of the subject that owns it (A3)."""
    local = columns.day.copy()
    for code, name in enumerate(subjects.zones):
        if name != "UTC":
            mine = subjects.zone[owner] == code
            local[mine] = local_days(columns.at[mine], columns.day[mine], columns.date_only[mine], name)
    return local


def whole_days(subjects: Subjects, when: When) -> RowNumbers:
    """Return for each subject the last day that has ended in its zone."""
    return when.days_in(subjects.zone, subjects.zones) - isinstance(when.as_of, dt.datetime)


def last_periods(
    subjects: Subjects, rows: RowNumbers, day: RowNumbers, end: RowNumbers, when: When
) -> tuple[RowNumbers, RowNumbers]:
    """Return first and last day of the last ended period that is not after the last observation."""
    first, last = end[rows] + 1, end[rows]
    ended_by = whole_days(subjects, when)
    for group, edges in edges_of(subjects, rows, np.minimum(day, end), end):
        whole = np.minimum(ended_by[rows[group]], end[rows[group]])
        ended = place(edges, whole + 1, "right")
        period = place(edges, day[rows[group]], "right")
        upper = np.clip(np.minimum(ended - 1, period), 0, len(edges) - 1)
        first[group] = edges[np.maximum(upper - 1, 0)]
        last[group] = edges[upper] - 1
    return first, last


def judging_days(
    subjects: Subjects, rows: RowNumbers, day: RowNumbers, end: RowNumbers, when: When
) -> RowNumbers:
    """Return the day by whose bands each of `rows` is judged: the end of the period of its value (A11).

    `day` is that of the last observation. What is not over by `end`, or has no periods, is judged by it.
    """
    judged = end[rows].copy()
    paced = np.flatnonzero((subjects.rhythm[rows] >= 0) & (day[rows] >= 0))
    reduced = np.isin(rows[paced], subjects.reduced)
    if len(some := paced[reduced]):
        judged[some] = last_periods(subjects, rows[some], day, end, when)[1]
    some = paced[~reduced]
    for group, edges in edges_of(subjects, rows[some], np.minimum(day, end), end):
        mine = some[group]
        following = place(edges, day[rows[mine]], "right")
        judged[mine] = np.minimum(edges[following] - 1, end[rows[mine]])
    return judged


def fresh_until(subjects: Subjects, rows: RowNumbers, day: RowNumbers, grace: int) -> RowNumbers:
    """Return for each of `rows` the last day on which an observation of its `day` is fresh (S3.4).

    `day` has an entry for every subject. It is the end of the period after that of the observation, plus
    `grace` days; without a cadence a far-off day.
    """
    last = np.full(len(rows), _ALWAYS, dtype=np.int64)
    paced = np.flatnonzero(subjects.rhythm[rows] >= 0)
    for group, edges in edges_of(subjects, rows[paced], day, day):
        mine = paced[group]
        period = place(edges, day[rows[mine]], "right") - 1
        following = edges[np.clip(period + 2, 0, len(edges) - 1)]
        last[mine] = following - 1 + grace
    return last


_ALWAYS = 2**61
