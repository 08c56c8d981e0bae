"""Read and write the rows of a ledger file: every hash is checked before anything is decoded."""

from __future__ import annotations

import hashlib
import sqlite3

import attrs

from okrcore.errors import DamagedLedgerError, HistoryError, Problem
from okrcore.history.chain import BLOCK, Chain, Seal
from okrcore.history.encoding import decode_records
from okrcore.history.provenance import Provenance
from okrcore.history.records import Records
from okrcore.ledger.ledger_file import RESTORE


@attrs.frozen(eq=False)
class Stored:
    """What a file holds from some block on: records coded as in their chain, their words, its own root."""

    records: Records
    measures: list[str]
    contexts: list[Provenance]
    root: str
    problems: tuple[Problem, ...]


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
    contexts: list[Provenance] = attrs.field(factory=list)
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
        self.problems.append(Problem(f"{what} {fault}; {RESTORE}", path=what, kind=DamagedLedgerError))


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
