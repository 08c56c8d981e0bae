"""Find what turned for the worse, once, at the moment it was shown (S11.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at
from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.days import day_in, day_number, to_date, to_instant, to_microseconds
from okrcore.definitions.derived import better_of, series_of
from okrcore.definitions.fields import each, is_text, optional, to_tuple
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.fetched_records import fetched
from okrcore.history.journal import Journal, followed_journal
from okrcore.leading.measured_series import declared_by, records_read
from okrcore.monitoring.declared_breaks import declared_breaks
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.first_shown import looks_mistyped
from okrcore.monitoring.period_rows import (
    RecordedPeriods,
    reading,
    recorded_periods,
    watched,
)
from okrcore.monitoring.process_chart import SIGNALS
from okrcore.monitoring.profiles import Profile, profile_of
from okrcore.monitoring.promised_changes import Promises, is_promised, promises_of
from okrcore.monitoring.replay import Replayed, replayed
from okrcore.monitoring.turned_worse import APART, PeriodTurn, turns_of, zones_of
from okrcore.scoring.as_of import When
from okrcore.scoring.scoring_policy import ZONES
from okrcore.units.rates import Rates

_EARLIER = 6
"""Periods before the first that is asked about: what began there is no new dip."""


def dips(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    weeks: int = 13,
    only: Iterable[str] | None = None,
    journal: Journal | None = None,
    rates: Rates | None = None,
    profile: Profile | str = "nhs",
) -> Rows[Dip]:
    """Return what turned for the worse and was shown in the last `weeks`, in order of when it was shown.

    A dip is the first period at which a signal of concern stands, or the judged zone is worse, and did not
    the period before. Each period is judged by the points up to it, as known when its value was first
    recorded, so a dip stays what it was, whatever is recorded later. A signal that goes on is the same dip; a
    new one needs two periods without it, or a worse zone. From 13 points on a zone counts only where it
    turns into breached and its bound lies outside the limits: a bound inside them is hit and missed by
    chance. Nothing is opened by what a decision tolerates, nor by the same signal while a change that answers
    it in the `journal` is promised and not yet due. `only` some ids; a key result has the dips of the KPI
    that it reads. Of Declarations what was in force at `as_of`. Of a history on a dataframe engine the
    records of what is asked are fetched, by one query: a replay must know when each was recorded. A second
    for 1,000 KPIs of five years of weeks, a minute and 6 GB for 100,000.

    >>> import okrcore as okr
    >>> calls = okr.Kpi(id="calls", title="Calls", better="higher", cadence="weekly", owner="ann")
    >>> days = okr.weekly("2026-01-04", "2026-03-29")
    >>> numbers = [20, 21, 19, 20, 22, 20, 19, 21, 20, 21, 20, 19, 9]
    >>> history = okr.History.of_columns(["calls"] * 13, days, numbers)
    >>> portfolio = okr.Portfolio.of(okr.Owner(id="ann"), calls)
    >>> [(one.subject, str(one.start), one.signal) for one in dips(portfolio, history, as_of="2026-04-05")]
    [('calls', '2026-03-23', 'outside')]
    """
    only = None if only is None else to_tuple(only)
    check_arguments(weeks=(weeks, is_count), only=(only, optional(each(is_text))))
    book, declared = profile_of(profile), portfolio
    portfolio = portfolio_at(declared, as_of, known_at)
    ids, readers = _asked(portfolio, only), reading(portfolio)
    records = fetched(portfolio, history, records_read(declared_by(portfolio, ids)))
    recorded, journal = with_derived(portfolio, records, rates), followed_journal(portfolio, journal)
    when = When.of(as_of, known_at, portfolio.calendar.timezone)
    now = when.now
    since = when.last_whole_day - 7 * weeks
    promises = promises_of(portfolio, journal, when, readers, since)
    found: list[Dip] = []
    breaks = declared_breaks(declared, as_of, when.zone)
    for group in recorded_periods(portfolio, recorded, ids, when, portfolio.rates_or(rates), breaks, journal):
        first = min([since, *(promises[name][0] for name in group.ids if name in promises)])
        width = int(np.ceil((when.day - first) / group.grid.length)) + 2 + _EARLIER
        found += _found(portfolio, group, replayed(group, book, width, now), readers, promises, book)
    kept = [one for one in found if day_number(day_in(one.shown, when.zone)) > since]
    return Rows(sorted(kept, key=lambda one: (one.shown, one.subject, one.start)))


def _asked(portfolio: Portfolio, only: Iterable[str] | None) -> list[str]:
    """The KPIs, and the key results that read none; what a key result reads stands for it."""
    asked = watched(portfolio) if only is None else list(only)
    goals = (portfolio[name] for name in asked)
    series = (series_of(one, portfolio) for one in goals if isinstance(one, Kpi | KeyResult))
    return list(dict.fromkeys(one.id for one in series))


def _found(
    portfolio: Portfolio,
    group: RecordedPeriods,
    seen: Replayed,
    readers: Mapping[str, Sequence[KeyResult]],
    promises: Promises,
    book: Profile,
) -> list[Dip]:
    width = seen.signal.shape[1]
    edges = group.edges[-width - 1 :]
    better = np.array([_better(portfolio, name, readers) for name in group.ids])
    concern = (seen.signal > 0) & (seen.side == -better[:, None]) & (better != 0)[:, None]
    zones = zones_of(portfolio, group, seen, edges)
    worse = np.zeros(concern.shape, dtype=np.bool_)
    if width > 1:
        worse[:, 1:] = (zones[:, 1:] > 0) & (zones[:, 1:] < np.maximum.accumulate(zones, axis=1)[:, :-1])
    found: list[Dip] = []
    for row in np.flatnonzero(concern.any(axis=1) | worse.any(axis=1)).tolist():
        turns = turns_of(portfolio, group, seen, row, concern[row], zones[row], book)
        found += _opened(
            portfolio, group, seen, row, turns, readers, promises.get(group.ids[row], (0, ()))[1]
        )
    return found


def _better(portfolio: Portfolio, id: str, readers: Mapping[str, Sequence[KeyResult]]) -> int:
    """Which way is better: as the series says, else as the first key result that reads it does."""
    known = [better_of(portfolio[id], portfolio), *(better_of(one, portfolio) for one in readers.get(id, ()))]
    return next((one for one in known if one), 0)


def _opened(
    portfolio: Portfolio,
    group: RecordedPeriods,
    seen: Replayed,
    row: int,
    turns: Sequence[PeriodTurn],
    readers: Mapping[str, Sequence[KeyResult]],
    promised: Sequence[tuple[int, int]],
) -> list[Dip]:
    found: list[Dip] = []
    stands = [turn.concern or turn.before is not None for turn in turns]
    size, width = group.values.shape[1], seen.signal.shape[1]
    edges = group.edges[-width - 1 :]
    known = np.flatnonzero(~np.isnan(group.values[row]))
    whole = bool(turns) and len(known) > 0 and known[0] >= size - width + turns[0].place
    for at, turn in enumerate(turns):
        new = turn.concern and not any(stands[max(at - APART, 0) : at])
        if (at < APART and not whole) or not (new or turn.before is not None):
            continue
        signal = SIGNALS[int(seen.signal[row, turn.place]) - 1] if turn.concern else None
        instant = int(seen.shown.instant[row, turn.place])
        day = int(edges[turn.place + 1]) - 1
        asked = [(to_microseconds(one.shown), one.signal) for one in found]
        if turn.before is None and is_promised(asked, signal, instant, day, promised):
            continue
        last = at
        while last + 1 < len(turns) and _goes_on(turns[last + 1], turn):
            last += 1
        limits = (float(one[row, turn.place]) for one in (seen.low, seen.mean, seen.high))
        low, mean, high = (None if np.isnan(one) else one for one in limits)
        subject = group.ids[row]
        goals = readers.get(subject, ())
        owners = [portfolio[subject].owner, *(one.owner for one in goals)]
        found.append(
            Dip(
                subject=subject,
                start=to_date(int(edges[turn.place])),
                period_end=to_date(day),
                end=to_date(int(edges[turns[last].place + 1]) - 1),
                shown=to_instant(instant),
                signal=signal,
                zone=None if turn.zone == "unknown" else turn.zone,
                before=turn.before,
                value=float(seen.shown.value[row, turn.place]),
                low=low,
                mean=mean,
                high=high,
                standing=last == len(turns) - 1,
                mistyped=looks_mistyped(group, seen.shown, row, turn.place),
                late=bool(seen.shown.late[row, turn.place]),
                goals=tuple(one.id for one in goals),
                owners=tuple(dict.fromkeys(name for name in owners if name)),
            )
        )
    return found


def _goes_on(turn: PeriodTurn, opened: PeriodTurn) -> bool:
    if opened.concern:
        return turn.concern
    return opened.before is not None and 0 < ZONES.index(turn.zone) < ZONES.index(opened.before)
