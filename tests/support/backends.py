"""The same observations on every backend: in columns, and as a frame of each engine."""

from __future__ import annotations

import datetime as dt
import functools
import importlib.util
import shutil
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from okrcore import History, Observation
from okrcore.history.backends import AnyHistory

Columns = Mapping[str, list[Any]]


def columns_of(observations: Iterable[Observation], text: bool = True) -> Columns:
    """Columns of a frame; `at` as ISO text, or as dates where all of them are."""
    rows = list(observations)
    modes = [one.source.mode if one.source else None for one in rows]
    return {
        "measure": [one.measure for one in rows],
        "at": [one.at.isoformat() if text else one.at for one in rows],
        "value": [one.value for one in rows],
        "unit": [one.unit or None for one in rows],
        "recorded_at": [one.recorded_at for one in rows],
        "system": [one.source.system if one.source else None for one in rows],
        "mode": modes,
        "by": [one.by or None for one in rows],
    }


def _arrow(columns: Columns) -> Any:
    import pyarrow as pa

    kinds = {"recorded_at": pa.timestamp("us", "UTC"), "value": pa.float64()}
    texts = ("measure", "unit", "system", "mode", "by")

    def kind(name: str, values: list[Any]) -> Any:
        if name in kinds and not any(isinstance(value, str) for value in values):
            return kinds[name]
        if name in texts or not values or any(isinstance(value, str) for value in values):
            return pa.string()
        return None

    return pa.table({name: pa.array(values, kind(name, values)) for name, values in columns.items()})


def _pandas(columns: Columns) -> Any:
    import pandas as pd

    return _arrow(columns).to_pandas(types_mapper=pd.ArrowDtype)


def _polars(columns: Columns) -> Any:
    import polars as pl

    return pl.from_arrow(_arrow(columns))


def _polars_lazy(columns: Columns) -> Any:
    return _polars(columns).lazy()


def _duckdb(columns: Columns) -> Any:
    observed = _arrow(columns)
    return duckdb_connection().sql("select * from observed") if len(observed) >= 0 else None


@functools.cache
def duckdb_connection() -> Any:
    """The connection of all frames on DuckDB; before 1.5 a relation outlives no connection."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set timezone = 'America/New_York'")
    return connection


def _dask(columns: Columns) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(_pandas(columns), npartitions=2)


def _pyspark(columns: Columns) -> Any:
    observed = _arrow(columns)
    names = {"string": "string", "double": "double", "date32[day]": "date", "timestamp[us]": "timestamp_ntz"}
    kinds = [f"{field.name} {names.get(str(field.type), 'timestamp')}" for field in observed.schema]
    rows = [tuple(row.values()) for row in observed.to_pylist()]
    return spark().createDataFrame(rows, ", ".join(kinds))


@functools.cache
def spark() -> Any:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.session.timeZone": "America/New_York",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[1]").appName("okrcore tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


FRAMES: Mapping[str, Callable[[Columns], Any]] = {
    "pandas": _pandas,
    "polars": _polars,
    "polars lazy": _polars_lazy,
    "pyarrow": _arrow,
    "duckdb": _duckdb,
    "dask": _dask,
    "pyspark": _pyspark,
}
"""Every engine by name; how-to/keep-the-rows-where-they-are.md lists them."""


def missing(engine: str) -> str:
    """Why an engine cannot run here, or nothing."""
    for package in ("narwhals", "pyarrow", engine.split()[0], *(["pandas"] if engine == "dask" else [])):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed"
    if engine == "pyspark" and shutil.which("java") is None:
        return "Spark needs Java, which is not installed"
    return ""


def frame(engine: str, observations: Iterable[Observation], text: bool = True) -> Any:
    """The observations as a frame of an engine; skips the test where it cannot run."""
    return of_columns(engine, columns_of(observations, text))


def of_columns(engine: str, columns: Columns) -> Any:
    """Columns as a frame of an engine; skips the test where it cannot run."""
    if reason := missing(engine):
        pytest.skip(reason)
    return FRAMES[engine](columns)


def on(
    backend: str, observations: Iterable[Observation], text: bool = True, days: bool = False
) -> AnyHistory:
    """The observations as a history on a backend: "columns" or an engine.

    With `days` their days are written as midnights without a zone, and read as days again.
    """
    if backend == "columns" and not days:
        return History.of(observations)
    columns = dict(columns_of(observations, text and not days))
    if days:
        midnights = [dt.datetime.combine(at, dt.time()) for at in columns["at"]]
        columns["at"] = [at.isoformat() for at in midnights] if text else midnights
    if backend == "columns":
        return History.of_columns(
            **{name: _texts(name, column) for name, column in columns.items()}, days=True
        )
    return History.of_frame(of_columns(backend, columns), days=days)


def _texts(name: str, column: list[Any]) -> list[Any]:
    """A column as `History.of_columns` takes it: no text is the empty one."""
    return [value or "" for value in column] if name in ("unit", "system", "mode", "by") else column
