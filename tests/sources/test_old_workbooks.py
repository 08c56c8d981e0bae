"""Workbooks of Excel 97 to 2003 (.xls): read, or refused before their parser takes memory for nothing."""

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore import HistoryError, OkrError
from okrcore.adapters.table_format import TableFormat
from okrcore.sources import ExcelSource

pytest.importorskip("python_calamine")
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR = 512


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def text(row: int, column: int, said: str) -> bytes:
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(said), 0) + said.encode("latin-1"))


def number(row: int, column: int, value: float) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def span(rows: int, columns: int) -> bytes:
    return record(0x0200, struct.pack("<IIHHH", 0, rows, 0, columns, 0))


TABLE_CELLS = (
    text(0, 0, "measure") + text(0, 1, "at") + text(0, 2, "value")
    + text(1, 0, "arr") + text(1, 1, "2026-01-05") + number(1, 2, 5)
)  # fmt: skip


def sheet(cells: bytes, spans: bytes = b"") -> bytes:
    """Return the stream of a workbook of one sheet."""
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = record(0x0085, struct.pack("<IHB", 0, 0, 6) + b"\0" + b"Sheet1")
    globals_ = begin + name + record(0x000A)
    place = struct.pack("<I", len(globals_))
    globals_ = begin + record(0x0085, place + struct.pack("<HB", 0, 6) + b"\0Sheet1") + record(0x000A)
    return (
        globals_
        + record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        + spans
        + cells
        + record(0x000A)
    )


def compound(stream: bytes, table: dict[int, int] | None = None) -> bytes:
    """Return a compound file with the stream: its table in sector 0, its directory in 1, then the stream."""
    padded = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(padded) // SECTOR
    chain = {0: TABLE, 1: END} | {2 + place: 3 + place for place in range(count)} | {1 + count: END}
    chain |= table or {}
    words = [chain.get(place, FREE) for place in range(SECTOR // 4)]

    def entry(name: str, kind: int, first: int, size: int, child: int = FREE) -> bytes:
        said = name.encode("utf-16-le") + b"\0\0"
        head = said.ljust(64, b"\0") + struct.pack("<HBBIII", len(said), kind, 1, FREE, FREE, child)
        return head.ljust(116, b"\0") + struct.pack("<III", first, size, 0)

    directory = entry("Root Entry", 5, END, 0, 1) + entry("Workbook", 2, 2, len(padded))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<I", 0)
    head = head.ljust(SECTOR, b"\xff")
    return head + struct.pack(f"<{len(words)}I", *words) + directory.ljust(SECTOR, b"\0") + padded


def pulled(path: Path, content: bytes) -> list[float]:
    path.write_bytes(content)
    return [
        one.value for part in ExcelSource(path=path, system="it", table=TableFormat()).pull() for one in part
    ]


def test_a_table_is_read(tmp_path: Path) -> None:
    assert pulled(tmp_path / "a.xls", compound(sheet(TABLE_CELLS, span(2, 3)))) == [5.0]


@pytest.mark.parametrize(
    ("cells", "spans"),
    [
        (TABLE_CELLS + number(65535, 65535, 1), b""),
        (
            TABLE_CELLS
            + record(0x00BD, struct.pack("<HH", 60_000, 0) + bytes(6) + struct.pack("<H", 60_000)),
            b"",
        ),
        (TABLE_CELLS, span(2**32 - 1, 65535)),
        (TABLE_CELLS, span(2**30, 256)),
    ],
)
def test_a_span_of_billions_is_refused_before_it_is_held(tmp_path: Path, cells: bytes, spans: bytes) -> None:
    with pytest.raises(HistoryError, match="delete what stands far from the table"):
        pulled(tmp_path / "a.xls", compound(sheet(cells, spans)))


@pytest.mark.parametrize("table", [{4: 2}, {1: 1}, {2: 99_999}, {3: 3}])
def test_chains_that_have_no_end_are_refused(tmp_path: Path, table: dict[int, int]) -> None:
    with pytest.raises(HistoryError, match="is no workbook that can be read; save it again"):
        pulled(tmp_path / "a.xls", compound(sheet(TABLE_CELLS, span(2, 3)), table))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2200), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 2)
)
def test_damaged_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(compound(sheet(TABLE_CELLS, span(2, 3))))
    for place, byte in changes:
        content[place] = byte
    with contextlib.suppress(OkrError):
        pulled(tmp_path_factory.getbasetemp() / "damaged.xls", bytes(content[: len(content) - 700 * cut]))
