"""Decision-table cases to a verdict a case: do the library's tables say what was published?

`run.py` calls `judge` for the kinds in `KINDS`. All answers come from `verify_table`, `decide_table` and
`compare_tables`; what is here only restates tables and results.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import Column, PriorityRule, PriorityTable
from okrcore.errors import OkrError, TableError
from okrcore.priorities.comparison import compare_tables
from okrcore.priorities.table_rulings import decide_table
from okrcore.priorities.verification import verify_table

OTHER = "(any other)"


class OutOfAimError(Exception):
    """A case that this library does not set out to reproduce; the message is the reason."""


def judge(case: Mapping[str, Any]) -> tuple[str, str]:
    """Return ("passed" | "failed" | "skipped", the line that differs or the reason to skip)."""
    answer = KINDS.get(case["kind"])
    if answer is None:
        return "skipped", f"{case['kind']} is no kind of decision table"
    try:
        got, wanted = answer(case["inputs"], case["expected"])
    except OutOfAimError as reason:
        return "skipped", str(reason)
    except OkrError as error:
        return "failed", f"{case['id']}: {error}"
    same = simple(got) == simple(wanted)
    return ("passed", "") if same else ("failed", f"{case['id']}: expected {wanted!r}, got {got!r}")


Answer = tuple[Any, Any]


def hit_policy(given: Mapping[str, Any], wanted: Any) -> Answer:
    """Decide a foreign table: outputs are packed into one winner text and unpacked again."""
    table, context = given["table"], given["context"]
    outputs = table["outputs"]
    adds = {None: "", "SUM": " SUM", "MIN": " MIN", "MAX": " MAX", "COUNT": " COUNT"}[table["aggregation"]]
    columns = []
    for place, column in enumerate(table["inputs"]):
        texts = [rule["in"][place] for rule in table["rules"]]
        values = None if column["type"] == "number" else labels([*texts, f'"{context.get(column["expr"])}"'])
        columns.append(Column(name=column["expr"], values=values))

    def pack(outs: Sequence[str]) -> str:
        return outs[0].strip() if adds else json.dumps([out.strip() for out in outs])

    def unpack(winner: str) -> Any:
        values = [literal(out) for out in json.loads(winner)]
        named = len(outputs) > 1 or outputs[0]["name"] is not None
        return dict(zip((out["name"] for out in outputs), values, strict=True)) if named else values[0]

    winners = dict.fromkeys(pack(rule["out"]) for rule in table["rules"])
    ranks = [[literal(v) for v in split(out["values"])] if out["values"] else [] for out in outputs]

    def rank(winner: str) -> list[int]:
        outs = [literal(out) for out in json.loads(winner)]
        return [listed.index(out) for out, listed in zip(outs, ranks, strict=True) if listed]

    ranked = table["hit_policy"] in ("PRIORITY", "OUTPUT ORDER")
    defaults = [out["default"] for out in outputs]
    priority = PriorityTable(
        columns=columns,
        rules=rows_of([(rule["in"], pack(rule["out"])) for rule in table["rules"]], columns),
        default=Outcome(winner=pack(defaults)) if all(defaults) else None,
        hit_policy=table["hit_policy"] + adds,
        ranking=sorted(winners, key=rank) if ranked else (),
    )
    inputs = {column.name: str(context.get(column.name)) for column in columns}
    try:
        ruling = decide_table(priority, inputs)
    except TableError:
        return None, wanted
    if adds or ruling.winner is None:
        return ruling.winner, wanted
    if ruling.rule and table["hit_policy"] in ("RULE ORDER", "OUTPUT ORDER", "COLLECT"):
        return [unpack(winner) for winner in ruling.winners], wanted
    return unpack(ruling.winner), wanted


def gaps_overlaps(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> Answer:
    """Verify a table of numbers; regions are compared as sets of points, not as lists of boxes."""
    width = len(given.get("column_types") or given["inputs"])
    columns = [Column(name=f"c{place}") for place in range(width)]
    cells = [
        (rule[:width], str(rule[width]) if len(rule) > width else str(n))
        for n, rule in enumerate(given["rules"])
    ]
    every = ["UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER"]
    policies = every if "each" in given["hit_policy"] else [given["hit_policy"]]
    got = []
    for policy in policies:
        report = verify_table(table_of(columns, cells, policy))
        pairs = {found.rules: found.region for found in report.overlaps}
        stated: dict[tuple[str, ...], list[list[str]]] = {}
        for overlap in wanted["overlaps"]:
            for pair in combinations([f"R{rule}" for rule in sorted(overlap["rules"])], 2):
                stated.setdefault(pair, []).append(overlap["region"])
        got += [
            covers_same(columns, [found.region for found in report.gaps], wanted["gaps"]),
            set(pairs) == set(stated),
            all(covers_same(columns, [region], stated.get(pair, [])) for pair, region in pairs.items()),
            any(found.error for found in report.overlaps) == (policy in wanted.get("error_for", every)),
        ]
    return got, [True] * len(got)


def masked_rule(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> Answer:
    """Which rules can never be returned, and which general rule beats a specific one."""
    columns = [
        Column(name=name)
        if domain == "number"
        else Column(name=name, values=["false", "true"] if domain == "boolean" else domain)
        for name, domain in given["domains"].items()
    ]
    rules = [(rule[:-1], rule[-1]) for rule in given["rules"]]
    order = given["output_priority"]
    report = verify_table(table_of(columns, rules, given.get("hit_policy", "PRIORITY"), order))
    masked = [{"rule": number(found.rule), "masked_by": number(found.by[0])} for found in report.masked]
    hidden = {found.rule for found in report.masked}
    meeting = {found.rules for found in report.overlaps}
    misleading = [
        {"rule": strong + 1, "misleads": weak + 1}
        for strong, weak in permutations(range(len(rules)), 2)
        if f"R{weak + 1}" not in hidden
        and order.index(rules[strong][1]) < order.index(rules[weak][1])
        and tuple(f"R{n + 1}" for n in sorted((strong, weak))) in meeting
        and any(a == "-" != b for a, b in zip(rules[strong][0], rules[weak][0], strict=True))
    ]
    got = {"gaps": bool(report.gaps), "masked": masked, "misleading": misleading}
    return got, {"gaps": bool(wanted["gaps"]), "masked": wanted["masked"], "misleading": wanted["misleading"]}


def table_lint(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> Answer:
    """Duplicate, conflicting and shadowed rules."""
    rules = [(rule[:-1], rule[-1]) for rule in given["rules"]]
    columns = []
    for place in range(len(rules[0][0])):
        texts = [cells[place] for cells, _ in rules]
        is_label = any('"' in text or text in ("true", "false") for text in texts)
        columns.append(Column(name=f"c{place}", values=labels(texts) if is_label else None))
    report = verify_table(table_of(columns, rules, given["hit_policy"]))
    alone = [table_of(columns, [rule], given["hit_policy"]) for rule in rules]
    found = {
        "duplicate": [
            [a + 1, b + 1]
            for a, b in combinations(range(len(rules)), 2)
            if not compare_tables(alone[a], alone[b])
        ],
        "conflicting": [list(map(number, one.rules)) for one in report.overlaps if one.error],
        "shadowed": [{"rule": number(one.rule), "by": number(one.by[0])} for one in report.masked],
    }
    return {name: found[name] for name in wanted}, dict(wanted)


def unary_test_subsumption(given: Mapping[str, Any], wanted: bool) -> Answer:
    """Whether the first test covers the second: whether, asked first, it leaves the second nothing."""
    tests = [instants_as_seconds(given["subsuming"]), instants_as_seconds(given["subsumed"])]
    inner = [re.sub(r"^not\((.*)\)$", r"\1", test) for test in tests]
    names = [bool(re.fullmatch(r'[a-z]|true|false|null|".*"', text)) for text in inner]
    if all(names):
        column = Column(name="c", values=[*dict.fromkeys(text.strip('"') for text in inner), OTHER])
    else:
        column = Column(name="c", kind="date" if "date(" in tests[0] else "number")
    report = verify_table(table_of([column], [([test], test) for test in tests], "FIRST"))
    return [found.rule for found in report.masked] == ["R2"], wanted


def conflict_is_error(given: Mapping[str, Any], wanted: str) -> Answer:
    """Two values for one complete rule."""
    rules: list[tuple[list[str], str]] = [([], rule.split(":=")[1].strip()) for rule in given["rules"]]
    table = table_of([], rules, "ANY")
    if verify_table(table).ok:
        return "verified", wanted
    try:
        return decide_table(table, {}).winner, wanted
    except TableError:
        return "error", "error" if "error" in wanted else wanted


def rule_superiority(given: Mapping[str, Any], wanted: str) -> Answer:
    """Superiority as overrides; no conclusion where two rules contradict and neither is superior."""
    rules = {name: [part.strip() for part in text.split("=>")] for name, text in given["rules"].items()}
    superior = [tuple(pair) for pair in given["superiority"]]
    if superior and any(count > 1 for count in Counter(then for _, then in rules.values()).values()):
        raise OutOfAimError(
            "team defeat of defeasible logic is out of aim: one rule wins, not a team of rules"
        )
    if any((a, d) not in superior for a, b in superior for c, d in superior if b == c):
        raise OutOfAimError("superiority that is not transitive is out of aim: overrides are (S14.2)")
    facts = sorted({fact for fact, _ in rules.values()} | set(given["facts"]))
    table = PriorityTable(
        columns=[Column(name=fact, values=[True, False]) for fact in facts],
        rules=[
            PriorityRule(id=name, when={fact: "true"}, then=Outcome(winner=then))
            for name, (fact, then) in rules.items()
        ],
        default=Outcome(winner="undetermined"),
        overrides=superior,
    )
    try:
        return decide_table(table, {fact: fact in given["facts"] for fact in facts}).winner, wanted
    except TableError:
        return "undetermined", wanted


def pairwise_weights(given: Mapping[str, Any], wanted: object) -> Answer:
    """Never run."""
    raise OutOfAimError("pairwise weights of AHP are out of aim: priorities are rules, not weights")


KINDS: dict[str, Callable[[Mapping[str, Any], Any], Answer]] = {
    "hit_policy": hit_policy,
    "gaps_overlaps": gaps_overlaps,
    "masked_rule": masked_rule,
    "misleading_rule": masked_rule,
    "table_lint": table_lint,
    "lint": table_lint,
    "unary_test_subsumption": unary_test_subsumption,
    "conflict_is_error": conflict_is_error,
    "rule_superiority": rule_superiority,
    "pairwise_weights": pairwise_weights,
}


def table_of(
    columns: Sequence[Column],
    rules: Sequence[tuple[Sequence[str], str]],
    policy: str = "UNIQUE",
    ranking: Sequence[str] = (),
) -> PriorityTable:
    """Return the table of rows of cells, each with its winner; ids are R1, R2 ..."""
    ranked = policy in ("PRIORITY", "OUTPUT ORDER")
    winners = tuple(ranking) or tuple(dict.fromkeys(winner for _, winner in rules))
    return PriorityTable(
        columns=columns,
        rules=rows_of(rules, columns),
        default=None,
        hit_policy=policy,
        ranking=winners if ranked else (),
    )


def rows_of(rules: Sequence[tuple[Sequence[str], str]], columns: Sequence[Column]) -> list[PriorityRule]:
    """Return rows of cells as rules."""
    return [
        PriorityRule(
            id=f"R{place}",
            when={column.name: cell for column, cell in zip(columns, cells, strict=True)},
            then=Outcome(winner=winner),
        )
        for place, (cells, winner) in enumerate(rules, 1)
    ]


def covers_same(
    columns: Sequence[Column], regions: Sequence[Mapping[str, str]], stated: Sequence[Sequence[str]]
) -> bool:
    """Whether regions {column: cell} and published ones, such as ["[0,inf)", "*"], hold the same points."""
    ours = [[region.get(column.name, "-") for column in columns] for region in regions]
    theirs = [[as_cell(text) for text in region] for region in stated]
    tables = [table_of(columns, [(cells, "inside") for cells in found], "FIRST") for found in (ours, theirs)]
    return not compare_tables(*tables)


def as_cell(text: str) -> str:
    """Return "*", "(-inf,5)" or "[0,5] [7,inf)" as a cell."""
    tests = []
    for piece in text.split():
        found = re.fullmatch(r"([\[(])(.+),(.+)([\])])", piece)
        if piece == "*" or (found and found[2] == "-inf" and found[3] == "inf"):
            return "-"
        if found is None:
            tests.append(piece)
        elif found[2] == "-inf":
            tests.append(f"{'<=' if found[4] == ']' else '<'} {found[3]}")
        elif found[3] == "inf":
            tests.append(f"{'>=' if found[1] == '[' else '>'} {found[2]}")
        else:
            tests.append(f"{found[1]}{found[2]}..{found[3]}{found[4]}")
    return ", ".join(tests)


def instants_as_seconds(test: str) -> str:
    """Return a test with every `date and time("...")` as its seconds since 0001-01-01, exactly."""

    def seconds(found: re.Match[str]) -> str:
        span = dt.datetime.fromisoformat(found[1]) - dt.datetime(1, 1, 1)  # noqa: DTZ001
        return str(span // dt.timedelta(seconds=1))

    return re.sub(r'date and time\("([^"]+)"\)', seconds, test)


def labels(texts: Sequence[str]) -> list[str]:
    """Return the labels that cells name, and one for all others."""
    named = [label for text in texts for label in re.findall(r'"([^"]*)"', text)]
    return list(dict.fromkeys([*named, "true", "false", OTHER]))


def split(text: str) -> list[str]:
    """Return a list of literals."""
    return [part.strip() for part in text.split(",")]


def literal(text: str) -> Any:
    """Return a literal's value: text, number, true or false."""
    text = text.strip()
    if text.startswith('"'):
        return text[1:-1]
    return {"true": True, "false": False}.get(text, text)


def simple(value: Any) -> Any:
    """Return a result with numbers, also those written as text, as floats."""
    if isinstance(value, list):
        return [simple(one) for one in value]
    if isinstance(value, dict):
        return {name: simple(one) for name, one in value.items()}
    is_number = isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)
    return float(value) if is_number else value


def number(rule: str | None) -> int:
    """Return the place of a rule, from 1."""
    return int((rule or "R0")[1:])
