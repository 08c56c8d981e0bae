"""Define what is asked of a history about many measures at once, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import start_of_day
from okrcore.history.results import RecordColumns

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

Known = tuple[int | None, int | None]
"""What was known: `known_at` and `known_day`, as in `Window`."""


@attrs.frozen(eq=False)
class Edges:
    """Where periods start, in order: as days since 1970-01-01, and as instants in one zone, in microseconds.

    Period i runs from edge i to edge i + 1, which belongs to the next.
    """

    days: Ints
    instants: Ints

    @classmethod
    def of(cls, days: Ints, zone: str) -> Edges:
        """Return the edges at the beginning of days in a zone."""
        return cls(days, np.array([start_of_day(day, zone) for day in days.tolist()], dtype=np.int64))

    def __len__(self) -> int:
        return max(len(self.days) - 1, 0)

    def until(self, day: int, instant: int) -> Edges:
        """Return the edges of periods that end with a day, of instants with an instant, at the latest."""
        return Edges(np.minimum(self.days, day + 1), np.minimum(self.instants, instant + 1))

    def by_day(self, zone: str = "UTC") -> tuple[Edges, Ints]:
        """Return the edges of the same time cut at each midnight of a zone too, and the day of each part.

        >>> from okrcore.definitions.days import DAY
        >>> parts, day = Edges.of(np.array([0, 2]), "Asia/Tokyo").by_day()
        >>> (parts.instants / DAY).tolist(), parts.days.tolist(), day.tolist()
        ([-0.375, 0.0, 1.0, 1.625], [0, 0, 1, 2], [-1, 0, 1])
        """
        midnights = Edges.of(np.arange(self.days[0] - 1, self.days[-1] + 2), zone)
        inside = np.searchsorted(midnights.instants, self.instants[[0, -1]], side="right")
        some = slice(int(inside[0]), int(inside[1]))
        instants = np.concatenate([self.instants, midnights.instants[some]])
        order = np.argsort(instants, kind="stable")
        order = order[np.diff(instants[order], prepend=instants[0] - 1) > 0]
        days = np.concatenate([self.days, midnights.days[some]])[order]
        parts = Edges(np.minimum(days, self.days[-1]), instants[order])
        place = np.searchsorted(midnights.instants, parts.instants[:-1], side="right") - 1
        return parts, midnights.days[place]


@attrs.frozen(eq=False, kw_only=True)
class Window:
    """Which times are looked at, one entry a request, both ends included; without a start all until the end.

    Calendar days compare with `start_day` and `end_day` (days since 1970-01-01), instants with
    `start_instant` and `end_instant` (microseconds since then, UTC). Only what was recorded at or before
    `known_at` counts; None filters nothing. A day's record without a time of recording of its own (it bears
    the end of the day in UTC) counts up to the day `known_day`, where that is given. `by_author` says of
    which requests each author has an observation of their own at one moment (A12); None of none. With
    `edges` the requests are all their periods of one measure after the other: then each row belongs to one.
    """

    end_day: Ints
    end_instant: Ints
    start_day: Ints | None = None
    start_instant: Ints | None = None
    known_at: int | None = None
    known_day: int | None = None
    by_author: Flags | None = None
    edges: Edges | None = None

    @classmethod
    def of_periods(
        cls, edges: Edges, measures: int, known: Known = (None, None), by_author: Flags | None = None
    ) -> Window:
        """Return the window of all periods of one measure after the other; of authors one flag a measure."""
        return cls(
            start_day=np.tile(edges.days[:-1], measures),
            start_instant=np.tile(edges.instants[:-1], measures),
            end_day=np.tile(edges.days[1:] - 1, measures),
            end_instant=np.tile(edges.instants[1:] - 1, measures),
            known_at=known[0],
            known_day=known[1],
            by_author=None if by_author is None else np.repeat(by_author, len(edges)),
            edges=edges,
        )

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
            edges=self.edges if self._are_whole(rows) else None,
        )

    def _are_whole(self, rows: Ints) -> bool:
        """Whether requests are all periods of one measure after the other."""
        size = 0 if self.edges is None else len(self.edges)
        if not size or len(rows) % size:
            return False
        each = rows.reshape(-1, size)
        return bool((each[:, 0] % size == 0).all() and (each == each[:, :1] + np.arange(size)).all())


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
