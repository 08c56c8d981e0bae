"""OKR2, measurement: numbers that look wrong ask for a confirmation, and open no audit (S11.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import cadence_of, series_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.answered import kin
from okrcore.governance.rule import fault, governance_rule
from okrcore.leading.ended_periods import EndedPeriods, ended_periods
from okrcore.monitoring.number_quality import (
    Doubt,
    flat_line,
    gaps,
    outliers,
    partial_period,
    unit_jump,
)

_UPTIME = """
    kpis: [{id: uptime, title: Uptime of the sorters, unit: "%", cadence: weekly}]
    """
_FIRST = dt.date(2026, 3, 15)
_NOISE = (98.2, 97.6, 98.4, 97.9, 98.1, 97.4, 98.6, 97.8, 98.3, 97.7, 98.0, 97.5, 98.5, 97.2, 98.7, 97.3)
_CONFIRM = "correct the number, or confirm it: record a confirmation about it that says why it is right"


def _weeks(*values: float | None) -> list[tuple[str, str, float]]:
    days = (str(_FIRST + dt.timedelta(weeks=week)) for week in range(len(values)))
    return [("uptime", day, value) for day, value in zip(days, values, strict=True) if value is not None]


@governance_rule(
    "OKR231",
    needs="history",
    fix=_CONFIRM,
    passes=Example(_UPTIME, observations=_weeks(*_NOISE[:13])),
    fails=Example(_UPTIME, observations=_weeks(*_NOISE[:8], 979.0, *_NOISE[9:13])),
)
def values_are_not_mistyped(portfolio: Portfolio, context: Context, *, weeks: int = 13) -> Iterator[Finding]:
    """No value lies far off its neighbours and comes back at once.

    A slip of the decimal point makes a hero or a crisis for a week. A value of the last 13 weeks that lies
    more than 10 robust standard deviations off, and far beyond the next farthest, asks for a confirmation;
    about 10, 100 or 1000 times its neighbours it looks mistyped. Asked from 12 values on.
    """
    for name, series in _recent(context, weeks):
        yield from _asked(context, name, series, outliers(series.values), weeks)


@governance_rule(
    "OKR232",
    needs="history",
    fix="say what changed: record it under another definition, convert what came before, or confirm it",
    passes=Example(_UPTIME, observations=_weeks(*_NOISE[:13])),
    fails=Example(_UPTIME, observations=_weeks(*_NOISE[:6], *(10 * one for one in _NOISE[6:13]))),
)
def values_keep_their_unit(portfolio: Portfolio, context: Context, *, weeks: int = 52) -> Iterator[Finding]:
    """A series does not jump for good by 8 times or more from one value to the next.

    That is what another unit looks like, or another definition: percent for shares, thousands for units.
    Until it is said, limits, links and forecasts mix two numbers. Asked of positive series from 12 values on.
    """
    for name, series in _recent(context, weeks):
        yield from _asked(context, name, series, [unit_jump(series.values)], weeks)


@governance_rule(
    "OKR233",
    needs="history",
    fix="look whether the feed still lives; if the number is right, record a confirmation",
    passes=Example(_UPTIME, observations=_weeks(*_NOISE[:13])),
    fails=Example(_UPTIME, observations=_weeks(*_NOISE[:9], *[97.7] * 6)),
)
def values_go_on_moving(portfolio: Portfolio, context: Context, *, level: float = 0.01) -> Iterator[Finding]:
    """A series does not end in a run of equal values that its past makes improbable.

    A feed that hangs repeats its last value, which looks steadier than the process ever was. The chance of
    the run, from how often values repeated before, is at most `level`; asked from 8 values before it on.
    """
    for name, series in _recent(context, None):
        yield from _asked(context, name, series, [flat_line(series.values, level=level)])


@governance_rule(
    "OKR234",
    needs="history",
    severity="info",
    fix="record what is missing; if there was nothing to observe, say so by a confirmation",
    passes=Example(_UPTIME, observations=_weeks(*_NOISE[:14])),
    fails=Example(_UPTIME, observations=_weeks(*_NOISE[:10], None, None, *_NOISE[:3])),
)
def periods_have_values(portfolio: Portfolio, context: Context, *, weeks: int = 13) -> Iterator[Finding]:
    """No period between observed ones is without a value.

    Bad weeks are the ones that go missing. Asked of what has a cadence and whose silence does not mean 0,
    from 12 values on, about gaps of the last 13 weeks.
    """
    for name, series in _recent(context, weeks):
        value = context.portfolio[name]
        source = series_of(value, context.portfolio)
        silent = value.zero_when_silent or source.zero_when_silent
        if cadence_of(value, context.portfolio) is not None and not silent:
            yield from _asked(context, name, series, gaps(series.values), weeks)


@governance_rule(
    "OKR235",
    needs="history",
    severity="info",
    fix="wait for the rest, or record it; a sum over half of it is no small number",
    passes=Example(
        'kpis: [{id: calls, title: Calls, aggregate: sum, cadence: weekly}]',
        observations=lambda: _days(15 * 7),
    ),
    fails=Example(
        'kpis: [{id: calls, title: Calls, aggregate: sum, cadence: weekly}]',
        observations=lambda: _days(14 * 7 + 3),
    ),
)  # fmt: skip
def last_period_is_whole(portfolio: Portfolio, context: Context) -> Iterator[Finding]:
    """The last period of what is summed up holds about as many observations as usual.

    Half a week of rows makes half a week's number, which reads as a collapse. Asked of what is no latest
    value, from 12 earlier periods with usually two observations or more; from six where each of them held
    nine tenths of what is usual.
    """
    for name, series in _recent(context, None):
        if context.portfolio[name].aggregate != "latest":
            yield from _asked(context, name, series, [partial_period(series.counts)])


def _days(count: int) -> list[tuple[str, str, float]]:
    first = dt.date(2026, 3, 16)
    return [("calls", str(first + dt.timedelta(days=day)), 10.0 + day % 3) for day in range(count)]


def _asked(
    context: Context,
    name: str,
    series: EndedPeriods,
    doubts: Iterable[Doubt | None],
    weeks: int | None = None,
) -> Iterator[Finding]:
    """Yield what is asked about a series: doubts of the last `weeks` that nobody confirmed since."""
    entries = [one for about in kin(context, name) for one in context.entries(about, "confirmation")]
    confirmed = max((context.day_of(one.at) for one in entries), default=dt.date.min)
    oldest = dt.date.min if weeks is None else context.day - dt.timedelta(weeks=weeks)
    for doubt in doubts:
        if doubt is None:
            continue
        start, end = to_date(series.edges[doubt.at]), to_date(series.edges[doubt.at + 1] - 1)
        if start < oldest or start <= confirmed:
            continue
        said: dict[str, Any] = {"factor": doubt.factor, "p_value": doubt.p_value}
        yield fault(
            f"worth a look: {doubt.what}, in the period from {start} to {end}",
            subject=name, start=start, end=end, n=doubt.n,
            **{key: value for key, value in said.items() if value is not None},
        )  # fmt: skip


def _recent(context: Context, weeks: int | None) -> Iterator[tuple[str, EndedPeriods]]:
    """Yield the series that were observed at all lately: each once, under the id it is recorded under."""
    since = context.when.last_whole_day - 7 * (weeks or 13)
    for name, series in context.once(_series).items():
        known = np.flatnonzero(np.isfinite(series.values))
        if len(known) and series.edges[known[-1] + 1] > since:
            yield name, series


def _series(context: Context) -> Mapping[str, EndedPeriods]:
    if context.history is None:
        return {}
    portfolio = context.portfolio
    own = [one.id for one in portfolio.key_results if series_of(one, portfolio) is one]
    ids = [*(one.id for one in portfolio.kpis), *own]
    asked = [name for name in ids if _is_asked(portfolio[name])]
    return ended_periods(
        portfolio, context.history, asked, as_of=context.as_of, known_at=context.known_at,
        rates=context.rates, journal=context.journal,
    )  # fmt: skip


def _is_asked(value: object) -> bool:
    """A key result with a target of its own is no process: it is to leave its level."""
    return not isinstance(value, KeyResult) or value.aggregate == "latest"
