"""The laws of every source: windows, stamps, repeats, kills, and cells that are declared or refused."""

import contextlib
import copy
import datetime as dt
import json
import os
import pickle
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore import History, HistoryError, Ledger, MissingExtraError
from okrcore.adapters.number_cells import NumberFormat
from okrcore.adapters.table_format import TableFormat
from okrcore.sources import sql
from okrcore.sources.excel import ExcelSource
from okrcore.sources.files import FileSource, FrameSource
from okrcore.sources.pull_source import PullSource, Stamp, within
from okrcore.sources.pulling import Pulled, pull_into
from okrcore.sources.query_parameters import bound, names_of
from okrcore.sources.sql import SqlSource, duckdb_source, postgresql_source, sqlite_source

ROWS = [
    ("uptime", "2026-01-05", 98.5), ("uptime", "2026-01-12", 0.0), ("parcels", "2026-01-05", 10_000.0),
    ("parcels", "2026-01-19T08:00:00+00:00", 11_000.0),
]  # fmt: skip
HEAD = ("measure", "at", "value")


def as_csv(tmp_path):
    path = tmp_path / "kpis.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [HEAD, *ROWS]), encoding="utf-8")
    return FileSource(path=path, system="it")


def as_tsv(tmp_path):
    path = tmp_path / "kpis.tsv"
    path.write_text("\n".join("\t".join(map(str, row)) for row in [HEAD, *ROWS]), encoding="utf-8")
    return FileSource(path=path, system="it")


def as_lines(tmp_path):
    path = tmp_path / "kpis.jsonl"
    path.write_text(
        "\n".join(json.dumps(dict(zip(HEAD, row, strict=True))) for row in ROWS), encoding="utf-8"
    )
    return FileSource(path=path, system="it")


def as_sqlite(tmp_path):
    path = tmp_path / "it's a #db?.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table facts (measure text, at text, value real)")
    connection.executemany("insert into facts values (?, ?, ?)", ROWS)
    connection.commit()
    connection.close()
    return sqlite_source(
        path, "select * from facts where at between :since and :until order by at", system="it"
    )


def as_parquet(tmp_path):
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    path = tmp_path / "it's.parquet"
    values, name = ", ".join(map(str, ROWS)), str(path).replace("'", "''")
    duckdb.sql(f"copy (from (values {values}) t(measure, \"at\", value)) to '{name}'")
    return duckdb_source(path, system="it")


def as_duckdb_csv(tmp_path):
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    as_csv(tmp_path)
    query = 'select measure, "at"::text as "at", value from data where "at" >= :since order by "at"'
    return duckdb_source(tmp_path / "kpis.csv", query, system="it")


def as_excel(tmp_path):
    pytest.importorskip("python_calamine", reason="python-calamine is not installed")
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl, which makes the file, is not installed")
    book = openpyxl.Workbook()
    for row in [(), HEAD, *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "kpis.xlsx")
    return ExcelSource(path=tmp_path / "kpis.xlsx", system="it")


def as_pandas(tmp_path):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    return FrameSource(frame=pandas.DataFrame(ROWS, columns=list(HEAD)), system="it", query="frame")


def as_polars(tmp_path):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    return FrameSource(
        frame=polars.DataFrame(ROWS, schema=list(HEAD), orient="row"), system="it", query="frame"
    )


def as_lazy(tmp_path):
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    return attrs.evolve(as_polars(tmp_path), frame=as_polars(tmp_path).frame.lazy())


def as_arrow(tmp_path):
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    return attrs.evolve(as_polars(tmp_path), frame=as_polars(tmp_path).frame.to_arrow())


MAKERS = [
    as_csv, as_tsv, as_lines, as_sqlite, as_parquet, as_duckdb_csv, as_excel, as_pandas, as_polars, as_lazy,
    as_arrow,
]  # fmt: skip


def pulled(source, *window):
    return History.of(one for batch in source.pull(*window) for one in batch)


def csv(tmp_path, text, **table):
    path = tmp_path / "given.csv"
    path.write_text(text, encoding="utf-8")
    return FileSource(path=path, system="sheet", table=TableFormat(**table))


@pytest.mark.parametrize("make", MAKERS)
class TestEverySource:
    def test_gives_all_that_there_is_stamped(self, make, tmp_path):
        source: PullSource = make(tmp_path)
        found = pulled(source)
        assert sorted((one.measure, one.at.isoformat(), one.value) for one in found) == sorted(ROWS)
        assert {(one.source.system, one.source.query, one.source.mode) for one in found} == {
            ("it", source.query, "pulled")
        }
        assert str(tmp_path) not in source.query

    def test_gives_the_window(self, make, tmp_path):
        """Both ends are included; a day is its date, an instant is a moment of UTC (S0.8)."""
        source = make(tmp_path)
        assert len(pulled(source, ["uptime"])) == 2
        assert len(pulled(source, None, "2026-01-12")) == 2
        assert len(pulled(source, None, "2026-01-06", "2026-01-11")) == 0
        assert len(pulled(source, None, None, "2026-01-05")) == 2
        assert len(pulled(source, None, "2026-01-19T08:00:00Z", "2026-01-19T08:00:00Z")) == 1
        assert len(pulled(source, None, "2026-01-19T08:00:01Z")) == 0
        assert len(pulled(source, ["none"])) == 0

    def test_the_same_pull_twice_changes_nothing(self, make, tmp_path):
        """S8.5: the same record twice is one record."""
        source = make(tmp_path)
        with Ledger.open(tmp_path / "kpis.ledger") as ledger:
            first = pull_into(ledger, source)
            root = ledger.history.root
            again = pull_into(ledger, source, since="2026-01-01")
            third = pull_into(ledger, source, ["uptime", "parcels"])
        assert (first.added, again.added, third.added) == (4, 0, 0)
        assert ledger.history.root == root

    def test_limits_end_in_a_clear_error(self, make, tmp_path):
        source = attrs.evolve(make(tmp_path), most_rows=4)
        assert len(pulled(source)) == 4
        source = attrs.evolve(source, most_rows=3)
        with pytest.raises(HistoryError, match="'it' gave more than 3 rows"):
            pulled(source)
        if hasattr(source, "most_bytes"):
            with pytest.raises(HistoryError, match="more than 10; split it, or raise most_bytes"):
                pulled(attrs.evolve(source, most_bytes=10))


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "number"),
        [
            ("1.234,5", 1234.5),
            ("-3", -3.0),
            ("0", 0.0),
            ("", None),
            ("n/a", None),
            ("1,5", 1.5),
            (" 7 ", 7.0),
        ],
    )
    def test_numbers_as_declared(self, tmp_path, cell, number):
        """S0.2: blank is not zero."""
        style = NumberFormat(decimal=",", thousands=".")
        found = pulled(csv(tmp_path, f'measure,at,value\na,2026-01-05,"{cell}"\n', numbers=style))
        assert [one.value for one in found] == ([] if number is None else [number])

    @pytest.mark.parametrize(
        "cell", ["1,5", "1.234,5", "1 000", "5%", "many", "inf", "NaN", "1e400", "0x10", "--1"]
    )
    def test_numbers_that_are_not_declared_are_refused_by_row(self, tmp_path, cell):
        text = f'measure,at,value\nb,2026-01-05,1\na,2026-01-05,"{cell}"\n\na,,3\n'
        with pytest.raises(HistoryError) as caught:
            pulled(csv(tmp_path, text))
        assert [one.line for one in caught.value.problems] == [3, 5]
        assert all(one.file for one in caught.value.problems)

    @pytest.mark.parametrize(
        ("percent", "cell", "value"),
        [("fraction", "0.95", 95.0), ("number", "95", 95.0), ("fraction", "0.07", 7.0),
         ("fraction", "95%", 95.0), ("number", "95 %", 95.0), ("fraction", "1.2", 120.0),
         ("number", "0.95", 0.95), ("fraction", "", None)],
    )  # fmt: skip
    def test_percents_as_declared(self, tmp_path, percent, cell, value):
        wanted = [] if value is None else [(value, "%")]
        for head, row, more in (("", "", {}), (",unit", ",%", {}), ("", "", {"constants": {"unit": "%"}}),
                                ("", "", {"units": {"a": "%"}})):  # fmt: skip
            text = f"measure,at,value{head}\na,2026-01-05,{cell}{row}\n"
            found = pulled(csv(tmp_path, text, percent=percent, **more))
            assert [(one.value, one.unit) for one in found] == wanted

    def test_a_percent_that_is_not_declared_is_refused_by_row(self, tmp_path):
        text = "measure,at,value,unit\na,2026-01-05,0.95,%\nb,2026-01-05,7,EUR\nc,2026-01-05,95%,%\n"
        with pytest.raises(HistoryError, match=r"may mean 0.95 % or 95.0 %") as caught:
            pulled(csv(tmp_path, text))
        assert [one.line for one in caught.value.problems] == [2]

    def test_percent_leaves_other_units_alone(self, tmp_path):
        text = "measure,at,value,unit\na,2026-01-05,0.95,%\nb,2026-01-05,7,EUR\nc,2026-01-05,8,\n"
        found = pulled(csv(tmp_path, text, percent="fraction"))
        assert [(one.value, one.unit) for one in found] == [(95.0, "%"), (7.0, "EUR"), (8.0, "")]

    @pytest.mark.parametrize(
        ("at", "table", "read"),
        [("2026-07-05 10:00", {"timezone": "Europe/Berlin"}, "2026-07-05T08:00:00+00:00"),
         ("2026-01-05 10:00", {"timezone": "Europe/Berlin"}, "2026-01-05T09:00:00+00:00"),
         ("2026-01-05T10:00:00+05:30", {"timezone": "Europe/Berlin"}, "2026-01-05T04:30:00+00:00"),
         ("2026-01-05", {"timezone": "Europe/Berlin"}, "2026-01-05"),
         ("2026-01-05 00:00:00", {"days": True}, "2026-01-05"),
         ("5.1.2026", {"dates": "day-first"}, "2026-01-05"),
         ("01/05/2026", {"dates": "month-first"}, "2026-01-05"),
         ("13.01.2026", {"dates": "either"}, "2026-01-13")],
    )  # fmt: skip
    def test_times_as_declared(self, tmp_path, at, table, read):
        [one] = pulled(csv(tmp_path, f"measure,at,value\na,{at},1\n", **table))
        assert one.at.isoformat() == read

    @pytest.mark.parametrize(
        ("at", "table", "match"),
        [("2026-01-05 10:00", {}, "no timezone"),
         ("2026-10-25 02:30", {"timezone": "Europe/Berlin"}, "twice or never"),
         ("2026-03-29 02:30", {"timezone": "Europe/Berlin"}, "twice or never"),
         ("2026-01-05 10:00", {"days": True}, "not midnight"),
         ("5.1.2026", {}, "is no date"),
         ("5.1.2026", {"dates": "either"}, "two ways"),
         ("31.13.2026", {"dates": "day-first"}, "is no date")],
    )  # fmt: skip
    def test_times_that_are_not_declared_are_refused_by_row(self, tmp_path, at, table, match):
        with pytest.raises(HistoryError, match=match) as caught:
            pulled(csv(tmp_path, f"measure,at,value\nb,2026-01-05,1\na,{at},1\n", **table))
        assert [one.line for one in caught.value.problems] == [3]

    def test_one_column_a_measure(self, tmp_path):
        text = "Tag;Verf.;Pakete\n2026-01-05;98,5;1.000\n2026-01-12;;1.100\n"
        source = csv(
            tmp_path, text, columns={"at": "Tag"}, wide={"Verf.": "uptime", "Pakete": "parcels"},
            units={"uptime": "%", "parcels": "parcel"}, percent="number",
            numbers=NumberFormat(decimal=",", thousands="."),
        )  # fmt: skip
        found = pulled(attrs.evolve(source, delimiter=";"))
        assert [(one.measure, one.at.day, one.value, one.unit) for one in found] == [
            ("uptime", 5, 98.5, "%"), ("parcels", 5, 1000.0, "parcel"), ("parcels", 12, 1100.0, "parcel"),
        ]  # fmt: skip
        with pytest.raises(HistoryError, match="no timezone") as caught:
            pulled(csv(tmp_path, "at,A,B\n2026-01-05 10:00,1,2\n", wide={"A": "a", "B": "b"}))
        assert len(caught.value.problems) == 2  # one a value
        with pytest.raises(HistoryError, match="two ways") as caught:
            pulled(csv(tmp_path, "at,A,B\n1/2/2026,1,2\n", wide={"A": "a", "B": "b"}, dates="either"))
        assert len(caught.value.problems) == 1
        with pytest.raises(HistoryError, match=r"columns \['Pakete'\] are missing"):
            pulled(csv(tmp_path, "Tag,Verf.\n", columns={"at": "Tag"}, wide={"Verf.": "a", "Pakete": "b"}))

    def test_what_a_row_says_of_its_source_is_not_believed(self, tmp_path):
        text = "measure,at,value,system,mode\na,2026-01-05,1,erp,manual\n"
        [one] = pulled(csv(tmp_path, text))
        assert (one.source.system, one.source.mode) == ("sheet", "pulled")

    @pytest.mark.parametrize(
        "table",
        [{"columns": {"system": "x"}}, {"percent": "half"}, {"dates": "iso8601"}, {"timezone": "Berlin"},
         {"timezone": "../etc/passwd"}, {"days": True, "timezone": "UTC"}, {"wide": {"a": 1}},
         {"constants": 3}],
    )  # fmt: skip
    def test_a_format_that_is_none(self, table):
        with pytest.raises(HistoryError):
            TableFormat(**table)


class TestFrames:
    def test_pandas_times_are_declared(self):
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        times = pandas.to_datetime(["2026-01-05", "2026-01-12", None])
        frame = pandas.DataFrame({"measure": "a", "at": times, "value": [1.0, np.nan, np.nan]})
        [one] = pulled(FrameSource(frame=frame.head(2), system="it", table=TableFormat(days=True)))
        assert one.at == dt.date(2026, 1, 5)
        [one] = pulled(FrameSource(frame=frame, system="it", table=TableFormat(timezone="Asia/Tokyo")))
        assert one.at == dt.datetime(2026, 1, 4, 15, tzinfo=dt.UTC)
        with pytest.raises(HistoryError, match="no timezone"):
            pulled(FrameSource(frame=frame, system="it"))

    @pytest.mark.parametrize("make", [as_pandas, as_polars])
    def test_without_narwhals_pandas_and_polars_do(self, make, tmp_path, monkeypatch):
        source = make(tmp_path)
        whole = list(pulled(source))
        monkeypatch.setitem(sys.modules, "narwhals", None)
        assert list(pulled(source)) == whole
        with pytest.raises(MissingExtraError, match=r"pip install 'okrcore\[frames\]'"):
            pulled(attrs.evolve(source, frame=iter(())))

    def test_what_is_no_frame(self):
        with pytest.raises((HistoryError, MissingExtraError)):
            pulled(FrameSource(frame=3, system="it"))


@pytest.mark.parametrize(
    ("package", "extra", "make"),
    [("python_calamine", "excel", lambda: pulled(ExcelSource(path="a.xls", system="it"))),
     ("duckdb", "duckdb", lambda: duckdb_source("a.parquet", system="it")),
     ("psycopg", "postgres", lambda: postgresql_source("host=db", "select 1", system="it"))],
)  # fmt: skip
def test_an_extra_that_is_missing_is_named(package, extra, make, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'okrcore\[{extra}\]'"):
        make()


class TestExcel:
    def test_sheets_dates_and_percents(self, tmp_path):
        pytest.importorskip("python_calamine", reason="python-calamine is not installed")
        openpyxl = pytest.importorskip("openpyxl", reason="openpyxl, which makes the file, is not installed")
        book = openpyxl.Workbook()
        sheet = book.create_sheet("Januar")
        for row in [("kpi", "day", "value", None), ("a", dt.date(2026, 1, 5), 0.95, "note"),
                    ("b", dt.datetime(2026, 1, 5, 10), 1, None)]:  # fmt: skip  # noqa: DTZ001
            sheet.append(row)
        sheet["C2"].number_format = "0%"
        book.save(tmp_path / "kpis.xlsx")
        table = TableFormat(columns={"measure": "kpi", "at": "day"}, timezone="UTC", percent="fraction")
        source = ExcelSource(path=tmp_path / "kpis.xlsx", system="sheet", sheet="Januar", table=table)
        found = pulled(source)
        assert [(one.at.isoformat(), one.value, one.unit) for one in found] == [
            ("2026-01-05", 95.0, "%"), ("2026-01-05T10:00:00+00:00", 100.0, "%"),
        ]  # fmt: skip
        size = (tmp_path / "kpis.xlsx").stat().st_size
        with pytest.raises(HistoryError, match="unpacks to"):
            pulled(attrs.evolve(source, most_bytes=size))
        with pytest.raises(HistoryError, match="has no sheet 'Mai'; name one of Sheet, Januar"):
            pulled(attrs.evolve(source, sheet="Mai"))
        with pytest.raises(HistoryError, match="without any row"):
            pulled(attrs.evolve(source, sheet=None))

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing", b"a,b\n1,2\n"])
    def test_what_is_no_workbook(self, tmp_path, content):
        pytest.importorskip("python_calamine", reason="python-calamine is not installed")
        path = tmp_path / "kpis.xlsx"
        path.write_bytes(content)
        with pytest.raises(HistoryError, match="no workbook") as caught:
            pulled(ExcelSource(path=path, system="sheet"))
        assert caught.value.problems[0].file == str(path)


class TestParameters:
    @given(st.text(max_size=20), st.sampled_from(["qmark", "format", "pyformat", "numeric", "named"]))
    def test_a_name_never_gets_into_the_text(self, name, style):
        """SQL is parameterised: whatever a measure is called, the text of the query is the same."""
        query = "select * from t where kpi in (:measures) and day >= :since"
        text, values = bound(query, style, [name], "2026-01-05", None)
        assert text == bound(query, style, ["x"], "2026-01-05", None)[0]
        assert name in (values.values() if isinstance(values, dict) else values)

    @pytest.mark.parametrize(
        "text",
        [
            "':since'",
            '":since"',
            "-- :since",
            "/* :since\n */",
            "a::since",
            "$$ :since $$",
            "$x$ :since $$ $x$",
            "'it''s :since'",
        ],
    )
    def test_text_in_quotes_and_comments_stays(self, text):
        assert names_of(f"select {text}") == frozenset()
        assert names_of(f"select {text}\n, :since") == {"since"}

    @pytest.mark.parametrize(
        ("style", "marks"),
        [("qmark", "?, ?"), ("pyformat", "%s, %s"), ("numeric", ":1, :2"), ("named", ":p1, :p2")],
    )
    def test_styles_of_drivers(self, style, marks):
        text, values = bound("select 5 % 3 in (:measures)", style, ["a", "b"], None, None)
        assert text == f"select 5 {'%%' if style == 'pyformat' else '%'} 3 in ({marks})"
        assert values == ({"p1": "a", "p2": "b"} if style == "named" else ["a", "b"])

    def test_many_measures_are_asked_for_in_parts(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sql, "MOST_MEASURES", 1)
        source = attrs.evolve(as_sqlite(tmp_path), query="select * from facts where measure in (:measures)")
        assert len(pulled(source, ["uptime", "parcels", "uptime"])) == 4
        assert len(pulled(source, [])) == 0
        with pytest.raises(HistoryError, match="give measures"):
            pulled(source)


class TestSql:
    def test_sqlite_is_opened_for_reading_only(self, tmp_path):
        source = attrs.evolve(as_sqlite(tmp_path), query="delete from facts returning *")
        with pytest.raises(HistoryError, match="readonly"):
            pulled(source)
        with pytest.raises(HistoryError, match="unable to open"):
            pulled(sqlite_source(tmp_path / "none.sqlite", "select 1", system="it"))
        assert not (tmp_path / "none.sqlite").exists()

    def test_a_driver_whose_secrets_are_unknown_is_not_quoted(self):
        def connect():
            raise RuntimeError("no entry for okr with hunter2")

        with pytest.raises(HistoryError, match=r"'it' cannot be connected to \(RuntimeError\);") as caught:
            pulled(SqlSource(connect=connect, query="select 1", system="it"))
        assert caught.value.__cause__ is caught.value.__context__ is None

    def test_a_query_that_holds_a_credential_is_refused(self):
        source = as_memory("select * from postgres_scan('host=db password=hunter2', 'facts')")
        with pytest.raises(HistoryError, match="hold a credential") as caught:
            pulled(source)
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize("make", [sqlite_source, duckdb_source, postgresql_source])
    def test_it_pickles_and_equals_its_copy(self, make):
        """A source goes to a process pool as any value does, and a password never to a screen."""
        pytest.importorskip("duckdb", reason="duckdb is not installed")
        pytest.importorskip("psycopg", reason="psycopg is not installed")
        where = "postgresql://okr:hunter2@db/facts" if make is postgresql_source else "facts.csv"
        source = make(where, "select 1", system="it")
        assert pickle.loads(pickle.dumps(source)) == source == copy.deepcopy(source)
        assert "hunter2" not in repr(source) + repr(source.connect)

    def test_connections_are_closed_however_a_pull_ends(self):
        opened = []

        def connect():
            opened.append(sqlite3.connect(":memory:"))
            return opened[-1]

        query = "select 'a' as measure, '2026-01-05' as at, 1 as value"
        source = SqlSource(connect=connect, query=query, system="it", secrets=())
        pulled(source)
        source.pull().close()
        next(source.pull())
        with pytest.raises(HistoryError):
            pulled(attrs.evolve(source, query="select"))
        for connection in opened:
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                connection.execute("select 1")
        assert len(opened) == 3

    def test_duckdb_reaches_nothing_but_its_file(self, tmp_path):
        source = as_parquet(tmp_path)
        (tmp_path / "other.csv").write_text("measure,at,value\na,2026-01-05,1\n", encoding="utf-8")
        for query in (f"select * from read_csv('{tmp_path}/other.csv')", "set enable_external_access = true"):
            with pytest.raises(HistoryError, match="failed on the query"):
                pulled(attrs.evolve(source, query=query))
        with pytest.raises(HistoryError, match="there is no file"):
            pulled(duckdb_source(tmp_path / "none.parquet", system="it"))

    def test_duckdb_reads_a_folder(self, tmp_path):
        as_parquet(tmp_path)
        (tmp_path / "copy.parquet").write_bytes((tmp_path / "it's.parquet").read_bytes())
        source = duckdb_source(
            tmp_path / "*.parquet",
            "select count(*) as value, 'n' as measure, '2026-01-05' as \"at\" from data",
            system="it",
        )
        assert [one.value for one in pulled(source)] == [8.0]


def as_memory(query, rows=()):
    def connect():
        connection = sqlite3.connect(":memory:")
        connection.execute("create table facts (measure, at, value)")
        connection.executemany("insert into facts values (?, ?, ?)", rows)
        return connection

    return SqlSource(connect=connect, query=query, system="it", secrets=())


@attrs.frozen
class Given:
    """A source that gives what it is given, in batches of its own."""

    rows: tuple
    size: int = 2
    system: str = "it"
    query: str = "given"
    resumes: bool = True
    restates: bool = False
    asked: list = attrs.field(factory=list)

    def pull(self, measures=None, since=None, until=None):
        self.asked.append((measures, since))
        rows = [row for row in self.rows if measures is None or row[0] in measures]
        for start in range(0, len(rows), self.size):
            part = rows[start : start + self.size]
            batch = History.of_columns(*zip(*part, strict=True))
            batch = Stamp(system=self.system, query=self.query).on(within(batch, measures, since, until))
            if len(batch):
                yield batch


@attrs.define
class Killed(Given):
    """A source that kills its process when it is asked for more than so many batches."""

    batches: int = attrs.field(kw_only=True)

    def pull(self, measures=None, since=None, until=None):
        for number, batch in enumerate(Given.pull(self, measures, since, until)):
            if number == self.batches:
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch


class TestPulling:
    def test_a_measure_resumes_at_its_own_last_moment(self, tmp_path):
        rows = [("a", "2026-01-05", 1.0), ("b", "2026-01-06", 2.0), ("a", "2026-01-07", 3.0)]
        with Ledger.open(tmp_path / "l") as ledger:
            source = Given(tuple(rows))
            pull_into(ledger, source, ["a", "b"])
            source.asked.clear()
            pull_into(ledger, source, ["a", "b", "c"], begin="2025-01-01")
            asked = [(list(names), str(since)) for names, since in source.asked]
            assert asked == [
                (["c"], "2025-01-01"), (["b"], "2026-01-06 00:00:00+00:00"),
                (["a"], "2026-01-07 00:00:00+00:00"),
            ]  # fmt: skip

    def test_few_pulls_whatever_the_number_of_moments(self, tmp_path):
        rows = [(f"m{n:03}", (dt.date(2026, 1, 1) + dt.timedelta(n)).isoformat(), 1.0) for n in range(100)]
        with Ledger.open(tmp_path / "l") as ledger:
            source = Given(tuple(rows), 50)
            pull_into(ledger, source, [row[0] for row in rows])
            source.asked.clear()
            assert pull_into(ledger, source, [row[0] for row in rows]).added == 0
            assert len(source.asked) == 8
            last = {row[0]: row[1] for row in rows}
            assert all(str(since)[:10] <= last[name] for names, since in source.asked for name in names)
            assert sorted(name for names, _ in source.asked for name in names) == [row[0] for row in rows]

    def test_an_overlap_is_pulled_again(self, tmp_path):
        source = Given(tuple(("a", f"2026-01-{day:02}", 1.0) for day in range(1, 11)))
        with Ledger.open(tmp_path / "l") as ledger:
            pull_into(ledger, source, ["a"])
            assert pull_into(ledger, source, ["a"], overlap=dt.timedelta(days=3)).delivered == 4
            with pytest.raises(HistoryError, match="overlap is negative"):
                pull_into(ledger, source, ["a"], overlap=dt.timedelta(days=-3))

    def test_another_system_does_not_say_where_this_one_ended(self, tmp_path):
        rows = (("a", "2026-01-05", 1.0), ("a", "2026-01-07", 3.0))
        with Ledger.open(tmp_path / "l") as ledger:
            pull_into(ledger, Given(rows, system="other"), ["a"])
            source = Given(rows[:1])
            assert pull_into(ledger, source, ["a"]).added == 1
            pull_into(ledger, source, ["a"])
            assert str(source.asked[-1][1]) == "2026-01-05 00:00:00+00:00"

    @settings(max_examples=12)
    @given(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 28), st.integers(0, 3)), max_size=20),
        st.integers(1, 5), st.integers(0, 8),
    )  # fmt: skip
    def test_a_pull_that_was_stopped_is_repeated(self, rows, size, stop):
        """Wherever a pull stops, repeating it brings what one whole pull does, and a third nothing."""
        unique = {(name, day): float(value) for name, day, value in rows}
        ordered = sorted(
            ((name, f"2026-01-{day:02}", value) for (name, day), value in unique.items()),
            key=lambda row: row[1],
        )
        source = Given(tuple(ordered), size)
        for measures in (None, ["a", "b", "c"]):
            with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "l") as ledger:
                count = 0

                def progress(done):
                    nonlocal count
                    count += 1
                    if count > stop:
                        raise KeyboardInterrupt

                with contextlib.suppress(KeyboardInterrupt):
                    pull_into(ledger, source, measures, progress=progress)
                pull_into(ledger, source, measures)
                whole = sorted((one.measure, one.at.isoformat(), one.value) for one in ledger.history)
                assert whole == sorted(ordered)
                assert pull_into(ledger, source, measures).added == 0

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_a_source_that_goes_back_in_time_is_refused(self, tmp_path, size):
        rows = (("a", "2026-01-05", 1.0), ("a", "2026-01-07", 3.0), ("a", "2026-01-06", 2.0))
        for measures in (None, ["a"]):
            with Ledger.open(tmp_path / f"{measures}.l") as ledger:
                with pytest.raises(HistoryError, match="'a' goes back in time at 2026-01-06"):
                    pull_into(ledger, Given(rows, size), measures)
                assert len(ledger.history) <= 2

    def test_measures_that_are_not_named_come_in_one_order(self, tmp_path):
        """Of one that comes after another nobody could tell, after a kill, that it is missing."""
        rows = (("a", "2026-01-05", 1.0), ("a", "2026-01-07", 3.0), ("b", "2026-01-06", 2.0))
        with Ledger.open(tmp_path / "l") as ledger:
            with pytest.raises(HistoryError, match="'b' goes back in time"):
                pull_into(ledger, Given(rows))
            assert pull_into(ledger, Given(rows), ["a", "b"]).added == 1

    def test_corrections_become_known_when_it_is_said(self, tmp_path):
        """S8.1: a correction is a later recorded_at for the same (measure, at)."""

        def one(value):
            return Given((("a", "2026-01-05", value),))

        with Ledger.open(tmp_path / "l") as ledger:
            pull_into(ledger, one(1.0))
            with pytest.raises(HistoryError, match=r"was 1.0 and is now 2.0; give pulled_at"):
                pull_into(ledger, one(2.0))
            with pytest.raises(HistoryError, match="later than 2026-01-05T23:59"):
                pull_into(ledger, one(2.0), pulled_at="2026-01-05")
            assert pull_into(ledger, one(2.0), pulled_at="2026-02-01").corrected == 1
            assert pull_into(ledger, one(2.0), pulled_at="2026-02-02") == Pulled(system="it", delivered=1)
            assert pull_into(ledger, one(1.0), pulled_at="2026-02-03").corrected == 1
            assert [change.change for change in ledger.history.restatements("a")] == [1.0, -1.0]
            history = ledger.history
            assert [
                history.as_known(day).latest("a", "2026-03-01").value
                for day in ("2026-01-31", "2026-02-01", "2026-02-03")
            ] == [1, 2, 1]

    def test_another_unit_is_a_correction(self, tmp_path):
        for unit, corrected in (("EUR", 0), ("USD", 1), ("USD", 0)):
            with Ledger.open(tmp_path / "l") as ledger:
                source = csv(tmp_path, "measure,at,value\na,2026-01-05,1\n", constants={"unit": unit})
                assert pull_into(ledger, source, pulled_at="2026-02-01").corrected == corrected

    def test_today_became_known_when_it_was_pulled(self, tmp_path):
        """A day that is not over changes all day, and the next; what was known when stays answerable."""
        with Ledger.open(tmp_path / "l") as ledger:
            for value, hour, corrected in (
                (1.0, "08", 0),
                (1.0, "09", 0),
                (2.0, "10", 1),
                (3.0, "20", 1),
                (3.0, "21", 0),
            ):
                source = Given((("a", "2026-01-04", 7.0), ("a", "2026-01-05", value)))
                done = pull_into(ledger, source, since="2026-01-01", pulled_at=f"2026-01-05T{hour}:00:00Z")
                assert done.corrected == corrected
            assert pull_into(ledger, source, since="2026-01-01", pulled_at="2026-01-09").added == 0
            known = [
                ledger.history.as_known(f"2026-01-05T{hour}:30:00Z").latest("a", "2026-01-05")
                for hour in ("07", "08", "10", "20")
            ]
            assert [one.value for one in known] == [7.0, 1.0, 2.0, 3.0]

    def test_what_is_there_already_does_not_become_known_again(self, tmp_path):
        source = Given((("a", "2026-01-05", 1.0),))
        morning = "2026-01-05T08:00:00Z"
        with Ledger.open(tmp_path / "l") as ledger:
            pull_into(ledger, source)
            assert pull_into(ledger, source, pulled_at=morning).added == 0
            assert pull_into(ledger, attrs.evolve(source, system="other"), pulled_at=morning).added == 1
            assert [one.recorded_at.hour for one in ledger.history] == [23, 8]

    def test_a_correction_is_that_of_its_own_system(self, tmp_path):
        rows = (("a", "2026-01-05", 1.0),)
        with Ledger.open(tmp_path / "l") as ledger:
            pull_into(ledger, Given(rows))
            other = Given((("a", "2026-01-05", 2.0),), system="other")
            assert pull_into(ledger, other).corrected == 0
            assert (
                pull_into(
                    ledger, Given((("a", "2026-01-05", 2.0),)), since="2026-01-01", pulled_at="2026-02-01"
                ).corrected
                == 1
            )
            assert pull_into(ledger, other, since="2026-01-01", pulled_at="2026-02-02").added == 0

    def test_two_values_in_one_pull_are_refused(self, tmp_path):
        """S8.5: two values for one (measure, at, recorded_at, source system) are an error."""
        rows = (("a", "2026-01-05", 1.0), ("a", "2026-01-05", 2.0))
        for size in (1, 2):
            with (
                Ledger.open(tmp_path / f"{size}.l") as ledger,
                pytest.raises(HistoryError, match="two values"),
            ):
                pull_into(ledger, Given(rows, size), pulled_at="2026-02-01")

    def test_a_time_of_its_own_is_a_correction_as_it_stands(self, tmp_path):
        text = "measure,at,value,recorded_at\na,2026-01-05,1,\na,2026-01-05,2,2026-01-09\n"
        columns = {"recorded_at": "recorded_at"}
        with Ledger.open(tmp_path / "l") as ledger:
            assert pull_into(ledger, csv(tmp_path, text, columns=columns)).added == 2
            assert pull_into(ledger, csv(tmp_path, text, columns=columns)).added == 0
            with pytest.raises(HistoryError, match="recorded_at is there, but not named"):
                pull_into(ledger, csv(tmp_path, text))
            assert len(ledger.history.restatements("a")) == 1


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="kills a process that it forks, which this system has not"
)
@pytest.mark.parametrize("batches", [0, 1, 7, 19])
def test_a_pull_that_is_killed_goes_on(tmp_path, batches):
    """S8.7: what was acknowledged is all there, and the next pull brings the rest."""
    days = [(dt.date(2000, 1, 1) + dt.timedelta(n)).isoformat() for n in range(100)]
    rows = tuple((name, day, float(n)) for n, day in enumerate(days) for name in "ab")
    path = tmp_path / "killed.ledger"
    Ledger.open(path).close()
    child = os.fork()
    if not child:
        try:
            with Ledger.open(path) as ledger:
                pull_into(ledger, Killed(rows, 10, batches=batches))
        finally:
            os._exit(1)  # whatever happens: the tests go on in the other process alone
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    with Ledger.open(path) as ledger:
        assert len(ledger.history) == 10 * batches
        pull_into(ledger, Given(rows, 10))
        assert [(one.measure, one.at.isoformat(), one.value) for one in ledger.history] == list(rows)
