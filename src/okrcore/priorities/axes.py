"""Map a column of a table to an axis: the positions it can hold, from a value to a position and back.

Labels of an enumeration are whole positions 0, 1, 2 ..., so that every column is one kind of thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from okrcore.definitions.fields import an
from okrcore.definitions.priority_table import Column
from okrcore.errors import TableError
from okrcore.frozen import FrozenDict
from okrcore.priorities import s_feel_literals as literals
from okrcore.priorities.intervals import Line, Position, join, meet, point

_MOST_VALUES = 10_000


@attrs.frozen(kw_only=True)
class Axis:
    """A column's name and kind, its domain as a line, and the labels where it is an enumeration."""

    name: str
    kind: str
    domain: Line
    labels: Mapping[str, int] = attrs.field(default=FrozenDict())

    @property
    def discrete(self) -> bool:
        """Whether positions are whole numbers: all kinds but numbers."""
        return self.kind != "number"

    def position(self, value: object) -> Position | None:
        """Return where an input lies, None where it is no value of the kind (a missing input, S14.1)."""
        if self.kind == "enumeration":
            return None if value is None else self.labels.get(label(value))
        found = literals.position(self.kind, value)
        return None if found is None or (self.kind == "integer" and found != int(found)) else found

    def witness(self, line: Line) -> Any:
        """Return one value of a non-empty line: the first label, or the simplest number, date or duration."""
        if self.kind == "enumeration":
            return list(self.labels)[int(line[0][0][0])]
        return literals.value(self.kind, literals.simplest(self.kind, line))


def axis_of(column: Column) -> Axis:
    """Return the axis of a column; raises TableError where its domain is empty or cannot be read."""
    if column.values is not None and len(column.values) > _MOST_VALUES:
        raise _fault(column, f"lists {len(column.values)} values; give {_MOST_VALUES} or fewer, or bounds")
    if column.kind == "enumeration":
        labels = list(dict.fromkeys(label(value) for value in column.values or ()))
        domain = join([((0, 0), (len(labels), 0))])
        places = FrozenDict({name: index for index, name in enumerate(labels)})
        return Axis(name=column.name, kind=column.kind, domain=domain, labels=places)
    whole = literals.whole_line(column.kind)
    if column.values is not None:
        points = [point(_bound(column, value)) for value in column.values]
        domain = join(points, column.kind != "number")
    else:
        low = whole[0][0] if column.low is None else (_bound(column, column.low), 0)
        high = whole[-1][1] if column.high is None else (_bound(column, column.high), 1)
        domain = join([(low, high)], column.kind != "number")
    domain = meet(domain, whole)
    if not domain:
        raise _fault(column, f"holds nothing between {column.low!r} and {column.high!r}; widen the bounds")
    return Axis(name=column.name, kind=column.kind, domain=domain)


def label(value: object) -> str:
    """Return a value of an enumeration as its label.

    >>> label(True), label(2.0), label("gold")
    ('true', '2', 'gold')
    """
    if isinstance(value, str):
        return value
    if str(value) in {"True", "False"}:
        return str(value).lower()
    number = literals.position("number", value)
    return str(value) if number is None else literals.write("number", number)


def _bound(column: Column, value: object) -> Position:
    found = literals.position(column.kind, value)
    if found is None or (column.kind == "integer" and found != int(found) and column.values is not None):
        raise _fault(column, f"has the bound {literals.shorten(str(value))}; give {an(column.kind)}")
    return found


def _fault(column: Column, fault: str) -> TableError:
    return TableError(f"column {column.name!r} {fault}")
