"""List a portfolio's key results as things to be read from a history and judged, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from okrcore.definitions.derived import adds_authors, cadence_of, read_unit_of, series_of, unit_of
from okrcore.definitions.formulas import ResolvedFormula, formulas_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.portfolio import Portfolio
from okrcore.scoring.checklists import ChecklistItems, items_of
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.formula_spans import SPANNED
from okrcore.scoring.graph import Flags, NodeCodes, RowNumbers
from okrcore.scoring.measure_columns import MeasureColumns
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.samples import SampleColumns
from okrcore.scoring.silence import feeds_of
from okrcore.units.unit_text import is_count


@attrs.frozen(eq=False, kw_only=True)
class ResultRoster:
    """Key results, one row each: how they are read, and what they are judged by."""

    results: tuple[KeyResult, ...]
    rows: Mapping[str, int]
    """The row of each id."""
    subjects: Subjects
    measures: MeasureColumns
    start: RowNumbers
    """The first day of the cycle."""
    due: RowNumbers
    commitment: RowNumbers
    """That of the objective, as a place in COMMITMENTS."""
    planned: Flags
    counted: Flags
    """Which add up a number of things."""
    stages: NodeCodes | None
    """The status of each that is not pursued, PURSUED of the others; None: all are pursued."""
    items: ChecklistItems
    samples: SampleColumns

    @property
    def listed(self) -> Flags:
        """Which are checklists."""
        listed = np.zeros(len(self.results), dtype=np.bool_)
        listed[self.items.owner] = True
        return listed

    @classmethod
    def of(cls, portfolio: Portfolio, compiled: CompiledPortfolio, zones: Sequence[str]) -> ResultRoster:
        """Return all key results, in the row order of the compiled portfolio; `zones` are their own."""
        results, parent = compiled.results, compiled.parent
        series = [series_of(result, portfolio) for result in results]
        start = compiled.start_day[parent]
        subjects = Subjects.of(
            measures=[one.id for one in series],
            units=[(read_unit_of(one, portfolio), unit_of(one, portfolio)) for one in results],
            zones=zones,
            cadences=[cadence_of(result, portfolio) for result in results],
            anchors=[
                None if result.cadence is None else first
                for result, first in zip(results, start.tolist(), strict=True)
            ],
            starts=start.tolist(),
            aggregates=[result.aggregate for result in results],
            by_author=[adds_authors(result, portfolio) for result in results],
            calendar=portfolio.calendar,
            feeds=feeds_of(results, portfolio),
            spans=_spans(results, portfolio),
        )
        return cls(
            results=results,
            rows=compiled.result_rows,
            subjects=subjects,
            measures=compiled.measures,
            start=start,
            due=compiled.due_day,
            commitment=compiled.commitment[parent],
            planned=compiled.planned,
            counted=_counted(portfolio, compiled),
            stages=None if compiled.inactive is None else compiled.inactive.results,
            items=items_of(results, zones, portfolio),
            samples=SampleColumns.of(subjects, series, portfolio),
        )

    def take(self, rows: RowNumbers) -> ResultRoster:
        """Return some of the key results, each once."""
        results = tuple(self.results[row] for row in rows.tolist())
        return ResultRoster(
            results=results,
            rows={result.id: row for row, result in enumerate(results)},
            subjects=self.subjects.take(rows),
            measures=self.measures.take(rows),
            start=self.start[rows],
            due=self.due[rows],
            commitment=self.commitment[rows],
            planned=self.planned[rows],
            counted=self.counted[rows],
            stages=None if self.stages is None else self.stages[rows],
            items=self.items.take(rows),
            samples=self.samples.take(rows),
        )


def _spans(results: Sequence[KeyResult], portfolio: Portfolio) -> dict[int, ResolvedFormula]:
    """Return the formulas of the key results that combine their inputs over their own span, by row."""
    formulas = formulas_of(portfolio)
    names = [series_of(one, portfolio).id if one.aggregate in SPANNED else "" for one in results]
    return {row: formulas[name] for row, name in enumerate(names) if name in formulas}


def _counted(portfolio: Portfolio, compiled: CompiledPortfolio) -> Flags:
    """Return which caps are on a sum of things that are counted (A8)."""
    counted = np.zeros(len(compiled.results), dtype=np.bool_)
    for row in compiled.measures.caps.tolist():
        result = compiled.results[row]
        counted[row] = result.aggregate == "sum" and is_count(unit_of(result, portfolio), portfolio.units)
    return counted
