"""Ask of a key result whether its goal is met by its due date, and what counts towards it already (S10)."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import ArrayLike

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.days import to_date
from okrcore.definitions.derived import cadence_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.errors import DefinitionError, HistoryError
from okrcore.leading.leaders import Leader
from okrcore.leading.measured_series import MeasuredSeries
from okrcore.leading.paired_series import SeriesPair
from okrcore.leading.periods_ahead import PeriodsKept, Question, Total
from okrcore.leading.weeks_ahead import Lead
from okrcore.scoring.snapshot import Snapshot
from okrcore.statistics.distributions import Floats, Ints
from okrcore.units.unit_text import is_count, parse_unit

NO_SEASON = 1.0


def question_on(
    snapshot: Snapshot,
    result: KeyResult,
    signal: MeasuredSeries | None,
    leader: tuple[Lead, SeriesPair] | None,
    given: ArrayLike | None = None,
) -> Question:
    """Return what is asked about one key result; `given` are sample paths of the caller's own.

    Raises DefinitionError or HistoryError for why nothing can be asked.
    """
    compiled = snapshot.compiled
    row = compiled.result_rows[result.id]
    due, start = int(compiled.due_day[row]), int(compiled.start_day[compiled.parent[row]])
    if result.id in snapshot.not_pursued:
        raise DefinitionError(f"it is {snapshot.key_result(result.id).status}")
    if isinstance(result.measure, Checklist):
        raise DefinitionError("a checklist has no series to extrapolate")
    if signal is None:
        raise HistoryError(f"{result.id} has no observations")
    edges = signal.grid.edges(int(signal.days[0]), signal.last)
    ahead = signal.grid.edges(int(edges[-1]), due)
    periods = len(ahead) - 1
    if due <= signal.last:
        raise HistoryError(f"it was due on {to_date(due)}")
    if periods < 1:
        raise HistoryError(f"no whole {signal.grid.period} is left until {to_date(due)}")
    series = signal.on(edges)
    low, high = _limits(result.measure, signal, snapshot.portfolio.units)
    kept = _kept(snapshot, result, row, start, due, signal.last)
    question = Question.of(
        series,
        result.measure,
        periods=periods,
        low=low,
        high=high,
        share=kept.share if kept else None,
        season=signal.grid.season(signal.season) or NO_SEASON,
        declared=signal.season is not None,
        total=None if kept else _total(signal, series, start, edges),
        leader=_offered(leader, signal, edges),
        given=given,
        name=result.id,
    )
    return attrs.evolve(question, kept=kept, ends=tuple(to_date(day - 1) for day in ahead[1:].tolist()))


def _limits(
    measure: Target | Band, signal: MeasuredSeries, declared: tuple[str, ...]
) -> tuple[float | None, float | None]:
    """What values of the unit cannot pass: a count 0, a percent 0 and 100; unless something here did.

    A percent of growth may pass both: one value, start or goal outside shows that it is such.
    """
    terms = parse_unit(signal.unit, declared)
    percent = set(terms) == {"percent"}
    bounds = (measure.start, measure.goal) if isinstance(measure, Target) else (measure.low, measure.high)
    seen = [*signal.numbers.tolist(), *(bound for bound in bounds if bound is not None)]
    low = 0.0 if min(seen) >= 0 and (percent or is_count(signal.unit, declared)) else None
    return low, 100.0 if low is not None and percent and max(seen) <= 100 else None


def _total(signal: MeasuredSeries, series: Floats, start: int, edges: Ints) -> Total | None:
    """What the cycle holds from day `start` to the last of `edges`; None where only the latest counts.

    Of a period that is unknown a sum counts no part: the whole of it is owed, as far as it lies in the cycle.
    """
    if signal.aggregate == "latest":
        return None
    inside = (signal.days >= start) & (signal.days < edges[-1]) & ~np.isnan(signal.values)
    owed = None
    if signal.aggregate == "sum" and len(series):
        unknown = np.isnan(series)
        place = np.clip(np.searchsorted(edges, signal.days, side="right") - 1, 0, len(series) - 1)
        inside &= ~unknown[place]
        owed = np.clip((edges[1:] - start) / np.diff(edges), 0.0, 1.0) * unknown
    values = signal.values[inside]
    (held,) = reduce(values, np.array([0, len(values)]), signal.aggregate)
    nothing = {"max": -np.inf, "min": np.inf}.get(signal.aggregate, 0.0)
    a_period = max(1.0, len(signal.numbers) / max(1, int(np.isfinite(series).sum())))
    return Total(
        aggregate=signal.aggregate,
        value=float(held) if len(values) else nothing,
        weight=len(values) / a_period,
        owed=owed,
    )


def _kept(
    snapshot: Snapshot, result: KeyResult, row: int, start: int, due: int, last: int
) -> PeriodsKept | None:
    """How far a band is kept so far (S2.4); None where only the last value is judged."""
    policy, cadence = snapshot.scoring, cadence_of(result, snapshot.portfolio)
    if not isinstance(result.measure, Band) or result.measure.is_cap or cadence is None:
        return None
    if not policy.band.startswith("share"):
        return None
    calendar = snapshot.portfolio.calendar
    planned, ended = (len(calendar.periods(cadence, start, day)) for day in (due, min(last, due)))
    planned = max(planned, 1)
    if planned <= ended:
        raise HistoryError(f"no whole period is left until {to_date(due)}")
    progress = float(np.nan_to_num(snapshot.result_values.progress[row]))
    commitment = snapshot.portfolio[result.objective].commitment
    return PeriodsKept(
        met=round(progress * (planned if policy.band == "share-of-planned" else ended)),
        left=planned - ended,
        planned=planned,
        enough=policy.achieved_at[commitment],
    )


def _offered(leader: tuple[Lead, SeriesPair] | None, signal: MeasuredSeries, edges: Ints) -> Leader | None:
    if leader is None or leader[1].grid != signal.grid:
        return None
    lead, pair = leader
    return Leader(series=pair.source.on(edges), lag=lead.evidence.lag or 0, name=lead.source)
