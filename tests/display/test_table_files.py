"""Tables as files: what was in them comes back, and no text is run by a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.display import Table
from okrcore.errors import MissingExtraError
from okrcore.surfaces.stories import story

COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
hostile = st.builds(str.__add__, st.sampled_from(COMMANDS), texts)


def of(**columns: list[Any]) -> Table:
    return Table({name: np.array(column, dtype=object) for name, column in columns.items()})


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.one_of(texts, hostile), min_size=1, max_size=5))
def test_no_text_of_a_csv_begins_a_formula_and_every_text_is_there(found: list[str]) -> None:
    head, *rows = read(of(text=found).to_csv())
    assert head == ["text"]
    cells = [row[0] if row else "" for row in rows]
    assert not any(one.startswith(COMMANDS) for one in cells)
    assert [
        one[1:] if was.startswith(COMMANDS) else one for one, was in zip(cells, found, strict=True)
    ] == found


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_stay_numbers_to_the_last_bit(found: list[float]) -> None:
    """S0.2: unknown is empty, never 0."""
    table = Table({"id": np.arange(len(found)), "number": np.array(found)})
    cells = [row[1] for row in read(table.to_csv())[1:]]
    assert [math.nan if one == "" else float(one) for one in cells] == pytest.approx(
        found, nan_ok=True, rel=0, abs=0
    )


def test_a_csv_is_written_as_it_is_returned(tmp_path: Path) -> None:
    table = Table(
        {
            "=head": np.array(["a,b", "c\nd"], dtype=object),
            "day": np.array(["2026-01-05", "NaT"], "datetime64[D]"),
        }
    )
    text = table.to_csv(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes().decode() == text
    assert read(text) == [["'=head", "day"], ["a,b", "2026-01-05"], ["c\nd", ""]]


def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    evil = ['=HYPERLINK("http://x","y")', "+1", "-2", "@sum", "\x1b[31m", "plain", None]
    table = Table(
        {
            "=text": np.array(evil, dtype=object),
            "number": np.array([-1.5, *[math.nan] * 6]),
            "day": np.array(["2026-01-05", *["NaT"] * 6], dtype="datetime64[D]"),
            "flag": np.array([True] * 7),
            "instant": np.array([dt.datetime(2026, 1, 5, tzinfo=dt.UTC)] * 7, dtype=object),
        }
    )
    table.to_excel(tmp_path / "table.xlsx", sheet="goals")
    book = openpyxl.load_workbook(tmp_path / "table.xlsx")
    sheet = book["goals"]
    assert [cell.value for cell in sheet["A"]] == ["=text", *evil[:4], " [31m", "plain", None]
    assert {cell.data_type for cell in sheet["A"]} == {"s", "n"}, "n is the cell that is empty"
    assert [cell.quotePrefix for cell in sheet["A"]][:7] == [True] * 5 + [False] * 2
    assert sheet["B2"].value == -1.5
    assert sheet["B3"].value is None
    assert sheet["C2"].value.date() == dt.date(2026, 1, 5)
    assert sheet["D2"].value is True
    assert sheet["E2"].value == "2026-01-05T00:00:00+00:00"


def test_a_workbook_without_openpyxl_names_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'okrcore\[excel\]'"):
        of(a=["b"]).to_excel(tmp_path / "table.xlsx")


def test_every_table_of_a_story_goes_everywhere(tmp_path: Path) -> None:
    pandas, polars, arrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    pytest.importorskip("openpyxl")
    portfolio, history = story("software")
    snapshot, before = (okr.evaluate(portfolio, history, as_of=day) for day in ("2026-10-04", "2026-09-27"))
    tables = {
        "objectives": snapshot.objectives,
        "key results": snapshot.key_results,
        "KPIs": snapshot.kpis,
        "initiatives": snapshot.initiatives,
        "trend": okr.evaluate_many(portfolio, history, as_of=["2026-10-04"]).table,
        "signals": okr.signals_of(portfolio, history, as_of="2026-10-04"),
        "chart": okr.signals(history.series("page-load")).table,
        "outlook": okr.outlook(snapshot, paths=50).table,
        "schedule": okr.ripple(portfolio, as_of="2026-10-04", history=history).schedule,
        "differences": okr.compare_snapshots(before, snapshot),
        "links": okr.discover_links(portfolio, history, as_of="2026-10-04", lags=range(1, 3)),
    }
    for name, table in tables.items():
        assert len(table.to_pandas()) == len(table) == len(table.to_polars()), name
        assert arrow.table(table).num_rows == len(table), name
        assert polars.DataFrame(arrow.table(table)).height == len(table), name
        assert len(read(table.to_csv())) == len(table) + 1, name
        assert list(pandas.read_csv(io.StringIO(table.to_csv())).columns) == list(table.columns), name
        table.to_excel(tmp_path / f"{name}.xlsx")
