"""Setbacks of key results are found once, on the day on which they were shown, and stay what they were."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.priority_outcomes import Retarget, Tolerate
from okrcore.monitoring.found_setbacks import setbacks
from okrcore.monitoring.setback import Setback

FIRST = dt.date(2026, 1, 4)  # a Sunday: the last day of a week
YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="faster", title="Sort faster", cycle=YEAR.id)
DAY = dt.timedelta(days=1)


def week(number: int) -> dt.date:
    return FIRST + dt.timedelta(weeks=number)


def at_noon(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)


def speed(**fields: Any) -> okr.KeyResult:
    said = {"id": "speed", "objective": "faster", "title": "Speed", "measure": okr.Target(0, 100), **fields}
    return okr.KeyResult(**said)


def recorded(values: dict[int, float], late: dict[int, int] | None = None, id: str = "speed") -> okr.History:
    """A value a week, recorded at noon of the day after its Sunday, or so many days after."""
    return okr.History.of(
        okr.Observation(id, week(n), value, recorded_at=at_noon(week(n) + ((late or {}).get(n, 1)) * DAY))
        for n, value in values.items()
    )


def found(
    history: okr.History, as_of: Any, *more: Any, result: okr.KeyResult | None = None, **asked: Any
) -> Any:
    weekly = speed(cadence="weekly") if result is None else result
    return setbacks(okr.Portfolio.of(YEAR, GOAL, weekly, *more), history, as_of=as_of, **asked)


AHEAD = {n: 3.0 * n for n in range(1, 15)}
"""Well ahead of what is due: 2 a week."""
FELL = {**AHEAD, 12: 10.0, 13: 11.0, 14: 11.0}
"""In week 12 it falls behind: 23 are due, and 16 would still be at risk."""

records = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from([0, 5, 10, 20, 30, 60]), st.integers(-3, 30),
        st.sampled_from(["", "form"]),
    ),
    min_size=10,
    max_size=45,
)  # fmt: skip
results = st.sampled_from(
    [
        speed(cadence="weekly"),
        speed(),
        speed(cadence="monthly"),
        speed(cadence="daily"),
        speed(aggregate="sum", cadence="weekly"),
        speed(aggregate="max"),
        speed(measure=okr.Band(low=8), cadence="weekly"),
        speed(measure=okr.Band(high=300, over="cycle"), aggregate="sum", cadence="weekly"),
        speed(cadence="weekly", zero_when_silent=True, aggregate="sum"),
    ]
)
calendars = st.sampled_from([okr.Calendar(), okr.Calendar(timezone="Asia/Tokyo")])


def delivered(rows: list[tuple[int, int, int, str]]) -> okr.History:
    history = okr.History()
    for number, value, days, system in rows:
        one = okr.Observation(
            "speed", week(number), float(value), recorded_at=at_noon(week(number) + days * DAY),
            source=okr.Source(system) if system else None,
        )  # fmt: skip
        try:
            history = history.append([one])
        except okr.HistoryError:  # two values at one moment
            continue
    return history


@settings(max_examples=25, deadline=None)
@given(records, results, calendars, st.integers(8, 44), st.integers(0, 23))
def test_what_was_found_stays_whatever_comes_later(
    rows: list[tuple[int, int, int, str]],
    result: okr.KeyResult,
    calendar: okr.Calendar,
    looked: int,
    hour: int,
) -> None:
    """S11.5: what is found as of a week is found, the same, as of every later one, whatever was recorded."""
    portfolio, history = okr.Portfolio.of(calendar, YEAR, GOAL, result), delivered(rows)
    instant = at_noon(week(looked)) + (hour - 12) * dt.timedelta(hours=1)
    for then in (week(looked), instant):
        asked = {"as_of": then, "weeks": 60}
        first = setbacks(portfolio, history, **asked)
        assert first == setbacks(portfolio, history.as_known(then), **asked)
        for later in (1, 3, 12):
            after = setbacks(portfolio, history, as_of=week(looked + later), weeks=60 + later)
            known = [one for one in after if one in first or _was_over(one.day, then)]
            assert known == [*first]


def _was_over(day: dt.date, moment: dt.date | dt.datetime) -> bool:
    """Whether a day was over in every zone that is asked here, so that all that it shows was known."""
    if not isinstance(moment, dt.datetime):
        return day <= moment
    return at_noon(day) + dt.timedelta(hours=12) <= moment


@settings(max_examples=25, deadline=None)
@given(records, results, calendars, st.integers(8, 44))
def test_it_is_what_was_seen_then(
    rows: list[tuple[int, int, int, str]], result: okr.KeyResult, calendar: okr.Calendar, looked: int
) -> None:
    """S11.5: the status that a setback names is that of its day as known then; the one before was seen."""
    portfolio, history = okr.Portfolio.of(calendar, YEAR, GOAL, result), delivered(rows)
    for one in setbacks(portfolio, history, as_of=week(looked), weeks=60):
        then = okr.evaluate(portfolio, history, as_of=one.day, known_at=one.day)["speed"]
        assert (then.status, one.status in ("off-track", "missed")) == (one.status, True)
        before = [
            okr.evaluate(portfolio, history, as_of=day, known_at=day)["speed"].status
            for day in (one.day - n * DAY for n in range(1, 80))
            if day >= YEAR.start
        ]
        assert one.before in before


@settings(max_examples=20, deadline=None)
@given(records, results, st.integers(8, 44), st.integers(2, 20))
def test_a_longer_look_back_finds_the_same_and_what_was_before(
    rows: list[tuple[int, int, int, str]], result: okr.KeyResult, looked: int, weeks: int
) -> None:
    portfolio, history = okr.Portfolio.of(YEAR, GOAL, result), delivered(rows)
    near, far = (setbacks(portfolio, history, as_of=week(looked), weeks=n) for n in (weeks, 60))
    assert [*near] == [one for one in far if one.day > week(looked) - weeks * 7 * DAY]


def test_what_fails_from_its_first_number_is_a_setback_once() -> None:
    """Nothing was known before that it could be worse than; nobody has answered it all the same."""
    behind = {n: 0.1 * n for n in range(10, 24)}
    for weeks in (60, 4):
        (one,) = found(recorded(behind), week(12), weeks=weeks)
        assert (one.before, one.status, one.day) == ("no-data", "off-track", week(10) + DAY)
        assert one.what == f"is off-track as soon as it is judged, in the period to {week(10)}"
    assert found(recorded(behind), week(23), weeks=4) == ()
    (again,) = found(recorded(behind), week(23), weeks=14)
    assert again == one


def test_it_is_shown_when_its_number_is_recorded() -> None:
    """A number of Sunday that comes on Monday shows Monday what the week was."""
    (one,) = found(recorded(FELL), week(14))
    assert (one.start, one.period_end, one.day) == (week(12) - 6 * DAY, week(12), week(12) + DAY)
    assert one.shown == at_noon(week(12) + DAY)
    assert (one.before, one.status, one.mistyped) == ("on-track", "off-track", False)
    assert one.what == f"turned from on-track to off-track in the period to {week(12)}"
    assert found(recorded(FELL), week(12)) == ()
    assert found(recorded(FELL), at_noon(week(12) + DAY)) == ()  # the day is not over
    assert found(recorded(FELL), week(12) + DAY) == (one,)
    assert found(recorded(FELL), week(14), known_at=week(12)) == ()


def test_while_a_number_is_awaited_time_alone_says_nothing() -> None:
    """What a cadence promises is waited for: the old number is no news of the week that has no other yet."""
    slow = {n: 2.0 * n * 0.75 for n in range(1, 9)}  # at risk, and off-track a week later
    assert found(recorded(slow, late={8: 6}), week(8) + 5 * DAY) == ()


def test_without_a_cadence_time_alone_counts() -> None:
    (one,) = found(recorded({2: 6.0}), week(20), result=speed(), weeks=30)
    assert one.day == one.period_end
    assert one.day.weekday() == 6
    assert found(recorded({2: 6.0}), week(20), weeks=30) == ()  # silence of what has a cadence is asked about


def test_what_comes_and_goes_is_one_until_it_was_well_for_two_periods() -> None:
    def weeks_of(values: dict[int, float]) -> list[dt.date]:
        return [one.period_end for one in found(recorded({**AHEAD, **values}), week(16), weeks=20)]

    assert weeks_of({8: 2.0, 10: 2.0}) == [week(8)]
    assert weeks_of({8: 2.0, 11: 2.0}) == [week(8), week(11)]


def test_late_news_has_no_look_of_its_own() -> None:
    """What comes after the next period and three days is seen with the next number."""
    once = {**AHEAD, 12: 10.0}
    assert [one.period_end for one in found(recorded(once), week(15))] == [week(12)]
    assert found(recorded(once, late={12: 11}), week(20), weeks=20) == ()
    assert [one.period_end for one in found(recorded(FELL, late={12: 11}), week(15))] == [week(13)]


def test_a_decision_exempts() -> None:
    kpi = okr.Kpi(
        id="parcels", title="Parcels", cadence="weekly", target=okr.Band(low=90), limit=okr.Band(low=80)
    )
    other = okr.Kpi(id="uptime", title="Uptime")
    result = speed(measured_by="parcels")
    history = recorded(FELL, id="parcels")

    def left(effect: okr.Effect | None, subject: str | None, loser: str, first: int) -> int:
        ruling = okr.Tolerance(
            sides=[loser, "uptime"], winner="uptime", subject=subject, start=week(first), end=week(30),
            effect=effect,
        )  # fmt: skip
        return len(found(history, week(14), kpi, other, ruling, result=result))

    tolerate = okr.Effect(tolerate=Tolerate(within="limit"))
    assert left(tolerate, "parcels", "parcels", 10) == 0
    assert left(tolerate, "parcels", "parcels", 13) == 1
    assert left(okr.Effect(retarget=Retarget(goal=80)), "speed", "speed", 10) == 0
    assert left(None, None, "speed", 10) == 1


def test_the_same_status_is_quiet_while_its_change_is_not_due() -> None:
    values = {**AHEAD, 6: 2.0, 10: 2.0}

    def weeks_of(*changes: Any, about: str = "speed", at: int = 7) -> list[dt.date]:
        journal = okr.Journal.of([okr.Entry("adjustment", about, "ops", week(at), changes=changes)])
        seen = found(recorded(values), week(14), journal=journal)
        return [one.period_end for one in seen]

    both = [week(6), week(10)]
    assert weeks_of(okr.Change("a spare lane", due=week(12))) == [week(6)]
    assert weeks_of(okr.Change("a spare lane", due=week(12)), about="faster") == [week(6)]
    assert weeks_of(okr.Change("a spare lane", due=week(9))) == both
    assert weeks_of("no day is promised") == both
    assert weeks_of(okr.Change("before it was seen", due=week(12)), at=5) == both


def test_a_correction_moves_none_that_was_shown() -> None:
    right = okr.Observation("speed", week(12), 36.0, recorded_at=at_noon(week(13) + 3 * DAY))
    (one,) = found(recorded(FELL), week(16))
    assert one in found(recorded(FELL).append([right]), week(16))
    same_day = attrs.evolve(right, recorded_at=at_noon(week(12) + DAY) + dt.timedelta(hours=2))
    assert one not in found(recorded(FELL).append([same_day]), week(12) + DAY)


def test_a_day_is_over_when_all_that_its_end_knows_is_there() -> None:
    """A3: what is known at the end of a day is known in UTC, too; in Tokyo the day is over before that."""
    tokyo = okr.Calendar(timezone="Asia/Tokyo")
    bad, right = (
        okr.Observation(
            "speed", week(12), value, recorded_at=at_noon(week(12)) + hours * dt.timedelta(hours=1)
        )
        for value, hours in ((10.0, 0), (36.0, 8))
    )
    portfolio = okr.Portfolio.of(tokyo, YEAR, GOAL, speed(cadence="weekly"))
    first = recorded({n: value for n, value in AHEAD.items() if n < 12}).append([bad])
    evening = at_noon(week(12)) + dt.timedelta(hours=5)  # Monday, in Tokyo
    assert setbacks(portfolio, first, as_of=evening) == ()
    assert len(setbacks(portfolio, first, as_of=week(13))) == 1
    assert setbacks(portfolio, first.append([right]), as_of=week(13)) == ()


def test_a_slip_of_the_decimal_point_is_told_as_one() -> None:
    noise = {n: 36 + [0.3, -0.2, 0.1, -0.4][n % 4] + n / 100 for n in range(1, 15)}
    (one,) = found(recorded({**noise, 14: 3.6}), week(15))
    assert one.mistyped


def test_what_is_closed_is_not_looked_at() -> None:
    closing = okr.Entry("closing", "speed", "coo", week(11), outcome="partly")
    assert found(recorded(FELL), week(14), journal=okr.Journal.of([closing])) == ()


def test_a_checklist_is_looked_at_when_weeks_end() -> None:
    plan = okr.Checklist([okr.Item("a"), okr.Item("b"), okr.Item("c"), okr.Item("d")])
    history = okr.History.of(
        [okr.Observation("speed#a", week(5), 1.0), okr.Observation("speed#a", week(12), 0.0)]
    )
    seen = found(history, week(20), result=speed(measure=plan), weeks=20)
    assert [one.day.weekday() for one in seen] == [6] * len(seen)
    assert seen
    assert isinstance(seen[0], Setback)


@pytest.mark.parametrize("aware", [False, True])
def test_of_an_engine_values_count_as_recorded_when_their_day_ended(aware: bool) -> None:
    pandas = pytest.importorskip("pandas")
    rows = {"measure": ["speed"] * 14, "at": [str(week(n)) for n in FELL], "value": [*FELL.values()]}
    frame = okr.History.of_frame(pandas.DataFrame(rows))
    plain = okr.History.of_columns(rows["measure"], rows["at"], rows["value"])
    as_of = at_noon(week(14)) if aware else week(14)
    assert found(frame, as_of) == found(plain, as_of) != ()
