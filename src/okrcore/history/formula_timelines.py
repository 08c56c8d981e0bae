"""Define what the values of a formula's inputs were known to be, period by period, and when (S22.3)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.history.observation import FORMULA_SYSTEM
from okrcore.history.provenance import TRUST, Provenance
from okrcore.history.records import end_of_days
from okrcore.history.requests import Flags, Ints

Floats = NDArray[np.float64]


def trust_of(context: Provenance) -> int:
    """Return how little a number is trusted: of a derived one as its inputs, by the order of `TRUST`."""
    if context.system == FORMULA_SYSTEM and context.query in INPUTS_SAID:
        return INPUTS_SAID.index(context.query)
    return TRUST.index(context.mode)


INPUTS_SAID = tuple(f"{mode or 'unsourced'} inputs" for mode in TRUST)
"""What a derived record says of its inputs, by the weakest of their modes."""


@attrs.frozen(eq=False)
class Timelines:
    """What the value of each cell was known to be, from when on; sorted by cell, then instant.

    A cell is a column times the periods of the grid, plus the period. `own`: something was observed in the
    period itself, or known to be 0 in its silence, and not only carried into it. `trust` is that of the
    least trusted record behind.
    """

    cell: Ints
    known: Ints
    value: Floats
    own: Flags
    trust: NDArray[np.int8]

    @classmethod
    def none(cls) -> Timelines:
        """Return no lines."""
        none = np.empty(0, np.int64)
        return cls(none, none, np.empty(0), np.empty(0, np.bool_), np.empty(0, np.int8))

    @classmethod
    def joined(cls, parts: Sequence[Timelines]) -> Timelines:
        """Return all parts as one, sorted; of a cell in two of them, the first has the earlier lines."""
        parts = [part for part in parts if len(part.cell)] or [parts[0]]
        if len(parts) == 1:
            return parts[0]
        columns = [np.concatenate([getattr(part, one.name) for part in parts]) for one in attrs.fields(cls)]
        order = np.argsort(columns[0], kind="stable")  # lines of a cell are in order in each part
        return cls(*(column[order] for column in columns))

    def at(self, rows: Ints | Flags) -> Timelines:
        """Return some of the lines."""
        return Timelines(*(getattr(self, one.name)[rows] for one in attrs.fields(Timelines)))


@attrs.frozen(eq=False)
class Periods:
    """The periods of a grid: `edges` are their first days and, last, the day after them."""

    edges: Ints
    zone: str

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def last(self) -> Ints:
        """The last day of each."""
        return self.edges[1:] - 1

    @property
    def end(self) -> Ints:
        """The last microsecond of each, as a record of that day without a time of recording bears it."""
        return end_of_days(self.last)

    def of(self, days: Ints) -> Ints:
        """Return the period of each day; -1 and `len` outside."""
        first, last = int(self.edges[0]), int(self.edges[-1])
        asked = days if len(days) <= last - first else np.arange(first - 1, last + 1)
        found = np.searchsorted(self.edges, asked, side="right") - 1
        return found if asked is days else found.take(days - (first - 1), mode="clip")
