"""Generated tables under generated options: each reader reads them in little memory, or raises one error."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import sqlite3
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from okrcore import (
    OkrError,
    load,
    read_catalogue,
    read_history,
    read_journal,
    read_rates,
)
from okrcore.adapters import NumberFormat
from okrcore.adapters.catalogue.roles import ROLES
from okrcore.adapters.journal_input import FIELDS
from okrcore.adapters.table_format import TableFormat
from okrcore.sources import ExcelSource, FileSource

fuzzed = settings(
    max_examples=60,
    deadline=dt.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LONGEST = 40_000
"""Characters of an error, however many rows are wrong."""
MOST, LONG, A_ROW = 32 * 2**20, 500, 20_000
"""Bytes for a table however short, with the modules that read it; rows of a longer one; bytes for each."""

WORDS = st.sampled_from([
    "", " ", "k", "measure", "Q1 2026", "2026-01", "2026-W02", "20260105", "05.01.2026", "1/5/26",
    "5 Jan 2026", "2026-01-05", "2026-01-05T08:00", "2026-01-05T08:00:00+01:00", "9999-12-31",
    "0001-01-01", "31.02.2026", "1", "1.5", "1,5", "1.234,5", "1,00,000", "(5)", "5-", "-0", "1e400",
    "nan", "inf", "95%", "95 %", "n/a", "#DIV/0!", "at least 95 %", "between 3 and 5", "5 ± 1", "≤ 3",
    "2 million", "10 k", "kEUR", "EUR", "%", "percentage_point", "higher", "maintain", "objective",
    "kpi", "key_result", "sum", "weekly", "monthly", "fortnightly", "draft", "manual", "check-in",
    "adjustment", "closing", "USD", "=1+1", "\u202e", "\x00", "a;b", "Title(weight: 50%, Id: 7)",
    "FY25/26", "Annual 2025", "Jan 2025..Dec 2025", "\U0001f600", "x" * 300, "true", "null",
])  # fmt: skip
CELLS = (
    WORDS
    | st.text(max_size=8)
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.booleans()
    | st.none()
    | st.dates()
)
FACTS = ["measure", "at", "value", "unit", "recorded_at", "system", "mode", "by", "definition"]
HEADS = st.sampled_from(
    [*FACTS, *FIELDS, "date", "base", "quote", "rate", "Jan 2025", "2025", "", "KPI"]
) | st.text(max_size=6)
NAMES = st.sampled_from([*FACTS, *sorted(ROLES), "KPI", "Jan 2025", ""])
MAPS = st.dictionaries(NAMES, NAMES, max_size=4)


@st.composite
def tables(draw: Any, needed: list[str]) -> tuple[list[str], list[list[Any]]]:
    """Return headings, most of the `needed` ones among them, and rows, some of another length."""
    heads = [name for name in needed if draw(st.integers(0, 9))] + draw(st.lists(HEADS, max_size=3))
    width = st.integers(max(len(heads) - 1, 0), len(heads) + 1)
    return heads, [[draw(CELLS) for _ in range(draw(width))] for _ in range(draw(st.integers(0, 5)))]


NUMBERS = st.builds(
    lambda **given: given,
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from(["", ",", ".", " ", "'"]),
    grouping=st.sampled_from(["thousands", "indian"]),
    negative=st.sampled_from(["sign", "parentheses", "trailing"]),
    blank=st.sampled_from(["unknown", "zero"]),
)
OPTIONS = st.fixed_dictionaries({}, optional={
    "columns": MAPS, "constants": MAPS, "wide": MAPS, "units": MAPS, "numbers": NUMBERS,
    "periods": st.lists(WORDS, max_size=2),
    "dates": st.sampled_from(["iso", "day-first", "month-first", "either", "period-end", "any"]),
    "timezone": st.sampled_from(["", "Europe/Berlin", "Mars/Olympus"]),
    "days": st.booleans(), "percent": st.sampled_from(["", "fraction", "number", "share"]),
})  # fmt: skip
LAYOUT = st.fixed_dictionaries({}, optional={
    "delimiter": st.sampled_from([",", ";", "\t", "", "ab"]),
    "encoding": st.sampled_from(["utf-8", "latin-1", "no-such"]),
    "heading": st.sampled_from([1, 2, 0, -1, "KPI", "measure"]),
    "merged": st.sampled_from(["first", "fill", "none"]),
    "short_rows": st.sampled_from(["refuse", "blank", "skip"]), "sheet": st.sampled_from(["Sheet", "x"]),
})  # fmt: skip


@contextlib.contextmanager
def only_ours() -> Iterator[None]:
    """Let an OkrError of bounded length pass, and nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            yield
        except OkrError as error:
            said = str(error)
        else:
            return
    assert 0 < len(said) < LONGEST


def held_by(read: Callable[[], object]) -> int:
    """Return how many bytes are in use at once, at most, while something is read, beyond those before."""
    tracemalloc.start()
    try:
        with only_ours():
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def written(
    folder: Path, suffix: str, table: tuple[list[str], list[list[Any]]], delimiter: str = ","
) -> Path:
    """Return a file that holds a table as far as its format can."""
    path, (heads, rows) = folder / f"table{suffix}", table
    if suffix in (".csv", ".tsv"):
        text = io.StringIO()
        csv.writer(text, delimiter="\t" if suffix == ".tsv" else delimiter).writerows([heads, *rows])
        path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    elif suffix == ".xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in [heads, *rows]:
            with contextlib.suppress(ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
                book.active.append(
                    [one if not isinstance(one, int) or abs(one) < 2**53 else str(one) for one in row]
                )
        book.save(path)
    else:
        records = [dict(zip(heads, row, strict=False)) for row in rows]
        lines = [json.dumps(one, default=str) for one in records]
        path.write_text(
            "\n".join(lines) if suffix == ".jsonl" else f"[{','.join(lines)}]", "utf-8", "replace"
        )
    return path


SUFFIXES = st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".xlsx"])


@fuzzed
@given(tables(FACTS[:4]), SUFFIXES, OPTIONS, LAYOUT)
def test_histories(
    tmp_path: Path, table: Any, suffix: str, options: dict[str, Any], layout: dict[str, Any]
) -> None:
    path = written(tmp_path, suffix, table)
    with only_ours():
        numbers = NumberFormat(**options.pop("numbers", {}))
        assert len(read_history(path, numbers=numbers, **options, **layout)) >= 0


@fuzzed
@given(tables(FACTS[:4]), SUFFIXES, OPTIONS)
def test_sources(tmp_path: Path, table: Any, suffix: str, options: dict[str, Any]) -> None:
    path = written(tmp_path, suffix, table)
    with only_ours():
        how = TableFormat(**{**options, "numbers": NumberFormat(**options.get("numbers", {}))})
        make: Any = ExcelSource if suffix == ".xlsx" else FileSource
        assert all(len(part) for part in make(path=path, system="x", table=how).pull())


@fuzzed
@given(tables(FACTS[:4]), OPTIONS, st.sampled_from(["pandas", "polars", "pyarrow"]))
def test_frames(table: Any, options: dict[str, Any], engine: str) -> None:
    library = pytest.importorskip(engine)
    heads, rows = table
    columns = {name: [row[at] if at < len(row) else None for row in rows] for at, name in enumerate(heads)}
    make: dict[str, Callable[[], Any]] = {
        "pandas": lambda: library.DataFrame(columns),
        "polars": lambda: library.DataFrame(columns, strict=False),
        "pyarrow": lambda: library.table(columns),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = make[engine]()
    except Exception:
        return  # no frame of that engine
    with only_ours():
        numbers = NumberFormat(**options.pop("numbers", {}))
        assert len(read_history(frame, numbers=numbers, **options)) >= 0


@fuzzed
@given(tables(FACTS[:4]), OPTIONS)
def test_queries(table: Any, options: dict[str, Any]) -> None:
    heads, rows = table
    names = ", ".join('"' + name.replace('"', "").replace("\0", "") + '"' for name in heads) or "1 as x"
    cells = [[str(one) if isinstance(one, int | dt.date) else one for one in row] for row in rows]
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        try:
            made = ", ".join(f"? as {name}" for name in names.split(", "))
            width = len(heads) or 0
            selects = [f"select {made}" for _ in cells] or [f"select {made.replace('?', 'null')} where 0"]
            values = [(row + [None] * width)[:width] for row in cells]
            flat = [cell for row in values for cell in row]
            query = " union all ".join(selects)
            connection.execute(query, flat)
        except (sqlite3.Error, ValueError, UnicodeError):
            return  # no query
        with only_ours():
            numbers = NumberFormat(**options.pop("numbers", {}))
            found = read_history(connection, query, parameters=flat, numbers=numbers, **options)
            assert len(found) >= 0


@fuzzed
@given(
    tables(["id", "title", "target", "current", "unit"]),
    st.sampled_from([".csv", ".json", ".xlsx"]),
    st.fixed_dictionaries(
        {"columns": st.dictionaries(st.sampled_from(sorted(ROLES)), NAMES | HEADS, min_size=1, max_size=8)},
        optional={
            "rows": st.sampled_from(["kpi", "key_result", "objective", "observation"]),
            "constants": st.dictionaries(st.sampled_from(sorted(ROLES)), WORDS, max_size=2),
            "words": st.dictionaries(st.sampled_from(["type", "direction", "cadence"]), MAPS, max_size=2),
            "periods": st.lists(WORDS, max_size=1),
            "numbers": NUMBERS,
            "dates": st.sampled_from(["iso", "day-first", "either"]),
            "at": st.sampled_from(["2026-03-31", "yesterday"]),
            "parent_above": st.booleans(),
            "fiscal_start_month": st.integers(0, 13),
            "several": st.sampled_from(["none", "first"]),
            "values_from_progress": st.booleans(),
            "progress": st.sampled_from(["percent", "share"]),
        },
    ),
    LAYOUT,
)  # fmt: skip
def test_catalogues(
    tmp_path: Path, table: Any, suffix: str, mapping: dict[str, Any], layout: dict[str, Any]
) -> None:
    path = written(tmp_path, suffix, table)
    with only_ours():
        found = read_catalogue(path, {**mapping, **layout})
        assert all(str(problem) for problem in found.problems)
        assert len(found.history) >= 0


FORMATS = [
    "viva",
    "quantive",
    "perdoo",
    "lattice",
    "appfire",
    "peoplecues",
    "betterworks",
    "cultureamp",
    "mirro",
    "engagedly",
    "hrwize",
    "purview",
]


@fuzzed
@given(
    tables(["ID", "Title", "Type", "Owner", "Progress", "Start Date", "End Date"]),
    st.sampled_from(FORMATS),
    st.sampled_from([".csv", ".xlsx"]),
)
def test_exports_of_products(tmp_path: Path, table: Any, product: str, suffix: str) -> None:
    path = written(tmp_path, suffix, table)
    with only_ours():
        assert read_catalogue(path, format=product, at="2026-03-31") is not None


KEYS = [
    "metrics",
    "semantic_models",
    "measures",
    "name",
    "type",
    "type_params",
    "expr",
    "agg",
    "datasets",
    "fields",
]
KEY = WORDS | st.sampled_from(KEYS)
PLAIN = st.recursive(
    CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4),
    max_leaves=12,
)


@fuzzed
@given(
    st.dictionaries(st.sampled_from(["metrics", "semantic_models", "semantic_model", "version"]), PLAIN),
    st.sampled_from(["dbt", "osi"]),
    st.sampled_from([".json", ".yml"]),
)
def test_semantic_layers(tmp_path: Path, document: Any, layer: str, suffix: str) -> None:
    path = tmp_path / f"layer{suffix}"
    path.write_text(json.dumps(document, default=str), "utf-8", "replace")
    with only_ours():
        assert read_catalogue(path, format=layer) is not None


@fuzzed
@given(tables(FIELDS[:5]), SUFFIXES)
def test_journals(tmp_path: Path, table: Any, suffix: str) -> None:
    path = written(tmp_path, suffix, table)
    with only_ours():
        assert len(read_journal(path)) >= 0


@fuzzed
@given(tables(["date", "base", "quote", "rate"]), SUFFIXES)
def test_rates(tmp_path: Path, table: Any, suffix: str) -> None:
    path = written(tmp_path, suffix, table)
    with only_ours():
        assert read_rates(path) is not None


@fuzzed
@given(
    st.dictionaries(
        st.sampled_from(["okrcore", "kpis", "rates", "calendar", "cycles", "objectives", "units", "x"]), PLAIN
    ),
    st.sampled_from([".json", ".yaml", ".toml"]),
)
def test_documents(tmp_path: Path, document: Any, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_text(json.dumps({"okrcore": 1} | document, default=str), "utf-8", "replace")
    with only_ours():
        assert load(path) is not None


READERS: dict[str, Callable[[Path, dict[str, Any]], object]] = {
    "history": lambda path, options: read_history(path, **options),
    "source": lambda path, options: list(
        (ExcelSource if path.suffix == ".xlsx" else FileSource)(
            path=path, system="x", table=TableFormat(**options)
        ).pull()
    ),
    "catalogue": lambda path, options: read_catalogue(
        path, {"rows": "kpi", "columns": {"title": "measure", "current": "value"}, "at": "2026-03-31"}
    ),
    "journal": lambda path, options: read_journal(path),
    "rates": lambda path, options: read_rates(path),
}


@pytest.mark.parametrize("reader", READERS)
@settings(fuzzed, max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(table=tables(FACTS[:4]), suffix=SUFFIXES, options=OPTIONS)
def test_memory_is_in_proportion(
    tmp_path: Path, reader: str, table: Any, suffix: str, options: dict[str, Any]
) -> None:
    """A table of so many rows holds so much, whatever is in its cells and however wrong it is."""
    heads, rows = table
    path = written(tmp_path, suffix, (heads, rows * (LONG // max(len(rows), 1))))
    options["numbers"] = NumberFormat()
    assert held_by(lambda: READERS[reader](path, options)) < MOST + LONG * A_ROW


def test_keys_that_nobody_reads_are_no_columns(tmp_path: Path) -> None:
    """Each line has a key of its own: twice the lines hold twice as much, not four times."""
    path, held = tmp_path / "many.jsonl", []
    for size in (500, 1_000, 2_000):
        lines = [{"measure": "k", "at": "2026-01-05", "value": 1, f"key-{key}": key} for key in range(size)]
        path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        held.append(held_by(lambda: read_history(path)))
    assert held[2] - held[1] < 3 * (held[1] - held[0]) + 2**20


KPI = "  - {id: k%d, title: K, target: {low: %d}}\n"
METRIC = "  - {name: m%d, type: oracle, type_params: {measure: m%d}}\n"


@pytest.mark.parametrize(
    ("head", "entry", "read"),
    [("okrcore: 1\nkpis:\n", KPI, load), ("metrics:\n", METRIC, read_catalogue)],
    ids=["document", "metrics"],
)
def test_twice_the_entries_hold_twice_as_much(
    tmp_path: Path, head: str, entry: str, read: Callable[[Path], object]
) -> None:
    path, held = tmp_path / "long.yaml", []
    for size in (1, 500, 1_000, 2_000):  # what is loaded on first use is no part of it
        path.write_text(head + "".join(entry % (at, at) for at in range(size)), "utf-8")
        held.append(held_by(lambda: read(path)))
    assert held[3] - held[2] < 3 * (held[2] - held[1])


def test_a_million_wrong_cells_are_one_short_error(tmp_path: Path) -> None:
    """Errors show the first places and a count; the rest of a file costs no memory."""
    path = tmp_path / "long.csv"
    path.write_text("measure,at,value\n" + "k,never,much\n" * 200_000)
    with pytest.raises(OkrError) as caught:
        read_history(path)
    assert len(str(caught.value)) < LONGEST
