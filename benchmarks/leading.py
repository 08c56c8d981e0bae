"""How often is the link test right, how fast is it, and what do others say about the same series?

    python benchmarks/leading.py [--full] [--series FOLDER]

Tables of seeded simulations and of real series whose truth is known, beside the largest raw correlation
("naive"), statsmodels' Granger test and tigramite's PCMCI where those are installed. Quick mode simulates
400 pairs a cell, --full 2,000. A line "floor" says what is promised; exits 1 where one is missed. One core.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from okrcore.leading.arguments import checked_season
from okrcore.leading.assess import assess_link, assess_pairs
from okrcore.leading.lag_correlations import lagged_correlations
from okrcore.leading.link_verdict import judge
from okrcore.leading.screening import screen_links
from okrcore.statistics.distributions import normal_tail
from okrcore.statistics.whitening import trend_columns, whiten

Floats = NDArray[np.float64]
DECLARED, SEARCHED = tuple(range(2, 7)), tuple(range(1, 9))
VERDICTS = ("supported", "refuted", "opposed", "undecided")
SLOPES = {-0.5: -0.577, 0.0: 0.0, 0.3: 0.3145, 0.5: 0.577, 0.71: 1.0}
WEAK = {"shared ramp"}
"""What no pair of series can tell apart: printed, not promised."""
missed: list[str] = []


def floor(name: str, value: float, *, least: float = -np.inf, most: float = np.inf, drawn: int = 0) -> None:
    """A share of `drawn` pairs misses its bound when it lies beyond it by more than two standard errors."""
    slack = 2 * np.sqrt(value * (1 - value) / drawn) if drawn else 0.0
    good = least - slack <= value <= most + slack
    bound = f">= {least:g}" if most == np.inf else f"<= {most:g}"
    print(f"    floor {'held  ' if good else 'MISSED'} {name}: {value:.4g} ({bound})")
    if not good:
        missed.append(name)


# ------------------------------------------------------------------ series
def ar1(rng: np.random.Generator, batch: int, n: int, phi: float) -> Floats:
    noise = rng.standard_normal((batch, n + 100)) * (np.sqrt(1 - phi**2) if phi < 1 else 1.0)
    out = noise.copy()
    for t in range(1, n + 100):
        out[:, t] += phi * out[:, t - 1]
    return np.asarray(out[:, 100:] - (out[:, 99:100] if phi >= 1 else 0.0))


def simulated(
    seed: int, batch: int, n: int, phi: float, slope: float, *, trend: float = 0.0, noise: float | None = None
) -> tuple[Floats, Floats]:
    """x leads y by 4; the innovations correlate at slope / sqrt(1 + slope^2)."""
    rng = np.random.default_rng(seed)
    x = ar1(rng, batch, n + 13, phi)
    y = slope * x[:, 9 : 9 + n] + ar1(rng, batch, n, phi if noise is None else noise)
    drift = trend * np.arange(n) / (n - 1)
    return x[:, 13:] + drift, y + drift


def real_pairs(path: Path, n: int, count: int, seed: int) -> tuple[Floats, Floats]:
    """Random windows, in logs and not aligned in time, of two different real series: no link."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    rows = [np.array([float(v) for v in line.split(",")[1:] if v not in ("", "NA")]) for line in lines]
    rows, rng = [row for row in rows if len(row) > n], np.random.default_rng(seed)
    pairs: list[Floats] = []
    while len(pairs) < count:
        cut = [rows[i] for i in rng.choice(len(rows), 2, replace=False)]
        cut = [row[s : s + n] for row in cut for s in [rng.integers(0, len(row) - n)]]
        if all(np.diff(w).std() > 1e-6 * abs(w.mean()) and len(np.unique(w)) > n // 3 for w in cut):
            pairs.append(np.log(np.maximum(np.array(cut), 1e-3)))
    return np.array(pairs)[:, 0], np.array(pairs)[:, 1]


# ------------------------------------------------------------------ rivals: p-values, NaN where they cannot
def naive(x: Floats, y: Floats, lags: Sequence[int]) -> tuple[Floats, NDArray[np.int64]]:
    """What most dashboards do: the largest raw correlation against 1.96 / sqrt(n)."""
    r = np.abs(lagged_correlations(x, y, lags)[0])
    return 2 * normal_tail(r.max(axis=1) * np.sqrt(x.shape[1])), np.asarray(lags)[r.argmax(axis=1)]


def granger(x: Floats, y: Floats, lags: Sequence[int]) -> Floats:
    test: Any = import_module("statsmodels.tsa.stattools").grangercausalitytests
    out = np.full(len(x), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i, pair in enumerate(zip(x, y, strict=True)):
            try:
                found = test(np.column_stack(pair[::-1]), max(lags))
            except ValueError:  # too few points for so many lags
                return out
            out[i] = found[max(lags)][0]["ssr_ftest"][1]
    return out


def pcmci(x: Floats, y: Floats, lags: Sequence[int]) -> Floats:
    frame: Any = import_module("tigramite.data_processing").DataFrame
    test: Any = import_module("tigramite.independence_tests.parcorr").ParCorr
    model: Any = import_module("tigramite.pcmci").PCMCI
    out = np.full(len(x), np.nan)
    for i, pair in enumerate(zip(x, y, strict=True)):
        run = model(dataframe=frame(np.column_stack(pair)), cond_ind_test=test(), verbosity=0)
        found = run.run_pcmci(tau_min=0, tau_max=max(lags), pc_alpha=0.2)
        out[i] = found["p_matrix"][0, 1, list(lags)].min()
    return out


Rivals = dict[str, tuple[Callable[[Floats, Floats, Sequence[int]], Floats], int]]


def rivals() -> Rivals:
    """Name -> (test, one in how many pairs is affordable); says what is skipped and why."""
    found: Rivals = {}
    known: Rivals = {"Granger F": (granger, 8), "PCMCI": (pcmci, 20)}
    for (name, rival), package in zip(known.items(), ("statsmodels", "tigramite"), strict=True):
        try:
            x, y = np.random.default_rng(0).standard_normal((2, 1, 40))
            rival[0](x, y, (1, 2))
        except ImportError as error:
            print(f"skipped {name}: {package} cannot be imported ({error}); pip install {package}")
            continue
        found[name] = rival
    return found


def columns_of(others: Rivals, x: Floats, y: Floats) -> list[str]:
    return [share(test(x[: len(x) // part], y[: len(x) // part], SEARCHED)) for test, part in others.values()]


def share(p: Floats) -> str:
    return "  - " if np.isnan(p).all() else f"{np.mean(p <= 0.05):.2f}"


# ------------------------------------------------------------------ tables
def false_positives_and_power(pairs: int, others: Rivals) -> None:
    print(
        f"\n[1] Discovery over lags 1..8, both signs; {pairs} pairs a cell, trend 0 and 1 sd; power at r = .5"
    )
    names = "  ".join(others)
    print(f"      n  phi trend | false positives: ours  naive  {names} | power  naive | exact lag  naive")
    worst, exact = 0.0, []
    for n in (26, 52, 104, 156):
        for phi in (0.0, 0.5, 0.9, 1.0):
            for trend in (0.0, 1.0):
                seed = n * 100 + int(phi * 10) + int(trend) * 7
                x, y = simulated(seed, pairs, n, phi, 0.0, trend=trend)
                null = assess_pairs(x, y, lags=SEARCHED, sign=0).p_value
                asked = trend and phi in (0.0, 0.9)
                rival = columns_of(others, x, y) if asked else ["  . "] * len(others)
                low = naive(x, y, SEARCHED)[0]
                x, y = simulated(seed + 1, pairs, n, phi, 0.577, trend=trend)
                found, (high, at) = assess_pairs(x, y, lags=SEARCHED, sign=0), naive(x, y, SEARCHED)
                rate = np.mean(null <= 0.05)
                worst = max(worst, float(rate))
                if n == 52:
                    exact.append(np.mean(found.lag == 4))
                print(
                    f"    {n:3d}  {phi:3.1f}   {trend:.0f}   |                  {rate:.3f}  {share(low)}   "
                    f"{'      '.join(rival)}   | {np.mean(found.p_value <= 0.05):.3f}  {share(high)}  |"
                    f"   {np.mean(found.lag == 4):.2f}     {np.mean(at == 4):.2f}"
                )
    floor("false positives in the worst simulated cell", worst, most=0.06 if pairs > 1000 else 0.075)
    print(f"    exact lag at n = 52, mean over cells: {np.mean(exact):.3f}")


def declared(pairs: int) -> None:
    print(
        f"\n[2] Declared link, lags 2..6, sign +, trend 2 sd; mean over phi 0, .5, .9; {pairs} pairs a cell"
    )
    print("    true r    n | supported refuted opposed undecided | right lag | e >= 20")
    rows: dict[tuple[float, int], Floats] = {}
    for true, slope in SLOPES.items():
        for n in (26, 52, 104, 156):
            cells = []
            for phi in (0.0, 0.5, 0.9):
                found = assess_pairs(
                    *simulated(int(n * 10 + phi * 10 + 1), pairs, n, phi, slope, trend=2.0), lags=DECLARED
                )
                cells.append(
                    [np.mean(found.verdict == v) for v in VERDICTS]
                    + [np.mean(found.lag == 4), np.mean(found.e_value >= 20)]
                )
            row = rows[true, n] = np.mean(cells, axis=0)
            print(
                f"    {true:6.2f}  {n:3d} |   {row[0]:.3f}    {row[1]:.3f}   {row[2]:.3f}   {row[3]:.3f}   |"
                f"   {row[4]:.3f}   | {row[5]:.3f}"
            )
    floor("supported at r = .5, n = 52 (reference .74)", rows[0.5, 52][0], least=0.74)
    floor("supported at r = .5, n = 104", rows[0.5, 104][0], least=0.99)
    floor("right lag at r = .5, n = 52", rows[0.5, 52][4], least=0.95)
    floor("refuted or opposed when absent, n = 104", rows[0.0, 104][1] + rows[0.0, 104][2], least=0.55)
    floor("refuted or opposed when absent, n = 156", rows[0.0, 156][1] + rows[0.0, 156][2], least=0.85)
    floor("undecided when absent, n = 26", rows[0.0, 26][3], least=0.90)


def persistent(pairs: int, others: Rivals) -> None:
    print(
        "\n[3] A persistent KPI (phi .9) on a nearly white result; lags 1..8, both signs; r = .5 on its level"
    )
    print("      n  noise phi | false positives  power  (reference .18 .48 .74 at noise 0) | Granger: both")
    for n in (52, 104, 156):
        for noise in (0.0, 0.3):
            null = assess_pairs(*simulated(n, pairs, n, 0.9, 0.0, noise=noise), lags=SEARCHED, sign=0)
            x, y = simulated(n + 1, pairs, n, 0.9, 0.577, noise=noise)
            found = assess_pairs(x, y, lags=SEARCHED, sign=0)
            rate, power = (np.mean(one.p_value <= 0.05) for one in (null, found))
            rival = "-"
            if "Granger F" in others and noise == 0.0:
                few = pairs // 4
                a, b = simulated(n, few, n, 0.9, 0.0, noise=noise)
                rival = f"{share(granger(a, b, SEARCHED))} {share(granger(x[:few], y[:few], SEARCHED))}"
            print(f"    {n:3d}     {noise:.1f}    |      {rate:.3f}       {power:.3f}  | {rival}")
            if noise == 0.0:
                floor(f"false positives, n = {n}", float(rate), most=0.06 if pairs > 1000 else 0.075)
                floor(f"power, n = {n}", float(power), least={52: 0.22, 104: 0.7, 156: 0.93}[n])


def intervals(pairs: int) -> None:
    print("\n[4] The interval after the search, and among results picked for being significant; phi .5")
    print("    true r    n  lags      | covers  if supported | effect if supported | lag set holds 4 (size)")
    worst = worst_picked = 1.0
    for true in (0.3, 0.5, 0.71):
        for n in (26, 52, 104):
            for lags, sign in ((SEARCHED, 0), (DECLARED, 1)):
                found = assess_pairs(*simulated(n + 5, pairs, n, 0.5, SLOPES[true]), lags=lags, sign=sign)
                r = SLOPES[true] / np.hypot(1, SLOPES[true])
                inside, picked = (found.low <= r) & (r <= found.high), found.verdict == "supported"
                held = found.lag_set[:, lags.index(4)]
                asked = f"{lags[0]}..{lags[-1]} {'+   ' if sign else 'both'}"
                size, effect = found.lag_set.sum(axis=1).mean(), found.effect[picked].mean()
                print(
                    f"    {true:6.2f}  {n:3d}  {asked} | {inside.mean():.3f}"
                    f"     {inside[picked].mean():.3f}     |        {effect:.2f}         |"
                    f" {held.mean():.3f} ({size:.1f})"
                )
                worst = min(worst, float(inside.mean()))
                if sign:
                    worst_picked = min(worst_picked, float(inside[picked].mean()))
    floor("coverage in the worst cell (reference .75)", worst, least=0.93)
    floor("coverage among supported, declared, worst cell", worst_picked, least=0.93)


def weekly(pairs: int) -> None:
    print(
        "\n[5] Looking every week from 25 to 104, declared lags: ever p <= .05 / ever e >= 20 / median week"
    )
    for true in (0.0, 0.5):
        x, y = simulated(19, pairs // 2, 104, 0.5, SLOPES[true])
        by_p, week = np.zeros(len(x), bool), np.full(len(x), np.nan)
        for t in range(25, 105):
            found = assess_pairs(x[:, :t], y[:, :t], lags=DECLARED)
            by_p |= found.p_value <= 0.05
            week[np.isnan(week) & (found.e_value >= 20)] = t
        ever = np.mean(~np.isnan(week))
        median = f"{np.nanmedian(week):.0f}" if ever else "-"
        print(f"    true r {true:.1f}: {by_p.mean():.3f} / {ever:.3f} / {median}")
        if not true:
            floor("e >= 20 in 80 looks without a link", float(ever), most=0.05)


def decay(pairs: int) -> None:
    count = max(100, pairs // 5)
    print(
        f"\n[6] Links that change half way, phi .7, {count} pairs: decayed / date error in weeks / supported"
    )
    for n in (52, 104):
        for before, after in ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (1.0, -0.5)):
            rng = np.random.default_rng(int(n + before * 10 + after * 100 + 1000))
            x = ar1(rng, count, n + 13, 0.7)
            y = np.where(np.arange(n) < n // 2, before, after) * x[:, 9 : 9 + n] + ar1(rng, count, n, 0.7)
            found = [assess_link(a, b, lags=DECLARED) for a, b in zip(x[:, 13:], y, strict=True)]
            rate = np.mean([one.verdict == "decayed" for one in found])
            errors = [abs(one.decayed_at - n // 2) for one in found if isinstance(one.decayed_at, int)]
            error = float(np.mean(errors)) if errors else np.nan
            alive = np.mean([one.verdict == "supported" for one in found])
            print(f"    n {n:3d}  slope {before:.1f} -> {after:4.1f}: {rate:.3f} / {error:.1f} / {alive:.3f}")
            if n == 104 and (before, after) == (1.0, 0.0):
                floor("decayed, n = 104", float(rate), least=0.90, drawn=count)
                floor("date error in weeks", error, most=5.0)
            if n == 104 and before == after:
                floor("decayed though steady or absent", float(rate), most=0.06)


def portfolio(repetitions: int) -> None:
    print(f"\n[7] 40 KPIs by 25 results, 5 % true, lags 1..8, {repetitions} portfolios: false share / found")
    for n in (52, 104):
        rates: dict[str, list[list[float]]] = {"Benjamini-Hochberg q .10": [], "raw p <= .05": []}
        for seed in range(repetitions):
            rng = np.random.default_rng(seed + n)
            x, y, truth = ar1(rng, 40, n + 13, 0.8), ar1(rng, 25, n, 0.8), np.zeros((40, 25), bool)
            for j in range(25):
                for i in rng.choice(40, 2, replace=False):
                    truth[i, j] = True
                    y[j] += 0.7 * x[i, 9 : 9 + n]
            found = screen_links(x[:, 13:], y, lags=SEARCHED)
            for name, kept in zip(rates, (found.supported, found.p <= 0.05), strict=True):
                rates[name].append([(kept & ~truth).sum() / max(kept.sum(), 1), kept[truth].mean()])
        means = {name: np.mean(values, axis=0) for name, values in rates.items()}
        print(f"    n {n:3d}: " + "; ".join(f"{name} {v[0]:.3f} / {v[1]:.3f}" for name, v in means.items()))
        if n == 104:
            false, power = means["Benjamini-Hochberg q .10"]
            floor("false discoveries at q = .10", false, most=0.10, drawn=50 * repetitions)
            floor("power at q = .10, n = 104", power, least=0.90)


def nuisances(pairs: int) -> None:
    """The draws are those of the tests."""
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    known: Any = import_module("tests.support.nuisances").NUISANCES
    print(f"\n[11] What unrelated KPIs share, sign +; {pairs} pairs a cell, a quarter from n = 520 on")
    print("    supported / opposed by n; without the calendar and all that is taken out: supported")
    for name, one in known.items():
        cells, before, worst = [], [], 0.0
        for n in one.sizes:
            count = pairs if n < 520 else max(pairs // 4, 50)
            x, y = one.draw(np.random.default_rng(crc32(f"{name} {n}".encode())), count, n)
            asked: Any = {"lags": one.lags, "season": one.season}
            found = assess_pairs(x, y, calendar=one.calendar(n), **asked)
            rates = [float(np.mean(found.verdict == verdict)) for verdict in ("supported", "opposed")]
            cells.append(f"{n}: {rates[0]:.3f} {rates[1]:.3f}")
            before.append(f"{np.mean(plain_p(x, y, one.lags, one.season) <= 0.05):.2f}")
            worst = max(worst, *(rate - 2 * np.sqrt(0.06 * 0.94 / count) for rate in rates))
        print(f"    {name:28s} {'  '.join(cells)} | {' '.join(before)}")
        if name not in WEAK:
            floor(f"{name}, worst cell less two standard errors", worst, most=0.06)


def plain_p(x: Floats, y: Floats, lags: Sequence[int], season: float | None, sign: int = 1) -> Floats:
    """The p-value with trend, season and own past taken out, and nothing else."""
    columns = trend_columns(x.shape[1], checked_season(season))
    with np.errstate(all="ignore"):
        return judge(whiten(x, columns), whiten(y, columns), (x, y), lags, sign=sign).p_value


def power(pairs: int) -> None:
    print(f"\n[12] What that costs on plain series: lags 2..6, true lag 4, {pairs} pairs a cell")
    print("    phi  r    n | supported  with nothing taken out | exact lag among supported")
    worst = 0.0
    for phi in (0.0, 0.5, 0.9, 1.0):
        for slope, r in ((SLOPES[0.3], 0.3), (SLOPES[0.5], 0.5)):
            for n in (26, 52, 104, 156):
                rng = np.random.default_rng(int(100 * phi) + n)
                source, noise = rng.standard_normal((2, pairs, n + 60))
                target = slope * np.roll(source, 4, axis=1) + noise
                for t in range(1, n + 60):
                    source[:, t] += phi * source[:, t - 1]
                    target[:, t] += phi * target[:, t - 1]
                x, y = source[:, 60:], target[:, 60:]
                found = assess_pairs(x, y, lags=DECLARED, season=365.25 / 7)
                yes = found.verdict == "supported"
                before = np.mean(plain_p(x, y, DECLARED, 365.25 / 7) <= 0.05)
                worst = max(worst, float(before - yes.mean()))
                print(
                    f"    {phi:3.1f}  {r}  {n:3d} |   {yes.mean():.3f}          {before:.3f}           |"
                    f"  {np.mean(found.lag[yes] == 4):.3f}"
                )
    floor("power lost in the worst cell", worst, most=0.05, drawn=pairs)


def weekly_nuisances(pairs: int) -> None:
    known: Any = import_module("tests.support.nuisances").NUISANCES
    count = max(50, pairs // 4)
    print(f"\n[13] Looking every second week from 26 to 104 under nuisances, {count} pairs: ever e >= 20")
    for name in (
        "white",
        "random walks",
        "Christmas, 12 sd",
        "Poisson .3",
        "shared shift, 6 sd",
        "shared dip of 8",
    ):
        one = known[name]
        x, y = one.draw(np.random.default_rng(crc32(name.encode())), count, 104)
        ever = np.zeros(count, bool)
        for n in range(26, 105, 2):
            asked: Any = {"lags": one.lags, "season": one.season, "calendar": one.calendar(n)}
            ever |= assess_pairs(x[:, :n], y[:, :n], **asked).e_value >= 20
        print(f"    {name:28s} {ever.mean():.3f}")
        floor(f"e >= 20 in 40 looks, {name}", float(ever.mean()), most=0.05)


def common_driver(pairs: int) -> None:
    print("\n[8] A common driver z: x now, y 4 later; n = 104, declared lags: supported alone / given z")
    count = max(200, pairs // 4)
    rng = np.random.default_rng(11)
    driver = ar1(rng, count, 117, 0.5)
    z, own = driver[:, 13:], ar1(rng, count, 117, 0.5)
    x, noise = z + own[:, 13:], ar1(rng, count, 104, 0.5)
    for link in (0.0, 0.8):
        y = driver[:, 9:113] + noise + link * own[:, 9:113]
        alone = np.mean(assess_pairs(x, y, lags=DECLARED).verdict == "supported")
        each = (assess_pairs(x[i], y[i], lags=DECLARED, controls=[z[i]]) for i in range(count))
        given = np.mean([one.verdict[0] == "supported" for one in each])
        print(f"    own link {link:.1f}: {alone:.3f} / {given:.3f}")
        if not link:
            floor("supported though only the driver links them, given it", float(given), most=0.065)
        else:
            floor("a real link beside the driver is still found", float(given), least=0.9)


def real(series: Path, pairs: int, others: Rivals) -> None:
    print("\n[9] Real series")
    weekly_file = series / "m4_weekly_even.csv"
    if not weekly_file.exists():
        print("    skipped: the folder with the real series is not there (--series FOLDER)")
        return
    count = max(1500, pairs)
    print(f"    {count} unrelated M4 weekly pairs, lags 1..8, linked by: ours  naive  {'  '.join(others)}")
    for n, most in ((26, 0.05), (52, 0.06), (104, 0.06), (156, 0.08)):
        x, y = real_pairs(weekly_file, n, count, 3)
        rate = np.mean(assess_pairs(x, y, lags=SEARCHED, sign=0).p_value <= 0.05)
        rival = columns_of(others, x[:pairs], y[:pairs])
        print(f"    n {n:3d}: {rate:.3f}  {share(naive(x, y, SEARCHED)[0])}  {'  '.join(rival)}")
        floor(f"real unrelated pairs, n = {n}", float(rate), most=most)
    table: Any = np.genfromtxt(series / "bjsales.csv", delimiter=",", names=True)
    windows = [np.stack([table[name][s : s + 52] for s in range(99)]) for name in ("lead", "sales")]
    forward = assess_pairs(*windows, lags=SEARCHED, sign=0)
    backward = assess_pairs(*windows[::-1], lags=SEARCHED, sign=0)
    three = np.mean((forward.verdict == "supported") & (forward.lag == 3))
    guess = np.mean(naive(windows[0], windows[1], SEARCHED)[1] == 3)
    print(f"    sales and their leading indicator, 99 windows of 52: naive lag 3 in {guess:.2f}")
    floor("exactly lag 3, supported", float(three), least=0.95)
    floor("the other way round", float(np.mean(backward.verdict == "supported")), most=0.0)
    gas: Any = np.genfromtxt(series / "gas_furnace.csv", delimiter=",", names=True)
    found = assess_link(gas["gas_rate"], gas["co2"], lags=SEARCHED, sign=0)
    print(f"    gas furnace: {found.sentence}")
    floor("gas furnace: lag 5 and negative", float(found.lag == 5 and (found.effect or 0) < 0), least=1.0)


def speed(others: Rivals) -> None:
    print("\n[10] Speed, one core: 1,000 by 500 pairs, 12 lags, 104 weeks, whitening and correction included")
    rng = np.random.default_rng(0)
    x, y = ar1(rng, 1000, 104, 0.8), ar1(rng, 500, 104, 0.8)
    took = min(_timed(lambda: screen_links(x, y, lags=range(1, 13))) for _ in range(3))
    print(f"    screen_links: {took:.2f} s = {5e5 / took / 1e6:.2f} million pairs a second")
    floor("million pairs a second", 5e5 / took / 1e6, least=0.7)
    one = _timed(lambda: [assess_link(x[i], y[i], lags=range(1, 13)) for i in range(50)]) / 50
    many = _timed(lambda: assess_pairs(x[:500], y, lags=range(1, 13))) / 500
    print(f"    assess_link: {one * 1e3:.2f} ms, decay included; assess_pairs: {many * 1e6:.0f} us a pair")
    for name, (test, _) in others.items():
        count = 40 if name == "Granger F" else 10
        each = _timed(lambda: test(x[:count], y[:count], range(1, 13))) / count  # noqa: B023
        print(f"    {name}: {each * 1e3:.1f} ms a pair, {each / (took / 5e5):,.0f} times as long")
        if name == "Granger F":
            floor("times faster than the statsmodels loop", each / (took / 5e5), least=10_000)


def _timed(work: Callable[[], object]) -> float:
    """Seconds of this process on its core, whatever else the machine does."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description="Error rates, power and speed of the link test.")
    parser.add_argument("--full", action="store_true", help="2,000 pairs a cell instead of 400")
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "series"
    parser.add_argument("--series", type=Path, default=default, help="folder with the real series")
    options = parser.parse_args()
    pairs = 2000 if options.full else 400
    if os.environ.get("OMP_NUM_THREADS") != "1":  # BLAS reads it when it loads: start again on one core
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **one})
    start = time.perf_counter()
    others = rivals()
    false_positives_and_power(pairs, others)
    declared(pairs)
    persistent(pairs, others)
    intervals(pairs)
    weekly(pairs)
    decay(pairs)
    portfolio(8 if options.full else 4)
    common_driver(pairs)
    real(options.series, pairs, others)
    nuisances(pairs)
    power(pairs)
    weekly_nuisances(pairs)
    speed(others)
    took = time.perf_counter() - start
    print(f"\n{len(missed)} floors missed{': ' + '; '.join(missed) if missed else ''} ({took:.0f} s)")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
