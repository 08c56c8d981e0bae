"""Evaluating again after records were appended says what evaluating anew says, to the last bit."""

import contextlib
import datetime as dt

import attrs
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import okrcore as okr
from okrcore.scoring import appended
from okrcore.testing import histories, journals, observations, portfolios
from okrcore.testing.recorded_facts import instants

UNITS, AUTHORS = st.sampled_from(["", "EUR", "h"]), st.sampled_from(["", "ann", "bob"])
POLICIES = st.just(okr.ScoringPolicy()) | st.from_type(okr.ScoringPolicy)


@pytest.fixture(autouse=True)
def _however_many_change(monkeypatch):
    """Small portfolios too are judged again row by row."""
    monkeypatch.setattr(appended, "MOST", 0)


def arrays(value, path=""):
    """Yield every array below a snapshot's columns, with its path; not what they were read from."""
    for field in attrs.fields(type(value)):
        found = getattr(value, field.name)
        if isinstance(found, np.ndarray):
            yield f"{path}.{field.name}", found
        elif field.name in {"reading", "asked"}:
            yield from arrays(found, f"{path}.{field.name}")
        elif field.name in {"breaches", "live"}:
            yield f"{path}.{field.name}", np.array(sorted(found or ()))


def same(one, other):
    """Tell whether two snapshots are the same to the last bit, in columns, tables, states and problems."""
    for name in ("result_values", "objective_values", "kpi_values"):
        pairs = zip(arrays(getattr(one, name)), arrays(getattr(other, name)), strict=True)
        for (path, mine), (_, theirs) in pairs:
            assert (mine.dtype, mine.tobytes()) == (theirs.dtype, theirs.tobytes()), (name, path)
    assert one.initiative_states == other.initiative_states
    assert one.problems == other.problems
    assert one.as_plain() == other.as_plain()
    assert one.unread == other.unread


@st.composite
def batches(draw, portfolio, as_of):
    """Records of what is read and of others: late, of the future, corrections, in units that do not fit."""
    found = list(draw(histories(portfolio)))
    names = [one.id for one in (*portfolio.kpis, *portfolio.key_results)]
    names += [
        f"{one.id}#{item.id}" for one in portfolio.key_results for item in getattr(one.measure, "items", ())
    ]
    spare = st.sampled_from([*names, "nobody"])
    times = st.integers(-200, 30).map(lambda days: as_of + dt.timedelta(days=days)) | instants
    found += draw(st.lists(observations(measure=spare, at=times, unit=UNITS, by=AUTHORS), max_size=3))
    return draw(st.lists(st.sampled_from(found), max_size=4)) if found else []


@given(portfolios(), POLICIES, st.data())
def test_evaluating_again_after_appending_is_evaluating_anew(portfolio, policy, data):
    history, journal = data.draw(histories(portfolio)), data.draw(journals(portfolio))
    as_of = data.draw(st.dates(dt.date(2026, 1, 1), dt.date(2027, 2, 1)))
    known = data.draw(st.sampled_from([None, None, as_of, as_of - dt.timedelta(days=30)]))
    asked = {"as_of": as_of, "known_at": known, "scoring": policy, "journal": journal}
    before = okr.evaluate(portfolio, history, **asked)
    for _ in range(data.draw(st.integers(1, 3))):
        for record in data.draw(batches(portfolio, as_of)):
            with contextlib.suppress(okr.HistoryError):  # it contradicts what is there
                history = history.append([record])
        again = okr.evaluate(portfolio, history, **asked, previous=before)
        same(again, okr.evaluate(portfolio, history, **asked))
        before = again


@given(portfolios(), st.data())
def test_what_is_no_later_version_is_evaluated_anew(portfolio, data):
    history, as_of = data.draw(histories(portfolio)), dt.date(2026, 6, 30)
    records = [data.draw(batches(portfolio, as_of)) for _ in range(2)]
    with contextlib.suppress(okr.HistoryError):
        one, other = (history.append(batch) for batch in records)
        later = one.append(records[1])
        known = one.as_known(dt.date(2026, 3, 1))
        asked = okr.evaluate(portfolio, one, as_of=as_of)
        for found, day, before in (
            (other, as_of, asked),
            (history, as_of, asked),
            (known, as_of, okr.evaluate(portfolio, history, as_of=as_of)),
            (later, as_of - dt.timedelta(days=90), asked),
        ):
            again = okr.evaluate(portfolio, found, as_of=day, previous=before)
            same(again, okr.evaluate(portfolio, found, as_of=day))


def test_columns_that_stay_as_they_were_are_shared():
    year = okr.Cycle.year(2026)
    goals = [okr.Objective(id=name, title="Grow", cycle=year.id) for name in "abcd"]
    results = [
        okr.KeyResult(id=f"{goal.id}1", objective=goal.id, title="One", measure=okr.Target(0, 10))
        for goal in goals
    ]
    portfolio = okr.Portfolio.of(year, *goals, *results)
    history = okr.History.of([okr.Observation(one.id, "2026-03-01", 2) for one in results])
    before = okr.evaluate(portfolio, history, as_of="2026-04-01")
    later = history.append([okr.Observation("b1", "2026-03-15", 8)])
    again = okr.evaluate(portfolio, later, as_of="2026-04-01", previous=before)
    assert [again[goal.id].score for goal in goals] == [0.2, 0.8, 0.2, 0.2]
    assert before["b"].score == 0.2
    assert again.result_values.expected is before.result_values.expected
    assert again.result_values.raw is not before.result_values.raw


def portfolio_of_counts(result, *kpis):
    year = okr.Cycle.year(2026)
    return okr.Portfolio.of(year, okr.Objective(id="o", title="Keep it", cycle=year.id), result, *kpis)


def after_one_record(portfolio, history, record, as_of="2026-06-30"):
    """Return what was said before and after one record more, which is what evaluating anew says."""
    before = okr.evaluate(portfolio, history, as_of=as_of)
    later = history.append([record])
    again = okr.evaluate(portfolio, later, as_of=as_of, previous=before)
    same(again, okr.evaluate(portfolio, later, as_of=as_of))
    return before, again


def test_a_record_of_the_same_system_shows_that_a_silent_number_is_zero():
    """A9: nothing is read of the number itself, and yet it is 0 now."""
    source = okr.definitions.Source("pager")
    silent, other = (
        okr.Kpi(id=name, title=name, cadence="weekly", source=source, zero_when_silent=True)
        for name in ("outages", "calls")
    )
    result = okr.KeyResult(
        id="k", objective="o", title="Few", measure=okr.Target(10, 0), measured_by="outages"
    )
    portfolio = portfolio_of_counts(result, silent, other)
    record = okr.Observation("calls", "2026-06-28", 5, source=source)
    before, again = after_one_record(portfolio, okr.History.of(), record)
    assert (before["k"].value, again["k"].value) == (None, 0.0)


def test_a_record_of_the_cases_behind_a_number_decides_whether_it_is_judged():
    """A11: the number is the same, and the cases are enough now."""
    rate = okr.Kpi(id="rate", title="Rate", cadence="monthly", sample="cases", min_sample=5)
    cases = okr.Kpi(id="cases", title="Cases", cadence="monthly", aggregate="sum")
    result = okr.KeyResult(
        id="k", objective="o", title="More", measure=okr.Target(0, 10), measured_by="rate", cadence="monthly"
    )
    history = okr.History.of(
        [okr.Observation("rate", "2026-06-10", 4), okr.Observation("cases", "2026-06-10", 3)]
    )
    record = okr.Observation("cases", "2026-06-12", 4)
    before, again = after_one_record(portfolio_of_counts(result, rate, cases), history, record)
    assert (before["k"].status, again["k"].sample) == ("no-data", 7.0)
    assert again["k"].status != "no-data"


def test_a_record_of_an_input_moves_what_combines_a_formula_over_its_span():
    """S22.2: the formula itself has no value, for its inputs are of different months."""
    parts = [okr.Kpi(id=name, title=name, cadence="monthly") for name in ("one", "two")]
    formula = okr.definitions.Formula("x + y", inputs={"x": "one", "y": "two"})
    total = okr.Kpi(id="total", title="Total", cadence="monthly", formula=formula)
    result = okr.KeyResult(
        id="k", objective="o", title="More", measure=okr.Target(0, 10), measured_by="total", aggregate="sum"
    )
    history = okr.History.of([okr.Observation("one", "2026-02-10", 3)])
    portfolio = portfolio_of_counts(result, *parts, total)
    before, again = after_one_record(portfolio, history, okr.Observation("two", "2026-04-16", 2))
    assert (before["k"].value, again["k"].value) == (None, 5.0)


def held_portfolio():
    """Return goals that guardrails of their own and KPIs hold down, in two cycles, and work on them."""
    first, second = okr.Cycle.quarter(2026, 1), okr.Cycle.quarter(2026, 2)

    def goal(id, cycle, *to):
        return okr.Objective(id=id, title=id, cycle=cycle.id, contributes_to=to)

    def result(id, goal, measure=None, **fields):
        way = measure or okr.Target(0, 10)
        return okr.KeyResult(id=id, objective=goal, title=id, measure=way, **fields)

    def guard(id, *goals):
        bands = {"target": okr.Band(low=2), "limit": okr.Band(low=0)}
        return okr.Kpi(id=id, title=id, **bands, guardrail=True, guards=goals, unit="h")

    return okr.Portfolio.of(
        first,
        second,
        goal("top", second),
        goal("left", second, "top"),
        goal("right", second, "top"),
        goal("past", first, "top"),
        result("a", "left"),
        result("b", "left", okr.Band(high=5, over="cycle"), aggregate="sum", guardrail=True),
        result("c", "right", cadence="weekly"),
        result("d", "right", okr.Band(low=2), cadence="weekly"),
        result("e", "past", okr.Checklist((okr.Item("x", weight=1), okr.Item("y", weight=2)))),
        result("f", "top", measured_by="heat", unit="h"),
        guard("safe", "left", "past"),
        guard("sound", "right"),
        guard("calm", "top"),
        okr.Kpi(id="heat", title="Heat", unit="h", cadence="weekly", aggregate="sum"),
        okr.Initiative(id="plan", title="Plan", start="2026-01-05", end="2026-06-01"),
        okr.Initiative(id="idle", title="Idle", start="2026-01-05", end="2026-06-01"),
        okr.Link(source="plan", target="a", sign=1),
        okr.Link(source="idle", target="sound", sign=1),
    )


@pytest.mark.parametrize("as_of", ["2026-03-20", "2026-05-10", "2026-07-20"])
@pytest.mark.parametrize("unit", ["", "kg"])
def test_each_record_of_each_measure_says_what_evaluating_anew_says(as_of, unit):
    """One record at a time: goals are held down and freed, key results begin, some do not convert."""
    portfolio, history = held_portfolio(), okr.History.of()
    before = okr.evaluate(portfolio, history, as_of=as_of)
    names = ["safe", "sound", "calm", "heat", "a", "b", "c", "d", "e#x", "e#y", "nobody"]
    for number, value in enumerate([-3, 1, -1, 7]):
        for place, name in enumerate(names):
            day = dt.date(2026, 3, 1) + dt.timedelta(days=13 * number + place)
            history = history.append([okr.Observation(name, day, value, unit=unit if number == 2 else "")])
            again = okr.evaluate(portfolio, history, as_of=as_of, previous=before)
            same(again, okr.evaluate(portfolio, history, as_of=as_of))
            before = again
