"""Observations, entries and declarations in one file: each with a chain and a root of its own (S21.2)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.ledger import Ledger, verify_ledger

TEAMS = [okr.Team(id=f"team-{place}") for place in range(6)]
ENTRIES = [okr.Entry("check-in", "kr", "me", f"2026-01-0{place + 1}", text=str(place)) for place in range(6)]
FACTS = [okr.Observation("kr", f"2026-01-0{place + 1}", place) for place in range(6)]


Steps = list[tuple[Callable[[Ledger, int], None], int]]


def observe(ledger: Ledger, place: int) -> None:
    ledger.append(FACTS[place : place + 1])


def answer(ledger: Ledger, place: int) -> None:
    ledger.record(ENTRIES[place : place + 1])


def declare(ledger: Ledger, place: int) -> None:
    ledger.declare(okr.Portfolio.of(*TEAMS[: place + 1]), at=f"2026-01-0{place + 1}", by="me", why=str(place))


def roots(ledger: Ledger) -> tuple[str, str, str]:
    return ledger.history.root, ledger.journal.root, ledger.declarations.root


def pragma(path: Path) -> int:
    connection = sqlite3.connect(path)
    version: int = connection.execute("pragma user_version").fetchone()[0]
    connection.close()
    return version


@given(st.lists(st.tuples(st.sampled_from([observe, answer, declare]), st.integers(0, 5)), max_size=12))
def test_what_was_written_is_there_when_the_file_opens_again(steps: Steps) -> None:
    """In any order of writing, the same as in memory, each chain under its own root."""
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder) / "l", steps)


def compare(path: Path, steps: Steps) -> None:
    history, journal, declared = okr.History.of(), okr.Journal.of(), okr.Declarations.of()
    for write, place in steps:
        with Ledger.open(path) as ledger:
            write(ledger, place)
        history = history.append(FACTS[place : place + 1]) if write is observe else history
        journal = journal.append(ENTRIES[place : place + 1]) if write is answer else journal
        if write is declare:
            declared = declared.append(
                okr.Portfolio.of(*TEAMS[: place + 1]),
                at=f"2026-01-0{place + 1}",
                by="me",
                why=str(place),
                observations=history.root,
            )
    with Ledger.open(path) as ledger:
        assert roots(ledger) == (history.root, journal.root, declared.root)
        assert list(ledger.journal) == list(journal)
        assert [one.portfolio for one in ledger.declarations] == [one.portfolio for one in declared]
        assert ledger.verify(history.root, journal=journal.root, declarations=declared.root).ok
    assert pragma(path) == (2 if {answer, declare} & {write for write, _ in steps} else 1)


def test_a_file_of_format_1_is_read_and_becomes_2_with_the_first_entry(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with Ledger.open(path) as ledger:
        observe(ledger, 0)
        root = ledger.history.root
    assert pragma(path) == 1
    with Ledger.open(path) as ledger:
        assert (len(ledger.journal), len(ledger.declarations)) == (0, 0)
        answer(ledger, 0)
        assert ledger.history.root == root
    assert pragma(path) == 2
    assert verify_ledger(path, root).ok


def test_a_version_names_the_observations_of_its_time(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l") as ledger:
        observe(ledger, 0)
        root = ledger.history.root
        declare(ledger, 0)
        observe(ledger, 1)
        assert next(iter(ledger.declarations)).observations == root
        assert ledger.history.verify(root).ok


def test_writers_take_over_what_others_wrote(tmp_path: Path) -> None:
    """Each of the three, and across the change of format."""
    path = tmp_path / "l"
    with Ledger.open(path) as one, Ledger.open(path) as other:
        observe(one, 0)
        answer(other, 0)
        declare(one, 0)
        answer(one, 1)
        declare(other, 1)
        assert len(other.declarations) == 2
        one.refresh()
        assert roots(one) == roots(other)
        with pytest.raises(okr.HistoryError, match="another version came between"):
            one.declare(okr.Portfolio.of(), at="2026-02-01", based_on=okr.Declarations.of().root)


def test_threads_lose_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l") as ledger:
        threads = [
            threading.Thread(target=write, args=(ledger, place))
            for place in range(6)
            for write in (observe, answer, declare)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert (len(ledger.history), len(ledger.journal)) == (6, 6)
        assert len(ledger.declarations) >= 6


def damage(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize("table", ["entry", "version"])
@pytest.mark.parametrize(
    ("statement", "at"),
    [
        ("update {table} set data = replace(data, 'm', 'n') where number = 1", "{table} 1"),
        ("update {table} set hash = zeroblob(32) where number = 0", "{table} 0"),
        ("update {table} set data = 'text' where number = 2", "{table} 2"),
        ("delete from {table} where number = 0", "{table} 0"),
        ("delete from {table} where number = 1", "{table} 1"),
        ("delete from {table} where number = 2", "{table} 2"),
        ("delete from {table}", "{table} 0"),
        ("update {table} set number = 7 where number = 2", "{table} 2"),
        ("insert into {table} select 3, hash, data from {table} where number = 2", "{table} 3"),
        ("update tail set root = (select root from tail where name <> '{table}')", "{table} 3"),
        ("delete from tail where name = '{table}'", "{table} 3"),
    ],
)
def test_the_first_fault_is_named(tmp_path: Path, table: str, statement: str, at: str) -> None:
    path = tmp_path / "l"
    with Ledger.open(path) as ledger:
        for place in range(3):
            for write in (observe, answer, declare):
                write(ledger, place)
    damage(path, statement.format(table=table))
    with pytest.raises(okr.errors.DamagedLedgerError) as caught:
        Ledger.open(path)
    assert caught.value.problems[0].path == at.format(table=table)
    assert caught.value.problems[0].file == str(path)
    assert verify_ledger(path).problems == caught.value.problems


def test_other_tables_than_the_format_says_are_refused(tmp_path: Path) -> None:
    for statement in ("drop table tail", "create table more (x)", "pragma user_version = 1"):
        path = tmp_path / statement.replace(" ", "")
        with Ledger.open(path) as ledger:
            answer(ledger, 0)
        damage(path, statement)
        with pytest.raises(okr.errors.DamagedLedgerError, match="other tables"):
            Ledger.open(path)


def test_an_older_copy_shows_against_a_root_kept_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with Ledger.open(path) as ledger:
        answer(ledger, 0)
        declare(ledger, 0)
        shutil.copyfile(path, tmp_path / "old")
        answer(ledger, 1)
        declare(ledger, 1)
        kept = roots(ledger)
    old = verify_ledger(tmp_path / "old", journal=kept[1], declarations=kept[2])
    assert [one.path for one in old.problems] == ["entries 0 to 2", "version 1"]
    assert verify_ledger(path, journal=kept[1], declarations=kept[2]).ok
    with pytest.raises(okr.HistoryError):
        verify_ledger(path, journal="no root")
