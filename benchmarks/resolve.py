"""A million conflicts into decisions: `resolve` against Python loops over the rules, in one run.

1,000,000 conflicts between 2,000 key results and 2,000 KPIs are decided by 50 rules and one guardrail over
five columns. The first loop does what `resolve` does: it looks up the inputs of a conflict in the snapshot,
asks every rule (two matches are an error), then the guardrail, and makes the same `Decision`. The second is
told the facts of all sides beforehand and gives only names. Both run on a share of the conflicts and are
scaled; answers are compared first. Run by `make bench`.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from okrcore import (
    Band,
    Cycle,
    History,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Outcome,
    Portfolio,
    PriorityRule,
    PriorityTable,
    Target,
    evaluate,
)
from okrcore.conflicts.applied import apply
from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.resolution import resolve, resolve_many
from okrcore.conflicts.table_inputs import columns, questions
from okrcore.frozen import FrozenDict
from okrcore.priorities import Column, Guardrail
from okrcore.priorities.bulk_decisions import decide_rows
from okrcore.priorities.fingerprint import table_hash
from okrcore.priorities.table_rulings import Ruling
from okrcore.scoring.snapshot import Snapshot

GOALS, ROWS, LOOPED = 2_000, 1_000_000, 10_000
COMMITMENTS = ("committed", "aspirational", "learning")
CATEGORIES = ("safety", "operational", "financial", "other")
ZONES = ("healthy", "watch", "breached", "unknown")
NOW = dt.date(2026, 6, 30)
Test = Callable[[Any], bool]


def main() -> None:
    """Print one line a figure."""
    table, tests = table_of(random.Random(4))
    portfolio, history = firm(table)
    snapshot = evaluate(portfolio, history, as_of=NOW)
    conflicts = sample()
    some = conflicts[:LOOPED]
    given = facts(snapshot)

    decisions = resolve(conflicts, portfolio, snapshot=snapshot)
    expected = list(full_loop(some, tests, snapshot, table))
    assert [(d.winner, d.loser, d.rule) for d in decisions[:LOOPED]] == [
        (d.winner, d.loser, d.rule) for d in expected
    ]
    assert list(bare_loop(some, tests, given)) == [d.winner for d in decisions[:LOOPED]]

    asked = questions(conflicts, portfolio)
    inputs = columns([column.name for column in table.columns], conflicts, asked, snapshot)
    many = best(lambda: resolve_many(conflicts, portfolio, snapshot=snapshot).winner, 5)
    bulk = best(lambda: resolve(conflicts, portfolio, snapshot=snapshot), 3)
    rows = best(lambda: decide_rows(table, inputs), 5)
    full = best(lambda: list(full_loop(some, tests, snapshot, table)), 3) * ROWS / LOOPED
    bare = best(lambda: list(bare_loop(some, tests, given)), 3) * ROWS / LOOPED
    print(f"1,000,000 conflicts by 50 rules: {many:.2f} s as columns, {bulk:.2f} s as single decisions,")
    print(f"  of which the table {rows:.3f} s")
    print(
        f"  a loop over rules from the same conflicts and snapshot: {full:.0f} s,"
        f" {full / many:.0f} and {full / bulk:.0f} times as long"
    )
    print(
        f"  a loop over rules with all facts at hand, names only: {bare:.1f} s,"
        f" {bare / many:.0f} and {bare / bulk:.0f} times as long, {bare / rows:.0f} times the table"
    )
    distinct = {decision.conflict.id: decision for decision in decisions[:LOOPED]}.values()
    once = time.perf_counter()
    applied = apply(distinct, portfolio)
    twice = time.perf_counter()
    again = apply(distinct, applied)
    assert again is applied
    last = time.perf_counter()
    print(f"apply {len(distinct):,} decisions: {twice - once:.2f} s, once more {last - twice:.2f} s")


def best(work: Callable[[], object], runs: int) -> float:
    """Return the least time of several runs, in seconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def table_of(rng: random.Random) -> tuple[PriorityTable, list[tuple[str, list[tuple[str, Test]], str]]]:
    """Return 50 rules that do not overlap, and the same as plain predicates a column."""
    rules, tests = [], []
    spans = [(0, 60), (60, 120), (120, 200), (200, 367)]
    boxes = [(c, z, s) for c in COMMITMENTS for z in ZONES for s in spans]
    halves = [(box, (0.0, 0.5)) for box in boxes[:2]] + [(box, (0.5, 1.1)) for box in boxes[:2]]
    for number, ((commitment, zone, span), degree) in enumerate(
        [*halves, *((box, (0.0, 1.1)) for box in boxes[2:])]
    ):
        winner = rng.choice(("objective", "kpi"))
        when = {
            "objective.commitment": commitment,
            "kpi.zone": zone,
            "days_left": f"[{span[0]}..{span[1]})",
            "conflict.degree": f"[{degree[0]}..{degree[1]})",
        }
        rules.append(PriorityRule(id=f"P{number:02}", when=when, then=Outcome(winner=winner)))
        tests.append(
            (
                f"P{number:02}",
                [
                    ("objective.commitment", lambda value, one=commitment: value == one),
                    ("kpi.zone", lambda value, one=zone: value == one),
                    ("days_left", lambda value, one=span: one[0] <= value < one[1]),
                    ("conflict.degree", lambda value, one=degree: one[0] <= value < one[1]),
                ],
                winner,
            )
        )
    table = PriorityTable(
        columns=[
            Column(name="objective.commitment", values=COMMITMENTS),
            Column(name="kpi.zone", values=ZONES),
            Column(name="kpi.category", values=CATEGORIES),
            Column(name="days_left", low=0, high=366),
            Column(name="conflict.degree", low=0, high=1),
        ],
        rules=rules,
        default=Outcome(winner="kpi"),
        guardrails=[Guardrail(id="G1", when={"kpi.category": "safety"}, forbid=["objective"])],
    )
    return table, tests  # type: ignore[return-value]  # lambdas with defaults


def firm(table: PriorityTable) -> tuple[Portfolio, History]:
    """Return key results, KPIs in every zone, and what was observed of them."""
    year = Cycle.year(2026)
    definitions: list[Any] = [year, table]
    observed = []
    for n in range(GOALS):
        definitions += [
            Objective(id=f"o{n}", title="o", cycle=year.id, commitment=COMMITMENTS[n % 3]),  # type: ignore[arg-type]
            KeyResult(
                id=f"r{n}",
                objective=f"o{n}",
                title="r",
                measure=Target(0, 1),
                due=NOW + dt.timedelta(days=n % 180),
            ),
            Kpi(
                id=f"k{n}",
                title="k",
                target=Band(low=98),
                limit=Band(low=95),
                category=CATEGORIES[n // 4 % 4],
            ),
        ]
        if n % 4:
            observed.append(Observation(f"k{n}", NOW, (90, 96, 99)[n % 4 - 1]))
    return Portfolio.of(*definitions), History.of(observed)


def sample() -> tuple[Conflict, ...]:
    """Return a million conflicts."""
    rng = np.random.default_rng(1)
    goals, kpis = (rng.integers(0, GOALS, ROWS).tolist() for _ in range(2))
    degrees = rng.uniform(0, 1, ROWS).tolist()
    blank: FrozenDict[str, Any] = FrozenDict()
    return tuple(
        Conflict(
            kind="opposed", sides=(f"k{k}", f"r{g}"), degree=d, since=NOW, witness=blank, path=(), sentence=""
        )
        for g, k, d in zip(goals, kpis, degrees, strict=True)
    )


def facts(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Return what the rules ask, by side."""
    found: dict[str, dict[str, Any]] = {}
    for kpi in snapshot.portfolio.kpis:
        found[kpi.id] = {"kpi.zone": snapshot.kpi(kpi.id).zone, "kpi.category": kpi.category or "other"}
    for result in snapshot.portfolio.key_results:
        objective = snapshot.portfolio[result.objective]
        due = result.due or snapshot.portfolio[objective.cycle].end
        left = max(0, (due - NOW).days)
        found[result.id] = {"objective.commitment": objective.commitment, "days_left": left}
    return found


def winner_of(
    inputs: dict[str, Any], tests: list[tuple[str, list[tuple[str, Test]], str]]
) -> tuple[str | None, str | None]:
    """Ask every rule, then the guardrail."""
    matched = [
        (rule, winner) for rule, cells, winner in tests if all(test(inputs[name]) for name, test in cells)
    ]
    if len(matched) > 1:
        raise ValueError("two rules match")
    rule, winner = matched[0] if matched else (None, "kpi")
    if winner == "objective" and inputs["kpi.category"] == "safety":
        return "G1", None
    return rule, winner


def full_loop(
    conflicts: tuple[Conflict, ...],
    tests: list[tuple[str, list[tuple[str, Test]], str]],
    snapshot: Snapshot,
    table: PriorityTable,
) -> Iterator[Decision]:
    """Yield the decisions, one conflict after the other."""
    portfolio, name = snapshot.portfolio, table_hash(table)
    for conflict in conflicts:
        kpi, goal = conflict.sides
        result = portfolio[goal]
        objective = portfolio[result.objective]
        inputs = {
            "objective.commitment": objective.commitment,
            "kpi.zone": snapshot.kpi(kpi).zone,
            "kpi.category": portfolio[kpi].category or "other",
            "days_left": max(0, ((result.due or portfolio[objective.cycle].end) - NOW).days),
            "conflict.degree": conflict.degree,
        }
        rule, winner = winner_of(inputs, tests)
        won = {"objective": goal, "kpi": kpi, None: None}[winner]
        lost = {"objective": kpi, "kpi": goal, None: None}[winner]
        yield Decision(
            conflict=conflict,
            winner=won,
            loser=lost,
            ruling=Ruling(winner=winner, rule=rule, effect=None),
            table_hash=name,
            at=NOW,
            since=NOW,
        )


def bare_loop(
    conflicts: tuple[Conflict, ...],
    tests: list[tuple[str, list[tuple[str, Test]], str]],
    given: dict[str, dict[str, Any]],
) -> Iterator[str | None]:
    """Yield the winners, all facts at hand."""
    for conflict in conflicts:
        kpi, goal = conflict.sides
        _, winner = winner_of({**given[kpi], **given[goal], "conflict.degree": conflict.degree}, tests)
        yield {"objective": goal, "kpi": kpi, None: None}[winner]


if __name__ == "__main__":
    main()
