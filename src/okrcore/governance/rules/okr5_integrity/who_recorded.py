"""OKR5, integrity, where numbers come from: sources that differ, and who typed in what."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from okrcore.definitions.days import DAY
from okrcore.definitions.derived import adds_authors
from okrcore.definitions.kpis import Source
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import UnitError
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.readers import cycle_start, read_from
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.instants import end_of
from okrcore.history.observation import Observation
from okrcore.history.reconciliation import Reconciliation, reconcile

UPTIME = """
    owners: [{id: plant-lead, kind: role}, {id: controller, kind: role}]
    kpis:
      - {id: uptime, title: Uptime of the sorters, unit: "%", cadence: weekly, target: {low: 98},
         owner: plant-lead}
    """
WEEKS = [dt.date(2026, 4, 5) + dt.timedelta(days=7 * week) for week in range(12)]
SCADA, FORM = Source("scada"), Source("form", mode="manual")
SECOND = """
    objectives:
      - id: reliable
        title: Sorters that run
        cycle: "2026"
        key_results:
          - {id: up, title: Uptime of 99 %, unit: "%", measured_by: uptime,
             measure: {target: {start: 97, goal: 99}}}
    kpis: [{id: uptime, title: Uptime, unit: "%", cadence: weekly}]
    """


def _entered(delays: Sequence[int]) -> list[Observation]:
    return [
        Observation("uptime", day, 98.1, recorded_at=day + dt.timedelta(days=late), source=FORM)
        for day, late in zip(WEEKS, delays, strict=False)
    ]


@governance_rule(
    "OKR502",
    needs="records",
    fix="read the number from the system that is not typed into, or correct the entry by hand",
    passes=Example(
        UPTIME,
        observations=[
            Observation("uptime", "2026-06-21", 97.24, source=SCADA),
            Observation("uptime", "2026-06-21", 97.2, source=FORM),
        ],
    ),
    fails=Example(
        UPTIME,
        observations=[
            Observation("uptime", "2026-06-21", 95.1, source=SCADA),
            Observation("uptime", "2026-06-21", 98.2, source=FORM),
        ],
    ),
)
def typed_value_agrees(
    portfolio: Portfolio, context: Context, *, relative: float = 0.01
) -> Iterator[Finding]:
    """A value typed in agrees with the one that a system recorded for the same period.

    Of two numbers for one thing people quote the one they like. Compared are the periods of the cadence
    in the cycle under way; a hundredth is left for rounding by hand.
    """
    for measure, origins in sorted(context.recorded.origins.items()):
        modes = {one.mode for one in origins}
        if "manual" in modes and len(modes) > 1 and context.find(measure) is not None:
            for found in _compared(context, measure, relative):
                yield from _differing(found)


def _compared(context: Context, measure: str, relative: float) -> Iterator[Reconciliation]:
    value, since, portfolio = context.find(measure), cycle_start(context, measure), context.portfolio
    known = context.recorded.observations(measure, since)
    by_hand = {one.source.system for one in known if one.source and one.source.mode == "manual"}
    others = {one.source.system for one in known if one.source and one.source.mode != "manual"} - by_hand
    same: Literal["add", "correct"] = "add" if adds_authors(value, portfolio) else "correct"
    for trusted in sorted(others):
        for typed in sorted(by_hand):
            try:
                yield reconcile(
                    context.recorded.history, measure, trusted, typed, cadence=value.cadence, anchor=since,
                    calendar=portfolio.calendar, aggregate=value.aggregate, same_moment=same,
                    start=since, end=context.as_of, known_at=context.known_at, unit=value.unit,
                    relative=relative, rates=context.rates, declared=portfolio.units,
                )  # fmt: skip
            except UnitError:  # what cannot be compared is no contradiction
                continue


def _differing(found: Reconciliation) -> Iterator[Finding]:
    apart = [one for one in found.disagreements if one.by_hand]
    if apart:
        last, both = apart[-1], sum(one.difference is not None for one in found.periods)
        yield fault(
            f"worth a look: {found.right} (typed in) differs from {found.left} in {len(apart)} of {both} "
            f"periods, last on {last.start}: {last.right:g} against {last.left:g}",
            subject=found.measure,
            fix=f"read the number from {last.trusted}, or correct the entry by hand",
            differing=len(apart),
            compared=both,
            last=last.start,
            difference=last.difference,
            unit=found.unit,
            trusted=last.trusted,
        )


@governance_rule(
    "OKR503",
    needs="records",
    fix="start a new KPI under a new id, or restate the earlier values by the new definition",
    passes=Example(
        UPTIME,
        observations=[
            Observation("uptime", "2026-06-14", 97.2, definition="sha256:1f", source=SCADA),
            Observation("uptime", "2026-06-21", 97.4, definition="sha256:1f", source=SCADA),
        ],
    ),
    fails=Example(
        UPTIME,
        observations=[
            Observation("uptime", "2026-06-14", 97.2, definition="sha256:1f", source=SCADA),
            Observation("uptime", "2026-06-21", 98.4, definition="sha256:a0", source=SCADA),
        ],
    ),
)
def definition_stays(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """What a measure is does not change within the cycle.

    A formula, filter or source that changes under the same id moves the number without anything having
    happened; series are not compared across the break. Observations without a definition say nothing; of a
    KPI by formula versions say when it changed.
    """
    origins, formulas = context.recorded.origins, context.once(_formulas_changed)
    several = {name for name, seen in origins.items() if len({one.definition for one in seen} - {""}) > 1}
    for measure in sorted(several | formulas.keys()):
        if context.find(measure) is None:
            continue
        since = cycle_start(context, measure)
        known = context.recorded.observations(measure, since)
        declared = {day for day in formulas.get(measure, ()) if day > since}
        breaks = sorted({context.day_of(at) for at in _breaks(known)} | declared)
        if breaks:
            yield fault(
                f"worth a look: its definition changed on {breaks[-1]}; what came before is another number",
                subject=measure,
                breaks=len(breaks),
                last=breaks[-1],
            )


def _formulas_changed(context: Context) -> Mapping[str, frozenset[dt.date]]:
    """The days on which the formula of each KPI was changed, by what versions declare."""
    found: dict[str, set[dt.date]] = {}
    versions = context.declarations
    for one in () if versions is None else versions.amendments(until=context.as_of):
        if one.field.partition(".")[0] == "formula" and one.at is not None:
            found.setdefault(one.subject, set()).add(context.day_of(one.at))
    return {name: frozenset(days) for name, days in found.items()}


def _breaks(observations: Sequence[Observation]) -> Iterator[dt.date | dt.datetime]:
    """Yield the moments from which a system reads a measure by another definition than before."""
    last: dict[str, str] = {}
    for one in sorted(observations, key=lambda one: (end_of(one.at), one.recorded_at)):
        system = one.source.system if one.source else ""
        if one.definition:
            if last.get(system, one.definition) != one.definition:
                yield one.at
            last[system] = one.definition


@governance_rule(
    "OKR507",
    needs="records",
    severity="info",
    fix="let the number be pulled from a system, or typed in by somebody who is not judged by it",
    passes=Example(
        UPTIME,
        observations=[
            Observation("uptime", day, 98.1, source=FORM, by=name)
            for day, name in zip(
                WEEKS, ["plant-lead", "controller", "plant-lead", "controller"], strict=False
            )
        ],
    ),
    fails=Example(
        UPTIME,
        observations=[Observation("uptime", day, 98.1, source=FORM, by="plant-lead") for day in WEEKS[:4]],
    ),
)
def nobody_is_their_own_judge(portfolio: Portfolio, context: Context, *, least: int = 3) -> Iterator[Finding]:
    """Not all values of a goal are typed in by those that are judged by it.

    Not that they would cheat: nobody else would notice a mistake. Looked at is the cycle under
    way, from 3 values on; one value from elsewhere is enough.
    """
    manual = context.recorded.flags("mode", "manual") & ~context.recorded.flags("by", "")
    for measure in context.recorded.measures_where(manual, least=least):
        judged = [goal for goal in read_from(context, measure) if goal.owner]
        if not judged:
            continue
        known = context.recorded.origins_since(measure, cycle_start(context, measure))
        people = {(one.mode, one.by) for one in known}
        for goal in judged:
            if len(known) >= least and people == {("manual", goal.owner)}:
                yield fault(
                    f"worth a look: all {len(known)} values of this cycle were typed in by its owner "
                    f"{goal.owner}",
                    subject=goal.id,
                    n=len(known),
                    by=goal.owner,
                )


@governance_rule(
    "OKR508",
    needs="records",
    severity="info",
    fix="type a value in when its period ends, or let it be pulled",
    passes=Example(UPTIME, observations=lambda: _entered([1, 1, 1, 1, 1, 1])),
    fails=Example(UPTIME, observations=lambda: _entered([61, 54, 47, 40, 33, 26])),
)
def values_are_typed_in_as_they_come(
    portfolio: Portfolio, context: Context, *, least: int = 5, days: int = 14
) -> Iterator[Finding]:
    """Values that are typed in are typed in when their period ends.

    A series filled in on one day, weeks later, was remembered or made up, and nobody could act on it in time.
    A plain count: at least 5 values, and half of those typed in since the cycle began, recorded on one day
    and each more than 14 days late.
    """
    late = context.recorded.flags("mode", "manual") & (context.recorded.late > days * DAY)
    for measure in context.recorded.measures_where(late, least=least):
        if context.find(measure) is None:
            continue
        since = cycle_start(context, measure)
        typed = [
            first
            for first, _ in context.recorded.reports(measure, since)
            if first.source and first.source.mode == "manual"
        ]
        delay, recorded_on = context.recorded.delay, context.recorded.recorded_on
        behind = [one for one in typed if delay(one) > dt.timedelta(days=days)]
        told = Counter(map(recorded_on, behind))
        day, count = max(told.items(), key=lambda item: (item[1], item[0]), default=(since, 0))
        if count >= least and 2 * count >= len(typed):
            longest = max(delay(one).days for one in behind if recorded_on(one) == day)
            yield fault(
                f"worth a look: {count} of {len(typed)} typed-in values were entered on {day}, "
                f"up to {longest} days late",
                subject=measure,
                count=count,
                n=len(typed),
                day=day,
                longest=longest,
            )


@governance_rule(
    "OKR509",
    needs="records",
    fix="read both from one source: the key result is judged by its KPI, so leave its own values out",
    passes=Example(
        SECOND,
        observations=[("uptime", "2026-06-21", 97.4), ("up", "2026-06-21", 97.4)],
    ),
    fails=Example(
        SECOND,
        observations=[("uptime", "2026-06-21", 95.2), ("up", "2026-06-21", 98.9)],
    ),
)
def key_result_and_kpi_agree(
    portfolio: Portfolio, context: Context, *, relative: float = 0.01
) -> Iterator[Finding]:
    """Values recorded for a key result agree with those of the KPI that it reads.

    The key result is judged by its KPI, and whoever records a second series quotes that one. Compared
    are the days on which both were observed in one unit.
    """
    own = context.recorded.origins
    for result in portfolio.key_results:
        if result.measured_by is None or result.id not in own or result.measured_by not in own:
            continue
        since = cycle_start(context, result.id)
        mine, kpis = (
            {one.at: one for one in context.recorded.observations(name, since)}
            for name in (result.id, result.measured_by)
        )
        both = sorted((end_of(at), at) for at in mine.keys() & kpis.keys() if mine[at].unit == kpis[at].unit)
        apart = [
            at for _, at in both if not np.isclose(mine[at].value, kpis[at].value, rtol=relative, atol=0)
        ]
        if apart:
            last = apart[-1]
            yield fault(
                f"worth a look: its own values differ from those of {result.measured_by} at {len(apart)} of "
                f"{len(both)} times, last on {context.day_of(last)}: {mine[last].value:g} against "
                f"{kpis[last].value:g}",
                subject=result.id,
                differing=len(apart),
                compared=len(both),
                last=context.day_of(last),
            )
