"""Read checklists: the share of their items that is done (S2.5)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.definitions.aggregates import reduce
from okrcore.history.requests import Found
from okrcore.scoring import kernels
from okrcore.scoring.asked_history import AskedHistory
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster import ChecklistItems


def with_checklists(reading: Reading, items: ChecklistItems, reader: Reader, end: RowNumbers) -> Reading:
    """Return the reading with the share done of each checklist (S2.5), unknown where no item is told of."""
    if not len(items.owner):
        return reading
    done, found = _done(items, reader.asked, end[items.owner])
    last = found.row
    done = done | (items.finish <= end[items.owner])
    size = len(reading.value)

    def total(weights: Floats) -> Floats:
        return np.bincount(items.owner, weights, size).astype(np.float64)

    share = kernels.share(total(items.weight * done), total(items.weight))
    dated = total(items.dated.astype(np.float64)) > 0
    told = (total((last >= 0).astype(np.float64)) > 0) | dated
    lists = np.unique(items.owner)
    value, stale = reading.value.copy(), reading.stale.copy()
    value[lists], stale[lists] = np.where(told, share, np.nan)[lists], ~told[lists]
    row, day, at, date_only = (
        reading.row.copy(),
        reading.day.copy(),
        reading.at.copy(),
        reading.date_only.copy(),
    )
    row[lists], day[lists], at[lists], date_only[lists] = -1, -1, -1, False  # its own id is read by nobody
    seen = found.columns
    for item in np.lexsort((seen.at, items.owner)).tolist():
        if last[item] >= 0:
            owner = items.owner[item]
            row[owner], day[owner], at[owner] = last[item], seen.day[item], seen.at[item]
            date_only[owner] = seen.date_only[item]
    return attrs.evolve(reading, value=value, row=row, day=day, at=at, date_only=date_only, stale=stale)


def _done(items: ChecklistItems, asked: AskedHistory, end: RowNumbers) -> tuple[Flags, Found]:
    """Return which items are done, and each item's last observation."""
    codes, at = asked.facts.codes(items.measures), (items.zone, items.zones)
    window, aggregates = asked.until(*at, end), ["max"] * len(items.measures)
    offsets, many = asked.totals(codes, window, aggregates, *at)
    return reduce(many.columns.value, offsets, aggregates) >= 1, asked.newest(codes, window, *at)
