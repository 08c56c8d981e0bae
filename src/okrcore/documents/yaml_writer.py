"""Write plain values as YAML that people like to read, and that every YAML reader takes alike."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

from okrcore.errors import DocumentError

WIDTH = 110
"""What fits in so many columns is written in one line."""


def write_yaml(document: dict[str, Any]) -> str:
    """Return the YAML text of a mapping; lists and mappings that fit are written in one line."""
    return "".join(f"{line}\n" for line in _fields(document, ""))


def quoted(text: str) -> str:
    """Return text in double quotes, with escapes that YAML, TOML and JSON share."""
    return escaped(json.dumps(text, ensure_ascii=False))


def escaped(text: str) -> str:
    """Return JSON text with the characters escaped that a reader refuses or takes for a line break."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./%+()&'=>;-]*[\w./%+()&'=>;-])?")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
_LONGEST_KEY = 1000  # YAML looks no further for the colon


def _fields(mapping: dict[str, Any], pad: str) -> Iterator[str]:
    for key, value in mapping.items():
        name = _scalar(key)
        if len(name) > _LONGEST_KEY:
            raise DocumentError(
                f"key {key[:50]!r}... has {len(key)} characters, too long for YAML; shorten it"
            )
        yield from _entry(f"{pad}{name}:", value, pad)


def _entry(head: str, value: Any, pad: str) -> Iterator[str]:
    """Yield `head` and the value: beside it where it fits, else below it."""
    if isinstance(value, str) and _is_block(value):
        yield f"{head} |" if value.endswith("\n") else f"{head} |-"
        yield from (f"{pad}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        return
    line = f"{head} {_flow(value)}"
    opens = isinstance(value, dict | list) and bool(value)
    if opens and not (len(line) <= WIDTH and not _has_block(value) and not _is_section(value, pad)):
        yield head
        if isinstance(value, dict):
            yield from _fields(value, f"{pad}  ")
        else:
            for child in value:
                yield from _item(child, f"{pad}  ")
    else:
        yield line


def _item(value: Any, pad: str) -> Iterator[str]:
    lines = [*_entry(f"{pad}-", value, pad)]
    if isinstance(value, dict | list) and len(lines) > 1 and lines[0] == f"{pad}-":
        lines[1:2] = [f"{pad}- {lines[1].lstrip(' ')}"]
        del lines[0]
    yield from lines


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return value.isoformat() if isinstance(value, dt.date) else repr(value)


def _is_block(text: str) -> bool:
    """Tell whether a literal block gives exactly this text back."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or not lines[-1] or lines[0][:1] in ("", " "):
        return False
    return all(line.isprintable() and not _UNSAFE.search(line) for line in lines)


def _is_section(value: Any, pad: str) -> bool:
    return not pad and isinstance(value, list) and isinstance(value[0], dict)


def _has_block(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_block, value.values()))
    if isinstance(value, list):
        return any(map(_has_block, value))
    return isinstance(value, str) and _is_block(value)
