"""Say who owes what by when: every answer that is owed at a moment, and what became of it (S18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, overload

import attrs

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at, versions_of
from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.days import DAY, day_number, start_of_day, to_instant, to_microseconds
from okrcore.definitions.derived import team_of
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.governance.context import Context
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.entry import Entry
from okrcore.history.history import History
from okrcore.history.journal import Journal, followed_journal
from okrcore.monitoring.dip import Dip
from okrcore.monitoring.found_dips import dips
from okrcore.rhythm.action import Action
from okrcore.rhythm.audit import audit_of
from okrcore.rhythm.corrections import withdrawn
from okrcore.rhythm.questions import OpenedQuestion, questions_of
from okrcore.rhythm.review_parts import listed_parts, named_parts
from okrcore.rhythm.review_result import Review
from okrcore.schedule.deadlines import action_id, entry_span, escalated_after, owed
from okrcore.schedule.ripple_result import Ripple
from okrcore.schedule.rippling import ripple
from okrcore.scoring.as_of import When
from okrcore.scoring.snapshot import Snapshot

WEEK = 7 * DAY
KEPT = 12 * WEEK
"""How long answered actions stay listed."""
PARTS = ("dips", "ripple", "evidence", "snapshot")


@overload
def actions(portfolio: Review) -> Rows[Action]: ...
@overload
def actions(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = ...,
    journal: Journal | None = ...,
    since: AsOf | None = ...,
    weeks: int = ...,
    parts: Mapping[str, Any] | None = ...,
) -> Rows[Action]: ...
def actions(
    portfolio: AnyPortfolio | Review,
    history: AnyHistory | None = None,
    *,
    as_of: AsOf | None = None,
    known_at: AsOf | None = None,
    journal: Journal | None = None,
    since: AsOf | None = None,
    weeks: int = 13,
    parts: Mapping[str, Any] | None = None,
) -> Rows[Action]:
    """Return who owes what answer by when, at a moment: what is overdue first, then by when it is due.

    A dip opens an audit and an adjustment; a missed milestone a notice and a mitigation for each team that it
    reaches; goals under way check-ins, links reviews, rulings that escalate decisions, closed initiatives
    confirmations, goals that are over closings. Goals that are not pursued ask for nothing. Asked is what was
    shown in the last `weeks`, and not before `since`, by default the journal's first entry; without one
    nothing is overdue: clocks begin at the moment. An entry answers only its own; one about an action's id
    answers that action. Answered actions stay listed for 12 weeks; one whose numbers were corrected since is
    withdrawn, told for a week.

    Of a review, given alone, those that it holds.

    `parts` are what the caller has already: "dips", "ripple", "evidence", "snapshot" of the same question.
    Nothing but these inputs counts, and nothing is stored. Raises DefinitionError for what is no
    moment and for parts that are none. Cost of dips, ripple and evidence, each made once.

    >>> import okrcore as okr
    >>> work = okr.Initiative(id="work", title="Work", team="crew")
    >>> rest = okr.Initiative(id="rest", title="Rest", team="sales")
    >>> one = okr.Milestone(id="one", initiative="work", title="One", due="2026-03-06")
    >>> two = okr.Milestone(id="two", initiative="rest", title="Two", due="2026-03-06", after=["one"])
    >>> teams = okr.Owner(id="kim", team="sales"), okr.Team(id="crew"), okr.Team(id="sales", lead="kim")
    >>> start = okr.Journal.of([okr.Entry("check-in", "one", "kim", "2026-01-05")])
    >>> made = okr.Portfolio.of(*teams, work, rest, one, two)
    >>> for action in actions(made, okr.History.of(), as_of="2026-03-07", journal=start):
    ...     print(action)
    mitigation one: kim by 2026-03-07 23:59 UTC, open
    notice one: nobody by 2026-03-07 23:59 UTC, open
    """
    if isinstance(portfolio, Review):
        return portfolio.actions
    if history is None or as_of is None:
        raise DefinitionError("history and as_of are needed beside a portfolio; give them, or a review alone")
    check_arguments(weeks=(weeks, is_count))
    declared, current = versions_of(portfolio), portfolio_at(portfolio, as_of, known_at)
    history, journal = with_derived(current, history), followed_journal(current, journal)
    when = When.of(as_of, known_at, current.calendar.timezone)
    given = _checked(parts, current, when)
    if "ripple" not in given:
        given["ripple"] = ripple(portfolio, as_of=as_of, known_at=known_at, history=history, journal=journal)
    context = Context(
        portfolio=current,
        as_of=parse_as_of(as_of),
        known_at=None if known_at is None else parse_as_of(known_at, "known_at"),
        history=history,
        journal=journal,
        declarations=declared,
        given=given,
    ).pursued
    found: Sequence[Dip] = (
        given["dips"]
        if "dips" in given
        else dips(context.portfolio, history, as_of=as_of, known_at=known_at, weeks=weeks, journal=journal)
    )
    now = when.instant(when.zone)
    begin = first_asked(since, journal, when.zone)
    oldest = now - weeks * WEEK
    taken = withdrawn(context.portfolio, history, found, when) if isinstance(history, History) else {}
    amendments = declared.amendments(since=to_instant(oldest), until=context.as_of) if declared else ()
    made = []
    for asked in questions_of(context, found):
        if asked.opened > now or asked.opened <= oldest or (begin is not None and asked.opened < begin):
            continue
        action = _action(asked, context, now, fresh=begin is None)
        gone = taken.get(asked.dip) if asked.dip is not None else None
        if gone is not None:
            if action.answer is None and now - gone > WEEK:
                continue
            action = action if action.answer else attrs.evolve(action, state="withdrawn", escalated_to=None)
        if action.answer is not None and now - entry_span(action.answer, when.zone)[1] > KEPT:
            continue
        if asked.kind == "audit" and asked.dip is not None:
            action = attrs.evolve(action, audit=audit_of(asked.dip, context, found, amendments))
        made.append(action)
    return Rows(sorted(made, key=_rank))


def _rank(action: Action) -> tuple[int, Any, str]:
    order = ("overdue", "open", "withdrawn", "late", "met")
    return order.index(action.state), action.due, action.id


def _action(asked: OpenedQuestion, context: Context, now: int, *, fresh: bool) -> Action:
    calendar, zone = context.portfolio.calendar, context.when.zone
    name = action_id(asked.kind, asked.subject, asked.team, asked.day)
    answers = [
        one
        for one in context.entries_about({*asked.about, name})
        if (asked.answers(one) or _names(one, name)) and entry_span(one, zone)[1] >= asked.since
    ]
    opened = now if fresh else asked.opened
    state = owed(asked.kind, opened, calendar, now, answers, asked.length)
    due = to_microseconds(state.due)
    up = state.state == "overdue" and now > escalated_after(opened, due, calendar)
    return Action(
        id=name,
        kind=asked.kind,
        owner=asked.owner,
        team=asked.team,
        what=asked.what,
        subject=asked.subject,
        because=asked.because,
        opened=to_instant(asked.opened),
        due=state.due,
        state=state.state,
        answer=state.entry,
        escalated_to=_above(asked, context) if up else None,
    )


def _names(entry: Entry, id: str) -> bool:
    """Return whether an entry is about an action by its id, and says what that kind asks for."""
    kind = id.partition(":")[0]
    if entry.subject != id:
        return False
    if kind in ("adjustment", "mitigation"):
        return entry.kind == kind and bool(entry.changes)
    return entry.kind == kind and (kind != "audit" or bool(entry.text.strip()))


def _above(asked: OpenedQuestion, context: Context) -> str | None:
    """Return who is asked next: whoever stands above the owner; of one without a team, above who answers.

    A notice waits for the team of the cause, not for the one that is to be told. Nobody above is None.
    """
    relations, portfolio = context.relations, context.portfolio
    if asked.owner and asked.owner in portfolio and team_of(portfolio[asked.owner], portfolio):
        return relations.above(asked.owner)
    value = context.find(asked.subject)
    team = None if asked.kind == "notice" or asked.team not in portfolio else asked.team
    leads = [*relations.leads_above(team or (team_of(value, portfolio) if value else None))]
    return next(iter(leads[leads.index(asked.owner) + 1 :] if asked.owner in leads else leads), None)


def first_asked(since: AsOf | None, journal: Journal | None, zone: str) -> int | None:
    """Return the first instant that is asked about; None where nothing says, so that all is new."""
    if since is not None:
        moment = parse_as_of(since, "since")
        whole = not isinstance(moment, dt.datetime)
        return start_of_day(day_number(moment), zone) if whole else to_microseconds(moment)  # type: ignore[arg-type]
    if journal is None:
        return None
    return min((entry_span(one, zone)[0] for one in journal), default=None)


def _checked(parts: Mapping[str, Any] | None, portfolio: Portfolio, when: When) -> dict[str, Any]:
    """Return the parts that were given; raises DefinitionError for one that is not of this question."""
    given = named_parts(parts, PARTS)
    raise_all([Problem(text, kind=DefinitionError) for text in listed_parts(given, portfolio, when)])
    for name, kind in (("ripple", Ripple), ("snapshot", Snapshot)):
        one = given.get(name)
        if one is not None and not (
            isinstance(one, kind) and one.when == when and one.portfolio == portfolio
        ):
            raise DefinitionError(
                f"parts.{name} is of another portfolio or moment, but must be of this one; make it anew"
            )
    return given
