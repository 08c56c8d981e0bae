"""Rules about amendments: what was loosened, dropped, moved or widened, and nothing else (S21.4)."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.declarations import compare_portfolios
from okrcore.testing import histories, portfolios
from tests.support.real_catalogues import ABSENT, DATA, real

CODES = tuple(f"OKR{number}" for number in range(515, 522))
DAYS = st.dates(dt.date(2026, 1, 2), dt.date(2026, 12, 31))
LEAD, BOARD = okr.Owner(id="lead", kind="role"), okr.Owner(id="board", kind="role")
YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="Sort faster", cycle="2026", owner="lead")
SHARE = okr.KeyResult(id="share", objective="o", title="Same-day share", measure=okr.Target(80, 96))
CALLS = okr.KeyResult(id="calls", objective="o", title="Calls answered", measure=okr.Target(70, 90))
UPTIME = okr.Kpi(id="uptime", title="Uptime", target=okr.Band(low=99), limit=okr.Band(low=98))
FIRM = okr.Portfolio.of(YEAR, LEAD, BOARD, GOAL, SHARE, CALLS, UPTIME)
EASED = attrs.evolve(SHARE, measure=okr.Target(80, 84))
HISTORY = okr.History.of(
    [
        okr.Observation("share", "2026-04-30", 81),
        okr.Observation("calls", "2026-04-30", 82),
        okr.Observation("uptime", "2026-04-30", 97.5),
    ]
)


def found(
    new, at="2026-05-04", *, by="board", why="", as_of="2026-06-30", old=FIRM, entries=(), history=HISTORY
):
    declared = okr.Declarations.of(("2026-01-01", old)).append(new, at=at, by=by, why=why)
    told = okr.check(declared, history, as_of=as_of, select=CODES, journal=okr.Journal.of(entries))
    return [(one.code, one.subject) for one in told]


def said(by, at="2026-05-06", text="a hall burnt down", subject="share"):
    return [okr.Entry("amendment", subject, by, at, text=text)]


@settings(max_examples=25)
@given(st.data())
def test_what_never_changed_is_no_finding(data):
    """The same portfolio declared anew, week after week."""
    portfolio = data.draw(portfolios())
    again = okr.from_dict(okr.Portfolio, okr.to_dict(portfolio))
    days = sorted(data.draw(st.lists(DAYS, max_size=4)))
    declared = okr.Declarations.of(("2026-01-01", portfolio), *((day, again) for day in days))
    history, as_of = data.draw(histories(portfolio)), data.draw(DAYS)
    assert okr.check(declared, history, as_of=as_of, select=CODES, policy=okr.STRICT) == ()


@settings(max_examples=25)
@given(st.data())
def test_every_finding_is_about_an_amendment(data):
    """No finding without one in the last 13 weeks; none where another than the owner gives the reason."""
    old, new = data.draw(portfolios()), data.draw(portfolios())
    at, as_of = data.draw(DAYS), data.draw(DAYS)
    history = data.draw(histories(old))
    declared = okr.Declarations.of(("2026-01-01", old)).append(new, at=at)
    told = okr.check(declared, history, as_of=as_of, select=CODES, policy=okr.STRICT)
    kinds = {one.subject: one.kind for one in compare_portfolios(old, new)}
    if not dt.timedelta(0) <= as_of - at <= dt.timedelta(weeks=13):
        assert told == ()
    if not set(kinds.values()) & {"loosened", "removed", "changed", "recorded"}:
        assert told == ()
    answered = okr.Declarations.of(("2026-01-01", old)).append(new, at=at, by="nobody", why="it rained")
    left = okr.check(answered, history, as_of=as_of, select=CODES, policy=okr.STRICT)
    assert {one.code for one in left} <= {"OKR521"}


@settings(max_examples=25)
@given(st.data())
def test_checking_versions_is_checking_the_one_in_force(data):
    """But for the rules that look at how it came to that."""
    old, new = data.draw(portfolios()), data.draw(portfolios())
    at, as_of = data.draw(DAYS), data.draw(DAYS)
    history = data.draw(histories(new))
    declared = okr.Declarations.of(("2026-01-01", old)).append(new, at=at)
    told = okr.check(declared, history, as_of=as_of)
    alone = okr.check(declared.at(as_of), history, as_of=as_of)
    assert [one for one in told if one.code not in CODES] == list(alone)


class TestLoosened:
    """OKR515: without a reason, or by the owner who is judged by it."""

    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            ({"by": "board"}, True),
            ({"by": "board", "why": "a hall burnt down"}, False),
            ({"by": "lead", "why": "a hall burnt down"}, True),
            ({"by": "lead", "entries": said("board")}, False),
            ({"by": "board", "entries": said("lead")}, False),
            ({"by": "lead", "entries": said("lead")}, True),
            ({"by": "board", "entries": said("board", "2026-05-11")}, False),
            ({"by": "board", "entries": said("board", "2026-05-12")}, True),
            ({"by": "board", "entries": said("board", "2026-04-27")}, False),
            ({"by": "board", "entries": said("board", subject="calls")}, True),
            ({"at": "2026-01-14", "as_of": "2026-03-01"}, False),
            ({"at": "2026-01-15", "as_of": "2026-03-01"}, True),
            ({"as_of": "2026-08-03"}, True),
            ({"as_of": "2026-08-04"}, False),
            ({"as_of": "2026-05-03"}, False),
        ],
    )
    def test_who_answers_and_when(self, told, expected):
        assert (("OKR515", "share") in found(FIRM.with_(EASED), **told)) is expected

    def test_what_became_harder_or_only_other_is_not_told(self):
        harder = attrs.evolve(SHARE, measure=okr.Target(80, 98), title="Share")
        assert found(FIRM.with_(harder)) == []
        assert found(FIRM.with_(okr.Team(id="t"))) == []

    def test_a_goal_that_came_later_settles_too(self):
        late = attrs.evolve(SHARE, id="late")
        made = okr.Declarations.of(("2026-01-01", FIRM), ("2026-04-01", FIRM.with_(late)))
        for day, expected in (("2026-04-14", []), ("2026-04-15", ["late"])):
            eased = made.append(FIRM.with_(attrs.evolve(EASED, id="late")), at=day, by="board")
            told = okr.check(eased, as_of="2026-06-30", select=["OKR515"])
            assert [one.subject for one in told] == expected

    def test_backdating_hides_nothing(self):
        made = okr.Declarations.of(("2026-01-01", FIRM)).append(
            FIRM.with_(EASED), at="2026-01-10", recorded_at="2026-05-04", by="board"
        )
        (one,) = okr.check(made, as_of="2026-06-30", select=["OKR515"])
        assert one.subject == "share"

    def test_it_says_what_and_why_and_what_it_did_to_the_score(self):
        declared = okr.Declarations.of(("2026-01-01", FIRM)).append(
            FIRM.with_(EASED), at="2026-05-04", by="lead"
        )
        (one,) = okr.check(declared, HISTORY, as_of="2026-06-30", select=["OKR515"])
        assert one.message == (
            "worth a look: measure.goal 96 -> 84, loosened by lead on 2026-05-04, and no reason is given"
        )
        evidence = dict(one.evidence)
        assert (evidence["score_before"], evidence["score_after"]) == (0.0625, 0.25)

    def test_bands_of_a_kpi_and_the_end_of_a_cycle_count_too(self):
        wider = attrs.evolve(UPTIME, target=okr.Band(low=98.5))
        longer = attrs.evolve(YEAR, end=dt.date(2027, 1, 31))
        assert ("OKR515", "uptime") in found(FIRM.with_(wider))
        assert ("OKR515", "2026") in found(FIRM.with_(longer))


class TestDropped:
    """OKR516 and OKR520: removed while failing, before it is over."""

    def test_failing_and_well(self):
        assert found(FIRM.without("share")) == [("OKR516", "share")]
        assert found(FIRM.without("calls")) == []

    def test_once_it_is_over_it_may_go(self):
        ended = FIRM.with_(attrs.evolve(SHARE, due=dt.date(2026, 5, 3)))
        assert found(ended.without("share"), old=ended) == []
        today = FIRM.with_(attrs.evolve(SHARE, due=dt.date(2026, 5, 4)))
        assert found(today.without("share"), old=today) == [("OKR516", "share")]

    def test_with_its_objective_it_is_told_once(self):
        bare = FIRM.with_(okr.Objective(id="other", title="Other", cycle="2026"))
        history = HISTORY.append([okr.Observation("calls", "2026-05-01", 70)])
        assert found(bare.without("o", "share", "calls"), old=bare, history=history) == [("OKR516", "o")]

    @pytest.mark.parametrize(
        ("measured_by", "title", "expected"),
        [("uptime", "Another", "OKR520"), (None, "same-day share", "OKR520"), (None, "Another", "OKR516")],
    )
    def test_beside_a_new_one_with_its_measure(self, measured_by, title, expected):
        old = FIRM.with_(attrs.evolve(SHARE, measured_by=measured_by))
        new = attrs.evolve(SHARE, id="anew", title=title, measured_by=measured_by)
        history = HISTORY.append([okr.Observation("uptime", "2026-05-01", 81)])
        assert found(old.without("share").with_(new), old=old, history=history) == [(expected, "share")]

    def test_a_new_one_within_two_weeks_counts(self):
        anew = attrs.evolve(SHARE, id="anew")
        for day, code in (("2026-05-18", "OKR520"), ("2026-05-19", "OKR516")):
            made = okr.Declarations.of(("2026-01-01", FIRM), ("2026-05-04", FIRM.without("share")))
            made = made.append(FIRM.without("share").with_(anew), at=day)
            told = okr.check(made, HISTORY, as_of="2026-06-30", select=["OKR516", "OKR520"])
            assert [one.code for one in told] == [code]

    def test_cancelled_is_dropped(self):
        assert found(FIRM.with_(attrs.evolve(SHARE, stage="cancelled"))) == [("OKR516", "share")]
        assert found(FIRM.with_(attrs.evolve(GOAL, stage="cancelled"))) == [("OKR516", "o")]
        assert found(FIRM.with_(attrs.evolve(CALLS, stage="cancelled"))) == []
        assert found(FIRM.with_(attrs.evolve(SHARE, stage="cancelled")), why="the market is gone") == []

    def test_a_draft_may_change_and_settles_once_active(self):
        draft = FIRM.with_(attrs.evolve(SHARE, stage="draft"))
        assert found(FIRM.with_(attrs.evolve(EASED, stage="draft")), old=draft) == []
        active = okr.Declarations.of(("2026-01-01", draft), ("2026-04-20", FIRM))
        for day, expected in (("2026-05-03", []), ("2026-05-04", ["share"])):
            told = okr.check(
                active.append(FIRM.with_(EASED), at=day, by="board"), as_of="2026-06-30", select=["OKR515"]
            )
            assert [one.subject for one in told] == expected

    def test_a_new_name_is_no_new_goal(self):
        assert found(FIRM.renamed({"share": "same-day"})) == []


class TestMoved:
    """OKR517, OKR518 and OKR519: dates, weights and bands."""

    def test_a_due_date_before_and_after_it_was_missed(self):
        for day, expected in ((dt.date(2026, 5, 3), True), (dt.date(2026, 5, 4), False)):
            old = FIRM.with_(attrs.evolve(SHARE, due=day))
            new = FIRM.with_(attrs.evolve(SHARE, due=dt.date(2026, 9, 30)))
            assert (("OKR517", "share") in found(new, old=old)) is expected

    def test_a_date_that_was_met_may_move(self):
        old = FIRM.with_(attrs.evolve(CALLS, due=dt.date(2026, 5, 3)))
        new = FIRM.with_(attrs.evolve(CALLS, due=dt.date(2026, 9, 30)))
        met = HISTORY.append([okr.Observation("calls", "2026-05-02", 91)])
        assert ("OKR517", "calls") in found(new, old=old)
        assert ("OKR517", "calls") not in found(new, old=old, history=met)

    @pytest.mark.parametrize(("done", "expected"), [(None, True), (dt.date(2026, 3, 30), False)])
    def test_a_milestone(self, done, expected):
        project = okr.Initiative(id="i", title="I", owner="lead")
        step = okr.Milestone(id="m", initiative="i", title="M", due=dt.date(2026, 4, 1), done=done)
        old = FIRM.with_(project, step)
        new = old.with_(attrs.evolve(step, due=dt.date(2026, 7, 1)))
        assert found(new, old=old) == ([("OKR517", "m")] if expected else [])
        assert found(new, old=old, why="a supplier is late") == []

    def test_weight_to_what_goes_well(self):
        assert found(FIRM.with_(attrs.evolve(CALLS, weight=3.0))) == [("OKR518", "o")]
        assert found(FIRM.with_(attrs.evolve(SHARE, weight=3.0))) == []
        both = FIRM.with_(attrs.evolve(SHARE, weight=3.0), attrs.evolve(CALLS, weight=3.0))
        assert found(both) == []
        assert found(FIRM.with_(attrs.evolve(CALLS, weight=3.0)), why="safety comes first") == []

    def test_weight_of_contributions(self):
        top = okr.Objective(id="top", title="Top", cycle="2026")
        well = okr.Objective(id="well", title="Well", cycle="2026", contributes_to=["top"])
        other = attrs.evolve(CALLS, objective="well")
        below = attrs.evolve(GOAL, contributes_to=["top"])
        old = okr.Portfolio.of(YEAR, LEAD, BOARD, top, below, well, SHARE, other)
        heavier = attrs.evolve(well, contributes_to=[okr.Contribution("top", weight=4.0)])
        assert found(old.with_(heavier), old=old) == [("OKR518", "top")]

    def test_a_band_while_breached_and_while_not(self):
        wider = FIRM.with_(attrs.evolve(UPTIME, limit=okr.Band(low=97)))
        assert ("OKR519", "uptime") in found(wider)
        fine = HISTORY.append([okr.Observation("uptime", "2026-05-01", 98.5)])
        assert ("OKR519", "uptime") not in found(wider, history=fine)
        assert found(wider, why="the old bound was a guess") == []


class TestUnattributed:
    """OKR521: an amendment without a declared owner as its author."""

    def test_who_signs(self):
        eased = FIRM.with_(EASED)
        assert ("OKR521", "portfolio") in found(eased, by="")
        assert ("OKR521", "portfolio") in found(eased, by="somebody", why="why not")
        assert ("OKR521", "portfolio") not in found(eased, by="board")
        assert ("OKR521", "portfolio") not in found(eased, by="", entries=said("board"))
        assert found(FIRM.with_(attrs.evolve(SHARE, measure=okr.Target(80, 98))), by="") == []


@pytest.mark.skipif(not DATA.exists(), reason=ABSENT)
def test_quarters_that_follow_each_other_are_no_finding():
    """Eight real quarters, each taking the place of the one before it: what is over may go."""
    told = real("gitlab_okrs")
    whole, declared = told.portfolio, okr.Declarations.of()
    for cycle in sorted(whole.cycles, key=lambda one: one.start):
        goals = {one.id: one for one in whole.objectives if one.cycle == cycle.id}
        kept = [
            attrs.evolve(one, contributes_to=[to for to in one.contributes_to if to.to in goals])
            for one in goals.values()
        ]
        results = [one for one in whole.key_results if one.objective in goals]
        quarter = okr.Portfolio.of(*whole.cycles, *whole.teams, *whole.owners, *kept, *results)
        declared = declared.append(quarter, at=cycle.start, by=whole.owners[0].id)
    assert len(declared.amendments()) > 1000
    policy = okr.STRICT.with_parameters({code: {"weeks": 400} for code in CODES})
    assert okr.check(declared, told.history, as_of=told.as_of, policy=policy, select=CODES) == ()


def test_without_versions_they_are_not_asked():
    result = okr.governance.check_in_full(FIRM, HISTORY, as_of="2026-06-30", select=CODES)
    assert [one.code for one in result.skipped] == list(CODES)
    assert "versions of what was declared" in str(result.skipped[0])


def test_integrity_tells_of_moved_goalposts_where_it_is_told_what_was_declared():
    """With `declarations=`, or these in place of the portfolio; of a portfolio alone nothing."""
    now = FIRM.with_(EASED)
    declared = okr.Declarations.of(("2026-01-01", FIRM)).append(now, at="2026-05-04", by="lead")
    asked = {"as_of": "2026-06-30", "journal": okr.Journal.of([])}
    told = okr.governance.integrity(now, HISTORY, declarations=declared, **asked)
    assert ("OKR515", "share") in {(one.code, one.subject) for one in told}
    assert told == okr.governance.integrity(declared, HISTORY, **asked)
    assert told == okr.check(declared, HISTORY, policy=okr.STRICT, select=["OKR5"], **asked)
    alone = okr.governance.integrity(now, HISTORY, **asked)
    assert not {one.code for one in alone} & set(CODES)
