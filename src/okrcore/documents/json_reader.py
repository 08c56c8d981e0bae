"""Parse JSON text into nodes and keep the place of each, which the json module does not tell."""

from __future__ import annotations

import json
import re

from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.source_text import SourceText, long_scalar, too_deep

_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'"((?:[^"\\\n]++|\\.)*+)"[ \t\n\r]*(:?)[ \t\n\r]*')
_SCALAR = re.compile(
    r'(?:"((?:[^"\\\n]++|\\.)*+)"|(-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+)|(true|false|null))'
    r"(?![\w.+-])[ \t\n\r]*",
    re.ASCII,
)
_MEMBER = re.compile(
    r'"([^"\\\x00-\x1f]*+)"[ \t\n\r]*+:[ \t\n\r]*+()'
    r'(?:"([^"\\\x00-\x1f]*+)"|(-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+)|(true|false|null))'
    r"[ \t\n\r]*+([,}])[ \t\n\r]*+",
    re.ASCII,
)
"""A whole `"key": value,` without escapes: most of a document, in one match."""
_MAX_DIGITS = 400
_WORDS = {"true": True, "false": False, "null": None}


def read_json(source: SourceText, limits: Limits) -> Node:
    """Return the root node of `source`, JSON as RFC 8259 has it.

    Duplicate keys are noted as faults. Raises Unreadable at the first place that is no JSON.
    """
    reader = _Reader(source, limits)
    start = reader.space(0)
    if start == len(source.text):
        raise Unreadable('the document is empty; begin with: {"okrcore": 1}', 0)
    node, end = reader.value(start, 0)
    if end < len(source.text):
        raise Unreadable("this is not JSON: text follows the end of the document; remove it", end)
    return node


class _Reader:
    def __init__(self, source: SourceText, limits: Limits) -> None:
        self.source, self.text, self.limits = source, source.text, limits
        self.left = limits.max_nodes
        self.seen: dict[str, str] = {}

    def space(self, at: int) -> int:
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]  # matches always

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        """Return the value at `at`, and where what follows it (no space) begins."""
        match = _SCALAR.match(self.text, at)
        if match:
            return self._scalar(match, at), match.end()
        opening = self.text[at : at + 1]
        if opening not in ("{", "["):
            raise Unreadable(f"this is not JSON: {self._found(at)} where a value should be", at)
        if depth == self.limits.max_depth:
            raise Unreadable(too_deep(self.limits), at)
        self._count(at)
        return self._fields(at, depth + 1) if opening == "{" else self._items(at, depth + 1)

    def _scalar(self, match: re.Match[str], at: int) -> Scalar:
        text, number, word = match.groups()
        return self._node(text if text is None else self._unescaped(text, at), number, word, at)

    def _node(self, text: str | None, number: str | None, word: str, at: int) -> Scalar:
        self._count(at)
        if text is not None:
            if len(text) > self.limits.max_scalar:
                raise Unreadable(long_scalar(len(text), self.limits), at)
            return Scalar(text, at)
        if number is None:
            return Scalar(_WORDS[word], at)
        if len(number) > _MAX_DIGITS:
            raise Unreadable(f"a number of {len(number)} digits is too long", at)
        return Scalar(int(number) if number.lstrip("-").isdigit() else float(number), at)

    def _count(self, at: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise Unreadable(f"the document has more than {self.limits.max_nodes} values; split it", at)

    def _fields(self, start: int, depth: int) -> tuple[Fields, int]:
        entries: dict[str, Node] = {}
        at = self.space(start + 1)
        sign = "," if self.text[at : at + 1] != "}" else "}"
        end = at
        while sign == ",":
            match = _MEMBER.match(self.text, at)
            if match:
                key, _, text, number, word, sign = match.groups()
                node: Node = self._node(text, number, word, match.end(2))
                end, after = match.end(6) - 1, match.end()
            else:
                key, node, end = self._member(at, depth)
                sign = self.text[end : end + 1]
                after = self.space(end + 1) if sign == "," else end
            self.source.insert(entries, self.seen.setdefault(key, key), at, node)
            at = after
        if sign != "}":
            raise Unreadable(f"this is not JSON: {self._found(end)} where ',' or '}}' should be", end)
        return Fields(entries, start), self.space(end + 1)

    def _member(self, at: int, depth: int) -> tuple[str, Node, int]:
        match = _KEY.match(self.text, at)
        if not match or not match[2]:
            message = f"this is not JSON: {self._found(at)} where a key in quotes and ':' should be"
            raise Unreadable(message, at)
        node, end = self.value(match.end(), depth)
        return self._unescaped(match[1], at), node, end

    def _items(self, start: int, depth: int) -> tuple[NodeItems, int]:
        items: list[Node] = []
        at = self.space(start + 1)
        if self.text[at : at + 1] != "]":
            while True:
                node, end = self.value(at, depth)
                items.append(node)
                if (sign := self.text[end : end + 1]) != ",":
                    break
                at = self.space(end + 1)
            if sign != "]":
                raise Unreadable(f"this is not JSON: {self._found(end)} where ',' or ']' should be", end)
            at = end
        return NodeItems(items, start), self.space(at + 1)

    def _unescaped(self, text: str, at: int) -> str:
        if "\\" not in text and "\t" not in text:
            return text
        try:
            value: str = json.loads(f'"{text}"')
            value.encode()
        except json.JSONDecodeError as error:
            raise Unreadable(f"this is not JSON: {error.msg}", at + error.pos) from None
        except UnicodeEncodeError:
            raise Unreadable("the text holds half of a surrogate pair; write both halves", at) from None
        return value

    def _found(self, at: int) -> str:
        return repr(self.text[at]) if at < len(self.text) else "the end"
