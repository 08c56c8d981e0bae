"""A portfolio and its history into links and trade-offs worth declaring: proposed, never added (S9.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Table
from okrcore.history.backends import AnyHistory
from okrcore.leading.arguments import checked_lags
from okrcore.leading.calendar_grid import PeriodGrid, coarser
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.leading.screening import screen_links
from okrcore.statistics.multiplicity import benjamini_hochberg
from okrcore.units.rates import Rates

COLUMNS = ("source", "target", "sign", "lag", "p_value", "effect", "kind", "period", "declared")
DiscoveredRow = tuple[str, str, int, int, float, float, str, str, bool]


def discover_links(
    portfolio: Portfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    lags: Iterable[int],
    q: float = 0.10,
    known_at: AsOf | None = None,
    season: bool = True,
    rates: Rates | None = None,
) -> Table:
    """Return the pairs of a KPI and a key result or KPI where the one leads the other, at any of `lags`.

    All pairs are screened in both directions of sign, each on the coarser of its two grids, and kept at
    the false discovery rate `q` over all of them: about that share of the rows is false. A row has source,
    target, sign (of raw values), lag in periods of `period`, p_value (corrected for the lags, not for the
    pairs), effect, and kind: "trade-off" where improvement of the source goes with worsening of the
    target, else "lead". `declared` says whether the portfolio has such a link, whatever its sign. A KPI
    that measures a key result appears as the key result. Sorted by p_value, then source and target.

    >>> from okrcore import History, Kpi, weekly
    >>> rng = np.random.default_rng(0)
    >>> calls = rng.standard_normal(105)
    >>> deals = np.r_[np.zeros(2), calls[:-2]] + 0.5 * rng.standard_normal(105)
    >>> portfolio = Portfolio.of(*(Kpi(id=name, title=name, cadence="weekly") for name in ("calls", "deals")))
    >>> days = list(weekly("2024-01-01", "2025-12-29"))
    >>> history = History.of_columns(["calls"] * 105 + ["deals"] * 105, 2 * days, np.r_[calls, deals])
    >>> found = discover_links(portfolio, history, as_of="2026-01-05", lags=range(1, 5))
    >>> print(found.select("source", "lag"))
    source  lag
    calls     2
    """
    wanted = checked_lags(lags)
    measuring = {result.measured_by for result in portfolio.key_results}
    kpis = [kpi.id for kpi in portfolio.kpis]
    goals = [
        *(result.id for result in portfolio.key_results),
        *(name for name in kpis if name not in measuring),
    ]
    signals = read_signals(portfolio, history, [*kpis, *goals], as_of=as_of, known_at=known_at, rates=rates)
    sources = [signals[name] for name in kpis if name in signals]
    targets = [signals[name] for name in goals if name in signals]
    found: list[DiscoveredRow] = []
    p: list[float] = []
    for grid in sorted({one.grid for one in signals.values()}, key=lambda grid: (grid.length, grid.unit)):
        rows, values = _screened(grid, sources, targets, wanted, season)
        found += rows
        p += values
    kept = benjamini_hochberg(np.array(p), q)[0]
    declared = {(link.source, link.target) for link in portfolio.links}
    rows = [(*row[:-1], row[:2] in declared) for row, keep in zip(found, kept.tolist(), strict=True) if keep]
    return _table(sorted(rows, key=lambda row: (row[4], row[0], row[1])))


def _screened(
    grid: PeriodGrid,
    sources: list[MeasuredSeries],
    targets: list[MeasuredSeries],
    lags: tuple[int, ...],
    season: bool,
) -> tuple[list[DiscoveredRow], list[float]]:
    """Every decidable pair whose coarser grid is `grid`, and its p-value."""
    left = [one for one in sources if coarser(one.grid, grid) == grid]
    right = [one for one in targets if coarser(one.grid, grid) == grid]
    if not left or not right:
        return [], []
    edges = grid.edges(min(int(one.days[0]) for one in (*left, *right)), left[0].last)
    x, y = (np.array([one.on(edges) for one in side]) for side in (left, right))
    found = screen_links(x, y, lags=lags, season=grid.season if season else None)
    rows: list[DiscoveredRow] = []
    p: list[float] = []
    for i, j in np.argwhere(found.enough).tolist():
        source, target = left[i], right[j]
        if source.measure == target.measure or grid not in (source.grid, target.grid):
            continue
        sign = 1 if found.effect[i, j] >= 0 else -1
        kind = "trade-off" if sign * source.better * target.better < 0 else "lead"
        lag, value, effect = int(found.lag[i, j]), float(found.p[i, j]), float(found.effect[i, j])
        rows.append((source.id, target.id, sign, lag, value, effect, kind, grid.period, False))
        p.append(value)
    return rows, p


def _table(rows: list[DiscoveredRow]) -> Table:
    kinds: Mapping[str, type] = {"sign": np.int64, "lag": np.int64, "declared": np.bool_}
    kinds = {**kinds, "p_value": np.float64, "effect": np.float64}
    columns = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS)
    return Table(
        {
            name: np.array(list(column), dtype=kinds.get(name, object))
            for name, column in zip(COLUMNS, columns, strict=True)
        }
    )
