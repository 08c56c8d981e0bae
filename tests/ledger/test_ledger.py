"""The ledger: what was appended is there when the file opens again, exactly, for every writer (S8.7)."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore.definitions.kpis import Source
from okrcore.errors import DamagedLedgerError, HistoryError
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.ledger.ledger import Ledger, verify_ledger

DAY = dt.date(2026, 1, 5)
BLOCK = 4096

batches = st.lists(
    st.lists(
        st.builds(
            Observation,
            st.text(min_size=1, max_size=2),
            st.dates()
            | st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
            st.just(1.5),
            source=st.sampled_from([None, Source("erp"), Source("sheet", "q", "manual")]),
            by=st.text(max_size=2),
            definition=st.text(max_size=1),
        ),
        max_size=4,
    ),
    max_size=4,
)


def many(size: int, start: int = 0) -> History:
    numbers = np.arange(start, start + size)
    names = np.char.add("m", (numbers % 31).astype(str))
    return History.of_columns(
        names, (10000 + numbers // 31).astype("datetime64[D]"), numbers * 0.5, unit="lane"
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kpis.ledger"


@settings(max_examples=25)
@given(batches)
def test_what_was_appended_is_there_again(facts: list[list[Observation]]) -> None:
    """S8.7: nothing that was acknowledged is lost; S8.5: the same record twice is one."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "l"
        history = History.of()
        for batch in facts:
            history = history.append(batch)
            with Ledger.open(where) as ledger:
                ledger.append(batch)
                assert ledger.append(batch) is ledger.history
                assert list(ledger.history) == list(history)
        with Ledger.open(where) as ledger:
            assert list(ledger.history) == list(history)
            assert ledger.history.root == history.root
            assert ledger.verify().ok
        assert [one.name for one in Path(folder).iterdir()] == ["l"]


@pytest.mark.parametrize(
    "steps", [[BLOCK], [BLOCK - 1, 1], [BLOCK - 1, 2], [3, 2 * BLOCK, BLOCK, 7], [1] * 40, [9000]]
)
def test_blocks_are_sealed_on_the_way(path: Path, steps: list[int]) -> None:
    start, roots = 0, []
    with Ledger.open(path) as ledger:
        for size in steps:
            ledger.append(many(size, start))
            start += size
            roots.append(ledger.history.root)
    with Ledger.open(path) as ledger:
        assert ledger.history.root == many(start).root == roots[-1]
        assert all(ledger.verify(root=root).ok for root in roots)
        assert list(ledger.history) == list(many(start))
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from block").fetchone() == (start // BLOCK,)
    connection.close()


def test_the_file_is_what_the_document_says(path: Path) -> None:
    """docs/reference/ledger-format.md, followed by hand."""
    with Ledger.open(path) as ledger:
        ledger.append(many(2 * BLOCK + 5))
        ledger.append(many(7, 2 * BLOCK + 5))
        root = ledger.history.root
    connection = sqlite3.connect(path)
    assert connection.execute("pragma application_id").fetchone()[0] == 0x6F6B7231
    assert connection.execute("pragma user_version").fetchone()[0] == 1
    last = hashlib.sha256(b"okrcore history 1").digest()
    rows = connection.execute("select number, hash, data from block order by number").fetchall()
    rows += connection.execute("select first, hash, data from piece order by first").fetchall()
    assert [row[0] for row in rows] == [0, 1, 2 * BLOCK, 2 * BLOCK + 5]
    for _, digest, data in rows:
        assert hashlib.sha256(last + data).digest() == digest
        last = digest
    assert connection.execute("select id, root from head").fetchall() == [(0, root)]
    connection.close()


def test_a_refused_batch_leaves_the_file_as_it_was(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.append([Observation("m", DAY, 1)])
        before = path.read_bytes()
        with pytest.raises(HistoryError, match="two values"):
            ledger.append([Observation("new", DAY, 1), Observation("m", DAY, 2)])
        with pytest.raises(HistoryError, match="but must be an Observation"):
            ledger.append([3])  # type: ignore[list-item]
        assert path.read_bytes() == before
        assert len(ledger.history) == 1
        ledger.append([Observation("new", DAY, 1)])
    with Ledger.open(path) as ledger:
        assert ledger.history.measures == ("m", "new")


def test_two_writers_take_turns_and_lose_nothing(path: Path) -> None:
    with Ledger.open(path) as one, Ledger.open(path) as two:
        for start in range(0, 2 * BLOCK, 700):
            one.append(many(300, start))
            two.append(many(500, start + 200))
        assert one.refresh().root == two.history.root == many(len(two.history)).root
        with pytest.raises(HistoryError, match="two values"):
            one.append([Observation("m0", (dt.date(1970, 1, 1) + dt.timedelta(10000)), 77, unit="lane")])
        assert one.verify().ok


def test_a_writer_that_is_kept_waiting_gets_a_clear_error(path: Path) -> None:
    with Ledger.open(path) as ledger, Ledger.open(path, timeout=0.05) as waiting:
        ledger._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="being written by another process; try again"):
            waiting.append([Observation("m", DAY, 1)])
        ledger._connection.execute("ROLLBACK")
        assert len(waiting.append([Observation("m", DAY, 1)])) == 1


def test_a_commit_that_fails_is_not_acknowledged(path: Path) -> None:
    with Ledger.open(path, timeout=0.05) as ledger, Ledger.open(path) as reader:
        reader._connection.execute("BEGIN")
        reader._connection.execute("SELECT * FROM head").fetchall()
        with pytest.raises(HistoryError, match="being written"):
            ledger.append([Observation("m", DAY, 1)])
        assert len(ledger.history) == 0
        reader._connection.execute("COMMIT")
        assert len(ledger.append([Observation("m", DAY, 1)])) == 1
        assert len(reader.refresh()) == 1


WRITER = """
import sys
from okrcore.ledger.ledger import Ledger
from okrcore.history.observation import Observation
with Ledger.open(sys.argv[1], timeout=60) as ledger:
    for number in range(40):
        ledger.append([Observation(sys.argv[2], f"2026-01-01T00:{number:02d}Z", n) for n in [number]])
"""


def test_processes_and_threads_write_at_once(path: Path) -> None:
    """Two writers at once: one waits, nothing is lost; also where both begin the file."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    children = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"process-{n}"], env=environment)
        for n in range(2)
    ]
    with Ledger.open(path, timeout=60) as ledger:

        def write(name: str) -> None:
            for number in range(20):
                ledger.append([Observation(name, f"2026-01-01T00:{number:02d}Z", number)])

        threads = [threading.Thread(target=write, args=(f"thread-{n}",)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [child.wait(60) for child in children] == [0, 0]
        history = ledger.refresh()
        sizes = {name: len(history.series(name)) for name in history.measures}
        assert sizes == {"process-0": 40, "process-1": 40, "thread-0": 20, "thread-1": 20}
        assert ledger.verify().ok


@pytest.mark.parametrize("content", [b"", b"measure,at,value\n", b"SQLite format 3\x00" + bytes(84)])
def test_what_is_no_ledger_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    """S8.7: only a ledger deleted whole opens as new and empty."""
    path.write_bytes(content)
    with pytest.raises(DamagedLedgerError, match="restore it from a copy"):
        Ledger.open(path)
    assert not verify_ledger(path).ok
    assert path.read_bytes() == content


def test_another_database_and_a_newer_format_are_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table block (number integer)")
    connection.close()
    with pytest.raises(HistoryError, match="not marked as a ledger"):
        Ledger.open(path)
    path.unlink()
    Ledger.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 3")
    connection.close()
    with pytest.raises(HistoryError, match="has format 3, this okrcore reads 1 and 2"):
        Ledger.open(path)


def test_a_path_that_cannot_hold_a_ledger_is_refused(tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "missing" / "l"):
        with pytest.raises(HistoryError, match=r"ledger .*; (look|give)"):
            Ledger.open(where)
    with pytest.raises(HistoryError, match="does not exist"):
        verify_ledger(tmp_path / "l")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_whose_file_is_gone_but_not_its_journal_is_refused(path: Path) -> None:
    Path(f"{path}-journal").write_bytes(b"x")
    with pytest.raises(HistoryError, match="is gone but its journal"):
        Ledger.open(path)
    assert not path.exists()


def test_a_file_that_vanishes_takes_no_more_observations(path: Path) -> None:
    """Nothing is acknowledged that nobody could read again."""
    with Ledger.open(path) as ledger:
        ledger.append([Observation("m", DAY, 1)])
        path.unlink()
        with pytest.raises(HistoryError):
            ledger.append([Observation("m", "2026-01-06", 1)])
        with pytest.raises(HistoryError, match="does not exist"):
            ledger.verify()


def test_a_file_replaced_by_a_shorter_one_shows(path: Path, tmp_path: Path) -> None:
    """S8.3: a chain proves tampering only against a root kept elsewhere."""
    with Ledger.open(path) as ledger:
        ledger.append(many(10))
        earlier = path.read_bytes()
        ledger.append(many(5, 10))
        root = ledger.history.root
        path.write_bytes(earlier)
        assert "names 15 records, 10 are here" in str(ledger.verify().problems[0])
    assert verify_ledger(path).ok
    assert not verify_ledger(path, root).ok
    with pytest.raises(HistoryError, match="but must be count:hash"):
        verify_ledger(path, "x")


def test_a_closed_ledger_says_so(path: Path) -> None:
    ledger = Ledger.open(path)
    ledger.close()
    for use in (ledger.refresh, lambda: ledger.append([Observation("m", DAY, 1)])):
        with pytest.raises(HistoryError, match=r"closed.*; open it again"):
            use()
    assert repr(ledger) == f"<Ledger {str(path)!r} of 0 observations, 0 entries, 0 versions>"
    assert ledger.path == path


def test_a_commit_is_synchronous(path: Path) -> None:
    """S8.7: a commit waits for the disk, the removal of the journal included."""
    with Ledger.open(path) as ledger:
        settings_of = {
            name: ledger._connection.execute(f"pragma {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode")
        }
    assert settings_of == {"synchronous": 3, "journal_mode": "delete"}


@pytest.mark.parametrize("timeout", [float("inf"), 1e12, 2_147_484.0])
def test_a_long_timeout_waits(path: Path, timeout: float) -> None:
    """SQLite counts milliseconds in 31 bits; what is longer once did not wait at all."""
    with Ledger.open(path) as ledger, Ledger.open(path, timeout=timeout) as waiting:
        ledger._connection.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, ledger._connection.execute, ["ROLLBACK"])
        done.start()
        assert len(waiting.append([Observation("m", DAY, 1)])) == 1
        done.join()


@pytest.mark.parametrize("timeout", [float("nan"), -1, "x", None, True])
def test_a_timeout_that_says_nothing_is_refused(path: Path, timeout: Any) -> None:
    with pytest.raises(HistoryError, match="but must be seconds"):
        Ledger.open(path, timeout=timeout)


def test_a_file_system_without_hard_links_holds_ledgers_too(path: Path, monkeypatch: Any) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with Ledger.open(path) as one, Ledger.open(path) as two:
        one.append([Observation("m", DAY, 1)])
        assert two.refresh().root == one.history.root
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_path_that_holds_a_nul_is_refused() -> None:
    for use in (Ledger.open, verify_ledger):
        with pytest.raises(HistoryError, match="null"):
            use("a\0b")


def test_a_log_that_was_not_taken_in_is_no_damage(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.append([Observation("m", DAY, 1)])
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("PRAGMA wal_autocheckpoint = 0")
    other.execute("CREATE TABLE more (x)")
    other.execute("DROP TABLE more")
    other.commit()
    left = [path.read_bytes(), Path(f"{path}-wal").read_bytes()]
    other.close()
    path.write_bytes(left[0])
    Path(f"{path}-wal").write_bytes(left[1])
    with Ledger.open(path) as ledger:
        assert len(ledger.history) == 1


def test_more_text_than_fits_is_no_damage(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5_000)
        with pytest.raises(HistoryError, match="at most a gigabyte at once; append fewer"):
            ledger.append([Observation("m", DAY, 1, by="x" * 9_000)])
    assert verify_ledger(path).ok


def test_an_append_within_an_append_is_no_damage(path: Path) -> None:
    """As from the handler of a signal that comes during one: refused, and the first one is whole."""
    with Ledger.open(path) as ledger:

        def again() -> list[Observation]:
            ledger._connection.execute("BEGIN IMMEDIATE")
            try:
                with pytest.raises(HistoryError, match="in the middle of another append, of this thread"):
                    ledger.append([Observation("other", DAY, 1)])
            finally:
                ledger._connection.execute("ROLLBACK")
            return [Observation("m", DAY, 1)]

        assert len(ledger.append(again())) == 1
    assert verify_ledger(path).ok
