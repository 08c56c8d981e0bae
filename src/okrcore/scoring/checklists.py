"""Read checklists: the share of their items that is done (S2.5)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.joined_ids import item_id
from okrcore.definitions.measures import Checklist, Item
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import freeze_fields
from okrcore.history.interning import Lookup
from okrcore.history.requests import Found
from okrcore.scoring import kernels
from okrcore.scoring.asked_history import AskedHistory
from okrcore.scoring.graph import Flags, Floats, RowNumbers, comparable
from okrcore.scoring.milestones_done import declared_days, done_by
from okrcore.scoring.observed import Reader
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster_columns import coded


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ChecklistItems:
    """The items of all checklists, by key result and id: which row they count for, and how much.

    `declared` is the day on which the item's milestone was declared done, OPEN while it is not; `dated` items
    have a milestone, so that their state is always known.
    """

    measures: Lookup[str]
    steps: Lookup[str]
    """The id of each item's milestone; "" of one that has none."""
    owner: RowNumbers
    weight: Floats
    declared: RowNumbers
    dated: RowNumbers
    zone: RowNumbers
    zones: tuple[str, ...]

    def take(self, rows: RowNumbers) -> ChecklistItems:
        """Return the items of some of the key results, which are numbered by their place in `rows`."""
        place = {row: at for at, row in enumerate(rows.tolist())}
        kept = np.flatnonzero(np.isin(self.owner, rows))
        return ChecklistItems(
            measures=Lookup(self.measures[item] for item in kept.tolist()),
            steps=Lookup(self.steps[item] for item in kept.tolist()),
            owner=np.array([place[row] for row in self.owner[kept].tolist()], dtype=np.int64),
            weight=self.weight[kept],
            declared=self.declared[kept],
            dated=self.dated[kept],
            zone=self.zone[kept],
            zones=self.zones,
        )


def items_of(results: Sequence[KeyResult], zones: Sequence[str], portfolio: Portfolio) -> ChecklistItems:
    """Return the items of the checklists among `results`, each of which is read in one of `zones`."""
    milestones = {milestone.id: milestone for milestone in portfolio.milestones}
    listed: list[tuple[int, KeyResult, Item]] = [
        (row, result, item)
        for row, result in enumerate(results)
        if isinstance(result.measure, Checklist)
        for item in sorted(result.measure.items, key=lambda item: item.id)
    ]
    owner = np.array([row for row, _, _ in listed], dtype=np.int64)
    zone, names = coded([zones[row] for row, _, _ in listed])
    return ChecklistItems(
        measures=Lookup(item_id(result.id, item.id) for _, result, item in listed),
        steps=Lookup(item.milestone or "" for _, _, item in listed),
        owner=owner,
        weight=comparable(
            np.array([item.weight for _, _, item in listed], dtype=np.float64), owner, len(results)
        ),
        declared=declared_days(
            [milestones[item.milestone] if item.milestone else None for _, _, item in listed]
        ),
        dated=np.array([item.milestone is not None for _, _, item in listed], dtype=np.int64),
        zone=zone,
        zones=names,
    )


def with_checklists(reading: Reading, items: ChecklistItems, reader: Reader, end: RowNumbers) -> Reading:
    """Return the reading with the share done of each checklist (S2.5), unknown where no item is told of."""
    if not len(items.owner):
        return reading
    done, lasts = _done(items, reader.asked, end[items.owner])
    told_of = np.concatenate([last.row >= 0 for last in lasts])
    owners = np.tile(items.owner, len(lasts))
    size = len(reading.value)

    def total(owner: RowNumbers, weights: Floats) -> Floats:
        return np.bincount(owner, weights, size).astype(np.float64)

    share = kernels.share(total(items.owner, items.weight * done), total(items.owner, items.weight))
    dated = total(items.owner, items.dated.astype(np.float64)) > 0
    told = (total(owners, told_of.astype(np.float64)) > 0) | dated
    lists = np.unique(items.owner)
    value, stale = reading.value.copy(), reading.stale.copy()
    value[lists], stale[lists] = np.where(told, share, np.nan)[lists], ~told[lists]
    seen, day, at, date_only = (
        reading.seen.copy(),
        reading.day.copy(),
        reading.at.copy(),
        reading.date_only.copy(),
    )
    seen[lists], day[lists], at[lists], date_only[lists] = (
        False,
        -1,
        -1,
        False,
    )  # its own id is read by nobody
    days, instants, whole = (
        np.concatenate([getattr(last.columns, name) for last in lasts]) for name in ("day", "at", "date_only")
    )
    for item in np.lexsort((instants, owners)).tolist():
        if told_of[item]:
            owner = owners[item]
            seen[owner], day[owner], at[owner] = True, days[item], instants[item]
            date_only[owner] = whole[item]
    return attrs.evolve(reading, value=value, seen=seen, day=day, at=at, date_only=date_only, stale=stale)


def _done(items: ChecklistItems, asked: AskedHistory, end: RowNumbers) -> tuple[Flags, list[Found]]:
    """Return which items are done, and the last observations of all, and of their milestones."""
    codes, at = asked.facts.codes(items.measures), (items.zone, items.zones)
    window, aggregates = asked.until(*at, end), ["max"] * len(items.measures)
    offsets, many = asked.totals(codes, window, aggregates, *at)
    done, last = reduce(many.columns.value, offsets, aggregates) >= 1, asked.newest(codes, window, *at)
    if not items.dated.any():
        return done, [last]
    reached, step = done_by(items.declared, asked.facts.codes(items.steps), asked, *at, end)
    return done | reached, [last, step]
