"""Open the SQLite file of a ledger: made whole or not at all, and set so that a commit is durable.

docs/reference/ledger-format.md specifies the file.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from okrcore.errors import DamagedLedgerError, HistoryError, OkrError, Problem
from okrcore.history.chain import Chain

APPLICATION = 0x6F6B7231
"""The application id that marks a ledger: "okr1"."""

FORMAT_1, FORMAT_2 = 1, 2
"""The versions of the tables: observations alone, and with entries and versions of what was declared."""

_OBSERVATIONS = (
    "CREATE TABLE block (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE piece (first INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 0), root TEXT NOT NULL)",
)
_LINES = (
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE version (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE tail (name TEXT PRIMARY KEY, root TEXT NOT NULL)",
)
_TABLES = {FORMAT_1: _OBSERVATIONS, FORMAT_2: (*_OBSERVATIONS, *_LINES)}
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_OUTSIDE = (
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_PERM",
    "SQLITE_NOMEM",
    "SQLITE_NOLFS",
    "SQLITE_PROTOCOL",
)
_LARGE = ("SQLITE_TOOBIG",)
_LONGEST = 2_000_000.0  # SQLite counts the milliseconds of a timeout in 31 bits
RESTORE = "restore it from a copy"
"""What to do about damage."""


def create(path: Path) -> None:
    """Make an empty ledger at `path`, whole or not at all; what another process made meanwhile stays."""
    if Path(f"{path}-journal").exists():
        raise HistoryError(
            f"ledger {path} is gone but its journal {path.name}-journal is here; {RESTORE}, or delete both"
        )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    try:
        with guarded(path):
            connection = sqlite3.connect(draft, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("BEGIN")
                for statement in _OBSERVATIONS:
                    connection.execute(statement)
                connection.execute("INSERT INTO head VALUES (0, ?)", (Chain().root,))
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {FORMAT_1}")
                connection.execute("COMMIT")
            finally:
                connection.close()
        _sync(draft)
        _place(draft, path)
        _sync(path.parent)
    except OSError as error:
        raise HistoryError(
            f"ledger {path} cannot be made: {error}; give a path that can be written"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _place(draft: Path, path: Path) -> None:
    """Give the draft its name, unless another process made the file meanwhile: that one stays."""
    with suppress(FileExistsError):
        try:
            os.link(draft, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links: whoever makes the empty file fills it
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            draft.replace(path)


def _sync(path: Path) -> None:
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection to an existing ledger, set so that a commit is durable when it returns (S8.7)."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout >= 0:
        raise HistoryError(f"timeout is {timeout!r:.40}, but must be seconds, 0 or more; give a number")
    with guarded(path):
        if path.stat().st_size == 0:
            raise _damaged(path, "is an empty file: its records are lost")
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            timeout=min(timeout, _LONGEST),
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            _check_file(connection, path)
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA fullfsync = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def _check_file(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection, "DEFERRED"):
        application, version = _format(connection)
        schema = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        tables = tuple(row[0] for row in schema)
    if application != APPLICATION:
        raise _damaged(path, "is a database but not marked as a ledger")
    if version not in _TABLES:
        raise _damaged(
            path, f"has format {version}, this okrcore reads {FORMAT_1} and {FORMAT_2}; a newer one may"
        )
    if tables != _TABLES[version]:
        raise _damaged(path, "has other tables than its format says")
    connection.execute("PRAGMA journal_mode = DELETE")  # takes in what a write-ahead log still holds
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


def _format(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the mark of a ledger, and the format of its tables."""
    names = ("application_id", "user_version")
    application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return application, version


def holds_lines(connection: sqlite3.Connection) -> bool:
    """Say whether the file is of format 2, with tables of entries and versions."""
    return _format(connection)[1] == FORMAT_2


def add_lines(connection: sqlite3.Connection, roots: Mapping[str, str]) -> None:
    """Make a file of format 1 one of format 2, inside a transaction; `roots` are those of no lines."""
    for statement in _LINES:
        connection.execute(statement)
    connection.executemany("INSERT INTO tail VALUES (?, ?)", roots.items())
    connection.execute(f"PRAGMA user_version = {FORMAT_2}")


def _damaged(path: Path, fault: str) -> DamagedLedgerError:
    problem = Problem(f"ledger {fault}; {RESTORE}", path="file", file=str(path), kind=DamagedLedgerError)
    return DamagedLedgerError(problem)


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a HistoryError that says what to do."""
    try:
        yield
    except OkrError:
        raise
    except sqlite3.ProgrammingError as error:
        raise HistoryError(f"ledger {path} cannot be used: {error}; open it again") from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(_BUSY):
            fault = (
                "is being written by another process; try again, or open it with a longer timeout"
                " (where no other writes it: its file system has no locks; move it to one that has)"
            )
        elif name.startswith(_LARGE):
            fault = "takes at most a gigabyte at once; append fewer records at a time"
        elif "within a transaction" in str(error):
            fault = "is in the middle of another append, of this thread; append when that is over"
        elif name.startswith(_OUTSIDE):
            fault = f"cannot be used: {error}; look at its path, permissions and disk"
        else:
            raise _damaged(path, f"is damaged: {error}") from error
        raise HistoryError(f"ledger {path} {fault}") from error
    except UnicodeDecodeError as error:  # what SQLite says of damage may hold a part of it
        raise _damaged(path, "is damaged: its tables are not as they were written") from error
    except FileNotFoundError as error:
        raise HistoryError(f"ledger {path} does not exist; look at its path") from error
    except (OSError, ValueError) as error:
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
