"""OKR2, measurement: sums to date that are summed again, or that are left from the year before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import cycle_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.leading.calendar_grid import on_grid
from okrcore.leading.measured_series import MeasuredSeries, read_signals
from okrcore.leading.series_kinds import sums_to_date
from okrcore.statistics.distributions import Floats
from okrcore.statistics.scale import near_one

_SALES = """
    kpis: [{id: sales, title: Sales, unit: EUR, aggregate: sum, cadence: monthly}]
    """
_MONTHS = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30")


@governance_rule(
    "OKR226",
    needs="history",
    fix="record what each period brought; or read the latest value, with aggregate latest",
    passes=Example(
        _SALES,
        observations=[
            ("sales", day, value) for day, value in zip(_MONTHS, [100, 110, 95, 104, 99, 107], strict=True)
        ],
    ),
    fails=Example(
        _SALES,
        observations=[
            ("sales", day, value) for day, value in zip(_MONTHS, [100, 210, 305, 409, 508, 615], strict=True)
        ],
    ),
)
def sums_to_date_are_not_summed(
    portfolio: Portfolio, context: Context, *, least: int = 6
) -> Iterator[Finding]:
    """What is summed is what each period brought, and not what the year has brought so far.

    Sheets of KPIs often hold year-to-date columns. Summed again they reach any target by autumn: twelve
    months of 100 read as 7,800. And where the latest value is read, the whole of last year stands as the
    value of the new one until its first number comes. Told is a series that starts from about one period's
    share, only grows, and begins anew where it falls, from 6 periods on; amounts that grow evenly from
    almost nothing look alike.
    """
    every: tuple[Kpi | KeyResult, ...] = (*portfolio.kpis, *portfolio.key_results)
    asked = {one.id: one for one in every if _is_asked(one, context)}
    if context.history is None or not asked:
        return
    signals = read_signals(
        portfolio, context.history, asked, as_of=context.as_of, known_at=context.known_at,
        rates=context.rates, journal=context.journal,
    )  # fmt: skip
    told: set[str] = set()
    for name, signal in signals.items():
        values = _latest(signal)
        if signal.measure in told or not sums_to_date(values, least):
            continue
        told.add(signal.measure)
        newest = int(np.flatnonzero(~np.isnan(signal.values))[-1])
        last = float(signal.values[newest])
        one = asked[name]
        if one.aggregate == "sum":
            yield fault(
                f"is summed, but its {int(np.isfinite(values).sum())} values read like sums to date, last "
                f"{last:g}: they are counted again and again",
                subject=name, last=last,
            )  # fmt: skip
        else:
            day = to_date(signal.days[newest])
            yield fault(
                f"stands at {last:g} of {day}, before its cycle began; its values read like "
                "sums to date that begin anew",
                subject=name, last=last, day=day,
                fix="observe it again; its first value of the new cycle takes the place of last year's",
            )  # fmt: skip


def _is_asked(one: Kpi | KeyResult, context: Context) -> bool:
    """Whether sums to date would be read wrong: summed, or left from before the cycle."""
    if one.aggregate == "sum":
        return True
    if one.aggregate != "latest" or not isinstance(one, KeyResult) or not isinstance(one.measure, Target):
        return False
    cycle, observed = cycle_of(one, context.portfolio), context.snapshot.key_result(one.id).observed_at
    return context.is_running(cycle) and observed is not None and context.day_of(observed) < cycle.start


def _latest(signal: MeasuredSeries) -> Floats:
    edges = signal.grid.edges(int(signal.days[0]), signal.last)
    return near_one(on_grid(signal.days, signal.values, edges, "latest"))
