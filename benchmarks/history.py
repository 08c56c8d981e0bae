"""Latest-known values, appends and the ledger, against engines that do the same; prints one line a figure.

    python benchmarks/history.py [--rows 10000000] [--measures 100000]

Engines that are not installed are left out with a line that says so. Each engine holds the same rows in
memory, in the shape it likes, before its clock starts; what building that shape costs is shown as "load".
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.ledger.ledger import Ledger, verify_ledger

Answer = Callable[[], NDArray[np.float64]]
FIRST_DAY = np.datetime64("2024-01-01")
DAY = 86_400_000_000


def main(arguments: list[str]) -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--measures", type=int, default=100_000)
    options = parser.parse_args(arguments)
    steps = options.rows // options.measures
    names = np.array([f"measure-{n:06d}" for n in range(options.measures)], dtype=object)
    code = np.tile(np.arange(options.measures), steps)
    day = np.repeat(FIRST_DAY + np.arange(steps) * 7, options.measures)
    value = np.random.default_rng(0).normal(size=len(code))
    print(f"{len(code):,} observations of {options.measures:,} measures, each observed {steps} times")
    history = in_memory(names, code, day, value)
    engines(history, names, code, day, value, FIRST_DAY + 7 * (steps * 3 // 4))
    appending(history)
    on_disk(history.as_known(FIRST_DAY + 7 * max(steps // 5, 1)))


def in_memory(names: NDArray[Any], code: NDArray[Any], day: NDArray[Any], value: NDArray[Any]) -> History:
    """Build the history; print what it costs and keeps."""
    tracemalloc.start()
    history = History.of_columns(names[code], day, value, unit="lane", system="erp")
    kept = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    seconds = least(lambda: History.of_columns(names[code], day, value, unit="lane", system="erp"), 1)
    show("History.of_columns", seconds, f"keeps {kept:.0f} MB, {kept * 1e6 / len(code):.1f} bytes a row")
    return history


def engines(
    history: History,
    names: NDArray[Any],
    code: NDArray[Any],
    day: NDArray[Any],
    value: NDArray[Any],
    end: np.datetime64,
) -> None:
    """Ask every engine for the latest value of each measure at `end`; all must agree."""
    number = int(end.astype("datetime64[D]").astype(int))
    codes = history.codes(names.tolist())
    ours = partial(latest, history, codes, number)
    expected = ours()
    base = least(ours)
    show("latest-known, History", base)
    show("latest-known as known then", least(partial(latest, history, codes, number, (number + 1) * DAY)))
    for name, build in (("pandas", pandas), ("polars", polars), ("duckdb", duckdb)):
        if importlib.util.find_spec(name) is None:
            print(f"{name}: not installed, left out")
            continue
        answers, load = timed(partial(build, len(names), code, day, value, end))
        show(f"{name} load", load)
        for method, answer in answers.items():
            np.testing.assert_array_equal(answer(), expected)
            seconds = least(answer)
            show(f"latest-known, {name} {method}", seconds, f"{seconds / base:.1f} times History")


def latest(
    history: History, codes: NDArray[np.int32], day: int, known_at: int | None = None
) -> NDArray[np.float64]:
    """Return the latest value of every measure."""
    return history.take(history.latest_rows(codes, day, (day + 1) * DAY - 1, known_at)).value


def pandas(
    size: int, code: NDArray[Any], day: NDArray[Any], value: NDArray[Any], end: np.datetime64
) -> dict[str, Answer]:
    """Return pandas' ways, over rows sorted by date."""
    import pandas as pd

    frame = pd.DataFrame({"measure": code, "at": day.astype("datetime64[s]"), "value": value}).sort_values(
        "at"
    )
    asked = pd.DataFrame({"measure": np.arange(size), "at": np.full(size, end).astype("datetime64[s]")})
    return {
        "merge_asof": lambda: pd.merge_asof(asked, frame, on="at", by="measure")["value"].to_numpy(),
        "group-by": lambda: frame[frame["at"] <= end].groupby("measure")["value"].last().to_numpy(),
    }


def polars(
    size: int, code: NDArray[Any], day: NDArray[Any], value: NDArray[Any], end: np.datetime64
) -> dict[str, Answer]:
    """Return Polars' ways, over rows sorted by measure and date."""
    import polars as pl

    frame = pl.DataFrame({"measure": code, "at": day, "value": value}).sort("measure", "at")
    asked = pl.DataFrame({"measure": np.arange(size), "at": np.full(size, end)}).sort("measure", "at")
    return {
        "join_asof": lambda: asked.join_asof(frame, on="at", by="measure", check_sortedness=False)[
            "value"
        ].to_numpy(),
        "group-by": lambda: (
            frame.lazy()
            .filter(pl.col("at") <= end)
            .group_by("measure")
            .agg(pl.col("value").sort_by("at").last())
            .sort("measure")
            .collect()["value"]
            .to_numpy()
        ),
    }


def duckdb(
    size: int, code: NDArray[Any], day: NDArray[Any], value: NDArray[Any], end: np.datetime64
) -> dict[str, Answer]:
    """Return DuckDB's ways, over its own tables in memory."""
    import duckdb as db

    rows = {"measure": code, "moment": day.astype("datetime64[s]"), "value": value}
    wanted = {"measure": np.arange(size), "moment": np.full(size, end).astype("datetime64[s]")}
    connection = db.connect()
    for name, table in (("facts", rows), ("asked", wanted)):
        connection.register("source", table)
        connection.execute(f"create table {name} as select * from source order by measure, moment")
        connection.unregister("source")
    asof = "select value from asked asof join facts using (measure, moment) order by measure"
    group = (
        f"select measure, arg_max(value, moment) v from facts where moment <= '{end}' group by 1 order by 1"
    )
    return {
        "ASOF JOIN": lambda: connection.execute(asof).fetchnumpy()["value"],
        "group-by": lambda: connection.execute(group).fetchnumpy()["v"],
    }


def appending(history: History) -> None:
    """Print what one more observation costs."""
    grown = history
    times = []
    for n in range(500):
        one = [
            Observation(
                "measure-000001", "2040-01-01", n, recorded_at=f"2040-01-02T00:{n // 60:02d}:{n % 60:02d}Z"
            )
        ]
        grown, seconds = timed(partial(grown.append, one))
        times.append(seconds)
    show("append one to the history, median", float(np.median(times)), f"longest {max(times) * 1e3:.2f} ms")


def on_disk(history: History) -> None:
    """Print the speed of writing, opening and verifying a ledger beside SHA-256 and Parquet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        ledger = Ledger.open(path)
        _, seconds = timed(partial(ledger.append, history))
        size = path.stat().st_size / 1e6
        print(f"ledger: {len(history):,} rows, {size:.0f} MB, {size * 1e6 / len(history):.1f} bytes each")
        show("ledger write", seconds, f"{size / seconds:.0f} MB/s")
        times = [
            timed(
                partial(
                    ledger.append,
                    [
                        Observation(
                            "measure-000001",
                            "2040-01-01",
                            n,
                            by=str(n),
                            recorded_at=f"2040-01-02T00:00:{n:02d}Z",
                        )
                    ],
                )
            )[1]
            for n in range(60)
        ]
        show("ledger append of one, durable, median", float(np.median(times)))
        ledger.close()
        seconds = least(lambda: Ledger.open(path).close())
        show("ledger open", seconds, f"{size / seconds:.0f} MB/s")
        seconds = least(partial(verify_ledger, path))
        show("ledger verify", seconds, f"{size / seconds:.0f} MB/s")
        content = path.read_bytes()
        seconds = least(lambda: hashlib.sha256(content).digest())
        show("SHA-256 alone", seconds, f"{size / seconds:.0f} MB/s")
        if importlib.util.find_spec("pyarrow") is None:
            print("pyarrow: not installed, left out")
            return
        parquet(history, Path(folder) / "plain.parquet", size)


def parquet(history: History, path: Path, size: float) -> None:
    """Print the speed of plain Parquet for the same columns, in MB of the ledger."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    batch = history.batch()
    records = batch.records
    table = pa.table(
        {
            "measure": pa.DictionaryArray.from_arrays(pa.array(records.code), pa.array(batch.measures)),
            "context": records.context,
            "day": pa.array(records.day),
            "time": records.time,
            "value": records.value,
            "recorded": records.recorded,
        }
    )
    seconds = least(lambda: pq.write_table(table, path))
    show(
        "Parquet write",
        seconds,
        f"{size / seconds:.0f} MB/s of the ledger's size, {path.stat().st_size / 1e6:.0f} MB",
    )
    seconds = least(lambda: pq.read_table(path))
    show("Parquet read", seconds, f"{size / seconds:.0f} MB/s of the ledger's size")


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `work` returns and its seconds."""
    begin = time.perf_counter()
    return work(), time.perf_counter() - begin


def least(work: Callable[[], Any], runs: int = 3) -> float:
    """Return the least seconds of several runs."""
    return min(timed(work)[1] for _ in range(runs))


def show(what: str, seconds: float, note: str = "") -> None:
    """Print one figure."""
    print(f"{what:<44}{seconds * 1e3:>12.2f} ms   {note}".rstrip(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
