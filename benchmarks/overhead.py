"""What the library costs a host: import, memory, and single calls.

Times are processor time, the best of several runs, so that a busy machine shifts them little; memory is the
most that a process held, beyond an interpreter that imports nothing. Needs Linux. Run by `make bench`; with
`--write` it writes docs/explanation/overhead.md.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import okrcore as okr
from okrcore.surfaces.stories import story

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "overhead.md"
FRESH = """
import sys, time
start = time.process_time()
{code}
spent = time.process_time() - start
with open("/proc/self/status") as file:
    held = next(line.split()[1] for line in file if line.startswith("VmHWM"))
print(spent, held, len(sys.modules))
"""
IMPORTS = {
    "nothing": "pass",
    "`import okrcore`": "import okrcore",
    "and a definition: `okrcore.Kpi`": "import okrcore; okrcore.Kpi",
    "and reading a document: `okrcore.loads`": "import okrcore; okrcore.loads('okrcore: 1')",
    "and judging: `okrcore.evaluate`": (
        "import okrcore; okrcore.evaluate(okrcore.Portfolio.of(), okrcore.History.of([]), as_of='2026-01-01')"
    ),
    "and checking: `okrcore.check`": (
        "import okrcore; okrcore.check(okrcore.Portfolio.of(), as_of='2026-01-01')"
    ),
    "for comparison: `import numpy`": "import numpy",
    "for comparison: `import pint`": "import pint; pint.UnitRegistry()",
}
OPENING = """\
# The overhead

What okrcore costs the program that embeds it. `python benchmarks/overhead.py --write` measures it on the
machine at hand and writes this page. Times are processor time, the best of several runs; memory is the most
that a process held, beyond a bare interpreter. *First* is a call on values that were never asked before,
*again* one more on the same values.

"""
CLOSING = """
## What follows

- **Import it anywhere.** Names load on first use: a program that never evaluates never loads NumPy.
- **Evaluate on each request** where a portfolio has tens or hundreds of goals; keep the snapshot where it has
  many thousands, and give it as `previous=` to the next call: only what was appended is then judged again.
- **Nothing runs between calls**: no thread, no timer, no connection, no file that stays open but a `Ledger`
  of your own.
- **Read documents once.** The value that reading gives never changes, and what was derived from it is kept
  with it: the same portfolio and history are judged sooner the second time.
- **Check where time is left**: in a build, in a job, after an edit. It asks more than a hundred rules.
- The ratios against peers and the sizes at which they hold are in `benchmarks/`: `make bench`.
"""


def fresh(code: str, runs: int = 7) -> tuple[float, float, int]:
    """Return seconds, megabytes and modules of a fresh process that runs `code`: the best of the runs."""
    script = FRESH.format(code=code)
    told = []
    for _ in range(runs):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        told.append([float(word) for word in done.stdout.split()])
    seconds, held, modules = map(min, zip(*told, strict=True))
    return seconds, held / 1024, int(modules)


def best(
    call: Callable[[Any], object], make: Callable[[], Any] = tuple, seconds: float = 1.0
) -> tuple[str, str]:
    """Return the processor time of a call on what `make` gives: the first on new values, and the next."""
    first: list[float] = []
    again: list[float] = []
    end = time.process_time() + seconds
    while len(first) < 5 or (time.process_time() < end and len(first) < 1_000):
        given = make()
        for times in (first, again):
            start = time.process_time()
            call(given)
            times.append(time.process_time() - start)
    return shown(min(first[1:])), shown(min(again[1:]))


def portfolio_of(goals: int) -> tuple[okr.Portfolio, okr.History]:
    """Return `goals` objectives with four key results each, and twelve weeks of numbers of them."""
    year = okr.Cycle.year(2026)
    objectives = [okr.Objective(id=f"o{n}", title=f"Goal {n}", cycle=year.id) for n in range(goals)]
    key_results = [
        okr.KeyResult(
            id=f"k{n}-{m}", objective=f"o{n}", title="", cadence="weekly", measure=okr.Target(0, 100)
        )
        for n in range(goals)
        for m in range(4)
    ]
    weeks = [str(day) for day in okr.weekly("2026-01-04", "2026-03-22")]
    rows = [(one.id, week, float(at)) for one in key_results for at, week in enumerate(weeks)]
    measures, days, values = zip(*rows, strict=True)
    return okr.Portfolio.of(year, *objectives, *key_results), okr.History.of_columns(measures, days, values)


def appended(goals: int) -> tuple[okr.Portfolio, okr.History, okr.Snapshot]:
    """Return a portfolio, its numbers with one more, and how it stood before that one."""
    portfolio, history = portfolio_of(goals)
    before = okr.evaluate(portfolio, history, as_of="2026-03-23")
    return portfolio, history.append([okr.Observation("k0-0", "2026-03-23", 50.0)]), before


def calls() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each call with its times: first, and again."""

    def firm() -> Any:
        return story("logistics")

    def judged() -> Any:
        portfolio, history = firm()
        return okr.evaluate(portfolio, history, as_of="2026-10-04")

    text = okr.dumps(firm()[0])
    one = okr.Observation("sorter-uptime", "2026-10-11", 98.0)
    day, later = "2026-10-04", "2026-03-23"
    yield f"`loads`, a document of {len(text.splitlines())} lines", best(lambda _: okr.loads(text))
    yield (
        "`evaluate`, the parcel firm of the demo: 4 key results, 4 KPIs, 40 weeks",
        best(lambda given: okr.evaluate(*given, as_of=day), firm),
    )
    yield "`to_dict` of its snapshot", best(okr.to_dict, judged)
    yield "`explain` of a key result", best(lambda given: okr.explain(given, "throughput"), judged)
    yield "`check`, all rules of STANDARD", best(lambda given: okr.check(*given, as_of=day), firm, 3.0)
    yield "`history.append` of one observation", best(lambda given: given[1].append([one]), firm)
    for goals in (100, 10_000):
        name = f"{goals:,} objectives with {4 * goals:,} key results, {48 * goals:,} observations"
        yield (
            f"`evaluate`, {name}",
            best(lambda given: okr.evaluate(*given, as_of=later), partial(portfolio_of, goals)),
        )
        yield (
            "the same after one more observation, with `previous=`",
            best(
                lambda given: okr.evaluate(*given[:2], as_of=later, previous=given[2]),
                partial(appended, goals),
            ),
        )


def machine() -> str:
    """Return the processor, the system and the versions in one line."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        name = models[0] if models else name
    return (
        f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"okrcore {okr.__version__}, NumPy {version('numpy')}, attrs {version('attrs')}, "
        f"pint {version('pint')}"
    )


def shown(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def page() -> str:
    """Return the text of the page, measured now."""
    lines = [f"{OPENING}Measured on: {machine()}.", "", "## Import and memory", ""]
    lines += ["| a fresh process | time | memory | modules |", "| --- | --- | --- | --- |"]
    _, bare, modules = fresh("pass")
    for name, code in list(IMPORTS.items())[1:]:
        seconds, held, loaded = fresh(code)
        lines.append(f"| {name} | {shown(seconds)} | {max(held - bare, 0):.1f} MB | {loaded - modules} |")
    lines += ["", "## Single calls", "", "| call | first | again |", "| --- | --- | --- |"]
    lines += [f"| {name} | {first} | {again} |" for name, (first, again) in calls()]
    return "\n".join(lines) + "\n" + CLOSING


if __name__ == "__main__":
    text = page()
    print(text)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
