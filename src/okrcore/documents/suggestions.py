"""Suggest a remedy for a fault: the nearest known word, or the spelling that would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import Any

from okrcore.documents.nodes import Node, Scalar
from okrcore.documents.scalar_nodes import BAD, PARSERS
from okrcore.documents.source_text import SourceText, shown


def unknown_key(source: SourceText, key: str, node: Node, known: Collection[str]) -> str | None:
    """Note a key that means nothing here, at the key; return the nearest one that does."""
    source.fault(f"key {misnamed(key, known)}", node.key_at, node)
    return nearest(key, sorted(known))


def misnamed(name: str, known: Collection[str]) -> str:
    """Return that a name is unknown, with the remedy: the nearest one known, else all that are.

    >>> misnamed("knownAt", ["as_of", "known_at"])
    "'knownAt' is unknown; did you mean 'known_at'?"
    """
    near = nearest(name, sorted(known))
    hint = f"did you mean {near!r}?" if near else f"known are {', '.join(sorted(known))}"
    return f"{shown(name)} is unknown; {hint}"


def nearest(word: object, known: Iterable[Any]) -> str | None:
    """Return the known text that `word` is most likely a misspelling of."""
    near = difflib.get_close_matches(str(word)[:100], [name for name in known if isinstance(name, str)], n=1)
    return near[0] if near else None


def wanted(node: Node, plain: tuple[Any, ...], words: tuple[Any, ...]) -> str:
    """Return what to give in place of a node: one of `words`, or a value of one of the `plain` types."""
    asked = [f"one of {', '.join(map(str, words))}"] if len(words) > 1 else [str(word) for word in words]
    asked += [PARSERS[kind][1] for kind in plain]
    if not isinstance(node, Scalar):
        return " or ".join(asked)
    near = nearest(node.value, words)
    return " or ".join(asked) + (f" (did you mean {near}?)" if near else _advice(node, plain))


def _advice(node: Scalar, kinds: tuple[Any, ...]) -> str:
    """Return what would turn the node into what is wanted, where one change of spelling does."""
    value = node.value
    if str in kinds and value is not None and not isinstance(value, str):
        return ", in quotes"
    if str in kinds and node.plain and value:
        return f", in quotes if the word {value} is meant"
    if isinstance(value, str) and not node.plain:
        unquoted = Scalar(value, plain=True)
        if any(kind in PARSERS and PARSERS[kind][0](unquoted) is not BAD for kind in kinds):
            return ", without quotes"
    if isinstance(value, str) and float in kinds and re.search(r"\d", value):
        return ", written like 1000, 0.5, -1 or 1e3"
    return ""
