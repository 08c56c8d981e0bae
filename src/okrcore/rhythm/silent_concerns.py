"""Find the concerns behind silence: numbers that stopped or never came, check-ins that nobody made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from okrcore.definitions.days import to_instant, written_day
from okrcore.definitions.derived import cadence_of, cycle_of, series_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.display import figure
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import kin
from okrcore.rhythm.action import Action
from okrcore.rhythm.concern import Concern
from okrcore.rhythm.owed_concerns import fitted, of_action
from okrcore.schedule.deadlines import due_after
from okrcore.scoring.goal_states import KeyResultState, KpiState

LAPSED = 4
"""Weeks without a check-in after which nobody checks in any more."""


def silent_concerns(context: Context, owed: Iterable[Action]) -> Iterator[Concern]:
    """Yield what nobody checked in on in time, and what has no number where one was due.

    A key result under way is silent where its number is overdue, or none came by the end of a period; a KPI
    that no such key result reads where its number is. Without a cadence nothing is due: see `not_updated`.
    """
    portfolio = context.portfolio
    asked = {one.subject: one for one in owed if one.kind == "check-in"}
    for result in portfolio.key_results:
        running = context.is_running(cycle_of(result, portfolio)) and result.id not in context.closings
        if cadence_of(result, portfolio) is None or not running:
            continue
        action, state = asked.get(result.id), context.snapshot.key_result(result.id)
        silent = state.stale or (state.status == "no-data" and action is not None)
        late = action is not None and action.state == "overdue"
        if silent or late:
            yield _concern(context, result, state, action if action and action.is_open else None, silent)
    for kpi in portfolio.kpis:
        read = any(context.is_running(cycle_of(one, portfolio)) for one in _readers(context, kpi))
        if not read and kpi.id in context.snapshot:
            seen = context.snapshot.kpi(kpi.id)
            if seen.stale and seen.observed_at is not None:
                yield _concern(context, kpi, seen, None, True)


def not_updated(context: Context, owed: Iterable[Action]) -> tuple[str, ...]:
    """Return the key results that nobody updated and whose cadence nobody declared: no decision is due."""
    found = (one.subject for one in owed if one.kind == "check-in" and one.is_open)
    return tuple(
        sorted(name for name in found if cadence_of(context.portfolio[name], context.portfolio) is None)
    )


def _readers(context: Context, kpi: Kpi) -> tuple[KeyResult, ...]:
    return context.relations.measured_with.get(kpi.id, ())


def _concern(
    context: Context,
    value: KeyResult | Kpi,
    state: KeyResultState | KpiState,
    action: Action | None,
    silent: bool,
) -> Concern:
    """Return the concern; what is silent may share its source with others, or that no number ever came."""
    owner = context.relations.who_answers(value)
    evidence = _last_number(state)
    said = {
        "kind": "check-in",
        "ask": "check in",
        "mark": "?" if silent else "~",
        "cause": f"check-in:{value.id}",
        "question": fitted(value, ": where does it stand?"),
        "shared": _shared(context, value, state, owner, silent),
    }
    if action is not None:
        return of_action(action, evidence=f"{evidence}; {action.because}", **said)
    now = context.when.instant(context.when.zone)
    return Concern(
        subject=value.id,
        evidence=evidence,
        owner=owner,
        due=to_instant(due_after("check-in", now, context.portfolio.calendar)),
        overdue=False,
        **said,  # type: ignore[arg-type]
    )


def _shared(
    context: Context,
    value: KeyResult | Kpi,
    state: KeyResultState | KpiState,
    owner: str | None,
    silent: bool,
) -> tuple[tuple[str, str], ...]:
    found = []
    series = series_of(value, context.portfolio)
    source = series.source if isinstance(series, Kpi) else None
    if silent and source is not None and state.observed_at is not None:
        found.append((f"source:{source.system}", f"all are read from {source.system}"))
    if state.observed_at is None:
        found.append(("check-in:no-number", "no number was ever recorded"))
    names = set(kin(context, value.id))
    if not context.once(_checked_in, None) & names:
        found.append(("check-in:never", "nobody ever checked in"))
    if not context.once(_checked_in, LAPSED) & names:
        found.append(("check-in:lapsed", f"nobody checked in for {LAPSED} weeks"))
    return (*found, (f"check-in:owner:{owner}", f"all are {owner or 'nobody'}'s"))


def _checked_in(context: Context, weeks: int | None) -> frozenset[str]:
    """What anybody checked in on in the last weeks; None: ever."""
    first = None if weeks is None else context.day - dt.timedelta(weeks=weeks)
    entries = context.entries(kind="check-in")
    return frozenset(one.subject for one in entries if first is None or context.day_of(one.at) > first)


def _last_number(state: KeyResultState | KpiState) -> str:
    if state.value is None or state.observed_at is None:
        return "no number is known"
    day = written_day(state.observed_at)
    return f"last number {figure(state.value)} on {day}"
