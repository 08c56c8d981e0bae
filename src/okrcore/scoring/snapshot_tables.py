"""Show how all goals, KPIs and initiatives stand as tables with one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from okrcore.definitions.kpis import Kpi
from okrcore.display import Table
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.goal_states import InitiativeState
from okrcore.scoring.reading import Reading
from okrcore.scoring.scoring_policy import STATUSES, ZONES, Zone
from okrcore.scoring.snapshot_columns import KpiValues, ObjectiveColumns, ResultColumns


def key_result_table(compiled: CompiledPortfolio, units: Sequence[str], values: ResultColumns) -> Table:
    """Return the table of key results, by objective and id."""
    names = np.array(compiled.key_results, dtype=object)
    parents = np.array(compiled.objectives, dtype=object)[compiled.parent]
    table = Table(
        {
            "id": names,
            "objective": parents,
            "title": np.array([result.title for result in compiled.results], dtype=object),
            "unit": np.array(units, dtype=object),
            "value": values.reading.value,
            "observed_at": _days(values.reading),
            "progress": values.progress,
            "score": values.score,
            "expected": values.expected,
            "pace": values.pace,
            "status": np.array(STATUSES, dtype=object)[values.status],
            "stale": values.reading.stale,
            "coverage": values.coverage,
            "provisional": values.provisional,
        }
    )
    return table.take(np.lexsort((names, parents)))


def objective_table(compiled: CompiledPortfolio, values: ObjectiveColumns) -> Table:
    """Return the table of objectives, by id."""
    names = np.array(compiled.objectives, dtype=object)
    table = Table(
        {
            "id": names,
            "title": np.array([goal.title for goal in compiled.goals], dtype=object),
            "cycle": np.array([goal.cycle for goal in compiled.goals], dtype=object),
            "score": values.score,
            "low": values.low,
            "high": values.high,
            "coverage": values.coverage,
            "expected": values.expected,
            "status": np.array(STATUSES, dtype=object)[values.status],
            "provisional": values.provisional,
        }
    )
    return table.take(np.argsort(names))


def kpi_table(
    kpis: Sequence[Kpi], units: Sequence[str], values: KpiValues, tolerated: Mapping[int, Zone]
) -> Table:
    """Return the table of KPIs, by id; `tolerated` has by row the judged zones that tolerances decide."""
    zones = np.array(ZONES, dtype=object)[values.zone]
    judged = zones.copy()
    for row, zone in tolerated.items():
        judged[row] = zone
    return Table(
        {
            "id": np.array([kpi.id for kpi in kpis], dtype=object),
            "title": np.array([kpi.title for kpi in kpis], dtype=object),
            "unit": np.array(units, dtype=object),
            "value": values.reading.value,
            "observed_at": _days(values.reading),
            "zone": zones,
            "judged_zone": judged,
            "satisfaction": values.satisfaction,
            "stale": values.reading.stale,
        }
    )


def initiative_table(states: Sequence[InitiativeState]) -> Table:
    """Return the table of initiatives, in the order of their states."""
    return Table(
        {
            "id": np.array([state.goal.id for state in states], dtype=object),
            "title": np.array([state.goal.title for state in states], dtype=object),
            "implementation": np.array([_nan(state.implementation) for state in states]),
            "value": np.array([_nan(state.value) for state in states]),
            "implementation_status": np.array([s.statuses.implementation for s in states], dtype=object),
            "value_status": np.array([state.statuses.value for state in states], dtype=object),
        }
    )


def _nan(number: float | None) -> float:
    return np.nan if number is None else number


def _days(reading: Reading) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    days = reading.day.astype("datetime64[D]")
    return np.where(reading.seen, days, np.datetime64("NaT", "D"))
