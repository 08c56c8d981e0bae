"""Hold how all goals and KPIs stand at a moment, as columns."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

import attrs
import numpy as np

from okrcore.frozen import freeze_fields, frozen
from okrcore.scoring import rollup
from okrcore.scoring.graph import Flags, Floats, Graph, NodeCodes, RowNumbers
from okrcore.scoring.periods_due import AskedPeriods, PeriodsDue
from okrcore.scoring.reading import Reading
from okrcore.scoring.scoring_policy import NOT_STARTED

Columns = TypeVar("Columns", bound="Reading | AskedPeriods | ResultColumns | KpiValues")


def spliced(whole: Columns, rows: RowNumbers, part: Columns) -> Columns:
    """Return columns with those of `part` at `rows`; a column that stays as it was is the same array."""
    columns: Any = whole
    changed = {}
    for field in attrs.fields(type(columns)):
        old, new = getattr(whole, field.name), getattr(part, field.name)
        if isinstance(old, np.ndarray) and old[rows].tobytes() != new.tobytes():
            changed[field.name] = column = old.copy()
            column[rows] = new
    found: Columns = attrs.evolve(columns, **changed)
    return found


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ResultColumns:
    """The key results of a snapshot, in the row order of the compiled portfolio."""

    reading: Reading
    end: RowNumbers
    """The last day that was read for each."""
    progress: Floats
    raw: Floats
    """Scores before rounding."""
    score: Floats
    expected: Floats
    pace: Floats
    status: NodeCodes
    provisional: Flags
    met: Floats
    """Of a band judged by periods, how many are met; NaN elsewhere."""
    sample: Floats
    few: Flags
    """Which have too few cases behind their value to be judged."""
    silent: Flags
    """Which have no value, or one too old to be judged."""
    listed: Flags
    """Which are checklists, whose items have no periods."""
    asked: AskedPeriods
    judged: tuple[tuple[RowNumbers, ResultColumns], ...] = ()
    """The rows that were closed, and the columns of the moment at which they were."""

    def with_rows(self, rows: RowNumbers, part: ResultColumns) -> ResultColumns:
        """Return the columns of a later history, in which some rows are other ones: those of `part`."""
        asked = attrs.evolve(spliced(self.asked, rows, part.asked), history=part.asked.history)
        reading = spliced(self.reading, rows, part.reading)
        return attrs.evolve(spliced(self, rows, part), reading=reading, asked=asked)

    @property
    def due(self) -> PeriodsDue:
        """The periods that count for the status, counted when they are first asked for."""
        return self.asked.every

    @cached_property
    def coverage(self) -> Floats:
        """The share of its periods that each was observed in; all or none where it has none (A9)."""
        known = (~np.isnan(self.reading.value)).astype(np.float64)
        share = np.where(np.isnan(self.due.coverage), known, self.due.coverage)
        share[self.listed] = known[self.listed]
        for rows, then in self.judged:
            share[rows] = then.coverage[rows]
        return frozen(share)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ObjectiveColumns:
    """The objectives of a snapshot, in the row order of the compiled portfolio."""

    raw: Floats
    score: Floats
    low: Floats
    high: Floats
    bounds: Floats
    """The means (3, objectives) with what is unknown or old at 0 and at 1, and the share that is not."""
    results: ResultColumns
    graph: Graph
    live: Flags | None
    """Which count, None: all."""
    expected: Floats
    status: NodeCodes
    provisional: Flags
    breached: Flags
    """Which a breached guardrail holds down."""
    breaches: frozenset[tuple[int, int]]
    """The rows of a KPI and of an objective that it guards and holds down."""
    closed: Flags
    """Which were closed, and stand as they were judged then."""
    closed_coverage: Floats

    @property
    def heard(self) -> Floats:
        """The share of the weight whose value is known and fresh, which `min_coverage` asks for."""
        heard: Floats = self.bounds[2]
        return heard

    @property
    def every_live(self) -> Flags:
        """Which count, as flags where all do."""
        return frozen(np.ones(len(self.raw), dtype=np.bool_)) if self.live is None else self.live

    @cached_property
    def coverage(self) -> Floats:
        """The weighted mean of the coverage of what counts below each (A9), when it is first asked for."""
        told = (~np.isnan(self.raw)).astype(np.float64)
        if self.closed.any():
            told = np.where(self.closed, self.closed_coverage, told)
        leaves, counted = self.results, None
        if self.live is not None:
            counted = rollup.Counted(leaves.status != NOT_STARTED, self.live)
        return frozen(rollup.nominal(leaves.coverage, told, self.graph, counted))


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class KpiValues:
    """The KPIs of a snapshot, by id."""

    reading: Reading
    judged_on: RowNumbers
    """The day by whose bands each is judged."""
    zone: NodeCodes
    satisfaction: Floats
    recovering: Flags
    sample: Floats
    few: Flags
    """Which have too few cases behind their value to be judged."""

    def with_rows(self, rows: RowNumbers, part: KpiValues) -> KpiValues:
        """Return the columns in which some rows are those of `part`."""
        return attrs.evolve(spliced(self, rows, part), reading=spliced(self.reading, rows, part.reading))
