"""With same_moment "add" each author of one moment has a count of their own in a sum (A12)."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import (
    Band,
    Cycle,
    DefinitionError,
    Explanation,
    History,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Snapshot,
    Target,
    dumps,
    evaluate,
    explain,
    loads,
)
from okrcore.definitions import Source
from okrcore.leading.measured_series import read_signals
from tests.support.backends import FRAMES, columns_of, of_columns, on

YEAR = Cycle.year(2026)
GOAL = Objective(id="sell", title="Sell", cycle=YEAR.id)
START = dt.date(2026, 1, 5)
PEOPLE = ("", "ana", "ben", "cem")
RECORDS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(-5, 20), st.sampled_from(PEOPLE), st.booleans()), max_size=30
)


def calls(records: list[tuple[int, int, str, bool]]) -> list[Observation]:
    """Return records of one source system, known one hour after another; some at noon, some of a day."""
    first = dt.datetime(2026, 2, 20, tzinfo=dt.UTC)
    found = []
    for place, (day, value, by, at_noon) in enumerate(records):
        date = START + dt.timedelta(day)
        at = dt.datetime(date.year, date.month, date.day, 12, tzinfo=dt.UTC) if at_noon else date
        recorded_at = first + dt.timedelta(hours=place)
        found.append(Observation("calls", at, value, by=by, recorded_at=recorded_at))
    return found


def portfolio(same_moment: Any = "correct", **fields: Any) -> Portfolio:
    given: dict[str, Any] = {"measure": Target(0, 100), "cadence": "weekly"} | fields
    total = KeyResult(
        id="calls", objective="sell", title="Calls", aggregate="sum", same_moment=same_moment, **given
    )
    return Portfolio.of(YEAR, GOAL, total)


def summed(observations: list[Observation], *, apart: bool) -> tuple[float, int]:
    """Return the sum and number of the latest known record of each moment and, `apart`, author."""
    latest = {(one.at, one.by if apart else ""): one.value for one in observations}
    return (float(sum(latest.values())) if latest else float("nan")), len(latest)


@given(RECORDS, st.integers(0, 30), st.integers(1, 4), st.sampled_from(["add", "correct"]))
def test_authors_add_up_as_known(
    records: list[tuple[int, int, str, bool]], known: int, parts: int, same: str
) -> None:
    observations = calls(records)
    history = History()
    for part in range(parts):
        history = history.append(observations[part::parts])
    known_at = dt.datetime(2026, 2, 20, tzinfo=dt.UTC) + dt.timedelta(hours=known)
    shown = [one for one in observations if one.recorded_at <= known_at]
    for moment, told in ((None, observations), (known_at, shown)):
        snapshot = evaluate(portfolio(same), history, as_of="2026-06-30", known_at=moment)
        value, count = summed(told, apart=same == "add")
        found = snapshot.key_result("calls").value
        assert (np.nan if found is None else found) == pytest.approx(value, nan_ok=True)
        if count:
            assert explained(snapshot)[-1].numbers["count"] == count


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(-5, 20), st.just("ana"), st.booleans()), max_size=20)
)
def test_one_author_corrects_only(records: list[tuple[int, int, str, bool]]) -> None:
    history = History.of(calls(records))
    adding, correcting = (
        evaluate(portfolio(same), history, as_of="2026-06-30") for same in ("add", "correct")
    )
    assert adding.key_result("calls").value == correcting.key_result("calls").value


def explained(snapshot: Snapshot) -> list[Explanation]:
    """Return the steps of the observations under the key result."""
    return [one for one in explain(snapshot, "calls").children if one.kind == "observation"]


TWO = [
    Observation("calls", "2026-01-06", 5, by="ben", source=Source("crm", mode="manual")),
    Observation(
        "calls", "2026-01-06", 9, by="ana", source=Source("crm", mode="manual"),
        recorded_at="2026-01-07T08:00:00Z",
    ),
]  # fmt: skip


def test_what_two_typed_for_one_day_is_explained_by_both_records() -> None:
    snapshot = evaluate(portfolio("add"), History.of(TWO), as_of="2026-02-01")
    assert snapshot.key_result("calls").value == 14
    steps = explained(snapshot)
    assert sorted(step.numbers["value"] for step in steps) == [5, 9]
    assert steps[-1].numbers["count"] == 2
    replaced = evaluate(portfolio(), History.of(TWO), as_of="2026-02-01")
    assert replaced.key_result("calls").value == 9
    assert [step.numbers["value"] for step in explained(replaced)] == [9]


def test_periods_of_a_band_add_authors_up() -> None:
    week = {"measure": Band(low=14), "cadence": "weekly"}
    for same, value, score in (("add", 14, 1), ("correct", 9, 0)):
        state = evaluate(portfolio(same, **week), History.of(TWO), as_of="2026-01-12").key_result("calls")
        assert (state.value, state.score) == (value, score)


def test_a_kpi_says_it_for_the_sums_that_read_it() -> None:
    kpi = Kpi(
        id="calls", title="Calls", cadence="weekly", aggregate="sum", same_moment="add", target=Band(low=14)
    )
    reader: dict[str, Any] = {"objective": "sell", "title": "Calls", "measured_by": "calls"}
    total = KeyResult(id="total", measure=Target(0, 20), aggregate="sum", **reader)
    best = KeyResult(id="best", measure=Target(0, 20), aggregate="max", **reader)
    declared = Portfolio.of(YEAR, GOAL, kpi, total, best)
    snapshot = evaluate(declared, History.of(TWO), as_of="2026-01-12")
    assert snapshot.kpi("calls").value == 14
    assert snapshot.kpi("calls").zone == "healthy"
    assert snapshot.key_result("total").value == 14
    assert snapshot.key_result("best").value == 9
    series = read_signals(declared, History.of(TWO), ["calls", "total", "best"], as_of="2026-01-12")
    assert {name: one.values.sum() for name, one in series.items()} == {"calls": 14, "total": 14, "best": 9}
    assert loads(dumps(declared)) == declared


@pytest.mark.parametrize("aggregate", ["latest", "mean", "max", "min"])
def test_only_sums_add_up(aggregate: Any) -> None:
    with pytest.raises(DefinitionError, match=f"aggregate is {aggregate}.*give aggregate sum"):
        Kpi(id="calls", title="Calls", aggregate=aggregate, same_moment="add")
    with pytest.raises(DefinitionError, match="give aggregate sum"):
        KeyResult(
            id="calls", objective="sell", title="Calls", measure=Target(0, 9), aggregate=aggregate,
            same_moment="add",
        )  # fmt: skip


MANY = [(day % 9, day, PEOPLE[day % 4], day % 3 == 0) for day in range(24)]


QUICK = [engine for engine in FRAMES if engine not in {"dask", "pyspark"}]
"""Engines that answer in milliseconds; the others run the same expressions."""
pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def in_both(engine: str) -> tuple[History, Any]:
    many = [*TWO, Observation("calls", "2026-01-13", 3, by="ben"), *calls(MANY)]
    return History.of(many), on(engine, many)


@pytest.mark.parametrize("engine", FRAMES)
def test_a_frame_adds_authors_up_alike(engine: str) -> None:
    """On each engine the same as in columns."""
    here, there = (
        evaluate(portfolio("add", cadence="weekly"), one, as_of="2026-06-30") for one in in_both(engine)
    )
    assert here.key_results == there.key_results


@pytest.mark.parametrize("engine", QUICK)
def test_a_frame_tells_authors_apart_alike(engine: str) -> None:
    """In series, in explanations and as known then; without `by` all are one author."""
    both = in_both(engine)
    declared = portfolio("add", cadence="weekly")
    series = [read_signals(declared, one, ["calls"], as_of="2026-06-30")["calls"] for one in both]
    pairs = [sorted(zip(one.days.tolist(), one.values.tolist(), strict=True)) for one in series]
    assert pairs[0] == pairs[1]
    first, second = (evaluate(portfolio("add"), one, as_of="2026-01-10") for one in both)
    told = [[step.numbers["value"] for step in explained(one)] for one in (first, second)]
    assert told[0] == told[1] == [5, 14, 23]
    known = [evaluate(portfolio("add"), one, as_of="2026-02-01", known_at="2026-01-06") for one in both]
    assert [one.key_result("calls").value for one in known] == [5, 5]
    nobody = {name: column for name, column in columns_of(TWO).items() if name != "by"}
    alone = History.of_frame(of_columns(engine, nobody))
    assert evaluate(portfolio("add"), alone, as_of="2026-02-01").key_result("calls").value == 9
