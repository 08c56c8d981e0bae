"""Fund initiatives within a budget and capacities, exactly (S19)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from okrcore.conflicts.sides import Scene
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.pursued import pursued
from okrcore.frozen import FrozenDict
from okrcore.funding.funding_model import BUDGET, Floats, Model, model_of
from okrcore.funding.infeasible_subset import smallest_clash
from okrcore.funding.next_unit import what_next
from okrcore.funding.plan import Funding, Plan
from okrcore.funding.problem import Asked, Tiers, asked
from okrcore.funding.solver import Program, Solution, plan, require_solver
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.snapshot import Snapshot

_NOTHING = 1e-12


def tradeoffs(
    portfolio: Portfolio,
    snapshot: Snapshot,
    *,
    budget: float | None,
    capacity: Mapping[str, float] | None = None,
    tiers: Tiers | None = None,
    partial: bool = False,
    required: Iterable[str] = (),
    excluded: Iterable[str] = (),
    next_units: bool = True,
    nodes: int | None = None,
) -> Plan:
    """Return which initiatives to fund so that the goals gain most, tier after tier; exact.

    `budget` is what all costs together may be (`Initiative.cost`, one currency; None: no limit). Of each team
    and owner with a capacity (`capacity` by id goes before what a team declares) no day is asked for more
    than there is. `required` are funded in full, `excluded` not at all. All or nothing, or, with `partial`,
    any share: cost, demand and effect go with it. Closed initiatives and those past their end are left out;
    one without a cost is never funded by guess.

    What a key result gains, as a share of its score: min(room, sum over the funded of help * room - harm *
    score), where room = 1 - score, the score cut to 0..1. Help and harm are the weights of an initiative's
    strongest chains to it (S13.2); both need a day in common. So help of weight 1 brings it to its goal, harm
    of weight 1 to nothing; together they never gain more than the room, while harm adds up. Without a score
    all could be gained, and all be lost. A KPI that measures a key result is that key result; past its due
    date nothing moves it. Other KPIs have no weight here: `find_conflicts` tells who harms them.

    An objective gains the weighted mean over its leaves by nominal weights (S4.3), unknown ones included.
    `tiers` holds ids of objectives and key results, of the first tier first, or mappings of ids to weights
    (default 1): a tier's value is the weighted sum of its goals' gains. None: the active objectives whose
    cycle has not ended, committed ones before aspirational ones before learning ones. The first tier gains
    what it can, then the second without loss to the first (1e-7), and so on. Of plans alike the cheapest
    stands, then the one with fewest initiatives, then the one that funds the first ids.

    Raises DefinitionError, UnknownIdError where all faults are of that kind, for a budget, capacity or weight
    below 0 or not finite, an unknown id, a required initiative that is excluded, closed, past its end or,
    with a budget, without a cost; MissingExtraError without scipy (`okrcore[tradeoffs]`). Cost: some
    mixed-integer programs a tier, and as many again for each budget and capacity, which `next_units` False
    saves; at worst exponential: `nodes` cuts each search short (`Plan.proven`).

    >>> from okrcore import Cycle, History, Initiative, KeyResult, Link, Objective, Target, evaluate
    >>> portfolio = Portfolio.of(
    ...     Cycle.year(2026), Objective(id="sort", title="Sort faster", cycle="2026"),
    ...     KeyResult(id="throughput", objective="sort", title="A fifth more", measure=Target(10, 12)),
    ...     Initiative(id="recalibrate", title="Recalibrate lanes", cost=40),
    ...     Initiative(id="train", title="Train the crews", cost=30),
    ...     Link(source="recalibrate", target="throughput", sign=+1, weight=0.6),
    ...     Link(source="train", target="throughput", sign=+1, weight=0.3),
    ... )
    >>> snapshot = evaluate(portfolio, History.of([]), as_of="2026-03-31")
    >>> print(tradeoffs(portfolio, snapshot, budget=50))
    1 of 2 initiatives funded, 40 of 50 spent
    initiative   share  cost  gains
    recalibrate  100 %    40  sort +0.6
    tier 1 gains 0.6
    tier 2 gains 0
    tier 3 gains 0
    no score is known: throughput
    20 more of budget funds train: tier 1 gains 0.3
    """
    check_belongs(snapshot, portfolio)
    scene = Scene(pursued(portfolio, snapshot.not_pursued), snapshot.when)
    given = asked(
        scene,
        portfolio,
        budget=budget,
        capacity=capacity,
        tiers=tiers,
        required=required,
        excluded=excluded,
    )
    require_solver()
    under_way = list(scene.initiatives.values())
    unpriced = {one.id for one in under_way if budget is not None and one.cost is None} - given.excluded
    candidates = [one for one in under_way if one.id not in unpriced | given.excluded]
    model = model_of(scene, candidates, snapshot, given)
    clash = smallest_clash(model)
    program = Program(model=model, partial=partial, nodes=nodes)
    answer = Solution(np.zeros(len(model.names))) if clash else plan(program)
    moved = model.moved(answer.shares)
    return Plan(
        funded=_funded(scene, model, answer.shares),
        left_out=_left_out(under_way, model, answer.shares, given, unpriced),
        unpriced=tuple(sorted(unpriced)),
        unknown=model.unknown,
        gains=FrozenDict(zip(model.goals, (model.weight @ moved).tolist(), strict=True)),
        tiers=tuple((model.tiers @ moved).tolist()),
        budget=given.budget,
        spent=math.fsum(model.cost * answer.shares),
        capacity=model.capacity,
        used=_used(model, answer.shares),
        next_units=tuple(what_next(program, answer)) if next_units and not clash else (),
        clash=clash,
        proven=answer.proven,
    )


def _funded(scene: Scene, model: Model, shares: Floats) -> tuple[Funding, ...]:
    gains, found = model.weight @ model.moved(shares), []
    for at in np.flatnonzero(shares).tolist():
        without = shares.copy()
        without[at] = 0.0
        lost = (gains - model.weight @ model.moved(without)).tolist()
        one, share = scene.initiatives[model.names[at]], float(shares[at])
        found.append(
            Funding(
                initiative=one.id,
                share=share,
                cost=None if one.cost is None else share * one.cost,
                gains=FrozenDict(
                    {goal: gain for goal, gain in zip(model.goals, lost, strict=True) if abs(gain) > _NOTHING}
                ),
            )
        )
    return tuple(found)


def _left_out(
    under_way: Sequence[Initiative], model: Model, shares: Floats, given: Asked, unpriced: set[str]
) -> FrozenDict[str, str]:
    inside = dict(zip(model.names, shares.tolist(), strict=True))
    return FrozenDict(
        {
            one.id: _why(one.id, inside, given)
            for one in under_way
            if one.id not in unpriced and not inside.get(one.id)
        }
    )


def _why(name: str, inside: Mapping[str, float], given: Asked) -> str:
    if name in given.excluded:
        return "excluded"
    return "the goals gain more, or as much for less, without it" if name in inside else "it helps no goal"


def _used(model: Model, shares: Floats) -> FrozenDict[str, float]:
    used = dict.fromkeys(model.capacity, 0.0)
    for bound in model.bounds:
        if bound.name != BUDGET:
            of = bound.name.removeprefix("capacity:")
            used[of] = max(used[of], math.fsum(bound.asks * shares))
    return FrozenDict(used)
