"""Hold KPIs as columns: their bands, what they guard, and who reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import series_of
from okrcore.definitions.kpis import Kpi, KpiBands
from okrcore.definitions.measures import Band
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, Floats, RowNumbers


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class BandColumns:
    """Bands of KPIs as (low, high) pairs of columns; NaN where a band is absent."""

    target: tuple[Floats, Floats]
    limit: tuple[Floats, Floats]
    worst: tuple[Floats, Floats]

    @classmethod
    def of(cls, bands: Sequence[KpiBands]) -> BandColumns:
        """Return the columns of some KPIs' bands."""
        return cls(*(_bounds([one[place] for one in bands]) for place in range(3)))

    def at(self, rows: RowNumbers) -> BandColumns:
        """Return the bands of some rows."""
        target, limit, worst = (
            (low[rows], high[rows]) for low, high in (self.target, self.limit, self.worst)
        )
        return BandColumns(target, limit, worst)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class KpiColumns:
    """KPIs by id, with their bands."""

    kpis: tuple[Kpi, ...]
    rows: dict[str, int]
    bands: BandColumns
    """Those of each KPI before the first date that it plans others for."""
    dated: Flags
    """The KPIs that have other bands from some date on."""
    judged: Flags
    """The KPIs that have a target at some time."""
    guards: tuple[tuple[int, RowNumbers], ...]
    """Rows of guardrails and the rows of the objectives they guard."""
    measuring: tuple[RowNumbers, RowNumbers]
    """Pairs of a KPI's row and the row of a key result that reads it."""

    def bands_on(self, rows: RowNumbers, days: RowNumbers) -> BandColumns:
        """Return the bands of some KPIs, each as of a day of its own (A11)."""
        if not self.dated[rows].any():
            every = len(rows) == len(self.kpis) and np.array_equal(rows, np.arange(len(rows)))
            return self.bands if every else self.bands.at(rows)
        pairs = zip(rows.tolist(), days.tolist(), strict=True)
        return BandColumns.of([self.kpis[row].bands_at(to_date(day)) for row, day in pairs])


def kpi_columns(portfolio: Portfolio, compiled: CompiledPortfolio) -> KpiColumns:
    """Return the columns of all KPIs."""
    kpis = tuple(sorted(portfolio.kpis, key=lambda kpi: kpi.id))
    rows = {kpi.id: row for row, kpi in enumerate(kpis)}
    guards = [
        (row, np.array([compiled.goal_rows[name] for name in kpi.guards], dtype=np.int64))
        for row, kpi in enumerate(kpis)
        if kpi.guardrail and kpi.guards
    ]
    readers = [
        (rows[name], row)
        for row, result in enumerate(compiled.results)
        if (name := series_of(result, portfolio).id) in rows
    ]
    measuring = np.array(readers, dtype=np.int64).reshape(-1, 2).T
    return KpiColumns(
        kpis=kpis,
        rows=rows,
        bands=BandColumns.of([kpi.bands for kpi in kpis]),
        dated=np.array([bool(kpi.dated) for kpi in kpis], dtype=np.bool_),
        judged=np.array([kpi.is_judged for kpi in kpis], dtype=np.bool_),
        guards=tuple(guards),
        measuring=(measuring[0], measuring[1]),
    )


def _bounds(bands: list[Band | None]) -> tuple[Floats, Floats]:
    nan, inf = math.nan, math.inf
    low = [nan if band is None else -inf if band.low is None else band.low for band in bands]
    high = [nan if band is None else inf if band.high is None else band.high for band in bands]
    return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
