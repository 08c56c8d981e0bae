"""Put recorded series on their calendar's periods, as they stand and as each period was first shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import day_number, end_of_day
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi, Rebase
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.leading.calendar_grid import PeriodGrid, on_grid
from okrcore.leading.measured_series import DeclaredSeries, declared_by, declared_series
from okrcore.leading.reduced_series import own_edges, reduced_series
from okrcore.monitoring.recorded_rows import RecordedRows, recorded_rows
from okrcore.monitoring.signs_of_life import NEVER
from okrcore.scoring.as_of import When
from okrcore.units.rates import Rates

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@attrs.frozen(eq=False)
class PeriodRows:
    """B series on the n periods of one grid, in one zone, reduced by one aggregate.

    `edges` (n + 1) are the days on which periods start. `values` (B, n) are those known at the end, NaN for
    none, and `cuts` say where limits begin anew: positions, each with its reason.
    """

    declared: tuple[DeclaredSeries, ...]
    grid: PeriodGrid
    edges: Ints
    values: Floats
    cuts: tuple[Mapping[int, str], ...]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the series, in their order."""
        return tuple(one.id for one in self.declared)

    @cached_property
    def lengths(self) -> Floats:
        """The length of each period in mean ones where this is a sum, else 1."""
        days = np.diff(self.edges)
        even = self.declared[0].aggregate == "sum" and len(days)
        return days / days.mean() if even else np.ones(len(days))

    @cached_property
    def season(self) -> tuple[float | None, ...]:
        """The periods in the season of each series."""
        return tuple(self.grid.season(one.season) for one in self.declared)


@attrs.frozen(eq=False)
class RecordedPeriods(PeriodRows):
    """Such series with what was recorded of them, when; `ends` (n) are the last instants of their periods."""

    rows: tuple[RecordedRows, ...]
    ends: Ints


def period_rows(
    portfolio: Portfolio,
    history: AnyHistory,
    ids: Iterable[str],
    when: When,
    rates: Rates | None = None,
    rebased: Mapping[str, Sequence[Rebase]] | None = None,
    journal: Journal | None = None,
) -> Sequence[PeriodRows]:
    """Return the series of `ids` on their own periods, those of one grid, aggregate and zone together.

    Without a declared cadence the distance between observations decides. Of the latest value the running
    period counts too, of what is summed up only those that have ended. `rebased` adds to what KPIs say.
    Where silence means 0, periods without a record are 0 as far as the feed is known to live, by its records,
    those of its system, and check-ins of the `journal` (A9). A dataframe reduces on its engine.
    """
    if isinstance(history, History):
        return recorded_periods(portfolio, history, ids, when, rates, rebased, journal)
    declared = declared_by(portfolio, ids)
    return [
        PeriodRows(
            one.declared,
            one.grid,
            one.edges,
            one.values,
            tuple(
                _cuts(portfolio, each, one.edges, (rebased or {}).get(each.id, ())) for each in one.declared
            ),
        )
        for one in reduced_series(portfolio, history, declared, when.by_then, rates, journal)
    ]


def recorded_periods(
    portfolio: Portfolio,
    history: History,
    ids: Iterable[str],
    when: When,
    rates: Rates | None = None,
    rebased: Mapping[str, Sequence[Rebase]] | None = None,
    journal: Journal | None = None,
    unpaced: Cadence | None = None,
) -> list[RecordedPeriods]:
    """Return what `period_rows` does of a history in memory, with the records behind it.

    What has no cadence is on the periods of `unpaced` where that is given.
    """
    declared = declared_by(portfolio, ids)
    recorded = recorded_rows(portfolio, history, declared, when, rates, journal)
    groups: dict[tuple[PeriodGrid, str, str], list[tuple[DeclaredSeries, RecordedRows]]] = {}
    calendar = portfolio.calendar
    for one, rows in zip(declared, recorded, strict=True):
        if rows is None:
            continue
        cadence = unpaced if one.cadence is None else one.cadence
        grid = PeriodGrid.of(cadence, calendar) if cadence else PeriodGrid.of_days(rows.day, calendar)
        groups.setdefault((grid, one.aggregate, one.zone), []).append((one, rows))
    return [
        _group(portfolio, grid, zone, members, when, rebased or {})
        for (grid, _, zone), members in groups.items()
    ]


def _group(
    portfolio: Portfolio,
    grid: PeriodGrid,
    zone: str,
    members: Sequence[tuple[DeclaredSeries, RecordedRows]],
    when: When,
    rebased: Mapping[str, Sequence[Rebase]],
) -> RecordedPeriods:
    declared, rows = tuple(one for one, _ in members), tuple(one for _, one in members)
    aggregate = declared[0].aggregate
    edges = own_edges(grid, min(int(one.day[0]) for one in rows), aggregate, when, zone)
    ends = np.array([end_of_day(int(day) - 1, zone) for day in edges[1:].tolist()], dtype=np.int64)
    values = np.full((len(rows), len(edges) - 1), np.nan)
    cuts: list[dict[int, str]] = []
    for i, (one, own) in enumerate(zip(declared, rows, strict=True)):
        values[i] = on_periods(own, NEVER, edges, aggregate)
        chosen = own.known(NEVER)
        broken = chosen[1:][np.diff(own.definition[chosen]) != 0]
        cuts.append(_cuts(portfolio, one, edges, rebased.get(one.id, ()), own.day[broken].tolist()))
    return RecordedPeriods(declared, grid, edges, values, tuple(cuts), rows, ends)


def on_periods(own: RecordedRows, instant: int, edges: Ints, aggregate: str) -> Floats:
    """Return one value a period as known at an instant, NaN where there is none, or too few (A7)."""
    chosen = own.known(instant)
    lived = None if own.signs is None else own.signs.until(instant)
    return on_grid(own.day[chosen], own.value[chosen], edges, aggregate, lived)


def _cuts(
    portfolio: Portfolio, one: DeclaredSeries, edges: Ints, more: Sequence[Rebase], broken: Sequence[int] = ()
) -> dict[int, str]:
    """Where limits begin anew: what a KPI says, and the days on which its definition broke (S8.4)."""
    found = {_period(edges, day): "its definition changed" for day in broken}
    value = portfolio[one.measure]
    said = value.rebased if isinstance(value, Kpi) else ()
    for rebase in (*more, *said):
        place = _period(edges, day_number(rebase.start))
        if 0 <= place < len(edges) - 1:
            found[place] = rebase.why
    return dict(sorted(found.items()))


def _period(edges: Ints, day: int) -> int:
    return int(np.searchsorted(edges, day, side="right")) - 1


def watched(portfolio: Portfolio) -> list[str]:
    """Return the ids that have signals: KPIs and key results."""
    return [*(one.id for one in portfolio.kpis), *(one.id for one in portfolio.key_results)]


def reading(portfolio: Portfolio) -> dict[str, tuple[KeyResult, ...]]:
    """Return the key results that read each KPI."""
    found: dict[str, list[KeyResult]] = {}
    for result in portfolio.key_results:
        one = declared_series(portfolio, result.id)
        if one is not None and one.measure != result.id:
            found.setdefault(one.measure, []).append(result)
    return {name: tuple(results) for name, results in found.items()}
