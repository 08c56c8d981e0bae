"""Whatever is done to a ledger file, it never opens as valid but wrong; the first fault is named."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from okrcore.errors import DamagedLedgerError, HistoryError
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.ledger.ledger import Ledger, verify_ledger

BLOCK = 4096
SIZE = 3 * BLOCK + 40


def many(size: int, start: int = 0, factor: float = 0.5) -> History:
    numbers = np.arange(start, start + size)
    names = np.char.add("m", (numbers % 31).astype(str))
    return History.of_columns(
        names, (10000 + numbers // 31).astype("datetime64[D]"), numbers * factor, unit="lane"
    )


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A ledger of three blocks and four pieces."""
    path = tmp_path_factory.mktemp("good") / "l"
    with Ledger.open(path) as ledger:
        for start, end in (
            (0, 5000),
            (5000, 3 * BLOCK),
            *((SIZE - n, SIZE - n + 10) for n in (40, 30, 20, 10)),
        ):
            ledger.append(many(end - start, start))
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, good: bytes) -> Path:
    where = tmp_path / "l"
    where.write_bytes(good)
    return where


def alter(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    connection = sqlite3.connect(path)
    with connection:
        change(connection)
    connection.close()


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def edit(
    table: str, row: int, column: str, change: Callable[[bytes], object]
) -> Callable[[sqlite3.Connection], object]:
    key = "number" if table == "block" else "first"

    def run(connection: sqlite3.Connection) -> None:
        (old,) = connection.execute(f"select {column} from {table} where {key} = ?", (row,)).fetchone()
        connection.execute(f"update {table} set {column} = ? where {key} = ?", (change(old), row))

    return run


def swap(table: str, one: int, other: int, columns: str) -> Callable[[sqlite3.Connection], object]:
    key = "number" if table == "block" else "first"

    def run(connection: sqlite3.Connection) -> None:
        rows = {row[0]: row[1:] for row in connection.execute(f"select {key}, {columns} from {table}")}
        marks = ", ".join(f"{column} = ?" for column in columns.split(", "))
        for target, source in ((one, other), (other, one)):
            connection.execute(f"update {table} set {marks} where {key} = ?", (*rows[source], target))

    return run


def sql(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(statement)


FIRST = 3 * BLOCK
DAMAGES: list[tuple[Callable[[sqlite3.Connection], object], str]] = [
    (edit("block", 1, "data", lambda data: flipped(data, len(data) // 2)), "block 1"),
    (edit("block", 0, "data", lambda data: flipped(data, 0)), "block 0"),
    (edit("block", 2, "data", lambda data: data[:-1]), "block 2"),
    (edit("block", 2, "data", lambda data: data + b"\0"), "block 2"),
    (edit("block", 1, "hash", lambda data: flipped(data, 3)), "block 1"),
    (edit("block", 1, "hash", lambda data: "text"), "block 1"),
    (edit("block", 1, "data", lambda data: 7), "block 1"),
    (swap("block", 0, 1, "data"), "block 0"),
    (swap("block", 1, 2, "hash, data"), "block 1"),
    (sql("delete from block where number = 0"), "block 0"),
    (sql("delete from block where number = 1"), "block 1"),
    (sql("delete from block where number = 2"), f"record {2 * BLOCK}"),
    (sql("update block set number = 9 where number = 1"), "block 1"),
    (sql("insert into block select 3, hash, data from block where number = 2"), "block 3"),
    (sql("insert into block select -1, hash, data from block where number = 2"), "block 0"),
    (edit("piece", FIRST + 10, "data", lambda data: flipped(data, 40)), f"piece {FIRST + 10}"),
    (swap("piece", FIRST, FIRST + 10, "hash, data"), f"piece {FIRST}"),
    (sql(f"delete from piece where first = {FIRST}"), f"record {FIRST}"),
    (sql(f"delete from piece where first = {FIRST + 20}"), f"record {FIRST + 20}"),
    (sql(f"delete from piece where first = {FIRST + 30}"), f"records from {FIRST + 30} on"),
    (sql("delete from piece"), f"records from {FIRST} on"),
    (sql("delete from head"), "records from 0 on"),
    (sql(f"update head set root = '{many(BLOCK).root}'"), "records from 0 on"),
    (sql(f"update head set root = '{History.of().root}'"), "records from 0 on"),
    (sql("update head set root = 'x'"), "records from 0 on"),
    (sql("create trigger t after insert on piece begin delete from block; end"), "file"),
    (sql("alter table piece add column note text"), "file"),
    (sql("pragma application_id = 1"), "file"),
]


@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_the_first_damage_is_named(path: Path, number: int) -> None:
    """S8.3: verify() names the first block altered, dropped or reordered."""
    with Ledger.open(path) as ledger:
        change, where = DAMAGES[number]
        alter(path, change)
        found = ledger.verify()
        assert not found.ok
        assert found.problems[0].path == where
        assert found == verify_ledger(path)
    with pytest.raises(DamagedLedgerError) as caught:
        Ledger.open(path)
    assert caught.value.problems == found.problems
    assert all(str(path) in str(problem) and "restore" in str(problem) for problem in found.problems)


def test_a_chain_rebuilt_by_a_forger_shows_against_an_old_root(path: Path) -> None:
    """S8.3: a chain proves tampering only against a root kept elsewhere."""
    with Ledger.open(path) as ledger:
        old = ledger.history.root
        forged = path.with_name("forged")
        with Ledger.open(forged) as forger:
            forger.append(many(BLOCK))
            forger.append(many(SIZE - BLOCK, BLOCK, factor=0.51))
        path.write_bytes(forged.read_bytes())
        assert verify_ledger(path).ok
        assert not verify_ledger(path, old).ok
        assert not ledger.verify().ok
        assert verify_ledger(path, many(BLOCK).root).ok


def test_hashes_that_fit_bytes_that_do_not_decode_are_refused(path: Path) -> None:
    """A forger who can hash still cannot make the library read nonsense."""
    for data in (b"", b"okr1" + bytes(12), b"okr2" + bytes(12), b"okr1" + b"\xff" * 12, bytes(200)):

        def forge(connection: sqlite3.Connection, data: bytes = data) -> None:
            (last,) = connection.execute("select hash from block where number = 1").fetchone()
            digest = hashlib.sha256(last + data).digest()
            connection.execute("update block set hash = ?, data = ? where number = 2", (digest, data))

        alter(path, forge)
        assert verify_ledger(path).problems[0].path == "block 2"


def opened(path: Path, content: bytes) -> History | None:
    path.write_bytes(content)
    try:
        with Ledger.open(path) as ledger:
            return ledger.history
    except HistoryError:
        return None


def test_no_truncation_opens(path: Path, good: bytes) -> None:
    """S8.7: a file that lost records is refused."""
    chance = random.Random(1)
    cuts = [
        0,
        1,
        99,
        100,
        4096,
        len(good) - 1,
        len(good) - 4096,
        *(chance.randrange(len(good)) for _ in range(60)),
    ]
    assert [cut for cut in cuts if opened(path, good[:cut]) is not None] == []


def test_no_flipped_byte_opens_as_something_else(path: Path, good: bytes) -> None:
    """S8.7: nothing opens as valid but wrong; what still opens holds every record and can be appended to."""
    root, chance, refused = many(SIZE).root, random.Random(2), 0
    places = [*range(0, 100, 3), *(chance.randrange(len(good)) for _ in range(150))]
    for place in places:
        content = bytearray(good)
        content[place] ^= 1 << chance.randrange(8)
        history = opened(path, bytes(content))
        if history is None:
            refused += 1
            continue
        assert history.root == root
        with Ledger.open(path) as ledger:
            ledger.append([Observation("new", "2026-01-05", 1)])
        with Ledger.open(path) as ledger:
            assert ledger.verify(root=root).ok
            assert len(ledger.history) == SIZE + 1
    assert refused > 100


def test_zeroed_and_moved_pages_are_refused(path: Path, good: bytes) -> None:
    chance, pages = random.Random(3), len(good) // 4096
    for _ in range(40):
        one, other = chance.sample(range(1, pages), 2)
        moved = bytearray(good)
        moved[one * 4096 : (one + 1) * 4096] = good[other * 4096 : (other + 1) * 4096]
        zeroed = bytearray(good)
        zeroed[one * 4096 : (one + 1) * 4096] = bytes(4096)
        for content in (moved, zeroed):
            history = opened(path, bytes(content))
            assert history is None or history.root == many(SIZE).root


@pytest.mark.parametrize("word", [b"block", b"piece", b"hash", b"CREATE TABLE head"])
def test_bytes_that_are_no_text_in_the_names_of_tables_are_damage(path: Path, word: bytes) -> None:
    data = path.read_bytes()
    at = data.index(word)
    path.write_bytes(data[:at] + bytes([data[at] | 0x80]) + data[at + 1 :])
    assert not verify_ledger(path).ok
    with pytest.raises(DamagedLedgerError):
        Ledger.open(path)
