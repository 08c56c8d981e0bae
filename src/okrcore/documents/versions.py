"""Migrate a document of any version that was ever written to the current version."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from okrcore.documents.layout import VERSION, VERSION_KEY
from okrcore.documents.nodes import Fields, Node, Scalar
from okrcore.documents.scalar_nodes import BAD, whole
from okrcore.documents.source_text import SourceText

Migration = Callable[[Fields, SourceText], Fields]
"""Takes the tree of version n and returns that of version n + 1; moved nodes keep their places."""

MIGRATIONS: Mapping[int, Migration] = {}
"""The migration of each version before the current one. Version 1 is the first."""


def current(root: Node, source: SourceText) -> Fields | None:
    """Return the tree in the current version, or None where it cannot be read as such.

    A missing version key is a fault, and the document is read as the current version all the same, so that
    its other faults arrive with this one.
    """
    if not isinstance(root, Fields):
        source.wrong(root, f"a mapping that begins with {VERSION_KEY}: {VERSION}")
        return None
    key = root.entries.get(VERSION_KEY)
    if key is None:
        source.fault(
            f"the version key is missing; begin the document with {VERSION_KEY}: {VERSION}", root.at, root
        )
        return root
    version = whole(key) if isinstance(key, Scalar) else BAD
    if version is BAD or version < 1:
        source.wrong(key, f"the version of the document's layout, {VERSION}")
        return None
    if version > VERSION:
        source.wrong(key, f"{VERSION} or less, or upgrade okrcore, which reads layouts up to {VERSION}")
        return None
    for number in range(version, VERSION):
        root = MIGRATIONS[number](root, source)
    return root
