"""OKR2, measurement: records that nothing reads, that cannot be read, or that read over each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import attrs

from okrcore.definitions.derived import measures_read, read_unit_of
from okrcore.definitions.digraph import grouped
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.joined_ids import item_id
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.pursued import idle_goals
from okrcore.definitions.references import unknown_id
from okrcore.errors import Problem, UnitError
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.readers import cycle_start
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.observation import Observation
from okrcore.units.rates import convert

_UPTIME = """
    kpis: [{id: uptime, title: Uptime, unit: "%", cadence: weekly}]
    """
_CALLS = """
    kpis: [{id: calls, title: Calls made, unit: call, aggregate: sum, cadence: weekly}]
    """


@governance_rule(
    "OKR223",
    needs="history",
    fix="correct the id where it is recorded, or declare what is measured",
    passes=Example(_UPTIME, observations=[("uptime", "2026-06-21", 97.2)]),
    fails=Example(_UPTIME, observations=[("uptime", "2026-06-14", 97.2), ("uptmie", "2026-06-21", 97.2)]),
)
def observed_measure_is_declared(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """What is observed is the number of a KPI, a key result, an item of a checklist, or a milestone.

    A record under an id that nobody declares is kept and read by nothing: the goal that it was meant for
    stays without it, and nobody is told. So does one of a checklist as a whole, which is read item by item,
    and one of a key result that reads a KPI.
    """
    unread = context.snapshot.unread
    read = measures_read(context.declared) if unread else frozenset()
    idle = idle_goals(context.declared)
    for measure in unread:
        if measure not in read and measure not in idle:
            yield fault(_unread(context, measure, read), subject=measure)


def _unread(context: Context, measure: str, read: Collection[str]) -> str:
    value = context.find(measure)
    if isinstance(value, KeyResult) and isinstance(value.measure, Checklist):
        item = item_id(measure, value.measure.items[0].id)
        return f"is observed as a whole; observe its items, such as {item!r}"
    if isinstance(value, KeyResult):
        return f"is observed under its own id, and reads {value.measured_by!r}; observe that"
    if isinstance(value, Kpi):
        return "is recorded, and is computed by its formula; observe its inputs"
    if value is not None:
        return "is observed, and is nothing that has a number"
    return f"is observed, and {str(unknown_id(measure, '', read)).partition(' is ')[2]}"


@governance_rule(
    "OKR224",
    needs="history",
    severity="error",
    fix="record it in a unit that converts, or correct the declared one",
    passes=Example(_UPTIME, observations=[Observation("uptime", "2026-06-21", 0.972, unit="1")]),
    fails=Example(_UPTIME, observations=[Observation("uptime", "2026-06-21", 8165, unit="minute")]),
)
def observed_unit_converts(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """What is observed is in a unit that converts to the declared one.

    A number of another kind of thing cannot be read at all: as long as one of those that today's number is
    made from is, its measure stays unknown, whatever else is known of it. An older one leaves its period
    unknown to signals, links and forecasts. Between currencies a rate has to be given. What a later record
    corrects is not told.
    """
    told = dict.fromkeys([*context.snapshot.problems, *_unconverted(context)])
    for measure, found in sorted(grouped((one.path, one) for one in told).items()):
        more = f"; so are {len(found) - 1} more of its records" if len(found) > 1 else ""
        yield fault(f"cannot be read: {found[0].message}{more}", subject=measure, records=len(found))


def _unconverted(context: Context) -> Iterator[Problem]:
    """Return what does not convert of the single records of each series, one problem a record."""
    recorded, declared = context.recorded, context.portfolio.units
    every: tuple[Kpi | KeyResult, ...] = (*context.portfolio.kpis, *context.portfolio.key_results)
    for value in every:
        wanted = read_unit_of(value, context.portfolio) if value.id in measures_read([value]) else ""
        foreign = {one.unit for one in recorded.origins.get(value.id, ())} - {"", wanted}
        if not wanted or not foreign:
            continue
        known = context.known_at
        history = recorded.history if known is None else recorded.history.as_known(known)
        series = history.series(value.id, end=context.as_of)
        for time, number, unit in zip(series.times, series.values, series.units, strict=True):
            if unit in foreign:
                day = context.day_of(time) if isinstance(time, dt.datetime) else time
                try:
                    convert(float(number), unit, wanted, declared=declared, rates=context.rates, dates=day)
                except UnitError as error:
                    for one in error.problems:
                        yield attrs.evolve(one, message=f"{one.message}; observed on {day}", path=value.id)


@governance_rule(
    "OKR225",
    needs="records",
    fix="record each count under a measure of its own, or let one of them record the sum",
    passes=Example(
        _CALLS,
        observations=[
            Observation("calls", "2026-06-21", 12, by="ana"),
            Observation("calls", "2026-06-22", 9, by="ben"),
        ],
    ),
    fails=Example(
        _CALLS,
        observations=[
            Observation("calls", "2026-06-21", 12, by="ana"),
            Observation("calls", "2026-06-21", 9, by="ben", recorded_at="2026-06-22T08:00:00Z"),
        ],
    ),
)
def sum_is_counted_once_a_moment(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """Of one moment of a sum one person types the number.

    Records of one measure, moment and source are corrections, whoever makes them: where two people each typed
    what they had counted, the later number took the place of the earlier, and the sum is short by it. Looked
    at is the cycle under way.
    """
    for measure in context.recorded.restated(1):
        value = context.find(measure)
        if isinstance(value, Kpi | KeyResult) and value.aggregate == "sum" and _replaces(value):
            since = cycle_start(context, measure)
            typed = _typed_by_several(context.recorded.observations(measure, since))
            if typed:
                at, people = typed[-1]
                yield fault(
                    f"was typed by {some(people)} for one moment {len(typed)} times, last for {at}",
                    subject=measure, moments=len(typed), last=at, by=tuple(people),
                )  # fmt: skip


def _replaces(value: Kpi | KeyResult) -> bool:
    return value.same_moment != "add"


def _typed_by_several(
    observations: Sequence[Observation],
) -> list[tuple[dt.date | dt.datetime, list[str]]]:
    """Return the moments for which several people typed into one source, in order, with those people."""
    people: dict[tuple[dt.date | dt.datetime, str], dict[str, None]] = {}
    for one in observations:
        if one.by and (one.source is None or one.source.mode == "manual"):
            system = one.source.system if one.source else ""
            people.setdefault((one.at, system), {})[one.by] = None
    return [(at, list(found)) for (at, _), found in people.items() if len(found) > 1]
