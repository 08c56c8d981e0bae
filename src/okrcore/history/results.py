"""Define what a history answers with: columns of rows, a series, restatements, a verification."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs
import numpy as np
from attrs import field
from numpy.typing import NDArray

from okrcore.errors import Problem
from okrcore.frozen import freeze_fields
from okrcore.history.observation import Observation


@attrs.frozen(eq=False)
class RecordColumns:
    """Rows of a history as columns, one entry a row; a row of -1 has value NaN and -1 (False) elsewhere.

    `day` counts days and `at` and `recorded` microseconds since 1970-01-01 UTC. Of an instant `day` is
    its UTC day; where `date_only`, `at` is the end of the day in UTC. `unit` counts in `history.units`.
    """

    value: NDArray[np.float64]
    day: NDArray[np.int64]
    at: NDArray[np.int64]
    date_only: NDArray[np.bool_]
    recorded: NDArray[np.int64]
    unit: NDArray[np.int32]

    @classmethod
    def blank(cls, size: int) -> RecordColumns:
        """Return columns of `size` rows that hold nothing yet."""
        value, date_only, unit = np.full(size, np.nan), np.zeros(size, np.bool_), np.full(size, -1, np.int32)
        day, at, recorded = (np.full(size, -1, np.int64) for _ in range(3))
        return cls(value, day, at, date_only, recorded, unit)


@attrs.frozen(field_transformer=freeze_fields)
class Series:
    """The chosen values of one measure in order of time; `units` has the unit text of each value."""

    times: tuple[dt.date | dt.datetime, ...]
    values: NDArray[np.float64] = field(eq=attrs.cmp_using(eq=np.array_equal))
    units: tuple[str, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.times)


@attrs.frozen
class Restatement:
    """A value, or its unit, that a later record of the same source system replaced."""

    before: Observation
    after: Observation

    @property
    def change(self) -> float:
        """By how much the number went up, whatever the units."""
        return self.after.value - self.before.value


@attrs.frozen
class Verification:
    """What a check of a chain of hashes found; the first problem names the first block at fault."""

    FORM: ClassVar[str] = "verification"

    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.problems
