"""Start the clocks of a missed milestone for every team that it reaches: notice, mitigation (S17.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

import attrs
import numpy as np

from okrcore.definitions.days import day_in, day_number, end_of_day, to_date, to_instant
from okrcore.definitions.digraph import grouped
from okrcore.definitions.people import Owner
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.entry import Entry
from okrcore.schedule.deadlines import action_id, entry_span, owed
from okrcore.schedule.delays import delays
from okrcore.schedule.impacts import Clock
from okrcore.schedule.misses import InForce, Miss
from okrcore.scoring.as_of import When

Affected = Mapping[str, tuple[str, ...]]
"""The delayed milestones of each team, by team."""


def clocks_of(
    found: Iterable[Miss], slips: Mapping[str, float], entries: Sequence[Entry], when: When
) -> Iterator[Clock]:
    """Yield the clocks of missed milestones, by when they were missed, cause and team.

    A team is affected where the miss alone, with the slips that are given, delays a milestone of its own. Its
    clocks start with the miss, or at the end of the last day whose delay its buffers still took.
    """
    listed = sorted(found, key=lambda one: (one.missed_at, one.milestone))
    missed = grouped((one.milestone, one.missed_at) for one in listed)
    entries = [one for one in entries if one.kind in ("notice", "mitigation")]
    for miss in listed:
        spread = _spread(miss, slips)
        at = miss.missed_at
        late = miss.force.plan.floor[miss.row]
        again = missed[miss.milestone]
        for team, every in sorted(spread(late).items()):
            started = max(at, _outgrown(miss, spread, team, late, when.zone))
            subjects = tuple(name for name in every if _is_open(miss.force, name, started, when.zone))
            if not subjects:
                continue
            answers = _answers(entries, miss, team, subjects, again, when.zone)
            notice, mitigation = (
                owed(kind, started, miss.force.network.calendar, when.instant(when.zone), answers(kind))
                for kind in ("notice", "mitigation")
            )
            yield Clock(
                cause=miss.milestone,
                team=team,
                subjects=subjects,
                missed_at=to_instant(at),
                notice=notice,
                mitigation=mitigation,
            )


def _spread(miss: Miss, slips: Mapping[str, float]) -> Callable[[float], Affected]:
    """Return what tells the teams that are affected where the miss alone is so many days late."""
    force, row = miss.force, miss.row
    network, added = force.network, np.zeros(len(force.network.milestones))
    for name, days in slips.items():
        if name in network.rows:
            added[network.rows[name]] = days
    own = force.teams[row]
    open_then = np.where(force.plan.over > force.plan.due[row], np.inf, force.plan.over)
    floor = np.zeros(len(open_then))
    then = attrs.evolve(force.plan, over=open_then, floor=floor)

    @cache
    def spread(late: float) -> Affected:
        lately = floor.copy()
        lately[row] = late
        found = delays(network, attrs.evolve(then, floor=lately), added, np.array([row]), broken=False)
        reached = found.touched[(found.start > 0)[found.touched]].tolist()
        teams: dict[str, list[str]] = {}
        for one in reached:
            team = force.teams[one]
            if team is not None and team != own:
                teams.setdefault(team, []).append(network.ids[one])
        return {team: tuple(sorted(names)) for team, names in teams.items()}

    return spread


def _outgrown(miss: Miss, spread: Callable[[float], Affected], team: str, late: float, zone: str) -> int:
    """Return the end of the last day whose delay the buffers before a team still took; by bisection."""
    low, high = -1, int(late)  # not affected at low, affected at high
    if team in spread(0.0):
        return miss.missed_at
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if team in spread(float(middle)) else (middle, high)
    return end_of_day(int(miss.force.plan.finish[miss.row]) + high - 1, zone)


def _is_open(force: InForce, name: str, instant: int, zone: str) -> bool:
    """Return whether a milestone was not done on the day of an instant yet."""
    return bool(force.plan.over[force.network.rows[name]] > day_number(day_in(to_instant(instant), zone)))


def _answers(
    entries: Sequence[Entry],
    miss: Miss,
    team: str,
    subjects: Sequence[str],
    again: Sequence[int],
    zone: str,
) -> Callable[[str], list[Entry]]:
    """Return what tells the entries of a kind that answer a miss for a team.

    They are about the missed milestone, one of the team's own that it delays, or the action, and speak for
    the team; a mitigation says what changes. Of a milestone missed more than once each answers the last miss
    before it, an early one the first.
    """
    portfolio = miss.force.portfolio
    day = to_date(day_number(day_in(to_instant(miss.missed_at), zone)))

    def found(kind: str) -> list[Entry]:
        names = {miss.milestone, *subjects}
        action = action_id(kind, miss.milestone, team, day)
        return [
            one
            for one in entries
            if one.kind == kind
            and (one.subject == action or (one.subject in names and _speaks_for(one, portfolio) == team))
            and (kind != "mitigation" or one.changes)
            and _last_before(again, entry_span(one, zone)[1]) == miss.missed_at
        ]

    return found


def _last_before(misses: Sequence[int], instant: int) -> int:
    return max((one for one in misses if one <= instant), default=min(misses))


def _speaks_for(entry: Entry, portfolio: Portfolio) -> str | None:
    """Return the team that an entry is for: the one that it names, else that of whoever made it."""
    if entry.team is not None or entry.by not in portfolio:
        return entry.team
    maker = portfolio[entry.by]
    return maker.team if isinstance(maker, Owner) else None
