"""Check what a caller asks of `tradeoffs`, and report every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from okrcore.conflicts.sides import Scene
from okrcore.conflicts.supply import amounts, checked_supply, declared, listed, wrong
from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.fields import shown
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.pursued import idle_goals
from okrcore.errors import Problem, raise_all
from okrcore.frozen import FrozenDict

Tiers = Sequence[Mapping[str, float] | Iterable[str]]


@attrs.frozen(kw_only=True)
class Asked:
    """The constraints and the goals: `tiers` are the weights by id of an objective or key result."""

    budget: float | None
    capacity: FrozenDict[str, float]
    required: frozenset[str]
    excluded: frozenset[str]
    tiers: tuple[FrozenDict[str, float], ...]


def asked(
    scene: Scene,
    portfolio: Portfolio,
    *,
    budget: float | None,
    capacity: Mapping[str, float] | None,
    tiers: Tiers | None,
    required: Iterable[str],
    excluded: Iterable[str],
) -> Asked:
    """Return what is asked for; raises one error that holds every fault.

    The scene holds what is pursued of the `portfolio`.
    """
    problems: list[Problem] = []
    there, spendable = checked_supply(scene.portfolio, capacity, budget, problems)
    must, never = (
        _ids(given, path, scene, problems) for given, path in ((required, "required"), (excluded, "excluded"))
    )
    problems += _not_fundable(must, never, scene, budget)
    goals = _by_commitment(scene) if tiers is None else _tiers(tiers, scene, portfolio, problems)
    raise_all(problems)
    return Asked(
        budget=spendable,
        capacity=FrozenDict(there),
        required=frozenset(must),
        excluded=frozenset(never),
        tiers=goals,
    )


def _by_commitment(scene: Scene) -> tuple[FrozenDict[str, float], ...]:
    """The active objectives under way or to come: committed, then aspirational, then learning."""
    portfolio = scene.portfolio
    idle = idle_goals(portfolio)
    goals = (goal for goal in portfolio.objectives if goal.id not in idle)
    alive = sorted(goal.id for goal in goals if not scene.is_over(goal))
    return tuple(
        FrozenDict({name: 1.0 for name in alive if portfolio[name].commitment == commitment})
        for commitment in COMMITMENTS
    )


def _tiers(
    tiers: Any, scene: Scene, portfolio: Portfolio, problems: list[Problem]
) -> tuple[FrozenDict[str, float], ...]:
    if isinstance(tiers, str | Mapping) or not isinstance(tiers, Iterable):
        problems.append(wrong(f"tiers is {shown(tiers)}; give a list of lists of ids", "tiers"))
        return ()
    found: list[FrozenDict[str, float]] = []
    seen: set[str] = set()
    for row, tier in enumerate(tiers):
        path = f"tiers[{row}]"
        if isinstance(tier, Mapping):
            weights = amounts(tier, path, problems)
        else:
            weights = dict.fromkeys(listed(tier, path, problems), 1.0)
        known = declared(weights, path, (Objective, KeyResult), portfolio, problems)
        out = {name for name in known if name not in scene.portfolio} | idle_goals(scene.portfolio).keys()
        problems += [
            wrong(f"{name!r} is not pursued, and gains nothing; leave it out", path)
            for name in known
            if name in out
        ]
        again = sorted(seen & set(weights))
        problems += [wrong(f"{name!r} is in two tiers; keep the first", path) for name in again]
        seen |= set(weights)
        found.append(FrozenDict({name: weights[name] for name in sorted(weights)}))
    return tuple(found)


def _ids(given: Any, path: str, scene: Scene, problems: list[Problem]) -> list[str]:
    names = listed(given, path, problems)
    return declared(names, path, (Initiative,), scene.portfolio, problems)


def _not_fundable(
    must: Iterable[str], never: Iterable[str], scene: Scene, budget: float | None
) -> Iterable[Problem]:
    for name in must:
        one = scene.portfolio[name]
        if name in never:
            yield wrong(f"{name!r} is also excluded; keep one of the two", "required")
        if name not in scene.initiatives:
            over = "closed" if one.stage == "closed" else f"over since {one.end}"
            yield wrong(f"{name!r} is {over}; leave it out", "required")
        elif budget is not None and one.cost is None:
            yield wrong(f"{name!r} has no cost; declare one, or give budget=None", "required")
