"""Check what a caller asks of `tradeoffs`, and report every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import attrs

from okrcore.conflicts.sides import Scene
from okrcore.definitions.fields import at_least, shown, to_float
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.frozen import FrozenDict
from okrcore.scoring.scoring_policy import COMMITMENTS

Tiers = Sequence[Mapping[str, float] | Iterable[str]]
_amount = at_least(0)


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
    *,
    budget: float | None,
    capacity: Mapping[str, float] | None,
    tiers: Tiers | None,
    required: Iterable[str],
    excluded: Iterable[str],
) -> Asked:
    """Return what is asked for; raises one error that holds every fault."""
    problems: list[Problem] = []
    if budget is not None and (fault := _amount(budget)):
        problems.append(_wrong(f"budget {fault}, or None for no budget", "budget"))
    there = _numbers(capacity or {}, "capacity", problems)
    _known(there, "capacity", (Team, Owner), scene, problems)
    must, never = (
        _ids(given, path, scene, problems) for given, path in ((required, "required"), (excluded, "excluded"))
    )
    problems += _not_fundable(must, never, scene, budget)
    goals = _by_commitment(scene) if tiers is None else _tiers(tiers, scene, problems)
    raise_all(problems)
    return Asked(
        budget=None if budget is None else to_float(budget),
        capacity=FrozenDict(there),
        required=frozenset(must),
        excluded=frozenset(never),
        tiers=goals,
    )


def _by_commitment(scene: Scene) -> tuple[FrozenDict[str, float], ...]:
    """The objectives under way or to come: committed, then aspirational, then learning."""
    portfolio = scene.portfolio
    alive = sorted(goal.id for goal in portfolio.objectives if portfolio[goal.cycle].end >= scene.day)
    return tuple(
        FrozenDict({name: 1.0 for name in alive if portfolio[name].commitment == commitment})
        for commitment in COMMITMENTS
    )


def _tiers(tiers: Any, scene: Scene, problems: list[Problem]) -> tuple[FrozenDict[str, float], ...]:
    if isinstance(tiers, str | Mapping) or not isinstance(tiers, Iterable):
        problems.append(_wrong(f"tiers is {shown(tiers)}; give a list of lists of ids", "tiers"))
        return ()
    found: list[FrozenDict[str, float]] = []
    seen: set[str] = set()
    for row, tier in enumerate(tiers):
        path = f"tiers[{row}]"
        if isinstance(tier, Mapping):
            weights = _numbers(tier, path, problems)
        else:
            weights = dict.fromkeys(_listed(tier, path, problems), 1.0)
        _known(weights, path, (Objective, KeyResult), scene, problems)
        again = sorted(seen & set(weights))
        problems += [_wrong(f"{name!r} is in two tiers; keep the first", path) for name in again]
        seen |= set(weights)
        found.append(FrozenDict({name: weights[name] for name in sorted(weights)}))
    return tuple(found)


def _numbers(given: Any, path: str, problems: list[Problem]) -> dict[str, float]:
    if not isinstance(given, Mapping):
        problems.append(_wrong(f"{path} is {shown(given)}; give a mapping of ids to numbers", path))
        return {}
    found = {}
    names = _listed(given.keys(), path, problems)
    for name, value in ((name, given[name]) for name in names):
        if fault := _amount(value):
            problems.append(_wrong(f"{path} of {shown(name)} {fault}", path))
        found[name] = 0.0 if fault else to_float(value)
    return found


def _ids(given: Any, path: str, scene: Scene, problems: list[Problem]) -> list[str]:
    names = _listed(given, path, problems)
    return _known(names, path, (Initiative,), scene, problems)


def _listed(given: Any, path: str, problems: list[Problem]) -> list[str]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        problems.append(_wrong(f"{path} is {shown(given)}; give a list of ids", path))
        return []
    names = list(given)
    strange = [name for name in names if not isinstance(name, str)]
    problems += [_wrong(f"{path} holds {shown(name)}; give ids", path) for name in strange]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def _known(
    names: Collection[str], path: str, kinds: tuple[type, ...], scene: Scene, problems: list[Problem]
) -> list[str]:
    """The names that are of the kinds asked for; the others are problems."""
    index, good = scene.portfolio, []
    for name in names:
        if name not in index:
            every = [one.id for one in index if isinstance(one, kinds)]
            problems.append(unknown_id(name, path, every))
        elif not isinstance(index[name], kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            kind = type(index[name]).__name__
            problems.append(_wrong(f"{name!r} is a {kind}; give the id of a {wanted}", path))
        else:
            good.append(name)
    return good


def _not_fundable(
    must: Iterable[str], never: Iterable[str], scene: Scene, budget: float | None
) -> Iterable[Problem]:
    for name in must:
        one = scene.portfolio[name]
        if name in never:
            yield _wrong(f"{name!r} is also excluded; keep one of the two", "required")
        if name not in scene.initiatives:
            over = "closed" if one.stage == "closed" else f"over since {one.end}"
            yield _wrong(f"{name!r} is {over}; leave it out", "required")
        elif budget is not None and one.cost is None:
            yield _wrong(f"{name!r} has no cost; declare one, or give budget=None", "required")


def _wrong(message: str, path: str) -> Problem:
    return Problem(message, path, kind=DefinitionError)
