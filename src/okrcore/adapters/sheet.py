"""Read a file of records (CSV, TSV, JSON, XLSX) into rows that know where each cell stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from okrcore.adapters.cells import Cell
from okrcore.adapters.regular_files import failed, read_at_most, size_of
from okrcore.adapters.table_records import TEXTS, WORKBOOKS, TableLayout, read_records
from okrcore.adapters.workbook_parts import Area
from okrcore.documents.loading import READERS
from okrcore.documents.nodes import Fields, Limits, Node, NodeItems, Scalar, Unreadable
from okrcore.documents.source_text import SourceText, check, decode
from okrcore.errors import DocumentError, Problem, raise_all
from okrcore.frozen import FrozenDict

LARGEST = 64_000_000
SUFFIXES = (*TEXTS, ".json", *WORKBOOKS)


@attrs.frozen(eq=False)
class SheetRow:
    """One record: its cells by column name, blanks left out, and the place of each."""

    line: int
    cells: Mapping[str, Cell]
    places: Mapping[str, tuple[int | None, int | None]]
    nested: Mapping[str, tuple[SheetRow, ...]] = FrozenDict()
    """Records inside this one, by the key of their list."""

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
    merged: tuple[Area, ...] = ()
    """Areas of merged cells, of which only the first has the value."""


def read_sheet(path: Path, layout: TableLayout, max_bytes: int = LARGEST) -> Sheet:
    """Return the table in a file, read by its suffix.

    The line of a row is that of its first character in text and JSON, its row number in a workbook; the
    column is that of the cell, counted from 1 (in JSON the character's). A record that has other cells than
    there are columns is a problem and no row. Raises DocumentError where there is no table.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise failed(path, f"suffix {path.suffix!r} is unknown; use one of {', '.join(SUFFIXES)}")
    if (size := size_of(path)) > max_bytes:
        raise failed(path, f"has {size} bytes, more than max_bytes {max_bytes}; split it, or raise max_bytes")
    return _from_json(path, layout.records, max_bytes) if kind == ".json" else _from_table(path, layout)


def _from_table(path: Path, layout: TableLayout) -> Sheet:
    table = read_records(path, layout)
    places = {name: (None, number) for number, name in enumerate(table.columns, 1) if name}
    rows, problems = [], []
    for line, cells in table.records:
        if isinstance(cells, str):
            problems.append(Problem(cells, "", str(path), line, None, DocumentError))
            continue
        pairs = zip(table.columns, cells, strict=True)
        if kept := {name: cell for name, cell in pairs if name and not is_blank(cell)}:
            rows.append(SheetRow(line, kept, places))
    columns = tuple(name for name in table.columns if name)
    return Sheet(str(path), columns, tuple(rows), tuple(problems), table.heading, table.merged)


def is_blank(cell: Cell) -> bool:
    """Tell a cell that holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell == ()


def _from_json(path: Path, records: str | None, max_bytes: int) -> Sheet:
    limits = attrs.evolve(Limits(), max_bytes=max_bytes)
    content = read_at_most(path, max_bytes, "split it, or raise max_bytes")
    source = SourceText(decode(content), str(path))
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
            rows.append(_record(node, source, columns))
        else:
            message = "is no record; give a mapping from column names to values"
            problems.append(Problem(message, "", str(path), line, column, DocumentError))
    return Sheet(str(path), tuple(columns), tuple(rows), tuple(problems))


def _record(node: Fields, source: SourceText, columns: dict[str, None]) -> SheetRow:
    """Return a record with the records inside it; its keys are added to the columns."""
    nested = {
        name: tuple(_record(one, source, columns) for one in child.items if isinstance(one, Fields))
        for name, child in node.entries.items()
        if isinstance(child, NodeItems) and any(isinstance(one, Fields) for one in child.items)
    }
    cells = {name: _plain(child) for name, child in node.entries.items() if name not in nested}
    columns.update(dict.fromkeys(cells))
    places = {name: source.place(child.at) for name, child in node.entries.items()}
    kept = {name: cell for name, cell in cells.items() if not is_blank(cell)}
    return SheetRow(source.place(node.at)[0] or 1, kept, places, nested)


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
