"""Hold how all goals and KPIs stand at a moment, as columns."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from okrcore.frozen import freeze_fields, frozen
from okrcore.scoring import kernels
from okrcore.scoring.graph import Flags, Floats, Graph, NodeCodes, RowNumbers
from okrcore.scoring.periods_due import AskedPeriods, PeriodsDue
from okrcore.scoring.reading import Reading


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
    lists: RowNumbers
    """The rows of checklists, whose items have no periods."""
    asked: AskedPeriods

    @property
    def due(self) -> PeriodsDue:
        """The periods that count for the status, counted when they are first asked for."""
        return self.asked.every

    @cached_property
    def coverage(self) -> Floats:
        """The share of its periods that each was observed in; all or none where it has none (A9)."""
        known = (~np.isnan(self.reading.value)).astype(np.float64)
        share = np.where(np.isnan(self.due.coverage), known, self.due.coverage)
        share[self.lists] = known[self.lists]
        return frozen(share)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class ObjectiveColumns:
    """The objectives of a snapshot, in the row order of the compiled portfolio."""

    raw: Floats
    score: Floats
    low: Floats
    high: Floats
    heard: Floats
    """The share of the weight whose value is known and fresh, which `min_coverage` asks for."""
    results: ResultColumns
    graph: Graph
    counted: kernels.Counted | None
    expected: Floats
    status: NodeCodes
    provisional: Flags
    breaches: frozenset[tuple[int, int]]
    """The rows of a KPI and of an objective that it guards and holds down."""

    @cached_property
    def coverage(self) -> Floats:
        """The weighted mean of the coverage of what counts below each (A9), when it is first asked for."""
        told = (~np.isnan(self.raw)).astype(np.float64)
        return frozen(kernels.nominal(self.results.coverage, told, self.graph, self.counted))


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
