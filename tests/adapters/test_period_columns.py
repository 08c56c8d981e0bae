"""Tables with one column a period: histories and catalogues read them by what their headings mean."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import Kpi, Portfolio, evaluate
from okrcore.adapters.catalogue.reader import read_catalogue
from okrcore.adapters.history_input import read_history
from okrcore.errors import DocumentError, HistoryError

MONTHS = [f"{calendar.month_abbr[month]} 2025" for month in range(1, 13)]
RANGE = ["Jan 2025..Dec 2025"]


def month_end(month: int) -> dt.date:
    return dt.date(2025, month, calendar.monthrange(2025, month)[1])


def write(path: Path, rows: list[list[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def facts(history: Any) -> list[tuple[str, dt.date, float, str]]:
    return sorted((one.measure, one.at, one.value, one.unit) for one in history)


cells = st.one_of(st.none(), st.integers(-1000, 1000))


@given(
    table=st.dictionaries(
        st.sampled_from("abcd"), st.lists(cells, min_size=12, max_size=12), min_size=1, max_size=4
    ),
    places=st.permutations(range(14)),
    backwards=st.booleans(),
)
def test_a_wide_table_is_its_long_form_in_any_order(
    tmp_path_factory: pytest.TempPathFactory,
    table: dict[str, list[int | None]],
    places: list[int],
    backwards: bool,
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    rows = [[name, "EUR", *("" if one is None else one for one in row)] for name, row in table.items()]
    rows = rows[::-1] if backwards else rows
    wide = [[row[place] for place in places] for row in [["measure", "unit", *MONTHS], *rows]]
    long = [["measure", "at", "value", "unit"]] + [
        [name, month_end(month), value, "EUR"]
        for name, row in table.items()
        for month, value in enumerate(row, 1)
        if value is not None
    ]
    found = read_history(write(folder / "wide.csv", wide), periods=RANGE)
    assert facts(found) == facts(read_history(write(folder / "long.csv", long)))
    catalogue = read_catalogue(folder / "wide.csv", {"columns": {"id": "measure"}, "periods": RANGE})
    assert [fact[:3] for fact in facts(catalogue.history)] == [fact[:3] for fact in facts(found)]


def test_a_month_in_a_column_is_known_from_its_last_day_on(tmp_path: Path) -> None:
    """On 2 December nobody knows what December brought."""
    file = write(tmp_path / "wide.csv", [["measure", *MONTHS], ["a", *range(12)]])
    history = read_history(file, periods=RANGE)
    kpi = Portfolio.of(Kpi(id="a", title="A", cadence="monthly"))
    known = [evaluate(kpi, history, as_of=day).kpi("a").value for day in ("2025-12-02", "2025-12-31")]
    assert known == [10, 11]


def test_a_missing_period_column_is_told_by_both_readers(tmp_path: Path) -> None:
    months = [name for name in MONTHS if name != "May 2025"]
    file = write(tmp_path / "gap.csv", [["measure", *months], ["a", *range(11)]])
    with pytest.raises(HistoryError, match=r"between 'Apr 2025' and 'Jun 2025'.*two ranges"):
        read_history(file, periods=RANGE)
    with pytest.raises(DocumentError, match="between 'Apr 2025' and 'Jun 2025'"):
        read_catalogue(file, {"columns": {"id": "measure"}, "periods": RANGE})
    parts = ["Jan 2025..Apr 2025", "Jun 2025..Dec 2025"]
    assert len(read_history(file, periods=parts)) == 11


def test_subtotals_between_months_are_of_no_month(tmp_path: Path) -> None:
    rows = [["measure", "Jan 2025", "Feb 2025", "Mar 2025", "Q1 2025", "2025"], ["a", 1, 2, 3, 6, 6]]
    file = write(tmp_path / "sums.csv", rows)
    assert [one.value for one in read_history(file, periods=["Jan 2025..Mar 2025"])] == [1, 2, 3]


def test_json_lines_may_name_their_months_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    records = [{"kpi": "a", "2025-02": 2}, {"kpi": "b", "2025-01": 1}]
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    found = read_history(file, columns={"measure": "kpi"}, periods=["2025-01..2025-02"])
    assert [fact[:3] for fact in facts(found)] == [("a", month_end(2), 2.0), ("b", month_end(1), 1.0)]
    with pytest.raises(HistoryError, match=r"2025-01\.\.2025-03.*no range of columns"):
        read_history(file, columns={"measure": "kpi"}, periods=["2025-01..2025-03"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"periods": ["Jan 2025"]}, "no range of columns"),
        ({"periods": ["Jan 2025..soon"]}, "the heading 'soon'"),
        ({"periods": "Jan 2025..Dec 2025"}, "no list of ranges"),
        ({"periods": RANGE, "wide": {"a": "b"}}, "periods and wide are both given"),
        ({"periods": RANGE, "constants": {"at": "2025-01-01"}}, "headings are dates"),
        ({"periods": ["Dec 2025..Jan 2025"]}, "no range of columns"),
    ],
)
def test_ranges_that_are_none_are_refused(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    file = write(tmp_path / "table.csv", [["measure", *MONTHS], ["a", *range(12)]])
    with pytest.raises(HistoryError, match=told):
        read_history(file, **options)


def test_two_columns_of_one_month_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "table.csv", [["measure", "Jan 2025", "2025-01", "Feb 2025"], ["a", 1, 2, 3]])
    with pytest.raises(HistoryError, match="'2025-01' and 'Jan 2025' name one period"):
        read_history(file, periods=["Jan 2025..Feb 2025"])
