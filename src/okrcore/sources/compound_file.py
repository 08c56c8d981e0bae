"""Read the streams of a compound file (OLE2), in which an old binary workbook lies, in bounded time."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import attrs

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are no sectors: the end of a chain, or a free place."""
_HEAD, _ENTRY, _ROOT = 512, 128, 5


@attrs.frozen(eq=False)
class CompoundFile:
    """A compound file in memory: sectors that a table chains to streams.

    Raises ValueError for what is none, and for a chain that is longer than the file, as a circle is.
    """

    data: bytes
    size: int
    table: tuple[int, ...]
    first: int
    """Where the directory begins."""

    @classmethod
    def of(cls, data: bytes) -> CompoundFile:
        """Return the file that these bytes are."""
        if not data.startswith(SIGNATURE) or len(data) < _HEAD:
            raise ValueError("it is no compound file")
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in (9, 12):
            raise ValueError("its sectors have no size")
        first, more = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 68)[0]
        plain = cls(data, 1 << shift, (), first)
        places = [*struct.unpack_from("<109I", data, 76)]
        count = plain.size // 4
        for _ in range(len(data) // plain.size + 1):
            if more >= _LAST:
                break
            *listed, more = struct.unpack(f"<{count}I", plain.sector(more))
            places += listed
        else:
            raise ValueError("its list of tables has no end")
        parts = (struct.unpack(f"<{count}I", plain.sector(place)) for place in places if place < _LAST)
        return attrs.evolve(plain, table=tuple(number for part in parts for number in part))

    def sector(self, number: int) -> bytes:
        """Return the bytes of a sector."""
        start = (number + 1) * self.size
        found = self.data[start : start + self.size]
        if len(found) < self.size and start + self.size > len(self.data) + self.size:
            raise ValueError("it ends before one of its sectors")
        return found.ljust(self.size, b"\0")

    def chain(self, first: int) -> bytes:
        """Return the bytes of the stream that begins at a sector."""
        return b"".join(self.sector(number) for number in _followed(first, self.table))

    def stream(self, *names: str) -> bytes:
        """Return the first stream of one of `names`; raises ValueError where there is none."""
        directory = self.chain(self.first)
        entries = [directory[at : at + _ENTRY] for at in range(0, len(directory), _ENTRY)]
        found = [entry for entry in entries if len(entry) == _ENTRY and _name(entry) in names]
        roots = [entry for entry in entries if len(entry) == _ENTRY and entry[66] == _ROOT]
        if not found or not roots:
            raise ValueError(f"it holds no {names[0]}")
        first, size = struct.unpack_from("<II", found[0], 116)
        if size >= struct.unpack_from("<I", self.data, 56)[0]:
            return self.chain(first)[:size]
        small = self.chain(struct.unpack_from("<I", roots[0], 116)[0])
        words = self.chain(struct.unpack_from("<I", self.data, 60)[0])
        table = struct.unpack(f"<{len(words) // 4}I", words)
        shift = 1 << struct.unpack_from("<H", self.data, 32)[0] % 16
        parts = (small[number * shift : (number + 1) * shift] for number in _followed(first, table))
        return b"".join(parts)[:size]


def _followed(first: int, table: tuple[int, ...]) -> Iterator[int]:
    for _ in range(len(table) + 1):
        if first >= _LAST:
            return
        if first >= len(table):
            raise ValueError("a chain of sectors leaves its table")
        yield first
        first = table[first]
    raise ValueError("a chain of sectors has no end")


def _name(entry: bytes) -> str:
    length = min(struct.unpack_from("<H", entry, 64)[0], 64)
    return entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
