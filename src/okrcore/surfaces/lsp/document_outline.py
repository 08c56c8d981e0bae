"""List what a document declares, as far as it can be read, with where each definition begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import attrs

from okrcore.definitions.joined_ids import link_id
from okrcore.documents.layout import CALENDAR, NESTED, SECTIONS, TABLE
from okrcore.documents.nodes import Fields, Node, NodeItems, Scalar, descend
from okrcore.documents.source_text import SourceText

T = TypeVar("T")


@attrs.frozen
class Outlined:
    """One definition, or a section of a document: where it stands, by offsets, and what stands in it.

    `section` is the key of its list, "" of a section itself; `id_at` is where its id stands.
    """

    name: str
    title: str
    section: str
    begin: int
    end: int
    id_at: int
    inner: tuple[Outlined, ...] = ()

    def every(self) -> Iterator[Outlined]:
        """Yield it and all that stands in it."""
        yield self
        for one in self.inner:
            yield from one.every()


def outlined(source: SourceText) -> tuple[Outlined, ...]:
    """Return the sections of a document with what they declare; empty where it cannot be read."""
    root = source.root
    if not isinstance(root, Fields):
        return ()
    found = []
    kept = [(key, node) for key, node in root.entries.items() if key in (*SECTIONS, TABLE, CALENDAR)]
    for (key, node), end in _with_ends(kept, [node.key_at for _, node in kept], len(source.text)):
        begin = max(node.key_at, 0)
        inner = tuple(_entries(key, node, end)) if key in SECTIONS else ()
        found.append(Outlined(key, "", "", begin, _last(begin, end, inner), begin, inner))
    return tuple(found)


def _entries(section: str, node: Node, end: int) -> Iterator[Outlined]:
    items = node.items if isinstance(node, NodeItems) else []
    entries = [one for one in items if isinstance(one, Fields) and one.at >= 0]
    for one, limit in _with_ends(entries, [one.at for one in entries], end):
        nested = NESTED.get(SECTIONS[section])
        below = one.entries.get(nested[0]) if nested else None
        inner = tuple(_entries(nested[0], below, limit)) if nested and below else ()
        name = _text(one, "id") or _made(one)
        at = descend(one, "id").at if "id" in one.entries else one.at
        yield Outlined(
            name, _text(one, "title"), section, one.at, _last(one.at, limit, inner), max(at, one.at), inner
        )


def _with_ends(values: Sequence[T], begins: Sequence[int], end: int) -> Iterator[tuple[T, int]]:
    """Yield each with where the next one begins; the last with where all ends."""
    return zip(values, (*begins, end)[1:], strict=True)


def _last(begin: int, end: int, inner: tuple[Outlined, ...]) -> int:
    """Return where something ends: not before what stands in it, nor before it begins."""
    return max((begin, end, *(one.end for one in inner)))


def _made(node: Fields) -> str:
    source, target = _text(node, "source"), _text(node, "target")
    return link_id(source, target) if source and target else ""


def _text(node: Fields, key: str) -> str:
    value = node.entries.get(key)
    return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else ""
