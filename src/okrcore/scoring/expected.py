"""Expect how far each key result is by a day: the elapsed share of its time, or its plan (S3.3)."""

from __future__ import annotations

import numpy as np

from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.measures import Target
from okrcore.scoring import kernels
from okrcore.scoring.graph import Floats, RowNumbers
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.scoring_policy import ScoringPolicy


def expected_progress(roster: ResultRoster, day: RowNumbers, policy: ScoringPolicy) -> Floats:
    """Return the expected progress of every key result on its own day: the elapsed share, or the plan's."""
    now, begin, end = (days.astype(np.float64) for days in (day, roster.start, roster.due))
    expected = kernels.elapsed(now, begin, end, policy)
    rows = np.flatnonzero(roster.planned)
    if len(rows):
        values = np.full(len(day), np.nan)
        for row in rows.tolist():
            values[row] = _planned_value(roster, row, int(day[row]))
        planned = roster.measures.progress(values, policy)[rows]
        expected[rows] = np.where(np.isnan(planned), expected[rows], planned)
    return expected


def _planned_value(roster: ResultRoster, row: int, day: int) -> float:
    """Return the value on the lines from (cycle start, start) by the waypoints to (due, goal) (S2.3)."""
    measure = roster.results[row].measure
    assert isinstance(measure, Target)
    plan = measure.planned(to_date(int(roster.start[row])), to_date(int(roster.due[row])))
    return float(np.interp(day, [day_number(one.date) for one in plan], [one.value for one in plan]))
