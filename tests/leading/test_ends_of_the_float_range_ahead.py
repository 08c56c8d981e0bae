"""Forecasts, links and rules on numbers near the ends of the float range: no warning, no other exception."""

import datetime as dt
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Contribution,
    Cycle,
    History,
    KeyResult,
    Kpi,
    Link,
    Objective,
    Observation,
    OkrError,
    Target,
)

ENDS = st.sampled_from([1.7e308, 1e308, 1e300, 1e200, 1e155, 1e-155, 1e-300, 5e-324])
SHARES = st.sampled_from([1.0, -1.0, 0.5, -0.25, 0.999])
YEAR = Cycle.year(2026)
NOW = "2026-08-01"


def series(kind: str, seed: int) -> Any:
    """Return 40 values from -1 to 1."""
    rng = np.random.default_rng(seed)
    noise = np.clip(rng.standard_normal(40) / 3, -1, 1)
    return {
        "noise": noise,
        "walk": np.clip(np.cumsum(noise) / 4, -1, 1),
        "line": np.linspace(0, 1, 40),
        "steps": np.rint(np.abs(noise) * 3) / 3,
        "still": np.ones(40),
        "switch": np.where(np.arange(40) % 2, 1.0, -1.0),
        "once": np.r_[np.zeros(39), 1.0],
    }[kind]


KINDS = ["noise", "walk", "line", "steps", "still", "switch", "once"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(KINDS), ENDS, st.integers(0, 99), st.sampled_from([None, 12.0]))
@example("noise", 1.7e308, 0, 12.0)
@example("line", 1e308, 0, None)
def test_a_forecast_has_no_largest_unit(kind: str, end: float, seed: int, season: float | None) -> None:
    values = series(kind, seed) * end
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            found = okr.forecast(values, goal=0.75 * end, periods=3, paths=200, season=season, start=0.0)
        except okr.OkrError:
            return
    assert 0 < found.p_final < 1
    assert np.isfinite([*found.quantiles.values()]).all()


@given(st.integers(450, 1000) | st.integers(-1000, -450), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_far_powers_of_two_forecast_alike(power: int, seed: int) -> None:
    """A unit of 2**power: the same paths, in that unit."""
    values = series("walk", seed)
    one = okr.forecast(
        np.ldexp(values, 450), goal=float(np.ldexp(0.6, 450)), periods=4, paths=300, start=-(2.0**451)
    )
    other = okr.forecast(
        np.ldexp(values, power),
        goal=float(np.ldexp(0.6, power)),
        periods=4,
        paths=300,
        start=-(2.0 ** (power + 1)),
    )
    assert one.p_final == other.p_final
    assert {level: np.ldexp(value, power - 450) for level, value in one.quantiles.items()} == dict(
        other.quantiles
    )


def portfolio(end: float, shares: list[float], weight: float) -> okr.Portfolio:
    measures: dict[str, Any] = {
        "latest": Target(shares[0] * end, shares[1] * end),
        "sum": Band(low=-end, high=end / 2),
        "mean": Target(None, shares[2] * end, direction="at_least"),
        "max": Target(0, end),
        "min": Band(high=end),
    }
    goal = Objective(id="o", title="O", cycle=YEAR.id)
    below = Objective(id="p", title="P", cycle=YEAR.id, contributes_to=[Contribution("o", weight=weight)])
    results = [
        KeyResult(
            id=f"k-{name}",
            objective="p",
            title="K",
            measure=one,
            aggregate=name,
            cadence="weekly",
            weight=weight,
        )
        for name, one in measures.items()
    ]
    bands = {"target": Band(high=end / 2), "limit": Band(high=end * 0.9)}
    kpis = [Kpi(id=f"q-{name}", title="Q", aggregate=name, cadence="weekly", **bands) for name in measures]
    links = [Link(source=f"q-{name}", target=f"k-{name}", sign=1) for name in measures]
    return okr.Portfolio.of(YEAR, goal, below, *results, *kpis, *links)


@settings(max_examples=6, deadline=None)
@given(
    ENDS, st.lists(SHARES, min_size=3, max_size=3), st.sampled_from([1.0, 1e308, 5e-324]), st.integers(0, 99)
)
@example(1.7e308, [1.0, 0.5, 1.0], 1.0, 0)
@example(1.7e308, [-0.25, 0.999, -1.0], 1e308, 3)
@example(5e-324, [0.5, 1.0, 1.0], 1.0, 0)
def test_a_whole_portfolio_is_judged_without_a_warning(
    end: float, shares: list[float], weight: float, seed: int
) -> None:
    try:
        declared = portfolio(end, shares, weight)
    except OkrError:
        return
    days = [dt.date(2026, 1, 4) + dt.timedelta(7 * week) for week in range(30)]
    kinds = [KINDS[place % 5] for place in range(10)]
    names = [one.id for one in (*declared.key_results, *declared.kpis)]
    history = History.of(
        Observation(name, day, value * end)
        for place, name in enumerate(names)
        for day, value in zip(days, series(kinds[place], seed + place).tolist(), strict=False)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        snapshot = okr.evaluate(declared, history, as_of=NOW)
        assert all(
            state.score is None or np.isfinite(state.score) for state in map(snapshot.key_result, names[:5])
        )
        for said in (
            snapshot,
            okr.outlook(snapshot),
            okr.evaluate_many(declared, history, as_of=["2026-07-01", NOW]),
        ):
            assert str(said)
        for one in (*declared.objectives, *declared.key_results, *declared.kpis):
            assert str(okr.explain(snapshot, one.id))
        assert str(okr.signals_of(declared, history, as_of=NOW))
        okr.dips(declared, history, as_of=NOW)
        okr.check(declared, history, as_of=NOW, policy=okr.STRICT, snapshot=snapshot)
        okr.find_conflicts(declared, history, as_of=NOW, snapshot=snapshot)
        okr.discover_links(declared, history, as_of=NOW, lags=range(1, 3))


@pytest.mark.parametrize("end", [1.7e308, 1e-300])
def test_links_are_tested_without_a_warning(end: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for kind in KINDS:
            okr.assess_link(series(kind, 1) * end, series("walk", 2) * end, lags=range(1, 3))
