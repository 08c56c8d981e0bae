"""The laws of workbooks: what the sheet shows is what is read, by every reader, in bounded cost."""

import contextlib
import datetime as dt
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from okrcore import HistoryError, OkrError, read_catalogue, read_history
from okrcore.adapters.cells import Percent
from okrcore.adapters.number_formats import as_shown
from okrcore.adapters.table_format import TableFormat
from okrcore.sources.excel import ExcelSource

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")

KPI = {"columns": {"title": "KPI", "target": "Target", "direction": "Way"}}


def saved(tmp_path: Path, *rows: Any, **formats: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, code in formats.items():
        book.active[cell].number_format = code
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def pulled(path: Path, **table: Any) -> list[Any]:
    return [
        one
        for batch in ExcelSource(path=path, system="s", table=TableFormat(**table)).pull()
        for one in batch
    ]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0%", 0.05, 5.0),
        ("0%", 5, 500.0),
        ("0.0%", -0.07, -7.0),
        ("0\\%", 5, 5.0),
        ('0"%"', 5, 5.0),
        ('0" %"', 5, 5.0),
        ("0;-0%", -0.5, -50.0),
        ("0%;-0", 0.5, 50.0),
        ("0;0;0%", 0, 0.0),
        ("[>1]0;0%", 0.5, 50.0),
        ("[Red]0%", 0.1, 10.0),
        ("#,##0.00%;[Red]-#,##0.00%", -0.1, -10.0),
    ],
)
def test_a_percentage_is_what_is_shown_with_a_sign(code: str, value: float, shown: float) -> None:
    assert as_shown(value, code) == Percent(shown)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("0_%", 5),
        ("0.0;-0.0%", 5),
        ("0%;-0", -5),
        ("[>1]0;0%", 5),
        ("0;0%", 0),
        ("General", 5),
        ('0"h"', 5),
        ("0*%", 5),
        ('"%";0', -5),
    ],
)
def test_a_sign_that_is_not_shown_is_none(code: str, value: float) -> None:
    assert as_shown(value, code) == value


def test_every_reader_of_a_workbook_says_the_same(tmp_path: Path) -> None:
    """Percents, whole-number ids, headings of numbers and of two lines, and error values."""
    day = dt.date(2026, 1, 5)
    path = saved(
        tmp_path, ["k\npi", "day", 2025], [1001, day, 0.95], [1002, day, 5], [1003, day, "#DIV/0!"], C2="0%"
    )
    columns = {"measure": "k pi", "at": "day", "value": "2025"}
    wanted = [("1001", day, 95.0), ("1002", day, 5.0)]
    for read in (read_history, pulled):
        with pytest.raises(HistoryError, match="'95%' has a percent sign; set percent='number'"):
            read(path, columns=columns)
    found = read_history(path, columns=columns, percent="number")
    assert [(one.measure, one.at, one.value) for one in found] == wanted
    assert [
        (one.measure, one.at, one.value) for one in pulled(path, columns=columns, percent="number")
    ] == wanted
    kpis = read_catalogue(
        path, {"columns": {"id": "k pi", "title": "k pi"}, "observations": {"2025": "2025-12-31"}}
    )
    assert [kpi.id for kpi in kpis.portfolio.kpis] == ["1001", "1002", "1003"]
    assert [one.value for one in kpis.history] == [95.0, 5.0]
    assert ["DIV" in one.message for one in kpis.problems] == [True]


def test_a_decimal_comma_is_no_matter_of_a_percent_that_is_shown(tmp_path: Path) -> None:
    path = saved(tmp_path, ["KPI", "Target", "Way"], ["Uptime", 0.985, "higher"], B2="0.0%")
    found = read_catalogue(path, {**KPI, "numbers": {"decimal": ",", "thousands": "."}})
    assert found.portfolio["uptime"].target.low == 98.5
    assert found.portfolio["uptime"].unit == "%"


def test_merged_cells_are_told_and_filled_when_asked(tmp_path: Path) -> None:
    rows = [
        ["O", "KR", "Owner", "Q", "S", "T"],
        ["Grow", "ARR", "Ann", "Q1 2026", 0, 9],
        [None, "Deals", None, None, 0, 9],
    ]
    path = saved(tmp_path, *rows)
    book = openpyxl.load_workbook(path)
    for area in ("A2:A3", "C2:C3", "D2:D3"):
        book.active.merge_cells(area)
    book.save(path)
    columns = {"objective": "O", "title": "KR", "owner": "Owner", "period": "Q", "start": "S", "target": "T"}
    mapping = {"rows": "key_result", "columns": columns}
    told = [one.message for one in read_catalogue(path, mapping).problems]
    assert any("merged" in one and "fill" in one for one in told)
    found = read_catalogue(path, {**mapping, "merged": "fill"})
    assert [(one.id, one.owner) for one in found.portfolio.key_results] == [("arr", "ann"), ("deals", "ann")]
    assert not found.problems


def test_titles_above_the_heading_are_passed(tmp_path: Path) -> None:
    path = saved(tmp_path, ["Our numbers"], [], ["measure", "at", "value"], ["k", "2026-01-05", 5])
    for heading in (3, "measure", "mea*"):
        assert [one.value for one in read_history(path, heading=heading)] == [5.0]
    with pytest.raises(HistoryError, match="missing"):
        read_history(path)
    with pytest.raises(HistoryError, match="no row 'KPI'"):
        read_history(path, heading="KPI")


@pytest.mark.parametrize("cell", ["ZZ1048576", "A300000", "AMZ7"])
def test_a_cell_far_away_costs_nothing(tmp_path: Path, cell: str) -> None:
    path = saved(tmp_path, ["measure", "at", "value"], ["k", "2026-01-05", 1])
    book = openpyxl.load_workbook(path)
    book.active[cell] = "x"
    book.save(path)
    for read in (read_history, pulled):
        if cell == "AMZ7":
            assert len(read(path)) == 1  # right of the heading nothing is read
        else:
            with pytest.raises(HistoryError, match="200000 rows"):
                read(path)


def repacked(path: Path, name: str, content: bytes) -> Path:
    other = path.with_name("b.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return other


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/styles.xml", b'<styleSheet xmlns="x">' + b"<a/>" * 400_000 + b"</styleSheet>"),
        ("xl/workbook.xml", b'<workbook xmlns="x">' + b"<a/>" * 400_000 + b"</workbook>"),
        ("xl/worksheets/sheet1.xml", b'<worksheet xmlns="x">' + b"<a/>" * 13_000_000 + b"</worksheet>"),
        ("[Content_Types].xml", b"<Types>" + b"<a/>" * 400_000 + b"</Types>"),
    ],
)
def test_a_part_that_would_cost_gigabytes_is_refused(tmp_path: Path, part: str, content: bytes) -> None:
    path = repacked(saved(tmp_path, ["measure", "at", "value"], ["k", "2026-01-05", 1]), part, content)
    for read in (read_history, pulled):
        with pytest.raises(HistoryError, match="tags"):
            read(path)


def test_what_a_directory_says_wrongly_is_an_error_of_ours(tmp_path: Path) -> None:
    """A version that is not known makes zipfile raise NotImplementedError."""
    path = saved(tmp_path, ["measure", "at", "value"], ["k", "2026-01-05", 1])
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 6, 99)
    path.write_bytes(bytes(data))
    for read in (read_history, pulled, lambda one: read_catalogue(one, KPI)):
        with pytest.raises(OkrError, match="workbook"):
            read(path)


def test_a_binary_workbook_with_a_far_cell_is_refused(tmp_path: Path) -> None:
    """The parser of .xlsb holds every cell up to the last one."""
    pytest.importorskip("python_calamine", reason="python-calamine is not installed")
    row = bytes([0, 4]) + struct.pack("<I", 1_048_575)
    cell = bytes([1, 8]) + struct.pack("<II", 16_383, 0)
    with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as book:
        book.writestr("xl/worksheets/sheet1.bin", row + cell)
    with pytest.raises(HistoryError, match="spans 1048576 rows and 16384 columns"):
        pulled(tmp_path / "a.xlsb")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", None])
def test_a_workbook_is_closed_however_its_reading_ends(tmp_path: Path, monkeypatch: Any, part: Any) -> None:
    path = saved(tmp_path, ["measure", "at", "value"], ["k", "2026-01-05", 1], ["k", "2026-01-12", 2])
    with zipfile.ZipFile(path) as book:
        texts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, text in texts.items():
            book.writestr(name, text[: len(text) // 2] if name == part else text)
    opened = []
    plain = Path.open
    monkeypatch.setattr(
        Path, "open", lambda *given, **more: opened.append(plain(*given, **more)) or opened[-1]
    )
    for read in (
        read_history,
        lambda one: read_history(one, sheet="none"),
        lambda one: read_catalogue(one, KPI),
    ):
        with contextlib.suppress(OkrError):
            read(path)
    assert opened
    assert all(file.closed for file in opened)
