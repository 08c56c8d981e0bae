"""Conflicts that nobody declared: found from the numbers, with errors under control."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Cycle, History, KeyResult, Kpi, Link, Objective, Portfolio, Target
from okrcore.conflicts.find import find_conflicts
from okrcore.conflicts.paths import Network, strongest_chains
from okrcore.conflicts.traded_pairs import least_e_value
from okrcore.leading.assess import assess_link
from okrcore.statistics.multiplicity import e_benjamini_hochberg
from okrcore.surfaces.stories import FIRST, LAST, story

CYCLE = Cycle.year(2026)
WEEKS = [dt.date(2024, 12, 29) + dt.timedelta(7 * n) for n in range(80)]
NOW = WEEKS[-1]
GOAL = Objective(id="grow", title="", cycle="2026")
SPEED = KeyResult(id="speed", title="", objective="grow", measure=Target(0, 1), measured_by="pace")
PACE = Kpi(id="pace", title="", better="higher", cadence="weekly")
PUSH = Kpi(id="push", title="", better="higher", cadence="weekly")
UPTIME = Kpi(id="uptime", title="", target=Band(low=0), cadence="weekly")
HELPS = Link(source="push", target="speed", sign=1)


def series(seed, harm=1.0):
    """Uptime loses `harm` of last week's push."""
    push, noise, pace = np.random.default_rng(seed).standard_normal((3, len(WEEKS)))
    return {"push": push, "uptime": noise - harm * np.r_[0.0, push[:-1]], "pace": pace}


def history_of(values):
    names = [name for name in values for _ in WEEKS]
    return History.of_columns(names, WEEKS * len(values), np.concatenate(list(values.values())))


def measured(*parts, values=None, **asked):
    portfolio = Portfolio.of(CYCLE, GOAL, *(parts or (SPEED, PACE, PUSH, UPTIME, HELPS)))
    history = history_of(series(3) if values is None else values)
    return [one for one in find_conflicts(portfolio, history, as_of=NOW, **asked) if one.kind == "measured"]


class TestMeasured:
    def test_sides_are_lifted_to_what_the_source_is_declared_to_move(self):
        """S13.3: improvement of one side goes with worsening of the other; e-BH at q = .10."""
        (one,) = measured()
        assert one.id == "measured:speed|uptime"
        assert one.path == ("speed", "push", "uptime")
        assert (one.witness["source"], one.witness["goal"], one.witness["lag"]) == ("push", "uptime", 1)
        assert one.witness["effect"] < 0
        assert one.witness["tested"] == 4  # push and uptime on speed, push and pace on uptime
        assert one.witness["e_value"] >= one.witness["threshold"] == pytest.approx(4 / 0.1)
        assert one.since == WEEKS[0] - dt.timedelta(6)

    def test_degree_is_the_lower_bound_of_the_effect(self):
        """S13.3: degree = lower bound of |effect|, not below 0."""
        (one,) = measured()
        values = series(3)
        own = assess_link(values["push"], values["uptime"], lags=range(1, 9), sign=-1, season=52.18)
        assert one.witness["effect"] == pytest.approx(own.effect)
        assert one.degree == pytest.approx(-own.interval[1])

    def test_without_a_declared_help_the_source_stands_for_itself(self):
        (one,) = measured(PUSH, UPTIME)
        assert (one.id, one.path) == ("measured:push|uptime", ("push", "uptime"))
        declared_harm = Link(source="push", target="speed", sign=-1)
        (one,) = measured(SPEED, PACE, PUSH, UPTIME, declared_harm)
        assert one.sides == ("push", "uptime")

    @pytest.mark.parametrize(
        ("push", "uptime", "expected"),
        [("higher", "low", True), ("lower", "low", False), ("higher", "high", False), ("lower", "high", True),
         (None, "low", False), ("higher", "both", False)],
    )  # fmt: skip
    def test_only_worsening_counts_and_both_need_a_direction(self, push, uptime, expected):
        """S13.3: both with a direction; S7.3."""
        band = {"low": Band(low=0), "high": Band(high=0), "both": Band(low=-1, high=1)}[uptime]
        parts = (
            Kpi(id="push", title="", better=push, cadence="weekly"),
            Kpi(id="uptime", title="", target=band, cadence="weekly"),
        )
        assert bool(measured(*parts)) == expected

    @given(st.sampled_from([1.0, 60.0, 1e-3]), st.sampled_from([1.0, 7.0]))
    def test_the_size_of_numbers_changes_nothing(self, one, other):
        """S13: unit changes change nothing (S9.2 ranks)."""
        values = series(3)
        scaled = {"push": values["push"] * one, "uptime": values["uptime"] * other, "pace": values["pace"]}
        (before,), (after,) = measured(), measured(values=scaled)
        assert (before.id, before.degree) == (after.id, pytest.approx(after.degree))

    def test_vanishes_with_its_cause(self):
        assert not measured(values=series(3, harm=0.0))

    def test_given_evidence_nothing_is_tested_again(self):
        """S13.3: the e-value of a link declared to harm is taken as it is."""
        import attrs

        harm = Link(source="push", target="uptime", sign=-1, lag="1w")
        parts = (SPEED, PACE, PUSH, UPTIME, HELPS, harm)
        portfolio, history = Portfolio.of(CYCLE, GOAL, *parts), history_of(series(3))
        evidence = okr.assess_links(portfolio, history, as_of=NOW)
        assert not measured(*parts, evidence=())
        assert not measured(*parts, evidence=[one for one in evidence if one.link != harm.id])
        (one,) = measured(*parts, evidence=evidence)
        assert one.id == "measured:speed|uptime"
        assert one.witness["tested"] == 2
        said = next(one for one in evidence if one.link == harm.id)
        assert one.witness["e_value"] == said.e_value
        assert one.degree == -said.interval[1]
        weak = [attrs.evolve(one, e_value=19.0) for one in evidence]
        assert not measured(*parts, evidence=weak)
        without = find_conflicts(portfolio, as_of=NOW, evidence=evidence)
        assert "measured:speed|uptime" in {one.id for one in without}

    @given(st.lists(st.sampled_from([0.0, 9.0, 15.0, 33.0, 50.0, 1e4]), min_size=1, max_size=12))
    def test_kept_as_by_e_benjamini_hochberg(self, e_values):
        """S13.3: k-th largest of m e-values >= m / (q k)."""
        least = least_e_value([one for one in e_values if one >= 10], len(e_values), 0.1)
        assert [one >= least for one in e_values] == e_benjamini_hochberg(np.array(e_values), 0.1).tolist()

    def test_a_frame_shows_the_same(self):
        """S8.6: two backends, one behaviour."""
        pandas = pytest.importorskip("pandas")
        values = series(3)
        rows = [(name, day, x) for name in values for day, x in zip(WEEKS, values[name], strict=True)]
        frame = pandas.DataFrame(rows, columns=["measure", "at", "value"])
        frame["at"] = frame["at"].map(str)
        portfolio = Portfolio.of(CYCLE, GOAL, SPEED, PACE, PUSH, UPTIME, HELPS)
        both = [
            find_conflicts(portfolio, history, as_of=NOW)
            for history in (history_of(values), History.of_frame(frame))
        ]
        assert [one.id for one in both[0]] == [one.id for one in both[1]]

    def test_what_came_later_is_not_seen(self):
        """S8.1: as known at an instant."""
        assert not measured(known_at=WEEKS[15])


class TestChains:
    @given(st.randoms(use_true_random=False))
    def test_equal_to_every_simple_path(self, random):
        """S13.2: at most 6 links, no node twice; loops that turn the sign among them."""
        names = "abcdefgh"[: random.randint(3, 8)]
        pairs = [(a, b) for a in names for b in names if a != b]
        links = [
            Link(source=a, target=b, sign=random.choice([1, 1, -1]), weight=random.choice([1, 1, 0.5, 0.9]))
            for a, b in random.sample(pairs, random.randint(2, min(len(pairs), 2 * len(names))))
        ]
        network = Network.of(links, names)
        chains = strongest_chains(network, [network.rows["a"], network.rows["b"]])
        rows = zip(chains.source, chains.goal, chains.flips, chains.weight, strict=True)
        found = {(network.names[u], network.names[g], int(f)): w for u, g, f, w in rows}
        assert found == pytest.approx(_every_path(links, names, "ab"))
        for row, edges in enumerate(chains.edges):
            visited = [chains.source[row], *network.target[edges[edges >= 0]]]
            assert len(set(visited)) == len(visited) <= 7


def _every_path(links, names, goals):
    best = {}

    def walk(path, flips, weight):
        if path[-1] in goals:
            key = (path[0], path[-1], flips)
            best[key] = max(best.get(key, 0.0), weight)
        for link in links if len(path) <= 6 else ():
            if link.source == path[-1] and link.target not in path:
                walk((*path, link.target), flips ^ (link.sign < 0), weight * link.weight)

    for name in names:
        walk((name,), 0, 1.0)
    return best


class TestLogisticsStory:
    HARM = Link(source="lanes-recalibrated", target="sorter-uptime", sign=-1, weight=0.5, lag="0w..2w")

    def test_the_harm_is_found_from_the_data_in_the_first_week_it_can_be(self):
        """S13 story (a): nobody declared it; a test needs 20 common weeks (S9.3), and they end on 17 May."""
        portfolio, history = story("logistics")
        found = {
            day: [one for one in find_conflicts(portfolio, history, as_of=day) if one.kind == "measured"]
            for day in okr.weekly(FIRST, "2026-05-17")
        }
        first = next(day for day, conflicts in found.items() if conflicts)
        assert first == FIRST + dt.timedelta(7 * 19) == dt.date(2026, 5, 17)
        (one,) = found[first]
        assert one.id == "measured:sorter-uptime|throughput"
        assert one.path == ("sorter-uptime", "lanes-recalibrated", "throughput")
        assert one.witness["lag"] == 1
        assert one.witness["n"] == 20

    def test_once_declared_it_follows_from_structure(self):
        """S13 story (a), S13.2: without any observation."""
        portfolio = story("logistics").portfolio
        assert not [one for one in find_conflicts(portfolio, as_of=FIRST) if one.kind == "opposed"]
        (one,) = find_conflicts(portfolio.with_(self.HARM), as_of=FIRST)
        assert one.id == "opposed:sorter-uptime|throughput"
        assert (one.degree, one.witness["source"]) == (0.5, "lanes-recalibrated")
        assert one.path == ("sorter-uptime", "lanes-recalibrated", "throughput")

    def test_both_kinds_name_the_same_sides(self):
        """S15: measured and opposed conflicts of one pair yield one decision in force."""
        portfolio, history = story("logistics")
        found = find_conflicts(portfolio.with_(self.HARM), history, as_of=LAST)
        sides = {one.kind: one.sides for one in found if one.kind in ("measured", "opposed")}
        assert sides["measured"] == sides["opposed"] == ("sorter-uptime", "throughput")
