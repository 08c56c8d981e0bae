"""Are the probabilities of reaching a target right, and how do simpler answers do on the same weeks?

    python benchmarks/forecast.py [--full] [--data FOLDER]

Backtests, each beside a pool of four equal models (the first design), damped Holt, a random walk, and where
there is a season the last one again: real weekly series (M4; random windows, 13 weeks ahead, five targets
from -.5 to 1.5 sd sqrt(13) away, the sign drawn at random), real and simulated seasonal series, counts and
limits, and cumulative series; three seeds, --full six. Printed are the Brier score, the calibration
error over ten bins, and how often the 80 % interval covers. A line "floor" says what is promised; exits 1
where one is missed. Skipped, with the reason, where the series are not there. Before it a leading series
offered to the forecast, where it leads and where it does not, and sums of counts.
"""

from __future__ import annotations

import argparse
import csv
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

from okrcore.leading.leaders import Leader, led_futures, try_leader
from okrcore.leading.model_pool import crps
from okrcore.leading.path_models import arima011, block_bootstrap, damped_holt, random_walk
from okrcore.leading.paths_by_kind import ObservedPast, simulate
from okrcore.leading.seasonal_profile import seasonal_naive
from okrcore.leading.target_probability import forecast, forecast_many

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Model = Callable[[Floats, int, int], Floats]
"""Takes history (B, n), periods and a seed, and returns paths (B, paths, periods)."""
AHEAD, PATHS = 13, 1200
TARGETS = np.array([-0.5, 0.0, 0.5, 1.0, 1.5])
FOUR = (arima011, random_walk, block_bootstrap, damped_holt)


def okrcore(season: float | None = None, low: float = -np.inf, high: float = np.inf) -> Model:
    def model(past: Floats, ahead: int, seed: int) -> Floats:
        series = [ObservedPast(history=row, periods=ahead, season=season, low=low, high=high) for row in past]
        drawn = dict(simulate(series, seed=seed, paths=PATHS))
        return np.stack([drawn[i].paths for i in range(len(past))])

    return model


def four(past: Floats, ahead: int, seed: int) -> Floats:
    """The first design: an equal pool, pulled a tenth to its median."""
    rng = np.random.default_rng(seed)
    scale = np.abs(np.diff(past, axis=1)).max(axis=1, keepdims=True)
    scale = np.where(scale > 0, scale, 1.0)
    z = (past - past[:, -1:]) / scale
    drawn = np.concatenate([model(z, ahead, rng, paths=PATHS // 4) for model in FOUR], axis=1)
    middle = np.median(drawn, axis=1, keepdims=True)
    return np.asarray(past[:, -1:, None] + scale[..., None] * (middle + 0.9 * (drawn - middle)))


def alone(model: Callable[..., Floats]) -> Model:
    return lambda past, ahead, seed: model(past, ahead, np.random.default_rng(seed), paths=PATHS)


def again(season: float) -> Model:
    def model(past: Floats, ahead: int, seed: int) -> Floats:
        return seasonal_naive(past, season, ahead, np.random.default_rng(seed), paths=PATHS)

    return model


RIVALS: dict[str, Model] = {
    "four models, equal": four,
    "damped Holt": alone(damped_holt),
    "random walk": alone(random_walk),
}
missed: list[str] = []


def floor(name: str, value: float, most: float) -> None:
    print(f"    floor {'held  ' if value <= most else 'MISSED'} {name}: {value:.4f} (<= {most:g})")
    if value > most:
        missed.append(name)


def weeks(folder: Path) -> list[Floats]:
    lines = (folder / "m4_weekly_even.csv").read_text(encoding="utf-8").splitlines()[1:]
    return [np.array([float(v) for v in line.split(",")[1:] if v not in ("", "NA")]) for line in lines]


def windows(rows: list[Floats], n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Histories, what came, and the side (+1, -1) on which each goal lies."""
    rng = np.random.default_rng(seed)
    cut = [
        row[a : a + n + AHEAD]
        for row in rows
        if len(row) > n + AHEAD
        for a in rng.choice(len(row) - n - AHEAD, min(4, len(row) - n - AHEAD), replace=False)
    ]
    data = np.array(cut)
    data = data[np.diff(data[:, :n]).std(axis=1) > 1e-6]
    return data[:, :n], data[:, n:], np.where(rng.random(len(data)) < 0.5, -1.0, 1.0)[:, None]


def brier(p: Floats, outcome: Bools) -> float:
    return float(np.mean((p - outcome) ** 2))


def calibration_error(p: Floats, outcome: Bools) -> float:
    box = np.minimum((p * 10).astype(int), 9)
    return float(
        sum(
            abs(p[box == i].mean() - outcome[box == i].mean()) * np.mean(box == i)
            for i in range(10)
            if (box == i).any()
        )
    )


def scores(paths: Floats, future: Floats, goals: Floats, side: Floats) -> list[float]:
    """Brier and calibration error at the end, Brier on the way, coverage of 80 %, CRPS: goals (B, G)."""
    out = []
    ahead, came = paths * side[..., None], future * side
    for value, real in ((ahead[:, :, -1], came[:, -1]), (ahead.max(axis=2), came.max(axis=1))):
        p = ((value[:, :, None] >= goals[:, None]).sum(axis=1) + 0.5) / (value.shape[1] + 1)
        reached = real[:, None] >= goals
        out += [brier(p, reached), calibration_error(p, reached)]
    low, high = np.quantile(paths[:, :, -1], (0.1, 0.9), axis=1)
    covers = float(np.mean((low <= future[:, -1]) & (future[:, -1] <= high)))
    return [out[0], out[1], out[2], covers, float(crps(paths[:, :, -1], future[:, -1]).mean())]


def weekly(rows: list[Floats], seeds: int) -> None:
    for n in (26, 52, 104):
        sets = [windows(rows, n, seed) for seed in range(seeds)]
        models = {"okrcore": okrcore(), "okrcore, no season": okrcore(1.0), **RIVALS}
        if n < 104:
            del models["okrcore, no season"]
        print(f"\n[weekly, n = {n}] {sum(len(one[0]) for one in sets)} windows, {AHEAD} weeks ahead")
        print("                            Brier    ECE   on the way  covers 80 % | us a series")
        found: dict[str, Floats] = {}
        for name, model in models.items():
            rows_of, start = [], time.perf_counter()
            for seed, (past, future, side) in enumerate(sets):
                step = np.diff(past).std(axis=1)[:, None] * np.sqrt(AHEAD)
                goals = past[:, -1:] * side + TARGETS * step
                rows_of.append(scores(model(past, AHEAD, seed + 100), future, goals, side))
            took = (time.perf_counter() - start) / sum(len(one[0]) for one in sets) * 1e6
            found[name] = row = np.mean(rows_of, axis=0)
            line = f"    {name:22s} {row[0]:.4f}  {row[1]:.3f}   {row[2]:.4f}      {row[3]:.3f}"
            print(f"{line}     | {took:6.0f}")
        ours = found["okrcore"]
        floor(f"Brier at the end, n = {n}", ours[0], {26: 0.156, 52: 0.137, 104: 0.128}[n])
        floor(f"calibration error, n = {n}", ours[1], 0.045)
        floor(f"80 % covered, away from .84, n = {n}", abs(ours[3] - 0.84), 0.06)
        best = min(row[0] for name, row in found.items() if name in RIVALS)
        floor(f"Brier above the best rival, n = {n}", ours[0] - best, 0.0)


def column(folder: Path, file: str, name: str) -> Floats:
    with (folder / file).open(encoding="utf-8") as lines:
        values = [row[name] for row in csv.DictReader(lines)]
    return np.array([float(value) for value in values if value not in ("", "NA")])


def cut(series: Floats, n: int, ahead: int, step: int) -> Floats:
    return np.array([series[at : at + n + ahead] for at in range(0, len(series) - n - ahead, step)])


def seasonal(folder: Path | None) -> None:
    rng = np.random.default_rng(3)
    month = np.arange(66) % 12
    december, sine = np.where(month == 11, 25.0, 6.8), 1 + 0.2 * np.sin(2 * np.pi * month / 12)
    cases = {
        "December a quarter": (december[:63] * rng.normal(1, 0.02, (80, 63)), 3, 12.0),
        "sine of 20 %": (sine[:60] * rng.normal(1, 0.02, (80, 60)), 6, 12.0),
        "sine, two years": (sine[:30] * rng.normal(1, 0.02, (80, 30)), 6, 12.0),
        "no season, white": (rng.normal(0, 1, (150, 66)), 6, 12.0),
        "no season, walk": (np.cumsum(rng.normal(0, 1, (150, 66)), axis=1), 6, 12.0),
    }
    if folder is not None:
        gasoline = column(folder, "us_gasoline_weekly.csv", "Barrels")
        mortality = column(folder, "la_mortality_weekly.csv", "cmort")
        views = column(folder, "otexts_pageviews_daily.csv", "Pageviews")
        cases |= {
            "US gasoline, weekly": (cut(gasoline, 156, 13, 16), 13, 365.25 / 7),
            "LA mortality, weekly": (cut(mortality, 156, 13, 5), 13, 365.25 / 7),
            "page views, daily": (cut(views, 91, 5, 19), 5, 7.0),
        }
    print("\n[seasonal] goals: the past's mean and up to one sd around it; Brier, covers 80 %")
    rivals = ("okrcore", "last season", *RIVALS)
    print(" " * 26 + "".join(f"{name:>20s}" for name in rivals))
    for name, (data, ahead, season) in cases.items():
        past, future = data[:, :-ahead], data[:, -ahead:]
        goals = past.mean(axis=1, keepdims=True) + np.linspace(-1, 1, 5) * past.std(axis=1, keepdims=True)
        found = [
            scores(model(past, ahead, 1), future, goals, np.ones((len(past), 1)))
            for model in (okrcore(), again(season), *RIVALS.values())
        ]
        print(f"    {name:22s}" + "".join(f"{row[0]:13.3f}, {row[3]:.2f} " for row in found))
        if "no season" not in name:
            floor(f"Brier beside the last season, {name}", found[0][0] - found[1][0], 0.02)
            floor(f"Brier beside the models without one, {name}", found[0][0], min(r[0] for r in found[2:]))
            floor(f"80 % covered, away from .84, {name}", abs(found[0][3] - 0.84), 0.09)


def kinds(count: int) -> None:
    """Counts, limits, freaks and cumulative series: the probability beside the share of past periods."""
    rng = np.random.default_rng(11)

    def poisson(rate: float, n: int = 56) -> Floats:
        return rng.poisson(rate, (count, n)).astype(float)

    white = rng.normal(100, 1, (count, 56))
    slip, level = white.copy(), white.copy()
    slip[:, 51] -= 60
    level[:, 51:] -= 60
    year = np.clip(rng.normal(100, 20, (count, 3, 12)), 0, None).cumsum(axis=2).reshape(count, 36)
    full = np.where(rng.random((count, 56)) < 0.85, 100.0, 100 - rng.gamma(2, 1.5, (count, 56)))
    many = rng.poisson(rng.gamma(2, 2.5, (count, 56))).astype(float)
    cases: list[tuple[str, Floats, int, float, float, float, float]] = [
        ("Poisson .3, at most 0", poisson(0.3), 52, 0, -1, 0, np.inf),
        ("Poisson .3, at most 1", poisson(0.3), 52, 1, -1, 0, np.inf),
        ("Poisson 5, at least 5", poisson(5), 52, 5, 1, 0, np.inf),
        ("negative binomial 5", many, 52, 5, 1, 0, np.inf),
        ("availability 99.7, 99.5", 100 - rng.gamma(1, 0.3, (count, 56)), 52, 99.5, 1, 0, 100),
        ("100 in 85 %, at least 100", full, 52, 100, 1, 0, 100),
        ("100 in 85 %, at least 99", full, 52, 99, 1, 0, 100),
        ("white noise, the mean", white, 52, 100, 1, -np.inf, np.inf),
        ("last value 60 off, a slip", slip, 52, 99, 1, -np.inf, np.inf),
        ("last value 60 off, it stays", level, 52, 39.5, 1, -np.inf, np.inf),
        ("year to date, Oct -> Dec", year, 34, 1200, 1, -np.inf, np.inf),
        ("year to date, Feb -> Dec", year, 26, 1200, 1, -np.inf, np.inf),
        ("running sum + 13", rng.normal(20, 5, (count, 65)).cumsum(axis=1), 52, 1300, 1, -np.inf, np.inf),
    ]
    print("\n[kinds] happened | mean p, Brier, covers: okrcore | four models, equal | past share, base rate")
    for name, data, n, goal, side, low, high in cases:
        past, future = data[:, :n], data[:, n:]
        sides, goals = np.full((len(past), 1), side), np.full((len(past), 1), goal * side)
        happened = future[:, -1] * side >= goal * side
        line, found = f"    {name:28s} {happened.mean():.2f}", []
        for model in (okrcore(low=low, high=high), four):
            paths = model(past, future.shape[1], 1)
            row = scores(paths, future, goals, sides)
            p = np.mean(paths[:, :, -1] * side >= goal * side)
            found.append(row)
            line += f" | {p:.2f} {row[0]:.3f} {row[3]:.2f}"
        share = brier((past * side >= goal * side).mean(axis=1), happened)
        base = float(happened.mean() * (1 - happened.mean()))
        print(f"{line} | {share:.3f} {base:.3f}")
        if "off" not in name:
            floor(f"Brier above the better of both, {name}", found[0][0] - min(share, base), 0.03)
        if "stays" not in name:
            floor(f"Brier above four equal models, {name}", found[0][0] - found[1][0], 0.01)


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


def total_of(past: Floats, ahead: int, seed: int) -> Floats:
    series = [ObservedPast(history=row, periods=ahead, total=True) for row in past]
    drawn = dict(simulate(series, seed=seed, paths=PATHS))
    return np.stack([drawn[i].paths for i in range(len(past))])


def sums() -> None:
    """The sum of 13 weeks, whose weeks merely scatter, or walk."""
    print("\n[sums] of 13 weeks after 52, 300 series: CRPS | covers 80 %")
    rng = np.random.default_rng(0)
    scatter, walk = rng.poisson(5, (300, 65)).astype(float), np.cumsum(rng.standard_normal((300, 65)), axis=1)
    for name, data in (("counts", scatter), ("random walks", walk)):
        came, found = data[:, 52:].sum(axis=1), {}
        for label, model in (("okrcore", total_of), ("four models, equal", four)):
            total = model(data[:, :52], 13, 1).sum(axis=2)
            low, high = np.quantile(total, (0.1, 0.9), axis=1)
            found[label] = float(crps(total, came).mean())
            covers = np.mean((low <= came) & (came <= high))
            print(f"    {name:12s} {label:20s} {found[label]:8.2f} | {covers:.2f}")
        most = {"counts": 0.6}.get(name, 1.03)
        floor(
            f"error of {name} beside four equal models", found["okrcore"] / found["four models, equal"], most
        )


def speed(rows: list[Floats]) -> None:
    past, _, _ = windows(rows, 52, 0)
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
    parser = argparse.ArgumentParser(description="Calibration of the forecast on real and simulated series.")
    parser.add_argument("--full", action="store_true", help="six seeds instead of three")
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "series"
    parser.add_argument("--data", type=Path, default=default, help="folder of the real series")
    options = parser.parse_args()
    there = options.data.exists()
    leaders(200 if options.full else 60)
    sums()
    kinds(400 if options.full else 200)
    seasonal(options.data if there else None)
    if there:
        rows = weeks(options.data)
        weekly(rows, 6 if options.full else 3)
        speed(rows)
    else:
        print("skipped: the real series are not there (--data FOLDER)")
    print(f"\n{len(missed)} floors missed{': ' + '; '.join(missed) if missed else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
