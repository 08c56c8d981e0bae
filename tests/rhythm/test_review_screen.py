"""A review is one screen: a busy, an empty and an overloaded week in 100 columns and 45 lines (S18.6)."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pytest

import okrcore as okr
from okrcore.rhythm.changed_rows import changes_of
from okrcore.rhythm.goal_rows import year_of
from okrcore.rhythm.review_filter import concerning
from okrcore.rhythm.review_text import COLUMNS, MOST_LINES, review_lines
from okrcore.surfaces.stories import story
from tests.support.companies import checked_in, company, numbers, week_day

START = okr.Journal.of([okr.Entry("check-in", "other", "head-of-operations", "2026-01-05")])
HEADS = ("NEEDS A DECISION", "SINCE", "GOALS", "KPIs", "Elsewhere", "From")


def busy(name: str) -> okr.Review:
    portfolio, facts = story(name)
    before = okr.review(portfolio, facts, as_of="2026-09-27", journal=START)
    return okr.review(portfolio, facts, as_of="2026-10-04", journal=START, previous=before)


def empty() -> okr.Review:
    portfolio, facts = company(10), numbers(10, 20)
    journal = okr.Journal.of(one for week in range(20) for one in checked_in(portfolio, week_day(week)))
    before = okr.review(portfolio, facts, as_of=week_day(17), known_at=week_day(17), journal=journal)
    return okr.review(
        portfolio, facts, as_of=week_day(18), known_at=week_day(18), journal=journal, previous=before
    )


def overloaded() -> okr.Review:
    """Sixty key results of which each second turned worse, and a dead source; nobody answered anything."""
    changed = {f"p{at}": {14 + at % 4: -12.0} for at in range(0, 60, 2)}
    changed |= {f"s{at}": {16 + at % 3: -12.0} for at in range(0, 20, 2)}
    changed |= {f"p{at}": {15: float("nan")} for at in range(60) if at % 6 == 1}
    portfolio, facts = company(60), numbers(60, 20, changed=changed)
    journal = okr.Journal.of(checked_in(portfolio, week_day(0)))
    before = okr.review(portfolio, facts, as_of=week_day(16), known_at=week_day(16), journal=journal)
    return okr.review(
        portfolio, facts, as_of=week_day(18), known_at=week_day(18), journal=journal, previous=before
    )


@pytest.fixture(scope="module")
def weeks() -> dict[str, okr.Review]:
    made = {"logistics": busy("logistics"), "software": busy("software")}
    return made | {"empty": empty(), "overloaded": overloaded()}


@pytest.mark.parametrize("name", ["logistics", "software", "empty", "overloaded"])
@pytest.mark.parametrize("plain", [True, False])
def test_it_fits_one_screen(weeks: dict[str, okr.Review], name: str, plain: bool) -> None:
    lines = review_lines(weeks[name], ascii=plain)
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= COLUMNS
    assert all(map(str.isascii, lines)) or not plain
    told = [line.strip() for line in lines]
    places = [next((at for at, line in enumerate(told) if line.startswith(head)), None) for head in HEADS]
    known = [at for at in places if at is not None]
    assert known == sorted(known)
    assert places[-1] is not None
    assert str(weeks[name]).splitlines() == review_lines(weeks[name])


def test_a_busy_week_asks_first(weeks: dict[str, okr.Review]) -> None:
    lines = review_lines(weeks["logistics"])
    assert lines[0] == "The company, week 40, as of Sun 2026-10-04, last review 2026-09-27"
    assert lines[1].startswith("7 things need an answer or a decision, 6 are overdue, the oldest by 76 d.")
    at = next(at for at, line in enumerate(lines) if "throughput will miss" in line)
    assert lines[at].endswith("head-of-engineering")
    assert lines[at + 1].endswith("14 d overdue, Sun 20 Sep")
    assert any("hall-2" in line and "7 d later" in line for line in lines)


def test_an_empty_week_says_so_and_what_comes_next(weeks: dict[str, okr.Review]) -> None:
    text = str(weeks["empty"])
    assert "Nothing needs a decision" in text.splitlines()[1]
    assert "All 10 key results are on-track or achieved." in text.replace("\n", " ")
    assert "NEEDS A DECISION" not in text


def test_an_overloaded_week_says_what_is_left_out_and_where_it_is(weeks: dict[str, okr.Review]) -> None:
    made = weeks["overloaded"]
    lines = review_lines(made)
    assert len(made.decisions_needed) > 7
    shown = sum(bool(re.match(r" ?\d+ [!~?] ", line)) for line in lines)
    more = next(line for line in lines if "more, " in line and "okrcore review --all" in line)
    assert more.startswith(f"{len(made.decisions_needed) - shown} more, ")
    assert any("objectives: " in line and line.startswith("... and") for line in lines)
    whole = review_lines(made, whole=True)
    assert len(whole) > MOST_LINES
    assert all(any(one.question in line for line in whole) for one in made.decisions_needed)


def test_noise_is_no_news(weeks: dict[str, okr.Review]) -> None:
    made = weeks["logistics"]
    moved = {row["id"] for row in made.differences.to_dicts() if row["what"] == "score"}
    told = {one.id for one in changes_of(made)}
    assert "throughput" in moved - told
    assert "same-day-share" in told


def test_who_and_which_team_keep_what_is_theirs(weeks: dict[str, okr.Review]) -> None:
    made = weeks["logistics"]
    mine = concerning(made, owner="head-of-operations")
    assert {one.owner for one in mine.decisions_needed} == {"head-of-operations"}
    assert {one.owner for one in mine.actions} <= {"head-of-operations"}
    assert {one.to for one in mine.messages} == {"head-of-operations"}
    assert concerning(made, team="company").decisions_needed == made.decisions_needed
    assert concerning(made) is made
    team = {one.owner for one in concerning(made, team="engineering").decisions_needed}
    assert team == {"head-of-engineering"}
    with pytest.raises(okr.errors.UnknownIdError, match="owner is 'x'"):
        concerning(made, owner="x")


@pytest.mark.parametrize("failing", [3, 4, 5])
def test_what_shares_a_line_stays_with_everybody_who_is_asked(failing: int) -> None:
    owners = ["ann", "bob", "bob", "cem", "cem"][:failing]
    ids = [f"k{place}" for place in range(failing)]
    made = okr.Portfolio.of(
        okr.Cycle.quarter(2026, 4),
        okr.Objective(id="o", title="O", cycle="2026-Q4", owner="bob"),
        *(okr.Owner(id=who) for who in ("ann", "bob", "cem")),
        *(
            okr.KeyResult(
                id=name, title=name, objective="o", owner=owner, cadence="weekly", measure=okr.Target(40, 20)
            )
            for name, owner in zip(ids, owners, strict=True)
        ),
    )
    days = okr.weekly("2026-10-04", "2026-11-29")
    history = okr.History.of(
        okr.Observation(name, day, 40 - week * 0.4) for name in ids for week, day in enumerate(days)
    )
    week = okr.review(made, history, as_of="2026-12-01")
    assert len(week.decisions_needed) == (1 if failing > 3 else failing)
    for name, owner in zip(ids, owners, strict=True):
        assert any(name in one.subjects for one in concerning(week, owner=owner).decisions_needed)
    if failing > 3:
        assert week.decisions_needed[0].owners == tuple(sorted({*owners}))
        assert f"bob and {len({*owners}) - 1} more" in "\n".join(review_lines(week))


def test_an_empty_week_shows_what_comes_next() -> None:
    made = okr.Portfolio.of(
        okr.Owner(id="ann"),
        okr.Owner(id="bob"),
        okr.Cycle.year(2026),
        okr.Objective(id="o", title="O", cycle="2026", owner="ann"),
        okr.KeyResult(id="k", title="K", objective="o", measure=okr.Target(0, 100), cadence="monthly"),
        okr.Initiative(id="i", title="I", owner="bob"),
        okr.Milestone(id="done", initiative="i", title="M", due="2026-05-20", done="2026-05-01"),
        okr.Milestone(id="m", initiative="i", title="M", due="2026-05-25"),
        okr.Milestone(id="later", initiative="i", title="M", due="2026-06-25"),
    )
    months = [dt.date(2026, month, 28) for month in (1, 2, 3, 4)]
    history = okr.History.of(okr.Observation("k", day, 8.5 * day.month) for day in months)
    journal = okr.Journal.of(okr.Entry("check-in", "k", "ann", day, status="on-track") for day in months)

    def next_line(entries: okr.Journal, **asked: str) -> str:
        week = okr.review(made, history, as_of="2026-05-17", journal=entries)
        assert week.decisions_needed == ()
        lines = review_lines(concerning(week, **asked), 200)
        return next((line.split(None, 1)[1] for line in lines if line.startswith("Next")), "")

    assert next_line(journal) == "Mon 25 May due date of m (bob); Sun 31 May check-in on k (ann)."
    assert next_line(journal, owner="ann") == "Sun 31 May check-in on k (ann)."
    early = journal.append([okr.Entry("check-in", "k", "ann", "2026-05-15")])
    assert next_line(early, owner="ann") == "Tue 30 Jun check-in on k (ann)."


def test_a_quarter_is_no_year_and_a_head_has_the_sign_of_its_bars() -> None:
    for cycle, words in ((okr.Cycle.quarter(2026, 4), "the cycle"), (okr.Cycle.year(2026), "the year")):
        goal = okr.Objective(id="o", title="O", cycle=cycle.id)
        result = okr.KeyResult(id="k", title="K", objective="o", measure=okr.Target(0, 100))
        history = okr.History.of([okr.Observation("k", "2026-10-20", 50)])
        week = okr.review(okr.Portfolio.of(cycle, goal, result), history, as_of="2026-11-20")
        for plain, sign in ((True, "|"), (False, "┃")):
            lines = review_lines(week, ascii=plain)
            (head,) = (line for line in lines if "GOALS" in line)
            assert f"{sign} due now" in head
            assert f" {words} " in head
            assert sign in next(line for line in lines if " k " in line)
        assert any("no check-in for 14 days" in line for line in lines)


def test_text_that_would_move_a_cursor_stays_text() -> None:
    evil = "a\x1b[31m\r\n\u202eb"
    day = dt.date(2026, 3, 15)
    goal = okr.Objective(id="grow", title=evil, cycle="2026", owner="kim")
    deals = okr.KeyResult(
        id="deals", objective="grow", title=evil, measure=okr.Target(0, 20), cadence="weekly"
    )
    portfolio = okr.Portfolio.of(
        okr.Team(id="all", title=evil), okr.Owner(id="kim", team="all"), okr.Cycle.year(2026), goal, deals
    )
    journal = okr.Journal.of([okr.Entry("check-in", "deals", "kim", "2026-02-01")])
    facts = okr.History.of_columns(["deals"] * 3, okr.weekly("2026-02-01", "2026-02-15"), np.arange(3.0))
    made = okr.review(portfolio, facts, as_of=day, journal=journal)
    text = "\n".join(review_lines(made, ascii=False))
    assert not set("\x1b\r\u202e") & set(text)
    assert "GOALS" in text


def test_the_year_ends_with_the_snapshot_that_the_review_holds() -> None:
    portfolio, facts = story("logistics")
    made = okr.review(portfolio, facts, as_of="2026-06-28")
    year = year_of(made)
    assert year[-1] is made.snapshot
    moments = list(year.as_of)
    again = okr.evaluate_many(portfolio, facts, as_of=moments)
    assert moments == sorted(set(moments))
    assert all(year.scores(one.id) == again.scores(one.id) for one in portfolio.objectives)
