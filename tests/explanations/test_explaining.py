"""Explanations: every number in them is one of the snapshot's, and every reason leads to the status (S20)."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.display import figure
from okrcore.documents import to_dict
from okrcore.explanations.explaining import explain
from okrcore.explanations.explanation import Explanation
from okrcore.history.entry import Entry
from okrcore.scoring.dialects import DIALECTS
from okrcore.scoring.scoring_policy import STATUSES, ZONES
from okrcore.surfaces.stories import LAST, story
from tests.support.strategies import CYCLE, days, histories, portfolios

POLICIES = st.sampled_from(
    [
        okr.ScoringPolicy(),
        okr.ScoringPolicy(pace="difference", clamp="none"),
        okr.ScoringPolicy(pace="absolute", band="latest"),
        okr.ScoringPolicy(stale="keep", band="distance", missing_value="start"),
        okr.ScoringPolicy(objective_status="pace", missing="zero", zero_weights="mean"),
        *DIALECTS.values(),
    ]
)
NUMBER = re.compile(r"(?<![\w.,-])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?")
WORDS = "|".join(sorted({*STATUSES, *ZONES}))


def nodes(explanation: Explanation) -> list[Explanation]:
    """Return the step and all below."""
    return [explanation, *(node for child in explanation.children for node in nodes(child))]


def shown_numbers(node: Explanation) -> list[str]:
    """Return the numbers that a sentence shows, dates and texts of the portfolio taken out."""
    text = node.sentence
    for day in node.dates.values():
        shown = day.isoformat(timespec="minutes") if isinstance(day, dt.datetime) else day.isoformat()
        text = text.replace(shown, " ")
    return NUMBER.findall(text)


def renderings(node: Explanation) -> set[str]:
    numbers = node.numbers.values()
    shown = [*numbers, *(number * 100 for number in numbers)]  # a share may be told from a bound beside it
    return {figure(number, digits) for number in shown for digits in range(3, 17)} | {*map(repr, numbers)}


def expected_number(snapshot: okr.Snapshot, root: str, node: Explanation, name: str) -> list[float | None]:
    """Return what a number of a step may be, asked for anew from the public functions."""
    policy, portfolio = snapshot.scoring, snapshot.portfolio
    if name in {"on_track", "at_risk"}:
        threshold = getattr(policy, name)
        return [threshold, -getattr(policy, f"{name}_gap")]
    if name in {"early_until", "min_coverage"}:
        return [getattr(policy, name)]
    if name == "enough":
        return [*policy.achieved_at.values()]
    if name == "contribution":
        return [okr.contributions(snapshot, root)[node.subject]]
    if name == "weight":
        if node.kind == "key result":
            return [portfolio[node.subject].weight]
        if node.kind == "objective":
            return [to.weight for to in portfolio[node.subject].contributes_to]
        if node.kind == "item":
            result, item = node.subject.split("#")
            return [one.weight for one in portfolio[result].measure.items if one.id == item]
        return [portfolio[node.subject].weight]
    if node.kind == "observation":
        series = snapshot.history.series(node.subject)
        return [*series.values] if name == "value" else [float(len(series))]
    if node.kind == "item":
        return [*snapshot.history.series(node.subject).values]
    if name.startswith("natural_"):
        points = okr.signals_of(portfolio, snapshot.history, as_of=snapshot.as_of, only=[node.subject])
        return [points.to_dicts()[-1][name.removeprefix("natural_")]]
    state = snapshot[node.subject]
    if name in {"start", "goal", "band_low", "band_high"}:
        return [getattr(state.goal.measure, name.removeprefix("band_"))]
    if match := re.fullmatch("(target|limit|worst)_(low|high)", name):
        return [getattr(getattr(state.goal, match[1]), match[2])]
    if name.endswith(("_more", "left_out")):
        return [float(n) for n in range(50)]
    if name in {"met", "periods", "observed", "not_observed", "awaited"}:
        due = node.numbers["periods"]
        seen = node.numbers.get("observed", due - node.numbers.get("not_observed", 0))
        assert not due or seen / (due + node.numbers.get("awaited", 0)) == state.coverage
        assert "met" not in node.numbers or not due or node.numbers["met"] <= seen
        return [node.numbers[name]]
    if name == "heard":
        children = explain(snapshot, node.subject, limit=99).children
        return [node.numbers[name]] if children and 0 <= node.numbers[name] < 1 else []
    return [getattr(state, name)]


class TestNumbers:
    @given(st.data(), days, POLICIES)
    def test_every_number_said_is_noted_and_every_number_noted_is_the_snapshots(self, data, day, policy):
        """S20: in words and as data; no second formula."""
        portfolio = data.draw(portfolios())
        snapshot = okr.evaluate(portfolio, data.draw(histories(portfolio)), as_of=day, scoring=policy)
        root = data.draw(st.sampled_from([goal.id for goal in portfolio.objectives]))
        for node in nodes(explain(snapshot, root)):
            assert set(shown_numbers(node)) <= renderings(node), node.sentence
            for name, number in node.numbers.items():
                assert number in expected_number(snapshot, root, node, name), (node.subject, name)

    @pytest.mark.parametrize("name", ["logistics", "software"])
    def test_of_the_stories_too(self, name):
        portfolio, history = story(name)
        snapshot = okr.evaluate(portfolio, history, as_of=LAST)
        for goal in [*portfolio.objectives, *portfolio.kpis, *portfolio.initiatives]:
            for node in nodes(explain(snapshot, goal.id)):
                if node.kind == "link":
                    continue  # its words are the declaration's own
                for number, value in node.numbers.items():
                    if node.kind == "milestone":
                        assert value == portfolio[node.subject].weight
                    else:
                        assert value in expected_number(snapshot, goal.id, node, number), (
                            node.subject,
                            number,
                        )
                assert set(shown_numbers(node)) <= renderings(node), node.sentence

    @given(st.data(), days)
    def test_contributions_sum_to_the_score(self, data, day):
        """S4.4, for an objective with key results alone."""
        portfolio = data.draw(portfolios(max_goals=1))
        snapshot = okr.evaluate(portfolio, data.draw(histories(portfolio)), as_of=day)
        goal = portfolio.objectives[0].id
        given = [child.numbers.get("contribution", 0.0) for child in explain(snapshot, goal).children]
        assert sum(given) == pytest.approx(snapshot.objective(goal).score or 0.0, rel=1e-12)


class TestReasons:
    @given(st.data(), days, POLICIES)
    def test_lead_to_the_status_of_every_key_result_and_kpi(self, data, day, policy):
        """S5.1 to S5.3, S7.1: the last word of the reason is the status."""
        portfolio = data.draw(portfolios())
        snapshot = okr.evaluate(portfolio, data.draw(histories(portfolio)), as_of=day, scoring=policy)
        for goal in [*portfolio.key_results, *portfolio.kpis]:
            node = explain(snapshot, goal.id)
            reasons = re.findall(rf", so ({WORDS})\b", node.sentence)
            assert reasons == [node.status], node.sentence

    @given(st.data(), days)
    def test_lead_to_the_status_of_every_objective(self, data, day):
        """S5.4, S5.5: worst weighted child, coverage, guardrails; nothing else."""
        portfolio = data.draw(portfolios())
        snapshot = okr.evaluate(portfolio, data.draw(histories(portfolio)), as_of=day)
        for goal in portfolio.objectives:
            node = explain(snapshot, goal.id)
            said = re.findall(rf"decides: .*?, ({WORDS})\.", node.sentence)
            said += re.findall(rf"aspirational goal, so ({WORDS})\.", node.sentence)
            said += re.findall(rf"({WORDS}) at best", node.sentence)
            said += re.findall(r", so (not-started)\.", node.sentence)
            worst = min(said, key=STATUSES.index, default="no-data")
            assert worst == node.status == snapshot.objective(goal.id).status, node.sentence

    @given(st.sampled_from(["daily", "weekly", "fortnightly", "monthly"]), days)
    def test_stale_since_is_the_first_stale_day(self, cadence, day):
        """S3.4."""
        portfolio = one_result(Target(0, 10), cadence=cadence, due=dt.date(2026, 12, 31))
        history = okr.History.of([okr.Observation("kr", day, 5)])
        node = explain(okr.evaluate(portfolio, history, as_of="2026-09-30"), "kr")
        since = node.dates["stale_since"]
        for moment, stale in ((since, True), (since - dt.timedelta(days=1), False)):
            state = okr.evaluate(portfolio, history, as_of=moment).key_result("kr")
            assert state.stale is stale or state.status == "not-started"

    def test_start_equal_to_goal_without_direction(self):
        """S2.2: without a direction progress is unknown and something says so."""
        node = asked(Target(98, 98), 99.0)
        assert node.status == "no-data"
        assert "no direction" in node.sentence
        assert node.numbers["goal"] == 98

    def test_no_start(self):
        assert "No start is declared" in asked(Target(None, 98), 99.0).sentence

    def test_never_observed(self):
        assert "No observation of kr is known" in asked(Target(0, 1), None).sentence

    def test_a_sum_that_has_nothing_in_its_cycle(self):
        portfolio = one_result(Target(0, 10), aggregate="sum")
        history = okr.History.of([okr.Observation("kr", "2025-12-01", 5)])
        node = explain(okr.evaluate(portfolio, history, as_of="2026-02-01"), "kr")
        assert "lies before the cycle" in node.sentence

    def test_a_sum_counts_its_observations(self):
        portfolio = one_result(Target(0, 10), aggregate="sum")
        history = okr.History.of([okr.Observation("kr", f"2026-01-{day}", 2) for day in (10, 12, 20)])
        node = explain(okr.evaluate(portfolio, history, as_of="2026-01-15"), "kr")
        assert node.numbers["value"] == 4
        assert node.children[0].numbers["count"] == 2

    def test_a_close_call_shows_digits_enough(self):
        """0.89996 is not called 0.9 and below 0.9 in one sentence."""
        history = okr.History.of([okr.Observation("kr", CYCLE.end, 0.89996)])
        text = explain(okr.evaluate(one_result(Target(0, 1)), history, as_of=CYCLE.end), "kr").sentence
        assert "0.89996 is at least 0.7 but below 0.9" in text

    @pytest.mark.parametrize(
        ("value", "day", "reason"),
        [
            (95, "2026-03-30", "is at least 0.9, so on-track"),
            (100, "2026-03-30", "The goal is reached, so achieved"),
            (1, "2026-01-05", "Less than 10 % is expected so far, where nothing is judged yet, so early"),
            (99, "2026-04-01", "Score 0.99 is below 1, which achieves a committed goal, so missed"),
            (100, "2026-04-01", "Score 1 is at least 1, which achieves a committed goal, so achieved"),
        ],
    )
    def test_by_example(self, value, day, reason):
        history = okr.History.of([okr.Observation("kr", CYCLE.start, value)])
        assert reason in explain(okr.evaluate(one_result(Target(0, 100)), history, as_of=day), "kr").sentence

    def test_where_nothing_is_due_yet_the_difference_counts(self):
        """S5.2: expected <= 0 is judged by progress - expected."""
        history = okr.History.of([okr.Observation("kr", CYCLE.start, -5)])
        node = explain(okr.evaluate(one_result(Target(0, 100)), history, as_of=CYCLE.start), "kr")
        assert node.status == "on-track"
        assert "Pace (progress - expected) -0.05 is at least -0.1, so on-track" in node.sentence

    def test_only_the_worst_children_decide(self):
        portfolio, history = story("software")
        node = explain(okr.evaluate(portfolio, history, as_of="2026-05-10"), "enterprise")
        assert "decides: pilots-converted, off-track." in node.sentence

    def test_a_guardrail_is_breached_by_whatever_it_lacks(self):
        """S5.5: also by less than the way to it can show, for one reading of the goal judges and explains."""
        portfolio = one_result(Target(1, -1.5e-78), guardrail=True)
        history = okr.History.of([okr.Observation("kr", CYCLE.end, 0)])
        node = explain(okr.evaluate(portfolio, history, as_of=CYCLE.end), "o")
        assert (node.status, "guardrail kr is breached" in node.sentence) == ("off-track", True)

    def test_a_breached_guardrail_is_named(self):
        """S5.5."""
        portfolio = one_result(Target(0, 1)).with_(
            okr.KeyResult(id="guard", objective="o", title="", measure=Band(high=5), guardrail=True)
        )
        history = okr.History.of(
            [okr.Observation("kr", CYCLE.start, 1), okr.Observation("guard", CYCLE.start, 7)]
        )
        node = explain(okr.evaluate(portfolio, history, as_of=CYCLE.start), "o")
        assert node.status == "off-track"
        assert "guardrail guard is breached" in node.sentence
        assert [child.subject for child in node.children] == ["kr", "guard"]

    def test_an_answer_in_the_journal(self):
        """S5.3: a learning key result is achieved when an answer is in the journal."""
        portfolio = one_result(Target(0, 1), commitment="learning")
        kinds = [Entry(kind, "kr", "lab-lead", CYCLE.start) for kind in ("answer", "confirmation")]
        snapshot = okr.evaluate(portfolio, okr.History.of(), as_of=CYCLE.end, journal=okr.Journal.of(kinds))
        node = explain(snapshot, "kr")
        assert node.status == "achieved"
        assert "by lab-lead" in node.sentence

    def test_what_was_not_known_yet_is_not_said(self):
        """S8.1: at known_at a later correction does not exist."""
        portfolio = one_result(Target(0, 10))
        first = okr.Observation("kr", "2026-01-10", 5, recorded_at="2026-01-10")
        later = okr.Observation("kr", "2026-01-10", 9, recorded_at="2026-02-01")
        snapshot = okr.evaluate(
            portfolio, okr.History.of([first, later]), as_of="2026-01-20", known_at="2026-01-20"
        )
        assert explain(snapshot, "kr").children[0].numbers["value"] == 5


class TestTree:
    def test_an_objective_reached_twice_is_explained_once(self):
        names = ["top", "left", "right", "bottom"]
        parents = {"left": ["top"], "right": ["top"], "bottom": ["left", "right"]}
        goals = [
            okr.Objective(id=name, title="", cycle=CYCLE.id, contributes_to=parents.get(name, ()))
            for name in names
        ]
        result = okr.KeyResult(id="kr", objective="bottom", title="", measure=Target(0, 1))
        snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, *goals, result), okr.History.of(), as_of=CYCLE.end)
        found = [node for node in nodes(explain(snapshot, "top")) if node.subject == "bottom"]
        assert [len(node.children) for node in found] == [1, 0]
        assert "explained above" in found[1].sentence

    def test_a_deep_chain_and_a_wide_goal_stay_small(self):
        goals = [
            okr.Objective(id=f"o{n}", title="", cycle=CYCLE.id, contributes_to=[f"o{n - 1}"] if n else ())
            for n in range(2000)
        ]
        results = [
            okr.KeyResult(id=f"k{n}", objective="o0", title="", measure=Target(0, 1)) for n in range(100)
        ]
        snapshot = okr.evaluate(okr.Portfolio.of(CYCLE, *goals, *results), okr.History.of(), as_of=CYCLE.end)
        node = explain(snapshot, "o0", depth=10_000, limit=10)
        assert len(node.children) == 11
        assert node.children[-1].numbers["left_out"] == 91
        assert len(nodes(node)) < 100
        assert 50 < len(nodes(explain(snapshot, "o1", depth=10_000))) < 60

    def test_the_worst_child_is_followed_to_its_observations(self):
        under = {"bad": "top", "worse": "bad", "fine": "bad", "worst": "worse"}
        goals = [
            okr.Objective(
                id=name, title="", cycle=CYCLE.id, contributes_to=[under[name]] if name in under else ()
            )
            for name in ("top", *under)
        ]
        results = [
            okr.KeyResult(id=f"kr-{name}", objective=name, title="", measure=Target(0, 1))
            for name in ("worst", "fine")
        ]
        observed = [okr.Observation("kr-worst", CYCLE.start, 0), okr.Observation("kr-fine", CYCLE.start, 1)]
        snapshot = okr.evaluate(
            okr.Portfolio.of(CYCLE, *goals, *results), okr.History.of(observed), as_of="2026-03-01"
        )
        told = {node.subject: node.kind for node in nodes(explain(snapshot, "top", depth=1))}
        assert told["kr-worst"] == "observation"
        assert "fine" in told
        assert "kr-fine" not in told
        assert "kr-fine" in {node.subject for node in nodes(explain(snapshot, "top", depth=2))}

    def test_goes_from_a_kpi_along_its_links(self):
        portfolio, history = story("logistics")
        node = explain(okr.evaluate(portfolio, history, as_of=LAST), "lanes-recalibrated")
        links = {child.subject: child.children[0].subject for child in node.children if child.kind == "link"}
        assert links == {"lanes-recalibrated->throughput": "throughput"}

    def test_an_initiative_has_two_statuses(self):
        """S5.7."""
        portfolio, history = story("logistics")
        node = explain(okr.evaluate(portfolio, history, as_of=LAST), "recalibration")
        assert re.match(r"Implementation ([\w-]+): .* Value ([\w-]+): ", node.sentence)
        assert {child.subject: child.status for child in node.children if child.kind == "milestone"} == {
            "pilot-done": "done",
            "hall-1": "done",
            "hall-2": "late",
            "hall-3": "open",
        }

    def test_refuses_what_has_no_state(self):
        portfolio, history = story("logistics")
        snapshot = okr.evaluate(portfolio, history, as_of=LAST)
        for name in ("hall-1", "nobody"):
            with pytest.raises(okr.errors.UnknownIdError):
                explain(snapshot, name)


class TestShown:
    def test_as_plain_values(self):
        portfolio, history = story("software")
        plain = to_dict(explain(okr.evaluate(portfolio, history, as_of=LAST), "enterprise"))
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        assert plain["children"][0]["numbers"]["pace"] == pytest.approx(-0.51, abs=0.05)
        assert set(plain) == {
            "subject",
            "kind",
            "status",
            "title",
            "sentence",
            "numbers",
            "dates",
            "children",
            "shares",
        }

    def test_hostile_titles_are_escaped(self):
        evil = "a\x1b[31m\x07<b>&\r\n\u202e\u2028z"
        goal = okr.Objective(id="o", title=evil, cycle=CYCLE.id)
        result = okr.KeyResult(id="<i>", objective="o", title=evil, measure=Target(0, 1))
        node = explain(
            okr.evaluate(okr.Portfolio.of(CYCLE, goal, result), okr.History.of(), as_of=CYCLE.end), "o"
        )
        assert not set(node.text) & set("\x1b\x07\r\u202e\u2028")
        assert len(node.text.splitlines()) == len(node.text.split("\n"))
        html = node._repr_html_()
        assert "<b>&" not in html
        assert "<i>" not in html
        assert html.count("<ul>") == html.count("</ul>")
        assert html.count("<li>") == html.count("</li>") == len(nodes(node))

    def test_no_line_is_longer_than_the_page(self):
        portfolio, history = story("software")
        text = explain(okr.evaluate(portfolio, history, as_of=LAST), "enterprise").text
        assert max(map(len, text.splitlines())) <= 100


def one_result(measure, commitment="committed", **more):
    goal = okr.Objective(id="o", title="O", cycle=CYCLE.id, commitment=commitment)
    return okr.Portfolio.of(
        CYCLE, goal, okr.KeyResult(id="kr", objective="o", title="", measure=measure, **more)
    )


def asked(measure, value):
    observed = [] if value is None else [okr.Observation("kr", CYCLE.start, value)]
    portfolio = one_result(measure)
    return explain(okr.evaluate(portfolio, okr.History.of(observed), as_of="2026-02-10"), "kr")


def test_a_checklist_names_its_items():
    portfolio = one_result(Checklist(["a", "b"]))
    history = okr.History.of([okr.Observation("kr#a", CYCLE.start, 1)])
    node = explain(okr.evaluate(portfolio, history, as_of=CYCLE.end), "kr")
    assert [child.subject for child in node.children] == ["kr#a", "kr#b"]
    assert node.numbers["value"] == 0.5


def test_what_was_amended_is_told_with_its_numbers():
    """The score under the original goal, what was taken out, and who amended what (S21.3)."""
    year, goal = okr.Cycle.year(2026), okr.Objective(id="o", title="O", cycle="2026")

    def firm(aim, *more):
        share = okr.KeyResult(id="share", objective="o", title="Share", measure=okr.Target(80, aim))
        return okr.Portfolio.of(year, goal, share, *more)

    calls = okr.KeyResult(id="calls", objective="o", title="Calls", measure=okr.Target(70, 90))
    declared = okr.Declarations.of(("2026-01-01", firm(96, calls)))
    declared = declared.append(firm(84), at="2026-05-04", by="lead", why="a hall burnt down")
    history = okr.History.of([okr.Observation("share", "2026-04-30", 81)])
    snapshot = okr.evaluate(declared, history, as_of="2026-06-30")
    share, goal = explain(snapshot, "share"), explain(snapshot, "o")
    assert "Loosened on 2026-05-04 by lead: measure.goal from 96 to 84: a hall burnt down." in share.sentence
    assert (share.numbers["original_score"], share.numbers["before_0"], share.numbers["after_0"]) == (
        0.0625,
        96.0,
        84.0,
    )
    assert "Taken out since: calls." in goal.sentence
    for node in (share, goal):
        assert set(shown_numbers(node)) <= renderings(node), node.sentence
    assert "settled" not in explain(okr.evaluate(declared.at(), history, as_of="2026-06-30"), "share").text


@pytest.mark.parametrize("by", ["", "ann"])
@pytest.mark.parametrize("system", ["", "sheet"])
@pytest.mark.parametrize(("mode", "words"), [("pulled", "pulled from"), ("manual", "typed in by hand in")])
def test_where_a_number_came_from_is_a_sentence_whatever_is_known_of_it(
    mode: Any, words: str, system: str, by: str
) -> None:
    source = okr.Source(system, mode=mode)
    history = okr.History.of([okr.Observation("calls", "2026-03-01", 5, source=source, by=by)])
    kpi = okr.Kpi(id="calls", title="Calls")
    told = explain(okr.evaluate(okr.Portfolio.of(kpi), history, as_of="2026-03-02"), "calls").children[0]
    origin = f"{words} {system}" if system else words.rpartition(" ")[0]
    who = " by ann" if by and mode == "manual" else ""
    assert told.sentence.endswith(f"Observed 5 on 2026-03-01, {origin}{who}.")
