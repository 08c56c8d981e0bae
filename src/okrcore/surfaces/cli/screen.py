"""Print lines as a stream can show them: colours on a terminal, blocks in UTF-8, JSON where asked for."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from okrcore.display import no_command
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.snapshot_text import Look

FOUND = 1
"""The exit code of a command that ran and found what should not be."""
WIDTH = 100
_STYLES = {
    r"(?<![\w-])(achieved|on-track|healthy)(?![\w-])": "green",
    r"(?<![\w-])(at-risk|watch)(?![\w-])": "yellow",
    r"(?<![\w-])(off-track|missed|breached|late)(?![\w-])": "bold red",
    r"(?<![\w-])(no-data|unknown|early)(?![\w-])": "dim",
    r"(?m)^\s*(\[\+\]|\+(?= ))": "green",
    r"(?m)^\s*(\[~\]|~(?= ))": "yellow",
    r"(?m)^\s*(\[!\]|!(?= ))": "bold red",
}


def look(word: Callable[[str], str] = str) -> Look:
    """Return how things are drawn on standard output: at most 100 columns, blocks in UTF-8 only."""
    columns = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns) if sys.stdout.isatty() else WIDTH
    return Look(columns=max(columns, 60), blocks=speaks_utf8(sys.stdout), word=word)


def speaks_utf8(stream: TextIO) -> bool:
    """Return whether the stream takes every letter."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf8")


def show(lines: Iterable[str]) -> None:
    """Write lines to standard output; coloured where it is a terminal and rich is installed."""
    text = "\n".join(map(no_command, lines))
    if not speaks_utf8(sys.stdout):
        text = text.encode("ascii", "backslashreplace").decode()
    if sys.stdout.isatty() and _in_colour(text):
        return
    print(text)


def _in_colour(text: str) -> bool:
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        return False
    coloured = Text(text)
    for pattern, style in _STYLES.items():
        coloured.highlight_regex(pattern, style)
    Console(file=sys.stdout, highlight=False).print(coloured, soft_wrap=True)
    return True


def show_document(text: str) -> None:
    """Write a text that other programs read to standard output: UTF-8, whatever the terminal's encoding."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        binary.write(text.encode())


def show_json(value: Any) -> None:
    """Write a value as JSON to standard output: ASCII only, so that no text in it can move a cursor."""
    from okrcore.documents.plain import to_dict

    print(json.dumps(to_dict(value), indent=2, allow_nan=False))


def tables(snapshot: Snapshot) -> Mapping[str, Any]:
    """Return the part of the JSON output that a snapshot gives."""
    heads = ("okrcore", "kind", "known_at")
    return {name: value for name, value in snapshot.as_plain().items() if name not in heads}


@contextmanager
def stage(what: str) -> Iterator[None]:
    """Show on standard error what is going on, where that is a terminal; gone when it is over."""
    if not sys.stderr.isatty():
        yield
        return
    print(f"{what} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
