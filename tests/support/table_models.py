"""Small random priority tables with their meaning in plain Python, so that laws are checked point by point.

A cell is drawn together with a predicate on positions; the tables' own parser is never asked. Positions are
halves from -1/2 to 13/2, cells name whole positions from 0 to 6, so that a grid of halves meets every region.
"""

import datetime as dt
from fractions import Fraction
from itertools import product

import attrs
from hypothesis import strategies as st

from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule, PriorityTable

LABELS = "abcdefg"
DAY = dt.date(2026, 1, 1)
HALVES = [Fraction(n, 2) for n in range(-1, 14)]
WHOLE = [Fraction(n) for n in range(7)]
GRID = {"number": HALVES, "integer": WHOLE, "date": WHOLE, "duration": HALVES[1:14], "enumeration": WHOLE}


def value(kind, position):
    """Return the input at a position; numbers are tenths, as floats that print so."""
    if kind == "number":
        return float(str(float(position * 100))) / 1000
    if kind == "integer":
        return int(position)
    if kind == "date":
        return DAY + dt.timedelta(days=int(position))
    if kind == "duration":
        return dt.timedelta(hours=float(position))
    return LABELS[int(position)]


def literal(kind, position):
    """Return a whole position as a cell spells it."""
    return {
        "number": f"0.{position}",
        "integer": str(position),
        "date": (DAY + dt.timedelta(days=position)).isoformat(),
        "duration": f"{position}h",
        "enumeration": LABELS[position],
    }[kind]


def column(name, kind):
    """Return a column of a kind."""
    return {
        "number": lambda: Column(name=name),
        "integer": lambda: Column(name=name, kind="integer", low=0, high=6),
        "date": lambda: Column(name=name, kind="date", low=DAY, high=DAY + dt.timedelta(days=6)),
        "duration": lambda: Column(name=name, kind="duration", low="0h", high="6h"),
        "enumeration": lambda: Column(name=name, values=list(LABELS)),
    }[kind]()


def _test(kind, shape, low, high):
    a, b = literal(kind, low), literal(kind, high)
    return {
        "is": (a, lambda p: p == low),
        "<": (f"< {a}", lambda p: p < low),
        "<=": (f"<={a}", lambda p: p <= low),
        ">": (f">{a}", lambda p: p > low),
        ">=": (f">= {a}", lambda p: p >= low),
        "[]": (f"[{a}..{b}]", lambda p: low <= p <= high),
        "[)": (f"[{a} .. {b})", lambda p: low <= p < high),
        "(]": (f"]{a}..{b}]", lambda p: low < p <= high),
        "()": (f"({a}..{b}[", lambda p: low < p < high),
    }[shape]


@st.composite
def cells(draw, kind):
    """Draw (text, predicate on a position)."""
    if draw(st.integers(0, 3)) == 0:
        return "-", lambda p: True
    shapes = ["is"] if kind == "enumeration" else ["is", "<", "<=", ">", ">=", "[]", "[)", "(]", "()"]
    tests = []
    for _ in range(draw(st.integers(1, 3))):
        low, high = sorted([draw(st.integers(0, 6)), draw(st.integers(0, 6))])
        tests.append(_test(kind, draw(st.sampled_from(shapes)), low, high))
    text = ", ".join(text for text, _ in tests)
    if draw(st.integers(0, 3)) == 0:
        return f"not({text})", lambda p: not any(holds(p) for _, holds in tests)
    return text, lambda p: any(holds(p) for _, holds in tests)


@attrs.frozen
class Model:
    """A table and, for each of its rows by id, one predicate a column."""

    table: PriorityTable
    kinds: tuple
    meaning: dict

    def points(self):
        """All grid points, as positions."""
        return list(product(*(GRID[kind] for kind in self.kinds)))

    def inputs(self, point):
        """A point as inputs."""
        names = [column.name for column in self.table.columns]
        return {name: value(kind, p) for name, kind, p in zip(names, self.kinds, point, strict=True)}

    def matching(self, rows, point):
        """The ids of the rows that hold at a point."""
        return [
            row.id
            for row in rows
            if all(holds(p) for holds, p in zip(self.meaning[row.id], point, strict=True))
        ]


@st.composite
def models(draw, most_columns=2, policies=("UNIQUE", "ANY", "FIRST", "PRIORITY"), guarded=True, total=True):
    """Draw a table with its meaning."""
    kinds = tuple(draw(st.lists(st.sampled_from(sorted(GRID)), min_size=1, max_size=most_columns)))
    columns = [column(f"c{place}", kind) for place, kind in enumerate(kinds)]
    meaning = {}

    def row(name):
        drawn = [draw(cells(kind)) for kind in kinds]
        meaning[name] = [holds for _, holds in drawn]
        return {column.name: text for column, (text, _) in zip(columns, drawn, strict=True)}

    rules = [
        PriorityRule(id=f"R{n}", when=row(f"R{n}"), then=Outcome(winner=draw(st.sampled_from("xy"))))
        for n in range(draw(st.integers(1, 5)))
    ]
    guardrails = [
        Guardrail(id=f"G{n}", when=row(f"G{n}"), forbid=[draw(st.sampled_from("xy"))])
        for n in range(draw(st.integers(0, 2)) if guarded else 0)
    ]
    policy = draw(st.sampled_from(policies))
    order = draw(st.permutations([rule.id for rule in rules]))
    pairs = [(a, b) for n, a in enumerate(order) for b in order[n + 1 :]]
    overrides = draw(st.lists(st.sampled_from(pairs), max_size=4)) if pairs and policy == "UNIQUE" else ()
    default = Outcome(winner="x") if total or draw(st.booleans()) else None
    table = PriorityTable(
        columns=columns,
        rules=rules,
        default=default,
        guardrails=[attrs.evolve(guardrail, forbid=[*guardrail.forbid]) for guardrail in guardrails],
        overrides=overrides,
        hit_policy=policy,
        ranking=("y", "x") if policy == "PRIORITY" else (),
    )
    known = {outcome.winner for outcome in [*(rule.then for rule in rules), *([default] if default else [])]}
    kept = [guardrail for guardrail in guardrails if set(guardrail.forbid) <= known]
    return Model(attrs.evolve(table, guardrails=kept), kinds, meaning)


def verdict(table, matched, dropped=None):
    """Return what the rules that match say: ("outcome", winner), ("none", None) or ("clash", ids)."""
    rules = {rule.id: rule for rule in table.rules}
    ids = [name for name in matched if name != dropped]
    if not ids:
        return "none", None
    if table.hit_policy == "FIRST":
        return "outcome", rules[min(ids, key=list(rules).index)].then.winner
    if table.hit_policy == "PRIORITY":
        return "outcome", min((rules[name].then.winner for name in ids), key=table.ranking.index)
    left = [name for name in ids if not any(beats(table, other, name) for other in ids)]
    winners = {rules[name].then.winner for name in left}
    if len(left) > 1 and (table.hit_policy == "UNIQUE" or len(winners) > 1):
        return "clash", tuple(sorted(left))
    return "outcome", winners.pop()


def beats(table, strong, weak):
    """Whether overrides lead from one rule to another."""
    todo, seen = [strong], set()
    while todo:
        one = todo.pop()
        for winner, loser in table.overrides:
            if winner == one and loser not in seen:
                seen.add(loser)
                todo.append(loser)
    return weak in seen
