"""Say of each period what stands in it: a signal of concern, a zone that turned worse, or both (S11.5)."""

from __future__ import annotations

import datetime as dt

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import to_date
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.monitoring.period_rows import RecordedPeriods
from okrcore.monitoring.profiles import Profile
from okrcore.monitoring.replay import Replayed
from okrcore.monitoring.signs_of_life import NEVER
from okrcore.scoring import kernels
from okrcore.scoring.kpi_columns import BandColumns
from okrcore.scoring.scoring_policy import ZONES, Zone
from okrcore.scoring.tolerated import judged_zone, tolerances_at

APART = 2
"""So many periods without it make the same signal a new dip."""


def zones_of(
    portfolio: Portfolio, group: RecordedPeriods, seen: Replayed, edges: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Return the zone of each period by the bands of its last day, 0 where there is none."""
    found = np.zeros(seen.signal.shape, dtype=np.int8)
    days = [to_date(day - 1) for day in edges[1:].tolist()]
    rows = [
        row
        for row, name in enumerate(group.ids)
        if isinstance(portfolio[name], Kpi) and portfolio[name].is_judged
    ]
    plain = [row for row in rows if not portfolio[group.ids[row]].dated]
    if plain:
        bands = BandColumns.of([portfolio[group.ids[row]].bands for row in plain])
        target, limit = ((low[:, None], high[:, None]) for low, high in (bands.target, bands.limit))
        found[plain] = kernels.zone(seen.shown.value[plain], target, limit)
    for row in sorted(set(rows) - set(plain)):
        bands = BandColumns.of([portfolio[group.ids[row]].bands_at(day) for day in days])
        found[row] = kernels.zone(seen.shown.value[row], bands.target, bands.limit)
    return found


@attrs.frozen
class PeriodTurn:
    """What stands at a place: a signal of concern, a zone that turned worse from `before`, or both."""

    place: int
    concern: bool
    zone: Zone
    before: Zone | None


def turns_of(
    portfolio: Portfolio,
    group: RecordedPeriods,
    seen: Replayed,
    row: int,
    concern: NDArray[np.bool_],
    zones: NDArray[np.int8],
    book: Profile,
) -> list[PeriodTurn]:
    """Return the periods of a series that have a value, and what stands in each."""
    value, kpi = seen.shown.value[row], portfolio[group.ids[row]]
    edges = group.edges[-len(zones) - 1 :]
    found: list[PeriodTurn] = []
    codes: list[int] = []
    for place in np.flatnonzero(seen.shown.instant[row] != NEVER).tolist():
        day = to_date(int(edges[place + 1]) - 1)
        zone: Zone = ZONES[int(zones[place])]
        tolerance = tolerances_at(portfolio, day).get(kpi.id) if portfolio.tolerances else None
        covered = False
        if tolerance is not None and isinstance(kpi, Kpi):
            judged = judged_zone(kpi.bands_at(day), zone, float(value[place]), tolerance)
            covered, zone = judged == "healthy", judged
        code = ZONES.index(zone)
        past = [one for one in codes[-APART:] if one > 0]
        before = ZONES[codes[-1]] if codes and codes[-1] > code else None
        turned = bool(past) and 0 < code < min(past) and before is not None
        if turned and seen.n[row, place] >= book.least:
            turned = code == ZONES.index("breached") and _clear_bound(kpi, day, seen, row, place)
        found.append(
            PeriodTurn(place, bool(concern[place]) and not covered, zone, before if turned else None)
        )
        codes.append(code or (codes[-1] if codes else 0))
    return found


def _clear_bound(kpi: Kpi | KeyResult, day: dt.date, seen: Replayed, row: int, place: int) -> bool:
    """Whether the bound that was crossed lies outside the limits: inside them it is crossed by chance."""
    if not isinstance(kpi, Kpi):
        return False
    asked = kpi.bands_at(day)
    band, value = asked.limit or asked.target, seen.shown.value[row, place]
    low, high = seen.low[row, place], seen.high[row, place]
    if band is None or np.isnan(low):
        return True
    below = band.low is not None and value <= band.low
    bound = band.low if below else band.high
    return bound is not None and not low <= bound <= high
