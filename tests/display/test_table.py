"""Tables: rows as plain values, and the same numbers in every dataframe library."""

import datetime as dt
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import MissingExtraError
from okrcore.display import Table, number, plain

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), texts),
        st.one_of(st.none(), st.floats(-1e9, 1e9)),
        st.one_of(st.none(), st.dates(dt.date(1700, 1, 1), dt.date(2200, 1, 1))),
        st.booleans(),
    ),
    max_size=6,
)
NAMES = ("text", "number", "day", "flag")


def table_of(found):
    columns = list(zip(*found, strict=True)) or [[], [], [], []]
    return Table(
        {
            "text": np.array(columns[0], dtype=object),
            "number": np.array([math.nan if n is None else n for n in columns[1]], dtype=np.float64),
            "day": np.array(columns[2], dtype="datetime64[D]"),
            "flag": np.array(columns[3], dtype=bool),
        }
    )


def plain_rows(found):
    return [dict(zip(NAMES, row, strict=True)) for row in found]


class TestTable:
    @given(rows)
    def test_rows_are_plain_values(self, found):
        """S0.2: unknown is None."""
        table = table_of(found)
        assert table.to_dicts() == list(table) == plain_rows(found)
        assert (len(table), table.columns) == (len(found), NAMES)
        for row in table:
            assert {type(value) for value in row.values()} <= {str, float, dt.date, bool, type(None)}

    @given(rows)
    def test_polars_gets_the_same(self, found):
        polars = pytest.importorskip("polars")
        frame = table_of(found).to_polars()
        assert frame.to_dicts() == plain_rows(found)
        assert frame.dtypes == [polars.String, polars.Float64, polars.Date, polars.Boolean]

    @given(rows)
    def test_arrow_gets_the_same(self, found):
        arrow = pytest.importorskip("pyarrow")
        table = arrow.table(table_of(found))
        assert table.to_pylist() == plain_rows(found)
        assert [str(kind) for kind in table.schema.types] == ["string", "double", "date32[day]", "bool"]

    def test_pandas_gets_the_same(self):
        pandas = pytest.importorskip("pandas")
        found = [("a", 1.5, dt.date(2026, 1, 5), True), (None, None, None, False)]
        frame = table_of(found).to_pandas()
        assert list(frame.columns) == list(NAMES)
        assert frame["number"].tolist() == pytest.approx([1.5, math.nan], nan_ok=True)
        assert frame["day"].iloc[0] == pandas.Timestamp("2026-01-05")
        assert pandas.isna(frame["day"].iloc[1])

    @pytest.mark.parametrize(
        ("hidden", "call", "extra"),
        [
            (["pandas"], lambda table: table.to_pandas(), "pandas"),
            (["polars"], lambda table: table.to_polars(), "polars"),
            (["polars", "pyarrow"], lambda table: table.__arrow_c_stream__(), "arrow"),
        ],
    )
    def test_a_missing_library_is_told_with_its_pip_line(self, monkeypatch, hidden, call, extra):
        for name in hidden:
            monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(MissingExtraError, match=rf"pip install 'okrcore\[{extra}\]'"):
            call(table_of([]))

    def test_some_rows_and_columns(self):
        table = table_of([(name, n, None, False) for n, name in enumerate("abc")])
        assert table.take(np.array([2, 0]))["text"].tolist() == ["c", "a"]
        assert table.take(slice(1))["number"].tolist() == [0]
        assert table.select("flag", "text").columns == ("flag", "text")
        assert len(Table({})) == 0
        assert Table({}).to_dicts() == []

    def test_long_tables_are_cut_where_they_are_shown(self):
        table = table_of([("a", n, None, False) for n in range(50)])
        assert repr(table).splitlines()[-1] == "... 30 more"
        assert "20 of 50 rows, the first." in table._repr_html_()
        assert len(str(table).splitlines()) == 51

    def test_hostile_text_stays_in_its_cell(self):
        evil = "</td><script>alert(1)</script>\x1b[2J\r\n\u202e\u2028"
        table = Table({"<b>": np.array([evil], dtype=object)})
        shown = table._repr_html_()
        assert "<script" not in shown
        assert "<b>" not in shown
        assert "\x1b" not in shown
        assert len(str(table).splitlines()) == 2
        assert "\x1b" not in str(table)


def test_the_tables_of_a_snapshot_go_to_dataframes():
    """Unknown numbers keep their column a column of numbers."""
    polars = pytest.importorskip("polars")
    cycle = okr.Cycle.year(2026)
    portfolio = okr.Portfolio.of(
        cycle,
        okr.Objective(id="o", title="", cycle=cycle.id),
        okr.KeyResult(id="k", objective="o", title="", measure=okr.Target(0, 1)),
        okr.Kpi(id="m", title=""),
        okr.Initiative(id="i", title=""),
    )
    snapshot = okr.evaluate(portfolio, okr.History.of(), as_of="2026-02-01")
    for table in (snapshot.key_results, snapshot.objectives, snapshot.kpis, snapshot.initiatives):
        frame = polars.DataFrame(table)
        assert frame.height == 1
        assert polars.Null not in frame.dtypes
        assert frame.to_dicts() == table.to_dicts() == table.to_polars().to_dicts()
    assert snapshot.key_results.to_dicts()[0]["observed_at"] is None


def test_a_trend_goes_where_its_table_goes():
    """One row a goal and date, in the same shapes as any table."""
    year = okr.Cycle.year(2026)
    goal = okr.Objective(id="o", title="O", cycle=year.id)
    result = okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 10))
    history = okr.History.of([okr.Observation("k", "2026-01-05", 5)])
    portfolio = okr.Portfolio.of(year, goal, result)
    trend = okr.evaluate_many(portfolio, history, as_of=["2026-01-05", "2026-01-06"])
    assert trend.to_dicts() == trend.table.to_dicts()
    assert [(row["id"], row["score"]) for row in trend.to_dicts()] == [("o", 0.5), ("k", 0.5)] * 2


def test_a_trend_tells_two_instants_of_one_day_apart():
    year = okr.Cycle.year(2026)
    portfolio = okr.Portfolio.of(year, okr.Objective(id="o", title="O", cycle=year.id))
    asked = ["2026-02-01T08:00:00+00:00", "2026-02-01T20:00:00+00:00"]
    trend = okr.evaluate_many(portfolio, okr.History.of(), as_of=asked)
    assert [row["as_of"].hour for row in trend.table.to_dicts()] == [8, 20]


def test_an_unknown_column_is_told_with_the_nearest():
    with pytest.raises(KeyError, match="column 'scoer' is unknown; did you mean 'score'"):
        Table({"id": np.array(["a"], dtype=object), "score": np.array([0.5])})["scoer"]


@given(st.sampled_from([1.0, 100.0]), st.floats(1e-7, 0.4))
def test_what_is_short_of_a_whole_never_reads_as_it(whole, short):
    """A14: 99.98 % is not 100 %."""
    assert float(number(whole - short)) < whole


@pytest.mark.parametrize(
    "column",
    [
        np.array([0.5, np.nan, np.inf, -0.0]),
        np.array([1, -2, 2**62]),
        np.array([True, False]),
        np.array(["2026-01-05", "NaT"], dtype="datetime64[D]"),
        np.array(["2026-01-05T10:00", "NaT"], dtype="datetime64[us]"),
        np.array(["a", None, np.float64("nan"), np.int64(3)], dtype=object),
    ],
    ids=["numbers", "whole numbers", "flags", "days", "instants", "objects"],
)
def test_rows_hold_what_each_value_is_alone(column):
    found = [row["x"] for row in Table({"x": column})]
    alone = [plain(value) for value in column]
    assert found == alone
    assert [type(value) for value in found] == [type(value) for value in alone]
