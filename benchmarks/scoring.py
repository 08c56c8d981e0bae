"""Scoring a large enterprise against pandas, plain Python and a mere copy, in one run.

200,000 key results under 50,000 objectives, and 2,000,000 observations of them. Each figure is the best of
several runs; ratios are what matters. Run by `make bench`; the results are compared before they are timed.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

import okrcore as okr
from okrcore.scoring.roster import roster_of

GOALS, RESULTS, WEEKS = 50_000, 200_000, 10
AS_OF = dt.date(2026, 3, 15)


def best(work: Callable[[], object], runs: int) -> float:
    """Return the least time of several runs, in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times) * 1e3


def enterprise() -> okr.Portfolio:
    """Return the portfolio: four key results an objective, weights and goals that differ."""
    rng = np.random.default_rng(1)
    goals, weights = rng.uniform(10, 1000, RESULTS), rng.uniform(0.5, 2, RESULTS)
    cycle = okr.Cycle.quarter(2026, 1)
    objectives = [okr.Objective(id=f"o{n:06}", title="Goal", cycle=cycle.id) for n in range(GOALS)]
    results = [
        okr.KeyResult(
            id=f"k{n:06}",
            objective=f"o{n % GOALS:06}",
            title="Result",
            measure=okr.Target(0, float(goals[n])),
            weight=float(weights[n]),
            cadence="weekly",
        )
        for n in range(RESULTS)
    ]
    return okr.Portfolio.of(cycle, *objectives, *results)


def compiled_against_peers(portfolio: okr.Portfolio) -> None:
    """Compiled scoring plus roll-up against pandas by position, a Python loop and a copy of the inputs."""
    compiled = okr.compile_portfolio(portfolio)
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "start": compiled.measures.start,
            "goal": compiled.measures.goal,
            "weight": [result.weight for result in compiled.results],
            "objective": compiled.parent,
        }
    )
    complete = rng.uniform(-0.2, 1.2, RESULTS) * frame["goal"].to_numpy()
    holed = np.where(rng.random(RESULTS) < 0.25, np.nan, complete)

    def by_pandas(values: np.ndarray) -> tuple[pd.Series, pd.Series]:
        score = ((values - frame["start"]) / (frame["goal"] - frame["start"])).clip(0, 1)
        weight = frame["weight"].where(score.notna())
        known = weight.groupby(frame["objective"]).sum()
        mean = (score * weight).groupby(frame["objective"]).sum() / known
        return mean, known / frame["weight"].groupby(frame["objective"]).sum()

    rows = list(frame.itertuples(index=False, name=None))

    def by_loop(values: np.ndarray) -> list[float]:
        parts, whole = [0.0] * GOALS, [0.0] * GOALS
        for (start, goal, weight, objective), value in zip(rows, values.tolist(), strict=True):
            if value == value:
                score = min(max((value - start) / (goal - start), 0.0), 1.0)
                parts[objective] += weight * score
                whole[objective] += weight
        return [part / total if total else float("nan") for part, total in zip(parts, whole, strict=True)]

    columns = [frame[name].to_numpy() for name in frame] + [complete]
    copied = best(lambda: [column.copy() for column in columns], 30)
    print(f"{'':26}{'okrcore':>10}{'pandas':>10}{'ratio':>8}{'loop':>10}{'ratio':>8}{'copy':>8}{'ratio':>8}")
    for name, values in (("complete", complete), ("a quarter unknown", holed)):
        ours = compiled.score(values)
        theirs, coverage = by_pandas(values)
        np.testing.assert_allclose(ours.objectives, theirs.to_numpy(), rtol=1e-12)
        np.testing.assert_allclose(ours.coverage, coverage.to_numpy(), rtol=1e-12)
        np.testing.assert_allclose(ours.objectives, by_loop(values), rtol=1e-12)
        fast = best(partial(compiled.score, values), 30)
        panda, loop = best(partial(by_pandas, values), 15), best(partial(by_loop, values), 3)
        print(
            f"compiled, {name:16}{fast:8.2f}ms{panda:8.2f}ms{panda / fast:7.1f}x{loop:8.0f}ms"
            f"{loop / fast:7.0f}x{copied:6.2f}ms{fast / copied:7.1f}x"
        )


def evaluate_against_pandas(portfolio: okr.Portfolio) -> None:
    """Full `evaluate` from observations against pandas doing the same from the same observations."""
    rng = np.random.default_rng(3)
    compiled = okr.compile_portfolio(portfolio)
    names = np.array(compiled.key_results)
    goal = compiled.measures.goal
    row = np.tile(np.arange(RESULTS), WEEKS)
    day = np.repeat(np.datetime64("2026-01-05") + np.arange(WEEKS).astype("m8[W]").astype("m8[D]"), RESULTS)
    value = rng.uniform(-0.1, 1.1, len(row)) * goal[row]
    mixed = rng.permutation(len(row))
    row, day, value = row[mixed], day[mixed], value[mixed]
    measure = names[row]
    begin = time.perf_counter()
    history = okr.History.of_columns(measure, day, value)
    built = time.perf_counter() - begin
    facts = pd.DataFrame({"measure": pd.Categorical(measure, categories=names), "at": day, "value": value})
    begin = time.perf_counter()
    facts = facts.sort_values(["measure", "at"], kind="stable")
    sorted_in = time.perf_counter() - begin
    goals = pd.DataFrame(
        {
            "start": compiled.measures.start,
            "goal": goal,
            "weight": [result.weight for result in compiled.results],
            "objective": compiled.parent,
        },
        index=names,
    )
    elapsed = (AS_OF - dt.date(2026, 1, 1)).days / 89
    ranks = {"off-track": 0, "no-data": 1, "at-risk": 2, "early": 3, "on-track": 4, "achieved": 5}

    def by_pandas() -> pd.DataFrame:
        latest = facts[facts["at"] <= np.datetime64(AS_OF)].groupby("measure", observed=False)
        read = latest[["at", "value"]].last()
        progress = (read["value"] - goals["start"]) / (goals["goal"] - goals["start"])
        score = progress.clip(0, 1)
        ratio = progress / elapsed
        stale = read["at"].isna() | (np.datetime64(AS_OF) - read["at"] > np.timedelta64(16, "D"))
        status = np.select(
            [stale, progress >= 1, (elapsed < 0.1) & (progress >= 0), ratio >= 0.9, ratio >= 0.7],
            [1, 5, 3, 4, 2],
            0,
        )
        weight = goals["weight"].where(score.notna())
        fresh = weight.where(~stale)
        by = goals["objective"]
        whole = goals["weight"].groupby(by).sum()
        found = pd.DataFrame(
            {
                "score": (score * weight).groupby(by).sum() / weight.groupby(by).sum(),
                "coverage": fresh.groupby(by).sum() / whole,
                "low": (score * fresh).groupby(by).sum() / whole,
                "expected": (elapsed * weight).groupby(by).sum() / weight.groupby(by).sum(),
                "status": pd.Series(status, index=goals.index).groupby(by).min(),
            }
        )
        found["high"] = found["low"] + 1 - found["coverage"]
        return found

    snapshot = okr.evaluate(portfolio, history, as_of=AS_OF)
    theirs = by_pandas()
    np.testing.assert_allclose(snapshot.objective_values.score, theirs["score"], rtol=1e-12)
    np.testing.assert_allclose(snapshot.objective_values.low, theirs["low"], rtol=1e-9)
    known = [ranks[snapshot[name].status] for name in compiled.objectives[:2000]]
    np.testing.assert_array_equal(known, theirs["status"].to_numpy()[:2000])
    ours = best(lambda: okr.evaluate(portfolio, history, as_of=AS_OF), 5)
    panda = best(by_pandas, 5)
    many = best(lambda: okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-01-04", AS_OF)), 2)
    print(f"\nobservations to columns   {built * 1e3:8.0f}ms  pandas sorting {sorted_in * 1e3:8.0f}ms")
    print(f"evaluate, 2 M observations{ours:8.0f}ms  pandas {panda:16.0f}ms  ratio {panda / ours:5.1f}x")
    print(f"evaluate_many, 11 weeks   {many:8.0f}ms")
    evaluate_after_append(portfolio, history)


def evaluate_after_append(portfolio: okr.Portfolio, history: okr.History) -> None:
    """After one record more: every name looked up against what was added, all judged against what changed."""
    names = roster_of(portfolio).results.measures
    every = tuple(names)
    snapshot = okr.evaluate(portfolio, history, as_of=AS_OF)
    full, added, anew, again = list[float](), list[float](), list[float](), list[float]()
    for number in range(9):
        history = history.append([okr.Observation(f"new {number}", AS_OF, number)])
        for measures, times in ((every, full), (names, added)):
            begin = time.perf_counter()
            codes = history.codes(measures)
            times.append(time.perf_counter() - begin)
        np.testing.assert_array_equal(codes, history.codes(every))
        history = history.append([okr.Observation(every[number], AS_OF, number)])
        begin = time.perf_counter()
        whole = okr.evaluate(portfolio, history, as_of=AS_OF)
        middle = time.perf_counter()
        snapshot = okr.evaluate(portfolio, history, as_of=AS_OF, previous=snapshot)
        anew.append(middle - begin)
        again.append(time.perf_counter() - middle)
        np.testing.assert_array_equal(snapshot.objective_values.score, whole.objective_values.score)
        np.testing.assert_array_equal(snapshot.objective_values.status, whole.objective_values.status)
    for what, quick, slow in (("look up", added, full), ("evaluate", again, anew)):
        least, most = min(quick) * 1e3, min(slow) * 1e3
        print(f"{what:8} after one record {least:8.1f}ms  anew {most:18.1f}ms  ratio {most / least:5.1f}x")


if __name__ == "__main__":
    print(f"{RESULTS:,} key results under {GOALS:,} objectives")
    portfolio = enterprise()
    compiled_against_peers(portfolio)
    evaluate_against_pandas(portfolio)
