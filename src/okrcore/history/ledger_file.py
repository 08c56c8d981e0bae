"""The SQLite file of a ledger to records and back: its tables, its hashes, and what is wrong with them.

docs/reference/ledger-format.md specifies the file. Nothing here changes a record once it is written.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from okrcore.errors import HistoryError, Problem
from okrcore.history.chain import BLOCK, Chain, Seal
from okrcore.history.contexts import Context
from okrcore.history.encoding import decode_records
from okrcore.history.records import Records

APPLICATION = 0x6F6B7231
"""The application id that marks a ledger: "okr1"."""

VERSION = 1
"""The version of the tables."""

_TABLES = (
    "CREATE TABLE block (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE piece (first INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 0), root TEXT NOT NULL)",
)
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_OUTSIDE = (
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_PERM",
    "SQLITE_NOMEM",
)
_RESTORE = "restore it from a copy"


class DamagedLedgerError(HistoryError):
    """A ledger file lost or changed records; `problems` names the first block at fault first."""


@attrs.frozen(eq=False)
class Stored:
    """What a file holds from some block on: records coded as in their chain, their words, its own root."""

    records: Records
    measures: list[str]
    contexts: list[Context]
    root: str
    problems: tuple[Problem, ...]


def create(path: Path) -> None:
    """Make an empty ledger at `path`, whole or not at all; what another process made meanwhile stays."""
    if Path(f"{path}-journal").exists():
        raise HistoryError(
            f"ledger {path} is gone but its journal {path.name}-journal is here; {_RESTORE}, or delete both"
        )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    try:
        with guarded(path):
            connection = sqlite3.connect(draft, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("BEGIN")
                for statement in _TABLES:
                    connection.execute(statement)
                connection.execute("INSERT INTO head VALUES (0, ?)", (Chain().root,))
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
                connection.execute("COMMIT")
            finally:
                connection.close()
        _sync(draft)
        with suppress(FileExistsError):
            os.link(draft, path)
        _sync(path.parent)
    except OSError as error:
        raise HistoryError(
            f"ledger {path} cannot be made: {error}; give a path that can be written"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection to an existing ledger, set so that a commit is durable when it returns (S8.7)."""
    with guarded(path):
        if path.stat().st_size == 0:
            raise _damaged(path, "is an empty file: its records are lost")
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            _check_file(connection, path)
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA fullfsync = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def _check_file(connection: sqlite3.Connection, path: Path) -> None:
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != APPLICATION:
        raise _damaged(path, "is a database but not marked as a ledger")
    if version != VERSION:
        raise _damaged(path, f"has format {version}, this okrcore reads {VERSION}; a newer one may read it")
    tables = tuple(row[0] for row in connection.execute("SELECT sql FROM sqlite_schema ORDER BY rowid"))
    if tables != _TABLES:
        raise _damaged(path, "has other tables than its format says")
    with transaction(connection, "DEFERRED"):
        fault = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        pages, page = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        size = path.stat().st_size
    if fault != "ok":
        raise _damaged(path, f"has a broken page: {fault}")
    if size != pages * page:
        raise _damaged(path, f"has {size} bytes but {pages} pages of {page}: truncated")


def _damaged(path: Path, fault: str) -> DamagedLedgerError:
    problem = Problem(f"ledger {fault}; {_RESTORE}", path="file", file=str(path), kind=DamagedLedgerError)
    return DamagedLedgerError(problem)


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a HistoryError that says what to do."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise HistoryError(f"ledger {path} cannot be used: {error}; open it again") from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(_BUSY):
            fault = "is being written by another process; try again, or open it with a longer timeout"
        elif name.startswith(_OUTSIDE):
            fault = f"cannot be used: {error}; look at its path, permissions and disk"
        else:
            raise _damaged(path, f"is damaged: {error}") from error
        raise HistoryError(f"ledger {path} {fault}") from error
    except FileNotFoundError as error:
        raise HistoryError(f"ledger {path} does not exist; look at its path") from error
    except OSError as error:
        raise HistoryError(
            f"ledger {path} cannot be used: {error}; look at its path and permissions"
        ) from error


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    """Begin, and commit at the end; roll back where anything goes wrong."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read(connection: sqlite3.Connection, blocks: int, before: Seal) -> Stored:
    """Return all records from block number `blocks` on, which follows the seal `before`.

    Every hash is checked before anything is decoded; what does not fit is a problem, the first block first.
    """
    reader = _Reader(before.hash, before.measures, before.contexts)
    try:
        reader.blocks(connection, blocks)
        reader.pieces(connection, blocks)
        root = read_root(connection)
    except sqlite3.DatabaseError as error:
        root = ""
        reader.problem(f"records from {blocks * BLOCK + reader.count} on", f"cannot be read: {error}")
    return Stored(
        Records.join([Records.empty(), *reader.parts]),
        reader.measures,
        reader.contexts,
        root,
        tuple(reader.problems),
    )


@attrs.define(eq=False)
class _Reader:
    hash: bytes
    known_measures: int
    known_contexts: int
    count: int = 0
    parts: list[Records] = attrs.field(factory=list)
    measures: list[str] = attrs.field(factory=list)
    contexts: list[Context] = attrs.field(factory=list)
    problems: list[Problem] = attrs.field(factory=list)

    def blocks(self, connection: sqlite3.Connection, first: int) -> None:
        expected = first
        for number, digest, data in connection.execute(
            "SELECT number, hash, data FROM block WHERE number >= ? ORDER BY number", (first or -(2**63),)
        ):
            if number != expected:
                self.problem(f"block {expected}", "is missing")
            size = self.take(f"block {number}", digest, data)
            if size not in (None, BLOCK):
                self.problem(f"block {number}", f"has {size} records, not {BLOCK}")
            expected = number + 1

    def pieces(self, connection: sqlite3.Connection, blocks: int) -> None:
        expected = blocks * BLOCK + self.count
        for first, digest, data in connection.execute("SELECT first, hash, data FROM piece ORDER BY first"):
            if first != expected and not self.problems:
                self.problem(f"record {expected}", f"is missing: the next one is {first}")
            expected = first + (self.take(f"piece {first}", digest, data) or 0)

    def take(self, what: str, digest: object, data: object) -> int | None:
        """Check one row and, while all before it were sound, decode it; return its count of records."""
        count = None
        if not isinstance(data, bytes) or not isinstance(digest, bytes):
            self.problem(what, "holds no bytes")
            return count
        if hashlib.sha256(self.hash + data).digest() != digest:
            self.problem(what, "does not fit its hash and the one before: altered or reordered")
        elif not self.problems:
            try:
                records, measures, contexts = decode_records(data, self.known_measures, self.known_contexts)
            except HistoryError as error:
                self.problem(what, str(error))
            else:
                self.known_measures += len(measures)
                self.known_contexts += len(contexts)
                self.measures += measures
                self.contexts += contexts
                self.parts.append(records)
                count = len(records)
                self.count += count
        self.hash = digest
        return count

    def problem(self, what: str, fault: str) -> None:
        self.problems.append(Problem(f"{what} {fault}; {_RESTORE}", path=what, kind=DamagedLedgerError))


def read_root(connection: sqlite3.Connection) -> str:
    """Return the root that the file claims."""
    row = connection.execute("SELECT root FROM head").fetchone()
    return str(row[0]) if row else ""


def write(connection: sqlite3.Connection, before: Chain, after: Chain, records: Records) -> None:
    """Write the `records` by which the chain `after` is longer than `before`, inside a transaction."""
    sealed = after.seals[len(before.seals) :]
    if sealed:
        rest, last = Records.join([before.tail, records]), before.last
        for place, seal in enumerate(sealed):
            data = after.encode(last, rest.select(slice(place * BLOCK, (place + 1) * BLOCK)))
            connection.execute(
                "INSERT INTO block VALUES (?, ?, ?)", (len(before.seals) + place, seal.hash, data)
            )
            last = seal
        connection.execute("DELETE FROM piece")
        piece, first = after.tail, len(after.seals) * BLOCK
    else:
        row = connection.execute("SELECT hash FROM piece ORDER BY first DESC LIMIT 1").fetchone()
        last = Seal(row[0] if row else before.last.hash, len(before.measures), len(before.contexts))
        piece, first = records, before.count
    if len(piece):
        data = after.encode(last, piece)
        connection.execute(
            "INSERT INTO piece VALUES (?, ?, ?)", (first, hashlib.sha256(last.hash + data).digest(), data)
        )
    connection.execute("UPDATE head SET root = ?", (after.root,))
