"""Read a decision table in DMN XML as a priority table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from okrcore.adapters.dmn.input_columns import Input, column_of, read_inputs
from okrcore.adapters.dmn.output_columns import Outputs, read_outputs
from okrcore.adapters.dmn.positioned_xml import Element, Faults, read_xml
from okrcore.adapters.regular_files import failed, size_of
from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import PriorityRule, PriorityTable

LARGEST = 16_000_000
VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""The namespace of a file -> the version of DMN."""
_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
_SUMS = {"": "", "SUM": " SUM", "MIN": " MIN", "MAX": " MAX", "COUNT": " COUNT"}


def read_dmn(
    path: str | os.PathLike[str],
    decision: str | None = None,
    *,
    winner: str | None = None,
    max_bytes: int = LARGEST,
) -> PriorityTable:
    """Return the decision table in a DMN file, version 1.1 to 1.5, as a priority table.

    `decision` is the id or the name of the decision, needed where the file has several tables. A column is
    named as its input expression is written, and its type must be string, boolean, number, date or
    dayTimeDuration, or an item definition of one. Cells are unary tests of literals, texts in quotes. A text
    column that does not say what it can hold gets the labels that its cells name, and "(any other)" for the
    rest: pass that label for any other text, which would else count as missing.

    The one output is the winner. Of several, `winner` names it and the others are left out; None takes the
    one that is called winner, and refuses others but `why` or `reason`, which tell why; without those a
    rule's description or its annotations do. Output values rank the winners of PRIORITY and OUTPUT ORDER.
    Default outputs are the default, None without. Effects are not invented. The table is not proved yet: see
    `verify_table`.

    Raises DocumentError with every fault, its line and column: a document type or entity, a namespace that
    is not DMN's, more than `max_bytes`, an expression that would have to be computed; MissingExtraError
    without defusedxml. Nothing but the file is opened. A thousand rules of six columns take about 0.1 s.

    >>> import pathlib, tempfile
    >>> text = '''<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="priorities">
    ...   <decision id="who-wins"><decisionTable hitPolicy="FIRST">
    ...     <input><inputExpression typeRef="string"><text>kpi.zone</text></inputExpression></input>
    ...     <output name="winner"/>
    ...     <rule id="P1"><inputEntry><text>"breached"</text></inputEntry>
    ...       <outputEntry><text>"kpi"</text></outputEntry></rule>
    ...   </decisionTable></decision>
    ... </definitions>'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "priorities.dmn")
    ...     _ = file.write_text(text)
    ...     table = read_dmn(file)
    >>> table.hit_policy, table.rules[0].then.winner, table.columns[0].values
    ('FIRST', 'kpi', ('breached', '(any other)'))
    """
    file = Path(path)
    root = read_xml(_bytes(file, max_bytes), str(file))
    faults = Faults(str(file))
    if root.space not in VERSIONS or root.name != "definitions":
        shown = f"<{root.name[:60]}> of namespace {root.space[:100]!r}"
        faults.add(root, f"the root is {shown}; give <definitions> of DMN 1.1 to 1.5")
        faults.check()
    chosen = _chosen(root, decision, faults)
    faults.check()
    table = _table(chosen, root, winner, faults)
    faults.check()
    assert table is not None, "what is not read is a fault"
    return table


def _bytes(file: Path, max_bytes: int) -> bytes:
    size_of(file)
    try:
        with file.open("rb") as opened:
            data = opened.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise failed(file, f"cannot be opened: {reason}; check the path") from error
    if len(data) > max_bytes:
        raise failed(file, f"has more than max_bytes {max_bytes}; split it, or allow more")
    return data


def _chosen(root: Element, wanted: str | None, faults: Faults) -> Element:
    """Return the decision that is asked for; one fault where there is none, or more than one."""
    found = [one for one in root.all("decision") if one.first("decisionTable")]
    names = ", ".join(one.get("id") or one.get("name") for one in found[:40])
    if wanted is not None:
        named = [one for one in found if wanted in (one.get("id"), one.get("name"))]
        if len(named) != 1:
            how = "has no" if not named else "has more than one"
            faults.add(root, f"{how} decision table {wanted!r}; name one of {names or 'those it has: none'}")
        found = named
    elif len(found) > 1:
        faults.add(root, f"has {len(found)} decision tables; say which: decision= one of {names}")
    elif not found:
        faults.add(root, "no decision in it has a decision table; save one as a table")
    return found[0] if found else root


def _table(decision: Element, root: Element, winner: str | None, faults: Faults) -> PriorityTable | None:
    table = decision.first("decisionTable")
    assert table is not None, "only such decisions are chosen"
    policy = _policy(table, faults)
    inputs = read_inputs(table, root, faults)
    outputs = read_outputs(table, winner, faults)
    if outputs is None:
        return None
    rules = _rules(table, inputs, outputs, faults)
    default = outputs.default(faults)
    columns = [column_of(one, faults) for one in inputs]
    ranking = outputs.ranking(faults) if policy in ("PRIORITY", "OUTPUT ORDER") else ()
    if faults.problems:
        return None
    return faults.build(
        table,
        lambda: PriorityTable(
            columns=[column for column in columns if column],
            rules=rules,
            default=default,
            hit_policy=policy,
            ranking=ranking,
        ),
    )


def _policy(table: Element, faults: Faults) -> str:
    policy, adds = table.get("hitPolicy") or "UNIQUE", table.get("aggregation")
    if policy not in _POLICIES:
        faults.add(table, f"hit policy {policy[:60]!r} is unknown; give one of {', '.join(_POLICIES)}")
    elif adds not in _SUMS or (adds and policy != "COLLECT"):
        faults.add(
            table, f"aggregation {adds[:60]!r} does not go with {policy}; give COLLECT and SUM or such"
        )
    return policy + _SUMS.get(adds, "")


def _rules(table: Element, inputs: Sequence[Input], outputs: Outputs, faults: Faults) -> list[PriorityRule]:
    rules: list[PriorityRule] = []
    taken: dict[str, int] = {}
    for number, row in enumerate(table.all("rule"), 1):
        entries, results = list(row.all("inputEntry")), list(row.all("outputEntry"))
        for kind, given, wanted in (
            ("input", len(entries), len(inputs)), ("output", len(results), outputs.count)
        ):  # fmt: skip
            if given != wanted:
                faults.add(
                    row, f"rule {number} has {given} {kind} entries for {wanted} {kind}s; give one each"
                )
        when = {
            one.name: cell
            for one, entry in zip(inputs, entries, strict=False)
            if (cell := one.read(entry, faults)) != "-"
        }
        then = outputs.outcome(row, results, faults)
        if then is not None:
            name = _free(row.get("id") or row.get("label") or f"rule-{number}", taken)
            rule = faults.build(row, lambda: _rule(name, when, then))  # noqa: B023 - called at once
            rules += [rule] if rule else []
    return rules


def _rule(name: str, when: dict[str, str], then: Outcome) -> PriorityRule:
    return PriorityRule(id=name, when=when, then=then)


def _free(name: str, taken: dict[str, int]) -> str:
    """Return the name, with a number behind it where a rule has it already."""
    free = name
    while free in taken:
        taken[name] += 1
        free = f"{name}-{taken[name]}"
    taken[free] = 1
    return free
