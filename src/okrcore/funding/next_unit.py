"""Price the next unit of each budget and capacity of a plan (S19)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs

from okrcore.funding.funding_model import Floats, Model
from okrcore.funding.plan import NextUnit
from okrcore.funding.solver import Least, Program, Solution, held, plan, step

IMPROVED = 1e-6
"""What a tier must gain to count: a millionth of one goal."""


def what_next(program: Program, answer: Solution) -> Iterator[NextUnit]:
    """Yield what more of each budget and capacity would buy, the budget first; nothing where it is idle."""
    ask = _price if program.partial else _least
    for name in dict.fromkeys(bound.name for bound in program.model.bounds):
        unit = ask(program, answer, name)
        if unit is not None:
            yield unit


def _price(program: Program, answer: Solution, name: str) -> NextUnit | None:
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
        rows.append(held(program, tier, float(tier @ model.moved(answer.shares))))
    return None


def _least(program: Program, answer: Solution, name: str) -> NextUnit | None:
    """The least further amount that lets the first tier gain that can, and the plan that follows.

    Which tier can gain is told by leaving the bound out; so each search starts from shares that hold.
    """
    model = program.model
    rows: list[Least] = []
    free = answer
    for number, tier in enumerate(model.tiers, 1):
        value, goal = float(tier @ model.moved(answer.shares)), program.over(gains=tier)
        free = step(program, goal, rows, free, relaxed=name)
        if tier @ model.moved(free.shares) > value + IMPROVED:
            rows.append(Least(goal, value + IMPROVED))
            least = step(program, _thrift(program, name), rows, free, relaxed=name)
            amount = _missing(model, least.shares, name)
            after = plan(attrs.evolve(program, model=model.more(name, amount)))
            proven = least.proven and after.proven
            return _bought(model, answer.shares, after.shares, name, number, amount, proven)
        rows.append(held(program, tier, value))
    return None


def _thrift(program: Program, name: str) -> Floats:
    """The goal to ask little: of one bound what is asked, of several the most by which one is passed."""
    asks = [one.asks for one in program.model.bounds if one.name == name]
    return program.over(shares=-asks[0]) if len(asks) == 1 else program.over(further=-1.0)


def _missing(model: Model, shares: Floats, name: str) -> float:
    """By how much these shares pass the bounds of one name."""
    return max(math.fsum(one.asks * shares) - one.limit for one in model.bounds if one.name == name)


def _bought(
    model: Model, before: Floats, after: Floats, name: str, number: int, amount: float, proven: bool
) -> NextUnit:
    tier, changed = model.tiers[number - 1], (after - before).tolist()
    return NextUnit(
        of=name,
        tier=number,
        amount=amount,
        gain=float(tier @ model.moved(after) - tier @ model.moved(before)),
        funds=tuple(one for one, change in zip(model.names, changed, strict=True) if change > 0),
        drops=tuple(one for one, change in zip(model.names, changed, strict=True) if change < 0),
        proven=proven,
    )
