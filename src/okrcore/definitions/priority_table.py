"""Declare priority tables: which side of a conflict gives way, fixed in advance (S14)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import attrs
from attrs import field

from okrcore.definitions.fields import (
    check,
    each,
    is_a,
    is_date,
    is_id,
    is_number,
    is_text,
    one_of,
    optional,
    report,
    shown,
    to_day,
    to_day_or_none,
    to_texts,
    to_tuple,
)
from okrcore.definitions.priority_outcomes import Escalate, Outcome
from okrcore.frozen import FrozenDict


def _to_values(values: Iterable[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else to_tuple(values)


def _is_entry(value: object) -> str | None:
    if isinstance(value, str | bool) or not (is_date(value) and is_number(value)):
        return None
    return f"is {shown(value)}; give text, a finite number, true, false or a date"


@attrs.frozen(kw_only=True)
class Column:
    """One input of a table: a name and its domain (S14.1).

    `values` lists a finite domain; `low` and `high` (numbers, dates or durations, both included, None open)
    bound an ordered one of `kind` "number", "integer", "date" or "duration". A column of texts is an
    "enumeration".

    >>> Column(name="kpi.zone", values=["healthy", "watch"]).kind
    'enumeration'
    """

    name: str = field(metadata=check(is_id))
    values: tuple[Any, ...] | None = field(
        default=None,
        converter=_to_values,
        metadata=check(optional(each(_is_entry, unique=True))),
    )
    low: Any = field(default=None, metadata=check(optional(_is_entry)))
    high: Any = field(default=None, metadata=check(optional(_is_entry)))
    kind: Literal["number", "integer", "date", "duration", "enumeration"] = field(
        default="number", metadata=check(one_of("number", "integer", "date", "duration", "enumeration"))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        if self.kind == "date":
            for name in ("low", "high"):
                object.__setattr__(self, name, to_day_or_none(getattr(self, name)))
            if self.values is not None:
                object.__setattr__(self, "values", tuple(map(to_day, self.values)))
        if self.values is not None and (
            not self.values or any(isinstance(v, str | bool) for v in self.values)
        ):
            object.__setattr__(self, "kind", "enumeration")
        report(self, self._faults())

    def _faults(self) -> Iterable[tuple[str, str]]:
        if self.kind == "enumeration" and not self.values:
            yield "values", "values is empty; list what the column can hold"
        if self.values is not None and (self.low is not None or self.high is not None):
            yield "values", "values and bounds are both given; give one of them"
        if self.kind in {"number", "integer"}:
            for name in ("low", "high"):
                if fault := optional(is_number)(getattr(self, name)):
                    yield name, f"{name} {fault}"


def _to_cells(value: Mapping[str, Any]) -> FrozenDict[str, str]:
    given: Any = value
    return (
        FrozenDict({name: _cell(cell) for name, cell in given.items()})
        if isinstance(given, Mapping)
        else given
    )


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = isinstance(value, dt.date) or not is_number(value)
    return str(value) if plain else value


def _are_cells(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return f"is {shown(value)}; give a mapping from column to cell"
    bad = [name for name, cell in value.items() if not isinstance(name, str) or not isinstance(cell, str)]
    return f"holds {shown(bad)}, which is no text; give a cell such as 'healthy, watch'" if bad else None


@attrs.frozen(kw_only=True)
class PriorityRule:
    """One row: where all cells of `when` hold, decide `then`. A column that is not named matches anything.

    Cells are DMN S-FEEL unary tests: `-`, `x`, `a, b`, `not(a)`, `[1..5)`, `< 3`, `>= 7` (S14.1).

    >>> PriorityRule(id="P1", when={"kpi.zone": "breached"}, then=Outcome(winner="kpi")).when["kpi.zone"]
    'breached'
    """

    id: str = field(metadata=check(is_id))
    when: Mapping[str, str] = field(converter=_to_cells, metadata=check(_are_cells))
    then: Outcome = field(metadata=check(is_a(Outcome)))

    def __attrs_post_init__(self) -> None:
        report(self)


@attrs.frozen(kw_only=True)
class Guardrail:
    """What no rule may decide: where `when` holds, the winners or effects in `forbid` are off (S14.2).

    >>> Guardrail(id="G1", when={"kpi.category": "safety"}, forbid=["objective"]).forbid
    ('objective',)
    """

    id: str = field(metadata=check(is_id))
    when: Mapping[str, str] = field(converter=_to_cells, metadata=check(_are_cells))
    forbid: tuple[str, ...] = field(converter=to_texts, metadata=check(each(is_id, unique=True)))
    escalate: Escalate | None = field(default=None, metadata=check(optional(is_a(Escalate))))

    def __attrs_post_init__(self) -> None:
        report(self)


def _to_overrides(values: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    given: Any = to_tuple(values)
    return tuple(to_tuple(pair) for pair in given) if isinstance(given, tuple) else given


def _is_override(value: object) -> str | None:
    good = isinstance(value, tuple) and len(value) == 2 and not any(map(is_id, value))
    return None if good else f"is {shown(value)}; give a pair (winning rule, losing rule)"


def _to_columns(values: Iterable[Column]) -> tuple[Column, ...]:
    return to_tuple(values)


def _to_rules(values: Iterable[PriorityRule]) -> tuple[PriorityRule, ...]:
    return to_tuple(values)


def _to_guardrails(values: Iterable[Guardrail]) -> tuple[Guardrail, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class PriorityTable:
    """The priority logic of a portfolio: columns, rules, guardrails and one default (S14).

    `overrides` holds (winning rule, losing rule) pairs. `default` None is allowed for tables brought from
    elsewhere; `resolve` needs one. `ranking` lists winners, strongest first, for the hit policies PRIORITY
    and OUTPUT ORDER; without it they rank as the rules first name them. Verify a table before it is used.

    >>> PriorityTable(columns=[], rules=[], default=Outcome(winner="kpi")).hit_policy
    'UNIQUE'
    """

    id: ClassVar[str] = "priorities"
    """The key that it has in a document."""

    columns: tuple[Column, ...] = field(converter=_to_columns, metadata=check(each(is_a(Column))))
    rules: tuple[PriorityRule, ...] = field(converter=_to_rules, metadata=check(each(is_a(PriorityRule))))
    default: Outcome | None = field(metadata=check(optional(is_a(Outcome))))
    guardrails: tuple[Guardrail, ...] = field(
        default=(), converter=_to_guardrails, metadata=check(each(is_a(Guardrail)))
    )
    overrides: tuple[tuple[str, str], ...] = field(
        default=(), converter=_to_overrides, metadata=check(each(_is_override))
    )
    hit_policy: str = field(default="UNIQUE", metadata=check(is_text))
    ranking: tuple[str, ...] = field(default=(), converter=to_texts, metadata=check(each(is_id, unique=True)))

    def __attrs_post_init__(self) -> None:
        report(self)
        report(self, self._faults())

    def _faults(self) -> Iterable[tuple[str, str]]:
        names = Counter(column.name for column in self.columns)
        for name in sorted(name for name, count in names.items() if count > 1):
            yield "columns", f"column {name!r} is named twice; keep one"
        rows: list[PriorityRule | Guardrail] = [*self.rules, *self.guardrails]
        ids = Counter(row.id for row in rows)
        for name in sorted(name for name, count in ids.items() if count > 1):
            yield "rules", f"rule {name!r} is named twice; give each row its own id"
        places = [
            *(("rules", i) for i in range(len(self.rules))),
            *(("guardrails", i) for i in range(len(self.guardrails))),
        ]
        for (part, index), row in zip(places, rows, strict=True):
            for name in sorted(row.when.keys() - names.keys()):
                yield (
                    f"{part}[{index}].when.{name}",
                    f"{row.id!r} asks for {name!r}, which is no column; declare it",
                )
        rules = {rule.id for rule in self.rules}
        for index, pair in enumerate(self.overrides):
            for name in sorted(set(pair) - rules):
                yield f"overrides[{index}]", f"override names {name!r}, which is no rule; name two rules"
