"""Give each KPI and key result one value an ended period, wherever the rows of its history are (A7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.history import History
from okrcore.history.journal import Journal, followed_journal
from okrcore.leading.calendar_grid import PeriodGrid
from okrcore.leading.measured_series import MeasuredSeries, declared_by, read_signals
from okrcore.leading.reduced_series import reduced_series
from okrcore.scoring.as_of import When
from okrcore.statistics.distributions import Floats, Ints
from okrcore.units.rates import Rates


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class EndedPeriods:
    """A series on its ended periods, from that of its first observation on.

    `edges` (n + 1) are the days on which they start; `values` (n) are NaN where there is none or too little
    is known, `counts` say on how many observations each rests: of the latest value on one.
    """

    grid: PeriodGrid
    aggregate: str
    edges: Ints
    values: Floats
    counts: Ints


def ended_periods(
    portfolio: Portfolio,
    history: AnyHistory,
    ids: Iterable[str],
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    rates: Rates | None = None,
    journal: Journal | None = None,
) -> Mapping[str, EndedPeriods]:
    """Return the ended periods of each of `ids` that has observations by `as_of`, as `read_signals` has them.

    In memory what precedes the last break of a definition is left out (S8.4); a frame tells of no breaks, and
    is reduced on its engine.
    """
    if isinstance(history, History):
        found = read_signals(
            portfolio, history, ids, as_of=as_of, known_at=known_at, rates=rates, journal=journal
        )
        return {name: _of_days(one) for name, one in found.items()}
    declared, when = declared_by(portfolio, ids), When.of(as_of, known_at, portfolio.calendar.timezone)
    derived, journal = with_derived(portfolio, history, rates), followed_journal(portfolio, journal)
    ended: dict[str, EndedPeriods] = {}
    for group in reduced_series(portfolio, derived, declared, when, portfolio.rates_or(rates), journal):
        for row, one in enumerate(group.declared):
            begun = int(np.flatnonzero(group.counts[row])[0])
            last = when.last_whole_day_in(one.zone) + 1
            edges = group.edges[begun : max(int(np.searchsorted(group.edges, last, side="right")), begun + 1)]
            some = slice(begun, begun + len(edges) - 1)
            ended[one.id] = EndedPeriods(
                group.grid, one.aggregate, edges, group.values[row, some], group.counts[row, some]
            )
    return {one.id: ended[one.id] for one in declared if one.id in ended}


def _of_days(one: MeasuredSeries) -> EndedPeriods:
    edges = one.grid.edges(int(one.days[0]), one.last)
    counts = np.diff(np.searchsorted(one.days, edges))
    counts = np.minimum(counts, 1) if one.aggregate == "latest" else counts
    return EndedPeriods(one.grid, one.aggregate, edges, one.on(edges), counts)
