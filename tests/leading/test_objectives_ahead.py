"""Laws of the probability that an objective is achieved, from its key results' paths together (S5.4, S10)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import okrcore as okr
from okrcore.leading import ObjectiveForecast, Outlook, outlook

Floats = NDArray[np.float64]
few = settings(max_examples=10, deadline=None)
seeds = st.integers(0, 10_000)
CYCLE = okr.Cycle.year(2026)
WEEKS = 60
FIRST = dt.date(2025, 5, 4)
AS_OF = FIRST + dt.timedelta(days=7 * (WEEKS - 1))
PATHS = 1000


def goal(id: str = "o", **more: Any) -> okr.Objective:
    return okr.Objective(id=id, title=id, cycle="2026", **more)


def result(id: str, target: float, objective: str = "o", **more: Any) -> okr.KeyResult:
    measure = more.pop("measure", okr.Target(-20, target))
    return okr.KeyResult(id=id, objective=objective, title=id, cadence="weekly", measure=measure, **more)


def walks(seed: int, count: int, together: float = 0.0) -> Floats:
    """Walks whose weekly steps correlate by `together`."""
    rng = np.random.default_rng(seed)
    common, own = rng.standard_normal(WEEKS), rng.standard_normal((count, WEEKS))
    sign = np.sign(together) ** np.arange(count)[:, None]
    steps = sign * np.sqrt(abs(together)) * common + np.sqrt(1 - abs(together)) * own
    return np.asarray(np.cumsum(steps, axis=1))


def ahead(series: dict[str, Floats], *definitions: Any, scoring: Any = None, **options: Any) -> Outlook:
    days = [FIRST + dt.timedelta(days=7 * k) for k in range(WEEKS)]
    names = [name for name in series for _ in range(WEEKS)]
    history = okr.History.of_columns(names, days * len(series), np.concatenate([*series.values()]))
    policy = scoring or okr.ScoringPolicy()
    snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, *definitions), history, as_of=AS_OF, scoring=policy)
    return outlook(snapshot, paths=PATHS, **options)


def achieved(found: Outlook, id: str = "o") -> ObjectiveForecast:
    one = found[id].achieved
    assert one is not None, found[id].note
    return one


def pair(y: Floats) -> Outlook:
    """Two key results that are to be where they are."""
    results = [result(name, float(row[-1])) for name, row in zip("ab", y, strict=True)]
    return ahead({"a": y[0], "b": y[1]}, goal(), *results)


def single(found: Outlook, id: str) -> float:
    one = found[id].forecast
    assert one is not None
    return one.p_final


@few
@given(seeds, st.floats(-3, 3))
def test_an_objective_of_one_key_result_is_as_likely_as_it(seed: int, more: float) -> None:
    y = walks(seed, 1)[0]
    found = ahead({"a": y}, goal(), result("a", max(float(y[-1]) + more, -19)))
    assert achieved(found).p_final == single(found, "a")
    assert achieved(found).key_results == ("a",)
    assert achieved(found).note == ""


@few
@given(seeds)
def test_all_together_are_no_likelier_than_the_least_likely(seed: int) -> None:
    """S5.4: a committed objective needs all of its key results: between Fréchet's bounds."""
    y = walks(seed, 3)
    names = ["a", "b", "c"]
    results = [result(name, float(row[-1]) + 1) for name, row in zip(names, y, strict=True)]
    found = ahead(dict(zip(names, y, strict=True)), goal(), *results)
    each = [single(found, name) for name in names]
    one = achieved(found)
    assert max(0.0, sum(each) - 2) - 0.005 <= one.p_final <= min(each) + 0.005
    assert -1 <= one.together <= 1
    assert list(one.scores.values()) == sorted(one.scores.values())


def test_unrelated_key_results_are_independent_and_that_is_said() -> None:
    """S10: about the product, although every single forecast has the same seed."""
    gaps = []
    for seed in range(8):
        y = walks(seed, 2)
        found = pair(y)
        one = achieved(found)
        if not one.together:
            gaps.append(one.p_final - single(found, "a") * single(found, "b"))
            assert "taken as independent" in one.note
    assert len(gaps) >= 5
    assert np.abs(gaps).max() < 0.05


@pytest.mark.parametrize(("together", "side"), [(0.9, 1), (-0.9, -1)])
def test_good_weeks_that_came_together_come_together(together: float, side: int) -> None:
    """S10: with shared shocks both are met more often than the product says, against each other less."""
    for seed in range(4):
        y = walks(seed, 2, together)
        found = pair(y)
        one = achieved(found)
        assert one.together * side > 0.6
        assert one.note == ""
        product = single(found, "a") * single(found, "b")
        assert side * (one.p_final - product) > 0.08


def test_one_kpi_behind_two_key_results_is_one_path() -> None:
    y = walks(3, 1)[0]
    kpi = okr.Kpi(id="k", title="k", cadence="weekly")
    near, far = (
        result(name, float(y[-1]) + more, measured_by="k") for name, more in (("near", 0.0), ("far", 3.0))
    )
    found = ahead({"k": y}, goal(), kpi, near, far)
    assert achieved(found).p_final == pytest.approx(single(found, "far"), abs=0.03)


def test_an_aspirational_objective_is_judged_by_its_score() -> None:
    """S5.3: seven tenths are enough, so it is likelier than the same committed one."""
    y = walks(4, 2)
    results = [result(name, float(row[-1]) + 2) for name, row in zip("ab", y, strict=True)]
    series = {"a": y[0], "b": y[1]}
    committed, aspirational = (
        achieved(ahead(series, goal(commitment=kind), *results)) for kind in ("committed", "aspirational")
    )
    assert aspirational.p_final > committed.p_final + 0.2
    assert aspirational.scores == committed.scores


def test_objectives_above_need_those_below() -> None:
    """S4.1: what contributes counts; a parent is achieved where its children are."""
    y = walks(5, 2)
    top = goal("top")
    low = [goal(name, contributes_to=("top",)) for name in ("left", "right")]
    results = [
        result(name, float(row[-1]), objective)
        for name, row, objective in zip("ab", y, ("left", "right"), strict=True)
    ]
    found = ahead({"a": y[0], "b": y[1]}, top, *low, *results)
    assert achieved(found, "left").p_final == single(found, "a")
    assert achieved(found, "top").key_results == ("a", "b")
    assert achieved(found, "top").p_final <= min(single(found, "a"), single(found, "b")) + 0.005


def test_what_has_no_forecast_counts_as_it_stands_and_is_named() -> None:
    y = walks(6, 1)[0]
    steps = okr.KeyResult(id="steps", objective="o", title="Steps", measure=okr.Checklist(["one", "two"]))
    days = [FIRST + dt.timedelta(days=7 * k) for k in range(WEEKS)]
    names = ["a"] * WEEKS + ["steps#one", "steps#two"]
    for done, most in ((1.0, 1.0), (0.0, 0.01)):
        history = okr.History.of_columns(names, [*days, days[-1], days[-1]], [*y.tolist(), 1.0, done])
        snapshot = okr.evaluate(
            okr.Portfolio.of(CYCLE, goal(), result("a", float(y[-1])), steps), history, as_of=AS_OF
        )
        found = outlook(snapshot, paths=PATHS)
        one = achieved(found)
        assert one.p_final <= most
        assert (one.p_final == single(found, "a")) == (done == 1.0)
        assert one.note == "without a forecast, and as they stand: steps"


def test_without_any_forecast_there_is_none_and_the_note_says_so() -> None:
    found = ahead({"a": walks(7, 1)[0]}, goal(), goal("other"), result("a", 5), result("b", 5, "other"))
    assert found["other"].achieved is None
    assert found["other"].note == "No forecast: no key result under it has one"


def test_a_guardrail_that_fails_holds_the_objective() -> None:
    """S5.5."""
    y = walks(8, 2)
    fence = result("fence", 0, measure=okr.Band(low=float(y[1][-1]) + 30), guardrail=True, weight=0)
    found = ahead({"a": y[0], "fence": y[1]}, goal(), result("a", -15), fence)
    assert single(found, "a") > 0.9
    assert achieved(found).p_final < 0.01


def test_own_sample_paths_take_part() -> None:
    """S10: any forecaster plugs in; what it says is taken as it is."""
    y = walks(9, 2)
    results = [result(name, float(row[-1])) for name, row in zip("ab", y, strict=True)]
    plain = ahead({"a": y[0], "b": y[1]}, goal(), *results)
    forecast = plain["a"].forecast
    assert forecast is not None
    sure = np.full((50, forecast.periods), float(y[0][-1]) + 9)
    found = ahead({"a": y[0], "b": y[1]}, goal(), *results, futures={"a": sure})
    assert single(found, "a") == pytest.approx(50.5 / 51)
    assert achieved(found).p_final == single(found, "b") == single(plain, "b")
    own = found["a"].forecast
    assert own is not None
    assert (own.kind, own.note) == ("given", "the paths are the caller's own")


def test_company_changes_no_objective() -> None:
    """S0.5: bit for bit the same beside others and in any order."""
    y = walks(10, 3, 0.8)
    mine = [result(name, float(row[-1])) for name, row in zip("abc", y, strict=True)][:2]
    other = [goal("other"), result("c", float(y[2][-1]), "other")]
    alone = ahead({"a": y[0], "b": y[1]}, goal(), *mine)
    beside = ahead({"c": y[2], "b": y[1], "a": y[0]}, *other, *mine[::-1], goal())
    assert beside["o"] == alone["o"]
    assert attrs.asdict(achieved(alone))["p_final"] == achieved(beside).p_final


@pytest.mark.parametrize("together", [0.0, 0.9])
def test_an_explanation_says_it_in_the_numbers_of_the_outlook(together: float) -> None:
    """S20: probability and score of an objective, and whether its key results share their shocks."""
    y = walks(11, 2, together)
    days = [FIRST + dt.timedelta(days=7 * k) for k in range(WEEKS)]
    results = [result(name, float(row[-1])) for name, row in zip("ab", y, strict=True)]
    history = okr.History.of_columns(["a"] * WEEKS + ["b"] * WEEKS, days * 2, y.ravel())
    snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, goal(), *results), history, as_of=AS_OF)
    found = outlook(snapshot, paths=PATHS)
    told = okr.explain(snapshot, "o", outlook=found)
    one = achieved(found)
    assert told.numbers["p_final"] == one.p_final
    assert told.numbers["median"] == one.scores[0.5]
    assert ("together" in told.numbers) == (one.together != 0) == (together != 0)
    assert "it is achieved on 2026-12-31 with probability" in told.text
    assert "probability" not in okr.explain(snapshot, "o").text
