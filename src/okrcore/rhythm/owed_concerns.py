"""Find the concerns behind answers that are owed: slips, dips, reviews, goals that are over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from okrcore.definitions.derived import cycle_of, series_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.joined_ids import joined_ids
from okrcore.definitions.kpis import Kpi
from okrcore.display import clipped, figure, width
from okrcore.display.blocks.asked_items import LINE
from okrcore.governance.context import Context
from okrcore.rhythm.action import Action
from okrcore.rhythm.concern import Concern
from okrcore.schedule.impacts import Impact


def owed_concerns(context: Context, owed: Iterable[Action]) -> Iterator[Concern]:
    """Yield what the actions that are open ask to be decided, one concern an action.

    A link's review at the start of its cycle is none before it is overdue; check-ins: `silent_concerns`.
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
            yield of_action(action, kind="conflict", ask="decide", mark="~", cause=between(sides))
        elif action.kind == "check-in":
            continue  # silence is a concern of its own
        elif action.kind == "link-review":
            if action.state == "overdue":
                yield _of_link(context, action)
        elif (
            isinstance(value := context.find(action.subject), Kpi | KeyResult)
            and action.kind == "confirmation"
        ):
            cause, asked = measure_cause(context, value.id), fitted(value, ": is this number right?")
            yield of_action(action, kind="dip", ask="confirm", mark="~", cause=cause, question=asked)
        else:
            yield _of_end(context, action)


def between(sides: Iterable[str]) -> str:
    """Return the cause of what is to be decided between some sides."""
    return f"between:{joined_ids(sorted(sides))}"


def measure_cause(context: Context, id: str) -> str:
    """Return the cause of what happens to a KPI or key result: the series that it reads."""
    value = context.portfolio[id]
    return f"measure:{series_of(value, context.portfolio).id if isinstance(value, KeyResult | Kpi) else id}"


def of_action(action: Action, **more: Any) -> Concern:
    """Return the concern that an action is, with what more is said of it."""
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
    return of_action(
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
    evidence = action.because.removeprefix(f"{action.subject} ")
    if audit is not None and audit.dip.low is not None and audit.dip.high is not None:
        limits = f"limits {figure(audit.dip.low, 3)} to {figure(audit.dip.high, 3)}"
        evidence = f"{figure(audit.dip.value)}, {limits}: {evidence}"
    asked = "what moved it?" if action.kind == "audit" else "what changes?"
    initiative = getattr(value, "initiative", None)
    shared = f"initiative:{initiative}", f"all belong to {initiative}"
    return of_action(
        action,
        kind="dip",
        ask="adjust",
        cause=measure_cause(context, action.subject),
        question=fitted(value, f" turned worse: {asked}"),
        evidence=evidence,
        shared=(shared,) if initiative else (),
    )


# Reviews and ends


def _of_link(context: Context, action: Action) -> Concern:
    reviewed = context.entries(action.subject, "link-review")
    shared = [] if reviewed else [("link:never", "no review was ever recorded")]
    shared.append((f"link:owner:{action.owner}", f"all are {action.owner or 'nobody'}'s"))
    return of_action(
        action, kind="link", ask="review", mark="~", cause=f"link:{action.subject}", shared=tuple(shared)
    )


def _of_end(context: Context, action: Action) -> Concern:
    value = context.portfolio[action.subject]
    ended = partial(of_action, action, kind="closing", ask="confirm", mark="~", cause=f"closing:{value.id}")
    if not isinstance(value, KeyResult | Objective):
        return ended(question=fitted(value, ": done, and what did it bring?"))
    state, cycle = context.snapshot[value.id], cycle_of(value, context.portfolio)
    return ended(
        question=fitted(value, ": how did it end?"),
        evidence=f"{state.status}, {state.score_text} of the way; {action.because}",
        shared=((f"closing:{cycle.id}", f"all end with {cycle.id}"),),
    )


def fitted(value: Any, rest: str) -> str:
    """Return a question about something by its title, or by its id where that is too long for a line."""
    if value is None:
        return f"What was dropped{rest}"
    room = LINE - width(rest)
    return f"{value.title if 0 < width(value.title) <= room else clipped(value.id, room)}{rest}"
