"""A large schedule: delays of everything, and of one small slip, beside the peer's longest path, in one run.

500,000 milestones and 1,000,000 dependencies, each on one of the 50,000 milestones before, which makes about
60 levels; and once more on one of the 2,000 before, which makes about 1,200. The peer is networkx's
`dag_longest_path_length`, which is one forward pass over the same graph, given as weights of edges. Both
begin with their own graph laid out; what laying it out costs is printed too. Run by `make bench`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.digraph import levels
from okrcore.schedule.delays import DatedPlan, Delays, delays
from okrcore.schedule.network import DependencyEdges, MilestoneNetwork
from okrcore.schedule.slacks import slacks

MILESTONES, DEPENDENCIES, REACHES = 500_000, 1_022_000, (50_000, 2_000)
Floats = NDArray[np.float64]


def main() -> None:
    """Print one line a figure, for each of the two networks."""
    for reach in REACHES:
        figures(reach)


def figures(reach: int) -> None:
    """Print what one network costs."""
    began = time.perf_counter()
    network, length = large_network(reach)
    print(f"{len(network.start):,} milestones, {len(network.leads_to.before):,} dependencies,", end=" ")
    print(f"{len(network.bounds) - 1:,} levels; laid out in {time.perf_counter() - began:.1f} s")
    rng = np.random.default_rng(1)
    slips = rng.integers(0, 10, MILESTONES).astype(np.float64)
    plan = planned(network)
    everything = best(lambda: delays(network, plan, slips, np.flatnonzero(slips)))
    print(f"  a slip of nearly every milestone: {everything * 1e3:.0f} ms")
    back = best(lambda: slacks(network, plan.start, plan.finish))
    print(f"  latest starts and slacks: {back * 1e3:.0f} ms")
    small(network, plan)
    weekends(network, plan, slips)
    peer(network, length, everything)


def large_network(reach: int) -> tuple[MilestoneNetwork, Floats]:
    """Return a network whose milestones begin as soon as they can, and their lengths."""
    rng = np.random.default_rng(0)
    after = rng.integers(1, MILESTONES, DEPENDENCIES)
    before = np.maximum(after - rng.integers(1, reach, DEPENDENCIES), 0)
    _, first = np.unique(after * MILESTONES + before, return_index=True)  # each pair once
    after, before = after[first], before[first]
    height = levels(MILESTONES, after, before)
    order = np.argsort(height, kind="stable")
    row = np.empty(MILESTONES, dtype=np.int64)
    row[order] = np.arange(MILESTONES)
    bounds = np.searchsorted(height[order], np.arange(height.max() + 2))
    lag = rng.integers(0, 5, len(after)).astype(np.float64)
    parts = (row[before], row[after], lag, np.zeros(len(after), dtype=np.bool_))
    length = rng.integers(0, 20, MILESTONES).astype(np.float64)
    nothing = np.zeros(MILESTONES)
    network = MilestoneNetwork(
        milestones=(None,) * MILESTONES,  # type: ignore[arg-type]
        rows={},
        start=nothing,
        finish=length,
        due=length,
        recoverable=nothing,
        done=np.full(MILESTONES, np.inf),
        bounds=bounds,
        leads_to=DependencyEdges.by(parts[0], MILESTONES, *parts),
        waits_for=DependencyEdges.by(parts[1], MILESTONES, *parts),
        calendar=Calendar(),
    )
    soon = delays(network, planned(network), nothing, np.zeros(0, dtype=np.int64))
    start = np.array(soon.start)
    return attrs.evolve(network, start=start, finish=start + length, due=start + length), length


def planned(network: MilestoneNetwork) -> DatedPlan:
    """Return the plan of a network in which nothing is late yet."""
    open_, none = np.full(len(network.start), np.inf), np.zeros(0, dtype=np.int64)
    floor = np.zeros(len(network.start))
    return DatedPlan(network.start, network.finish, network.due, open_, floor, none, none)


def small(network: MilestoneNetwork, plan: DatedPlan) -> None:
    """Print what single slips cost, by how much they touch."""
    rng = np.random.default_rng(2)
    spent: list[tuple[int, float]] = []
    for one in rng.integers(0, MILESTONES, 50).tolist():
        slips = np.zeros(MILESTONES)
        slips[one] = 2.0
        found: list[Delays] = []
        seeds = np.array([one])
        cost = best(lambda: found.append(delays(network, plan, slips, seeds)), times=2)  # noqa: B023
        spent.append((len(found[-1].touched), cost))
    spent.sort()
    for touched, cost in (spent[0], spent[len(spent) // 2], spent[-1]):
        print(f"  one slip that touches {touched:,}: {cost * 1e3:.2f} ms")


def weekends(network: MilestoneNetwork, plan: DatedPlan, slips: Floats) -> None:
    """Print what it costs where every lag counts working days."""
    edges = [
        attrs.evolve(one, working=np.ones(len(one.lag), dtype=np.bool_))
        for one in (network.leads_to, network.waits_for)
    ]
    holidays = tuple(dt.date(2026, 1, 1) + dt.timedelta(weeks=week) for week in range(50))
    working = attrs.evolve(
        network, leads_to=edges[0], waits_for=edges[1], calendar=Calendar(holidays=holidays)
    )
    cost = best(lambda: delays(working, plan, slips, np.flatnonzero(slips)), times=1)
    print(f"  the same with every lag in working days: {cost * 1e3:.0f} ms")


def peer(network: MilestoneNetwork, length: Floats, everything: float) -> None:
    """Print the ratio to the peer, and that both find the same longest path."""
    import networkx as nx

    edges = network.leads_to
    weights = length[edges.before] + edges.lag
    graph = nx.DiGraph()
    pairs = zip(edges.before.tolist(), edges.after.tolist(), weights.tolist(), strict=True)
    graph.add_weighted_edges_from(pairs)
    began = time.perf_counter()
    longest = nx.dag_longest_path_length(graph)
    spent = time.perf_counter() - began
    same = "the same longest path" if longest == network.start.max() else "ANOTHER longest path"
    print(f"  networkx's longest path: {spent:.1f} s, {spent / everything:.0f} times as long; {same}")


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the least of several timings, in seconds."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)


if __name__ == "__main__":
    main()
