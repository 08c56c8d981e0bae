"""Versions of what was declared equal a plain list, in any order of delivery; a root proves them (S21.1)."""

from __future__ import annotations

import datetime as dt
import pickle
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.declarations import Declarations, compare_portfolios
from okrcore.testing import portfolios

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 20))
DELIVERIES = st.lists(st.tuples(DAYS, DAYS, portfolios()), min_size=1, max_size=5)
YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="O", cycle="2026")
SHARE = okr.KeyResult(id="share", objective="o", title="S", measure=okr.Target(0, 10))
FIRM = okr.Portfolio.of(YEAR, GOAL, SHARE)


def declared(deliveries) -> Declarations:
    made = Declarations.of()
    for at, known, portfolio in deliveries:
        made = made.append(portfolio, at=at, recorded_at=known)
    return made


@given(DELIVERIES, DAYS, DAYS)
def test_at_equals_a_plain_list(deliveries, as_of, known_at):
    """The last by `at`, then by delivery, of what was known; an equal of the one before is no version."""
    kept = []
    for one in deliveries:
        if not kept or one[2] != kept[-1][2]:
            kept.append(one)
    made = declared(deliveries)
    assert len(made) == len(kept)
    seen = [
        (at, place, one) for place, (at, known, one) in enumerate(kept) if at <= as_of and known <= known_at
    ]
    if seen:
        assert made.at(as_of, known_at) == max(seen, key=lambda one: one[:2])[2]
    else:
        with pytest.raises(okr.HistoryError):
            made.at(as_of, known_at)


@given(DELIVERIES)
def test_lines_give_the_same_versions(deliveries):
    made = declared(deliveries)
    again = Declarations.of_lines([one.line for one in made])
    assert (again, again.root, hash(again)) == (made, made.root, hash(made))
    for one, other in zip(made, again, strict=True):
        assert one.portfolio == other.portfolio
        assert (one.at, one.recorded_at, one.backdated) == (other.at, other.recorded_at, other.backdated)
    assert pickle.loads(pickle.dumps(made)) == made


@given(DELIVERIES)
def test_an_old_root_proves_a_prefix(deliveries):
    made = declared(deliveries)
    older = [declared(deliveries[:size]) for size in range(len(deliveries) + 1)]
    assert all(made.verify(one.root).ok for one in older)
    other = made.append(made.at().with_(okr.Team(id="another-team")), at="2026-02-01")
    assert not made.verify(other.root).ok
    assert other.verify(made.root).ok


@given(DELIVERIES, st.data())
def test_an_altered_version_is_named(deliveries, data):
    made = declared(deliveries)
    place = data.draw(st.integers(0, len(made) - 1))
    versions = list(made)
    versions[place] = attrs.evolve(versions[place], line=versions[place].line.replace(b"2026", b"2025", 1))
    found = Declarations(_versions=tuple(versions)).verify()
    assert found.problems[0].path == f"version {place}"


@given(DELIVERIES)
def test_amendments_are_those_of_each_step(deliveries):
    made = declared(deliveries)
    steps = sorted(made, key=lambda one: one.at)
    expected = [
        (one.subject, one.field, one.kind)
        for before, after in pairwise(steps)
        for one in compare_portfolios(before.portfolio, after.portfolio)
    ]
    assert [(one.subject, one.field, one.kind) for one in made.amendments()] == expected


@given(portfolios(), st.lists(DAYS, max_size=4))
def test_a_portfolio_that_never_changed_has_no_amendment(portfolio, days):
    made = Declarations.of(*((day, portfolio) for day in sorted(days)))
    assert (len(made), made.amendments()) == (min(1, len(days)), ())


def test_versions_share_what_did_not_change():
    """Loaded anew each week, a definition that says the same is the same object."""
    text = okr.dumps(FIRM)
    made = Declarations.of()
    for week in range(1, 5):
        portfolio = okr.loads(text).with_(okr.Team(id=f"t{week}"))
        made = made.append(portfolio, at=dt.date(2026, 1, 7 * week))
    first, *others = (one.portfolio for one in made)
    for one in others:
        assert one.key_results is first.key_results
        assert one["o"] is first["o"]


def test_who_and_why_by_subject():
    eased = FIRM.with_(
        attrs.evolve(SHARE, measure=okr.Target(0, 8)), attrs.evolve(GOAL, commitment="learning")
    )
    made = Declarations.of(("2026-01-01", FIRM)).append(
        eased,
        at="2026-05-04",
        by="office",
        why="review",
        authors={"share": "jo"},
        reasons={"share": "market"},
    )
    assert [(one.subject, one.by, one.why) for one in made.amendments()] == [
        ("o", "office", "review"),
        ("share", "jo", "market"),
    ]
    assert made.amendments(since="2026-05-05") == () == made.amendments(until="2026-05-03")
    assert len(made.amendments(since="2026-05-04", until="2026-05-04")) == 2


def test_an_earlier_one_is_backdated():
    made = Declarations.of(("2026-03-01", FIRM)).append(FIRM.with_(okr.Team(id="t")), at="2026-02-01")
    assert [one.backdated for one in made] == [False, True]
    assert made.at("2026-03-01") == FIRM


def test_based_on_refuses_where_another_came_between():
    first = Declarations.of(("2026-01-01", FIRM))
    second = first.append(FIRM.with_(okr.Team(id="a")), at="2026-01-02", based_on=first.root)
    with pytest.raises(okr.HistoryError, match="another version came between"):
        second.append(FIRM.with_(okr.Team(id="b")), at="2026-01-03", based_on=first.root)


def test_before_the_first_version_its_date_is_named():
    with pytest.raises(okr.HistoryError, match="must not be before 2026-03-01"):
        Declarations.of(("2026-03-01", FIRM)).at("2026-02-28")
    with pytest.raises(okr.HistoryError, match="nothing was declared; append"):
        Declarations.of().at()


class TestOriginal:
    """Each goal as in force when the cycle had settled, or when it first came."""

    def test_changes_within_the_first_days_are_the_original(self):
        early = FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(0, 9)))
        late = FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(0, 5)))
        made = Declarations.of(("2025-12-20", FIRM), ("2026-01-14", early), ("2026-01-15", late))
        assert made.original("2026")["share"].measure.goal == 9

    def test_a_goal_that_came_later_counts_as_it_came(self):
        added = attrs.evolve(SHARE, id="late", measure=okr.Target(0, 3))
        made = Declarations.of(
            ("2026-01-01", FIRM),
            ("2026-04-01", FIRM.with_(added)),
            ("2026-05-01", FIRM.with_(attrs.evolve(added, measure=okr.Target(0, 1)))),
        )
        assert made.original("2026")["late"].measure.goal == 3

    def test_a_goal_that_was_taken_out_is_in_again(self):
        made = Declarations.of(("2026-01-01", FIRM), ("2026-06-01", FIRM.without("share")))
        assert made.original("2026")["share"] == SHARE

    def test_a_cycle_that_nothing_declares(self):
        with pytest.raises(okr.HistoryError, match="no version declares it"):
            Declarations.of(("2026-01-01", FIRM)).original("2031")
