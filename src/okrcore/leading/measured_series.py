"""Read the dated series behind each KPI and key result, ready for a grid (S9.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import local_days, to_date
from okrcore.definitions.derived import (
    adds_authors,
    better_of,
    cadence_of,
    cycle_of,
    read_unit_of,
    series_of,
    unit_of,
)
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist
from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.fetched_records import fetched
from okrcore.history.journal import Journal, followed_journal
from okrcore.leading.calendar_grid import PeriodGrid, on_grid
from okrcore.scoring.as_of import When
from okrcore.scoring.roster_columns import Feed
from okrcore.scoring.silence import feed_of, last_signs
from okrcore.statistics.distributions import Floats, Ints
from okrcore.units.rates import Rates, convert, converted_by_day

_EVER = -(2**61)


@attrs.frozen(kw_only=True, eq=False, field_transformer=freeze_fields)
class MeasuredSeries:
    """What was observed for one KPI or key result up to a date, oldest first.

    `days` since 1970-01-01 and `values` in `unit`, NaN where one does not convert, from the last definition
    break on; `broken` is the day of that break, None without one. `unit` is the key result's or KPI's own,
    else that of the newest value.
    `better` +1, -1, or 0 where no direction is declared. `season` is "week", "year", or None where none is
    declared. `last` is the last day that has ended. Where silence means 0, `lived` is the last day on which
    the feed is known to live (A9), else None.
    """

    id: str
    measure: str
    unit: str
    aggregate: str
    better: int
    grid: PeriodGrid
    days: Ints
    values: Floats
    last: int
    broken: dt.date | None = None
    season: str | None = None
    lived: int | None = None

    @property
    def numbers(self) -> Floats:
        """The values that could be read."""
        return self.values[~np.isnan(self.values)]

    def on(self, edges: Ints) -> Floats:
        """Return the series on the periods of `edges`."""
        return on_grid(self.days, self.values, edges, self.aggregate, self.lived)

    def evened(self, edges: Ints) -> Floats:
        """Return the series on the periods of `edges`, a sum as if all periods were as long as their mean.

        February is no bad month.
        """
        return np.asarray(self.on(edges) / self.shares(edges))

    def shares(self, edges: Ints) -> Floats:
        """Return the length of each period in mean ones where this is a sum, else 1."""
        days = np.diff(edges)
        return days / days.mean() if self.aggregate == "sum" and len(days) else np.ones(len(days))


@attrs.frozen(kw_only=True)
class DeclaredSeries:
    """What a goal or KPI says of the series that it reads; `better` and `season` as in `MeasuredSeries`."""

    id: str
    measure: str
    unit: str
    read_in: str
    """The unit of an observation that brings none."""
    aggregate: str
    by_author: bool
    cadence: Cadence | None
    better: int
    season: str | None
    zone: str
    feed: Feed | None


def last_days(
    history: AnyHistory, declared: Iterable[DeclaredSeries], when: When, journal: Journal | None
) -> Mapping[str, int]:
    """Return the last day on which the feed of each series whose silence means 0 is known to live, by id."""
    feeds = {one.id: (one.measure, one.feed, one.zone) for one in declared if one.feed is not None}
    days = last_signs(history, when, journal, [*feeds.values()]).tolist() if feeds else []
    return dict(zip(feeds, days, strict=True))


def read_signals(
    portfolio: Portfolio,
    history: AnyHistory,
    ids: Iterable[str],
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    rates: Rates | None = None,
    journal: Journal | None = None,
) -> Mapping[str, MeasuredSeries]:
    """Return the signal of each of `ids` that has observations by `as_of`, as known at `known_at`.

    Initiatives, checklists and what was never observed have none. A key result reads its KPI's
    observations where it is measured by one. Without a declared cadence the distance between
    observations decides the grid. Of a history on a dataframe engine the records asked for are fetched.
    The period of a record whose unit does not convert is unknown, and no other (A13). Check-ins of the
    `journal` show that a feed whose silence means 0 lives (A9).
    """
    declared = declared_by(portfolio, ids)
    history = with_derived(portfolio, fetched(portfolio, history, records_read(declared)), rates)
    journal, rates = followed_journal(portfolio, journal), portfolio.rates_or(rates)
    calendar = portfolio.calendar
    when = When.of(as_of, known_at, calendar.timezone)
    known, known_day = when.known_at, when.known_day_in(calendar.timezone)
    asked = list(dict.fromkeys((one.measure, one.by_author) for one in declared))
    lived = last_days(history, declared, when, journal)
    measures, by_author = [measure for measure, _ in asked], [apart for _, apart in asked]
    offsets, rows = history.window_rows(
        history.codes(measures),
        _EVER,
        _EVER,
        when.day,
        when.instant(when.zone),
        known,
        known_day,
        np.array(by_author, dtype=np.bool_),
    )
    columns, units = history.take(rows), history.units
    place = {one: i for i, one in enumerate(asked)}
    found: dict[str, MeasuredSeries] = {}
    for one in declared:
        at = place[one.measure, one.by_author]
        start, stop = offsets[at], offsets[at + 1]
        broken = _last_break(history.definitions(rows[start:stop]))
        start += broken
        if start == stop:
            continue
        local = columns.at[start:stop], columns.day[start:stop], columns.date_only[start:stop]
        days = local_days(*local, one.zone)
        texts = [units[unit] or one.read_in for unit in columns.unit[start:stop].tolist()]
        unit = one.unit or texts[-1]
        given = columns.value[start:stop]
        values = converted_values(given, texts, unit, columns.day[start:stop], portfolio.units, rates)
        if np.isnan(given).any():  # what a formula could not compute
            kept = ~np.isnan(given)
            values, days = values[kept], days[kept]
        if np.isnan(values).all():
            continue
        found[one.id] = MeasuredSeries(
            id=one.id,
            measure=one.measure,
            unit=unit,
            aggregate=one.aggregate,
            better=one.better,
            grid=PeriodGrid.of(one.cadence, calendar) if one.cadence else PeriodGrid.of_days(days, calendar),
            days=days,
            values=values,
            last=when.last_whole_day_in(one.zone),
            broken=to_date(days[0]) if broken else None,
            season=one.season,
            lived=lived.get(one.id),
        )
    return found


def declared_by(portfolio: Portfolio, ids: Iterable[str]) -> list[DeclaredSeries]:
    """Return what each id says of its series, of those that have one."""
    found = (declared_series(portfolio, name) for name in dict.fromkeys(ids))
    return [one for one in found if one is not None]


def records_read(declared: Iterable[DeclaredSeries]) -> list[str]:
    """Return the measures that series read, and those that show that their feeds live."""
    named = ((one.measure, *(one.feed.siblings if one.feed else ())) for one in declared)
    return list(dict.fromkeys(name for names in named for name in names))


def declared_series(portfolio: Portfolio, id: str) -> DeclaredSeries | None:
    """Return what an id says of its series; None for what has none, as checklists and initiatives."""
    match portfolio[id]:
        case KeyResult(measure=Checklist()):
            return None
        case Kpi() | KeyResult() as goal:
            return DeclaredSeries(
                id=id,
                measure=series_of(goal, portfolio).id,
                unit=unit_of(goal, portfolio),
                read_in=read_unit_of(goal, portfolio),
                aggregate=goal.aggregate,
                by_author=adds_authors(goal, portfolio),
                cadence=cadence_of(goal, portfolio),
                better=better_of(goal, portfolio),
                season=getattr(series_of(goal, portfolio), "season", None),
                zone=_zone(goal, portfolio),
                feed=feed_of(goal, portfolio),
            )
    return None


def _zone(goal: Kpi | KeyResult, portfolio: Portfolio) -> str:
    calendar = portfolio.calendar
    return calendar.zone_of(cycle_of(goal, portfolio)) if isinstance(goal, KeyResult) else calendar.timezone


def _last_break(definitions: Ints) -> int:
    """How many rows lie before the last change of definition (S8.4)."""
    changed = np.flatnonzero(np.diff(definitions))
    return int(changed[-1]) + 1 if len(changed) else 0


def converted_values(
    values: Floats, texts: list[str], unit: str, days: Ints, declared: tuple[str, ...], rates: Rates | None
) -> Floats:
    """Return values in `unit`, each of the unit text beside it at its day's rate; NaN what does not convert.

    One bad record leaves the period that it is in unknown, and no other (A13).
    """
    out = values.copy()
    for text in set(texts) - {unit, ""}:

        def into(rows: Ints, text: str = text) -> Floats:
            return convert(values[rows], text, unit, declared=declared, rates=rates, dates=days[rows])

        some = np.flatnonzero([one == text for one in texts])
        out[some] = converted_by_day(into, some, days[some])
    return out
