"""Keep a draft of a definition that has faults, so that its references are checked all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from okrcore.definitions.days import ANCHOR
from okrcore.definitions.measures import Band
from okrcore.documents.nodes import Fields, Node
from okrcore.documents.scalar_nodes import BAD
from okrcore.documents.source_text import SourceText
from okrcore.documents.structure import field_kinds, reader
from okrcore.errors import OkrError

_STAND_INS: Mapping[str, Any] = {
    "title": "?",
    "cycle": "?",
    "objective": "?",
    "initiative": "?",
    "measure": Band(low=0.0),
    "due": ANCHOR,
    "sign": 1,
}
"""What a draft holds where a field that it needs is missing or faulty."""


def draft(
    cls: type, node: Node, scratch: SourceText, implied: Mapping[str, Any]
) -> tuple[Any, frozenset[str]]:
    """Return a definition made of the good fields of a node, and the names of the others.

    BAD where too little is good. The faults were noted before; here they go to `scratch`.
    """
    if not isinstance(node, Fields):
        return BAD, frozenset()
    given = dict(implied)
    for name, kind in field_kinds(cls).items():
        if name in implied or name not in node.entries:
            continue
        if (value := reader(kind)(node.entries[name], scratch)) is not BAD:
            given[name] = value
    bad = {name for name in node.entries if name not in given}
    missing = {name: value for name, value in _STAND_INS.items() if name in field_kinds(cls)}
    for _ in range(3):  # each time without the fields that the definition refused
        if given.get("id") is None and not {"source", "target"} <= given.keys():
            break
        try:
            return cls(**{**missing, **given}), frozenset(bad | (missing.keys() - given.keys()))
        except OkrError as error:
            refused = {problem.path.partition(".")[0].partition("[")[0] for problem in error.problems}
        except TypeError:  # a field without a stand-in is missing
            break
        bad |= refused
        given = {name: value for name, value in given.items() if name not in refused}
    return BAD, frozenset(bad)
