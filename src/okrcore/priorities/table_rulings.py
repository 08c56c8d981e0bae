"""Decide one set of inputs by a priority table: who wins, by which rule, and why other rules lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs

from okrcore.definitions.priority_outcomes import Effect, Escalate, Outcome
from okrcore.definitions.priority_table import Guardrail, PriorityTable
from okrcore.errors import TableError
from okrcore.priorities import s_feel_literals as literals
from okrcore.priorities.closure import members
from okrcore.priorities.compiled_table import CompiledTable, compile_table
from okrcore.priorities.hit_policies import SINGLE, in_output_order, same
from okrcore.priorities.table_report import frozen

NOBODY = "priority-table-owner"
"""Whom a ruling escalates to where neither the guardrail nor the default names anybody."""


@attrs.frozen(kw_only=True)
class Ruling:
    """What a table says about one set of inputs.

    `winner` is None where the ruling escalates: the outcome itself puts the question to somebody, a guardrail
    made it `forbidden`, or inputs are `missing`. `rule` is the id of the rule that decided, of the guardrail
    that forbade, or None for the default and for missing inputs. `effect` is the outcome's, or the
    escalation. `forbidden` holds what of the outcome (its winner, its effect) the guardrails forbid, so it is
    empty unless they did. `matched` and `guardrails` hold the ids of all that match, sorted; `overruled` says
    of each other rule why it lost. `winners` holds one winner, or for hit policies R, O and C all of them in
    order (`winner` is the first), and none where the ruling escalates.
    """

    winner: str | None
    rule: str | None
    effect: Effect | None
    why: str = ""
    forbidden: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    guardrails: tuple[str, ...] = ()
    overruled: Mapping[str, str] = attrs.field(factory=dict, converter=frozen)
    winners: tuple[str, ...] = ()

    @property
    def escalates(self) -> bool:
        """Whether somebody has to decide: no winner stands, or the outcome itself is to escalate."""
        return bool(self.forbidden or self.missing) or (
            self.effect is not None and self.effect.kind == "escalate"
        )


def decide_table(table: PriorityTable, inputs: Mapping[str, Any]) -> Ruling:
    """Return what `table` rules for `inputs`, one value a column (S14.2, S14.5).

    A value may be given as text (`"2026-12-31"`, `"24h"`). None, NaN, a value of another kind and one outside
    the column's domain count as missing; names that are no column are ignored. A float is the decimal that
    prints: 0.1 is a tenth, 0.1 + 0.2 is more than 0.3.

    Raises TableError for a table that cannot be read, for overrides that go in a circle, and where two rules
    match of which neither beats the other. Costs some microseconds after the first call on a table.

    >>> from okrcore import PriorityRule

    >>> from okrcore.priorities import Column, Guardrail
    >>> columns = [Column(name="kpi.category", values=["safety", "other"]), Column(name="days_left", low=0)]
    >>> table = PriorityTable(
    ...     columns=columns,
    ...     rules=[PriorityRule(id="P1", when={"days_left": "< 30"}, then=Outcome(winner="objective"))],
    ...     guardrails=[Guardrail(id="G1", when={"kpi.category": "safety"}, forbid=["objective"])],
    ...     default=Outcome(winner="kpi"),
    ... )
    >>> decide_table(table, {"kpi.category": "other", "days_left": 12}).winner
    'objective'
    >>> ruling = decide_table(table, {"kpi.category": "safety", "days_left": 12})
    >>> ruling.winner, ruling.rule, ruling.forbidden, dict(ruling.overruled)
    (None, 'G1', ('objective',), {'P1': 'guardrail G1 forbids objective'})
    """
    compiled = compile_table(table)
    refuse_circles(compiled)
    rows, missing = (1 << len(compiled.boxes)) - 1, []
    for axis, grid, rows_at in zip(compiled.axes, compiled.grids, compiled.rows_at, strict=True):
        segment = grid.segment(axis.position(inputs.get(axis.name)))
        rows &= rows_at[segment]
        if segment < 0:
            missing.append(axis.name)
    return rule_on(compiled, rows, missing, inputs)


def rule_on(compiled: CompiledTable, rows: int, missing: Sequence[str], inputs: Mapping[str, Any]) -> Ruling:
    """Return the ruling where exactly `rows` match; `inputs` are only shown in an error."""
    table = compiled.table
    count = len(table.rules)
    matching = list(members(rows & ((1 << count) - 1)))
    guardrails = sorted((table.guardrails[row] for row in members(rows >> count)), key=lambda g: g.id)
    shared: dict[str, Any] = {
        "matched": tuple(sorted(table.rules[index].id for index in matching)),
        "guardrails": tuple(guardrail.id for guardrail in guardrails),
    }
    if missing:
        reason = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        return Ruling(
            winner=None,
            rule=None,
            effect=_escalation(guardrails, table.default),
            why=reason,
            missing=tuple(missing),
            overruled=dict.fromkeys(shared["matched"], reason),
            **shared,
        )
    deciding = _deciding(compiled, rows, matching, inputs)
    outcomes = [table.rules[index].then for index in deciding] or ([table.default] if table.default else [])
    if forbidding := [g for g in guardrails if any(_forbidden([g], outcome) for outcome in outcomes)]:
        first = forbidding[0]
        words = dict.fromkeys(word for outcome in outcomes for word in _forbidden(forbidding, outcome))
        reason = f"guardrail {first.id} forbids {', '.join(words)}"
        return Ruling(
            winner=None,
            rule=first.id,
            effect=_escalation(forbidding, table.default),
            why=reason,
            forbidden=tuple(words),
            overruled=dict.fromkeys(shared["matched"], reason),
            **shared,
        )
    return _standing(compiled, deciding, matching, outcomes, shared)


def refuse_circles(compiled: CompiledTable) -> None:
    """Raise TableError where overrides go in a circle."""
    if compiled.circles:
        paths = "; ".join(" > ".join(path) for path in compiled.circles)
        raise TableError(f"overrides go in a circle: {paths}; drop one of them")


def _deciding(
    compiled: CompiledTable, rows: int, matching: list[int], inputs: Mapping[str, Any]
) -> list[int]:
    """The rules that speak, the one that is reported first; none where the default decides."""
    table, policy = compiled.table, compiled.policy
    if policy not in SINGLE:
        return in_output_order(table, matching) if policy == "O" else matching
    left = [index for index in matching if not rows & compiled.beaten_by[index]]
    left.sort(key=lambda index: table.rules[index].id)
    if len(left) < 2 or (
        policy != "U" and all(same(table.rules[index].then, table.rules[left[0]].then) for index in left)
    ):
        return left
    names = " and ".join(table.rules[index].id for index in left)
    point = "; ".join(f"{axis.name}: {str(inputs.get(axis.name))[:40]}" for axis in compiled.axes)
    raise TableError(f"rules {names} both match where {point}; narrow one, or add an override")


def _standing(
    compiled: CompiledTable,
    deciding: list[int],
    matching: list[int],
    outcomes: list[Outcome],
    shared: dict[str, Any],
) -> Ruling:
    """The ruling of an outcome that no guardrail forbids."""
    table = compiled.table
    if not outcomes:
        return Ruling(
            winner=None, rule=None, effect=None, why="no rule matches, and there is no default", **shared
        )
    said = outcomes[:1] if compiled.policy in SINGLE else outcomes
    winners = tuple(outcome.winner for outcome in said)
    rule = table.rules[deciding[0]].id if deciding else None
    if deciding and compiled.policy in ("C+", "C<", "C>", "C#"):
        winners = (_total(compiled.policy, winners),)
    lost = {}
    for index in matching:
        if compiled.policy in SINGLE and index != deciding[0]:
            beaten = compiled.beaten_by[index] >> deciding[0] & 1
            others = [table.rules[one].id for one in deciding if compiled.beaten_by[index] >> one & 1]
            lost[table.rules[index].id] = (
                f"rule {rule if beaten else others[0]} beats it" if others else f"agrees with rule {rule}"
            )
    asked = outcomes[0].effect is not None and outcomes[0].effect.kind == "escalate"
    return Ruling(
        winner=None if asked else winners[0],
        rule=rule,
        effect=outcomes[0].effect,
        why=outcomes[0].why,
        overruled=dict(sorted(lost.items())),
        winners=() if asked else winners,
        **shared,
    )


def _forbidden(guardrails: Iterable[Guardrail], outcome: Outcome) -> list[str]:
    words = {word for guardrail in guardrails for word in guardrail.forbid}
    effect = [outcome.effect.kind] if outcome.effect else []
    return [word for word in (outcome.winner, *effect) if word in words]


def _escalation(guardrails: Sequence[Guardrail], default: Outcome | None) -> Effect:
    """To whom: the first guardrail that says it, else the default, else the table's owner."""
    for guardrail in guardrails:
        if guardrail.escalate:
            return Effect(escalate=guardrail.escalate)
    if default and default.effect and default.effect.escalate:
        return default.effect
    return Effect(escalate=Escalate(to=NOBODY))


def _total(policy: str, winners: Sequence[str]) -> str:
    if policy == "C#":
        return str(len(winners))
    numbers = [Fraction(literals.read("number", winner)) for winner in winners]
    total = {"C+": sum(numbers), "C<": min(numbers), "C>": max(numbers)}[policy]
    return literals.write("number", Fraction(total))
