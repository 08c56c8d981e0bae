"""Define what is asked of a history about many measures at once, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.history.results import RecordColumns

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@attrs.frozen(eq=False, kw_only=True)
class Window:
    """Which times are looked at, one entry a request, both ends included; without a start all until the end.

    Calendar days compare with `start_day` and `end_day` (days since 1970-01-01), instants with
    `start_instant` and `end_instant` (microseconds since then, UTC). Only what was recorded at or before
    `known_at` counts; None filters nothing. A day's record without a time of recording of its own (it bears
    the end of the day in UTC) counts up to the day `known_day`, where that is given. `by_author` says of
    which requests each author has an observation of their own at one moment (A12); None of none.
    """

    end_day: Ints
    end_instant: Ints
    start_day: Ints | None = None
    start_instant: Ints | None = None
    known_at: int | None = None
    known_day: int | None = None
    by_author: Flags | None = None

    def at(self, rows: Ints) -> Window:
        """Return the window of some of the requests."""
        start_day = None if self.start_day is None else self.start_day[rows]
        start_instant = None if self.start_instant is None else self.start_instant[rows]
        return attrs.evolve(
            self,
            end_day=self.end_day[rows],
            end_instant=self.end_instant[rows],
            start_day=start_day,
            start_instant=start_instant,
            by_author=None if self.by_author is None else self.by_author[rows],
        )


@attrs.frozen(eq=False)
class Found:
    """Rows that answer requests; `units` are the texts that `columns.unit` counts in.

    `row` is -1 where nothing was found. Where `added` is None each entry is one observation; else the
    engine has reduced: an entry is the sum of `added` values, or a greatest or least one (`added` 1), and
    has no time of its own. `count` then says how many observations are behind it.
    """

    columns: RecordColumns
    units: tuple[str, ...]
    row: Ints
    added: Ints | None = None
    count: Ints | None = None

    def counts(self, offsets: Ints) -> Ints:
        """Return how many observations are behind the entries of each request."""
        behind = np.ones(len(self.row), dtype=np.int64) if self.count is None else self.count
        return np.diff(np.concatenate([[0], np.cumsum(behind)])[offsets])

    @classmethod
    def joined(cls, parts: Sequence[tuple[Ints, Found]]) -> Found:
        """Return the entries of all parts in the order of the numbers beside them, stable."""
        order = np.argsort(np.concatenate([numbers for numbers, _ in parts]), kind="stable")
        units = tuple(dict.fromkeys(unit for _, part in parts for unit in part.units))
        columns = []
        for _, part in parts:
            own = np.array([units.index(unit) for unit in part.units] + [-1], dtype=np.int32)
            columns.append(attrs.evolve(part.columns, unit=own[part.columns.unit]))
        names = [column.name for column in attrs.fields(RecordColumns)]

        def whole(name: str) -> Ints | None:
            arrays = [getattr(part, name) for _, part in parts]
            return None if arrays[0] is None else np.concatenate(arrays)[order]

        return cls(
            RecordColumns(
                *(np.concatenate([getattr(one, name) for one in columns])[order] for name in names)
            ),
            units,
            np.concatenate([part.row for _, part in parts])[order],
            whole("added"),
            whole("count"),
        )


@attrs.frozen(eq=False)
class Edges:
    """Where periods start, in order: as days since 1970-01-01, and as instants in one zone, in microseconds.

    Period i runs from edge i to edge i + 1, which belongs to the next.
    """

    days: Ints
    instants: Ints
