"""Store a history in a file: what `append` returned from is durable, damage is named at opening."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

import attrs

from okrcore.errors import DamagedLedgerError, HistoryError, Problem
from okrcore.history import ledger_file as file
from okrcore.history import ledger_rows as rows
from okrcore.history.chain import BLOCK, ROOT, read_root
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.history.records import Batch, Lookup
from okrcore.history.results import Verification

T = TypeVar("T")


class Ledger:
    """A history in one file that survives a crash (S8.7); a context manager.

    Open it with `Ledger.open`. Several processes may write to one file: each waits for the other, and
    takes over what the other wrote before its own. One ledger may be used from several threads.

    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Ledger.open(pathlib.Path(folder.name) / "kpis.ledger") as ledger:
    ...     _ = ledger.append([Observation("uptime", "2026-01-05", 98.5)])
    >>> with Ledger.open(pathlib.Path(folder.name) / "kpis.ledger") as ledger:
    ...     ledger.history.latest("uptime", "2026-01-31").value
    98.5
    >>> folder.cleanup()
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._lock = threading.RLock()
        self._history = History()
        _ = self._history.root  # from here on every history carries its chain along

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, timeout: float = 10.0) -> Ledger:
        """Open the ledger at `path`; where nothing is there, begin a new and empty one.

        Reads and verifies all of it: cost goes with its records. `timeout` is how many seconds a write
        waits for another writer. Raises DamagedLedgerError naming the first block at fault where records
        were altered, dropped, reordered or truncated: no damaged ledger opens.
        """
        where = Path(path)
        with file.guarded(where):
            if not where.exists():
                file.create(where)
        return cls._existing(where, timeout)

    @classmethod
    def _existing(cls, path: Path, timeout: float) -> Ledger:
        ledger = cls(path, file.connect(path, timeout))
        try:
            with file.guarded(path), file.transaction(ledger._connection, "DEFERRED"):
                ledger._history = ledger._read()
        except BaseException:
            ledger.close()
            raise
        return ledger

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    @property
    def history(self) -> History:
        """All that was in the file when it was last read or written by this ledger."""
        return self._history

    def append(self, observations: Iterable[Observation]) -> History:
        """Add observations and return the new history, once they are durable: they outlive a crash.

        All of them are added or none. Records already there are left out. Raises HistoryError as
        `History.append` does, where another writer holds the file longer than the timeout, and where the
        disk refuses.
        """
        given = observations if isinstance(observations, History) else list(observations)
        with self._lock:
            with file.guarded(self._path), file.transaction(self._connection, "IMMEDIATE"):
                before = self._history if self._current() else self._read()
                after = before.append(given)
                if after is not before:
                    rows.write(self._connection, before.chain(), after.chain(), after.records(len(before)))
            self._history = after  # only once the transaction is committed
            return after

    def refresh(self) -> History:
        """Take over what other writers added meanwhile, and return the history."""
        with self._lock, file.guarded(self._path), file.transaction(self._connection, "DEFERRED"):
            if not self._current():
                self._history = self._read()
        return self._history

    def _current(self) -> bool:
        """Say whether the file claims what is known already."""
        return rows.read_root(self._connection) == self._history.root

    def _read(self) -> History:
        """Return the history in the file; inside a transaction."""
        known, chain = self._history, self._history.chain()
        return _grown(known, rows.read(self._connection, len(chain.seals), chain.last), self._path)

    def verify(self, root: str | None = None) -> Verification:
        """Read the file again, check every hash in it, and that it begins with the records of an old `root`.

        The first problem names the first block that was altered, dropped, reordered or truncated. A file
        replaced by an earlier or another whole one shows against the history in memory, and against a
        `root` kept elsewhere. Raises HistoryError for text that is no root.
        """
        problems = verify_ledger(self._path, self._history.root).problems
        return Verification(problems) if problems or root is None else verify_ledger(self._path, root)

    def close(self) -> None:
        """Close the file; what was appended is durable already."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Ledger {str(self._path)!r} of {len(self._history)} observations>"


def verify_ledger(path: str | os.PathLike[str], root: str | None = None) -> Verification:
    """Check a ledger file that may not open: every hash in it, and that it begins with an old `root`.

    The problems are in order of the records; the first names the first block at fault. Raises
    HistoryError where there is no file, and for text that is no root.
    """
    if root is not None:
        read_root(root)
    try:
        with Ledger._existing(Path(path), 10.0) as ledger:
            return ledger.history.verify(root)
    except DamagedLedgerError as error:
        return Verification(error.problems)


def _grown(known: History, stored: rows.Stored, path: Path) -> History:
    """Return the history that a file continues `known` to; raises DamagedLedgerError where it does not."""
    problems, chain = stored.problems, known.chain()
    held = len(chain.seals) * BLOCK + len(stored.records)
    claimed = int(stored.root.partition(":")[0]) if ROOT.fullmatch(stored.root) else 0
    grown = known
    if not problems:
        fresh = stored.records.select(slice(len(chain.tail), None))
        measures = _Words(chain.measures, chain.last.measures, stored.measures)
        contexts = _Words(chain.contexts, chain.last.contexts, stored.contexts)
        try:
            grown = known.with_batch(Batch.of(fresh, measures, contexts))
        except HistoryError as error:
            problems = error.problems
    if not problems and held < claimed:
        problems = (_problem(f"records from {held} on", f"are missing, {claimed} were written: truncated"),)
    elif not problems and grown.root != stored.root:
        problems = (
            _problem(f"records from {len(chain.seals) * BLOCK} on", "do not fit the root in the file"),
        )
    if problems:
        raise DamagedLedgerError(attrs.evolve(one, file=str(path)) for one in problems)
    return grown


def _problem(what: str, fault: str) -> Problem:
    return Problem(f"{what} {fault}; restore it from a copy", path=what, kind=DamagedLedgerError)


@attrs.frozen(eq=False)
class _Words(Generic[T]):
    known: Lookup[T]
    first: int
    new: list[T]

    def __getitem__(self, code: int, /) -> T:
        return self.known[code] if code < self.first else self.new[code - self.first]
