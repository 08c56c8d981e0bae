"""Reconcile two source systems of one measure: where they agree, where they differ, which is trusted."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import ClassVar, Literal

import attrs
import numpy as np

from okrcore.definitions.aggregates import AGGREGATES, reduce
from okrcore.definitions.argument_checks import to_asked_day
from okrcore.definitions.cadence import Cadence, Period
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.days import ANCHOR, day_in, day_number, to_date
from okrcore.errors import HistoryError
from okrcore.history.history import History
from okrcore.history.instants import Moment, end_of, span, to_moment
from okrcore.history.observation import Observation
from okrcore.history.periods import check_same_moment
from okrcore.history.provenance import TRUST
from okrcore.units.rates import Rates, convert


@attrs.frozen(kw_only=True)
class ReconciledPeriod:
    """What two systems say about one period, `start` to the day before `end`; None where one is silent.

    `trusted` is the system to be believed. `by_hand` says that one side was entered manually and the
    other was not.
    """

    start: dt.date
    end: dt.date
    left: float | None
    right: float | None
    verdict: Literal["agree", "disagree", "left-only", "right-only"]
    trusted: str
    by_hand: bool

    @property
    def difference(self) -> float | None:
        """Right minus left, None where one is silent."""
        return None if self.left is None or self.right is None else self.right - self.left


@attrs.frozen(kw_only=True)
class Reconciliation:
    """Two systems compared over one measure, period by period; values are in `unit`."""

    FORM: ClassVar[str] = "reconciliation"

    measure: str
    left: str
    right: str
    unit: str
    periods: tuple[ReconciledPeriod, ...]

    @property
    def disagreements(self) -> tuple[ReconciledPeriod, ...]:
        """The periods in which both speak and differ."""
        return tuple(one for one in self.periods if one.verdict == "disagree")

    @property
    def agreement(self) -> float | None:
        """The share of periods, among those in which both speak, in which they agree; None without any."""
        both = [one for one in self.periods if one.difference is not None]
        return sum(one.verdict == "agree" for one in both) / len(both) if both else None


def reconcile(
    history: History,
    measure: str,
    left: str,
    right: str,
    *,
    cadence: Cadence | str | None = None,
    anchor: dt.date | str = ANCHOR,
    calendar: Calendar | None = None,
    aggregate: str = "latest",
    same_moment: Literal["correct", "add"] = "correct",
    start: Moment | None = None,
    end: Moment | None = None,
    known_at: Moment | None = None,
    unit: str = "",
    absolute: float = 0.0,
    relative: float = 1e-9,
    trust: Sequence[str] = (),
    rates: Rates | None = None,
    declared: Sequence[str] = (),
) -> Reconciliation:
    """Compare what the source systems `left` and `right` recorded for `measure`, period by period.

    Periods are those of `cadence` in the `calendar`, without one counted from `anchor`; an RFC 5545 rule
    counts from `anchor` in both, and has none before its first date. Without a cadence each calendar day
    is a period. Within one, each side is reduced by `aggregate` (one of AGGREGATES) over its own chosen
    values, as known at `known_at`; with `same_moment` "add", of a sum, each author of one moment has a count
    of their own there. Days of instants are those of the calendar's zone, without a calendar of UTC. Values
    are converted to `unit`, "" being the unit of the first value of `left`, else of `right`; `declared` names
    further counts (S1.1). Two values agree where they differ by at most `absolute`, or by `relative` of the
    larger one.

    Trusted is the system that comes first in `trust`, then the one whose mode does (pulled, derived,
    manual, no source; of several modes in a period the least trusted counts), then the latest known,
    then by name (S2.7). Raises HistoryError for a system that recorded nothing of the measure, UnitError
    for units that do not convert. Cost goes with the records of the measure.

    >>> from okrcore.definitions.kpis import Source
    >>> history = History.of(
    ...     [
    ...         Observation("revenue", "2026-01-31", 120.0, source=Source("erp")),
    ...         Observation("revenue", "2026-01-30", 126.0, source=Source("sheet", mode="manual")),
    ...     ]
    ... )
    >>> found = reconcile(history, "revenue", "erp", "sheet", cadence="monthly").disagreements[0]
    >>> found.difference, found.trusted, found.by_hand
    (6.0, 'erp', True)
    """
    if aggregate not in AGGREGATES:
        raise HistoryError(f"aggregate is {aggregate!r}; give one of {', '.join(AGGREGATES)}")
    check_same_moment(same_moment, aggregate)
    if left == right:
        raise HistoryError(f"left and right are both {left!r}; name two source systems")
    limit = end_of(to_moment(known_at, "known_at")) if known_at is not None else None
    records = [one for one in history.observations(measure) if limit is None or one.recorded_at <= limit]
    first = span(start, "start")[0] if start is not None else dt.date.min
    last = span(end, "end")[0] if end is not None else dt.date.max
    sides = [[one for one in records if _system(one) == name] for name in (left, right)]
    for name, found in zip((left, right), sides, strict=True):
        if not found:
            known = ", ".join(sorted({repr(_system(one)) for one in records})) or "nobody"
            raise HistoryError(f"source system {name!r} recorded nothing of {measure!r}; {known} did")
    unit = unit or next((one.unit for side in sides for one in side if one.unit), "")
    zone = "UTC" if calendar is None else calendar.timezone
    chosen = [
        [one for one in _chosen(side, same_moment) if first <= day_in(one.at, zone) <= last] for side in sides
    ]
    days = sorted({day_in(one.at, zone) for side in chosen for one in side})
    periods = _periods(cadence, to_asked_day(anchor, "anchor"), calendar, days)
    grouped = [_grouped(side, periods, zone) for side in chosen]
    rows = []
    for place, period in enumerate(periods):
        both = [group.get(place, []) for group in grouped]
        if any(both):
            row = _row(
                period, both, (left, right), aggregate, unit, absolute, relative, trust, rates, declared, zone
            )  # fmt: skip
            rows.append(row)
    return Reconciliation(measure=measure, left=left, right=right, unit=unit, periods=tuple(rows))


def _row(
    period: Period,
    both: Sequence[Sequence[Observation]],
    names: tuple[str, str],
    aggregate: str,
    unit: str,
    absolute: float,
    relative: float,
    trust: Sequence[str],
    rates: Rates | None,
    declared: Sequence[str],
    zone: str,
) -> ReconciledPeriod:
    converted = [
        [
            convert(o.value, o.unit, unit, declared=declared, rates=rates, dates=day_in(o.at, zone))
            for o in side
        ]
        for side in both
    ]
    values = [
        float(reduce(np.array(side), np.array([0, len(side)]), aggregate)[0]) if side else None
        for side in converted
    ]
    standing = [_standing(name, side, trust) for name, side in zip(names, both, strict=True) if side]
    left, right = values
    verdict: Literal["agree", "disagree", "left-only", "right-only"]
    if left is None or right is None:
        verdict = "left-only" if right is None else "right-only"
    else:
        close = math.isclose(left, right, rel_tol=relative, abs_tol=absolute)
        verdict = "agree" if close else "disagree"
    by_hand = [
        any(one.source is not None and one.source.mode == "manual" for one in side) for side in both if side
    ]
    return ReconciledPeriod(
        start=period.start,
        end=period.end,
        left=left,
        right=right,
        verdict=verdict,
        trusted=min(standing)[-1],
        by_hand=len(by_hand) == 2 and by_hand[0] != by_hand[1],
    )


def _standing(name: str, side: Sequence[Observation], trust: Sequence[str]) -> tuple[int, int, float, str]:
    named = trust.index(name) if name in trust else len(trust)
    mode = max(TRUST.index(one.source.mode if one.source else "") for one in side)
    known = max(one.recorded_at for one in side)
    return named, mode, -known.timestamp(), name


def _chosen(side: Iterable[Observation], same_moment: str) -> Iterable[Observation]:
    """Of each time, and author where they add up, the most trusted record, then the latest; by time."""
    best: dict[tuple[dt.datetime, bool, str], Observation] = {}
    for one in side:
        author = one.by if same_moment == "add" else ""
        time = end_of(one.at), not isinstance(one.at, dt.datetime), author
        if time not in best or _preference(one) >= _preference(best[time]):
            best[time] = one
    return [best[time] for time in sorted(best)]


def _preference(one: Observation) -> tuple[int, dt.datetime]:
    return -TRUST.index(one.source.mode if one.source else ""), one.recorded_at


def _periods(
    cadence: Cadence | str | None, anchor: dt.date, calendar: Calendar | None, days: Sequence[dt.date]
) -> Sequence[Period]:
    if cadence is None or not days:
        return [Period(day, day + dt.timedelta(days=1)) for day in days]
    rhythm = Cadence.parse(cadence) if isinstance(cadence, str) else cadence
    if calendar is None:
        edges = rhythm.edges(anchor, days[0], days[-1])
    else:
        first, last, start = map(day_number, (days[0], days[-1], anchor))
        inside = np.minimum(calendar.edges(rhythm, first, last, start), day_number(dt.date.max))
        edges = tuple(map(to_date, inside.tolist()))
    return [Period(a, b) for a, b in pairwise(edges)]


def _grouped(
    side: Iterable[Observation], periods: Sequence[Period], zone: str
) -> dict[int, list[Observation]]:
    starts = [period.start for period in periods]
    groups: dict[int, list[Observation]] = {}
    for one in side:
        place = bisect_right(starts, day_in(one.at, zone)) - 1
        if place >= 0:
            groups.setdefault(place, []).append(one)
    return groups


def _system(one: Observation) -> str:
    return one.source.system if one.source else ""
