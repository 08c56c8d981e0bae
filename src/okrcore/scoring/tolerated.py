"""Apply the tolerances of a day: how each losing KPI is judged, how long work stands still (S15)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.derived import adds_authors, series_of, unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi, KpiBands
from okrcore.definitions.measures import Band
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.tolerances import Tolerance
from okrcore.frozen import FrozenDict
from okrcore.history.backends import facts_of
from okrcore.scoring import kernels
from okrcore.scoring.graph import Flags, Floats
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import kpi_aggregate, roster_of
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.samples import SampleColumns
from okrcore.scoring.scoring_policy import Zone

THAW = 3
"""How many period ends in a row inside the limit end a freeze."""
_WIDER = ("limit", "worst")


def tolerances_at(portfolio: Portfolio, day: dt.date) -> Mapping[str, Tolerance]:
    """Return the tolerance that each KPI is judged under on a day; of several the widest, then by id."""
    found: dict[str, Tolerance] = {}
    for one in sorted(portfolio.tolerances, key=lambda one: (_width(one), one.id), reverse=True):
        if one.subject is not None and one.tolerate is not None and one.holds(day):
            found.setdefault(one.subject, one)
    return FrozenDict(found)


def _width(one: Tolerance) -> int:
    return _WIDER.index(one.tolerate.within) if one.tolerate else -1


def judged_zone(
    asked: KpiBands, zone: Zone, value: float | None, tolerance: Tolerance | None, *, inclusive: bool = True
) -> Zone:
    """Return the zone under a tolerance: healthy inside the tolerated band, else the raw zone (S7.1, S15).

    The tolerated band is the one that the tolerance names, or the widest that is declared inside it. What is
    unknown stays unknown.

    >>> judged_zone(KpiBands(Band(low=98), Band(low=95)), "watch", 96.0, None)
    'watch'
    """
    if tolerance is None or tolerance.tolerate is None or value is None or zone == "unknown":
        return zone
    named = _WIDER[: _WIDER.index(tolerance.tolerate.within) + 1]
    bands = [band for name in reversed(named) if (band := getattr(asked, name))]
    return "healthy" if bands and _inside(np.array([value]), bands[0], inclusive)[0] else zone


def _inside(values: Floats, band: Band, inclusive: bool) -> Flags:
    low, high = (
        np.array([open_end if end is None else end])
        for open_end, end in ((-math.inf, band.low), (math.inf, band.high))
    )
    inside: Flags = kernels.inside(values, low, high, inclusive) == 1
    return inside


class Standstill(NamedTuple):
    """How an initiative stands still: by which freeze, None once it is over, and for how many days so far.

    `held` are these days as day numbers, in order; those before the freeze that is known stand right before.
    `by` is the first freeze by id that held any.
    """

    freeze: Tolerance | None
    days: int
    held: tuple[int, ...] = ()
    by: Tolerance | None = None


GOING = Standstill(None, 0)


def standstills(portfolio: Portfolio, reader: Reader) -> Mapping[str, Standstill]:
    """Return for each initiative that was frozen its freeze in force and its frozen days until now.

    Frozen days leave its share due: the work's clock stands still (S15). Days that two freezes share count
    once.
    """
    days: dict[str, set[int]] = {}
    before: dict[str, int] = {}
    going: dict[str, Tolerance] = {}
    first: dict[str, Tolerance] = {}
    today = to_date(reader.when.day)
    for one in sorted(portfolio.tolerances, key=lambda one: one.id):
        if one.kind != "freeze" or one.subject is None or one.start > today:
            continue
        last = min(one.end, freeze_over(one, portfolio, reader) or one.end)
        held = range(day_number(one.start), day_number(min(last, today)) + 1)
        first.setdefault(one.subject, one)
        days.setdefault(one.subject, set()).update(held)
        before[one.subject] = max(before.get(one.subject, 0), one.days_before)
        if last >= today:
            going.setdefault(one.subject, one)
    every = {name: _with_earlier(held, before[name]) for name, held in days.items()}
    return FrozenDict(
        {name: Standstill(going.get(name), len(held), held, first[name]) for name, held in every.items()}
    )


def _with_earlier(held: set[int], before: int) -> tuple[int, ...]:
    """Return the days in order, with so many right before them."""
    begin = min(held, default=0)
    return (*range(begin - before, begin), *sorted(held))


def freeze_over(freeze: Tolerance, portfolio: Portfolio, reader: Reader) -> dt.date | None:
    """Return the day of the third period end in a row on which the KPI was inside its limit; None till then.

    The KPI is the winner, or what measures it; else the loser. Period ends count after the freeze's start, by
    the KPI's cadence (weekly without one); a period without observation is not inside (S15).
    """
    kpi = _kpi(freeze, portfolio)
    if kpi is None or not kpi.is_judged:
        return None
    roster = roster_of(portfolio)
    row = roster.columns.rows[kpi.id]
    rhythm = int(roster.kpis.rhythm[row])
    cadence = roster.kpis.rhythms[rhythm][0] if rhythm >= 0 else Cadence("weekly")
    begin, last = day_number(freeze.start), min(reader.when.last_whole_day, day_number(freeze.end))
    if last <= begin:
        return None
    edges = portfolio.calendar.edges(cadence, begin, last).tolist()
    periods = [(first, after - 1) for first, after in pairwise(edges)]
    ends = [(first, end) for first, end in periods if begin < end <= last]
    if len(ends) < THAW:
        return None
    many = len(ends)
    subjects = Subjects.of(
        measures=[kpi.id] * many,
        units=[(unit_of(kpi, portfolio),) * 2] * many,
        zones=[roster.kpis.zones[int(roster.kpis.zone[row])]] * many,
        cadences=[cadence] * many,
        anchors=[None] * many,
        starts=[begin] * many,
        aggregates=[kpi_aggregate(kpi, portfolio)] * many,
        by_author=[adds_authors(kpi, portfolio)] * many,
        calendar=portfolio.calendar,
    )
    codes = facts_of(reader.history).codes(subjects.measures)
    reading = reader.read(subjects, codes, np.array([end for _, end in ends]), by_period=True)
    samples = SampleColumns.of(subjects, [kpi] * many, portfolio)
    counts = facts_of(reader.history).codes(samples.counts.measures)
    sizes = samples.by_period(reader, counts, subjects, reading, np.array([end for _, end in ends]))
    told = ~samples.few(sizes) & reading.seen & (reading.day >= np.array([first for first, _ in ends]))
    asked = [kpi.bands_at(to_date(end)) for _, end in ends]
    outer = [one.limit or one.target for one in asked]
    within = [
        band is not None and bool(_inside(reading.value[at : at + 1], band, reader.policy.inclusive)[0])
        for at, band in enumerate(outer)
    ]
    held = told & np.array(within, dtype=np.bool_)
    run = 0
    for (_, end), inside in zip(ends, held.tolist(), strict=True):
        run = run + 1 if inside else 0
        if run == THAW:
            return to_date(end)
    return None


def _kpi(freeze: Tolerance, portfolio: Portfolio) -> Kpi | None:
    for side in (freeze.winner, freeze.loser):
        value = portfolio[side] if side else None
        source = series_of(value, portfolio) if isinstance(value, KeyResult | Kpi) else None
        if isinstance(source, Kpi):
            return source
    return None
