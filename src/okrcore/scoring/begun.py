"""Tell which key results have begun, and which still wait for a last number (A5, A6)."""

from __future__ import annotations

import numpy as np

from okrcore.scoring import kernels
from okrcore.scoring.graph import Flags, RowNumbers
from okrcore.scoring.periods_due import PeriodsDue
from okrcore.scoring.reading import Reading
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.scoring_policy import ScoringPolicy


def not_started(
    roster: ResultRoster, reading: Reading, periods: PeriodsDue, now: RowNumbers, policy: ScoringPolicy
) -> Flags:
    """Return which key results cannot be due yet: before their cycle, or before their first number (A5)."""
    start, due = roster.start, roster.due
    if not policy.waits:
        return np.zeros(len(due), dtype=np.bool_)
    opening = now < start
    unseen = np.isnan(reading.value) & (~reading.seen | (reading.day < start)) & (now <= due)
    if len(rows := np.flatnonzero(unseen & ~opening)):
        day = now[rows].astype(np.float64)
        gone = kernels.elapsed(day, start[rows].astype(np.float64), due[rows].astype(np.float64), policy)
        early = gone < policy.early_until - kernels.SLACK
        opening[rows] = np.where(roster.subjects.rhythm[rows] >= 0, now[rows] <= periods.opening[rows], early)
    return opening


def awaited(roster: ResultRoster, periods: PeriodsDue, now: RowNumbers, policy: ScoringPolicy) -> Flags:
    """Return which key results still wait for the last number that counts, a band by periods for any (A6)."""
    if policy.late == "count":
        return np.zeros(len(now), dtype=np.bool_)
    by_period = roster.measures.banded() & (policy.band == "share")
    by_period[roster.measures.caps] = False
    waiting = np.where(by_period, periods.awaited > 0, periods.open_until >= now)
    waiting[roster.listed] = False  # items have no periods
    return waiting
