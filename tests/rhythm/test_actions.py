"""Who owes what by when: the two stories day by day, and the laws of actions (S18)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.governance.context import Context
from okrcore.surfaces.stories import story as whole_story
from tests.schedule.test_clocks import BERLIN, JOURNAL, NOTICE, story

MONDAY = dt.date(2026, 6, 8)
SUNDAY = dt.date(2026, 6, 7)
SHOWN = dt.datetime(2026, 6, 8, 9, tzinfo=BERLIN)


def at(days: float, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(MONDAY, dt.time(hour), BERLIN) + dt.timedelta(days)


def warehouse(**calendar) -> okr.Portfolio:
    """Lanes lead the throughput of another team; the lanes' owner has a lead, and that one a lead above."""
    return okr.Portfolio.of(
        okr.Calendar(timezone="Europe/Berlin", **calendar),
        okr.Cycle.year(2026),
        okr.Team(id="company", lead="managing-director"),
        okr.Team(id="engineering", parent="company", lead="head-of-engineering"),
        okr.Team(id="operations", parent="company", lead="head-of-operations"),
        okr.Owner(id="managing-director", team="company"),
        okr.Owner(id="head-of-engineering", team="engineering"),
        okr.Owner(id="head-of-operations", team="operations"),
        okr.Owner(id="lane-lead", team="engineering"),
        okr.Owner(id="flow-review", kind="process"),
        okr.Objective(
            id="faster", title="Faster", cycle="2026", owner="head-of-operations", team="operations"
        ),
        okr.KeyResult(
            id="throughput",
            objective="faster",
            title="Throughput",
            measure=okr.Target(100, 200),
            owner="head-of-operations",
        ),
        okr.Initiative(id="recalibration", title="Lanes", team="engineering"),
        okr.Kpi(
            id="lanes",
            title="Lanes recalibrated",
            better="higher",
            cadence="weekly",
            owner="lane-lead",
            team="engineering",
            initiative="recalibration",
        ),
        okr.Link(source="lanes", target="throughput", sign=1, lag="2w..6w", owner="flow-review"),
    )


def history(last: float = 9.0, *more: okr.Observation) -> okr.History:
    """Steady weeks, each value recorded on Monday at nine in Berlin; the last week's is given."""
    rng = [20, 21, 19, 20, 22, 20, 19, 21, 20, 21, 20, 19, 20, 21, 19, 20, 21, 20, 19, last]
    weeks = [SUNDAY - dt.timedelta(weeks=len(rng) - 1 - week) for week in range(len(rng))]
    values = [
        okr.Observation("lanes", day, value, recorded_at=SHOWN - (SUNDAY - day))
        for day, value in zip(weeks, rng, strict=True)
    ]
    return okr.History.of([*values, *more])


FIRST = okr.Entry("check-in", "throughput", "head-of-operations", "2026-06-01")
AUDIT = okr.Entry(
    "audit", "lanes", "lane-lead", at(0, 17), text="Scanner firmware; took part: operations, flow-review"
)
EXCUSE = okr.Entry("adjustment", "lanes", "lane-lead", at(1), text="a bad week")
OWN_WORD = okr.Entry("confirmation", "lanes", "lane-lead", at(1))
CHANGE = okr.Entry("adjustment", "lanes", "lane-lead", at(3), changes=["old firmware until July"])
NOTHING = okr.Entry("confirmation", "lanes", "head-of-engineering", at(4), text="chance; nothing changes")


def states(moment, entries=(), *, facts=None, portfolio=None, **more) -> dict[str, str]:
    found = okr.actions(
        portfolio or warehouse(),
        history() if facts is None else facts,
        as_of=moment,
        journal=okr.Journal.of([FIRST, *entries]),
        **more,
    )
    return {one.kind: one.state for one in found if one.subject == "lanes"}


BOTH = ["audit", "adjustment"]


@pytest.mark.parametrize(
    ("moment", "entries", "expected"),
    [
        (at(0, 8), [], {}),  # nobody can know yet
        (at(0, 10), [], {"audit": "open", "adjustment": "open"}),
        (at(1, 9), [], {"audit": "open", "adjustment": "open"}),  # exactly 24 h
        (at(1, 10), [], {"audit": "overdue", "adjustment": "open"}),
        (at(1, 10), [AUDIT], {"audit": "met", "adjustment": "open"}),
        (at(2, 10), [AUDIT, EXCUSE, OWN_WORD], {"audit": "met", "adjustment": "open"}),
        (at(4, 10), [AUDIT, EXCUSE, CHANGE], {"audit": "met", "adjustment": "met"}),
        (at(4, 10), [AUDIT, NOTHING], {"audit": "met", "adjustment": "met"}),
        (at(7, 10), [AUDIT], {"audit": "met", "adjustment": "overdue"}),
    ],
)
def test_a_dip_recorded_on_monday_morning(moment, entries, expected):
    assert states(moment, entries) == expected


def test_working_clocks_leave_the_weekend_out():
    working = warehouse(clocks="working")
    assert states(at(7, 10), [AUDIT], portfolio=working)["adjustment"] == "open"
    assert states(at(9, 8), [AUDIT], portfolio=working)["adjustment"] == "open"
    assert states(at(9, 10), [AUDIT], portfolio=working)["adjustment"] == "overdue"


def test_overdue_goes_up_once_and_after_as_long_again():
    def to(moment):
        found = okr.actions(warehouse(), history(), as_of=moment, journal=okr.Journal.of([FIRST]))
        return {one.kind: one.escalated_to for one in found if one.subject == "lanes"}

    assert to(at(1, 10)) == {"audit": None, "adjustment": None}
    assert to(at(2, 10)) == {"audit": "head-of-engineering", "adjustment": None}
    assert to(at(13, 10)) == {"audit": "head-of-engineering", "adjustment": None}
    assert to(at(14, 10)) == dict.fromkeys(BOTH, "head-of-engineering")


def test_the_audit_holds_what_the_room_needs():
    slip = okr.Milestone(id="scanner", initiative="recalibration", title="Scanner", due="2026-06-01")
    other = okr.Kpi(id="belts", title="Belts", better="higher", cadence="weekly", team="engineering")
    ruling = okr.Tolerance(
        sides=["lanes", "throughput"], winner="throughput", start="2026-06-01", end="2026-12-31"
    )
    down = [
        okr.Observation("belts", one.at, one.value, recorded_at=one.recorded_at)
        for one in history().observations("lanes")
    ]
    base = warehouse()
    portfolio = base.with_(slip, other, ruling)
    declared = okr.Declarations.of(("2026-01-05", base), ("2026-05-04", portfolio))
    found = okr.actions(
        declared, history(9.0, *down), as_of=at(0, 10), journal=okr.Journal.of([FIRST]), since="2026-01-01"
    )
    (audit,) = [one.audit for one in found if one.kind == "audit" and one.subject == "lanes"]
    assert (audit.dip.signal, audit.dip.value) == ("outside", 9.0)
    assert audit.dip.low < 20 < audit.dip.high
    (led,) = audit.goals
    assert (led.target, led.owner, led.team, led.reviewer, led.lag) == (
        "throughput",
        "head-of-operations",
        "operations",
        "flow-review",
        "2w..6w",
    )
    assert audit.owners == ("lane-lead", "head-of-operations", "flow-review")
    assert [one.subject for one in audit.also] == ["belts"]
    assert [one.subject for one in audit.slips] == ["scanner"]
    assert [one.id for one in audit.decisions] == [ruling.id]
    assert all(one.audit is None for one in found if one.kind != "audit")


def test_a_corrected_number_withdraws_both_and_is_told_for_a_week():
    right = okr.Observation("lanes", SUNDAY, 20.0, recorded_at=at(2))
    facts = history(9.0, right)
    assert states(at(1), facts=facts, known_at=at(1)) == {"audit": "open", "adjustment": "open"}
    assert states(at(3), facts=facts) == dict.fromkeys(BOTH, "withdrawn")
    assert states(at(8), facts=facts) == dict.fromkeys(BOTH, "withdrawn")
    assert states(at(10), facts=facts) == {}
    still = history(9.0, okr.Observation("lanes", SUNDAY, 8.0, recorded_at=at(2)))
    assert states(at(3), facts=still)["audit"] == "overdue"


def test_three_years_of_imported_history_open_nothing_overdue():
    weeks = okr.weekly("2023-06-04", "2026-06-07")
    values = [3.0 if week in (60, 152) else 20.0 + week % 3 for week in range(len(weeks))]
    facts = okr.History.of(
        okr.Observation("lanes", day, value) for day, value in zip(weeks, values, strict=True)
    )
    for journal in (None, okr.Journal.of()):
        found = okr.actions(warehouse(), facts, as_of=at(0, 10), journal=journal)
        assert {one.state for one in found} <= {"open"}
    started = okr.Journal.of([okr.Entry("check-in", "throughput", "head-of-operations", MONDAY)])
    assert not any(
        one.state == "overdue" for one in okr.actions(warehouse(), facts, as_of=at(0, 10), journal=started)
    )
    early = okr.actions(warehouse(), facts, as_of=at(0, 10), journal=started, since="2026-01-01")
    assert any(one.state == "overdue" for one in early)


@given(
    st.lists(st.sampled_from([AUDIT, EXCUSE, OWN_WORD, CHANGE, NOTHING]), unique=True),
    st.integers(0, 15 * 24),
)
@settings(deadline=None, max_examples=25)
def test_an_action_is_the_same_one_next_week_and_an_answer_closes_only_its_own(entries, hours):
    moment = at(0, 10) + dt.timedelta(hours=hours)
    journal = okr.Journal.of([FIRST, *entries])
    found = okr.actions(warehouse(), history(), as_of=moment, journal=journal)
    again = okr.actions(
        warehouse(), history(), as_of=moment.astimezone(dt.UTC), journal=okr.Journal.of([*entries, FIRST])
    )
    assert {one.id: (one.state, one.due) for one in found} == {one.id: (one.state, one.due) for one in again}
    later = okr.actions(warehouse(), history(), as_of=moment + dt.timedelta(days=7), journal=journal)
    mine = {one.id: (one.opened, one.due) for one in found if one.subject == "lanes"}
    assert mine == {one.id: (one.opened, one.due) for one in later if one.subject == "lanes"}
    unanswered = okr.actions(warehouse(), history(), as_of=moment, journal=okr.Journal.of([FIRST]))
    others = {one.id: one.state for one in unanswered if one.subject != "lanes"}
    assert others == {one.id: one.state for one in found if one.subject != "lanes"}


def test_an_entry_about_an_actions_id_answers_it():
    found = okr.actions(warehouse(), history(), as_of=at(0, 10), journal=okr.Journal.of([FIRST]))
    ids = {one.kind: one.id for one in found if one.subject == "lanes"}
    assert ids["audit"] == "audit:lanes:engineering:2026-06-01"
    entry = okr.Entry("audit", ids["audit"], "lane-lead", at(0, 12), text="chance; all took part")
    assert states(at(0, 13), [entry])["audit"] == "met"
    assert states(at(0, 13), [okr.Entry("audit", ids["audit"], "lane-lead", at(0, 12))])["audit"] == "open"


def test_a_missed_milestone_asks_and_goes_up():
    base = story().with_(okr.Owner(id="platform-lead", team="platform"), okr.Owner(id="coo"))
    lead = base.with_(
        okr.Team(id="all", lead="coo"),
        okr.Team(id="platform", parent="all", lead="platform-lead"),
        okr.Team(id="sales", parent="all"),
    )
    start = okr.Entry("check-in", "sign-on", "coo", "2026-03-02")
    moment = dt.datetime(2026, 3, 9, 1, tzinfo=BERLIN)
    found = okr.actions(lead, okr.History.of(), as_of=moment, journal=okr.Journal.of([start, NOTICE]))
    told = {one.kind: (one.owner, one.team, one.state, one.escalated_to) for one in found}
    assert told == {
        "notice": ("platform-lead", "sales", "met", None),
        "mitigation": ("head-of-sales", "sales", "overdue", "coo"),
    }
    assert {one.id for one in found} == {
        "notice:sign-on:sales:2026-03-06",
        "mitigation:sign-on:sales:2026-03-06",
    }
    done = okr.actions(lead, okr.History.of(), as_of=moment, journal=JOURNAL.append([start]))
    assert {one.kind: one.state for one in done} == {"notice": "met", "mitigation": "late"}


@pytest.mark.parametrize(
    ("parent", "home", "up"),
    [
        ("all", "t1", "ceo"),  # above a lead that of the team above
        (None, "t1", None),  # nobody stands above the lead of a team at the top
        (None, None, None),  # nor above one who is in no team and leads it
    ],
)
def test_an_overdue_notice_goes_up_on_the_side_of_whoever_owes_it(parent, home, up):
    made = okr.Portfolio.of(
        okr.Team(id="all", lead="ceo"), okr.Team(id="t1", lead="l1", parent=parent),
        okr.Team(id="t2", lead="l2"),
        okr.Owner(id="ceo", team="all"), okr.Owner(id="l1", team=home), okr.Owner(id="l2", team="t2"),
        okr.Initiative(id="i1", title="I", team="t1", owner="l1"),
        okr.Initiative(id="i2", title="I", team="t2", owner="l2"),
        okr.Milestone(id="a", initiative="i1", title="A", due="2026-03-06"),
        okr.Milestone(
            id="b", initiative="i2", title="B", start="2026-03-06", due="2026-03-10", after=["a"]
        ),
    )  # fmt: skip
    found = okr.actions(made, okr.History.of(), as_of="2026-03-12", since="2026-01-01")
    (notice,) = (one for one in found if one.kind == "notice")
    assert (notice.owner, notice.team, notice.escalated_to) == ("l1", "t2", up)


def test_rhythm_of_goals_links_rulings_and_ends():
    closed = okr.Initiative(
        id="belts", title="Belts", stage="closed", owner="lane-lead", team="engineering", end="2026-06-05"
    )
    ruling = okr.Tolerance(
        sides=["lanes", "throughput"],
        start="2026-06-05",
        end="2026-12-31",
        effect=okr.Effect(escalate=okr.priorities.Escalate(to="managing-director", within="24h")),
    )
    spring = okr.Cycle(id="spring", start="2026-01-01", end="2026-05-31")
    old = okr.Objective(id="old", title="Old", cycle="spring", owner="head-of-operations")
    portfolio = warehouse().with_(closed, ruling, spring, old)
    journal = okr.Journal.of([okr.Entry("check-in", "throughput", "head-of-operations", "2026-01-02")])
    found = okr.actions(portfolio, okr.History.of(), as_of=dt.date(2026, 6, 8), journal=journal)
    told = {one.kind: (one.subject, one.owner, one.state) for one in found}
    assert told == {
        "decision": (ruling.id, "managing-director", "overdue"),
        "check-in": ("throughput", "head-of-operations", "overdue"),
        "confirmation": ("belts", "head-of-engineering", "open"),
        "closing": ("old", "head-of-operations", "open"),
    }
    answers = [
        okr.Entry("decision", ruling.id, "managing-director", "2026-06-06"),
        okr.Entry("check-in", "throughput", "head-of-operations", "2026-06-08"),
        okr.Entry("confirmation", "belts", "head-of-engineering", "2026-06-08"),
        okr.Entry("closing", "old", "head-of-operations", "2026-06-08", outcome="partly"),
    ]
    met = okr.actions(portfolio, okr.History.of(), as_of="2026-06-09", journal=journal.append(answers))
    assert {one.kind: one.state for one in met} == {
        "decision": "met",
        "check-in": "late",
        "confirmation": "met",
        "closing": "met",
    }
    january = okr.actions(
        portfolio, okr.History.of(), as_of="2026-01-10", journal=journal, since="2026-01-01"
    )
    assert [(one.kind, one.subject, one.owner) for one in january] == [
        ("link-review", "lanes->throughput", "flow-review")
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [({"parts": {"dip": ()}}, "parts names dip"), ({"since": "soon"}, "since 'soon'")],
)
def test_what_cannot_be_asked_is_refused(more, said):
    with pytest.raises(okr.DefinitionError, match=said):
        okr.actions(warehouse(), history(), as_of=at(0), **more)


def test_parts_of_another_moment_are_refused_and_its_own_change_nothing():
    journal = okr.Journal.of([FIRST])
    portfolio, facts = warehouse(), history()
    plain = okr.actions(portfolio, facts, as_of=at(1), journal=journal)
    own = {
        "dips": okr.dips(portfolio, facts, as_of=at(1), journal=journal),
        "ripple": okr.ripple(portfolio, as_of=at(1), history=facts, journal=journal),
        "evidence": okr.assess_links(portfolio, facts, as_of=at(1)),
    }
    assert okr.actions(portfolio, facts, as_of=at(1), journal=journal, parts=own) == plain
    with pytest.raises(okr.DefinitionError, match="another portfolio or moment"):
        okr.actions(portfolio, facts, as_of=at(2), journal=journal, parts=own)


def test_asked_is_what_was_shown_in_the_last_weeks_and_answers_stay_for_twelve():
    spring = okr.Cycle(id="spring", start="2026-01-01", end="2026-05-31")
    old = okr.Objective(id="old", title="Old", cycle="spring")
    portfolio = okr.Portfolio.of(spring, old)

    def closings(as_of, *entries, **more):
        journal = okr.Journal.of([okr.Entry("check-in", "old", "x", "2026-01-02"), *entries])
        found = okr.actions(portfolio, okr.History.of(), as_of=as_of, journal=journal, **more)
        return [one.state for one in found if one.kind == "closing"]

    assert closings("2026-08-29") == ["overdue"]
    assert closings("2026-08-31") == []
    assert closings("2026-08-31", weeks=26) == ["overdue"]
    closed = okr.Entry("closing", "old", "x", "2026-06-02", outcome="missed")
    assert closings("2026-08-25", closed, weeks=26) == ["met"]
    assert closings("2026-08-26", closed, weeks=26) == []


def test_what_is_not_pursued_asks_for_nothing():
    journal = okr.Journal.of([okr.Entry("check-in", "throughput", "head-of-operations", "2026-01-02")])
    base = warehouse()
    kinds = []
    for stage in ("active", "paused"):
        goal = okr.Objective(
            id="faster", title="Faster", cycle="2026", owner="head-of-operations", stage=stage
        )
        found = okr.actions(base.with_(goal), okr.History.of(), as_of="2026-06-08", journal=journal)
        kinds.append([one.kind for one in found])
    assert kinds == [["check-in"], []]


def test_late_news_opens_nothing():
    observed = history().observations("lanes")
    late = okr.Observation("lanes", SUNDAY, 9.0, recorded_at=at(14))
    facts = okr.History.of([*observed[:-1], late])
    assert okr.dips(warehouse(), facts, as_of=at(15))[0].late
    assert states(at(15), facts=facts) == {}


def test_what_moved_in_other_periods_is_no_part_of_an_audit():
    other = okr.Kpi(id="belts", title="Belts", better="higher", cadence="weekly", team="engineering")
    steady = history(20.0).observations("lanes")
    for place, expected in ((-1, ["belts"]), (-5, [])):
        fallen = steady[place].at
        down = [
            okr.Observation(
                "belts", one.at, 9.0 if one.at == fallen else one.value, recorded_at=one.recorded_at
            )
            for one in steady
        ]
        found = okr.actions(
            warehouse().with_(other),
            history(9.0, *down),
            as_of=at(0, 10),
            journal=okr.Journal.of([FIRST]),
            since="2026-01-01",
        )
        audits = {one.subject: one.audit for one in found if one.kind == "audit"}
        assert set(audits) == {"lanes", "belts"}
        assert [one.subject for one in audits["lanes"].also] == expected


def test_parts_that_are_empty_are_taken_as_they_are():
    portfolio, facts, journal = warehouse(), history(), okr.Journal.of([FIRST])
    asked = {"as_of": at(1), "journal": journal}
    kinds = {one.kind for one in okr.actions(portfolio, facts, **asked)}
    assert {"audit", "adjustment"} <= kinds
    without = {one.kind for one in okr.actions(portfolio, facts, **asked, parts={"dips": ()})}
    assert without == kinds - {"audit", "adjustment"}


@given(st.data())
@settings(max_examples=10)
def test_what_answers_is_found_by_what_it_is_about(data):
    """Looking entries up by their subject finds just what looking through all of them finds."""
    portfolio, facts = whole_story("logistics")
    day = "2026-10-04"
    asked = okr.actions(portfolio, facts, as_of=day, since="2026-01-01")
    subjects = [one.id for one in asked] + [one.subject for one in asked]
    subjects += [one.id for one in (*portfolio.kpis, *portfolio.key_results, *portfolio.objectives)]
    subjects += [f"measured:{'|'.join(one.sides)}" for one in portfolio.tolerances]
    kinds = ["audit", "adjustment", "check-in", "confirmation", "decision", "notice", "mitigation", "closing"]
    people = [one.id for one in portfolio.owners]
    entry = st.builds(
        lambda kind, subject, by, week: okr.Entry(
            kind, subject, by, dt.date(2026, 10, 4) - dt.timedelta(weeks=week), text="why", changes=["more"],
            outcome="missed" if kind == "closing" else None,
        ),
        *map(st.sampled_from, (kinds, subjects, people)),
        st.integers(0, 20),
    )  # fmt: skip
    journal = okr.Journal.of(data.draw(st.lists(entry, min_size=40, max_size=80)))
    ask = {"as_of": day, "journal": journal, "since": "2026-01-01"}
    found = okr.actions(portfolio, facts, **ask)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Context, "entries_about", lambda context, subjects: context.entries())
        assert okr.actions(portfolio, facts, **ask) == found


@pytest.mark.parametrize(("usual", "slip", "better"), [(10.0, 100.0, "lower"), (10.0, 1.0, "higher")])
def test_a_number_that_looks_mistyped_asks_for_a_confirmation_first(usual, slip, better):
    """S11.6: no audit and no adjustment before somebody says that it is right; a correction withdraws it."""
    sundays = [dt.date(2026, 1, 4) + dt.timedelta(7 * week) for week in range(21)]
    values = [*(usual + (week % 3 - 1) / 2 for week in range(20)), slip]
    owner, kpi = okr.Owner(id="ann"), okr.Kpi(id="w", title="W", better=better, cadence="weekly", owner="ann")
    portfolio = okr.Portfolio.of(owner, kpi)
    history = okr.History.of(map(okr.Observation, ["w"] * 21, sundays, values))
    day = sundays[-1] + dt.timedelta(2)

    def owed(history, *entries):
        journal = okr.Journal.of(entries)
        found = okr.actions(portfolio, history, as_of=day, journal=journal, since="2026-01-01")
        asked = okr.review(portfolio, history, as_of=day, journal=journal).decisions_needed
        return {(one.kind, one.state) for one in found if one.owner == "ann"}, [one.question for one in asked]

    assert owed(history) == ({("confirmation", "open")}, ["W: is this number right?"])
    right = okr.Entry("confirmation", "w", "ann", day, text="a big order")
    assert owed(history, right)[0] == {("confirmation", "met"), ("audit", "overdue"), ("adjustment", "open")}
    corrected = history.append([okr.Observation("w", sundays[-1], usual, recorded_at=day)])
    assert owed(corrected)[0] == {("confirmation", "withdrawn")}
