"""Kill the writer of a ledger at random moments, again and again, and look at what is left (S8.7).

    python benchmarks/ledger_crash.py [--kills 300] [--seed 0]

Each round starts a real process that appends batches, records entries and declares versions, and says on a
pipe which ones were acknowledged, kills it with SIGKILL after a random time, and opens the file again. Every
acknowledged batch must be there whole; of the one in flight all or nothing; and a copy of the file without
its journal must be refused or be one of these two. Every third round the file is then damaged (cut, a byte
flipped) in a copy, which must be refused or hold the same records. Prints one line of counts; exits 1 where
a round failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.people import Team
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import HistoryError
from okrcore.history.entry import Entry
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.observation import Observation
from okrcore.ledger.ledger import Ledger

SIZES = (1, 1, 7, 1, 60, 1, 900, 1, 3, 2500)
"""Batch sizes, in turn: small ones, and ones that seal a block."""


COUNTS = (
    "kills",
    "batches acknowledged",
    "hot journals",
    "in flight kept",
    "copies refused",
    "damaged",
    "damage refused",
    "failures",
)


def main(arguments: list[str]) -> int:
    """Run the rounds and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after so long, at least 10 kills"
    )
    options = parser.parse_args(arguments)
    chance, counts, began = random.Random(options.seed), dict.fromkeys(COUNTS, 0), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path, batches = Path(folder) / "ledger", 0
        while counts["kills"] < options.kills:
            if counts["kills"] >= 10 and time.monotonic() - began > options.seconds:
                break
            if batches > 120:
                path.unlink()
                Path(f"{path}-journal").unlink(missing_ok=True)
                batches = 0
            acknowledged = kill_a_writer(path, batches, chance)
            counts["batches acknowledged"] += acknowledged - batches
            counts["kills"] += 1
            counts["hot journals"] += Path(f"{path}-journal").exists()
            allowed = {acknowledged, acknowledged + 1}
            batches = look(path, acknowledged, allowed, chance, counts)
            if batches < 0:
                break
    print(json.dumps(counts))
    return 1 if counts["failures"] else 0


def batch(number: int) -> list[Observation]:
    """Return the batch of a number: always the same."""
    size = SIZES[number % len(SIZES)]
    at = f"2026-01-01T{number // 60:02d}:{number % 60:02d}Z"
    return [
        Observation(
            f"measure-{place % 700}",
            at,
            number + place / 8192,
            by=f"batch-{place // 700}",
            recorded_at=f"2026-02-01T00:00:0{place // 700}Z",
        )
        for place in range(size)
    ]


def write(ledger: Ledger, number: int) -> None:
    """Do what the number stands for: a batch of observations, an entry, or a version of what is declared."""
    if number % 4 == 1:
        ledger.record([entry(number)])
    elif number % 4 == 3:
        ledger.declare(version(number), at=f"2026-01-{number % 28 + 1:02d}")
    else:
        ledger.append(batch(number))


def entry(number: int) -> Entry:
    """Return the entry of a number."""
    return Entry(
        "check-in", f"measure-{number % 7}", "lead", f"2026-01-{number % 28 + 1:02d}", text=f"{number}"
    )


def version(number: int) -> Portfolio:
    """Return what is declared at a number: each time one team more."""
    return Portfolio.of(*(Team(id=f"team-{place}") for place in range(number // 4 + 1)))


Roots = tuple[str, str, str]


def roots(history: History, journal: Journal, declarations: Declarations) -> Roots:
    """Return the roots of the three chains of a ledger."""
    return history.root, journal.root, declarations.root


@cache
def expected(batches: int) -> tuple[History, Journal, Declarations]:
    """Return what the first batches leave."""
    if not batches:
        return History.of(), Journal.of(), Declarations.of()
    (history, journal, declarations), number = expected(batches - 1), batches - 1
    if number % 4 == 1:
        journal = journal.append([entry(number)])
    elif number % 4 == 3:
        day = f"2026-01-{number % 28 + 1:02d}"
        declarations = declarations.append(version(number), at=day, observations=history.root)
    else:
        history = history.append(batch(number))
    return history, journal, declarations


def kill_a_writer(path: Path, first: int, chance: random.Random) -> int:
    """Let a process append from batch `first` on, kill it, and return how many batches are acknowledged."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with Ledger.open(path) as ledger:
                os.write(told, b".")
                for number in range(first, 10**9):
                    write(ledger, number)
                    os.write(told, b".")
        finally:
            os._exit(3)
    os.close(told)
    if chance.random() < 0.8:
        os.read(ready, 1)
        opened = 0
    else:
        opened = 1
    time.sleep(chance.random() ** 2 * 0.08)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    marks = 0
    while chunk := os.read(ready, 65536):
        marks += len(chunk)
    os.close(ready)
    return first + max(marks - opened, 0)


def look(
    path: Path, acknowledged: int, allowed: set[int], chance: random.Random, counts: dict[str, int]
) -> int:
    """Check the file and copies of it; return how many batches it holds, -1 where something is wrong."""
    states = {roots(*expected(number)): number for number in allowed}
    copy = path.with_name("copy")
    if path.exists():
        shutil.copyfile(path, copy)
        found = root_of(copy)
        counts["copies refused"] += found is None
        if found is not None and found not in states:
            return failed(counts, f"a copy without journal holds something else after {acknowledged} batches")
        copy.unlink()
    if not path.exists() and acknowledged:
        return failed(counts, "the file is gone")
    root = root_of(path)
    if root is None or root not in states:
        return failed(counts, f"{acknowledged} batches were acknowledged, the file has root {root}")
    counts["in flight kept"] += states[root] > acknowledged
    if counts["kills"] % 3 == 0:
        content = bytearray(path.read_bytes())
        place = chance.randrange(len(content))
        if chance.random() < 0.5:
            del content[place:]
        else:
            content[place] ^= 1 << chance.randrange(8)
        copy.write_bytes(content)
        found = root_of(copy)
        counts["damaged"] += 1
        counts["damage refused"] += found is None
        if found not in (None, root):
            return failed(counts, f"a damaged copy (byte {place}) opens with other records")
        copy.unlink()
    return states[root]


def root_of(path: Path) -> Roots | None:
    """Return the roots of a ledger, None where it does not open."""
    try:
        with Ledger.open(path) as ledger:
            return roots(ledger.history, ledger.journal, ledger.declarations)
    except HistoryError:
        return None


def failed(counts: dict[str, int], why: str) -> int:
    """Count and print a failure."""
    counts["failures"] += 1
    print(why, file=sys.stderr)
    return -1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
