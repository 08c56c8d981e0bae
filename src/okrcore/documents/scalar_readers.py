"""Read scalars by the plain types that a field may hold: text, numbers, dates, words, or anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from okrcore.documents.nodes import Node, NodeItems, Scalar
from okrcore.documents.scalar_nodes import BAD, PARSERS, Parser, anything, date, instant, is_null
from okrcore.documents.source_text import SourceText
from okrcore.documents.suggestions import wanted
from okrcore.frozen import FrozenDict

StructureReader = Callable[[Node, SourceText], Any]
"""Takes a node; returns its value, or BAD after noting in the source what is wrong with it."""


def is_scalar(kind: Any) -> bool:
    """Tell whether the values of a type are scalars."""
    return kind is None or kind is type(None) or kind is Any or kind in PARSERS or get_origin(kind) is Literal


def scalar_reader(kinds: list[Any], inner: StructureReader | None) -> StructureReader:
    """Return the reader of values of one of some plain types, or else of what `inner` reads."""
    optional = type(None) in kinds or None in kinds
    loose = Any in kinds
    words = tuple(word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind))
    plain = tuple(kind for kind in PARSERS if kind in kinds)
    parsers = [*([_one_of(words)] if words else []), *(PARSERS[kind][0] for kind in plain)]
    if len(parsers) == 1 and not optional and not loose and not inner:
        return _single(parsers[0], plain, words)

    def read(node: Node, source: SourceText) -> Any:
        if isinstance(node, Scalar):
            if optional and is_null(node):
                return None
            for parser in parsers:
                if (value := parser(node)) is not BAD:
                    return value
            if loose:
                return anything(node)
        elif loose:
            return plain_value(node)
        if inner is not None:
            return inner(node, source)
        source.wrong(node, wanted(node, plain, words))
        return BAD

    return read


def _single(parser: Parser, plain: tuple[Any, ...], words: tuple[Any, ...]) -> StructureReader:
    def read(node: Node, source: SourceText) -> Any:
        if isinstance(node, Scalar) and (value := parser(node)) is not BAD:
            return value
        source.wrong(node, wanted(node, plain, words))
        return BAD

    return read


def _one_of(words: tuple[Any, ...]) -> Parser:
    parsers = [PARSERS[kind][0] for kind in {type(word): None for word in words}]
    known = {(type(word), word): word for word in words}

    def parse(node: Scalar) -> Any:
        for parser in parsers:
            value = parser(node)
            if (type(value), value) in known:
                return value
        return BAD

    return parse


def plain_value(node: Node, scalar: Parser = anything) -> Any:
    """Return what a node holds as plain values: tuples and mappings down to scalars."""
    if isinstance(node, Scalar):
        return scalar(node)
    if isinstance(node, NodeItems):
        return tuple(plain_value(child, scalar) for child in node.items)
    return FrozenDict({key: plain_value(child, scalar) for key, child in node.entries.items()})


def fact_value(node: Scalar) -> Any:
    """Return a scalar as a date or an instant where it is one."""
    found = (value for parse in (date, instant) if (value := parse(node)) is not BAD)
    return next(found, anything(node))
