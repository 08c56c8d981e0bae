"""Pull a sheet of a workbook as batches of observations: .xlsx as everywhere, older formats by calamine."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import attrs
from attrs import field

from okrcore.adapters.chunks import Chunk, headed_chunks, read_chunks
from okrcore.adapters.regular_files import failed
from okrcore.adapters.table_format import TableFormat
from okrcore.adapters.table_records import WORKBOOKS, TableLayout, headed
from okrcore.adapters.workbook import LARGEST
from okrcore.adapters.workbook_parts import check_parts
from okrcore.errors import DocumentError, HistoryError, MissingExtraError, OkrError
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.sources.binary_workbook import check_cells
from okrcore.sources.files import check_bytes, check_layout
from okrcore.sources.pull_source import MOST_ROWS, Mode, ReadWhole, pull_table

OTHERS = (".xls", ".xlsb", ".ods")


@attrs.frozen(kw_only=True)
class ExcelSource(ReadWhole):
    """A sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods): the first row that is not blank names columns.

    `sheet` None is the first one; `heading`, `merged` and the reading of cells are as in `read_history`. A
    formula counts with the value that was saved with it; an error value such as #DIV/0! is no value, like a
    blank. In .xlsx a cell shown as 95% is 95 %; the other formats keep 0.95 and do not tell how it is shown,
    so `table` says `percent="fraction"` for them (which leaves a shown 95% as it is). Merged cells are known
    of .xlsx only.

    Raises MissingExtraError without openpyxl (.xlsx) or python-calamine; HistoryError for what is no
    workbook, or has more than `most_bytes`, packed or unpacked.
    """

    path: str | os.PathLike[str]
    system: str
    sheet: str | None = None
    table: TableFormat = field(factory=TableFormat)
    mode: Mode = "pulled"
    heading: int | str | None = None
    merged: Literal["first", "fill"] = "first"
    most_bytes: int = LARGEST
    most_rows: int = MOST_ROWS

    @property
    def query(self) -> str:
        """The file's name without its folder, and the sheet."""
        return Path(self.path).name + (f"#{self.sheet}" if self.sheet is not None else "")

    def pull(
        self,
        measures: Collection[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Iterator[History]:
        """Yield what the sheet has inside the window, as `PullSource.pull` says."""
        path, layout = (
            Path(self.path),
            TableLayout(sheet=self.sheet, heading=self.heading, merged=self.merged),
        )
        read = self._others if path.suffix.lower() not in WORKBOOKS else self._chunks
        return pull_table(self, partial(read, path, layout), measures, since, until)

    def _chunks(self, path: Path, layout: TableLayout) -> Iterator[Chunk]:
        check_layout(layout)
        check_bytes(path, self.most_bytes)
        check_parts(path, self.most_bytes, HistoryError)
        return read_chunks(path, layout, self.table.wanted)

    def _others(self, path: Path, layout: TableLayout) -> Iterator[Chunk]:
        try:
            from python_calamine import CalamineWorkbook
        except ImportError:
            raise MissingExtraError.of("python-calamine", "excel") from None
        check_layout(layout)
        if path.suffix.lower() not in OTHERS:
            known = ", ".join((*WORKBOOKS, *OTHERS))
            raise failed(path, f"suffix {path.suffix!r} is unknown; use one of {known}", kind=HistoryError)
        check_bytes(path, self.most_bytes)
        if path.suffix.lower() != ".xls":
            check_parts(path, self.most_bytes, HistoryError)
        check_cells(path)
        fault = None
        try:
            with CalamineWorkbook.from_path(path) as book:
                yield from self._read(book, path, layout)
        except DocumentError as error:
            raise HistoryError(
                [attrs.evolve(problem, kind=HistoryError) for problem in error.problems]
            ) from error
        except OkrError:
            raise
        except Exception as error:  # a third-party parser on untrusted bytes raises whatever it likes
            fault = f"is no workbook that can be read ({type(error).__name__}); save it again"
        if fault:
            raise failed(path, fault, kind=HistoryError)

    def _read(self, book: Any, path: Path, layout: TableLayout) -> Iterator[Chunk]:
        names = book.sheet_names
        if self.sheet is not None and self.sheet not in names:
            raise failed(path, f"has no sheet {self.sheet!r}; name one of {', '.join(names)[:300]}")
        sheet = book.get_sheet_by_name(names[0] if self.sheet is None else self.sheet)
        rows = (
            (number, [None if cell == "" else cell for cell in cells])
            for number, cells in enumerate(sheet.iter_rows(), 1)
            if any(cell != "" for cell in cells)
        )
        table = headed(path, rows, layout)
        yield from headed_chunks(path, table.records, table.columns)
