"""A milestone is done as declared, else as observed, to all who ask: one answer (S17.1)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr

YEAR = okr.Cycle.year(2026)
FIRST = dt.date(2026, 3, 1)
DUE = FIRST + dt.timedelta(days=4)
DAY = dt.timedelta(days=1)


def firm(done: dt.date | None) -> okr.Portfolio:
    """One milestone, its initiative, and a checklist with it as its only item."""
    return okr.Portfolio.of(
        YEAR,
        okr.Objective(id="grow", title="Grow", cycle=YEAR.id),
        okr.KeyResult(
            id="steps",
            objective="grow",
            title="Steps",
            measure=okr.Checklist([okr.Item(id="live", milestone="pilot")]),
        ),
        okr.Initiative(id="work", title="Work"),
        okr.Milestone(id="pilot", initiative="work", title="Pilot", due=DUE, done=done),
    )


days = st.integers(0, 9).map(lambda number: FIRST + number * DAY)
records = st.lists(
    st.builds(
        lambda at, value, later: okr.Observation(
            "pilot", at, value, recorded_at=dt.datetime.combine(at + later * DAY, dt.time(23), dt.UTC)
        ),
        days,
        st.sampled_from([0, 0.5, 1, 2]),
        st.integers(0, 4),
    ),
    max_size=6,
    unique_by=lambda one: (one.at, one.recorded_at),
)


def done_day(
    done: dt.date | None, seen: list[okr.Observation], as_of: dt.date, known_at: dt.date | None
) -> dt.date | None:
    """The definition in a plain loop."""
    if done is not None and done <= as_of:
        return done
    value: dict[dt.date, float] = {}
    for one in sorted(seen, key=lambda one: one.recorded_at):
        if one.at <= as_of and (known_at is None or one.recorded_at.date() <= known_at):
            value[one.at] = one.value
    since = None
    for at in sorted(value):
        since = (since or at) if value[at] >= 1 else None
    return since


@given(st.none() | days, records, days, st.none() | days)
@settings(deadline=None)
def test_all_who_ask_have_the_same_answer(done, seen, as_of, known_at):
    portfolio, history = firm(done), okr.History.of(seen)
    asked = {"as_of": as_of, "known_at": known_at}
    expected = done_day(done, seen, as_of, known_at)
    over = expected is not None
    snapshot = okr.evaluate(portfolio, history, **asked)
    assert snapshot.initiative("work").implementation == float(over)
    assert snapshot.key_result("steps").value == float(over)
    (row,) = okr.ripple(portfolio, history=history, **asked).schedule.to_dicts()
    assert row["done"] == expected
    found = okr.check(portfolio, history, select=["OKR408"], **asked)
    assert bool(found) is (as_of > DUE and not over)
    (step,) = okr.explain(snapshot, "work").children
    assert (step.status == "done") is over
    assert not over or str(expected) in step.sentence
    (item,) = okr.explain(snapshot, "steps").children
    assert item.sentence.startswith("Done") is over


@given(st.none() | days, records, st.integers(0, 6), days)
@settings(deadline=None)
def test_what_is_observed_later_is_judged_as_if_all_had_been_there(done, seen, first, as_of):
    """S0.4: `previous=` gives the same, states of initiatives included."""
    portfolio, before = firm(done), okr.History.of(seen[:first])
    after = before.append(seen[first:])
    previous = okr.evaluate(portfolio, before, as_of=as_of)
    quick = okr.evaluate(portfolio, after, as_of=as_of, previous=previous)
    whole = okr.evaluate(portfolio, after, as_of=as_of)
    assert quick.as_plain() == whole.as_plain()
    assert quick.initiative("work") == whole.initiative("work")


def test_the_last_observation_dates_a_checklist_and_its_goal_is_carried_with_what_is_open():
    spring, summer = okr.Cycle.quarter(2026, 1), okr.Cycle.quarter(2026, 2)
    base = firm(None).with_(
        spring,
        okr.Objective(id="grow", title="Grow", cycle=spring.id),
        okr.Milestone(id="second", initiative="work", title="Second", due=DUE),
        okr.KeyResult(
            id="steps",
            objective="grow",
            title="Steps",
            measure=okr.Checklist(
                [okr.Item(id="live", milestone="pilot"), okr.Item(id="more", milestone="second")]
            ),
        ),
    )
    history = okr.History.of([okr.Observation("pilot", DUE, 1)])
    snapshot = okr.evaluate(base, history, as_of="2026-03-31")
    state = snapshot.key_result("steps")
    assert (state.value, state.observed_at) == (0.5, DUE)
    carried = okr.carry_over(base, snapshot, into=summer)
    assert [one.id for one in carried.key_result("steps@2026-Q2").measure.items] == ["more"]


def test_on_a_dataframe_it_is_the_same():
    pandas = pytest.importorskip("pandas", reason="pandas is an extra")
    rows = {"measure": ["pilot", "pilot"], "at": [str(FIRST), str(FIRST + 2 * DAY)], "value": [0.0, 1.0]}
    portfolio, frame = firm(None), okr.History.of_frame(pandas.DataFrame(rows))
    for as_of, done in ((FIRST, 0.0), (FIRST + 3 * DAY, 1.0)):
        snapshot = okr.evaluate(portfolio, frame, as_of=as_of)
        assert snapshot.initiative("work").implementation == done
        assert snapshot.key_result("steps").value == done
