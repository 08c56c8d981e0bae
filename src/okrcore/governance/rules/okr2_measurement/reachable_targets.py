"""OKR2, measurement: targets that have a beginning, can be missed, and can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

import numpy as np

from okrcore.definitions.goals import KeyResult
from okrcore.definitions.measures import Measure, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools
from okrcore.leading.calendar_grid import PeriodGrid
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.scoring.goal_states import KeyResultState
from okrcore.scoring.graph import RowNumbers
from okrcore.scoring.history_codes import codes_of
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import roster_of
from okrcore.scoring.scoring_policy import STATUSES
from okrcore.statistics.distributions import Floats, Ints


def _without_start(measure: Measure) -> bool:
    return isinstance(measure, Target) and measure.start is None


def _without_slope(measure: Measure) -> bool:
    return isinstance(measure, Target) and measure.start == measure.goal


@governance_rule(
    "OKR201",
    fix="measure where you stand, and give it as start",
    where=lambda rows, context, _: rows.matching("measure", _without_start),
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

    Progress is the way gone from start to goal: without a start it stays unknown, whatever is
    observed, and nobody can say whether the goal is ambitious or long since met.
    """
    yield "has no baseline: its target does not say where it starts"


@governance_rule(
    "OKR202",
    severity="error",
    fix="give start and goal that differ, or a direction and a plain weight",
    where=lambda rows, context, _: rows.matching("measure", _without_slope),
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
              - {id: stops, title: Half as many stops, unit: event, measure: {target: {start: 40, goal: 20}}}
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

    Where both are one number there is no way to go: progress stays unknown for good, unless the
    policy's knob `degenerate` makes it 0 or 1. A weight of "value" is |goal - start|: here nothing.
    """
    target = cast("Target", result.measure)
    if target.direction is None and context.scoring.degenerate in {"met", "unknown"}:
        yield f"starts where it ends, at {target.goal:g}, and no direction says when that is met"
    if result.weight == "value":
        yield f'weighs nothing: its weight is "value", and start and goal are both {target.goal:g}'


@governance_rule(
    "OKR203",
    fix="raise the goal, or take its current value as a band to hold",
    where=lambda rows, context, _: rows.among(context.once(_met_at_the_start)),
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
    value, goal = context.once(_met_at_the_start)[state.goal.id], cast("Target", state.goal.measure).goal
    yield fault(f"was at {value:g} when its cycle began, and its goal is {goal:g}", value=value, goal=goal)


_MONTHLY = [
    ("throughput", "2026-01-31", 10050.0),
    ("throughput", "2026-02-28", 10150.0),
    ("throughput", "2026-03-31", 10200.0),
    ("throughput", "2026-04-30", 10300.0),
    ("throughput", "2026-05-31", 10350.0),
    ("throughput", "2026-06-30", 10450.0),
    ("throughput", "2026-07-31", 10550.0),
]


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
        observations=_MONTHLY,
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
        observations=_MONTHLY,
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
    (`least`), where none brought anything (that is stalled), and for means, maxima and minima.
    """
    snapshot, compiled = context.snapshot, context.snapshot.compiled
    today = context.once(_today)
    rows = {compiled.key_results[row]: row for row in np.flatnonzero(_outpaced(context, times)).tolist()}
    signals = read_signals(
        portfolio,
        snapshot.history,
        rows,
        as_of=context.as_of,
        known_at=context.known_at,
        rates=context.rates,
        journal=context.journal,
    )
    for name, signal in signals.items():
        target = compiled.results[rows[name]].measure
        brought = _brought(signal)
        if not isinstance(target, Target) or len(brought) < least or not brought.any():
            continue
        days = int((compiled.due_day - today)[rows[name]])
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
    gone = context.once(_today) - compiled.start_day[compiled.parent]
    left = compiled.due_day - context.once(_today)
    done = np.maximum(values.progress, 0)
    late = values.status == STATUSES.index("off-track")
    return np.asarray(late & ((1 - values.progress) * gone > times * done * left))


def _today(context: Context) -> RowNumbers:
    """Which day it is for each key result, in the zone of its cycle (A3), in the rows of the snapshot."""
    results = roster_of(context.portfolio).results
    return context.when.days_in(results.zone, results.zones)


def _brought(signal: MeasuredSeries) -> Floats:
    """Return how much each period with a neighbour changed, or held; nothing for other aggregates."""
    values = signal.on(_edges(signal.grid, int(signal.days[0]), signal.last))
    if signal.aggregate == "latest":
        with np.errstate(over="ignore"):
            values = np.diff(values)
    elif signal.aggregate != "sum":
        return np.empty(0)
    return np.abs(values[~np.isnan(values)])


@lru_cache(maxsize=1024)
def _edges(grid: PeriodGrid, first: int, last: int) -> Ints:
    edges = grid.edges(first, last)
    edges.flags.writeable = False  # shared by all that ask for the same
    return edges


def _met_at_the_start(context: Context) -> Mapping[str, float]:
    """Return the value that each target which counts was met with before anybody worked for it."""
    compiled, values = context.snapshot.compiled, _opening(context)
    met = compiled.measures.progress(values, context.scoring) >= 1
    return {
        result.id: float(values[row])
        for row in np.flatnonzero(met & (compiled.due_day >= context.once(_today))).tolist()
        if isinstance(target := (result := compiled.results[row]).measure, Target)
        and target.start not in (None, target.goal)
        and result.aggregate == "latest"
    }


def _opening(context: Context) -> Floats:
    """The value of each key result when its cycle began, in the rows of the snapshot; NaN unknown."""
    snapshot, when = context.snapshot, context.when
    roster = roster_of(context.portfolio)
    reader = Reader(snapshot.history, when, context.scoring, context.portfolio.units, context.rates)
    codes = codes_of(roster, snapshot.history).results
    return reader.read(roster.results, codes, np.minimum(roster.results.start, context.once(_today))).value
