"""Assemble documents as one portfolio, or as one error that holds every fault of all of them (S0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import attrs

from okrcore.definitions.calendar import Calendar
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.priority_table import PriorityTable
from okrcore.documents.faulty_drafts import draft
from okrcore.documents.layout import (
    CALENDAR,
    EDITORS_KEY,
    NESTED,
    RATES,
    SECTIONS,
    TABLE,
    UNITS,
    VERSION_KEY,
)
from okrcore.documents.nodes import Fields, Node, NodeItems, Scalar, Unreadable, descend
from okrcore.documents.scalar_nodes import BAD
from okrcore.documents.source_text import SourceText, declared_id
from okrcore.documents.structure import note, reader, record
from okrcore.documents.suggestions import unknown_key
from okrcore.documents.versions import current
from okrcore.documents.waiver_comments import waivers
from okrcore.errors import (
    DuplicateIdError,
    OkrError,
    Problem,
    UnitError,
    UnknownIdError,
    raise_all,
)
from okrcore.units.rates import DatedRate, Rates
from okrcore.units.unit_text import check_declared


@attrs.frozen
class Origin:
    """The node that a definition was read from, and what its place there implies."""

    node: Node
    source: SourceText
    implied: Mapping[str, Any] = attrs.field(factory=dict)
    bad: frozenset[str] | None = None
    """None for a sound definition; of a draft, the fields that are not as declared."""


def assemble(sources: Iterable[SourceText]) -> tuple[Portfolio, dict[str, Origin]]:
    """Return the portfolio that the documents declare together, and the origin of each id and of the table.

    Raises DocumentError, another OkrError that all faults share, or DefinitionError where they are mixed.
    """
    collected = _Collected()
    for source in sources:
        collected.sources.append(source)
        try:
            collected.read(source)
        except Unreadable:
            collected.partial = True
    portfolio = collected.portfolio()
    origins = {**collected.singles, **collected.origins}
    waived = waivers(collected.sources, {name: (one.source, one.node) for name, one in origins.items()})
    raise_all([problem for source in collected.sources for problem in source.problems(SECTIONS)])
    assert portfolio is not None, "a portfolio that fails leaves a problem"
    return portfolio.with_waivers(waived) if waived else portfolio, origins


SINGLE: Mapping[str, type] = {TABLE: PriorityTable, CALENDAR: Calendar}
"""The sections that hold one value instead of a list."""

_UNREAD = "?"
"""The id that the entries inside an unreadable definition refer to."""


@attrs.define(eq=False)
class _Collected:
    """What has been read so far, from all documents."""

    sources: list[SourceText] = attrs.Factory(list)
    definitions: list[Any] = attrs.Factory(list)
    origins: dict[str, Origin] = attrs.Factory(dict)
    units: dict[str, Origin] = attrs.Factory(dict)
    singles: dict[str, Origin] = attrs.Factory(dict)
    rates: list[tuple[DatedRate, Origin]] | None = None
    broken: set[str] = attrs.Factory(set)
    """Ids that are declared by what could not be read: naming one is no further fault."""
    partial: bool = False
    """A whole document could not be read: what it declares is unknown."""

    def read(self, source: SourceText) -> None:
        root = current(source.root, source) if source.root else None
        if root is None:
            self.partial = True
            return
        source.root = root
        known = (VERSION_KEY, UNITS, RATES, CALENDAR, TABLE, *SECTIONS)
        for key, node in root.entries.items():
            if key in SECTIONS:
                for child in self._entries(node, source):
                    self._definition(SECTIONS[key], child, source, {})
            elif key in SINGLE:
                self._single(key, node, source)
            elif key == UNITS:
                self._units(node, source)
            elif key == RATES:
                self._rates(node, source)
            elif key not in (VERSION_KEY, EDITORS_KEY):
                unknown_key(source, key, node, known)
                self.broken.update(_ids(node))

    def portfolio(self) -> Portfolio | None:
        """Return the portfolio, or None after noting its problems where they belong."""
        try:
            check_declared(tuple(self.units))
        except UnitError as error:
            names = [*self.units]
            for problem in error.problems:
                index = int(problem.path.removeprefix(f"{UNITS}[").removesuffix("]"))
                origin = self.units.pop(names[index])
                with suppress(Unreadable):
                    origin.source.fault(problem.message, origin.node.at, origin.node, kind=UnitError)
        rates = self._exchanged()
        try:
            return Portfolio.of(*self.definitions, units=tuple(self.units), rates=rates)
        except OkrError as error:
            for problem in error.problems:
                self._note(problem)
            return None

    def _definition(self, cls: type, node: Node, source: SourceText, implied: Mapping[str, Any]) -> None:
        inside = NESTED.get(cls)
        value = record(cls, inside[:1] if inside else ())(node, source, implied)
        bad = None
        if value is BAD:
            value, bad = draft(cls, node, SourceText(), implied)
        if value is BAD:
            self.broken.update({_UNREAD, declared_id(node) or _UNREAD})
        else:
            self._declare(value, Origin(node, source, implied, bad))
        nested = node.entries.get(inside[0]) if inside and isinstance(node, Fields) else None
        if inside and nested:
            for child in self._entries(nested, source):
                self._definition(inside[1], child, source, {inside[2]: _UNREAD if value is BAD else value.id})

    def _declare(self, value: Any, origin: Origin) -> None:
        first = self.origins.setdefault(value.id, origin)
        if first is origin:
            self.definitions.append(value)
            return
        node = descend(origin.node, "id")
        message = f"id {value.id!r} is declared twice, first {_where(first)}; rename one of them"
        origin.source.fault(message, node.at, node, kind=DuplicateIdError)

    def _single(self, key: str, node: Node, source: SourceText) -> None:
        value = reader(SINGLE[key])(node, source)
        if key in self.singles:
            first = _where(self.singles[key])
            what = "priority table" if key == TABLE else key
            source.fault(f"a second {what}, the first is {first}; keep one", node.key_at, node)
        elif value is not BAD:
            self.singles[key] = Origin(node, source)
            self.definitions.append(value)

    def _units(self, node: Node, source: SourceText) -> None:
        for child in self._entries(node, source):
            name = reader(str)(child, source)
            if name is not BAD:
                self.units.setdefault(name, Origin(child, source))

    def _rates(self, node: Node, source: SourceText) -> None:
        self.rates = [*(self.rates or ())]
        for child in self._entries(node, source):
            value = reader(DatedRate)(child, source)
            if value is not BAD:
                self.rates.append((value, Origin(child, source)))

    def _exchanged(self) -> Rates | None:
        """Return the rates of all documents, or None after noting what is wrong with them."""
        if self.rates is None:
            return None
        try:
            return Rates.of(attrs.astuple(value) for value, _ in self.rates)
        except UnitError as error:
            for problem in error.problems:
                index = int(problem.path.removeprefix(f"{RATES}[").removesuffix("]"))
                _, origin = self.rates[index]
                with suppress(Unreadable):
                    origin.source.fault(problem.message, origin.node.at, origin.node, kind=UnitError)
            return None

    def _entries(self, node: Node, source: SourceText) -> list[Node]:
        if isinstance(node, NodeItems):
            return node.items
        source.wrong(node, "a list")
        self.broken.update(_ids(node))
        return []

    def _note(self, problem: Problem) -> None:
        origin, tail = self._origin(problem.path)
        if not self._follows(problem, origin, tail):
            with suppress(Unreadable):
                note(problem, tail, origin.node, origin.source)

    def _follows(self, problem: Problem, origin: Origin, tail: str) -> bool:
        """Tell whether a problem merely follows from a fault that was noted before."""
        if origin.bad is not None and tail:
            field = tail.partition(".")[0].partition("[")[0]
            if field in origin.bad:
                return True
        if problem.kind is not UnknownIdError:
            return False
        node = descend(origin.node, tail)
        name = node.value if isinstance(node, Scalar) else origin.implied.get(tail)
        return self.partial or name in self.broken

    def _origin(self, path: str) -> tuple[Origin, str]:
        """Return the origin of the longest id that `path` begins with, and the path below it."""
        if path in self.origins:
            return self.origins[path], ""
        ends = [index for index, sign in enumerate(path) if sign in ".["]
        for end in reversed(ends):
            if path[:end] in self.origins:
                return self.origins[path[:end]], path[end:].removeprefix(".")
        key = path.partition(".")[0]
        if key in self.singles:
            return self.singles[key], path.removeprefix(key).removeprefix(".")
        return Origin(Scalar(None), self.sources[0]), path


def _where(origin: Origin) -> str:
    line, column = origin.source.place(origin.node.at)
    parts = [str(part) for part in (origin.source.name, line, column) if part is not None]
    return f"at {':'.join(parts)}" if parts else "above"


def _ids(node: Node) -> list[str]:
    """Return the ids declared anywhere below a node that is not read itself."""
    found: list[str] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        name = declared_id(one)
        found += [name] if name else []
        waiting += (
            one.entries.values()
            if isinstance(one, Fields)
            else one.items
            if isinstance(one, NodeItems)
            else []
        )
    return found
