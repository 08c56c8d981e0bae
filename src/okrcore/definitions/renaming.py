"""Give definitions other ids, wherever they are named, and keep the old ones in `formerly`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from okrcore.definitions.joined_ids import link_id
from okrcore.definitions.kpis import Source
from okrcore.definitions.links import Link
from okrcore.definitions.priority_outcomes import Escalate, Outcome
from okrcore.definitions.priority_table import Column, PriorityTable
from okrcore.definitions.tolerances import Tolerance, tolerance_id
from okrcore.frozen import FrozenDict

T = TypeVar("T")
NAMING = frozenset(
    {
        *(
            "continues",
            "cycle",
            "guards",
            "initiative",
            "inputs",
            "lead",
            "measured_by",
            "milestone",
            "objective",
            "of",
            "owner",
            "parent",
        ),
        *("sample", "sides", "source", "subject", "target", "team", "to", "watchers", "winner"),
    }
)
"""The fields that hold ids of other definitions."""
_COLUMN_OF_IDS = re.compile(r"(objective|kpi)\.(id|owner|team)")
_WORD = re.compile(r"[^,()]+")


def named_anew(value: T, new: Mapping[str, str]) -> T:
    """Return a definition, or a part of one, in which every old id is the new one; itself where none is."""
    kind: Any = type(value)
    if isinstance(value, PriorityTable):
        return _table(value, new)  # type: ignore[return-value]
    if not attrs.has(kind) or isinstance(value, Source):
        return value
    changed = {}
    for one in attrs.fields(kind):
        before = getattr(value, one.name)
        if one.name in NAMING and isinstance(before, str):
            after: Any = new.get(before, before)
        elif one.name in NAMING and isinstance(before, Mapping):
            after = FrozenDict({key: new.get(each, each) for key, each in before.items()})
        elif isinstance(before, tuple):
            texts = one.name in NAMING
            after = tuple(new.get(each, each) if texts else named_anew(each, new) for each in before)
        else:
            after = named_anew(before, new)
        if after != before:
            changed[one.alias] = after
    given: Any = value
    own = getattr(value, "id", None) if "formerly" in {one.name for one in attrs.fields(kind)} else None
    if own is None:
        return attrs.evolve(given, **changed) if changed else value
    if isinstance(value, Link | Tolerance) and changed and own == made_id(value):
        anew = new.get(own) or made_id(attrs.evolve(given, **changed))
    else:
        anew = new.get(own, own)
    if anew != own:
        changed |= {"id": anew, "formerly": _formerly(own, anew, given.formerly)}
    return attrs.evolve(given, **changed) if changed else value


def made_id(value: Link | Tolerance) -> str:
    """Return the id that a link or tolerance has where none is given."""
    return link_id(value.source, value.target) if isinstance(value, Link) else tolerance_id(value)


def _formerly(old: str, new: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """The ids a definition had; one that is taken back ends the list before it."""
    return before[: before.index(new)] if new in before else (*before, old)


def _table(table: PriorityTable, new: Mapping[str, str]) -> PriorityTable:
    """A table's owners to escalate to, and ids in the domains and cells of its columns of ids."""
    named = {column.name for column in table.columns if _COLUMN_OF_IDS.fullmatch(column.name)}

    def cells(when: Mapping[str, str]) -> FrozenDict[str, str]:
        return FrozenDict({name: _cell(cell, new) if name in named else cell for name, cell in when.items()})

    def column(one: Column) -> Column:
        if one.name not in named or one.values is None:
            return one
        return attrs.evolve(one, values=tuple(new.get(value, value) for value in one.values))

    def outcome(one: Outcome) -> Outcome:
        if one.effect is None or one.effect.escalate is None:
            return one
        effect = attrs.evolve(one.effect, escalate=_escalate(one.effect.escalate, new))
        return attrs.evolve(one, effect=effect)

    return attrs.evolve(
        table,
        columns=tuple(map(column, table.columns)),
        rules=tuple(attrs.evolve(one, when=cells(one.when), then=outcome(one.then)) for one in table.rules),
        default=table.default and outcome(table.default),
        guardrails=tuple(
            attrs.evolve(one, when=cells(one.when), escalate=one.escalate and _escalate(one.escalate, new))
            for one in table.guardrails
        ),
    )


def _escalate(one: Escalate, new: Mapping[str, str]) -> Escalate:
    return attrs.evolve(one, to=new.get(one.to) or one.to)


def _cell(cell: str, new: Mapping[str, str]) -> str:
    """A cell of labels, each alone or in a list, bare or in quotes."""

    def word(found: re.Match[str]) -> str:
        text = found[0].strip()
        bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        return found[0].replace(bare, new[bare]) if bare in new else found[0]

    return _WORD.sub(word, cell)
