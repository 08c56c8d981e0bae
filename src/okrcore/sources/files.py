"""Files of rows, and dataframes, into batches of observations; they are read whole at each pull."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import field

from okrcore.adapters.chunks import CHUNK, Chunk, frame_chunk, read_chunks
from okrcore.errors import HistoryError, MissingExtraError, Problem
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.sources.pull_source import MOST_ROWS, Mode, Stamp, batches
from okrcore.sources.table_format import TableFormat

MOST_BYTES = 10_000_000_000


@attrs.frozen(kw_only=True)
class FileSource:
    """A file of rows: CSV or TSV, or JSON lines (.jsonl, .ndjson); read in bounded memory.

    The file's name is the `query` that is stamped. Raises HistoryError for a file that cannot be read, has
    more bytes than `most_bytes`, or more rows than `most_rows`.

    >>> FileSource(path="exports/kpis.csv", system="sheet", mode="manual").query
    'kpis.csv'
    """

    path: str | os.PathLike[str]
    system: str
    table: TableFormat = field(factory=TableFormat)
    mode: Mode = "pulled"
    delimiter: str | None = None
    encoding: str | None = None
    most_bytes: int = MOST_BYTES
    most_rows: int = MOST_ROWS

    @property
    def query(self) -> str:
        """The file's name, without its folder."""
        return Path(self.path).name

    @property
    def resumes(self) -> bool:
        """False: a file has no order that could be relied on."""
        return False

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
        """Yield what the file has inside the window, as `PullSource.pull` says."""
        path, stamp = Path(self.path), Stamp(system=self.system, query=self.query, mode=self.mode)
        check_bytes(path, self.most_bytes)
        chunks = read_chunks(path, self.delimiter, self.encoding)
        yield from batches(chunks, stamp, self.table, self.most_rows, measures, since, until)


@attrs.frozen(kw_only=True, eq=False)
class FrameSource:
    """A dataframe of any library that Narwhals knows (pandas, Polars, PyArrow, Dask ...), taken by slices.

    `query` says where the frame comes from, for those who read it later. Of a lazy frame only the columns
    and rows asked for are collected. Without Narwhals pandas and Polars do. Times without a time zone are
    refused, unless `table` says what they mean.
    """

    frame: Any = field(repr=False)
    system: str
    query: str = ""
    table: TableFormat = field(factory=TableFormat)
    mode: Mode = "pulled"
    most_rows: int = MOST_ROWS

    @property
    def resumes(self) -> bool:
        """False: a frame has no order that could be relied on."""
        return False

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
        """Yield what the frame has inside the window, as `PullSource.pull` says."""
        stamp = Stamp(system=self.system, query=self.query, mode=self.mode)
        column = None if self.table.wide else self.table.columns.get("measure", "measure")
        size, names, rows = _sliced(self.frame, column, measures, self.most_rows)
        starts = range(0, size, CHUNK) if size else (0,)
        chunks = (
            Chunk(None, range(start + 1, min(start + CHUNK, size) + 1), dict(rows(names, start)))
            for start in starts
        )
        yield from batches(chunks, stamp, self.table, self.most_rows, measures, since, until)


FileRows = Callable[[Sequence[str], int], Iterator[tuple[str, list[Any]]]]


def _sliced(
    frame: Any, column: str | None, measures: Collection[str] | None, most: int
) -> tuple[int, Sequence[str], FileRows]:
    """Return how many rows a frame has, its columns, and what takes a slice of them as lists."""
    try:
        import narwhals
    except ImportError:
        if not (hasattr(frame, "columns") and hasattr(frame, "__len__")):
            raise MissingExtraError.of("narwhals", "frames") from None
        chunk = frame_chunk(frame)
        whole: Any = chunk.values

        def plain(names: Sequence[str], start: int) -> Iterator[tuple[str, list[Any]]]:
            return ((name, list(whole[name][start : start + CHUNK])) for name in names)

        return len(chunk.lines), list(whole), plain
    try:
        given: Any = narwhals.from_native(frame)
    except TypeError:
        raise HistoryError(
            f"the frame is a {type(frame).__name__}, which Narwhals does not know; give a dataframe"
        ) from None
    if isinstance(given, narwhals.LazyFrame):
        names = given.collect_schema().names()
        if column in names and measures is not None:
            given = given.filter(narwhals.col(column).is_in(list(measures)))
        given = given.head(most + 1).collect()

    def sliced(names: Sequence[str], start: int) -> Iterator[tuple[str, list[Any]]]:
        part = given[start : start + CHUNK]
        return ((name, part[name].to_list()) for name in names)

    return len(given), list(given.columns), sliced


def check_bytes(path: Path, most: int) -> None:
    """Raise HistoryError where a file cannot be looked at, or has more than `most` bytes."""
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        fault = f"cannot be opened: {getattr(error, 'strerror', None) or error}; check the path"
    else:
        if size <= most:
            return
        fault = f"has {size} bytes, more than {most}; split it, or raise most_bytes"
    raise HistoryError([Problem(fault, file=str(path), kind=HistoryError)])
