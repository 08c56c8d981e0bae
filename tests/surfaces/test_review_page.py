"""The page of a review: what it shows and leaves out, that nothing breaks out, how it opens and prints."""

from __future__ import annotations

import datetime as dt
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.display import one_line
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.stories import story
from tests.support.browser import AXE_CHECK, OPEN, Look, asked, axe, sheets
from tests.support.poisoned import EVIL, poisoned_week
from tests.support.real_catalogues import ABSENT, DATA, real
from tests.support.strategies import days, histories, portfolios

GOLDEN = Path(__file__).parent / "golden" / "review_page.html"
AS_OF, CITY = "2026-10-04", "nyc_mmr"
NOT_MADE = dict.fromkeys(("findings", "conflicts", "decisions", "evidence", "dips", "actions"), ())


@cache
def page_of(name: str, journal: okr.Journal | None = None) -> str:
    if name == "evil":
        return okr.report(poisoned_week(), title=EVIL)
    if name == CITY and not DATA.exists():
        pytest.skip(ABSENT)
    found = real(name)
    before = dt.date.fromisoformat(found.as_of) - dt.timedelta(days=7)
    last = okr.review(found.portfolio, found.history, as_of=before, journal=journal)
    week = okr.review(found.portfolio, found.history, as_of=found.as_of, journal=journal, previous=last)
    return okr.report(week)


def wide(objectives: int, results: int, *, teams: int = 4) -> tuple[okr.Portfolio, okr.History]:
    """Return so many objectives with so many key results each, from far behind to done, and their values."""
    made: list[object] = [
        okr.Cycle.year(2026),
        *(okr.Team(id=f"t{n}", title=f"Team {n}") for n in range(teams)),
    ]
    ids, values = [], []
    for one in range(objectives):
        made.append(
            okr.Objective(id=f"o{one}", title=f"Objective {one}", cycle="2026", team=f"t{one % teams}")
        )
        for other in range(results):
            name = f"o{one}k{other}"
            made.append(okr.KeyResult(id=name, objective=f"o{one}", title=name, measure=okr.Target(0, 100)))
            for week in range(8):
                ids.append(name)
                values.append((week + 1) * (2 + (one * results + other) % 11))
    weeks = okr.weekly("2026-01-04", "2026-02-22")
    days = list(weeks) * (objectives * results)
    return okr.Portfolio.of(*made), okr.History.of_columns(ids, days, np.array(values, dtype=float))


def reviewed(portfolio: okr.Portfolio, history: okr.History, as_of: str = "2026-09-01") -> okr.Review:
    return okr.review(portfolio, history, as_of=as_of, parts=NOT_MADE)


def small_page() -> str:
    """Return the page of one goal, without its style, each element on a line of its own."""
    goal = okr.Objective(id="grow", title="Grow <fast>", cycle="2026", owner="kim", team="all")
    deals = okr.KeyResult(id="deals", objective="grow", title="20 deals", measure=okr.Target(0, 20))
    firm = okr.Team(id="all", title="A & B"), okr.Owner(id="kim")
    made = okr.Portfolio.of(*firm, okr.Cycle.year(2026), goal, deals)
    days = okr.weekly("2026-01-04", "2026-02-22")
    history = okr.History.of_columns(["deals"] * 8, days, [0.0, 0, 1, 1, 2, 2, 3, 3])
    page = okr.report(reviewed(made, history, "2026-03-15"))
    page = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    return re.sub(r"(?=<(?!/|br))", "\n", page)


class Page(HTMLParser):
    """Reads a page strictly: what opens closes in its order; keeps rows by table, headings, ids and links."""

    VOID = ("meta", "br", "link")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.rows: dict[str, list[list[str]]] = {}
        self.kinds: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.summaries = 0
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        assert not [name for name in given if name.startswith("on") or name in ("src", "style", "action")]
        if "id" in given:
            self.ids.append(given["id"] or "")
        if "href" in given:
            self.links.append(given["href"] or "")
        if tag == "table":
            self.kinds.append((given["class"] or "").split()[0])
        if tag == "tr" and "tbody" in self.open:
            self.rows.setdefault(self.kinds[-1], []).append([])
        if tag in ("th", "td") and "tbody" in self.open:
            self.rows[self.kinds[-1]][-1].append("")
        if re.fullmatch(r"h\d", tag):
            self.headings.append(tag)
        self.summaries += tag == "summary"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "tbody" in self.open and self.kinds and self.rows.get(self.kinds[-1]):
            self.rows[self.kinds[-1]][-1][-1] += data


class TestWhatItShows:
    @pytest.mark.parametrize("name", ["logistics", "software"])
    def test_every_part_of_a_story_is_there_once_and_linked(self, name: str) -> None:
        page = Page(page_of(name))
        assert len(page.ids) == len(set(page.ids))
        assert {link.removeprefix("#") for link in page.links} <= {*page.ids}
        parts = ["decide", "changes", "goals", "kpis", "links", "conflicts", "slips", "findings"]
        assert [one for one in page.ids if not one.endswith("-h")] == parts
        assert page.headings[0] == "h1"
        assert page.headings.count("h1") == 1

    @pytest.mark.parametrize("name", ["logistics", "software"])
    def test_numbers_are_those_of_the_review(self, name: str) -> None:
        portfolio, history = story(name)
        snapshot = okr.evaluate(portfolio, history, as_of=AS_OF)
        rows = {row[0]: row for row in Page(page_of(name)).rows["goals"]}
        for goal in (*portfolio.objectives, *portfolio.key_results):
            row = next(row for head, row in rows.items() if head[1:].startswith(goal.title))
            state = snapshot[goal.id]
            assert row[2].strip() == state.score_text
            assert row[-1].startswith(state.status)
        kpis = " ".join(" ".join(row) for row in Page(page_of(name)).rows["kpis"])
        assert all(kpi.title in kpis for kpi in portfolio.kpis)

    @pytest.mark.parametrize("name", ["logistics", "software"])
    def test_what_is_asked_is_told_whole_and_by_its_title(self, name: str) -> None:
        portfolio, history = story(name)
        texts = re.findall(r'class="(?:q|about|ev)">(.*?)</', page_of(name))
        assert texts
        assert not [one for one in texts if one.endswith("...")]
        week = okr.review(portfolio, history, as_of=AS_OF)
        alone = [one.subjects[0] for one in week.decisions_needed if one.kind in ("goal", "dip", "check-in")]
        assert alone
        assert all(portfolio[one].title in " ".join(texts) for one in alone)

    def test_each_goal_opens_the_reason_that_explain_gives(self) -> None:
        portfolio, history = story("logistics")
        snapshot = okr.evaluate(portfolio, history, as_of=AS_OF)
        text = re.sub(r"<[^>]+>", "", page_of("logistics"))
        for goal in portfolio.key_results:
            first = okr.explain(snapshot, goal.id).sentence.partition(". ")[0]
            assert first in text, first

    def test_clocks_of_a_missed_milestone_say_what_was_answered(self) -> None:
        ends = [
            okr.Milestone(id="hall", initiative="move", title="Hall", due="2026-02-01", owner="ann"),
            okr.Milestone(
                id="peak",
                initiative="move",
                title="Peak",
                start="2026-02-02",
                due="2026-02-10",
                owner="bob",
                after=(okr.Dependency("hall"),),
            ),
        ]
        people = [okr.Owner(id="ann", team="build"), okr.Owner(id="bob", team="run")]
        made = okr.Portfolio.of(
            okr.Team(id="build"),
            okr.Team(id="run", lead="bob"),
            *people,
            okr.Initiative(id="move", title=""),
            *ends,
        )
        told = okr.Entry("notice", "hall", "ann", "2026-02-02", team="run")
        week = okr.review(made, okr.History.of(), as_of="2026-02-20", journal=okr.Journal.of([told]))
        (row,) = Page(okr.report(week)).rows["clocks"]
        assert row[0] == "run hallbob"
        assert row[1].startswith("+ met2026-02-02: ann")
        assert row[2].startswith("! overdue")
        assert "overdue" in row[2].removeprefix("! overdue")

    def test_an_empty_portfolio_says_so_and_has_no_empty_table(self) -> None:
        page = okr.report(okr.review(okr.Portfolio.of(), okr.History.of(), as_of=AS_OF))
        read = Page(page)
        assert "Nobody has to decide anything." in page
        assert "table" not in read.tags

    def test_a_small_page_is_as_it_was_looked_at(self) -> None:
        """Where a change is meant, look at it and write the file anew from `small_page`."""
        assert small_page() == GOLDEN.read_text("utf-8")


@given(st.data(), days)
@settings(max_examples=20)
def test_any_portfolio_is_reported_whole(data: st.DataObject, day: dt.date) -> None:
    portfolio = data.draw(portfolios())
    history = data.draw(histories(portfolio))
    last = okr.review(portfolio, history, as_of="2020-12-20")
    text = okr.report(okr.review(portfolio, history, as_of=day, previous=last))
    heads = [row[0] for row in Page(text).rows.get("goals", [])]
    goals = [*portfolio.objectives, *portfolio.key_results]
    assert len(heads) == len(goals) or len(goals) > 60


class TestCaps:
    @pytest.mark.parametrize(("objectives", "results"), [(4, 12), (30, 5), (120, 4)])
    def test_what_is_left_out_is_counted(self, objectives: int, results: int) -> None:
        text = okr.report(reviewed(*wide(objectives, results)))
        rows = Page(text).rows["goals"]
        assert len(rows) <= 60
        total = objectives * results
        if objectives + total <= 60:
            assert len(rows) == objectives + total
            return
        heads = [row[0] for row in rows if len(row) > 1]
        leads = sum(head.startswith("!Objective") or "Objective" in head for head in heads)
        under = len(heads) - leads
        rest = [row[0] for row in rows if len(row) == 1]
        counted = sum(int(number) for one in rest for number in re.findall(r"and (\d+) more", one))
        assert under + counted == leads * results
        left = re.search(r"And (\d+) objectives?:", text)
        assert (int(left[1]) if left else 0) + leads == objectives

    def test_sizes_follow_the_caps(self) -> None:
        fifty = okr.report(reviewed(*wide(5, 9)))
        assert len(fifty.encode()) < 250_000
        for name in ("logistics", "software"):
            assert len(page_of(name).encode()) < 100_000
        many = okr.report(reviewed(*wide(100, 20, teams=30)))
        assert len(many.encode()) < 250_000
        assert len(Page(many).rows["teams"]) == 15
        assert "15 of 30 teams" in many


class TestNothingBreaksOut:
    def test_whatever_stands_in_its_texts(self) -> None:
        text = page_of("evil")
        read = Page(text)  # strict, without handlers, styles and sources
        assert read.tags <= Page(page_of("software")).tags | Page(page_of("logistics")).tags
        assert "alert(1)" in text
        assert "{{7*7}}" in text
        for line in text.split("\n"):
            assert one_line(line) == line

    @pytest.mark.parametrize("name", ["logistics", "software", "evil"])
    def test_no_script_and_no_request(self, name: str) -> None:
        text = page_of(name)
        for word in ("<script", "url(", "@import", "<link", "<img", "<iframe", "src="):
            assert word not in text, word
        assert "http" not in text
        assert all(link.startswith("#") for link in Page(text).links)

    @pytest.mark.parametrize("frame", ["{{", "{% include 'x' %}", "{{ 1/0 }}", "{{ nothing }}"])
    def test_a_frame_that_cannot_be_drawn_is_named_with_its_reason(self, frame: str) -> None:
        week = okr.review(okr.Portfolio.of(), okr.History.of(), as_of="2026-10-04")
        with pytest.raises(okr.DefinitionError, match=r"frame cannot be drawn .*title.*body.*; correct it"):
            okr.report(week, frame=frame)

    def test_what_is_no_review_is_refused(self) -> None:
        with pytest.raises(okr.DefinitionError, match="must be a Review"):
            okr.report(None)  # type: ignore[arg-type]

    def test_a_host_brings_its_own_frame(self) -> None:
        portfolio, history = story("logistics")
        week = okr.review(portfolio, history, as_of=AS_OF, parts=NOT_MADE)
        text = okr.report(week, title="<b>", frame="<main>{{ title }}|{{ body }}</main>")
        assert text.startswith("<main>&lt;b&gt;|<section")

    def test_without_jinja_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "jinja2", None)
        with pytest.raises(okr.MissingExtraError, match=r"okrcore\[report\]"):
            okr.report(okr.review(okr.Portfolio.of(), okr.History.of(), as_of=AS_OF))


class TestCommand:
    def test_it_writes_one_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        goals, out = tmp_path / "goals.okr.yaml", tmp_path / "week.html"
        okr.dump(
            okr.Portfolio.of(okr.Cycle.year(2026), okr.Objective(id="o", title="O", cycle="2026")), goals
        )
        arguments = ["report", str(goals), "--as-of", "2026-03-01", "--title", "A firm"]
        assert main([*arguments, "-o", str(out)]) == 0
        assert capsys.readouterr().out == ""
        Page(out.read_text("utf-8"))
        assert main(arguments) == 0
        assert capsys.readouterr().out.strip() == out.read_text("utf-8").strip()

    def test_a_previous_review_that_is_none_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        goals, last = tmp_path / "goals.okr.yaml", tmp_path / "last.json"
        okr.dump(okr.Portfolio.of(okr.Cycle.year(2026)), goals)
        last.write_text("[]", "utf-8")
        assert main(["report", str(goals), "--as-of", "2026-03-01", "--previous", str(last)]) == 2
        assert "okrcore review --format json" in capsys.readouterr().err


COVERED = """
const found=[];
for(const more of document.querySelectorAll('tbody .more')){
  const box=more.getBoundingClientRect(), row=more.closest('tr'), table=row.closest('table');
  if(box.width<200&&box.width<table.clientWidth/2)found.push(['narrow',more.textContent]);
  for(const one of row.children)if(!one.contains(more)){
    const range=document.createRange(), cell=one.getBoundingClientRect();
    range.selectNodeContents(one);
    for(const text of range.getClientRects())
      if(text.top<box.bottom-1&&text.bottom>box.top+1&&text.left<box.right&&text.right>box.left
         &&text.top<cell.bottom-1)found.push(['covered',one.textContent]);
  }
}
if(innerWidth>700)for(const head of document.querySelectorAll('thead th'))
  if(head.offsetParent&&head.textContent&&head.clientWidth<45)found.push(['narrow',head.textContent]);
tell(found);"""
LOOKS: list[tuple[Look, int]] = [
    ("light", 1180),
    ("light", 360),
    ("dark", 1180),
    ("dark", 360),
    ("print", 703),
]
PAPER = "getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"
SHOWN = "getComputedStyle(document.querySelector('nav')).display"
SPANS = """
const span=one=>{const box=document.querySelector(one).getBoundingClientRect();return [box.left,box.width]};
tell([span('.tracks thead svg'),span('.tracks tbody svg.fluid')])"""
WIDTH = "tell([document.documentElement.scrollWidth,window.innerWidth])"


class TestInABrowser:
    """Skipped with a reason where there is no Chromium, or no axe-core."""

    @pytest.mark.parametrize("journal", [None, okr.Journal.of()], ids=["unkept", "empty"])
    @pytest.mark.parametrize("name", ["logistics", "software"])
    def test_a_story_is_printed_on_two_sheets(
        self, name: str, journal: okr.Journal | None, tmp_path: Path
    ) -> None:
        assert sheets(page_of(name, journal), tmp_path) == 2

    @pytest.mark.parametrize("wide", [1180, 360])
    def test_months_stand_over_the_days_of_a_slip(self, wide: int, tmp_path: Path) -> None:
        axis, track = asked(page_of("logistics"), SPANS, tmp_path, wide=wide)
        assert axis == pytest.approx(track, abs=1)

    @pytest.mark.parametrize("opened", ["", OPEN], ids=["closed", "open"])
    @pytest.mark.parametrize("name", ["logistics", "software", CITY, "evil"])
    def test_nothing_is_wider_than_a_phone(self, name: str, opened: str, tmp_path: Path) -> None:
        needed, there = asked(page_of(name), opened + WIDTH, tmp_path, wide=360)
        assert needed <= there

    @pytest.mark.parametrize("wide", [1180, 768, 360])
    @pytest.mark.parametrize("name", ["logistics", "software", CITY, "evil"])
    def test_what_opens_covers_nothing_and_has_room(self, name: str, wide: int, tmp_path: Path) -> None:
        assert asked(page_of(name), OPEN + COVERED, tmp_path, wide=wide) == []

    @pytest.mark.parametrize(("look", "wide"), LOOKS)
    @pytest.mark.parametrize("opened", ["", OPEN], ids=["closed", "open"])
    @pytest.mark.parametrize("name", ["logistics", "software", CITY])
    def test_axe_finds_nothing(self, name: str, opened: str, look: Look, wide: int, tmp_path: Path) -> None:
        found = asked(page_of(name), f"{axe()};{opened}{AXE_CHECK}", tmp_path, wide=wide, look=look)
        touched = {"target-size"} if look == "print" else set()  # nobody taps on paper
        assert [one for one in found if one[0] not in touched] == []

    @pytest.mark.parametrize("look", ["light", "dark", "print"])
    def test_a_page_looks_as_it_is_asked_to(self, look: Look, tmp_path: Path) -> None:
        paper = asked(page_of("logistics"), f"tell([{PAPER},{SHOWN}])", tmp_path, look=look)
        dark, light = (okr.display.palette.DARK["paper"], okr.display.palette.LIGHT["paper"])
        assert paper == [dark if look == "dark" else light, "none" if look == "print" else "block"]

    def test_axe_would_find_something(self, tmp_path: Path) -> None:
        bad = page_of("logistics").replace("</main>", "<p style='color:#eee'>pale</p></main>")
        assert [one[0] for one in asked(bad, f"{axe()};{AXE_CHECK}", tmp_path)] == ["color-contrast"]


def test_a_review_of_an_instant_is_reported() -> None:
    moment = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert "2026-03-01" in okr.report(okr.review(*wide(1, 1), as_of=moment, parts=NOT_MADE))
