"""Adapt to each dataframe engine: times as whole numbers, and a small table of requests beside a frame."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY
from okrcore.errors import HistoryError

ENGINES = ("pandas", "polars", "pyarrow", "duckdb", "dask", "pyspark")
"""The engines that the behaviour tests run on."""

Frame = Any
"""A lazy frame of Narwhals."""
EngineTable = Mapping[str, NDArray[Any]]


def engine_of(frame: Frame) -> str:
    """Return the name of a frame's engine; raises HistoryError for one that is not among `ENGINES`."""
    name = frame.implementation.name.lower()
    if name in ENGINES:
        return str(name)
    raise HistoryError(f"the frame is on {name}; histories are read on {', '.join(ENGINES)}")


def with_microseconds(frame: Frame, column: str, *, days: bool) -> Frame:
    """Return `frame` with `column` as microseconds since 1970-01-01 UTC: aware instants, or ends of days."""
    native = frame.to_native()
    match engine_of(frame):
        case "duckdb":
            ends = f"(date_diff('day', date '1970-01-01', \"{column}\") + 1) * {DAY} - 1"
            text = ends if days else f'epoch_us("{column}")'
            return nw.from_native(native.project(f'* replace ({text} as "{column}")'))
        case "pyspark":
            from pyspark.sql import functions

            clock = f"hour(`{column}`) * 3600 + minute(`{column}`) * 60 + extract(second from `{column}`)"
            since = f"unix_date(cast(`{column}` as date)) * {DAY} + cast(({clock}) * 1000000 as bigint)"
            naive = dict(native.dtypes)[column] == "timestamp_ntz"  # unix_micros takes the session's zone
            instants = since if naive else f"unix_micros(`{column}`)"
            text = f"(unix_date(`{column}`) + 1) * {DAY} - 1" if days else instants
            return nw.from_native(native.withColumn(column, functions.expr(text)))
        case _:
            moment = nw.col(column).cast(nw.Datetime("us")) if days else nw.col(column)
            whole = moment.dt.timestamp("us").fill_null(0).cast(nw.Int64) + (DAY - 1 if days else 0)
            return frame.with_columns(whole.alias(column))


def beside(frame: Frame, table: EngineTable) -> Frame:
    """Return `table` as a frame on the engine of `frame`, ready to be joined with it."""
    return nw.from_native(_TABLES[engine_of(frame)](frame.to_native(), table)).lazy()


def _pandas(native: Any, table: EngineTable) -> Any:
    import pandas

    return pandas.DataFrame(dict(table))


def _polars(native: Any, table: EngineTable) -> Any:
    import polars

    return polars.DataFrame({name: _plain(column) for name, column in table.items()})


def _pyarrow(native: Any, table: EngineTable) -> Any:
    import pyarrow

    return pyarrow.table({name: _plain(column) for name, column in table.items()})


def _duckdb(native: Any, table: EngineTable) -> Any:
    requests = _pyarrow(native, table)
    return native.query("unused", "select * from requests") if requests else None  # read by its name


def _dask(native: Any, table: EngineTable) -> Any:
    from_pandas: Any = importlib.import_module("dask.dataframe").from_pandas
    kinds = {name: native.dtypes[name] for name in table if name in native.columns}
    return from_pandas(_pandas(native, table).astype(kinds), npartitions=1)


def _pyspark(native: Any, table: EngineTable) -> Any:
    rows = list(zip(*(column.tolist() for column in table.values()), strict=True))
    kinds = ", ".join(
        f"{name} {'string' if column.dtype == object else 'bigint'}" for name, column in table.items()
    )
    return native.sparkSession.createDataFrame(rows, kinds)


def _plain(column: NDArray[Any]) -> Any:
    return column.tolist() if column.dtype == object else column


_TABLES: Mapping[str, Callable[[Any, EngineTable], Any]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
    "dask": _dask,
    "pyspark": _pyspark,
}


def fetch(frame: Frame) -> dict[str, NDArray[Any]]:
    """Return the rows of a frame as columns in memory: the one place where rows leave their engine."""
    rows = frame.collect()
    return {name: _array(rows[name]) for name in rows.columns}


def _array(series: Any) -> NDArray[Any]:
    if series.dtype == nw.String:
        return np.array(series.to_list(), dtype=object)
    return np.asarray(series.to_numpy(), dtype=np.float64 if series.dtype.is_float() else np.int64)
