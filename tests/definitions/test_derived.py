"""What a definition has from others is derived once: its unit, cadence, direction, team, cycle, due day."""

from __future__ import annotations

import pytest
from hypothesis import given

import okrcore as okr
from okrcore.conflicts.sides import Scene
from okrcore.conflicts.table_inputs import standing_facts
from okrcore.definitions.derived import (
    better_of,
    cadence_of,
    cycle_of,
    due_of,
    read_unit_of,
    series_of,
    span_of,
    start_of,
    team_of,
    unit_of,
)
from okrcore.leading.measured_series import read_signals
from okrcore.scoring.as_of import When, day_number
from okrcore.scoring.compiled_portfolio import compile_portfolio
from okrcore.scoring.roster import roster_of
from okrcore.testing import portfolios

YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="O", cycle=YEAR.id)


RISE = okr.Target(0, 1)


def result(id="r", measure=RISE, **more):
    return okr.KeyResult(id=id, objective="o", title=id, measure=measure, **more)


@given(portfolios())
def test_columns_hold_what_is_derived(portfolio):
    """The columns that evaluation reads say of every goal what the one derivation says."""
    compiled, roster = compile_portfolio(portfolio), roster_of(portfolio)
    for row, one in enumerate(compiled.results):
        assert compiled.due_day[row] == day_number(due_of(one, portfolio))
        assert compiled.start_day[compiled.parent[row]] == day_number(start_of(one, portfolio))
        assert compiled.end_day[compiled.parent[row]] == day_number(cycle_of(one, portfolio).end)
        assert roster.results.measures[row] == series_of(one, portfolio).id
        rhythm = int(roster.results.rhythm[row])
        cadence = roster.results.rhythms[rhythm][0] if rhythm >= 0 else None
        assert cadence == cadence_of(one, portfolio)


@given(portfolios())
def test_a_side_of_a_conflict_is_as_derived(portfolio):
    for side in Scene(portfolio, When.of("2026-05-01")).sides.values():
        goal = portfolio[side.id]
        assert (side.measure, side.better) == (series_of(goal, portfolio).id, better_of(goal, portfolio))


@pytest.mark.parametrize(
    ("measure", "kpi", "better"),
    [
        (okr.Target(0, 10), None, 1),
        (okr.Target(10, 0), None, -1),
        (okr.Target(None, 5), None, 0),
        (okr.Target(None, 5, direction="at_most"), None, -1),
        (okr.Target(5, 5), None, 0),
        (okr.Target(5, 5), "lower", -1),
        (okr.Band(low=1), "lower", 1),  # its own measure goes first
        (okr.Band(low=1, high=2), "lower", -1),
        (okr.Band(low=1, high=2), None, 0),
        (okr.Checklist(["a"]), None, 1),
    ],
)
def test_which_way_is_better(measure, kpi, better):
    """S7.3: searches for conflicts, links and statuses of initiatives all read this one answer."""
    watched = [okr.Kpi(id="k", title="K", better=kpi, unit="kg", cadence="weekly")] if kpi else []
    one = result(measure=measure, measured_by="k" if kpi else None)
    portfolio = okr.Portfolio.of(YEAR, GOAL, one, *watched)
    assert better_of(one, portfolio) == better
    assert Scene(portfolio, When.of("2026-05-01")).sides["r"].better == better
    if kpi:
        history = okr.History.of([okr.Observation("k", "2026-01-05", 1)])
        (series,) = read_signals(portfolio, history, ["r"], as_of="2026-05-01").values()
        assert (series.better, series.unit, series.measure) == (better, "kg", "k")


def test_units_come_from_the_goal_first_and_observations_from_the_kpi():
    kpi = okr.Kpi(id="k", title="K", unit="kg", cadence="weekly")
    own, bare = result("own", unit="t", measured_by="k", cadence="monthly"), result("bare", measured_by="k")
    declared = {"k": kpi}
    assert [unit_of(one, declared) for one in (own, bare, kpi)] == ["t", "kg", "kg"]
    assert [read_unit_of(one, declared) for one in (own, bare, result(unit="t"))] == ["kg", "kg", "t"]
    assert [cadence_of(one, declared).text for one in (own, bare)] == ["monthly", "weekly"]
    assert cadence_of(result(), {}) is None


class TestTeam:
    """S13.4: the initiative's or objective's, else its own, else its owner's, whoever asks."""

    PEOPLE = (
        okr.Team(id="strategy"),
        okr.Team(id="ops"),
        okr.Team(id="crew"),
        okr.Owner(id="ann", team="crew"),
        okr.Initiative(id="led", title="I", team="strategy"),
        okr.Initiative(id="lone", title="I"),
    )

    @pytest.mark.parametrize(
        ("fields", "team"),
        [
            ({"team": "ops", "initiative": "led", "owner": "ann"}, "strategy"),
            ({"team": "ops", "initiative": "lone", "owner": "ann"}, "ops"),
            ({"initiative": "lone", "owner": "ann"}, "crew"),
            ({"owner": "ann"}, "crew"),
            ({}, None),
        ],
    )
    def test_a_kpi_has_one_team(self, fields, team):
        """The search for conflicts and the column kpi.team of a priority table name the same one."""
        portfolio = okr.Portfolio.of(*self.PEOPLE, okr.Kpi(id="k", title="K", **fields))
        assert team_of(portfolio["k"], portfolio) == team
        assert standing_facts(portfolio["k"], portfolio)["kpi.team"] == team

    def test_of_everything_else(self):
        goal = okr.Objective(id="o", title="O", cycle=YEAR.id, owner="ann")
        step = okr.Milestone(id="m", initiative="led", title="M", due=YEAR.end)
        portfolio = okr.Portfolio.of(*self.PEOPLE, YEAR, goal, result(), step)
        found = {one.id: team_of(one, portfolio) for one in portfolio}
        assert found == {
            "strategy": "strategy", "ops": "ops", "crew": "crew", "ann": "crew", "led": "strategy",
            "lone": None, YEAR.id: None, "o": "crew", "r": "crew", "m": "strategy",
        }  # fmt: skip


class TestTheDaysOfAnInitiative:
    """`start` and `end` of an initiative are, without them, those of its milestones."""

    STEPS = (
        okr.Milestone(id="m1", initiative="i", title="M1", start="2026-07-05", due="2026-08-20"),
        okr.Milestone(id="m2", initiative="i", title="M2", due="2026-09-20", finish="2026-09-10"),
    )

    @pytest.mark.parametrize(
        ("fields", "steps", "days"),
        [
            ({}, STEPS, ("2026-07-05", "2026-09-10")),
            ({}, STEPS[1:], (None, "2026-09-10")),
            ({}, (), (None, None)),
            ({"start": "2026-01-01"}, STEPS, ("2026-01-01", "2026-09-10")),
            ({"end": "2026-12-31"}, STEPS, ("2026-07-05", "2026-12-31")),
            ({"start": "2026-10-01"}, STEPS, ("2026-10-01", "2026-10-01")),
            ({"end": "2026-06-30"}, STEPS, ("2026-06-30", "2026-06-30")),
        ],
    )
    def test_they_are_its_own_else_its_milestones(self, fields, steps, days):
        found = span_of(okr.Initiative(id="i", title="I", **fields), steps)
        assert tuple(None if day is None else str(day) for day in found) == days
