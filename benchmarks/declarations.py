"""Measure a thousand versions of a thousand definitions in a ledger, beside storing each version whole.

    python benchmarks/declarations.py [--versions 1000] [--definitions 1000]

Each version changes three definitions of the one before. Prints the size on disk, the time to declare, to
open and verify, and to find what was in force at a day, with the ratio to one JSON document a version.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import attrs

import okrcore as okr

START = dt.date(2020, 1, 1)


def main() -> None:
    """Declare, open and ask, both ways."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--versions", type=int, default=1000)
    parser.add_argument("--definitions", type=int, default=1000)
    options = parser.parse_args()
    chance = random.Random(0)
    versions = list(edits(options.definitions, options.versions, chance))
    days = [START + dt.timedelta(days=chance.randrange(options.versions)) for _ in range(200)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger, whole = folder / "kept.ledger", folder / "whole"
        whole.mkdir()
        told: dict[str, tuple[float, float]] = {}
        with okr.Ledger.open(ledger) as kept:
            mine = timed(lambda: [kept.declare(one, at=at, by="lead") for at, one in versions])
        theirs = timed(lambda: keep(versions, whole))
        told["declare, seconds"] = mine, theirs
        told["size, MB"] = (
            ledger.stat().st_size / 1e6,
            sum(one.stat().st_size for one in whole.iterdir()) / 1e6,
        )
        opened = okr.Ledger.open(ledger)
        told["open and verify, seconds"] = timed(lambda: okr.Ledger.open(ledger).close()), float("nan")
        mine = timed(lambda: [opened.declarations.at(day) for day in days]) / len(days)
        theirs = timed(lambda: [okr.load(whole / f"{day}.json") for day in days[:20]]) / 20
        told["in force at a day, ms"] = mine * 1e3, theirs * 1e3
        assert opened.declarations.at(days[0]) == okr.load(whole / f"{days[0]}.json")
        opened.close()
    print(f"{options.versions} versions of {options.definitions} definitions")
    for what, (one, other) in told.items():
        print(f"{what:26} {one:10.3f}   whole documents {other:10.3f}   ratio {other / one:8.1f}")


def keep(versions: list[tuple[dt.date, okr.Portfolio]], folder: Path) -> None:
    """Write each version whole."""
    for at, one in versions:
        okr.dump(one, folder / f"{at}.json")


def edits(definitions: int, versions: int, chance: random.Random) -> list[tuple[dt.date, okr.Portfolio]]:
    """Return one portfolio a day, each with three key results changed."""
    year = okr.Cycle.year(2020)
    goals = [okr.Objective(id=f"o{n}", title=f"Goal {n}", cycle=year.id) for n in range(definitions // 5)]
    results = [
        okr.KeyResult(
            id=f"k{n}", objective=f"o{n % len(goals)}", title=f"Key result {n}", measure=okr.Target(0, 100)
        )
        for n in range(definitions - len(goals) - 1)
    ]
    made, portfolio = [], okr.Portfolio.of(year, *goals, *results)
    for day in range(versions):
        changed = [
            attrs.evolve(one, measure=okr.Target(0, chance.randrange(1, 10_000) / 10))
            for one in chance.sample(portfolio.key_results, 3)
        ]
        portfolio = portfolio.with_(*changed)
        made.append((START + dt.timedelta(days=day), portfolio))
    return made


def timed(run: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
