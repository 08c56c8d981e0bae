"""Relations of a portfolio, and the walks that every room shares, against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.definitions.digraph import circles, components, levels, reached
from okrcore.definitions.relations import Relations
from okrcore.testing import portfolios

nodes = st.integers(0, 7)
graphs = st.sets(st.tuples(nodes, nodes), max_size=24)


def closed(pairs, steps=8):
    """All pairs that a path of one step or more connects, by repeated joining."""
    found = set(pairs)
    for _ in range(steps):
        found |= {(a, d) for (a, b), (c, d) in itertools.product(found, pairs) if b == c}
    return found


@given(graphs)
def test_components_are_what_lead_to_each_other_and_come_last_first(pairs):
    ahead = {node: [b for a, b in sorted(pairs) if a == node] for node in range(8)}
    found = list(components(8, ahead.__getitem__))
    paths = closed(pairs)
    assert sorted(node for one in found for node in one) == list(range(8))
    place = {node: row for row, one in enumerate(found) for node in one}
    for a, b in itertools.permutations(range(8), 2):
        assert (place[a] == place[b]) == ((a, b) in paths and (b, a) in paths)
    assert all(place[b] <= place[a] for a, b in paths)


@given(graphs)
def test_circles_are_told_where_there_are_any(pairs):
    edges = {str(node): [str(b) for a, b in pairs if a == node] for node in range(8)}
    found = list(circles(edges))
    for one in found:
        assert all(after in edges[name] for name, after in zip(one, (*one[1:], one[0]), strict=True))
    assert bool(found) == any(a == b for a, b in closed(pairs))
    told = [name for one in found for name in one]
    assert len(told) == len(set(told))


@given(graphs)
def test_levels_are_the_longest_way_down(pairs):
    down = {(a, b) for a, b in pairs if a < b}
    ends = np.array(sorted(down), dtype=np.int64).reshape(-1, 2)
    height = levels(8, ends[:, 0], ends[:, 1]).tolist()

    def longest(node):
        return max((1 + longest(b) for a, b in down if a == node), default=0)

    assert height == [longest(node) for node in range(8)]


@given(graphs, st.sets(nodes, max_size=3), st.integers(0, 4))
def test_what_is_reached(pairs, starts, steps):
    edges = {node: [b for a, b in pairs if a == node] for node in range(8)}
    assert reached(starts, edges) == starts | {b for a, b in closed(pairs) if a in starts}
    found = set(starts)
    for _ in range(steps):
        found |= {b for a, b in pairs if a in found}
    assert reached(starts, edges, steps) == found


@given(portfolios())
def test_relations_say_what_the_definitions_say(portfolio):
    related = Relations(portfolio)
    for goal in portfolio.objectives:
        own = [one for one in portfolio.key_results if one.objective == goal.id]
        assert list(related.key_results_of.get(goal.id, ())) == own
        above = [(one, part.weight) for one in portfolio.objectives for part in one.contributes_to if part.to == goal.id]  # fmt: skip  # noqa: E501
        assert list(related.contributors_of.get(goal.id, ())) == above
        guards = [kpi.id for kpi in portfolio.kpis if goal.id in kpi.guards]
        assert list(related.guards_of.get(goal.id, ())) == guards
    for kpi in portfolio.kpis:
        readers = [one for one in portfolio.key_results if one.measured_by == kpi.id]
        assert list(related.measured_with.get(kpi.id, ())) == readers
    for one in portfolio:
        ends = [link for link in portfolio.links if one.id in (link.source, link.target)]
        assert list(related.links_at(one.id)) == sorted(ends, key=lambda link: link.id)
    for team in portfolio.teams:
        above = list(related.teams_above(team.id))
        assert above[0] == team.id
        assert portfolio[above[-1]].parent is None


def test_above_an_owner_stands_the_lead_of_its_team_and_above_a_lead_that_of_the_parent_team():
    teams = [
        okr.Team(id="all", lead="ceo"),
        okr.Team(id="middle", parent="all"),  # nobody leads it
        okr.Team(id="crew", parent="middle", lead="head"),
    ]
    owners = [
        okr.Owner(id="ceo", team="all"),
        okr.Owner(id="head", team="crew"),
        okr.Owner(id="ann", team="crew"),
        okr.Owner(id="guest"),
    ]
    work = okr.Initiative(id="work", title="Work", team="crew")
    step = okr.Milestone(id="step", initiative="work", title="Step", due="2026-03-02")
    tree = Relations(okr.Portfolio.of(*teams, *owners, work, step))
    assert [tree.above(name) for name in ("ann", "head", "ceo", "guest")] == ["head", "ceo", None, None]
    assert tree.who_answers(step) == "head"
    assert tree.who_answers(okr.Kpi(id="k", title="K", owner="ann")) == "ann"
    assert tree.who_answers(okr.Kpi(id="k", title="K")) is None


def test_a_lead_is_an_owner():
    with pytest.raises(okr.errors.UnknownIdError, match="lead"):
        okr.Portfolio.of(okr.Team(id="crew", lead="nobody"))


@given(st.integers(1, 40), st.integers(1, 40), st.randoms(use_true_random=False))
def test_wide_and_narrow_levels_agree(wide, deep, random):
    """Levels of many nodes are taken as columns, of few one by one; shuffled, nodes keep their heights."""
    size = wide * deep
    name = list(range(size))
    random.shuffle(name)
    pairs = [
        (row * wide + at, (row - 1) * wide + random.randrange(wide))
        for row in range(1, deep)
        for at in range(wide)
    ]
    ends = np.array([(name[a], name[b]) for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    height = levels(size, ends[:, 0], ends[:, 1])
    assert [height[name[node]] for node in range(size)] == [node // wide for node in range(size)]
