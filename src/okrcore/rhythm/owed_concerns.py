"""Find the concerns behind answers that are owed: slips, dips, silence, reviews, goals that are over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from okrcore.definitions.derived import cadence_of, cycle_of, series_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.display import clipped, figure, percent, width
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import kin
from okrcore.rhythm.action import Action
from okrcore.rhythm.concern import QUESTION, Concern
from okrcore.schedule.impacts import Impact
from okrcore.scoring.goal_states import KeyResultState


def owed_concerns(context: Context, owed: Iterable[Action]) -> Iterator[Concern]:
    """Yield what the actions that are open ask to be decided, one concern an action.

    A check-in, or a link's review at the start of its cycle, is none before it is overdue, unless nothing is
    known of the key result; and none of a key result without a cadence: see `not_updated`.
    """
    reach = context.once(_reach)
    for action in owed:
        if not action.is_open:
            continue
        if action.kind in ("notice", "mitigation"):
            yield _of_slip(context, action, reach)
        elif action.kind in ("audit", "adjustment"):
            yield _of_dip(context, action)
        elif action.kind == "decision":
            sides = context.portfolio[action.subject].sides
            yield _common(action, kind="conflict", ask="decide", mark="~", cause=between(sides))
        elif action.kind == "check-in":
            yield from _of_silence(context, action)
        elif action.kind == "link-review":
            if action.state == "overdue":
                yield _of_link(context, action)
        else:
            yield _of_end(context, action)


def not_updated(context: Context, owed: Iterable[Action]) -> tuple[str, ...]:
    """Return the key results that nobody updated and whose cadence nobody declared: no decision is due."""
    return tuple(
        sorted(
            one.subject
            for one in owed
            if one.kind == "check-in" and one.is_open and _cadence(context, one.subject) is None
        )
    )


def between(sides: Iterable[str]) -> str:
    """Return the cause of what is to be decided between some sides."""
    return f"between:{'|'.join(sorted(sides))}"


def measure_cause(context: Context, id: str) -> str:
    """Return the cause of what happens to a KPI or key result: the series that it reads."""
    value = context.portfolio[id]
    return f"measure:{series_of(value, context.portfolio).id if isinstance(value, KeyResult | Kpi) else id}"


def _common(action: Action, **more: Any) -> Concern:
    return Concern(
        **{
            "subject": action.subject,
            "question": action.what,
            "evidence": action.because,
            "owner": action.owner,
            "due": action.due,
            "overdue": action.state == "overdue",
            "actions": (action,),
            **more,
        }
    )


# Slips and dips


def _reach(context: Context) -> Mapping[str, list[Impact]]:
    """What each late milestone delays, by its id, the longest delay first."""
    found: dict[str, list[Impact]] = {}
    for one in context.ripple.impacts:
        for name in one.chain[:-1]:
            found.setdefault(name, []).append(one)
    return found


def _of_slip(context: Context, action: Action, reach: Mapping[str, list[Impact]]) -> Concern:
    late = {one.subject: one for one in context.ripple.impacts}
    own = late.get(action.subject)
    days = f" is {own.delay_days:.0f} d late" if own is not None and own.delay_days else " was missed"
    told = [
        f"{one.subject} by {one.delay_days:.0f} d"
        + (f", {one.breach_days:.0f} d past its due date" if one.breach_days else "")
        for one in reach.get(action.subject, [])[:3]
        if one.delay_days
    ]
    team = f"{action.team} {'was not told' if action.kind == 'notice' else 'has not answered'}"
    root = own.cause if own is not None else action.subject
    return _common(
        action,
        kind="slip",
        ask="answer",
        cause=f"slip:{action.subject}",
        question=fitted(context.find(action.subject), f"{days}: what changes?"),
        evidence=f"pushes {', '.join(told)}; {team}" if told else f"{action.because}; {team}",
        shared=() if root == action.subject else ((f"slip:{root}", f"late because of {root}"),),
    )


def _of_dip(context: Context, action: Action) -> Concern:
    value = context.portfolio[action.subject]
    audit = action.audit
    evidence = action.because.removeprefix(f"{action.subject} ").replace(
        " in the period that ended on ", " by "
    )
    if audit is not None and audit.dip.low is not None and audit.dip.high is not None:
        limits = f"limits {figure(audit.dip.low, 3)} to {figure(audit.dip.high, 3)}"
        evidence = f"{figure(audit.dip.value)}, {limits}: {evidence}"
    asked = "what moved it?" if action.kind == "audit" else "what changes?"
    initiative = getattr(value, "initiative", None)
    shared = f"initiative:{initiative}", f"all belong to {initiative}"
    return _common(
        action,
        kind="dip",
        ask="adjust",
        cause=measure_cause(context, action.subject),
        question=fitted(value, f" turned worse: {asked}"),
        evidence=evidence,
        shared=(shared,) if initiative else (),
    )


# Silence


def _cadence(context: Context, id: str) -> object:
    return cadence_of(context.portfolio[id], context.portfolio)


def _of_silence(context: Context, action: Action) -> Iterator[Concern]:
    portfolio = context.portfolio
    result = portfolio[action.subject]
    state = context.snapshot.key_result(result.id)
    silent = state.stale or state.status == "no-data"
    if cadence_of(result, portfolio) is None or not (silent or action.state == "overdue"):
        return
    names = set(kin(context, result.id))
    asked = any(one.subject in names for one in context.once(_check_ins))
    shared = []
    series = series_of(result, portfolio)
    source = series.source if isinstance(series, Kpi) else None
    if silent and source is not None and state.observed_at is not None:
        shared.append((f"source:{source.system}", f"all are read from {source.system}"))
    if state.observed_at is None:
        shared.append(("check-in:no-number", "no number was ever recorded"))
    if not asked:
        shared.append(("check-in:never", "nobody ever checked in"))
    shared.append((f"check-in:owner:{action.owner}", f"all are {action.owner or 'nobody'}'s"))
    yield _common(
        action,
        kind="check-in",
        ask="check in",
        mark="?" if silent else "~",
        cause=f"check-in:{result.id}",
        question=fitted(result, ": where does it stand?"),
        evidence=f"{_last_number(state)}; {action.because}",
        shared=tuple(shared),
    )


def _check_ins(context: Context) -> tuple[Any, ...]:
    return context.entries(kind="check-in")


def _last_number(state: KeyResultState) -> str:
    if state.value is None or state.observed_at is None:
        return "no number is known"
    day = state.observed_at.date() if isinstance(state.observed_at, dt.datetime) else state.observed_at
    return f"last number {figure(state.value)} on {day}"


# Reviews and ends


def _of_link(context: Context, action: Action) -> Concern:
    reviewed = context.entries(action.subject, "link-review")
    shared = [] if reviewed else [("link:never", "no review was ever recorded")]
    shared.append((f"link:owner:{action.owner}", f"all are {action.owner or 'nobody'}'s"))
    return _common(
        action, kind="link", ask="review", mark="~", cause=f"link:{action.subject}", shared=tuple(shared)
    )


def _of_end(context: Context, action: Action) -> Concern:
    value = context.portfolio[action.subject]
    ended = partial(_common, action, kind="closing", ask="confirm", mark="~", cause=f"closing:{value.id}")
    if not isinstance(value, KeyResult | Objective):
        return ended(question=fitted(value, ": done, and what did it bring?"))
    state, cycle = context.snapshot[value.id], cycle_of(value, context.portfolio)
    return ended(
        question=fitted(value, ": how did it end?"),
        evidence=f"{state.status}, {percent(state.score)} of the way; {action.because}",
        shared=((f"closing:{cycle.id}", f"all end with {cycle.id}"),),
    )


def fitted(value: Any, rest: str) -> str:
    """Return a question about something by its title, or by its id where that is too long for a question."""
    if value is None:
        return f"What was dropped{rest}"
    room = QUESTION - width(rest)
    return f"{value.title if 0 < width(value.title) <= room else clipped(value.id, room)}{rest}"
