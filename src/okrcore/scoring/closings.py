"""Find which goals are closed at a moment, and settle them as they were judged when they were (S21.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np

from okrcore.definitions.days import written_day
from okrcore.definitions.derived import owner_of
from okrcore.definitions.fields import FIRST_DAY
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict, freeze_fields
from okrcore.history.entry import Entry
from okrcore.history.instants import end_of
from okrcore.history.journal import Journal
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, Floats, NodeCodes, RowNumbers
from okrcore.scoring.inactive import PURSUED, Inactive
from okrcore.scoring.kernels import SLACK, enough, rounded
from okrcore.scoring.roster import Roster
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    MISSED,
    NO_DATA,
    STATUSES,
    ScoringPolicy,
)
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.snapshot_columns import ResultColumns, spliced

FINAL = frozenset({"achieved", "partly", "missed"})
"""The outcomes by which a goal ends; the others take its weight."""


def closings_at(portfolio: Portfolio, journal: Journal | None, when: When) -> Mapping[str, Entry]:
    """Return the closing in force of each goal that is closed at a moment, by id.

    A key result without one of its own has that of its objective. While a goal is closed its owner changes
    nothing about that: a later closing by somebody else replaces the first, or reopens the goal. Of closings
    of one moment the last delivered counts.
    """
    entries = () if journal is None else journal.entries(kind="closing", until=when.as_of, zone=when.zone)
    if not entries or journal is None:
        return FrozenDict()
    if when.known is not None:
        known = set(journal.entries(kind="closing", until=when.known, zone=when.zone))
        entries = tuple(entry for entry in entries if entry in known)
    delivered = {entry: place for place, entry in enumerate(journal)}
    goals = {goal.id for part in (portfolio.objectives, portfolio.key_results) for goal in part}
    found: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda one: (end_of(one.at), delivered[one])):
        if entry.subject in goals and not is_refused(entry, found.get(entry.subject), portfolio):
            found[entry.subject] = entry
    held = {name: entry for name, entry in found.items() if entry.outcome != "reopened"}
    below = {
        result.id: held[result.objective]
        for result in portfolio.key_results
        if result.id not in held and result.objective in held
    }
    return FrozenDict({**held, **below})


def taken_out(closings: Mapping[str, Entry]) -> frozenset[str]:
    """Return the goals that are no longer pursued by their closings: postponed and cancelled ones, by id."""
    return frozenset(name for name, entry in closings.items() if entry.outcome not in FINAL)


def is_refused(entry: Entry, before: Entry | None, portfolio: Portfolio) -> bool:
    """Return whether a closing changes nothing: of what is closed already, by its owner."""
    if before is None or before.outcome == "reopened":
        return False
    return entry.by == owner_of(portfolio[entry.subject], portfolio)


def moment_of(entry: Entry, when: When) -> tuple[dt.date | dt.datetime, dt.date | dt.datetime]:
    """Return the moment at which a closed goal is judged, and when what counts for that was known.

    A day means its end; while it lasts, the moment that is asked for. Before the first day that can be asked
    for nothing was known, as on that day.
    """
    at = FIRST_DAY if written_day(entry.at) < FIRST_DAY else entry.at

    def by(moment: dt.date | dt.datetime | None) -> dt.date | dt.datetime:
        day_alone = not isinstance(entry.at, dt.datetime)
        lasts = day_alone and isinstance(moment, dt.datetime) and moment.date() <= entry.at
        return moment if lasts and moment is not None else at

    return by(when.as_of), by(when.known)


@attrs.frozen(eq=False)
class ClosedThen:
    """What was closed at one moment, by id with its entry, and how everything stood then."""

    then: Snapshot
    objectives: Mapping[str, Entry]
    results: Mapping[str, Entry]

    @classmethod
    def of(cls, then: Snapshot, closed: Iterable[tuple[str, Entry]]) -> ClosedThen:
        """Return the verdict on goals that were closed at the moment of a snapshot."""
        goals, results = dict[str, Entry](), dict[str, Entry]()
        for name, entry in closed:
            (goals if name in then.compiled.goal_rows else results)[name] = entry
        return cls(then, goals, results)

    def result_rows(self) -> RowNumbers:
        """The rows of the key results."""
        return np.array([self.then.compiled.result_rows[name] for name in self.results], dtype=np.int64)

    def goal_rows(self) -> RowNumbers:
        """The rows of the objectives."""
        return np.array([self.then.compiled.goal_rows[name] for name in self.objectives], dtype=np.int64)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ClosedGoals:
    """What is closed at a moment: what has no weight, what ends right now, and what was judged before."""

    entries: Mapping[str, Entry]
    """The closing in force of each goal, by id."""
    inactive: Inactive | None
    """What is not pursued, postponed and cancelled goals included."""
    ending_results: Flags
    ending_objectives: Flags
    first_days: RowNumbers
    """The day on which an objective that is closed has begun at the latest, before all days elsewhere."""
    verdicts: tuple[ClosedThen, ...]
    compiled: CompiledPortfolio
    policy: ScoringPolicy
    done: Flags
    """The objectives that were judged before, by the columns that follow; other rows mean nothing."""
    raw: Floats
    bounds: Floats
    expected: Floats
    coverage: Floats
    status: NodeCodes

    @classmethod
    def of(
        cls,
        compiled: CompiledPortfolio,
        policy: ScoringPolicy,
        entries: Mapping[str, Entry],
        ending: Iterable[str],
        verdicts: Iterable[ClosedThen],
    ) -> ClosedGoals:
        """Return what the closings in force make of the goals."""
        size, listed = len(compiled.objectives), tuple(verdicts)
        names = np.array([*ending, ""], dtype=object)
        ends = np.isin(compiled.key_results, names), np.isin(compiled.objectives, names)
        done, status = np.zeros(size, dtype=np.bool_), np.full(size, NO_DATA, dtype=np.int8)
        raw, expected, coverage = (np.full(size, np.nan) for _ in range(3))
        bounds = np.zeros((3, size))
        for one in listed:
            rows, then = one.goal_rows(), one.then.objective_values
            done[rows], status[rows] = True, then.status[rows]
            raw[rows], expected[rows], bounds[:, rows] = (
                then.raw[rows],
                then.expected[rows],
                then.bounds[:, rows],
            )
            coverage[rows] = then.coverage[rows]
            score = declared_scores(one.objectives.values(), policy)
            mine, score = rows[~np.isnan(score)], score[~np.isnan(score)]
            raw[mine], bounds[:2, mine], bounds[2, mine] = score, score, 1.0
            status[mine] = _verdict(score, compiled.commitment[mine], policy)
        first = np.where(done | ends[1], compiled.start_day, -(2**40))
        return cls(
            entries=entries, inactive=_inactive(compiled, entries), ending_results=ends[0],
            ending_objectives=ends[1], first_days=first, verdicts=listed, compiled=compiled, policy=policy,
            done=done, raw=raw, bounds=bounds, expected=expected, coverage=coverage, status=status,
        )  # fmt: skip

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """How all stood when each objective was judged, by its id."""
        return FrozenDict({name: one.then for one in self.verdicts for name in one.objectives})

    def roster(self, roster: Roster) -> Roster:
        """Return what is read, where goals that were taken out have no weight and closed ones stand alone."""
        compiled, inactive = self.compiled, self.inactive
        leaves, goals = (np.zeros(len(one), np.bool_) for one in (compiled.key_results, compiled.objectives))
        if inactive is not None:
            leaves, goals = inactive.idle_results, inactive.idle_objectives
        graph = compiled.graph.without(leaves, goals, self.done)
        graph = attrs.evolve(graph, goals=np.flatnonzero(~self.done))
        results = attrs.evolve(roster.key_results, stages=None if inactive is None else inactive.results)
        now = attrs.evolve(compiled, graph=graph, inactive=inactive)
        return attrs.evolve(roster, compiled=now, key_results=results)

    def breaches(self, held: frozenset[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """Return the guardrails that hold objectives down: of those judged before the ones that did then."""
        found = {pair for pair in held if not self.done[pair[1]]}
        for one in self.verdicts:
            rows = set(one.goal_rows().tolist())
            found |= {pair for pair in one.then.objective_values.breaches if pair[1] in rows}
        return frozenset(found)

    def settled(self, columns: ResultColumns) -> ResultColumns:
        """Return the key results in which those that were judged before are as they were."""
        judged = []
        for one in self.verdicts:
            rows, then = one.result_rows(), one.then.result_values
            part, reading = _at(then, rows), spliced(columns.reading, rows, _at(then.reading, rows))
            columns = attrs.evolve(spliced(columns, rows, part), reading=reading)
            judged.append((rows, then))
            score = declared_scores(one.results.values(), self.policy)
            mine, score = rows[~np.isnan(score)], score[~np.isnan(score)]
            if len(mine):
                commitment = self.compiled.commitment[self.compiled.parent[mine]]
                columns = _declared(columns, mine, score, commitment, self.policy)
        return attrs.evolve(columns, judged=tuple(judged))


def _inactive(compiled: CompiledPortfolio, entries: Mapping[str, Entry]) -> Inactive | None:
    """Return what is not pursued where postponed and cancelled goals are none either."""
    before = compiled.inactive
    idle = taken_out(entries)
    if not idle:
        return before
    if before is None:
        sizes = len(compiled.key_results), len(compiled.objectives)
        results, objectives = (np.full(size, PURSUED, dtype=np.int8) for size in sizes)
    else:
        results, objectives = before.results.copy(), before.objectives.copy()
    for name in idle:
        whole = name in compiled.goal_rows
        codes, rows = (objectives, compiled.goal_rows) if whole else (results, compiled.result_rows)
        if codes[rows[name]] == PURSUED:
            codes[rows[name]] = STATUSES.index(entries[name].outcome)
    return Inactive(results, objectives)


def _at(columns: Any, rows: RowNumbers) -> Any:
    """Return the rows of columns alone."""
    fields = {one.name: getattr(columns, one.name) for one in attrs.fields(type(columns))}
    kept = {name: value[rows] for name, value in fields.items() if isinstance(value, np.ndarray)}
    return attrs.evolve(columns, **kept)


def _declared(
    columns: ResultColumns, rows: RowNumbers, scores: Floats, commitment: RowNumbers, policy: ScoringPolicy
) -> ResultColumns:
    """Return columns in which some key results have the score that people declared."""
    raw, score, status = columns.raw.copy(), columns.score.copy(), columns.status.copy()
    silent = columns.silent.copy()
    raw[rows], score[rows], silent[rows] = scores, rounded(scores, policy), False
    status[rows] = _verdict(scores, commitment, policy)
    return attrs.evolve(columns, raw=raw, score=score, status=status, silent=silent)


def _verdict(score: Floats, commitment: RowNumbers, policy: ScoringPolicy) -> NodeCodes:
    return np.where(rounded(score, policy) >= enough(commitment, policy) - SLACK, ACHIEVED, MISSED).astype(
        np.int8
    )


def declared_scores(entries: Iterable[Entry], policy: ScoringPolicy) -> Floats:
    """Return the scores that people declared, NaN where none counts (knob `final`)."""
    counts = policy.final == "declared"
    return np.array(
        [one.score if counts and one.score is not None else np.nan for one in entries], np.float64
    )
