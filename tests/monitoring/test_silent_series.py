"""Where silence means 0, signals and dips see the zeros that scoring and links see (A9)."""

from __future__ import annotations

import datetime as dt

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.monitoring import Dip

FIRST = dt.date(2025, 1, 5)  # a Sunday: the last day of a week
FEED = okr.Source("incidents")


def week(number: int) -> dt.date:
    return FIRST + dt.timedelta(weeks=number)


def silent(id: str = "outages", **fields: object) -> okr.Kpi:
    said = {"title": "", "better": "lower", "cadence": "weekly", "aggregate": "sum", "zero_when_silent": True}
    return okr.Kpi(id=id, **{**said, **fields})  # type: ignore[arg-type]


def told(measure: str, number: int, value: float, late: int = 1, days: int = 0) -> okr.Observation:
    day = week(number) - dt.timedelta(days=days)
    at = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC) + dt.timedelta(days=late)
    return okr.Observation(measure, day, value, recorded_at=at, source=FEED)


def values(portfolio: okr.Portfolio, history: okr.History, as_of: dt.date, **said: object) -> list[float]:
    table = okr.signals_of(portfolio, history, as_of=as_of, **said)  # type: ignore[arg-type]
    return [row["value"] for row in table.to_dicts() if row["id"] == "outages"]


def test_periods_without_a_record_are_0_as_far_as_the_feed_lives() -> None:
    portfolio = okr.Portfolio.of(silent(), silent("other", source=FEED))
    history = okr.History.of([told("outages", 0, 3), told("outages", 3, 2)])
    assert values(portfolio, history, week(6)) == [3, 0, 0, 2]
    known = history.append([told("other", 5, 1)])  # of the same system
    assert values(portfolio, known, week(6)) == [3, 0, 0, 2, 0, 0]
    assert values(portfolio, known, week(6), known_at=week(5)) == [3, 0, 0, 2]
    journal = okr.Journal.of([okr.Entry("check-in", "outages", "ann", week(6))])
    assert values(portfolio, known, week(6), journal=journal) == [3, 0, 0, 2, 0, 0, 0]
    loud = okr.Portfolio.of(silent(zero_when_silent=False))
    assert values(loud, known, week(6), journal=journal) == [3, 2]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(1, 5)), min_size=1, max_size=12),
    st.integers(1, 24),
    st.sampled_from(["sum", "latest"]),
)
def test_the_value_of_each_ended_week_is_that_of_scoring(
    rows: list[tuple[int, int, int]], looked: int, aggregate: str
) -> None:
    portfolio = okr.Portfolio.of(silent(aggregate=aggregate))
    history = okr.History.of(
        {(n, days): told("outages", n, value, days=days) for n, days, value in rows}.values()
    )
    as_of = week(looked)
    state = okr.evaluate(portfolio, history, as_of=as_of, known_at=as_of).kpi("outages")  # as signals are
    table = okr.signals_of(portfolio, history, as_of=as_of).to_dicts()
    if state.value is None or not table:
        return
    last = [row for row in table if row["value"] is not None][-1]
    if (as_of - last["end"]).days < 7:  # else the feed is not known to live until the last week
        assert last["value"] == state.value


def test_a_burst_after_silence_is_a_dip_and_quiet_weeks_are_none() -> None:
    """Of weeks that are mostly 0, which a chart of the observed ones alone cannot see."""
    rng = np.random.default_rng(4)
    counts = [1, *rng.poisson(0.3, 40).tolist(), 7]
    heard = [told("heart", n, 1) for n in range(len(counts))]
    some = [told("outages", n, count) for n, count in enumerate(counts) if count]
    portfolio = okr.Portfolio.of(silent(source=FEED), silent("heart", source=FEED, better="higher"))
    [dip] = okr.dips(portfolio, okr.History.of([*heard, *some]), as_of=week(42), only=["outages"])
    assert (dip.period_end, dip.signal, dip.value) == (week(41), "outside", 7)


@pytest.mark.parametrize("aggregate", ["sum", "latest"])
def test_a_silent_week_is_shown_when_the_feed_is_known_to_live(aggregate: str) -> None:
    """Orders that stop coming are a dip, shown by what else the system brought: not before, and once."""
    portfolio = okr.Portfolio.of(
        silent(aggregate=aggregate, better="higher", source=FEED), silent("heart", source=FEED)
    )
    rows = [told("outages", n, 20 + n % 3) for n in range(30)]
    history = okr.History.of([*rows, *(told("heart", n, 1) for n in range(30))])
    as_of = week(32)
    assert okr.dips(portfolio, history, as_of=as_of, only=["outages"]) == ()
    sign = told("heart", 30, 1, late=2)
    known = history.append([sign])
    [dip] = okr.dips(portfolio, known, as_of=as_of, only=["outages"])
    assert (dip.period_end, dip.value, dip.shown) == (week(30), 0, sign.recorded_at)
    corrected = known.append([told("outages", 30, 21, late=9)])
    [same] = okr.dips(portfolio, corrected, as_of=as_of, only=["outages"])
    assert (same.start, same.value, same.shown) == (dip.start, dip.value, dip.shown)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["outages", "heart"]), st.integers(0, 29), st.integers(0, 9), st.integers(0, 30)
        ),
        min_size=15,
        max_size=60,
    ),
    st.sampled_from(["latest", "sum"]),
    st.integers(10, 33),
)
def test_what_was_found_stays_whatever_comes_later(
    rows: list[tuple[str, int, int, int]], aggregate: str, looked: int
) -> None:
    """S11.5: the law of replay, where zeros come from silence."""
    portfolio = okr.Portfolio.of(silent(aggregate=aggregate, source=FEED), silent("heart", source=FEED))
    history = okr.History()
    for measure, number, value, late in rows:
        try:
            history = history.append([told(measure, number, value, late)])
        except okr.HistoryError:  # two values at one moment
            continue
    then = week(looked)
    found = okr.dips(portfolio, history, as_of=then, weeks=60)
    assert found == okr.dips(portfolio, history.as_known(then), as_of=then, weeks=60)
    for later in (1, 3, 12):
        after = okr.dips(portfolio, history, as_of=then + dt.timedelta(weeks=later), weeks=60 + later)
        assert [_known(one) for one in after if one.shown.date() <= then] == [_known(one) for one in found]


def _known(one: Dip) -> Dip:
    return attrs.evolve(one, end=one.start, standing=False)
