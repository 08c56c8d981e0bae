"""OKR2, measurement: targets that have a beginning, can be missed, and can be reached (S16)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Measure, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows
from okrcore.leading.calendar_grid import PeriodGrid
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.scoring.evaluation import codes_of
from okrcore.scoring.measure_columns import progress
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import roster_of
from okrcore.scoring.scoring_policy import STATUSES
from okrcore.scoring.snapshot import KeyResultState
from okrcore.statistics.distributions import Floats, Ints


def _without_start(measure: Measure) -> bool:
    return isinstance(measure, Target) and measure.start is None


def _without_slope(measure: Measure) -> bool:
    return isinstance(measure, Target) and measure.start == measure.goal


def _measured(rows: SubjectRows, says: Callable[[Measure], bool]) -> Bools:
    """Return where a rule's word about a measure holds."""
    return np.fromiter(map(says, rows["measure"]), dtype=np.bool_, count=len(rows))


@governance_rule(
    "OKR201",
    fix="measure where you stand, and give it as start",
    where=lambda rows, context, _: _measured(rows, _without_start),
    passes="""
        objectives:
          - id: delivery
            title: Deliver the peak season
            cycle: "2026"
            key_results:
              - {id: same-day, title: 96 % leave at once, unit: "%", measure: {target: {start: 90, goal: 96}}}
        """,
    fails="""
        objectives:
          - id: delivery
            title: Deliver the peak season
            cycle: "2026"
            key_results:
              - {id: same-day, title: 96 % leave at once, unit: "%", measure: {target: {goal: 96}}}
        """,
)
def target_has_a_baseline(result: KeyResult) -> Iterator[str]:
    """A target says where it starts.

    Progress is the way gone from start to goal (S2.1): without a start it stays unknown, whatever is
    observed, and nobody can say whether the goal is ambitious or long since met.
    """
    if _without_start(result.measure):
        yield "has no baseline: its target does not say where it starts"


@governance_rule(
    "OKR202",
    severity="error",
    fix="give start and goal that differ, or a direction and a plain weight",
    where=lambda rows, context, _: _measured(rows, _without_slope),
    passes="""
        objectives:
          - id: reliability
            title: Sorters run
            cycle: "2026"
            key_results:
              - id: uptime
                title: Uptime stays at 98 %
                unit: "%"
                measure: {target: {start: 98, goal: 98, direction: at_least}}
        """,
    fails="""
        objectives:
          - id: reliability
            title: Sorters run
            cycle: "2026"
            key_results:
              - {id: uptime, title: Uptime stays at 98 %, unit: "%", measure: {target: {start: 98, goal: 98}}}
        """,
)
def target_leads_somewhere(result: KeyResult, context: Context) -> Iterator[str]:
    """A target's goal differs from its start, or a direction says when it is met.

    Where both are one number there is no way to go: progress stays unknown for good (S2.2), unless the
    policy's knob `degenerate` makes it 0 or 1. A weight of "value" is |goal - start| (S4.7): here nothing.
    """
    target = result.measure
    if not isinstance(target, Target) or not _without_slope(target):
        return
    if target.direction is None and context.scoring.degenerate in {"met", "unknown"}:
        yield f"starts where it ends, at {target.goal:g}, and no direction says when that is met"
    if result.weight == "value":
        yield f'weighs nothing: its weight is "value", and start and goal are both {target.goal:g}'


@governance_rule(
    "OKR203",
    fix="raise the goal, or take its current value as a band to hold",
    where=lambda rows, context, _: (
        context.snapshot.compiled.measures.progress(context.once(_opening), context.scoring) >= 1
    ),
    passes=Example(
        """
        objectives:
          - id: support
            title: Customers are answered
            cycle: "2026"
            key_results:
              - {id: answered, title: 90 % in a day, unit: "%", measure: {target: {start: 70, goal: 90}}}
        """,
        observations=[("answered", "2025-12-31", 71.0), ("answered", "2026-03-31", 91.0)],
    ),
    fails=Example(
        """
        objectives:
          - id: support
            title: Customers are answered
            cycle: "2026"
            key_results:
              - {id: answered, title: 90 % in a day, unit: "%", measure: {target: {start: 70, goal: 90}}}
        """,
        observations=[("answered", "2025-12-31", 92.0), ("answered", "2026-03-31", 91.0)],
    ),
)
def target_is_not_met_at_the_start(state: KeyResultState, context: Context) -> Iterator[Finding]:
    """A target is not met yet when its cycle begins.

    What was reached before the first day shows no work of this cycle, and lifts the objective's score as if
    it did. The value is the latest up to and including the cycle's first day (before it begins, up to
    today); sums and the like begin with the cycle, bands are there to be held, and what is past its due
    date is left alone.
    """
    compiled, target = context.snapshot.compiled, state.goal.measure
    row = compiled.result_rows[state.goal.id]
    if not isinstance(target, Target) or target.start in (None, target.goal):
        return
    if state.goal.aggregate != "latest" or compiled.due_day[row] < context.when.day:
        return
    value = float(context.once(_opening)[row])
    if (progress(target, value, context.scoring) or 0.0) >= 1:
        yield fault(
            f"was at {value:g} when its cycle began, and its goal is {target.goal:g}",
            value=value,
            goal=target.goal,
        )


@governance_rule(
    "OKR204",
    fix="give it what it needs to move faster, or set a goal that can be reached",
    needs="history",
    passes=Example(
        """
        objectives:
          - id: sorting
            title: Sort more
            cycle: "2026"
            key_results:
              - id: throughput
                title: More parcels an hour
                unit: parcel/hour
                cadence: monthly
                measure: {target: {start: 10000, goal: 12000}}
        """,
        observations=[
            ("throughput", "2026-01-31", 10050.0),
            ("throughput", "2026-02-28", 10150.0),
            ("throughput", "2026-03-31", 10200.0),
            ("throughput", "2026-04-30", 10300.0),
            ("throughput", "2026-05-31", 10350.0),
            ("throughput", "2026-06-30", 10450.0),
            ("throughput", "2026-07-31", 10550.0),
        ],
        as_of="2026-08-05",
    ),
    fails=Example(
        """
        objectives:
          - id: sorting
            title: Sort more
            cycle: "2026"
            key_results:
              - id: throughput
                title: More parcels an hour
                unit: parcel/hour
                cadence: monthly
                measure: {target: {start: 10000, goal: 13000}}
        """,
        observations=[
            ("throughput", "2026-01-31", 10050.0),
            ("throughput", "2026-02-28", 10150.0),
            ("throughput", "2026-03-31", 10200.0),
            ("throughput", "2026-04-30", 10300.0),
            ("throughput", "2026-05-31", 10350.0),
            ("throughput", "2026-06-30", 10450.0),
            ("throughput", "2026-07-31", 10550.0),
        ],
        as_of="2026-08-05",
    ),
)
def target_can_be_reached(
    portfolio: Portfolio, context: Context, *, times: float = 3.0, least: int = 6
) -> Iterator[Finding]:
    """What is left of a target is at most 3 times what any past period brought, in each period left.

    A goal that asks of every remaining week three times the best week there ever was is reached by luck or
    by a redefinition, and nobody works for it. Asked where a key result is off-track. Periods are those of
    its cadence (without one, of its observations); what a period brought is the change of the value from
    one period to the next, whichever way, or, of a sum, its amount. Silent with fewer than 6 of them
    (`least`), where none brought anything (that is stalled, S11), and for means, maxima and minima.
    """
    snapshot, compiled = context.snapshot, context.snapshot.compiled
    rows = {compiled.key_results[row]: row for row in np.flatnonzero(_outpaced(context, times)).tolist()}
    signals = read_signals(
        portfolio,
        snapshot.history,
        rows,
        as_of=context.as_of,
        known_at=context.known_at,
        rates=context.rates,
    )
    for name, signal in signals.items():
        target = compiled.results[rows[name]].measure
        brought = _brought(signal)
        if not isinstance(target, Target) or len(brought) < least or not brought.any():
            continue
        days = int(compiled.due_day[rows[name]]) - context.when.day
        fastest, periods = float(brought.max()), max(days / signal.grid.length, 1.0)
        needed = abs(target.goal - float(snapshot.result_values.reading.value[rows[name]])) / periods
        if needed > times * fastest:
            word = signal.grid.period
            yield fault(
                f"needs {needed:.3g} in each of the {periods:.1f} {word}s left;"
                f" the most of {len(brought)} {word}s was {fastest:.3g}",
                subject=name,
                needed=needed,
                fastest=fastest,
                n=len(brought),
                times=times,
            )


def _outpaced(context: Context, times: float) -> Bools:
    """Return which key results are off-track and must be faster by `times` than on average so far."""
    values, compiled = context.snapshot.result_values, context.snapshot.compiled
    gone = context.when.day - compiled.start_day[compiled.parent]
    left = compiled.due_day - context.when.day
    done = np.maximum(values.progress, 0)
    late = values.status == STATUSES.index("off-track")
    return np.asarray(late & ((1 - values.progress) * gone > times * done * left))


def _brought(signal: MeasuredSeries) -> Floats:
    """Return how much each period with a neighbour changed, or held; nothing for other aggregates."""
    values = signal.on(_edges(signal.grid, int(signal.days[0]), signal.last))
    if signal.aggregate == "latest":
        values = np.diff(values)
    elif signal.aggregate != "sum":
        return np.empty(0)
    return np.abs(values[~np.isnan(values)])


@lru_cache(maxsize=1024)
def _edges(grid: PeriodGrid, first: int, last: int) -> Ints:
    return grid.edges(first, last)


def _opening(context: Context) -> Floats:
    """The value of each key result when its cycle began, in the rows of the snapshot; NaN unknown."""
    snapshot, when = context.snapshot, context.when
    roster = roster_of(context.portfolio)
    reader = Reader(snapshot.history, when, context.scoring, context.portfolio.units, context.rates)
    codes = codes_of(roster, snapshot.history).results
    return reader.read(roster.results, codes, np.minimum(roster.results.start, when.day)).value
