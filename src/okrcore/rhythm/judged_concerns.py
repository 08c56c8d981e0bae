"""Find the concerns behind what was judged: failing goals, conflicts that no rule decides, links refuted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from okrcore.conflicts.decision import Decision
from okrcore.definitions.days import DAY, to_instant
from okrcore.definitions.derived import cycle_of, team_of, unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.links import Link
from okrcore.display import figure, percent
from okrcore.governance.context import Context
from okrcore.governance.questions.answered import answers_dip
from okrcore.governance.questions.breaches import WEEKS, Turn, status_turns
from okrcore.history.entry import Entry
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.outlooks import forecasts_of
from okrcore.leading.weeks_ahead import Forecast
from okrcore.priorities.s_feel_literals import read
from okrcore.rhythm.action import Action
from okrcore.rhythm.concern import Concern
from okrcore.rhythm.owed_concerns import between, fitted, measure_cause
from okrcore.schedule.deadlines import due_after, entry_span, settles

WEEK = 7 * DAY
UNLIKELY = 0.1
"""A goal that is met with less probability than this will miss."""


def judged_concerns(context: Context, owed: Iterable[Action], begin: int | None) -> Iterator[Concern]:
    """Yield what was judged and needs a decision that nobody took yet.

    What turned before `begin` (microseconds; None: the clocks begin now) is not asked about.
    """
    yield from _goals(context, begin)
    answered = {between(context.portfolio[one.subject].sides) for one in owed if one.kind == "decision"}
    yield from _undecided(context, answered)
    yield from _links(context, {one.subject: one for one in owed if one.kind == "link-review"})


# Committed goals


def _goals(context: Context, begin: int | None) -> Iterator[Concern]:
    """Committed key results that turned off-track in the last weeks, or will miss, and are not answered."""
    portfolio, snapshot = context.portfolio, context.snapshot
    turned = status_turns(context) if context.history is not None else {}
    asked: dict[str, Turn | None] = {}
    behind = [
        one
        for one in portfolio.key_results
        if portfolio[one.objective].commitment == "committed"
        and context.is_running(cycle_of(one, portfolio))
        and snapshot.key_result(one.id).closing is None
        and snapshot.key_result(one.id).status in ("off-track", "missed", "at-risk")
    ]
    for result in behind:
        turn = next((one for one in reversed(turned.get(result.id, ())) if not one.healed), None)
        if turn is not None and begin is not None and turn.deadline < begin:
            turn = None
        since = turn.opens if turn is not None else _now(context) - WEEKS * WEEK
        if not _is_answered(context, result, since):
            asked[result.id] = turn
    ahead = forecasts_of(snapshot, asked, context.evidence)
    for name, turn in asked.items():
        forecast = ahead.get(name)
        if turn is not None or (forecast is not None and forecast.p_final < UNLIKELY):
            yield _goal(context, portfolio[name], turn, forecast, begin)


def _is_answered(context: Context, result: KeyResult, since: int) -> bool:
    """Whether somebody said what changes, or stands above the owner and confirmed that nothing is to."""
    answers = answers_dip(context, result.id).among(context)
    return any(entry_span(one, context.when.zone)[1] >= since for one in answers)


def _goal(
    context: Context, result: KeyResult, turn: Turn | None, ahead: Forecast | None, begin: int | None
) -> Concern:
    state, portfolio = context.snapshot.key_result(result.id), context.portfolio
    now = _now(context)
    clock = turn is not None and begin is not None
    due = turn.deadline if turn is not None and clock else due_after("adjustment", now, portfolio.calendar)
    misses = ahead is not None and ahead.p_final < UNLIKELY
    unit = unit_of(result, portfolio)
    told = [f"{figure(state.value)}{f' {unit}' if unit else ''}"] if state.value is not None else []
    if ahead is not None and misses:
        low, high = (figure(ahead.quantiles[level], 3) for level in (0.1, 0.9))
        told.append(f"8 of 10 paths end between {low} and {high}")
    if turn is not None:
        told.append(f"{state.status} since {context.day_of(turn.shown)}")
    elif state.score is not None and state.expected is not None:
        told.append(f"{state.score_text} of the way, {percent(state.expected)} due")
    rest = " will miss: new work, or new goal?" if misses else f" is {state.status}: what changes?"
    return Concern(
        kind="goal",
        cause=measure_cause(context, result.id),
        subject=result.id,
        ask="adjust",
        question=fitted(result, rest),
        evidence="; ".join(told),
        owner=context.relations.who_answers(result),
        due=to_instant(due),
        overdue=clock and due < now,
        shared=((f"goal:{result.objective}", f"all are under {result.objective}"),),
    )


# Conflicts


def _undecided(context: Context, answered: set[str]) -> Iterator[Concern]:
    """Conflicts that no rule decides, and that nobody decided since; what is in force has its action."""
    portfolio, now = context.portfolio, _now(context)
    decided = {one.conflict.id: one for one in context.decisions}
    for conflict in context.conflicts:
        ruling = decided.get(conflict.id)
        if between(conflict.sides) in answered or (ruling is not None and not _is_open(ruling)):
            continue
        since = now - WEEKS * WEEK
        if any(
            settles(one, conflict.sides, conflict.id) and entry_span(one, context.when.zone)[1] >= since
            for one in _entries(context, conflict.id, conflict.sides)
        ):
            continue
        escalate = ruling.escalate if ruling is not None else None
        length = int(read("duration", escalate.within)) if escalate is not None else None
        owner = escalate.to if escalate is not None and escalate.to in portfolio else None
        why = ruling.why if ruling is not None else "no priority table decides"
        yield Concern(
            kind="conflict",
            cause=between(conflict.sides),
            subject=conflict.id,
            ask="decide",
            mark="~",
            question=f"{' or '.join(conflict.sides)}: which gives way?",
            evidence=f"{why or 'no rule decides'}; {conflict.sentence}",
            owner=owner or _above_all(context, conflict.sides),
            due=to_instant(due_after("adjustment", now, portfolio.calendar, length)),
            overdue=False,
            shared=((f"ruling:{why}", why or "no rule decides"),),
        )


def _is_open(ruling: Decision) -> bool:
    return ruling.escalates and not ruling.standing


def _entries(context: Context, id: str, sides: Iterable[str]) -> Iterator[Entry]:
    return chain.from_iterable(context.entries(name) for name in (id, *sides))


def _above_all(context: Context, sides: Iterable[str]) -> str | None:
    """Return the nearest lead who stands above all sides, else who answers for the first of them."""
    values = [one for side in sides if (one := context.find(side)) is not None]
    leads = [tuple(context.relations.leads_above(team_of(one, context.portfolio))) for one in values]
    common = [name for name in (leads[0] if leads else ()) if all(name in one for one in leads)]
    return next(iter(common), context.relations.who_answers(values[0]) if values else None)


# Links


def _links(context: Context, owed: dict[str, Action]) -> Iterator[Concern]:
    """Links that the numbers rule out, or that no longer hold, and that nobody reviewed in the last weeks."""
    now, zone = _now(context), context.when.zone
    for one in context.evidence:
        link = context.find(one.link)
        if link is None or one.verdict not in ("refuted", "decayed"):
            continue
        reviews = context.entries(link.id, "link-review")
        if any(entry_span(entry, zone)[1] >= now - WEEKS * WEEK for entry in reviews):
            continue
        action = owed.get(link.id)
        action = action if action is not None and action.is_open else None
        yield _link(context, link, one, action, now)


def _link(context: Context, link: Link, one: LinkEvidence, action: Action | None, now: int) -> Concern:
    due = action.due if action else to_instant(due_after("link-review", now, context.portfolio.calendar))
    words = "was ruled out" if one.verdict == "refuted" else "no longer leads"
    return Concern(
        kind="link",
        cause=f"link:{link.id}",
        subject=link.id,
        ask="review",
        mark="~",
        question=f"{link.source} to {link.target} {words}: keep it?",
        evidence=one.sentence,
        owner=link.owner or context.relations.who_answers(context.portfolio[link.target]),
        due=due,
        overdue=action is not None and action.state == "overdue",
        shared=((f"link:{one.verdict}", "the numbers rule them out" if one.verdict == "refuted" else words),),
        actions=() if action is None else (action,),
    )


def _now(context: Context) -> int:
    return context.when.instant(context.when.zone)
