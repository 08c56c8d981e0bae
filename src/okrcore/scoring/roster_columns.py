"""Hold the things to be read from a history as columns, in which what many share is held once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs
import numpy as np

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.formulas import ResolvedFormula
from okrcore.frozen import FrozenDict, freeze_fields
from okrcore.history.interning import Lookup
from okrcore.scoring.graph import Flags, RowNumbers

Value = TypeVar("Value")


@attrs.frozen
class Feed:
    """What else shows that a number is still recorded, whose silence means 0 (A9).

    `system` is its declared source system, "" where none is; `siblings` are the KPIs that come from it too;
    `goals` the ids that check-ins about it may name.
    """

    system: str
    siblings: tuple[str, ...]
    goals: tuple[str, ...]


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Subjects:
    """What is read, one row each: the measure's name, its units, its window and how it is reduced.

    `pair` counts in `pairs`: the unit of an observation without one, and the unit wanted ("" not declared).
    `zone` counts in `zones`; `rhythm` counts in `rhythms`, (cadence, the day that an RFC 5545 rule counts
    from), -1 for none; named cadences are periods of the `calendar`. `start` is the first day that sums and
    periods look at.
    """

    measures: Lookup[str]
    pair: RowNumbers
    pairs: tuple[tuple[str, str], ...]
    zone: RowNumbers
    zones: tuple[str, ...]
    rhythm: RowNumbers
    rhythms: tuple[tuple[Cadence, int | None], ...]
    calendar: Calendar
    start: RowNumbers
    aggregate: tuple[str, ...]
    reduced: RowNumbers
    """The rows whose aggregate is not simply the latest."""
    by_author: Flags
    """The rows in whose sums each author has a count of their own at one moment (A12)."""
    feeds: Mapping[int, Feed] = FrozenDict()
    """Of the rows whose silence means 0."""
    spans: Mapping[int, ResolvedFormula] = FrozenDict()
    """Of the rows whose value is a formula of its inputs over their own days (S22.2)."""

    @classmethod
    def of(
        cls,
        *,
        measures: Sequence[str],
        units: Sequence[tuple[str, str]],
        zones: Sequence[str],
        cadences: Sequence[Cadence | None],
        anchors: Sequence[int | None],
        starts: Sequence[int],
        aggregates: Sequence[str],
        by_author: Sequence[bool],
        calendar: Calendar,
        feeds: Mapping[int, Feed] = FrozenDict(),
        spans: Mapping[int, ResolvedFormula] = FrozenDict(),
    ) -> Subjects:
        """Return subjects of columns of one length."""
        rhythms = [
            None if c is None else (c, day if c.step is None else None)
            for c, day in zip(cadences, anchors, strict=True)
        ]
        pair, pairs = coded(units)
        zone, names = coded(zones)
        rhythm, kinds = coded(rhythms)
        nothing = kinds.index(None) if None in kinds else -1
        return cls(
            measures=Lookup(measures),
            pair=pair,
            pairs=pairs,
            zone=zone,
            zones=names,
            rhythm=np.where(rhythm == nothing, -1, rhythm),
            rhythms=tuple(one or (Cadence("daily"), None) for one in kinds),
            calendar=calendar,
            start=np.array(starts, dtype=np.int64),
            aggregate=tuple(aggregates),
            reduced=np.flatnonzero([aggregate != "latest" for aggregate in aggregates]),
            by_author=np.array(by_author, dtype=np.bool_),
            feeds=feeds,
            spans=spans,
        )

    def take(self, rows: RowNumbers) -> Subjects:
        """Return some of the subjects, in that order; one may be taken twice."""
        aggregates = tuple(self.aggregate[row] for row in rows.tolist())
        return attrs.evolve(
            self,
            measures=Lookup(self.measures[row] for row in rows.tolist()),
            pair=self.pair[rows],
            zone=self.zone[rows],
            rhythm=self.rhythm[rows],
            start=self.start[rows],
            aggregate=aggregates,
            reduced=np.flatnonzero([aggregate != "latest" for aggregate in aggregates]),
            by_author=self.by_author[rows],
            feeds={at: self.feeds[row] for at, row in enumerate(rows.tolist()) if row in self.feeds},
            spans={at: self.spans[row] for at, row in enumerate(rows.tolist()) if row in self.spans},
        )


def coded(values: Sequence[Value]) -> tuple[RowNumbers, tuple[Value, ...]]:
    """Return each value's number and the distinct values, in order of first appearance."""
    codes: dict[Value, int] = {}
    rows = [codes.setdefault(value, len(codes)) for value in values]
    return np.array(rows, dtype=np.int64), tuple(codes)
