"""Parse YAML text into nodes, from PyYAML's event stream: nothing is resolved, constructed or guessed."""

from __future__ import annotations

import re
from typing import Any

from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.source_text import SourceText, long_scalar, too_deep


def read_yaml(source: SourceText, limits: Limits, *, pure: bool = False) -> Node:
    """Return the root node of the one document in `source`.

    libyaml reads where PyYAML was built with it; `pure` asks for the Python parser, which gives the same
    nodes about ten times slower. Raises Unreadable at the first place that cannot be read, and at the first
    alias, so that no document grows while it is read. Anchors, tags and duplicate keys are noted as faults.
    """
    import yaml

    text = source.text
    if match := _BREAKS.search(text):
        escape = _ESCAPES[match[0]]
        raise Unreadable(
            f"U+{ord(match[0]):04X} is a line break to YAML only; write {escape} in double quotes",
            match.start(),
        )
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if not pure else yaml.SafeLoader
    parser = loader(text)
    try:
        return _Builder(source, limits, yaml).build(parser.get_event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark else -1
        if error.problem == _TOO_DEEP:
            raise Unreadable(too_deep(limits), at) from None
        words = ": ".join(part for part in (error.context, error.problem) if part)
        raise Unreadable(f"this is not YAML: {words}", at) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise Unreadable(f"this is not YAML: {error}", -1) from None
    finally:
        parser.dispose()


_TOO_DEEP = "exceeded maximum nesting depth"
"""What newer versions of libyaml say at 1,000 levels; they read ahead, before the limit here can speak."""
_BREAKS = re.compile("[\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPES = {"\x85": r"\N", "\u2028": r"\L", "\u2029": r"\P"}


class _Builder:
    """Builds nodes from events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, source: SourceText, limits: Limits, yaml: Any) -> None:
        self.source, self.limits = source, limits
        self.scalar, self.alias = yaml.ScalarEvent, yaml.AliasEvent
        self.sequence, self.mapping = yaml.SequenceStartEvent, yaml.MappingStartEvent
        self.ends = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
        self.start, self.stop = yaml.DocumentStartEvent, yaml.StreamEndEvent

    def build(self, get_event: Any) -> Node:
        root: Node | None = None
        stack: list[NodeItems | Fields] = []
        keys: list[tuple[str, int] | None] = []  # per open node: the key that waits for its value
        left = self.limits.max_nodes
        seen: dict[str, str] = {}  # one object for each distinct key
        while type(event := get_event()) is not self.stop:
            kind = type(event)
            if kind is self.scalar:
                node: Node = self._scalar(event)
            elif kind is self.sequence:
                node = NodeItems([], event.start_mark.index)
            elif kind is self.mapping:
                node = Fields({}, event.start_mark.index)
            elif kind in self.ends:
                stack.pop()
                keys.pop()
                continue
            else:
                self._frame(event, kind, root)
                continue
            left -= 1
            if left < 0:
                raise Unreadable(
                    f"the document has more than {self.limits.max_nodes} values; split it", node.at
                )
            if event.anchor is not None or event.tag is not None:
                self._decorated(event, node.at)
            parent = stack[-1] if stack else None
            if isinstance(parent, Fields):
                waiting = keys[-1]
                if waiting is None:
                    keys[-1] = self._key(node, seen)
                    continue
                self.source.insert(parent.entries, *waiting, node)
                keys[-1] = None
            elif parent is not None:
                parent.items.append(node)
            else:
                root = node
            if kind is not self.scalar:
                stack.append(node)  # type: ignore[arg-type]  # no scalar
                keys.append(None)
                if len(stack) > self.limits.max_depth:
                    raise Unreadable(too_deep(self.limits), node.at)
        if root is None:
            raise Unreadable("the document is empty; begin with: okrcore: 1", 0)
        return root

    def _scalar(self, event: Any) -> Scalar:
        value = event.value
        at = event.start_mark.index
        if len(value) > self.limits.max_scalar:
            raise Unreadable(long_scalar(len(value), self.limits), at)
        plain = not event.style
        if plain and "\t" in value:
            raise Unreadable("a tab stands in unquoted text; write a space, or put the text in quotes", at)
        if not value.isascii() and _SURROGATE.search(value):
            raise Unreadable("the text holds half of a surrogate pair; write the character itself", at)
        return Scalar(value, at, plain)

    def _key(self, node: Node, seen: dict[str, str]) -> tuple[str, int]:
        if not isinstance(node, Scalar):
            raise Unreadable("a key is a list or a mapping; write a word", node.at)
        if node.value == "<<" and node.plain:
            raise Unreadable("merge keys are not read; write the entries out", node.at)
        return seen.setdefault(node.value, node.value), node.at

    def _decorated(self, event: Any, at: int) -> None:
        if event.anchor is not None:
            self.source.fault(f"anchor &{event.anchor} is not read; remove it", at)
        if event.tag is not None:
            self.source.fault(f"tag {event.tag} is not read; remove it", at)

    def _frame(self, event: Any, kind: type, root: Node | None) -> None:
        at = event.start_mark.index
        if kind is self.alias:
            raise Unreadable(f"alias *{event.anchor} is not read; write the value out", at)
        if kind is self.start:
            if root is not None:
                raise Unreadable("a second document begins here; put each in a file of its own", at)
            if event.version or event.tags:
                raise Unreadable("directives are not read; remove the line", at)
