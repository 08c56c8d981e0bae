"""Derive what a definition has from others: its unit, cadence, direction, team, cycle, start and due day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, overload

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import STAGES, KeyResult, Objective, Stage
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.joined_ids import item_id
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist, direction_of
from okrcore.definitions.people import Team

if TYPE_CHECKING:
    from okrcore.definitions.formulas import ResolvedFormula

KPI_DIRECTIONS = {"higher": 1, "lower": -1, None: 0}
"""Which way is better, in words and as a sign."""


class Declared(Protocol):
    """Gives the definition of an id: a portfolio, or a mapping that holds what is asked for."""

    def __getitem__(self, id: str, /) -> Any:
        """Return the definition."""


def series_of(goal: KeyResult | Kpi, declared: Declared) -> KeyResult | Kpi:
    """Return the definition under whose id the observations of a goal are recorded: its KPI, else itself.

    >>> from okrcore import Target
    >>> uptime = Kpi(id="uptime", title="Uptime", unit="%")
    >>> result = KeyResult(id="up", objective="o", title="Up", measure=Target(9, 10), measured_by="uptime")
    >>> series_of(result, {"uptime": uptime}).id, unit_of(result, {"uptime": uptime})
    ('uptime', '%')
    """
    for read in sources_of(goal, declared):
        goal = read
    return goal


def sources_of(goal: KeyResult | Kpi, declared: Declared) -> Iterator[KeyResult | Kpi]:
    """Yield the definitions whose numbers a goal reads, link by link; the last is its series (A10)."""
    while isinstance(goal, KeyResult) and goal.measured_by is not None:
        goal = declared[goal.measured_by]
        yield goal


def adds_authors(goal: KeyResult | Kpi, declared: Declared) -> bool:
    """Return whether counts of several authors at one moment add up, as a goal or its KPI says (A12)."""
    says = (goal.same_moment, series_of(goal, declared).same_moment)
    return goal.aggregate == "sum" and "add" in says


def measures_read(values: Iterable[object]) -> frozenset[str]:
    """Return the ids under which observations are read: of KPIs, key results, items and milestones.

    A checklist is read item by item, a key result that reads another series under the id of that, and a
    formula KPI under those of its inputs; what counts a KPI's cases is read too.
    """
    found: set[str] = set()
    for value in values:
        if isinstance(value, KeyResult) and isinstance(value.measure, Checklist):
            found |= {item_id(value.id, item.id) for item in value.measure.items}
        elif (
            isinstance(value, Milestone)
            or (isinstance(value, Kpi) and value.formula is None)
            or (isinstance(value, KeyResult) and not value.measured_by)
        ):
            found.add(value.id)
        if isinstance(value, Kpi) and value.sample:
            found.add(value.sample)
    return frozenset(found)


def unit_of(goal: KeyResult | Kpi, declared: Declared) -> str:
    """Return the unit that a goal is judged in: its own, else that of what it reads; "": none."""
    return goal.unit or _recorded_in(series_of(goal, declared), declared)


def read_unit_of(goal: KeyResult | Kpi, declared: Declared) -> str:
    """Return the unit of an observation that says none: that of what is read, else the goal's own."""
    return _recorded_in(series_of(goal, declared), declared) or goal.unit


def _recorded_in(series: KeyResult | Kpi, declared: Declared) -> str:
    """Return the unit of a series: its own, else the one that its formula gives."""
    computed = None if series.unit else _resolved(series, declared)
    return series.unit if computed is None else computed.unit


def _resolved(series: KeyResult | Kpi, declared: Declared) -> ResolvedFormula | None:
    """Return the formula of a series, with its unit and periods; None where it is observed."""
    if not isinstance(series, Kpi) or series.formula is None:
        return None
    from okrcore.definitions.formulas import formulas_of  # which reads here what is observed

    return formulas_of(declared).get(series.id)


def cadence_of(goal: KeyResult | Kpi, declared: Declared) -> Cadence | None:
    """Return how often a goal is to be observed: as it says, else as what it reads says; None: unsaid.

    A formula KPI that says none has the coarsest cadence of its inputs (S22.2).
    """
    if goal.cadence is not None:
        return goal.cadence
    series = series_of(goal, declared)
    computed = None if series.cadence else _resolved(series, declared)
    return series.cadence if computed is None else computed.cadence


def better_of(goal: KeyResult | Kpi, declared: Declared) -> int:
    """Return +1 where more is better, -1 where less is, 0 where nothing says (S7.3).

    A key result's own measure goes before the KPI that it reads.
    """
    if isinstance(goal, Kpi):
        return KPI_DIRECTIONS[goal.direction]
    source = series_of(goal, declared)
    return direction_of(goal.measure) or (0 if source is goal else better_of(source, declared))


def team_of(value: object, declared: Declared) -> str | None:
    """Return the team that answers for any definition, None where none does (S13.4).

    That of the initiative or objective that it is part of, else its own, else its owner's.
    """
    if isinstance(value, Team):
        return value.id
    above = getattr(value, "objective", None) or getattr(value, "initiative", None)
    team: str | None = team_of(declared[above], declared) if above else None
    owner = getattr(value, "owner", None)
    return team or getattr(value, "team", None) or (declared[owner].team if owner else None)


def owner_of(goal: KeyResult | Objective, declared: Declared) -> str | None:
    """Return who answers for a goal: its owner, else that of its objective; None where neither has one."""
    above: Objective = declared[goal.objective] if isinstance(goal, KeyResult) else goal
    return goal.owner or above.owner


def cycle_of(goal: KeyResult | Objective, declared: Declared) -> Cycle:
    """Return the cycle that a goal belongs to."""
    objective = declared[goal.objective] if isinstance(goal, KeyResult) else goal
    cycle: Cycle = declared[objective.cycle]
    return cycle


def stage_of(goal: KeyResult | Objective, declared: Declared) -> Stage:
    """Return the stage of a goal: its own, a key result at most as active as its objective (S21.5).

    >>> from okrcore import Target
    >>> ended = Objective(id="o", title="Grow", cycle="2026", stage="cancelled")
    >>> stage_of(KeyResult(id="k", objective="o", title="ARR", measure=Target(1, 2)), {"o": ended})
    'cancelled'
    """
    if not isinstance(goal, KeyResult):
        return goal.stage
    above: Stage = declared[goal.objective].stage
    return max(goal.stage, above, key=STAGES.index)


def span_of(initiative: Initiative, steps: Iterable[Milestone]) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day of an initiative: its own, else as its `steps` are planned.

    None where nothing says: where the first of them has no start, work may have begun on any day before.

    >>> step = Milestone(id="m", initiative="i", title="Pilot", start="2026-07-05", due="2026-09-20")
    >>> str(span_of(Initiative(id="i", title="Recalibrate", end="2026-12-31"), [step])[0])
    '2026-07-05'
    """
    planned = [(step.start or step.finish or step.due, step.finish or step.due, step) for step in steps]
    first, last = initiative.start, initiative.end
    if first is None and planned:
        first = min(planned, key=lambda one: (one[0], one[2].start is None))[2].start
        first = first if first is None or last is None else min(first, last)
    if last is None and planned:
        last = max(end for _, end, _ in planned)
        last = last if first is None else max(first, last)
    return first, last


@overload
def start_of(value: Cycle | KeyResult | Objective, declared: Declared) -> dt.date: ...
@overload
def start_of(value: object, declared: Declared) -> dt.date | None: ...
def start_of(value: object, declared: Declared) -> dt.date | None:
    """Return the day from which on a definition counts: of a goal its cycle's first; None: always."""
    if isinstance(value, KeyResult | Objective):
        return cycle_of(value, declared).start
    return value.start if isinstance(value, Cycle | Initiative | Milestone) else None


@overload
def due_of(value: Cycle | KeyResult | Objective | Milestone, declared: Declared) -> dt.date: ...
@overload
def due_of(value: object, declared: Declared) -> dt.date | None: ...
def due_of(value: object, declared: Declared) -> dt.date | None:
    """Return the day on which a definition is to be done; None: it has none.

    Of a key result its own, else its cycle's last; of a milestone when it was promised for, planned or not.
    """
    if isinstance(value, KeyResult) and value.due is not None:
        return value.due
    if isinstance(value, KeyResult | Objective):
        return cycle_of(value, declared).end
    if isinstance(value, Milestone):
        return value.due
    return value.end if isinstance(value, Cycle | Initiative) else None
