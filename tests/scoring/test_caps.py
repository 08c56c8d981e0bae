"""Caps: at most so many in a whole cycle, judged by burn and honest about small counts (A8)."""

import datetime as dt
import math
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Cycle,
    DefinitionError,
    History,
    KeyResult,
    Kpi,
    Objective,
    Portfolio,
    ScoringPolicy,
    Target,
)
from okrcore.statistics.distributions import poisson_tail

START = dt.date(2026, 1, 1)
CYCLE = Cycle(id="c", start=START, end=START + dt.timedelta(days=100))  # day n: n % of the time has passed
GOAL = Objective(id="o", title="", cycle="c")
ORDER = ["missed", "off-track", "at-risk", "early", "on-track", "achieved"]


def judged(values, at, high=24.0, unit="", policy=None, **fields):
    """The cap on what was observed as {day: value}, judged on day `at`."""
    measure = Band(high=high, over="cycle")
    result = KeyResult(
        **{
            "id": "k",
            "objective": "o",
            "title": "",
            "measure": measure,
            "unit": unit,
            "aggregate": "sum",
            **fields,
        }
    )
    days = [START + dt.timedelta(days=day) for day in values]
    history = History.of_columns(["k"] * len(days), days, [float(value) for value in values.values()])
    portfolio = Portfolio.of(CYCLE, GOAL, result, units=["incident"])
    as_of = START + dt.timedelta(days=at)
    return okr.evaluate(portfolio, history, as_of=as_of, scoring=policy or ScoringPolicy())


def poisson_by_sum(least: int, mean: float) -> float:
    return 1 - math.fsum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(least))


@given(st.integers(0, 60), st.floats(0.01, 40))
def test_the_tail_of_a_count_is_what_its_terms_sum_to(least: int, mean: float) -> None:
    assert poisson_tail(least, mean) == pytest.approx(poisson_by_sum(least, mean), abs=1e-12)


@given(st.floats(0, 30), st.integers(1, 100), st.floats(1, 30))
def test_amounts_are_judged_by_burn(used: float, at: int, cap: float) -> None:
    """Used share over elapsed share: on-track up to 1, at-risk up to 1.25; a sum past its bound is missed."""
    state = judged({0: used}, at, cap)["k"]
    rate = used / cap / (at / 100)
    wanted = "on-track" if rate <= 1 else "at-risk" if rate <= 1.25 else "off-track"
    wanted = "early" if at < 10 else wanted
    assert state.status == ("missed" if used > cap else wanted)
    assert state.pace == pytest.approx(rate)
    assert state.score == (1.0 if used <= cap else pytest.approx(max(0.0, 1 - (used - cap) / cap)))


@given(st.integers(0, 12), st.integers(10, 100), st.integers(1, 12))
def test_few_things_are_judged_by_their_chance(used: int, at: int, cap: int) -> None:
    """A count is only worse where so many by now have a chance below .2, or .05, at the cap's own pace."""
    status = judged({0: used}, at, cap, unit="incident")["k"].status
    if used > cap:
        assert status == "missed"
        return
    rate, chance = used / cap / (at / 100), poisson_by_sum(used, cap * at / 100)
    by_burn = "on-track" if rate <= 1 else "at-risk" if rate <= 1.25 else "off-track"
    by_chance = "on-track" if chance >= 0.2 else "at-risk" if chance >= 0.05 else "off-track"
    assert status == max(by_burn, by_chance, key=ORDER.index)


@given(st.dictionaries(st.integers(0, 60), st.integers(0, 30), min_size=1), st.integers(0, 130))
def test_silence_clears_no_cap_that_is_missed(values: dict[int, int], at: int) -> None:
    """S5.1: what comes back inside no more stays missed; a cap that was kept is no-data in silence."""
    for aggregate, used in (("sum", sum(values.values())), ("max", max(values.values()))):
        by_then = {day: value for day, value in sorted(values.items()) if day <= at}
        found = judged(values, at, aggregate=aggregate, cadence="weekly")["k"]
        reached = sum(by_then.values()) if aggregate == "sum" else max(by_then.values(), default=0)
        assert used >= reached
        assert (found.status == "missed") == (reached > 24)
        if found.stale and reached <= 24:
            assert found.status == "no-data"


class TestSilence:
    """Reports stop after a cap over the cycle was passed."""

    def test_a_certain_miss_is_told_until_it_is_closed(self) -> None:
        later = judged({1: 20, 8: 10}, 130, cadence="weekly")
        assert (later["k"].status, later["k"].stale, later["o"].status) == ("missed", True, "missed")
        text = str(okr.explain(judged({1: 20, 8: 10}, 60, cadence="weekly"), "k"))
        assert "comes back inside no more, so missed" in text
        (entry,) = okr.propose_closing(later, by="ann")
        assert (entry.subject, entry.outcome, entry.text) == ("o", "partly", "75 % of the way")

    def test_what_may_come_back_is_no_data(self) -> None:
        assert judged({1: 30, 8: 30}, 60, cadence="weekly", aggregate="mean")["k"].status == "no-data"

    def test_a_guardrail_stays_breached(self) -> None:
        assert judged({1: 25}, 60, guardrail=True, cadence="weekly")["o"].status == "off-track"


class TestACycle:
    MONTHLY = MappingProxyType({30: 3, 60: 3, 90: 3})

    def test_it_is_achieved_only_after_the_end(self) -> None:
        assert judged(self.MONTHLY, 100, 9.0)["k"].status == "on-track"
        over = judged(self.MONTHLY, 101, 9.0)["k"]
        assert (over.status, over.score, over.value) == ("achieved", 1.0, 9.0)
        assert judged(self.MONTHLY, 101, 8.0)["k"].status == "missed"

    def test_a_cadence_makes_no_periods_of_it(self) -> None:
        """36 in the year against at most 24, whatever the knob `band`."""
        for band in ("share", "share-of-planned", "latest", "distance", "margin"):
            policy = ScoringPolicy(band=band)
            state = judged({7 * n: 3 for n in range(12)}, 101, cadence="monthly", policy=policy)["k"]
            assert (state.value, state.status, state.score) == (36.0, "missed", 0.5)

    def test_what_can_come_back_is_off_track(self) -> None:
        state = judged({10: 30, 20: 30}, 50, aggregate="mean")["k"]
        assert (state.status, state.value) == ("off-track", 30.0)

    def test_a_cap_of_nothing(self) -> None:
        assert judged({10: 0}, 50, 0.0, unit="incident")["k"].status == "on-track"
        assert judged({10: 1}, 50, 0.0, unit="incident")["k"].status == "missed"

    def test_a_guardrail_is_breached_only_past_its_bound(self) -> None:
        fast = judged({1: 20}, 20, guardrail=True)
        assert fast["k"].status == "off-track"
        assert fast["o"].status != "off-track"
        assert judged({1: 25}, 20, guardrail=True)["o"].status == "off-track"

    def test_knobs(self) -> None:
        strict = ScoringPolicy(burn_on_track=0.5, burn_at_risk=0.8, early_until=0.0)
        found = [judged({0: used}, 50, policy=strict)["k"].status for used in (6, 9, 10)]
        assert found == ["on-track", "at-risk", "off-track"]


class TestRefused:
    def test_a_cap_has_an_upper_bound_alone(self) -> None:
        for fields in ({"low": 1.0}, {"low": 1.0, "high": 2.0}):
            with pytest.raises(DefinitionError, match="is a cap"):
                Band(**fields, over="cycle")

    @pytest.mark.parametrize("name", ["target", "limit", "worst"])
    def test_a_kpi_has_no_cycle(self, name: str) -> None:
        bands = {"target": Band(high=1), "limit": Band(high=2), "worst": Band(high=3)}
        with pytest.raises(DefinitionError, match=f"{name} is over a cycle"):
            Kpi(id="m", title="", **bands | {name: Band(high=2, over="cycle")})

    @pytest.mark.parametrize(("start", "goal"), [(30, 24), (5, 0), (0.5, 0.25)])
    def test_a_falling_target_on_a_sum_names_the_remedy(self, start: float, goal: float) -> None:
        """It would be met on the first day, since a sum begins at 0."""
        fields = {"id": "k", "objective": "o", "title": "", "measure": Target(start, goal)}
        with pytest.raises(DefinitionError, match=rf'Band\(high={goal:g}, over="cycle"\)'):
            KeyResult(**fields, aggregate="sum")
        assert KeyResult(**fields, aggregate="mean")
        assert KeyResult(**{**fields, "measure": Target(-5, -10)}, aggregate="sum")

    def test_documents_hold_it(self) -> None:
        result = KeyResult(id="k", objective="o", title="", measure=Band(high=24, over="cycle"))
        portfolio = Portfolio.of(CYCLE, GOAL, result)
        assert okr.loads(okr.dumps(portfolio)) == portfolio
        assert "over" not in okr.dumps(
            portfolio.with_(KeyResult(id="k", objective="o", title="", measure=Band(1, 2)))
        )
