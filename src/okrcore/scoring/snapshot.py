"""Hold how a portfolio stands at one moment: scores and statuses as columns, states as views of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

import attrs
import numpy as np

from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.days import to_date, to_instant
from okrcore.definitions.derived import measures_read, unit_of
from okrcore.definitions.kpis import KpiBands
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.tolerances import Tolerance
from okrcore.display import Table, counted, fragment, one_line, wrapped
from okrcore.errors import Problem, UnknownIdError
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import recorded_measures
from okrcore.history.entry import Entry
from okrcore.history.journal import Journal
from okrcore.public_form import headed
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.goal_states import InitiativeState, KeyResultState, KpiState, ObjectiveState
from okrcore.scoring.kpi_columns import KpiColumns
from okrcore.scoring.measure_columns import known
from okrcore.scoring.reading import Reading
from okrcore.scoring.scoring_policy import ACHIEVED, STATUSES, ZONES, ScoringPolicy, Zone
from okrcore.scoring.snapshot_columns import KpiValues, ObjectiveColumns, ResultColumns
from okrcore.scoring.snapshot_tables import initiative_table, key_result_table, kpi_table, objective_table
from okrcore.scoring.snapshot_text import Look, overview
from okrcore.scoring.tolerated import judged_zone, tolerances_at
from okrcore.units.rates import Rates

Row = TypeVar("Row")


MOST_PROBLEMS = 20
"""How many of the records that cannot be read are told on a screen; `problems` has all."""


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
    closings: Mapping[str, Entry] = FrozenDict()
    """The closing in force of each closed goal, by id; a key result may have its objective's (S21.6)."""
    verdicts: Mapping[str, Snapshot] = FrozenDict()
    """How all stood when an objective was ended, by its id: what its closing is judged by."""
    declared: Declarations | None = None
    """The versions that the portfolio is one of; None where it was given alone."""

    @property
    def as_of(self) -> dt.date | dt.datetime:
        """The moment that is judged."""
        return self.when.as_of

    def as_plain(self) -> dict[str, Any]:
        """Return the public form, as `okrcore score --format json` gives it: a table of each kind."""
        names = ("objectives", "key_results", "kpis", "initiatives")
        tables = {name: getattr(self, name) for name in names}
        moments = {"as_of": self.as_of, "known_at": self.when.known}
        told = {"original": self.original_scores, "closings": self.closings}
        return headed("score", **moments, **tables, **{name: one or None for name, one in told.items()})

    def __eq__(self, other: object) -> bool:
        """Return whether both say the same of the same goals, KPIs and initiatives at the same moment."""
        if not isinstance(other, Snapshot):
            return NotImplemented
        return self is other or (self.when == other.when and self.as_plain() == other.as_plain())

    def __hash__(self) -> int:
        return hash(("snapshot", self.when))

    def is_of(
        self,
        portfolio: Portfolio,
        when: When,
        scoring: ScoringPolicy,
        rates: Rates | None,
        journal: Journal | None,
        declared: Declarations | None = None,
    ) -> bool:
        """Return whether this snapshot was made from just these inputs, of whatever history."""
        same = self.portfolio is portfolio and self.journal is journal and self.declared == declared
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
            closing=self.closings.get(self.compiled.key_results[row]),
            scoring=self.scoring,
            sample=known(values.sample[row]),
            original_score=self._original_score(self.compiled.key_results[row], known(values.score[row])),
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
            closing=self.closings.get(self.compiled.objectives[row]),
            scoring=self.scoring,
            provisional=bool(values.provisional[row]),
            original_score=self._original_score(self.compiled.objectives[row], known(values.score[row])),
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
            observed_at=_observed(values.reading, row),
        )

    @cached_property
    def original(self) -> Snapshot | None:
        """The same moment judged by each goal as it was when its cycle had settled (S21.3).

        None where no goal is other than it was, and without `declared`. Costs an evaluation when it is first
        asked for, as the state of a goal does.
        """
        if self.declared is None:
            return None
        from okrcore.scoring.evaluation import evaluate  # which makes snapshots

        when = self.when
        goals = self.declared.original(as_of=when.as_of, known_at=when.known)
        if goals is self.portfolio:
            return None
        return evaluate(
            goals, self.history, as_of=when.as_of, known_at=when.known, scoring=self.scoring,
            rates=self.rates, journal=self.journal,
        )  # fmt: skip

    @cached_property
    def original_scores(self) -> Mapping[str, float]:
        """The score under the original goal of each goal whose score is another now, by id (S21.3)."""
        if self.original is None:
            return FrozenDict()
        goals = (*self.compiled.objectives, *self.compiled.key_results)
        told = {name: self[name].original_score for name in goals}
        return FrozenDict({name: score for name, score in sorted(told.items()) if score is not None})

    def _original_score(self, id: str, score: float | None) -> float | None:
        if self.original is None or id not in self.original:
            return None
        was: float | None = self.original[id].score
        return None if was == score else was

    @cached_property
    def not_pursued(self) -> frozenset[str]:
        """The ids of the goals that have no score and no weight: drafts, paused, cancelled (S21.5)."""
        found = [
            (self.compiled.key_results, self.result_values.status),
            (self.compiled.objectives, self.objective_values.status),
        ]
        return frozenset(
            names[row] for names, status in found for row in np.flatnonzero(status > ACHIEVED).tolist()
        )

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """The measures that have observations and that nothing declared reads, by name (A13)."""
        return tuple(sorted(recorded_measures(self.history) - measures_read(self.portfolio)))

    @cached_property
    def tolerances(self) -> Mapping[str, Tolerance]:
        """The tolerance in force of each KPI that is judged under one, by id (S15)."""
        return tolerances_at(self.portfolio, to_date(self.when.day))

    def _judged(self, row: int, tolerance: Tolerance | None) -> Zone:
        values = self.kpi_values
        zone, value = ZONES[values.zone[row]], known(values.reading.value[row])
        return judged_zone(self._bands(row), zone, value, tolerance, inclusive=self.scoring.inclusive)

    def _bands(self, row: int) -> KpiBands:
        return self.kpi_columns.kpis[row].bands_at(to_date(self.kpi_values.judged_on[row]))

    @property
    def key_results(self) -> Table:
        """One row a key result, by objective and id: its numbers as in `KeyResultState`, NaN unknown."""
        units = [unit_of(result, self.portfolio) for result in self.compiled.results]
        return key_result_table(self.compiled, units, self.result_values)

    @property
    def objectives(self) -> Table:
        """One row an objective, by id: its numbers as in `ObjectiveState`, NaN unknown."""
        return objective_table(self.compiled, self.objective_values)

    @property
    def kpis(self) -> Table:
        """One row a KPI, by id: its numbers as in `KpiState`, NaN unknown."""
        rows = {self.kpi_columns.rows[name]: tolerance for name, tolerance in self.tolerances.items()}
        judged = {row: self._judged(row, tolerance) for row, tolerance in rows.items()}
        units = [unit_of(kpi, self.portfolio) for kpi in self.kpi_columns.kpis]
        return kpi_table(self.kpi_columns.kpis, units, self.kpi_values, judged)

    @property
    def initiatives(self) -> Table:
        """One row an initiative, by id: its numbers as in `InitiativeState`, NaN unknown."""
        return initiative_table([self.initiative_states[name] for name in sorted(self.initiative_states)])

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, look: Look | None = None) -> list[str]:
        """Return the snapshot as a screen of text: goals as a tree with bars, KPIs, initiatives.

        `look` None: in the words of its scoring policy.
        """
        tables = (self.objectives, self.key_results, self.kpis, self.initiatives)
        bands = {kpi.id: self._bands(row) for row, kpi in enumerate(self.kpi_columns.kpis)}
        drawn = look or Look(word=self.scoring.word)
        told = [f"Not read: {problem.path}: {problem.message}" for problem in self.problems[:MOST_PROBLEMS]]
        if more := len(self.problems) - len(told):
            told.append(f"and {more} more that could not be read.")
        told += _of_originals(self)
        return [
            *overview(self.as_of, self.portfolio, *tables, bands, drawn, self.scoring),
            *([""] if told else []),
            *(line for text in told for line in wrapped(one_line(text), drawn.columns)),
        ]

    def __repr__(self) -> str:
        return f"<Snapshot of {counted(len(self.compiled.objectives), 'objective')} as of {self.as_of}>"

    def _repr_html_(self) -> str:
        from okrcore.scoring.snapshot_blocks import snapshot_blocks

        return fragment(f"snapshot {self.as_of}", snapshot_blocks(self), wide=True)


def _of_originals(snapshot: Snapshot) -> list[str]:
    """Say what the scores would be under goals as they were when their cycle had settled."""
    scores = snapshot.original_scores
    states = {name: snapshot[name] for name in list(scores)[:MOST_PROBLEMS]}
    pairs = [
        f"{name} {state.scoring.score_text(state.original_score)}, now "
        + ("unknown" if state.score is None else state.score_text)
        for name, state in states.items()
    ]
    more = [f"and {len(scores) - MOST_PROBLEMS} more"] if len(scores) > MOST_PROBLEMS else []
    return [f"Under the goals as they were once settled: {'; '.join([*pairs, *more])}."] if pairs else []


def _row(rows: Mapping[str, Row], id: str, kind: str) -> Row:
    try:
        return rows[id]
    except KeyError:
        raise UnknownIdError(f"{id!r} is no {kind} of this portfolio; correct the id") from None


def _observed(reading: Reading, row: int) -> dt.date | dt.datetime | None:
    if not reading.seen[row]:
        return None
    if reading.date_only[row]:
        return to_date(reading.day[row])
    return to_instant(reading.at[row])
