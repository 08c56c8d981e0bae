"""Carry goals over into another cycle: new goals that begin where the old ones ended (S21.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.derived import cycle_of, series_of
from okrcore.definitions.fields import each, is_text, shown, to_tuple
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.joined_ids import item_id, link_id
from okrcore.definitions.measures import Checklist, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.scoring.asked_history import AskedHistory
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.milestones_done import done_ids
from okrcore.scoring.snapshot import Snapshot


def carry_over(
    portfolio: Portfolio, snapshot: Snapshot, *, into: Cycle | str, ids: Iterable[str] | None = None
) -> Portfolio:
    """Return the portfolio with goals that continue, in the cycle `into`, what was not reached.

    `ids` are objectives, with all their key results, or single key results, whose objective is then carried
    without its others; None: all that is active, not achieved and not cancelled, of the cycles that ended
    last before `into` begins. A goal that is continued in `into` already is left alone, so that doing it
    twice changes nothing; key results that are reached are not carried.

    The new goal is `old@cycle` and says what it `continues`. A key result reads the same series and starts at
    the last value, a sum at 0 with what is left for a goal; plan, curve and due date are dropped, of a
    checklist the items that are done. Owner, team, weights, guardrails, the KPIs that guard, the links to it
    and the objectives above whose cycle covers the new one are taken. The old goals stay as they are:
    `propose_closing` says how to close them.

    Raises DefinitionError for an id that is no goal, is achieved, or whose cycle does not end before `into`
    begins, for an id that a new goal would have and something else has, for an `into` that is declared with
    other days, and for a snapshot of another portfolio.

    >>> from okrcore import History, Observation, evaluate
    >>> spring, summer = Cycle.quarter(2026, 1), Cycle.quarter(2026, 2)
    >>> goal = Objective(id="grow", title="Grow", cycle=spring.id)
    >>> deals = KeyResult(id="deals", objective="grow", title="20 deals", measure=Target(0, 20))
    >>> portfolio = Portfolio.of(spring, goal, deals)
    >>> history = History.of([Observation("deals", "2026-03-30", 12)])
    >>> snapshot = evaluate(portfolio, history, as_of="2026-03-31")
    >>> new = carry_over(portfolio, snapshot, into=summer).key_result("deals@2026-Q2")
    >>> new.measure.start, new.measure.goal, new.measured_by, new.continues
    (12.0, 20.0, 'deals', 'deals')
    """
    check_belongs(snapshot, portfolio)
    cycle = _cycle(portfolio, into)
    chosen = (
        _by_default(portfolio, snapshot, cycle) if ids is None else _asked(portfolio, snapshot, cycle, ids)
    )
    made = {
        (one.continues, cycle_of(one, portfolio).id): one.id
        for part in (portfolio.objectives, portfolio.key_results)
        for one in part
    }
    fresh: dict[str, Any] = {} if cycle.id in portfolio else {cycle.id: cycle}
    new = {name: made.get((name, cycle.id), f"{name}@{cycle.id}") for name in chosen}
    raise_all([*_taken(portfolio, cycle, new, made)])
    for name in chosen:
        if new[name] not in portfolio:
            goal = portfolio[name]
            fresh[new[name]] = (
                _objective(goal, new, cycle, portfolio)
                if isinstance(goal, Objective)
                else _key_result(goal, new, snapshot)
            )
    for kpi in portfolio.kpis:
        more = [new[name] for name in kpi.guards if new.get(name) in fresh]
        if more:
            fresh[kpi.id] = attrs.evolve(kpi, guards=[*kpi.guards, *more])
    for link in portfolio.links:
        if new.get(link.target) in fresh:
            own = link.id != link_id(link.source, link.target)
            name = f"{link.id}@{cycle.id}" if own else link_id(link.source, new[link.target])
            fresh[name] = attrs.evolve(link, target=new[link.target], id=name, reviewed=None, formerly=())
    return portfolio.with_(*fresh.values()) if fresh else portfolio


def _cycle(portfolio: Portfolio, into: Cycle | str) -> Cycle:
    if isinstance(into, Cycle):
        known = next((one for one in portfolio.cycles if one.id == into.id), into)
        if (known.start, known.end) != (into.start, into.end):
            said = f"into is {into.id} from {into.start} to {into.end}, but is declared from {known.start}"
            raise DefinitionError(f"{said} to {known.end}; name it by its id, or give another id")
        return known
    check_arguments(into=(into, is_text))
    found = portfolio[into]
    if not isinstance(found, Cycle):
        raise DefinitionError(f"into is {shown(into)}, which is no cycle; name one, or give a Cycle")
    return found


def _taken(
    portfolio: Portfolio, cycle: Cycle, new: Mapping[str, str], made: Mapping[tuple[str | None, str], str]
) -> Iterator[Problem]:
    """Yield a problem for each id of a new goal that something has which does not continue it."""
    for name, own in new.items():
        if own in portfolio and (name, cycle.id) not in made:
            said = f"{own!r} is declared already and does not continue {name!r} in {cycle.id!r}"
            yield Problem(f"{said}; say there that it does, or rename it", kind=DefinitionError)


def _by_default(portfolio: Portfolio, snapshot: Snapshot, cycle: Cycle) -> list[str]:
    ended = [one for one in portfolio.cycles if one.end < cycle.start]
    last = max((one.end for one in ended), default=None)
    cycles = {one.id for one in ended if one.end == last}
    goals = [goal for goal in portfolio.objectives if goal.cycle in cycles]
    return _with_key_results(portfolio, snapshot, [one.id for one in goals if _is_open(snapshot, one)])


def _is_open(snapshot: Snapshot, goal: Objective | KeyResult) -> bool:
    """Return whether there is something left of a goal that is pursued, or was until it was postponed."""
    if snapshot[goal.id].status in {"achieved", "draft", "paused", "cancelled"}:
        return False
    if isinstance(goal, Objective) or goal.guardrail or not isinstance(goal.measure, Target | Checklist):
        return True
    progress = snapshot.key_result(goal.id).progress
    return progress is None or progress < 1 - SLACK


def _with_key_results(portfolio: Portfolio, snapshot: Snapshot, goals: Iterable[str]) -> list[str]:
    """Return objectives by id, each followed by its key results that are not reached."""
    found: list[str] = []
    for name in sorted(goals):
        below = sorted(one.id for one in portfolio.key_results if one.objective == name)
        found += [name, *(one for one in below if _is_open(snapshot, portfolio[one]))]
    return found


def _asked(portfolio: Portfolio, snapshot: Snapshot, cycle: Cycle, ids: Iterable[str]) -> list[str]:
    problems, goals, single = [], list[str](), list[str]()
    names = [ids] if isinstance(ids, str) else to_tuple(ids)
    check_arguments(ids=(names, each(is_text)))
    known = [one.id for part in (portfolio.objectives, portfolio.key_results) for one in part]
    for name in names:
        if name not in known:
            problems.append(unknown_id(name, "ids", known))
            continue
        goal = portfolio[name]
        end = cycle_of(goal, portfolio).end
        if end >= cycle.start:
            said = f"{name!r} ends on {end}, but must end before {cycle.start}; leave it out"
            problems.append(Problem(said, "ids", kind=DefinitionError))
        elif not _is_open(snapshot, goal):
            said = f"{name!r} is {snapshot[name].status}, with nothing left to carry over; leave it out"
            problems.append(Problem(said, "ids", kind=DefinitionError))
        else:
            (goals if isinstance(goal, Objective) else single).append(name)
    raise_all(problems)
    whole = _with_key_results(portfolio, snapshot, goals)
    parents = [portfolio[name].objective for name in single]
    return list(dict.fromkeys([*whole, *sorted(parents), *sorted(single)]))


def _objective(goal: Objective, new: dict[str, str], cycle: Cycle, portfolio: Portfolio) -> Objective:
    above = []
    for part in goal.contributes_to:
        other = cycle_of(portfolio[part.to], portfolio)
        if part.to in new:
            above.append(attrs.evolve(part, to=new[part.to]))
        elif other.start <= cycle.start and cycle.end <= other.end:
            above.append(part)
    return attrs.evolve(
        goal, id=new[goal.id], cycle=cycle.id, contributes_to=above, continues=goal.id, formerly=()
    )


def _key_result(result: KeyResult, new: dict[str, str], snapshot: Snapshot) -> KeyResult:
    measure = result.measure
    fields: dict[str, Any] = {"measured_by": series_of(result, snapshot.portfolio).id}
    if isinstance(measure, Checklist):
        fields = {"measure": Checklist(_open_items(result, snapshot))}
    elif isinstance(measure, Target) and not result.guardrail:
        fields["measure"] = _left(measure, result, snapshot)
    fields |= {"id": new[result.id], "objective": new[result.objective], "continues": result.id}
    return attrs.evolve(result, due=None, formerly=(), **fields)


def _left(measure: Target, result: KeyResult, snapshot: Snapshot) -> Target:
    """Return what is left of a target: from the last value that can be judged, else from where it began.

    A value past the goal, or so far from it that no target holds both, is no beginning.
    """
    state = snapshot.key_result(result.id)
    judged = not snapshot.result_values.few[snapshot.compiled.result_rows[result.id]]
    stood = state.value if judged and state.value is not None else measure.start
    start, goal = stood, measure.goal
    if result.aggregate == "sum" and stood is not None:
        start, goal = 0.0, goal - stood
    try:
        return Target(start, goal, measure.direction)
    except DefinitionError:
        return Target(measure.start, measure.goal, measure.direction)


def _open_items(result: KeyResult, snapshot: Snapshot) -> list[Any]:
    """Return the items of a checklist that nobody told to be done."""
    assert isinstance(result.measure, Checklist)
    reached = done_ids(snapshot.portfolio, AskedHistory(snapshot.history, snapshot.when))

    def is_done(item: Any) -> bool:
        last = snapshot.history.latest(item_id(result.id, item.id), at=snapshot.as_of)
        return (last is not None and last.value >= 1) or item.milestone in reached

    left = [item for item in result.measure.items if not is_done(item)]
    return left or list(result.measure.items)
