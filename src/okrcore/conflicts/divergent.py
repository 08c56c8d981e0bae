"""Find KPIs that stayed healthy in past periods while the goal they lead to failed (S13.4)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import NamedTuple

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.earlier import Past
from okrcore.conflicts.opposed import Influence
from okrcore.conflicts.sides import Scene, Side
from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import days_later
from okrcore.definitions.derived import better_of, cadence_of
from okrcore.definitions.fields import FIRST_DAY
from okrcore.definitions.links import Lag, Link
from okrcore.leading.calendar_grid import PeriodGrid, coarser
from okrcore.scoring.snapshot import Snapshot

FAILING = ("off-track", "missed")
FAILED = (*FAILING, "breached")
_WEEKLY = Cadence("weekly")


class _Seen(NamedTuple):
    """One ended period: the goal at its end, the KPI some time earlier ("" where the goal did not fail)."""

    first: dt.date
    last: dt.date
    read: dt.date
    zone: str
    state: str

    @property
    def apart(self) -> bool:
        return self.zone == "healthy" and self.state in FAILED


def divergent_conflicts(influence: Influence, past: Past, periods: int) -> Iterator[Conflict]:
    """Yield each healthy KPI with a helping chain to a goal that failed at the last `periods` period ends.

    The cost is a snapshot for every moment that is looked at: the last few periods of each goal, all periods
    of its cycle only where these diverge.
    """
    scene, chains = influence.scene, influence.chains
    names = influence.network.names
    for chain in range(len(chains.source)):
        kpi = scene.kpis.get(names[chains.source[chain]])
        if kpi is None or not kpi.is_judged or not kpi.direction or not chains.length[chain]:
            continue
        sign = better_of(kpi, scene.portfolio) * (1 - 2 * int(chains.flips[chain]))
        for side in scene.by_measure.get(names[chains.goal[chain]], []):
            if sign * side.better > 0:
                yield from _diverging(influence, past, chain, kpi.id, side, periods)


def _diverging(
    influence: Influence, past: Past, chain: int, kpi: str, side: Side, wanted: int
) -> Iterator[Conflict]:
    scene = influence.scene
    goals = scene.portfolio[kpi], scene.portfolio[side.id]
    cadences = [found for one in goals if (found := cadence_of(one, scene.portfolio))] or [_WEEKLY]
    cadence = max(cadences, key=lambda one: PeriodGrid.of(one, scene.portfolio.calendar).length)
    start = scene.cycle_start() if side.first == dt.date.min else side.first
    lag = sum(_longest(scene, influence.network.links[edge]) for edge in influence.edges(chain))
    ended = past.ended(cadence, start, side.last)
    if len(ended) < wanted:
        return
    for first, last in ended[: -wanted - 1 : -1]:
        if not _seen(past, kpi, side, first, last, lag).apart:
            return
    seen = [_seen(past, kpi, side, first, last, lag) for first, last in ended]
    apart = [one for one in seen if one.apart]
    run = next((i for i, one in enumerate(reversed(seen)) if not one.apart), len(seen))
    owner = _shown(scene, kpi)
    for name in owner:
        if name != side.id:
            yield _conflict(influence, chain, kpi, name, side, seen, apart, run, lag)


def _shown(scene: Scene, kpi: str) -> list[str]:
    """A KPI that measures key results appears as them (S13)."""
    return [side.id for side in scene.by_measure.get(kpi, []) if side.id in scene.results] or [kpi]


def _conflict(
    influence: Influence,
    chain: int,
    kpi: str,
    shown: str,
    side: Side,
    seen: list[_Seen],
    apart: list[_Seen],
    run: int,
    lag: int,
) -> Conflict:
    sides = sorted([shown, side.id])
    path = (*([shown] if shown != kpi else []), *influence.nodes(chain)[:-1], side.id)
    scene = influence.scene
    witness = {
        "kpi": kpi,
        "goal": side.id,
        "incentivised": scene.kpis[kpi].incentivised,
        "links": influence.links(chain),
        "lag_days": lag,
        "apart": len(apart),
        "ended": len(seen),
        "in_a_row": run,
        "periods": tuple((one.last, one.read, one.zone, one.state) for one in apart),
    }
    return Conflict(
        kind="divergent",
        sides=tuple(sides),
        degree=len(apart) / len(seen),
        since=seen[-run].first,
        witness=witness,
        path=path if path[0] == sides[0] else path[::-1],
        sentence=(
            f"{kpi} is healthy and {side.id}, to which it should lead, fails: "
            f"at the last {run} period ends, and at {len(apart)} of {len(seen)} of this cycle"
        ),
    )


def _seen(past: Past, kpi: str, side: Side, first: dt.date, last: dt.date, lag: int) -> _Seen:
    read = max(days_later(last, -lag), FIRST_DAY)
    state = _state(past.at(last, last), side.id)
    zone = past.at(read, last).kpi(kpi).zone if state in FAILED else ""
    return _Seen(first, last, read, zone, state)


def _state(snapshot: Snapshot, id: str) -> str:
    if id in snapshot.compiled.result_rows:
        return snapshot.key_result(id).status
    return snapshot.kpi(id).zone


def _longest(scene: Scene, link: Link) -> int:
    """The link's longest lag in whole days (S9.1)."""
    ends = scene.portfolio[link.source], scene.portfolio[link.target]
    grid = coarser(
        *(
            PeriodGrid.of(cadence_of(one, scene.portfolio) or _WEEKLY, scene.portfolio.calendar)
            for one in ends
        )
    )
    lag = Lag.parse(link.lag) if link.lag else None
    periods = grid.lags(link.lag)[-1]
    days = lag.days[1] if lag and lag.unit else periods * grid.length
    return math.ceil(days)
