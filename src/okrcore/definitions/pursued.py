"""Leave out of a portfolio what is not pursued: drafts, paused and cancelled goals (S21.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from okrcore.definitions.derived import sources_of, stage_of
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.goals import KeyResult, Objective, Stage
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.portfolio import KINDS, ONCE, Portfolio
from okrcore.frozen import FrozenDict


def idle_goals(portfolio: Portfolio) -> Mapping[str, Stage]:
    """Return the goals that are not active, by id, with their stages."""
    return _IDLE.of(portfolio)


def pursued(portfolio: Portfolio, gone: Collection[str] = (), *, drafts: bool = False) -> Portfolio:
    """Return the portfolio without what is not active, and without whatever names it.

    `gone` are the ids of goals that are over before their time, with their key results; `drafts` stay in
    where it is true. What somebody pursued reads, or a ruling is about, is kept as what it is. Where nothing
    is left out it is the portfolio itself. Cost in proportion to the number of definitions.

    >>> from okrcore.definitions import Cycle, Target
    >>> goal = Objective(id="o", title="Grow", cycle="2026")
    >>> idea = KeyResult(id="k", objective="o", title="ARR", measure=Target(1, 2), stage="draft")
    >>> portfolio = Portfolio.of(Cycle.year(2026), goal, idea)
    >>> pursued(portfolio), pursued(portfolio, drafts=True) is portfolio
    (<Portfolio of 1 cycle, 1 objective>, True)
    """
    if not gone:
        return (_WITH_DRAFTS if drafts else _PURSUED).of(portfolio)
    return _without(portfolio, gone, drafts)


def _idle(portfolio: Portfolio) -> Mapping[str, Stage]:
    goals: list[KeyResult | Objective] = [*portfolio.key_results, *portfolio.objectives]
    if all(goal.stage == "active" for goal in goals):
        return FrozenDict()
    stages = ((goal.id, stage_of(goal, portfolio)) for goal in goals)
    return FrozenDict({name: stage for name, stage in stages if stage != "active"})


def _without(portfolio: Portfolio, gone: Collection[str], drafts: bool) -> Portfolio:
    out: set[str | None] = {
        name for name, stage in idle_goals(portfolio).items() if stage != "draft" or not drafts
    }
    out |= {one.id for one in portfolio.key_results if {one.id, one.objective} & {*gone}}
    out |= {one.id for one in portfolio.objectives if one.id in gone}
    needed = {name for ruling in portfolio.tolerances for name in (*ruling.sides, ruling.subject)}
    needed |= {one.id for one in portfolio.key_results if one.id not in out}
    for result in portfolio.key_results:
        if result.id in needed:
            out -= set(_needed_by(result, portfolio))
    out -= needed
    if not out:
        return portfolio
    return Portfolio.of(*_kept(portfolio, out), rates=portfolio.rates)


def _needed_by(result: KeyResult, portfolio: Portfolio) -> Iterator[str]:
    """Yield the key results whose numbers a key result reads, and the objectives of all."""
    yield result.objective
    for read in sources_of(result, portfolio):
        if isinstance(read, KeyResult):
            yield from (read.id, read.objective)


def _kept(portfolio: Portfolio, out: Collection[str | None]) -> Iterator[Any]:
    for one in portfolio:
        if one.id in out:
            continue
        if isinstance(one, KeyResult | Objective) and one.continues in out:
            one = attrs.evolve(one, continues=None)
        if isinstance(one, Objective):
            parts = [part for part in one.contributes_to if part.to not in out]
            yield one if len(parts) == len(one.contributes_to) else attrs.evolve(one, contributes_to=parts)
        elif isinstance(one, Kpi) and not set(one.guards).isdisjoint(out):
            yield attrs.evolve(one, guards=[name for name in one.guards if name not in out])
        elif not isinstance(one, Link) or one.target not in out:
            yield one


_EVERYTHING = (*KINDS.values(), *ONCE.values(), "units")
_IDLE = Derivation(("objectives", "key_results"), _idle)
_PURSUED = Derivation(_EVERYTHING, lambda portfolio: _without(portfolio, (), drafts=False))
_WITH_DRAFTS = Derivation(_EVERYTHING, lambda portfolio: _without(portfolio, (), drafts=True))
