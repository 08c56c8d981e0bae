"""Read the inputs of a decision table as columns: names, kinds, and what each can hold."""

from __future__ import annotations

from typing import Any

import attrs

from okrcore.adapters.dmn.feel import KINDS, read_cell, read_domain
from okrcore.adapters.dmn.positioned_xml import Element, Faults, said
from okrcore.definitions.priority_table import Column

OTHER = "(any other)"
"""The label of a text column that stands for every text that no cell names."""


@attrs.define(eq=False)
class Input:
    """One input: its element, name and kind, its domain as given, and the labels that cells named so far.

    The kind is "" where the input cannot be read.
    """

    element: Element
    name: str
    kind: str
    domain: dict[str, Any]
    labels: dict[str, None] = attrs.Factory(dict)

    def read(self, entry: Element, faults: Faults) -> str:
        """Return the cell of an entry, "-" for anything and for what cannot be read."""
        if not self.kind:
            return "-"
        cell = faults.build(entry, lambda: read_cell(said(entry), self.kind))
        if cell is None:
            return "-"
        self.labels.update(dict.fromkeys(cell.labels))
        known = frozenset(self.domain.get("values", cell.labels))
        for label in cell.labels:
            if label not in known:
                faults.add(
                    entry,
                    f"names {label[:60]!r}, which the values of {self.name[:60]!r} do not; add it there",
                )
        return cell.text


def read_inputs(table: Element, root: Element, faults: Faults) -> list[Input]:
    """Return the inputs in order, what is wrong with them noted."""
    types = {one.get("name"): one for one in root.all("itemDefinition")}
    return [_input(one, types, faults) for one in table.all("input")]


def _input(element: Element, types: dict[str, Element], faults: Faults) -> Input:
    asked = element.first("inputExpression")
    name = " ".join((said(asked) if asked else "").split()) or element.get("label")
    if not name:
        faults.add(element, "the input has no expression and no label; name it")
    place = asked or element
    kind, listed = _kind(place, name, types, faults)
    own = element.first("inputValues")
    domain: dict[str, Any] | None = {}
    for values in (own, listed):
        if kind and values is not None and not domain:
            domain = faults.build(values, lambda: read_domain(said(values), kind))  # noqa: B023
    return Input(element, name, kind if name and domain is not None else "", domain or {})


def _kind(place: Element, name: str, types: dict[str, Element], faults: Faults) -> tuple[str, Element | None]:
    """Return the kind of an input, and what its item definition says it can hold."""
    given = place.get("typeRef")
    wanted, seen, listed = given, set[str](), None
    while wanted in types and wanted not in seen:
        seen.add(wanted)
        definition = types[wanted]
        if definition.get("isCollection") == "true":
            break
        listed = listed or definition.first("allowedValues") or definition.first("typeConstraint")
        inner = definition.first("typeRef")
        wanted = " ".join(inner.text.split()) if inner else ""
    kind = KINDS.get(wanted) or KINDS.get(wanted.rpartition(":")[2])
    if kind is None:
        known = "string, boolean, number, integer, date or dayTimeDuration"
        what = f"type {given[:60]!r}" if given else "no type"
        faults.add(place, f"input {name[:60]!r} has {what}; give typeRef {known}")
    return kind or "", listed


def column_of(given: Input, faults: Faults) -> Column | None:
    """Return the column of an input, once all of its cells are read; None for one that cannot be."""
    if not given.kind:
        return None
    if given.kind not in ("string", "boolean"):
        kind: Any = given.kind
        return faults.build(given.element, lambda: Column(name=given.name, kind=kind, **given.domain))
    values = given.domain.get("values")
    if given.kind == "boolean":
        values = values or ["false", "true"]
    elif values is None:
        values = [*given.labels, _other(given.labels)]
    return faults.build(given.element, lambda: Column(name=given.name, values=values))


def _other(labels: dict[str, None]) -> str:
    other = OTHER
    while other in labels:
        other = f"({other})"
    return other
