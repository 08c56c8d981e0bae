"""Read what was recorded of many measures, each version of each value, in one pass (S11.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY, day_number, end_of_day, local_days, to_microseconds
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.provenance import Contexts
from okrcore.history.records import Batch, Records, end_of_days
from okrcore.leading.measured_series import DeclaredSeries, converted_values
from okrcore.monitoring.signs_of_life import NEVER, SignsOfLife
from okrcore.scoring.as_of import When
from okrcore.scoring.roster_columns import Feed
from okrcore.scoring.silence import check_ins
from okrcore.units.rates import Rates

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@attrs.frozen(eq=False)
class RecordedRows:
    """The records of one measure, in order of time, of one moment the preferred last.

    `moment` numbers what a record is about (a day, an instant; and each author, where their counts add up),
    `day` is its local day, `recorded` when it was (microseconds), `definition` a number for its text.
    `value` is NaN where it does not convert. `steady` where all do, no moment has two records and none was
    recorded before one of an earlier moment: then what was known at a moment is a first part of it. `signs`
    tells where silence means 0; such rows are never steady.
    """

    moment: Ints
    day: Ints
    value: Floats
    recorded: Ints
    definition: Ints
    steady: bool
    signs: SignsOfLife | None = None

    def known(self, instant: int) -> Ints:
        """Return the rows of the chosen records as known at an instant, in order of time."""
        rows = np.flatnonzero(self.recorded <= instant)
        return rows if self.steady else rows[np.append(np.diff(self.moment[rows]) != 0, True)[: len(rows)]]


def recorded_rows(
    portfolio: Portfolio,
    history: History,
    declared: Sequence[DeclaredSeries],
    when: When,
    rates: Rates | None,
    journal: Journal | None = None,
) -> list[RecordedRows | None]:
    """Return the records of each of `declared` up to a moment, in its unit; None without any that converts.

    Check-ins of the `journal` show that a feed whose silence means 0 lives. What was recorded later is not
    there.
    """
    batch = history.batch()
    known = _known(batch, when)
    contexts, codes = Contexts().with_(batch.contexts)
    records = batch.records.select(known)
    context = codes[records.context] if len(codes) else records.context
    preference = contexts.preference(context, records.recorded) if len(known) else np.empty(0, np.int64)
    at = np.where(records.day, end_of_days(records.time), records.time)
    order = np.lexsort((preference, records.day, at, records.code))
    records, context, at = records.select(order), context[order], at[order]
    starts = np.searchsorted(records.code, np.arange(len(batch.measures) + 1))
    place = {name: code for code, name in enumerate(batch.measures)}
    days = {
        zone: local_days(at, np.where(records.day, records.time, 0), records.day, zone)
        for zone in {one.zone for one in declared}
        if zone != "UTC"
    }
    days["UTC"] = np.where(records.day, records.time, records.time // DAY)
    recorded_in = {zone: _recorded_in(zone, records) for zone in days}
    unit = contexts.unit[context] if len(context) else context
    found: list[RecordedRows | None] = []
    for one in declared:
        code = place.get(one.measure)
        if code is None or starts[code] == starts[code + 1]:
            found.append(None)
            continue
        rows = slice(int(starts[code]), int(starts[code + 1]))
        texts = {contexts.units[place] for place in np.unique(unit[rows]).tolist()}
        newest = contexts.units[int(unit[rows][-1])]
        wanted = one.unit or newest or one.read_in
        value = records.value[rows]
        if texts - {"", wanted} or ("" in texts and one.read_in not in ("", wanted)):
            each = [contexts.units[place] or one.read_in for place in unit[rows].tolist()]
            value = converted_values(value, each, wanted, days["UTC"][rows], portfolio.units, rates)
            if np.isnan(value).all():
                found.append(None)
                continue
        apart = at[rows] * 2 + records.day[rows]
        if one.by_author:
            author = contexts.author[context[rows]]
            again = np.lexsort((np.arange(len(author)), author, apart))
            moment = np.cumsum(np.append(True, (np.diff(apart[again]) != 0) | (np.diff(author[again]) != 0)))
            picked = again
        else:
            moment = np.cumsum(np.append(True, np.diff(apart) != 0))
            picked = np.arange(len(apart))
        recorded = recorded_in[one.zone][rows][picked]
        signs = None
        if one.feed is not None:
            system = one.feed.system or contexts.words[int(context[rows][-1])].system
            kin = [place[name] for name in (one.measure, *one.feed.siblings) if name in place]
            own = np.flatnonzero(np.isin(records.code, kin) | np.isin(context, _codes_of(contexts, system)))
            day = days[one.zone][own] - ~records.day[own]
            signs = _signs(day, recorded_in[one.zone][own], journal, when, one.feed, one.zone)
        found.append(
            RecordedRows(
                moment=moment,
                day=days[one.zone][rows][picked],
                value=value[picked],
                recorded=recorded,
                definition=contexts.definition[context[rows]][picked].astype(np.int64),
                steady=signs is None
                and not np.isnan(value).any()
                and bool((np.diff(moment) > 0).all() and (np.diff(recorded) >= 0).all()),
                signs=signs,
            )
        )
    return found


def _codes_of(contexts: Contexts, system: str) -> list[int]:
    """The contexts of a source system; of none none."""
    return [code for code, one in enumerate(contexts.words) if system and one.system == system]


def _signs(
    day: Ints, recorded: Ints, journal: Journal | None, when: When, feed: Feed, zone: str
) -> SignsOfLife:
    """What shows that a feed lives: records, and the check-ins about it."""
    told = list(check_ins(journal, when, feed, zone))
    at = [
        to_microseconds(moment) if isinstance(moment, dt.datetime) else end_of_day(day_number(moment), zone)
        for _, moment in told
    ]
    days = np.array([until for until, _ in told], dtype=np.int64)
    return SignsOfLife(np.append(day, days), np.append(recorded, np.array(at, dtype=np.int64)))


def _recorded_in(zone: str, records: Records) -> Ints:
    """When records were recorded; a day's that says no time of its own when that day ended in a zone (A3)."""
    unsaid = np.flatnonzero(records.day & (records.recorded == end_of_days(records.time)))
    if zone == "UTC" or not len(unsaid):
        return records.recorded
    distinct, place = np.unique(records.time[unsaid], return_inverse=True)
    ends = np.array([end_of_day(day, zone) for day in distinct.tolist()], dtype=np.int64)
    recorded = records.recorded.copy()
    recorded[unsaid] = ends[place.reshape(-1)]
    return recorded


def _known(batch: Batch, when: When) -> Ints:
    """The records that are about no later moment than asked, and were known by it and by `known_at`."""
    records, zone = batch.records, when.zone
    shown = np.where(records.day, records.time <= when.day, records.time <= when.instant(zone))
    then = when.by_then
    instant, day = then.known_in(zone), then.known_day_in(zone)
    by_then = records.recorded <= (NEVER if instant is None else instant)
    if day is not None:
        unsaid = records.day & (records.recorded == end_of_days(records.time))
        by_then = np.where(unsaid, records.time <= day, by_then)
    return np.flatnonzero(shown & by_then)
