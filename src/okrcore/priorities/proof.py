"""Prepare proofs about a compiled table: which rules meet, and which of them clash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import attrs

from okrcore.definitions.priority_table import PriorityRule
from okrcore.priorities.closure import members
from okrcore.priorities.compiled_table import CompiledTable
from okrcore.priorities.hit_policies import SINGLE, same
from okrcore.priorities.regions import Box, Budget, overlap, uncovered


@attrs.frozen(kw_only=True, eq=False)
class Proof:
    """A table, the budget of the proof, for each rule the bits of those it meets, and the clashes with a box.

    Two rules meet where both match; they clash where both match and nothing says which of them decides.
    """

    compiled: CompiledTable
    budget: Budget
    meets: tuple[int, ...] = ()
    clashes: Mapping[tuple[int, int], Box] = attrs.field(factory=dict)

    @property
    def rules(self) -> tuple[PriorityRule, ...]:
        """The rules of the table."""
        return self.compiled.table.rules

    @property
    def single(self) -> bool:
        """Whether one rule decides; otherwise all that match do."""
        return self.compiled.policy in SINGLE

    def open_part(self, box: Box | None, rules: int, further: Iterable[Box] = ()) -> Box | None:
        """Return a box of what `rules` (bits) and `further` leave of `box`, None where that is nothing."""
        if box is None:
            return None
        rows = (self.compiled.rules[index] for index in members(rules))
        return next(uncovered(box, chain(rows, further), self.budget), None)


def start_proof(compiled: CompiledTable, budget: Budget) -> Proof:
    """Return the proof with all pairs of rules compared; time grows with the square of the rules."""
    boxes = compiled.rules
    budget.spend((len(compiled.boxes) + 1) * (len(compiled.axes) + 1))
    meets = [0] * len(boxes)
    for first, box in enumerate(boxes):
        budget.spend(first * len(box))
        for second in range(first):
            if overlap(box, boxes[second]) is not None:
                meets[first] |= 1 << second
                meets[second] |= 1 << first
    proof = Proof(compiled=compiled, budget=budget, meets=tuple(meets))
    return attrs.evolve(proof, clashes=_clashes(proof)) if proof.single else proof


def _clashes(proof: Proof) -> dict[tuple[int, int], Box]:
    """Pairs that both match and neither beats the other, nor a third rule both; with a box where they do."""
    boxes, beaten = proof.compiled.rules, proof.compiled.beaten_by
    agree = proof.compiled.policy != "U"
    found = {}
    for first, bits in enumerate(proof.meets):
        rivals = bits & ~beaten[first] & ((1 << first) - 1)
        for second in members(rivals):
            if beaten[second] >> first & 1:
                continue
            if agree and same(proof.rules[first].then, proof.rules[second].then):
                continue
            both = overlap(boxes[first], boxes[second])
            clash = proof.open_part(both, beaten[first] | beaten[second])
            if clash is not None:
                found[second, first] = clash
    return found
