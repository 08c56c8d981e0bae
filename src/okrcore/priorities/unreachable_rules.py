"""Find the rules that a table does not need: masked, redundant and mergeable ones (S14.3)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from okrcore.priorities.closure import members
from okrcore.priorities.hit_policies import same
from okrcore.priorities.proof import Proof
from okrcore.priorities.regions import Box, overlap
from okrcore.priorities.table_report import TableFinding


def masked(proof: Proof) -> Iterator[TableFinding]:
    """Yield the rules that match somewhere but never decide, with those that hide them, also jointly.

    Rules that guardrails always forbid come as notes: an urgent guardrail must not put the table out of use.
    """
    compiled = proof.compiled
    for index, box in enumerate(compiled.rules):
        if not all(box):
            continue
        beaten = compiled.beaten_by[index] & proof.meets[index]
        rule = proof.rules[index]
        if proof.open_part(box, beaten) is None:
            by = tuple(proof.rules[other].id for other in members(beaten) if _wins_in(proof, other, box))
            text = f"rule {rule.id} matches but never decides; {', '.join(by)} beat{'s' * (len(by) == 1)} it"
            yield TableFinding(
                kind="masked", message=text, rules=(rule.id, *by), witness=compiled.witness(box)
            )
            continue
        words = {rule.then.winner, rule.then.effect.kind if rule.then.effect else ""}
        pairs = zip(compiled.table.guardrails, compiled.guardrails, strict=True)
        guards = {guard.id: guarded for guard, guarded in pairs if words & set(guard.forbid)}
        if guards and proof.open_part(box, beaten, guards.values()) is None:
            by = tuple(name for name, guarded in guards.items() if overlap(box, guarded) is not None)
            text = f"rule {rule.id} matches but never decides; guardrails forbid it: {', '.join(by)}"
            yield TableFinding(
                kind="masked",
                message=text,
                rules=(rule.id, *by),
                witness=compiled.witness(box),
                error=False,
            )


def redundant(proof: Proof) -> Iterator[TableFinding]:
    """Yield the rules that could be dropped without changing any ruling but the id of the deciding rule."""
    compiled = proof.compiled
    clashing = {index for pair in proof.clashes for index in pair}
    for index, box in enumerate(compiled.rules):
        if not all(box) or index in clashing or not proof.meets[index] or not _replaced(proof, index, box):
            continue
        rule = proof.rules[index]
        others = [proof.rules[other] for other in members(proof.meets[index])]
        by = tuple(other.id for other in others if same(other.then, rule.then)) or tuple(
            other.id for other in others
        )
        yield TableFinding(
            kind="redundant",
            message=f"rule {rule.id} could go; {', '.join(by)} would decide the same",
            rules=(rule.id, *by),
            witness=compiled.witness(box),
            error=False,
        )


def mergeable(proof: Proof) -> Iterator[TableFinding]:
    """Yield the rules that could be one row: one outcome and reason, cells that differ in one column only."""
    compiled = proof.compiled
    if compiled.policy not in ("U", "A"):
        return
    beats = [0] * len(compiled.rules)
    for index, bits in enumerate(compiled.beaten_by):
        for other in members(bits):
            beats[other] |= 1 << index
    groups: dict[object, list[int]] = {}
    for index, box in enumerate(compiled.rules):
        for column in range(len(box)):
            rest = (proof.rules[index].then, compiled.beaten_by[index], beats[index], column)
            groups.setdefault((*rest, box[:column], box[column + 1 :]), []).append(index)
    seen = set()
    for group in groups.values():
        rows = tuple(proof.rules[index].id for index in group)
        if len(rows) > 1 and rows not in seen and all(all(compiled.rules[index]) for index in group):
            seen.add(rows)
            region = compiled.region(_union([compiled.rules[index] for index in group]))
            text = ", ".join(f"{name}: {cell}" for name, cell in region.items())
            yield TableFinding(
                kind="mergeable",
                message=f"rules {', '.join(rows)} could be one row where {text or 'anything goes'}",
                rules=rows,
                witness=compiled.witness(compiled.rules[group[1]]),
                region=region,
                error=False,
            )


def _wins_in(proof: Proof, index: int, box: Box) -> bool:
    both = overlap(box, proof.compiled.rules[index])
    return proof.open_part(both, proof.compiled.beaten_by[index]) is not None


def _replaced(proof: Proof, index: int, box: Box) -> bool:
    """Whether other rules decide the same wherever this one decides."""
    boxes, beaten = proof.compiled.rules, proof.compiled.beaten_by
    if proof.open_part(box, proof.meets[index]) is not None:
        return False
    heirs = list(members(proof.meets[index] & ~beaten[index]))
    without = ~(1 << index)
    for heir in heirs:
        if not same(proof.rules[heir].then, proof.rules[index].then):
            both = overlap(box, boxes[heir])
            if proof.open_part(both, beaten[index] | beaten[heir] & without) is not None:
                return False
    if proof.compiled.policy != "U":
        return True
    for one, two in combinations(heirs, 2):
        if (beaten[one] >> two | beaten[two] >> one) & 1:
            continue
        pair = overlap(boxes[one], boxes[two])
        all_three = None if pair is None else overlap(box, pair)
        if proof.open_part(all_three, beaten[index] | (beaten[one] | beaten[two]) & without) is not None:
            return False
    return True


def _union(boxes: list[Box]) -> Box:
    joined = boxes[0]
    for box in boxes[1:]:
        joined = tuple(a | b for a, b in zip(joined, box, strict=True))
    return joined
