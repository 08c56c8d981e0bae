"""Compile a priority table: cells as boxes on a grid, and for each segment the rows it meets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate
from operator import xor
from typing import Any

import attrs

from okrcore.definitions.priority_table import Guardrail, PriorityRule, PriorityTable
from okrcore.errors import Problem, TableError
from okrcore.priorities.axes import Axis, axis_of
from okrcore.priorities.closure import members
from okrcore.priorities.hit_policies import beaten_by, letter_of, override_circles, policy_faults
from okrcore.priorities.intervals import Line
from okrcore.priorities.regions import Box, RegionGrid, boxes_of
from okrcore.priorities.s_feel import parse_cell, write_cell
from okrcore.priorities.table_report import TableFinding


@attrs.frozen(kw_only=True, eq=False)
class CompiledTable:
    """A table in the form that decides and is proved.

    Rows are the rules, then the guardrails, each one bit. `rows_at[column][segment]` holds the rows whose
    cell contains the segment; its last entry, for a missing input, the rows that ask nothing of the column.
    """

    table: PriorityTable
    policy: str
    axes: tuple[Axis, ...]
    lines: tuple[tuple[Line, ...], ...]
    grids: tuple[RegionGrid, ...]
    boxes: tuple[Box, ...]
    beaten_by: tuple[int, ...]
    circles: tuple[tuple[str, ...], ...]
    rows_at: tuple[tuple[int, ...], ...]

    @property
    def domain(self) -> Box:
        """The box of all inputs."""
        return tuple(grid.inside for grid in self.grids)

    @property
    def rules(self) -> tuple[Box, ...]:
        """The boxes of the rules."""
        return self.boxes[: len(self.table.rules)]

    @property
    def guardrails(self) -> tuple[Box, ...]:
        """The boxes of the guardrails."""
        return self.boxes[len(self.table.rules) :]

    def witness(self, box: Box) -> dict[str, Any]:
        """Return one point of a box."""
        columns = zip(self.axes, self.grids, box, strict=True)
        return {axis.name: axis.witness(grid.line(bits)) for axis, grid, bits in columns}

    def region(self, box: Box) -> dict[str, str]:
        """Return a box as cells, without the columns in which anything goes."""
        columns = zip(self.axes, self.grids, box, strict=True)
        return {
            axis.name: write_cell(grid.line(bits), axis)
            for axis, grid, bits in columns
            if bits != grid.inside
        }


@attrs.frozen(eq=False)
class _Same:
    """A table recognised by identity, so that looking it up costs nothing."""

    table: PriorityTable

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.table is self.table


def compile_table(table: PriorityTable) -> CompiledTable:
    """Return the compiled form, kept for the tables used last.

    Raises TableError with every column, cell and hit policy that cannot be read.
    """
    return _compile(_Same(table))


@lru_cache(maxsize=32)
def _compile(same: _Same) -> CompiledTable:
    table = same.table
    axes, lines, faults = read_rows(table)
    if faults:
        raise TableError([Problem(fault.message, kind=TableError) for fault in faults])
    grids = tuple(
        RegionGrid.of(axis.domain, (row[place] for row in lines)) for place, axis in enumerate(axes)
    )
    boxes = boxes_of(grids, lines)
    return CompiledTable(
        table=table,
        policy=letter_of(table),
        axes=axes,
        lines=lines,
        grids=grids,
        boxes=boxes,
        beaten_by=tuple(beaten_by(table)),
        circles=tuple(override_circles(table)),
        rows_at=tuple(_rows_at(grid, [box[place] for box in boxes]) for place, grid in enumerate(grids)),
    )


def read_rows(
    table: PriorityTable,
) -> tuple[tuple[Axis, ...], tuple[tuple[Line, ...], ...], list[TableFinding]]:
    """Return the axes, one line a column for each row, and what cannot be read."""
    faults: list[TableFinding] = list(policy_faults(table))
    axes: dict[str, Axis] = {}
    for column in table.columns:
        try:
            axes[column.name] = axis_of(column)
        except TableError as error:
            witness = {column.name: repr(column.values or (column.low, column.high))}
            faults.append(TableFinding(kind="column", message=str(error), witness=witness))
    rows: list[PriorityRule | Guardrail] = [*table.rules, *table.guardrails]
    lines = [_read_row(row, axes, faults) for row in rows]
    return tuple(axes.values()), tuple(lines), faults


def _read_row(
    row: PriorityRule | Guardrail, axes: Mapping[str, Axis], faults: list[TableFinding]
) -> tuple[Line, ...]:
    lines = []
    for name, axis in axes.items():
        cell = row.when.get(name, "-")
        try:
            lines.append(parse_cell(cell, axis))
        except TableError as error:
            text = f"{type(row).__name__.removeprefix('Priority').lower()} {row.id!r}, {error}"
            faults.append(TableFinding(kind="cell", message=text, rules=(row.id,), witness={name: cell}))
    return tuple(lines)


def _rows_at(grid: RegionGrid, cells: list[int]) -> tuple[int, ...]:
    changes, indifferent = [0] * (grid.segments + 1), 0
    for row, bits in enumerate(cells):
        for edge in members(bits ^ bits << 1):
            changes[edge] ^= 1 << row
        indifferent |= (bits == grid.inside) << row
    return (*list(accumulate(changes, xor))[:-1], indifferent)
