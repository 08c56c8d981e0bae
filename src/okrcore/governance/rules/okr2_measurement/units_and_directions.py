"""OKR2, measurement: numbers that have a unit and a direction, and unknowns that are no zeros."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from okrcore.definitions.derived import unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.gaps import slips_or_practice
from okrcore.governance.records.observed_records import series_with_zeros
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows
from okrcore.statistics.scale import far_exponent
from okrcore.units.conversion import route


@governance_rule(
    "OKR205",
    severity="info",
    fix='declare the unit ("1" for a plain number)',
    passes="""
        kpis:
          - {id: load, title: Time until a page is usable, unit: ms, target: {high: 800}}
        """,
    fails="""
        kpis:
          - {id: load, title: Time until a page is usable, target: {high: 800}}
        """,
)
def measure_has_a_unit(portfolio: Portfolio) -> Iterator[Finding]:
    """A number that is judged has a unit.

    Without one nothing notices milliseconds that arrive as seconds, and observations that bring a unit are
    refused. About KPIs with a target or a key result, and key results that no KPI measures; a formula has the
    unit that its inputs give.
    """
    read = {result.measured_by for result in portfolio.key_results}
    judged: list[Kpi | KeyResult] = [kpi for kpi in portfolio.kpis if kpi.is_judged or kpi.id in read]
    judged += own_measures(portfolio)
    lacking = [one for one in judged if not unit_of(one, portfolio)]
    yield from slips_or_practice(lacking, len(judged), "has no unit", "measures have no unit")


def own_measures(portfolio: Portfolio) -> list[KeyResult]:
    """Return the key results that are observed under their own id."""
    return [
        result
        for result in portfolio.key_results
        if not result.measured_by and not isinstance(result.measure, Checklist)
    ]


def _units(context: Context) -> Mapping[str, str]:
    return {kpi.id: unit_of(kpi, context.portfolio) for kpi in context.portfolio.kpis}


def _units_differ(rows: SubjectRows, context: Context) -> Bools:
    """Return which key results and the KPIs that measure them have units that are written in two ways."""
    units = context.once(_units)
    pairs = zip(rows["unit"], rows["measured_by"], strict=True)
    return np.fromiter(
        (bool(unit and (own := units.get(kpi)) and own != unit) for unit, kpi in pairs),
        dtype=np.bool_,
        count=len(rows),
    )


@governance_rule(
    "OKR206",
    severity="info",
    fix="give both in one unit",
    where=lambda rows, context, _: _units_differ(rows, context),
    passes="""
        kpis: [{id: load, title: Time until a page is usable, unit: ms}]
        objectives:
          - id: speed
            title: A page is there at once
            cycle: "2026"
            key_results:
              - id: fast
                title: Usable in 800 ms
                measured_by: load
                unit: ms
                measure: {target: {start: 2000, goal: 800}}
              - {id: errors, title: Half the errors, unit: error, measure: {target: {start: 40, goal: 20}}}
        """,
    fails="""
        kpis: [{id: load, title: Time until a page is usable, unit: ms}]
        objectives:
          - id: speed
            title: A page is there at once
            cycle: "2026"
            key_results:
              - id: fast
                title: Usable in 800 ms
                measured_by: load
                unit: s
                measure: {target: {start: 2, goal: 0.8}}
        """,
)
def key_result_speaks_the_unit_of_its_kpi(result: KeyResult, context: Context) -> Iterator[Finding]:
    """A key result is in the unit of the KPI that measures it.

    Values are converted exactly, between currencies by the day's rate; people who compare two
    screens are not, and one of the two numbers is taken for the other.
    """
    kpi = context.find(result.measured_by)
    unit = unit_of(kpi, context.portfolio)
    way = route(unit, result.unit, context.portfolio.units)
    if way.power or way.ratio.apply(1.0) != 1.0:
        yield fault(
            f"is in {result.unit!r}, and the KPI that measures it in {unit!r}",
            unit=result.unit,
            kpi=kpi.id,
            kpi_unit=unit,
        )


@governance_rule(
    "OKR215",
    fix="declare better, or open one side of the target",
    where=lambda rows, context, _: (
        rows.absent("direction") & (rows.counted(context.index.count("links", "target")) > 0)
    ),
    passes="""
        kpis:
          - {id: calls, title: Calls made, unit: call}
          - {id: leads, title: Leads in the pipeline, unit: lead, better: higher}
        links: [{source: calls, target: leads, sign: 1}]
        """,
    fails="""
        kpis:
          - {id: calls, title: Calls made, unit: call}
          - {id: leads, title: Leads in the pipeline, unit: lead}
        links: [{source: calls, target: leads, sign: 1}]
        """,
)
def kpi_that_is_moved_has_a_direction(kpi: Kpi, context: Context) -> Iterator[Finding]:
    """A KPI that a link moves says which way is better.

    Whether a link helps or hurts is its sign times that direction. Without it the link says nothing
    about good and bad, and no conflict is found behind it.
    """
    count = context.index.count("links", "target")[kpi.id]
    yield fault(
        f"is moved by {count} link{'s' * (count > 1)}, and nothing says which way is better", links=count
    )


@governance_rule(
    "OKR216",
    fix="go through them one by one: which of them should fall?",
    passes="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", better: higher}
          - {id: response, title: Response time, unit: minutes, better: lower}
        """,
    fails="""
        kpis:
          - {id: k01, title: Parks kept on time, better: higher}
          - {id: k02, title: Signs put up on time, better: higher}
          - {id: k03, title: Lights mended on time, better: higher}
          - {id: k04, title: Trees cut on time, better: higher}
          - {id: k05, title: Calls answered, better: higher}
          - {id: k06, title: Library users, better: higher}
          - {id: k07, title: School attendance, better: higher}
          - {id: k08, title: Permits on time, better: higher}
          - {id: k09, title: Crimes, better: higher}
          - {id: k10, title: Ambulance response time, better: higher}
        """,
)
def directions_were_thought_about(portfolio: Portfolio, *, least: int = 10) -> Iterator[Finding]:
    """Of 10 or more KPIs with a direction not all have the same.

    Hardly any organisation watches only what should rise: delays, complaints and costs should fall. One
    direction everywhere is what a form fills in when nobody is asked. KPIs of one title, the segments of one
    measure, count once.
    """
    titled = {(kpi.title.casefold().strip(), kpi.direction) for kpi in portfolio.kpis if kpi.direction}
    ways = Counter(direction for _, direction in titled)
    if len(ways) == 1 and ways.total() >= least:
        way = next(iter(ways))
        yield fault(f"says of all {ways.total()} KPIs that {way} is better", count=ways.total(), better=way)


WORSE = (
    "response time", "wait time", "waiting time", "lead time", "cycle time", "turnaround time", "time to",
    "days to", "delay", "downtime", "outage", "backlog", "overdue", "complaint", "error", "defect", "bug",
    "failure", "incident", "accident", "collision", "injury", "fatality", "death", "crime", "homicide",
    "murder", "shooting", "stabbing", "assault", "robbery", "burglary", "churn", "attrition",
    "absenteeism", "cost per",
)  # fmt: skip
"""Words for what should fall."""
UNLESS = (
    "answered", "avoided", "between", "caught", "clearance", "closed", "completed", "corrected", "detected",
    "fixed", "free", "handled", "mediated", "meeting", "on time", "prevented", "prevention", "reduced",
    "reduction", "resolution", "resolved", "responded", "saved", "since", "solved", "training", "within",
    "without",
)  # fmt: skip
"""Words that turn those round: "complaints resolved", "time between incidents"."""


def _named(rows: SubjectRows, words: tuple[str, ...]) -> Bools:
    """Return which titles hold one of the words: one search through all, each on a line of its own."""
    held = np.zeros(len(rows), dtype=np.bool_)
    titles = [title.casefold().replace("\n", " ") for title in rows["title"]]
    starts = np.cumsum([0, *(len(title) + 1 for title in titles)])
    found = [match.start() for match in _any_of(words).finditer("\n".join(titles))] if words else []
    held[np.searchsorted(starts, found, side="right") - 1] = True
    return held


@lru_cache(maxsize=16)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches any of the words, or its plural, as a whole word."""
    forms = {form for word in words for form in (word, f"{word}s", re.sub("y$", "ies", word))}
    first = "".join(re.escape(letter) for letter in sorted({form[0] for form in forms}))
    any_form = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    return re.compile(rf"\b(?=[{first}])(?:{any_form})\b")  # looking at one letter first is twice as fast


@governance_rule(
    "OKR217",
    fix="correct the direction, or say in the title what should rise",
    where=lambda rows, context, set_to: (
        (rows["direction"] == "higher") & _named(rows, tuple(set_to["worse"]))
    ),
    passes="""
        kpis:
          - {id: response, title: Ambulance response time, unit: minutes, target: {high: 8}}
          - {id: resolved, title: Complaints resolved within a day, unit: "%", target: {low: 90}}
        """,
    fails="""
        kpis:
          - {id: response, title: Ambulance response time, unit: minutes, target: {low: 8}}
        """,
)
def direction_fits_the_name(
    kpi: Kpi, *, worse: Sequence[str] = WORSE, unless: Sequence[str] = UNLESS
) -> Iterator[Finding]:
    """What is named a delay, an error, a complaint or a crime is not better the higher it is.

    A direction the wrong way round turns every status, signal and conflict of the KPI round with it. The
    words are in English and match whole, also in the plural; a title with a word of `unless` is left alone.
    """
    title = kpi.title.casefold()
    found = _any_of(tuple(worse)).search(title)
    if found and not (unless and _any_of(tuple(unless)).search(title)):
        yield fault(f"says that higher is better, and is named {kpi.title!r}", word=found[0])


@governance_rule(
    "OKR219",
    severity="info",
    fix="leave out what was not measured; correct the zeros that were blanks",
    needs="history",
    passes=Example(
        """
        kpis: [{id: attendance, title: Children at school, unit: "%"}]
        """,
        observations=[
            *[("attendance", f"2026-03-{day:02}", 90.0 + day % 5) for day in range(2, 14)],
        ],
    ),
    fails=Example(
        """
        kpis: [{id: attendance, title: Children at school, unit: "%"}]
        """,
        observations=[
            *[("attendance", f"2026-03-{day:02}", 90.0 + day % 5) for day in range(2, 14)],
            ("attendance", "2026-03-14", 0.0),
            ("attendance", "2026-03-15", 0.0),
        ],
    ),
)
def unknown_is_no_zero(
    portfolio: Portfolio, context: Context, *, least: int = 10, distinct: int = 5, deviations: float = 3.0
) -> Iterator[Finding]:
    """No zeros stand among values that never come near zero.

    A day without a measurement that is kept as 0 drags every mean, limit and trend down: unknown is not zero.
    Told where zeros stand among at least 10 other values of one sign (`least`), 5 of them distinct, and the
    one nearest to zero is more than 3 of their standard deviations (`deviations`) away from it.
    """
    measures = [*(kpi.id for kpi in portfolio.kpis), *(result.id for result in own_measures(portfolio))]
    series = series_with_zeros(context.snapshot.history, context.when, measures)
    for name, values in series.items():
        others = np.abs(values[values != 0])
        if len(others) < least or len(np.unique(others)) < distinct:
            continue
        power = far_exponent(others)
        nearest, spread = float(others.min()), float(np.ldexp(np.ldexp(others, -power).std(ddof=1), power))
        if nearest > deviations * spread:
            zeros = len(values) - len(others)
            yield fault(
                f"is 0 in {zeros} of {len(values)} observations, otherwise {nearest:g} or further away",
                subject=name,
                zeros=zeros,
                n=len(values),
                nearest=nearest,
                deviation=spread,
            )
