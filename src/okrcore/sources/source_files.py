"""Read sources from a file that declares them: secrets are named there, and read from elsewhere."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import attrs
from attrs import field

from okrcore.adapters.catalogue.mapping import load_as
from okrcore.adapters.date_cells import DateOrder
from okrcore.adapters.number_cells import NumberFormat
from okrcore.adapters.regular_files import read_at_most
from okrcore.adapters.table_format import TableFormat
from okrcore.errors import DocumentError, HistoryError, OkrError, Problem
from okrcore.frozen import frozen_mapping
from okrcore.sources.credentials import holds_credential
from okrcore.sources.excel import ExcelSource
from okrcore.sources.files import FileSource
from okrcore.sources.prometheus import PrometheusSource
from okrcore.sources.pull_source import Mode, PullSource
from okrcore.sources.sql import duckdb_source, postgresql_source, sqlite_source

SourceKind = Literal["file", "excel", "sqlite", "postgresql", "duckdb", "prometheus"]
TABLE = tuple(one.name for one in attrs.fields(TableFormat))
KEYS: Mapping[str, tuple[str, ...]] = {
    "file": ("path", "delimiter", "encoding", "heading", "short_rows", *TABLE),
    "excel": ("path", "sheet", "heading", "merged", *TABLE),
    "sqlite": ("path", "query", *TABLE),
    "postgresql": ("connection", "query", *TABLE),
    "duckdb": ("path", "query", *TABLE),
    "prometheus": ("url", "token", "query", "step", "measure", "label", "unit", "percent", "infinite"),
}
"""Which keys each kind takes, beside those of all; connection, url and token also as _env and _file."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "file": ("path",),
    "excel": ("path",),
    "sqlite": ("path", "query"),
    "postgresql": ("connection", "query"),
    "duckdb": ("path",),
    "prometheus": ("url", "query", "step"),
}
ALL = ("kind", "system", "mode", "measures", "begin", "overlap_days", "most_rows")
LONGEST_SECRET = 100_000
SECRET = ("connection", "url", "token")


@attrs.frozen(kw_only=True)
class DeclaredSource:
    """One source as a file declares it: the keys of all kinds, those not given being None."""

    kind: SourceKind
    system: str
    mode: Mode = "pulled"
    measures: tuple[str, ...] | None = None
    begin: dt.date | None = None
    overlap_days: int = 0
    most_rows: int | None = None
    path: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    heading: int | str | None = None
    merged: Literal["first", "fill"] | None = None
    short_rows: Literal["refuse", "blank"] | None = None
    query: str | None = None
    connection: str | None = field(default=None, repr=False)
    connection_env: str | None = None
    connection_file: str | None = None
    url: str | None = field(default=None, repr=False)
    url_env: str | None = None
    url_file: str | None = None
    token_env: str | None = None
    token_file: str | None = None
    step: int | None = None
    measure: str | None = None
    label: str | None = None
    unit: str | None = None
    infinite: Literal["refuse", "unknown"] | None = None
    percent: Literal["fraction", "number"] | None = None
    columns: Mapping[str, str] | None = field(default=None, converter=frozen_mapping)
    constants: Mapping[str, str] | None = field(default=None, converter=frozen_mapping)
    wide: Mapping[str, str] | None = field(default=None, converter=frozen_mapping)
    periods: tuple[str, ...] | None = None
    units: Mapping[str, str] | None = field(default=None, converter=frozen_mapping)
    numbers: NumberFormat | None = None
    dates: DateOrder | None = None
    timezone: str | None = None
    days: bool | None = None


@attrs.frozen(kw_only=True)
class Entries:
    """The sources that a file declares."""

    sources: tuple[DeclaredSource, ...]


@attrs.frozen(kw_only=True)
class Planned:
    """A source, and how it is pulled: arguments of `pull_into`."""

    source: PullSource
    measures: tuple[str, ...] | None = None
    begin: dt.date | None = None
    overlap: dt.timedelta = dt.timedelta(0)


def load_sources(path: str | os.PathLike[str], environment: Mapping[str, str]) -> tuple[Planned, ...]:
    """Return the sources that a TOML (or YAML, or JSON) file declares.

    Paths are relative to the file. What is secret stands in `environment` (connection_env names the
    variable) or in a file (connection_file), never here. Raises DocumentError with file and line for what
    cannot be read, HistoryError with every fault of the sources, and MissingExtraError.
    """
    entries = load_as(Entries, path, "a list of sources").sources
    folder = Path(path).parent
    planned, problems = [], []
    if not entries:
        problems.append(Problem("there are no sources; add one under sources", kind=HistoryError))
    for place, entry in enumerate(entries):
        try:
            planned.append(_planned(entry, folder, environment))
        except OkrError as error:
            where = f"sources[{place}]"
            problems += [attrs.evolve(one, path=where, file=str(path), line=None) for one in error.problems]
    if problems:
        kinds = {one.kind or HistoryError for one in problems}
        raise (kinds.pop() if len(kinds) == 1 else HistoryError)(problems)
    return tuple(planned)


def _planned(entry: DeclaredSource, folder: Path, environment: Mapping[str, str]) -> Planned:
    given = {
        one.name: value
        for one in attrs.fields(DeclaredSource)
        if one.name not in ALL and (value := getattr(entry, one.name)) is not None
    }
    named = {name: _stem(name) for name in given}
    wrong = [name for name, stem in named.items() if stem not in KEYS[entry.kind]]
    missing = [name for name in NEEDED[entry.kind] if name not in named.values()]
    faults = [f"{name} is no key of kind {entry.kind}; leave it out" for name in wrong]
    faults += [f"{name} is missing; add it" for name in missing]
    faults += [
        f"{name} holds a credential; put it in a variable or a file, and name that in {name}_env"
        f" or {name}_file"
        for name in SECRET
        if name in given and holds_credential(given[name])
    ]
    if entry.overlap_days < 0 or entry.overlap_days > 36_525:
        faults.append("overlap_days is out of range; give 0 to 36525")
    if faults:
        raise HistoryError([Problem(fault, kind=HistoryError) for fault in faults])
    own = {name: value for name, value in given.items() if name == named[name] and name not in TABLE}
    own |= {
        stem: _secret(name, given[name], folder, environment) for name, stem in named.items() if name != stem
    }
    if "path" in own:
        own["path"] = os.fspath(folder / own["path"])
    table = {name: value for name, value in given.items() if name in TABLE}
    if entry.kind == "prometheus":
        own |= table
    else:
        own["table"] = TableFormat(**table)
    if entry.most_rows is not None:
        own["most_rows"] = entry.most_rows
    if entry.kind == "postgresql":
        own["conninfo"] = own.pop("connection")
    source = _MAKERS[entry.kind](**own, system=entry.system, mode=entry.mode)
    return Planned(
        source=source,
        measures=entry.measures,
        begin=entry.begin,
        overlap=dt.timedelta(days=entry.overlap_days),
    )


def _stem(name: str) -> str:
    stem = name.removesuffix("_env").removesuffix("_file")
    return stem if stem in SECRET else name


def _secret(name: str, value: str, folder: Path, environment: Mapping[str, str]) -> str:
    if name.endswith("_env"):
        if not (found := environment.get(value, "").strip()):
            raise HistoryError(f"{name}: the environment has no {value}; set it")
        return found
    try:
        text = read_at_most(folder / value, LONGEST_SECRET, "write it there alone").decode("utf-8").strip()
    except (DocumentError, ValueError):
        raise HistoryError(f"{name}: {value} cannot be read; check the path") from None
    if not text:
        raise HistoryError(f"{name}: {value} is empty; write it there")
    return text


_MAKERS: Mapping[str, Callable[..., PullSource]] = {
    "file": FileSource,
    "excel": ExcelSource,
    "sqlite": sqlite_source,
    "postgresql": postgresql_source,
    "duckdb": duckdb_source,
    "prometheus": PrometheusSource,
}
