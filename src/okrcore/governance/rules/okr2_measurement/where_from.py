"""OKR2, measurement: where numbers come from, how they are made, and how often they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.derived import cadence_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi, Source
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.gaps import slips_or_practice
from okrcore.governance.records.observed_records import newest_modes
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.rules.okr2_measurement.units_and_directions import own_measures
from okrcore.governance.subject_rows import Bools, SubjectRows
from okrcore.history.observation import Observation


def _mode(source: Source | None) -> str:
    return "" if source is None else source.mode


@governance_rule(
    "OKR207",
    severity="info",
    fix="pull it from the system that knows it",
    where=lambda rows, context, _: rows.matching("source", lambda source: _mode(source) == "manual"),
    passes="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", source: {system: scada, query: uptime, mode: pulled}}
        """,
    fails="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", source: {system: shift book, mode: manual}}
        """,
)
def number_is_not_typed_in(kpi: Kpi) -> Iterator[str]:
    """A KPI's numbers are pulled from a system, or derived.

    Typing in is allowed and visible: it comes late, is forgotten in busy weeks, and is done by those
    who are judged by it.
    """
    yield "is typed in by hand"


@governance_rule(
    "OKR208",
    needs="history",
    fix="mend the feed, or declare the source as manual",
    where=lambda rows, context, _: (
        rows.matching("source", lambda source: _mode(source) in {"pulled", "derived"})
        & rows.among(context.once(_typed_in))
    ),
    passes=Example(
        """
        kpis:
          - {id: uptime, title: Uptime, unit: "%", source: {system: scada, query: uptime, mode: pulled}}
        """,
        observations=[
            Observation("uptime", "2026-06-07", 98.2, source=Source("shift book", mode="manual")),
            Observation("uptime", "2026-06-14", 98.4, source=Source("scada")),
        ],
    ),
    fails=Example(
        """
        kpis:
          - {id: uptime, title: Uptime, unit: "%", source: {system: scada, query: uptime, mode: pulled}}
        """,
        observations=[
            Observation("uptime", "2026-06-07", 98.2, source=Source("scada")),
            Observation("uptime", "2026-06-14", 98.4, source=Source("shift book", mode="manual")),
        ],
    ),
)
def number_came_in_as_declared(kpi: Kpi, context: Context) -> Iterator[Finding]:
    """The newest number of a KPI that is declared as pulled or derived was not typed in.

    A feed that broke is often replaced by hand and stays so, while everybody trusts the number like one that
    no hand has touched. Where both came in for one moment the pulled one is read.
    """
    declared = _mode(kpi.source)
    yield fault(f"is declared as {declared}, and its newest number was typed in", declared=declared)


@governance_rule(
    "OKR209",
    severity="info",
    fix="name system and query",
    passes="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", source: {system: scada, query: uptime, mode: pulled}}
        """,
    fails="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%"}
        """,
)
def kpi_has_a_source(portfolio: Portfolio) -> Iterator[Finding]:
    """A KPI names the system that its numbers come from.

    Otherwise nobody can look a number up, and two people count it in two ways. What is computed by a formula
    comes from its inputs.
    """
    counted = [kpi for kpi in portfolio.kpis if kpi.formula is None]
    lacking = [kpi for kpi in counted if kpi.source is None]
    yield from slips_or_practice(lacking, len(counted), "names no source", "KPIs name no source")


@governance_rule(
    "OKR212",
    severity="info",
    fix="observe it weekly, or lead with something that can be",
    where=lambda rows, context, set_to: _slower(rows, context, set_to["slowest"]),
    passes="""
        kpis:
          - {id: calls, title: Calls made, unit: call, cadence: weekly}
          - {id: leads, title: Leads in the pipeline, unit: lead, cadence: monthly, better: higher}
        links: [{source: calls, target: leads, sign: 1}]
        """,
    fails="""
        kpis:
          - {id: calls, title: Calls made, unit: call, cadence: monthly}
          - {id: leads, title: Leads in the pipeline, unit: lead, cadence: monthly, better: higher}
        links: [{source: calls, target: leads, sign: 1}]
        """,
)
def what_leads_is_seen_weekly(kpi: Kpi, context: Context, *, slowest: str = "weekly") -> Iterator[Finding]:
    """A KPI that leads something, or measures a key result, is observed weekly or more often.

    A monthly number shows a dip when half a quarter is gone; twelve points a year test no link (that asks
    for 20). The knob `slowest` names another cadence. Of a rule the mean distance of its days counts. A
    formula that says no cadence has the coarsest of its inputs.
    """
    cadence = cast("Cadence", cadence_of(kpi, context.portfolio))
    leads, measures = kpi.id in context.relations.links_from, kpi.id in context.relations.measured_with
    if leads or measures:
        what = "leads" if leads else "measures a key result"
        yield fault(f"{what}, and is observed {cadence.text}", days=cadence.mean_days, slowest=slowest)


def _slower(rows: SubjectRows, context: Context, slowest: str) -> Bools:
    """Return which KPIs are observed less often than `slowest`."""
    found = (cadence_of(context.scene.kpis[name], context.portfolio) for name in rows.ids)
    texts = [None if one is None else one.text for one in found]
    limit = Cadence.parse(slowest).mean_days
    slow = {text for text in set(texts) if text is not None and Cadence.parse(text).mean_days > limit}
    return np.fromiter(map(slow.__contains__, texts), dtype=np.bool_, count=len(rows))


@governance_rule(
    "OKR213",
    fix="say how often it is observed",
    passes="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%", cadence: weekly}
        """,
    fails="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%"}
        """,
)
def measure_has_a_cadence(portfolio: Portfolio) -> Iterator[Finding]:
    """What is observed has a cadence.

    Without one nothing is ever stale: the last number stays the newest for years, and a status that
    nobody fed looks like one that holds. About KPIs, and key results that no KPI measures; what is computed
    by a formula is observed as often as its inputs are.
    """
    counted = (kpi for kpi in portfolio.kpis if kpi.formula is None)
    observed: list[Kpi | KeyResult] = [*counted, *own_measures(portfolio)]
    lacking = [one for one in observed if one.cadence is None]
    yield from slips_or_practice(lacking, len(observed), "has no cadence", "measures have no cadence")


@governance_rule(
    "OKR221",
    severity="info",
    fix="say what is counted, what is left out, and by what it is divided",
    passes="""
        kpis:
          - id: uptime
            title: Uptime
            unit: "%"
            definition: Minutes that a sorter runs, of the minutes it is asked to run
        """,
    fails="""
        kpis:
          - {id: uptime, title: Uptime, unit: "%"}
        """,
)
def kpi_is_defined(portfolio: Portfolio) -> Iterator[Finding]:
    """A KPI says how its number is made: in its definition, by its formula, or by the query of its source.

    A title is read in as many ways as it has readers, and a change of the count looks like a change of
    the world.
    """
    lacking = [
        kpi
        for kpi in portfolio.kpis
        if not (kpi.definition or kpi.formula or (kpi.source and kpi.source.query))
    ]
    yield from slips_or_practice(lacking, len(portfolio.kpis), "has no definition", "KPIs have no definition")


def _typed_in(context: Context) -> frozenset[str]:
    """Return the KPIs with a source whose newest number was typed in."""
    if context.history is None:
        return frozenset()
    names = [kpi.id for kpi in context.portfolio.kpis if kpi.source]
    modes = newest_modes(context.history, context.when, names)
    return frozenset(name for name, mode in modes.items() if mode == "manual")
