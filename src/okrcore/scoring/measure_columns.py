"""Compute progress from values, with measures as columns: of one value, an array, or a portfolio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import overload

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.fields import shown
from okrcore.definitions.measures import Band, Checklist, Measure, Target, direction_of
from okrcore.errors import DefinitionError
from okrcore.frozen import freeze_fields
from okrcore.scoring import kernels
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.scoring_policy import ScoringPolicy


@overload
def progress(measure: Measure, value: float | None, scoring: ScoringPolicy = ...) -> float | None: ...
@overload
def progress(measure: Measure, value: npt.ArrayLike, scoring: ScoringPolicy = ...) -> Floats: ...
def progress(
    measure: Measure, value: npt.ArrayLike | None, scoring: ScoringPolicy = ScoringPolicy()
) -> float | Floats | None:
    """Return the progress of one value, or of an array of values, in the measure's own unit (S2).

    1.0 is the goal reached; below 0 is away from it, above 1 beyond it. A band's lone value is inside (1) or
    outside (0), or graded by its distance under `band="distance"`. A checklist takes the weighted share done.
    None (NaN in arrays) is unknown: no value, no baseline, or a target without slope and direction. Raises
    DefinitionError for what is no finite number.

    >>> progress(Target(100, 60), 70)
    0.75
    >>> progress(Target(0, 10), [5, float("nan")])
    array([0.5, nan])
    """
    values = to_floats(math.nan if value is None else value)
    found = MeasureColumns.of([measure]).progress(values[..., np.newaxis], scoring)[..., 0]
    return found if values.ndim else known(float(found))


def to_floats(values: npt.ArrayLike) -> Floats:
    """Return numbers as an array, NaN where unknown; raises DefinitionError for what is no finite number."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DefinitionError(
            f"value {shown(values)} is no number; give numbers, NaN where unknown"
        ) from None
    with np.errstate(invalid="ignore", over="ignore"):
        if not np.isfinite(found.sum()) and np.isinf(found).any():
            raise DefinitionError("values hold an infinite number; give finite ones, NaN where unknown")
    return found


def known(number: float) -> float | None:
    """Return the number, or None where it is NaN (S0.2)."""
    return None if math.isnan(number) else float(number)


@attrs.frozen
class Distance:
    """How far a value is on the way from a target's start to its goal, in the target's unit.

    `completed` and `remaining` are not below 0; `total` is the longer of the planned way and what remains;
    `gap` is goal - value, signed.
    """

    completed: float
    remaining: float
    total: float
    gap: float


def distance(target: Target, value: float) -> Distance:
    """Return the way gone and the way left, in the target's unit.

    >>> distance(Target(0, 100), 150)
    Distance(completed=150.0, remaining=0.0, total=100.0, gap=-50.0)
    """
    start = target.goal if target.start is None else target.start
    sense = direction_of(target) or 1
    remaining = max(0.0, sense * (target.goal - value))
    way = abs(target.goal - start)
    return Distance(max(0.0, sense * (value - start)), remaining, max(way, remaining), target.goal - value)


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class MeasureColumns:
    """The measures of many key results as arrays of one length.

    A checklist is a target from 0 to 1, its value the share done; a band has no start. NaN: not given.
    """

    start: Floats
    goal: Floats
    span: Floats
    sense: Floats
    low: Floats
    high: Floats
    tolerance: Floats
    slopeless: RowNumbers
    bands: RowNumbers
    caps: RowNumbers
    """The bands whose bound is for the whole cycle (A8)."""
    bent: tuple[tuple[int, Floats, Floats], ...]

    @classmethod
    def of(cls, measures: Sequence[Measure]) -> MeasureColumns:
        """Return the columns of `measures`, in their order. Cost in proportion to their number."""
        rows = np.array([_numbers(measure) for measure in measures], dtype=np.float64).reshape(-1, 6)
        start, goal, sense, low, high, tolerance = np.ascontiguousarray(rows.T)
        span = goal - start
        return cls(
            start=start,
            goal=goal,
            span=span,
            sense=sense,
            low=low,
            high=high,
            tolerance=tolerance,
            slopeless=np.flatnonzero(span == 0),
            bands=np.flatnonzero(~np.isnan(low)),
            caps=np.flatnonzero([isinstance(one, Band) and one.is_cap for one in measures]),
            bent=tuple(
                (row, *_curve(measure))
                for row, measure in enumerate(measures)
                if isinstance(measure, Target) and measure.curve
            ),
        )

    def take(self, rows: RowNumbers) -> MeasureColumns:
        """Return some of the measures, each once, in that order."""
        place = {row: at for at, row in enumerate(rows.tolist())}
        return MeasureColumns(
            start=self.start[rows],
            goal=self.goal[rows],
            span=self.span[rows],
            sense=self.sense[rows],
            low=self.low[rows],
            high=self.high[rows],
            tolerance=self.tolerance[rows],
            slopeless=np.flatnonzero(np.isin(rows, self.slopeless)),
            bands=np.flatnonzero(np.isin(rows, self.bands)),
            caps=np.flatnonzero(np.isin(rows, self.caps)),
            bent=tuple((place[row], knots, levels) for row, knots, levels in self.bent if row in place),
        )

    def progress(self, values: Floats, policy: ScoringPolicy) -> Floats:
        """Return the progress of values (..., measures), in each measure's own unit."""
        if policy.missing_value == "start":
            values = np.where(np.isnan(values), self.start, values)
        gone = kernels.way(values, self.start, self.span)
        for row, knots, levels in self.bent:
            gone[..., row] = kernels.bend(values[..., row], knots, levels)
        if len(rows := self.slopeless):
            gone[..., rows] = kernels.slopeless(values[..., rows], self.goal[rows], self.sense[rows], policy)
        if len(rows := self.bands):
            band = values[..., rows], self.low[rows], self.high[rows]
            graded = policy.band in {"distance", "margin"}
            gone[..., rows] = (
                kernels.nearness(*band, self.tolerance[rows], margin=policy.band == "margin")
                if graded
                else kernels.inside(*band, policy.inclusive)
            )
        if len(rows := self.caps):
            cap = values[..., rows], self.low[rows], self.high[rows]
            gone[..., rows] = kernels.nearness(*cap, self.tolerance[rows], margin=False)
        if policy.missing_value == "zero":
            baseless = np.isnan(self.start) & np.isnan(self.low)
            gone = np.where(np.isnan(values) | baseless, 0.0, gone)
        return gone

    def banded(self) -> Flags:
        """Return which measures are bands."""
        return ~np.isnan(self.low)


def _numbers(measure: Measure) -> tuple[float, float, float, float, float, float]:
    nan = math.nan
    match measure:
        case Target(start=start, goal=goal):
            return nan if start is None else start, goal, float(direction_of(measure)), nan, nan, nan
        case Band(low=low, high=high, tolerance=tolerance):
            bottom = -math.inf if low is None else low
            top = math.inf if high is None else high
            return nan, nan, 0.0, bottom, top, nan if tolerance is None else tolerance
        case Checklist():
            return 0.0, 1.0, 0.0, nan, nan, nan


def _curve(target: Target) -> tuple[Floats, Floats]:
    """Return the knots of a bent target in rising order of value, and the progress at each."""
    assert target.start is not None
    pairs = sorted([(target.start, 0.0), *target.curve, (target.goal, 1.0)])
    knots, levels = np.array(pairs).T
    return knots, levels
