"""Delays travel as the formula says, over what they touch, with lags of both kinds (S17.1)."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.schedule import delays as sweeping
from okrcore.schedule.network import network_of
from okrcore.schedule.working_lags import working_days_later, working_days_sooner
from tests.support.networks import DAY, NAMES, brute, later, networks
from tests.support.paths import SHARED

SLIPS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 12))
MOMENTS = st.integers(-5, 50).map(later)


def known(portfolio: okr.Portfolio, slips: dict[str, float]) -> dict[str, float]:
    return {name: days for name, days in slips.items() if name in portfolio}


def found(ripple: okr.Ripple) -> dict[str, tuple[float, float]]:
    rows = {name: row for row, name in enumerate(ripple.network.ids)}
    return {name: (ripple.delays.start[row], ripple.delays.finish[row]) for name, row in rows.items()}


@given(networks(), SLIPS, MOMENTS)
@settings(max_examples=80, deadline=None)
def test_a_ripple_is_the_formula_recomputed_by_brute_force(portfolio, slips, as_of):
    slips = known(portfolio, slips)
    assert found(okr.ripple(portfolio, as_of=as_of, slips=slips)) == brute(portfolio, slips, as_of)


@given(networks(), SLIPS, st.sampled_from(NAMES), st.integers(1, 9), MOMENTS)
@settings(max_examples=60, deadline=None)
def test_a_slip_added_never_shrinks_a_delay(portfolio, slips, name, more, as_of):
    slips = known(portfolio, slips)
    larger = known(portfolio, {**slips, name: slips.get(name, 0) + more})
    before, after = (found(okr.ripple(portfolio, as_of=as_of, slips=one)) for one in (slips, larger))
    assert all(after[one] >= before[one] for one in before)


@given(networks() | networks(working=False), SLIPS, MOMENTS)
@settings(max_examples=80, deadline=None)
def test_whole_levels_and_single_rows_give_the_same(portfolio, slips, as_of):
    """What is touched row by row, level by level, and every row of a narrow network one after the other."""
    slips = known(portfolio, slips)
    results = []
    with pytest.MonkeyPatch.context() as patch:
        for many, narrow in ((1, 0), (10**9, 0), (10**9, 10**9)):
            patch.setattr(sweeping, "MANY", many)
            patch.setattr(sweeping, "NARROW", narrow)
            one = okr.ripple(portfolio, as_of=as_of, slips=slips)
            alone = sweeping.delays(
                one.network, one.plan, one.slips, np.flatnonzero(one.slips)[:1], broken=False
            )
            results.append((found(one), one.impacts, alone.start.tolist(), alone.finish.tolist()))
    assert results[0] == results[1] == results[2]


@given(networks(early=True, recover=False, done=False, working=False, lags=False), st.data())
@settings(max_examples=60, deadline=None)
def test_slack_absorbs_exactly_its_size(portfolio, data):
    """A slip of the total slack does not move the last finish, a day more moves it by a day."""
    calm = okr.ripple(portfolio, as_of=DAY - dt.timedelta(1))
    end = max(one.finish for one in portfolio.milestones)
    for row in calm.schedule:
        for extra in (0, 1):
            slips = {row["id"]: row["total_slack"] + extra}
            moved = okr.ripple(portfolio, as_of=DAY - dt.timedelta(1), slips=slips)
            last = max([end, *(one.expected for one in moved.impacts)])
            assert (last - end).days == extra
        free = okr.ripple(portfolio, as_of=DAY - dt.timedelta(1), slips={row["id"]: row["free_slack"]})
        assert not free.delays.start.any()
        if row["free_slack"] < row["total_slack"]:
            past = {row["id"]: row["free_slack"] + 1}
            assert okr.ripple(portfolio, as_of=DAY - dt.timedelta(1), slips=past).delays.start.any()


@given(networks(done=False), st.data())
@settings(max_examples=50, deadline=None)
def test_latest_starts_leave_the_last_finish_where_it_is(portfolio, data):
    """With working lags too: starting at its latest start delays nothing past the end; a day later does."""
    calm = okr.ripple(portfolio, as_of=later(-30), slips={})
    end = max(one.finish for one in portfolio.milestones)
    row = data.draw(st.sampled_from(calm.schedule.to_dicts()))
    assume(not len(calm.network.broken))
    plain = okr.Portfolio.of(*(_without_recovery(one) for one in portfolio))
    for extra in (0, 1):
        slips = {row["id"]: row["total_slack"] + extra}
        moved = okr.ripple(plain, as_of=later(-30), slips=slips)
        assert (max([end, *(one.expected for one in moved.impacts)]) > end) == bool(extra)


def _without_recovery(one):
    import attrs

    return attrs.evolve(one, recoverable_days=0) if isinstance(one, okr.Milestone) else one


@given(
    st.lists(st.integers(-3000, 40_000), min_size=1, max_size=6),
    st.integers(0, 15),
    st.sampled_from(["mon-fri", "sun-thu, sat", "wed"]),
    st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2026, 2, 1)), max_size=5),
)
def test_working_lags_are_those_of_the_calendar(days, lag, working, holidays):
    calendar = okr.Calendar(working_days=working, holidays=holidays)
    epoch = dt.date(1970, 1, 1)
    got = working_days_later(np.array(days, dtype=float), np.full(len(days), float(lag)), calendar)
    asked = [calendar.working_day(epoch + dt.timedelta(day), lag) for day in days]
    assert [epoch + dt.timedelta(one) for one in got] == asked
    back = working_days_sooner(got, np.full(len(days), float(lag)), calendar)
    again = working_days_later(np.stack([back, back + 1]), np.full((2, len(days)), float(lag)), calendar)
    assert (again[0] <= got).all()
    assert (again[1] > got).all()
    assert (back >= days).all()


@given(networks(), SLIPS, MOMENTS)
@settings(max_examples=50, deadline=None)
def test_every_chain_begins_at_what_is_late_itself_or_at_a_broken_plan(portfolio, slips, as_of):
    slips = known(portfolio, slips)
    result = okr.ripple(portfolio, as_of=as_of, slips=slips)
    broken = {result.network.ids[row] for row in result.network.broken}
    for one in result.impacts:
        chains = result.chains(one.subject)
        assert one.chain in chains
        for chain in chains:
            assert chain[-1] == one.subject
            first = chain[0]
            row = result.network.rows[first]
            own = slips.get(first, 0) > 0 or result.plan.floor[row] > 0
            assert own or broken & set(chain), (chain, first)
            for before, after in pairwise(chain):
                assert before in {step.milestone for step in portfolio[after].after}


def test_what_is_done_passes_no_lateness_on():
    """A milestone that was done in time, after a late one, begins the chain of what was planned too early."""
    work = okr.Initiative(id="work", title="Work")
    plan = {"initiative": "work", "title": "M"}
    first = okr.Milestone(id="a", due=later(0), finish=later(0), **plan)
    done = okr.Milestone(
        id="b", due=later(1), start=later(1), finish=later(1), done=later(1), after=["a"], **plan
    )
    last = okr.Milestone(id="c", due=later(0), start=later(0), finish=later(0), after=["b"], **plan)
    result = okr.ripple(okr.Portfolio.of(work, first, done, last), as_of=later(1))
    assert result.chains("c") == (("b", "c"), ("c",))
    assert [one.chain for one in result.impacts if one.subject == "c"] == [("b", "c")]


def test_all_ties_are_named():
    work = okr.Initiative(id="work", title="Work")
    days = {"top": (2, 6), "left": (6, 10), "right": (6, 10), "end": (10, 12)}
    after = {"left": ["top"], "right": ["top"], "end": ["left", "right"]}
    steps = [
        okr.Milestone(
            id=name, initiative="work", title=name, start=later(a), due=later(b), after=after.get(name, [])
        )
        for name, (a, b) in days.items()
    ]
    result = okr.ripple(okr.Portfolio.of(work, *steps), as_of=DAY, slips={"top": 3})
    assert result.chains("end") == (("top", "left", "end"), ("top", "right", "end"))
    assert result.impact("end").drivers == ("left", "right")
    assert result.impact("end").chain == ("top", "left", "end")
    assert result.critical == (("top", "left", "end"), ("top", "right", "end"))


def test_a_chain_of_thousands_is_told_and_cut():
    work = okr.Initiative(id="work", title="Work")
    steps = [
        okr.Milestone(
            id=f"m{at:04}",
            initiative="work",
            title="M",
            due=later(at // 10),
            after=[f"m{at - 1:04}"] if at else [],
        )
        for at in range(3000)
    ]
    result = okr.ripple(okr.Portfolio.of(work, *steps), as_of=later(-1), slips={"m0000": 400})
    assert len(result.impacts) == 3000
    chain = result.impact("m2999").chain
    assert (chain[0], chain[1], chain[-1], len(chain)) == ("m0000", "m2951", "m2999", 50)
    assert [len(one) for one in result.chains("m2999")] == [3000]
    assert [len(one) for one in result.critical] == [10]  # those of the last day, without a slack


def test_what_is_done_is_delayed_no_more():
    work = okr.Initiative(id="work", title="Work")
    one = okr.Milestone(id="one", initiative="work", title="One", due=later(1))
    two = okr.Milestone(
        id="two", initiative="work", title="Two", start=later(1), due=later(4), done=later(3), after=["one"]
    )
    result = okr.ripple(okr.Portfolio.of(work, one, two), as_of=later(10))
    assert [impact.subject for impact in result.impacts] == ["one"]
    with pytest.raises(okr.errors.UnknownIdError, match="no milestone that a slip reaches"):
        result.impact("two")


def test_what_was_done_late_is_over():
    """Ten weeks later it neither counts on nor bites, and the goal that it reached has what was planned."""
    listed = okr.Checklist([okr.Item("item", milestone="m")])
    made = okr.Portfolio.of(
        okr.Cycle.quarter(2026, 4),
        okr.Objective(id="o", title="O", cycle="2026-Q4"),
        okr.KeyResult(id="k", title="K", objective="o", measure=listed),
        okr.Initiative(id="i", title="I"),
        okr.Milestone(id="m", initiative="i", title="M", due="2026-10-15", done="2026-10-20"),
        okr.Milestone(id="open", initiative="i", title="M", due="2026-10-15"),
    )
    ripple = okr.ripple(made, as_of="2026-12-01")
    assert {one.subject: (one.done, one.delay_days) for one in ripple.impacts} == {
        "m": (True, 5), "open": (False, 47),
    }  # fmt: skip
    told = str(ripple)
    assert "m: 5 days late, done 2026-10-20; 5 days past its due date; nobody" in told
    assert "open: 47 days late, expected 2026-12-01; 47 days past its due date; nobody, bites now" in told
    assert "nobody, bites" not in told.partition("m: 5 days late")[2].partition("\n")[0]
    assert "k: 100 % at its due date all the same" in told


@pytest.mark.parametrize(
    ("slips", "said"),
    [
        ({"onee": 3}, "did you mean 'one'"),
        ({"one": -1}, "0 or more"),
        ({"one": float("nan")}, "slips.one"),
        ({"one": "3"}, "must be days"),
        ([3], "must be a mapping"),
    ],
)
def test_slips_that_are_none_are_refused(slips, said):
    work = okr.Initiative(id="work", title="Work")
    one = okr.Milestone(id="one", initiative="work", title="One", due=later(1))
    with pytest.raises(okr.DefinitionError, match=said):
        okr.ripple(okr.Portfolio.of(work, one), as_of=DAY, slips=slips)


def test_a_small_slip_costs_what_it_touches():
    """Of 200 chains a slip touches its own alone, and the network is not laid out again."""
    work = okr.Initiative(id="work", title="Work")
    steps = [
        okr.Milestone(
            id=f"m{chain}-{at}",
            initiative="work",
            title="M",
            due=later(at),
            after=[f"m{chain}-{at - 1}"] if at else [],
        )
        for chain in range(200)
        for at in range(10)
    ]
    portfolio = okr.Portfolio.of(work, *steps)
    result = okr.ripple(portfolio, as_of=DAY, slips={"m7-4": 2})
    assert [result.network.ids[row] for row in result.delays.touched] == ["m7-4", "m7-5", "m7-6"]
    assert network_of(portfolio.with_(okr.Team(id="t"))) is result.network


@pytest.mark.skipif(not (SHARED / "reference/slip.py").exists(), reason="needs ../shared/reference/slip.py")
@given(networks(working=False, done=False), SLIPS)
@settings(max_examples=80, deadline=None)
def test_without_working_lags_it_is_the_reference(portfolio, slips):
    slip = _reference()
    slips = known(portfolio, slips)
    plan = {
        one.id: slip.Milestone(
            (one.start - DAY).days,
            (one.finish - DAY).days,
            (one.due - DAY).days,
            int(one.recoverable_days),
        )
        for one in portfolio.milestones
    }
    links = [
        slip.Link(step.milestone, one.id, int(step.lag_days))
        for one in portfolio.milestones
        for step in one.after
    ]
    before = later(-1)
    expected = slip.ripple(plan, links, slips, as_of=-1)
    result = okr.ripple(portfolio, as_of=before, slips=slips)
    assert found(result) == {name: (one.start_delay, one.finish_delay) for name, one in expected.items()}
    for one in result.impacts:
        wanted = expected[one.subject]
        assert (one.breach_days, one.bites_in) == (wanted.breach, wanted.felt_in)
        if not one.absorbed:
            assert set(one.drivers) == set(wanted.drivers)


def _reference():
    if "slip_reference" not in sys.modules:
        spec = importlib.util.spec_from_file_location("slip_reference", SHARED / "reference/slip.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["slip_reference"] = module
        spec.loader.exec_module(module)
    return sys.modules["slip_reference"]
