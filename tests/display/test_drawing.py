"""What is drawn stays in its place: widths, alignment, escaping, numbers with digits enough."""

import datetime as dt
import math
import re
import unicodedata
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.display import (
    Table,
    apart,
    bar,
    blocks,
    cell,
    clipped,
    figure,
    grid,
    number,
    one_line,
    outline,
    percent,
    spark,
    width,
    wrapped,
)
from okrcore.scoring.scoring_policy import STATUSES, ZONES
from okrcore.scoring.snapshot_text import Look, health
from tests.support.strategies import CYCLE, days, histories, portfolios

texts = st.text(st.characters(codec="utf-8"), max_size=30)
words = st.one_of(texts, st.text("漢字かなÄé\u0301😀 ab", max_size=30))
numbers = st.floats(-1e12, 1e12, allow_nan=False)
shares = st.one_of(st.none(), st.floats(-2, 3))
EVIL = "a\x1b[31m\x07</td><script>alert(1)</script>\r\n\u202e\u2028\x9bz"


def is_drawn(text: str) -> bool:
    return not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in text)


SHOWN = {"div", "style", "p", "dl", "table", "caption", "thead", "tbody", "tr", "th", "td"}
SHOWN |= {"span", "b", "strong", "small", "code", "svg", "path", "rect", "circle"}


class Tags(HTMLParser):
    """Collects tags and sees that they close in order."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.open = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "br":
            assert self.open.pop() == tag


class TestText:
    @given(texts)
    def test_one_line_moves_no_cursor_and_keeps_letters(self, text):
        assert is_drawn(one_line(text))
        assert len(one_line(text).splitlines()) <= 1
        if text.isprintable():
            assert one_line(text) == text

    @given(words, st.integers(3, 40))
    def test_clipped_fits(self, text, columns):
        assert width(clipped(text, columns)) <= columns
        if width(one_line(text)) <= columns:
            assert clipped(text, columns) == one_line(text)

    @given(words, st.integers(1, 40))
    def test_wrapped_keeps_every_word(self, text, columns):
        lines = wrapped(text, columns)
        assert " ".join(lines).split() == one_line(text).split()
        assert all(width(line) <= columns or len(line.split()) == 1 for line in lines)

    @given(st.lists(st.tuples(words, words), min_size=1, max_size=5))
    def test_grid_aligns_wide_letters(self, rows):
        left, right = ([one_line(row[at]) + "|" for row in rows] for at in (0, 1))
        lines = grid({"left": left, "mark": ["#"] * len(rows), "right": right})
        assert len({width(line[: line.rindex("#  ")]) for line in lines[1:]}) == 1

    @given(numbers, numbers)
    def test_numbers_that_differ_look_different(self, a, b):
        assume(abs(a - b) > 1e-12)
        assert len(set(apart(a, b))) == 2

    @given(numbers, st.integers(3, 12))
    def test_figures_are_near(self, number, digits):
        text = figure(number, digits).replace(",", "")
        assert math.isclose(float(text), number, rel_tol=0.5 * 10 ** (1 - digits) * 1.01, abs_tol=1e-300)

    @given(st.integers(-(10**14), 10**14))
    def test_whole_figures_are_exact(self, number):
        assert int(figure(float(number)).replace(",", "")) == number

    @given(shares.filter(lambda share: share is not None), st.floats(0.01, 1))
    def test_a_share_never_reads_as_having_reached_what_it_is_short_of(self, share, bound):
        told = percent(share, bound).removesuffix(" %")
        shown = float(told.removeprefix("> ").removeprefix("< "))
        assert abs(shown - share * 100) <= (0.5 if told[0] not in "<>" else 1)
        for one in (bound, 1.0):
            if share < one - 1e-12:
                assert shown < round(one * 100, 10)

    @given(st.floats(0.9, 1))
    def test_what_is_short_of_one_never_reads_as_one(self, share):
        whole = share >= 1 - 1e-12
        for text in (number(share), figure(share), cell(share)):
            assert (float(text) == 1) == whole
        assert (percent(share) == "100 %") == whole
        assert ("." in bar(share)) != whole

    @given(st.one_of(numbers, st.sampled_from([-0.0, -1e-9, 999.96, 9.996, 999.5, -999.96])))
    def test_equal_texts_for_equal_numbers_and_no_minus_zero(self, value):
        shown = number(value)
        assert not (float(shown.replace(",", "")) == 0 and shown.startswith("-"))
        assert number(float(shown.replace(",", ""))) == shown
        assert not percent(value / 1e12).startswith("-0 ")


class TestDrawing:
    @given(shares, shares, st.integers(1, 30), st.booleans())
    def test_bars_have_their_length(self, share, due, length, blocks):
        assert len(bar(share, due, length, blocks=blocks)) == length
        assert bar(share, due, length).isascii()

    @given(st.lists(st.one_of(st.none(), numbers), max_size=50), st.booleans())
    def test_sparks_have_one_sign_a_value_and_rise_with_it(self, values, blocks):
        drawn = spark(values, blocks=blocks)
        assert [sign == " " for sign in drawn] == [value is None for value in values]
        signs = "▁▂▃▄▅▆▇█" if blocks else "_.-=+*%#"
        known = [value for value in values if value is not None]
        levels = [signs.index(sign) for sign in drawn if sign != " "]
        assert levels == [level for _, level in sorted(zip(known, levels, strict=True))] or known != sorted(
            known
        )

    @given(st.lists(st.tuples(st.integers(0, 4), words, words), max_size=12))
    def test_outlines_are_escaped_and_closed(self, steps):
        tree = [(0, "root", "")]
        for depth, head, text in steps:
            tree.append((max(1, min(depth, tree[-1][0] + 1)), head, text))
        tags = Tags(blocks.html(blocks.Tree(tree)))
        assert not tags.open
        assert tags.seen <= {"ul", "li", "b", "br"}
        assert all(is_drawn(line) for line in outline(tree))

    def test_tables_are_escaped(self):
        table = Table({EVIL: np.array([EVIL, None], dtype=object)})
        assert Tags(table._repr_html_()).seen <= SHOWN
        assert all(is_drawn(line) for line in table.lines())


class TestScreens:
    @given(st.sampled_from([0.9, 0.7, 1.0]), st.floats(1e-9, 4e-3))
    def test_a_score_is_never_shown_beyond_the_bound_that_decided_its_status(self, bound, short):
        goal = okr.Objective(id="o", title="O", cycle=CYCLE.id)
        result = okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 100))
        p = okr.Portfolio.of(CYCLE, goal, result)
        h = okr.History.of([okr.Observation("k", CYCLE.start, 100 * (bound - short))])
        policy = okr.ScoringPolicy(pace="absolute")
        line = next(
            one for one in okr.evaluate(p, h, as_of=CYCLE.start, scoring=policy).lines() if " k " in one
        )
        score, value = (float(text) for text in re.findall(r"[\d.]+(?= %)|[\d.]+$", line.rstrip()))
        assert score < bound * 100
        assert value < 100

    def test_nothing_is_gone_at_the_start_of_what_falls(self):
        assert math.copysign(1, okr.progress(okr.Target(20, 4), 20)) == 1

    @given(st.data(), days, st.sampled_from([60, 80, 100]))
    def test_a_snapshot_fits_and_names_every_goal_once(self, data, day, columns):
        portfolio = data.draw(portfolios())
        snapshot = okr.evaluate(portfolio, data.draw(histories(portfolio)), as_of=day)
        lines = snapshot.lines(Look(columns=columns))
        assert max(map(width, lines)) <= columns
        rows = [line.split() for line in lines]
        for goal in [*portfolio.objectives, *portfolio.key_results]:
            assert sum(goal.id in row[:2] for row in rows) == 1

    @given(st.integers(1, 400), st.sampled_from([60, 80, 100]))
    def test_health_fits_any_number_of_moments(self, count, columns):
        moments = [dt.date(2026, 1, 4) + dt.timedelta(days=7 * at) for at in range(count)]
        row = ("a-goal", [0.5] * count, ["on-track"] * (count - 1) + ["missed"], 0.0, 1.0)
        head, line = health(moments, [row], Look(columns=columns))
        assert max(len(head), len(line)) <= columns
        assert line.startswith("!")
        assert line.split()[-2].endswith("!")  # the last moment is always there

    def test_hostile_titles_and_units(self):
        goal = okr.Objective(id="o", title=EVIL, cycle=CYCLE.id)
        result = okr.KeyResult(id="<k>", objective="o", title=EVIL, measure=okr.Target(0, 1))
        kpi = okr.Kpi(id="&kpi", title=EVIL)
        work = okr.Initiative(id="<i>", title=EVIL)
        portfolio = okr.Portfolio.of(CYCLE, goal, result, kpi, work)
        snapshot = okr.evaluate(portfolio, okr.History.of(), as_of=CYCLE.end)
        trend = okr.evaluate_many(portfolio, okr.History.of(), as_of=[CYCLE.start, CYCLE.end])
        assert all(map(is_drawn, [*snapshot.lines(), *trend.lines()]))
        for html in (snapshot._repr_html_(), trend._repr_html_()):
            assert Tags(html).seen <= SHOWN

    def test_many_goals_are_cut_with_a_word(self):
        goals = [okr.Objective(id=f"o{n:03}", title="", cycle=CYCLE.id) for n in range(100)]
        snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, *goals), okr.History.of(), as_of=CYCLE.end)
        assert "... 40 more" in str(snapshot)
        assert len(str(snapshot).splitlines()) < 70

    def test_nothing_is_declared(self):
        snapshot = okr.evaluate(okr.Portfolio.of(), okr.History.of(), as_of="2026-01-01")
        assert str(snapshot) == "As of 2026-01-01: nothing is declared."
        assert str(okr.evaluate_many(okr.Portfolio.of(), okr.History.of(), as_of=[])) == ""

    @pytest.mark.parametrize("moment", ["2026-03-31", "2026-03-31T12:00:00+00:00"])
    def test_a_trend_draws_dates_and_instants(self, moment):
        goal = okr.Objective(id="o", title="", cycle=CYCLE.id)
        trend = okr.evaluate_many(okr.Portfolio.of(CYCLE, goal), okr.History.of(), as_of=[moment])
        assert str(trend).splitlines()[-1].split() == ["?", "o", "?", "no-data"]


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("Ä", 1), ("😀", 2), ("", 0)]
)
def test_widths(text, columns):
    assert width(text) == columns


class TestWords:
    @given(st.text(min_size=1, max_size=9))
    def test_a_policys_words_are_statuses_and_zones_alone(self, word):
        known = {*STATUSES, *ZONES, "recovering"}
        if word in known:
            assert okr.ScoringPolicy(words={word: "x"}).word(word) == "x"
        else:
            with pytest.raises(okr.DefinitionError, match="but must have statuses and zones alone"):
                okr.ScoringPolicy(words={word: "x"})

    def test_a_snapshot_speaks_the_words_of_its_policy(self):
        p = okr.Portfolio.of(CYCLE, okr.Objective(id="o", title="O", cycle=CYCLE.id))
        policy = okr.ScoringPolicy(words={"no-data": "nobody knows"})
        assert "nobody knows" in str(okr.evaluate(p, okr.History.of(), as_of=CYCLE.start, scoring=policy))
