"""A sheet of a workbook into batches of observations, read by calamine."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import attrs
from attrs import field

from okrcore.adapters.chunks import CHUNK, Chunk
from okrcore.errors import HistoryError, MissingExtraError, OkrError, Problem
from okrcore.history.history import History
from okrcore.history.instants import Moment
from okrcore.sources.files import check_bytes
from okrcore.sources.pull_source import MOST_ROWS, Mode, Stamp, batches
from okrcore.sources.table_format import TableFormat

MOST_BYTES = 200_000_000


@attrs.frozen(kw_only=True)
class ExcelSource:
    """A sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods): the first row that is not blank names columns.

    `sheet` None is the first one. A formula counts with the value that was saved with it; an error value
    such as #DIV/0! is no value, like a blank. A cell shown as 95% holds 0.95, so `table` says
    `percent="fraction"`.
    Raises MissingExtraError without python-calamine; HistoryError for what is no workbook, or has more than
    `most_bytes`, packed or unpacked.
    """

    path: str | os.PathLike[str]
    system: str
    sheet: str | None = None
    table: TableFormat = field(factory=TableFormat)
    mode: Mode = "pulled"
    most_bytes: int = MOST_BYTES
    most_rows: int = MOST_ROWS

    @property
    def query(self) -> str:
        """The file's name without its folder, and the sheet."""
        return Path(self.path).name + (f"#{self.sheet}" if self.sheet is not None else "")

    @property
    def resumes(self) -> bool:
        """False: a sheet has no order that could be relied on."""
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
        """Yield what the sheet has inside the window, as `PullSource.pull` says."""
        stamp = Stamp(system=self.system, query=self.query, mode=self.mode)
        yield from batches(self._chunks(), stamp, self.table, self.most_rows, measures, since, until)

    def _chunks(self) -> Iterator[Chunk]:
        try:
            from python_calamine import CalamineWorkbook
        except ImportError:
            raise MissingExtraError.of("python-calamine", "excel") from None
        path = Path(self.path)
        check_bytes(path, self.most_bytes)
        _check_unpacked(path, self.most_bytes)
        fault = None
        try:
            with CalamineWorkbook.from_path(path) as book:
                yield from self._read(book, path)
        except OkrError:
            raise
        except Exception as error:  # a third-party parser on untrusted bytes raises whatever it likes
            fault = f"is no workbook that can be read ({type(error).__name__}); save it again"
        if fault:
            raise _refused(path, fault)

    def _read(self, book: Any, path: Path) -> Iterator[Chunk]:
        names = book.sheet_names
        if self.sheet is not None and self.sheet not in names:
            raise _refused(path, f"has no sheet {self.sheet!r}; name one of {', '.join(names)[:300]}")
        sheet = book.get_sheet_by_name(names[0] if self.sheet is None else self.sheet)
        rows = (
            (number, cells)
            for number, cells in enumerate(sheet.iter_rows(), 1)
            if any(c != "" for c in cells)
        )
        head = [_name(cell) for cell in next(rows, (0, []))[1]]
        if not head:
            raise _refused(path, "has a sheet without any row; the first row names the columns")
        if len(named := [*filter(None, head)]) > len(set(named)):
            raise _refused(path, "two columns have one name; rename one")
        first = True
        while (part := list(islice(rows, CHUNK))) or first:
            first = False
            columns = zip(*[cells for _, cells in part], strict=True) if part else ((),) * len(head)
            values = {
                name: [None if cell == "" else cell for cell in cells]
                for name, cells in zip(head, columns, strict=True)
                if name
            }
            yield Chunk(str(path), [number for number, _ in part], values)


def _name(cell: Any) -> str:
    return " ".join(str(cell).split())


def _check_unpacked(path: Path, most: int) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _refused(path, "is no workbook that can be read; save it again") from None
    if size > most:
        raise _refused(path, f"unpacks to {size} bytes, more than {most}; split it, or raise most_bytes")


def _refused(path: Path, fault: str) -> HistoryError:
    return HistoryError([Problem(fault, file=str(path), kind=HistoryError)])
