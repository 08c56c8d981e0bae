"""Store a history, a journal and declarations in one file: durable at once, damage named at opening."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType

import attrs

from okrcore._log import logger
from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DamagedLedgerError, HistoryError
from okrcore.history.chain import read_root
from okrcore.history.entry import Entry
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.history.journal import Journal, line_of
from okrcore.history.observation import FORMULA_SYSTEM, Observation, is_derived
from okrcore.history.results import Verification
from okrcore.ledger import ledger_file as file
from okrcore.ledger import ledger_lines as lines
from okrcore.ledger import ledger_rows as rows
from okrcore.ledger.ledger_contents import Contents, read_contents

_LOG = logger(__name__)


class Ledger:
    """Observations, entries and declarations in one file that survives a crash (S8.7, S21.2).

    Open it with `Ledger.open`; it is a context manager. Each of the three has a chain of hashes and a root
    of its own. Several processes may write to one file: each waits for the other, and takes over what the
    other wrote before its own. One ledger may be used from several threads.

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
        self._contents = Contents()
        _ = self._contents.history.root  # from here on every history carries its chain along

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
                ledger._contents = ledger._read(whole=True)
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
        return self._contents.history

    @property
    def journal(self) -> Journal:
        """All entries that were in the file when it was last read or written by this ledger."""
        return self._contents.journal

    @property
    def declarations(self) -> Declarations:
        """All versions that were in the file when it was last read or written by this ledger."""
        return self._contents.declarations

    def append(self, observations: Iterable[Observation]) -> History:
        """Add observations and return the new history, once they are durable: they outlive a crash.

        All of them are added or none. Records already there are left out. Raises HistoryError as
        `History.append` does, where another writer holds the file longer than the timeout, and where the
        disk refuses. What a formula derived is refused: it is derived anew from what is recorded.
        """
        given = observations if isinstance(observations, History) else list(observations)
        _refuse_derived(given)

        def add(before: Contents) -> Contents:
            after = before.history.append(given)
            if after is not before.history:
                fresh = after.records(len(before.history))
                rows.write(self._connection, before.history.chain(), after.chain(), fresh)
            return attrs.evolve(before, history=after)

        return self._write(add).history

    def record(self, entries: Iterable[Entry]) -> Journal:
        """Add entries and return the new journal, once they are durable; otherwise as `append`.

        Raises HistoryError for what is no entry.
        """
        given = list(entries)

        def add(before: Contents) -> Contents:
            after = before.journal.append(given)
            if after is not before.journal:
                fresh = [line_of(one) for one in islice(after, len(before.journal), None)]
                lines.write_lines(self._connection, "entry", fresh, after.root)
            return attrs.evolve(before, journal=after)

        return self._write(add).journal

    def declare(
        self,
        portfolio: Portfolio,
        *,
        at: Moment,
        recorded_at: Moment | None = None,
        by: str = "",
        why: str = "",
        authors: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        based_on: str | None = None,
    ) -> Declarations:
        """Add a version of what is declared and return all, once it is durable; otherwise as `append`.

        The arguments are those of `Declarations.append`. The version names the root of the observations in
        the file, and so proves what was known when it was declared.
        """

        def add(before: Contents) -> Contents:
            after = before.declarations.append(
                portfolio,
                at=at,
                recorded_at=recorded_at,
                by=by,
                why=why,
                authors=authors,
                reasons=reasons,
                based_on=based_on,
                observations=before.history.root,
            )
            if after is not before.declarations:
                fresh = [one.line for one in islice(after, len(before.declarations), None)]
                lines.write_lines(self._connection, "version", fresh, after.root)
            return attrs.evolve(before, declarations=after)

        return self._write(add).declarations

    def _write(self, add: Callable[[Contents], Contents]) -> Contents:
        """Add to what is in the file now; it is taken over only once the transaction is committed."""
        with self._lock:
            with file.guarded(self._path), file.transaction(self._connection, "IMMEDIATE"):
                before = self._read()
                after = add(before)
            self._contents = after
            _LOG.info(
                "%s: %d observations, %d entries and %d versions added",
                self._path,
                len(after.history) - len(before.history),
                len(after.journal) - len(before.journal),
                len(after.declarations) - len(before.declarations),
            )
            return after

    def refresh(self) -> History:
        """Take over what other writers added meanwhile, and return the history."""
        with self._lock, file.guarded(self._path), file.transaction(self._connection, "DEFERRED"):
            self._contents = self._read()
        return self._contents.history

    def _read(self, *, whole: bool = False) -> Contents:
        return read_contents(self._connection, self._path, self._contents, whole=whole)

    def verify(
        self, root: str | None = None, *, journal: str | None = None, declarations: str | None = None
    ) -> Verification:
        """Read the file again, check every hash in it, and that it begins with what old roots prove.

        `root` is one of the observations, `journal` of the entries, `declarations` of the versions. The first
        problem names the first block, entry or version that was altered, dropped, reordered or truncated. A
        file replaced by an earlier or another whole one shows against what is in memory, and against roots
        kept elsewhere. Raises HistoryError for text that is no root.
        """
        now = self._contents
        found = verify_ledger(
            self._path, now.history.root, journal=now.journal.root, declarations=now.declarations.root
        )
        if found.problems or root is journal is declarations is None:
            return found
        return verify_ledger(self._path, root, journal=journal, declarations=declarations)

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
        now = self._contents
        held = (
            f"{len(now.history)} observations, {len(now.journal)} entries, {len(now.declarations)} versions"
        )
        return f"<Ledger {str(self._path)!r} of {held}>"


def verify_ledger(
    path: str | os.PathLike[str],
    root: str | None = None,
    *,
    journal: str | None = None,
    declarations: str | None = None,
) -> Verification:
    """Check a ledger file that may not open: every hash in it, and that it begins with what old roots prove.

    `root` is one of the observations, `journal` of the entries, `declarations` of the versions; None is not
    asked for. The problems are in that order, and in order of the records; the first names the first block,
    entry or version at fault. Raises HistoryError where there is no file, and for text that is no root.
    """
    for one in (root, journal, declarations):
        if one is not None:
            read_root(one)
    try:
        with Ledger._existing(Path(path), 10.0) as ledger:
            asked = ((ledger.history, root), (ledger.journal, journal), (ledger.declarations, declarations))
            return Verification(tuple(fault for part, old in asked for fault in part.verify(old).problems))
    except DamagedLedgerError as error:
        return Verification(error.problems)


def _refuse_derived(given: History | list[Observation]) -> None:
    """Raise HistoryError where a formula made an observation: only what was observed is recorded."""
    if isinstance(given, History):
        many = len(given.from_system(FORMULA_SYSTEM))
    else:
        many = sum(is_derived(getattr(one, "source", None)) for one in given)
    if many:
        raise HistoryError(f"{many} of the observations are derived by a formula; record its inputs instead")
