"""A plan into what the next unit of each budget and capacity would buy (S19)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs
import numpy as np

from okrcore.conflicts.tradeoffs.model import Floats, Model
from okrcore.conflicts.tradeoffs.plan import NextUnit
from okrcore.conflicts.tradeoffs.solver import Answer, Least, Program, held, plan

IMPROVED = 1e-6
"""What a tier must gain to count: a millionth of one goal."""


def next_units(program: Program, answer: Answer) -> Iterator[NextUnit]:
    """Yield what more of each budget and capacity would buy, the budget first; nothing where it is idle."""
    ask = _price if program.partial else _least
    for name in dict.fromkeys(bound.name for bound in program.model.bounds):
        unit = ask(program, answer.shares, name)
        if unit is not None:
            yield unit


def _price(program: Program, shares: Floats, name: str) -> NextUnit | None:
    """The shadow price of the first tier that has one, just past the bound.

    At the bound itself a price may be that of the last unit; a millionth further it is that of the next.
    """
    model = program.model
    size = max(one.size for one in model.bounds if one.name == name)
    past = attrs.evolve(program, model=model.more(name, IMPROVED * size))
    rows: list[Least] = []
    for number, tier in enumerate(model.tiers, 1):
        price = past.price(past.over(gains=tier), rows, name) if tier.any() else 0.0
        if price * size > IMPROVED:
            return NextUnit(of=name, tier=number, amount=None, gain=price)
        rows.append(held(program, tier, float(tier @ model.moved(shares))))
    return None


def _least(program: Program, shares: Floats, name: str) -> NextUnit | None:
    """The least further amount that lets the first tier gain that can, and the plan that follows."""
    model = program.model
    rows: list[Least] = []
    for number, tier in enumerate(model.tiers, 1):
        value = float(tier @ model.moved(shares))
        if tier.any():
            better = Least(program.over(gains=tier), value + IMPROVED)
            found = program.best(program.over(further=-1.0), [*rows, better], relaxed=name)
            if found is not None:
                return _bought(program, shares, name, number, _missing(model, found.shares, name))
        rows.append(held(program, tier, value))
    return None


def _missing(model: Model, shares: Floats, name: str) -> float:
    """By how much these shares pass the bounds of one name."""
    return max(math.fsum(one.asks * shares) - one.limit for one in model.bounds if one.name == name)


def _bought(program: Program, shares: Floats, name: str, number: int, amount: float) -> NextUnit:
    after = plan(attrs.evolve(program, model=program.model.more(name, amount))).shares
    tier, moved = program.model.tiers[number - 1], program.model.moved
    changed = np.sign(after - shares).tolist()
    return NextUnit(
        of=name,
        tier=number,
        amount=amount,
        gain=float(tier @ moved(after) - tier @ moved(shares)),
        funds=tuple(one for one, sign in zip(program.model.names, changed, strict=True) if sign > 0),
        drops=tuple(one for one, sign in zip(program.model.names, changed, strict=True) if sign < 0),
    )
