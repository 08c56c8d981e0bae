"""Pull files of rows, and dataframes, as batches of observations; they are read whole at each pull."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import attrs
from attrs import field

from okrcore.adapters.chunks import Chunk, read_chunks
from okrcore.adapters.frame_chunks import frame_chunks
from okrcore.adapters.regular_files import failed, size_of
from okrcore.adapters.table_format import TableFormat
from okrcore.adapters.table_records import TableLayout
from okrcore.errors import HistoryError, Problem
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.sources.pull_source import MOST_ROWS, Mode, ReadWhole, pull_table

MOST_BYTES = 10_000_000_000


@attrs.frozen(kw_only=True)
class FileSource(ReadWhole):
    """A file of rows: CSV or TSV, or JSON lines (.jsonl, .ndjson); read in bounded memory.

    The file's name is the `query` that is stamped. `delimiter`, `encoding`, `heading` and `short_rows` are as
    in `read_history`. Raises HistoryError for a file that cannot be read, has
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
    heading: int | str | None = None
    short_rows: Literal["refuse", "blank"] = "refuse"
    most_bytes: int = MOST_BYTES
    most_rows: int = MOST_ROWS

    @property
    def query(self) -> str:
        """The file's name, without its folder."""
        return Path(self.path).name

    def pull(
        self,
        measures: Collection[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Iterator[History]:
        """Yield what the file has inside the window, as `PullSource.pull` says."""
        return pull_table(self, self._chunks, measures, since, until)

    def _chunks(self) -> Iterator[Chunk]:
        check_bytes(Path(self.path), self.most_bytes)
        layout = TableLayout(
            delimiter=self.delimiter,
            encoding=self.encoding,
            heading=self.heading,
            short_rows=self.short_rows,
        )
        check_layout(layout)
        return read_chunks(self.path, layout, self.table.wanted)


@attrs.frozen(kw_only=True, eq=False)
class FrameSource(ReadWhole):
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

    def pull(
        self,
        measures: Collection[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Iterator[History]:
        """Yield what the frame has inside the window, as `PullSource.pull` says."""
        column = None if self.table.wide else self.table.columns.get("measure", "measure")
        chunks = partial(frame_chunks, self.frame, measures, column, self.most_rows)
        return pull_table(self, chunks, measures, since, until)


def check_bytes(path: Path, most: int) -> None:
    """Raise HistoryError for what is no file, cannot be looked at, or has more than `most` bytes."""
    if (size := size_of(path, HistoryError)) > most:
        fault = f"has {size} bytes, more than {most}; split it, or raise most_bytes"
        raise failed(path, fault, kind=HistoryError)


def check_layout(layout: TableLayout) -> None:
    """Raise HistoryError for options of a layout that are none."""
    if faults := [Problem(fault, kind=HistoryError) for _, fault in layout.faults()]:
        raise HistoryError(faults)
