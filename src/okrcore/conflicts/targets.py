"""Find requirements on one measure that no value of it can meet (S13.1)."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from collections.abc import Iterator

import attrs

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.sides import Scene
from okrcore.definitions.derived import cadence_of, due_of, start_of, unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Band, Checklist, Target, band_ends, direction_of
from okrcore.errors import Problem, UnitError, raise_all
from okrcore.units.rates import Rates, convert

_SLACK = 1e-12


@attrs.frozen(kw_only=True)
class Requirement:
    """What a side asks of its measure: an interval, from `begins` to `ends`, both days included.

    `span` is |goal - start| of a target, None of a band. `pursued` is the first day of its cycle.
    """

    side: str
    low: float
    high: float
    span: float | None
    begins: dt.date
    ends: dt.date
    pursued: dt.date


def target_conflicts(scene: Scene, rates: Rates | None) -> Iterator[Conflict]:
    """Yield the pairs whose required intervals do not meet though their times do, in one unit.

    A KPI's `target` band is a requirement of its own, also on a key result that it measures. Numbers that
    are aggregated differently, or over different periods or cycles, are different numbers. Raises UnitError
    for every currency without a rate at the date asked for.
    """
    problems: list[Problem] = []
    for (measure, *_), asked in sorted(_asked(scene).items()):
        kpi = scene.kpis.get(measure)
        units = [unit for _, unit in asked]
        unit = kpi.unit if kpi and kpi.unit else next(filter(None, units), "")
        found = []
        for one, own in asked:
            try:
                found.append(_in_unit(one, own or unit, unit, scene, rates))
            except UnitError as error:
                problems += [attrs.evolve(problem, path=one.side) for problem in error.problems]
        yield from _clashes(found, measure, unit)
    raise_all(problems, UnitError)


def _asked(scene: Scene) -> dict[tuple[str, str, str], list[tuple[Requirement, str]]]:
    """Requirements that still hold, with their units, by the number that they are about.

    That is a measure, its aggregate and, where it counts, the cadence or cycle that is reduced.
    """
    found: dict[tuple[str, str, str], list[tuple[Requirement, str]]] = {}
    for result in scene.results.values():
        asked = _of_result(scene, result)
        if asked and not scene.is_over(result):
            band, rhythm = result.measure, cadence_of(result, scene.portfolio)
            by_period = isinstance(band, Band) and not band.is_cap and rhythm is not None
            over = rhythm.text if by_period and rhythm else asked.pursued.isoformat()
            key = (scene.measure(result.id), result.aggregate, "" if result.aggregate == "latest" else over)
            found.setdefault(key, []).append((asked, unit_of(result, scene.portfolio)))
    for kpi in scene.kpis.values():
        if kpi.aggregate == "latest" or kpi.cadence:
            over = kpi.cadence.text if kpi.cadence and kpi.aggregate != "latest" else ""
            of_kpi = [(asked, kpi.unit) for asked in _of_kpi(kpi) if asked.ends >= scene.day]
            found.setdefault((kpi.id, kpi.aggregate, over), []).extend(of_kpi)
    return {key: asked for key, asked in found.items() if len(asked) > 1}


def _of_kpi(kpi: Kpi) -> Iterator[Requirement]:
    """Yield what a KPI asks for, from each planned date until the day before the next (A11)."""
    planned = kpi.planned
    lasts = [one.start - dt.timedelta(1) for one in planned[1:]]
    for one, last in zip(planned, [*lasts, dt.date.max], strict=False):  # without bands: nothing
        low, high = band_ends(one.target)
        yield Requirement(
            side=kpi.id, low=low, high=high, span=None, begins=one.start, ends=last, pursued=one.start
        )


def _of_result(scene: Scene, result: KeyResult) -> Requirement | None:
    start, due = start_of(result, scene.portfolio), due_of(result, scene.portfolio)
    match result.measure:
        case Band() as band:
            (low, high), begins, span = band_ends(band), start, None
        case Target(goal=goal, start=first) as target if sign := direction_of(target):
            low, high = (goal, math.inf) if sign > 0 else (-math.inf, goal)
            begins, span = due, None if first is None else abs(goal - first) or None
        case Target() | Checklist():
            return None
    return Requirement(side=result.id, low=low, high=high, span=span, begins=begins, ends=due, pursued=start)


def _in_unit(one: Requirement, own: str, unit: str, scene: Scene, rates: Rates | None) -> Requirement:
    def changed(value: float) -> float:
        if math.isinf(value):
            return value
        return convert(value, own, unit, declared=scene.portfolio.units, rates=rates, dates=scene.day)

    span = None if one.span is None else abs(changed(one.span) - changed(0.0))
    return attrs.evolve(one, low=changed(one.low), high=changed(one.high), span=span)


def _clashes(found: list[Requirement], measure: str, unit: str) -> Iterator[Conflict]:
    """Every pair where one asks for more than the other allows; cost goes with those pairs."""
    ceilings = sorted(found, key=lambda one: (one.high, one.side))
    highs = [one.high for one in ceilings]
    for above in sorted(found, key=lambda one: one.side):
        for below in ceilings[: bisect_left(highs, above.low)]:
            begins, ends = max(above.begins, below.begins), min(above.ends, below.ends)
            gap = above.low - below.high
            slack = _SLACK * max(abs(above.low), abs(below.high))
            if above.side != below.side and begins <= ends and gap > slack:
                yield _conflict(above, below, gap, measure, unit, (begins, ends))


def _conflict(
    above: Requirement,
    below: Requirement,
    gap: float,
    measure: str,
    unit: str,
    overlap: tuple[dt.date, dt.date],
) -> Conflict:
    sides = sorted([above.side, below.side])
    spans = [one.span for one in (above, below) if one.span is not None]
    scale = min(spans) if spans else max(abs(above.low), abs(below.high))
    since = max(above.pursued, below.pursued)
    begins, ends = overlap
    shown = f" {unit}" if unit else ""
    witness = {
        "measure": measure,
        "unit": unit,
        "above": above.side,
        "at_least": above.low,
        "below": below.side,
        "at_most": below.high,
        "gap": gap,
        "scale": scale,
        "overlap": (begins, ends),
    }
    return Conflict(
        kind="targets",
        sides=tuple(sides),
        degree=min(1.0, gap / scale),
        since=since,
        witness=witness,
        path=(sides[0], measure, sides[1]) if measure not in sides else tuple(sides),
        sentence=(
            f"{above.side} needs {measure} at {above.low:g}{shown} or more, "
            f"{below.side} at {below.high:g}{shown} or less: {gap:g}{shown} apart"
        ),
    )
