"""Find each goal as it was when its cycle had settled (S21.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import attrs

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.days import written_day
from okrcore.definitions.derived import stage_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.portfolio import Definition, Portfolio
from okrcore.definitions.references import references
from okrcore.errors import OkrError
from okrcore.history.former_names import present_ids

SETTLING = dt.timedelta(days=14)
"""How long a cycle's goals may change before they count as declared."""

Dated = tuple[dt.date | dt.datetime, Portfolio]


def settled_on(cycle: Cycle) -> dt.date:
    """Return the first day on which a cycle's goals count as declared."""
    return cycle.start + SETTLING if cycle.start <= dt.date.max - SETTLING else dt.date.max


def original_goals(versions: Sequence[Dated], cycles: Collection[str] | None = None) -> Portfolio:
    """Return the newest version with each goal of `cycles` (None: of all) as it was once they had settled.

    `versions` are in order of time. What a goal that was taken out refers to comes back with it. The newest
    version itself where no goal is other than it was. Goals that were renamed have their present ids; one
    that does not fit any more, since what it refers to is another, stays as it is now.
    """
    newest = versions[-1][1]
    present = present_ids(newest)
    known = [(at, named_as(present, portfolio)) for at, portfolio in versions]
    settled = {one.id: settled_on(one) for _, portfolio in known for one in portfolio.cycles}
    first: dict[str, KeyResult | Objective] = {}
    for (_, portfolio), (until, _) in pairwise([*known, (dt.date.max, newest)]):
        for goal, cycle in _goals(portfolio):
            if goal.id in first or (cycles is not None and cycle not in cycles):
                continue
            # where another version took its place before the cycle had settled, it was not declared yet
            if written_day(until) >= settled[cycle] and stage_of(goal, portfolio) == "active":
                first[goal.id] = goal
    now = {one.id: one for one in newest.definitions}
    kept = {name: _known_as(goal, now.get(name)) for name, goal in first.items()}
    other = {name: goal for name, goal in kept.items() if now.get(name) != goal}
    if not other:
        return newest
    everything = {one.id: one for _, portfolio in known for one in portfolio.definitions}
    return _with_those_that_fit(newest, sorted(other.values(), key=lambda one: _RANK[type(one)]), everything)


_RANK = {Objective: 0, KeyResult: 1}


def _with_those_that_fit(
    declared: Portfolio, goals: Sequence[KeyResult | Objective], everything: Mapping[str, Any]
) -> Portfolio:
    """Return a portfolio with goals in place of its own, and what they name; without those that do not fit.

    What was taken out, or measured in another unit, may no longer go with what came since.
    """
    if not goals:
        return declared
    try:
        return declared.with_(*_with_what_they_name(declared, goals, everything))
    except OkrError:
        half = len(goals) // 2
        if not half:
            return declared
        first = _with_those_that_fit(declared, goals[:half], everything)
        return _with_those_that_fit(first, goals[half:], everything)


def _known_as(goal: KeyResult | Objective, present: Any) -> KeyResult | Objective:
    """Return a goal with the former ids of the present one, under which its numbers are found."""
    if type(present) is not type(goal) or present.formerly == goal.formerly:
        return goal
    return attrs.evolve(goal, formerly=present.formerly)


def _with_what_they_name(
    declared: Portfolio, goals: Sequence[KeyResult | Objective], everything: Mapping[str, Any]
) -> list[Definition]:
    """Return goals with what they refer to that is not declared any more."""
    found: dict[str, Definition] = {one.id: one for one in goals}
    asked: list[Any] = list(goals)
    while asked:
        for _, name, _ in references(asked.pop()):
            if name is None or name in found or name in declared:
                continue
            if name in everything:
                found[name] = everything[name]
                asked.append(everything[name])
    return list(found.values())


def named_as(present: Mapping[str, str], portfolio: Portfolio) -> Portfolio:
    """Return a portfolio under the ids that its definitions bear by now, {old: present}."""
    ids = {old: name for old, name in present.items() if old in portfolio and name not in portfolio}
    try:
        return portfolio.renamed(ids) if ids else portfolio
    except OkrError:  # names that came back since: each version under its own
        return portfolio


def _goals(portfolio: Portfolio) -> Iterator[tuple[KeyResult | Objective, str]]:
    """Yield each goal with the id of its cycle."""
    cycles = {one.id: one.cycle for one in portfolio.objectives}
    yield from ((one, one.cycle) for one in portfolio.objectives)
    yield from ((one, cycles[one.objective]) for one in portfolio.key_results)
