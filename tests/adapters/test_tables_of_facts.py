"""The laws of tables of facts: chunks, columns, rows and files of every kind are read alike, or told."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from okrcore import HistoryError, read_catalogue, read_history, read_journal
from okrcore.adapters import chunks
from okrcore.adapters.table_format import TableFormat
from okrcore.sources.files import FileSource, FrameSource

HEAD = "measure,at,value"
TWICE = '{"measure":"k","at":"2026-01-05","value":5,"value":6}'


def written(tmp_path: Path, text: str, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def lines(*records: str) -> str:
    return "\n".join(f'{{"measure": "k", "at": "2026-01-{n:02}", {one}}}' for n, one in enumerate(records, 1))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_where_a_chunk_ends_changes_nothing(tmp_path: Path, monkeypatch: Any, size: int) -> None:
    """A column that some records name is blank in the others; one that none names is missing."""
    monkeypatch.setattr(chunks, "CHUNK", size)
    path = written(
        tmp_path, lines('"value": 1, "u": "EUR"', '"value": 2', '"value": 3', '"value": 4'), "a.jsonl"
    )
    found = read_history(path, columns={"unit": "u"})
    assert [(one.value, one.unit) for one in found] == [(1, "EUR"), (2, ""), (3, ""), (4, "")]
    with pytest.raises(HistoryError, match=r"columns \['v'\] are missing"):
        read_history(path, columns={"unit": "v"})
    source = FileSource(path=path, system="s", table=TableFormat(columns={"unit": "u"}))
    assert sum(len(batch) for batch in source.pull()) == 4


def test_keys_that_nobody_reads_cost_nothing(tmp_path: Path) -> None:
    text = lines(*(f'"value": {n}, "k{n}": 1' for n in range(1, 28)))
    rows = [f'{{"measure":"m{n}","at":"2026-01-05","value":1,"k{n}":1}}' for n in range(20_000)]
    assert len(read_history(written(tmp_path, "\n".join(rows), "a.jsonl"))) == 20_000
    assert len(read_history(written(tmp_path, text, "a.jsonl"))) == 27
    with pytest.raises(HistoryError, match="no fields of an entry"):
        read_journal(written(tmp_path, "\n".join(rows), "j.jsonl"))


def read_query(query: str) -> Any:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        return read_history(connection, query)


@pytest.mark.parametrize(
    "read",
    [
        lambda tmp: read_history(written(tmp, TWICE, "a.jsonl")),
        lambda tmp: read_history(written(tmp, f"[{TWICE}]", "a.json")),
        lambda tmp: read_history(written(tmp, f"{HEAD},value\nk,2026-01-05,5,6\n")),
        lambda tmp: read_query("select 1 as measure, 2 as at, 5 as value, 6 as value"),
    ],
)
def test_of_two_columns_of_one_name_none_wins(tmp_path: Path, read: Any) -> None:
    with pytest.raises(HistoryError, match=r"two columns|twice|repeated"):
        read(tmp_path)


def test_frames_of_every_kind_are_read_or_refused_as_ours(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    polars = pytest.importorskip("polars", reason="polars is not installed")
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    rows = {"measure": ["a"], "at": ["2026-01-05"], "value": [1.0]}
    for frame in (
        pandas.DataFrame(rows),
        polars.DataFrame(rows),
        polars.LazyFrame(rows),
        polars.DataFrame(rows).to_arrow(),
    ):
        assert [one.value for one in read_history(frame)] == [1.0]
        assert [one.value for batch in FrameSource(frame=frame, system="x").pull() for one in batch] == [1.0]
    twice = pandas.DataFrame([["a", "2026-01-05", 1, 2]], columns=["measure", "at", "value", "value"])
    nat = pandas.DataFrame(
        {
            "measure": ["a", "b"],
            "at": pandas.to_datetime(["2026-01-05", None]).tz_localize("UTC"),
            "value": [1.0, 2.0],
        }
    )
    for frame, why in ((twice, "two columns"), (nat, "row 2|^2")):
        with pytest.raises(HistoryError, match=why):
            read_history(frame)
        with pytest.raises(HistoryError, match=why):
            list(FrameSource(frame=frame, system="x").pull())


def test_times_of_frames_without_a_zone_are_refused() -> None:
    """A4: midnight in which zone, nobody said."""
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    polars = pytest.importorskip("polars", reason="polars is not installed")
    times = pandas.to_datetime(["2026-01-01", "2026-04-01"])
    frame = pandas.DataFrame({"measure": "k", "at": times, "value": [10.0, 1000.0]})
    for one in (frame, polars.from_pandas(frame)):
        with pytest.raises(HistoryError, match=r"no timezone.*days"):
            read_history(one)
        assert [str(seen.at) for seen in read_history(one, days=True)] == ["2026-01-01", "2026-04-01"]
        assert (
            str(read_history(one, timezone="Europe/Berlin").latest("k", "2026-05-01").at)
            == "2026-03-31 22:00:00+00:00"
        )


def test_one_set_of_options_for_files_queries_and_frames(tmp_path: Path) -> None:
    text = "Tag;Verf.;Pakete\n05.01.2026;98,5 %;1.000\n"
    options: dict[str, Any] = {
        "columns": {"at": "Tag"},
        "wide": {"Verf.": "uptime", "Pakete": "parcels"},
        "dates": "day-first",
        "units": {"uptime": "%"},
        "numbers": {"decimal": ",", "thousands": "."},
    }
    from okrcore.adapters.number_cells import NumberFormat

    options["numbers"] = NumberFormat(**options["numbers"])
    found = read_history(written(tmp_path, text), delimiter=";", **options)
    assert [(one.measure, one.value, one.unit) for one in found] == [
        ("uptime", 98.5, "%"),
        ("parcels", 1000.0, ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD},note\nk,2026-01-05,5,x\nk,2026-01-12,6\n",
        f"{HEAD},\nk,2026-01-05,5\nk,2026-01-12,6,\n",
        f"{HEAD}\nk,2026-01-05,5,\nk,2026-01-12,6\n",
        "sep=;\nmeasure;at;value\nk;2026-01-05;5\nk;2026-01-12;6\n",
        "measure, at, value\nk , 2026-01-05, 5\nk, 2026-01-12, 6\n",
    ],
)
def test_what_leaves_no_doubt_is_read(tmp_path: Path, text: str) -> None:
    assert [(one.measure, one.value) for one in read_history(written(tmp_path, text))] == [("k", 5), ("k", 6)]


def test_a_row_that_leaves_out_what_is_read_is_refused_unless_blank_is_meant(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD},unit\nk,2026-01-05,5\n")
    with pytest.raises(HistoryError, match="short_rows") as caught:
        read_history(path)
    assert caught.value.problems[0].line == 2
    assert len(read_history(path, short_rows="blank")) == 1
    with pytest.raises(HistoryError, match="4 cells"):
        read_history(written(tmp_path, f"{HEAD}\nk,2026-01-05,5,6\n"))


def test_an_error_shows_the_first_twenty_places_and_a_count(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "\n" + "k,2026-01-05,many\n" * 500)
    with pytest.raises(HistoryError) as caught:
        read_history(path)
    assert [one.line for one in caught.value.problems[:20]] == list(range(2, 22))
    assert str(caught.value.problems[-1]) == "and 480 more of this kind; mend these first"
    assert len(str(caught.value)) < 5_000


def test_two_values_of_one_moment_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"two values: 5\.0 and 6\.0, the first in line 2") as caught:
        read_history(written(tmp_path, f"{HEAD}\na,2026-01-05,5\nb,2026-01-05,5\na,2026-01-05,6\n"))
    assert caught.value.problems[0].line == 4


def test_a_missing_column_names_the_delimiter_that_may_be_meant(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="';': name it as delimiter"):
        read_history(written(tmp_path, "measure;at;value\nk;2026-01-05;5\n"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json", "xlsx", "tsv"])
def test_a_pipe_or_a_device_is_not_opened(tmp_path: Path, suffix: str) -> None:
    if suffix == "xlsx":
        pytest.importorskip("openpyxl")
    pipe, device = tmp_path / f"p.{suffix}", tmp_path / f"d.{suffix}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        for read in (read_history, read_journal, lambda one: list(FileSource(path=one, system="s").pull())):
            with pytest.raises(HistoryError, match="pipe or a device"):
                read(path)
        if suffix != "jsonl":
            with pytest.raises(ValueError, match="pipe or a device"):
                read_catalogue(path, {"columns": {"title": "KPI"}})
