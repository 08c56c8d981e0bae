"""Files, queries and dataframes of observations become a history, and files of entries a journal."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.adapters import chunks
from okrcore.adapters.history_input import read_history
from okrcore.adapters.journal_input import read_journal
from okrcore.adapters.number_cells import NumberFormat
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError, OkrError
from okrcore.history.entry import Change, Entry
from okrcore.history.history import History
from okrcore.history.observation import Observation

OBSERVATIONS = [
    Observation("up", "2026-01-05", 98.5, unit="%", recorded_at="2026-01-07T08:00:00+00:00"),
    Observation("up", "2026-01-12T10:30:00+02:00", -0.25, source=Source("scada")),
    Observation('a, "b"\nc', "2026-01-12", 1e-7, source=Source("sheet", mode="manual")),
]
FIELDS = ("measure", "at", "value", "unit", "recorded_at", "system", "mode")


def plain(one: Observation) -> dict[str, Any]:
    source = one.source
    return {
        "measure": one.measure,
        "at": one.at.isoformat(),
        "value": one.value,
        "unit": one.unit,
        "recorded_at": one.recorded_at.isoformat(),
        "system": source.system if source else "",
        "mode": source.mode if source else "",
    }


def delimited(sign: str) -> str:
    def quoted(cell: object) -> str:
        text = repr(cell) if isinstance(cell, float) else str(cell)
        return '"' + text.replace('"', '""') + '"'

    rows = [sign.join(quoted(plain(one)[name]) for name in FIELDS) for one in OBSERVATIONS]
    return "\n".join([sign.join(FIELDS), *rows, "", ""])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("h.csv", delimited(",")),
        ("h.tsv", delimited("\t")),
        ("h.jsonl", "\n\n".join(json.dumps(plain(one)) for one in OBSERVATIONS)),
        ("h.json", json.dumps([plain(one) for one in OBSERVATIONS])),
    ],
)
def test_each_kind_of_file_gives_the_same_history(name: str, text: str, tmp_path: Path) -> None:
    """S8.3: the root, which stands for every record, is that of the observations themselves."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_history(tmp_path / name).root == History.of(OBSERVATIONS).root


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table facts (kpi text, day text, amount real, how text)")
        rows = [
            ("up", "2026-01-05", 98.5, "%"),
            ("up", "2026-01-12", None, "%"),
            ("calls", "2026-01-05", 7, ""),
        ]
        connection.executemany("insert into facts values (?, ?, ?, ?)", rows)
        yield connection
    connection.close()


def test_a_query_gives_a_history(connection: sqlite3.Connection) -> None:
    """S0.2: a row without a value is no observation."""
    names = {"measure": "kpi", "at": "day", "value": "amount", "unit": "how"}
    found = read_history(connection, "select * from facts", columns=names, constants={"system": "crm"})
    assert [(one.measure, one.value, one.unit, one.source) for one in found] == [
        ("up", 98.5, "%", Source("crm")),
        ("calls", 7.0, "", Source("crm")),
    ]
    query = "select kpi as measure, day as at, amount as value from facts where kpi = "
    assert read_history(connection, query + "?", parameters=["calls"]).measures == ("calls",)
    assert read_history(connection, query + ":k", parameters={"k": "calls"}).measures == ("calls",)
    assert len(read_history(connection, query + "'none'")) == 0


def test_a_query_that_fails_keeps_the_words_of_the_driver_out_of_its_text(
    connection: sqlite3.Connection,
) -> None:
    with pytest.raises(HistoryError, match="OperationalError") as caught:
        read_history(connection, "select * from password_swordfish")
    assert "swordfish" not in str(caught.value)
    assert "swordfish" in str(caught.value.__cause__)
    for query, why in (("create table t (x)", "returns no rows"), ("select 1 as measure", "are missing")):
        with pytest.raises(HistoryError, match=why):
            read_history(connection, query)
    with pytest.raises(HistoryError, match="without a query"):
        read_history(connection)
    with pytest.raises(HistoryError, match="without a connection"):
        read_history("facts.csv", "select 1")
    with pytest.raises(HistoryError, match="give a path"):
        read_history(42)


def test_a_dataframe_gives_a_history() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(
        {
            "measure": ["up", "up", "calls"],
            "at": [dt.date(2026, 1, 5), dt.date(2026, 1, 12), dt.date(2026, 1, 5)],
            "value": [98.5, float("nan"), 7.0],
            "unit": ["%", "%", None],
        }
    )
    wanted = History.of(
        [Observation("up", "2026-01-05", 98.5, unit="%"), Observation("calls", "2026-01-05", 7)]
    )
    assert read_history(frame).root == wanted.root
    stamped = frame.assign(at=pandas.to_datetime(frame["at"]).dt.tz_localize("UTC"), value=[1, 2, 3])
    assert next(iter(read_history(stamped))).at == dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    assert len(read_history(frame.astype({"value": "Float64"}))) == 2
    with pytest.raises(HistoryError, match="soon") as caught:
        read_history(frame.assign(at=["2026-01-05", "2026-01-06", "soon"]))
    assert [one.line for one in caught.value.problems] == [3]


def test_every_bad_row_is_listed_with_its_line(tmp_path: Path) -> None:
    """S0.4: all faults of one file at once, and nothing of it is read."""
    file = tmp_path / "bad.csv"
    file.write_text(
        "measure,at,value\na,2026-01-05,1\na,yesterday,2\n,2026-01-06,3\n"
        '"b\nb",2026-01-07,"1,5"\na,2026-01-08,nan\na,2026-01-09\nb,2026-01-09,\n'
        "b,2026-01-10T10:00,5\nb,2026-01-11,5%\nb,2026-01-12,inf\n",
        encoding="utf-8",
    )
    with pytest.raises(HistoryError) as caught:
        read_history(file)
    assert sorted(one.line or 0 for one in caught.value.problems) == [3, 4, 5, 7, 8, 10, 11, 12]
    assert {one.file for one in caught.value.problems} == {str(file)}
    assert all(";" in one.message for one in caught.value.problems)


def test_numbers_are_strict_unless_told_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "de.csv"
    file.write_text("measure;at;value\na;2026-01-05;1.234,5\na;2026-01-06;k. A.\n", encoding="utf-8")
    with pytest.raises(HistoryError, match="no number"):
        read_history(file, delimiter=";")
    german = NumberFormat(decimal=",", thousands=".", unknown=("k. A.",))
    found = read_history(file, delimiter=";", numbers=german)
    assert [one.value for one in found] == [1234.5]


def test_contradictions_are_refused(tmp_path: Path) -> None:
    """S8.5: two values for one (measure, at, recorded_at, system) are an error naming both."""
    file = tmp_path / "two.csv"
    file.write_text("measure,at,value\na,2026-01-05,1\na,2026-01-05,1\n", encoding="utf-8")
    assert len(read_history(file)) == 1
    file.write_text("measure,at,value\na,2026-01-05,1\na,2026-01-05,2\n", encoding="utf-8")
    with pytest.raises(HistoryError, match=r"two values: 1\.0 and 2\.0"):
        read_history(file)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"columns": {"kpi": "measure"}}, "no columns of a history"),
        ({"columns": {"unit": "how"}}, "missing"),
        ({"columns": {"measure": 5}}, "no text"),
        ({"constants": {"mode": "guessed"}}, "guessed"),
        ({"encoding": "klingon"}, "unknown"),
        ({"numbers": {"decimal": ","}}, r"give okrcore\.adapters\.NumberFormat\(decimal=','\)"),
        (
            {"numbers": "german"},
            r"'german', but must be a NumberFormat; give okrcore\.adapters\.NumberFormat",
        ),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(settings: Any, why: str, tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text("measure,at,value\na,2026-01-05,1\n", encoding="utf-8")
    with pytest.raises(HistoryError, match=why):
        read_history(file, **settings)


@pytest.mark.parametrize("name", ["no.csv", "no.jsonl", "no.json", "no.xlsx", "no.parquet"])
def test_a_file_that_is_not_there_is_one_error(name: str, tmp_path: Path) -> None:
    if name.endswith("xlsx"):
        pytest.importorskip("openpyxl")
    with pytest.raises(HistoryError, match=name):
        read_history(tmp_path / name)
    with pytest.raises(HistoryError, match=name):
        read_journal(tmp_path / name)


def test_chunks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "h.csv"
    lines = [f"m{n % 7},2026-01-{n % 28 + 1:02},{n},pulled" for n in range(27)]
    file.write_text("measure,at,value,mode\n" + "\n".join(lines), encoding="utf-8")
    whole = read_history(file).root
    monkeypatch.setattr(chunks, "CHUNK", 4)
    assert read_history(file).root == whole
    file.write_text("measure,at,value,mode\n" + "\n".join([*lines, "a,b,c,d", "e"]), encoding="utf-8")
    with pytest.raises(HistoryError) as caught:
        read_history(file)
    assert [one.line for one in caught.value.problems] == [29, 30]


def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the history that comes out of it, a file costs what a few chunks of it do."""
    file = tmp_path / "large.csv"
    days = [(dt.date(2020, 1, 1) + dt.timedelta(days=n)).isoformat() for n in range(240)]
    with file.open("w", encoding="utf-8") as handle:
        handle.write("measure,at,value\n")
        handle.writelines(f"m{k},{day},{k}.5\n" for day in days for k in range(250))
    monkeypatch.setattr(chunks, "CHUNK", 4096)
    tracemalloc.start()
    history = read_history(file)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(history) == 60_000
    assert peak < kept + 8_000_000


@given(data=st.binary(max_size=120), suffix=st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".xlsx"]))
def test_any_bytes_give_a_history_or_an_error_of_ours(
    data: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / f"history{suffix}"
    for head in (b"", b"measure,at,value\n", b'{"measure": "a", "at": "2026-01-05", "value": 1}\n'):
        file.write_bytes(head + data)
        for read in (read_history, read_journal):
            with contextlib.suppress(OkrError):
                assert len(read(file)) < 20


_VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.text(max_size=2))
)


@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, _VALUES)), max_size=4))
def test_any_records_give_a_history_or_an_error_of_ours(
    rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "records.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    with contextlib.suppress(HistoryError):
        assert len(read_history(file)) <= len(rows)


ENTRIES = [
    Entry("check-in", "up", "lead", "2026-03-02", text="fine", status="on-track", confidence=0.7),
    Entry(
        "adjustment",
        "up",
        "lead",
        "2026-03-02T10:00:00+01:00",
        changes=["one lane a night", Change("two crews", by="ops", due=dt.date(2026, 4, 1))],
    ),
    Entry("notice", "pilot", "lead", "2026-03-03", team="operations"),
]


def test_a_journal_is_read_from_json_lines_and_tables(tmp_path: Path) -> None:
    lines = tmp_path / "journal.jsonl"
    lines.write_text(
        '{"kind": "check-in", "subject": "up", "by": "lead", "at": "2026-03-02", "text": "fine",'
        ' "status": "on-track", "confidence": 0.7}\n'
        '{"kind": "adjustment", "subject": "up", "by": "lead", "at": "2026-03-02T10:00:00+01:00",'
        ' "changes": ["one lane a night", {"what": "two crews", "by": "ops", "due": "2026-04-01"}]}\n'
        '{"kind": "notice", "subject": "pilot", "by": "lead", "at": "2026-03-03", "team": "operations"}\n',
        encoding="utf-8",
    )
    assert list(read_journal(lines)) == ENTRIES
    table = tmp_path / "journal.csv"
    table.write_text(
        "kind,subject,by,at,text,status,confidence,changes\n"
        "check-in,up,lead,2026-03-02,fine,on-track,0.7,\n"
        "adjustment,up,lead,2026-03-04,,,,one lane a night; two crews\n",
        encoding="utf-8",
    )
    first, second = read_journal(table)
    assert first == ENTRIES[0]
    assert [change.what for change in second.changes] == ["one lane a night", "two crews"]


def test_every_bad_entry_is_listed_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    good: dict[str, Any] = {"kind": "notice", "subject": "a", "by": "b", "at": "2026-03-02"}
    bad: list[dict[str, Any]] = [
        {"kind": "rumour"},
        {"at": "soon"},
        {"confidence": 7},
        {"changes": [{"who": "x"}]},
        {"subject": ""},
    ]
    bad += [{"changes": [{"what": "x", "due": "soon"}]}, {"changes": 5}, {"by": None}]
    file.write_text("\n".join(json.dumps({**good, **one}) for one in [good, *bad]), encoding="utf-8")
    with pytest.raises(HistoryError) as caught:
        read_journal(file)
    assert {one.line for one in caught.value.problems} == set(range(2, 2 + len(bad)))
    (tmp_path / "journal.csv").write_text("kind,subject,by,at,mood\n", encoding="utf-8")
    with pytest.raises(HistoryError, match="mood"):
        read_journal(tmp_path / "journal.csv")


def test_bytes_that_are_no_text_are_told_with_what_to_save(tmp_path: Path) -> None:
    file = tmp_path / "ansi.csv"
    file.write_bytes("measure,at,value\nGr\u00f6\u00dfe,2026-01-05,1\n".encode("cp1252"))
    with pytest.raises(HistoryError, match=r"ansi\.csv:2: .*; save it as UTF-8"):
        read_history(file)
