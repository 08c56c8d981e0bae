"""Decide columns of inputs by a priority table, one ruling a row: as row by row, at array speed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import repeat
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from okrcore.definitions.days import EPOCH
from okrcore.definitions.priority_table import PriorityTable
from okrcore.errors import TableError
from okrcore.frozen import freeze_fields, frozen
from okrcore.priorities.axes import Axis, label
from okrcore.priorities.compiled_table import CompiledTable, compile_table
from okrcore.priorities.intervals import Cut
from okrcore.priorities.regions import RegionGrid
from okrcore.priorities.table_rulings import Ruling, refuse_circles, rule_on

_DENSE = 1 << 22
_Words = NDArray[np.uint64]


@attrs.frozen(kw_only=True, eq=False, field_transformer=freeze_fields)
class Rulings:
    """One ruling a row, each different one held once: `cases`, and `case`, the number of each row's one.

    Indexing and iterating give `Ruling` values.
    """

    cases: tuple[Ruling, ...]
    case: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.case)

    def __getitem__(self, row: int) -> Ruling:
        return self.cases[int(self.case[row])]

    def __iter__(self) -> Iterator[Ruling]:
        return (self.cases[case] for case in self.case)

    @property
    def winner(self) -> NDArray[np.object_]:
        """The winners, None where a row escalates."""
        return self._of([ruling.winner for ruling in self.cases])

    @property
    def rule(self) -> NDArray[np.object_]:
        """The ids of the deciding rules and guardrails, None for the default and for missing inputs."""
        return self._of([ruling.rule for ruling in self.cases])

    def _of(self, values: Sequence[object]) -> NDArray[np.object_]:
        found = np.empty(len(values), dtype=object)
        found[:] = values
        return frozen(found[self.case])


@attrs.frozen(eq=False)
class Codes:
    """A column of few different values: `codes[row]` is a place in `categories`, -1 for missing."""

    codes: NDArray[np.integer[Any]]
    categories: Sequence[Any]

    @classmethod
    def of(cls, column: Any) -> Codes | NDArray[Any]:
        """Return a pandas categorical (an array or a Series) as codes, anything else as an array."""
        column = getattr(column, "cat", column)
        if hasattr(column, "codes") and hasattr(column, "categories"):
            return cls(np.asarray(column.codes), list(column.categories))
        return np.asarray(column)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the codes."""
        return self.codes.shape

    def __getitem__(self, row: int) -> Any:
        code = int(self.codes[row])
        return None if code < 0 else self.categories[code]


def decide_rows(table: PriorityTable, inputs: Mapping[str, ArrayLike | Codes]) -> Rulings:
    """Return what `table` rules for each row of `inputs`, one array a column, all of one length.

    Row by row equal to `decide_table`, which see. Numbers and datetime64 columns are compared as arrays,
    texts are looked up one by one, which `Codes` and pandas categoricals spare. A column that is not given is
    missing in every row.

    Raises TableError as `decide_table` does, naming the first row, and for arrays of different lengths.

    >>> from okrcore import Outcome, PriorityRule

    >>> from okrcore.priorities import Column
    >>> rule = PriorityRule(id="P1", when={"days_left": "< 30"}, then=Outcome(winner="objective"))
    >>> days = Column(name="days_left", low=0)
    >>> table = PriorityTable(columns=[days], rules=[rule], default=Outcome(winner="kpi"))
    >>> decide_rows(table, {"days_left": [12, 45, float("nan")]}).winner
    array(['objective', 'kpi', None], dtype=object)
    """
    compiled = compile_table(table)
    refuse_circles(compiled)
    given = {name: Codes.of(column) for name, column in inputs.items()}
    lengths = {column.shape for column in given.values()}
    if len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
        raise TableError(
            f"inputs have the shapes {sorted(lengths)}; give one-dimensional arrays of one length"
        )
    count = next(iter(lengths))[0] if lengths else 0
    state = np.zeros(count, dtype=np.int64)
    masks = _words(compiled, [(1 << _bits(compiled)) - 1])
    for place, (axis, grid) in enumerate(zip(compiled.axes, compiled.grids, strict=True)):
        column = given.get(axis.name)
        segment = np.full(count, -1) if column is None else _segments(axis, grid, column)
        width = grid.segments + 1
        used, state = _numbered(state * width + segment + 1, len(masks) * width)
        met = masks[used // width] & _masks_at(compiled, place)[used % width]
        masks, joined = np.unique(met, axis=0, return_inverse=True)
        state = joined.reshape(-1)[state]
    return Rulings(cases=_cases(compiled, masks, state, given), case=state)


def _cases(
    compiled: CompiledTable,
    masks: _Words,
    state: NDArray[np.int64],
    given: Mapping[str, Codes | NDArray[Any]],
) -> tuple[Ruling, ...]:
    """One ruling for each mask: the rows that match, and above them the columns that are not missing."""
    count = len(compiled.boxes)
    found, clashing = [], []
    for place, words in enumerate(masks.tolist()):
        mask = sum(word << (64 * index) for index, word in enumerate(words))
        rows = mask & ((1 << count) - 1)
        missing = [axis.name for bit, axis in enumerate(compiled.axes) if not mask >> (count + bit) & 1]
        try:
            found.append(rule_on(compiled, rows, missing, {}))
        except TableError:
            clashing.append((int(np.argmax(state == place)), rows))
    if clashing:
        row, rows = min(clashing)
        try:
            rule_on(compiled, rows, (), {name: column[row] for name, column in given.items()})
        except TableError as error:
            raise TableError(f"row {row}: {error}") from None
    return tuple(found)


def _bits(compiled: CompiledTable) -> int:
    return len(compiled.boxes) + len(compiled.axes)


def _masks_at(compiled: CompiledTable, place: int) -> _Words:
    """For one column: what a value leaves possible, first where it is missing, then for each segment."""
    present = ((1 << len(compiled.axes)) - 1) << len(compiled.boxes)
    absent = present & ~(1 << (len(compiled.boxes) + place))
    *at, indifferent = compiled.rows_at[place]
    return _words(compiled, [indifferent | absent, *(rows | present for rows in at)])


def _words(compiled: CompiledTable, masks: Sequence[int]) -> _Words:
    """Masks as rows of 64-bit words, lowest first."""
    count = max(1, -(-_bits(compiled) // 64))
    words = [[mask >> (64 * word) & (2**64 - 1) for word in range(count)] for mask in masks]
    return np.array(words, dtype=np.uint64)


def _numbered(key: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values that occur, in order, and each row's place among them."""
    if size > _DENSE:
        used, places = np.unique(key, return_inverse=True)
        return used, places.reshape(key.shape).astype(np.int64)
    seen = np.zeros(size, dtype=bool)
    seen[key] = True
    used = np.flatnonzero(seen)
    places = np.zeros(size, dtype=np.int64)
    places[used] = np.arange(len(used))
    return used, places[key]


def _segments(axis: Axis, grid: RegionGrid, column: Codes | NDArray[Any]) -> NDArray[np.int64]:
    """The segment of each value, -1 where it is missing."""
    if isinstance(column, Codes):
        places = [grid.segment(axis.position(value)) for value in column.categories]
        if column.codes.size and not -1 <= column.codes.min() <= column.codes.max() < len(places):
            raise TableError(
                f"column {axis.name!r} has codes that are no place in its categories; use -1 .. n-1"
            )
        coded: NDArray[np.int64] = np.array([*places, -1], dtype=np.int64)[column.codes]
        return coded
    kind = column.dtype.kind
    if axis.kind == "enumeration" and kind in "OU":
        return _of_labels(axis, grid, column)
    if axis.kind in ("number", "integer") and kind in "iu":
        return _inside(grid, _of_integers(grid, column))
    if axis.kind in ("number", "integer") and kind == "f" and column.dtype.itemsize <= 8:
        return _inside(grid, _of_floats(axis, grid, column.astype(np.float64, copy=False)))
    if axis.kind == "date" and kind == "M":
        days = column.astype("datetime64[D]")
        place = _of_integers(grid, days.astype(np.int64) + EPOCH.toordinal())
        return _inside(grid, np.where(days == column, place, -1))
    values = column.tolist() if kind in "OUb" else list(column)
    return np.array([grid.segment(axis.position(value)) for value in values], dtype=np.int64)


def _inside(grid: RegionGrid, place: NDArray[np.int64]) -> NDArray[np.int64]:
    held = [segment if grid.inside >> segment & 1 else -1 for segment in range(grid.segments)]
    return np.array([*held, -1])[np.clip(place, -1, grid.segments)]


def _of_integers(grid: RegionGrid, column: NDArray[Any]) -> NDArray[np.int64]:
    """How many cuts lie before each value, less one; a cut is its first whole number."""
    ends = [
        at if isinstance(at, float) else math.floor(at) + 1 if after else math.ceil(at)
        for at, after in grid.cuts
    ]
    info = np.iinfo(column.dtype)
    within = np.array([end for end in ends if info.min < end <= info.max], dtype=column.dtype)
    below = sum(end <= info.min for end in ends)
    return np.searchsorted(within, column, side="right") + (below - 1)


def _of_floats(axis: Axis, grid: RegionGrid, column: NDArray[np.float64]) -> NDArray[np.int64]:
    ends = np.array([_first_float(cut) for cut in grid.cuts])
    known = np.isfinite(column)
    if axis.discrete:
        known &= column == np.floor(column)
    return np.where(known, np.searchsorted(ends, column, side="right") - 1, -1)


def _first_float(cut: Cut) -> float:
    """The least float behind a cut, where a float is the decimal that prints it."""
    at, after = cut
    try:
        near = float(at)
    except OverflowError:
        return math.inf if at > 0 else -math.inf
    if not math.isfinite(near):
        return near
    printed = Fraction(repr(near))
    return near if printed > at or (printed == at and not after) else math.nextafter(near, math.inf)


def _of_labels(axis: Axis, grid: RegionGrid, column: NDArray[Any]) -> NDArray[np.int64]:
    segment = {name: grid.segment(place) for name, place in axis.labels.items()}
    values = column.tolist()
    try:
        found = np.fromiter(map(segment.get, values, repeat(-1)), dtype=np.int64, count=len(values))
    except TypeError:  # something unhashable, which is no label
        found = np.full(len(values), -1)
    for row in np.flatnonzero(found < 0).tolist():
        if values[row] is not None and not isinstance(values[row], str):
            found[row] = segment.get(label(values[row]), -1)
    return found
