"""Pull a query over any DB-API connection as batches; sqlite, PostgreSQL and DuckDB by name."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
from attrs import field

from okrcore.adapters.chunks import query_chunks
from okrcore.adapters.regular_files import size_of
from okrcore.adapters.table_format import TableFormat
from okrcore.errors import HistoryError, MissingExtraError, OkrError
from okrcore.frozen import FrozenDict
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.sources.credentials import scrubbed
from okrcore.sources.pull_source import MOST_ROWS, Mode, check_query, pull_table
from okrcore.sources.query_limits import SECONDS, LimitedCursor, may_read
from okrcore.sources.query_parameters import MOST_MEASURES, bound, names_of


@attrs.frozen(kw_only=True)
class SqlSource:
    """A query over a DB-API connection (PEP 249), which `connect` opens anew for each pull.

    The query may ask for :since, :until and :measures (`in (:measures)`); values are given beside the text,
    never inside it. With :since the pull resumes where the last one ended, and rows have to come in order
    of time. `paramstyle` None is that of the driver's module. `cursor` makes the cursor that rows are
    fetched from; None is `connection.cursor()`.

    `secrets` are what no error may say; None: unknown, so that of an error only its type is told.

    >>> import sqlite3
    >>> def connect():
    ...     connection = sqlite3.connect(":memory:")
    ...     _ = connection.execute("create table facts (kpi, day, amount)")
    ...     _ = connection.execute("insert into facts values ('uptime', '2026-01-05', 98.5)")
    ...     return connection
    >>> query = "select kpi as measure, day as at, amount as value from facts where kpi in (:measures)"
    >>> source = SqlSource(connect=connect, query=query, system="facts")
    >>> [batch] = source.pull(["uptime"])
    >>> batch.latest("uptime", "2026-02-01").source.system
    'facts'
    """

    connect: Callable[[], Any] = field(repr=False)
    query: str
    system: str
    table: TableFormat = field(factory=TableFormat)
    mode: Mode = "pulled"
    paramstyle: str | None = None
    cursor: Callable[[Any], Any] | None = field(default=None, repr=False)
    secrets: tuple[str, ...] | None = field(default=None, repr=False)
    most_rows: int = MOST_ROWS

    @property
    def resumes(self) -> bool:
        """Whether the query asks for :since."""
        return "since" in names_of(self.query)

    @property
    def restates(self) -> bool:
        """Whether `table` names a column recorded_at."""
        return self.table.restates

    def pull(
        self,
        measures: Collection[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Iterator[History]:
        """Yield what the query gives inside the window, as `PullSource.pull` says."""
        check_query(self.system, self.query)
        connection = self._connected()
        try:
            for part in self._parts(measures):
                chunks = partial(self._asked, connection, part, since, until)
                yield from pull_table(self, chunks, measures, since, until)
        finally:
            with contextlib.suppress(Exception):
                connection.close()

    def _parts(self, measures: Collection[str] | None) -> Iterator[Sequence[str] | None]:
        if measures is None or "measures" not in names_of(self.query):
            yield None
            return
        rest = iter(dict.fromkeys(measures))
        while part := list(islice(rest, MOST_MEASURES)):
            yield part

    def _connected(self) -> Any:
        try:
            return self.connect()
        except OkrError:
            raise
        except Exception as error:  # drivers share no base class
            failed = error
        raise self._failure("cannot be connected to", failed)

    def _asked(self, connection: Any, measures: Any, since: Any, until: Any) -> Iterator[Any]:
        style = self.paramstyle or _paramstyle(connection)
        query, values = bound(self.query, style, measures, since, until)
        cursor = self.cursor
        opened = connection if cursor is None else _Cursors(lambda: cursor(connection))
        failed: BaseException
        try:
            yield from query_chunks(opened, query, values)
            return
        except HistoryError as error:
            cause = error.__cause__
            if cause is None or str(error).startswith("the query takes"):
                raise HistoryError(f"system {self.system!r}: {error}") from None
            failed = cause
        raise self._failure("failed on the query", failed)

    def _failure(self, what: str, error: BaseException) -> HistoryError:
        """Return what a driver said without what it must not say; raised outside of the handler, so alone."""
        words = "" if self.secrets is None else f": {scrubbed(error, self.secrets).strip()}"
        remedy = "; look at the query and the connection"
        return HistoryError(f"system {self.system!r} {what} ({type(error).__name__}){words}{remedy}")


@attrs.frozen
class _Cursors:
    """What gives cursors, in place of a connection."""

    cursor: Callable[[], Any]


def sqlite_source(
    path: str | os.PathLike[str],
    query: str,
    *,
    system: str,
    table: TableFormat | None = None,
    mode: Mode = "pulled",
    most_rows: int = MOST_ROWS,
    timeout: float = SECONDS,
) -> SqlSource:
    """Return the source of a query over an SQLite file, which can only read: no other file is reached.

    A query of which the next rows take more than `timeout` seconds is stopped. Raises HistoryError, when
    pulled, where there is no such file.
    """
    return SqlSource(
        connect=_SqliteFile(os.fspath(path)),
        query=query,
        system=system,
        table=table or TableFormat(),
        mode=mode,
        most_rows=most_rows,
        cursor=_LimitedBy(timeout),
        secrets=(),
    )


def postgresql_source(
    conninfo: str,
    query: str,
    *,
    system: str,
    table: TableFormat | None = None,
    mode: Mode = "pulled",
    most_rows: int = MOST_ROWS,
    connect_timeout: int = 10,
    statement_timeout: int = 600,
) -> SqlSource:
    """Return the source of a query over PostgreSQL; the session only reads, and its times are in UTC.

    `conninfo` is libpq's text or URL. Rows come through a cursor on the server, so in bounded memory; the
    timeouts are seconds. Raises MissingExtraError without psycopg, and HistoryError for a text that is
    none, without saying it.
    """
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise MissingExtraError.of("psycopg", "postgres") from None
    try:
        known = conninfo_to_dict(conninfo)
    except psycopg.Error:
        known = {}
    if not known:
        raise HistoryError(
            f"system {system!r}: the connection text is none that libpq reads; write postgresql://user@host/database"
        )
    given = known.pop("options", None)
    own_options = "-c timezone=UTC -c default_transaction_read_only=on"
    options = f"{given or ''} {own_options} -c statement_timeout={statement_timeout}s"
    parts: dict[str, Any] = {"connect_timeout": connect_timeout, **known, "options": options.strip()}
    return SqlSource(
        connect=_PostgresqlServer(FrozenDict(parts)),
        query=query,
        system=system,
        table=table or TableFormat(),
        mode=mode,
        most_rows=most_rows,
        cursor=_on_the_server,
        secrets=(str(known.get("password") or ""), conninfo),
    )


def duckdb_source(
    path: str | os.PathLike[str],
    query: str = "select * from data",
    *,
    system: str,
    table: TableFormat | None = None,
    mode: Mode = "pulled",
    most_rows: int = MOST_ROWS,
    timeout: float = SECONDS,
) -> SqlSource:
    """Return the source of a query over a Parquet, CSV or JSON file, or a folder's (`facts/*.parquet`).

    DuckDB reads the file; the query, one select, sees it as `data`. Nothing else can be reached from it: no
    other file, no network, and nothing is written. A query of which the next rows take more than `timeout`
    seconds is stopped. Raises MissingExtraError without duckdb.
    """
    try:
        import duckdb  # noqa: F401 - asked for when the source is made, not when it is pulled
    except ImportError:
        raise MissingExtraError.of("duckdb", "duckdb") from None
    name = os.fspath(path)
    kind = Path(name).suffix.lower()
    if kind not in _READERS:
        raise HistoryError(f"suffix {kind!r} of {name} is unknown; use .parquet, .csv, .tsv or .jsonl")
    return SqlSource(
        connect=_DuckdbFiles(name, system),
        query=query,
        system=system,
        table=table or TableFormat(),
        mode=mode,
        most_rows=most_rows,
        cursor=_LimitedBy(timeout, _check_select),
        secrets=(),
        paramstyle="qmark",
    )


@attrs.frozen
class _SqliteFile:
    """Opens an SQLite file for reading."""

    path: str

    def __call__(self) -> Any:
        import sqlite3

        if Path(self.path).exists():
            size_of(Path(self.path), HistoryError)
        connection = sqlite3.connect(f"{Path(self.path).resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        connection.set_authorizer(may_read)
        return connection


@attrs.frozen
class _LimitedBy:
    """Makes the cursor of a connection one that is interrupted after some seconds."""

    seconds: float
    check: Callable[[str], None] | None = None

    def __call__(self, connection: Any) -> LimitedCursor:
        cursor = connection.cursor()
        interrupt = getattr(cursor, "interrupt", None) or connection.interrupt
        if self.check is None:
            return LimitedCursor(cursor, interrupt, self.seconds)
        return LimitedCursor(cursor, interrupt, self.seconds, self.check)


@attrs.frozen
class _PostgresqlServer:
    """Opens a session on a server; the parts of the connection hold a password and are never shown."""

    parts: FrozenDict[str, Any] = field(repr=False)

    def __call__(self) -> Any:
        import psycopg

        return psycopg.connect(**self.parts)


def _on_the_server(connection: Any) -> Any:
    return connection.cursor(name="okrcore")


_READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".jsonl": "read_json"}


@attrs.frozen
class _DuckdbFiles:
    """Opens files as the view `data` of a database that reaches nothing else."""

    name: str
    system: str

    def __call__(self) -> Any:
        import duckdb

        connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
        files = [row[0] for row in connection.execute("select file from glob(?)", [self.name]).fetchall()]
        if not files:
            raise HistoryError(f"system {self.system!r}: there is no file {self.name}; check the path")
        for file in files:
            size_of(Path(file), HistoryError)
        quoted = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        reader = _READERS[Path(self.name).suffix.lower()]
        connection.execute(f"create view data as select * from {reader}([{quoted}])")  # noqa: S608
        connection.execute("set allowed_paths = ?", [files])
        connection.execute("set enable_external_access = false")
        connection.execute("set timezone = 'UTC'")
        connection.execute("set lock_configuration = true")
        return connection


def _check_select(query: str) -> None:
    """Raise HistoryError for what is not one select: DuckDB lets a copy write where it may read."""
    import duckdb

    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error:
        return  # it says so itself when it is asked
    if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
        raise HistoryError("failed on the query, which is not one select; write one")


def _paramstyle(connection: Any) -> str:
    module = sys.modules.get(type(connection).__module__.partition(".")[0])
    style = getattr(module, "paramstyle", None)
    if not isinstance(style, str):
        raise HistoryError(
            f"the driver of a {type(connection).__name__} does not say its paramstyle; give paramstyle"
        )
    return style
