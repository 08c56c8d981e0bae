"""Find until when the feed of a number is known to live, and so which values are 0 by silence (A9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from okrcore.definitions.days import day_in, day_number, local_days, to_instant
from okrcore.definitions.derived import series_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory, facts_of
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.requests import Window
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import Flags, RowNumbers
from okrcore.scoring.roster_columns import Feed, Subjects
from okrcore.scoring.subject_periods import edges_of, whole_days

UNKNOWN = -(2**40)
"""A day before all days: nothing shows that the feed lives, or silence is no 0."""


def lived_until(
    history: AnyHistory, when: When, journal: Journal | None, subjects: Subjects, end: RowNumbers
) -> RowNumbers:
    """Return the last day, up to `end`, on which each subject's feed is known to live; else UNKNOWN.

    That is the day of the newest record of it or of its source system, or check-in about it, up to now; an
    instant shows it until the day before. Of a frame the records of the system are those of the KPIs that
    are declared to come from it. Cost: one pass over a history for each system.
    """
    lived = np.full(len(end), UNKNOWN, dtype=np.int64)
    rows = [*subjects.feeds]
    asked = [
        (subjects.measures[row], feed, subjects.zones[subjects.zone[row]])
        for row, feed in subjects.feeds.items()
    ]
    lived[rows] = np.minimum(last_signs(history, when, journal, asked), end[rows])
    return lived


def last_signs(
    history: AnyHistory, when: When, journal: Journal | None, asked: Sequence[tuple[str, Feed, str]]
) -> RowNumbers:
    """Return the last day on which each feed of (measure, feed, zone) is known to live, as `lived_until`."""
    found = np.full(len(asked), UNKNOWN, dtype=np.int64)
    for zone in {zone for _, _, zone in asked}:
        own = [row for row, one in enumerate(asked) if one[2] == zone]
        names = sorted({name for row in own for name in (asked[row][0], *asked[row][1].siblings)})
        newest = _days_of(history, when, names, zone)
        for row in own:
            measure, feed, _ = asked[row]
            days = [
                *(newest[name] for name in (measure, *feed.siblings) if name in newest),
                *_days_of_system(history, when, measure, feed, zone),
                *(day for day, _ in check_ins(journal, when, feed, zone)),
            ]
            found[row] = max(days, default=UNKNOWN)
    return found


def feed_of(goal: KeyResult | Kpi, portfolio: Portfolio) -> Feed | None:
    """Return what shows that a goal's feed lives, None where its silence means nothing (A9)."""
    series = series_of(goal, portfolio)
    if not (goal.zero_when_silent or series.zero_when_silent):
        return None
    system = series.source.system if isinstance(series, Kpi) and series.source else ""
    siblings = [kpi.id for kpi in portfolio.kpis if system and kpi.source and kpi.source.system == system]
    return Feed(system, tuple(sorted(siblings)), tuple(dict.fromkeys((goal.id, series.id))))


def feeds_of(goals: Sequence[KeyResult | Kpi], portfolio: Portfolio) -> dict[int, Feed]:
    """Return the feeds of the goals whose silence means 0, by row."""
    feeds = ((row, feed_of(goal, portfolio)) for row, goal in enumerate(goals))
    return {row: feed for row, feed in feeds if feed is not None}


def silent_values(
    subjects: Subjects,
    seen: Flags,
    day: RowNumbers,
    lived: RowNumbers,
    end: RowNumbers,
    when: When,
) -> tuple[Flags, RowNumbers]:
    """Return which latest values are 0, and the last day of the last whole period that the feed lived.

    The latest value is 0 where nothing was ever observed, or not since before that period (A9).
    """
    whole = np.full(len(seen), UNKNOWN)
    if not subjects.feeds:
        return np.zeros(len(seen), dtype=np.bool_), whole
    silent = ~seen & (lived >= subjects.start)
    known = np.flatnonzero((lived > UNKNOWN) & (subjects.rhythm >= 0))
    for group, edges in edges_of(subjects, known, lived, end):
        rows = known[group]
        after = np.searchsorted(edges, np.minimum(lived, whole_days(subjects, when))[rows] + 1, side="right")
        rows, after = rows[after > 1], after[after > 1]
        whole[rows] = edges[after - 1] - 1
        silent[rows] |= day[rows] < edges[after - 2]
    return silent, whole


def _days_of(history: AnyHistory, when: When, measures: Sequence[str], zone: str) -> Mapping[str, int]:
    facts, many = facts_of(history), len(measures)
    window = Window(
        end_day=np.full(many, when.day_in(zone)),
        end_instant=np.full(many, when.instant(zone)),
        known_at=when.known_in(zone),
        known_day=when.known_day_in(zone),
    )
    found = facts.newest(facts.codes(measures), window)
    columns = found.columns
    local = local_days(columns.at, columns.day, columns.date_only, zone)
    days, there = (local - ~columns.date_only).tolist(), (found.row >= 0).tolist()
    return {name: day for name, day, seen in zip(measures, days, there, strict=True) if seen}


def _system(history: History, when: When, measure: str) -> str:
    last = history.latest(measure, when.as_of)
    return last.source.system if last and last.source else ""


def _days_of_system(history: AnyHistory, when: When, measure: str, feed: Feed, zone: str) -> Iterator[int]:
    if not isinstance(history, History) or not (system := feed.system or _system(history, when, measure)):
        return
    records = history.from_system(system)
    shown = np.where(records.day, records.time <= when.day_in(zone), records.time <= when.instant(zone))
    if (known := when.known_in(zone)) is not None:
        shown &= records.recorded <= known
    times, whole = records.time[shown], records.day[shown]
    yield from times[whole].tolist()
    if not whole.all():
        yield day_number(day_in(to_instant(int(times[~whole].max())), zone)) - 1


def check_ins(
    journal: Journal | None, when: When, feed: Feed, zone: str
) -> Iterator[tuple[int, dt.date | dt.datetime]]:
    """Yield of each check-in about a feed by a moment the day until which it shows it, and when it was."""
    for goal in feed.goals:
        entries = () if journal is None else journal.entries(goal, "check-in", when.as_of, zone)
        for entry in entries:
            if isinstance(entry.at, dt.datetime):
                yield day_number(day_in(entry.at, zone)) - 1, entry.at
            else:
                yield day_number(entry.at), entry.at
