"""OKR5, integrity, what many records show together: tests whose level holds over all measures (S12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from okrcore.definitions.kpis import Source
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.measures import better_of, days_before
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.instants import end_of
from okrcore.history.observation import Observation
from okrcore.leading.multiplicity import benjamini_hochberg
from okrcore.monitoring.integrity import Signal, biased_restatement, late_bad_news

UPTIME = """
    kpis:
      - {id: uptime, title: Uptime of the sorters, unit: "%", cadence: weekly, target: {low: 98}}
    """
WEEKS = [dt.date(2026, 4, 5) + dt.timedelta(days=7 * week) for week in range(12)]
SCADA, FORM = Source("scada"), Source("form", mode="manual")


def _reported(values: Sequence[float], delays: Sequence[int]) -> list[Observation]:
    return [
        Observation("uptime", day, value, recorded_at=day + dt.timedelta(days=late), source=FORM)
        for day, value, late in zip(WEEKS, values, delays, strict=False)
    ]


def _restated(values: Sequence[float], by: Sequence[float]) -> list[Observation]:
    later = [
        Observation("uptime", day, value + change, recorded_at=day + dt.timedelta(days=9), source=SCADA)
        for day, value, change in zip(WEEKS, values, by, strict=False)
        if change
    ]
    return [
        *(Observation("uptime", *pair, source=SCADA) for pair in zip(WEEKS, values, strict=False)),
        *later,
    ]


@governance_rule(
    "OKR504",
    needs="history",
    severity="info",
    fix="look at why the values were restated, and who asked for it",
    passes=Example(
        UPTIME,
        observations=_restated([97.1, 96.8, 97.4, 97.0, 96.9, 97.3], [0.4, -0.3, 0.1, -0.5, 0.2, -0.6]),
    ),
    fails=Example(
        UPTIME, observations=_restated([97.1, 96.8, 97.4, 97.0, 96.9, 97.3], [0.9, 1.3, 0.8, 1.0, 1.4, 0.7])
    ),
)
def restatements_go_both_ways(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 365
) -> Iterator[Finding]:
    """Values are restated away from the goal as often as towards it.

    Honest errors fall on both sides; where corrections only ever help, only those were looked for that do
    (S12). Tested one-sided by the signed ranks of last minus first report (Wilcoxon 1945), over the last
    year, from 5 restatements on; over all measures the false discovery rate is held at `level` (Benjamini &
    Hochberg 1995).
    """
    since = days_before(context.day, days)
    found = []
    for measure in context.recorded.restated(least=5):
        better = better_of(context, measure)
        if better:
            pairs = [
                (first.value, last.value)
                for first, last in context.recorded.reports(measure, since)
                if first.unit == last.unit
            ]
            signal = biased_restatement(*zip(*pairs, strict=True), better=better) if pairs else None
            found.append((measure, signal))
    for measure, signal, q in _standing_out(found, level):
        yield fault(
            f"worth a look: {signal.n} values were restated, nearly all of them for the better "
            f"(signed-rank p {signal.p_value:.2g})",
            subject=measure,
            statistic=signal.statistic,
            n=signal.n,
            p_value=signal.p_value,
            q_value=q,
        )


@governance_rule(
    "OKR505",
    needs="history",
    severity="info",
    fix="report on a fixed day, whatever the value; better, let the number be pulled",
    passes=Example(
        UPTIME,
        observations=_reported(
            [98.2, 98.6, 97.1, 97.9, 96.0, 98.4, 98.3, 95.2, 97.7, 98.1, 97.5, 98.0],
            [1, 2, 1, 3, 1, 2, 1, 2, 3, 1, 2, 1],
        ),
    ),
    fails=Example(
        UPTIME,
        observations=_reported(
            [98.2, 98.6, 97.1, 97.9, 96.0, 98.4, 98.3, 95.2, 97.7, 98.1, 97.5, 98.0],
            [1, 1, 6, 1, 8, 1, 2, 9, 1, 1, 3, 1],
        ),
    ),
)
def bad_news_is_not_late(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 365
) -> Iterator[Finding]:
    """Values that worsened are reported as soon as those that did not.

    Bad news that waits for better news is missing just when there would be time (S12). Tested is the rank
    correlation of worsening and delay of the first reports, over the last year, from 8 changes on; over all
    measures the false discovery rate is held at `level`. Values recorded together in bulk are no reports.
    """
    since = days_before(context.day, days)
    found = []
    for measure in context.recorded.measures_where(context.recorded.late > 0, least=3):
        better = better_of(context, measure)
        first = _first_reports(context, measure, since) if better else []
        days_told = {one.recorded_at.date() for one in first}
        if better and 2 * len(days_told) > len(first) and len({one.unit for one in first}) == 1:
            delays = [(one.recorded_at - end_of(one.at)).total_seconds() for one in first]
            found.append((measure, late_bad_news([one.value for one in first], delays, better=better)))
    for measure, signal, q in _standing_out(found, level):
        yield fault(
            f"worth a look: the more it worsens, the later it is reported (rank correlation "
            f"{signal.statistic:.2f} over {signal.n} changes, p {signal.p_value:.2g})",
            subject=measure,
            statistic=signal.statistic,
            n=signal.n,
            p_value=signal.p_value,
            q_value=q,
        )


def _first_reports(context: Context, measure: str, since: dt.date) -> list[Observation]:
    """For each time the report that came first, in order of time."""
    best: dict[dt.datetime, Observation] = {}
    for first, _ in context.recorded.reports(measure, since):
        known = best.get(end_of(first.at))
        if known is None or first.recorded_at < known.recorded_at:
            best[end_of(first.at)] = first
    return [best[time] for time in sorted(best)]


def _standing_out(
    found: Sequence[tuple[str, Signal | None]], level: float
) -> Iterator[tuple[str, Signal, float]]:
    """Yield what still counts when all measures were looked at."""
    told = [(measure, signal) for measure, signal in found if signal is not None]
    rejected, adjusted = benjamini_hochberg(np.array([signal.p_value for _, signal in told]), q=level)
    for (measure, signal), out, q in zip(told, rejected.tolist(), adjusted.tolist(), strict=True):
        if out:
            yield measure, signal, q
