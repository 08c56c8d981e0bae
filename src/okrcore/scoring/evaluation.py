"""Evaluate every goal and KPI of a portfolio at one moment, as a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from okrcore.declarations.declared_versions import Declarations
from okrcore.declarations.in_force import AnyPortfolio, portfolio_at, versions_of
from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.digraph import grouped
from okrcore.definitions.fields import is_a, is_flag, optional
from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import UnitError, raise_all
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import undefined, with_derived
from okrcore.history.entry import Entry
from okrcore.history.instants import Moment, end_of
from okrcore.history.journal import Journal, followed_journal
from okrcore.scoring.appended import Appended
from okrcore.scoring.as_of import When
from okrcore.scoring.closings import FINAL, ClosedGoals, ClosedThen, closings_at, moment_of
from okrcore.scoring.graph import NodeCodes, RowNumbers
from okrcore.scoring.graph_part import part_above
from okrcore.scoring.guardrails import breached_kpis, breached_results
from okrcore.scoring.history_codes import HistoryCodes, codes_of
from okrcore.scoring.initiative_status import initiative_states
from okrcore.scoring.judged_kpis import judge_kpis
from okrcore.scoring.judged_objectives import judge_objectives
from okrcore.scoring.judged_results import judge_results, judge_some_results
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import Roster, roster_of
from okrcore.scoring.scoring_policy import NO_DATA, ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates


def evaluate(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    scoring: ScoringPolicy = ScoringPolicy(),
    rates: Rates | None = None,
    journal: Journal | None = None,
    previous: Snapshot | None = None,
    strict: bool = False,
) -> Snapshot:
    """Return every goal, KPI and initiative judged at `as_of`, by what was known at `known_at`.

    `as_of` is a date (the end of that day in each cycle's timezone), an aware instant, or ISO text (S0.8);
    `known_at` None filters nothing. `rates`, by default the portfolio's, are needed where a measure and its
    observations are in different currencies. `journal` answers learning key results, and
    closes goals: as of then, as known then, for good (S21.6). `previous` only saves work: the result is the
    same without it. Where only records were appended to its history since, and nothing is closed, what reads
    these is judged again and nothing else. Same inputs give the same snapshot, bit for bit.

    Of `Declarations` in place of a portfolio counts what was in force at `as_of` and declared by `known_at`;
    states then have the score under the original goal beside that of today's (S21).

    An observation whose unit does not convert makes its own measure unknown and no other: `problems` of the
    snapshot names it, and `strict` raises them as UnitError. Raises DefinitionError for a date that is none,
    HistoryError for one before the first version that was declared. Cost in proportion to goals plus the
    observations that are looked at, once more for each moment at which goals were closed.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Target
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(10, 20), cadence="monthly")
    >>> history = History.of([Observation("arr", "2026-06-30", 14)])
    >>> state = evaluate(Portfolio.of(year, goal, arr), history, as_of="2026-07-02")["arr"]
    >>> state.progress, state.status
    (0.4, 'at-risk')
    """
    check_arguments(previous=(previous, optional(is_a(Snapshot))), strict=(strict, is_flag))
    ready = Prepared.of(portfolio_at(portfolio, as_of, known_at), history, rates, journal, scoring)
    declared, when = versions_of(portfolio), ready.when(as_of, known_at)
    if previous is not None:
        if not previous.is_of(ready.portfolio, when, scoring, ready.rates, ready.journal, declared):
            previous = None
        elif previous.history is ready.history and not (strict and previous.problems):
            return previous
    return ready.judge(when, scoring, declared, previous, strict=strict)


@attrs.frozen(eq=False)
class Prepared:
    """A portfolio with what all its moments share: what was recorded under its ids, and where it is kept."""

    portfolio: Portfolio
    history: AnyHistory
    rates: Rates | None
    journal: Journal | None
    judged_then: dict[Any, Snapshot] = attrs.field(factory=dict)
    """The snapshots of moments at which goals were closed, found so far."""

    @classmethod
    def of(
        cls,
        portfolio: Portfolio,
        history: AnyHistory,
        rates: Rates | None,
        journal: Journal | None,
        scoring: ScoringPolicy,
    ) -> Prepared:
        """Return a portfolio with history and journal under its present ids, and its derived values."""
        check_arguments(scoring=(scoring, is_a(ScoringPolicy)))
        rates = portfolio.rates_or(rates)
        history = with_derived(portfolio, history, rates, scoring.stale_grace_days)
        return cls(portfolio, history, rates, followed_journal(portfolio, journal))

    @cached_property
    def codes(self) -> HistoryCodes:
        """Where the history keeps what the portfolio reads."""
        return codes_of(roster_of(self.portfolio), self.history)

    def when(self, as_of: AsOf, known_at: AsOf | None) -> When:
        """Return a moment in the portfolio's zone."""
        return When.of(as_of, known_at, self.portfolio.calendar.timezone)

    def judge(
        self,
        when: When,
        scoring: ScoringPolicy,
        declared: Declarations | None,
        previous: Snapshot | None = None,
        *,
        strict: bool = False,
    ) -> Snapshot:
        """Return the snapshot of one moment; `evaluate` and `evaluate_many` both end here.

        `previous` is one of the same inputs but for the history.
        """
        found = self._judged(when, scoring, declared, previous)
        if strict:
            raise_all(found.problems, UnitError)
        return found

    def statuses(self, when: When, scoring: ScoringPolicy, rows: RowNumbers) -> NodeCodes:
        """Return the status of some key results at a moment, as places in STATUSES, and of nothing else.

        What is closed then is NO_DATA: nothing is judged of it any more.
        """
        roster = roster_of(self.portfolio)
        reader = self._reader(when, scoring)
        found = judge_some_results(roster.key_results, reader, self.codes.results, rows).status
        if not (closed := closings_at(self.portfolio, self.journal, when)):
            return found
        ids = roster.compiled.key_results
        return np.where([ids[row] in closed for row in rows.tolist()], np.int8(NO_DATA), found)

    def _reader(self, when: When, scoring: ScoringPolicy) -> Reader:
        return Reader(self.history, when, scoring, self.portfolio.units, self.rates, self.journal)

    def _judged(
        self,
        when: When,
        scoring: ScoringPolicy,
        declared: Declarations | None,
        previous: Snapshot | None = None,
        ending: Moment | None = None,
    ) -> Snapshot:
        """Return the snapshot; what is closed at `ending` is judged as over, as that is its moment."""
        reader = self._reader(when, scoring)
        roster, codes = roster_of(self.portfolio), self.codes
        closings = closings_at(self.portfolio, self.journal, when)
        if not closings:
            appended = None if previous is None else Appended.since(previous, self.history, roster, codes)
            return _snapshot(self.portfolio, roster, reader, codes, declared, appended)
        final = [(name, entry) for name, entry in closings.items() if entry.outcome in FINAL]
        before = grouped((entry.at, (name, entry)) for name, entry in final if entry.at != ending)
        closed = ClosedGoals.of(
            roster.compiled,
            scoring,
            closings,
            [name for name, entry in final if entry.at == ending],
            [self._verdict(when, scoring, before[at]) for at in sorted(before, key=end_of)],
        )
        return _snapshot(self.portfolio, closed.roster(roster), reader, codes, declared, None, closed)

    def _verdict(self, when: When, scoring: ScoringPolicy, closed: Sequence[tuple[str, Entry]]) -> ClosedThen:
        """Return how goals stood that were closed at one moment, as known then."""
        entry = closed[0][1]
        at, known = moment_of(entry, when)
        key = at, known, entry.at, scoring
        if key not in self.judged_then:
            self.judged_then[key] = self._judged(self.when(at, known), scoring, None, ending=entry.at)
        return ClosedThen.of(self.judged_then[key], closed)


def _snapshot(
    portfolio: Portfolio,
    roster: Roster,
    reader: Reader,
    codes: HistoryCodes,
    declared: Declarations | None,
    appended: Appended | None,
    closed: ClosedGoals | None = None,
) -> Snapshot:
    compiled, policy = roster.compiled, reader.policy
    before = None if appended is None else appended.before
    if appended is None:
        kpis = judge_kpis(roster, reader, codes)
        ending = None if closed is None else closed.ending_results
        results = judge_results(roster.key_results, reader, codes.results, codes.result_samples, ending)
        results = results if closed is None else closed.settled(results)
        held = breached_kpis(roster, kpis, reader, codes)
    else:
        kpis, results, held = appended.judged(roster, reader, codes)
    breached = np.zeros(len(compiled.objectives), dtype=bool)
    breached[compiled.parent[breached_results(compiled, results, policy)]] = True
    breached[np.array([goal for _, goal in held], dtype=np.int64)] = True
    objectives = judge_objectives(
        compiled,
        results,
        breached,
        held,
        roster.goal_days(reader.when),
        policy,
        None if before is None else before.objective_values,
        None if appended is None else part_above(compiled.graph, appended.goals(compiled, breached)),
        closed,
    )
    initiatives = initiative_states(
        portfolio,
        roster,
        results,
        kpis.reading,
        reader,
        codes.kpis,
        FrozenDict() if before is None else before.initiative_states,
        () if appended is None else appended.ids,
    )
    for name, said in undefined(reader.history).items():
        row = roster.columns.rows.get(name, -1)
        if row >= 0 and np.isnan(kpis.reading.value[row]):
            reader.problems.setdefault(name, {}).update(dict.fromkeys(said))
    problems = tuple(one for _, found in sorted(reader.problems.items()) for one in found)
    return Snapshot(
        portfolio=portfolio,
        history=reader.history,
        when=reader.when,
        scoring=policy,
        rates=reader.rates,
        journal=reader.journal,
        compiled=compiled,
        kpi_columns=roster.columns,
        result_values=results,
        objective_values=objectives,
        kpi_values=kpis,
        initiative_states=initiatives,
        problems=problems,
        declared=declared,
        closings=FrozenDict() if closed is None else closed.entries,
        verdicts=FrozenDict() if closed is None else closed.snapshots,
    )
