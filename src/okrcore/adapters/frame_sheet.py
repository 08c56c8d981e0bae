"""Read a dataframe into rows that know where each cell stands, as a file is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from okrcore.adapters.cells import is_missing
from okrcore.adapters.frame_chunks import frame_chunks
from okrcore.adapters.sheet import Sheet, SheetRow, is_blank


def sheet_of_frame(frame: Any) -> Sheet:
    """Return a dataframe as a table; the line of a row is its place, from 1."""
    columns: tuple[str, ...] = ()
    rows = []
    for chunk in frame_chunks(frame):
        columns = tuple(chunk.named)
        places = {name: (None, number) for number, name in enumerate(columns, 1)}
        for place, line in enumerate(chunk.lines):
            cells = {name: _cell(chunk.values[name][place]) for name in columns}
            rows.append(
                SheetRow(line, {name: cell for name, cell in cells.items() if not is_blank(cell)}, places)
            )
    return Sheet("frame", columns, tuple(rows))


def _cell(value: Any) -> Any:
    """Return what a frame holds in one place as a cell: a midnight is its day, as in a workbook."""
    if is_missing(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, dt.datetime) and value.time() == dt.time.min and value.tzinfo is None:
        return value.date()
    return value
