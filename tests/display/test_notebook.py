"""Every public result shows itself in a notebook: small, escaped, labelled, readable without a style."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.display import Rows, Table, card, fragment, one_line, width
from okrcore.display.listing import Listing, worst
from okrcore.frozen import FrozenDict
from okrcore.surfaces.stories import story
from tests.support.every_result import HAVE_NO_TEXTS, KINDS, results_of

NOW = dt.date(2026, 10, 4)
EVIL = "</td></div><script>alert(1)</script><!-- \x1b[2J\r\n\u202e\u2028 & <b onclick='x'>\"" * 3
MOST_BYTES = 16_000


@pytest.fixture(scope="module", params=["logistics", "software"])
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    pytest.importorskip("scipy", reason="plans need scipy")
    return results_of(request.param)


class Reader(HTMLParser):
    """What a page without styles and pictures says, and what it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attributes
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def is_sound(shown: str) -> Reader:
    """Check what holds for every output, and return its reader."""
    assert len(shown.encode()) <= MOST_BYTES
    read = Reader(shown)
    assert not read.open
    assert not read.seen & {"script", "h1", "h2", "h3", "h4", "img", "a", "link"}
    attributes = dict(read.attributes[:3])
    assert attributes["role"] == "group"
    assert attributes["aria-label"]
    assert not any(name.startswith("on") or name in ("href", "src") for name, _ in read.attributes)
    assert "http" not in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028]", shown)
    return read


def test_every_kind_of_result_is_asked(results: dict[str, Any]) -> None:
    assert {*results} >= KINDS


def test_every_result_shows_itself(results: dict[str, Any]) -> None:
    for name, value in results.items():
        read = is_sound(value._repr_html_())
        assert "".join(read.words).strip(), name
        assert repr(value), name


def test_a_result_reads_with_all_tags_stripped(results: dict[str, Any]) -> None:
    state = results["key result"]
    words = " ".join(Reader(state._repr_html_()).words)
    assert state.goal.title in words
    assert state.status in words
    kinds = " ".join(Reader(results["snapshot"]._repr_html_()).words)
    assert all(word in kinds for word in ("objectives:", "key results:", "KPIs:", "target"))


def test_a_result_that_is_no_table_is_one_line_with_its_class_and_what_it_is(results: dict[str, Any]) -> None:
    for name, value in results.items():
        if hasattr(value, "to_pandas") or isinstance(value, okr.Explanation):
            continue
        shown = repr(value)
        assert shown.startswith(f"<{type(value).__name__} "), name
        assert shown.endswith(">"), name
        assert one_line(shown) == shown, name
        assert width(shown) <= 140, name
    for one in ("key result", "objective", "KPI"):
        assert results[one].goal.id in repr(results[one])
    assert results["key result"].status in repr(results["key result"])


def test_definitions_are_made_again_from_their_repr() -> None:
    goal = story("logistics")[0].key_results[0]
    assert eval(repr(goal), {name: getattr(okr, name) for name in dir(okr)}) == goal


def test_each_list_of_results_in_a_result_is_a_table_too(results: dict[str, Any]) -> None:
    pandas = pytest.importorskip("pandas")
    seen = set()
    for name, value in results.items():
        for field in (one for one in dir(value) if not one.startswith("_") and not isinstance(value, Rows)):
            held = getattr(value, field, None)
            if isinstance(held, tuple) and held and hasattr(held[0], "as_row"):
                assert isinstance(held, Rows), (name, field)
                assert isinstance(held.to_pandas(), pandas.DataFrame)
                seen.add(field)
    assert {"impacts", "decisions_needed", "actions", "findings"} <= seen


def test_each_class_of_the_root_is_declared_or_shows_itself() -> None:
    """A new kind of result has to say how it looks in a notebook."""
    declared = {
        "Band", "Cadence", "Calendar", "Change", "Checklist", "Contribution", "Cycle", "Declarations",
        "Demand", "Dependency", "Effect", "Entry", "Formula", "History", "Initiative", "Item", "Journal",
        "KeyResult", "Kpi", "Ledger", "Link", "Milestone", "Objective", "Observation", "Outcome", "Owner",
        "Policy", "Portfolio", "PriorityRule", "PriorityTable", "Problem", "Rates", "ScoringPolicy", "Source",
        "Target", "Team", "Tolerance", "Waypoint",
    }  # fmt: skip
    found = {name for name in vars(okr)["__all__"] if isinstance(getattr(okr, name), type)}
    results = {
        name for name in found if not issubclass(getattr(okr, name), Exception) and name not in declared
    }
    assert {"Snapshot", "Trend", "LinkEvidence", "Forecast", "Plan", "Ripple", "Review"} <= results
    assert not {name for name in results if not hasattr(getattr(okr, name), "_repr_html_")}


# ------------------------------------------------------------------ hostile and large


def test_whatever_stands_in_its_texts_no_result_breaks_out() -> None:
    pytest.importorskip("scipy", reason="plans need scipy")
    results = results_of("hostile")
    assert {*results} >= KINDS
    for name, value in results.items():
        words = " ".join(is_sound(value._repr_html_()).words)
        assert "alert(1)" in words or name in HAVE_NO_TEXTS, name


def test_hostile_texts_stay_texts() -> None:
    cycle = okr.Cycle.year(2026)
    goal = okr.Objective(id="<o>", title=EVIL, cycle=cycle.id)
    result = okr.KeyResult(id="<k>", objective="<o>", title=EVIL, measure=okr.Target(0, 1))
    kpi = okr.Kpi(id="&k", title=EVIL, target=okr.Band(low=1), owner="<x>")
    work = okr.Initiative(id="<i>", title=EVIL)
    late = okr.Milestone(id="<m>", initiative="<i>", title=EVIL, due="2026-01-05")
    portfolio = okr.Portfolio.of(cycle, goal, result, kpi, work, late, okr.Owner(id="<x>"))
    history = okr.History.of_columns(["<k>", "&k"], [dt.date(2026, 2, 1)] * 2, [0.5, 0.5])
    snapshot = okr.evaluate(portfolio, history, as_of=NOW)
    ripple = okr.ripple(portfolio, as_of=NOW)
    conflict = okr.Conflict(
        kind="opposed",
        sides=("<k>", "&k"),
        degree=0.5,
        since=NOW,
        witness=FrozenDict(),
        path=(EVIL,),
        sentence=EVIL,
    )
    finding = okr.Finding(
        code="<c>", severity="error", subject=EVIL, message=EVIL, fix=EVIL, evidence=[(EVIL, EVIL)]
    )
    bad = np.array(["off-track"] * 40, dtype=object)
    values = [
        snapshot, *(snapshot[name] for name in ("<o>", "<k>", "&k", "<i>")), ripple, ripple.impacts[0],
        okr.evaluate_many(portfolio, history, as_of=["2026-03-01", NOW]), okr.explain(snapshot, "<o>"),
        conflict, Rows([conflict] * 30), finding, Rows([finding] * 30),
        okr.Amendment(subject=EVIL, field="x", before=EVIL, after=EVIL, kind="changed", by=EVIL, why=EVIL),
        Table({EVIL: np.array([EVIL] * 40, dtype=object), "status": bad}),
    ]  # fmt: skip
    for value in values:
        words = " ".join(is_sound(value._repr_html_()).words)
        assert "alert(1)" in words or "<k>" in words or "<i>" in words


@given(st.text(max_size=600), st.text(max_size=600), st.text(max_size=2000))
def test_a_card_is_small_and_sound_whatever_it_says(title: str, id: str, sentence: str) -> None:
    blocks = card("KPI", id, title=title, word="breached", sentence=sentence, facts=[("owner", title)] * 5)
    is_sound(fragment(f"KPI {title}", blocks))


def test_a_large_snapshot_shows_the_worst_of_it_and_says_how_many_there_are() -> None:
    cycle = okr.Cycle.year(2026)
    goals = [
        okr.Objective(id=f"objective-{n:03}", title="A goal of some length " * 4, cycle=cycle.id)
        for n in range(60)
    ]
    results = [
        okr.KeyResult(
            id=f"result-{n:03}", objective=goals[n % 60].id, title="A result", measure=okr.Target(0, 10)
        )
        for n in range(200)
    ]
    kpis = [okr.Kpi(id=f"kpi-{n:03}", title="A number", target=okr.Band(low=5)) for n in range(100)]
    ids = [*(one.id for one in results), *(one.id for one in kpis)]
    values = [10.0] * 190 + [0.0] * 10 + [9.0] * 99 + [1.0]
    history = okr.History.of_columns(ids, [dt.date(2026, 6, 1)] * 300, values)
    snapshot = okr.evaluate(okr.Portfolio.of(cycle, *goals, *results, *kpis), history, as_of=NOW)
    words = " ".join(is_sound(snapshot._repr_html_()).words)
    assert "of 260 goals, the worst first." in words
    assert "of 100 KPIs, the worst first." in words
    assert "kpi-099" in words, "the only one that is breached"
    trend = okr.evaluate_many(snapshot.portfolio, history, as_of=okr.weekly("2026-05-01", NOW))
    assert "of 360 health, the worst first." in " ".join(is_sound(trend._repr_html_()).words)


@given(st.lists(st.sampled_from(["healthy", "breached", "watch", "unknown", "early", ""]), max_size=60))
def test_the_worst_come_first_and_rows_alike_keep_their_order(words: list[str]) -> None:
    order = ["breached", "watch", "unknown", "", "early", "healthy"]
    found = worst(words, 60)
    assert sorted(found) == list(range(len(words)))
    ranks = [(order.index(words[at]), at) for at in found]
    assert ranks == sorted(ranks)


def test_a_listing_is_cut_until_it_fits() -> None:
    good, long = (np.array([text] * 500, dtype=object) for text in ("on-track", "x" * 2000))
    table = Table({"status": good} | {f"text {n}": long for n in range(6)})
    shown = " ".join(is_sound(table._repr_html_()).words)
    found = re.search(r"(\d+) of 500 rows, the worst first\.", shown)
    assert found
    assert 3 < int(found[1]) < 20
    names, words = (np.array(pair, dtype=object) for pair in (["a", "b"], ["on-track", "off-track"]))
    small = Table({"id": names, "status": words})
    shown = " ".join(is_sound(small._repr_html_()).words)
    assert shown.index("a") < shown.index("b"), "a table that fits keeps its order"
    assert Listing([], [], "x", 0, "").html() == ""


# ------------------------------------------------------------------ lists of results


def test_lists_of_results_are_tuples_and_tables(results: dict[str, Any]) -> None:
    pandas = pytest.importorskip("pandas")
    for name in ("trend", "chart", "outlook"):
        assert len(results[name].to_pandas()) == len(results[name].table) == len(results[name].to_polars())
    for name in ("conflicts", "decisions", "findings", "all evidence", "amendments", "dips", "actions"):
        value = results[name]
        assert isinstance(value, tuple)
        assert isinstance(value, Rows)
        assert value == tuple(value)
        assert tuple(value) == value
        assert hash(value) == hash(tuple(value))
        assert pickle.loads(pickle.dumps(value)) == value
        frame = value.to_pandas()
        assert isinstance(frame, pandas.DataFrame)
        assert len(frame) == len(value) == len(value.table), name
        assert len(value.to_dicts()) == len(value)
    assert okr.check(okr.Portfolio.of(), as_of=NOW) == ()
    assert "Nothing" in okr.check(okr.Portfolio.of(), as_of=NOW)._repr_html_()


def test_findings_are_shown_the_worst_first() -> None:
    def of(severity: Any, code: str) -> okr.Finding:
        return okr.Finding(code=code, severity=severity, subject="s", message="m")

    found = Rows([of("info", "A1"), of("warning", "A2"), of("error", "A3")])
    words = " ".join(Reader(found._repr_html_()).words)
    assert words.index("A3") < words.index("A2") < words.index("A1")
    assert [row["severity"] for row in found.to_dicts()] == ["info", "warning", "error"]


def test_numbers_of_a_list_are_numbers() -> None:
    conflicts = okr.find_conflicts(*story("software"), as_of=NOW)
    assert conflicts.table["degree"].dtype == np.float64
    assert conflicts.to_dicts()[0]["degree"] == conflicts[0].degree


# ------------------------------------------------------------------ small cases, as they are written


def bare(shown: str) -> str:
    """Return an output without its style, a tag a line."""
    return re.sub(r"<style>.*?</style>", "", shown).replace("><", ">\n<")


def small() -> okr.Snapshot:
    goal = okr.Objective(id="grow", title="Grow", cycle="2026")
    arr = okr.KeyResult(id="arr", objective="grow", title="ARR", measure=okr.Target(0, 10), unit="EUR")
    uptime = okr.Kpi(id="uptime", title="Uptime", target=okr.Band(low=98), unit="%")
    history = okr.History.of_columns(["arr", "uptime"], [dt.date(2026, 6, 30)] * 2, [2.0, 97.5])
    return okr.evaluate(
        okr.Portfolio.of(okr.Cycle.year(2026), goal, arr, uptime), history, as_of="2026-07-02"
    )


def test_the_card_of_a_key_result_as_it_is_written() -> None:
    state = small()["arr"]
    assert str(state).splitlines() == [
        "! ARR key result arr",
        "20 % of the way where 50 % is due, so off-track.",
        "value      2 EUR",
        "from, to   0 to 10",
        "progress   ██░░░┃░░░░ 20 %",
        "due by now 50 %",
        "pace       0.4",
        "observed   2026-06-30",
    ]
    shown = bare(state._repr_html_()).splitlines()
    sign = '<b class="m bad" role="img" aria-label="off-track">!</b>'
    named = "<strong>ARR</strong> <small>key result</small> <code>arr</code>"
    assert shown[:6] == [
        '<div role="group" aria-label="KeyResult ARR" class="okr">',
        "<p>",
        f"{sign} {named}",
        "</p>",
        "<p>20 % of the way where 50 % is due, so off-track.</p>",
        '<dl class="facts">',
    ]


def test_a_list_as_it_is_written() -> None:
    shown = bare(small().kpis.select("id", "value", "zone")._repr_html_())
    assert shown.splitlines() == [
        '<div role="group" aria-label="1 row" class="okr wide" tabindex="0">',
        '<table role="table">',
        '<caption class="vh">rows</caption>',
        '<thead role="rowgroup">',
        '<tr role="row">',
        '<th scope="col" role="columnheader">id</th>',
        '<th scope="col" role="columnheader" class="r">value</th>',
        '<th scope="col" role="columnheader">zone</th>',
        "</tr>",
        "</thead>",
        '<tbody role="rowgroup">',
        '<tr role="row">',
        '<th scope="row" role="rowheader">',
        '<span class="mk">',
        '<b class="m bad" role="img" aria-label="breached">!</b>',
        "<span>",
        "<span>uptime</span>",
        "</span>",
        "</span>",
        "</th>",
        '<td role="cell" class="r">',
        '<span class="n">97.5</span>',
        "</td>",
        '<td role="cell">',
        "<span>breached</span>",
        "</td>",
        "</tr>",
        "</tbody>",
        "</table>",
        "</div>",
    ]
