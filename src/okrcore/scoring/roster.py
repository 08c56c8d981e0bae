"""List what a portfolio reads from a history: its key results, their checklist items, its KPIs."""

from __future__ import annotations

import attrs

from okrcore.definitions.days import ANCHOR, day_number
from okrcore.definitions.derived import adds_authors, cadence_of, unit_of
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import CompiledPortfolio, compile_portfolio
from okrcore.scoring.graph import RowNumbers
from okrcore.scoring.kpi_columns import KpiColumns, kpi_columns
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.roster_columns import Subjects, coded
from okrcore.scoring.samples import SampleColumns
from okrcore.scoring.silence import feeds_of


@attrs.frozen(eq=False)
class Roster:
    """All that is read for one portfolio; found again while its goals and KPIs are the same."""

    compiled: CompiledPortfolio
    key_results: ResultRoster
    kpis: Subjects
    columns: KpiColumns
    kpi_samples: SampleColumns
    zone: RowNumbers
    zones: tuple[str, ...]
    """The zone of each goal, as a code that counts in `zones`."""

    @property
    def results(self) -> Subjects:
        """How the key results are read."""
        return self.key_results.subjects

    def goal_days(self, when: When) -> RowNumbers:
        """Return which day it is for each goal: in the zone of its cycle (A3)."""
        return when.days_in(self.zone, self.zones)


def roster_of(portfolio: Portfolio) -> Roster:
    """Return what is read for `portfolio`, made once and shared by versions with the same goals and KPIs."""
    return _ROSTER.of(portfolio)


def _roster(portfolio: Portfolio) -> Roster:
    compiled = compile_portfolio(portfolio)
    cycles = {cycle.id: portfolio.calendar.zone_of(cycle) for cycle in portfolio.cycles}
    zones = [cycles[goal.cycle] for goal in compiled.goals]
    zone, names = coded(zones)
    kpis, columns = _kpis(portfolio), kpi_columns(portfolio, compiled)
    return Roster(
        compiled=compiled,
        key_results=ResultRoster.of(portfolio, compiled, [zones[row] for row in compiled.parent.tolist()]),
        kpis=kpis,
        columns=columns,
        kpi_samples=SampleColumns.of(kpis, columns.kpis, portfolio),
        zone=zone,
        zones=names,
    )


def _kpis(portfolio: Portfolio) -> Subjects:
    """A KPI has the calendar's periods and zone, whoever reads it (A2)."""
    kpis = sorted(portfolio.kpis, key=lambda kpi: kpi.id)
    nowhere = [None] * len(kpis)
    return Subjects.of(
        measures=[kpi.id for kpi in kpis],
        units=[(unit_of(kpi, portfolio),) * 2 for kpi in kpis],
        zones=[portfolio.calendar.timezone] * len(kpis),
        cadences=[cadence_of(kpi, portfolio) for kpi in kpis],
        anchors=nowhere,
        starts=[day_number(ANCHOR)] * len(kpis),
        aggregates=[kpi_aggregate(kpi, portfolio) for kpi in kpis],
        by_author=[adds_authors(kpi, portfolio) for kpi in kpis],
        calendar=portfolio.calendar,
        feeds=feeds_of(kpis, portfolio),
    )


def kpi_aggregate(kpi: Kpi, portfolio: Portfolio) -> str:
    """Return what makes a KPI's value of a period; a formula has one value in it, the latest."""
    return "latest" if kpi.formula is not None or cadence_of(kpi, portfolio) is None else kpi.aggregate


_ROSTER = Derivation(
    ("objectives", "key_results", "cycles", "kpis", "milestones", "calendar", "units"), _roster
)
