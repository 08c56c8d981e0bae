"""Check a portfolio's references: ids that lead nowhere, circles, units and dates that clash."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import due_of
from okrcore.definitions.digraph import circles, grouped
from okrcore.definitions.fields import an, describe, shown
from okrcore.definitions.formulas import formula_problems
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.joined_ids import item_id, parted_item
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Checklist, Target
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.priority_inputs import PRIORITY_INPUTS
from okrcore.definitions.priority_table import PriorityTable
from okrcore.definitions.tolerances import Tolerance
from okrcore.errors import (
    CyclicAlignmentError,
    DefinitionError,
    DuplicateIdError,
    Problem,
    UnitError,
    UnknownIdError,
)
from okrcore.units.conversion import check_declared, check_unit, convertible

Reference = tuple[str, str | None, tuple[type, ...]]
"""The path of a field, the id it holds, and the types that the id may name."""
_GUESSES = 20


def problems_of(
    definitions: Iterable[Any],
    index: Mapping[str, Any],
    priorities: PriorityTable | None = None,
    units: tuple[str, ...] = (),
) -> list[Problem]:
    """Return the problems that `definitions` have among all definitions of `index`."""
    checked = list(definitions)
    kinds = {type(value) for value in checked}
    found = list(_dangling(checked, priorities, index))
    found += _circles(index, kinds)
    found += _columns(priorities)
    found += _former_ids(index)
    found += _units(checked, index, units)
    for value in checked:
        if isinstance(value, KeyResult):
            found += _dates(value, index)
            found += _series(value, index)
            found += _item_ids(value, index)
        if isinstance(value, Kpi):
            found += _sample(value, index)
    if KeyResult in kinds:
        found += _value_weights(checked, index)
    if kinds & {KeyResult, Kpi}:
        found += formula_problems(index, units)
    return found


def dependents(changed: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[KeyResult]:
    """Yield the key results whose dates, units or items another one's change may put in the wrong.

    `changed` definitions take the place of those of the same id in `before`; key results among them, which
    are checked anyway, are left out.
    """
    replaced = {name for name in changed if name in before}
    touched = {parted_item(name)[0] for name in changed if "#" in name}
    if not replaced and not touched:
        return
    goals = {
        goal.id
        for goal in before.values()
        if isinstance(goal, Objective) and (goal.id in replaced or goal.cycle in replaced)
    }
    reads = {
        one.id: one.measured_by for one in before.values() if isinstance(one, KeyResult) and one.measured_by
    }
    while more := {name for name, read in reads.items() if read in replaced and name not in replaced}:
        replaced |= more
    for value in before.values():
        if isinstance(value, KeyResult) and value.id not in changed:
            named = {value.id, parted_item(value.id)[0]} & touched
            if named or value.objective in goals or value.measured_by in replaced:
                yield value


def unknown_id(name: object, path: str, ids: Collection[str], guess: bool = True) -> Problem:
    """Return the problem of an id that nothing declares, with the nearest id that is declared."""
    known = isinstance(name, str) and guess and len(ids) <= 5000
    near = difflib.get_close_matches(str(name), ids, n=1) if known else []
    hint = f"did you mean {near[0]!r}?" if near else "declare it, or correct the id"
    return Problem(f"{shown(name)} is declared nowhere; {hint}", path, kind=UnknownIdError)


def references(value: Any) -> Iterator[Reference]:
    """Return every reference that a definition makes to another."""
    match value:
        case Team():
            yield "parent", value.parent, (Team,)
            yield "lead", value.lead, (Owner,)
        case Owner():
            yield "team", value.team, (Team,)
        case Objective():
            yield "cycle", value.cycle, (Cycle,)
            yield "continues", value.continues, (Objective,)
            yield "owner", value.owner, (Owner,)
            yield "team", value.team, (Team,)
            for i, contribution in enumerate(value.contributes_to):
                yield f"contributes_to[{i}].to", contribution.to, (Objective,)
        case KeyResult():
            yield "objective", value.objective, (Objective,)
            yield "continues", value.continues, (KeyResult,)
            yield "owner", value.owner, (Owner,)
            yield "measured_by", value.measured_by, (Kpi, KeyResult)
            if isinstance(value.measure, Checklist):
                for i, item in enumerate(value.measure.items):
                    yield f"measure.items[{i}].milestone", item.milestone, (Milestone,)
        case Kpi():
            yield "owner", value.owner, (Owner,)
            yield "initiative", value.initiative, (Initiative,)
            yield "team", value.team, (Team,)
            for i, name in enumerate(value.guards):
                yield f"guards[{i}]", name, (Objective,)
            for i, name in enumerate(value.watchers):
                yield f"watchers[{i}]", name, (Team,)
            for alias, name in (value.formula.inputs if value.formula else {}).items():
                yield f"formula.inputs.{alias}", name, (Kpi, KeyResult)
        case Initiative():
            yield "owner", value.owner, (Owner,)
            yield "team", value.team, (Team,)
            for i, demand in enumerate(value.demand):
                yield f"demand[{i}].of", demand.of, (Team, Owner)
        case Milestone():
            yield "initiative", value.initiative, (Initiative,)
            yield "owner", value.owner, (Owner,)
            for i, dependency in enumerate(value.after):
                yield f"after[{i}].milestone", dependency.milestone, (Milestone,)
        case Link():
            yield "source", value.source, (Initiative, Kpi)
            yield "target", value.target, (Kpi, KeyResult)
            yield "owner", value.owner, (Owner,)
        case Tolerance():
            for i, name in enumerate(value.sides):
                yield f"sides[{i}]", name, (KeyResult, Kpi, Objective, Initiative, Owner, Team)
            yield "subject", value.subject, (Kpi, KeyResult, Initiative)
        case PriorityTable():
            for i, rule in enumerate(value.rules):
                if rule.then.effect and rule.then.effect.escalate:
                    yield f"rules[{i}].then.effect.escalate.to", rule.then.effect.escalate.to, (Owner,)
            for i, guardrail in enumerate(value.guardrails):
                if guardrail.escalate:
                    yield f"guardrails[{i}].escalate.to", guardrail.escalate.to, (Owner,)
            if value.default and value.default.effect and value.default.effect.escalate:
                yield "default.effect.escalate.to", value.default.effect.escalate.to, (Owner,)


def _dangling(
    checked: list[Any], priorities: PriorityTable | None, index: Mapping[str, Any]
) -> Iterator[Problem]:
    guesses = _GUESSES
    sources = [(value.id, value) for value in checked]
    if priorities:
        sources.append(("priorities", priorities))
    for source, value in sources:
        for path, name, types in references(value):
            if name is None or type(index.get(name)) in types:
                continue
            if name in index:
                wanted = " or ".join(kind.__name__ for kind in types)
                fault = f"names a definition of type {type(index[name]).__name__}; name one of type {wanted}"
                message = f"{name!r} {fault}"
                yield Problem(message, f"{source}.{path}", kind=UnknownIdError)
                continue
            yield unknown_id(name, f"{source}.{path}", index, guess=guesses > 0)
            guesses -= 1


def _circles(index: Mapping[str, Any], kinds: set[type]) -> Iterator[Problem]:
    graphs: tuple[tuple[type, Callable[[Any], Iterable[str]], str, type[DefinitionError]], ...] = (
        (Objective, lambda o: [c.to for c in o.contributes_to], "contributes to", CyclicAlignmentError),
        (Objective, lambda o: [o.continues] if o.continues else [], "continues", DefinitionError),
        (KeyResult, lambda r: [r.continues] if r.continues else [], "continues", DefinitionError),
        (Team, lambda t: [t.parent] if t.parent else [], "belongs to", DefinitionError),
        (Milestone, lambda m: [d.milestone for d in m.after], "comes after", DefinitionError),
        (Kpi, lambda k: [k.sample] if k.sample else [], "counts its cases by", DefinitionError),
    )
    for kind, successors, verb, error in graphs:
        if kind in kinds:
            edges = {name: [*successors(value)] for name, value in index.items() if type(value) is kind}
            for circle in circles(edges):
                path = f" {verb} ".join(map(repr, [*circle, circle[0]]))
                yield Problem(f"{path}: a circle; remove one of these", circle[0], kind=error)


_MOST_UNITS = 1000  # beyond so many unknown units no further one is looked at: each costs a guess


def _columns(priorities: PriorityTable | None) -> Iterator[Problem]:
    """What a portfolio's table asks is known; the tables of others may ask anything."""
    for row, column in enumerate(priorities.columns if priorities else ()):
        if column.name not in PRIORITY_INPUTS:
            near = difflib.get_close_matches(column.name, PRIORITY_INPUTS, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            known = ", ".join(PRIORITY_INPUTS)
            said = f"column {column.name!r} is no input of a conflict; {hint}name one of {known}"
            yield Problem(said, f"priorities.columns[{row}].name", kind=DefinitionError)


def _former_ids(index: Mapping[str, Any]) -> Iterator[Problem]:
    """What was recorded under a former id has one reader: no other definition has, or had, that id."""
    readers: dict[str, str] = {}
    for one in [value for value in index.values() if value.formerly]:
        for name in one.formerly:
            other = name if name in index else readers.setdefault(name, one.id)
            if other != one.id or name == one.id:
                said = f"{name!r} in formerly is an id of {other!r} too; leave one out"
                yield Problem(said, f"{one.id}.formerly", kind=DuplicateIdError)


def _units(checked: list[Any], index: Mapping[str, Any], declared: tuple[str, ...]) -> Iterator[Problem]:
    good: dict[str, str] = {}
    unknown = 0
    try:
        check_declared(declared)
    except UnitError as error:
        yield from error.problems
        bad = {problem.path for problem in error.problems}
        declared = tuple(name for i, name in enumerate(declared) if f"units[{i}]" not in bad)
    for value in checked:
        if not isinstance(value, KeyResult | Kpi) or not value.unit:
            continue
        if value.unit not in good:
            if unknown > _MOST_UNITS:
                return
            try:
                check_unit(value.unit, declared)
                good[value.unit] = ""
            except UnitError as error:
                good[value.unit] = str(error)
                unknown += 1
        if good[value.unit]:
            yield Problem(good[value.unit], f"{value.id}.unit", kind=UnitError)
        elif isinstance(value, KeyResult) and value.measured_by:
            yield from _dimension(value, _chain(value, index)[-1], declared)


def _dimension(value: KeyResult, kpi: object, declared: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(kpi, Kpi) or not kpi.unit or kpi.unit == value.unit:
        return
    try:
        convertible(kpi.unit, value.unit, declared)
    except UnitError as error:
        yield Problem(f"KPI {kpi.id!r}: {error}", f"{value.id}.unit", kind=UnitError)


def _chain(value: KeyResult, index: Mapping[str, Any]) -> list[Any]:
    """Return a key result and what it reads, link by link, up to what reads nothing or comes again (A10)."""
    chain: list[Any] = [value]
    seen = {value.id}
    while isinstance(chain[-1], KeyResult) and chain[-1].measured_by:
        name = chain[-1].measured_by
        if name not in index:
            break
        chain.append(index[name])
        if name in seen:
            break
        seen.add(name)
    return chain


def _series(value: KeyResult, index: Mapping[str, Any]) -> Iterator[Problem]:
    chain = _chain(value, index)
    read = chain[1] if len(chain) > 1 else None
    if isinstance(read, KeyResult) and isinstance(read.measure, Checklist):
        what = f"measured_by names the checklist {read.id!r}, which is no series"
        message = f"{what}; name a KPI or another key result"
        yield Problem(f"{describe(value)}: {message}", f"{value.id}.measured_by", kind=DefinitionError)
    if len(chain) > 1 and chain[-1].id == value.id == min(one.id for one in chain):
        path = " reads ".join(repr(one.id) for one in chain)
        yield Problem(
            f"{path}: a circle; remove one of these", f"{value.id}.measured_by", kind=DefinitionError
        )


def _sample(value: Kpi, index: Mapping[str, Any]) -> Iterator[Problem]:
    """A sample is a KPI, or an id that is observed and that nothing declares (A11)."""
    other = index.get(value.sample) if value.sample else None
    if other is not None and not isinstance(other, Kpi):
        message = (
            f"{value.sample!r} names {an(type(other).__name__)}; name a KPI, or an id that is only observed"
        )
        yield Problem(f"{describe(value)}: {message}", f"{value.id}.sample", kind=UnknownIdError)


def _dates(value: KeyResult, index: Mapping[str, Any]) -> Iterator[Problem]:
    objective = index.get(value.objective)
    cycle = index.get(objective.cycle) if isinstance(objective, Objective) else None
    if not isinstance(cycle, Cycle):
        return
    if value.due and value.due < cycle.start:
        message = f"due {value.due} is before its cycle starts, {cycle.start}; move it"
        yield Problem(f"{describe(value)}: {message}", f"{value.id}.due", kind=DefinitionError)
    due = due_of(value, index)
    for i, waypoint in enumerate(value.measure.plan if isinstance(value.measure, Target) else ()):
        ends = {cycle.start: value.measure.start, due: value.measure.goal}  # type: ignore[union-attr]
        inside = cycle.start < waypoint.date < due or ends.get(waypoint.date) == waypoint.value
        if not inside:
            message = f"plan: {waypoint.date} is not between {cycle.start} and {due}; move it"
            yield Problem(
                f"{describe(value)}: {message}", f"{value.id}.measure.plan[{i}]", kind=DefinitionError
            )


def _item_ids(value: KeyResult, index: Mapping[str, Any]) -> Iterator[Problem]:
    for i, item in enumerate(value.measure.items if isinstance(value.measure, Checklist) else ()):
        if (name := item_id(value.id, item.id)) in index:
            other = an(type(index[name]).__name__)
            message = f"{name!r} is the id of {other} and of this item; rename one of them"
            yield Problem(message, f"{value.id}.measure.items[{i}].id", kind=DuplicateIdError)


def _value_weights(checked: list[Any], index: Mapping[str, Any]) -> Iterator[Problem]:
    touched = {value.objective for value in checked if isinstance(value, KeyResult)}
    by_value = (one for one in index.values() if isinstance(one, KeyResult) and one.weight == "value")
    siblings = grouped((one.objective, one) for one in by_value if one.objective in touched)
    if not siblings:
        return
    for value in index.values():
        if isinstance(value, KeyResult) and value.objective in siblings and not value.guardrail:
            first = siblings[value.objective][0]
            if value.weight == "value" and value.unit != first.unit:
                message = (
                    f"unit {value.unit!r} is not {first.unit!r} of {first.id!r}; weigh by value in one unit"
                )
                yield Problem(f"{describe(value)}: {message}", f"{value.id}.unit", kind=UnitError)
            elif value.weight not in ("value", 0):
                message = f'weight is {value.weight}, that of {first.id!r} is "value"; use one kind of weight'
                yield Problem(f"{describe(value)}: {message}", f"{value.id}.weight", kind=DefinitionError)
