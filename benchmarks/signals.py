"""False alarms and power of signals, dips and integrity tests, and the speed of replay.

`python benchmarks/signals.py [--full]` prints floors as held or missed; the exit code is 1 where one is.
Alarms are new dips per 100 stable KPIs a week, by replay: limits rest on the points up to each week alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import okrcore as okr
from okrcore.monitoring.found_setbacks import setbacks
from okrcore.monitoring.integrity_tests import (
    biased_restatement,
    bunching,
    heaping,
    variance_collapse,
)

Floats = NDArray[np.float64]
MISSED: list[str] = []
FIRST = dt.date(2020, 1, 5)


def floor(name: str, value: float, *, least: float | None = None, most: float | None = None) -> None:
    held = (least is None or value >= least) and (most is None or value <= most)
    bound = f">= {least:g}" if least is not None else f"<= {most:g}"
    print(f"    floor {'held  ' if held else 'MISSED'} {name}: {value:.4g} ({bound})")
    if not held:
        MISSED.append(name)


def ar1(rng: np.random.Generator, rows: int, n: int, phi: float) -> Floats:
    noise = rng.standard_normal((rows, n + 50))
    found = noise.copy()
    for week in range(1, n + 50):
        found[:, week] = phi * found[:, week - 1] + noise[:, week]
    return found[:, 50:]


def watched(values: Floats, better: str, season: str | None = None) -> tuple[okr.Portfolio, okr.History]:
    rows, n = values.shape
    ids = [f"kpi-{row:06}" for row in range(rows)]
    said: Any = {"better": better, "cadence": "weekly", "season": season}
    kpis = [okr.Kpi(id=name, title="", **said) for name in ids]
    days = np.datetime64(FIRST) + 7 * np.arange(n)
    columns = np.repeat(ids, n), np.tile(days, rows), values.ravel()
    return okr.Portfolio.of(*kpis), okr.History.of_columns(*columns)


def alarms(values: Floats, better: str, weeks: int, season: str | None = None) -> float:
    """New dips per 100 KPIs a week, of the last `weeks`."""
    as_of = FIRST + dt.timedelta(weeks=values.shape[1] - 1)
    found = okr.dips(*watched(values, better, season), as_of=as_of, weeks=weeks)
    return 100 * len(found) / len(values) / weeks


def false_alarms(rows: int) -> None:
    print("\n[1] False alarms: new dips per 100 stable KPIs a week, by replay over 26 weeks")
    rng = np.random.default_rng(1)
    season = 10 * np.sin(2 * np.pi * np.arange(208) / 52.1775)
    peaks = 12.0 * (np.arange(208) % 52 >= 49)
    cells: dict[str, tuple[Callable[[int], Floats], str, str | None, float]] = {
        "noise": (lambda n: rng.standard_normal((rows, n)), "higher", None, 1.2),
        "AR(1) .5": (lambda n: ar1(rng, rows, n, 0.5), "higher", None, 2.0),
        "AR(1) .9": (lambda n: ar1(rng, rows, n, 0.9), "higher", None, 2.0),
        "Poisson 2": (lambda n: rng.poisson(2, (rows, n)).astype(float), "lower", None, 2.5),
        "Poisson .3": (lambda n: rng.poisson(0.3, (rows, n)).astype(float), "lower", None, 2.0),
        "Poisson .3, more is better": (
            lambda n: rng.poisson(0.3, (rows, n)).astype(float), "higher", None, 2.0,
        ),
        "100 % in 85 of 100 weeks": (
            lambda n: np.where(rng.random((rows, n)) < 0.85, 100.0, 99 + rng.random((rows, n))),
            "higher", None, 4.0,
        ),
        "heavy tails, t3": (lambda n: rng.standard_t(3, (rows, n)), "higher", None, 2.5),
    }  # fmt: skip
    for name, (draw, better, _, most) in cells.items():
        found = {n: alarms(draw(n), better, 26) for n in (52, 104, 156)}
        print(f"    {name:28s}" + "  ".join(f"n {n}: {rate:.2f}" for n, rate in found.items()))
        floor(name, max(found.values()), most=most)
    for name, swing in (("seasonal", season), ("seasonal with a Christmas peak", peaks)):
        values = 100 + swing + rng.standard_normal((rows // 4, 208))
        for declared in ("year", None):
            rate = alarms(values, "higher", 26, declared)
            floor(f"{name}, {declared or 'not'} declared, n = 208", rate, most=2.0)


def power(rows: int) -> None:
    print("\n[2] Power: a shift of 2 standard deviations is a dip within 8 weeks")
    rng = np.random.default_rng(2)
    cells: dict[str, Callable[[int], Floats]] = {
        "noise": lambda n: rng.standard_normal((rows, n)),
        "AR(1) .5": lambda n: ar1(rng, rows, n, 0.5) * np.sqrt(0.75),
    }
    for name, draw in cells.items():
        told = []
        for n in (13, 26, 52, 104):
            values = draw(n + 8)
            values[:, n:] -= 2
            as_of = FIRST + dt.timedelta(weeks=n + 7)
            found = okr.dips(*watched(values, "higher"), as_of=as_of, weeks=8)
            told.append(len({one.subject for one in found}) / rows)
        print(
            f"    {name:12s}"
            + "  ".join(f"n {n}: {p:.2f}" for n, p in zip((13, 26, 52, 104), told, strict=True))
        )
        if name == "noise":
            floor("noise, n = 52", told[2], least=0.8)


def integrity_tests(rows: int, reference: Path) -> None:
    print("\n[3] Integrity: share of series with p <= .05, clean and moved, beside the reference")
    oracle = _oracle(reference)
    rng = np.random.default_rng(3)

    def p_values(test: Callable[[Any], Any], values: Floats) -> Floats:
        return np.array([1.0 if (one := test(row)) is None else one.p_value for row in values])

    def share(test: Callable[[Any], Any], values: Floats) -> float:
        return float(np.mean(p_values(test, values) <= 0.05))

    def at_one_level(clean: Floats, moved: Floats) -> float:
        """The share of moved series below what 5 % of the clean ones fall below."""
        return float(np.mean(moved < np.quantile(clean, 0.05)))

    def bunch(moved: float) -> Floats:
        values = rng.standard_normal((rows, 208))
        near = (values < 0.5) & (values > 0.1) & (rng.random(values.shape) < moved)
        return np.where(near, 0.5 + np.abs(rng.normal(0, 0.05, values.shape)), values)

    def heap(rounded: float) -> Floats:
        values = np.round(rng.normal(500, 60, (rows, 52)))
        return np.where(rng.random(values.shape) < rounded, np.round(values / 5) * 5, values)

    def collapse(scale: float) -> Floats:
        values = ar1(rng, rows, 52, 0.5)
        values[:, 26:] = values[:, 25:26] + scale * (values[:, 26:] - values[:, 25:26])
        return values

    tests: list[tuple[str, Callable[[Any], Any], Callable[[float], Floats], tuple[float, float], Any, float]]
    tests = [
        ("bunching, 60 % of near misses lifted", lambda row: bunching(row, 0.5), bunch, (0.0, 0.6),
         oracle and (lambda v: oracle.bunching(v, 0.5)[0]), 0.9),
        ("heaping, 20 % rounded to 5", heaping, heap, (0.0, 0.2), oracle and oracle.heaping, 0.75),
        ("variance collapse, x .3", variance_collapse, collapse, (1.0, 0.3),
         oracle and (lambda v: oracle.variance_collapse(v)[0]), 0.93),
    ]  # fmt: skip
    for name, test, draw, (clean, moved), theirs, least in tests:
        drawn = draw(clean), draw(moved)
        ours = [p_values(test, values) for values in drawn]
        beside = None if theirs is None else [np.nan_to_num(theirs(values), nan=1.0) for values in drawn]
        for found in (ours, beside):
            if found is not None:
                false, seen = (np.mean(p <= 0.05) for p in found)
                whose = ", reference" if found is beside else ""
                fair = f"at a false share of .05 {at_one_level(*found):.3f}"
                print(f"    {name}{whose}: false {false:.3f}, found {seen:.3f}, {fair}")
        floor(f"{name}: false", float(np.mean(ours[0] <= 0.05)), most=0.06)
        floor(f"{name}: found", float(np.mean(ours[1] <= 0.05)), least=least)
        if beside is not None:
            more = at_one_level(*ours) - at_one_level(*beside)
            floor(f"{name}: found at one level beyond the reference", more, least=-0.03)
    revised = rng.standard_t(4, (rows, 26)) * 0.7
    for what, bias, bound in (("false", 0.0, {"most": 0.065}), ("found", 0.5, {"least": 0.82})):
        rate = share(lambda row: biased_restatement(np.zeros(26).tolist(), row.tolist()), revised + bias)
        floor(f"one-sided restatement, 26 revised: {what}", rate, **bound)


def _oracle(folder: Path) -> Any:
    if not (folder / "integrity.py").exists():
        print("    skipped the reference: it is not beside this repository")
        return None
    sys.path.insert(0, str(folder))
    try:
        import integrity  # type: ignore[import-not-found]
    except ImportError as error:
        print(f"    skipped the reference: {error}")
        return None
    return integrity


def speed(counts: tuple[int, ...]) -> None:
    print("\n[4] Replay: KPIs of 260 weeks, dips of the last 13, one core, from records to dips")
    rng = np.random.default_rng(4)
    for count in counts:
        portfolio, history = watched(50 + rng.standard_normal((count, 260)), "higher")
        as_of = FIRST + dt.timedelta(weeks=259)
        times = []
        for _ in range(3):
            started = time.process_time()
            found = okr.dips(portfolio, history, as_of=as_of)
            times.append(time.process_time() - started)
        took = min(times)
        print(f"    {count:,} KPIs: {took:.2f} s, {len(found)} dips, {took / count * 1e6:.0f} us a KPI")
        if count == 1000:
            floor("seconds for 1,000 KPIs", took, most=1.0)
    setbacks_beside_evaluations()


def setbacks_beside_evaluations() -> None:
    """Time 1,000 key results of a year under way beside evaluating each week's end."""
    rng = np.random.default_rng(5)
    end = FIRST + dt.timedelta(weeks=259)
    year = okr.Cycle(id="year", start=end - dt.timedelta(weeks=39), end=end + dt.timedelta(weeks=12))
    goals = [okr.Objective(id=f"goal-{at}", title="", cycle="year") for at in range(250)]
    kpis, history = watched(50 + 3 * rng.standard_normal((1000, 260)), "higher")
    results = [
        okr.KeyResult(
            id=f"result-{at:04}", objective=f"goal-{at // 4}", title="", measure=okr.Target(40, 60),
            measured_by=one.id,
        )
        for at, one in enumerate(kpis.kpis)
    ]  # fmt: skip
    portfolio = kpis.with_(year, *goals, *results)
    started = time.process_time()
    found = setbacks(portfolio, history, as_of=end)
    took = time.process_time() - started
    started = time.process_time()
    for week in range(14):
        day = end - dt.timedelta(weeks=week)
        okr.evaluate(portfolio, history, as_of=day, known_at=day)
    beside = time.process_time() - started
    print(f"    1,000 key results: {took:.2f} s, {len(found)} setbacks; 14 evaluations take {beside:.2f} s")
    floor("seconds for 1,000 key results", took, most=1.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--full", action="store_true", help="2,000 KPIs a cell instead of 500; 10,000 in the replay"
    )
    beside = Path(__file__).resolve().parents[2] / "shared" / "reference"
    parser.add_argument("--reference", type=Path, default=beside, help="folder with the reference detectors")
    options = parser.parse_args()
    rows = 2000 if options.full else 500
    false_alarms(rows)
    power(rows)
    integrity_tests(2 * rows, options.reference)
    speed((1000, 10_000) if options.full else (1000,))
    print(f"\n{len(MISSED)} floors missed" + (": " + "; ".join(MISSED) if MISSED else ""))
    return 1 if MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
