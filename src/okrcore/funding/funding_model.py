"""Model a portfolio at a moment as arrays: who gains what from whom, and what asks for how much."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.conflicts.demands import asked_of, at_one_time, capacities
from okrcore.conflicts.opposed import Influence, effects
from okrcore.conflicts.sides import Scene, Side
from okrcore.definitions.derived import due_of
from okrcore.definitions.initiatives import Initiative
from okrcore.frozen import FrozenDict
from okrcore.funding.problem import Asked
from okrcore.scoring import rollup
from okrcore.scoring.compiled_portfolio import compile_portfolio
from okrcore.scoring.snapshot import Snapshot

Floats = npt.NDArray[np.float64]
BUDGET = "budget"
SLACK = 1e-7
"""What counts as equal, of a goal or relative to a bound: ten times what the solver can tell."""


@attrs.frozen(eq=False)
class Bound:
    """What the shares times `asks` may come to at most; several of one name hold at different times."""

    name: str
    limit: float
    asks: Floats

    @property
    def size(self) -> float:
        """Its largest number, 1 where all are 0."""
        return max(self.limit, float(self.asks.max(initial=0.0))) or 1.0

    def is_passed(self, amount: float) -> bool:
        """Return whether an amount is more than there is, by more than rounding."""
        return amount - self.limit > SLACK * self.size


@attrs.frozen(eq=False, kw_only=True)
class Model:
    """Initiatives `names` (n), key results `results` (R) and goals (G); all by id.

    `effect` (R, n) is what each initiative moves each key result by; one gains at most its `room` (R).
    `weight` (G, R) is the share of each key result in each goal, `tiers` (T, R) in each tier. `cost` is 0
    where it is unknown.
    """

    names: tuple[str, ...]
    cost: Floats
    required: npt.NDArray[np.bool_]
    results: tuple[str, ...]
    unknown: tuple[str, ...]
    room: Floats
    effect: Floats
    goals: tuple[str, ...]
    weight: Floats
    tiers: Floats
    bounds: tuple[Bound, ...]
    capacity: FrozenDict[str, float]

    def moved(self, shares: Floats) -> Floats:
        """Return what the key results gain (R) from these shares (n)."""
        return np.minimum(self.room, self.effect @ shares)

    def more(self, name: str, amount: float) -> Model:
        """Return the model with so much more of one budget or capacity."""
        bounds = (
            attrs.evolve(one, limit=one.limit + amount) if one.name == name else one for one in self.bounds
        )
        return attrs.evolve(self, bounds=tuple(bounds))


def model_of(scene: Scene, candidates: Sequence[Initiative], snapshot: Snapshot, asked: Asked) -> Model:
    """Return the model; of the candidates it holds those that help some goal, and those that are required."""
    sides = [side for name, side in scene.sides.items() if name in scene.results and side.better]
    sides = [side for side in sides if not scene.is_over(scene.results[side.id])]
    scores = np.array([_score(snapshot, side.id) for side in sides])
    effect = _effect(scene, sides, candidates, np.nan_to_num(scores, nan=0.0), scores)
    goals = sorted({name for tier in asked.tiers for name in tier})
    weight = _weights(scene, goals, [side.id for side in sides])
    wanted = np.array([[tier.get(goal, 0.0) for goal in goals] for tier in asked.tiers])
    tiers = wanted.reshape(len(asked.tiers), len(goals)) @ weight
    required = np.array([one.id in asked.required for one in candidates], dtype=bool)

    counted = tiers.any(axis=0)
    kept = np.flatnonzero(required | (effect[counted] > 0).any(axis=0))
    of = [candidates[at] for at in kept.tolist()]
    rows = np.flatnonzero((weight != 0).any(axis=0) & (effect[:, kept] != 0).any(axis=1))
    there = capacities(scene.portfolio, asked.capacity)
    return Model(
        names=tuple(one.id for one in of),
        cost=np.array([one.cost or 0.0 for one in of]),
        required=required[kept],
        results=tuple(sides[row].id for row in rows.tolist()),
        unknown=tuple(sides[row].id for row in rows.tolist() if math.isnan(scores[row])),
        room=1.0 - np.nan_to_num(scores[rows], nan=0.0),
        effect=effect[np.ix_(rows, kept)],
        goals=tuple(goals),
        weight=weight[:, rows],
        tiers=tiers[:, rows],
        bounds=tuple(_bounds(scene, of, there, asked.budget)),
        capacity=FrozenDict({name: there[name] for name in sorted(there)}),
    )


def _due(scene: Scene, side: Side) -> dt.date:
    return due_of(scene.results[side.id], scene.portfolio)


def _score(snapshot: Snapshot, id: str) -> float:
    """The score cut to 0..1, NaN where it is unknown."""
    score = snapshot.key_result(id).score if id in snapshot.compiled.result_rows else None
    return math.nan if score is None else min(1.0, max(0.0, score))


def _effect(
    scene: Scene, sides: Sequence[Side], candidates: Sequence[Initiative], score: Floats, raw: Floats
) -> Floats:
    """What all of each initiative moves each side by: help of its room, harm of its score."""
    influence = Influence.of(scene)
    rows = influence.network.rows
    column = np.full(len(rows), -1)
    column[[rows[one.id] for one in candidates]] = np.arange(len(candidates))
    moved = np.zeros((len(sides), len(candidates)))
    lost = np.where(np.isnan(raw), 1.0, score)
    for part, factor in zip(effects(influence, list(sides)), (1.0 - score, -lost), strict=True):
        own = column[part.source] >= 0
        row = part.side[own]
        moved[row, column[part.source[own]]] += part.weight[own] * factor[row]
    for at, one in enumerate(candidates):
        first, last = scene.days_of(one)
        moved[[first > _due(scene, side) or last < side.first for side in sides], at] = 0.0
    return moved


def _weights(scene: Scene, goals: Sequence[str], results: Sequence[str]) -> Floats:
    """The share of each key result in each goal: in an objective by nominal weights (S4.3), in itself 1."""
    compiled = compile_portfolio(scene.portfolio)
    alone = np.zeros((len(results), len(compiled.key_results)))
    alone[np.arange(len(results)), [compiled.result_rows[name] for name in results]] = 1.0
    shares = rollup.nominal(alone, np.zeros((len(results), len(compiled.objectives))), compiled.graph)
    weight = np.zeros((len(goals), len(results)))
    for row, goal in enumerate(goals):
        if goal in compiled.goal_rows:
            weight[row] = shares[:, compiled.goal_rows[goal]]
        elif goal in results:
            weight[row, results.index(goal)] = 1.0
    return weight


def _bounds(
    scene: Scene, initiatives: Sequence[Initiative], there: dict[str, float], budget: float | None
) -> Iterator[Bound]:
    """The budget, then the capacities by id, one a set of initiatives that ask for it at one time."""
    column = {one.id: at for at, one in enumerate(initiatives)}
    if budget is not None:
        yield Bound(BUDGET, budget, np.array([one.cost or 0.0 for one in initiatives]))
    asked = asked_of(scene, initiatives, there)
    for of in sorted(asked):
        for together in at_one_time(asked[of]):
            asks = np.zeros(len(initiatives))
            asks[[column[ask.initiative] for ask in together]] = [ask.amount for ask in together]
            yield Bound(f"capacity:{of}", there[of], asks)
