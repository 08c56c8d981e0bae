"""Hold the value of each thing that was read from a history, with its own date."""

from __future__ import annotations

import attrs

from okrcore.frozen import freeze_fields
from okrcore.scoring.graph import Flags, Floats, RowNumbers


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Reading:
    """The value of each subject (NaN unknown) and when it was last observed.

    `day` is the last observation's local day and `at` its microseconds; -1 where there is none.
    `count` is how many observations the value is reduced from; -1 where it is the latest, or a band's period.
    """

    value: Floats
    seen: Flags
    """Which were observed at all."""
    day: RowNumbers
    at: RowNumbers
    date_only: Flags
    stale: Flags
    lived: RowNumbers
    """Until when the feed of each is known to live, where its silence means 0; before all days elsewhere."""
    zero: Flags
    """The values that are 0 because nothing came (A9)."""
    count: RowNumbers
