"""A file of records (CSV, TSV, JSON, XLSX) into rows that know where each cell stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from okrcore.adapters.cells import Cell
from okrcore.adapters.delimited import failed, read_delimited
from okrcore.adapters.workbook import read_workbook
from okrcore.documents.loading import READERS
from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.source_text import SourceText, check, decode
from okrcore.errors import DocumentError, Problem, raise_all

LARGEST = 64_000_000
SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".json", ".xlsx")


@attrs.frozen(eq=False)
class SheetRow:
    """One record: its cells by column name, blanks left out, and the place of each."""

    line: int
    cells: Mapping[str, Cell]
    places: Mapping[str, tuple[int | None, int | None]]

    def place(self, column: str | None) -> tuple[int | None, int | None]:
        """Return line and column number of a cell; of the row where the cell is blank or not named."""
        if column is None:
            return self.line, None
        line, number = self.places.get(column, (None, None))
        return line or self.line, number


@attrs.frozen(eq=False)
class Sheet:
    """A table: its column names in order, its rows, and a problem for each record that is no row."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...] = ()
    heading: int = 1


def read_sheet(
    path: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    records: str | None = None,
    max_bytes: int = LARGEST,
) -> Sheet:
    """Return the table in a file, read by its suffix; the arguments are those of `ColumnMapping`.

    The line of a row is that of its first character in text and JSON, its row number in a workbook; the
    column is that of the cell, counted from 1 (in JSON the character's). A record with more or fewer cells
    than there are columns is a problem and no row. Raises DocumentError where there is no table.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise failed(path, f"suffix {path.suffix!r} is unknown; use one of {', '.join(SUFFIXES)}")
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise failed(
            path, f"cannot be opened: {getattr(error, 'strerror', error)}; check the path"
        ) from error
    if size > max_bytes:
        raise failed(path, f"has {size} bytes, more than max_bytes {max_bytes}; split it, or raise max_bytes")
    if kind == ".json":
        return _from_json(path, records, max_bytes)
    found = read_workbook(path, sheet) if kind == ".xlsx" else read_delimited(path, delimiter, encoding)
    return _from_records(path, iter(found))


def _from_records(path: Path, found: Iterator[tuple[int, Any]]) -> Sheet:
    heading, head = next(found, (1, []))
    if isinstance(head, str):
        raise failed(path, f"the heading {head}", heading)
    columns = tuple(str(name).strip() if name is not None else "" for name in head)
    if not any(columns):
        raise failed(path, "is empty; the first row names the columns")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise failed(path, f"columns {twice} are named twice; rename one of each", heading)
    places = {name: (None, number) for number, name in enumerate(columns, 1) if name}
    rows, problems = [], []
    for line, cells in found:
        if isinstance(cells, str):
            problems.append(Problem(cells, "", str(path), line, None, DocumentError))
        elif len(cells) != len(columns):
            fault = f"has {len(cells)} cells where the heading has {len(columns)}; correct the separators"
            problems.append(Problem(f"the row {fault}", "", str(path), line, None, DocumentError))
        else:
            kept = {
                name: cell for name, cell in zip(columns, cells, strict=True) if name and not _blank(cell)
            }
            if kept:
                rows.append(SheetRow(line, kept, places))
    return Sheet(str(path), tuple(name for name in columns if name), tuple(rows), tuple(problems), heading)


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell == ()


def _from_json(path: Path, records: str | None, max_bytes: int) -> Sheet:
    limits = attrs.evolve(Limits(), max_bytes=max_bytes)
    try:
        source = SourceText(decode(path.read_bytes()), str(path))
    except OSError as error:
        raise failed(path, f"cannot be opened: {error.strerror or error}; check the path") from error
    try:
        check(source.text, limits)
        source.root = READERS["json"](source, limits)
    except Unreadable as stop:
        source.fault(stop.message, stop.at)
    raise_all(source.problems(), DocumentError)
    rows, problems, columns = [], [], dict[str, None]()
    for node in _listed(path, source.root, records):
        line, column = source.place(node.at)
        if isinstance(node, Fields):
            cells = {name: _plain(child) for name, child in node.entries.items()}
            places = {name: source.place(child.at) for name, child in node.entries.items()}
            columns.update(dict.fromkeys(cells))
            kept = {name: cell for name, cell in cells.items() if not _blank(cell)}
            rows.append(SheetRow(line or 1, kept, places))
        else:
            message = "is no record; give a mapping from column names to values"
            problems.append(Problem(message, "", str(path), line, column, DocumentError))
    return Sheet(str(path), tuple(columns), tuple(rows), tuple(problems))


def _listed(path: Path, root: Node | None, records: str | None) -> list[Node]:
    if isinstance(root, NodeItems) and records is None:
        return root.items
    if isinstance(root, Fields):
        lists = {name: child for name, child in root.entries.items() if isinstance(child, NodeItems)}
        name = records if records is not None else next(iter(lists)) if len(lists) == 1 else None
        if name in lists:
            return lists[name].items
        raise failed(
            path, f"records is {records!r}; name the key of the list: {', '.join(lists) or 'there is none'}"
        )
    raise failed(path, "holds no list of records; give one")


def _plain(node: Node) -> Any:
    """Return a cell: a value, or a list of values; a mapping stays one, for whoever reads it to refuse."""
    if isinstance(node, Scalar):
        return node.value
    return tuple(map(_plain, node.items)) if isinstance(node, NodeItems) else {"": None}
