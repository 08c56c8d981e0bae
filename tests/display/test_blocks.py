"""One tree of blocks says the same on a terminal, in ASCII and on a page; nothing in it can break out."""

import datetime as dt
import html as html_texts
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.display import blocks, deadline, mark, one_line, percent, points, time_left, tone, width
from okrcore.display.palette import DARK, LIGHT, MIDTONES, ON_DARK, SHAPES, TEXTS, contrast
from okrcore.display.stylesheet import fragment_style, page_style
from okrcore.display.tags import Html, escaped, joined, tag

GOLDEN = Path(__file__).parent / "golden"
EVIL = "a\x1b[31m\x07</td><script>alert(1)</script>\"' onload=x \r\n\u202e\u2028\x9bz&amp;"
WORDS = ("", "on-track", "off-track", "at-risk", "no-data", "early", "draft", "new", "!", "whatever")

plain_words = st.text("abc <>&\"'/", max_size=20)
evil_words = st.one_of(plain_words, st.just(EVIL), st.text(max_size=20))
statuses = st.sampled_from(WORDS)
shares = st.floats(-1, 2)
values = st.one_of(st.none(), st.floats(-1e6, 1e6))


def inks(words):
    says = st.builds(
        blocks.Say, words, st.sampled_from(["plain", "strong", "soft", "code", "late", "number"])
    )
    series = st.lists(st.tuples(values, values, values, statuses), max_size=9)
    pictures = st.one_of(
        st.builds(blocks.Bar, st.one_of(st.none(), shares), st.one_of(st.none(), shares)),
        st.builds(blocks.Whisker, st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 0.9)),
        st.builds(
            blocks.Track,
            planned=st.tuples(shares, shares),
            expected=st.tuples(shares, shares),
            due=shares,
            now=shares,
            label=words,
        ),
        st.builds(blocks.Stack, st.dictionaries(statuses, st.integers(0, 99), max_size=5)),
        st.builds(
            lambda rows, label: blocks.Xmr(
                values=tuple(row[0] for row in rows),
                low=tuple(row[1] for row in rows),
                high=tuple(row[2] for row in rows),
                meanings=tuple(row[3] for row in rows),
                label=label,
            ),
            series,
            words,
        ),
        st.builds(
            blocks.Spark,
            values=st.lists(values, max_size=9).map(tuple),
            label=words,
            status=statuses,
            target=values,
            plan=st.lists(st.tuples(shares, st.floats(-9, 9)), max_size=3).map(tuple),
            fan=st.lists(st.tuples(*[shares] * 5), max_size=3).map(tuple),
        ),
    )
    leaves = st.one_of(says, pictures, st.builds(blocks.Mark, statuses))
    return st.recursive(
        leaves,
        lambda held: st.one_of(
            st.lists(held, max_size=3).map(lambda found: blocks.Lines(*found)),
            st.lists(held, max_size=3).map(lambda found: blocks.Row(*found)),
            st.builds(blocks.Marked, statuses, st.one_of(st.none(), held), st.one_of(st.none(), words)),
        ),
        max_leaves=4,
    )


def steps(words):
    return st.lists(st.tuples(st.integers(0, 4), words, words), max_size=6).map(tuple)


def trees(words):
    cells = inks(words)
    rows = st.one_of(
        st.builds(
            lambda held, word, depth, why: blocks.GridRow(held, word=word, depth=depth, reasons=why),
            st.tuples(cells, cells),
            statuses,
            st.integers(0, 5),
            steps(words),
        ),
        st.builds(blocks.GridRest, words, st.integers(0, 3)),
    )
    columns = st.builds(
        lambda one, other: (blocks.GridColumn(one, yields=True), blocks.GridColumn(other, right=True)),
        words,
        words,
    )
    leaves = st.one_of(
        st.builds(blocks.Para, cells),
        st.builds(blocks.Facts, st.lists(st.tuples(words, cells), max_size=3)),
        st.builds(blocks.Tree, steps(words)),
        st.builds(blocks.Grid, columns=columns, rows=st.lists(rows, max_size=4), caption=words, more=words),
        st.builds(
            blocks.Items,
            st.lists(
                st.builds(
                    blocks.AskedItem,
                    verb=words,
                    asks=words,
                    evidence=words,
                    owner=words,
                    due=words,
                    left=words,
                    late=st.booleans(),
                    word=statuses,
                    news=words,
                    reasons=steps(words),
                ),
                max_size=3,
            ),
            words,
        ),
    )
    return st.recursive(
        leaves,
        lambda held: st.one_of(
            st.builds(blocks.Two, held, held),
            st.builds(
                lambda title, inner, lede: blocks.Section(title, inner, name="part", lede=lede),
                words,
                st.lists(held, max_size=3),
                words,
            ),
        ),
        max_leaves=4,
    )


class Read(HTMLParser):
    """Reads HTML strictly: what opens closes in its order, and nothing acts or leaves the page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.said, self.tags = [], [], set()
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("href", "src", "style")
            self.said.append(value or "")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.said.append(data)


TAGS = {
    *("b", "br", "caption", "circle", "code", "dd", "details", "div", "dl", "dt", "h2", "h3", "li", "line"),
    *("ol", "p", "path", "rect", "section", "small", "span", "strong", "summary", "svg", "table", "tbody"),
    *("td", "th", "thead", "tr", "ul"),
}


class TestEveryTree:
    @given(trees(evil_words))
    def test_no_text_breaks_out_of_a_page(self, tree):
        drawn = blocks.html(tree)
        read = Read(drawn)
        assert read.tags <= TAGS
        assert one_line(drawn) == drawn

    @given(trees(evil_words), st.integers(40, 120))
    def test_no_text_moves_a_cursor(self, tree, columns):
        for line in blocks.text(tree, columns).split("\n"):
            assert one_line(line) == line
            assert line == line.rstrip()

    @given(trees(plain_words), st.integers(60, 120))
    def test_lines_fit_and_ascii_is_ascii(self, tree, columns):
        drawn = blocks.text(tree, columns, ascii=True)
        assert drawn.isascii()
        assert all(width(line) <= columns for line in drawn.split("\n"))
        assert len(drawn.split("\n")) == len(blocks.text(tree, columns).split("\n"))

    @given(st.lists(st.tuples(st.integers(0, 9), plain_words, plain_words), max_size=30))
    def test_a_tree_says_its_steps_in_their_order(self, found):
        read = Read(blocks.html(blocks.Tree(found)))
        assert [text for text in read.said if text] == [
            text for _, head, said in found for text in (head, said) if text
        ]

    def test_a_deep_tree_has_no_limit(self):
        chain = [(depth, f"step {depth}", "") for depth in range(5000)]
        assert blocks.html(blocks.Tree(chain)).count("<ul>") == 5000


SMALL = {
    "mark": blocks.Para(blocks.Row(*(blocks.Mark(word) for word in ("met", "watch", "worse", "?", "early")))),
    "say": blocks.Para(
        blocks.Row(
            blocks.Say("plain"),
            blocks.Say("5 < 6", "strong"),
            blocks.Say("less", "soft"),
            blocks.Say("hall-2", "code"),
            blocks.Say("36 d overdue", "late"),
            blocks.Say("59 %", "number"),
        )
    ),
    "marked": blocks.Para(
        blocks.Lines(blocks.Marked("worse"), blocks.Marked("off-track", blocks.Say("throughput", "code")))
    ),
    "bar": blocks.Para(blocks.Row(blocks.Bar(0.494, 0.758), blocks.Bar(0.998), blocks.Bar(None, 0.5))),
    "spark": blocks.Para(
        blocks.Spark(
            values=(0.0, 0.2, None, 0.5),
            across=(0.0, 0.25, 0.5, 0.75),
            target=1.0,
            plan=((0.0, 0.0), (1.0, 1.0)),
            fan=((0.75, 0.5, 0.5, 0.5, 0.5), (1.0, 0.4, 0.8, 0.5, 0.7)),
            status="off-track",
            label="throughput: off-track, 49 % of the way",
        )
    ),
    "xmr": blocks.Para(
        blocks.Xmr(
            values=(1.0, 2.0, 9.0, 4.0, 4.5),
            low=(0.0, 0.0, 0.0, 3.0, 3.0),
            high=(4.0, 4.0, 4.0, 6.0, 6.0),
            meanings=("", "", "concern", "", ""),
            label="lanes: worsening",
        )
    ),
    "whisker": blocks.Para(blocks.Whisker(0.63, 0.27, 0.83, 0.3)),
    "track": blocks.Para(
        blocks.Track(planned=(0.0, 0.4), expected=(0.0, 0.55), due=0.4, now=0.55, label="hall-2: 37 d late")
    ),
    "stack": blocks.Para(blocks.Stack({"off-track": 12, "missed": 2, "no-data": 31, "on-track": 40})),
    "grid": blocks.Grid(
        columns=(
            blocks.GridColumn("goal", "name", on="text"),
            blocks.GridColumn("Goal, owner", "name", on="page"),
            blocks.GridColumn("score", "bar", right=True),
        ),
        rows=[
            blocks.GridRow(
                [
                    "peak-season",
                    blocks.Lines(blocks.Say("Deliver", "strong"), blocks.Say("md", "soft")),
                    "59 %",
                ],
                word="off-track",
                strong=True,
                reasons=[(0, "", "Score 59 %."), (1, "[!] key result", "49 %.")],
            ),
            blocks.GridRow(["pilot-steps", "The new calibration", "100 %"], word="achieved", depth=1),
            blocks.GridRest("and 4 more: 1 off-track, 3 at-risk", 1),
        ],
        caption="Goals",
        kind="goals",
        more="2 of 9 shown.",
    ),
    "tracks": blocks.Grid(
        columns=(
            blocks.GridColumn("milestone", "name"),
            blocks.GridColumn("title", titled=False),
            blocks.GridColumn("when", "pic", picture=blocks.Ruler([(0.1, "Jun"), (0.8, "Sep")], now=0.5)),
        ),
        rows=[
            blocks.GridRow(
                [
                    "hall-2",
                    "Hall 2",
                    blocks.Track(
                        planned=(0.1, 0.4), expected=(0.1, 0.5), due=0.4, now=0.5, label="hall-2: 9 d late"
                    ),
                ]
            )
        ],
        caption="Outline: as planned.",
        kind="tracks",
        shows_caption=True,
    ),
    "items": blocks.Items(
        [
            blocks.AskedItem(
                verb="answer",
                asks="Hall 2 is 37 days late: how is the peak covered?",
                about="Recalibrate hall 2",
                evidence="Pushes hall-3 by 24 d.",
                owner="head-of-operations",
                due="Sat 29 Aug 24:00",
                left="36 d overdue",
                late=True,
                word="!",
                news="new",
                reasons=[(0, "", "hall-2 was due 2026-08-28.")],
            ),
            blocks.AskedItem(verb="check in", asks="How many are trained?", word="?"),
        ],
        "2 of 26 shown: head-of-network 5.",
    ),
    "tree": blocks.Tree([(0, "objective o", "Score 59 %."), (1, "key result k", ""), (1, "", "5 < 6.")]),
    "para": blocks.Para("Both objectives are off-track.", "headline"),
    "facts": blocks.Facts([("From", "history 206:b4"), ("nothing", blocks.Say("")), ("policy", "standard")]),
    "two": blocks.Two(
        blocks.Section("24 h clocks", [blocks.Para("None runs.")], name="clocks"),
        blocks.Section("Changes", [blocks.Para("None.")], name="changes", aside="by when", frame="p"),
    ),
    "section": blocks.Section(
        "Needs a decision",
        [blocks.Para("Nothing.")],
        name="decide",
        lede="Overdue first.",
        aside="who, by when",
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_each_block_as_it_was_looked_at(name):
    """Golden texts; where a change is meant, look at it and run `python -m tests.display.golden`."""
    expected = (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert surfaces(name) == expected


def test_every_block_was_looked_at():
    """Whatever can be drawn stands in a small case, on a terminal, in ASCII and on a page."""

    def kinds(value):
        if isinstance(value, tuple):
            return set().union(*map(kinds, value))
        if not attrs.has(type(value)):
            return set()
        held = (getattr(value, field.name) for field in attrs.fields(type(value)))
        return {type(value).__name__}.union(*map(kinds, held))

    drawn = {name for name in dir(blocks) if attrs.has(getattr(blocks, name))}
    assert len(drawn) > 20
    assert drawn - set().union(*map(kinds, SMALL.values())) == set()


def surfaces(name):
    """Return a small case on a terminal, in ASCII and on a page, tags on lines of their own."""
    tree = SMALL[name]
    page = re.sub(r"(?=<(?!/|br))", "\n", blocks.html(tree)).strip()
    parts = (blocks.text(tree), blocks.text(tree, ascii=True), page)
    return "\n\n".join(parts) + "\n"


class TestTags:
    @given(evil_words)
    def test_what_is_escaped_reads_as_it_was(self, text):
        assert html_texts.unescape(escaped(text)) == one_line(text)
        assert escaped(escaped(text)) == escaped(text)
        assert tag("p", text) == joined("", tag("p", escaped(text)))

    @given(st.floats(-1e5, 1e5))
    def test_coordinates_are_rounded(self, value):
        found = re.search(r'x="(.*?)"', tag("rect", x=value))[1]
        assert abs(float(found) - value) <= 0.5 * max(1, abs(value) * 1e-5)
        assert len(found) <= 8
        assert found != "-0"

    @pytest.mark.parametrize("place", ["javascript:alert(1)", "//example.org", "https://x", "x#y"])
    def test_no_link_leaves_the_page(self, place):
        with pytest.raises(ValueError, match="but must be a place on the page"):
            tag("a", "x", href=place)
        assert tag("a", "x", href="#goals") == '<a href="#goals">x</a>'

    def test_text_that_looks_like_html_is_not_html(self):
        assert isinstance(tag("p"), Html)
        assert tag("p", str(tag("b", "x"))[:]) == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


class TestColours:
    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
    def test_texts_and_shapes_can_be_seen(self, theme):
        for name in TEXTS:
            assert contrast(theme[name], theme["paper"]) >= 4.5, name
            assert contrast(theme[name], theme["wash"]) >= 4.5, name
        for name in SHAPES:
            assert contrast(theme[name], theme["paper"]) >= 3, name
        assert contrast(theme["paper"], theme["bad"]) >= 4.5  # the sign on its fill

    def test_midtones_can_be_seen_on_any_background(self):
        for name in ("good", "bad", "doubt", "none", "data", "fill"):
            assert min(contrast(MIDTONES[name], paper) for paper in (LIGHT["paper"], ON_DARK)) >= 3, name
        assert contrast(MIDTONES["on"], MIDTONES["bad"]) >= 3

    def test_both_themes_say_the_same(self):
        assert list(LIGHT) == list(DARK)
        assert {*TEXTS, *SHAPES} < {*LIGHT}

    def test_styles_take_every_colour_from_the_palette(self):
        for path in (files("okrcore") / "data" / "look").iterdir():
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])", path.read_text("utf-8"))
        known = {*LIGHT.values(), *DARK.values(), *MIDTONES.values()}
        for style, colours in ((page_style(), LIGHT), (fragment_style(), MIDTONES)):
            assert {*re.findall(r"#[0-9a-fA-F]{6}", style)} <= known
            assert {*re.findall(r"var\(--(\w+)\)", style)} <= {*colours}
            assert not re.search(r"url\(|@import|http|/\*", style)
            assert style.count("{") == style.count("}")


class TestWordsAndNumbers:
    def test_every_word_with_a_sign_has_a_tone(self):
        signs = {"+": "good", "~": "doubt", "!": "bad", "?": "none", ".": "calm", "-": "calm"}
        for word in (*WORDS, "in force", "escalated", "warning", "resolved"):
            assert tone(word) == signs.get(mark(word), "")

    @given(st.one_of(st.floats(0, 1), st.floats(0.99, 1), st.floats(0, 0.01)))
    def test_a_share_is_never_rounded_onto_an_end(self, share):
        shown = percent(share)
        assert (shown == "0 %") == (share <= 1e-12)
        assert (shown == "100 %") == (share >= 1 - 1e-12)
        assert "." not in shown

    @given(st.floats(-3, 3))
    def test_points_are_whole_and_signed(self, change):
        shown = points(change)
        assert abs(int(shown) - change * 100) <= 0.5 + 1e-9
        assert shown == "0" or shown[0] in "+-"

    @given(st.timedeltas(dt.timedelta(days=-400), dt.timedelta(days=400)))
    def test_hours_until_two_days_then_days(self, left):
        *_, unit, word = time_left(left).split()
        assert (unit == "h") == (abs(left) < dt.timedelta(hours=48))
        assert word == ("overdue" if left < dt.timedelta(0) else "left")
        assert (time_left(left).startswith("0 ")) == (not left)

    @given(st.datetimes(timezones=st.just(dt.UTC)))
    def test_a_deadline_at_midnight_is_the_end_of_the_day_before(self, due):
        whole = due.replace(hour=0, minute=0, second=0, microsecond=0)
        assert deadline(whole) == f"{deadline(whole - dt.timedelta(minutes=1)).rsplit(' ', 1)[0]} 24:00"
        assert deadline(due.replace(hour=9, minute=5)).endswith(" 09:05")
