"""Derived values equal a computation with pandas, at any time and as known at any time (S22.2, S22.3)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from okrcore import Calendar, Formula, History, Kpi, Observation, Portfolio, Rates, Source
from okrcore.definitions.days import day_number, to_date
from okrcore.history import derive

pd: Any = pytest.importorskip("pandas")

FIRST = dt.date(2026, 1, 1)
RATES = Rates.of([(FIRST, "EUR", "USD", 1.25), (dt.date(2026, 2, 10), "EUR", "USD", 1.5)])
TERMS = ("{}", "2 * {}", "-{}", "coalesce({}, 5)", "prev({})", "prev({}, 2)", "max({}, 3)", "abs({})")
AGGREGATES = ("latest", "sum", "mean", "max", "min")


@st.composite
def cases(draw: st.DrawFn) -> tuple[Portfolio, list[Observation]]:
    """A formula over up to four inputs, and records with gaps, silence, restatements and two currencies."""
    count = draw(st.integers(1, 4))
    period = draw(st.sampled_from(["weekly", "monthly"]))
    kpis = []
    for number in range(count):
        aggregate = draw(st.sampled_from(AGGREGATES))
        cadences = ["daily", "weekly", period] if period == "monthly" else ["daily", "weekly"]
        if aggregate == "latest":
            cadences += ["monthly"]
        cadence = draw(st.sampled_from(cadences))
        currency = draw(st.sampled_from(["EUR", "USD"]))
        silent = aggregate in ("sum", "latest") and draw(st.booleans())
        kpis.append(
            Kpi(
                id=f"x{number}", title="x", unit=currency,
                cadence=cadence, aggregate=aggregate, zero_when_silent=silent,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    terms = [draw(st.sampled_from(TERMS)).format(f"x{number}") for number in range(count)]
    expr = draw(st.sampled_from([" + ", " - "])).join(terms)
    if draw(st.booleans()):
        expr = f"({expr}) / {draw(st.sampled_from([one.id for one in kpis]))}"
    formula = Formula(expr, {one.id: one.id for one in kpis})
    calendar = Calendar(week_start=draw(st.sampled_from(["monday", "sunday"])))
    derived = Kpi(id="f", title="f", cadence=period, formula=formula)
    random = draw(st.randoms(use_true_random=False))
    records, seen = [], set()
    for _ in range(draw(st.integers(0, 25)) * count):
        which, day, late = random.randrange(count), random.randrange(75), random.choice([0, 0, 1, 9, 40])
        if (which, day, late) in seen:
            continue
        seen.add((which, day, late))
        at = FIRST + dt.timedelta(days=day)
        known = at + dt.timedelta(days=late) if late else None
        source = Source("erp", mode=random.choice(["pulled", "manual"]))
        unit, value = random.choice(["", "EUR", "USD"]), random.randrange(-2, 7)
        records.append(Observation(f"x{which}", at, value, unit=unit, recorded_at=known, source=source))
    return Portfolio.of(calendar, *kpis, derived, rates=RATES), records


@given(cases(), st.lists(st.integers(0, 120), min_size=1, max_size=3))
def test_derived_values_equal_pandas_whatever_was_known(
    case: tuple[Portfolio, list[Observation]], days: list[int]
) -> None:
    portfolio, records = case
    derived = derive(portfolio, History.of(records))
    for day in days:
        known = FIRST + dt.timedelta(days=day)
        shown = derived.as_known(known)
        got = {one.at: one.value for one in shown.observations("f")}  # the last known is the chosen one
        got = {at: shown.latest("f", at).value for at in got}  # type: ignore[union-attr]
        expected = by_pandas(portfolio, records, known)
        assert got.keys() == expected.keys()
        for at, value in expected.items():
            assert got[at] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (at, known)


@given(cases(), st.randoms(use_true_random=False))
def test_what_is_derived_after_appends_is_what_is_derived_at_once(
    case: tuple[Portfolio, list[Observation]], random: Any
) -> None:
    portfolio, records = case
    second = Kpi(id="g", title="g", formula=Formula("prev(f) + f", {"f": "f"}))
    portfolio = portfolio.with_(second)
    random.shuffle(records)
    history, at = History(), 0
    while at < len(records):
        step = random.randint(1, 4)
        history = history.append(records[at : at + step])
        derived = derive(portfolio, history)
        at += step
    derived = derive(portfolio, history)
    whole = derive(portfolio, History.of(records))
    for name in ("f", "g"):
        assert _said(derived, name) == _said(whole, name)
    assert derive(portfolio, derived) is derived
    assert derive(portfolio, history) is derived


def _said(history: History, name: str) -> list[Any]:
    return [
        (one.at, one.recorded_at, repr(one.value), one.unit, one.definition)
        for one in history.observations(name)
    ]


def by_pandas(portfolio: Portfolio, records: list[Observation], known: dt.date) -> dict[dt.date, float]:
    """Compute the formula "f" as a notebook would: filter, convert, choose, resample, combine."""
    kpi, until = portfolio["f"], dt.datetime.combine(known, dt.time.max, dt.UTC)
    kept = [one for one in records if one.recorded_at <= until]
    if not kept:
        return {}
    frame = pd.DataFrame(
        {
            "measure": [one.measure for one in kept],
            "day": [day_number(one.at) for one in kept],
            "value": [one.value for one in kept],
            "unit": [one.unit or portfolio[one.measure].unit for one in kept],
            "trust": [{"pulled": 2, "manual": 0}[one.source.mode] for one in kept],  # type: ignore[union-attr]
            "recorded": [one.recorded_at for one in kept],
        }
    )
    money = next(portfolio[name].unit for name in _names(kpi.formula.expr))
    frame["value"] = [
        value if unit == money else value * RATES.rate(unit, money, to_date(day))
        for value, unit, day in zip(frame["value"], frame["unit"], frame["day"], strict=True)
    ]
    frame = frame.sort_values(["measure", "day", "trust", "recorded"]).groupby(["measure", "day"]).tail(1)
    edges = portfolio.calendar.edges(kpi.cadence, int(frame["day"].min()), int(frame["day"].max()))
    frame["period"] = np.searchsorted(edges, frame["day"], side="right") - 1
    size = len(edges)
    ends = pd.Series(edges).shift(-1) - 1
    columns: dict[str, pd.Series] = {}
    own = pd.Series(False, index=range(size))
    for name in kpi.formula.inputs:
        one, rows = portfolio[name], frame[frame["measure"] == name]
        how = {"latest": "last"}.get(one.aggregate, one.aggregate)
        values = rows.groupby("period")["value"].agg(how).reindex(range(size)).astype(float)
        carried = one.cadence.mean_days > kpi.cadence.mean_days
        if one.zero_when_silent and not carried:  # between its records
            values = values.fillna(0).where(values.ffill().notna() & values.bfill().notna())
        own |= values.notna()
        if carried:  # until it is stale
            seen = rows.groupby("period")["day"].max().reindex(range(size)).ffill()
            inner = portfolio.calendar.edges(one.cadence, int(edges[0]), int(edges[-1]))
            place = np.searchsorted(inner, seen.fillna(edges[0]), side="right") - 1
            fresh = inner[np.clip(place + 2, 0, len(inner) - 1)] - 1 + 3
            values = values.ffill().where(ends <= fresh)
        columns[name] = values
    known_ends = {
        at: dt.datetime.combine(to_date(end), dt.time.max, dt.UTC) for at, end in ends.dropna().items()
    }
    functions = {
        "__builtins__": {},
        "coalesce": lambda x, n: x.fillna(n), "prev": lambda x, k=1: x.shift(k), "abs": abs,
        "max": lambda x, n: x.where(x.isna() | (x > n), n),
    }  # fmt: skip
    with np.errstate(all="ignore"):
        result = eval(kpi.formula.expr, functions, columns)
    result = result.replace([np.inf, -np.inf], np.nan)
    ones = {name: column.where(column.isna(), 1) for name, column in columns.items()}
    whole = eval(kpi.formula.expr, functions, ones).notna()  # nothing is missing; a value is undefined by / 0
    found = {}
    for at, end in known_ends.items():
        if own[at] and whole[at] and end <= until:
            found[to_date(ends[at])] = float(result[at])
    return found


def _names(expr: str) -> list[str]:
    return [word for word in "".join(c if c.isalnum() else " " for c in expr).split() if word[0] == "x"]
