"""OKR5, integrity, what many records show together: tests whose level holds over all measures."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.days import day_number
from okrcore.definitions.kpis import Source
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.readers import better_word, days_before
from okrcore.governance.rule import fault, governance_rule
from okrcore.history.instants import end_of
from okrcore.history.observation import Observation
from okrcore.leading.calendar_grid import PeriodGrid
from okrcore.leading.measured_series import read_signals
from okrcore.monitoring.integrity_tests import (
    TestResult,
    biased_restatement,
    bunching,
    heaping,
    late_bad_news,
    variance_collapse,
)
from okrcore.statistics.multiplicity import benjamini_hochberg

UPTIME = """
    kpis:
      - {id: uptime, title: Uptime of the sorters, unit: "%", cadence: weekly, target: {low: 98}}
    """
WEEKS = [dt.date(2026, 4, 5) + dt.timedelta(days=7 * week) for week in range(12)]
SCADA, FORM = Source("scada"), Source("form", mode="manual")


UPTIME_COUNT = """
    kpis: [{id: uptime, title: Parcels by hand, unit: parcel, cadence: weekly}]
    """
ROUGH = (
    0.3, -1.2, 0.8, 1.5, -0.4, -0.9, 1.1, 0.2, -1.6, 0.7, 1.3, -0.2, -1.1, 0.5, 0.9, -0.7, 1.4, -0.3,
    0.6, -1.3, 1.0, 0.1, -0.8, 1.2, -0.5, 0.4, -1.0, 0.8, 1.6, -0.6, -0.1, 1.1, -1.4, 0.3, 0.9, -0.7,
)  # fmt: skip


def _reported(values: Sequence[float], delays: Sequence[int]) -> list[Observation]:
    return [
        Observation("uptime", day, value, recorded_at=day + dt.timedelta(days=late), source=FORM)
        for day, value, late in zip(WEEKS, values, delays, strict=False)
    ]


def _typed(values: Sequence[float]) -> list[Observation]:
    first = dt.date(2025, 10, 5)
    return [
        Observation("uptime", first + dt.timedelta(days=7 * week), value, source=FORM)
        for week, value in enumerate(values)
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
    needs="records",
    severity="info",
    fix="look at why the values were restated, and who asked for it",
    passes=Example(
        UPTIME,
        observations=lambda: _restated(
            [97.1, 96.8, 97.4, 97.0, 96.9, 97.3], [0.4, -0.3, 0.1, -0.5, 0.2, -0.6]
        ),
    ),
    fails=Example(
        UPTIME,
        observations=lambda: _restated([97.1, 96.8, 97.4, 97.0, 96.9, 97.3], [0.9, 1.3, 0.8, 1.0, 1.4, 0.7]),
    ),
)
def restatements_go_both_ways(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 365
) -> Iterator[Finding]:
    """Values are restated away from the goal as often as towards it.

    Honest errors fall on both sides; where corrections only ever help, only those were looked for that do.
    Tested one-sided by the signed ranks of last minus first report (Wilcoxon 1945), over the last year, from
    5 restatements on; over all measures the false discovery rate is held at `level` (Benjamini & Hochberg
    1995).
    """
    since = days_before(context.day, days)
    found = []
    for measure in context.recorded.restated(least=5):
        better = better_word(context, measure)
        if better:
            pairs = [
                (first.value, last.value)
                for first, last in context.recorded.reports(measure, since)
                if first.unit == last.unit
            ]
            signal = biased_restatement(*zip(*pairs, strict=True), better=better) if pairs else None
            found.append((measure, signal))
    for measure, signal, q in _standing_out(found, level):
        yield _worth_a_look(
            f"{signal.n} values were restated, nearly all of them for the better "
            f"(signed-rank p {signal.p_value:.2g})",
            measure, signal, q,
        )  # fmt: skip


@governance_rule(
    "OKR505",
    needs="records",
    severity="info",
    fix="report on a fixed day, whatever the value; better, let the number be pulled",
    passes=Example(
        UPTIME,
        observations=lambda: _reported(
            [98.2, 98.6, 97.1, 97.9, 96.0, 98.4, 98.3, 95.2, 97.7, 98.1, 97.5, 98.0],
            [1, 2, 1, 3, 1, 2, 1, 2, 3, 1, 2, 1],
        ),
    ),
    fails=Example(
        UPTIME,
        observations=lambda: _reported(
            [98.2, 98.6, 97.1, 97.9, 96.0, 98.4, 98.3, 95.2, 97.7, 98.1, 97.5, 98.0],
            [1, 1, 6, 1, 8, 1, 2, 9, 1, 1, 3, 1],
        ),
    ),
)
def bad_news_is_not_late(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 365
) -> Iterator[Finding]:
    """Values that worsened are reported as soon as those that did not.

    Bad news that waits for better news is missing just when there would be time. Tested is the rank
    correlation of worsening and delay of the first reports, over the last year, from 8 changes on; over all
    measures the false discovery rate is held at `level`. Values recorded together in bulk are no reports.
    """
    since = days_before(context.day, days)
    found = []
    for measure in context.recorded.measures_where(context.recorded.late > 0, least=3):
        better = better_word(context, measure)
        first = _first_reports(context, measure, since) if better else []
        days_told = {context.recorded.recorded_on(one) for one in first}
        if better and 2 * len(days_told) > len(first) and len({one.unit for one in first}) == 1:
            delays = [context.recorded.delay(one).total_seconds() for one in first]
            found.append((measure, late_bad_news([one.value for one in first], delays, better=better)))
    for measure, signal, q in _standing_out(found, level):
        yield _worth_a_look(
            f"the more it worsens, the later it is reported (rank correlation "
            f"{signal.statistic:.2f} over {signal.n} changes, p {signal.p_value:.2g})",
            measure, signal, q,
        )  # fmt: skip


@governance_rule(
    "OKR522",
    needs="history",
    severity="info",
    fix="look at how values near the target are found, and compare a few with where they come from",
    passes=Example(UPTIME, observations=lambda: _typed([98 + one for one in ROUGH])),
    fails=Example(UPTIME, observations=lambda: _typed([98 + _lifted(one) for one in ROUGH])),
)
def values_do_not_gather_past_the_target(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 1096
) -> Iterator[Finding]:
    """Values lie as often just short of a target as just past it.

    Where near misses become hits, the target is what is measured (bunching; McCrary 2008 for the idea). Asked
    of KPIs with one bound and without others by date, from 26 values on of which 10 lie near it, over the
    last three years; over all measures the false discovery rate is held at `level`. A process that is steered
    to its target, and stopped there, looks alike.
    """
    if context.history is None:
        return
    asked = {}
    for kpi in portfolio.kpis:
        bound = None if kpi.target is None or kpi.dated else (kpi.target.low, kpi.target.high)
        if bound is not None and (bound[0] is None) != (bound[1] is None):
            asked[kpi.id] = bound[0] if bound[1] is None else bound[1]
    since = day_number(days_before(context.day, days))
    series = read_signals(
        portfolio, context.history, asked, as_of=context.as_of, known_at=context.known_at,
        rates=context.rates, journal=context.journal,
    )  # fmt: skip
    found = []
    for measure, one in series.items():
        better, target = better_word(context, measure), asked[measure]
        if better and target is not None and one.unit == portfolio[measure].unit:
            values = one.values[(one.days >= since) & ~np.isnan(one.values)].tolist()
            found.append((measure, bunching(values, target, better=better)))
    for measure, signal, q in _standing_out(found, level):
        yield _worth_a_look(
            f"{signal.statistic:g} of {signal.n} values near its target lie just past it "
            f"(p {signal.p_value:.2g})",
            measure, signal, q,
        )  # fmt: skip


def _lifted(value: float) -> float:
    """A value of an example, near misses lifted just past 0."""
    return 0.02 if -1.3 < value < 0 else value


@governance_rule(
    "OKR512",
    needs="records",
    severity="info",
    fix="read the number from where it is counted, or say that it is an estimate",
    passes=Example(
        UPTIME_COUNT,
        observations=lambda: _typed([412, 458, 531, 490, 367, 613, 745, 282, 501, 624, 333, 410, 557]),
    ),
    fails=Example(
        UPTIME_COUNT,
        observations=lambda: _typed([410, 455, 530, 490, 365, 613, 745, 280, 500, 625, 330, 420, 555]),
    ),
)
def typed_values_have_every_last_digit(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 365
) -> Iterator[Finding]:
    """Values that are typed in end in 0 or 5 no more often than one in five does.

    What is counted ends in any digit; what is guessed is rounded (digit heaping). Asked from 13
    different values on, where they move freely over their last digit, as ratios of small counts do not;
    values that all end so are told in steps of 5, which is no signal. Over all measures the false discovery
    rate is held at `level`.
    """
    found = []
    for measure, values in _typed_series(context, days, least=13):
        signal = heaping(values)
        found.append((measure, signal if signal and signal.statistic < signal.n else None))
    for measure, signal, q in _standing_out(found, level):
        yield _worth_a_look(
            f"{signal.statistic:g} of {signal.n} values typed in end in 0 or 5 "
            f"(p {signal.p_value:.2g})",
            measure, signal, q,
        )  # fmt: skip


@governance_rule(
    "OKR513",
    needs="records",
    severity="info",
    fix="look at how the values are found since then, and compare a few with where they come from",
    passes=Example(UPTIME, observations=lambda: _typed([97 + one for one in ROUGH])),
    fails=Example(
        UPTIME,
        observations=lambda: _typed([97 + one / (1 if at < 18 else 50) for at, one in enumerate(ROUGH)]),
    ),
)
def typed_values_stay_as_rough_as_they_were(
    portfolio: Portfolio, context: Context, *, level: float = 0.05, days: int = 1096
) -> Iterator[Finding]:
    """Values that are typed in do not become smooth all at once.

    Reality is noisy; a series that loses its noise may be carried on by hand (variance collapse). Asked
    from 26 values on, of which none is missing in the measure's cadence; over all measures the false
    discovery rate is held at `level`. What comes and goes with the season is taken out where there are two of
    it. A process that was really steadied looks alike.
    """
    found = []
    for measure, values in _typed_series(context, days, least=26, whole=True):
        found.append((measure, variance_collapse(values, season=_season(context, measure))))
    for measure, signal, q in _standing_out(found, level):
        yield _worth_a_look(
            f"its {signal.n} values became smooth from some time on (p {signal.p_value:.2g})",
            measure, signal, q,
        )  # fmt: skip


def _season(context: Context, measure: str) -> float | None:
    """The season of a measure in periods of its cadence, as declared or else of the calendar."""
    value = context.find(measure)
    grid = PeriodGrid.of(value.cadence, context.portfolio.calendar)
    return grid.season(getattr(value, "season", None))


def _typed_series(
    context: Context, days: int, least: int, whole: bool = False
) -> Iterator[tuple[str, list[float]]]:
    """Yield the measures whose values were all typed in, with what they say now; `whole` without a gap."""
    since = days_before(context.day, days)
    for measure in context.recorded.measures_where(context.recorded.flags("mode", "manual"), least):
        value = context.find(measure)
        modes = {one.mode for one in context.recorded.origins_since(measure, since)}
        if modes != {"manual"} or value is None:
            continue
        last = {end_of(one.at): one for _, one in context.recorded.reports(measure, since)}
        series = [last[time] for time in sorted(last)]
        if len({one.unit for one in series}) == 1 and (
            not whole or _without_gap(context, series, value.cadence)
        ):
            yield measure, [one.value for one in series]


def _without_gap(context: Context, series: Sequence[Observation], cadence: Cadence | None) -> bool:
    """Whether each period from the first value to the last has just one."""
    if cadence is None:
        return False
    days = [context.day_of(one.at) for one in series]
    numbers = [day_number(day) for day in days]
    edges = context.portfolio.calendar.edges(cadence, numbers[0], numbers[-1]).tolist()
    places = [bisect_right(edges, number) for number in numbers]
    return places == list(range(places[0], places[0] + len(places)))


def _first_reports(context: Context, measure: str, since: dt.date) -> list[Observation]:
    """For each time the report that came first, in order of time."""
    best: dict[dt.datetime, Observation] = {}
    for first, _ in context.recorded.reports(measure, since):
        known = best.get(end_of(first.at))
        if known is None or first.recorded_at < known.recorded_at:
            best[end_of(first.at)] = first
    return [best[time] for time in sorted(best)]


def _worth_a_look(message: str, measure: str, signal: TestResult, q: float) -> Finding:
    return fault(
        f"worth a look: {message}", subject=measure, statistic=signal.statistic, n=signal.n,
        p_value=signal.p_value, q_value=q,
    )  # fmt: skip


def _standing_out(
    found: Sequence[tuple[str, TestResult | None]], level: float
) -> Iterator[tuple[str, TestResult, float]]:
    """Yield what still counts when all measures were looked at."""
    told = [(measure, signal) for measure, signal in found if signal is not None]
    rejected, adjusted = benjamini_hochberg(np.array([signal.p_value for _, signal in told]), q=level)
    for (measure, signal), out, q in zip(told, rejected.tolist(), adjusted.tolist(), strict=True):
        if out:
            yield measure, signal, q
