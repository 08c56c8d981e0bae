"""Check what a caller says there is: a budget, and the capacity of teams and owners; every fault noted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from okrcore.definitions.fields import an, at_least, shown, to_float
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, Problem

_amount = at_least(0)


def checked_supply(
    portfolio: Portfolio, capacity: object, budget: object, problems: list[Problem]
) -> tuple[dict[str, float], float | None]:
    """Return capacities by id of a team or owner, and the budget (None: no bound), as numbers of 0 or more.

    What is no such number, no declared team or owner, or no mapping is added to `problems`.
    """
    there = amounts({} if capacity is None else capacity, "capacity", problems)
    declared(there, "capacity", (Team, Owner), portfolio, problems)
    fault = None if budget is None else _amount(budget)
    if fault:
        problems.append(wrong(f"budget {fault}, or None for no budget", "budget"))
    given: Any = budget
    return there, None if budget is None or fault else to_float(given)


def amounts(given: Any, path: str, problems: list[Problem]) -> dict[str, float]:
    """Return a mapping of ids to numbers of 0 or more, 0 in place of what is none."""
    if not isinstance(given, Mapping):
        problems.append(wrong(f"{path} is {shown(given)}; give a mapping of ids to numbers", path))
        return {}
    found = {}
    names = listed(given.keys(), path, problems)
    for name, value in ((name, given[name]) for name in names):
        if fault := _amount(value):
            problems.append(wrong(f"{path} of {shown(name)} {fault}", path))
        found[name] = 0.0 if fault else to_float(value)
    return found


def listed(given: Any, path: str, problems: list[Problem]) -> list[str]:
    """Return a list of ids, each once, without what is none; a text is no list."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        problems.append(wrong(f"{path} is {shown(given)}; give a list of ids", path))
        return []
    names = list(given)
    strange = [name for name in names if not isinstance(name, str)]
    problems += [wrong(f"{path} holds {shown(name)}; give ids", path) for name in strange]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def declared(
    names: Collection[str],
    path: str,
    kinds: tuple[type, ...],
    portfolio: Portfolio,
    problems: list[Problem],
) -> list[str]:
    """Return the names that are of the kinds asked for; the others are problems."""
    good = []
    for name in names:
        if name not in portfolio:
            every = [one.id for one in portfolio.definitions if isinstance(one, kinds)]
            problems.append(unknown_id(name, path, every))
        elif not isinstance(portfolio[name], kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            kind = type(portfolio[name]).__name__
            problems.append(wrong(f"{name!r} is {an(kind)}; give the id of {an(wanted)}", path))
        else:
            good.append(name)
    return good


def wrong(message: str, path: str) -> Problem:
    """Return the problem of a value that a caller gave."""
    return Problem(message, path, kind=DefinitionError)
