"""Define an audit: what an owner, and whoever it concerns across teams, look at when a KPI dips (S18.3)."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from okrcore.declarations.amendment import Amendment
from okrcore.definitions.derived import series_of, team_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.tolerances import Tolerance
from okrcore.documents.plain import to_dict
from okrcore.frozen import freeze_fields, frozen
from okrcore.governance.context import Context
from okrcore.leading.evidence import LinkEvidence
from okrcore.monitoring.dip import Dip
from okrcore.schedule.impacts import Impact


@attrs.frozen(kw_only=True, field_transformer=freeze_fields)
class LedGoal:
    """A goal or KPI that a dip's KPI is declared to lead: by which link, on what evidence, and whose it is.

    `evidence` gives verdict, lag and expected effect of the link; None where nothing was tested. `reviewer`
    owns the link and answers for its reviews.
    """

    link: str
    target: str
    owner: str | None
    team: str | None
    reviewer: str | None
    lag: str | None
    sign: int
    evidence: LinkEvidence | None


@attrs.frozen(kw_only=True, field_transformer=freeze_fields)
class Audit:
    """What an audit is held over; the owners across teams that take part stand in `owners`.

    `dip` is the signal with its limits, `goals` what it leads. `also` are other dips of the same initiative
    or team in the same periods. `amendments`, `decisions` and `slips` are what touches it; what an amendment
    changed is in its plain form, so that an audit that was stored reads back as it was.
    """

    dip: Dip
    owners: tuple[str, ...]
    goals: tuple[LedGoal, ...]
    also: tuple[Dip, ...]
    amendments: tuple[Amendment, ...]
    decisions: tuple[Tolerance, ...]
    slips: tuple[Impact, ...]


def audit_of(dip: Dip, context: Context, every: Iterable[Dip], amendments: Iterable[Amendment] = ()) -> Audit:
    """Return what the audit of a dip is held over."""
    portfolio, relations = context.portfolio, context.relations
    names = {dip.subject, *dip.goals}
    goals = tuple(_led(context, dip.subject))
    people = [*dip.owners, *(one.owner for one in goals), *(one.reviewer for one in goals)]
    initiative, team = _initiative(context, dip.subject), team_of(portfolio[dip.subject], portfolio)
    also = [
        one
        for one in every
        if one.subject != dip.subject
        and one.start <= dip.end
        and dip.start <= one.end
        and (
            (initiative is not None and _initiative(context, one.subject) == initiative)
            or (team is not None and team_of(portfolio[one.subject], portfolio) == team)
        )
    ]
    steps = {one.id for one in relations.milestones_of.get(initiative or "", ())}
    return Audit(
        dip=dip,
        owners=tuple(dict.fromkeys(name for name in people if name)),
        goals=goals,
        also=tuple(also),
        amendments=tuple(_plain(one) for one in amendments if one.subject in names),
        decisions=tuple(
            one
            for one in portfolio.tolerances
            if names & {*one.sides, one.subject} and one.start <= dip.end and dip.start <= one.end
        ),
        slips=tuple(one for one in context.ripple.impacts if one.subject in steps and one.delay_days > 0),
    )


def _plain(one: Amendment) -> Amendment:
    return attrs.evolve(one, before=frozen(to_dict(one.before)), after=frozen(to_dict(one.after)))


def _led(context: Context, subject: str) -> Iterable[LedGoal]:
    found = {one.link: one for one in context.evidence}
    for link in sorted(context.relations.links_from.get(subject, ()), key=lambda one: one.id):
        target = context.portfolio[link.target]
        yield LedGoal(
            link=link.id,
            target=link.target,
            owner=context.relations.who_answers(target),
            team=team_of(target, context.portfolio),
            reviewer=link.owner,
            lag=link.lag,
            sign=link.sign,
            evidence=found.get(link.id),
        )


def _initiative(context: Context, subject: str) -> str | None:
    value = context.portfolio[subject]
    series = series_of(value, context.portfolio) if isinstance(value, KeyResult) else value
    return series.initiative if isinstance(series, Kpi) else None
