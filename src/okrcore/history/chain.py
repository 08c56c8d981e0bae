"""Chain the hashes of records over blocks of 4096, with a root that proves a prefix."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

import attrs
from attrs import field

from okrcore.errors import HistoryError, Problem
from okrcore.history.encoding import encode_records
from okrcore.history.interning import Interned
from okrcore.history.provenance import Provenance
from okrcore.history.records import Batch, Records
from okrcore.history.results import Verification

T = TypeVar("T")

BLOCK = 4096
"""Records in a sealed block."""

ROOT = re.compile(r"(0|[1-9][0-9]{0,17}):[0-9a-f]{64}")
"""The text of a root: `count:hash`."""

ORIGIN = hashlib.sha256(b"okrcore history 1").digest()
"""The hash before the first block."""


@attrs.frozen
class Seal:
    """The hash of a full block over the one before it, and how many measures and contexts it knows."""

    hash: bytes
    measures: int
    contexts: int


_START = Seal(ORIGIN, 0, 0)


@attrs.frozen(eq=False)
class Chain:
    """Seals of full blocks and the records after the last; codes count by first appearance in the chain."""

    measures: Interned[str] = field(factory=lambda: Interned[str]())
    contexts: Interned[Provenance] = field(factory=lambda: Interned[Provenance]())
    seals: tuple[Seal, ...] = ()
    tail: Records = field(factory=Records.empty)

    @property
    def count(self) -> int:
        """How many records it holds."""
        return len(self.seals) * BLOCK + len(self.tail)

    @property
    def last(self) -> Seal:
        """The last seal, or the state before the first block."""
        return self.seals[-1] if self.seals else _START

    @cached_property
    def root(self) -> str:
        """The text `count:hash` that stands for all its records and their order."""
        return f"{self.count}:{_hash(self.last.hash, self.encode(self.last, self.tail)).hex()}"

    def extend(self, records: Records, measures: Interned[str], contexts: Interned[Provenance]) -> Chain:
        """Return the chain with more records, which count in vocabularies grown from its own."""
        chain = attrs.evolve(self, measures=measures, contexts=contexts)
        rest, seals = Records.join([self.tail, records]), list(self.seals)
        full = len(rest) // BLOCK * BLOCK
        for start in range(0, full, BLOCK):
            seals.append(chain.seal(seals[-1] if seals else _START, rest.select(slice(start, start + BLOCK))))
        return attrs.evolve(chain, seals=tuple(seals), tail=rest.select(slice(full, None)))

    def seal(self, before: Seal, block: Records) -> Seal:
        """Return the seal of a full block after the seal `before` it."""
        measures, contexts = _known(before, block)
        return Seal(_hash(before.hash, self.encode(before, block)), measures, contexts)

    def encode(self, before: Seal, records: Records) -> bytes:
        """Return the canonical bytes of records that follow the seal `before`."""
        measures, contexts = _known(before, records)
        return encode_records(
            records,
            _between(self.measures, before.measures, measures),
            _between(self.contexts, before.contexts, contexts),
        )

    def prefix(self, count: int, records: Records) -> Chain:
        """Return the chain of its first `count` records, given all of them."""
        full = count // BLOCK
        return attrs.evolve(self, seals=self.seals[:full], tail=records.select(slice(full * BLOCK, count)))


def chain_of(batch: Batch, measures: Interned[str], contexts: Interned[Provenance]) -> Chain:
    """Return the chain over a whole batch; it counts in the vocabularies given where they fit the batch."""
    if list(measures) != batch.measures or list(contexts) != batch.contexts:
        measures, _ = Interned[str]().with_(batch.measures)
        contexts, _ = Interned[Provenance]().with_(batch.contexts)
    return Chain().extend(batch.records, measures, contexts)


def verify_chain(fresh: Chain, records: Records, known: Chain | None, root: str | None) -> Verification:
    """Compare a chain made `fresh` from `records` with the one `known` before, and with an old `root`.

    Raises HistoryError for a root that is none.
    """
    problems = []
    if known is not None and known.root != fresh.root:
        first = next(
            (n for n, (a, b) in enumerate(zip(known.seals, fresh.seals, strict=False)) if a != b), None
        )
        problems.append(
            block_problem(len(fresh.seals) if first is None else first, "is not what was hashed before")
        )
    if root is not None:
        count, _ = read_root(root)
        if count > fresh.count:
            missing = count - fresh.count
            fault = f"the root names {count} records, {fresh.count} are here; find the other {missing}"
            problems.append(Problem(fault, path=f"record {fresh.count}", kind=HistoryError))
        elif fresh.prefix(count, records).root != root:
            fault = f"the first {count} records are not those of the root: altered, dropped or reordered"
            problems.append(
                Problem(f"{fault}; compare with a copy", path=f"records 0 to {count}", kind=HistoryError)
            )
    return Verification(tuple(problems))


def block_problem(number: int, fault: str) -> Problem:
    """Return the problem that a block, counted from 0, has."""
    return Problem(
        f"block {number} (records from {number * BLOCK}) {fault}; restore it from a copy",
        path=f"block {number}",
        kind=HistoryError,
    )


def read_root(root: str) -> tuple[int, str]:
    """Return the count and the hash of a root; raises HistoryError for text that is none."""
    if not isinstance(root, str) or not ROOT.fullmatch(root):
        raise HistoryError(
            f"root is {root!r:.80}, but must be count:hash; give the text that history.root showed"
        )
    count, _, digest = root.partition(":")
    return int(count), digest


def _known(before: Seal, records: Records) -> tuple[int, int]:
    if not len(records):
        return before.measures, before.contexts
    return (
        max(before.measures, int(records.code.max()) + 1),
        max(before.contexts, int(records.context.max()) + 1),
    )


def _between(words: Interned[T], first: int, end: int) -> Sequence[T]:
    return [words[code] for code in range(first, end)]


def _hash(before: bytes, data: bytes) -> bytes:
    return hashlib.sha256(before + data).digest()
