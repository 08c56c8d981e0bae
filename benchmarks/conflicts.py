"""Conflicts asked for every week of a year, and searched for in a large portfolio, in one run.

Stories with and without harm are generated from a seed: a count of interventions that lifts throughput some
weeks later and, with harm, takes uptime in the next week; four more series that remember themselves by a
random share. Asked from week 20 on, for before that no test has enough weeks (S9.3). 30 stories of each kind;
`--full` takes 300. The large portfolio has 100,000 KPIs and 300,000 links; the peer is a nested loop over
sources and their chains, on a share of the sources and scaled; none of its finds is missing.
Run by `make bench`.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from okrcore.conflicts.find import find_conflicts
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Target
from okrcore.definitions.moments import weekly
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.history import History
from okrcore.surfaces.stories import FIRST, LAST, story

Floats = NDArray[np.float64]
WEEKS, FIRST_TEST = 52, 20
SUNDAYS = [dt.date(2026, 1, 4) + dt.timedelta(7 * week) for week in range(WEEKS)]
FOUND = "measured:throughput|uptime"
KPIS, LINKS, GOALS, LOOPED = 100_000, 300_000, 200, 2_000


def main(full: bool) -> None:
    """Print one line a figure."""
    asked_every_week(300 if full else 30)
    stories(30 if full else 4)
    large_portfolio()


def asked_every_week(count: int) -> None:
    """Share of stories ever flagged without harm, and the week first found with harm."""
    portfolio = warehouse()
    began = time.process_time()
    for harm in (0.0, 0.4, 1.0):
        firsts, others = [], 0
        for seed in range(count):
            history = history_of(generated(seed, harm))
            first, wrong = None, False
            for week in range(FIRST_TEST, WEEKS + 1):
                found = find_conflicts(portfolio, history, as_of=SUNDAYS[week - 1])
                ids = {one.id for one in found if one.kind == "measured"}
                if harm and FOUND in ids and first is None:
                    first = week
                wrong = wrong or bool(ids - {FOUND} if harm else ids)
            firsts.append(first)
            others += wrong
        hits = sorted(week for week in firsts if week is not None)
        if not harm:
            print(f"asked weekly for a year, no harm: {others} of {count} stories ever flagged")
            continue
        late = [*hits, *[WEEKS + 1] * (count - len(hits))]
        print(
            f"  harm {harm:.1f}: found in {len(hits)} of {count}, median week {late[count // 2]}"
            f" (a tenth by week {late[count // 10]}); another pair flagged in {others}"
        )
    asks = 3 * count * (WEEKS - FIRST_TEST + 1)
    print(f"  {(time.process_time() - began) / asks * 1e3:.1f} ms each time, generating included")


def stories(count: int) -> None:
    """The week in which the logistics story's harm is first found, by seed."""
    weeks = []
    for seed in (2026, *range(count - 1)):
        portfolio, history = story("logistics", seed=seed)
        days = weekly(FIRST, LAST)
        told = (
            any(one.kind == "measured" for one in find_conflicts(portfolio, history, as_of=day))
            for day in days[FIRST_TEST - 1 :]
        )
        weeks.append(next((FIRST_TEST + at for at, hit in enumerate(told) if hit), None))
    print(f"logistics story, seeds 2026, 0, 1 ...: first found in week {weeks} of 40")


def warehouse() -> Portfolio:
    """What is declared: the gain, and nothing about the harm."""
    kpis = [
        Kpi(id="lanes", title="Lanes", better="higher", cadence="weekly"),
        Kpi(id="parcels", title="Parcels", better="higher", cadence="weekly"),
        Kpi(id="uptime", title="Uptime", target=Band(low=0), cadence="weekly", incentivised=True),
        Kpi(id="missorted", title="Missorted", target=Band(high=1e6), cadence="weekly"),
        Kpi(id="cost", title="Cost", better="lower", incentivised=True, cadence="weekly"),
    ]
    results = [
        KeyResult(
            id="throughput", objective="peak", title="", measure=Target(-1e6, 0), measured_by="parcels"
        ),
        KeyResult(id="same-day", objective="peak", title="", measure=Target(-1e6, 0), cadence="weekly"),
    ]
    link = Link(source="lanes", target="throughput", sign=1, lag="2w..6w")
    return Portfolio.of(Cycle.year(2026), Objective(id="peak", title="", cycle="2026"), *kpis, *results, link)


def generated(seed: int, harm: float) -> Mapping[str, Floats]:
    """A year of numbers; every series but the lanes remembers a share of itself."""
    rng = np.random.default_rng([seed, 13])
    keeps = rng.uniform(0.0, 0.8, 5)
    lanes = rng.poisson(2.3, WEEKS).astype(np.float64)
    gained = np.cumsum(np.convolve(lanes, (0, 0, 0.15, 0.4, 0.25, 0.15, 0.05))[:WEEKS])
    lost = 0.4 * np.convolve(lanes, (0.35, 0.65))[:WEEKS]
    return {
        "lanes": lanes,
        "parcels": 10_030 + 20 * gained + remembering(rng, keeps[0], 13.0),
        "uptime": 98.75 - harm * lost + remembering(rng, 0.3, 0.14),
        "missorted": 0.6 + remembering(rng, keeps[1], 0.05),
        "same-day": 90.0 + remembering(rng, keeps[2], 0.25),
        "cost": 40.0 + np.cumsum(remembering(rng, keeps[3] / 2, 1.0)),
    }


def remembering(rng: np.random.Generator, keeps: float, size: float) -> Floats:
    """First-order autoregressive noise."""
    noise = rng.standard_normal(WEEKS) * size
    for week in range(1, WEEKS):
        noise[week] += keeps * noise[week - 1]
    return noise


def history_of(values: Mapping[str, Floats]) -> History:
    """The history of weekly series."""
    names = [name for name in values for _ in SUNDAYS]
    return History.of_columns(names, SUNDAYS * len(values), np.concatenate(list(values.values())))


def large_portfolio() -> None:
    """Opposed goals among 100,000 KPIs and 300,000 links, against nested loops."""
    rng = np.random.default_rng(8)
    names = np.array([f"k{row:06d}" for row in range(KPIS)])
    ends = rng.integers(0, KPIS, (LINKS + 1000, 2))
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    ends = ends[rng.permutation(len(ends))[:LINKS]]
    harmful = rng.random(LINKS) < 0.02
    goals = set(rng.choice(KPIS, GOALS, replace=False).tolist())
    links = [
        Link(source=str(names[a]), target=str(names[b]), sign=-1 if bad else 1, weight=0.9)
        for (a, b), bad in zip(ends.tolist(), harmful.tolist(), strict=True)
    ]
    kpis = [
        Kpi(id=str(name), title="", better="higher", incentivised=row in goals)
        for row, name in enumerate(names)
    ]
    portfolio = Portfolio.of(*kpis, *links)
    began = time.process_time()
    found = find_conflicts(portfolio, as_of="2026-06-30")
    fast = time.process_time() - began

    out: dict[int, list[tuple[int, int]]] = {}
    for (a, b), bad in zip(ends.tolist(), harmful.tolist(), strict=True):
        out.setdefault(a, []).append((b, -1 if bad else 1))
    looped: dict[tuple[int, int], float] = {}
    began = time.process_time()
    for source in range(LOOPED):
        helped, hurt = effects(source, out, goals)
        for one, gain in helped.items():
            for other, loss in hurt.items():
                if one != other:
                    key = (min(one, other), max(one, other))
                    looped[key] = max(looped.get(key, 0.0), min(gain, loss))
    slow = (time.process_time() - began) * KPIS / LOOPED
    degrees = {one.sides: one.degree for one in found}
    for (low, high), degree in looped.items():
        assert degrees[(str(names[low]), str(names[high]))] >= degree - 1e-12
    print(
        f"100,000 KPIs, 300,000 links, {GOALS} goals: {len(found)} conflicts in {fast:.2f} s;"
        f" nested loops {slow:.0f} s, {slow / fast:.0f} times as long"
    )


def effects(
    source: int, out: Mapping[int, list[tuple[int, int]]], goals: set[int]
) -> tuple[dict[int, float], dict[int, float]]:
    """Strongest help and harm of each goal over every chain of at most 6 links."""
    found: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for node, sign, weight in chains((source,), 1, 1.0, out):
        if node in goals:
            side = found[sign < 0]
            side[node] = max(side.get(node, 0.0), weight)
    return found


def chains(
    path: tuple[int, ...], sign: int, weight: float, out: Mapping[int, list[tuple[int, int]]]
) -> Iterator[tuple[int, int, float]]:
    """End, sign and weight of each chain without a node twice."""
    yield path[-1], sign, weight
    if len(path) <= 6:
        for after, turn in out.get(path[-1], ()):
            if after not in path:
                yield from chains((*path, after), sign * turn, weight * 0.9, out)


if __name__ == "__main__":
    main(full="--full" in sys.argv[1:])
