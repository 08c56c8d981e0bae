"""Hold how a portfolio stands at one moment: scores and statuses as columns, states as views of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import attrs
import numpy as np

from okrcore.definitions.days import to_date, to_instant
from okrcore.definitions.derived import measures_read
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi, KpiBands
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.tolerances import Tolerance
from okrcore.display import Table, counted, one_line, wrapped
from okrcore.errors import Problem, UnknownIdError
from okrcore.frozen import freeze_fields, frozen
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.public_form import headed
from okrcore.scoring import kernels
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, Floats, Graph, NodeCodes, RowNumbers
from okrcore.scoring.measure_columns import known
from okrcore.scoring.observed import Reading
from okrcore.scoring.periods_due import AskedPeriods, PeriodsDue
from okrcore.scoring.roster import KpiColumns
from okrcore.scoring.scoring_policy import STATUSES, ZONES, ScoringPolicy, Status, Zone
from okrcore.scoring.snapshot_text import Look, overview
from okrcore.scoring.tolerated import judged_zone, tolerances_at
from okrcore.units.rates import Rates

Row = TypeVar("Row")


MOST_PROBLEMS = 20
"""How many of the records that cannot be read are told on a screen; `problems` has all."""


@attrs.frozen(kw_only=True)
class KeyResultState:
    """One key result at a moment; None is unknown."""

    goal: KeyResult
    """The key result as declared."""
    value: float | None
    """The value in the key result's unit, as last observed."""
    observed_at: dt.date | dt.datetime | None
    """The moment of that value."""
    progress: float | None
    """The share of the way from start to goal, 1.0 at the goal; it may lie outside 0..1."""
    score: float | None
    """The progress as clamped and rounded for showing."""
    expected: float | None
    """The share of the way that is due, 1.0 at the due date."""
    pace: float | None
    """The number that is compared with the thresholds of a status (S5.2)."""
    status: Status
    """How it stands."""
    stale: bool
    """Whether an observation is overdue by its cadence."""
    coverage: float = 1.0
    """The share, 0..1, of its ended periods in which it was observed; without any, 1.0 with a value (A9)."""
    provisional: bool = False
    """Whether its last number may still come after the due date: its status is that of the last day (A6)."""
    sample: float | None = None
    """How many cases are behind the value, where its KPI counts them (A11)."""


@attrs.frozen(kw_only=True)
class ObjectiveState:
    """One objective at a moment; None is unknown."""

    goal: Objective
    """The objective as declared."""
    score: float | None
    """The weighted mean of its children's scores, rounded for showing."""
    low: float
    """What the score would be with every unknown leaf at 0 (S4.3)."""
    high: float
    """What the score would be with every unknown leaf at 1 (S4.3)."""
    coverage: float
    """The weighted mean, 0..1, of its children's coverage."""
    expected: float | None
    """The score that is due, 1.0 at the end of its cycle."""
    status: Status
    """How it stands."""
    provisional: bool = False
    """Whether, after the end, a last number of a key result may still come (A6)."""


@attrs.frozen(kw_only=True)
class KpiState:
    """One KPI at a moment; None is unknown."""

    goal: Kpi
    """The KPI as declared."""
    value: float | None
    """The value in the KPI's unit, as last read."""
    zone: Zone
    """Where the value lies, whatever is tolerated."""
    judged_zone: Zone
    """Where the value lies under the tolerance in force (S15)."""
    satisfaction: float | None
    """How good the value is, -1..1 (S7)."""
    stale: bool
    """Whether an observation is overdue by its cadence."""
    recovering: bool
    """Whether a key result whose cycle is under way reads this KPI."""
    bands: KpiBands = attrs.field(factory=KpiBands)
    """The bands that it is judged by (A11)."""
    tolerance: Tolerance | None = None
    """The tolerance in force; None: there is none."""
    sample: float | None = None
    """How many cases are behind the value, where they are counted (A11)."""


class Statuses(NamedTuple):
    """The two statuses of an initiative: is the work done, and does it move what it should? (S5.7)"""

    implementation: Status
    """Whether the work is done."""
    value: Status
    """Whether it moves what it should."""


@attrs.frozen(kw_only=True)
class InitiativeState:
    """One initiative at a moment; None is unknown."""

    goal: Initiative
    """The initiative as declared."""
    implementation: float | None
    """The share of milestone weight done, 0..1."""
    value: float | None
    """The share of the way that the measures it is linked to have gone, signed and weighted by its links."""
    statuses: Statuses
    """How its work and its value stand (S5.7)."""
    freeze: Tolerance | None = None
    """The decision that it stands still by; None: it may go on (S15)."""
    frozen_days: int = 0
    """How many days of standing still left its share due."""


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ResultColumns:
    """The key results of a snapshot, in the row order of the compiled portfolio."""

    reading: Reading
    end: RowNumbers
    """The last day that was read for each."""
    progress: Floats
    raw: Floats
    """Scores before rounding."""
    score: Floats
    expected: Floats
    pace: Floats
    status: NodeCodes
    provisional: Flags
    met: Floats
    """Of a band judged by periods, how many are met; NaN elsewhere."""
    sample: Floats
    few: Flags
    """Which have too few cases behind their value to be judged."""
    lists: RowNumbers
    """The rows of checklists, whose items have no periods."""
    asked: AskedPeriods

    @property
    def due(self) -> PeriodsDue:
        """The periods that count for the status, counted when they are first asked for."""
        return self.asked.every

    @cached_property
    def coverage(self) -> Floats:
        """The share of its periods that each was observed in; all or none where it has none (A9)."""
        known = (~np.isnan(self.reading.value)).astype(np.float64)
        share = np.where(np.isnan(self.due.coverage), known, self.due.coverage)
        share[self.lists] = known[self.lists]
        return frozen(share)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ObjectiveColumns:
    """The objectives of a snapshot, in the row order of the compiled portfolio."""

    raw: Floats
    score: Floats
    low: Floats
    high: Floats
    heard: Floats
    """The share of the weight whose value is known and fresh, which `min_coverage` asks for."""
    results: ResultColumns
    graph: Graph
    counted: kernels.Counted | None
    expected: Floats
    status: NodeCodes
    provisional: Flags
    breaches: frozenset[tuple[int, int]]
    """The rows of a KPI and of an objective that it guards and holds down."""

    @cached_property
    def coverage(self) -> Floats:
        """The weighted mean of the coverage of what counts below each (A9), when it is first asked for."""
        told = (~np.isnan(self.raw)).astype(np.float64)
        return frozen(kernels.nominal(self.results.coverage, told, self.graph, self.counted))


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class KpiValues:
    """The KPIs of a snapshot, by id."""

    reading: Reading
    judged_on: RowNumbers
    """The day by whose bands each is judged."""
    zone: NodeCodes
    satisfaction: Floats
    recovering: Flags
    sample: Floats
    few: Flags
    """Which have too few cases behind their value to be judged."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Snapshot:
    """A portfolio judged at a moment; made by `evaluate`.

    `snapshot[id]` is the state of one goal, KPI or initiative; `key_results`, `objectives`, `kpis` and
    `initiatives` are tables with one row each, by id. All the rest is what it was made from.
    """

    portfolio: Portfolio
    history: AnyHistory
    when: When
    scoring: ScoringPolicy
    rates: Rates | None
    journal: Journal | None
    compiled: CompiledPortfolio
    kpi_columns: KpiColumns
    result_values: ResultColumns
    objective_values: ObjectiveColumns
    kpi_values: KpiValues
    initiative_states: Mapping[str, InitiativeState]
    problems: tuple[Problem, ...] = ()
    """The observations that could not be read, one problem each: their measures are unknown (A13)."""

    @property
    def as_of(self) -> dt.date | dt.datetime:
        """The moment that is judged."""
        return self.when.as_of

    def as_plain(self) -> dict[str, Any]:
        """Return the public form, as `okrcore score --format json` gives it: a table of each kind."""
        names = ("objectives", "key_results", "kpis", "initiatives")
        tables = {name: getattr(self, name) for name in names}
        return headed("score", as_of=self.as_of, known_at=self.when.known, **tables)

    def is_of(
        self,
        portfolio: Portfolio,
        history: AnyHistory,
        when: When,
        scoring: ScoringPolicy,
        rates: Rates | None,
        journal: Journal | None,
    ) -> bool:
        """Return whether this snapshot was made from just these inputs."""
        same = self.portfolio is portfolio and self.history is history and self.journal is journal
        return same and (self.when, self.scoring) == (when, scoring) and self.rates == rates

    def key_result(self, id: str) -> KeyResultState:
        """Return one key result's state; raises UnknownIdError where `id` is none's."""
        return self._key_result(_row(self.compiled.result_rows, id, "key result"))

    def objective(self, id: str) -> ObjectiveState:
        """Return one objective's state; raises UnknownIdError where `id` is none's."""
        return self._objective(_row(self.compiled.goal_rows, id, "objective"))

    def kpi(self, id: str) -> KpiState:
        """Return one KPI's state; raises UnknownIdError where `id` is none's."""
        return self._kpi(_row(self.kpi_columns.rows, id, "KPI"))

    def initiative(self, id: str) -> InitiativeState:
        """Return one initiative's state; raises UnknownIdError where `id` is none's."""
        return _row(self.initiative_states, id, "initiative")

    def __getitem__(self, id: str) -> Any:
        """Return the state of any goal, KPI or initiative; `key_result(id)` and the like know their type."""
        if id in self.compiled.goal_rows:
            return self._objective(self.compiled.goal_rows[id])
        if id in self.compiled.result_rows:
            return self._key_result(self.compiled.result_rows[id])
        if id in self.kpi_columns.rows:
            return self._kpi(self.kpi_columns.rows[id])
        if id in self.initiative_states:
            return self.initiative_states[id]
        what = type(self.portfolio[id]).__name__
        raise UnknownIdError(f"{what} {id!r} has no state; ask for a goal, a KPI or an initiative")

    def __contains__(self, id: object) -> bool:
        homes = (self.compiled.goal_rows, self.compiled.result_rows, self.kpi_columns.rows)
        return any(id in rows for rows in homes) or id in self.initiative_states

    def _key_result(self, row: int) -> KeyResultState:
        values = self.result_values
        return KeyResultState(
            goal=self.compiled.results[row],
            value=known(values.reading.value[row]),
            observed_at=_observed(values.reading, row),
            progress=known(values.progress[row]),
            score=known(values.score[row]),
            expected=known(values.expected[row]),
            pace=known(values.pace[row]),
            status=STATUSES[values.status[row]],
            stale=bool(values.reading.stale[row]),
            coverage=float(values.coverage[row]),
            provisional=bool(values.provisional[row]),
            sample=known(values.sample[row]),
        )

    def _objective(self, row: int) -> ObjectiveState:
        values = self.objective_values
        return ObjectiveState(
            goal=self.compiled.goals[row],
            score=known(values.score[row]),
            low=float(values.low[row]),
            high=float(values.high[row]),
            coverage=float(values.coverage[row]),
            expected=known(values.expected[row]),
            status=STATUSES[values.status[row]],
            provisional=bool(values.provisional[row]),
        )

    def _kpi(self, row: int) -> KpiState:
        values, kpi = self.kpi_values, self.kpi_columns.kpis[row]
        tolerance = self.tolerances.get(kpi.id)
        return KpiState(
            goal=kpi,
            value=known(values.reading.value[row]),
            zone=ZONES[values.zone[row]],
            judged_zone=self._judged(row, tolerance),
            satisfaction=known(values.satisfaction[row]),
            stale=bool(values.reading.stale[row]),
            recovering=bool(values.recovering[row]),
            tolerance=tolerance,
            bands=self._bands(row),
            sample=known(values.sample[row]),
        )

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """The measures that have observations and that nothing declared reads, by name (A13)."""
        return tuple(sorted(set(self.history.measures) - measures_read(self.portfolio)))

    @cached_property
    def tolerances(self) -> Mapping[str, Tolerance]:
        """The tolerance in force of each KPI that is judged under one, by id (S15)."""
        return tolerances_at(self.portfolio, to_date(self.when.day)) if self.portfolio.tolerances else {}

    def _judged(self, row: int, tolerance: Tolerance | None) -> Zone:
        values = self.kpi_values
        zone, value = ZONES[values.zone[row]], known(values.reading.value[row])
        return judged_zone(self._bands(row), zone, value, tolerance, inclusive=self.scoring.inclusive)

    def _bands(self, row: int) -> KpiBands:
        return self.kpi_columns.kpis[row].bands_at(to_date(self.kpi_values.judged_on[row]))

    @property
    def key_results(self) -> Table:
        """One row a key result, by objective and id: its numbers as in `KeyResultState`, NaN unknown."""
        values, compiled = self.result_values, self.compiled
        names = np.array(compiled.key_results, dtype=object)
        parents = np.array(compiled.objectives, dtype=object)[compiled.parent]
        table = Table(
            {
                "id": names,
                "objective": parents,
                "title": np.array([result.title for result in compiled.results], dtype=object),
                "unit": np.array([result.unit for result in compiled.results], dtype=object),
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

    @property
    def objectives(self) -> Table:
        """One row an objective, by id: its numbers as in `ObjectiveState`, NaN unknown."""
        values, compiled = self.objective_values, self.compiled
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

    @property
    def kpis(self) -> Table:
        """One row a KPI, by id: its numbers as in `KpiState`, NaN unknown."""
        values, kpis = self.kpi_values, self.kpi_columns.kpis
        zones = np.array(ZONES, dtype=object)[values.zone]
        judged = zones.copy()
        for name, tolerance in self.tolerances.items():
            row = self.kpi_columns.rows[name]
            judged[row] = self._judged(row, tolerance)
        return Table(
            {
                "id": np.array([kpi.id for kpi in kpis], dtype=object),
                "title": np.array([kpi.title for kpi in kpis], dtype=object),
                "unit": np.array([kpi.unit for kpi in kpis], dtype=object),
                "value": values.reading.value,
                "observed_at": _days(values.reading),
                "zone": zones,
                "judged_zone": judged,
                "satisfaction": values.satisfaction,
                "stale": values.reading.stale,
            }
        )

    @property
    def initiatives(self) -> Table:
        """One row an initiative, by id: its numbers as in `InitiativeState`, NaN unknown."""
        states = [self.initiative_states[name] for name in sorted(self.initiative_states)]
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

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, look: Look | None = None) -> list[str]:
        """Return the snapshot as a screen of text: goals as a tree with bars, KPIs, initiatives.

        `look` None: in the words of its scoring policy.
        """
        tables = (self.objectives, self.key_results, self.kpis, self.initiatives)
        policy = self.scoring
        bounds = (policy.on_track, policy.at_risk, policy.min_coverage, *policy.achieved_at.values())
        bands = {kpi.id: self._bands(row) for row, kpi in enumerate(self.kpi_columns.kpis)}
        drawn = look or Look(word=policy.word)
        told = [f"Not read: {problem.path}: {problem.message}" for problem in self.problems[:MOST_PROBLEMS]]
        if more := len(self.problems) - len(told):
            told.append(f"and {more} more that could not be read.")
        return [
            *overview(self.as_of, self.portfolio, *tables, bands, drawn, bounds),
            *([""] if told else []),
            *(line for text in told for line in wrapped(one_line(text), drawn.columns)),
        ]

    def __repr__(self) -> str:
        return f"<Snapshot of {counted(len(self.compiled.objectives), 'objective')} as of {self.as_of}>"

    def _repr_html_(self) -> str:
        tables = {
            "Objectives": self.objectives,
            "Key results": self.key_results,
            "KPIs": self.kpis,
            "Initiatives": self.initiatives,
        }
        parts = [f"<h4>{name}</h4>{table._repr_html_()}" for name, table in tables.items() if len(table)]
        return f"<div><p>As of {self.as_of}</p>{''.join(parts)}</div>"


def _row(rows: Mapping[str, Row], id: str, kind: str) -> Row:
    try:
        return rows[id]
    except KeyError:
        raise UnknownIdError(f"{id!r} is no {kind} of this portfolio; correct the id") from None


def _nan(number: float | None) -> float:
    return np.nan if number is None else number


def _observed(reading: Reading, row: int) -> dt.date | dt.datetime | None:
    if reading.row[row] < 0:
        return None
    if reading.date_only[row]:
        return to_date(reading.day[row])
    return to_instant(reading.at[row])


def _days(reading: Reading) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    days = reading.day.astype("datetime64[D]")
    return np.where(reading.row >= 0, days, np.datetime64("NaT", "D"))
