"""Find what turned worse, and who answered it within 7 x 24 h of when it was shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import day_number, end_of_day, to_date, to_microseconds
from okrcore.definitions.kpis import Kpi
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import answered_from, kin, within
from okrcore.history.entry import Entry
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.found_dips import dips
from okrcore.schedule.deadlines import due_after
from okrcore.scoring.graph import RowNumbers
from okrcore.scoring.roster import roster_of
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.scoring_policy import AT_RISK, NO_DATA, NOT_STARTED, OFF_TRACK, STATUSES
from okrcore.scoring.snapshot import Snapshot

ZoneCodes = npt.NDArray[np.int8]
Part = Literal["kpis", "key_results"]

FAILING = ("missed", "off-track", "no-data")
"""Statuses that have not recovered."""
WEEKS = 13
"""How far back what turned worse is looked for."""
_WEEKLY = Cadence("weekly")


@attrs.frozen
class Turn:
    """A KPI or key result that turned worse in a period, `first` to `last`: `what`, in words.

    An adjustment answers it from `opens`, when the period began but at most 7 x 24 h before its end, to
    `deadline`, 7 x 24 h of the organisation's clocks after it was shown (microseconds since 1970). Where it
    has `healed`, it has since recovered by itself.
    """

    id: str
    first: dt.date
    last: dt.date
    what: str
    evidence: Mapping[str, Any]
    zone: str
    opens: int
    deadline: int
    healed: bool = False


def turns(context: Context, part: Part, weeks: int) -> dict[str, list[Turn]]:
    """Return what turned worse in the last `weeks`, by id.

    A KPI turns with its dips, a key result with those of its own series, and from any known status to
    off-track or missed at the end of a period of its cadence, weeks without one, while its cycle is under
    way. Late news has no clock, and a number that looks mistyped asks for a confirmation: both are left
    out. Dips are found once for all rules.
    """
    found = context.once(_dips, part, weeks)
    if part == "key_results":
        found = {name: list(turned) for name, turned in found.items()}
        for name, turned in status_turns(context, weeks).items():
            periods = {one.last for one in turned}
            found[name] = [*turned, *(one for one in found.get(name, ()) if one.last not in periods)]
    return found


def status_turns(context: Context, weeks: int = WEEKS) -> dict[str, list[Turn]]:
    """Return the key results whose status turned to off-track or missed in the last `weeks`, by id."""
    return context.once(_status_turns, weeks)


def answers(turn: Turn, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the adjustments that answer a turn in time: those that say what changes."""
    return tuple(one for one in entries if within(one, turn.opens, turn.deadline, turn.zone))


def _dips(context: Context, part: Part, weeks: int) -> dict[str, list[Turn]]:
    portfolio, calendar = context.portfolio, context.portfolio.calendar
    if context.history is None:
        return {}
    found: dict[str, list[Turn]] = {}
    for one in context.once(_all_dips, weeks):
        is_kpi = isinstance(portfolio[one.subject], Kpi)
        if one.late or is_kpi != (part == "kpis") or (one.mistyped and not _is_confirmed(context, one)):
            continue
        opens = answered_from(one.start, one.period_end, calendar.timezone)
        deadline = due_after("adjustment", to_microseconds(one.shown), calendar)
        said = {"signal": one.signal, "before": one.before, "after": one.zone, "shown": one.shown}
        evidence = {key: value for key, value in said.items() if value is not None}
        turn = Turn(
            one.subject,
            one.start,
            one.period_end,
            one.what,
            evidence,
            calendar.timezone,
            opens,
            deadline,
            not one.standing,
        )
        found.setdefault(one.subject, []).append(turn)
    return found


def _is_confirmed(context: Context, dip: Dip) -> bool:
    """Whether somebody confirmed a number that looks mistyped; until then OKR231 asks for it."""
    entries = (one for name in kin(context, dip.subject) for one in context.entries(name, "confirmation"))
    return any(context.day_of(one.at) >= dip.start for one in entries)


def _all_dips(context: Context, weeks: int) -> tuple[Dip, ...]:
    assert context.history is not None
    if weeks == WEEKS and (given := context.given.get("dips")) is not None:
        return tuple(given)
    return dips(
        context.portfolio,
        context.history,
        as_of=context.as_of,
        known_at=context.known_at,
        weeks=weeks,
        journal=context.journal,
        rates=context.rates,
    )


def _status_turns(context: Context, weeks: int) -> dict[str, list[Turn]]:
    roster, calendar = roster_of(context.portfolio), context.portfolio.calendar
    subjects, compiled = roster.results, roster.compiled
    ids, due = compiled.key_results, compiled.due_day
    now = roster.goal_days(context.when)
    under_way = (compiled.start_day <= now) & (now <= compiled.end_day)
    rows = np.flatnonzero(under_way[compiled.parent])
    healed = context.snapshot.result_values.status
    found: dict[str, list[Turn]] = {}
    for cadence, group in _rhythms(subjects, rows):
        periods = _ended(context, cadence, weeks)
        codes = [_statuses(context.past.at(last, last))[group] for _, last in periods]
        for place, at, before in _worse(codes, NO_DATA, _failing):
            row, (first, last) = group[at], periods[place]
            if subjects.start[row] <= day_number(last) <= due[row]:
                zone = subjects.zones[subjects.zone[row]]
                said = {"before": STATUSES[before], "after": STATUSES[codes[place][at]]}
                what = f"turned from {said['before']} to {said['after']} in the period to {last}"
                opens = answered_from(first, last, zone)
                deadline = due_after("adjustment", end_of_day(day_number(last), zone), calendar)
                well = STATUSES[healed[row]] not in FAILING
                turn = Turn(ids[row], first, last, what, said, zone, opens, deadline, well)
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


def _statuses(snapshot: Snapshot) -> ZoneCodes:
    status = snapshot.result_values.status
    return np.where(status == NOT_STARTED, NO_DATA, status)


def _failing(before: ZoneCodes, after: ZoneCodes) -> npt.NDArray[np.bool_]:
    return (before >= AT_RISK) & (after <= OFF_TRACK)
