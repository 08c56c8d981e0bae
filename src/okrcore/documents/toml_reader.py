"""Parse TOML text into nodes: tomllib reads the values, a scan of the keys finds their lines."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import attrs

from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.source_text import SourceText, long_scalar, too_deep


def read_toml(source: SourceText, limits: Limits) -> Node:
    """Return the root node of `source`; the place of a value is the line of its key.

    Raises Unreadable where the text is no TOML; duplicate keys are among that.
    """
    if not source.text.strip():
        raise Unreadable("the document is empty; begin with: okrcore = 1", 0)
    marks = _Scanner(source.text, limits).scan()  # first: its limits keep tomllib's work bounded
    try:
        values = tomllib.loads(source.text)
    except (ValueError, RecursionError) as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        at = source.offset(int(place[1]), int(place[2])) if place else -1
        message = str(error)[: place.start()] if place else str(error)
        raise Unreadable(f"this is not TOML: {message}", at) from None
    return _node(values, marks)


@attrs.define(eq=False)
class _Mark:
    """Where a key or list entry stands, and the marks of what it holds."""

    at: int
    inner: dict[str | int, _Mark] = attrs.Factory(dict)


def _node(value: Any, mark: _Mark) -> Node:
    if isinstance(value, dict):
        entries = {key: _node(child, mark.inner.get(key, mark)) for key, child in value.items()}
        return Fields(entries, mark.at, key_at=mark.at)
    if isinstance(value, list):
        items = [_node(child, mark.inner.get(index, mark)) for index, child in enumerate(value)]
        return NodeItems(items, mark.at, key_at=mark.at)
    return Scalar(value, mark.at, key_at=mark.at)


_GAP = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_KEY = re.compile(r"""[ \t]*+(?:([A-Za-z0-9_-]++)|"((?:[^"\\\n]++|\\.)*+)"|'([^'\n]*+)')[ \t]*+(\.?)""")
_SCALAR = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|'
    r"'''(?:[^']++|'(?!''))*+'{3,5}|"
    r'"(?:[^"\\\n]++|\\.)*+"|'
    r"'[^'\n]*+'|"
    r"[^\s,\]}#\"'\[{][^,\]}#\n]*+",
    re.DOTALL,
)
_MAX_BARE = 400


class _Stop(Exception):  # noqa: N818  # never leaves this module
    """The text is no TOML from here on; tomllib will say why."""


class _Scanner:
    """Walks valid TOML and marks each key; on anything else it stops, for tomllib to complain."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text, self.limits = text, limits
        self.at = 0
        self.left = limits.max_nodes

    def scan(self) -> _Mark:
        root = _Mark(0)
        table, depth = root, 0
        try:
            while self.gap() < len(self.text):
                if self.text.startswith("[", self.at):
                    table, depth = self.header(root)
                else:
                    self.pair(table, depth)
        except _Stop:
            pass
        return root

    def gap(self) -> int:
        match = _GAP.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def sign(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def header(self, root: _Mark) -> tuple[_Mark, int]:
        start = self.at
        many = self.sign("[[")
        if not many:
            self.sign("[")
        mark, last, depth = root, root, 0
        for part, _ in self.keys():
            depth += 1
            last = mark.inner.setdefault(part, self.mark(start, depth))
            mark = last.inner[len(last.inner) - 1] if 0 in last.inner else last
        if many:
            mark = last.inner[len(last.inner)] = self.mark(start, depth)
        if not self.sign("]]" if many else "]"):
            raise _Stop
        return mark, depth

    def pair(self, table: _Mark, depth: int) -> None:
        mark = table
        for part, at in self.keys():
            depth += 1
            mark = mark.inner.setdefault(part, self.mark(at, depth))
        if not self.sign("="):
            raise _Stop
        self.value(mark, depth)

    def keys(self) -> list[tuple[str, int]]:
        """Return the parts of a dotted key, each with its place."""
        parts: list[tuple[str, int]] = []
        dot = "."
        while dot:
            match = _KEY.match(self.text, self.at)
            if not match:
                raise _Stop
            bare, basic, literal, dot = match.groups()
            parts.append((_unescaped(basic) if basic else bare or literal or "", self.at))
            self.at = match.end()
            if len(parts) > self.limits.max_depth:
                raise Unreadable(too_deep(self.limits), self.at)
        return parts

    def value(self, mark: _Mark, depth: int) -> None:
        while self.text.startswith((" ", "\t"), self.at):
            self.at += 1
        if self.sign("["):
            index = 0
            while not self.closed("]"):
                entry = mark.inner[index] = self.mark(self.at, depth + 1)
                self.value(entry, depth + 1)
                index += 1
                self.comma("]")
        elif self.sign("{"):
            while not self.closed("}"):
                self.pair(mark, depth)
                self.comma("}")
        else:
            self.scalar()

    def closed(self, sign: str) -> bool:
        self.gap()
        return self.sign(sign)

    def comma(self, closing: str) -> None:
        self.gap()
        if not self.sign(",") and not self.text.startswith(closing, self.at):
            raise _Stop

    def scalar(self) -> None:
        match = _SCALAR.match(self.text, self.at)
        if not match:
            raise _Stop
        length = match.end() - self.at
        if length > self.limits.max_scalar:
            raise Unreadable(long_scalar(length, self.limits), self.at)
        if length > _MAX_BARE and match[0][0] not in "\"'":
            raise Unreadable(f"a number of {length} characters is too long", self.at)
        self.at = match.end()

    def mark(self, at: int, depth: int) -> _Mark:
        self.left -= 1
        if self.left < 0:
            raise Unreadable(f"the document has more than {self.limits.max_nodes} values; split it", at)
        if depth > self.limits.max_depth:
            raise Unreadable(too_deep(self.limits), at)
        return _Mark(at)


def _unescaped(basic: str) -> str:
    if "\\" not in basic:
        return basic
    try:
        (key,) = tomllib.loads(f'"{basic}" = 0')
    except ValueError:
        raise _Stop from None
    return key
