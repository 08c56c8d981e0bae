"""Find what turned worse at past period ends, and who answered it within 7 x 24 h."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import DAY, day_number, end_of_day, start_of_day, to_date
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import within
from okrcore.history.entry import Entry
from okrcore.schedule.deadlines import HOURS, due_after
from okrcore.scoring.graph import RowNumbers
from okrcore.scoring.roster import roster_of
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.scoring_policy import AT_RISK, NO_DATA, NOT_STARTED, OFF_TRACK, STATUSES, ZONES
from okrcore.scoring.snapshot import Snapshot

ZoneCodes = npt.NDArray[np.int8]
Part = Literal["kpis", "key_results"]

_WEEKLY = Cadence("weekly")


@attrs.frozen
class Turn:
    """A KPI or key result that was worse at the end of a period, `first` to `last`, than at the one before.

    An adjustment answers it from `opens`, when the period began but at most 7 x 24 h before its end, to
    `deadline`, 7 x 24 h of the organisation's clocks after its end (microseconds since 1970).
    """

    id: str
    first: dt.date
    last: dt.date
    before: str
    after: str
    zone: str
    opens: int
    deadline: int


def turns(context: Context, part: Part, weeks: int) -> dict[str, list[Turn]]:
    """Return what turned worse in periods that ended in the last `weeks`, as known at their ends, by id.

    A KPI turns with its zone, a key result from any known status to off-track or missed, while its
    cycle is under way. Periods are those of its cadence, weeks without one. An unknown state in between is
    passed over. One evaluation for each distinct period end.
    """
    return context.once(_turns, part, weeks)


def answers(turn: Turn, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the adjustments that answer a turn in time: those that say what changes."""
    return tuple(one for one in entries if within(one, turn.opens, turn.deadline, turn.zone))


def _turns(context: Context, part: Part, weeks: int) -> dict[str, list[Turn]]:
    roster, calendar = roster_of(context.portfolio), context.portfolio.calendar
    words: tuple[str, ...]
    if part == "kpis":
        subjects, rows = roster.kpis, np.flatnonzero(roster.columns.judged)
        ids: Sequence[str] = tuple(roster.columns.rows)
        due = np.full(len(ids), _FOREVER, dtype=np.int64)
        state, unknown, words, worse = _zones, ZONES.index("unknown"), ZONES, _less
    else:
        subjects, compiled = roster.results, roster.compiled
        ids, due = compiled.key_results, compiled.due_day
        now = roster.goal_days(context.when)
        under_way = (compiled.start_day <= now) & (now <= compiled.end_day)
        rows = np.flatnonzero(under_way[compiled.parent])
        state, unknown, words, worse = _statuses, NO_DATA, STATUSES, _failing
    found: dict[str, list[Turn]] = {}
    for cadence, group in _rhythms(subjects, rows):
        periods = _ended(context, cadence, weeks)
        codes = [state(context.past.at(last, last))[group] for _, last in periods]
        for place, at, before in _worse(codes, unknown, worse):
            row, (first, last) = group[at], periods[place]
            if subjects.start[row] <= day_number(last) <= due[row]:
                zone, after = subjects.zones[subjects.zone[row]], words[codes[place][at]]
                end = end_of_day(day_number(last), zone)
                opens = max(start_of_day(day_number(first), zone), end - HOURS["adjustment"] * DAY // 24)
                deadline = due_after("adjustment", end, calendar)
                turn = Turn(ids[row], first, last, words[before], after, zone, opens, deadline)
                found.setdefault(turn.id, []).append(turn)
    return found


def _rhythms(subjects: Subjects, rows: RowNumbers) -> list[tuple[Cadence, RowNumbers]]:
    groups: dict[Cadence, list[int]] = {}
    for row in rows.tolist():
        rhythm = subjects.rhythm[row]
        key = subjects.rhythms[rhythm][0] if rhythm >= 0 else _WEEKLY
        groups.setdefault(key, []).append(row)
    return [(key, np.array(found, dtype=np.int64)) for key, found in groups.items()]


def _ended(context: Context, cadence: Cadence, weeks: int) -> list[tuple[dt.date, dt.date]]:
    """Periods that ended in the last weeks, and the one before them, to compare with."""
    until = context.when.last_whole_day
    since = max(until - 7 * weeks, day_number(dt.date.min) + 2)
    edges = context.portfolio.calendar.edges(cadence, since - 1, max(until, since)).tolist()
    ended = [(to_date(a), to_date(b - 1)) for a, b in pairwise(edges) if b <= until + 1]
    before = [place for place, (_, last) in enumerate(ended) if day_number(last) < since]
    return ended[max(before, default=0) :]


def _worse(
    codes: Sequence[ZoneCodes], unknown: int, worse: Callable[[ZoneCodes, ZoneCodes], npt.NDArray[np.bool_]]
) -> Iterable[tuple[int, int, int]]:
    """Yield (place of the period, place in the columns, code before) of each turn for the worse."""
    if not codes:
        return
    last = codes[0].copy()
    for place, now in enumerate(codes[1:], start=1):
        known = now != unknown
        for at in np.flatnonzero(known & (last != unknown) & worse(last, now)).tolist():
            yield place, at, int(last[at])
        last = np.where(known, now, last)


def _zones(snapshot: Snapshot) -> ZoneCodes:
    return snapshot.kpi_values.zone


def _statuses(snapshot: Snapshot) -> ZoneCodes:
    status = snapshot.result_values.status
    return np.where(status == NOT_STARTED, NO_DATA, status)


def _less(before: ZoneCodes, after: ZoneCodes) -> npt.NDArray[np.bool_]:
    return after < before


def _failing(before: ZoneCodes, after: ZoneCodes) -> npt.NDArray[np.bool_]:
    return (before >= AT_RISK) & (after <= OFF_TRACK)


_FOREVER = 2**40
_ONE = dt.timedelta(days=1)
