"""Limit a query: what it may do to the database, and for how long it may run."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from okrcore.errors import HistoryError

SECONDS = 600.0
_ASKING = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    )
)
_CHANGING = frozenset((sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE))
_REACHING = frozenset(("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "zipfile"))


def may_read(action: int, _: str | None, name: str | None, database: str | None, __: str | None) -> int:
    """Say whether SQLite may do a step of a query: it reads, and calls no function that reaches out.

    Changes of the main database pass, because the file, opened for reading only, refuses them in clear words.
    """
    if action == sqlite3.SQLITE_FUNCTION and (name or "").casefold() in _REACHING:
        return sqlite3.SQLITE_DENY
    if action in _ASKING or (action in _CHANGING and database == "main"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


@attrs.define(eq=False)
class LimitedCursor:
    """A cursor whose every call is interrupted after some seconds; `check` sees a query before it runs."""

    cursor: Any
    interrupt: Callable[[], Any]
    seconds: float
    check: Callable[[str], None] = lambda query: None

    @property
    def description(self) -> Any:
        """The columns of the result (PEP 249)."""
        return self.cursor.description

    def execute(self, query: str, *values: Any) -> None:
        """Run a query."""
        self.check(query)
        with self._limited():
            self.cursor.execute(query, *values)

    def fetchmany(self, size: int) -> Any:
        """Return the next rows."""
        with self._limited():
            return self.cursor.fetchmany(size)

    def close(self) -> None:
        """Close the cursor."""
        self.cursor.close()

    @contextlib.contextmanager
    def _limited(self) -> Iterator[None]:
        late = threading.Event()

        def stop() -> None:
            late.set()
            with contextlib.suppress(Exception):
                self.interrupt()

        timer = threading.Timer(self.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if late.is_set():
                raise HistoryError(
                    f"the query takes more than {self.seconds:g} s; ask for less, or raise timeout"
                ) from error
            raise
        finally:
            timer.cancel()
