"""A score is written in one way on every surface, and never across a bound that decides a status."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Cycle, History, KeyResult, Objective, Observation, Portfolio, ScoringPolicy, Target
from okrcore.rhythm.goal_rows import goals_grid
from okrcore.scoring.scoring_policy import NOT_PURSUED
from okrcore.scoring.snapshot_text import Look, goal_rows, goal_texts
from okrcore.testing import histories, portfolios

CYCLE = Cycle(id="c", start="2026-01-01", end="2026-12-31")
near = st.sampled_from([0.0, 0.5, 0.7, 0.9, 1.0]).flatmap(lambda at: st.floats(at - 0.006, at + 0.006))
scores = near | st.floats(0, 1)


def shown(text):
    """The number that a text shows, at its end where it only bounds it."""
    return float(text.removeprefix("> ").removeprefix("< ").removesuffix(" %")) / 100


@given(scores, st.just(ScoringPolicy()) | st.from_type(ScoringPolicy))
def test_no_text_crosses_a_bound(score, policy):
    written = shown(policy.score_text(score))
    for bound in policy.score_bounds:
        if score < bound - 1e-12:
            assert written < bound
        else:
            assert written >= round(bound, 2) - 0.005


def surfaces(snapshot, review, page, name):
    """Yield each text in which a surface writes the score of a goal."""
    state = snapshot[name]
    bar = next(row for row in goals_grid(review, 60).rows if row.cells[0].words == name)
    yield "review", bar.cells[3].words
    yield "review bar", bar.cells[2].said
    rows = goal_rows(snapshot.portfolio, snapshot.objectives, snapshot.key_results)
    row = next(row for _, row in rows if row["id"] == name)
    yield "snapshot", goal_texts(row, 0, snapshot.portfolio, Look(), snapshot.scoring)["score"]
    yield "repr", repr(state).rpartition("score ")[2].rstrip(">")
    label = f'aria-label="{html.escape(state.score_text)}'
    yield "page", state.score_text if label in page else page
    if isinstance(state.goal, Objective) or state.progress == state.score:
        yield "card", state.score_text if f" {state.score_text}" in str(state) else str(state)


@settings(max_examples=25)
@given(st.data())
def test_every_surface_writes_the_same(data):
    portfolio = data.draw(portfolios())
    history = data.draw(histories(portfolio))
    as_of = data.draw(st.dates(CYCLE.start, CYCLE.end))
    review = okr.review(portfolio, history, as_of=as_of)
    snapshot, page = review.snapshot, okr.report(review)
    told = [one.id for one in (*portfolio.objectives, *portfolio.key_results)]
    for name in told:
        if snapshot[name].score is not None and snapshot[name].status not in NOT_PURSUED:
            found = dict(surfaces(snapshot, review, page, name))
            assert set(found.values()) == {snapshot[name].score_text}, found


class TestWhatDecides:
    @pytest.mark.parametrize(
        ("value", "as_of", "text"),
        [(69.8, "2027-01-10", "69.8 %"), (89.8, "2026-12-31", "89.8 %"), (49.8, "2026-12-31", "50 %")],
    )
    def test_everywhere(self, value, as_of, text):
        """What is short of .7 or .9 says so; the least coverage decides no score."""
        goal = Objective(id="goal", title="Goal", cycle="c", commitment="aspirational")
        result = KeyResult(id="result", objective="goal", title="Result", measure=Target(0, 100))
        history = History.of([Observation("result", "2026-12-30", value)])
        review = okr.review(Portfolio.of(CYCLE, goal, result), history, as_of=as_of)
        page = okr.report(review)
        for name in ("goal", "result"):
            assert set(dict(surfaces(review.snapshot, review, page, name)).values()) == {text}
        for one in review.decisions_needed:
            assert "of the way" not in one.evidence or f"{text} of the way" in one.evidence

    def test_an_explanation_has_more_digits_but_crosses_no_bound(self):
        goal = Objective(id="goal", title="Goal", cycle="c")
        result = KeyResult(id="result", objective="goal", title="Result", measure=Target(0, 100))
        history = History.of([Observation("result", "2026-12-30", 89.996)])
        snapshot = okr.evaluate(Portfolio.of(CYCLE, goal, result), history, as_of="2026-12-31")
        assert "Score 89.996 %, where 100 % is expected." in str(okr.explain(snapshot, "goal"))
        assert "89.996 % of the way" in " ".join(str(okr.explain(snapshot, "result")).split())

    def test_a_band(self):
        goal = Objective(id="goal", title="Goal", cycle="c")
        band = KeyResult(id="band", objective="goal", title="Band", measure=Band(low=3), cadence="monthly")
        days = [f"2026-{month:02}-28" for month in range(1, 12)]
        history = History.of([Observation("band", day, 5 if at else 1) for at, day in enumerate(days)])
        state = okr.evaluate(Portfolio.of(CYCLE, goal, band), history, as_of="2026-12-01")["band"]
        assert "91 % of its periods kept, so on-track" in " ".join(str(state).lower().split())


def moved(before, after, **fields):
    """The rows of what differs in the number of one key result, between two days."""
    goal = Objective(id="goal", title="Goal", cycle="c")
    result = KeyResult(id="result", objective="goal", title="Result", **{"measure": Target(0, 100), **fields})
    history = History.of(
        [Observation("result", f"2026-0{month}-01", value) for month, value in ((3, before), (4, after))]
    )
    portfolio = Portfolio.of(CYCLE, goal, result)
    then, now = (okr.evaluate(portfolio, history, as_of=f"2026-0{month}-02") for month in (3, 4))
    return [row for row in okr.scoring.compare_snapshots(then, now) if row["what"] in ("value", "score")]


numbers = st.floats(-1e9, 1e9) | st.floats(1.0, 2.0)


class TestWhatMoved:
    @given(numbers, numbers | st.sampled_from([1 + 2.0**-52, 1 - 2.0**-53]))
    def test_a_move_that_is_told_can_be_seen(self, before, after):
        for row in moved(before, before * after if after < 2 else after):
            assert row["before"] != row["after"]

    def test_the_last_bit_is_no_move(self):
        assert moved(0.1 + 0.2, 0.3) == []

    def test_what_moves_by_little_shows_it(self):
        value, *_ = moved(10_987.3, 10_987.4)
        assert (value["before"], value["after"], value["change"]) == ("10,987.3", "10,987.4", "better")


def test_the_card_of_a_cap_tells_what_is_used():
    """A cap over the cycle has no periods to keep."""
    goal = Objective(id="goal", title="Goal", cycle="c")
    cap = KeyResult(
        id="cap",
        objective="goal",
        title="Cap",
        unit="EUR",
        aggregate="sum",
        measure=Band(high=100, over="cycle"),
    )
    history = History.of([Observation("cap", "2026-06-01", 150.0, unit="EUR")])
    state = okr.evaluate(Portfolio.of(CYCLE, goal, cap), history, as_of="2026-07-02")["cap"]
    assert "150 of at most 100 at 50 % of its time, so missed." in str(state)
