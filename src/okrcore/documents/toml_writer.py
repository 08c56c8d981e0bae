"""Write plain values as TOML: a table for each entry of a section, one line for what fits in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from okrcore.documents.yaml_writer import WIDTH, quoted
from okrcore.errors import DocumentError


def write_toml(document: dict[str, Any]) -> str:
    """Return the TOML text of a mapping. TOML has no null: a list that holds None is a DocumentError."""
    return "\n".join(_table(document, ())).lstrip("\n") + "\n"


def _table(mapping: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    below: list[tuple[str, Any]] = []
    for key, value in mapping.items():
        line = f"{_key(key)} = {_inline(value)}"
        if _is_tables(value) and (not path or len(line) > WIDTH):
            below.append((key, value))  # after the plain keys: they would belong to the inner table
        else:
            yield line
    for key, value in below:
        inner = (*path, key)
        name = ".".join(map(_key, inner))
        for entry in [value] if isinstance(value, dict) else value:
            yield f"\n[{name}]" if isinstance(value, dict) else f"\n[[{name}]]"
            yield from _table(entry, inner)


def _is_tables(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(entry, dict) for entry in value)
    return isinstance(value, dict)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_inline(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise DocumentError("a list holds None, which TOML cannot say; write YAML or JSON")
    return value.isoformat() if isinstance(value, dt.date) else repr(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else quoted(key)
