"""Verify a priority table exactly: gaps, overlaps, rules that never win, each with a witness (S14.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from okrcore.definitions.priority_outcomes import EFFECTS
from okrcore.definitions.priority_table import Guardrail, PriorityRule, PriorityTable
from okrcore.errors import TableError
from okrcore.priorities.closure import members
from okrcore.priorities.compiled_table import CompiledTable, compile_table, read_rows
from okrcore.priorities.proof import Proof, start_proof
from okrcore.priorities.regions import Budget, merged, overlap, uncovered
from okrcore.priorities.table_report import TableFinding, TableReport
from okrcore.priorities.unreachable_rules import masked, mergeable, redundant

LISTED = 1_000
"""How many gaps and overlaps are listed, errors first; whether there are any is exact all the same."""
_SIDES = frozenset({"objective", "kpi"})
_PIECES = 10_000
"""How many pieces of gaps are looked for and joined before they are listed."""


def verify_table(table: PriorityTable, *, max_cells: int = 20_000_000) -> TableReport:
    """Return everything that is wrong or idle in `table`, proved over its whole domain.

    Exact: no sampling, no floating point. A table of 200 rules and 8 columns takes well under a second where
    rules do not overlap. The worst case is exponential in the columns; once `max_cells` cells have been
    looked at (some seconds), the report says "too large to verify" and is not ok. A bad table raises nothing.

    >>> from okrcore import Outcome, PriorityRule

    >>> from okrcore.priorities import Column
    >>> report = verify_table(PriorityTable(
    ...     columns=[Column(name="days_left", kind="integer", low=0)],
    ...     rules=[
    ...         PriorityRule(id="P1", when={"days_left": "<= 30"}, then=Outcome(winner="objective")),
    ...         PriorityRule(id="P2", when={"days_left": "[30..60]"}, then=Outcome(winner="kpi")),
    ...     ],
    ...     default=Outcome(winner="kpi"),
    ... ))
    >>> print(report)
    not verified
    error: overlap: rules P1 and P2 both match where days_left: 30; narrow one, or add an override
    note: gap: no rule matches where days_left: >= 61; the default decides
    >>> report.overlaps[0].witness, report.gaps[0].witness
    ({'days_left': 30}, {'days_left': 61})
    """
    _, _, unread = read_rows(table)
    if problems := (*unread, *_idle(table)):
        return TableReport(problems=problems)
    compiled = compile_table(table)
    if compiled.circles:
        return TableReport(cycles=tuple(map(_circle, compiled.circles)))
    try:
        return _prove(compiled, Budget(max_cells))
    except TableError as error:
        return TableReport(problems=(TableFinding(kind="size", message=str(error)),))


def _prove(compiled: CompiledTable, budget: Budget) -> TableReport:
    proof = start_proof(compiled, budget)
    gaps, overlaps = list(_gaps(proof)), list(islice(_overlaps(proof), LISTED + 1))
    lists = {"gaps": gaps, "overlaps": overlaps}
    return TableReport(
        gaps=tuple(gaps[:LISTED]),
        overlaps=tuple(overlaps[:LISTED]),
        masked=tuple(masked(proof)) if proof.single else (),
        unreachable=tuple(_unreachable(compiled)),
        redundant=tuple(redundant(proof)) if proof.single else (),
        mergeable=tuple(mergeable(proof)),
        more=tuple(name for name, found in lists.items() if len(found) > LISTED),
    )


def _gaps(proof: Proof) -> Iterator[TableFinding]:
    compiled = proof.compiled
    found = merged(islice(uncovered(compiled.domain, compiled.rules, proof.budget), _PIECES))
    default = compiled.table.default
    remedy = "the default decides" if default else "add a rule or a default"
    for box in found[: LISTED + 1]:
        region = compiled.region(box)
        yield TableFinding(
            kind="gap",
            message=f"no rule matches {_where(region)}; {remedy}",
            witness=compiled.witness(box),
            region=region,
            error=default is None,
        )


def _overlaps(proof: Proof) -> Iterator[TableFinding]:
    """First the clashes, which are errors, then the overlaps that are resolved."""
    compiled, boxes = proof.compiled, proof.compiled.rules
    later = (1 << len(boxes)) - 1
    pairs = [
        (first, second)
        for first, bits in enumerate(proof.meets)
        for second in members(bits & later & ~((2 << first) - 1))
        if (first, second) not in proof.clashes
    ]
    for first, second in [*sorted(proof.clashes), *pairs]:
        clash = proof.clashes.get((first, second))
        both = overlap(boxes[first], boxes[second])
        if both is None:
            continue
        ids = proof.rules[first].id, proof.rules[second].id
        region = compiled.region(both)
        remedy = "narrow one, or add an override" if clash else "which of them decides is settled"
        yield TableFinding(
            kind="overlap",
            message=f"rules {' and '.join(ids)} both match {_where(region)}; {remedy}",
            rules=ids,
            witness=compiled.witness(clash or both),
            region=region,
            error=clash is not None,
        )


def _unreachable(compiled: CompiledTable) -> Iterator[TableFinding]:
    rows: list[PriorityRule | Guardrail] = [*compiled.table.rules, *compiled.table.guardrails]
    for row, box in zip(rows, compiled.boxes, strict=True):
        columns = zip(compiled.axes, box, strict=True)
        empty = {axis.name: row.when[axis.name] for axis, bits in columns if not bits}
        if empty:
            cells = "; ".join(f"{name}: {cell}" for name, cell in empty.items())
            text = f"{row.id} can never match: its column holds nothing of {cells}"
            yield TableFinding(kind="unreachable", message=text, rules=(row.id,), witness=empty)


def _idle(table: PriorityTable) -> list[TableFinding]:
    """Guardrails that forbid what nothing can be: a slip of the pen would silently permit everything."""
    outcomes = [*(rule.then for rule in table.rules), *([table.default] if table.default else [])]
    known = {outcome.winner for outcome in outcomes} | _SIDES | set(EFFECTS)
    return [
        TableFinding(
            kind="guardrail",
            rules=(guardrail.id,),
            witness={"forbid": word},
            message=f"guardrail {guardrail.id!r} forbids {word!r}, which is no winner and no effect; "
            f"name one of {', '.join(sorted(known))}",
        )
        for guardrail in table.guardrails
        for word in guardrail.forbid
        if word not in known
    ]


def _circle(path: tuple[str, ...]) -> TableFinding:
    text = f"overrides go in a circle: {' > '.join(path)}; drop one of them"
    return TableFinding(kind="cycle", message=text, rules=path[:-1], witness={"path": path})


def _where(region: Mapping[str, str]) -> str:
    return "where " + "; ".join(f"{name}: {cell}" for name, cell in region.items()) if region else "anywhere"
