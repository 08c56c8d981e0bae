"""Derive 1,000 formulas of 5 inputs over 260 weeks, whole and after one appended record, beside pandas.

Run: python benchmarks/formulas.py [formulas]. Both sides choose the last known record of each moment, add up
by week and combine; pandas gives the values as known now, okrcore those of every moment. pandas does so in
one pivot of everything, and as notebooks do, input by input (measured on 50 formulas, in proportion).
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from okrcore import Formula, History, Kpi, Observation, Portfolio
from okrcore.history import derive

WEEKS, INPUTS, RUNS = 260, 5, 5
FIRST = dt.date(2021, 1, 4)


def best(run: Callable[[Any], Any], times: int, fresh: Callable[[], Any] = lambda: None) -> tuple[float, Any]:
    """Return the least processor time of some runs in seconds, each of what is fresh, and the last result."""
    shortest, result = np.inf, None
    for _ in range(times):
        given = fresh()
        start = time.process_time()
        result = run(given)
        shortest = min(shortest, time.process_time() - start)
    return shortest, result


def made(formulas: int) -> tuple[Portfolio, History, pd.DataFrame]:
    """Return formulas over inputs of their own, a record a week of each, one in fifty restated."""
    random = np.random.default_rng(1)
    names = [f"x{at}" for at in range(formulas * INPUTS)]
    kpis = [Kpi(id=name, title=name, unit="EUR", cadence="weekly", aggregate="sum") for name in names]
    expr = "(a - b - c) / (a + d) + e / a"
    derived = [
        Kpi(id=f"f{at}", title="f", unit="%", formula=Formula(
            expr, {alias: names[at * INPUTS + place] for place, alias in enumerate("abcde")}))
        for at in range(formulas)
    ]  # fmt: skip
    days = np.datetime64(FIRST) + np.arange(WEEKS) * 7 + 2
    at = np.tile(days, len(names))
    frame = pd.DataFrame({"measure": np.repeat(names, WEEKS), "at": at})
    frame["value"] = random.uniform(10, 20, len(frame))
    frame["recorded"] = frame["at"] + pd.Timedelta(days=1)
    again = frame.sample(frac=0.02, random_state=1)
    again = again.assign(value=again["value"] + 1, recorded=again["recorded"] + pd.Timedelta(days=30))
    frame = pd.concat([frame, again], ignore_index=True)
    measure, value = frame["measure"].to_numpy(), frame["value"].to_numpy()
    at, recorded = (frame[name].to_numpy().astype("datetime64[D]") for name in ("at", "recorded"))
    history = History.of_columns(measure, at, value, recorded_at=recorded)
    return Portfolio.of(*kpis, *derived), history, frame


def by_pandas(frame: pd.DataFrame, portfolio: Portfolio) -> pd.DataFrame:
    """Return every formula's value by week, as known now."""
    kept = frame.sort_values(["measure", "at", "recorded"]).drop_duplicates(["measure", "at"], keep="last")
    wide = kept.groupby(["measure", pd.Grouper(key="at", freq="W")])["value"].sum().unstack("measure")
    columns = {}
    for kpi in portfolio.kpis:
        if kpi.formula is not None:
            a, b, c, d, e = (wide[name] for name in kpi.formula.inputs.values())
            columns[kpi.id] = 100 * ((a - b - c) / (a + d) + e / a)
    return pd.DataFrame(columns)


def by_resampling(frame: pd.DataFrame, portfolio: Portfolio, most: int) -> pd.DataFrame:
    """Return the same of the first formulas as a notebook does it: each input resampled by itself."""
    parts = dict(tuple(frame.groupby("measure", sort=False)))
    columns = {}
    for kpi in [one for one in portfolio.kpis if one.formula is not None][:most]:
        read = []
        for name in kpi.formula.inputs.values() if kpi.formula else ():
            kept = parts[name].sort_values(["at", "recorded"]).drop_duplicates("at", keep="last")
            read.append(kept.set_index("at")["value"].resample("W").sum())
        a, b, c, d, e = read
        columns[kpi.id] = 100 * ((a - b - c) / (a + d) + e / a)
    return pd.DataFrame(columns)


def main() -> None:
    formulas = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    portfolio, history, frame = made(formulas)
    derive(portfolio, History.of([]))  # the portfolio's own layout is made once
    rows = history.batch()
    whole, found = best(partial(derive, portfolio), RUNS, lambda: History().with_batch(rows))
    beside, expected = best(lambda _: by_pandas(frame, portfolio), RUNS)
    asked = min(formulas, 50)
    named = [name for kpi in portfolio.kpis if kpi.formula for name in kpi.formula.inputs.values()]
    small = frame[frame["measure"].isin(named[: asked * INPUTS])]
    single = best(lambda _: by_resampling(small, portfolio, asked), 1)[0] * formulas / asked
    got = found.series("f7").values
    assert np.allclose(got, expected["f7"].to_numpy()), "both sides must agree"
    derived = derive(portfolio, history)
    late = FIRST + dt.timedelta(days=7 * WEEKS + 40)
    appended = [
        history.append([Observation("x3", FIRST + dt.timedelta(days=7 * week + 2), 15.0, recorded_at=late)])
        for week in range(5)
    ]
    after, _ = best(partial(derive, portfolio), len(appended), iter(appended).__next__)
    last = derive(portfolio, appended[-1])
    assert len(last) == len(derived) + 2, "one record more, and one derived anew"
    print(f"{formulas:,} formulas of {INPUTS} inputs over {WEEKS} weeks, {len(frame):,} records")
    heads = f"{'okrcore':>12}{'one pivot':>12}{'ratio':>8}{'by resample':>14}{'ratio':>8}"
    print(f"{'milliseconds of processor':28}{heads}")
    for what, mine in (("derive", whole), ("after one appended", after)):
        ratios = f"{beside * 1e3:>12.1f}{beside / mine:>7.1f}x{single * 1e3:>14.1f}{single / mine:>7.0f}x"
        print(f"{what:28}{mine * 1e3:>12.2f}{ratios}")


if __name__ == "__main__":
    main()
