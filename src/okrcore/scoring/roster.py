"""List a portfolio's key results, KPIs and checklist items as things to be read from a history."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from okrcore.definitions.days import ANCHOR, day_number, to_date
from okrcore.definitions.derived import adds_authors, cadence_of, read_unit_of, series_of, unit_of
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi, KpiBands
from okrcore.definitions.measures import Band, Checklist, Item
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.history.interning import Lookup
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import CompiledPortfolio, compile_portfolio
from okrcore.scoring.graph import Flags, Floats, RowNumbers, comparable
from okrcore.scoring.roster_columns import Feed, Subjects, coded
from okrcore.scoring.samples import SampleColumns
from okrcore.scoring.silence import feed_of
from okrcore.units.unit_text import is_count


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ChecklistItems:
    """The items of all checklists, by key result and id: which row they count for, and how much.

    `finish` is the day the item's milestone was done (far in the future while open); `dated` items have a
    milestone, so that their state is always known.
    """

    measures: Lookup[str]
    owner: RowNumbers
    weight: Floats
    finish: RowNumbers
    dated: RowNumbers
    zone: RowNumbers
    zones: tuple[str, ...]


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
    """RowNumbers of guardrails and the rows of the objectives they guard."""
    measuring: tuple[RowNumbers, RowNumbers]
    """Pairs of a KPI's row and the row of a key result that reads it."""

    def bands_on(self, rows: RowNumbers, days: RowNumbers) -> BandColumns:
        """Return the bands of some KPIs, each as of a day of its own (A11)."""
        if not self.dated[rows].any():
            every = len(rows) == len(self.kpis) and np.array_equal(rows, np.arange(len(rows)))
            return self.bands if every else self.bands.at(rows)
        pairs = zip(rows.tolist(), days.tolist(), strict=True)
        return BandColumns.of([self.kpis[row].bands_at(to_date(day)) for row, day in pairs])


@attrs.frozen(eq=False)
class Roster:
    """All that is read for one portfolio; found again while its goals and KPIs are the same."""

    compiled: CompiledPortfolio
    results: Subjects
    kpis: Subjects
    columns: KpiColumns
    items: ChecklistItems
    result_samples: SampleColumns
    kpi_samples: SampleColumns
    counted: Flags
    """The key results that add up a number of things."""
    zone: RowNumbers
    zones: tuple[str, ...]
    """The zone of each goal, as a code that counts in `zones`."""

    def goal_days(self, when: When) -> RowNumbers:
        """Return which day it is for each goal: in the zone of its cycle (A3)."""
        return when.days_in(self.zone, self.zones)


def roster_of(portfolio: Portfolio) -> Roster:
    """Return what is read for `portfolio`, made once and shared by versions with the same goals and KPIs."""
    return _ROSTER.of(portfolio)


def _roster(portfolio: Portfolio) -> Roster:
    compiled = compile_portfolio(portfolio)
    zone, zones = coded(_zones(portfolio, compiled))
    results, kpis, columns = (
        _results(portfolio, compiled),
        _kpis(portfolio),
        _kpi_columns(portfolio, compiled),
    )
    series = [series_of(result, portfolio) for result in compiled.results]
    return Roster(
        compiled=compiled,
        results=results,
        kpis=kpis,
        columns=columns,
        items=_items(portfolio, compiled),
        result_samples=SampleColumns.of(results, series, portfolio),
        kpi_samples=SampleColumns.of(kpis, columns.kpis, portfolio),
        counted=_counted(portfolio, compiled),
        zone=zone,
        zones=zones,
    )


def _results(portfolio: Portfolio, compiled: CompiledPortfolio) -> Subjects:
    zones = _zones(portfolio, compiled)
    starts = compiled.start_day[compiled.parent].tolist()
    return Subjects.of(
        measures=[series_of(result, portfolio).id for result in compiled.results],
        units=[(read_unit_of(one, portfolio), unit_of(one, portfolio)) for one in compiled.results],
        zones=[zones[row] for row in compiled.parent.tolist()],
        cadences=[cadence_of(result, portfolio) for result in compiled.results],
        anchors=[
            None if result.cadence is None else start
            for result, start in zip(compiled.results, starts, strict=True)
        ],
        starts=starts,
        aggregates=[result.aggregate for result in compiled.results],
        by_author=[adds_authors(result, portfolio) for result in compiled.results],
        calendar=portfolio.calendar,
        feeds=_feeds(compiled.results, portfolio),
    )


def _counted(portfolio: Portfolio, compiled: CompiledPortfolio) -> Flags:
    """Return which caps are on a sum of things that are counted (A8)."""
    counted = np.zeros(len(compiled.results), dtype=np.bool_)
    for row in compiled.measures.caps.tolist():
        result = compiled.results[row]
        counted[row] = result.aggregate == "sum" and is_count(unit_of(result, portfolio), portfolio.units)
    return counted


def _zones(portfolio: Portfolio, compiled: CompiledPortfolio) -> list[str]:
    cycles = {cycle.id: portfolio.calendar.zone_of(cycle) for cycle in portfolio.cycles}
    return [cycles[goal.cycle] for goal in compiled.goals]


def _kpis(portfolio: Portfolio) -> Subjects:
    """A KPI has the calendar's periods and zone, whoever reads it (A2)."""
    kpis = sorted(portfolio.kpis, key=lambda kpi: kpi.id)
    nowhere = [None] * len(kpis)
    return Subjects.of(
        measures=[kpi.id for kpi in kpis],
        units=[(kpi.unit, kpi.unit) for kpi in kpis],
        zones=[portfolio.calendar.timezone] * len(kpis),
        cadences=[kpi.cadence for kpi in kpis],
        anchors=nowhere,
        starts=[day_number(ANCHOR)] * len(kpis),
        aggregates=[kpi.aggregate if kpi.cadence else "latest" for kpi in kpis],
        by_author=[adds_authors(kpi, portfolio) for kpi in kpis],
        calendar=portfolio.calendar,
        feeds=_feeds(kpis, portfolio),
    )


def _feeds(goals: Sequence[KeyResult | Kpi], portfolio: Portfolio) -> dict[int, Feed]:
    """Return the feeds of the goals whose silence means 0, by row (A9)."""
    feeds = ((row, feed_of(goal, portfolio)) for row, goal in enumerate(goals))
    return {row: feed for row, feed in feeds if feed is not None}


def _kpi_columns(portfolio: Portfolio, compiled: CompiledPortfolio) -> KpiColumns:
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
        judged=np.array([bool(kpi.planned) for kpi in kpis], dtype=np.bool_),
        guards=tuple(guards),
        measuring=(measuring[0], measuring[1]),
    )


def _bounds(bands: list[Band | None]) -> tuple[Floats, Floats]:
    nan, inf = math.nan, math.inf
    low = [nan if band is None else -inf if band.low is None else band.low for band in bands]
    high = [nan if band is None else inf if band.high is None else band.high for band in bands]
    return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)


def _items(portfolio: Portfolio, compiled: CompiledPortfolio) -> ChecklistItems:
    milestones = {milestone.id: milestone for milestone in portfolio.milestones}
    zones = _zones(portfolio, compiled)
    listed: list[tuple[int, KeyResult, Item]] = [
        (row, result, item)
        for row, result in enumerate(compiled.results)
        if isinstance(result.measure, Checklist)
        for item in sorted(result.measure.items, key=lambda item: item.id)
    ]
    done = [milestones[item.milestone].done if item.milestone else None for _, _, item in listed]
    owner = np.array([row for row, _, _ in listed], dtype=np.int64)
    zone, names = coded([zones[compiled.parent[row]] for row, _, _ in listed])
    return ChecklistItems(
        measures=Lookup(f"{result.id}#{item.id}" for _, result, item in listed),
        owner=owner,
        weight=comparable(
            np.array([item.weight for _, _, item in listed], dtype=np.float64), owner, len(compiled.results)
        ),
        finish=np.array([day_number(day) if day else _NEVER for day in done], dtype=np.int64),
        dated=np.array([item.milestone is not None for _, _, item in listed], dtype=np.int64),
        zone=zone,
        zones=names,
    )


_NEVER = 2**40
_ROSTER = Derivation(("objectives", "key_results", "cycles", "kpis", "milestones", "calendar"), _roster)
