"""Hold all values of one kind as rows whose columns are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import repeat
from operator import attrgetter, not_
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

SubjectColumn = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


@attrs.frozen(eq=False, repr=False)
class SubjectRows:
    """The values of one kind: `ids` names them, `value(row)` makes one, `rows[name]` is a column.

    Columns bear the names of the values' fields: texts, dates and other values as objects, numbers of
    states as floats with NaN for unknown. Each is made once.
    """

    ids: Sequence[str]
    value: Callable[[int], Any]
    _column: Callable[[str], SubjectColumn]
    _made: dict[str, SubjectColumn] = attrs.field(factory=dict)

    @classmethod
    def of(cls, values: Sequence[Any], name: Callable[[Any], str] = attrgetter("id")) -> SubjectRows:
        """Return values as rows, in their order."""

        def column(field: str) -> SubjectColumn:
            return np.fromiter(map(attrgetter(field), values), dtype=object, count=len(values))

        return cls(tuple(map(name, values)), values.__getitem__, column)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> SubjectColumn:
        found = self._made.get(name)
        return self._made.setdefault(name, self._column(name)) if found is None else found

    def absent(self, name: str) -> Bools:
        """Return where a field is None or empty."""
        key = f"{name} is absent"
        found = self._made.get(key)
        if found is None:
            absent = np.fromiter(map(not_, self[name]), dtype=np.bool_, count=len(self))
            found = self._made.setdefault(key, absent)
        return found

    def matching(self, name: str, holds: Callable[[Any], bool]) -> Bools:
        """Return where a condition holds of what a field has.

        >>> SubjectRows.of([3, 40], str).matching("real", lambda number: number > 9).tolist()
        [False, True]
        """
        return np.fromiter(map(holds, self[name]), dtype=np.bool_, count=len(self))

    def among(self, names: Container[str], by: str = "") -> Bools:
        """Return which rows are among names, by id or by what their field `by` holds.

        >>> SubjectRows.of(["a", "b"], str).among({"b"}).tolist()
        [False, True]
        """
        held = self[by] if by else self.ids
        return np.fromiter(map(names.__contains__, held), dtype=np.bool_, count=len(self))

    def counted(self, counts: Mapping[str, int], by: str = "") -> npt.NDArray[np.int64]:
        """Return how many there are of each row, or of what its field `by` names; 0 where it is not counted.

        >>> SubjectRows.of(["a", "b"], str).counted({"b": 2})
        array([0, 2])
        """
        names = self[by] if by else self.ids
        return np.fromiter(map(counts.get, names, repeat(0)), dtype=np.int64, count=len(self))
