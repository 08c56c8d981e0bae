"""OKR7, ripple: what others wait for has an owner, teams to be told and plans that hold."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.derived import team_of
from okrcore.definitions.initiatives import Milestone
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule
from okrcore.schedule.network import network_of


@governance_rule(
    "OKR701",
    fix="name who answers for it before others wait for it any longer",
    where=lambda rows, context, _: (
        rows.absent("owner")
        & ~rows.among(context.done_days)
        & rows.among(context.relations.waiting_for)
        & context.index.owned("initiatives", "milestones")
    ),
    passes="""
        owners: [{id: platform-lead, kind: role}, {id: sales-lead, kind: role}]
        initiatives:
          - {id: platform, title: New platform, owner: platform-lead}
          - {id: pilots, title: Enterprise pilots, owner: sales-lead}
        milestones:
          - {id: sign-on, initiative: platform, title: Single sign-on live, due: 2026-08-28}
          - {id: first-pilot, initiative: pilots, title: First pilot live, due: 2026-10-30, after: [sign-on]}
        """,
    fails="""
        owners: [{id: platform-lead, kind: role}, {id: sales-lead, kind: role}]
        initiatives:
          - {id: platform, title: New platform}
          - {id: pilots, title: Enterprise pilots, owner: sales-lead}
        milestones:
          - {id: sign-on, initiative: platform, title: Single sign-on live, due: 2026-08-28}
          - {id: first-pilot, initiative: pilots, title: First pilot live, due: 2026-10-30, after: [sign-on]}
        """,
)
def dependency_has_an_owner(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """An open milestone that others wait for has an owner, or its initiative has.

    When it slips somebody must tell the others within 24 hours, and nobody is charged with it.
    Nothing is said where no initiative and no milestone at all has an owner: OKR121 does.
    """
    after = context.relations.waiting_for[milestone.id]
    waiting = sorted(one.id for one in after if one.id not in context.done_days)
    if waiting and not context.portfolio[milestone.initiative].owner:
        verb = "wait" if len(waiting) > 1 else "waits"
        yield fault(f"has no owner, and {some(waiting)} {verb} for it", waiting=tuple(waiting))


@governance_rule(
    "OKR702",
    fix="give its initiative a team, or an owner of a team",
    where=lambda rows, context, _: (
        ~rows.absent("after") & ~rows.among(context.done_days) & bool(context.portfolio.teams)
    ),
    passes="""
        teams: [{id: platform-team}, {id: sales}]
        initiatives:
          - {id: platform, title: New platform, team: platform-team}
          - {id: pilots, title: Enterprise pilots, team: sales}
          - {id: texts, title: New texts}
        milestones:
          - {id: first-text, initiative: texts, title: First text live, due: 2026-06-26, done: 2026-06-22,
             after: [sign-on]}
          - {id: sign-on, initiative: platform, title: Single sign-on live, due: 2026-08-28}
          - {id: first-pilot, initiative: pilots, title: First pilot live, due: 2026-10-30, after: [sign-on]}
        """,
    fails="""
        teams: [{id: platform-team}, {id: sales}]
        initiatives:
          - {id: platform, title: New platform, team: platform-team}
          - {id: pilots, title: Enterprise pilots}
        milestones:
          - {id: sign-on, initiative: platform, title: Single sign-on live, due: 2026-08-28}
          - {id: first-pilot, initiative: pilots, title: First pilot live, due: 2026-10-30, after: [sign-on]}
        """,
)
def who_waits_can_be_told(milestone: Milestone, context: Context) -> Iterator[str]:
    """A milestone that waits for one of another initiative belongs to a team.

    When what it waits for slips, every other affected team must be told and answer with a mitigation: here
    nobody is. Its team is its initiative's, else its owner's; nothing is said where no teams are declared.
    """
    if team_of(milestone, context.portfolio):
        return
    for step in milestone.after:
        before = context.portfolio[step.milestone]
        if before.initiative != milestone.initiative and before.id not in context.done_days:
            yield f"waits for {before.id!r} of {before.initiative!r}, and has no team to be told"


@governance_rule(
    "OKR703",
    fix="plan it later, or what it waits for earlier",
    where=lambda rows, context, _: ~rows.absent("after") & ~rows.among(context.done_days),
    passes="""
        initiatives: [{id: lanes, title: Recalibrate lanes}]
        milestones:
          - {id: hall-1, initiative: lanes, title: Hall 1 live, due: 2026-08-28}
          - id: signs
            initiative: lanes
            title: Signs are up
            start: 2026-06-01
            due: 2026-06-26
            done: 2026-06-22
            after: [hall-1]
          - id: hall-2
            initiative: lanes
            title: Hall 2 live
            start: 2026-09-01
            due: 2026-11-27
            after: [hall-1]
        """,
    fails="""
        initiatives: [{id: lanes, title: Recalibrate lanes}]
        milestones:
          - {id: hall-1, initiative: lanes, title: Hall 1 live, due: 2026-08-28}
          - id: hall-2
            initiative: lanes
            title: Hall 2 live
            start: 2026-08-17
            due: 2026-11-27
            after: [hall-1]
        """,
)
def plans_leave_time_for_what_comes_first(milestone: Milestone, context: Context) -> Iterator[Finding]:
    """An open milestone starts after what it waits for is finished, with the lag between them.

    A negative buffer is a slip on paper: the plan breaks though everybody keeps to it. Counted as the ripple
    counts, lags in working days too; without a start, its planned finish must not come before.
    """
    day = milestone.start or milestone.finish or milestone.due
    verb = "starts" if milestone.start else "is to finish"
    for step, buffer in zip(
        milestone.after, network_of(context.portfolio).buffers(milestone.id), strict=True
    ):
        before = context.portfolio[step.milestone]
        planned = before.finish or before.due
        if buffer < 0 and before.id not in context.done_days:
            kind = "working days" if step.working else "days"
            lag = f" and a lag of {step.lag_days:g} {kind}" if step.lag_days else ""
            yield fault(
                f"{verb} {day}, before {before.id!r} on {planned}{lag} let it",
                before=before.id, buffer=buffer,
            )  # fmt: skip
