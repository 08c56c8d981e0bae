"""Put the two ends of a link on the coarser of their calendar grids (S9.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.links import Link
from okrcore.leading.arguments import checked_season
from okrcore.leading.calendar_effects import calendar_columns
from okrcore.leading.calendar_grid import PeriodGrid, coarser
from okrcore.leading.measured_series import MeasuredSeries
from okrcore.statistics.distributions import Bools, Floats, Ints
from okrcore.statistics.indicators import Events
from okrcore.statistics.whitening import Whitened, trend_columns, whiten


@attrs.frozen(kw_only=True, eq=False)
class SeriesPair:
    """Source `x` and target `y`, one value for each period of `edges` (n + 1 starts), NaN where unknown.

    Sums are evened for the lengths of the periods.
    """

    source: MeasuredSeries
    target: MeasuredSeries
    grid: PeriodGrid
    edges: Ints
    x: Floats
    y: Floats

    @property
    def season(self) -> float | None:
        """Periods in the season of the pair: as the target declares it, else the source, else the grid's."""
        return self.grid.season(self.target.season or self.source.season)

    @property
    def calendar(self) -> Floats:
        """What the calendar holds in each period."""
        return calendar_columns(self.edges, self.grid.calendar)

    @property
    def positive(self) -> bool:
        """Whether both series have logarithms."""
        return all(np.nanmin(v, initial=1.0) > 0 for v in (self.x, self.y))

    def days(self, first: int, last: int) -> tuple[dt.date, dt.date]:
        """Return the first day of one period and the last day of another; periods may lie ahead."""
        beyond = int(self.edges[0] + (last + 3) * (self.grid.length + 1))
        starts = self.grid.edges(int(self.edges[0]), beyond)
        return to_date(starts[first]), to_date(starts[last + 1] - 1)


def pair_of(link: Link, signals: Mapping[str, MeasuredSeries]) -> SeriesPair | None:
    """Return the pair of a link, None where one end has no signal."""
    source, target = signals.get(link.source), signals.get(link.target)
    if source is None or target is None:
        return None
    return pair_on(source, target)


def pair_on(source: MeasuredSeries, target: MeasuredSeries) -> SeriesPair:
    """Return two series on the coarser of their grids, from the first observation of either on."""
    grid = coarser(source.grid, target.grid)
    edges = grid.edges(min(int(source.days[0]), int(target.days[0])), source.last)
    x, y = source.evened(edges), target.evened(edges)
    return SeriesPair(source=source, target=target, grid=grid, edges=edges, x=x, y=y)


@attrs.frozen(kw_only=True, eq=False)
class WhitenedBlock:
    """All of P sources with all of K targets under one season, on one grid.

    `values` (P, n) and (K, n), whitened to `x` and `y`. `asked` (P, K): pairs that belong on this grid under
    this season, and are not one number.
    """

    values: tuple[Floats, Floats]
    x: Whitened
    y: Whitened
    season: float | None
    asked: Bools


def whitened_blocks(
    grid: PeriodGrid, sources: Sequence[MeasuredSeries], targets: Sequence[MeasuredSeries], season: bool
) -> Iterator[WhitenedBlock]:
    """Yield the pairs whose coarser grid is `grid` in blocks of one season; most often there is one.

    Periods run from the first observation of any series on.
    """
    edges = grid.edges(min(int(one.days[0]) for one in (*sources, *targets)), sources[0].last)
    values = [np.array([one.evened(edges) for one in side]) for side in (sources, targets)]
    measures = (np.array([one.measure for one in side], dtype=object) for side in (sources, targets))
    native = (np.array([one.grid == grid for one in side]) for side in (sources, targets))
    apart = np.not_equal.outer(*measures).astype(bool) & np.logical_or.outer(*native)
    declared = np.array([[y.season or x.season for y in targets] for x in sources], dtype=object)
    calendar = calendar_columns(edges, grid.calendar)
    words = sorted(set(declared.ravel().tolist()), key=str)
    for word in words:
        cycle = checked_season(grid.season(word)) if season else None
        columns = trend_columns(len(edges) - 1, cycle)
        events = Events(season=cycle[0] if cycle else None, calendar=calendar)
        x, y = (whiten(side, columns, events=events) for side in values)
        yield WhitenedBlock(
            values=(values[0], values[1]), x=x, y=y, season=events.season, asked=apart & (declared == word)
        )
