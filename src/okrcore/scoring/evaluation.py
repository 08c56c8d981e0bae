"""Evaluate every goal and KPI of a portfolio at one moment, as a snapshot."""

from __future__ import annotations

import numpy as np

from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import UnitError, raise_all
from okrcore.history.backends import AnyHistory
from okrcore.history.former_names import followed
from okrcore.history.journal import Journal
from okrcore.scoring.as_of import When
from okrcore.scoring.guardrails import breached_kpis, under_breached_results
from okrcore.scoring.history_codes import HistoryCodes, codes_of
from okrcore.scoring.initiative_status import initiative_states
from okrcore.scoring.judged_kpis import judge_kpis
from okrcore.scoring.judged_objectives import judge_objectives
from okrcore.scoring.judged_results import judge_results
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import Roster, roster_of
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates


def evaluate(
    portfolio: Portfolio,
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
    observations are in different currencies. `journal` answers learning key results. `previous` only saves
    work: the result is the same without it. Same inputs give the same snapshot, bit for bit.

    An observation whose unit does not convert makes its own measure unknown and no other: `problems` of the
    snapshot names it, and `strict` raises them as UnitError. Raises DefinitionError for a date that is none.
    Cost in proportion to goals plus the observations that are looked at.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Target
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(10, 20), cadence="monthly")
    >>> history = History.of([Observation("arr", "2026-06-30", 14)])
    >>> state = evaluate(Portfolio.of(year, goal, arr), history, as_of="2026-07-02")["arr"]
    >>> state.progress, state.status
    (0.4, 'at-risk')
    """
    history, journal = followed(portfolio, history), followed(portfolio, journal)
    when = When.of(as_of, known_at, portfolio.calendar.timezone)
    rates = portfolio.rates_or(rates)
    same = previous is not None and previous.is_of(portfolio, history, when, scoring, rates, journal)
    if previous is not None and same and not (strict and previous.problems):
        return previous
    roster = roster_of(portfolio)
    reader = Reader(history, when, scoring, portfolio.units, rates, journal)
    codes = codes_of(roster, history)
    return judge(portfolio, roster, reader, codes, strict=strict)


def judge(
    portfolio: Portfolio,
    roster: Roster,
    reader: Reader,
    codes: HistoryCodes,
    *,
    strict: bool = False,
) -> Snapshot:
    """Return the snapshot of one moment; `evaluate` and `evaluate_many` both end here."""
    compiled, policy, when = roster.compiled, reader.policy, reader.when
    kpis = judge_kpis(roster, reader, codes)
    results, silent = judge_results(roster, reader, codes)
    held = breached_kpis(roster, kpis, reader, codes.kpis)
    breached = under_breached_results(compiled, results, silent, policy)
    breached[np.array([goal for _, goal in held], dtype=np.int64)] = True
    objectives = judge_objectives(compiled, results, silent, breached, held, roster.goal_days(when), policy)
    initiatives = initiative_states(portfolio, roster, results, kpis.reading, reader, codes.kpis)
    problems = tuple(one for _, found in sorted(reader.problems.items()) for one in found)
    if strict:
        raise_all(problems, UnitError)
    return Snapshot(
        portfolio=portfolio,
        history=reader.history,
        when=when,
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
    )
