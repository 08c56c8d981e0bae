"""Define what is asked of a history about many measures at once, and what comes back."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.history.results import RecordColumns

Ints = NDArray[np.int64]


@attrs.frozen(eq=False, kw_only=True)
class Window:
    """Which times are looked at, one entry a request, both ends included; without a start all until the end.

    Calendar days compare with `start_day` and `end_day` (days since 1970-01-01), instants with
    `start_instant` and `end_instant` (microseconds since then, UTC). Only what was recorded at or before
    `known_at` counts; None filters nothing.
    """

    end_day: Ints
    end_instant: Ints
    start_day: Ints | None = None
    start_instant: Ints | None = None
    known_at: int | None = None


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
