"""Make companies of any size with a year of weekly numbers: calm, or with troubles planted in known weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

import okrcore as okr

FIRST = dt.date(2026, 1, 4)
SYSTEMS = ("warehouse", "crm", "billing", "tracker", "survey", "telemetry")


def week_day(week: int) -> dt.date:
    """The Sunday on which a week ends, counted from 0."""
    return FIRST + dt.timedelta(weeks=week)


def company(goals: int, *more: object) -> okr.Portfolio:
    """A company of ten teams with so many key results, five an objective, each on a weekly KPI of its own.

    A third as many KPIs stand beside them, which only move by chance.
    """
    teams = [okr.Team(id="company", title="Nordwind", lead="chief")]
    teams += [okr.Team(id=f"t{at}", parent="company", lead=f"lead{at}") for at in range(10)]
    owners = [okr.Owner(id="chief", team="company")]
    owners += [okr.Owner(id=f"lead{at}", team=f"t{at}") for at in range(10)]
    owners += [okr.Owner(id=f"w{at}", team=f"t{at % 10}") for at in range(30)]
    made: list[object] = [okr.Cycle.year(2026), *teams, *owners]
    made += [
        okr.Objective(
            id=f"o{at}", title=f"Objective {at}", cycle="2026", owner=f"lead{at % 10}", team=f"t{at % 10}"
        )
        for at in range(-(-goals // 5))
    ]
    for at in range(goals):
        source = okr.Source(SYSTEMS[at % len(SYSTEMS)])
        owner, team = f"w{at % 30}", f"t{at // 5 % 10}"
        made.append(
            okr.Kpi(
                id=f"p{at}", title=f"Number {at}", better="higher", cadence="weekly", source=source,
                owner=owner, team=team,
            )
        )  # fmt: skip
        made.append(
            okr.KeyResult(
                id=f"k{at}", objective=f"o{at // 5}", title=f"Result {at}", owner=owner, measured_by=f"p{at}",
                measure=okr.Target(0, 100),
            )
        )  # fmt: skip
    made += [
        okr.Kpi(
            id=f"s{at}", title=f"Steady {at}", better="higher", cadence="weekly", owner=f"w{at % 30}",
            source=okr.Source(SYSTEMS[at % len(SYSTEMS)]), team=f"t{at % 10}",
        )
        for at in range(goals // 3)
    ]  # fmt: skip
    return okr.Portfolio.of(*made, *more)  # type: ignore[arg-type]


def numbers(
    goals: int, weeks: int, *, seed: int = 7, changed: Mapping[str, Mapping[int, float]] | None = None
) -> okr.History:
    """A year in which every number is on its way, with noise; `changed` adds to a KPI from a week on.

    A change of NaN ends the series then.
    """
    rng = np.random.default_rng(seed)
    due = 100 * (np.arange(weeks) * 7 + 4) / 365
    series = {f"p{at}": due * 1.04 + rng.normal(0, 0.8, weeks) for at in range(goals)}
    series |= {f"s{at}": 50 + rng.normal(0, 2, weeks) for at in range(goals // 3)}
    names: list[str] = []
    days: list[dt.date] = []
    values: list[float] = []
    for name, found in series.items():
        for week, by in (changed or {}).get(name, {}).items():
            found[week:] += by
        known = np.flatnonzero(~np.isnan(found))
        names += [name] * len(known)
        days += [week_day(int(week)) for week in known]
        values += np.round(found[known], 2).tolist()
    return okr.History.of_columns(names, days, values, system=[SYSTEMS[int(n[1:]) % 6] for n in names])


def replies(owed: Iterable[okr.Action], day: dt.date) -> Iterator[okr.Entry]:
    """What people who answer record on a day about everything that is open."""
    for one in owed:
        if not one.is_open:
            continue
        by = one.owner or "chief"
        if one.kind == "adjustment":
            yield okr.Entry("adjustment", one.id, by, day, changes=["another week of it"])
        elif one.kind == "mitigation":
            yield okr.Entry("mitigation", one.subject, by, day, changes=["we do without"], team=one.team)
        elif one.kind == "notice":
            yield okr.Entry("notice", one.subject, by, day, team=one.team)
        elif one.kind == "closing":
            yield okr.Entry("closing", one.subject, by, day, outcome="partly")
        else:
            yield okr.Entry(one.kind, one.subject, by, day, text="looked at, with all whom it concerns")


def checked_in(portfolio: okr.Portfolio, day: dt.date, silent: Collection[str] = ()) -> Iterator[okr.Entry]:
    """A check-in of every key result's owner on a day, but of those who are silent."""
    for one in portfolio.key_results:
        if one.owner not in silent:
            yield okr.Entry("check-in", one.id, one.owner or "chief", day)
