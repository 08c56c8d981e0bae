"""Time rules over 400,000 definitions, and a check beside pytest's start.

The peer is five of the rules with their conditions in the functions, asked of every object; its findings are
the same. Every 50th definition breaks something, so findings are made in both. The second part checks a
portfolio of 1,000 definitions by all rules, as a process of its own and in a running one, beside a pytest
that collects nothing. Run by `make bench`.
"""

from __future__ import annotations

import datetime as dt
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived_cache import DerivedCache
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi, Source
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Target
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.portfolio import KINDS, Definition, Portfolio
from okrcore.documents.dumping import dump
from okrcore.governance.checking import check
from okrcore.governance.policy import Policy
from okrcore.governance.presets import STANDARD, STRICT
from okrcore.governance.rule import governance_rule

DAY = dt.date(2026, 6, 30)


def main() -> None:
    """Print one line a figure."""
    many()
    start()


def many() -> None:
    """30 rules over 400,000 definitions; five of them with and without columns."""
    portfolio = organisation(400_000)
    rules = [rule for rule in STRICT.rules if rule.where and rule.sees in KINDS and not rule.needs][:30]
    policy = Policy(rules=rules)
    first, found = timed(lambda: check(renewed(portfolio), as_of=DAY, policy=policy), 3)
    again, _ = timed(lambda: check(portfolio, as_of=DAY, policy=policy), 3)
    print(f"{len(rules)} rules over {len(portfolio):,} definitions, {len(found):,} findings: {first:.2f} s;")
    print(f"the same portfolio asked again: {again:.2f} s")
    few = Policy(rules=[STRICT.rule(code) for code in WITHOUT_COLUMNS])
    columns, found = timed(lambda: check(portfolio, as_of=DAY, policy=few), 3)
    plain = Policy(rules=[governance_rule(code)(rule) for code, rule in WITHOUT_COLUMNS.items()])
    objects, expected = timed(lambda: check(portfolio, as_of=DAY, policy=plain), 3)
    assert [(one.code, one.subject) for one in found] == [(one.code, one.subject) for one in expected]
    print(
        f"{len(few.rules)} of them, {len(found):,} findings: {columns:.2f} s; with their conditions in the"
        f" functions, and no columns, {objects:.2f} s: {objects / columns:.1f} times as long"
    )


def _objective_without_owner(goal: Objective) -> Iterator[str]:
    """OKR108."""
    if goal.owner is None:
        yield "has no owner"


def _target_without_start(result: KeyResult) -> Iterator[str]:
    """OKR201."""
    if isinstance(result.measure, Target) and result.measure.start is None:
        yield "has no baseline"


def _kpi_without_owner(kpi: Kpi) -> Iterator[str]:
    """OKR302."""
    if kpi.owner is None:
        yield "has no owner"


def _link_without_owner(link: Link) -> Iterator[str]:
    """OKR305."""
    if link.owner is None:
        yield "has no execution owner"


def _link_without_reason(link: Link) -> Iterator[str]:
    """OKR308."""
    if not link.rationale.strip():
        yield "has no rationale"


WITHOUT_COLUMNS: dict[str, Callable[..., Iterator[str]]] = {
    "OKR108": _objective_without_owner,
    "OKR201": _target_without_start,
    "OKR302": _kpi_without_owner,
    "OKR305": _link_without_owner,
    "OKR308": _link_without_reason,
}


def start() -> None:
    """1,000 definitions beside the start of pytest."""
    portfolio = organisation(1_000)
    inside, found = timed(lambda: check(renewed(portfolio), as_of=DAY), 5)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "acme.okr.yaml")
        dump(portfolio, document)
        nothing = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            folder,
            folder,
        ]
        asked = [
            sys.executable,
            "-m",
            "okrcore.surfaces.cli.main",
            "check",
            str(document),
            "--as-of",
            str(DAY),
        ]
        pytest_starts, _ = timed(lambda: subprocess.run(nothing, capture_output=True, check=False), 5)
        whole, _ = timed(lambda: subprocess.run(asked, capture_output=True, check=False), 5)
    print(
        f"{len(STANDARD.rules)} rules over {len(portfolio):,} definitions, {len(found):,} findings:"
        f" {inside * 1000:.0f} ms; pytest that collects nothing {pytest_starts * 1000:.0f} ms:"
        f" {pytest_starts / inside:.1f} times as long"
    )
    print(f"okrcore check as a process, document read and all: {whole * 1000:.0f} ms")


def renewed(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio as if nobody had asked it anything."""
    return attrs.evolve(portfolio, derived=DerivedCache())


def timed(call: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Return the least of some times, and the result."""
    best, result = float("inf"), None
    for _ in range(times):
        gc.collect()
        began = time.perf_counter()
        result = call()
        best = min(best, time.perf_counter() - began)
    return best, result


def organisation(size: int) -> Portfolio:
    """Return an enterprise: a share of its definitions, every 50th, breaks something."""
    goals = size // 10
    year = "2026"
    teams = [Team(id="company"), *(Team(id=f"t{n}", parent="company") for n in range(max(1, size // 400)))]
    owners = [Owner(id=f"p{n}", kind="role", team=teams[n % len(teams)].id) for n in range(size // 20)]
    cycle = Cycle(id=year, start=dt.date(2026, 1, 1), end=dt.date(2026, 12, 31))

    def owner(n: int) -> str | None:
        return None if n % 50 == 0 else owners[n % len(owners)].id

    objectives = [
        Objective(id=f"o{n}", title=f"Objective {n}", cycle=year, owner=owner(n),
                  team=teams[n % len(teams)].id, contributes_to=[f"o{n // 7}"] if n else [])
        for n in range(goals)
    ]  # fmt: skip
    kpis = [
        Kpi(id=f"m{n}", title=f"Measure {n}", unit="%", target=Band(low=90), limit=Band(low=80),
            owner=owner(n), initiative=f"i{n % goals}", team=teams[n % len(teams)].id, cadence="weekly",
            source=Source("warehouse", f"select {n}"), definition=f"share of {n}")
        for n in range(3 * goals)
    ]  # fmt: skip
    results = [
        KeyResult(id=f"k{n}", objective=f"o{n % goals}", title=f"Share {n} rises", unit="%", owner=owner(n),
                  measure=Target(None if n % 50 == 1 else 40, 80), measured_by=f"m{n % len(kpis)}")
        for n in range(3 * goals)
    ]  # fmt: skip
    initiatives = [
        Initiative(id=f"i{n}", title=f"Initiative {n}", owner=owner(n), team=teams[n % len(teams)].id)
        for n in range(goals)
    ]
    so_far: list[Definition] = [cycle, *teams, *owners, *objectives, *kpis, *results, *initiatives]
    links = [
        Link(source=f"i{n % goals}", target=f"k{n * 13 % len(results)}", sign=1, rationale="it moves",
             lag=None if n % 50 == 2 else "2w", owner=owners[n % len(owners)].id, id=f"l{n}")
        for n in range(max(0, size - len(so_far)))
    ]  # fmt: skip
    return Portfolio.of(*so_far, *links)


if __name__ == "__main__":
    main()
