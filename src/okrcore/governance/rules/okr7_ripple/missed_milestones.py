"""OKR7, ripple, once a milestone was missed: who was told, who answered, and whether it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from okrcore.definitions.days import to_date
from okrcore.definitions.initiatives import Milestone
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.entry import Entry
from okrcore.schedule.impacts import Clock

LATE = """
    teams: [{id: platform-team}, {id: sales}]
    initiatives:
      - {id: platform, title: New platform, team: platform-team}
      - {id: pilots, title: Enterprise pilots, team: sales}
    milestones:
      - {id: sign-on, initiative: platform, title: Single sign-on live, due: 2026-06-12}
      - {id: first-pilot, initiative: pilots, title: First pilot live, start: 2026-06-15,
         due: 2026-07-30, after: [sign-on]}
    """
TOLD = Entry("notice", "sign-on", "platform-lead", "2026-06-15", team="sales")
ANSWERED = Entry(
    "mitigation", "sign-on", "sales-lead", "2026-06-16", team="sales", changes=["pilots log in by e-mail"]
)
_SINCE = dt.timedelta(weeks=13)


@governance_rule(
    "OKR704",
    needs="journal",
    fix="tell them, and record it as a notice that names the team",
    where=lambda rows, context, _: rows.among(context.once(_silent, "notice")),
    passes=Example(LATE, entries=[TOLD]),
    fails=Example(LATE, entries=[]),
)
def affected_teams_are_told(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """Every other team that a missed milestone delays is told within 24 hours.

    Who hears of a slip on the day can still plan around it; who finds out when it bites cannot. Asked about
    are misses of the last 13 weeks, on the plan that was in force at the due date.
    """
    yield _missed(milestone, context, "notice", "not told")


@governance_rule(
    "OKR705",
    needs="journal",
    fix="record as a mitigation what the team changes, by whom and by when",
    where=lambda rows, context, _: rows.among(context.once(_silent, "mitigation")),
    passes=Example(LATE, entries=[TOLD, ANSWERED]),
    fails=Example(LATE, entries=[TOLD]),
)
def affected_teams_answer(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """Every other team that a missed milestone delays records within 24 hours what it does about it.

    A slip that is known and not answered is passed on in full. Asked about are misses of the last 13 weeks;
    an explanation that names no change answers nothing.
    """
    yield _missed(milestone, context, "mitigation", "no mitigation")


@governance_rule(
    "OKR706",
    needs="history",
    fix="correct the declared date, or the observation",
    where=lambda rows, context, _: rows.among(context.observed_days),
    passes=Example(
        LATE.replace("due: 2026-06-12}", "due: 2026-06-12, done: 2026-06-12}"),
        observations=[("sign-on", "2026-06-12", 1)],
    ),
    fails=Example(
        LATE.replace("due: 2026-06-12}", "due: 2026-06-12, done: 2026-06-12}"),
        observations=[("sign-on", "2026-06-26", 1)],
    ),
)
def done_is_declared_as_it_was_observed(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """A milestone is declared done on the day on which it was observed to be.

    The declared day counts, so that a date which nothing shows hides a delay from all that wait.
    """
    seen = to_date(context.observed_days[milestone.id])
    if milestone.done is not None and milestone.done != seen:
        yield fault(
            f"is declared done on {milestone.done}, and was observed to be on {seen}",
            done=milestone.done,
            observed=seen,
        )


def _missed(milestone: Milestone, context: Context, what: str, said: str) -> Finding:
    clocks = context.once(_silent, what)[milestone.id]
    teams = tuple(one.team for one in clocks)
    missed = context.day_of(clocks[0].missed_at)
    return fault(
        f"was missed on {missed}, which delays {some(teams)}: {said} within 24 hours",
        teams=teams,
        missed=missed,
    )


def _silent(context: Context, what: str) -> Mapping[str, list[Clock]]:
    """The clocks of each missed milestone that ran out without this answer, in the last 13 weeks."""
    found: dict[str, list[Clock]] = {}
    for one in context.ripple.clocks:
        state = (one.notice if what == "notice" else one.mitigation).state
        if state == "overdue" and context.day - context.day_of(one.missed_at) <= _SINCE:
            found.setdefault(one.cause, []).append(one)
    return found
