"""Loading a document of 20,000 entities, and importing the package, against what is unavoidable."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

import okrcore as okr


def timed(work: Callable[[], object], runs: int = 3) -> float:
    """Return the least time of several runs, in seconds."""
    times = []
    for _ in range(runs):
        gc.collect()
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def memory(work: Callable[[], object]) -> tuple[float, float]:
    """Return the memory kept and the peak, in MB."""
    gc.collect()
    tracemalloc.start()
    kept = work()
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size / 1e6, peak / 1e6


def organisation(entities: int) -> okr.Portfolio:
    """Return a portfolio of objectives, each with two key results and a KPI."""
    cycle = okr.Cycle.quarter(2026, 1)
    definitions: list[okr.Objective | okr.KeyResult | okr.Kpi] = []
    for n in range(entities // 4):
        definitions.append(
            okr.Objective(id=f"o{n}", title=f"Objective {n}", cycle=cycle.id, why="It matters")
        )
        definitions.append(
            okr.Kpi(id=f"p{n}", title="A KPI", unit="%", target=okr.Band(low=98), cadence="weekly")
        )
        definitions += [
            okr.KeyResult(
                id=f"k{n}{side}",
                objective=f"o{n}",
                title=f"Key result {side}",
                measure=okr.Target(n, n + 10.5),
                unit="deal",
                weight=1.5,
            )
            for side in "ab"
        ]
    return okr.Portfolio.of(cycle, *definitions)


def documents(entities: int = 20_000) -> None:
    """Print load time and memory beside reading alone."""
    portfolio = organisation(entities)
    print(
        f"{entities:,} entities{'size':>12}{'load':>9}{'parse alone':>13}{'ratio':>7}{'kept':>8}{'peak':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("yaml", "json", "toml"):
            path = Path(folder) / f"all.okr.{kind}"
            okr.dump(portfolio, path)
            assert okr.load(path) == portfolio
            load = timed(partial(okr.load, path))
            alone = timed(partial(_parse, path))
            kept, peak = memory(partial(okr.load, path))
            size = path.stat().st_size / 1e6
            print(
                f"{kind:15}{size:9.1f} MB{load:8.2f}s{alone:12.2f}s{load / alone:6.1f}x"
                f"{kept:6.0f} MB{peak:5.0f} MB"
            )


def _parse(path: Path) -> object:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    if path.suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, loader)


def imports(runs: int = 15) -> None:
    """Print the cost of `import okrcore` against the bare interpreter."""

    def start(code: str) -> float:
        return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True), runs)

    bare, ours = start("pass"), start("import okrcore")
    print(f"\nbare python {bare * 1e3:.1f}ms, import okrcore {ours * 1e3:.1f}ms, ratio {ours / bare:.2f}x")
    for name in ("Portfolio", "evaluate", "load"):
        cost = start(f"import okrcore; okrcore.{name}")
        print(f"first use of okrcore.{name}: {cost * 1e3:.0f}ms")


if __name__ == "__main__":
    documents()
    imports()
