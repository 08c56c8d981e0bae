"""Tell when a feed whose silence means 0 was known to live, and until which day (A9)."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.scoring.silence import UNKNOWN

Ints = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max


@attrs.frozen(eq=False)
class SignsOfLife:
    """The signs that a feed lives: records of it and of its system, and check-ins about it.

    Each shows the feed until `day`, and was there from the instant `recorded` (microseconds) on.

    >>> signs = SignsOfLife(np.array([6, 13]), np.array([70, 150]))
    >>> signs.until(100), signs.shown(8), signs.shown(20) == NEVER
    (6, 150, True)
    """

    day: Ints
    recorded: Ints

    def until(self, instant: int) -> int:
        """Return until which day the feed is known to live at an instant; before all days if no sign is."""
        return int(self.day[self.recorded <= instant].max(initial=UNKNOWN))

    def shown(self, day: int) -> int:
        """Return the instant from which the feed is known to live until a day, `NEVER` if there is none."""
        days, first = self._first
        place = int(np.searchsorted(days, day))
        return int(first[place]) if place < len(days) else NEVER

    @cached_property
    def _first(self) -> tuple[Ints, Ints]:
        """The days in order, and for each the first instant at which it, or a later one, was shown."""
        order = np.argsort(self.day, kind="stable")
        return self.day[order], np.minimum.accumulate(self.recorded[order][::-1])[::-1]
