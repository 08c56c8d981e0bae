"""Discover links and trade-offs worth declaring: proposed, never added (S9.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at
from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.fields import is_flag, within
from okrcore.definitions.lineage import lineage_of
from okrcore.definitions.moments import AsOf
from okrcore.display import Table
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.leading.arguments import checked_lags
from okrcore.leading.calendar_grid import PeriodGrid, coarser, grids_of
from okrcore.leading.computed_series import ComputedPairs, computed_pairs
from okrcore.leading.guards import SAME, TOGETHER
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.leading.paired_series import whitened_blocks
from okrcore.leading.screening import screened
from okrcore.statistics.multiplicity import benjamini_hochberg
from okrcore.units.rates import Rates

COLUMNS = ("source", "target", "sign", "lag", "p_value", "effect", "kind", "period", "declared")
_KINDS = {SAME: "computed", TOGETHER: "part"}
DiscoveredRow = tuple[str, str, int, int, float, float, str, str, bool]


def discover_links(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    lags: Iterable[int],
    q: float = 0.10,
    known_at: AsOf | None = None,
    season: bool = True,
    rates: Rates | None = None,
    journal: Journal | None = None,
) -> Table:
    """Return the pairs of a KPI and a key result or KPI where the one leads the other, at any of `lags`.

    All pairs are screened in both directions of sign, each on the coarser of its two grids, and kept at
    the false discovery rate `q` over all of them: about that share of the rows is false. A row has source,
    target, sign (of raw values), lag in periods of `period`, p_value (corrected for the lags, not for the
    pairs), effect, and kind: "trade-off" where improvement of the source goes with worsening of the
    target, else "lead"; at lag 0 "moves with", each pair once. `declared` says whether the portfolio has
    such a link, whatever its sign. A KPI that measures a key result appears as the key result. Sorted by
    p_value, then source and target.

    What is one number makes no link. Such pairs follow, each once, with what they are as their kind:
    "formula" (an input of it, or two that share an input in the same period), "copy", "sum" or "product" of
    another, "computed" from it (a rolling mean, a running sum), or "part" (one to one
    in the same period). `journal` as in `assess_links`.

    >>> from okrcore import History, Kpi, Portfolio, weekly
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
    check_arguments(q=(q, within(0, 1)), season=(season, is_flag))
    portfolio = portfolio_at(portfolio, as_of, known_at)
    wanted = checked_lags(lags)
    measuring = {result.measured_by for result in portfolio.key_results}
    kpis = [kpi.id for kpi in portfolio.kpis]
    goals = [
        *(result.id for result in portfolio.key_results),
        *(name for name in kpis if name not in measuring),
    ]
    signals = read_signals(
        portfolio, history, [*kpis, *goals], as_of=as_of, known_at=known_at, rates=rates, journal=journal
    )
    sources = [signals[name] for name in kpis if name in signals]
    targets = [signals[name] for name in goals if name in signals]
    found: list[DiscoveredRow] = []
    same: list[DiscoveredRow] = []
    computed = computed_pairs(signals.values(), lineage_of(portfolio))
    for grid in grids_of(signals.values()):
        left = [one for one in sources if coarser(one.grid, grid) == grid]
        right = [one for one in targets if coarser(one.grid, grid) == grid]
        if left and right:
            rows, more = _screened(grid, left, right, computed, wanted, q, season)
            found += rows
            same += more
    kept = benjamini_hochberg(np.array([row[4] for row in found]), q)[0]
    rows = _together_once([row for row, keep in zip(found, kept.tolist(), strict=True) if keep])
    declared = {(link.source, link.target) for link in portfolio.links}
    rows = [
        (*row[:-1], row[:2] in declared) for row in (*sorted(rows, key=_order), *sorted(same, key=_order))
    ]
    return _table([(*row[:-1], row[:2] in declared) for row in rows])


def _order(row: DiscoveredRow) -> tuple[float, str, str]:
    return row[4], row[0], row[1]


def _screened(
    grid: PeriodGrid,
    left: list[MeasuredSeries],
    right: list[MeasuredSeries],
    computed: ComputedPairs,
    lags: tuple[int, ...],
    q: float,
    season: bool,
) -> tuple[list[DiscoveredRow], list[DiscoveredRow]]:
    """Every decidable pair whose coarser grid is `grid`, and apart from these those that are one number.

    A pair that stood out and did not hold has p-value 1.
    """
    rows: list[DiscoveredRow] = []
    same: dict[frozenset[str], DiscoveredRow] = {}
    for block in whitened_blocks(grid, left, right, season):
        known = [[frozenset((x.measure, y.measure)) in computed for y in right] for x in left]
        found = screened(
            block.values, block.x, block.y, lags, q, block.season, block.asked & ~np.array(known)
        )
        for i, j in np.argwhere(block.asked).tolist():
            source, target = left[i], right[j]
            both, note = frozenset((source.measure, target.measure)), found.notes.get((i, j), "")
            if not (both in computed or found.enough[i, j]):
                continue
            lag, value, effect = int(found.lag[i, j]), float(found.p[i, j]), float(found.effect[i, j])
            sign = 1 if effect >= 0 else -1
            kind = computed.kind(source.measure, target.measure, lag) or _KINDS.get(note, "")
            if kind:
                row = (source.id, target.id, sign, lag, value, effect, kind, grid.period, False)
                same[both] = min(same.get(both, row), row, key=_order)
                continue
            harms = sign * source.better * target.better < 0
            kind = ("trade-off" if harms else "lead") if lag else "moves with"
            p = value if found.holds[i, j] else 1.0
            rows.append((source.id, target.id, sign, lag, p, effect, kind, grid.period, False))
    return rows, list(same.values())


def _together_once(rows: list[DiscoveredRow]) -> list[DiscoveredRow]:
    """Rows, but of two that move together in the same period only the first pair."""
    seen: set[frozenset[str]] = set()
    out = []
    for row in sorted(rows, key=_order):
        both = frozenset(row[:2])
        if row[3] == 0 and both in seen:
            continue
        if row[3] == 0:
            seen.add(both)
        out.append(row)
    return out


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
