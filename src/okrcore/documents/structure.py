"""Structure nodes as typed values by the annotations of attrs classes: strict, every fault at its node."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin

import attrs

from okrcore.documents.layout import BY_KIND, SHORT, TAGS, WIDER
from okrcore.documents.nodes import Fields, Node, NodeItems, Scalar, Unreadable, descend
from okrcore.documents.scalar_nodes import BAD, PARSERS
from okrcore.documents.scalar_readers import (
    StructureReader,
    fact_value,
    is_scalar,
    plain_value,
    scalar_reader,
)
from okrcore.documents.source_text import SourceText
from okrcore.documents.suggestions import unknown_key
from okrcore.errors import DefinitionError, OkrError, Problem
from okrcore.frozen import FrozenDict
from okrcore.public_form import KIND_KEY, VERSION_KEY, form_of

_EMPTY: Mapping[str, Any] = {}


@cache
def reader(kind: Any) -> StructureReader:
    """Return the reader of values of a type: plain types, unions, tuples, mappings and attrs classes.

    Raises DefinitionError for a type whose values have no form in a document.
    """
    members = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    scalar = [member for member in members if is_scalar(member)]
    other = [member for member in members if member not in scalar]
    tags = TAGS.get(frozenset(other))
    if len(other) > 1 and not tags:
        raise DefinitionError(f"{kind} has no form in a document; give one class, or a type of plain values")
    inner = _tagged(tags) if tags else _compound(other[0]) if other else None
    if not scalar:
        return typing.cast(StructureReader, inner)
    return scalar_reader(scalar, inner)


def structured(kind: Any, node: Node, source: SourceText) -> Any:
    """Return the value of a type that a whole document holds, or BAD after noting what is wrong with it."""
    name = getattr(kind, "__name__", kind)
    try:
        if attrs.has(kind) and not _is_whole(kind):
            raise DefinitionError(f"the form of {name} is not all that it holds")
        read = reader(kind)
    except (DefinitionError, RecursionError, NameError, TypeError):
        said = f"{name} is not read back by from_dict; keep what it was made from, or pickle it"
        raise DefinitionError(said) from None
    try:
        return read(node, source)
    except Unreadable:
        return BAD


@cache
def record(cls: type, ignored: tuple[str, ...] = ()) -> Callable[[Node, SourceText, Mapping[str, Any]], Any]:
    """Return the reader of mappings that hold the fields of an attrs class.

    Its third argument gives fields that the place implies; `ignored` keys are left to the caller. A key
    that is unknown is noted, and the value is built all the same, so that what refers to it resolves. A
    field that takes None may be left out.
    """
    kinds = field_kinds(cls)
    readers = {name: _inside(cls, kind) for name, kind in kinds.items()}
    form = form_of(cls)
    names = frozenset((*readers, *ignored, *(() if form is None else (VERSION_KEY, KIND_KEY))))
    bare = [field.alias for field in attrs.fields(cls) if field.init and field.default is attrs.NOTHING]
    required = [name for name in bare if type(None) not in get_args(kinds[name])]
    absent = {name: None for name in bare if name not in required}
    choice, by_word = BY_KIND.get(cls, ("", {}))
    chosen = {
        word: readers | {name: reader(kind) for name, kind in kinds.items()}
        for word, kinds in by_word.items()
    }

    def read(node: Node, source: SourceText, implied: Mapping[str, Any]) -> Any:
        if not isinstance(node, Fields):
            source.wrong(node, f"a mapping with {', '.join(required) or ' or '.join(readers)}")
            return BAD
        given = {**absent, **implied}
        good = True
        meant: set[str | None] = set()
        entries = node.entries
        if form is not None and _word(entries.get(KIND_KEY)) not in (None, form):
            source.wrong(entries[KIND_KEY], f"{form!r}")
            return BAD
        known = chosen.get(_word(entries.get(choice)), readers) if chosen else readers
        for key, child in entries.items():
            one = known.get(key)
            if one is None:
                if key not in names:
                    meant.add(unknown_key(source, key, child, names))
                continue
            value = one(child, source)
            if value is BAD:
                good = False
            elif key in implied and implied[key] != value:
                source.wrong(child, f"{implied[key]!r}, which its place says, or leave it out")
                good = False
            else:
                given[key] = value
        for name in required:
            if name not in given:
                if name not in entries and name not in meant:
                    source.fault(f"{name} is missing; add {name}", node.at, node)
                good = False
        return build(cls, given, node, source, meant) if good else BAD

    return read


def _inside(cls: type, kind: Any) -> StructureReader:
    """Return the reader of a field; of one that holds its own class again, asked for where it is met."""
    if cls in get_args(kind):
        return lambda node, source: reader(kind)(node, source)
    return reader(kind)


def build(
    cls: type, given: Mapping[str, Any], node: Node, source: SourceText, misspelt: Collection[str | None] = ()
) -> Any:
    """Return `cls(**given)`, or BAD with its faults noted where they are, but for `misspelt` fields."""
    try:
        return cls(**given)
    except OkrError as error:
        for problem in error.problems:
            if problem.path not in misspelt:
                note(problem, problem.path, node, source)
        return BAD


def note(problem: Problem, path: str, node: Node, source: SourceText) -> None:
    """Note a definition's problem at the deepest node of `path` below `node`."""
    place = descend(node, path)
    source.fault(problem.message, place.at, node, path, problem.kind or DefinitionError)


@cache
def field_kinds(cls: type) -> Mapping[str, Any]:
    """Return the type of each field that a document gives, by its name there."""
    hints = typing.get_type_hints(cls)
    return {
        field.alias: WIDER.get((cls, field.name), hints[field.name])
        for field in attrs.fields(cls)
        if field.init
    }


def _is_whole(cls: type) -> bool:
    """Tell whether the form of a class is all its fields, and each field says what it may hold."""
    given = [field for field in attrs.fields(cls) if field.init]
    open_ = cls not in BY_KIND and Any in field_kinds(cls).values()
    return not (open_ or hasattr(cls, "as_plain") or any(field.name.startswith("_") for field in given))


_LISTS: Mapping[Any, type] = {
    tuple: tuple,
    list: list,
    frozenset: frozenset,
}


def _compound(kind: Any) -> StructureReader:
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if isinstance(origin, type) and attrs.has(origin):
        return _short(origin)
    if origin is tuple and inner and inner[-1] is not Ellipsis:
        return _row(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        form = origin if issubclass(origin, FrozenDict) else FrozenDict
        bases = getattr(origin, "__orig_bases__", ()) if form is not FrozenDict else ()
        key, held = inner or next((args for args in map(get_args, bases) if len(args) == 2), (str, Any))
        return _mapping(key, held, form)
    if isinstance(origin, type) and issubclass(origin, tuple) and hasattr(origin, "_fields"):
        return _named(origin)
    if isinstance(origin, type) and issubclass(origin, tuple) and origin is not tuple:
        return _listing(inner[0] if inner else Any, origin)
    if origin in _LISTS:
        return _listing(inner[0] if inner else Any, _LISTS[origin])
    raise DefinitionError(f"{kind} has no form in a document; give an attrs class or a plain type")


def _tagged(tags: Mapping[str, type]) -> StructureReader:
    readers = {tag: _short(cls) for tag, cls in tags.items()}
    form = f"a mapping with one key: {', '.join(tags)}"

    def read(node: Node, source: SourceText) -> Any:
        if not isinstance(node, Fields) or len(node.entries) != 1:
            source.wrong(node, form)
            return BAD
        ((tag, child),) = node.entries.items()
        if tag not in readers:
            unknown_key(source, tag, child, tags)
            return BAD
        return readers[tag](child, source)

    return read


def _short(cls: type) -> StructureReader:
    """Return the reader of a class in its full form, or in its short one where it has one."""
    full = record(cls)
    fields = SHORT.get(cls)
    if fields is None:
        return lambda node, source: full(node, source, _EMPTY)
    kinds = field_kinds(cls)
    if len(fields) == 1:
        name = fields[0]
        alone = reader(kinds[name])
        form = NodeItems if get_origin(kinds[name]) is tuple else Scalar

        def read_alone(node: Node, source: SourceText) -> Any:
            if not isinstance(node, form):
                return full(node, source, _EMPTY)
            value = alone(node, source)
            return BAD if value is BAD else build(cls, {name: value}, node, source)

        return read_alone
    row = _row(tuple(kinds[name] for name in fields))

    def read_row(node: Node, source: SourceText) -> Any:
        if not isinstance(node, NodeItems):
            return full(node, source, _EMPTY)
        values = row(node, source)
        return BAD if values is BAD else build(cls, dict(zip(fields, values, strict=True)), node, source)

    return read_row


def _listing(kind: Any, form: type) -> StructureReader:
    one = reader(kind)

    def read(node: Node, source: SourceText) -> Any:
        if not isinstance(node, NodeItems):
            source.wrong(node, "a list")
            return BAD
        values = [one(child, source) for child in node.items]
        return BAD if BAD in values else form(values)

    return read


def _row(kinds: tuple[Any, ...]) -> StructureReader:
    readers = [_fact_or(kind) for kind in kinds]

    def read(node: Node, source: SourceText) -> Any:
        if not isinstance(node, NodeItems) or len(node.items) != len(readers):
            source.wrong(node, f"a list of {len(readers)}")
            return BAD
        values = [one(child, source) for one, child in zip(readers, node.items, strict=True)]
        return BAD if BAD in values else tuple(values)

    return read


def _named(cls: Any) -> StructureReader:
    row = _row(tuple(typing.get_type_hints(cls).values()))

    def read(node: Node, source: SourceText) -> Any:
        values = row(node, source)
        return BAD if values is BAD else cls(*values)

    return read


def _mapping(key_kind: Any, kind: Any, form: type) -> StructureReader:
    if key_kind not in PARSERS:
        raise DefinitionError(f"a key that is {key_kind} has no form in a document; give it as text")
    one, (parse, wanted_key) = _fact_or(kind), PARSERS[key_kind]

    def read(node: Node, source: SourceText) -> Any:
        if not isinstance(node, Fields):
            source.wrong(node, "a mapping")
            return BAD
        values = {}
        for text, child in node.entries.items():
            key = text if key_kind is str else parse(Scalar(text, plain=True))
            if key is BAD:
                source.fault(
                    f"a key is {text!r:.60}, but must be {wanted_key}; correct it", child.key_at, child
                )
            values[key] = BAD if key is BAD else one(child, source)
        return BAD if BAD in values.values() else form(values)

    return read


def _fact_or(kind: Any) -> StructureReader:
    """Return the reader of a type; of a fact, named beside it and of any kind, dates as dates."""
    if kind is Any:
        return lambda node, source: plain_value(node, fact_value)
    return reader(kind)


def _word(node: Node | None) -> Any:
    return node.value if isinstance(node, Scalar) else None
