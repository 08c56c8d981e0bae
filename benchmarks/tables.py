"""Priority tables against a Python loop over rules, and what a proof costs, in one run.

1,000,000 conflicts are decided by 50 rules and 3 guardrails over four columns: in bulk, by a plain loop over
the rules (native values, no report of what matched), and one by one by `decide_table`. These two run on a
share of the rows and are scaled. Answers are compared before they are timed. Run by `make bench`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable
from okrcore.priorities.bulk_decisions import Codes, decide_rows
from okrcore.priorities.table_rulings import decide_table
from okrcore.priorities.verification import verify_table

ROWS, LOOPED, SINGLE = 1_000_000, 100_000, 10_000
LETTERS = "abcdef"
Side = tuple[float, float] | frozenset[str]
Leaf = dict[str, Side]


def main() -> None:
    """Print one line a figure."""
    leaves = partition(random.Random(4), 50, "neee")
    table = guarded(table_of(leaves, "neee"))
    inputs = sample(table)
    coded = {name: column if name.endswith("n") else codes(column) for name, column in inputs.items()}
    bulk = decide_rows(table, inputs)
    assert decide_rows(table, coded).winner.tolist() == bulk.winner.tolist()
    assert list(plain_loop(table, leaves, inputs, LOOPED)) == bulk.winner[:LOOPED].tolist()
    rows = [{name: column[row] for name, column in inputs.items()} for row in range(SINGLE)]
    assert [decide_table(table, row) for row in rows] == [bulk[row] for row in range(SINGLE)]

    texts, fast = best(lambda: decide_rows(table, inputs)), best(lambda: decide_rows(table, coded))
    loop = best(lambda: list(plain_loop(table, leaves, inputs, LOOPED)), 2) * ROWS / LOOPED
    single = best(lambda: [decide_table(table, row) for row in rows], 2) * ROWS / SINGLE
    print(
        f"decide 1,000,000 rows by 50 rules, 3 guardrails: {texts:.3f} s from texts, {fast:.3f} s from codes"
    )
    for name, slow in (("a plain loop over the rules", loop), ("decide_table row by row", single)):
        print(f"  {name}: {slow:.1f} s, {slow / texts:.0f} and {slow / fast:.0f} times as long")
    print("verify, rules x columns: without overlap, with a rule missing, with rules that overlap at random")
    for rules, columns in ((50, 4), (200, 8), (200, 16), (1_000, 8)):
        kinds = ("ne" * columns)[:columns]
        clean = table_of(partition(random.Random(5), rules, kinds), kinds)
        lacking = table_of(partition(random.Random(5), rules, kinds)[1:], kinds)
        crossing = table_of(boxes(random.Random(6), rules, kinds), kinds)
        times = [best(lambda table=table: verify_table(table), 1) for table in (clean, lacking, crossing)]  # type: ignore[misc]
        assert verify_table(clean).ok
        assert len(verify_table(lacking).gaps) >= 1
        told = verify_table(crossing)
        note = "too large to verify" if told.problems else f"{len(told.errors)} errors listed"
        print(
            f"  {rules:>5} x {columns:<2}  {times[0]:5.2f} s  {times[1]:5.2f} s  {times[2]:5.2f} s ({note})"
        )


def best(work: Callable[[], object], runs: int = 5) -> float:
    """Return the least time of several runs, in seconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def partition(rng: random.Random, count: int, kinds: str) -> list[Leaf]:
    """Split the whole domain again and again: rules that neither overlap nor leave a gap."""
    leaves: list[Leaf] = [{name(place, kind): whole(kind) for place, kind in enumerate(kinds)}]
    while len(leaves) < count:
        chosen = rng.randrange(len(leaves))
        column = rng.choice(list(leaves[chosen]))
        side = leaves[chosen][column]
        if isinstance(side, tuple):
            at = round(rng.uniform(*side), 2)
            halves: tuple[Side, Side] = (side[0], at), (at, side[1])
            if not side[0] < at < side[1]:
                continue
        elif len(side) > 1:
            part = frozenset(rng.sample(sorted(side), rng.randint(1, len(side) - 1)))
            halves = part, side - part
        else:
            continue
        leaves[chosen : chosen + 1] = [{**leaves[chosen], column: half} for half in halves]
    return leaves


def boxes(rng: random.Random, count: int, kinds: str) -> list[Leaf]:
    """Return rules at random, most of which overlap some others."""
    found = []
    for _ in range(count):
        leaf: Leaf = {}
        for place, kind in enumerate(kinds):
            low = rng.randint(0, 60)
            drawn = frozenset(rng.sample(LETTERS, 3)) if kind == "e" else (low, low + rng.randint(5, 39))
            leaf[name(place, kind)] = whole(kind) if rng.random() < 0.3 else drawn
        found.append(leaf)
    return found


def name(place: int, kind: str) -> str:
    """Return a column's name, which ends in its kind."""
    return f"c{place}{kind}"


def whole(kind: str) -> Side:
    """Return a column's domain."""
    return (0, 100) if kind == "n" else frozenset(LETTERS)


def table_of(leaves: list[Leaf], kinds: str) -> PriorityTable:
    """Return the table with one rule a leaf."""
    names = [name(place, kind) for place, kind in enumerate(kinds)]
    columns = [
        Column(name=one, low=0, high=100) if one.endswith("n") else Column(name=one, values=list(LETTERS))
        for one in names
    ]
    rules = [
        PriorityRule(
            id=f"R{number:04}",
            when={column: cell(side) for column, side in leaf.items() if side != whole(column[-1])},
            then=Outcome(winner="objective" if number % 3 else "kpi"),
        )
        for number, leaf in enumerate(leaves)
    ]
    return PriorityTable(columns=columns, rules=rules, default=Outcome(winner="kpi"))


def cell(side: Side) -> str:
    """Return a side of a box as a cell."""
    if isinstance(side, tuple):
        return f"[{side[0]}..{side[1]}{']' if side[1] == 100 else ')'}"
    return ", ".join(sorted(side))


def sample(table: PriorityTable) -> dict[str, NDArray[np.generic]]:
    """Return a million rows of inputs."""
    rng = np.random.default_rng(1)
    letters = np.array(list(LETTERS), dtype=object)
    return {
        column.name: rng.uniform(0, 100, ROWS) if column.kind == "number" else rng.choice(letters, ROWS)
        for column in table.columns
    }


def guarded(table: PriorityTable) -> PriorityTable:
    """Return the table with three guardrails."""
    cells = {
        "G1": {"c1e": "a, b", "c0n": "> 90"},
        "G2": {"c2e": "f"},
        "G3": {"c3e": "not(a, b, c)", "c1e": "c"},
    }
    guardrails = [Guardrail(id=name, when=when, forbid=["objective"]) for name, when in cells.items()]
    return attrs.evolve(table, guardrails=guardrails)


def codes(column: NDArray[np.generic]) -> Codes:
    """Return a column of texts as codes."""
    place = {letter: number for number, letter in enumerate(LETTERS)}
    return Codes(np.array([place[str(value)] for value in column.tolist()]), LETTERS)


def plain_loop(
    table: PriorityTable, leaves: list[Leaf], inputs: dict[str, NDArray[np.generic]], rows: int
) -> Iterator[str | None]:
    """Yield the winner of each row: all rules are asked, as two matches are an error, then guardrails."""
    names = list(inputs)
    rules = [
        ([(names.index(column), leaf[column]) for column in rule.when], rule.then.winner)
        for rule, leaf in zip(table.rules, leaves, strict=True)
    ]
    letters = {
        "a, b": frozenset("ab"),
        "f": frozenset("f"),
        "not(a, b, c)": frozenset("def"),
        "c": frozenset("c"),
    }
    sides: dict[str, Side] = {**letters, "> 90": (90.000001, 101.0)}
    guardrails = [
        ([(names.index(column), sides[text]) for column, text in guardrail.when.items()], guardrail.forbid)
        for guardrail in table.guardrails
    ]
    for row in zip(*(column[:rows].tolist() for column in inputs.values()), strict=True):
        matched = [winner for tests, winner in rules if holds(tests, row)]
        if len(matched) > 1:
            raise ValueError("two rules match")
        winner = matched[0] if matched else "kpi"
        forbidden = any(winner in words for tests, words in guardrails if holds(tests, row))
        yield None if forbidden else winner


def holds(tests: list[tuple[int, Side]], row: tuple[Any, ...]) -> bool:
    """Whether a row passes all tests."""
    for place, side in tests:
        if isinstance(side, tuple):
            if not side[0] <= row[place] < side[1]:
                return False
        elif row[place] not in side:
            return False
    return True


if __name__ == "__main__":
    main()
