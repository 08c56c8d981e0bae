"""Read and write the lines of entries and versions in a ledger file, each chained to the one before it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

import attrs

from okrcore.declarations.declared_versions import ORIGIN as VERSIONS
from okrcore.declarations.declared_versions import Declarations
from okrcore.errors import DamagedLedgerError, OkrError, Problem
from okrcore.history.journal import ORIGIN as ENTRIES
from okrcore.history.journal import Journal
from okrcore.ledger.ledger_file import RESTORE, add_lines, holds_lines

Name = Literal["entry", "version"]
T = TypeVar("T")
ORIGINS: dict[Name, bytes] = {"entry": ENTRIES, "version": VERSIONS}
"""The hash before the first line of each table."""


@attrs.frozen
class StoredLines:
    """The lines of one table, the root that the file claims of them, and what is wrong with them."""

    lines: tuple[bytes, ...]
    root: str
    problems: tuple[Problem, ...]


def read_lines(connection: sqlite3.Connection, name: Name) -> StoredLines:
    """Return all lines of a table of a file of format 2; every hash is checked."""
    lines, problems, last = [], list[Problem](), ORIGINS[name]
    for place, (number, digest, data) in enumerate(
        connection.execute(f"SELECT number, hash, data FROM {name} ORDER BY number")  # noqa: S608
    ):
        if number != place:
            problems.append(_problem(f"{name} {place}", "is missing"))
            break
        if not isinstance(data, bytes) or hashlib.sha256(last + data).digest() != digest:
            fault = "does not fit its hash and the one before: altered or reordered"
            problems.append(_problem(f"{name} {number}", fault))
            break
        lines.append(data)
        last = digest
    return StoredLines(tuple(lines), read_tail(connection, name), tuple(problems))


def read_tail(connection: sqlite3.Connection, name: Name) -> str:
    """Return the root that the file claims of a table."""
    row = connection.execute("SELECT root FROM tail WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def write_lines(connection: sqlite3.Connection, name: Name, lines: Iterable[bytes], root: str) -> None:
    """Add lines to a table inside a transaction; a file of format 1 becomes one of format 2."""
    if not holds_lines(connection):
        add_lines(connection, {"entry": Journal.of().root, "version": Declarations.of().root})
    row = connection.execute(
        f"SELECT number, hash FROM {name} ORDER BY number DESC LIMIT 1"  # noqa: S608
    ).fetchone()
    number, last = row or (-1, ORIGINS[name])
    for place, data in enumerate(lines, number + 1):
        last = hashlib.sha256(last + data).digest()
        connection.execute(f"INSERT INTO {name} VALUES (?, ?, ?)", (place, last, data))  # noqa: S608
    connection.execute("UPDATE tail SET root = ? WHERE name = ?", (root, name))


def grown(
    name: Name, stored: StoredLines, read: Callable[[Sequence[bytes]], T], root: Callable[[T], str]
) -> T:
    """Return what the lines of a table say; raises DamagedLedgerError where they do not fit their root."""
    problems, value, count = stored.problems, None, len(stored.lines)
    if not problems:
        try:
            value = read(stored.lines)
        except OkrError as error:
            problems = tuple(_problem(f"{name} table", f"does not read: {one}") for one in error.problems)
    if value is not None and root(value) != stored.root:
        problems = (_problem(f"{name} {count}", "is missing, or does not fit the root in the file"),)
    if problems or value is None:
        raise DamagedLedgerError(problems)
    return value


def _problem(what: str, fault: str) -> Problem:
    return Problem(f"{what} {fault}; {RESTORE}", path=what, kind=DamagedLedgerError)
