"""Read what a ledger file holds, and hold it against the roots that the file names."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Generic, TypeVar

import attrs

from okrcore.declarations.declared_versions import Declarations
from okrcore.errors import DamagedLedgerError, HistoryError, Problem
from okrcore.history.chain import BLOCK, ROOT
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.records import Batch, Coded
from okrcore.ledger import ledger_file as file
from okrcore.ledger import ledger_lines as lines
from okrcore.ledger import ledger_rows as rows

T = TypeVar("T")


@attrs.frozen
class Contents:
    """What a ledger file holds."""

    history: History = attrs.field(factory=History)
    journal: Journal = attrs.field(factory=Journal)
    declarations: Declarations = attrs.field(factory=Declarations)


def read_contents(
    connection: sqlite3.Connection, path: Path, known: Contents, *, whole: bool = False
) -> Contents:
    """Return what is in a file of which `known` was read; unless `whole`, only what is new is read.

    Raises DamagedLedgerError naming the first block, entry or version at fault.
    """
    history, journal, declarations = known.history, known.journal, known.declarations
    if whole or rows.read_root(connection) != history.root:
        chain = history.chain()
        history = _grown(history, rows.read(connection, len(chain.seals), chain.last), path)
    if file.holds_lines(connection):
        try:
            if whole or lines.read_tail(connection, "entry") != journal.root:
                stored = lines.read_lines(connection, "entry")
                journal = lines.grown("entry", stored, Journal.of_lines, _root)
            if whole or lines.read_tail(connection, "version") != declarations.root:
                stored = lines.read_lines(connection, "version")
                declarations = lines.grown("version", stored, Declarations.of_lines, _root)
        except DamagedLedgerError as error:
            problems = [attrs.evolve(one, file=str(path)) for one in error.problems]
            raise DamagedLedgerError(problems) from None
    return Contents(history, journal, declarations)


def _root(part: Journal | Declarations) -> str:
    return part.root


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
    known: Coded[T]
    first: int
    new: list[T]

    def __getitem__(self, code: int, /) -> T:
        return self.known[code] if code < self.first else self.new[code - self.first]
