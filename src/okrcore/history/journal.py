"""Keep entries in an append-only journal, searched by subject, kind and time, which a root proves."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
from attrs import field

from okrcore.definitions.digraph import grouped
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import HistoryError, Problem
from okrcore.frozen import FrozenDict
from okrcore.history.chain import BLOCK, read_root
from okrcore.history.entry import Change, Entry
from okrcore.history.former_names import followed, is_named, present
from okrcore.history.instants import Moment, end_of, span
from okrcore.history.interning import Interned
from okrcore.history.results import Verification
from okrcore.public_form import headed

ORIGIN = hashlib.sha256(b"okrcore journal 1").digest()
"""The hash before the first block of entries."""

GAINED = ("outcome", "score")
"""Fields that entries did not have at first."""


@attrs.frozen(eq=False, repr=False)
class Journal:
    """Entries under the rules of a history: immutable, append-only, the same entry twice is one.

    >>> journal = Journal.of([Entry("check-in", "throughput", "lane-lead", "2026-03-02", confidence=0.7)])
    >>> [entry.confidence for entry in journal.entries(subject="throughput")]
    [0.7]
    """

    _entries: Interned[Entry] = field(factory=lambda: Interned[Entry](), alias="_entries")
    _renamed: tuple[FrozenDict[str, str], Journal] | None = field(default=None, init=False)
    _source: Journal | None = field(default=None, init=False)

    @classmethod
    def of(cls, entries: Iterable[Entry] = ()) -> Journal:
        """Return the journal of `entries`."""
        return cls().append(entries)

    @classmethod
    def of_lines(cls, lines: Iterable[bytes]) -> Journal:
        """Return the journal of canonical lines; raises HistoryError where one does not read."""
        return cls.of(map(entry_of, lines))

    def append(self, entries: Iterable[Entry]) -> Journal:
        """Return the journal with `entries` added, in their order; this one stays as it is."""
        listed = list(entries)
        faults = [
            f"an entry is {one!r:.80}, but must be an Entry; make one"
            for one in listed
            if not isinstance(one, Entry)
        ]
        if faults:
            raise HistoryError([Problem(fault, kind=HistoryError) for fault in faults])
        grown, _ = self._entries.with_(listed)
        return self if grown is self._entries else Journal(grown)

    def entries(
        self,
        subject: str | None = None,
        kind: str | None = None,
        until: Moment | None = None,
        zone: str = "UTC",
    ) -> tuple[Entry, ...]:
        """Return the entries about `subject` and of `kind` (None: all), not after `until`, in order of time.

        A date-only entry compares as a calendar day with the day that `until` is in `zone` (A3).
        """
        found = self._in_time
        if subject is not None:
            found = self._by_subject.get(subject, ())
        elif kind is not None:
            found = self._by_kind.get(kind, ())
        if until is not None:
            day, _, last = span(until, "until", zone)
            found = tuple(
                one for one in found if (one.at <= last if isinstance(one.at, dt.datetime) else one.at <= day)
            )
        return found if kind is None else tuple(one for one in found if one.kind == kind)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same entries in the same order, as their roots say."""
        if not isinstance(other, Journal):
            return NotImplemented
        return self is other or (len(self) == len(other) and self.root == other.root)

    def __hash__(self) -> int:
        return hash(("journal", len(self)))

    def as_plain(self) -> dict[str, Any]:
        """Return the public form: the root and every entry, in order of delivery."""
        return headed("journal", entries=len(self), root=self.root, rows=list(self))

    def renamed(self, ids: Mapping[str, str]) -> Journal:
        """Return the journal with its subjects called by other ids, {old: new}; itself where none is old."""
        if self._renamed is None or self._renamed[0] != ids:
            found = self
            if is_named((one.subject for one in self), ids):
                found = Journal.of(attrs.evolve(one, subject=present(one.subject, ids)) for one in self)
                object.__setattr__(found, "_source", self)
            object.__setattr__(self, "_renamed", (FrozenDict(ids), found))  # no other value is possible
        assert self._renamed is not None
        return self._renamed[1]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Yield every entry in order of delivery."""
        return iter(self._entries)

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} entries>"

    @property
    def recorded(self) -> Journal:
        """The journal as it was recorded: this one, or what it was made from by other names."""
        return self if self._source is None else self._source.recorded

    @cached_property
    def root(self) -> str:
        """Text `count:hash` over all entries in order of delivery, as a history's (S8.3)."""
        return self._root(len(self))

    def verify(self, root: str | None = None) -> Verification:
        """Compare the first entries with an old `root`; raises HistoryError for text that is no root."""
        if root is None:
            return Verification()
        count, _ = read_root(root)
        if count > len(self):
            fault = (
                f"the root names {count} entries, {len(self)} are here; find the other {count - len(self)}"
            )
        elif self._root(count) != root:
            fault = f"the first {count} entries are not those of the root: altered, dropped or reordered"
        else:
            return Verification()
        return Verification((Problem(fault, path=f"entries 0 to {count}", kind=HistoryError),))

    def _root(self, count: int) -> str:
        last, lines = ORIGIN, [line_of(one) for _, one in zip(range(count), self, strict=False)]
        for start in range(0, count - BLOCK + 1, BLOCK):
            last = hashlib.sha256(last + b"".join(lines[start : start + BLOCK])).digest()
        rest = b"".join(lines[count // BLOCK * BLOCK :])
        return f"{count}:{hashlib.sha256(last + rest).hexdigest()}"

    @cached_property
    def _in_time(self) -> tuple[Entry, ...]:
        return tuple(sorted(self, key=lambda one: (end_of(one.at), line_of(one))))

    @cached_property
    def _by_subject(self) -> Mapping[str, tuple[Entry, ...]]:
        return grouped((one.subject, one) for one in self._in_time)

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Entry, ...]]:
        return grouped((one.kind, one) for one in self._in_time)


def followed_journal(portfolio: Portfolio, journal: Journal | None) -> Journal | None:
    """Return a journal with each former id as the present one; raises HistoryError for what is none."""
    if journal is None or isinstance(journal, Journal):
        return followed(portfolio, journal)
    kind = type(journal).__name__
    raise HistoryError(f"journal is a {kind}, but must be a Journal; make one with Journal.of(...)")


def line_of(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry: one line of JSON, keys sorted, ASCII only.

    Fields that entries gained later stand in it only where they are set, so that old roots hold.
    """
    plain = attrs.asdict(entry)
    plain["at"] = entry.at.isoformat()
    plain["changes"] = [[one.what, one.by, one.due and one.due.isoformat()] for one in entry.changes]
    unset = [name for name in GAINED if plain[name] is None]
    for name in unset:
        del plain[name]
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def entry_of(line: bytes) -> Entry:
    """Return the entry of a canonical line; raises HistoryError where it is none, or not written so."""
    try:
        plain = json.loads(line)
        changes = [
            Change(what, by=by, due=due and dt.date.fromisoformat(due))
            for what, by, due in plain.pop("changes")
        ]
        entry = Entry(**plain, changes=changes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HistoryError(f"an entry's line does not read: {error}") from error
    if line_of(entry) != line:
        raise HistoryError("an entry's line is not as it was written")
    return entry
