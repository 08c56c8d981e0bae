"""Represent a document as a tree of values that know where they stand in its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs


@attrs.define(eq=False)
class Scalar:
    """One value: `plain` where it stood unquoted in YAML, so that the field it meets decides how to read it.

    `at` and `key_at` are offsets into the text (`key_at`: of the key this node is the value of); -1 where
    there is none.
    """

    value: Any
    at: int = -1
    plain: bool = False
    key_at: int = -1


@attrs.define(eq=False)
class NodeItems:
    """A list of nodes, in order."""

    items: list[Node]
    at: int = -1
    key_at: int = -1


@attrs.define(eq=False)
class Fields:
    """A mapping from text to nodes, in order."""

    entries: dict[str, Node]
    at: int = -1
    key_at: int = -1


Node: TypeAlias = Scalar | NodeItems | Fields


@attrs.frozen(kw_only=True)
class Limits:
    """How large a document may be; beyond it a DocumentError says so.

    `max_bytes` of one file, `max_depth` of nested lists and mappings, `max_scalar` characters of one value,
    `max_nodes` values and keys in one file.
    """

    max_bytes: int = 64_000_000
    max_depth: int = 64
    max_scalar: int = 1_000_000
    max_nodes: int = 4_000_000


class Unreadable(Exception):  # noqa: N818  # a message between two modules, not an error of the library
    """Reading stops at an offset: the readers raise it, and it becomes a fault of their text."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message, at)
        self.message, self.at = message, at


def steps(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the children of a node, each with its step: ".key" or "[index]"."""
    if isinstance(node, Fields):
        yield from ((f".{key}", child) for key, child in node.entries.items())
    elif isinstance(node, NodeItems):
        yield from ((f"[{index}]", child) for index, child in enumerate(node.items))


def descend(node: Node, path: str) -> Node:
    """Return the deepest node on `path` ("measure.goal", "plan[1].value") below `node`.

    What the path names may be absent, or written in a short form: then the last node that is there stands
    for it. A mapping with one entry that the path leaves out, such as the `target` of a measure, is passed
    through.
    """
    while path:
        for step, child in steps(node):
            key = step.removeprefix(".")
            if path == key or (path.startswith(key) and path[len(key)] in ".["):
                node, path = child, path[len(key) :].removeprefix(".")
                break
        else:
            if isinstance(node, NodeItems) and "[" in path and not path.startswith("["):
                path = path[path.index("[") :]  # a list stands for the mapping that holds it
                continue
            if not isinstance(node, Fields) or len(node.entries) != 1:
                return node
            (inner,) = node.entries.values()
            below = descend(inner, path)
            return node if below is inner else below
    return node


def from_plain(value: Any, depth: int = Limits().max_depth) -> Node:
    """Return plain Python values (mappings, lists, tuples, scalars) as nodes without a place."""
    if isinstance(value, Mapping | list | tuple) and not depth:
        raise Unreadable("the value is nested too deep, or holds itself; flatten it", -1)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise Unreadable(f"a key is {key!r:.60}, but must be text; write it in quotes", -1)
        return Fields({key: from_plain(child, depth - 1) for key, child in value.items()})
    if isinstance(value, list | tuple):
        return NodeItems([from_plain(child, depth - 1) for child in value])
    return Scalar(value)
