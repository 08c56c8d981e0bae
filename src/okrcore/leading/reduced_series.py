"""Reduce declared series to their periods on a dataframe's engine: few questions, and no rows (S11, A7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.history.backends import facts_of
from okrcore.history.frames.frame_history import FrameHistory
from okrcore.history.journal import Journal
from okrcore.history.period_entries import PeriodEntries
from okrcore.history.requests import Edges, Known, Window
from okrcore.leading.calendar_grid import PeriodGrid, known_periods
from okrcore.leading.measured_series import DeclaredSeries, last_days
from okrcore.scoring.as_of import When
from okrcore.statistics.distributions import Floats, Ints
from okrcore.units.rates import Rates


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ReducedSeries:
    """Series of one grid, aggregate and zone on its periods, from the first that holds an observation on.

    `edges` (n + 1) are the days on which periods start; `values` (B, n), in the unit of each, NaN where there
    is none or too little (A7), and `counts` how many observations each period holds.
    """

    declared: tuple[DeclaredSeries, ...]
    grid: PeriodGrid
    edges: Ints
    values: Floats
    counts: Ints


def reduced_series(
    portfolio: Portfolio,
    history: FrameHistory,
    declared: Sequence[DeclaredSeries],
    when: When,
    rates: Rates | None,
    journal: Journal | None,
) -> list[ReducedSeries]:
    """Return `declared` series on their own periods, as they are known at a moment, from a frame.

    Of what is summed up and the like only ended periods, of the latest value the running one too. One
    question for the series of one grid, aggregate and zone, whose answer is a row a period; three small ones
    for all; and for sums of money that is exchanged one more, of a row a day. What was never observed, or in
    no unit that converts, is left out; a period with a record that does not is unknown (A13). Without a
    cadence the days of observations are asked for.
    """
    known = when.known_at, when.known_day_in(when.zone)
    facts_of(history)  # refuses what is no history, before it is asked
    spans = history.days_of(list(dict.fromkeys(one.measure for one in declared)), known[0])
    seen = [one for one in declared if one.measure in spans]
    grids = _grids(history, seen, spans, when, known, portfolio.calendar)
    lived = last_days(history, seen, when, journal)
    groups: dict[tuple[PeriodGrid, str, str], list[DeclaredSeries]] = {}
    for one in seen:
        if one.id in grids:
            groups.setdefault((grids[one.id], one.aggregate, one.zone), []).append(one)
    found = []
    for (grid, aggregate, zone), members in groups.items():
        first = min(spans[one.measure][0] for one in members) - 1
        edges = own_edges(grid, first, aggregate, when, zone)
        entries = PeriodEntries.of(
            facts_of(history),
            [one.measure for one in members],
            Edges.of(edges, zone).until(when.day, when.instant(when.zone)),
            aggregate,
            known,
            np.array([one.by_author for one in members], dtype=np.bool_),
        )
        units = _units(history, members, entries.texts, when, known)
        values = entries.values(units, portfolio.units, rates)
        counts = entries.counts
        kept = np.flatnonzero(~np.isnan(values).all(axis=1))
        if not len(kept):
            continue
        values, counts = values[kept], counts[kept]
        own = tuple(members[row] for row in kept.tolist())
        begun = np.argmax(counts > 0, axis=1)
        for row, one in enumerate(own):
            since = edges[begun[row], np.newaxis]
            values[row] = known_periods(values[row], counts[row], edges, aggregate, since, lived.get(one.id))
        some = slice(int(begun.min()), None)
        found.append(ReducedSeries(own, grid, edges[some], values[:, some], counts[:, some]))
    return found


def own_edges(grid: PeriodGrid, first: int, aggregate: str, when: When, zone: str) -> Ints:
    """Return the starts of the periods of a series from that of day `first` on, and the end of the last.

    Of the latest value the running period counts too, of what is summed up only those that have ended.
    """
    if aggregate != "latest":
        return grid.edges(first, when.last_whole_day_in(zone))
    ahead = grid.edges(first, when.day_in(zone) + 2 * int(np.ceil(grid.length)) + 31)
    return ahead[: int(np.searchsorted(ahead, when.day_in(zone), side="right")) + 1]


def _grids(
    history: FrameHistory,
    declared: Sequence[DeclaredSeries],
    spans: Mapping[str, tuple[int, int]],
    when: When,
    known: Known,
    calendar: Calendar,
) -> Mapping[str, PeriodGrid]:
    """The grid of each series; of what declares none that of the days on which it was observed."""
    grids = {one.id: PeriodGrid.of(one.cadence, calendar) for one in declared if one.cadence}
    free = [one for one in declared if one.cadence is None]
    for zone in {one.zone for one in free}:
        own = [one for one in free if one.zone == zone]
        first, last = min(spans[one.measure][0] for one in own) - 1, when.day + 2
        days = np.arange(first, max(first, last) + 1)
        edges = Edges.of(days, zone).until(when.day, when.instant(when.zone))
        names = [one.measure for one in own]
        counts = PeriodEntries.of(facts_of(history), names, edges, "sum", known).counts
        for one, row in zip(own, counts > 0, strict=True):
            if row.any():
                grids[one.id] = PeriodGrid.of_days(days[:-1][row], calendar)
    return grids


def _units(
    history: FrameHistory,
    declared: Sequence[DeclaredSeries],
    texts: Sequence[set[str]],
    when: When,
    known: Known,
) -> list[tuple[str, str]]:
    """The unit of what says none, and the one wanted, of each series: its own, else its newest value's."""
    wanted = [one.unit for one in declared]
    unsaid = [row for row, unit in enumerate(wanted) if not unit and texts[row]]
    for row in unsaid:
        wanted[row] = min(texts[row])
    several = [row for row in unsaid if len(texts[row]) > 1]
    if several:
        facts = facts_of(history)
        window = Window(
            end_day=np.full(len(several), when.day),
            end_instant=np.full(len(several), when.instant(when.zone)),
            known_at=known[0],
            known_day=known[1],
        )
        newest = facts.newest(facts.codes([declared[row].measure for row in several]), window)
        for row, unit in zip(several, newest.columns.unit.tolist(), strict=True):
            wanted[row] = newest.units[unit]
    return [(one.read_in, unit or one.read_in) for one, unit in zip(declared, wanted, strict=True)]
