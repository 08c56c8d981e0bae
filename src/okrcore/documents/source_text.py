"""Hold the text of one document, and collect its faults as problems with file, line and column."""

from __future__ import annotations

import bisect
import errno
import os
import re
import stat
from collections.abc import Container
from itertools import accumulate

import attrs

from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable, steps
from okrcore.errors import DocumentError, OkrError, Problem

MOST_FAULTS = 1000
"""So many faults of one document are told; they are too many for anyone, and each costs a guess."""


@attrs.frozen(kw_only=True)
class Fault:
    """What is wrong at an offset; `node` and `tail` name the place inside the document.

    A fault of one value (`of_value`) is told as "<its name> <message>".
    """

    message: str
    at: int
    node: Node | None = None
    tail: str = ""
    kind: type[OkrError] = DocumentError
    of_value: bool = False


@attrs.define(eq=False)
class SourceText:
    """One document: its text, where it came from, and the faults noted so far.

    `name` is the file's, None for text that came from no file. `columns` is False where only lines are
    known (TOML). `root` is set once the text is read, `remarks` are the offsets of comments to this library.
    """

    text: str = ""
    name: str | None = None
    columns: bool = True
    root: Node | None = None
    remarks: tuple[int, ...] = ()
    faults: list[Fault] = attrs.Factory(list)
    _starts: list[int] = attrs.field(factory=list, init=False)

    def place(self, at: int) -> tuple[int | None, int | None]:
        """Return line and column of an offset, both from 1; None where unknown."""
        if at < 0:
            return None, None
        if not self._starts:
            self._starts = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
        line = bisect.bisect_right(self._starts, at) - 1
        return line + 1, at - self._starts[line] + 1 if self.columns else None

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column, both from 1."""
        self.place(0)
        return self._starts[min(line, len(self._starts)) - 1] + column - 1

    def fault(
        self,
        message: str,
        at: int,
        node: Node | None = None,
        tail: str = "",
        kind: type[OkrError] = DocumentError,
        of_value: bool = False,
    ) -> None:
        """Note a fault and go on, so that all arrive together (S0.4).

        With more than `MOST_FAULTS` of them reading stops: raises Unreadable once, and notes no more.
        """
        if len(self.faults) > MOST_FAULTS:
            return
        if len(self.faults) == MOST_FAULTS:
            self.faults.append(Fault(message=f"more than {MOST_FAULTS:,} faults; mend these first", at=at))
            raise Unreadable(self.faults[-1].message, at)
        self.faults.append(Fault(message=message, at=at, node=node, tail=tail, kind=kind, of_value=of_value))

    def wrong(self, node: Node, wanted: str) -> None:
        """Note that a node is not what is `wanted`."""
        self.fault(f"is {found(node)}; give {wanted}", node.at, node, of_value=True)

    def insert(self, entries: dict[str, Node], key: str, key_at: int, node: Node) -> None:
        """Put `node` under `key`; a key given twice is a fault at its second place."""
        node.key_at = key_at
        first = entries.setdefault(key, node)
        if first is not node:
            line, _ = self.place(first.key_at)
            self.fault(
                f"key {shown(key)} is given twice, first in line {line}; keep one of them", key_at, first
            )

    def problems(self, named: Container[str] = ()) -> list[Problem]:
        """Return the faults as problems, in the order of their places.

        In a list under one of the `named` keys, the id of an entry stands for its path.
        """
        if not self.faults:
            return []
        paths = _paths(self.root, {id(fault.node) for fault in self.faults}, named)
        return [self._problem(fault, paths) for fault in sorted(self.faults, key=lambda fault: fault.at)]

    def _problem(self, fault: Fault, paths: dict[int, str]) -> Problem:
        path = paths.get(id(fault.node), "")
        message = fault.message
        if fault.of_value:
            message = f"{path.rpartition('.')[2] or 'the document'} {message}"
        path = f"{path}.{fault.tail}".strip(".") if fault.tail else path
        return Problem(_cut(message), path, self.name, *self.place(fault.at), fault.kind)


def found(node: Node) -> str:
    """Return what a node holds, as an error message shows it."""
    if isinstance(node, NodeItems):
        return "a list"
    if isinstance(node, Fields):
        return "a mapping"
    return "empty" if node.value is None or (node.plain and not node.value) else shown(node.value)


def shown(value: object) -> str:
    """Return a value as an error message shows it: short."""
    text = repr(value) if isinstance(value, str | bool | int | float) else str(value)
    return text if len(text) <= 60 else f"{text[:50]}... ({len(text)} characters)"


def decode(data: bytes) -> str:
    """Return UTF-8 bytes as text, a byte order mark at the start dropped; `check` finds what is not UTF-8."""
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def read_bytes(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the bytes of a regular file, at most one more than `most`, so that the caller sees too many.

    Raises OSError for what cannot be read: a path that holds a NUL too, and what is no regular file, since a
    pipe would be waited for without end, and a device has no end.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error), os.fspath(path)) from error
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", os.fspath(path))
        size = min(found.st_size, most)
        content = file.read(size + 1)  # read(most + 1) would set aside as much for the smallest file
        return content if len(content) <= size else content + file.read(most - size)


_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
)


def check(text: str, limits: Limits) -> None:
    """Raise Unreadable where the text is too large, or holds what one reader sees and another does not."""
    if len(text) > limits.max_bytes:
        raise Unreadable(too_large(len(text), limits), -1)
    match = _REFUSED.search(text)
    if not match:
        return
    code = ord(match[0])
    if code == 13:
        message = "a carriage return stands without a line feed; save with LF or CRLF line ends"
    elif 0xDC80 <= code <= 0xDCFF:
        message = f"byte 0x{code - 0xDC00:02x} is not UTF-8; save the file as UTF-8"
    else:
        message = f"character U+{code:04X} is not allowed; remove it, or write an escape in double quotes"
    raise Unreadable(message, match.start())


def too_large(size: int, limits: Limits) -> str:
    """Return the message for a document of `size` bytes."""
    return (
        f"the document has {size} bytes, more than max_bytes {limits.max_bytes}; split it, or raise max_bytes"
    )


def long_scalar(length: int, limits: Limits) -> str:
    """Return the message for a value of `length` characters."""
    return f"a text of {length} characters is too long; keep it below {limits.max_scalar}"


def too_deep(limits: Limits) -> str:
    """Return the message for a value that lies deeper than the limit."""
    return f"nested deeper than {limits.max_depth}; flatten it"


def _paths(root: Node | None, wanted: set[int], named: Container[str]) -> dict[int, str]:
    """Return the path of each wanted node."""
    paths: dict[int, str] = {}
    open_nodes: list[tuple[Node, str]] = [(root, "")] if root else []
    while open_nodes:
        node, path = open_nodes.pop()
        if id(node) in wanted:
            paths[id(node)] = path
        for step, child in steps(node):
            listed = isinstance(node, NodeItems) and path.rpartition(".")[2] in named
            name = declared_id(child) if listed else None
            open_nodes.append((child, name or (path + step).removeprefix(".")))
    return paths


def declared_id(node: Node) -> str | None:
    """Return the id that a node of fields declares, None without one."""
    name = node.entries.get("id") if isinstance(node, Fields) else None
    return name.value if isinstance(name, Scalar) and isinstance(name.value, str) else None


def _cut(message: str) -> str:
    return message if len(message) <= 600 else f"{message[:500]}... ({len(message)} characters)"
