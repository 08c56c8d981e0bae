"""OKR2, measurement: KPIs that are watched for something, and none that is one too many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.questions.gaps import slips_or_practice
from okrcore.governance.rule import fault, governance_rule


@governance_rule(
    "OKR210",
    fix="keep one of them, or say in title and definition how they differ",
    passes="""
        kpis:
          - {id: debt, title: Open debt issues, unit: ticket, definition: Issues with the label debt}
          - {id: bugs, title: Open bugs, unit: ticket, definition: Issues with the label bug}
        """,
    fails="""
        kpis:
          - {id: debt, title: Open debt issues, unit: ticket, definition: Issues with the label debt}
          - {id: ux-debt, title: Debt of the interface, unit: ticket, definition: Issues with the label debt}
        """,
)
def kpi_is_there_once(portfolio: Portfolio) -> Iterator[Finding]:
    """No two KPIs have one title, one source and query, or, inside a team, one definition.

    Two of one meaning drift apart: two bands, two owners, and each side shows the one that suits it. One
    definition in several teams is a measure that each of them takes; one title is not told apart by those
    who read it. One finding for all that share it, on the last by id. Case and spaces do not count. Three or
    more that are told apart by team, query, definition or the name space of their ids ("north/uptime",
    "south/uptime") are the segments of one measure, and nothing is said of them.
    """
    shared: dict[tuple[str | None, ...], list[Kpi]] = {}
    for kpi in portfolio.kpis:
        shared.setdefault(("title", _plain(kpi.title)), []).append(kpi)
        if kpi.definition:
            shared.setdefault(("definition", _plain(kpi.definition), kpi.team), []).append(kpi)
        if kpi.source and kpi.source.query:
            shared.setdefault(("source", kpi.source.system, kpi.source.query), []).append(kpi)
    told = set()
    for key, kpis in shared.items():
        names = [kpi.id for kpi in kpis]
        if len(names) > 1 and tuple(names) not in told and not _are_segments(kpis):
            told.add(tuple(names))
            *others, last = sorted(names)
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            what = key[0]
            yield fault(
                f"has the {what} of {others[0]!r}{more}", subject=last, others=tuple(others), shared=what
            )


def _are_segments(kpis: Sequence[Kpi]) -> bool:
    """Return whether three or more KPIs are one measure of several parts, by what tells them apart."""
    apart = (
        [kpi.team for kpi in kpis],
        [kpi.source.query if kpi.source else "" for kpi in kpis],
        [kpi.definition for kpi in kpis],
    )
    spaces = [_SPACE.split(kpi.id) for kpi in kpis]
    ends = ({one[0] for one in spaces}, {one[-1] for one in spaces})
    named = min(map(len, spaces)) > 1 and min(map(len, ends)) == 1
    return len(kpis) > 2 and (named or any(all(one) and len(set(one)) == len(one) for one in apart))


_SPACE = re.compile("[/.:]")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@governance_rule(
    "OKR211",
    severity="info",
    fix="keep those that somebody acts on, and stop counting the rest",
    passes="""
        owners: [{id: lead, kind: role}]
        kpis: [{id: uptime, title: Uptime, unit: "%", owner: lead}]
        """,
    fails="""
        owners: [{id: lead, kind: role}]
        kpis:
          - {id: k01, title: Uptime, unit: "%", owner: lead}
          - {id: k02, title: Parcels an hour, unit: parcel/hour, owner: lead}
          - {id: k03, title: Missorted, unit: "%", owner: lead}
          - {id: k04, title: Damaged, unit: "%", owner: lead}
          - {id: k05, title: Hours of overtime, unit: hour, owner: lead}
          - {id: k06, title: Days lost to sickness, unit: day, owner: lead}
          - {id: k07, title: Cost per parcel, unit: EUR/parcel, owner: lead}
          - {id: k08, title: Energy per parcel, unit: kWh/parcel, owner: lead}
          - {id: k09, title: Trucks that left late, unit: "%", owner: lead}
          - {id: k10, title: Complaints, unit: ticket, owner: lead}
          - {id: k11, title: Lanes recalibrated, unit: lane, owner: lead}
        """,
)
def kpis_are_few(portfolio: Portfolio, *, owner: int = 10, team: int = 25) -> Iterator[Finding]:
    """Nobody owns more than 10 KPIs, and no team has more than 25.

    Of more than ten numbers nobody watches all (Parmenter's 10/80/10 rule gives a whole organisation ten
    key ones), and 20 to 25 fill a balanced scorecard (Kaplan and Norton). Told on the owner or the team;
    teams below it are not counted in.
    """
    for field, most in (("owner", owner), ("team", team)):
        counts = Counter(getattr(kpi, field) for kpi in portfolio.kpis)
        for name in sorted(name for name, count in counts.items() if name and count > most):
            yield fault(
                f"has {counts[name]} KPIs; {most} are the most", subject=name, count=counts[name], most=most
            )


@governance_rule(
    "OKR214",
    fix="set a target, or say by a link or a key result what it is watched for",
    passes="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", target: {low: 98}}
          - {id: lanes, title: Lanes recalibrated, unit: lane}
        links: [{source: lanes, target: uptime, sign: -1}]
        """,
    fails="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", target: {low: 98}}
          - {id: lanes, title: Lanes recalibrated, unit: lane}
        """,
)
def kpi_has_a_target_or_a_parent(portfolio: Portfolio) -> Iterator[Finding]:
    """A KPI has a target, or something above it that it is watched for.

    Without a band nothing says when it is healthy, and without a link, a key result, a formula that reads it,
    a KPI whose cases it counts or an objective that it guards nothing says whom it serves: a number that is
    collected and read by nobody. A target in words counts here; OKR222 is about those.
    """
    above = {link.source for link in portfolio.links}
    above.update(result.measured_by for result in portfolio.key_results if result.measured_by)
    above.update(name for kpi in portfolio.kpis if kpi.formula for name in kpi.formula.inputs.values())
    above.update(kpi.sample for kpi in portfolio.kpis if kpi.sample)
    lacking = [
        kpi
        for kpi in portfolio.kpis
        if not kpi.is_judged and not (kpi.target_text or kpi.guards or kpi.id in above)
    ]
    yield from slips_or_practice(
        lacking, len(portfolio.kpis), "has neither target nor parent", "KPIs have neither target nor parent"
    )


@governance_rule(
    "OKR218",
    fix="add target and limit",
    where=lambda rows, context, _: (
        rows["incentivised"].astype(np.bool_) & (rows.absent("target") | rows.absent("limit"))
    ),
    passes="""
        kpis:
          - id: uptime
            title: Uptime
            unit: "%"
            incentivised: true
            target: {low: 98}
            limit: {low: 96.5}
        """,
    fails="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", incentivised: true, target: {low: 98}}
        """,
)
def bonus_has_a_limit(kpi: Kpi) -> Iterator[str]:
    """An incentivised KPI has a target and a limit.

    People do what they are paid for. Without a target nobody can say what the bonus is for, and without a
    limit nobody can say how far it may give way to a goal of the company: `tolerate` needs that band.
    """
    lacking = [name for name in ("target", "limit") if getattr(kpi, name) is None]
    yield f"is paid for, and has no {' and no '.join(lacking)}"


@governance_rule(
    "OKR222",
    fix="give target as a band, or set a date by which there is one",
    passes="""
        kpis:
          - {id: debt, title: Open debt issues, unit: ticket, target: {high: 50}}
        """,
    fails="""
        kpis:
          - id: debt
            title: Open debt issues
            unit: ticket
            definition: Issues with the label debt
            target_text: as few as possible
        """,
)
def target_is_a_number(portfolio: Portfolio) -> Iterator[Finding]:
    """A KPI's target is a band, not words.

    What stands in words ("TBD", "see the dashboard", "12%" of what is better neither way) is no target that
    anything can be judged by: the zone stays unknown. Imported catalogues keep such words as
    `target_text`.
    """
    lacking = [kpi for kpi in portfolio.kpis if not kpi.is_judged and kpi.target_text]
    yield from slips_or_practice(
        lacking,
        len(portfolio.kpis),
        "has a target in words, which judges nothing",
        "KPIs have targets in words",
    )
