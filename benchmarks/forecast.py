"""Are the probabilities of reaching a target right, and how do simpler answers do on the same weeks?

    python benchmarks/forecast.py [--full] [--series FILE]

Backtest on real weekly series (M4): random windows of n weeks, the sign drawn at random, 13 weeks ahead,
five targets from -.5 to 1.5 sd sqrt(13) away. Brier score, calibration error over ten bins, and how often
the 80 % interval covers; quick mode one seed, --full three. A line "floor" says what is promised; exits 1
where one is missed. Skipped, with the reason, where the series are not there. Before it, simulated: a leading
series offered to the forecast, where it leads and where it does not, and sums of counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from okrcore.leading.leaders import Leader, crps, led_futures, try_leader
from okrcore.leading.path_models import arima011, block_bootstrap, damped_holt, flow3, mix4, random_walk
from okrcore.leading.target_probability import forecast, forecast_many

Floats = NDArray[np.float64]
Model = Callable[..., Floats]
AHEAD, PATHS = 13, 1200
TARGETS = np.array([-0.5, 0.0, 0.5, 1.0, 1.5])
MODELS: dict[str, Model] = {
    "okrcore (pool of four)": mix4,
    "damped Holt": damped_holt,
    "ARIMA(0,1,1), shrunk drift": arima011,
    "block bootstrap": block_bootstrap,
    "random walk, shrunk drift": random_walk,
    "random walk, full drift": lambda *args, **options: random_walk(*args, shrink=None, **options),
}
missed: list[str] = []


def floor(name: str, value: float, most: float) -> None:
    print(f"    floor {'held  ' if value <= most else 'MISSED'} {name}: {value:.4f} (<= {most:g})")
    if value > most:
        missed.append(name)


def straight_line(past: Floats, ahead: int, rng: np.random.Generator, *, paths: int) -> Floats:
    """Least-squares trend with Student t errors, the textbook extrapolation."""
    n = past.shape[1]
    t = np.arange(n) - (n - 1) / 2
    slope = past @ t / (t @ t)
    left = past - past.mean(axis=1, keepdims=True) - slope[:, None] * t
    sd = np.sqrt((left**2).sum(axis=1) / (n - 2))
    later = np.arange(n, n + ahead) - (n - 1) / 2
    centre = past.mean(axis=1)[:, None] + slope[:, None] * later
    width = np.sqrt(1 + 1 / n + later**2 / (t @ t))
    noise = rng.standard_t(n - 2, (len(past), paths, ahead))
    return np.asarray(centre[:, None] + sd[:, None, None] * noise * width)


def windows(path: Path, n: int, seed: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    rows = [np.array([float(v) for v in line.split(",")[1:] if v not in ("", "NA")]) for line in lines]
    cut = [
        row[a : a + n + AHEAD]
        for row in rows
        if len(row) > n + AHEAD
        for a in rng.choice(len(row) - n - AHEAD, min(4, len(row) - n - AHEAD), replace=False)
    ]
    data = np.array(cut)
    data = data[np.diff(data[:, :n]).std(axis=1) > 1e-6]
    data *= np.where(rng.random(len(data)) < 0.5, -1.0, 1.0)[:, None]
    return data[:, :n], data[:, n:]


def brier(p: Floats, outcome: NDArray[np.bool_]) -> float:
    return float(np.mean((p - outcome) ** 2))


def calibration_error(p: Floats, outcome: NDArray[np.bool_]) -> float:
    box = np.minimum((p * 10).astype(int), 9)
    return float(
        sum(
            abs(p[box == i].mean() - outcome[box == i].mean()) * np.mean(box == i)
            for i in range(10)
            if (box == i).any()
        )
    )


def scores(model: Model, past: Floats, future: Floats, seed: int) -> list[float]:
    goals = past[:, -1:] + TARGETS * np.diff(past).std(axis=1)[:, None] * np.sqrt(AHEAD)
    start = time.perf_counter()
    paths = model(past, AHEAD, np.random.default_rng(seed + 100), paths=PATHS)
    took = (time.perf_counter() - start) / len(past)
    out = []
    for value, real in ((paths[:, :, -1], future[:, -1]), (paths.max(axis=2), future.max(axis=1))):
        p = ((value[:, :, None] >= goals[:, None]).sum(axis=1) + 0.5) / (value.shape[1] + 1)
        reached = real[:, None] >= goals
        out += [brier(p, reached), calibration_error(p, reached)]
    low, high = np.quantile(paths[:, :, -1], (0.1, 0.9), axis=1)
    return [*out, float(np.mean((low <= future[:, -1]) & (future[:, -1] <= high))), took * 1e6]


def yes_or_no(past: Floats, future: Floats) -> tuple[float, float]:
    """The usual status: is the straight line from first to last value on pace?"""
    goals = past[:, -1:] + TARGETS * np.diff(past).std(axis=1)[:, None] * np.sqrt(AHEAD)
    pace = (past[:, -1:] + (past[:, -1:] - past[:, :1]) / (past.shape[1] - 1) * AHEAD >= goals).astype(float)
    return brier(pace, future[:, -1:] >= goals), brier(pace, future.max(axis=1)[:, None] >= goals)


def backtest(path: Path, seeds: int) -> None:
    for n in (13, 26, 52, 104):
        sets = [windows(path, n, seed) for seed in range(seeds)]
        count = sum(len(past) for past, _ in sets)
        print(f"\n[n = {n}] {count} windows, {AHEAD} weeks ahead; at the end | on the way")
        print("                                Brier    ECE  covers 80 % | Brier    ECE  | us a series")
        table = {
            name: np.mean([scores(model, *one, seed) for seed, one in enumerate(sets)], axis=0)
            for name, model in {**MODELS, "straight line": straight_line}.items()
        }
        for name, row in sorted(table.items(), key=lambda item: float(item[1][0])):
            print(
                f"    {name:26s} {row[0]:.4f}  {row[1]:.3f}     {row[4]:.3f}    | {row[2]:.4f}  {row[3]:.3f}"
                f" | {row[5]:6.0f}"
            )
        pace = np.mean([yes_or_no(*one) for one in sets], axis=0)
        print(f"    {'on pace, yes or no':26s} {pace[0]:.4f}               | {pace[1]:.4f}")
        ours = table["okrcore (pool of four)"]
        rivals = [row[0] for name, row in table.items() if name != "okrcore (pool of four)"]
        if n in (26, 52):
            floor(f"Brier at the end, n = {n}", ours[0], {26: 0.157, 52: 0.142}[n])
            floor(f"calibration error, n = {n}", ours[1], 0.045)
            floor(f"Brier above the best single model, n = {n}", ours[0] - min(rivals), 0.001)
        if n == 52:
            floor("Brier on the way, n = 52", ours[2], 0.115)


def leaders(pairs: int) -> None:
    """A leader with a lag of 4 that makes the changes of the target with correlation r; forecast 4 ahead."""
    print(f"\n[leaders] {pairs} pairs each, 4 weeks ahead: used | CRPS of the forecast beside the plain one")
    for n in (52, 104):
        for r in (0.0, 0.5, 0.7):
            used, errors = 0, np.zeros(2)
            for seed in range(pairs):
                x, noise = np.random.default_rng([seed, n]).standard_normal((2, n + 4))
                y = np.cumsum(r * np.r_[np.zeros(4), x[:-4]] + np.sqrt(1 - r * r) * noise)
                leader = Leader(series=x[:n], lag=4)
                form = try_leader(y[:n], leader, 4).form
                used += form > 0
                plain, led = (led_futures(y[:n], leader, one, 4, seed=1, paths=PATHS) for one in (0, form))
                errors += [crps(paths[None, :, -1], float(y[-1]))[0] for paths in (plain, led)]
            print(f"    n {n:3d}  r {r:.1f}: {used / pairs:.3f} | {errors[1] / errors[0]:.3f}")
            if not r:
                floor(f"used although it does not lead, n = {n}", used / pairs, 0.10)
            elif n == 104:
                floor(f"CRPS beside the plain one, r = {r}, n = 104", errors[1] / errors[0], 1.3 - 0.6 * r)


def sums() -> None:
    """The sum of 13 weeks, whose weeks merely scatter, or walk."""
    print("\n[sums] of 13 weeks after 52, 300 series: CRPS | covers 80 %")
    rng = np.random.default_rng(0)
    scatter, walk = rng.poisson(5, (300, 65)).astype(float), np.cumsum(rng.standard_normal((300, 65)), axis=1)
    for name, data in (("counts", scatter), ("random walks", walk)):
        came, found = data[:, 52:].sum(axis=1), {}
        for model in (flow3, mix4):
            total = model(data[:, :52], 13, np.random.default_rng(1), paths=PATHS).sum(axis=2)
            low, high = np.quantile(total, (0.1, 0.9), axis=1)
            found[model] = np.mean(
                [crps(row[None], value)[0] for row, value in zip(total, came, strict=True)]
            )
            covers = np.mean((low <= came) & (came <= high))
            label = "pool for sums" if model is flow3 else "pool of four"
            print(f"    {name:12s} {label:14s} {found[model]:8.2f} | {covers:.2f}")
        floor(
            f"error of {name} beside the pool of four",
            found[flow3] / found[mix4],
            {"counts": 0.6}.get(name, 1.03),
        )


def speed(path: Path) -> None:
    past, _ = windows(path, 52, 0)
    goals = (past[:, -1] + np.diff(past).std(axis=1)).tolist()
    start = time.perf_counter()
    forecast_many(list(past), goals=goals, periods=AHEAD)
    many = (time.perf_counter() - start) / len(past)
    start = time.perf_counter()
    for y, goal in zip(past[:50], goals, strict=False):
        forecast(y, goal=goal, periods=AHEAD)
    one = (time.perf_counter() - start) / 50
    print(f"\n[speed] 2,000 paths: forecast {one * 1e3:.1f} ms, forecast_many {many * 1e3:.1f} ms a series")
    if importlib.util.find_spec("statsmodels") is None:
        print("    skipped statsmodels: it is not installed (pip install statsmodels)")
        return
    components: Any = import_module("statsmodels.tsa.api").UnobservedComponents
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for y in past[:10]:
            components(y / np.abs(y).max(), "local linear trend").fit(disp=0).get_forecast(AHEAD).conf_int()
    print(f"    statsmodels, local linear trend: {(time.perf_counter() - start) / 10 * 1e3:.1f} ms a series")


def main() -> int:
    parser = argparse.ArgumentParser(description="Calibration of the forecast on real weekly series.")
    parser.add_argument("--full", action="store_true", help="three seeds instead of one")
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "series" / "m4_weekly_even.csv"
    parser.add_argument("--series", type=Path, default=default, help="rows of id, v1, v2, ...")
    options = parser.parse_args()
    leaders(200 if options.full else 60)
    sums()
    if options.series.exists():
        backtest(options.series, 3 if options.full else 1)
        speed(options.series)
    else:
        print("skipped: the weekly series are not there (--series FILE)")
    print(f"\n{len(missed)} floors missed{': ' + '; '.join(missed) if missed else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
