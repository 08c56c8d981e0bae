"""A missed milestone starts clocks for every team that it reaches; an answer stops its own (S17.3)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = dt.date(2026, 3, 6)


def story(clocks: str = "elapsed", **sign_on) -> okr.Portfolio:
    """Single sign-on is due on a Friday; pilots wait for it without a buffer, the cut-over with ten days."""
    return okr.Portfolio.of(
        okr.Calendar(timezone="Europe/Berlin", clocks=clocks),
        *(okr.Team(id=name) for name in ("platform", "sales", "operations")),
        okr.Owner(id="head-of-sales", team="sales"),
        okr.Initiative(id="sso", title="Single sign-on", team="platform"),
        okr.Initiative(id="pilots", title="Pilots", team="sales", owner="head-of-sales"),
        okr.Initiative(id="roll-out", title="Roll-out", team="operations"),
        okr.Milestone(**{"id": "sign-on", "initiative": "sso", "title": "Live", "due": FRIDAY, **sign_on}),
        okr.Milestone(
            id="first-pilot",
            initiative="pilots",
            title="First pilot",
            start=FRIDAY,
            due="2026-03-27",
            after=["sign-on"],
        ),
        okr.Milestone(
            id="cut-over",
            initiative="roll-out",
            title="Cut-over",
            start="2026-03-16",
            due="2026-03-30",
            after=["sign-on"],
        ),
    )


def at(day: int, hour: int, month: int = 3) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=BERLIN)


def states(ripple: okr.Ripple) -> dict[str, tuple[str, str]]:
    return {one.team: (one.notice.state, one.mitigation.state) for one in ripple.clocks}


NOTICE = okr.Entry("notice", "sign-on", "platform-lead", at(7, 11), team="sales")
EXPLAINED = okr.Entry("mitigation", "sign-on", "head-of-sales", at(7, 15), text="we wait")
MITIGATION = okr.Entry(
    "mitigation", "first-pilot", "head-of-sales", at(8, 9), changes=["pilots log in by e-mail until then"]
)
JOURNAL = okr.Journal.of([NOTICE, EXPLAINED, MITIGATION])


@pytest.mark.parametrize(
    ("clocks", "moment", "expected"),
    [
        ("elapsed", at(6, 23), {}),  # Friday night: its day is not over
        ("elapsed", at(7, 0), {"sales": ("open", "open")}),  # Saturday: a day late, the pilots feel it
        ("elapsed", at(7, 12), {"sales": ("met", "open")}),  # told; an explanation answers nothing
        ("elapsed", at(8, 0), {"sales": ("met", "overdue")}),  # 24 h are over
        ("elapsed", at(8, 10), {"sales": ("met", "late")}),
        ("elapsed", dt.date(2026, 3, 16), {"sales": ("met", "late")}),  # ten days: operations still absorb it
        ("elapsed", at(17, 1), {"sales": ("met", "late"), "operations": ("open", "open")}),
        ("elapsed", at(18, 1), {"sales": ("met", "late"), "operations": ("overdue", "overdue")}),
        ("working", at(7, 12), {"sales": ("met", "open")}),
        ("working", at(8, 8), {"sales": ("met", "open")}),  # Sunday counts for nothing
        ("working", at(8, 10), {"sales": ("met", "met")}),
        ("working", at(18, 1), {"sales": ("met", "met"), "operations": ("overdue", "overdue")}),
    ],
)
def test_missed_on_a_friday_in_berlin(clocks, moment, expected):
    assert states(okr.ripple(story(clocks), as_of=moment, journal=JOURNAL)) == expected


def test_the_times_of_the_story():
    found = okr.ripple(story(), as_of=at(7, 9), journal=okr.Journal.of([NOTICE]))
    (clock,) = found.clocks
    assert clock.missed_at.astimezone(BERLIN).isoformat() == "2026-03-06T23:59:59.999999+01:00"
    assert clock.notice.due.astimezone(BERLIN).isoformat() == "2026-03-07T23:59:59.999999+01:00"
    assert clock.notice.left == dt.timedelta(hours=15) - dt.timedelta(microseconds=1)
    assert (clock.cause, clock.subjects) == ("sign-on", ("first-pilot",))
    later = okr.ripple(story("working"), as_of=at(7, 9)).clocks[0]
    assert later.notice.due.astimezone(BERLIN).isoformat() == "2026-03-09T23:59:59.999999+01:00"
    assert found.absorbed == ("operations",)
    absorbed = found.impact("cut-over")
    assert (absorbed.buffer_days, absorbed.buffer_left, absorbed.buffer_eaten) == (10, 9, 1)
    assert okr.ripple(story(), as_of=at(8, 12), journal=JOURNAL).clocks[0].notice.entry == NOTICE


@given(st.lists(st.sampled_from([NOTICE, EXPLAINED, MITIGATION]), unique=True), st.integers(0, 20))
@settings(deadline=None)
def test_an_answer_closes_only_its_own(entries, days):
    """Whatever sales answer, what operations owe is the same; and without answers nothing is met."""
    moment = dt.datetime.combine(FRIDAY, dt.time(12), BERLIN) + dt.timedelta(days)
    with_, without = (
        okr.ripple(story(), as_of=moment, journal=okr.Journal.of(given)) for given in (entries, [])
    )
    assert [one.team for one in with_.clocks] == [one.team for one in without.clocks]
    assert [one for one in with_.clocks if one.team == "operations"] == [
        one for one in without.clocks if one.team == "operations"
    ]
    assert not any(one.notice.entry or one.mitigation.entry for one in without.clocks)


def test_what_is_known_beforehand_starts_the_clock_with_the_miss():
    found = okr.ripple(story(), as_of=at(7, 1), slips={"sign-on": 14})
    assert states(found) == {"sales": ("open", "open"), "operations": ("open", "open")}
    assert {one.notice.opened for one in found.clocks} == {found.clocks[0].missed_at}
    assert okr.ripple(story(), as_of=at(6, 1), slips={"sign-on": 14}).clocks == ()


def test_done_late_keeps_the_clock_and_done_in_time_has_none():
    late = okr.ripple(story(done="2026-03-09"), as_of="2026-03-20", journal=JOURNAL)
    assert states(late) == {"sales": ("met", "late")}
    assert late.impact("sign-on").delay_days == 3
    assert okr.ripple(story(done=FRIDAY), as_of="2026-03-20").clocks == ()


def test_done_is_observed_and_taken_back():
    seen = okr.History.of([okr.Observation("sign-on", "2026-03-05", 1, recorded_at="2026-03-05T10:00:00Z")])
    assert okr.ripple(story(), as_of="2026-03-12", history=seen).impacts == ()
    taken = seen.append([okr.Observation("sign-on", "2026-03-05", 0, recorded_at="2026-03-10T10:00:00Z")])
    assert okr.ripple(story(), as_of="2026-03-12", history=taken).impact("sign-on").delay_days == 6
    assert okr.ripple(story(), as_of="2026-03-12", known_at="2026-03-09", history=taken).impacts == ()
    again = taken.append([okr.Observation("sign-on", "2026-03-11", 1, recorded_at="2026-03-11T10:00:00Z")])
    assert okr.ripple(story(), as_of="2026-03-12", history=again).impact("sign-on").delay_days == 5
    assert okr.ripple(story(done="2026-03-06"), as_of="2026-03-12", history=again).impacts == ()


def test_an_observation_is_of_the_day_in_the_calendars_zone():
    night = dt.datetime(2026, 3, 6, 23, 30, tzinfo=dt.UTC)  # half past midnight on Saturday in Berlin
    seen = okr.History.of([okr.Observation("sign-on", night, 1)])
    assert okr.ripple(story(), as_of="2026-03-12", history=seen).impact("sign-on").delay_days == 1


def declared(*versions: tuple[str, dict]) -> okr.Declarations:
    return okr.Declarations.of(*((day, story(**fields)) for day, fields in versions))


def test_what_was_planned_anew_before_it_was_due_starts_no_clock():
    moved = declared(("2026-01-05", {}), ("2026-03-05", {"due": "2026-03-20"}))
    found = okr.ripple(moved, as_of="2026-03-12")
    assert found.clocks == ()
    assert {one.cause for one in found.impacts} == {"sign-on"}  # the new plan breaks that of the others
    slipped = okr.ripple(moved, as_of="2026-03-22")
    assert states(slipped) == {"operations": ("overdue", "overdue"), "sales": ("overdue", "overdue")}
    assert slipped.impact("sign-on").since_first == 16


def test_what_is_planned_anew_after_it_was_missed_keeps_its_clock():
    moved = declared(("2026-01-05", {}), ("2026-03-08", {"due": "2026-03-20"}))
    found = okr.ripple(moved, as_of="2026-03-12", journal=JOURNAL)
    assert states(found) == {"sales": ("met", "late")}
    assert okr.ripple(moved, as_of="2026-03-07").clocks[0].notice.state == "open"


def test_what_is_missed_twice_is_answered_twice():
    """The answers to the first miss say nothing of the second."""
    moved = declared(("2026-01-05", {}), ("2026-03-08", {"due": "2026-03-13"}))
    found = okr.ripple(moved, as_of="2026-03-15", journal=JOURNAL)
    told = [
        (one.missed_at.date().isoformat(), one.notice.state) for one in found.clocks if one.team == "sales"
    ]
    assert told == [("2026-03-06", "met"), ("2026-03-13", "overdue")]


def test_what_is_taken_out_after_it_was_missed_keeps_its_clock():
    whole = story()
    left = okr.Portfolio.of(
        *(attrs.evolve(one, after=()) if isinstance(one, okr.Milestone) else one for one in whole)
    ).without("sign-on")
    gone = okr.Declarations.of(("2026-01-05", whole), ("2026-03-09", left))
    found = okr.ripple(gone, as_of="2026-03-12", journal=JOURNAL)
    assert states(found) == {"sales": ("met", "late")}
    assert found.impacts == ()


def test_frozen_days_move_the_plan_and_name_the_decision():
    """Work that stands still by a decision is not late; who waits for it is late because of the decision."""
    freeze = okr.Tolerance(
        sides=["speed", "safety"],
        winner="safety",
        subject="sso",
        effect=okr.Effect(freeze="initiative"),
        start="2026-03-02",
        end="2026-03-05",
    )
    kpis = [okr.Kpi(id=name, title=name) for name in ("speed", "safety")]
    frozen = story().with_(*kpis, freeze)
    found = okr.ripple(frozen, as_of="2026-03-10")
    assert [one.subject for one in found.impacts] == ["first-pilot"]
    impact = found.impact("first-pilot")
    assert (impact.delay_days, impact.cause) == (4, freeze.id)
    assert impact.chain == (freeze.id, "sign-on", "first-pilot")
    assert found.clocks == ()
    late = okr.ripple(frozen, as_of="2026-03-12")
    assert late.impact("sign-on").delay_days == 2
    assert late.impact("sign-on").frozen_days == 4
    assert late.clocks[0].missed_at.astimezone(BERLIN).date() == dt.date(2026, 3, 10)


def test_a_freeze_after_the_due_date_moves_no_clock():
    freeze = okr.Tolerance(
        sides=["speed", "safety"],
        winner="safety",
        subject="sso",
        effect=okr.Effect(freeze="initiative"),
        start="2026-03-10",
        end="2026-03-20",
    )
    kpis = [okr.Kpi(id=name, title=name) for name in ("speed", "safety")]
    found = okr.ripple(story().with_(*kpis, freeze), as_of="2026-03-15")
    assert found.clocks[0].missed_at.astimezone(BERLIN).date() == FRIDAY
    assert found.impact("sign-on").delay_days == 9


@given(st.integers(0, 30), st.integers(-12, 12))
@settings(deadline=None)
def test_one_instant_one_answer(days, offset):
    """However the moment is written, clocks and delays are the same (A3)."""
    moment = dt.datetime.combine(FRIDAY, dt.time(21), dt.UTC) + dt.timedelta(days)
    other = moment.astimezone(dt.timezone(dt.timedelta(hours=offset)))
    one, two = (okr.ripple(story(), as_of=each, journal=JOURNAL) for each in (moment, other))
    assert one == two
    assert okr.to_dict(one) == okr.to_dict(two)


def test_goals_lose_what_comes_after_their_due_date():
    goals = [
        okr.Cycle.year(2026),
        okr.Objective(id="live", title="Live", cycle="2026"),
        okr.KeyResult(
            id="steps",
            objective="live",
            title="Steps",
            due="2026-03-31",
            measure=okr.Checklist([okr.Item("a", milestone="first-pilot"), okr.Item("b", weight=3)]),
        ),
        okr.KeyResult(id="users", objective="live", title="Users", measure=okr.Target(0, 10)),
        okr.Link(source="pilots", target="users", sign=1),
    ]
    portfolio = story().with_(*goals)
    done = okr.Observation("steps#b", "2026-02-02", 1)
    alone = okr.ripple(portfolio, as_of="2026-03-16", history=okr.History.of([done]))
    assert alone.goal_deltas == {"live": (None, None), "steps": (1.0, 0.75), "users": (None, None)}
    known = okr.History.of([done, okr.Observation("users", "2026-03-01", 5)])
    both = okr.ripple(portfolio, as_of="2026-03-16", history=known).goal_deltas
    assert both == {"live": (0.75, 0.625), "steps": (1.0, 0.75), "users": (None, None)}
    assert okr.ripple(portfolio, as_of="2026-03-06", history=known).goal_deltas == {}


def test_a_due_date_that_is_moved_into_the_past_is_missed_when_it_is_moved():
    moved = declared(("2026-01-05", {"due": "2026-04-01"}), ("2026-03-10", {}))
    found = okr.ripple(moved, as_of="2026-03-11")
    assert {(one.team, one.missed_at.date()) for one in found.clocks} == {("sales", dt.date(2026, 3, 10))}
    assert okr.ripple(moved, as_of="2026-03-09").clocks == ()


def test_a_team_that_was_done_before_the_delay_outgrew_its_buffer_owes_nothing():
    quick = story().with_(attrs.evolve(story()["cut-over"], done="2026-03-12"))
    assert set(states(okr.ripple(quick, as_of="2026-03-25"))) == {"sales"}


def test_clocks_behind_what_was_done_later_stay():
    """Finance was to be told of the miss, whatever became of the pilots in between."""
    chain = story(done="2026-03-12").with_(
        okr.Team(id="finance"),
        okr.Initiative(id="contracts", title="Contracts", team="finance"),
        okr.Milestone(
            id="contract",
            initiative="contracts",
            title="Contract",
            start="2026-03-27",
            due="2026-05-29",
            after=["first-pilot"],
        ),
    )
    later = chain.with_(attrs.evolve(chain["first-pilot"], done="2026-03-27"))
    for portfolio in (chain, later):
        assert set(states(okr.ripple(portfolio, as_of="2026-04-10"))) >= {"sales", "finance"}
