"""Which of 200 initiatives to fund: exactly, beside greedy by gain for cost, and beside all subsets of 16.

200 initiatives ask for a budget and ten teams; each helps one to four of 180 key results of 60 goals in three
tiers, and one in six harms another. The budget covers about a third of all costs. Greedy funds what gains the
first tier most for its cost as long as it fits, then the second, then the third. Both are judged by the same
formula. Of 16 initiatives all 65,536 subsets are tried, by arrays. Run by `make bench`.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from okrcore import (
    Cycle,
    Demand,
    History,
    Initiative,
    KeyResult,
    Link,
    Objective,
    Observation,
    Portfolio,
    Target,
    Team,
    evaluate,
    tradeoffs,
)
from okrcore.conflicts.sides import Scene
from okrcore.funding.funding_model import SLACK, Model, model_of
from okrcore.funding.problem import asked
from okrcore.scoring.snapshot import Snapshot

COMMITMENTS = ("committed", "aspirational", "learning")
NOW = dt.date(2026, 3, 31)
Floats = npt.NDArray[np.float64]


def main() -> None:
    """Print one line a figure."""
    portfolio, snapshot, budget = firm(works=200, goals=60, teams=10, seed=1)
    model = model_for(portfolio, snapshot, budget)
    begin = time.perf_counter()
    tradeoffs(portfolio, snapshot, budget=budget, next_units=False)
    once = time.perf_counter()
    plan = tradeoffs(portfolio, snapshot, budget=budget)
    whole = time.perf_counter()
    tradeoffs(portfolio, snapshot, budget=budget, partial=True)
    last = time.perf_counter()
    guess = greedy(model)
    done = time.perf_counter()
    print(f"200 initiatives, 60 goals, 10 teams, 3 tiers: {once - begin:.1f} s all or nothing,")
    print(
        f"  {whole - once:.1f} s with what the next unit of 11 bounds buys,"
        f" {last - whole:.1f} s in shares with prices; proven: {plan.proven}"
    )
    against = " / ".join(f"{a:.3f}" for a in plan.tiers)
    beside = " / ".join(f"{a:.3f}" for a in (model.tiers @ model.moved(guess)).tolist())
    print(f"  tiers gain {against}, greedy {beside} ({done - last:.3f} s)")
    short = 1 - float((model.tiers @ model.moved(guess))[0]) / plan.tiers[0]
    print(f"  greedy gains {short:.1%} less in the first tier")
    print_greedy()
    print_subsets()


def print_greedy() -> None:
    """Print by how much greedy falls short over 20 firms of 30 initiatives."""
    short = []
    for seed in range(20):
        portfolio, snapshot, budget = firm(works=30, goals=9, teams=4, seed=seed)
        model = model_for(portfolio, snapshot, budget)
        best = tradeoffs(portfolio, snapshot, budget=budget, next_units=False).tiers[0]
        short.append(1 - float((model.tiers @ model.moved(greedy(model)))[0]) / best)
    print(
        f"20 firms of 30 initiatives: greedy gains {np.median(short):.1%} less in the median,"
        f" {max(short):.1%} at worst, as much in {sum(one < 1e-6 for one in short)}"
    )


def print_subsets() -> None:
    """Print the time of all subsets of 16 initiatives, and whether the answers agree."""
    portfolio, snapshot, budget = firm(works=16, goals=6, teams=3, seed=3)
    model = model_for(portfolio, snapshot, budget)
    begin = time.perf_counter()
    plan = tradeoffs(portfolio, snapshot, budget=budget, next_units=False)
    middle = time.perf_counter()
    best = all_subsets(model)
    end = time.perf_counter()
    assert np.allclose(plan.tiers, model.tiers @ model.moved(best), atol=1e-7)
    ratio = (end - middle) / (middle - begin)
    print(
        f"16 initiatives: {middle - begin:.2f} s; by all 65,536 subsets at once as arrays"
        f" {end - middle:.2f} s ({ratio:.1f} times as long), the same tiers"
    )


def greedy(model: Model) -> Floats:
    """Return the shares of a greedy choice: tier by tier, the most gain for the cost that still fits."""
    shares = np.zeros(len(model.names))
    for tier in model.tiers:
        while True:
            now = float(tier @ model.moved(shares))
            best, at = 0.0, -1
            for one in np.flatnonzero(shares == 0).tolist():
                shares[one] = 1.0
                gain = (float(tier @ model.moved(shares)) - now) / max(model.cost[one], 1e-9)
                if gain > best and fits(model, shares):
                    best, at = gain, one
                shares[one] = 0.0
            if at < 0:
                break
            shares[at] = 1.0
    return shares


def fits(model: Model, shares: Floats) -> bool:
    """Return whether all bounds hold."""
    return all(one.asks @ shares <= one.limit + SLACK * one.size for one in model.bounds)


def all_subsets(model: Model) -> Floats:
    """Return the shares of the best subset, tier after tier."""
    count = len(model.names)
    every = ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(float)
    for bound in model.bounds:
        every = every[every @ bound.asks <= bound.limit + SLACK * bound.size]
    moved = np.minimum(model.room, every @ model.effect.T)
    for tier in model.tiers:
        value = moved @ tier
        kept = value >= value.max() - SLACK
        every, moved = every[kept], moved[kept]
    return np.asarray(every[0])


def model_for(portfolio: Portfolio, snapshot: Snapshot, budget: float) -> Model:
    """Return the arrays that the answer is computed from."""
    scene = Scene(portfolio, snapshot.when)
    given = asked(scene, scene.portfolio, budget=budget, capacity=None, tiers=None, required=(), excluded=())
    return model_of(scene, list(scene.initiatives.values()), snapshot, given)


def firm(*, works: int, goals: int, teams: int, seed: int) -> tuple[Portfolio, Snapshot, float]:
    """Return an organisation, its scores, and a budget that covers a third of what is proposed."""
    rng = random.Random(seed)
    year = Cycle.year(2026)
    made: list[Any] = [year]
    results = [f"r{n}" for n in range(3 * goals)]
    asks = dict.fromkeys(range(teams), 0.0)
    links: dict[tuple[str, str], Link] = {}
    total = 0.0
    for n in range(goals):
        word: Any = COMMITMENTS[n % 3]
        made.append(Objective(id=f"o{n}", title="o", cycle=year.id, commitment=word))
    for n, name in enumerate(results):
        weight = float(rng.randint(1, 3))
        made.append(
            KeyResult(id=name, title="r", objective=f"o{n % goals}", weight=weight, measure=Target(0, 100))
        )
    for n in range(works):
        cost, team, amount = round(rng.lognormvariate(4, 0.7), 1), rng.randrange(teams), rng.randint(2, 20)
        asks[team] += amount
        total += cost
        demand = [Demand(f"t{team}", amount)]
        start = dt.date(2026, rng.choice((1, 4, 7)), 1)
        made.append(Initiative(id=f"i{n}", title="i", cost=cost, demand=demand, start=start))
        for target in rng.sample(results, rng.randint(1, 4)):
            weight = round(rng.uniform(0.1, 0.6), 2)
            sign: Any = -1 if rng.random() < 1 / 6 else 1
            links[f"i{n}", target] = Link(source=f"i{n}", target=target, sign=sign, weight=weight)
    made += [Team(id=f"t{team}", capacity=round(0.5 * asked)) for team, asked in asks.items()]
    portfolio = Portfolio.of(*made, *links.values())
    seen = [Observation(name, NOW, rng.randint(0, 80)) for name in results]
    return portfolio, evaluate(portfolio, History.of(seen), as_of=NOW), round(total / 3, 1)


if __name__ == "__main__":
    main()
