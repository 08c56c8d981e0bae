"""The two signals of a link into two series on the coarser of their calendar grids (S9.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs
import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.links import Link
from okrcore.leading.calendar_grid import PeriodGrid, coarser
from okrcore.leading.measured_series import MeasuredSeries
from okrcore.statistics.distributions import Floats, Ints


@attrs.frozen(kw_only=True, eq=False)
class SeriesPair:
    """Source `x` and target `y`, one value for each period of `edges` (n + 1 starts), NaN where unknown."""

    source: MeasuredSeries
    target: MeasuredSeries
    grid: PeriodGrid
    edges: Ints
    x: Floats
    y: Floats

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
    grid = coarser(source.grid, target.grid)
    edges = grid.edges(min(int(source.days[0]), int(target.days[0])), source.last)
    return SeriesPair(
        source=source, target=target, grid=grid, edges=edges, x=source.on(edges), y=target.on(edges)
    )
