"""Tell what a delay costs the goals: scores at their due dates, as planned and as delayed (S17.2)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import attrs
import numpy as np

from okrcore.definitions.derived import due_of
from okrcore.definitions.digraph import grouped, reached
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.measures import Checklist
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.relations import Relations
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory
from okrcore.history.history import History
from okrcore.schedule.delays import DatedPlan, Delays
from okrcore.schedule.network import MilestoneNetwork
from okrcore.schedule.plan_dates import date_of
from okrcore.scoring import kernels
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import compile_portfolio
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.graph import Floats

Delta = tuple[float | None, float | None]
"""A score as planned, and as delayed; None where it cannot be told."""


def goal_deltas(
    portfolio: Portfolio,
    network: MilestoneNetwork,
    plan: DatedPlan,
    delays: Delays,
    history: AnyHistory | None,
    when: When,
) -> Mapping[str, Delta]:
    """Return the score of each goal that a delay reaches, as planned and as delayed, by id.

    A checklist with delayed milestones has both, at its due date: every milestone that is open is done at
    its planned, or at its delayed, finish. An objective above has them where every weighted key result below
    has a score now; those others stand where they do. Goals that are only on a path, by the links of a
    delayed initiative, are named without a number.
    """
    late = delays.touched[(delays.finish > 0)[delays.touched]].tolist()
    names = {network.ids[row] for row in late}
    hit = [one for one in portfolio.key_results if names & _milestones_of(one)]
    initiatives = {network.milestones[row].initiative for row in late}
    goals = _goals_reached(portfolio, [*initiatives, *(one.id for one in hit)])
    found: dict[str, Delta] = dict.fromkeys(goals, (None, None))
    if hit:
        facts = History.of() if history is None else history
        versions = [
            _as_if(portfolio, network, hit, plan, ends) for ends in (plan.finish, plan.finish + delays.finish)
        ]
        shares = [_shares(version, hit, facts, when) for version in versions]
        found |= _scores(portfolio, facts, when, shares)
    return FrozenDict(found)


def _milestones_of(result: KeyResult) -> set[str]:
    items = result.measure.items if isinstance(result.measure, Checklist) else ()
    return {item.milestone for item in items if item.milestone}


def _goals_reached(portfolio: Portfolio, starts: Collection[str]) -> list[str]:
    """Return the goals above and ahead of some definitions, by id."""
    relations = Relations(portfolio)
    edges = [(link.source, link.target) for link in portfolio.links]
    edges += [(one.id, one.objective) for one in portfolio.key_results]
    edges += [(one.id, part.to) for one in portfolio.objectives for part in one.contributes_to]
    edges += [(name, one.id) for name, results in relations.measured_with.items() for one in results]
    return sorted(
        name
        for name in reached(starts, grouped(edges))
        if name in portfolio and isinstance(portfolio[name], KeyResult | Objective)
    )


def _as_if(
    portfolio: Portfolio, network: MilestoneNetwork, hit: Collection[KeyResult], plan: DatedPlan, ends: Floats
) -> Portfolio:
    """Return the portfolio as if the milestones of some checklists were done at these days."""
    rows = sorted({network.rows[name] for one in hit for name in _milestones_of(one)})
    days = np.where(plan.fixed, plan.over, ends)
    return portfolio.with_(*(attrs.evolve(network.milestones[row], done=date_of(days[row])) for row in rows))


def _shares(
    version: Portfolio, hit: Collection[KeyResult], history: AnyHistory, when: When
) -> Mapping[str, float]:
    """Return the share of each checklist that is done at its due date."""
    found = {}
    for due in {due_of(one, version) for one in hit}:
        snapshot = evaluate(version, history, as_of=due, known_at=when.known)
        for one in hit:
            value = snapshot.key_result(one.id).value
            if due_of(one, version) == due and value is not None:
                found[one.id] = value
    return found


def _scores(
    portfolio: Portfolio, history: AnyHistory, when: When, shares: Sequence[Mapping[str, float]]
) -> dict[str, Delta]:
    """Return the scores of these checklists, and of each objective above that can be told."""
    compiled = compile_portfolio(portfolio)
    snapshot = evaluate(portfolio, history, as_of=when.as_of, known_at=when.known)
    now = [snapshot.key_result(name).value for name in compiled.key_results]
    rows = np.array([np.nan if value is None else value for value in now])
    both = np.stack([rows for _ in shares])
    for side, found in enumerate(shares):
        for name, share in found.items():
            both[side, compiled.result_rows[name]] = share
    scores = compiled.score(both)
    hit = [compiled.result_rows[name] for name in shares[0]]
    told = {compiled.key_results[row]: _pair(scores.key_results[:, row]) for row in hit}
    above = _goals_reached(portfolio, list(told))
    for name in above:
        row = compiled.goal_rows.get(name)
        if row is not None and scores.coverage[:, row].min() >= 1 - kernels.SLACK:
            told[name] = _pair(scores.objectives[:, row])
    return told


def _pair(scores: Floats) -> Delta:
    planned, delayed = (None if math.isnan(one) else one for one in scores.tolist())
    return planned, delayed
